// A figure that is redrawn in place: a lever changes the chart that is there instead of making a new one.
const draw = (plotly, host) => {
  const { data, layout } = JSON.parse(host.six.figure)
  host.six.drawn = host.six.figure
  plotly.react(host, data, { ...layout, width: host.clientWidth }, { displayModeBar: false, showSendToCloud: false })
}

const put = (node, words) => {
  node.hidden = !words
  if (node.textContent !== (words ?? "")) node.textContent = words ?? ""
}

const head = (card, { title, note, add, alone }, setTriggerValue) => {
  card.classList.toggle("six-framed", Boolean(title) && alone)
  card.querySelector(".six-heading").hidden = !title
  put(card.querySelector(".six-finding"), title)
  put(card.querySelector(".six-note"), note)
  const button = card.querySelector(".six-add")
  button.hidden = !add
  if (!add) return
  button.title = add.label
  button.setAttribute("aria-label", add.label)
  button.disabled = add.disabled
  button.onclick = () => setTriggerValue("add", true)
}

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".six-figure")
  head(parentElement.querySelector(".six-card"), data, setTriggerValue)
  const held = (host.six ??= { drawn: null })
  const turn = {} // a call that is overtaken by the next is ended after it: what it ends is no longer its own
  Object.assign(held, { turn, figure: data.figure, pick: value => setTriggerValue("pick", value) })
  host.setAttribute("aria-label", data.alt)
  host.style.height = data.height + "px"
  host.dataset.drawn = held.drawn === held.figure
  library().then(plotly => {
    if (host.six !== held || held.drawn === held.figure) return
    if (!held.watching) host.textContent = "" // what an earlier failure said
    draw(plotly, host)
    host.dataset.drawn = true
    if (held.watching) return
    host.on("plotly_click", ({ points }) => {
      const behind = points[0]?.customdata
      const name = Array.isArray(behind) ? behind[0] : behind
      if (typeof name === "string") held.pick(name)
    })
    held.watching = new ResizeObserver(() => {
      if (host.clientWidth && host.clientWidth !== host.layout.width) plotly.relayout(host, { width: host.clientWidth })
    })
    held.watching.observe(host)
  }, () => { host.textContent = data.failed })
  return () => {
    if (host.six?.turn !== turn) return
    delete host.six
    held.watching?.disconnect()
    window.Plotly?.purge(host)
  }
}
