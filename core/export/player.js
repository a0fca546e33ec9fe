// The story without a server: keys, numbers, a pointer, slides that fill any 16:9 window.
const slides = JSON.parse(document.getElementById("slides").textContent)
const root = document.documentElement
const shown = [...document.querySelectorAll(".slide")]
let at = 0, typed = "", timer, still

const grown = (part, by, name = "") => {
  if (Array.isArray(part)) return name === "size" ? part.map(v => v * by) : part.map(v => grown(v, by))
  if (part && typeof part === "object") {
    return Object.fromEntries(Object.entries(part).map(([key, value]) =>
      [key, ["x", "y", "customdata", "pattern"].includes(key) ? value : grown(value, by, key)]))
  }
  if (name === "size" && typeof part === "number") return part * by
  if (typeof part === "string" && part.includes("font-size")) {
    return part.replace(/font-size:([\d.]+)px/g, (_, n) => `font-size:${Math.round(n * by)}px`)
  }
  return part
}

const draw = () => {
  const wide = Math.min(innerWidth, innerHeight * 16 / 9)
  root.style.setProperty("--u", `${wide / 100}px`)
  shown.forEach((slide, n) => slide.classList.toggle("on", n === at))
  document.querySelectorAll(".count").forEach(e => (e.textContent = `${at + 1} / ${shown.length}`))
  const box = shown[at].querySelector(".figure")
  if (box && slides[at].figure) {
    const figure = slides[at].figure, by = wide / 950
    const layout = { ...grown(figure.layout, by), width: box.clientWidth, height: box.clientHeight }
    Plotly.react(box, grown(figure.data, by), layout, { displayModeBar: false, showSendToCloud: false, staticPlot: false })
  }
  history.replaceState(null, "", `#${at + 1}`)
}
const go = to => { at = Math.min(Math.max(to, 0), shown.length - 1); draw() }
const keys = {
  ArrowRight: () => go(at + 1), ArrowDown: () => go(at + 1), PageDown: () => go(at + 1), " ": () => go(at + 1),
  Enter: () => go(typed ? Number(typed) - 1 : at + 1),
  ArrowLeft: () => go(at - 1), ArrowUp: () => go(at - 1), PageUp: () => go(at - 1), Backspace: () => go(at - 1),
  Home: () => go(0), End: () => go(shown.length - 1), Escape: () => document.fullscreenElement && document.exitFullscreen(),
  f: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
  l: () => root.classList.toggle("pointing"), n: () => root.classList.toggle("noted"),
}
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (/^[0-9]$/.test(event.key)) {
    clearTimeout(timer)
    typed += event.key
    timer = setTimeout(() => { const n = Number(typed); typed = ""; if (n) go(n - 1) }, 700)
    return
  }
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key]
  if (!act) return
  act()
  typed = ""
  event.preventDefault()
})
addEventListener("mousemove", event => {
  root.classList.remove("still")
  clearTimeout(still)
  still = setTimeout(() => root.classList.add("still"), 1800)
  document.querySelector(".pointer").style.transform = `translate(${event.clientX}px, ${event.clientY}px)`
})
document.querySelector(".on-button").addEventListener("click", () => go(at + 1))
document.querySelector(".back-button").addEventListener("click", () => go(at - 1))
addEventListener("resize", draw)
addEventListener("hashchange", () => go((Number(location.hash.slice(1)) || 1) - 1))
go((Number(location.hash.slice(1)) || 1) - 1)
