"""Driving the app in a real Chromium."""

from __future__ import annotations

import os
import signal
import subprocess

from conftest import ROOT

from benchmarks.browser import start

PATIENCE = 120_000  # milliseconds of every wait: a shared machine may be slow, and a wait that is met costs nothing


def start_server(store: str | None = None, port: int | None = None) -> tuple[subprocess.Popen, str]:
    """The app on a port of its own, with a store of its own where one is named."""
    return start(ROOT / "app.py", ROOT, store, port)


def stop_server(process: subprocess.Popen, how: signal.Signals = signal.SIGTERM) -> None:
    """End a server and wait for its end."""
    os.killpg(process.pid, how)
    process.wait(60)


def open_page(browser, **how):
    """A page of its own, patient."""
    page = browser.new_page(**how)
    page.set_default_timeout(PATIENCE)
    return page


def ready(page, title: str | None = None):
    """Wait until the page is drawn, its charts too, and nothing runs any more."""
    if title:
        page.locator("h1", has_text=title).wait_for()
    else:
        page.locator("h1").first.wait_for()
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'notRunning'"
        " && !document.querySelector('[data-testid=stStatusWidget]') && !document.querySelector('[data-stale=true]')"
    )
    page.wait_for_function("[...document.querySelectorAll('.six-figure')].every(e => e.dataset.drawn === 'true')")
    page.wait_for_timeout(400)
    assert page.locator("[data-testid=stException]").count() == 0


def drawn(page, count: int):
    """The page's charts, once that many are drawn; the chart component itself is loaded late."""
    charts = page.locator(".js-plotly-plot")
    charts.nth(count - 1).locator(".main-svg").first.wait_for()
    page.wait_for_timeout(600)
    return charts


def href(page) -> str:
    """The link as the browser has it."""
    return page.evaluate("location.href")


def sentence_of(page):
    """The line that says in English what the scenario changes."""
    return page.locator(".six-sentence")


def slider(page, label: str):
    """A lever of the sidebar."""
    return page.locator("[data-testid=stSidebar] .six-lever", has_text=label).first.get_by_role("slider")


def value_of(page, label: str) -> float:
    """Where a lever of the sidebar stands."""
    lever = slider(page, label)
    lever.wait_for(state="attached")
    return float(lever.input_value())


def stands(page, label: str, test: str):
    """Wait until a lever of the sidebar stands where `test`, in JavaScript of its value v, holds."""
    slider(page, label).wait_for(state="attached")
    page.wait_for_function(
        f"""label => [...document.querySelectorAll('[data-testid=stSidebar] .six-lever')].some(e => {{
        if (!e.textContent.includes(label)) return false;
        const v = Number(e.querySelector('input[type=range]').value);
        return {test}; }})""",
        arg=label,
    )


def pull(page, label: str, key: str, times: int):
    """Press a key on a lever and wait for what comes of it."""
    lever = slider(page, label)
    lever.focus()
    for _ in range(times):
        lever.press(key)
    page.wait_for_function("location.href.includes('s=')")
    before = ""
    for _ in range(20):  # until the link has come to rest, however slow the machine
        page.wait_for_timeout(500)
        ready(page)
        if href(page) == before:
            return
        before = href(page)
