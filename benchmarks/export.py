"""Deck, workbook and report of the sample company against a plain way to the same. `python -m benchmarks.export`

The named alternatives, in the same run: the deck's slides as pictures drawn by Kaleido; the workbook's cells written
by openpyxl; the report printed by the browser from the web page. The aims, once warm: deck under 2 s, workbook under
1 s, report under 4 s. The report is timed with the browser warm and every figure new, and again with figures held.
"""

from __future__ import annotations

import io
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
from pptx import Presentation
from pptx.util import Inches

from benchmarks.browser import ROOT
from core.config import load_config
from core.exhibits import Known, Situation, under
from core.export import pictures
from core.export.deck import build_deck
from core.export.pictures import Picture
from core.export.report import build_report
from core.export.webpage import build_webpage
from core.export.workbook import build_workbook
from core.intake import read_portfolio
from core.models import evaluate_all, observe_all
from core.scenario import fitted
from core.story import Shown, all_shown, story_of
from core.text import Text
from core.workspace import document_of, levers_in, parse_scenarios

ROUNDS = 5


def told(language: str) -> tuple[tuple[Shown, ...], Situation]:
    """The first story of the sample company, and its second scenario."""
    config, found = load_config(), read_portfolio(ROOT / "data" / f"sample.{language}.xlsx")
    file = ROOT / "data" / f"sample.{language}.scenarios.yaml"
    document = document_of(parse_scenarios(file.read_text(encoding="utf-8"), file.name))
    seen = observe_all(found, config)
    text = Text(language, found.settings.currency)
    at = Situation(found, seen, evaluate_all(seen), Known(found, seen, config), config, text)
    every = {
        key: (variant.name, fitted([p.lever() for p in levers_in(document, key).values()], seen.levers)[0])
        for key, variant in document.scenarios.items()
    }
    at = replace(at, others=every)
    name, settings = list(every.values())[1]
    slides = all_shown(story_of(document, at), at, document)
    return slides, under(at, settings, name)


def spent(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median time of some work, in seconds, after a first round that warms up."""
    times = []
    for _ in range(rounds + 1):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times[1:])


def as_pictures(slides: tuple[Shown, ...]) -> None:
    """A deck whose charts are pictures."""
    pictures._drawn.clear()
    figures = [s.exhibit.figure for s in slides if s.exhibit is not None and s.exhibit.figure is not None]
    deck = Presentation()
    for body in pictures.draw([Picture(figure) for figure in figures], "png", 2.0):
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        slide.shapes.add_picture(io.BytesIO(body), 0, 0, Inches(10))
    deck.save(io.BytesIO())


def by_openpyxl(body: bytes) -> float:
    """How long openpyxl takes to write the cells of a workbook once more."""
    source, made = openpyxl.load_workbook(io.BytesIO(body)), openpyxl.Workbook()
    begun = time.perf_counter()
    for sheet in source:
        copied = made.create_sheet(sheet.title)
        for row in sheet.iter_rows(values_only=True):
            copied.append(row)
    made.save(io.BytesIO())
    return time.perf_counter() - begun


def printed(page: bytes) -> None:
    """The web page printed by the browser."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_bytes(page)
        command = [pictures.browser(), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=4000"]
        subprocess.run([*command, f"--print-to-pdf={folder}/a.pdf", file.as_uri()], capture_output=True, check=True)


def fresh_report(slides: tuple[Shown, ...], at: Situation) -> None:
    """A report whose figures were never drawn before."""
    pictures._drawn.clear()
    build_report(slides, at)


def measure(language: str) -> None:
    """Print each time beside its alternative's, for one language."""
    slides, at = told(language)
    deck = spent(lambda: build_deck(slides, "T", "s", at.text))
    plain = spent(lambda: as_pictures(slides), 2)
    print(f"{language} deck {deck:.2f} s (aim 2) | as pictures {plain:.2f} s | {plain / deck:.1f} times faster")
    book = spent(lambda: build_workbook(at))
    plain = by_openpyxl(build_workbook(at))
    print(f"{language} workbook {book:.2f} s (aim 1) | openpyxl {plain:.2f} s | {plain / book:.1f} times faster")
    fresh = spent(lambda: fresh_report(slides, at), 3)
    held = spent(lambda: build_report(slides, at), 3)
    page = build_webpage(slides, "T", at.text)
    plain = spent(lambda: printed(page), 2)
    print(
        f"{language} report {fresh:.2f} s with new figures, {held:.2f} s with held ones (aim 4) | "
        f"the {len(slides)} slides alone printed by the browser {plain:.2f} s | {plain / fresh:.2f} times"
    )


if __name__ == "__main__":
    for spoken in ("en", "zh-Hans"):
        measure(spoken)
