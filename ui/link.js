// Writes what the server says into the address. A change on the same page is a step that Back undoes; a page that
// has just been opened gets its own address, not a second one. What it gives back is to be told to the server: one
// that was started anew may have been sent an older address than the last one written here.
const written = (window.__sixMarketsAddress ??= {})

const writeAddress = ({ session, query }) => {
  const last = written.query
  const anew = last && written.session !== session && Object.keys(query).some(name => last[name] !== query[name])
  written.session = session
  if (anew) return { session, query: last }
  written.query = query
  const search = new URLSearchParams(location.search)
  const changed = Object.keys(query).filter(name => (search.get(name) ?? "") !== query[name])
  const opened = written.path !== location.pathname
  written.path = location.pathname
  if (!changed.length) return
  for (const name of changed) query[name] ? search.set(name, query[name]) : search.delete(name)
  const words = search.toString()
  const address = location.pathname + (words ? "?" + words : "") + location.hash
  opened ? history.replaceState({}, "", address) : history.pushState({}, "", address)
}

