"""The story as one HTML file that needs no server and no internet."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from plotly.offline import get_plotlyjs
from plotly.utils import PlotlyJSONEncoder

from core.figures.theme import FONTS
from core.story import Shown
from core.text import Text

_FOLDER = Path(__file__).resolve().parent
_MOST_ROWS, _MOST_COLUMNS = 14, 10


def build_webpage(slides: Sequence[Shown], title: str, text: Text) -> bytes:
    """The slides as a page: keyboard, pointer, notes (N), charts that answer to the mouse."""
    figures = [
        {
            "figure": one.exhibit.figure.to_plotly_json()
            if one.exhibit is not None and one.exhibit.figure is not None
            else None
        }
        for one in slides
    ]
    data = (
        json.dumps(figures, cls=PlotlyJSONEncoder, ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace("\u2028", "\\u2028")
    )
    body = "".join(_slide(one, text) for one in slides)
    words = (
        f'<!doctype html><html lang="{text.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; "
        "style-src 'unsafe-inline'; img-src data: blob:\">"
        f"<title>{html.escape(title)}</title><style>html{{font-family:{FONTS[text.language]}}}{_read('player.css')}</style>"
        f"</head><body>{body}<div class='pointer'></div><div class='buttons'>"
        f"<button class='back-button' title='{html.escape(text('present.back'))}'>‹</button>"
        f"<button class='on-button' title='{html.escape(text('present.on'))}'>›</button></div>"
        f'<script type="application/json" id="slides">{data}</script>'
        f"<script>{_plotly()}</script><script>{_read('player.js')}</script></body></html>"
    )
    return words.encode("utf-8")


@lru_cache(maxsize=2)
def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _plotly() -> str:
    return str(get_plotlyjs()).replace("</script", "<\\/script")


def _slide(one: Shown, text: Text) -> str:
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in one.message.splitlines())
    content, kind = "", "slide words"
    if one.exhibit is not None:
        kind = "slide"
        content = '<div class="figure"></div>' if one.exhibit.figure is not None else _table(one.exhibit.table, text)
    notes = "".join(f"<p>{html.escape(line)}</p>" for line in one.notes.splitlines())
    return (
        f'<section class="{kind}"><h1>{html.escape(one.title)}</h1><div class="message">{lines}</div>{content}'
        f'<aside class="notes">{notes}</aside><footer><span>{html.escape(one.footer)}</span><span class="count"></span>'
        "</footer></section>"
    )


def _table(table: pd.DataFrame | None, text: Text) -> str:
    if table is None:
        return ""
    shown = table.iloc[:_MOST_ROWS, :_MOST_COLUMNS]
    heads = "".join(f"<th>{html.escape(str(c))}</th>" for c in shown.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(_cell(v, text))}</td>' for v in row)}</tr>"
        for row in shown.itertuples(index=False)
    )
    more = (
        f"<p>{html.escape(text('present.more_rows', n=len(table) - len(shown)))}</p>" if len(table) > len(shown) else ""
    )
    small = ' class="small"' if len(shown) > 8 or len(shown.columns) > 6 else ""
    return f'<div class="table"><table{small}><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}</div>'


def _cell(value: Any, text: Text) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return text.number(float(value), 0 if float(value).is_integer() else 2)
    return str(value)
