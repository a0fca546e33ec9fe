// The lever board. What is pulled shows at once and is told to the server as a numbered act; until the server has
// answered an act, its lever stands where the hand put it, whatever an earlier answer says.
const shared = (window.__sixMarketsBoards ??= {}) // group and search words stay from page to page
const described = (shared.described ??= {}) // levers by their digest: many kilobytes, sent once
const fed = (window.__sixMarketsFed ??= {}) // tables that show what levers change where nothing else does (table.js)
const PATIENCE = 4000 // milliseconds until an act without an answer is told again, as after a lost connection

const element = (tag, name, attributes = {}) => {
  const made = Object.assign(document.createElement(tag), { className: name })
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}
const put = (node, words) => { if (node.textContent !== words) node.textContent = words }

const near = (one, two) => Math.abs(one - two) < 1e-6
const grid = (lever, n) => Number(Math.min(Math.max(lever.low + n * lever.step, lever.low), lever.high).toFixed(6))

// The nearest place a slider can be put to: a step of its scale, or its baseline.
const snapped = (lever, value) => {
  const step = grid(lever, Math.round((value - lever.low) / lever.step))
  return Math.abs(value - lever.neutral) < Math.abs(value - step) ? lever.neutral : step
}

// Where a key leads, undefined where it is none of a slider's.
const led = (lever, value, key) => {
  const n = (value - lever.low) / lever.step
  const passes = (from, to) => Math.min(from, to) + 1e-6 < lever.neutral && lever.neutral < Math.max(from, to) - 1e-6
  const to = {
    ArrowRight: () => grid(lever, Math.floor(n + 1e-6) + 1), ArrowUp: () => grid(lever, Math.floor(n + 1e-6) + 1),
    ArrowLeft: () => grid(lever, Math.ceil(n - 1e-6) - 1), ArrowDown: () => grid(lever, Math.ceil(n - 1e-6) - 1),
    PageUp: () => grid(lever, Math.round(n) + 10), PageDown: () => grid(lever, Math.round(n) - 10),
    Home: () => lever.low, End: () => lever.high,
  }[key]?.()
  return to !== undefined && key.startsWith("Arrow") && passes(value, to) ? lever.neutral : to
}

const shown = (lever, value, held) => {
  if (lever.marks) {
    const n = (value - lever.low) / lever.step
    if (near(n, Math.round(n))) return lever.marks[Math.round(n)]
    return near(value, lever.neutral) ? lever.neutral_label : held?.label ?? ""
  }
  const number = Math.abs(value).toFixed(lever.digits)
  const sign = value < 0 && Number(number) ? "−" : lever.signed && Number(number) ? "+" : ""
  return sign + number + lever.suffix
}

class Board {
  constructor(root) {
    this.root = root
    this.client = crypto.getRandomValues(new Uint32Array(2)).join("-")
    this.last = 0
    this.waiting = [] // acts without an answer, in their order
    this.group = shared.group
    this.rows = new Map()
    root.replaceChildren()
    warm()
  }

  act(act) {
    const same = other => other.do === act.do && other.lever === act.lever
    this.waiting = [...this.waiting.filter(other => !same(other)), { ...act, n: ++this.last }]
    this.tell()
    this.show()
  }

  tell(address) {
    clearTimeout(this.timer)
    if (!this.waiting.length && !address && this.digest) return
    this.send({ client: this.client, acts: this.waiting, address, has: this.digest, at: Date.now() })
    this.await()
  }

  await() {
    this.timer = setTimeout(() => {
      const busy = document.querySelector("[data-testid=stApp]")?.getAttribute("data-test-script-state") === "running"
      busy ? this.await() : this.tell()
    }, PATIENCE)
  }

  take(data, send) {
    const before = this.data
    Object.assign(this, { data, send })
    if (data.client === this.client) this.waiting = this.waiting.filter(act => act.n > data.answered)
    if (!this.waiting.length) clearTimeout(this.timer)
    if (!before) this.furnish()
    if (data.levers) described[data.digest] = JSON.parse(data.levers)
    if (!before || this.digest !== data.digest) {
      this.digest = described[data.digest] ? data.digest : "" // none: another window has them, this one asks again
      this.levers = described[data.digest] ?? []
      this.rows.clear()
    }
    this.show()
    if (data.banner) {
      fillBanner(data.banner, act => this.act(act))
      this.feed(data.fed)
    }
    const address = data.address && writeAddress(data.address)
    if (address || !this.digest) this.tell(address)
  }

  feed(tables) {
    for (const key of new Set([...Object.keys(fed), ...Object.keys(tables)])) {
      const one = (fed[key] ??= {})
      one.rows = tables[key]
      one.show?.(one.rows)
    }
  }

  // What stands above the levers: which scenario, reset, keep, search, groups.
  furnish() {
    const { root } = this
    this.list = element("div", "six-levers")
    if (!this.data.head) {
      root.append(this.list)
      return
    }
    this.title = element("h2", "six-title")
    this.chooser = element("select", "six-chooser")
    this.chooser.onchange = () => this.act({ do: "show", scenario: this.chooser.value })
    this.reset = element("button", "six-button", { type: "button" })
    this.reset.onclick = () => this.act({ do: "reset_all" })
    this.keep = element("button", "six-button", { type: "button" })
    this.keep.onclick = () => this.act({ do: "keep" })
    const buttons = element("div", "six-buttons")
    buttons.append(this.reset, this.keep)
    this.search = element("input", "six-search", { type: "search" })
    this.search.value = shared.words ?? ""
    this.search.oninput = () => {
      shared.words = this.search.value
      this.show()
    }
    this.groups = element("div", "six-groups", { role: "group" })
    root.append(this.title, this.chooser, buttons, this.search, this.groups, this.list)
  }

  show() {
    const { head, values } = this.data
    const pulled = lever => this.waiting.reduce((value, act) => {
      if (act.do === "reset_all") return undefined
      return act.lever === lever.id ? act.value : value
    }, values[lever.id]?.value)
    if (head) this.showHead(head, pulled)
    const words = head ? this.search.value.trim().toLocaleLowerCase() : ""
    const found = this.levers.filter(lever => !head || (words ? lever.label.toLocaleLowerCase().includes(words) : lever.group === this.group))
    const rows = found.map(lever => this.row(lever, pulled(lever)))
    const none = found.length || !head ? [] : [element("p", "six-none")]
    none.forEach(line => put(line, this.levers.length ? head.search_none : head.no_levers))
    const wanted = [...rows, ...none]
    if (wanted.length !== this.list.children.length || wanted.some((row, n) => row !== this.list.children[n])) this.list.replaceChildren(...wanted)
  }

  showHead(head, pulled) {
    this.showLanguage(head)
    put(this.title, head.title)
    this.chooser.hidden = !head.scenarios.length
    this.chooser.setAttribute("aria-label", head.choose)
    const named = JSON.stringify(head.scenarios)
    if (this.named !== named) {
      this.named = named
      this.chooser.replaceChildren(...head.scenarios.map(([value, name]) => new Option(name, value)))
    }
    const asked = this.waiting.findLast(act => act.do === "show")
    this.chooser.value = asked ? asked.scenario : head.chosen
    put(this.reset, head.reset)
    this.reset.disabled = !head.pulled
    this.keep.hidden = !head.keep
    put(this.keep, head.keep ?? "")
    this.keep.title = head.keep_help
    this.search.placeholder = head.search
    this.search.setAttribute("aria-label", head.search)
    this.search.hidden = this.groups.hidden = !this.levers.length
    this.groups.setAttribute("aria-label", head.group)
    const counts = {}
    for (const lever of this.levers) counts[lever.group] = (counts[lever.group] ?? 0) + (pulled(lever) !== undefined)
    if (!(this.group in counts)) this.group = head.groups[0]?.[0]
    const grouped = JSON.stringify(head.groups.map(([group]) => group))
    if (this.grouped !== grouped) {
      this.grouped = grouped
      this.groups.replaceChildren(...head.groups.map(([group]) => {
        const button = element("button", "six-group", { type: "button" })
        button.onclick = () => {
          this.group = shared.group = group
          this.show()
        }
        return button
      }))
    }
    head.groups.forEach(([group, name], n) => {
      put(this.groups.children[n], counts[group] ? `${name} (${counts[group]})` : name)
      this.groups.children[n].setAttribute("aria-pressed", group === this.group)
    })
  }

  // What concerns the whole page; written only if it is new, because the browser styles every element again after it.
  showLanguage({ language, upload, drop }) {
    if (this.language === language) return
    const page = document.documentElement
    page.lang = this.language = language
    page.style.setProperty("--six-upload", JSON.stringify(upload)) // Streamlit's own words of the uploader
    page.style.setProperty("--six-drop", JSON.stringify(drop))
  }

  row(lever, value) {
    let row = this.rows.get(lever.id)
    if (!row) this.rows.set(lever.id, (row = this.made(lever)))
    const at = value ?? lever.neutral
    const { input, output, shift, reset, words } = row.six
    const held = this.data.values[lever.id]
    shift.hidden = value === undefined
    put(words, held && value === held.value ? held.words : "")
    put(reset, this.data.reset)
    if (lever.kind === "flag") {
      input.checked = Boolean(at)
      return row
    }
    if (!row.six.dragged && !near(Number(input.value), at)) input.value = at
    this.mark(lever, row)
    return row
  }

  // The bar of a slider runs from its baseline to where it stands.
  mark(lever, { six: { input, output } }) {
    const share = value => 100 * (value - lever.low) / (lever.high - lever.low || 1)
    const [from, to] = [share(lever.neutral), share(Number(input.value))].sort((a, b) => a - b)
    input.style.setProperty("--from", from + "%")
    input.style.setProperty("--to", to + "%")
    input.style.setProperty("--base", share(lever.neutral) + "%")
    const words = shown(lever, Number(input.value), this.data.values[lever.id])
    put(output, words)
    input.setAttribute("aria-valuetext", words)
  }

  made(lever) {
    const row = element("div", "six-lever")
    const label = element("label", "six-label")
    const name = element("span", "six-name")
    const output = element("output", "six-value")
    const shift = element("div", "six-shift")
    const words = element("span", "six-words")
    const reset = element("button", "six-reset", { type: "button" })
    put(name, lever.label)
    reset.onclick = () => this.act({ do: "reset", lever: lever.id })
    shift.append(words, reset)
    const input = element("input", lever.kind === "flag" ? "six-flag" : "six-slide", { type: lever.kind === "flag" ? "checkbox" : "range" })
    row.six = { input, output, shift, reset, words }
    if (lever.kind === "flag") {
      input.setAttribute("role", "switch")
      input.onchange = () => this.act({ do: "pull", lever: lever.id, value: Number(input.checked) })
      label.append(input, name)
      row.append(label, shift)
      return row
    }
    Object.assign(input, { min: lever.low, max: lever.high, step: "any", value: lever.neutral })
    const pull = () => {
      row.six.dragged = false
      this.act({ do: "pull", lever: lever.id, value: Number(input.value) })
    }
    input.oninput = () => {
      row.six.dragged = true // no answer moves it under the hand
      input.value = snapped(lever, Number(input.value))
      this.mark(lever, row)
    }
    input.onchange = pull
    input.onblur = () => { row.six.dragged = false }
    input.onkeydown = event => {
      const to = event.ctrlKey || event.metaKey || event.altKey ? undefined : led(lever, Number(input.value), event.key)
      if (to === undefined) return
      event.preventDefault()
      if (near(to, Number(input.value))) return
      input.value = to
      pull()
    }
    label.append(name, output, input)
    row.append(label, shift)
    return row
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".six-board")
  const board = (root.six ??= new Board(root))
  const turn = (board.turn = {}) // an overtaken call is ended after the next has begun
  board.take(data, told => setStateValue("told", told))
  return () => { if (board.turn === turn) clearTimeout(board.timer) }
}
