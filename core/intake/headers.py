"""Where a sheet's header stands, how many lines it has, and the words each of its names may match by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from core.intake.reading import RawSheet
from core.intake.values import JOIN, half_width, header_core, normal, simplified
from core.tables import TABLES

_SUMS = frozenset(("合计", "合計", "总计", "總計", "全年", "total", "full year", "all"))
_HEADER_ROWS = 25
_UNIT = re.compile(
    r"[(\[]?\s*((十|百|千|仟|万|萬|百万|百萬|千万|千萬|亿|億|十亿)?[元圆圓]|[%‰%]|人|个|個|户|戶|家|次|月|个月|天|日|年|分|"
    r"(k|m|mn|bn|'000|000)?\s*(usd|cny|rmb|eur|gbp|twd|hkd|us\$|nt\$|[$€£¥])\s*(k|m|mn|bn|'000)?|"
    r"thousands?|millions?|months?|years?|days?|units?|pcs|text|date|yyyy.*)\s*[)\]]?",
    re.I,
)
_MONEY_UNIT = re.compile(r"[元圆圓%‰%$€£¥]|usd|cny|rmb|eur|gbp|twd|hkd|thousand|million", re.I)
_PERIOD = re.compile(
    r"((?:19|20)\d\d)?\s*(?:年|fy|[-/.])?\s*"
    r"(q[1-4]|[1-4]q|[1-4]季度?|第?[一二三四]季度?|h[12]|[上下]半年|1[0-2]月?|0?[1-9]月?|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\s*[-/.']?\s*((?:19|20)\d\d|\d\d)?",
    re.I,
)


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = re.compile(
    r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*(?!0?1(?!\d))\d{1,2}日?(?!\d)|(?<!\d)\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d|(?<![\d/])\d{1,2}/\d{1,2}/\d\d(?![\d/])|"
    rf"(?<!\d)\d{{1,2}}\s*[-/.]?\s*{_MONTH}\s*[-/.',]?\s*(?:19|20)?\d\d(?!\d)|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+'?(?:19|20)?\d\d(?!\d)",
    re.I,
)


@dataclass(frozen=True)
class Header:
    """The lines of a header: the first (0-based), how many, and one name a column."""

    top: int
    height: int
    names: tuple[str, ...]

    @property
    def first_row(self) -> int:
        """The first row below it."""
        return self.top + self.height


@cache
def index() -> dict[str, dict[str, str]]:
    """Table -> normalised synonym -> column name; earlier columns win a shared word."""
    found: dict[str, dict[str, str]] = {}
    for table in TABLES.values():
        words: dict[str, str] = {}
        for place in range(30):
            for column in table.columns:
                for synonyms in column.synonyms.values():
                    if place < len(synonyms):
                        words.setdefault(normal(synonyms[place]), column.name)
                if place == 0:
                    words.setdefault(normal(column.name), column.name)
        found[table.name] = words
    return found


@cache
def sharing() -> Counter[str]:
    """How many tables know a word."""
    return Counter(word for words in index().values() for word in words)


@cache
def plain_synonyms() -> dict[str, frozenset[str]]:
    """Column id -> its synonyms as they are usually written, for a quick look at very many cells."""
    return {
        column.id: frozenset(word.casefold() for words in column.synonyms.values() for word in words)
        for table in TABLES.values()
        for column in table.columns
    }


@lru_cache(maxsize=50_000)
def keys(header: str) -> tuple[str, ...]:
    """The words a header may match by: whole, without brackets, without a year, as question n."""
    whole, core = normal(header), header_core(header)
    dated = re.sub(r"^(19|20)\d\d(年度|年|fy)?|(fy)?(19|20)\d\d年?$", "", core)
    unitless = re.sub(
        r"(单位.*|(十亿|亿|千万|百万|万|千|仟)元?|in(thousands|millions|k|m)|[km]?(usd|eur|rmb|cny|gbp|[$€£])(000s?)?)$",
        "",
        core,
    )
    bare = re.sub(r"^(sumof|求和项|总和|合计)", "", core)
    question = re.match(r"^(?:q|question|题|第|问题)0*(\d{1,2})(?!\d)", whole)
    # 3. How soon do you answer? is question 3; 3. Segment is a segment
    numbered = re.match(r"^0*(\d{1,2})\s*[.、)]\s*(?=[^\d\s])(.+)", half_width(header), re.S)
    rest = header_core(numbered[2]) if numbered else ""
    question = question or (numbered if rest not in sharing() else None)
    # a header in two languages: 客户编号 Customer ID
    both: tuple[str, ...] = (re.sub(r"[a-z]", "", core), re.sub(r"[^a-z]", "", core))
    known = sharing()
    both = both if all(word in known for word in both) else ()
    return tuple(
        dict.fromkeys(
            key
            for key in (whole, core, dated, unitless, bare, rest, *both, f"q{question[1]}" if question else "")
            if key
        )
    )


def is_whole(level: str) -> bool:
    """Whether a level of a header stands for all that stand beside it: 全年 beside the halves, Total beside the months."""
    return half_width(level).casefold() in _SUMS


_YEAR = re.compile(r"\s*(?:fy)?\s*(?:(?:19|20)\d\d|1[01]\d(?=年))\s*(?:年|年度)?\s*")


_ITEM = re.compile(r"q\d+")
_OF_PERSON = re.compile(
    r"称呼|稱呼|姓名|公司|单位名|單位名|岗位|崗位|职务|職務|职位|職位|部门|部門|邮箱|电话|電話|\b(name|company|role|job|position|email|department)\b",
    re.I,
)


def keys_of(headers: Sequence[str]) -> list[tuple[str, ...]]:
    """The words of each header of a sheet; the lower of two levels counts alone where it stands once."""
    lower = [header.rsplit(JOIN, 1)[-1] for header in headers]
    count = Counter(lower)
    found = []
    for header, child in zip(headers, lower, strict=True):
        words = keys(header)
        if JOIN in header:
            turned = keys(" ".join(reversed(header.split(JOIN))))
            words += tuple(key for key in turned if not re.fullmatch(r"q\d+", key))
            upper = half_width(header.split(JOIN)[0]).casefold()
            alone = count[child] == 1 or is_whole(upper) or _YEAR.fullmatch(upper)  # of years the latest is taken
            words += keys(child) if alone and not period(child) else ()
            words += keys(header.rpartition(JOIN)[0]) if is_whole(child) else ()
        found.append(tuple(dict.fromkeys(words)))
    asked = {header for header, words in zip(headers, found, strict=True) if any(map(_ITEM.fullmatch, words))}
    if any(_OF_PERSON.search(header) and len(header_core(header)) <= 12 for header in asked):
        found = [
            tuple(word for word in words if not _ITEM.fullmatch(word)) for words in found
        ]  # the form counts who answers, too
    if not any(f"q{n}" in words for words in found for n in range(5, 13)):
        quarters = {f"q{n}" for n in range(1, 5)}  # Q1 to Q4 alone are quarters, not questions
        found = [tuple(word for word in words if word not in quarters) for words in found]
    return found


def year_of(header: str) -> int:
    """The year a header names, 0 where it names none: 2024, 24年, FY24, 23/24 (by its end), 113年 of the Republic."""
    found = re.search(r"(?<!\d)((?:19|20)\d\d)(?!\d)", header)
    if found:
        return int(found[1])
    if day := day_of(header):
        return 2000 + int(day.rstrip("日")[-2:])
    short = re.search(r"(?<!\d)(2\d|1[01]\d)年(?!\d|[期限以内前])|\bfy\s?'?(2\d)\b", header, re.I)
    both = re.search(r"(?<![\d./-])(1[5-9]|2\d)[/-](1[6-9]|[23]\d)(?![\d./-])", header)
    if both and int(both[2]) == int(both[1]) + 1:
        return 2000 + int(both[2])  # the year 23/24
    if not short:
        return 0
    number = int(short[1] or short[2])
    return number + (1911 if number > 99 else 2000)


def levels(header: str) -> list[str]:
    """A header as it may stand again between the rows: whole, or the lowest of its levels."""
    return list(dict.fromkeys((header, header.rsplit(JOIN, 1)[-1])))


def day_of(header: str) -> str:
    """The day on which stood what a header tells of, as it is written: ARR at 2024-12-31; a date alone may head a month."""
    for level in half_width(header).split(JOIN):
        day = _DAY.search(level)
        if day and re.search(r"[^\W\d_]", _DAY.sub(" ", level)):
            return day[0]
    return ""


def period(header: str) -> tuple[str, str] | None:
    """The part of a year a header names and the rest of it: 2024年3月收入 -> ("2024-03", "收入").

    Months are 01 to 12, quarters Q1 to Q4, halves H1 and H2; None where it names none. A bare number
    is no month.
    """
    if day_of(header):
        return None
    upper, joined, lower = header.rpartition(JOIN)
    if joined and (below := period(lower)):  # 四季度 over 10月 is October
        within = year_of(upper)
        part = f"{within}-{below[0]}" if within and "-" not in below[0] else below[0]
        return part, below[1] if period(upper) else f"{upper} {below[1]}".strip()
    text = re.sub(r"\s00:00(:00)?$", "", half_width(header.replace(JOIN, " ")))
    match = re.search(
        r"(?<!\d)(20\d\d|19\d\d)[-/.年]?(0[1-9]|1[0-2]|[1-9](?=月|\b))月?(?:[-/.](?:01|1)日?)?(?!\d)", text
    )
    if match:
        return f"{match[1]}-{int(match[2]):02d}", (text[: match.start()] + text[match.end() :]).strip(" -_:")
    for match in _PERIOD.finditer(text):
        part = match[2].casefold()
        if part.isdigit():
            continue
        before, after = (
            text[: match.start() if match[1] else match.start(2)],
            text[match.end(3) if match[3] else match.end(2) :],
        )
        if part[0].isascii() and part[0].isalpha():
            if (before[-1:].isalnum() and before[-1:].isascii()) or (after[:1].isalnum() and after[:1].isascii()):
                continue
            if part[:3] in ("mar", "may") and part not in ("mar", "march", "may"):
                continue
        year = match[1] or (match[3] if match[3] and len(match[3]) == 4 else f"20{match[3]}" if match[3] else "")
        names = {"一": 1, "二": 2, "三": 3, "四": 4}
        if "半年" in part or part[0] == "h":
            name = f"H{1 if part[0] == '上' or part == 'h1' else 2}"
        elif "季" in part or "q" in part:
            digit = next((int(c) for c in part if c.isdigit()), 0) or next(names[c] for c in part if c in names)
            name = f"Q{digit}"
        elif part[0].isdigit():
            name = f"{int(part.rstrip('月')):02d}"
        else:
            months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            full = [
                "january",
                "february",
                "march",
                "april",
                "may",
                "june",
                "july",
                "august",
                "september",
                "sept",
                "october",
                "november",
                "december",
            ]
            if part not in months and part not in full:
                continue
            name = f"{months.index(part[:3]) + 1:02d}"
        return (f"{year}-{name}" if year else name), (before + after).strip(" -_:年")
    return None


# What is said of an amount but is none that was brought in: how it changed, what was planned, its mean, a deposit.
_NO_AMOUNT = re.compile(
    r"同比|环比|增减|增长|增幅|增速|涨跌|变动|变化|差异|差额|达成|完成率|预算|预测|预计|计划|目标|均分|得分|评分|返现|返利|"
    r"\b(chg|change|changed|growth|yoy|y/y|variance|var|delta|vs|plan|planned|budget|bud|forecast|fcst|target|"
    r"avg|average|mean|score|rebates?|cashback|hike|increase|deposits?|refunds?|refunded)\b|押金|保证金|退还|[Δ△]",
    re.I,
)
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")  # CashbackAmount is of two words
_THEIR_OWN = re.compile(
    r"年薪|月薪|薪资|工资|(该|其|客户)(公司|企业|自身).{0,2}(营业额|营收|收入)|"
    r"\b(salary|salaries|household income|their own (turnover|sales|revenue)|company turnover)\b",
    re.I,
)


def is_no_amount(header: str) -> bool:
    """Whether a header tells of a change, a plan, a mean or a score, not of what was brought in."""
    return bool(_NO_AMOUNT.search(simplified(_HUMPS.sub(" ", half_width(header))))) or is_their_own(header)


def is_their_own(header: str) -> bool:
    """Whether a header tells of what customers earn or sell themselves."""
    return bool(_THEIR_OWN.search(simplified(half_width(header))))


_NUMBER_OF = re.compile(
    r"(客户|户|人|家|会员|用户|保单)数(量|目)?(?![据码字])|\b(number|count|no\.?) of|how many|\bcount$|(customers|clients|accounts|members) (lost|left|gone)$",
    re.I,
)


def is_number_of(header: str) -> bool:
    """Whether a header tells how many customers there are, not who they are."""
    return bool(_NUMBER_OF.search(simplified(half_width(header))))


_PIVOT = re.compile(
    r"^\s*(row labels|column labels|行标签|列标签|(sum|count|average|max|min) of |(求和|加总|计数|平均值)\s*(项|[-:]))",
    re.I,
)


def is_pivot(header: Header) -> bool:
    """Whether a sheet is a pivot table as spreadsheet programs write it: a summary of rows that stand elsewhere."""
    return any(_PIVOT.match(simplified(name)) for name in header.names)


def is_unit(words: str) -> bool:
    """Whether words are those of a unit and nothing else, with or without brackets."""
    return bool(_UNIT.fullmatch(words))


def _is_word(cell: str) -> bool:
    return not re.match(r"^[\d.,%¥$/()\s-]+$", cell) or bool(year_of(cell) and len(cell) == 4)


_DATA = re.compile(r"^[\d.,%¥$/:\s-]+$")


def _best_row(sheet: RawSheet) -> int:
    known = sharing()
    best, best_score = 0, -1.0
    for row in range(min(_HEADER_ROWS, sheet.rows)):
        cells = sheet.line(row)
        filled = [cell for cell in cells if cell]
        if not filled or (len(filled) < 2 and len(cells) > 1):
            continue
        words = sum(not re.match(r"^[\d.,%¥$/-]+$", cell) for cell in filled)
        hits = sum(any(key in known for key in keys(cell)) for cell in filled)
        numeric = sum(bool(re.match(r"^[-+]?[\d.,]+%?$", cell)) and not year_of(cell) for cell in filled)
        score = 3 * hits + words / len(cells) + len(set(filled)) / len(cells) - 0.01 * row - 3 * numeric
        if score > best_score + 1e-9:
            best, best_score = row, score
    return next((row for row in range(best) if _heads_rows(sheet, row, best)), best)


def _heads_rows(sheet: RawSheet, row: int, end: int) -> bool:
    """Whether a line of words alone stands over rows of its own, all above another line: a table over a better-known one."""
    cells = sheet.line(row)
    there = [p for p, cell in enumerate(cells) if cell]
    if len(there) < 3 or len({cells[p] for p in there}) < len(there) or any(map(_DATA.match, filter(None, cells))):
        return False
    below = [sheet.line(n) for n in range(row + 1, min(row + 5, end))]
    return len(below) == 4 and all(
        sum(bool(line[p]) for p in there) >= 0.6 * len(there) and any(_DATA.match(line[p]) for p in there)
        for line in below
    )


def _over(sheet: RawSheet, row: int) -> list[tuple[int, int]]:
    """First and last column of the cells of a row that are merged over several columns."""
    return [(left, right) for top, left, bottom, right in sheet.merged if top <= row <= bottom and right > left]


def _two_levels(sheet: RawSheet, row: int) -> bool:
    """Whether a row groups the names of the row below it."""
    if row < 0 or row + 1 >= sheet.rows:
        return False
    upper, lower = sheet.line(row), sheet.line(row + 1)
    there = [j for j, cell in enumerate(lower) if cell]
    if len(there) < 2 or not all(_is_word(lower[j]) for j in there) or sum(bool(c) for c in upper) < 1:
        return False
    groups = _over(sheet, row)
    said = [cell for cell in upper if cell]
    if groups and said and all(re.search(r":\s*\S", half_width(cell)) for cell in said):
        return False  # remarks over the table: company, period and unit
    if groups:
        if len(groups) == 1 and not any(upper[: groups[0][0]]) and not any(upper[groups[0][1] + 1 :]):
            return False  # a title over the table
        single = [j for j in there if not any(left <= j <= right for left, right in groups)]
        return all(any(lower[left : right + 1]) for left, right in groups) and (
            len(groups) >= 2 or all(not upper[j] or upper[j] == lower[j] or not lower[j] for j in single)
        )
    if any(":" in half_width(cell) for cell in upper):
        return False  # a line of remarks such as a date and a unit
    own = [j for j in there if lower[j] != upper[j]]
    if len(own) >= 4 and all(_NUMBERED.fullmatch(upper[j]) for j in own):
        return True  # numbers of questions over their words
    starts = [j for j, cell in enumerate(upper) if cell]
    grouped = 0
    for place, start in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else len(upper)
        under = [j for j in range(start, end) if lower[j]]
        if under and len(under) < 2 and not _ANSWER.fullmatch(lower[under[0]]):
            return False
        grouped += len(under)
    return len(starts) >= 2 and grouped >= 2 and grouped == len([j for j in there if j >= starts[0]])


_DOTTED = re.compile(r"[A-Za-z][A-Za-z_]*(\.[A-Za-z][A-Za-z_]*)+")
# What survey programs write below a question that has one answer.
_ANSWER = re.compile(r"\s*((open-ended )?response|answer|开放式回答|回答|答案|回覆)\s*", re.I)
_NUMBERED = re.compile(r"\s*(q|question|item|题目?|第|问题)?\s*\.?\s*\d{1,2}\s*[.、:题]?\s*", re.I)


def _is_unit_line(sheet: RawSheet, row: int) -> bool:
    if row >= sheet.rows:
        return False
    cells = [half_width(cell) for cell in sheet.line(row) if cell and cell not in ("-", "—", "/", "无", "無")]
    return bool(cells) and all(map(_UNIT.fullmatch, cells)) and any(map(_MONEY_UNIT.search, cells))


def _names(sheet: RawSheet, top: int, height: int) -> tuple[str, ...]:
    """One name a column: the lines joined, a group's word given to each of its columns, units in brackets."""
    width = len(sheet.columns)
    lines = [list(sheet.line(row)) if row < sheet.rows else [""] * width for row in range(top, top + height)]
    units = lines.pop() if len(lines) > 1 and _is_unit_line(sheet, top + height - 1) else [""] * width
    for n, cells in enumerate(lines[:-1]):
        groups = _over(sheet, top + n)
        for left, right in groups:
            for j in range(left + 1, min(right + 1, width)):
                cells[j] = cells[j] or cells[left]
        for j in range(1, width):
            if not groups and not cells[j] and lines[-1][j]:
                cells[j] = cells[j - 1]
    names = []
    for j in range(width):
        words = [cells[j].replace("\n", " ").strip() for cells in lines if cells[j]]
        parts = dict.fromkeys(word for n, word in enumerate(words) if not (n and _ANSWER.fullmatch(word)))
        name = JOIN.join(parts)
        unit = re.sub(r"[()]", "", half_width(units[j])).strip() if name and units[j] not in ("-", "—", "/") else ""
        names.append(f"{name}({unit})" if unit else name)
    dotted = sum(bool(_DOTTED.fullmatch(name)) for name in names)
    if dotted > 0.6 * sum(map(bool, names)):  # objects and their fields, as billing and other services name them
        names = [JOIN.join(name.split(".")) if _DOTTED.fullmatch(name) else name for name in names]
    return tuple(names)


def find_header(sheet: RawSheet, top: int | None = None, height: int | None = None) -> Header:
    """The header of a sheet: by score, or from the row (0-based) and number of lines the user chose."""
    if top is None:
        top = _best_row(sheet)
        if height is None and _two_levels(sheet, top - 1):
            top, height = top - 1, 2
    if height is None:
        height = 2 if _two_levels(sheet, top) else 1
        height += _is_unit_line(sheet, top + height)
    height = max(1, min(height, sheet.rows - top))
    return Header(top, height, _names(sheet, top, height))
