"""Raw sheets and a plan -> checked tables and the list of everything that was not taken as it stood."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.intake import values as read
from core.intake.matching import Choices, Plan, Question, carried_key
from core.intake.meaning import meant
from core.intake.reading import IntakeError, RawColumn
from core.intake.reasons import suggest_reason
from core.intake.referring import NAMES_A_CUSTOMER, across, counted_once, near_twins, resolved, whole_rows
from core.intake.rows import UNIQUE, Rows
from core.intake.stating import inferred, settings_of, tell_of_joiners, with_joiners, year_told
from core.portfolio import ROW, SOURCE, Portfolio, Problem
from core.tables import ITEMS, OUR_OFFER, OUR_WORDS, TABLES, Column

# Rows of these may repeat within a file; the same key in a second file is the same thing told again.
_ONCE_A_FILE = ("value", "ratings", "links", "contacts", "programs")
_MANY = 50
_UNIT_COLUMNS = frozenset(("单位", "货币", "币种", "货币单位", "金额单位", "currency", "unit", "units"))
_WHOLE = r"^([0-9]+(\.0)?)?$"
# Columns without which the rows of a sheet say nothing.
_NEEDED = frozenset(
    ("value.kind", "value.amount", "emphasis.market", "links.source", "links.target", "transactions.amount")
)


@dataclass(kw_only=True)
class _Reader(Rows):
    """Reads the rows below one sheet's header, collecting problems as it goes."""

    choices: Choices
    questions: list[Question]
    crossed: dict[str, Any] = field(default_factory=dict)
    most: int | None = None

    def points(self) -> int:
        """On how many points above four the questions of this sheet are answered, 0 where it is on four, or unclear."""
        if self.most is None:
            asked = [p for p, (target, _) in self.plan.columns.items() if target.split(".")[1] in ITEMS]
            found = [read.to_numbers(read.answered(self.cells(p))).values for p in asked]
            said = np.concatenate(found) if found else np.empty(0)
            said = said[~np.isnan(said)]
            above = (said > 4).sum() > 0.05 * len(said)  # a slip of the hand is no scale
            points = len(said) and (said == np.round(said)).mean() > 0.9 and said.min() >= 1 and above
            self.most = next((most for most in (5, 7, 10) if said.max() <= most), 0) if points else 0
        return self.most

    def column(self, position: int, column: Column) -> tuple[Any, np.ndarray[Any, Any]]:
        """Values of one column by its type, and the cells that could not be read or are out of bounds."""
        cells, header = self.cells(position), self.plan.headers[position]
        said = {**self.plan.meanings.get(position, {}), **self.choices.words.get(column.id, {})}
        if column.id == "exits.churned" and read.is_inverse(header):
            plain = [w for w in set(read.to_texts(cells)) if w and w not in said and read.normal(w) in read.PLAIN_FLAGS]
            if plain:  # "Renewed: no" is lost; a word such as "cancelled" or "not due" keeps its own meaning
                said |= {word: "no" if read.parse_flag(word) else "yes" for word in plain}
                self.note("flag_inverted", column=header)
        if said:
            mapped = [said.get(word, word) for word in read.to_texts(cells)]
            cells = RawColumn({"t": pa.array(mapped, pa.string())}, cells.length)
        if column.type == "text":
            return self.texts(cells, column, header), np.zeros(cells.length, dtype=bool)
        if column.type == "flag":
            values, bad = read.to_flags(cells)
            return pd.array(values, dtype="boolean"), bad
        if column.type == "choice":
            values, bad = read.to_keys(cells, column.vocabulary)
            other = read.CROSSED.get(column.id, "")
            if other and f"stakeholders.{other}" not in {target for target, _ in self.plan.columns.values()}:
                theirs, _ = read.to_keys(cells, other)
                meant = np.array([v or "" for v in theirs], dtype=object)
                self.crossed[other] = pd.array(np.where(bad, meant, ""), dtype="str")
                bad = bad & (meant == "")
            return pd.array([v or "" for v in values], dtype="str"), bad
        if column.type == "date":
            if column.name == "joined":
                cells, count = read.from_years(cells)
                if count:
                    self.note("year_alone", column=header, count=count)
            if year := year_told(self.plan):
                cells, count = read.with_year(cells, year)
                if count:
                    self.note("year_from_title", column=header, count=count, year=year)
            values, bad, guess = read.to_dates(cells, self.choices.day_first)
            if guess:
                self.note("date_order_guessed", column=header)
                self.questions.append(
                    Question("date_order", self.sheet.file, self.sheet.label, header, "", "month_first")
                )
            return values, bad
        if column.type == "share":
            values, bad, how = read.to_shares(cells, header)
            if how:
                self.note("read_as_percent" if how == "percent" else "mixed_percent", column=header)
        else:
            if column.type in ("integer", "number"):
                cells = read.uncounted(cells) if column.type == "integer" else read.answered(cells)
            found = read.to_numbers(cells, money=column.type == "money")
            values, bad = found.values, found.bad
            if column.type == "number":
                bad = bad | found.percent  # 85 % of a scale is no point on it
                if column.unit == "score10" and bad.any():
                    levels = read.to_levels(cells)
                    told = bad & ~np.isnan(levels)
                    values, bad = np.where(told, levels, values), bad & ~told
                    if told.any():
                        self.note("levels_read", column=header, count=int(told.sum()))
                if column.name in ITEMS and self.points():
                    values = 1 + (values - 1) * 3 / (self.points() - 1)
                    self.note("scale_stretched", column=header, count=self.points())
                if column.low == -2 and np.nanmax(values, initial=-np.inf) > 2:
                    if _whole_points_to_five(values):
                        values = values - 3
                        self.note("scale_shifted", column=header)
                    else:  # of another scale, so that those within bounds mean something else too
                        bad = bad | ~np.isnan(values)
                top = read.top_of_scale(header) if column.id == "links.weight" else 0
                if top > 1 and 1 <= np.nanmin(values, initial=np.inf) < np.inf:
                    values = values / top
                    self.note("scale_divided", column=header, count=top)
                elif column.id == "links.weight" and np.nanmax(values, initial=0) > 1:
                    bad = bad | ~np.isnan(values)  # of a scale that nothing names: a 1 on it is not the whole either
                elif column.high is not None and read.names_a_scale(header):
                    self.note("scale_named", column=header, allowed=f"{column.low:g}–{column.high:g}")
                elif column.unit == "score10" and _looks_like_five(values):
                    self.note("scale_small", column=header, allowed=f"{column.low:g}–{column.high:g}")
            if column.type == "money":
                signs = read.currencies(cells)
                if len(signs) > 1:
                    self.note("mixed_currencies", column=header, value=", ".join(signs))
                if found.periods:
                    self.note("mixed_periods", column=header, value=", ".join(found.periods))
                if found.unclear_dots:
                    self.note("dots_unclear", column=header, value=found.unclear_dots)
            if found.dots:
                self.note("dots_as_thousands", column=header, value=cells.text(0))
            if column.type == "money":
                named = read.header_unit(header)[0]
                scale = self.plan.scale if named is None else named
                if scale != 1:
                    values = np.where(found.scaled, values, values * scale)
                    self.note("unit_applied", column=header, scale=scale)
            elif column.name == "tenure_months":
                word = read.normal(header)
                scale = 12.0 if re.search(r"year|年", word) else 1 / 30.4375 if re.search(r"day|天", word) else 1.0
                if scale != 1:
                    values = values * scale
                    self.note("unit_applied", column=header, scale=scale)
                elif not re.search(r"month|mon|月", word):
                    self.note("tenure_unit", column=header)
        with np.errstate(invalid="ignore"):
            for low, high in ((column.low, column.high),):
                bad = bad | (values < low if low is not None else False)
                bad = bad | (values > high if high is not None else False)
            if column.type == "integer":
                bad = bad | (values != np.round(values)) & ~np.isnan(values)
        return np.where(bad, np.nan, values), bad

    def texts(self, cells: RawColumn, column: Column, header: str) -> Any:
        """A column of words; one that fills two tables is read once."""
        is_key = column.name in TABLES[column.table].key or column.name in ("customer", "account")
        blank = read.is_no_reason if column.id == "exits.reason" else read._is_blank
        held = cells.memo if cells.memo is not None else {}
        if (is_key, blank) not in held:
            words = read.words_of(cells)
            found = self.identities(cells, words.stripped, header) if is_key else words.stripped
            if column.table != "settings":
                found = read.without_blanks(found, blank)
            held[is_key, blank] = words.texts(found)
        return held[is_key, blank].copy()

    def identities(self, cells: RawColumn, words: pa.Array, header: str) -> pa.Array:
        """Numbers of customers as they were meant: without the .0 of a number that was once a decimal."""
        numbers = cells.numbers
        with np.errstate(invalid="ignore"):
            long = np.abs(numbers) >= 1e15
        if long.any():
            first = int(np.flatnonzero(long)[0])
            count = int(long.sum())
            self.note("long_number", self.row_number(first), header, cells.text(first), count=count)
        if pc.any(pc.match_substring_regex(words, r"^['=].")).as_py():  # keeping zeros: ="00123" and '00123
            said = [re.sub(r'^(?:="(.*)"|[\'=](.*))$', r"\1\2", w) if len(w) > 1 else w for w in words.to_pylist()]
            words = pa.array(said, words.type)
        if pc.any(pc.ends_with(words, ".0")).as_py() and pc.all(pc.match_substring_regex(words, _WHOLE)).as_py():
            words = pc.replace_substring_regex(words, r"\.0$", "")
        return words

    def mend(self, column: Column) -> dict[str, Any]:
        """What the message needs to say how a bad cell is mended."""
        return {
            "type": column.type,
            "low": column.low,
            "high": column.high,
            "vocabulary": column.vocabulary,
        }

    def frame(self, table_name: str, keep: np.ndarray[Any, Any], source: int) -> pd.DataFrame:
        """The checked rows of one of the tables this sheet fills."""
        table = TABLES[table_name]
        mapped = {
            target.split(".")[1]: position
            for position, (target, _) in self.plan.columns.items()
            if target.split(".")[0] == table_name
        }
        main = self.plan.table == table_name
        if not main:
            key = next((p for p, (t, _) in self.plan.columns.items() if t == "customers.customer"), None)
            if key is not None:
                mapped[carried_key(table_name)] = key
        length = len(keep)
        data: dict[str, Any] = {}
        lost = np.zeros(length, dtype=bool)
        for name, column in table.by_name.items():
            if name not in mapped:
                data[name] = _empty(column, length)
                continue
            values, bad = self.column(mapped[name], column)
            bad = bad & keep
            header = self.plan.headers[mapped[name]]
            cells = self.cells(mapped[name])
            filled = int(keep.sum())
            amounts = column.type == "share" and bad.sum() > max(1, 0.2 * filled)  # a margin in money is no share
            if (amounts or (bad.sum() > _MANY and bad.sum() > 0.9 * filled)) and not column.required:
                if amounts:
                    values = np.full(len(values), np.nan)
                self.note(
                    "column_unreadable",
                    column=header,
                    value=cells.text(int(np.flatnonzero(bad)[0])),
                    set_aside="cell",
                    count=int(bad.sum()),
                    **self.mend(column),
                )
                bad = np.zeros(length, dtype=bool)
            for index in np.flatnonzero(bad).tolist():
                self.note(
                    "bad_cell",
                    self.row_number(index),
                    header,
                    cells.text(int(index)),
                    "row" if column.required else "cell",
                    **self.mend(column),
                )
            data[name] = values
            if column.required:
                missing = _missing(values) & keep
                for index in np.flatnonzero(missing & ~bad).tolist():
                    self.note("missing_required", self.row_number(index), header, "", "row")
                lost |= missing | bad
        if table_name == "stakeholders":
            data |= self.crossed
        frame = pd.DataFrame(data)
        frame[SOURCE] = np.int16(source)
        first = self.plan.header.first_row
        rows = self.sheet.origin[first:] if self.sheet.origin else np.arange(length) + first
        frame[ROW] = np.asarray(rows, dtype=np.int32) + 1
        made = (
            {"customers": "customer", **({} if main else {table_name: carried_key(table_name)})}
            if not main or table_name == "customers"
            else {}
        )
        if table_name in made and made[table_name] not in mapped:
            frame[made[table_name]] = pd.array([f"#{row}" for row in frame[ROW]], dtype="str")
            if main:
                self.note("key_made")
        frame = frame if (keep & ~lost).all() else frame[keep & ~lost]
        absent = [
            name for name in TABLES[table_name].required if f"{table_name}.{name}" in _NEEDED and name not in mapped
        ]
        if absent and main and len(frame):
            self.note("column_needed", column=f"{table_name}.{absent[0]}", set_aside="row", count=len(frame))
            return frame.iloc[:0]
        if table_name == "exits":
            frame = self.exits_only(frame, mapped, main)
        elif not main:
            own = [name for name in mapped if name != carried_key(table_name)]
            frame = frame[~frame[own].replace("", pd.NA).isna().all(axis=1)]
            if table_name == "stakeholders":
                frame = frame.assign(market="customer", customer=frame["stakeholder"])
        if table_name == "stakeholders" and main and "market" not in mapped:
            frame = self.under_headings(frame)
        if table_name == "stakeholders" and main and "market" not in mapped and not frame["market"].any():
            header = self.plan.headers[mapped["stakeholder"]] if "stakeholder" in mapped else ""
            # beside a kind of each the name of a file is too far away
            said = (header, self.sheet.name) if "kind" in mapped else (header, self.sheet.name, self.sheet.file)
            market = next(filter(None, map(read.market_of, said)), None)
            if market:
                self.note("market_from_header", column=header, value=market)
                frame = frame.assign(market=pd.array([market] * len(frame), dtype="str"))
        return frame

    def under_headings(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Stakeholders in the market that the line over their group names, where such lines name two or more."""
        told = {row: read.market_of(words) or meant(words, "market") for row, words in sorted(self.headings.items())}
        if len(set(told.values()) - {None}) < 2:
            return frame
        starts = np.array(list(told))
        groups = np.searchsorted(starts, frame[ROW].to_numpy(dtype=int)) - 1
        keys = [*(key or "" for key in told.values()), ""]  # the last for rows above the first line
        self.note("market_from_lines", value=", ".join(self.headings.values())[:80], count=len(told))
        return frame.assign(market=pd.array([keys[group] for group in groups], dtype="str"))

    def exits_only(self, frame: pd.DataFrame, mapped: Mapping[str, int], main: bool) -> pd.DataFrame:
        """The rows of customers who left: by the flag, or by a date or reason where there is none."""
        if "churned" in mapped:
            gone = frame["churned"].fillna(False).to_numpy(dtype=bool)
            dated = frame["date"].notna().to_numpy()
            told = dated | (frame["reason"] != "").to_numpy()
            stayed = ~gone & frame["churned"].notna().to_numpy()
            if (
                told.sum() >= 3
                and 0 < stayed.sum() < gone.sum()  # the end of contracts that run stands beside most, not beside few
                and (told & stayed).sum() >= 0.9 * told.sum()
                and (told & gone).sum() <= 0.1 * gone.sum()
            ):
                # when and why stand beside those who, as the flag was read, stayed: it says the contrary
                gone = stayed
                self.note("flag_inverted", column=self.plan.headers[mapped["churned"]])
            stated = (frame["reason"] != "").to_numpy() & ~gone
            for row, reason in zip(frame[ROW][stated], frame["reason"][stated], strict=True):
                self.note("reason_without_exit", int(row), self.plan.headers[mapped["reason"]], reason, "cell")
            if (dated & ~gone).any():
                count = int((dated & ~gone).sum())
                self.note("date_without_exit", column=self.plan.headers[mapped["date"]], set_aside="cell", count=count)
            return frame[gone]
        if main:
            return frame
        return frame[((frame["reason"] != "") | frame["date"].notna()).to_numpy()]


def _unique(
    frame: pd.DataFrame, table_name: str, sources: Sequence[tuple[str, str]], problems: list[Problem], choices: Choices
) -> pd.DataFrame:
    """Rows with a key of their own.

    Within a sheet the first of several counts unless the user says otherwise, the others are listed.
    What two sheets say of one key is one row: each fills what the other leaves empty, and where they
    differ the first counts, or the last where files are to update what was there.
    """
    updating = choices.files == "update"
    if table_name not in UNIQUE and not (table_name in _ONCE_A_FILE or updating):
        content = [c for c in frame.columns if c not in (SOURCE, ROW)]
        both = frame.duplicated(content) & ~frame.duplicated([*content, SOURCE])
        if both.any():
            row = frame[both].iloc[0]
            detail = {"count": int(both.sum())}
            where = sources[int(row[SOURCE])]
            problems.append(Problem("maybe_twice", *where, int(row[ROW]), value=table_name, detail=detail))
        return frame
    # a customer leaves once; exits that name nobody are counts and may repeat
    key = ["customer"] if table_name == "exits" else list(TABLES[table_name].key)
    named = (frame[key[0]] != "").to_numpy()
    policy = choices.duplicates.get(table_name, "first")
    label = TABLES[table_name].by_name[key[0]]
    several = frame[SOURCE].nunique() > 1
    if table_name in UNIQUE:
        inside = [SOURCE, *key] if several else key
        again = frame.duplicated(inside, keep="last" if policy == "last" else "first").to_numpy() & named
        for row, value, source in zip(frame[ROW][again], frame[key[0]][again], frame[SOURCE][again], strict=True):
            problems.append(
                Problem("duplicate", *sources[int(source)], int(row), label.id, str(value), "row", {"policy": policy})
            )
        if policy == "sum" and again.any():
            summed = [c.name for c in TABLES[table_name].columns if c.type in ("money", "integer")]
            twice = frame.duplicated(inside, keep=False).to_numpy() & named
            totals = (
                frame[twice].groupby(inside, sort=False, dropna=False)[summed].transform(lambda c: c.sum(min_count=1))
            )
            for name in summed:
                frame.loc[twice, name] = totals[name]
        frame, named = (frame[~again], named[~again]) if again.any() else (frame, named)
    if several:
        shared = frame.duplicated(key, keep=False).to_numpy() & named
        if shared.any():
            frame = _joined(frame, shared, key, table_name, sources, problems, updating)
    return frame.reset_index(drop=True)


def _joined(
    frame: pd.DataFrame,
    shared: np.ndarray[Any, Any],
    key: list[str],
    table_name: str,
    sources: Sequence[tuple[str, str]],
    problems: list[Problem],
    updating: bool,
) -> pd.DataFrame:
    """One row for each key that several sheets hold; differing cells are listed."""
    part = frame[shared].sort_values(SOURCE, ascending=not updating, kind="stable")
    if part.groupby(key, dropna=False)[SOURCE].nunique().max() < 2:
        return frame
    blank = part.replace("", pd.NA)
    columns = [c for c in frame.columns if c not in (*key, SOURCE, ROW)]
    groups = blank.groupby(key, sort=False, dropna=False)
    differ = groups[columns].nunique()
    first = groups[[SOURCE, ROW]].first()
    code = "updated" if updating else "conflict"
    count = 0
    for name in columns:
        for place in np.flatnonzero((differ[name] > 1).to_numpy()).tolist():
            count += 1
            if count <= _MANY:
                source, row = (int(first[c].iloc[place]) for c in (SOURCE, ROW))
                at = differ.index[place]  # of a key in parts, one of which may be empty
                said = at[0] if isinstance(at, tuple) else at
                problems.append(
                    Problem(code, *sources[source], row, TABLES[table_name].by_name[name].id, str(said), "cell")
                )
    problems.append(Problem("rows_joined", value=table_name, detail={"count": len(first), "differ": count}))
    whole = groups[[*columns, SOURCE, ROW]].first().reset_index()
    joined = pd.concat([frame[~shared], whole[frame.columns].astype(frame.dtypes)], ignore_index=True)
    for column in TABLES[table_name].columns:
        if column.type in ("text", "choice"):
            joined[column.name] = joined[column.name].fillna("")
    return joined


def _whole_points_to_five(values: np.ndarray[Any, Any]) -> bool:
    said = values[~np.isnan(values)]
    return bool(len(said) and (said == np.round(said)).all() and said.min() >= 1 and said.max() <= 5)


def _looks_like_five(values: np.ndarray[Any, Any]) -> bool:
    """Whether scores look like whole points from 1 to 5, where 0 to 10 is expected."""
    return bool((~np.isnan(values)).sum() >= 10 and _whole_points_to_five(values) and np.nanmax(values) == 5)


def _missing(values: Any) -> np.ndarray[Any, Any]:
    """Cells without a value: an empty text, or nothing at all."""
    return np.asarray(values == "" if isinstance(values.dtype, pd.StringDtype) else pd.isna(values), dtype=bool)


def _empty(column: Column, length: int) -> Any:
    if column.type in ("text", "choice"):
        return pd.array(pa.repeat("", length), dtype="str")
    if column.type == "flag":
        return pd.arrays.BooleanArray(np.zeros(length, dtype=bool), np.ones(length, dtype=bool))
    if column.type == "date":
        return np.full(length, np.datetime64("NaT"), dtype="datetime64[us]")
    return np.full(length, np.nan)


def _reason_keys(exits: pd.DataFrame, reasons: Mapping[str, str]) -> pd.DataFrame:
    words = exits["reason"].to_numpy(dtype=object)
    lookup = {word: reasons.get(word) or suggest_reason(word)[0] if word else "unknown" for word in set(words)}
    keys = np.array([lookup[word] for word in words], dtype=object)
    given = exits["reason_key"].to_numpy(dtype=object)
    exits["reason_key"] = pd.array(np.where(given != "", given, keys), dtype="str")
    return exits


def _positive_costs(frame: pd.DataFrame, sources: Sequence[tuple[str, str]], problems: list[Problem]) -> pd.DataFrame:
    """Prices and costs are amounts the customer gives: an accountant's minus is taken off, and listed."""
    minus = (frame["kind"].isin(("price", "relationship_cost")) & (frame["amount"] < 0)).to_numpy()
    for row, amount, source in zip(frame[ROW][minus], frame["amount"][minus], frame[SOURCE][minus], strict=True):
        problems.append(Problem("negative_cost", *sources[int(source)], int(row), "amount", f"{amount:g}"))
    return frame.assign(amount=np.where(minus, -frame["amount"], frame["amount"]))


def _tell_of_sheet(reader: _Reader) -> None:
    """What is to be known of a sheet as a whole."""
    sheet, part = reader.sheet, reader.plan
    if sheet.quotes_ignored:
        reader.note("quote_unbalanced")
    if sheet.turned:
        reader.note("turned", count=sheet.rows - 1)
    if not sheet.visible:
        reader.note("hidden_sheet")
    if sheet.uncached_formulas:
        reader.note("formulas_without_values")
    if sheet.hidden_rows:
        reader.note("hidden_rows", sheet.hidden_rows[0] + 1, count=len(sheet.hidden_rows))
    for row, letters, word in sheet.errors[:_MANY]:
        reader.note("error_cell", row + 1, letters, word, "cell")
    if len(sheet.errors) > _MANY:
        reader.note("error_cells", value=sheet.errors[0][2], set_aside="cell", count=len(sheet.errors))
    if part.table is None:
        if sheet.rows:
            reader.note("sheet_unused", set_aside="row", count=sheet.rows)
        return
    if not sheet.origin:
        for row in range(part.header.top):
            words = [cell for cell in sheet.line(row) if cell]
            if words:
                line = " ".join(words)
                reader.note("title_row", row + 1, value=line[:80], set_aside="row")
                if part.scale == 1 and read.unit_unclear(line):
                    reader.note("unit_unclear", row + 1, value=line[:80])


def _is_yes_or_no(cells: RawColumn) -> bool:
    """Whether a column says yes and no, and nothing else."""
    words = read.words_of(cells).stripped
    said = (
        {word for word in words.to_pylist() if word and not read.is_no_reason(word)} if len(words) <= _MANY else set()
    )
    flags = {read.parse_flag(word) for word in said}
    return flags == {True, False} and all(read.normal(word) in read.PLAIN_FLAGS for word in said)


def _is_money(target: str) -> bool:
    return TABLES[target.split(".")[0]].by_name[target.split(".")[1]].type == "money"


def _tell_of_columns(reader: _Reader) -> None:
    """The columns that no table takes, and what was made of wide ones."""
    sheet, part = reader.sheet, reader.plan
    wide = part.wide
    if wide is not None and wide.replaces:
        for header in wide.rest:
            reader.note("column_unused", column=header, set_aside="cell")
        for place, header in enumerate(part.headers[: len(wide.keep)]):
            if header and place not in part.columns:
                reader.note("column_unused", column=header, set_aside="cell")
        words = ", ".join(dict.fromkeys(wide.columns.values()))
        reader.note(f"wide_{wide.kind}", value=words[:80], count=len(wide.columns))
        return
    if part.made_of:
        words = ", ".join(part.headers[p] for p in part.made_of)
        reader.note("amount_made" if wide is None else "wide_periods", value=words[:80], count=len(part.made_of))
    for position, count in part.continued.items():
        reader.note("continued", column=part.headers[position], count=count)
    nameless = []
    for position, header in enumerate(part.headers):
        if position in part.columns or position in part.made_of or sheet.origin:
            continue
        twin = part.duplicates.get(position)
        if twin is not None:
            reader.note("column_twin", column=header, set_aside="cell", other=part.headers[twin])
        elif header:
            nobody_left = part.table == "customers" and "exits" not in part.tables
            may_say = nobody_left and _is_yes_or_no(reader.cells(position))
            reader.note("maybe_left" if may_say else "column_unused", column=header, set_aside="cell")
        elif any(
            a.slice(part.header.first_row).null_count < max(len(a) - part.header.first_row, 0)
            for a in sheet.columns[position].arrays.values()
        ):
            nameless.append(position + 1)
        if read.normal(header) in _UNIT_COLUMNS:
            words = read.words_of(reader.cells(position)).stripped
            said = [word for word in dict.fromkeys(words.to_pylist()) if word]
            reader.note("unit_column", column=header, value=", ".join(said[:5]))
    named = {read.header_unit(part.headers[p])[2] for p, (t, _) in part.columns.items() if _is_money(t)} - {""}
    if len(named) > 1:
        reader.note("mixed_currencies", column=part.sheet, value=", ".join(sorted(named)))
    if nameless:
        reader.note("columns_nameless", value=f"#{nameless[0]}", set_aside="cell", count=len(nameless))


def _segments_of_sheets(
    frames: list[pd.DataFrame], sources: Sequence[tuple[str, str]], problems: list[Problem]
) -> list[pd.DataFrame]:
    """The same table on several sheets that name no segment: each sheet is about one, by its name."""
    nameless = [n for n, frame in enumerate(frames) if len(frame) and (frame["segment"] == "").all()]
    if len({sources[int(frames[n][SOURCE].iloc[0])] for n in nameless}) < 2:
        return frames
    named = list(frames)
    for n in nameless:
        where = sources[int(frames[n][SOURCE].iloc[0])]
        named[n] = frames[n].assign(segment=pd.array([where[1]] * len(frames[n]), dtype="str"))
        problems.append(Problem("segment_from_sheet", *where, 0, value=where[1]))
    return named


def build(plan: Plan) -> tuple[Portfolio, tuple[Question, ...]]:
    """The portfolio that a plan makes of its sheets, and questions that only the cells raise.

    Raises:
        IntakeError: `nothing_recognised` when no sheet fills any table, `column_needed` when a column is not there
            without which its rows say nothing, `no_rows` when none of the rows could be kept.
    """
    problems: list[Problem] = []
    questions: list[Question] = list(plan.questions)
    parts: dict[str, list[pd.DataFrame]] = {}
    sources: list[tuple[str, str]] = []
    choices = plan.choices
    told: set[tuple[str, str]] = set()
    for part in plan.sheets:
        reader = _Reader(plan=part, choices=choices, problems=problems, questions=questions)
        if (part.file, part.sheet) not in told:
            told.add((part.file, part.sheet))
            _tell_of_sheet(reader)
        elif part.table is None:
            rows = [row for row in range(part.header.first_row, part.raw.rows) if any(part.raw.line(row))]
            names = ", ".join(filter(None, part.headers))[:80]
            reader.note(
                "part_unused", part.raw.person_row(part.header.top), value=names, set_aside="row", count=len(rows)
            )
        if part.table is None:
            continue
        _tell_of_columns(reader)
        sources.append((part.file, part.sheet))
        keep = reader.kept_rows()
        for name in part.tables:
            parts.setdefault(name, []).append(reader.frame(name, keep, len(sources) - 1))
    if not sources:
        raise IntakeError(
            "nothing_recognised",
            plan.sheets[0].file if plan.sheets else "",
            headers=", ".join(h for s in plan.sheets for h in s.headers if h)[:200],
        )
    for name in ("value", "ratings"):
        parts[name] = _segments_of_sheets(parts.get(name, []), sources, problems)
    tables = {
        name: pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0].reset_index(drop=True)
        for name, frames in parts.items()
        if frames
    }
    tables = {n: _unique(frame, n, sources, problems, choices) for n, frame in tables.items() if len(frame)}
    settings, bad_settings = settings_of(tables.get("settings"), choices.settings, choices.day_first)
    problems.extend(bad_settings)
    if not tables:
        needed = next((p for p in problems if p.code == "column_needed"), None)
        if needed is not None:
            raise IntakeError("column_needed", needed.file, column=needed.column)
        raise IntakeError("no_rows", plan.sheets[0].file)
    if "exits" in tables:
        tables["exits"] = _reason_keys(tables["exits"], plan.reasons)
        tables["exits"]["churned"] = pd.array([True] * len(tables["exits"]), dtype="boolean")
    strange = []
    if "customers" in tables:
        for name, column, _ in NAMES_A_CUSTOMER:
            if name in tables:
                tables[name], unknown = resolved(tables[name], name, column, tables["customers"], problems)
                strange += [name] if unknown else []
    if "value" in tables:
        tables["value"] = _positive_costs(tables["value"], sources, problems)
    if "stakeholders" in tables:
        tables["stakeholders"] = _stakeholder_market(tables["stakeholders"], sources, problems)
    for name in ("value", "ratings"):
        if name in tables:
            own = {read.normal(word) for word in (*OUR_WORDS, settings.company) if word}
            said = [OUR_OFFER if read.is_ours(offer, own) else offer for offer in tables[name]["offer"]]
            tables[name]["offer"] = pd.array(said, dtype="str")
            if OUR_OFFER not in said:
                problems.append(
                    Problem(
                        "no_own_offer",
                        column=f"{name}.offer",
                        value=", ".join(dict.fromkeys(said))[:80],
                    )
                )
    if "exits" in tables:
        tables["exits"] = counted_once(tables["exits"], sources, problems)
    if "customers" in tables:
        problems.extend(whole_rows(tables["customers"], sources))
        problems.extend(near_twins(tables["customers"], sources))
    problems.extend(across(tables, settings, sources, strange))
    used = [part for part in plan.sheets if part.table]
    settings = inferred(used, settings, tables, problems)
    settings = with_joiners(used, sources, settings, tables, problems)
    tell_of_joiners(settings, tables, problems)
    portfolio = Portfolio(tables, settings, tuple(sources), tuple(problems))
    return portfolio, tuple(questions)


def _stakeholder_market(
    frame: pd.DataFrame, sources: Sequence[tuple[str, str]], problems: list[Problem]
) -> pd.DataFrame:
    """Rows without market and kind cannot be placed on the map: customers by link, others set aside."""
    nowhere = ((frame["market"] == "") & (frame["kind"] == "")).to_numpy()
    linked = (frame["customer"] != "").to_numpy()
    frame.loc[nowhere & linked, "market"] = "customer"
    lost = nowhere & ~linked
    for row, name, source in zip(frame[ROW][lost], frame["stakeholder"][lost], frame[SOURCE][lost], strict=True):
        problems.append(
            Problem(
                "no_market",
                *sources[int(source)],
                int(row),
                "stakeholders.market",
                str(name),
                "row",
            )
        )
    return frame[~lost].reset_index(drop=True)
