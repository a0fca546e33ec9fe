"""The scenario lab: draws in batches against a loop, and four scenarios compared. `python -m benchmarks.scenarios`

The named alternative is a plain Python loop over `evaluate_all`, one draw at a time, in the same run. The aims:
10,000 draws of everything under 300 ms, at least 15 times faster than the loop; four scenarios side by side
under one second in the browser, from the click to all charts drawn.
"""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import time

from benchmarks.browser import ROOT, settle, start
from core.config import load_config
from core.intake import read_portfolio
from core.models import draws, evaluate_all, observe_all
from core.models import scenarios as lab
from core.scenario import Setting, fitted
from core.workspace import parse_scenarios

SAMPLE = ROOT / "data" / "sample.en.xlsx"
SCENARIOS = ROOT / "data" / "sample.en.scenarios.yaml"
LOOPED = 400
READING = 5000  # milliseconds that the list is looked at before it is compared


def batches_and_loop() -> None:
    """Print the time of 10,000 draws in batches, of the same by a loop, and their ratio."""
    config = load_config()
    observed = observe_all(read_portfolio(SAMPLE), config)
    measures = lab.measures_of(observed)
    settings: dict[str, Setting] = {}
    for scenario in parse_scenarios(SCENARIOS.read_text(encoding="utf-8"), SCENARIOS.name):
        settings |= fitted(scenario.levers, observed.levers)[0]
    spent = []
    for _ in range(7):
        begun = time.perf_counter()
        found = draws.futures(observed, settings, measures, config)
        spent.append(time.perf_counter() - begun)
    first, rest = spent[0], statistics.median(spent[1:])
    levers = [spec for spec in observed.levers if spec.id in found.drawn or spec.id in settings]
    begun = time.perf_counter()
    for n in range(LOOPED):
        single = [
            spec.lever(float(found.drawn[spec.id][n]) if spec.id in found.drawn else settings[spec.id].likely)
            for spec in levers
        ]
        outcome = evaluate_all(observed, single)
        for measure in measures:
            measure.read(outcome.scenario)
    loop = (time.perf_counter() - begun) / LOOPED * found.draws
    print(
        f"{found.draws:,} draws of {len(levers)} levers and links, {len(found.drawn)} of them ranges: in batches "
        f"{rest * 1000:.0f} ms (the first time {first * 1000:.0f} ms) | loop over evaluate_all {loop * 1000:.0f} ms "
        f"({LOOPED} timed) | {loop / rest:.1f} times faster"
    )


def compared_in_the_browser() -> None:
    """Print the time from the click on "Side by side" to four charts of four scenarios drawn."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise SystemExit("needs Chromium (packages.txt)")
    app, url = start(ROOT / "app.py", ROOT)
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-US")
            spent = []
            for _ in range(6):
                page.goto(f"{url}/scenarios?lang=en&c=00000001")
                page.locator(".st-key-lab_view button").first.wait_for(timeout=60_000)
                settle(page)
                page.wait_for_timeout(READING)
                begun = time.perf_counter()
                page.get_by_role("button", name="Side by side").or_(
                    page.get_by_role("radio", name="Side by side")
                ).first.click()
                page.wait_for_function(
                    "document.querySelectorAll('.js-plotly-plot .main-svg').length >= 4 && "
                    "document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'notRunning'",
                    timeout=60_000,
                )
                spent.append(time.perf_counter() - begun)
            browser.close()
        print(
            f"four scenarios side by side, four charts: {statistics.median(spent) * 1000:.0f} ms from click to drawn "
            f"(slowest {max(spent) * 1000:.0f} ms)"
        )
    finally:
        os.killpg(app.pid, signal.SIGTERM)


if __name__ == "__main__":
    batches_and_loop()
    compared_in_the_browser()
