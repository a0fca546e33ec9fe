"""The report as a PDF: cover, contents, findings with their figures, tables, method, assumptions, what was set aside."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import html
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import count
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pandas as pd

from core.exhibits import Exhibit, Situation, exhibit
from core.export.markup import table_markup
from core.export.pictures import Picture, UnavailableError, draw
from core.figures.theme import LIGHT
from core.listings import baseline_words, chain_rows, method_rows, problem_rows
from core.narrative import lever_label, setting_words
from core.story import Shown

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
    _weasyprint()
    further = [found for name in _FURTHER if (found := exhibit(name, at)) is not None and found.figure is not None]
    told = {one.exhibit.name for one in slides if one.exhibit is not None}
    further = [found for found in further if found.name not in told]
    shown_tables = {one.exhibit.name for one in slides if one.exhibit is not None and one.exhibit.figure is None}
    figures = [one.exhibit.figure for one in slides if one.exhibit is not None and one.exhibit.figure is not None]
    figures += [found.figure for found in further]
    pictures = [Picture(figure, *_SIZE, 1.1) for figure in figures]
    steps = {"drawn": 0.0, "set": 0.0}

    def step(name: str, share: float) -> None:
        steps[name] = share
        progress(0.4 * steps["drawn"] + 0.35 * steps["set"])

    # the browser draws while the type is set: only painting needs the figures themselves
    with ThreadPoolExecutor(1) as apart, _few_collections():
        drawing = apart.submit(draw, pictures, "svg", progress=lambda share: step("drawn", share))
        document, images = _set(_markup(slides, further, shown_tables, at, size, today or dt.date.today()))
        step("set", 1.0)
        for n, svg in enumerate(drawing.result()):
            _fill(images[_place(n)], svg)
        made: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
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


def _set(words: str) -> tuple[Any, dict[str, Any]]:
    """The pages set, and their pictures by address.

    Raises:
        UnavailableError: no Pango to set the type.
    """
    weasyprint = _weasyprint()
    # nothing is fetched but what stands in the document itself
    inside = weasyprint.urls.URLFetcher(allowed_protocols=["data"], allow_redirects=False)
    images: dict[str, Any] = {}
    return weasyprint.HTML(string=words, url_fetcher=inside).render(cache=images, pdf_variant="pdf/ua-1"), images


def _fill(image: Any, svg: bytes) -> None:
    """Put a figure in the place that was held for it."""
    image.__init__(ElementTree.fromstring(svg), image._base_url, image._url_fetcher, image._context)


@contextlib.contextmanager
def _few_collections() -> Iterator[None]:
    """Python looks for garbage less often: setting type makes many thousand small things that stay to the end."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], 20_000), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _safe(words: Any) -> str:
    return html.escape(str(words))


@lru_cache(maxsize=1)
def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError as error:  # its own libraries, Pango and HarfBuzz, are not installed
        raise UnavailableError("pango") from error
    return weasyprint


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
