"""The story as one HTML file that needs no server and no internet."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from plotly.offline import get_plotlyjs
from plotly.utils import PlotlyJSONEncoder

from core.export.markup import table_markup
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
        content = '<div class="figure"></div>' if one.exhibit.figure is not None else _table(one, text)
        content = _tiles(one) if one.tiles else content
        content += f'<p class="caption">{html.escape(one.caption)}</p>' if one.caption else ""
    notes = "".join(f"<p>{html.escape(line)}</p>" for line in one.notes.splitlines())
    return (
        f'<section class="{kind}"><h1>{html.escape(one.title)}</h1><div class="message">{lines}</div>{content}'
        f'<aside class="notes">{notes}</aside><footer><span>{html.escape(one.footer)}</span><span class="count"></span>'
        "</footer></section>"
    )


def _table(one: Shown, text: Text) -> str:
    table = one.exhibit.table if one.exhibit is not None else None
    return (
        f'<div class="table">{table_markup(table, text, _MOST_ROWS, _MOST_COLUMNS)}</div>' if table is not None else ""
    )


def _tiles(one: Shown) -> str:
    cells = []
    for tile in one.tiles:
        after = f'<i>→</i><b class="after">{html.escape(tile.after)}</b>' if tile.after else ""
        cells.append(f"<div><span>{html.escape(tile.name)}</span><p><b>{html.escape(tile.before)}</b>{after}</p></div>")
    return f'<div class="tiles">{"".join(cells)}</div>'
