"""What cells mean: numbers, shares, dates, flags and keys, however people type them.

Every function works on the distinct texts of a column once and says which cells it could not read;
nothing is guessed silently.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

import cn2an
import numpy as np
import pyarrow as pa
from opencc import OpenCC
from rapidfuzz import fuzz, process

from core.intake.reading import RawColumn, as_text
from core.quantity import Floats
from core.tables import VOCABULARIES

Mask = np.ndarray[Any, np.dtype[np.bool_]]
_SIMPLIFY = OpenCC("t2s")
_UNITS = {
    "千": 1e3,
    "万": 1e4,
    "十万": 1e5,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
    "十亿": 1e9,
    "百亿": 1e10,
    "k": 1e3,
    "w": 1e4,
    "m": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "thousand": 1e3,
    "bn": 1e9,
    "b": 1e9,
    "billion": 1e9,
}
_MONEY_SIGNS = re.compile(
    r"(人民币|美元|新台币|港币|港元|台币|欧元|rmb|cny|usd|eur|gbp|hkd|ntd|twd|nt\$|us\$|hk\$|cn¥|[¥$€£])", re.I
)
_NUMBER = re.compile(r"^([+-]?)(\d[\d,' ]*(?:\.\d+)?|\.\d+)(e[+-]?\d+)?\s*(%|‰)?$", re.I)
_YES = frozenset(
    [
        "yes",
        "y",
        "true",
        "t",
        "1",
        "是",
        "有",
        "对",
        "√",
        "✓",
        "✔",
        "x",
        "churned",
        "churn",
        "lost",
        "left",
        "exited",
        "inactive",
        "cancelled",
        "canceled",
        "closed",
        "流失",
        "已流失",
        "退出",
        "已退出",
        "离网",
        "已离网",
        "销户",
        "attritedcustomer",
    ]
)
_NO = frozenset(
    [
        "no",
        "n",
        "false",
        "f",
        "0",
        "否",
        "无",
        "没有",
        "不是",
        "×",
        "active",
        "retained",
        "current",
        "stayed",
        "stays",
        "existing",
        "existingcustomer",
        "joined",
        "open",
        "在网",
        "正常",
        "未流失",
        "留存",
        "在用",
        "活跃",
        "-",
    ]
)
_BLANK = frozenset(("", "-", "--", "—", "——", "n/a", "na", "nan", "null", "none", "无数据", "#n/a", "/"))


@cache
def _simplified(text: str) -> str:
    return _SIMPLIFY.convert(text)


def normal(text: str) -> str:
    """A word for comparing: full-width to half, Traditional to Simplified, lower case, no signs."""
    folded = _simplified(unicodedata.normalize("NFKC", text).casefold())
    return re.sub(r"[\s_\-./:·'’&()\[\]{}?#*,]+", "", folded)


def header_core(text: str) -> str:
    """A header without what stands in brackets."""
    folded = unicodedata.normalize("NFKC", text)
    return normal(re.sub(r"[(\[【（].*?[)\]】）]", "", folded) or folded)


def header_unit(text: str) -> tuple[float, bool, str]:
    """Multiplier, percent or not, and currency that a header names, such as 收入(万元)."""
    folded = _simplified(unicodedata.normalize("NFKC", text)).casefold()
    inside = " ".join(re.findall(r"[(\[【](.*?)[)\]】]", folded)) or folded.partition("单位")[2]
    found = re.search(r"(百万|千万|十亿|万|亿|千|million|thousand|mn|'000|\bk\b|\bm\b)", inside)
    scale = 1.0
    if found:
        scale = 1e3 if found[1] == "'000" else _UNITS[found[1]]
    currency = ""
    for words, code in (
        (r"元|rmb|cny|人民币", "CNY"),
        (r"usd|us\$|\$|美元", "USD"),
        (r"eur|€|欧元", "EUR"),
        (r"twd|ntd|nt\$|新台币|台币", "TWD"),
        (r"hkd|hk\$|港", "HKD"),
        (r"gbp|£", "GBP"),
    ):
        if re.search(words, inside):
            currency = code
    return scale, "%" in folded or "pct" in folded or "percent" in folded, currency


def parse_number(text: str, decimal_comma: bool = False) -> tuple[float, bool]:
    """A number and whether it was a percentage; NaN where the text is none.

    Reads 1,234.5 · 1.2万 · ￥3亿 · (1,234) · 12 % · １２３ · 一百二十; with `decimal_comma`, 1.234,5.
    """
    folded = _simplified(unicodedata.normalize("NFKC", text)).strip().casefold()
    folded = folded.replace("−", "-").replace("\u3000", " ")
    folded = _MONEY_SIGNS.sub("", folded).strip()
    negative = folded.startswith("(") and folded.endswith(")")
    folded = folded.strip("()").strip()
    if folded.endswith("-") and folded[:-1].strip():
        negative, folded = True, folded[:-1]
    folded = re.sub(r"(元|块|圆)$", "", folded).strip()
    scale = 1.0
    unit = re.search(r"(?<=[\d.\s])\s*([a-z]+|[十百千万亿]+)$", folded)
    if unit and unit[1] in _UNITS:
        scale, folded = _UNITS[unit[1]], folded[: unit.start()].strip()
    if decimal_comma:
        folded = folded.replace(".", "").replace(",", ".")
    elif "," in folded and not re.match(r"^[+-]?\d{1,4}(,\d{3,4})+(\.\d+)?\s*[%‰]?$", folded):
        return float("nan"), False
    match = _NUMBER.match(folded)
    if match:
        digits = re.sub(r"[,' ]", "", match[2])
        value = float(f"{match[1]}{digits}{match[3] or ''}") * scale
        percent = bool(match[4])
        value /= {"%": 100, "‰": 1000}.get(match[4] or "", 1)
        return (-value if negative else value), percent
    if folded and all(c in "零〇一二两三四五六七八九十百千万亿点负壹贰叁肆伍陆柒捌玖拾佰仟" for c in folded):
        try:
            return float(cn2an.cn2an(folded, "smart")) * scale, False
        except ValueError:
            return float("nan"), False
    return float("nan"), False


def _distinct(column: RawColumn) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Distinct texts of a column and each row's position among them (-1 where not a text)."""
    if "t" not in column.arrays:
        return [], np.full(column.length, -1)
    coded = column.arrays["t"].dictionary_encode()
    codes = np.asarray(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.intp)
    return [word or "" for word in coded.dictionary.to_pylist()], codes


def _is_blank(word: str) -> bool:
    return unicodedata.normalize("NFKC", word).strip().casefold() in _BLANK


def _spread(words: list[str], codes: np.ndarray[Any, Any], values: Any, empty: Any, dtype: Any) -> np.ndarray[Any, Any]:
    table = np.empty(len(words) + 1, dtype=dtype)
    table[:-1] = values
    table[-1] = empty
    return table[codes]


def to_numbers(column: RawColumn) -> tuple[Floats, Mask, Mask]:
    """Values (NaN where empty or unreadable), unreadable cells, cells written as percentages."""
    words, codes = _distinct(column)
    values = column.numbers.copy()
    bad = ~np.isnat(column.dates)
    percent = np.zeros(column.length, dtype=bool)
    if "f" in column.arrays:
        flags = column.arrays["f"].cast(pa.float64()).to_numpy(zero_copy_only=False)
        values = np.where(np.isnan(values), flags, values)
    if words:
        comma = any(re.match(r"^\D*\d{1,3}(\.\d{3})*,(\d{1,2}|\d{4,})\D*$", word) for word in words)
        parsed = [parse_number(word, comma) for word in words]
        blank = np.array([_is_blank(word) for word in words])
        read = np.array([value for value, _ in parsed])
        from_text = _spread(words, codes, read, np.nan, float)
        values = np.where(codes >= 0, from_text, values)
        bad |= _spread(words, codes, np.isnan(read) & ~blank, False, bool)
        percent = _spread(words, codes, [share for _, share in parsed], False, bool)
    return values, bad, percent


def to_shares(column: RawColumn, header: str) -> tuple[Floats, Mask, bool]:
    """Shares 0-1, unreadable cells, and whether plain numbers were read as percentages.

    A column of plain numbers is in percent where its largest is above 1, or its header says so and
    its largest is 1 or above.
    """
    values, bad, percent = to_numbers(column)
    plain = np.abs(values[~percent & ~np.isnan(values)])
    largest = plain.max(initial=0.0)
    as_percent = bool(largest > 1 or (largest == 1 and header_unit(header)[1] and plain.min() < 1))
    if as_percent:
        values = np.where(percent, values, values / 100)
    return values, bad, as_percent


_DATE_FORMS: tuple[tuple[str, str], ...] = (
    (r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ t]\d{1,2}:\d{2}.*)?$", "ymd"),
    (r"^(\d{4})(\d{2})(\d{2})$", "ymd"),
    (r"^(?:民国|roc)\s*(\d{2,3})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$", "roc"),
    (r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?: .*)?$", "xxy"),
    (r"^(\d{4})[-/.年](\d{1,2})月?$", "ym"),
)
_MONTHS = {
    name: n
    for n, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}


def _parse_date(text: str, day_first: bool) -> dt.datetime | None:
    folded = _simplified(unicodedata.normalize("NFKC", text)).strip().casefold()
    for pattern, form in _DATE_FORMS:
        match = re.match(pattern, folded)
        if not match:
            continue
        parts = [int(part) for part in match.groups()]
        if form == "ym":
            parts.append(1)
        elif form == "roc":
            parts[0] += 1911
        elif form == "xxy":
            first, second, year = parts
            parts = [year, second, first] if day_first else [year, first, second]
        try:
            return dt.datetime(parts[0], parts[1], parts[2])
        except ValueError:
            return None
    named = re.match(r"^(?:(\d{1,2})[ -])?([a-z]{3})[a-z]*\.?[ -](?:(\d{1,2}),? )?(\d{4})$", folded)
    if named and named[2] in _MONTHS:
        try:
            return dt.datetime(int(named[4]), _MONTHS[named[2]], int(named[1] or named[3] or 1))
        except ValueError:
            return None
    return None


def to_dates(column: RawColumn, day_first: bool | None) -> tuple[Any, Mask, bool]:
    """Dates (NaT where empty or unreadable), unreadable cells, and whether the order is a guess.

    Numbers from 20000 to 80000 are Excel serials (45292 = 2024-01-01), 19000101-21001231 dates
    written as digits. Day and month order is decided over the whole column; where every value fits
    both it is a guess (month first) unless `day_first` says.
    """
    words, codes = _distinct(column)
    values = column.dates.copy()
    numbers = column.numbers
    with np.errstate(invalid="ignore"):
        serial = (numbers >= 20000) & (numbers < 80000)
        digits = (numbers >= 19000101) & (numbers <= 21001231)
    days = np.where(serial, numbers, 0).astype("timedelta64[D]")
    values = np.where(serial, np.datetime64("1899-12-30") + days, values)
    for row in np.flatnonzero(digits):
        found = _parse_date(str(int(numbers[row])), False)
        values[row] = np.datetime64(found) if found else np.datetime64("NaT")
    bad = ~np.isnan(numbers) & ~serial & np.isnat(values)
    guess = False
    if words:
        pairs = [re.match(r"^(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}", word.strip()) for word in words]
        firsts = [(int(pair[1]), int(pair[2])) for pair in pairs if pair]
        order = day_first
        if order is None:
            order = any(first > 12 for first, _ in firsts)
            settled = order or any(second > 12 for _, second in firsts)
            guess = bool(firsts) and not settled and any(a != b for a, b in firsts)
        parsed = [_parse_date(word, order) for word in words]
        read = np.array([np.datetime64(p) if p else np.datetime64("NaT") for p in parsed])
        read = read.astype("datetime64[us]")
        blank = np.array([_is_blank(word) for word in words])
        values = np.where(codes >= 0, _spread(words, codes, read, np.datetime64("NaT"), read.dtype), values)
        bad |= _spread(words, codes, np.isnat(read) & ~blank, False, bool)
    return values.astype("datetime64[us]"), bad, guess


def _keyed(column: RawColumn, read: Callable[[str], Any]) -> tuple[np.ndarray[Any, Any], Mask]:
    """Each cell's key by a function of its text; None where empty, and the unreadable cells."""
    texts = to_texts(column)
    lookup = {word: None if _is_blank(word) else read(word) for word in set(texts)}
    values = np.array([lookup[word] for word in texts], dtype=object)
    bad = np.array([value is None for value in values], dtype=bool)
    bad &= np.array([not _is_blank(word) for word in texts], dtype=bool)
    return values, bad


def parse_flag(word: str) -> bool | None:
    """True, False, or None where the word says neither."""
    key = normal(word) or word.strip()
    return True if key in _YES else False if key in _NO else None


def to_flags(column: RawColumn) -> tuple[np.ndarray[Any, Any], Mask]:
    """True, False or None a cell, and the unreadable cells."""
    return _keyed(column, parse_flag)


@cache
def _vocabulary(name: str) -> dict[str, str]:
    return {
        normal(word): key for key, words in VOCABULARIES[name].items() for word in (key, key.replace("_", " "), *words)
    }


def parse_key(word: str, vocabulary: str) -> str | None:
    """The key of a vocabulary that a word means: exact, or one typing slip away."""
    known = _vocabulary(vocabulary)
    key = normal(word)
    if key in known:
        return known[key]
    close = process.extractOne(key, list(known), scorer=fuzz.ratio, score_cutoff=88) if len(key) > 4 else None
    return known[close[0]] if close else None


def to_keys(column: RawColumn, vocabulary: str) -> tuple[np.ndarray[Any, Any], Mask]:
    """Vocabulary keys (None where empty), and the unreadable cells."""
    return _keyed(column, lambda word: parse_key(word, vocabulary))


def to_texts(column: RawColumn) -> np.ndarray[Any, Any]:
    """Every cell as stripped text, "" where empty."""
    if set(column.arrays) <= {"t"}:
        words, codes = _distinct(column)
        return _spread(words, codes, [w.strip() for w in words], "", object)
    return np.array([as_text(column.value(row)) for row in range(column.length)], dtype=object)
