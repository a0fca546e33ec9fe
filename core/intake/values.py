"""What cells mean: numbers, shares, dates, flags and keys, however people type them.

Every function works on the distinct texts of a column once and says which cells it could not read;
nothing is guessed silently.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import cn2an
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from opencc import OpenCC
from rapidfuzz import fuzz, process

from core.intake.concepts import LEFT
from core.intake.reading import RawColumn, as_text
from core.quantity import Floats
from core.tables import LANGUAGES, VOCABULARIES
from core.text import Text

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
    "mio": 1e6,
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
        "能",
        "可",
        "可以",
        "√",
        "v",
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
        "失效",
        "已失效",
        "终止合作",
        "已终止合作",
        "停用",
        "已解约",
        "attritedcustomer",
        *(
            "注销",
            "已注销",
            "拆机",
            "已拆机",
            "销号",
            "离网销号",
            "未续保",
            "退保",
            "已退保",
            "脱保",
            "断保",
            "未续约",
            "已销号",
            "已销户",
            "未续",
            "不续",
            "未续费",
            "停保",
        ),
        *("formercustomer", "terminated", "lapsed", "deactivated", "unsubscribed", "nonrenewed", "notrenewed"),
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
        "没",
        "没了",
        "不是",
        "不能",
        "不可",
        "不可以",
        "×",
        "active",
        "retained",
        "current",
        "stayed",
        "stays",
        "existing",
        "有效",
        "合作中",
        "正常合作",
        "renewed",
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
        *("续保", "已续保", "续约", "已续约", "已续", "续费", "已续费", "正常续费", "正常在网", "在保", "在读"),
        *("customer", "trialing", "pastdue", "subscribed"),
    ]
)
_BLANK = frozenset(
    (
        "0000-00-00",
        "1900-01-00",
        "1900-01-01",
        "1900/1/0",
        "1900/1/1",
        "9999-12-31",
        "2099-12-31",
        "1899-12-30",
        "1899-12-31",
        *(
            "跳过",
            "(跳过)",
            "跳過",
            "(跳過)",
            "未作答",
            "未答",
            "拒答",
            "不适用",
            "不適用",
            "skipped",
            "(skipped)",
            "no answer",
        ),
    )
) | frozenset(("", "-", "--", "—", "——", "n/a", "na", "nan", "null", "none", "无数据", "#n/a", "/"))


@lru_cache(maxsize=50_000)
def _simplified(text: str) -> str:
    return _SIMPLIFY.convert(text)


@lru_cache(maxsize=50_000)
def half_width(text: str) -> str:
    """Full-width letters, digits and signs as half-width, so that one pattern finds both."""
    return unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=50_000)
def simplified(text: str) -> str:
    """Half-width and in Simplified characters, with its signs."""
    return _simplified(half_width(text))


def normal(text: str) -> str:
    """A word for comparing: full-width to half, Traditional to Simplified, lower case, no signs."""
    folded = _simplified(unicodedata.normalize("NFKC", text).casefold())
    return re.sub(r"[\s_\-./:·'’&()\[\]{}?#*,]+", "", folded)


def header_core(text: str) -> str:
    """A header without what stands in brackets."""
    folded = unicodedata.normalize("NFKC", text)
    folded = re.sub(r"(?<=\w)\s*#\s*$", " no", folded).rstrip(" ↑↓▲▼")  # Cust # is a number, an arrow tells of sorting
    return normal(re.sub(r"[(\[【（].*?[)\]】）]", "", folded) or folded)


_UNIT_WORDS: tuple[tuple[str, float], ...] = (
    (r"10,?000\s*元?|\b10 ?k\b|\b0000\b|\bwan\b|^w$", 1e4),
    (r"十万|\blakhs?\b", 1e5),
    (r"百元", 1e2),
    (r"crores?", 1e7),
    (r"十亿|billion|\bbn\b", 1e9),
    (r"亿", 1e8),
    (r"千万", 1e7),
    (
        r"百万|million|\bmn\b|\bmln\b|\bmm\b|\bmio\b|\bmil\b|(usd|eur|rmb|cny|\$|€|£) ?m\b|^m$|\bm ?(usd|eur|rmb|cny|[$€£])",
        1e6,
    ),
    (r"万", 1e4),
    (
        r"[千仟]|thousand|\b0{3}s?\b|'000|\btsd\b|\bteur\b|\btusd\b|\bt ?[$€£]|\bk ?(usd|eur|rmb|cny|[$€£])?(?!\w)|[$€£¥] ?k\b",
        1e3,
    ),
)
_TITLE_UNIT = re.compile(
    r"(?:金额|货币)?单位\s*[::为]?\s*(?:人民币|新台币|台币|港币|港元|美元|rmb|cny|usd|ntd|twd|nt\$)?\s*"
    r"((?:十亿|亿|千万|百万|万|千|仟)?(?:港元|美元|欧元|港币|元)?)(?:$|[\s,;()\]】]|/年|/期|每年)"
    r"|(?:\bunits?\s*:?|\bin)\s+((?:usd|eur|rmb|cny|gbp|\$|€|£)?\s*(?:thousands?|millions?|billions?|'?000s?))",
    re.I,
)


# Thousands or millions of a currency, wherever they stand; "from £50k" is an amount and no unit.
_MONEY_UNIT = re.compile(
    r"(?<![\w.])(?:k|t|m|mn|mio|mln)\s?(?:[$€£¥]|(?:usd|eur|gbp|rmb|cny|hkd|chf)(?!\w))"
    r"|(?:[$€£¥]|(?<!\w)(?:usd|eur|gbp|rmb|cny|hkd|chf))\s?(?:k|m|mn|mio|mln|bn|[\'’]?000s?)(?!\w)"
)
_MONEY_WORDS = r"(?:人民币|新台币|台币|港币|港元|美元|欧元|rmb|cny|usd|eur|ntd|twd|hkd|nt\$|us\$|[$€£¥])"
_BARE_UNIT = re.compile(
    rf"^(?:以|按|in|units?|货币|金额|单位|均为|为|是|of|{_MONEY_WORDS}|[\s::])*"
    r"((?:十亿|亿|千万|百万|万|千|仟)?元?|10,?000|10 ?k|0000|'?000s?|thousands?|millions?|mn|mm|bn|billions?|k|m)"
    rf"(?:{_MONEY_WORDS}|元|计|计算|[\s.。])*$"
)


_AMOUNT_IN = re.compile(
    r"(?:额|费|款|收入|销售|营收|成本|支出|租金|采购|产值|价值|money|revenue|sales|amounts?|premium|spend|fees?|costs?)\s*[::为]\s*"
    r"((?:十亿|亿|千万|百万|万|千|仟)元?)(?:$|[\s,;。)\]]|/年|/期)"
)


def title_unit(line: str) -> float | None:
    """The multiplier that a line beside the table names, such as 单位:万元 or (RMB million).

    None where it names none. Searched: what stands in brackets, what follows 单位, unit or 金额, the line itself.
    """
    folded = simplified(line).casefold()
    told = {_unit_of(words) for words in _MONEY_UNIT.findall(folded)}
    if len(told) == 1:
        return told.pop()
    found = _TITLE_UNIT.search(folded)
    words = (found[1] or found[2] or "") if found else ""
    of_amounts = _AMOUNT_IN.search(folded)  # 客户数:户;保费:万元
    words = words or (of_amounts[1] if of_amounts else "")
    if words:
        return _unit_of(words, bare=True)
    after = re.split(r"单位|\bunits?\b|金额|\bin\b", folded)[1:]
    tail = re.findall(r"\b(?:rmb|cny|usd|eur)\s+(?:mn|million|thousand|bn|k|m)\b", folded)
    pieces = (*re.findall(r"[(\[](.*?)[)\]]", folded), *after, *tail, folded)
    for piece in (part for whole in pieces for part in re.split("[;，、。]|,(?!\\d)", whole)):
        named = _BARE_UNIT.match(piece.strip(" :"))
        if named and named[1] and (named[1] not in ("k", "m") or re.search(_MONEY_WORDS, piece)):
            if named[1].isdigit() and named[1] not in ("000", "0000", "10000"):
                continue
            return _unit_of(piece.replace("元", "") or "元", bare=True)
    return None


def unit_unclear(line: str) -> bool:
    """Whether a line speaks of 万 or of thousands without saying that it is the unit."""
    return bool(
        re.search(r"万元|亿元|[千仟]元|\bmillions?\b|\bthousands?\b|[''’]000|\b000s\b|元/万元", simplified(line), re.I)
    )


def _unit_of(words: str, bare: bool = False) -> float | None:
    for pattern, scale in _UNIT_WORDS:
        if re.search(pattern, words):
            return scale
    return 1.0 if bare else None


_UNIT_AT_END = re.compile(
    r"([-_/\s,]?(?:十亿|亿|千万|百万|万|千|仟)元|[-_/\s](?:十亿|亿|千万|百万|万|千)|\bin (?:thousands|millions)|[,\s][$€£]?(?:k|m)|[$€£](?:k|m)"
    r"|\s[km](?:usd|eur|rmb|cny|gbp|[$€£])|\s(?:usd|eur|rmb|cny|gbp|[$€£])\s?'?000s?)$"
)
_CURRENCY_SIGNS = (
    (r"gbp|£", "GBP"),
    (r"hkd|hk\$|港", "HKD"),
    (r"twd|ntd|nt\$|新台币|台币", "TWD"),
    (r"eur|€|欧元", "EUR"),
    (r"usd|us\$|\$|美元", "USD"),
    (r"元|rmb|cny|人民币", "CNY"),
)


def header_unit(text: str) -> tuple[float | None, bool, str]:
    """Multiplier, percent or not, and currency that a header names, such as 收入(万元).

    The multiplier is None where the header says nothing of its unit, 1 where it names a currency.
    """
    folded = _simplified(unicodedata.normalize("NFKC", text)).casefold()
    tails = (found[1].strip(" ,/") for level in reversed(folded.split(JOIN)) if (found := _UNIT_AT_END.search(level)))
    anywhere = _MONEY_UNIT.search(folded)
    places = (" ".join(re.findall(r"[(\[【](.*?)[)\]】]", folded)), folded.partition("单位")[2], *tails)
    scale, currency = None, ""
    for words in (*places, anywhere[0] if anywhere else ""):
        scale = _unit_of(words) if words else None
        currency = next((code for sign, code in _CURRENCY_SIGNS if re.search(sign, words)), "")
        if scale is None and currency:
            scale = 1.0
        if scale is not None:
            break
    return scale, "%" in folded or "pct" in folded or "percent" in folded, currency


_COUNTED = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "九": 9, "十二": 12}


def months_covered(header: str) -> float | None:
    """The months of revenue that a header names: 月费 is 1, 近三个月 3, 1-6月 6, annual 12; None where it names none."""
    words = simplified(header).casefold()
    span = re.search(r"(\d{1,2})月?\s*[-–~至到]\s*(\d{1,2})\s*月", words)
    if span and int(span[1]) <= int(span[2]) <= 12:
        return float(int(span[2]) - int(span[1]) + 1)
    last = re.search(r"(\d{1,2}|十二|[一两二三四五六九])\s*(?:个月|-?\s*months?\b)", words)
    years = re.search(r"近\s*(\d|[一两二三])\s*年|last (\d) years", words)
    until = re.search(r"(?:截至|截止|至)\s*(?:\d{4}年)?\D{0,4}?(\d{1,2})月", words)
    named = re.search(r"(?:ytd|to date|through|until)\D*?\b([a-z]{3})[a-z]*", words)
    for found, each in ((last, 1), (until, 1), (years, 12)):
        if found:
            said = next(filter(None, found.groups()))
            return float(each * (int(said) if said.isdigit() else _COUNTED[said]))
    if named and named[1] in _MONTHS:
        return float(_MONTHS[named[1]])
    for pattern, count in (
        (r"半年|half.?year|(?<![a-z])h[12](?!\d)", 6.0),
        (r"季|quarter|(?<![a-z])q[1-4](?!\d)", 3.0),
        (r"month|mrr|月", 1.0),
        (r"annual|year|\barr$|年", 12.0),
    ):
        if re.search(pattern, words):
            return count
    return None


def parse_number(text: str, decimal_comma: bool = False, money: bool = True) -> tuple[float, bool]:
    """A number and whether it was a percentage; NaN where the text is none.

    Latin units (k, m, bn) are read for money only.

    Reads 1,234.5 · 1.2万 · ￥3亿 · (1,234) · 12 % · １２３ · 一百二十; with `decimal_comma`, 1.234,5.
    """
    folded = _simplified(unicodedata.normalize("NFKC", text)).strip().casefold()
    folded = folded.replace("−", "-").replace("\u3000", " ")
    folded = _MONEY_SIGNS.sub("", folded).strip()
    negative = folded.startswith("(") and folded.endswith(")")
    folded = folded.strip("()'").strip()
    if folded.endswith("-") and folded[:-1].strip():
        negative, folded = True, folded[:-1]
    folded = re.sub(r"/\s*(年|月|year|month|yr|mo)$", "", folded).strip()
    folded = re.sub(r"(元整|元|块|圆|整)$", "", folded).strip()
    scale = 1.0
    unit = re.search(r"(?<=[\d.\s])\s*([a-z]+|[十百千万亿]+)$", folded)
    if unit and unit[1] in _UNITS and (money or not unit[1].isascii()):
        scale, folded = _UNITS[unit[1]], folded[: unit.start()].strip()
    if decimal_comma:
        folded = folded.replace(".", "").replace(",", ".")
    elif "," in folded and not re.match(r"^[+-]?\d{1,4}(,\d{3,4})+(\.\d+)?\s*[%‰]?$", folded):
        return float("nan"), False
    match = _NUMBER.match(folded)
    if match:
        digits = re.sub(r"[,' ]", "", match[2])
        value = float(f"{match[1]}{digits}{match[3] or ''}") * scale
        if not np.isfinite(value):
            return float("nan"), False
        percent = bool(match[4])
        value /= {"%": 100, "‰": 1000}.get(match[4] or "", 1)
        return (-value if negative else value), percent
    if folded and all(c in "零〇一二两三四五六七八九十百千万亿点负壹贰叁肆伍陆柒捌玖拾佰仟" for c in folded):
        try:
            return float(cn2an.cn2an(folded, "smart")) * scale, False
        except ValueError:
            return float("nan"), False
    return float("nan"), False


# What str.strip takes off.
_SPACES = "".join(chr(n) for n in range(0x3001) if chr(n).isspace())
_SAMPLE = 5000


@dataclass(frozen=True)
class Words:
    """The texts of a column and each row's place among them (-1 where it is no text).

    Each text once, but for a long column whose texts hardly repeat: there each row has its own.
    """

    array: pa.Array
    codes: np.ndarray[Any, Any]

    @cached_property
    def list(self) -> list[str]:
        """The texts as Python strings."""
        return [str(word) for word in self.array.to_pylist()]

    @cached_property
    def stripped(self) -> pa.Array:
        """The texts without spaces around them."""
        return pc.utf8_trim(self.array, _SPACES)

    @cached_property
    def filled(self) -> Mask:
        """Which texts are more than spaces."""
        return mask(pc.not_equal(self.stripped, ""))

    @cached_property
    def blank(self) -> Mask:
        """Which texts stand for nothing."""
        return blanks_among(self.array)

    def rows(self, values: Any, empty: Any, dtype: Any) -> np.ndarray[Any, Any]:
        """A value of each text, spread over the rows."""
        table = np.empty(len(self.array) + 1, dtype=dtype)
        table[:-1] = values
        table[-1] = empty
        return table[self.codes]

    def texts(self, array: pa.Array) -> Any:
        """A column of a table from one text for each of these, "" where there is none."""
        whole = pa.concat_arrays([array, pa.array([""], array.type)])
        places = np.where(self.codes < 0, len(array), self.codes)
        return pd.array(whole.take(pa.array(places)), dtype="str")


def mask(found: pa.Array) -> Mask:
    """Arrow's yes and no as a mask."""
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def words_in(column: RawColumn) -> Words:
    """The texts of a column."""
    if column.memo and "distinct" in column.memo:
        held: Words = column.memo["distinct"]
        return held
    array = column.arrays.get("t")
    found = _coded(pa.nulls(column.length, pa.string()) if array is None else array)
    if column.memo is not None:
        column.memo["distinct"] = found
    return found


def _coded(array: pa.Array) -> Words:
    if len(array) > 4 * _SAMPLE and pc.count_distinct(array.slice(0, _SAMPLE)).as_py() > 0.9 * _SAMPLE:
        there = mask(array.is_valid())
        return Words(pc.fill_null(array, ""), np.where(there, np.arange(len(array)), -1))
    coded = array.dictionary_encode()
    codes = np.asarray(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.intp)
    return Words(pc.fill_null(coded.dictionary, ""), codes)


def words_of(column: RawColumn) -> Words:
    """Every cell as text, whatever it holds."""
    return words_in(column) if set(column.arrays) <= {"t"} else _coded(pa.array(to_texts(column), pa.string()))


def _is_blank(word: str) -> bool:
    if word.isascii():
        return word.strip().casefold() in _BLANK
    return unicodedata.normalize("NFKC", word).strip().casefold() in _BLANK


def blanks_among(words: pa.Array) -> Mask:
    """Which words stand for nothing, such as n/a and -."""
    if not pc.all(pc.string_is_ascii(words)).as_py():
        words = pc.utf8_normalize(words, "NFKC")
    folded = pc.utf8_lower(pc.utf8_trim(words, _SPACES))
    return mask(pc.is_in(folded, value_set=pa.array(sorted(_BLANK), words.type)))


@dataclass(frozen=True)
class Read:
    """Numbers of a column: values (NaN where empty or unreadable) and masks of its cells.

    `bad` cells could not be read, `percent` were written as percentages, `scaled` carried a unit of
    their own such as 1.2万. `dots` says that 1.200 was read as 1200, `periods` holds an amount a month
    and one a year where a column has both.
    """

    values: Floats
    bad: Mask
    percent: Mask
    scaled: Mask
    dots: bool = False
    unclear_dots: str = ""
    periods: tuple[str, ...] = ()


_DECIMAL_COMMA = re.compile(r"^\D*\d+([. \u00a0\u202f]\d{3})*,\d{1,2}\D*$")
_THOUSANDS_COMMA = re.compile(r"\d,\d{3}(?!\d)|,\d+\.\d|\d\.\d{1,2}\D*$")
_DOTTED_THOUSANDS = re.compile(r"^\D*[1-9]\d{0,2}(\.\d{3})+\D*$")


_OWN_UNIT = re.compile(r"[千仟万萬亿億]|\d\s*(k|m|mn|mio|bn|b|w|元|圆|圓)\s*$", re.I)


def _with_dots(words: pa.Array) -> list[str]:
    """The words that may be thousands with dots."""
    found: list[str] = words.filter(pc.match_substring_regex(words, r"\.[0-9]{3}\D*$|[^\x00-\x7f]")).to_pylist()
    return found


def to_numbers(column: RawColumn, money: bool = False) -> Read:
    """The numbers of a column, however they are typed.

    A comma is the decimal sign only where some cell shows it and none contradicts it; otherwise such
    a cell is unreadable and listed. In a column of money where every text looks like 1.200 the dots
    are thousands.
    """
    words = words_in(column)
    values = column.numbers.copy()
    bad = ~np.isnat(column.dates)
    percent = np.zeros(column.length, dtype=bool)
    scaled = np.zeros(column.length, dtype=bool)
    dots, unclear = False, ""
    periods: tuple[str, ...] = ()
    if "f" in column.arrays:
        flags = column.arrays["f"].cast(pa.float64()).to_numpy(zero_copy_only=False)
        values = np.where(np.isnan(values), flags, values)
    if len(words.array):
        # most cells are plain digits, which need no reading
        plain = mask(pc.match_substring_regex(words.array, r"^-?[0-9]{1,15}(\.[0-9]+)?$"))
        said = words.array.filter(pa.array(~words.blank))
        commas = said.filter(pc.match_substring(said, ",")).to_pylist()
        comma = any(map(_DECIMAL_COMMA.match, commas)) and not any(map(_THOUSANDS_COMMA.search, said.to_pylist()))
        dotted = [word for word in _with_dots(said) if _DOTTED_THOUSANDS.match(word)]
        dots = money and len(dotted) == len(said) > 1 and bool(np.isnan(column.numbers).all())
        if comma or dots:
            plain[:] = False
        read = np.full(len(words.array), np.nan)
        shares, own = np.zeros(len(read), dtype=bool), np.zeros(len(read), dtype=bool)
        read[plain] = words.array.filter(pa.array(plain)).cast(pa.float64()).to_numpy()
        others = np.flatnonzero(~plain)
        for place, word in zip(others.tolist(), words.array.take(pa.array(others)).to_pylist(), strict=True):
            read[place], shares[place] = parse_number(word, comma or dots, money)
            own[place] = bool(_OWN_UNIT.search(word))
        values = np.where(words.codes >= 0, words.rows(read, np.nan, float), values)
        bad |= words.rows(np.isnan(read) & ~words.blank, False, bool)
        percent, scaled = words.rows(shares, False, bool), words.rows(own, False, bool)
        if money:
            slashed = said.filter(pc.match_substring(said, "/")).to_pylist()
            each = [next((w for w in slashed if re.search(part, w, re.I)), "") for part in _PER]
            periods = tuple(each) if all(each) else ()
        if money and dotted and not dots:
            decimals = any(re.search(r"\.\d{1,2}\D*$", word) for word in said.to_pylist())
            unclear = "" if decimals else dotted[0]
    return Read(values, bad, percent, scaled, bool(dots), unclear, periods)


_COUNTED_AS = (
    r"(?i)(\p{Nd})\s*([次单笔个户家人位名件台套趟批场只單筆個戶臺場隻]|orders?|times|members?|customers?|clients?|accounts?|people|"
    r"persons?|visits?|pcs|pieces|units?|jobs?|shipments?|bookings?|deliveries|events?)\s*$"
)


def uncounted(column: RawColumn) -> RawColumn:
    """A column of counts without the words for what is counted (26次, 23 members), and with whole thousands where
    each dot or comma in it stands before three digits."""
    texts = column.arrays.get("t")
    if texts is None or not pc.any(pc.match_substring_regex(texts, r"[^0-9]")).as_py():
        return column
    texts = pc.replace_substring_regex(texts, _COUNTED_AS, r"\1")
    signed = texts.filter(pc.match_substring_regex(texts, r"[.,]"))
    if len(signed) and pc.all(pc.match_substring_regex(signed, r"^\s*[1-9][0-9]{0,2}([.,][0-9]{3})+\s*$")).as_py():
        texts = pc.replace_substring_regex(texts, r"[.,]", "")
    return RawColumn({**column.arrays, "t": texts}, column.length)


_PER = (r"/\s*(月|mo|month)\s*$", r"/\s*(年|yr|year)\s*$")
_SIGNS = (
    (r"us\$|usd|美元|(?<!nt)(?<!hk)\$", "USD"),
    (r"€|eur|欧元", "EUR"),
    (r"[¥¥]|rmb|cny|人民币|元", "CNY"),
    (r"£|gbp", "GBP"),
    (r"nt\$|twd|新台币", "TWD"),
    (r"hk\$|hkd|港", "HKD"),
)


def currencies(column: RawColumn) -> list[str]:
    """The currencies that the cells of a column name, by sign or by word."""
    said = words_in(column).array
    signed = said.filter(pc.match_substring_regex(said, r"[^0-9.,\s%()+-]")).to_pylist()
    words = [simplified(word).casefold() for word in signed]
    return [code for pattern, code in _SIGNS if any(re.search(pattern, word) for word in words if word)]


PLAIN_FLAGS = frozenset(
    (
        "1",
        "0",
        "10",
        "00",
        "yes",
        "no",
        "y",
        "n",
        "true",
        "false",
        "t",
        "f",
        *("是", "否", "有", "无", "没有", "没", "没了"),
    )
)
JOIN = " / "  # between the levels of a header
_INVERSE = re.compile(
    r"^(is|still|isstill|currently|staying)?(active|retained|alive|renew(ed|al|s)?|subscribed|staying)"
    r"(flag|status|customer|member|client|account|user|subscriber|yn)?$|^(is)?(still|remain)(s|ing)?(a|an|our|with|active|here|customer|client)+.*|"
    r"^是?否?(仍|仍然|还|继续|正常|已)?(在网|在保|在约|在读|在租|在用|有效|留存|存续|活跃|合作中|续[保约费班签租订])$|"
    r"^是否(仍|还)?在[\u4e00-\u9fff]{1,2}$|^[还仍正]在[\u4e00-\u9fff]{0,4}[吗否没]?$|^(现在|目前|如今)?[还仍](有)?[\u4e00-\u9fff]{1,4}[吗否没]$|^是?否?(仍|还|继续)(在)?(合作|使用|订阅|采购|续).*|^(is)?(a)?current(customer|member|client|subscriber)$"
)


def is_inverse(header: str) -> bool:
    """Whether a flag column says that a customer stayed, rather than left."""
    return any(_INVERSE.match(header_core(part)) for part in (header, header.rsplit(JOIN, 1)[-1]))


def top_of_scale(header: str) -> int:
    """The highest point of the scale that a header names, such as (1-5) or 5分制; 0 where it names none."""
    folded = simplified(header).casefold()
    found = re.search(r"[01]\s*[-–~至到]\s*(\d+)|(\d+)\s*(?:分制|-?point|级)|/\s*(5|7|100)\b|(百)分制", folded)
    return int(found[1] or found[2] or found[3] or 100) if found else 0


def names_a_scale(header: str) -> bool:
    """Whether a header names a scale that is not the one of the model, such as (1-5) or 5分制."""
    return top_of_scale(header) not in (0, 10)


def market_of(word: str) -> str | None:
    """The market that a word such as 供应商名称 or Vendors names, exactly."""
    core = re.sub(r"(名称|姓名|名单|清单|列表|编号|表|\.\w+$|name|list|names)$", "", header_core(word))
    known = _vocabulary("market")
    return known.get(core) or known.get(core.removesuffix("s"))


def to_shares(column: RawColumn, header: str) -> tuple[Floats, Mask, str]:
    """Shares 0-1, unreadable cells, and how plain numbers were read: "" as shares, "percent", "mixed".

    A column of plain numbers is in percent where its largest is above 1, or its header says so and
    its largest is 1. Where numbers above 1 stand beside fractions, each is read by itself.
    """
    found = to_numbers(column)
    values, percent = found.values, found.percent
    plain = np.abs(values[~percent & ~np.isnan(values)])
    largest = plain.max(initial=0.0)
    as_percent = bool(largest > 1 or (largest == 1 and header_unit(header)[1] and plain.min() < 1))
    if not as_percent:
        return values, found.bad, ""
    mixed = bool(((plain > 0) & (plain < 1)).any() and largest > 1 and not header_unit(header)[1])
    inside = np.abs(values) <= 1 if mixed else np.zeros(column.length, dtype=bool)
    return np.where(percent | inside, values, values / 100), found.bad, "mixed" if mixed else "percent"


_DATE_FORMS: tuple[tuple[str, str], ...] = (
    (r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ t]*(?:周.|星期.|上午.*|下午.*|\d{1,2}:\d{2}.*))?$", "ymd"),
    (r"^(\d{4})(\d{2})(\d{2})$", "ymd"),
    (r"^(?:民国|roc)\s*(\d{2,3})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$", "roc"),
    (r"^(1[0-4]\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?$", "roc"),
    (r"^(1[0-4]\d)(\d{2})(\d{2})$", "roc"),
    (r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?: .*)?$", "dmy"),
    (r"^(\d{1,2})[-/](\d{1,2})[-/](\d{4})(?: .*)?$", "xxy"),
    (r"^(\d{4})[-/.年](\d{1,2})月?$", "ym"),
    (r"^(20\d{2})(0[1-9]|1[0-2])$", "ym"),
    (r"^(0?[1-9]|1[0-2])[-/.](\d{4})$", "my"),
)
_MONTHS = {
    name: n
    for n, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}


_NAMED_MONTH = re.compile(
    r"^(?:(\d{1,2})(?:st|nd|rd|th)?[ /-])?([a-z]{3})[a-z]*\.?[ /-](?:(\d{1,2})(?:st|nd|rd|th)?,? )?(\d{4}|\d{2})$"
)
_TIME = re.compile(r"[ ,t]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(\s*[ap]\.?m\.?)?(\s*(utc|gmt|z)?\s*([+-]\d{2}:?\d{2})?)?$")
_WEEKDAY = re.compile(
    r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+(?=\d|[a-z])|\s*\(?(星期|周|礼拜)[一二三四五六日天]\)?(?=\s|$)"
)


def _parse_date(text: str, day_first: bool) -> dt.datetime | None:
    folded = _simplified(unicodedata.normalize("NFKC", text)).strip().casefold()
    folded = _WEEKDAY.sub("", folded)
    for pattern, form in _DATE_FORMS:
        match = re.match(pattern, folded)
        if not match:
            continue
        parts = [int(part) for part in match.groups()]
        if form == "ym":
            parts.append(1)
        elif form == "my":
            parts = [parts[1], parts[0], 1]
        elif form == "roc":
            parts[0] += 1911
        elif form == "xxy":
            first, second, year = parts
            parts = [year, second, first] if day_first else [year, first, second]
        elif form == "dmy":
            parts.reverse()
        try:
            return dt.datetime(parts[0], parts[1], parts[2])
        except ValueError:
            return None
    if re.fullmatch(r"[2-7]\d{4}", folded):
        return dt.datetime(1899, 12, 30) + dt.timedelta(days=int(folded))
    named = _NAMED_MONTH.match(_TIME.sub("", folded))
    if named and named[2] in _MONTHS:
        try:
            return dt.datetime(
                int(named[4]) + (2000 if len(named[4]) == 2 else 0), _MONTHS[named[2]], int(named[1] or named[3] or 1)
            )
        except ValueError:
            return None
    return None


def from_years(column: RawColumn) -> tuple[RawColumn, int]:
    """A column of dates with years alone, such as 2015 and 2015年, as their first day, and how many there were."""
    year = re.compile(r"((?:19[5-9]|20[0-4])\d)(?:\.0)?\s*年?")
    with np.errstate(invalid="ignore"):
        alone = (column.numbers >= 1950) & (column.numbers < 2050)
    if not alone.any() and not any(map(year.fullmatch, words_in(column).list)):
        return column, 0
    found = [(text, year.fullmatch(text)) for text in to_texts(column)]
    said = [f"{match[1]}-01-01" if match else text or None for text, match in found]
    return RawColumn({"t": pa.array(said, pa.string())}, column.length), sum(match is not None for _, match in found)


_YEARLESS = re.compile(
    r"^\s*(?:(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?|(\d{1,2})[\s-]*(?:st|nd|rd|th)?\s*([a-z]{3})[a-z]*\.?|([a-z]{3})[a-z]*\.?\s+(\d{1,2}))\s*$",
    re.I,
)


def with_year(column: RawColumn, year: int) -> tuple[RawColumn, int]:
    """A column of dates with those that have no year, such as 3月25日 and 25 Mar, in a year, and how many there were."""
    found = {}
    for word in words_in(column).list:
        match = _YEARLESS.match(simplified(half_width(word)))
        if not match:
            continue
        month = int(match[1] or 0) or _MONTHS.get((match[4] or match[5] or "").casefold(), 0)
        day = int(match[2] or match[3] or match[6])
        if month:
            found[word] = f"{year}-{month:02d}-{day:02d}"
    if not found:
        return column, 0
    texts = column.arrays["t"].to_pylist()
    made = pa.array([found.get(text, text) for text in texts], pa.string())
    return RawColumn({**column.arrays, "t": made}, column.length), sum(text in found for text in texts)


def _century(words: Sequence[str]) -> int:
    """What a year of two digits counts from: 民國 beside years such as 111, 2000 beside 2024年1月5日; 0 where unknown."""
    if any(re.match(r"\s*(民[国國]|1[0-4]\d[-/.年]\d)", word) for word in words):
        return 1911
    return 2000 if any("年" in word for word in words) else 0


_DOTTED = re.compile(r"\s*(\d{1,2})\.(\d{1,2})\.(\d{2})\s*")


def _year_last(words: Sequence[str], years: Collection[int]) -> bool:
    """Whether dates such as 05.01.26 end in their year: it is one of the two-digit `years` of the whole dates beside
    them, and what they begin with is not."""
    found = [(int(match[1]), int(match[3])) for word in words if (match := _DOTTED.fullmatch(word))]
    return bool(found and years) and all(last in years for _, last in found) and any(a not in years for a, _ in found)


def _parse_dotted(text: str) -> dt.datetime | None:
    found = _DOTTED.fullmatch(text)
    try:
        return dt.datetime(2000 + int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def _parse_short(text: str, century: int, day_first: bool | None) -> dt.datetime | None:
    """A date whose year has two digits: first where `century` is known, last where the order of the others is."""
    found = re.match(r"^\s*'?(\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*$", text) if century else None
    year, month, day = (century + int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)
    found = re.match(r"^\s*(\d{1,2})[-/](\d{1,2})[-/](\d{2})\s*$", text) if day_first is not None else None
    if found and not year:
        year, month, day = 2000 + int(found[3]), int(found[1]), int(found[2])
        month, day = (day, month) if day_first else (month, day)
    try:
        return dt.datetime(year, month, day) if year else None
    except ValueError:
        return None


def _only_order(words: Sequence[str]) -> bool | None:
    """Whether dates such as 08/13/24 put the day first, where only one order, the year last, makes dates of all."""
    short = [word for word in words if re.fullmatch(r"\s*\d{1,2}[-/]\d{1,2}[-/]\d{2}\s*", word)]
    orders = [(0, True), (0, False), (2000, None)]
    fits = [first for century, first in orders if all(_parse_short(word, century, first) for word in short)]
    return fits[0] if len(fits) == 1 else None


def to_dates(column: RawColumn, day_first: bool | None) -> tuple[Any, Mask, bool]:
    """Dates (NaT where empty or unreadable), unreadable cells, and whether the order is a guess.

    Numbers from 20000 to 80000 are Excel serials (45292 = 2024-01-01), 19000101-21001231 dates
    written as digits. Day and month order is decided over the whole column; where every value fits
    both it is a guess (month first) unless `day_first` says. Years of two digits are read, year first, where the
    other dates of the column say what they count from.
    """
    words = words_in(column)
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
    if len(words.array):
        pairs = [re.match(r"^(\d{1,2})[-/](\d{1,2})[-/]\d{4}", word.strip()) for word in words.list]
        firsts = [(int(pair[1]), int(pair[2])) for pair in pairs if pair]
        order = day_first
        if order is None:
            order = any(first > 12 for first, _ in firsts)
            settled = order or any(second > 12 for _, second in firsts)
            guess = bool(firsts) and not settled and any(a != b for a, b in firsts)
        century = _century(words.list)
        last = bool(firsts) and (order or not guess)  # 06/14/24 beside 6/14/2024
        if not firsts and day_first is None and not century and (only := _only_order(words.list)) is not None:
            order, last = only, True  # 08/13/24 alone: of the three orders only one makes dates of all
        whole = {values[row].astype(object).year % 100 for row in np.flatnonzero(~np.isnat(values))[:500]}
        whole |= {int(year[1]) for word in words.list if (year := re.match(r"\s*20(\d\d)[-/.年]", word))}
        dotted = _year_last(words.list, whole)
        parsed = [
            _parse_date(word, order)
            or (_parse_dotted(word) if dotted else None)
            or _parse_short(word, century, order if last else None)
            for word in words.list
        ]
        read = np.array([np.datetime64(p) if p else np.datetime64("NaT") for p in parsed])
        read = read.astype("datetime64[us]")
        values = np.where(words.codes >= 0, words.rows(read, np.datetime64("NaT"), read.dtype), values)
        bad |= words.rows(np.isnat(read) & ~words.blank, False, bool)
    days = values.astype("datetime64[D]")
    # 1900-01-00, 9999-12-31 and their like stand for no date
    nothing = (days <= np.datetime64("1900-01-01")) | (days >= np.datetime64("2099-12-31"))
    days[nothing] = np.datetime64("NaT")
    return days.astype("datetime64[us]"), bad, guess


def _keyed(column: RawColumn, read: Callable[[str], Any]) -> tuple[np.ndarray[Any, Any], Mask]:
    """Each cell's key by a function of its text; None where empty, and the unreadable cells."""
    words = words_of(column)
    texts = words.stripped.to_pylist()
    empty = [_is_blank(word) for word in texts]
    found = np.empty(len(texts), dtype=object)
    for place, (word, nothing) in enumerate(zip(texts, empty, strict=True)):
        found[place] = None if nothing else read(word)
    unread = [value is None and not nothing for value, nothing in zip(found, empty, strict=True)]
    return words.rows(found, None, object), words.rows(unread, False, bool)


_GONE = re.compile(
    rf"^不在了?$|^已?经?({LEFT})了?$|^已(退|转|离|停|撤|流|弃|断|解|注|销|搬|丢)[\u4e00-\u9fff]{{0,2}}$|^(不再?|没有?|未)续[约费保班签]?了?$|^(moved|checked|opted|dropped|signed|switched)(out|off|away)$|"
    r"^(former|ex|past)(client|customer|member|tenant|account)?$|"
    r"^(disengag|vacat|depart|withdr|switch|deactivat|unsubscrib|discontinu|offboard|disconnect)[a-z]*$"
)
_STAYED = re.compile(
    r"^(在|存量|在册)$|^现有([\u4e00-\u9fff]{2})?$|^(仍|还|正?在|正常)(学|读|网|约|租|用|管|住|保|合作|使用|履约|缴费|续约)中?$|^(已续[约费保班签]?|续[约费保班签]?了)$"
)


_LEVELS = {
    **dict.fromkeys(("low", "l", "低", "弱", "小"), 2.0),
    **dict.fromkeys(("medium", "med", "m", "middle", "moderate", "中", "中等", "一般"), 5.0),
    **dict.fromkeys(("high", "h", "高", "强", "大"), 8.0),
}


def to_levels(column: RawColumn) -> np.ndarray[Any, Any]:
    """High, medium and low as 8, 5 and 2 of ten points, nan for every other cell."""
    words = words_of(column)
    return words.rows([_LEVELS.get(normal(word), np.nan) for word in words.list], np.nan, float)


_AGREED = (
    r"(非常|很|十分|比较|比較|较|基本|完全|有点|太|极|極|极其|不|很不|不太|非常不)*(同意|满意|滿意|符合|赞同|贊同|认同|認同|确定|確定)"
    r"|一般|中立|无所谓|無所謂|说不清|說不清|(strongly |fully |rather |very |somewhat |neither |dis)*(agree|satisfied|dissatisfied|neutral)"
)
_ANSWER = rf"(?i)^\s*(-?[0-9]{{1,2}})\s*(([-–—.:=、:)]|分)\s*[^0-9]*|{_AGREED})\s*$"


def answered(column: RawColumn) -> RawColumn:
    """A column of answers on a scale with their numbers alone: "4 - Agree" and "5分" as 4 and 5."""
    texts = column.arrays.get("t")
    if texts is None or not pc.any(pc.match_substring_regex(texts, _ANSWER)).as_py():
        return column
    return RawColumn({**column.arrays, "t": pc.replace_substring_regex(texts, _ANSWER, r"\1")}, column.length)


_WHO = re.compile(
    r"(?:customer|client|policyholder|member|subscriber|account|user|patient|student|tenant|dealer|contract|policy)s?$|"
    r"(?:客户|会员|用户|顾客|账户|学员|租户)$"
)


def parse_flag(word: str) -> bool | None:
    """True, False, or None where the word says neither."""
    key = normal(word) or word.strip()
    key = {"10": "1", "00": "0"}.get(key, key) if "." in word else key
    bare = _WHO.sub("", key)
    if not (key in _YES or key in _NO) and len(bare) > (3 if bare.isascii() else 1):
        key = bare  # a lapsed member has lapsed
    if key in _YES or key in _NO:
        return key in _YES
    return True if _GONE.match(key) else False if _STAYED.match(key) else None


def to_flags(column: RawColumn) -> tuple[np.ndarray[Any, Any], Mask]:
    """True, False or None a cell, and the unreadable cells."""
    return _keyed(column, parse_flag)


# A column of markets may hold kinds of stakeholders, and one of kinds markets: 政府 beside 供应商.
CROSSED = {"stakeholders.market": "kind", "stakeholders.kind": "market"}


@cache
def _vocabulary(name: str) -> dict[str, str]:
    """Normalised word -> key: the key itself, its synonyms, and what the program calls it in each language."""
    found: dict[str, str] = {}
    for key, words in VOCABULARIES[name].items():
        shown = (Text(language).term(name, key) for language in LANGUAGES)
        for word in (key, key.replace("_", " "), *words, *shown):
            found.setdefault(normal(word), key)
    return found


def parse_key(word: str, vocabulary: str) -> str | None:
    """The key of a vocabulary that a word means: exact, or one typing slip away."""
    known = _vocabulary(vocabulary)
    key = normal(word)
    if key in known:
        return known[key]
    close = process.extractOne(key, list(known), scorer=fuzz.ratio, score_cutoff=88) if len(key) > 4 else None
    return known[close[0]] if close else None


def suggest_key(word: str, vocabulary: str) -> str | None:
    """The key of a vocabulary that a word may mean, too uncertain to take without asking."""
    known = _vocabulary(vocabulary)
    key = normal(word)
    inside = [entry for entry in known if len(entry) > 1 and (entry in key or (len(key) > 1 and key in entry))]
    if inside:
        return known[max(inside, key=len)]
    close = process.extractOne(key, list(known), scorer=fuzz.ratio, score_cutoff=60) if len(key) > 3 else None
    return known[close[0]] if close else None


def is_ours(offer: str, own: Collection[str]) -> bool:
    """Whether an offer is ours by one of our own words: Us, Us (2024), DeltaPump (us), 本品 风驰."""
    outside, _, inside = half_width(offer).partition("(")
    words = {normal(offer), normal(outside), normal(inside)}
    first = normal(outside.split()[0]) if outside.split() else ""
    if re.fullmatch(r"(我们|咱们?|我|本|自己)(家|店|厂|司|公司|品牌|产品)?的?", normal(outside)):
        return True
    return bool(words & set(own)) or (not first.isascii() and first in own)


def to_keys(column: RawColumn, vocabulary: str) -> tuple[np.ndarray[Any, Any], Mask]:
    """Vocabulary keys (None where empty), and the unreadable cells."""
    return _keyed(column, lambda word: parse_key(word, vocabulary))


_NO_REASON = frozenset(
    ("0", "无", "没有", "未流失", "在网", "正常", "留存", "notchurned", "active", "stayed", "retained", "notapplicable")
)


_SUM_WORDS = frozenset(
    (
        *(
            "合计",
            "小计",
            "总计",
            "共计",
            "汇总",
            "总和",
            "总额",
            "合计金额",
            "合共",
            "合共金额",
            "合计数",
            "总数",
            "平均",
            "平均分",
            "平均值",
            "均值",
        ),
        *("total", "totals", "subtotal", "grandtotal", "sum", "average", "avg", "mean"),
    )
)
# In the column of names these are no customer either; elsewhere they may be a segment or a target.
_WHOLE_WORDS = frozenset(
    (
        *(
            "全部",
            "全部客户",
            "所有客户",
            "全国",
            "占比",
            "同比",
            "环比",
            "同比增长",
            "环比增长",
            "目标",
            "最大值",
            "最小值",
        ),
        *("all", "allcustomers", "overall", "max", "min", "maximum", "minimum", "median"),
    )
)
_SUM = re.compile(
    r"(合计|合共|小计|总计|共计|累计|平均|均值|汇总)\s*([(].*[)])?\s*[:]?$|(合计|小计|总计|共计)\s*[:]?\s*\d+\s*[家户人个笔单条项名件次位间]?$|^其中\s*[:]|^(平均每|人均|户均)|^(of which|thereof)\b"
    r"|^共\s*\d+|^(sub-?|grand )?totals?\s*([(].*[)])?\s*:?$|^(average|mean)\s*:?$|\s(sub)?total$|^(sub-?|grand )totals?\b|^小计|"
    r"(加权|综合)(总分|得分|评分|合计|平均)$|^总(得)?分$|^(weighted|overall) (total|score|average|sum)s?$|^total (score|points)$",
    re.I,
)


_PLAIN = frozenset(("合计", "合共", "小计", "总计", "共计", "total", "subtotal", "grandtotal"))
# Cheap and never too narrow: what it does not find is no total.
_MAY_SUM = r"(?i)[计計总總汇彙均共全占比目标標最其]|[加综綜][权權合]|overall|weighted|所有|of which|thereof|total|sum|average|avg|mean|all|max|min|median|ｔｏｔａｌ|ｓｕｍ|ａｌｌ"


def totals_among(words: Words, named: bool, plain: bool = False) -> Mask:
    """Which of the texts of a column name sums or means; with `plain` only those that are just that word."""
    found = mask(pc.match_substring_regex(words.array, _MAY_SUM))
    for place in np.flatnonzero(found).tolist():
        word = words.array[place].as_py()
        found[place] = is_total(word, named) and (not plain or normal(word) in _PLAIN)
    return found


# what one pays, no sum of rows
_BILLED = re.compile(r"\s*(?:invoiced?|order|bill|purchase|contract) (?:total|sum)\s*", re.I)


@lru_cache(maxsize=50_000)
def is_total(word: str, named: bool = False) -> bool:
    """Whether a cell names a sum or a mean of other rows; `named` for the column of customers' names."""
    if _BILLED.fullmatch(word):
        return False
    key = normal(word)
    return key in _SUM_WORDS or (named and key in _WHOLE_WORDS) or bool(_SUM.search(simplified(word)))


@lru_cache(maxsize=50_000)
def is_no_reason(word: str) -> bool:
    """Whether a cell of a reason column says that there is none."""
    return _is_blank(word) or normal(word) in _NO_REASON


_LONGEST_BLANK = 20  # characters; a longer word says something


def without_blanks(words: pa.Array, blank: Callable[[str], bool] = _is_blank) -> pa.Array:
    """Words such as n/a and - as empty."""
    if blank is _is_blank:
        empty = blanks_among(words)
    else:
        empty = np.array([len(w) <= _LONGEST_BLANK and blank(w) for w in words.to_pylist()], dtype=bool)
    return pc.if_else(pa.array(empty), pa.scalar("", words.type), words) if empty.any() else words


def to_texts(column: RawColumn) -> np.ndarray[Any, Any]:
    """Every cell as stripped text, "" where empty."""
    if set(column.arrays) <= {"t"}:
        if column.memo and "texts" in column.memo:
            held: np.ndarray[Any, Any] = column.memo["texts"]
            return held
        words = words_in(column)
        texts = words.rows(words.stripped.to_pylist(), "", object)
        if column.memo is not None:
            column.memo["texts"] = texts
        return texts
    if set(column.arrays) == {"n"}:
        numbers, places = np.unique(column.numbers, return_inverse=True)
        shown = np.array(["" if np.isnan(number) else as_text(float(number)) for number in numbers], dtype=object)
        return shown[places]
    return np.array([as_text(column.value(row)) for row in range(column.length)], dtype=object)
