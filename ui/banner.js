// The top of every page: the pages, the company, whether it is kept, the scenario and what it does, the languages.
// Its place stands in the page for good; the board of levers, which hears of every lever anyway, fills it: elements of
// Streamlit's own there, drawn anew with each lever, would take a third of the time of a press.
const top = (window.__sixMarketsBanner ??= {})

const piece = (tag, name, words = "", attributes = {}) => {
  const made = Object.assign(document.createElement(tag), { className: name, textContent: words })
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}

// A page's own address, with what the link of this screen holds: it opens to the same scenario in another window.
const addressOf = name => (name || "./") + location.search

// Another page, as Back and Forward lead to one: Streamlit's own way from the server leaves an address without a word.
const open = address => {
  written.now()
  history.pushState({}, "", addressOf(address))
  dispatchEvent(new PopStateEvent("popstate"))
}

const pagesOf = ({ pages, page, label }) => {
  const nav = piece("nav", "six-pages", "", { "aria-label": label })
  nav.append(...pages.map(([name, address, words]) => {
    const link = piece("a", "six-page", words, { href: addressOf(address) })
    if (name === page) link.setAttribute("aria-current", "page")
    link.onpointerenter = link.onfocus = () => { link.href = addressOf(address) }
    link.onclick = event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
      event.preventDefault()
      if (name !== page) open(address)
    }
    return link
  }))
  return nav
}

const companyOf = ({ company: [product, name], badges }) => {
  const line = piece("div", "six-company")
  line.append(piece("strong", "", product), ` · ${name}`, ...badges.map(([kind, icon, words]) => {
    const badge = piece("span", `six-badge six-${kind}`)
    if (icon) badge.append(piece("span", "six-icon", icon, { "aria-hidden": true }))
    badge.append(words)
    return badge
  }))
  return line
}

const languagesOf = ({ languages, language, choose }) => {
  const group = piece("div", "six-languages", "", { role: "group", "aria-label": choose })
  group.append(...languages.map(([code, words]) => {
    const button = piece("button", "six-language", words, { type: "button", lang: code, "aria-pressed": code === language })
    button.onclick = () => { if (code !== language) top.act({ do: "language", language: code }) }
    return button
  }))
  return group
}

const sentenceOf = ({ sentence }) => sentence ? piece("p", "six-sentence", sentence) : ""

top.PARTS = {
  pages: [pagesOf, ({ pages, page }) => [pages, page]],
  company: [companyOf, ({ company, badges }) => [company, badges]],
  languages: [languagesOf, ({ language }) => language],
  sentence: [sentenceOf, ({ sentence }) => sentence],
}

// Fill the place where it is there, each part only where it is new.
top.fill = () => {
  if (!top.place?.isConnected || !top.data) return
  top.shown ??= new WeakMap()
  const shown = top.shown.get(top.place) ?? {}
  top.shown.set(top.place, shown)
  for (const [part, [build, depends]] of Object.entries(top.PARTS)) {
    const words = JSON.stringify(depends(top.data))
    if (shown[part] === words) continue
    shown[part] = words
    const room = top.place.querySelector(`[data-part=${part}]`)
    const focused = room.contains(document.activeElement) ? document.activeElement.textContent : null
    room.replaceChildren(build(top.data))
    room.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" })
    if (focused) [...room.querySelectorAll("a, button")].find(node => node.textContent === focused)?.focus()
  }
}

const fillBanner = (data, act) => {
  Object.assign(top, { data, act })
  top.fill()
}
