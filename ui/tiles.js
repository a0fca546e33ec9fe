// Headline numbers side by side, each with what it means and how it is computed behind a button.
const made = (tag, name, words) => {
  const node = document.createElement(tag)
  node.className = name
  if (words !== undefined) node.textContent = words
  return node
}

const behind = (opener, ...content) => {
  const sheet = made("div", "six-sheet")
  sheet.popover = "auto"
  sheet.append(...content)
  opener.type = "button"
  opener.popoverTargetElement = sheet
  return [opener, sheet]
}

const how = ({ label, title, words, formula, ingredients, small }) => {
  const list = made("ul", "six-ingredients")
  list.append(...ingredients.map(([name, value]) => made("li", "", `${name}: ${value}`)))
  return behind(made("button", "six-how", label), made("h4", "", title), made("p", "", words), made("pre", "six-formula", formula), list,
    ...small.map(line => made("p", "six-small", line)))
}

const tile = ({ name, value, after, tone, help, note, computed }) => {
  const card = made("section", "six-tile")
  const head = made("div", "six-tile-name", name)
  if (help) {
    const ask = made("button", "six-ask", "?")
    ask.setAttribute("aria-label", `${name}: ?`)
    head.append(...behind(ask, made("p", "", help)))
  }
  card.append(head, made("div", "six-tile-value", value))
  if (after) card.append(made("div", `six-after six-${tone}`, after))
  if (note) card.append(made("div", "six-small", note))
  if (computed) card.append(...how(computed))
  return card
}

export default function ({ data, parentElement }) {
  const grid = parentElement.querySelector(".six-tiles")
  grid.style.setProperty("--across", data.tiles.length)
  const kept = (grid.six ??= [])
  const words = data.tiles.map(found => JSON.stringify(found))
  if (kept.length !== words.length) grid.replaceChildren(...data.tiles.map(tile))
  else words.forEach((found, n) => { if (found !== kept[n]) grid.children[n].replaceWith(tile(data.tiles[n])) })
  grid.six = words
}
