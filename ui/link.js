// Writes what the server says into the address. A change on the same page is a step that Back undoes; a page that
// has just been opened gets its own address, not a second one. What it gives back is to be told to the server: one
// that was started anew may have been sent an older address than the last one written here.
// It is written once the hand rests, because the browser takes as long over it as over half a press of a lever; a
// press of the pointer or a window that is hidden or left does not wait. Steps taken in one go are one step for Back.
const written = (window.__sixMarketsAddress ??= {})
const REST = 250 // milliseconds

written.now ??= () => {
  clearTimeout(written.timer)
  if (!written.due) return
  const { path, query } = written.due
  written.due = null
  if (path !== location.pathname) return // another page has been opened since, with an address of its own
  const search = new URLSearchParams(location.search)
  const changed = Object.keys(query).filter(name => (search.get(name) ?? "") !== query[name])
  const opened = written.path !== path
  written.path = path
  if (!changed.length) return
  for (const name of changed) query[name] ? search.set(name, query[name]) : search.delete(name)
  const words = search.toString()
  const address = path + (words ? "?" + words : "") + location.hash
  opened ? history.replaceState({}, "", address) : history.pushState({}, "", address)
}
if (!written.heard) {
  written.heard = true
  addEventListener("pointerdown", () => written.now(), true)
  addEventListener("pagehide", () => written.now())
  addEventListener("popstate", () => { written.due = null }) // Back: the server answers with what stands there
  document.addEventListener("visibilitychange", () => written.now())
}

const writeAddress = ({ session, query }) => {
  const last = written.query
  const anew = last && written.session !== session && Object.keys(query).some(name => last[name] !== query[name])
  written.session = session
  if (anew) return { session, query: last }
  written.query = query
  written.due = { path: location.pathname, query }
  clearTimeout(written.timer)
  written.timer = setTimeout(written.now, REST)
}
