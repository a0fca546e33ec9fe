"""The rows below a sheet's header: which hold data, and which are totals, notes, lines between them or the header again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.intake import values as read
from core.intake.headers import index as synonyms
from core.intake.headers import keys, levels, plain_synonyms
from core.intake.matching import SheetPlan
from core.intake.reading import RawColumn, RawSheet
from core.portfolio import Problem
from core.tables import TABLES

_FOOTER = re.compile(
    r"^\s*(注|备注|備註|说明|說明|数据来源|資料來源|notes?|source|remark|\*)(?:[:\s]|$)"
    r"|^\s*(制表|製表|制单|审核|審核|复核|填表|填报|导出|匯出|打印|列印|copyright|©|confidential|generated|printed|exported"
    r"|prepared by|data as of|as of |截至|截止|统计口径|口径|编制|\d+\)\s|\(in |\(单位|excludes|excluding|end of report)",
    re.I,
)
# The row that shows how a template is filled in.
_EXAMPLE = re.compile(r"^(example|例|示例|範例|范例)\s*[:]\s*\S", re.I)
_FEW_WORDS = 2000
# A line below the table that reads like a sentence or an item of a list of notes.
_REMARK = re.compile(r"[,。;:!]|^\(|^\d+[、.)]|不含|含税|以上|本表|数据|note|figures|amounts", re.I)
_OWN_NUMBER = re.compile(r"(^|[^a-z])(id|no|number|ref|code)\.?$|[编单]号|编码|流水", re.I)
_LIKE_A_SUM = r"(?i)^\s*((grand |sub-?)?totals?\b|sum\b|\S{0,6}(合[计計]|小[计計]|[总總][计計]|共[计計]))"
_KEYS = frozenset(name for table in TABLES.values() for name in table.key[:1])
_COUNTED = re.compile(
    r"\s*((record|grand)\s+)?(count|average|avg|mean|min|max)\s*$|\s*(计数|計數|平均|均值|户数|戶數|人数|人數|笔数|筆數)\s*$",
    re.I,
)
# Tables whose key stands once.
UNIQUE = ("customers", "stakeholders", "assessments", "emphasis", "exits")


@dataclass(kw_only=True)
class Rows:
    """The rows below one sheet's header; what is set aside among them is told to `problems`."""

    plan: SheetPlan
    problems: list[Problem]
    told: set[tuple[str, int, str]] = field(default_factory=set)
    held: dict[int, RawColumn] = field(default_factory=dict)
    headings: dict[int, str] = field(default_factory=dict)

    @property
    def sheet(self) -> RawSheet:
        """The sheet as it was read."""
        return self.plan.raw

    def note(
        self, code: str, row: int = 0, column: str = "", value: str = "", set_aside: str = "nothing", **detail: Any
    ) -> None:
        """Tell a problem of this sheet, once."""
        problem = Problem(code, self.sheet.file, self.sheet.label, row, column, value, set_aside, detail)
        if (code, row, column) not in self.told:  # a column may fill two tables
            self.told.add((code, row, column))
            self.problems.append(problem)

    def cells(self, position: int) -> RawColumn:
        """One column below the header."""
        if position not in self.held:
            whole = self.sheet.columns[position]
            self.held[position] = replace(whole.below(self.plan.header.first_row), memo={})
        return self.held[position]

    def row_number(self, index: Any) -> int:
        """The row a spreadsheet shows for a row below the header."""
        return self.sheet.person_row(int(index) + self.plan.header.first_row)

    def kept_rows(self) -> np.ndarray[Any, Any]:
        """Rows that hold data: not blank, no total, footnote or header again; all but the blank are listed."""
        length = max(self.sheet.rows - self.plan.header.first_row, 0)
        filled = np.zeros(length, dtype=int)
        wordy = np.zeros(length, dtype=int)
        for position in range(len(self.sheet.columns) - bool(self.plan.made_of)):
            cells = self.cells(position)
            for kind, array in cells.arrays.items():
                there = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
                if kind == "t":
                    words = read.words_in(cells)
                    there &= words.rows(words.filled, False, bool)
                filled += there
                if set(cells.arrays) == {"t"}:
                    wordy += there
        keep = filled > 0
        for row in self.sheet.ragged:
            place = row - self.plan.header.first_row
            if 0 <= place < length and keep[place]:
                keep[place] = False
                self.note("ragged_row", row + 1, value=" | ".join(self.sheet.line(row))[:60], set_aside="row")
        names = {p for p, (t, _) in self.plan.columns.items() if t.split(".")[1] in ("customer", "name")}
        told = names | {p for p, (t, _) in self.plan.columns.items() if t.split(".")[1] in (*_KEYS, "segment")}
        for position in range(len(self.sheet.columns)):
            words = read.words_in(self.cells(position))
            leading = position < 3 or position in told
            if not leading and len(words.array) > _FEW_WORDS:
                continue
            # beside the first columns only the plain word counts: a reason or a remark may speak of sums
            total = words.rows(read.totals_among(words, position in names, not leading), False, bool)
            for index in np.flatnonzero(keep & total).tolist():
                keep[index] = False
                value = words.array[words.codes[index]].as_py()
                self.note("totals_row", self.row_number(index), value=value, set_aside="row")
            if position >= 3:
                continue
            starts = pc.match_substring_regex(words.array, r"(?i)^\s*(example|例|示例|範例|范例)")
            example = words.rows(read.mask(starts), False, bool)
            for code, pattern, there in (
                ("example_row", _EXAMPLE, example & keep),
                ("footer_row", _FOOTER, keep & (filled <= 2) & (words.codes >= 0)),
            ):
                for index in np.flatnonzero(there).tolist():
                    value = words.array[words.codes[index]].as_py()
                    if pattern.match(read.simplified(value)):
                        keep[index] = False
                        self.note(code, self.row_number(index), value=value, set_aside="row")
        for index in self.below_sums(keep, filled):
            keep[index] = False
            line = self.sheet.line(index + self.plan.header.first_row)
            self.note("totals_row", self.row_number(index), value=" | ".join(filter(None, line))[:60], set_aside="row")
        for index in self.legend(keep, filled):
            keep[index] = False
            line = self.sheet.line(index + self.plan.header.first_row)
            self.note("footer_row", self.row_number(index), value=" | ".join(filter(None, line))[:60], set_aside="row")
        repeated = self.header_again(filled)
        lonely = keep.any() and np.median(filled[keep]) >= 4  # one cell alone below such rows is a remark
        for index in np.flatnonzero(keep & (filled == 1)).tolist():
            texts = [cell for cell in self.sheet.line(index + self.plan.header.first_row) if cell]
            last = not (keep[index:] & (filled[index:] > 1)).any() and len(self.plan.columns) > 1
            over = index + 1 < length and repeated[index + 1]
            if over or (last and texts and (lonely or _REMARK.search(read.simplified(texts[0])))):
                keep[index] = False
                self.note("footer_row", self.row_number(index), value=texts[0] if texts else "", set_aside="row")
        usual = np.median(filled[keep]) if keep.any() else 0
        lone = np.flatnonzero(keep & (filled == 1) & (wordy == 1))
        below = np.append(filled[1:], 0)
        headings = [n for n in lone.tolist() if usual >= 4 and keep[n] and below[n] >= 0.5 * usual]
        for index in headings if len(headings) >= 2 else ():
            keep[index] = False
            texts = [cell for cell in self.sheet.line(index + self.plan.header.first_row) if cell]
            self.note("heading_row", self.row_number(index), value=texts[0] if texts else "", set_aside="row")
            self.headings[self.row_number(index)] = texts[0] if texts else ""
        again = np.flatnonzero(repeated & keep).tolist()
        for code, find in (
            ("header_again", lambda: again),
            ("row_twice", lambda: self.written_twice(keep)),
            ("totals_by_arithmetic", lambda: self.sums(keep, wordy, filled)),
        ):
            for place in find():
                keep[place] = False
                line = self.sheet.line(place + self.plan.header.first_row)
                self.note(code, self.row_number(place), value=" | ".join(filter(None, line))[:60], set_aside="row")
        return keep

    def written_twice(self, keep: np.ndarray[Any, Any]) -> list[int]:
        """Rows of events that stand there again in each of their cells, the event's own number included."""
        if self.plan.table in UNIQUE or not keep.any():
            return []
        for position, header in enumerate(self.plan.headers):
            if position in self.plan.columns or not _OWN_NUMBER.search(read.simplified(header)):
                continue
            numbers = pd.Series(read.to_texts(self.cells(position)))
            again = keep & (numbers != "").to_numpy() & numbers.duplicated().to_numpy()
            if not again.any() or again.sum() > 0.1 * keep.sum():
                continue
            among = np.flatnonzero(keep & numbers.isin(numbers[again]).to_numpy())
            rows = pd.Series([self.sheet.line(n + self.plan.header.first_row) for n in among.tolist()])
            return [int(n) for n in among[rows.duplicated().to_numpy()]]
        return []

    def below_sums(self, keep: np.ndarray[Any, Any], filled: np.ndarray[Any, Any]) -> list[int]:
        """Nearly empty rows right below one that was set aside, with a word for a count or a mean."""
        usual = np.median(filled[keep]) if keep.any() else 0
        aside = np.append(False, (~keep & (filled > 0))[:-1])
        rows = np.flatnonzero(keep & aside & (filled > 1) & (filled <= 0.4 * usual)).tolist()
        return [n for n in rows if any(map(_COUNTED.match, self.sheet.line(n + self.plan.header.first_row)))]

    def legend(self, keep: np.ndarray[Any, Any], filled: np.ndarray[Any, Any]) -> list[int]:
        """Rows below an empty one that begin with words where amounts belong: what follows explains the table."""
        gaps = np.flatnonzero((filled[1:] > 0) & (filled[:-1] == 0)) + 1
        starts = [row for row in gaps[:200].tolist() if keep[:row].any()]
        if not starts:
            return []
        amounts = [p for p, (t, _) in self.plan.columns.items() if _is_number(t) and self.counts_or_weighs(p)]
        bad = [read.to_numbers(self.cells(p), money=True).bad for p in amounts]  # a point may be a comma in a column
        for row in starts if amounts else ():
            cells = [self.cells(p).text(row) for p in amounts]
            said = [cell for cell in cells if cell and not read._is_blank(cell)]
            unread = [cell for cell, wrong in zip(cells, bad, strict=True) if wrong[row]]
            again = {self.plan.headers[p] for p in amounts} & set(unread)
            if unread and len(unread) == len(said) and not again:
                return [int(n) for n in np.flatnonzero(keep[row:]) + row]
        return []

    def counts_or_weighs(self, position: int) -> bool:
        """Whether the cells of a column are numbers for the most part."""
        found = read.to_numbers(self.cells(position), money=True)
        return bool((~np.isnan(found.values)).sum() > found.bad.sum())

    def header_again(self, filled: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Rows that repeat the header, as printed pages do, or give it in a second language."""
        hits = np.zeros(len(filled), dtype=int)
        same = hits.copy()
        for position, header in enumerate(self.plan.headers):
            if header and "t" in self.sheet.columns[position].arrays:
                words = read.words_in(self.cells(position))
                alike = pc.is_in(words.stripped, value_set=pa.array(levels(header), words.stripped.type))
                same += words.rows(read.mask(alike), False, bool)
        for position, (target, _) in self.plan.columns.items():
            table, name = target.split(".")
            words = read.words_in(self.cells(position))
            usual, header = plain_synonyms()[target], self.plan.headers[position]
            if len(words.array) > _FEW_WORDS:
                usual_words = pa.array(sorted({*usual, header.casefold()}), words.array.type)
                known = read.mask(pc.is_in(pc.utf8_lower(words.stripped), value_set=usual_words))
            else:
                said = words.stripped.to_pylist()
                known = np.array(
                    [w == header or any(synonyms()[table].get(key) == name for key in keys(w)) for w in said],
                    dtype=bool,
                )
            hits += words.rows(known, False, bool)
        return ((hits >= 2) & (2 * hits >= filled)) | ((same >= 3) & (same >= 0.6 * filled))

    def sums(self, keep: np.ndarray[Any, Any], wordy: np.ndarray[Any, Any], filled: np.ndarray[Any, Any]) -> list[int]:
        """Rows whose amounts are the sums of the rows above, since the last such row or of all: without any word, with
        one that begins as those of sums do, such as "Total set-up", or with little else, as "Leavers in month: 20"."""
        money = [
            position
            for position, (target, _) in self.plan.columns.items()
            if TABLES[target.split(".")[0]].by_name[target.split(".")[1]].type == "money"
            or target in ("customers.orders", "exits.count")
        ]
        key = next((p for p, (t, _) in self.plan.columns.items() if t.split(".")[1] in _KEYS), None)
        nameless = wordy == 0
        if key is not None and nameless.any():
            nameless &= read.to_texts(self.cells(key)) == ""
        for position in range(min(3, len(self.sheet.columns))):
            words = read.words_in(self.cells(position))
            if len(words.array) > _FEW_WORDS:
                continue
            nameless |= words.rows(read.mask(pc.match_substring_regex(words.array, _LIKE_A_SUM)), False, bool)
        usual = np.median(filled[keep]) if keep.any() else 0
        short = (filled <= len(money) + 1) & (filled <= 0.4 * usual)
        candidates = np.flatnonzero(keep & (nameless | short))
        if not money or not len(candidates) or len(candidates) > 2000 or (key is None and not wordy.any()):
            return []
        amounts = np.array([read.to_numbers(self.cells(p), money=True).values for p in money])
        found: list[int] = []
        rows, start = keep.copy(), 0
        for index in candidates.tolist():
            here = amounts[:, index]
            there = ~np.isnan(here) & (np.abs(here) > 0)
            for first in dict.fromkeys((start, 0)):
                above = amounts[:, first:index][:, rows[first:index]]
                sums = np.nansum(above, axis=1)
                if there.any() and above.shape[1] >= 2 and np.allclose(sums[there], here[there], rtol=1e-9, atol=0.006):
                    found.append(int(index))
                    rows[index], start = False, index + 1
                    break
        return found


def _is_number(target: str) -> bool:
    table, name = target.split(".")
    return TABLES[table].by_name[name].type in ("money", "number", "integer", "share")
