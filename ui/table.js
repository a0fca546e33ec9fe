// Short tables: each with its title, its CSV, its rows in the order the reader asks for. A lever changes the cells that
// differ. Those that stand below each other are one element: Streamlit goes over each element several times in every run.
const make = (tag, name, words) => {
  const node = document.createElement(tag)
  if (name) node.className = name
  if (words !== undefined) node.textContent = words
  return node
}
const put = (node, words) => { if (node.textContent !== words) node.textContent = words }

// The numbers of a column with as many digits as one of them needs, at most two; none in the thousands.
const worded = (cells, locale) => {
  const numbers = cells.filter(cell => typeof cell === "number")
  const needed = number => [0, 1, 2].find(n => Math.abs(number - Number(number.toFixed(n))) < 0.005) ?? 2
  const digits = numbers.some(number => Math.abs(number) >= 1000) ? 0 : Math.max(0, ...numbers.map(needed))
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return cell => typeof cell === "number" ? format.format(cell).replace(/^-/, "−") : cell
}

// What a cell is sorted by: CN¥1.2亿 is more than CN¥900万, −5% less than +1%; of 13.2% → 13.0% what it comes to.
const UNITS = { k: 1e3, K: 1e3, M: 1e6, B: 1e9, 万: 1e4, 萬: 1e4, 亿: 1e8, 億: 1e8 }
const worth = cell => {
  const [, sign, number, unit] = typeof cell === "string" ? cell.split("→").at(-1).trim().match(/^([+−-]?)\D*([\d.,]+)\s*([kKMB万萬亿億])?/) ?? [] : []
  if (number === undefined) return cell
  return Number(number.replace(/,/g, "")) * (UNITS[unit] ?? 1) * (sign === "−" || sign === "-" ? -1 : 1)
}

const ordered = ({ cells, numeric }, down, locale) => {
  const words = new Intl.Collator(locale, { numeric: true })
  const keys = cells.map(cell => cell === "" || cell === "–" ? null : numeric ? worth(cell) : cell)
  return [...keys.keys()].sort((a, b) => {
    const [one, other] = [keys[a], keys[b]]
    if (one === null || other === null) return (one === null) - (other === null)
    const by = typeof one === "number" && typeof other === "number" ? one - other : words.compare(one, other)
    return down ? -by : by
  })
}

class Table {
  constructor(root) {
    this.root = root
    this.title = make("h3", "six-table-title")
    this.note = make("p", "six-table-note")
    this.csv = make("button", "six-table-csv")
    this.csv.type = "button"
    this.csv.onclick = () => this.save()
    this.add = make("button", "six-table-add")
    this.add.type = "button"
    this.add.innerHTML = `<svg width="18" height="18" viewBox="0 0 18 18" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
      <path d="M5 1.5h11.5V13H5zM1.5 5v11.5H13M10.75 4.5v5.5M8 7.25h5.5"/></svg>`
    const bar = make("header", "six-table-bar")
    bar.append(this.title, this.csv, this.add)
    this.room = make("div", "six-table-room")
    this.room.tabIndex = 0 // so that the arrow keys scroll it
    root.replaceChildren(bar, this.note, this.room)
  }

  take(data, onAdd) {
    this.data = data
    put(this.title, data.title)
    put(this.note, data.note)
    this.note.hidden = !data.note
    this.csv.hidden = this.room.hidden = !data.columns.length
    this.add.hidden = !data.add
    if (this.csv.hidden) return // words alone
    put(this.csv, data.csv.label)
    if (data.add) {
      this.add.title = data.add.label
      this.add.setAttribute("aria-label", data.add.label)
      this.add.disabled = data.add.disabled
      this.add.onclick = onAdd
    }
    this.room.style.maxHeight = data.height + "px"
    this.room.setAttribute("aria-label", data.title || data.csv.name)
    const heads = JSON.stringify(data.columns.map(({ name, numeric }) => [name, numeric]))
    if (heads !== this.heads) this.furnish(heads)
    this.show()
  }

  furnish(heads) {
    this.heads = heads
    this.sorted = null
    this.buttons = this.data.columns.map(({ name }, n) => {
      const button = make("button", "six-table-sort", name)
      button.type = "button"
      button.onclick = () => {
        const down = this.sorted?.n === n && !this.sorted.down
        this.sorted = this.sorted?.n === n && this.sorted.down ? null : { n, down }
        this.show()
      }
      return button
    })
    const row = make("tr")
    row.append(...this.buttons.map((button, n) => {
      const head = make("th", this.data.columns[n].numeric ? "six-number" : "")
      head.scope = "col"
      head.append(button)
      return head
    }))
    const head = make("thead")
    head.append(row)
    this.body = make("tbody")
    const table = make("table", "six-table")
    table.append(head, this.body)
    this.room.replaceChildren(table)
  }

  show() {
    const { columns, locale } = this.data
    const { n, down } = this.sorted ?? {}
    const order = this.sorted ? ordered(columns[n], down, locale) : [...(columns[0]?.cells ?? []).keys()]
    this.buttons.forEach((button, n) => {
      const mine = this.sorted?.n === n
      button.parentElement.setAttribute("aria-sort", mine ? (this.sorted.down ? "descending" : "ascending") : "none")
    })
    const words = columns.map(({ cells }) => worded(cells, locale))
    while (this.body.rows.length > order.length) this.body.deleteRow(-1)
    order.forEach((from, to) => {
      const row = this.body.rows[to] ?? this.body.insertRow()
      columns.forEach(({ cells, numeric }, n) => {
        const cell = row.cells[n] ?? row.insertCell()
        cell.className = numeric ? "six-number" : ""
        put(cell, words[n](cells[from]))
      })
    })
  }

  save() {
    const { name, words } = this.data.csv
    const link = make("a")
    link.download = name
    link.href = URL.createObjectURL(new Blob(["\ufeff" + words], { type: "text/csv" }))
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 1000)
  }
}

// Tables whose rows the board of levers carries, by their key: what it said last, and the table that shows it.
const fed = (window.__sixMarketsFed ??= {})

const fill = (root, tables, onAdd) => {
  const held = (root.six ??= [])
  while (held.length > tables.length) held.pop().root.remove()
  tables.forEach((data, n) => (held[n] ??= new Table(root.appendChild(make("section")))).take(data, onAdd))
  root.hidden = !tables.length
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".six-rows")
  root.fed = data.fed
  if (!data.fed) return fill(root, data.tables, () => setTriggerValue("add", true))
  const mine = (fed[data.fed] ??= {})
  mine.show = rows => {
    if (root.fed === data.fed) fill(root, rows?.columns.length ? [rows] : []) // else it has since been told its rows itself
  }
  mine.show(mine.rows)
}
