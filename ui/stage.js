// Keys, cursor, pointer, clock and the second window of the stage. Slides themselves are drawn by the server;
// the place is in the link, so that a lost connection or a reload comes back to the same slide.
const state = (window.__sixMarketsStage ??= { typed: "", since: Date.now() })

export default function (component) {
  const { data, parentElement, setTriggerValue, setStateValue } = component
  const newer = writeAddress(data.address)
  if (newer) setStateValue("address", newer)
  state.end?.() // the same window is drawn anew for each slide
  const ending = new AbortController()
  const { signal } = ending
  if (data.slide === state.asked || Date.now() - state.askedAt > 3000) state.asked = null
  const channel = new BroadcastChannel("six-markets-stage-" + data.story)
  const root = document.documentElement

  const here = () => state.asked ?? data.slide // keys pressed in a row count from the slide asked for last
  const go = (to, tell = true) => {
    const place = Math.min(Math.max(Math.round(to), 1), data.total)
    if (place === here()) return
    state.asked = state.told = place
    state.askedAt = Date.now()
    setTriggerValue("go", place)
    if (tell) channel.postMessage({ slide: place })
  }
  const black = () => root.classList.toggle("six-black")
  channel.onmessage = event => {
    if (Number.isInteger(event.data?.slide)) {
      state.told = event.data.slide
      go(event.data.slide, false)
    }
    if (event.data?.black && !data.presenter) black()
  }
  if (state.told !== undefined && state.told !== data.slide && state.asked === null) channel.postMessage({ slide: data.slide })
  if (state.asked === null) state.told = data.slide // also where a button on the slide led here

  const size = () => setStateValue("size", [Math.round(window.innerWidth / 20) * 20, Math.round(window.innerHeight / 20) * 20])
  if (JSON.stringify(data.size) !== JSON.stringify([Math.round(window.innerWidth / 20) * 20, Math.round(window.innerHeight / 20) * 20])) size()
  let resizing
  window.addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(size, 300) }, { signal })

  const keys = {
    ArrowRight: () => go(here() + 1), ArrowDown: () => go(here() + 1), PageDown: () => go(here() + 1),
    " ": () => go(here() + 1), Enter: () => go(state.typed ? Number(state.typed) : here() + 1),
    ArrowLeft: () => go(here() - 1), ArrowUp: () => go(here() - 1), PageUp: () => go(here() - 1),
    Backspace: () => go(here() - 1), Home: () => go(1), End: () => go(data.total),
    Escape: () => setTriggerValue("leave", Date.now()),
    f: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.()),
    p: () => second(), l: () => root.classList.toggle("six-pointer"), b: () => (data.presenter ? channel.postMessage({ black: true }) : black()),
  }
  const second = () => {
    const url = new URL(location.href)
    url.searchParams.set("v", "presenter")
    window.open(url, "six-markets-presenter-" + data.story, "popup,width=1180,height=760")
  }
  window.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const typing = event.target.closest?.("input, textarea, [role=slider], [contenteditable=true]")
    if (typing && event.key !== "Escape") return
    if (event.key === "Escape" && typing) { event.target.blur(); return }
    if (["Enter", " "].includes(event.key) && event.target.closest?.("button, a, summary")) return
    if (/^[0-9]$/.test(event.key)) {
      clearTimeout(state.timer)
      state.typed += event.key
      state.timer = setTimeout(() => { const n = Number(state.typed); state.typed = ""; if (n) go(n) }, 700)
    } else {
      const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key]
      if (!act) return
      act()
      clearTimeout(state.timer)
      state.typed = ""
    }
    event.preventDefault()
    event.stopImmediatePropagation()
  }, { signal, capture: true })

  let still
  const pointer = parentElement.querySelector(".pointer")
  window.addEventListener("mousemove", event => {
    root.classList.remove("six-still")
    clearTimeout(still)
    if (!data.presenter) still = setTimeout(() => root.classList.add("six-still"), 1800)
    pointer.style.transform = `translate(${event.clientX}px, ${event.clientY}px)`
  }, { signal })
  if (!data.presenter) still = setTimeout(() => root.classList.add("six-still"), 1800)

  for (const button of document.querySelectorAll("[class*=st-key-stage_window] button")) button.addEventListener("click", second, { signal })
  for (const button of document.querySelectorAll("[class*=st-key-stage_full] button")) button.addEventListener("click", () => keys.f(), { signal })
  const clock = parentElement.querySelector(".clock")
  const tick = () => {
    if (!data.presenter) return
    const gone = Math.floor((Date.now() - state.since) / 1000)
    clock.textContent = new Date().toLocaleTimeString(data.locale, { hour: "2-digit", minute: "2-digit" })
      + " · " + String(Math.floor(gone / 60)).padStart(2, "0") + ":" + String(gone % 60).padStart(2, "0")
  }
  tick()
  const ticking = setInterval(tick, 500)

  root.dataset.sixSlide = data.slide // from here on keys are heard
  const end = (state.end = () => {
    ending.abort()
    channel.close()
    clearInterval(ticking)
    clearTimeout(still)
    clearTimeout(state.timer)
    state.typed = ""
    root.classList.remove("six-still")
  })
  return () => {
    if (state.end !== end) return // an overtaken call is ended after the next has begun
    end()
    root.classList.remove("six-black", "six-pointer")
    delete root.dataset.sixSlide
  }
}
