"""The report as a PDF: cover, contents, findings with their figures, tables, method, assumptions, what was set aside."""

from __future__ import annotations

import contextlib
import datetime as dt
import html
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from core.exhibits import Exhibit, Situation, exhibit
from core.export.markup import table_markup
from core.export.pictures import Picture, UnavailableError, draw
from core.export.typesetter import NO_PANGO
from core.figures.theme import LIGHT
from core.listings import baseline_words, chain_rows, method_rows, problem_rows
from core.narrative import lever_label, setting_words
from core.story import Shown

_TYPESETTER = Path(__file__).with_name("typesetter.py")
_SIZE = (1020, 540)  # of a figure, in pixels
_MOST_ROWS = 25
_MOST_COLUMNS = 9
_FURTHER = (
    "markets.priority",
    "markets.radar",
    "stages.dimensions",
    "value.offers",
    "churn.reasons",
    "churn.response",
)
_TABLES = (
    "markets.flags",
    "markets.list",
    "stages.accounts",
    "value.headroom",
    "churn.loss",
    "churn.retention",
    "scenarios.results",
    "scenarios.inputs",
)
PAPERS = {"a4": "A4", "letter": "letter"}
_FONTS = {
    "en": "'Noto Sans', 'Segoe UI', 'DejaVu Sans', Arial, 'Noto Sans CJK SC', sans-serif",
    "zh-Hans": "'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif",
    "zh-Hant": "'Noto Sans CJK TC', 'Microsoft JhengHei', 'PingFang TC', sans-serif",
}


def build_report(
    slides: Sequence[Shown],
    at: Situation,
    paper: str = "a4",
    progress: Callable[[float], None] = lambda share: None,
    today: dt.date | None = None,
) -> bytes:
    """The report of a story, with the tables and notes that stand behind it.

    Args:
        at: the scenario of the further figures and tables.
        paper: one of PAPERS.

    Raises:
        UnavailableError: no browser to draw the figures, or no Pango to set the type.
        KeyError: another paper.
    """
    size = PAPERS[paper]
    further = [found for name in _FURTHER if (found := exhibit(name, at)) is not None and found.figure is not None]
    told = {one.exhibit.name for one in slides if one.exhibit is not None}
    further = [found for found in further if found.name not in told]
    shown_tables = {one.exhibit.name for one in slides if one.exhibit is not None and one.exhibit.figure is None}
    figures = [one.exhibit.figure for one in slides if one.exhibit is not None and one.exhibit.figure is not None]
    figures += [found.figure for found in further]
    pictures = [Picture(figure, *_SIZE, 1.1) for figure in figures]
    markup = _markup(slides, further, shown_tables, at, size, today or dt.date.today())
    with _typesetter() as setter:
        _send(setter, markup.encode("utf-8"))
        drawn = draw(pictures, "svg", progress=lambda share: progress(0.5 * share))
        places = json.dumps({_place(n): svg.decode("utf-8") for n, svg in enumerate(drawn)})
        _send(setter, places.encode("utf-8"))
        made = _answer(setter, lambda: progress(0.5))
    progress(1.0)
    return made


def _markup(
    slides: Sequence[Shown], further: Sequence[Exhibit], told: set[str], at: Situation, size: str, today: dt.date
) -> str:
    """The report as a web page for print, with empty places where its figures come."""
    places = (_place(n) for n in count())
    parts = _Parts(at)
    parts.cover(slides, today)
    sections = [parts.findings(slides, places), parts.figures(further, places), parts.tables(told)]
    sections += [parts.method(), parts.appendix()]
    body = parts.cover_words + parts.contents() + "".join(sections)
    return (
        f'<!doctype html><html lang="{at.text.language}"><head><meta charset="utf-8">'
        f"<title>{_safe(parts.title)}</title><style>{_style(size, at.text.language, parts.foot)}</style></head>"
        f"<body>{body}</body></html>"
    )


def _place(n: int) -> str:
    """The address of an empty picture that holds the place of figure n."""
    wide, high = _SIZE
    return "data:image/svg+xml," + quote(
        f"<svg xmlns='http://www.w3.org/2000/svg' id='n{n}' viewBox='0 0 {wide} {high}' width='{wide}' height='{high}'/>"
    )


@contextlib.contextmanager
def _typesetter() -> Iterator[subprocess.Popen[bytes]]:
    """A process that sets one report; it ends with the block."""
    command, pipe = [sys.executable, "-I", str(_TYPESETTER)], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as setter:
        try:
            yield setter
        finally:
            setter.kill()


def _send(setter: subprocess.Popen[bytes], words: bytes) -> None:
    """One part of what it reads; it may have ended before, which its answer tells."""
    assert setter.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        setter.stdin.write(len(words).to_bytes(8, "big") + words)
        setter.stdin.flush()


def _answer(setter: subprocess.Popen[bytes], watch: Callable[[], None]) -> bytes:
    """The PDF, once it is painted; `watch` is called meanwhile and ends the wait by what it raises.

    Raises:
        UnavailableError: no Pango to set the type.
        RuntimeError: the process failed; with the end of what it said.
    """
    while True:
        try:
            made, said = setter.communicate(timeout=0.5)
            break
        except subprocess.TimeoutExpired:
            watch()
    if setter.returncode == NO_PANGO:
        raise UnavailableError("pango")
    if setter.returncode:
        raise RuntimeError(f"the report was not set: {setter.returncode}, {said[-2000:].decode('utf-8', 'replace')}")
    return made


def _safe(words: Any) -> str:
    return html.escape(str(words))


class _Parts:
    """The parts of one report, and the contents that list them."""

    def __init__(self, at: Situation) -> None:
        self.at, self.text = at, at.text
        self.title = at.company
        self.foot = ""
        self.cover_words = ""
        self._listed: list[tuple[int, str, str]] = []

    def cover(self, slides: Sequence[Shown], today: dt.date) -> None:
        """Company, what this is, the scenario, the date of the data and of the report."""
        text, settings = self.text, self.at.portfolio.settings
        lines = [
            text("report.scenario", name=self.at.scenario or text("scenario.baseline")),
            text("present.data_date", date=text.date(settings.period_end)) if settings.period_end else "",
            text("present.currency", currency=settings.currency) if settings.currency else "",
            text("report.made", date=text.date(today)),
        ]
        self.foot = f"{self.title} · {text('report.title')}"
        listed = "".join(f"<p>{_safe(line)}</p>" for line in lines if line)
        self.cover_words = (
            f'<section class="cover"><div class="mark"></div><p class="product">{_safe(text("frame.product"))}</p>'
            f"<h1>{_safe(self.title)}</h1><p class='sub'>{_safe(text('report.title'))}</p>{listed}</section>"
        )

    def contents(self) -> str:
        """What stands where."""
        rows = "".join(
            f'<li class="l{level}"><a href="#{key}"><span>{_safe(words)}</span></a></li>'
            for level, key, words in self._listed
        )
        return f'<nav class="contents"><h2>{_safe(self.text("report.contents"))}</h2><ul>{rows}</ul></nav>'

    def _head(self, level: int, words: str) -> str:
        key = f"s{len(self._listed)}"
        self._listed.append((level, key, words))
        return f'<h{level} id="{key}">{_safe(words)}</h{level}>'

    def _figure(self, place: str, words: str) -> str:
        return f'<figure><img src="{place}" alt="{_safe(words)}"></figure>'

    def findings(self, slides: Sequence[Shown], places: Iterator[str]) -> str:
        """The story, slide by slide; notes are for the speaker alone."""
        found = [self._head(1, self.text("report.findings"))]
        for one in slides:
            words = "".join(f"<p>{_safe(line)}</p>" for line in one.message.splitlines())
            body = f"{self._head(2, one.title)}{words}"
            if one.exhibit is not None and one.exhibit.figure is not None:
                body += self._figure(next(places), one.title)
            elif one.exhibit is not None and one.exhibit.table is not None:
                body += self._table(one.exhibit.table)
            body += f'<p class="foot">{_safe(" · ".join(filter(None, (one.caption, one.footer))))}</p>'
            found.append(f'<article class="finding">{body}</article>')
        return f"<section>{''.join(found)}</section>"

    def figures(self, further: Sequence[Exhibit], places: Iterator[str]) -> str:
        """Figures behind the findings."""
        if not further:
            return ""
        found = [self._head(1, self.text("report.figures"))]
        for one in further:
            found.append(
                f'<article class="finding">{self._head(2, one.title)}<p>{_safe(one.subtitle)}</p>'
                f"{self._figure(next(places), one.title)}</article>"
            )
        return f"<section>{''.join(found)}</section>"

    def tables(self, told: set[str]) -> str:
        """Tables that the data can fill, but for those that the findings show."""
        found = []
        for name in (name for name in _TABLES if name not in told):
            one = exhibit(name, self.at)
            if one is not None and one.table is not None and len(one.table):
                found.append(self._head(2, one.title) + self._table(one.table))
        return (
            f"<section>{self._head_before(found, self.text('report.tables'))}{''.join(found)}</section>"
            if found
            else ""
        )

    def _head_before(self, found: Sequence[str], words: str) -> str:
        """A head of the first level whose parts were listed before it."""
        key = f"t{len(self._listed)}"
        self._listed.insert(len(self._listed) - len(found), (1, key, words))
        return f'<h1 id="{key}">{_safe(words)}</h1>'

    def _table(self, table: pd.DataFrame) -> str:
        return table_markup(table, self.text, _MOST_ROWS, _MOST_COLUMNS)

    def method(self) -> str:
        """How the numbers are calculated, with sources, for the topics the data speak of."""
        text = self.text
        found = [self._head(1, text("method.title"))]
        for topic in ("markets", "stages", "value", "churn"):
            if self.at.outcome.inputs[topic] is None:
                continue
            said = _safe(text(f"{topic}.method").replace("**", ""))
            found.append(f"{self._head(2, text(f'{topic}.title'))}<p>{said}</p>{self._table(method_rows(topic, text))}")
        return f"<section>{''.join(found)}</section>"

    def appendix(self) -> str:
        """What was assumed, and what of the data was not taken as it stood."""
        text, at = self.text, self.at
        found = [self._head(1, text("report.appendix")), self._head(2, text("report.assumptions"))]
        settings = at.portfolio.settings
        said = {
            text("settings.company"): settings.company,
            text("settings.currency"): settings.currency,
            text("settings.period_start"): text.date(settings.period_start) if settings.period_start else "",
            text("settings.period_end"): text.date(settings.period_end) if settings.period_end else "",
            text("settings.margin"): text.percent(settings.margin) if settings.margin is not None else "",
            text("settings.acquisition_cost"): (
                text.money(settings.acquisition_cost) if settings.acquisition_cost is not None else ""
            ),
            text("settings.discount_rate"): (
                text.percent(settings.discount_rate) if settings.discount_rate is not None else ""
            ),
        }
        name, value = text("report.assumption"), text("report.value")
        rows = [{name: k, value: v} for k, v in said.items() if v]
        found.append(self._table(pd.DataFrame(rows)) if rows else f"<p>{_safe(text('report.no_assumptions'))}</p>")
        pulled = [s for s in at.observed.levers if s.id in at.settings]
        if pulled:
            rows = [
                {
                    text("workbook.lever"): lever_label(s, text),
                    text("scenario.baseline"): baseline_words(s, text),
                    text("term.scenario"): setting_words(s, at.settings[s.id], text),
                }
                for s in pulled
            ]
            found += [self._head(2, text("report.levers")), self._table(pd.DataFrame(rows))]
        found += [self._head(2, text("chain.list.title")), self._table(chain_rows(at.config, text))]
        problems = at.portfolio.problems
        found.append(self._head(2, text("report.problems", n=len(problems))))
        if problems:
            found.append(self._table(problem_rows(problems, text, 200)))
        else:
            found.append(f"<p>{_safe(text('report.no_problems'))}</p>")
        return f"<section>{''.join(found)}</section>"


def _style(size: str, language: str, foot: str) -> str:
    quoted = re.sub(r"[\x00-\x1f]", " ", foot).replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")
    return f"""
@page {{ size: {size}; margin: 19mm 17mm 20mm 17mm;
  @bottom-left {{ content: "{quoted}"; font-size: 8pt; color: {LIGHT.muted}; }}
  @bottom-right {{ content: counter(page) " / " counter(pages); font-size: 8pt; color: {LIGHT.muted}; }} }}
@page :first {{ margin: 0; @bottom-left {{ content: none; }} @bottom-right {{ content: none; }} }}
html {{ font-family: {_FONTS[language]}; font-size: 10pt; line-height: 1.5; color: {LIGHT.ink}; }}
p {{ margin: 0 0 2.2mm; overflow-wrap: anywhere; }}
h1 {{ font-size: 20pt; line-height: 1.25; margin: 0 0 5mm; break-before: page; break-after: avoid; }}
h2 {{ font-size: 13.5pt; line-height: 1.3; margin: 6mm 0 2mm; break-after: avoid; overflow-wrap: anywhere; }}
.cover {{ padding: 70mm 24mm 0 30mm; position: relative; }}
.cover h1 {{ break-before: avoid; font-size: 34pt; margin: 0 0 3mm; overflow-wrap: anywhere; }}
.cover .mark {{ position: absolute; left: 0; top: 66mm; width: 9mm; height: 72mm; background: {LIGHT.scenario}; }}
.cover .product {{ color: {LIGHT.muted}; font-size: 12pt; }} .cover .sub {{ font-size: 16pt; margin-bottom: 12mm; }}
.cover p {{ color: {LIGHT.muted}; }}
.contents {{ break-before: page; }} .contents ul {{ list-style: none; padding: 0; margin: 0; }}
.contents h2 {{ font-size: 20pt; margin: 0 0 5mm; }}
.contents a {{ color: {LIGHT.ink}; text-decoration: none; display: block; }}
.contents a::after {{ content: leader(". ") target-counter(attr(href), page); color: {LIGHT.muted}; }}
.contents .l1 {{ font-weight: bold; margin-top: 3mm; }} .contents .l2 {{ padding-left: 6mm; }}
.finding {{ break-inside: avoid; margin-bottom: 7mm; }}
figure {{ margin: 2mm 0; }} figure img {{ width: 100%; }}
.foot {{ color: {LIGHT.muted}; font-size: 8pt; }}
table {{ border-collapse: collapse; width: 100%; font-size: 8.6pt; line-height: 1.35; margin: 1mm 0 3mm; }}
table.small {{ font-size: 7.2pt; }}
thead {{ display: table-header-group; }} tr {{ break-inside: avoid; }}
th {{ text-align: left; vertical-align: bottom; border-bottom: 0.4mm solid {LIGHT.muted}; padding: 1mm 1.5mm; }}
td {{ vertical-align: top; border-bottom: 0.2mm solid {LIGHT.grid}; padding: 0.9mm 1.5mm; overflow-wrap: break-word; }}
.n {{ text-align: right; }} .s {{ white-space: nowrap; }}
"""
