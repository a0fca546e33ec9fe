"""`Text(language)`: words from locales/, and numbers, money and dates as the language writes them."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)

from core.tables import LANGUAGES

FOLDER = Path(__file__).resolve().parent.parent / "locales"
NOTHING = "–"


def _flat(tree: dict[str, Any], before: str = "") -> dict[str, str]:
    words: dict[str, str] = {}
    for key, value in tree.items():
        name = f"{before}{key}"
        words.update(_flat(value, name + ".") if isinstance(value, dict) else {name: str(value)})
    return words


@lru_cache(maxsize=8)
def load_words(language: str) -> dict[str, str]:
    """All words of a language, key -> text."""
    return _flat(yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8")))


def closest_language(wanted: str | None) -> str:
    """The language of ours that serves a browser's locale best.

    >>> closest_language("zh-TW"), closest_language("zh-CN"), closest_language("de")
    ('zh-Hant', 'zh-Hans', 'en')
    """
    folded = (wanted or "").replace("_", "-").casefold()
    if folded.startswith("zh"):
        return "zh-Hant" if any(part in folded for part in ("hant", "tw", "hk", "mo")) else "zh-Hans"
    return "en"


# Babel takes some 50 microseconds a number, and a page writes the same numbers at every rerun.
@lru_cache(maxsize=40_000)
def _decimal(language: str, value: float, digits: int) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return _minus(str(format_decimal(round(value, digits) + 0.0, format=pattern, locale=_locale(language))))


@lru_cache(maxsize=40_000)
def _share(language: str, value: float, digits: int) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    with decimal.localcontext(rounding=decimal.ROUND_HALF_UP):  # 13.25 % is 13.3 % in every spreadsheet
        return _minus(str(format_percent(value + 0.0, format=pattern, locale=_locale(language))))


@lru_cache(maxsize=40_000)
def _compact(language: str, currency: str, value: float) -> str:
    digits = _compact_digits(value, language)
    if abs(value) < (1e3 if language == "en" else 1e4):
        value = round(value, digits)  # Babel leaves the decimals of small amounts as they are
    if currency:
        short = format_compact_currency(value, currency, locale=_locale(language), fraction_digits=digits)
    else:
        short = format_compact_decimal(value, locale=_locale(language), fraction_digits=digits)
    return _minus(str(short).replace("K", "k") if language == "en" else str(short))


def _minus(words: str) -> str:
    """A number with a minus sign as wide as its plus, not a hyphen."""
    return words.replace("-", "−", 1)


@lru_cache(maxsize=8)
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


class Text:
    """Words and formats of one language and one currency; a plain object, one a session.

    Args:
        language: one of `LANGUAGES`.
        currency: ISO code; "" writes amounts without a sign.
    """

    def __init__(self, language: str, currency: str = "") -> None:
        if language not in LANGUAGES:
            raise ValueError(f"language {language!r}; allowed are {', '.join(LANGUAGES)}")
        self.language, self.currency = language, currency
        self.locale = _locale(language)
        self._words = load_words(language)

    def __call__(self, key: str, **values: Any) -> str:
        """The text of a key with its placeholders filled; KeyError for an unknown key."""
        words = self._words[key]
        return words.format(**values) if values else words

    def __contains__(self, key: str) -> bool:
        return key in self._words

    def term(self, kind: str, key: str) -> str:
        """The word for a key of a vocabulary; the key itself where it is the user's own word."""
        return self._words.get(f"term.{kind}.{key}", key)

    def number(self, value: float, digits: int = 0) -> str:
        """A number with thousands separators and a fixed number of decimals."""
        if not _known(value):
            return NOTHING
        return _decimal(self.language, float(value), digits)

    def pair(self, before: float, after: float, digits: int) -> tuple[str, str]:
        """Two numbers with as many decimals as it takes to tell them apart (at most two more)."""
        for places in (digits, digits + 1, digits + 2):
            words = self.number(before, places), self.number(after, places)
            if words[0] != words[1]:
                return words
        return self.number(before, digits), self.number(after, digits)

    def signed(self, value: float, digits: int = 1) -> str:
        """A change, with its sign."""
        return ("+" if round(value, digits) > 0 else "") + self.number(value, digits)

    def percent(self, value: float, digits: int = 1) -> str:
        """A share as percent."""
        if not _known(value):
            return NOTHING
        return _share(self.language, float(value), digits)

    def money(self, value: float, exact: bool = False) -> str:
        """Money: short with three or four digits (k, M; 万, 亿), or exact to the cent."""
        if not _known(value):
            return NOTHING
        value = float(value) + 0.0
        if exact:
            if self.currency:
                return str(format_currency(value, self.currency, locale=self.locale))
            return self.number(value, 2)
        return _compact(self.language, self.currency, value)

    def short(self, value: float) -> str:
        """Money without its sign of currency, for labels inside a figure whose axis names it."""
        return _compact(self.language, "", float(value)) if _known(value) else NOTHING

    def change(self, value: float) -> str:
        """A change of money, with its sign."""
        if not _known(value):
            return NOTHING
        sign = "+" if value > 0 else "−" if value < 0 else ""
        return sign + self.money(abs(value))

    def date(self, day: dt.date | None) -> str:
        """A date in the language's medium form."""
        return NOTHING if day is None else str(format_date(day, format="medium", locale=self.locale))

    def listed(self, words: Iterable[str]) -> str:
        """Words joined as the language joins them."""
        return str(format_list(list(words), locale=self.locale))

    def joined(self, *sentences: str) -> str:
        """Sentences one after the other; Chinese needs no space between them."""
        return (" " if self.language == "en" else "").join(filter(None, sentences))

    def unit(self, value: float, unit: str) -> str:
        """A value in the unit of its measure."""
        value = float(value)
        if unit == "money":
            return self.money(value)
        if unit == "share":
            return self.percent(value)
        digits = {"customers": 0, "accounts": 0, "points": 1, "score": 0, "ratio": 2, "index": 2, "months": 1}
        places = digits.get(unit, 2)
        if unit in ("customers", "accounts") and _known(value) and not value.is_integer():
            places = 1
        return self.number(value, places)


_CONTROL = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]")


def printable(words: str) -> str:
    """Words without the characters that no XML, and so no office file, may hold.

    >>> printable("a\\x07b")
    'ab'
    """
    return _CONTROL.sub("", words)


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _compact_digits(value: float, language: str) -> int:
    size = abs(value)
    steps = (1e4, 1e8, 1e12) if language != "en" else (1e3, 1e6, 1e9, 1e12)
    lead = size / max((step for step in steps if size >= step), default=1.0)
    if size < steps[0]:
        return 0 if size >= 100 or size == int(size) else 2
    return 2 if lead < 10 and language == "en" else 1 if lead < 1000 else 0
