"""From a lever's key press to all charts settled, on each page, against a bare Streamlit page.

`python -m benchmarks.browser`. The named alternative, measured in the same run: a Streamlit script with one
slider and the same number of Plotly bar charts, under the same configuration. Settled means that the
script has ended and the last chart has been drawn. The aim is a ratio of at most 1.5 on each page.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("overview", "markets", "stages", "value", "churn", "chain", "scenarios", "workspace", "data", "method")
PRESSES = 14
WAIT = 1500  # milliseconds between presses, well above what a rerun takes

BARE = """
import plotly.graph_objects as go
import streamlit as st
st.set_page_config(layout="wide")
with st.sidebar:
    value = st.slider("Value", -100.0, 100.0, 0.0, step=5.0)
for n in range(CHARTS):
    figure = go.Figure(go.Bar(x=list("abcdefgh"), y=[value + n + k for k in range(8)]))
    st.plotly_chart(figure, theme=None, key=f"c{n}", config={"displayModeBar": False})
"""

WATCH = """() => {
  window.__drawn = 0; window.__ended = 0;
  new MutationObserver(changes => {
    if (changes.some(c => c.target.closest && c.target.closest('.js-plotly-plot'))) window.__drawn = performance.now();
  }).observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
  const app = document.querySelector('[data-testid=stApp]');
  new MutationObserver(() => {
    if (app.getAttribute('data-test-script-state') === 'notRunning') window.__ended = performance.now();
  }).observe(app, {attributes: true});
  window.addEventListener('keydown', () => { window.__pressed = performance.now(); }, true);
}"""


def start(
    script: Path, folder: Path, store: str | None = None, port: int | None = None
) -> tuple[subprocess.Popen[bytes], str]:
    """A Streamlit server of a script, under this project's configuration and with a store of its own.

    Raises:
        RuntimeError: it did not start within three minutes.
    """
    if port is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    kept = store or os.environ.get("SIX_MARKETS_STORE") or f"sqlite:///{tempfile.mkdtemp(prefix='six-markets-')}/w.db"
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)],
        cwd=folder,
        env={**os.environ, "SIX_MARKETS_STORE": kept},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(900):
        try:
            urllib.request.urlopen(url + "/_stcore/health", timeout=2)
            return process, url
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server did not start")


def settle(page: Any) -> None:
    """Wait until the script has ended and every chart is drawn."""
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'notRunning'"
        " && [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(e => e.querySelector('.main-svg'))"
        " && [...document.querySelectorAll('.six-figure')].every(e => e.dataset.drawn === 'true')",
        timeout=60_000,
    )
    page.wait_for_timeout(700)


def measured(browser: Any, url: str) -> tuple[float, int]:
    """Median milliseconds from key press to settled, and the number of charts."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-US")
    page.goto(url)
    slider = page.locator("[data-testid=stSidebar]").get_by_role("slider").first
    slider.wait_for(timeout=60_000, state="attached")
    settle(page)
    charts = page.locator(".js-plotly-plot").count()
    page.evaluate(WATCH)
    slider.focus()
    spent = []
    for _ in range(PRESSES):
        slider.press("ArrowLeft")
        page.wait_for_timeout(WAIT)
        pressed, ended, drawn = page.evaluate("[window.__pressed, window.__ended, window.__drawn]")
        if max(ended, drawn) > pressed:
            spent.append(max(ended, drawn) - pressed)
    page.close()
    return statistics.median(spent[2:]), charts


def main() -> None:
    """Print each page's time, its bare alternative's, and their ratio."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise SystemExit("needs Chromium (packages.txt)")
    servers = []
    try:
        app, url = start(ROOT / "app.py", ROOT)
        servers.append(app)
        bare: dict[int, float] = {}
        with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
            (Path(folder) / ".streamlit").mkdir()
            shutil.copy(ROOT / ".streamlit" / "config.toml", Path(folder) / ".streamlit" / "config.toml")
            browser = play.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
            for name in PAGES:
                spent, charts = measured(browser, f"{url}/{'' if name == 'overview' else name}?lang=en")
                if charts not in bare:
                    script = Path(folder) / f"bare{charts}.py"
                    script.write_text(BARE.replace("CHARTS", str(charts)))
                    server, address = start(script, Path(folder))
                    servers.append(server)
                    bare[charts] = measured(browser, address)[0]
                ratio = spent / bare[charts]
                print(
                    f"{name:9} {charts} charts: {spent:6.0f} ms | bare page {bare[charts]:6.0f} ms | ratio {ratio:.2f}",
                    flush=True,
                )
            browser.close()
    finally:
        for server in servers:
            os.killpg(server.pid, signal.SIGTERM)


if __name__ == "__main__":
    main()
