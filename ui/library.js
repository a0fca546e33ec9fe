// Plotly itself, fetched and run once a window: by the first figure, or ahead of it while a page without one is read.
const plots = (window.__sixMarketsPlots ??= {})

const library = () => (plots.library ??= fetch(plotlyAddress, { cache: "force-cache" }).then(async answer => {
  if (!answer.ok) throw new Error(answer.statusText)
  const script = document.createElement("script")
  script.src = URL.createObjectURL(new Blob([await answer.text()], { type: "text/javascript" }))
  await new Promise((loaded, failed) => {
    script.onload = loaded
    script.onerror = failed
    document.head.append(script)
  })
  URL.revokeObjectURL(script.src)
  return window.Plotly
}).catch(error => { // a lost connection is tried again with the next figure
  delete plots.library
  throw error
}))

const warm = () => {
  setTimeout(() => (window.requestIdleCallback ?? setTimeout)(() => library().catch(() => {})), 2000)
}

