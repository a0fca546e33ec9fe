"""Tables as HTML, for the web page and the report."""

from __future__ import annotations

import html

import pandas as pd

from core.figures.theme import width
from core.listings import printed
from core.text import Text

_SHORT, _FEW = 12, 6  # half-width letters of a cell, columns of a table


def table_markup(table: pd.DataFrame, text: Text, rows: int, columns: int) -> str:
    """The first rows and columns of a table as HTML, with how many more there are; user text stays text."""
    shown = printed(table, text, rows, columns)
    # columns of short words stay on one line: Chinese would break after each character
    short = [max(width(c) for c in column) <= _SHORT for column in zip(shown.heads, *shown.rows, strict=True)]
    sides = ["n" if n else "s" if s and len(short) <= _FEW else "" for n, s in zip(shown.numeric, short, strict=True)]

    def line(cells: tuple[str, ...], tag: str) -> str:
        words = (f"<{tag} class='{n}'>{html.escape(c)}</{tag.split()[0]}>" for c, n in zip(cells, sides, strict=True))
        return f"<tr>{''.join(words)}</tr>"

    body = "".join(line(row, "td") for row in shown.rows)
    small = " class='small'" if len(shown.heads) > 6 or len(shown.rows) > 8 else ""
    left = shown.left_words(text)
    more = f"<p class='foot'>{html.escape(left)}</p>" if left else ""
    head = line(shown.heads, "th scope='col'")
    return f"<table{small}><thead>{head}</thead><tbody>{body}</tbody></table>{more}"
