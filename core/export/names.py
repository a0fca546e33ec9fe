"""File names that every system takes."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST = 80


def file_name(words: str, ending: str) -> str:
    """A name from words of the user, safe on Windows too; Chinese stays.

    >>> file_name("../a:b* 客户?", "pptx"), file_name("CON", "csv"), file_name(" . ", "csv")
    ('a_b_ 客户.pptx', '_CON.csv', 'six-markets.csv')
    """
    kept = re.sub(r"_{2,}", "_", _FORBIDDEN.sub("_", words))[:_LONGEST].strip(" ._")
    kept = kept or "six-markets"
    return f"{'_' if _RESERVED.match(kept) else ''}{kept}.{ending}"
