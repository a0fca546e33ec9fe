"""Wide sheets made long: one column a month, an offer, a market, a reason, or a matrix of stakeholders."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.intake.concepts import CONCEPTS, LEFT
from core.intake.fitting import OWN, fitted
from core.intake.guessing import Looked
from core.intake.headers import Header, find_header, index, is_pivot, is_unit, keys, period, sharing, year_of
from core.intake.meaning import meant
from core.intake.reading import RawColumn, RawSheet
from core.intake.values import (
    JOIN,
    half_width,
    header_core,
    header_unit,
    is_ours,
    is_total,
    normal,
    parse_key,
    to_numbers,
    to_texts,
)
from core.tables import VOCABULARIES

_MOST_ROWS = 5000  # of a sheet that is searched for tables below each other
_LEFT = re.compile(LEFT)
_LEFT_EN = re.compile(r"churn|lost|\bloss|exit|attrit|cancel|leav(e|ing)|\bleft\b|terminat|defect", re.I)
_KINDS: dict[str, tuple[type | tuple[type, ...], pa.DataType]] = {
    "n": (float, pa.float64()),
    "t": (str, pa.string()),
    "d": (dt.datetime, pa.timestamp("us")),
    "f": (bool, pa.bool_()),
}
_REVENUE = re.compile(
    r"收入|销售|銷售|营收|營收|消费|消費|采购|採購|成交|[提进進叫走拿]貨|[提进叫走拿]货|revenue|sales|turnover|spend|orders?\b",
    re.I,
)


@dataclass(frozen=True)
class Wide:
    """A part of a sheet whose columns are values of one thing: what they mean and where they stand.

    `columns` maps a position to the word that its header stands for, `keep` are the positions copied
    along, `names` the schema's columns that take the words and the cells, `rest` the headers left out.
    """

    kind: str
    table: str
    columns: Mapping[int, str]
    keep: tuple[int, ...]
    names: tuple[str, str]
    replaces: bool = True
    rest: tuple[str, ...] = ()

    @property
    def latest(self) -> tuple[int, ...]:
        """The positions of its latest year, all of them where the words name none."""
        years = {p: year_of(word) for p, word in self.columns.items()}
        return tuple(p for p, year in years.items() if year == max(years.values()))


def _cells(sheet: RawSheet, header: Header, position: int) -> RawColumn:
    return sheet.columns[position].below(header.first_row)


def numeric(sheet: RawSheet, header: Header, position: int, bad: float = 0.1) -> bool:
    """Whether the cells below a header are numbers: some at least, and at most `bad` unreadable ones for each."""
    found = to_numbers(_cells(sheet, header, position), money=True)
    return bool((~np.isnan(found.values)).any() and found.bad.sum() <= bad * (~np.isnan(found.values)).sum())


def tells_of_loss(words: Iterable[str]) -> bool:
    """Whether any of the words speaks of customers who left."""
    return any(_LEFT_EN.search(word) or _LEFT.search(normal(word)) for word in words)


def _matched(header: Header, table: str) -> dict[str, int]:
    """Column of a table -> position of the first header that names it exactly."""
    found: dict[str, int] = {}
    for position, name in enumerate(header.names):
        for key in keys(name):
            if key in index()[table]:
                found.setdefault(index()[table][key], position)
                break
    return found


def split(sheet: RawSheet, header: Header) -> tuple[RawSheet, ...]:
    """The tables that one sheet holds beside or below each other; the sheet itself where it holds one.

    Beside: an empty column, then the first header again, or a block of rows that is much shorter or longer. Below: an
    empty line, perhaps a title, then a line of other headers over its own rows.
    """
    filled = [_filled(column) for column in sheet.columns]
    first = next((p for p, name in enumerate(header.names) if name), 0)
    for gap in range(first + 1, len(header.names) - 1):
        if filled[gap].any() or header.names[gap]:
            continue
        again = header.names[gap + 1] and header.names[gap + 1] == header.names[first]
        if again or _apart(filled[first:gap], filled[gap + 1 :]):
            return _columns_of(sheet, 0, gap), _columns_of(sheet, gap + 1, len(sheet.columns))
    if sheet.rows - header.first_row > _MOST_ROWS:
        return (sheet,)
    start = None  # of the lines between an empty one and what may be a header
    for row in range(header.first_row, sheet.rows):
        cells = [cell for cell in sheet.line(row) if cell]
        if start is not None and len(cells) >= 2 and set(cells) - set(header.names) and _begins(sheet, row, cells):
            top, below = _cut(sheet, 0, start), _cut(sheet, start, sheet.rows)
            return (replace(top, ragged=sheet.ragged, merged=sheet.merged, hidden_rows=sheet.hidden_rows), below)
        if not cells:
            start = row + 1
        elif len(cells) > 1:
            start = None
    return (sheet,)


def sums_up(table: RawSheet, main: RawSheet) -> bool:
    """Whether a table beside or below another one only sums up its rows: each of its labels names a group of them."""
    header, whole = find_header(table), find_header(main)
    if is_pivot(header):
        return True
    labels = [words for p in range(len(table.columns)) if (words := _words_below(table, header, p))]
    if len(labels) != 1 or len(set(labels[0])) < len(labels[0]):
        return False
    said = set(labels[0])
    for position in range(len(main.columns)):
        words = _words_below(main, whole, position)
        if len(set(words)) <= 0.5 * len(words) and len(said & set(words)) >= 0.8 * len(said):
            return True
    return False


def _words_below(sheet: RawSheet, header: Header, position: int) -> list[str]:
    """The words of a column, without sums; empty where it holds none or numbers."""
    texts = [text for text in to_texts(_cells(sheet, header, position)).tolist() if text and not is_total(text)]
    return [] if numeric(sheet, header, position) else texts


def _filled(column: RawColumn) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which cells of a column hold anything."""
    found = np.zeros(column.length, dtype=bool)
    for kind, array in column.arrays.items():
        there = pc.is_valid(array)
        if kind == "t":
            there = pc.and_(there, pc.not_equal(pc.fill_null(array, ""), ""))
        found |= there.to_numpy(zero_copy_only=False).astype(bool)
    return found


def _apart(left: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> bool:
    """Whether two blocks of columns are tables of their own: of two columns each and of very different lengths."""
    if min(len(left), len(right)) < 2:
        return False
    blocks = sorted(
        (np.add.reduce([column.astype(int) for column in block]) for block in (left, right)), key=np.count_nonzero
    )
    short, long = (np.flatnonzero(block) for block in blocks)
    if len(short) < 3 or len(short) > 0.6 * len(long):
        return False
    whole = short[-1] - short[0] + 1  # remarks stand here and there, a table in one piece
    return bool(len(short) >= 0.9 * whole and (blocks[0][short] >= 2).mean() > 0.6)


def _begins(sheet: RawSheet, row: int, cells: list[str]) -> bool:
    """Whether a line is the header of rows of its own: of words that are known, or over at least one column of no words."""
    if any(re.search(r"\d", cell) for cell in cells):
        return False
    known = sum(any(key in sharing() for key in keys(cell)) for cell in cells)
    if known >= 0.6 * len(cells):
        return True
    below = [sheet.line(line) for line in range(row + 1, min(row + 6, sheet.rows))]
    if len(cells) < 4 or len(set(cells)) < len(cells) or len(below) < 2:
        return False
    there = [p for p, cell in enumerate(sheet.line(row)) if cell]
    full = all(sum(bool(line[p]) for p in there) >= 0.5 * len(there) for line in below)
    return full and any(all(re.match(r"^[\d.,%¥$/:\s-]+$", line[p]) for line in below) for p in there)


def _columns_of(sheet: RawSheet, start: int, end: int) -> RawSheet:
    """Some columns of a sheet as a sheet of their own, with the ranges that were merged within them."""
    merged = tuple(
        (top, left - start, bottom, right - start)
        for top, left, bottom, right in sheet.merged
        if start <= left and right < end
    )
    rows = sheet.origin or tuple(range(sheet.rows))
    return replace(sheet, columns=sheet.columns[start:end], merged=merged, origin=rows if start else sheet.origin)


def _cut(sheet: RawSheet, start: int, end: int) -> RawSheet:
    columns = tuple(
        RawColumn({k: a.slice(start, end - start) for k, a in column.arrays.items()}, end - start)
        for column in sheet.columns
    )
    merged = tuple(
        (top - start, left, bottom - start, right)
        for top, left, bottom, right in sheet.merged
        if start <= top and bottom < end
    )
    origin = (sheet.origin or tuple(range(sheet.rows)))[start:end] if start or sheet.origin else ()
    return replace(sheet, rows=end - start, columns=columns, origin=origin, ragged=(), merged=merged, errors=())


def turned(sheet: RawSheet) -> RawSheet:
    """The sheet with its columns as rows."""
    lines = [[column.value(row) for column in sheet.columns] for row in range(sheet.rows)]
    columns = []
    for line in lines:
        arrays = {}
        for kind, (types, made) in _KINDS.items():
            if any(isinstance(value, types) for value in line):
                arrays[kind] = pa.array([value if isinstance(value, types) else None for value in line], made)
        columns.append(RawColumn(arrays, len(line)))
    return replace(
        sheet, rows=len(sheet.columns), columns=tuple(columns), ragged=(), merged=(), hidden_rows=(), turned=True
    )


def find_wide(sheet: RawSheet, header: Header) -> tuple[Wide, ...]:
    """The wide parts of a sheet, none where it is a plain list."""
    for find in (_offers, _markets, _jury, _matrix, _reasons):
        found = find(sheet, header)
        if found:
            used = {p for wide in found for p in (*wide.columns, *wide.keep)}
            rest = tuple(name for p, name in enumerate(header.names) if name and p not in used | {0})
            # the first column comes along: it is where a total says that it is one
            kept = [w if 0 in used else replace(w, keep=(0, *w.keep)) for w in found]
            return (replace(kept[0], rest=rest), *kept[1:])
    return _periods(sheet, header)


def _offers(sheet: RawSheet, header: Header) -> tuple[Wide, ...]:
    """A table of values or ratings with one column an offer."""
    ours = next((name for name in header.names if name and is_ours(name.rpartition(JOIN)[2], OWN)), None)
    for table, row, cell in (("value", "component", "amount"), ("ratings", "attribute", "rating")):
        known = _matched(header, table)
        sure = table == "value" and bool(known.keys() & {"kind", "probability"})
        own = ours or (_named_after(sheet, header) if sure else None)
        if own is None:
            continue
        if table == "ratings" or row in known or sure:
            known |= _by_meaning(sheet, header, table, known, cell)
            for column, about, _ in CONCEPTS[table]:
                if column in known or column in ("offer", cell, "price", "respondent"):
                    continue
                place = next(
                    (p for p, name in enumerate(header.names) if name and about.search(header_core(name))), None
                )
                known |= {column: place} if place is not None and place not in known.values() else {}
        found = _of_offers(sheet, header, table, known, cell, own) if row in known else None
        if found is not None:
            return (found,)
    return ()


def _named_after(sheet: RawSheet, header: Header) -> str | None:
    """The only header of numbers that the file or a title is named after: among offers, our own."""
    said = normal(" ".join((Path(sheet.file).stem, *titles(sheet, header))))
    last = {name: normal(name.rpartition(JOIN)[2]) for name in header.names if name}
    named = [p for p, name in enumerate(header.names) if name and len(last[name]) >= 4 and last[name] in said]
    named = [p for p in named if numeric(sheet, header, p)]
    return header.names[named[0]] if len(named) == 1 else None


def _by_meaning(sheet: RawSheet, header: Header, table: str, known: Mapping[str, int], cell: str) -> dict[str, int]:
    """What the columns beside the offers are by meaning and cells; column of the table -> position."""
    taken = {p: (f"{table}.{name}", 1.0) for name, p in known.items()}
    # no column of the sheet is one of these
    taken |= {-n: (f"{table}.{name}", 1.0) for n, name in enumerate(("offer", cell, "price", "respondent"), 1)}
    return {target.split(".")[1]: p for p, (target, _) in fitted(Looked(sheet, header), table, taken).items()}


_SERIAL = frozenset(("no", "nr", "number", "rank", "id", "序号", "编号", "行号", "排名", ""))


def _of_offers(
    sheet: RawSheet, header: Header, table: str, known: Mapping[str, int], cell: str, own: str
) -> Wide | None:
    if {cell, "offer"} & set(known):
        return None
    used = set(known.values())
    numbers = {
        p: name
        for p, name in enumerate(header.names)
        if name and p not in used and normal(name) not in _SERIAL and numeric(sheet, header, p)
    }
    if own not in numbers.values():
        return None
    group = own.rpartition(JOIN)[0]  # a heading over the offers leaves out what stands beside them
    free = {p: name.rpartition(JOIN)[2] for p, name in numbers.items() if name.rpartition(JOIN)[0] == group}
    if len(free) < 2:
        return None
    if not any(is_ours(name, OWN) for name in free.values()):
        free = {p: f"{name} (us)" if numbers[p] == own else name for p, name in free.items()}
    return Wide("offers", table, free, tuple(sorted(used)), ("offer", cell))


def _markets(sheet: RawSheet, header: Header) -> tuple[Wide, ...]:
    """A jury's table with one column a market, or one for today's and one for the desired emphasis."""
    parts: dict[str, dict[int, str]] = {"current": {}, "desired": {}}
    for position, name in enumerate(header.names):
        *groups, last = name.split(JOIN)
        measure = next((index()["emphasis"][k] for k in keys(last) if index()["emphasis"].get(k) in parts), "")
        market = _exact(groups[-1] if measure and groups else name, "market")
        if not market:
            found = re.match(
                r"(.+?)[\s_\-·(]*(现状|當前|当前|目前|期望|目标|目標|current|now|desired|target)[)]?$",
                half_width(name),
                re.I,
            )
            market = _exact(found[1], "market") if found else None
            measure = "desired" if found and re.match("期|目[标標]|des|tar", found[2], re.I) else "current"
        if market and numeric(sheet, header, position):
            parts[measure or "current"][position] = market
    if len(set(parts["current"].values()) | set(parts["desired"].values())) < 4:
        return ()
    value_of = {p for words in parts.values() for p in words}
    rest = tuple(p for name, p in _matched(header, "emphasis").items() if name == "rater" and p not in value_of)
    return tuple(Wide("markets", "emphasis", words, rest, ("market", m)) for m, words in parts.items() if words)


_WISHED = re.compile(r"期望|应有|應有|目标|目標|理想|希望|desired|target|should|wish|ideal", re.I)
_TODAY = re.compile(r"现|現|目前|当前|當前|今|current|now|today|actual|as is", re.I)


def _jury(sheet: RawSheet, header: Header) -> tuple[Wide, ...]:
    """A jury's table with one row a market, one column a rater for today's emphasis and one for the desired."""
    if not any(JOIN in name for name in header.names):
        return ()
    said = [word for word in to_texts(_cells(sheet, header, 0)).tolist() if word]
    if not 4 <= len(said) <= 12:
        return ()
    if len({key for word in said if (key := parse_key(word, "market") or meant(word, "market"))}) < 4:
        return ()
    parts: dict[str, dict[int, str]] = {"current": {}, "desired": {}}
    for position, name in enumerate(header.names):
        upper, joined, lower = name.partition(JOIN)
        if not joined or is_total(upper) or is_total(lower) or not numeric(sheet, header, position):
            continue
        for level, rater in ((upper, lower), (lower, upper)):
            measures = [m for m, words in (("current", _TODAY), ("desired", _WISHED)) if words.search(level)]
            if len(measures) == 1:
                parts[measures[0]].setdefault(position, rater)
                break
    if not all(parts.values()):
        return ()
    return tuple(Wide("raters", "emphasis", words, (0,), ("rater", measure)) for measure, words in parts.items())


def _exact(word: str, vocabulary: str) -> str | None:
    found = parse_key(word, vocabulary)
    words = {normal(w) for w in (*VOCABULARIES[vocabulary].get(found or "", ()), found or "")}
    return found if normal(word) in words else None


def _matrix(sheet: RawSheet, header: Header) -> tuple[Wide, ...]:
    """A square of stakeholders: who is linked to whom, and how strongly."""
    names = [normal(name) for name in header.names[1:] if name]
    if len(names) < 3 or not 0 < sheet.rows - header.first_row <= 2 * len(names) + 10:
        return ()
    rows = {normal(word) for word in to_texts(_cells(sheet, header, 0)) if word}
    if len(rows & set(names)) < max(3, 0.8 * len(names)):
        return ()
    columns = {p: name for p, name in enumerate(header.names) if p and name}
    return (Wide("matrix", "links", columns, (0,), ("target", "weight")),)


def _reasons(sheet: RawSheet, header: Header) -> tuple[Wide, ...]:
    """Numbers of customers lost, one column a reason."""
    known = _matched(header, "customers")
    words = (sheet.name, sheet.file, *titles(sheet, header), *header.names)
    if {"customer", "revenue"} & set(known) or not tells_of_loss(words):
        return ()
    found = {}
    for position, name in enumerate(header.names):
        last = name.rsplit(JOIN, 1)[-1]
        if name and _exact(re.sub(r"原因$|\s*reasons?$", "", last), "reason") and numeric(sheet, header, position):
            found[position] = last
    if len(found) < 3:
        return ()
    keep = tuple(
        p for c, p in _matched(header, "exits").items() if p not in found and c in ("date", "cause", "avoidable")
    )
    return (Wide("reasons", "exits", found, keep, ("reason", "count")),)


def _periods(sheet: RawSheet, header: Header) -> tuple[Wide, ...]:
    """Amounts of customers, one column a month, a quarter or a half of a year."""
    known = _matched(header, "customers")
    keep = known.get("customer", known.get("name"))
    if "revenue" in known:
        return ()
    if keep is None and sum(period(name) is not None for name in header.names) > 3:
        by_meaning = {target: p for p, (target, _) in fitted(Looked(sheet, header), "customers", {}).items()}
        keep = by_meaning.get("customers.customer", by_meaning.get("customers.name"))
    if keep is None:
        return ()
    groups: dict[str, dict[int, tuple[int, str]]] = {}
    for position, name in enumerate(header.names):
        found = period(name)
        if found and position not in known.values() and not is_total(found[1]) and numeric(sheet, header, position):
            measure = normal(re.sub(r"[(\[].*?[)\]]|(?:19|20)\d\d年?", "", found[1]))
            measure = "" if is_unit(measure) else measure
            groups.setdefault(measure, {})[position] = (year_of(name), found[0])
    words = " ".join((sheet.name, sheet.file, *titles(sheet, header)))
    for measure, columns in sorted(groups.items(), key=lambda item: -max(year for year, _ in item[1].values())):
        latest = max(year for year, _ in columns.values())
        of_kind = Counter(_part(word) for year, word in columns.values() if year == latest).most_common(1)[0][0]
        columns = {p: found for p, found in columns.items() if _part(found[1]) == of_kind}
        about = _is_revenue(measure) if measure else bool(_REVENUE.search(words) or len(groups) == 1)
        if len(columns) >= 2 and about and len(set(columns.values())) == len(columns):
            told = next(iter({y for y in map(year_of, words.split()) if y}), 0)
            dated = {
                p: w if "-" in w or not (year or told) else f"{year or told}-{w}" for p, (year, w) in columns.items()
            }
            return (Wide("periods", "transactions", dated, (keep,), ("date", "amount"), replaces=False),)
    years = {
        p: year_of(name)
        for p, name in enumerate(header.names)
        if re.fullmatch(r"(?:fy)?\s*(?:19|20)\d\d\s*(?:年|年度)?", half_width(re.sub(r"[(].*", "", name)), re.I)
        and numeric(sheet, header, p)
    }
    if (years and _REVENUE.search(words) is not None) or len(years) >= 2:
        latest = max(years, key=lambda p: years[p])
        return (
            Wide("periods", "transactions", {latest: str(years[latest])}, (keep,), ("date", "amount"), replaces=False),
        )
    return ()


_FIRST_MONTHS = {"Q1": "01", "Q2": "04", "Q3": "07", "Q4": "10", "H1": "01", "H2": "07"}


def _part(word: str) -> str:
    """What part of a year a period is: a month, a quarter or a half."""
    last = word.rsplit("-", 1)[-1]
    return last[0] if last[0] in "QH" else "month"


def _is_revenue(measure: str) -> bool:
    """Whether what is measured is what a customer brings in, or the amount of an order."""
    known = index()
    return any(
        known["customers"].get(key) == "revenue" or known["transactions"].get(key) == "amount" for key in keys(measure)
    )


_QUANTITY = frozenset(("quantity", "qty", "orderqty", "units", "数量", "购买数量", "销售数量", "订购数量", "件数"))
_UNIT_PRICE = frozenset(
    ("price", "unitprice", "priceperunit", "sellingprice", "单价", "售价", "价格", "销售单价", "成交单价")
)


def with_amount(sheet: RawSheet, header: Header) -> tuple[RawSheet, Header, tuple[int, ...]]:
    """Order lines that have a quantity and a price a unit but no amount, with one column more: their product.

    The last part says which columns it was made of; all others come back as they are, with none.
    """
    cores = [header_core(name) for name in header.names]
    made_of = tuple(p for words in (_QUANTITY, _UNIT_PRICE) for p, core in enumerate(cores) if core in words)
    known = _matched(header, "transactions")
    about = {name: found for name, found, _ in CONCEPTS["transactions"]}
    told = {name for name in about if name in known or any(map(about[name].search, cores))}
    if told != {"customer", "date"} or len(made_of) != 2 or not all(numeric(sheet, header, p) for p in made_of):
        return sheet, header, ()
    named = fitted(Looked(sheet, header), "transactions", {}, made_of).values()
    if any(target == "transactions.amount" for target, _ in named):
        return sheet, header, ()
    pieces, each = (to_numbers(_cells(sheet, header, p), money=True) for p in made_of)
    if pieces.scaled.any() or each.scaled.any():
        return sheet, header, ()
    amount = np.concatenate([np.full(header.first_row, np.nan), pieces.values * each.values])
    name = _unit_kept(header.names[made_of[1]], "Amount")
    column = RawColumn({"n": pa.array(amount, pa.float64(), from_pandas=True)}, sheet.rows)
    return replace(sheet, columns=(*sheet.columns, column)), replace(header, names=(*header.names, name)), made_of


def titles(sheet: RawSheet, header: Header) -> tuple[str, ...]:
    """The lines above a header."""
    return tuple(" ".join(filter(None, sheet.line(row))) for row in range(header.top))


def unfold(sheet: RawSheet, header: Header, wide: Wide) -> RawSheet | None:
    """The long form of a wide part: kept columns, the word of the header, the cell; empty cells left out.

    Each row remembers the row of the file that it came from. None where the words are dates and one
    of them is no month.
    """
    words = dict(wide.columns)
    if wide.kind == "periods":
        # a quarter and a half are dated as a month is, by their first day
        words = {p: re.sub(r"(?<=-)[QH]\d$", lambda part: _FIRST_MONTHS[part[0]], word) for p, word in words.items()}
        if not all(re.fullmatch(r"\d{4}-\d\d", word) for word in words.values()):
            return None
        words = {p: f"{word}-01" for p, word in words.items()}
    count = max(sheet.rows - header.first_row, 0)
    positions = list(words)
    rows = np.tile(np.arange(count), len(positions))
    said = np.repeat(np.array([words[p] for p in positions], dtype=object), count)
    amounts = [_cells(sheet, header, p) for p in positions]
    filled = np.concatenate([to_texts(cells) != "" for cells in amounts]) if positions else np.zeros(0, dtype=bool)
    if wide.kind == "matrix":
        weights = np.concatenate([np.nan_to_num(to_numbers(cells).values) for cells in amounts])
        filled &= weights != 0
    taken = pa.array(np.flatnonzero(filled))
    columns = [_repeated(_cells(sheet, header, p), rows[filled], header.names[p]) for p in wide.keep]
    if wide.kind == "matrix":
        columns = [_named(columns[0], "source")]
    columns.append(_with_head(RawColumn({"t": pa.array(said[filled], pa.string())}, int(filled.sum())), wide.names[0]))
    kinds = sorted({kind for cells in amounts for kind in cells.arrays})
    joined = {}
    for kind in kinds:
        type_ = next(c.arrays[kind].type for c in amounts if kind in c.arrays)
        parts = [c.arrays.get(kind, pa.nulls(count, type_)) for c in amounts]
        joined[kind] = pa.concat_arrays(parts).take(taken)
    columns.append(
        _with_head(RawColumn(joined, int(filled.sum())), _unit_kept(header.names[positions[0]], wide.names[1]))
    )
    return replace(
        sheet,
        rows=int(filled.sum()) + 1,
        columns=tuple(columns),
        origin=(header.first_row - 1, *(rows[filled] + header.first_row).tolist()),
        ragged=(),
        merged=(),
    )


def _unit_kept(header: str, name: str) -> str:
    """The name of a computed column, with the unit in brackets that the header it comes from carries."""
    said = half_width(header)
    tails = [" ".join(said.split()[-n:]) for n in (1, 2)]
    unit = header_unit(header)
    named = (f"{name} ({words})" for words in (*re.findall(r"[(\[]([^)\]]+)[)\]]", said), *tails, said))
    return next((made for made in named if header_unit(made) == unit), name) if unit[0] is not None else name


def _repeated(cells: RawColumn, rows: np.ndarray[Any, Any], head: str) -> RawColumn:
    taken = pa.array(rows)
    return _with_head(RawColumn({k: a.take(taken) for k, a in cells.arrays.items()}, len(rows)), head)


def _with_head(cells: RawColumn, head: str) -> RawColumn:
    """A column with its header as the first cell."""
    arrays = {k: pa.concat_arrays([pa.nulls(1, a.type), a]) for k, a in cells.arrays.items() if k != "t"}
    texts = cells.arrays.get("t", pa.nulls(cells.length, pa.string()))
    arrays["t"] = pa.concat_arrays([pa.array([head], pa.string()), texts.cast(pa.string())])
    return RawColumn(arrays, cells.length + 1)


def _named(column: RawColumn, head: str) -> RawColumn:
    texts = pa.concat_arrays([pa.array([head], pa.string()), column.arrays["t"].slice(1)])
    return RawColumn({**column.arrays, "t": texts}, column.length)


def with_total(sheet: RawSheet, header: Header, wide: Wide) -> tuple[RawSheet, Header]:
    """The sheet with one column more: the revenue of all periods of its latest year, empty where all are."""
    found = []
    scales = [header_unit(header.names[p])[0] for p in wide.latest]
    for position, scale in zip(wide.latest, scales, strict=True):
        read = to_numbers(_cells(sheet, header, position), money=True)
        # units that differ from column to column are applied here, a common one with the column as a whole
        own = (scale or 1.0) if len(set(scales)) > 1 else 1.0
        found.append(np.where(read.scaled, read.values, read.values * own))
    amounts = np.array(found)
    total = np.where(np.isnan(amounts).all(axis=0), np.nan, np.nansum(amounts, axis=0))
    whole = np.concatenate([np.full(header.first_row, np.nan), total])
    name = "Revenue"
    if len(set(scales)) == 1:
        name = _unit_kept(header.names[wide.latest[0]], "Revenue")
    elif any(scales):
        name = "Revenue (1)"
    column = RawColumn({"n": pa.array(whole, pa.float64(), from_pandas=True)}, sheet.rows)
    return replace(sheet, columns=(*sheet.columns, column)), replace(header, names=(*header.names, name))
