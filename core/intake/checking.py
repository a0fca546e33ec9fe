"""Raw sheets and a plan -> checked tables and the list of everything that was not taken as it stood."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from core.intake import values as read
from core.intake.matching import Plan, Question, SheetPlan, carried_key
from core.intake.reading import IntakeError, RawColumn, RawSheet
from core.intake.reasons import suggest_reason
from core.portfolio import ROW, SOURCE, Portfolio, Problem, Settings
from core.tables import OUR_OFFER, SETTINGS_KNOWN, TABLES, Column

_TOTALS = frozenset(
    read.normal(w)
    for w in ("合计", "小计", "总计", "共计", "汇总", "total", "totals", "subtotal", "grand total", "sum", "总和")
)
_FOOTER = re.compile(
    r"^\s*(注|备注|備註|说明|說明|数据来源|資料來源|notes?|source|remark|\*)(?:[::\s]|$)"
    r"|^\s*(制表|製表|制单|审核|審核|复核|填表|填报|导出|匯出|打印|列印|copyright|©|confidential|generated|printed|exported"
    r"|prepared by)",
    re.I,
)
_OURS = (
    OUR_OFFER,
    "our offer",
    "us",
    "we",
    "our company",
    "own",
    "我方",
    "我司",
    "本公司",
    "我们",
    "本企业",
    "自有",
)
_TOTAL = re.compile(
    r"(合计|小计|总计|共计|累计|平均|均值|汇总|合計|小計|總計|共計|累計)\s*([((].*[))])?\s*[::]?$"
    r"|^共\s*\d+|^(sub-?|grand )?totals?\s*([((].*[))])?\s*:?$|^(average|mean)\s*:?$",
    re.I,
)
_UNIQUE = ("customers", "stakeholders", "assessments", "emphasis", "exits")
_MANY = 50


@dataclass
class _Reader:
    """Reads the rows below one sheet's header, collecting problems as it goes."""

    sheet: RawSheet
    plan: SheetPlan
    day_first: bool | None
    problems: list[Problem]
    questions: list[Question]

    def note(
        self, code: str, row: int = 0, column: str = "", value: str = "", set_aside: str = "nothing", **detail: Any
    ) -> None:
        self.problems.append(Problem(code, self.sheet.file, self.sheet.label, row, column, value, set_aside, detail))

    def cells(self, position: int) -> RawColumn:
        """One column below the header."""
        whole = self.sheet.columns[position]
        start = self.plan.header_row + 1
        return RawColumn(
            {kind: array.slice(start) for kind, array in whole.arrays.items()},
            max(whole.length - start, 0),
        )

    def row_number(self, index: Any) -> int:
        """The row a spreadsheet shows for a row below the header."""
        return int(index) + self.plan.header_row + 2

    def column(self, position: int, column: Column) -> tuple[Any, np.ndarray[Any, Any]]:
        """Values of one column by its type, and the cells that could not be read or are out of bounds."""
        cells, header = self.cells(position), self.plan.headers[position]
        if column.type == "text":
            texts = read.to_texts(cells)
            if column.table != "settings":
                texts = read.without_blanks(texts, read.is_no_reason if column.id == "exits.reason" else read._is_blank)
            return pd.array(texts, dtype="str"), np.zeros(cells.length, dtype=bool)
        if column.type == "flag":
            values, bad = read.to_flags(cells)
            return pd.array(values, dtype="boolean"), bad
        if column.type == "choice":
            values, bad = read.to_keys(cells, column.vocabulary)
            return pd.array([v or "" for v in values], dtype="str"), bad
        if column.type == "date":
            values, bad, guess = read.to_dates(cells, self.day_first)
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
            found = read.to_numbers(cells, money=column.type == "money")
            values, bad = found.values, found.bad
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
        with np.errstate(invalid="ignore"):
            for low, high in ((column.low, column.high),):
                bad = bad | (values < low if low is not None else False)
                bad = bad | (values > high if high is not None else False)
            if column.type == "integer":
                bad = bad | (values != np.round(values)) & ~np.isnan(values)
        return np.where(bad, np.nan, values), bad

    def kept_rows(self) -> np.ndarray[Any, Any]:
        """Rows that hold data: not blank, not a total, not a footnote; the last two are listed."""
        length = max(self.sheet.rows - self.plan.header_row - 1, 0)
        filled = np.zeros(length, dtype=int)
        for position in range(len(self.sheet.columns)):
            for kind, array in self.cells(position).arrays.items():
                there = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
                if kind == "t":
                    words, codes = read._distinct(self.cells(position))
                    blank = np.array([not word.strip() for word in words] + [True])
                    there &= ~blank[codes]
                filled += there
        keep = filled > 0
        for row in self.sheet.ragged:
            place = row - self.plan.header_row - 1
            if 0 <= place < length and keep[place]:
                keep[place] = False
                self.note("ragged_row", row + 1, value=" | ".join(self.sheet.line(row))[:60], set_aside="row")
        first = list(range(min(3, len(self.sheet.columns))))
        for position in first:
            words, codes = read._distinct(self.cells(position))
            total = np.array(
                [bool(read.normal(word) in _TOTALS or _TOTAL.search(word.strip())) for word in words] + [False]
            )
            footer = np.array([bool(_FOOTER.match(word)) for word in words] + [False])
            for index in np.flatnonzero(keep & total[codes] & (filled > 1)):
                keep[index] = False
                self.note("totals_row", self.row_number(index), value=words[codes[index]], set_aside="row")
            for index in np.flatnonzero(keep & footer[codes] & (filled <= 2)):
                keep[index] = False
                self.note("footer_row", self.row_number(index), value=words[codes[index]], set_aside="row")
        return keep

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
            if bad.sum() > _MANY and bad.sum() > 0.9 * filled and not column.required:
                self.note(
                    "column_unreadable",
                    column=header,
                    value=cells.text(int(np.flatnonzero(bad)[0])),
                    set_aside="cell",
                    count=int(bad.sum()),
                    **self.mend(column),
                )
                bad = np.zeros(length, dtype=bool)
            for index in np.flatnonzero(bad):
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
                missing = np.asarray(pd.isna(values) | (np.asarray(values) == "")) & keep
                for index in np.flatnonzero(missing & ~bad):
                    self.note("missing_required", self.row_number(index), header, "", "row")
                lost |= missing | bad
        frame = pd.DataFrame(data)
        frame[SOURCE] = np.int16(source)
        frame[ROW] = np.arange(length, dtype=np.int32) + self.plan.header_row + 2
        made = (
            {"customers": "customer", **({} if main else {table_name: carried_key(table_name)})}
            if not main or table_name == "customers"
            else {}
        )
        if table_name in made and made[table_name] not in mapped:
            frame[made[table_name]] = pd.array([f"#{row}" for row in frame[ROW]], dtype="str")
            if main:
                self.note("key_made")
        frame = frame[keep & ~lost]
        if table_name == "exits":
            frame = self.exits_only(frame, mapped, main)
        elif not main:
            own = [name for name in mapped if name != carried_key(table_name)]
            frame = frame[~frame[own].replace("", pd.NA).isna().all(axis=1)]
            if table_name == "stakeholders":
                frame = frame.assign(market="customer", customer=frame["stakeholder"])
        return frame

    def exits_only(self, frame: pd.DataFrame, mapped: Mapping[str, int], main: bool) -> pd.DataFrame:
        """The rows of customers who left: by the flag, or by a date or reason where there is none."""
        if "churned" in mapped:
            gone = frame["churned"].fillna(False).to_numpy(dtype=bool)
            stated = (frame["reason"] != "").to_numpy() & ~gone
            for row, reason in zip(frame[ROW][stated], frame["reason"][stated], strict=True):
                self.note("reason_without_exit", int(row), self.plan.headers[mapped["reason"]], reason, "cell")
            return frame[gone]
        if main:
            return frame
        return frame[((frame["reason"] != "") | frame["date"].notna()).to_numpy()]


def _unique(
    frame: pd.DataFrame, table_name: str, sources: Sequence[tuple[str, str]], problems: list[Problem]
) -> pd.DataFrame:
    """Rows with a key of their own; a second row with the same key is listed and set aside."""
    if table_name not in _UNIQUE:
        return frame
    # a customer leaves once; exits that name nobody are counts and may repeat
    key = ["customer"] if table_name == "exits" else list(TABLES[table_name].key)
    again = frame.duplicated(key).to_numpy() & (frame[key[0]] != "").to_numpy()
    label = TABLES[table_name].by_name[key[0]].label("en")
    for row, value, source in zip(frame[ROW][again], frame[key[0]][again], frame[SOURCE][again], strict=True):
        problems.append(Problem("duplicate", *sources[int(source)], int(row), label, str(value), "row"))
    return frame[~again].reset_index(drop=True)


def _empty(column: Column, length: int) -> Any:
    if column.type in ("text", "choice"):
        return pd.array([""] * length, dtype="str")
    if column.type == "flag":
        return pd.array([pd.NA] * length, dtype="boolean")
    if column.type == "date":
        return np.full(length, np.datetime64("NaT"), dtype="datetime64[us]")
    return np.full(length, np.nan)


def _settings(
    frame: pd.DataFrame | None, said: Mapping[str, Any], day_first: bool | None
) -> tuple[Settings, list[Problem]]:
    found: dict[str, Any] = {}
    problems = []
    lookup = {
        read.normal(word): setting for setting in SETTINGS_KNOWN.values() for word in (setting.name, *setting.words)
    }
    rows = [(str(k), str(v), None) for k, v in said.items()]
    if frame is not None:
        rows = [*zip(frame["setting"], frame["setting_value"], frame[ROW], strict=True), *rows]
    for name, text, row in rows:
        setting = lookup.get(read.normal(name))
        value: Any = None
        if setting is not None and setting.type == "text":
            value = text
        elif setting is not None and setting.type == "date":
            column = RawColumn({"t": _arrow([text])}, 1)
            days, _, guess = read.to_dates(column, day_first)
            day = days[0]
            if guess:
                problems.append(Problem("date_order_guessed", row=int(row or 0), column=name, value=text))
            value = None if np.isnat(day) else day.astype(dt.datetime).date()
            if value is None and re.fullmatch(r"\d{5}", text):
                value = dt.date(1899, 12, 30) + dt.timedelta(days=int(text))
        elif setting is not None:
            number, _ = read.parse_number(text)
            if setting.type == "share" and number > 1:
                number /= 100
            inside = (setting.low is None or number >= setting.low) and (setting.high is None or number <= setting.high)
            value = number if inside and not np.isnan(number) else None
        if setting is None or value is None:
            code = "unknown_setting" if setting is None else "bad_setting"
            problems.append(
                Problem(
                    code,
                    row=int(row or 0),
                    column=name,
                    value=text,
                    set_aside="row",
                    detail={"allowed": ", ".join(SETTINGS_KNOWN)},
                )
            )
        else:
            found[setting.name] = value
    if found.get("period_start") and found.get("period_end") and found["period_start"] > found["period_end"]:
        problems.append(Problem("period_inverted", value=f"{found.pop('period_start')} – {found.pop('period_end')}"))
    return Settings(**found), problems


def _arrow(words: list[str]) -> Any:
    import pyarrow as pa

    return pa.array(words, pa.string())


def _reason_keys(exits: pd.DataFrame, reasons: Mapping[str, str]) -> pd.DataFrame:
    words = exits["reason"].to_numpy(dtype=object)
    lookup = {word: reasons.get(word) or suggest_reason(word)[0] if word else "unknown" for word in set(words)}
    keys = np.array([lookup[word] for word in words], dtype=object)
    given = exits["reason_key"].to_numpy(dtype=object)
    exits["reason_key"] = pd.array(np.where(given != "", given, keys), dtype="str")
    return exits


def _inferred(plans: Sequence[SheetPlan], settings: Settings) -> Settings:
    """Currency and months a revenue column covers, where its header says and no setting does."""
    given = {item.name: getattr(settings, item.name) for item in fields(Settings)}
    for plan in plans:
        for position, (target, _) in plan.columns.items():
            header = plan.headers[position]
            if target == "customers.revenue" and given["period_months"] is None:
                word = read.normal(header)
                if re.search(r"month|mrr|月", word):
                    given["period_months"] = 1.0
                elif re.search(r"annual|year|arr$|年", word):
                    given["period_months"] = 12.0
            if not given["currency"] and TABLES[target.split(".")[0]].by_name[target.split(".")[1]].type == "money":
                given["currency"] = read.header_unit(header)[2]
    return Settings(**given)


def _by_name(exits: pd.DataFrame, customers: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    """Exits that give a customer's name instead of the number, given the number."""
    known = set(customers["customer"])
    named = customers[customers["name"] != ""].drop_duplicates("name", keep=False)
    lookup = dict(zip(named["name"], named["customer"], strict=True))
    words = exits["customer"].to_numpy(dtype=object)
    found = np.array([word not in known and word in lookup for word in words], dtype=bool)
    if found.any():
        exits["customer"] = pd.array([lookup[w] if f else w for w, f in zip(words, found, strict=True)], dtype="str")
        problems.append(Problem("exit_by_name", value=str(words[found][0]), detail={"count": int(found.sum())}))
    return exits


def _positive_costs(frame: pd.DataFrame, sources: Sequence[tuple[str, str]], problems: list[Problem]) -> pd.DataFrame:
    """Prices and costs are amounts the customer gives: an accountant's minus is taken off, and listed."""
    minus = (frame["kind"].isin(("price", "relationship_cost")) & (frame["amount"] < 0)).to_numpy()
    for row, amount, source in zip(frame[ROW][minus], frame["amount"][minus], frame[SOURCE][minus], strict=True):
        problems.append(Problem("negative_cost", *sources[int(source)], int(row), "amount", f"{amount:g}"))
    return frame.assign(amount=np.where(minus, -frame["amount"], frame["amount"]))


def _across(tables: Mapping[str, pd.DataFrame], settings: Settings) -> Iterator[Problem]:
    """Notes on rows that point at something no table holds, or at another time."""
    customers, exits = tables.get("customers"), tables.get("exits")
    if exits is not None:
        first, last = settings.period_start, settings.period_end
        outside = exits["date"] > pd.Timestamp(last or dt.date.today())
        if first is not None:
            outside |= exits["date"] < pd.Timestamp(first)
        if outside.any():
            yield Problem(
                "exit_outside_period",
                value=str(exits["date"][outside].iloc[0].date()),
                row=int(exits[ROW][outside].iloc[0]),
                detail={"count": int(outside.sum())},
            )
        nobody = (exits["customer"] == "").sum()
        if nobody and customers is not None:
            yield Problem("exit_anonymous", detail={"count": int(nobody)})
    if customers is None:
        return
    known = set(customers["customer"])
    for name, column, code in (
        ("exits", "customer", "exit_without_customer"),
        ("assessments", "account", "assessment_without_customer"),
    ):
        frame = tables.get(name)
        if frame is None:
            continue
        strangers = frame[~frame[column].isin(known) & (frame[column] != "")]
        if len(strangers):
            yield Problem(
                code,
                column=TABLES[name].by_name[column].label("en"),
                value=str(strangers[column].iloc[0]),
                row=int(strangers[ROW].iloc[0]),
                detail={"count": len(strangers)},
            )


def build(sheets: Sequence[RawSheet], plan: Plan) -> tuple[Portfolio, tuple[Question, ...]]:
    """The portfolio that the plan makes of the sheets, and questions that only the cells raise.

    Raises:
        IntakeError: `nothing_recognised` when no sheet fills any table, `no_rows` when none of the
            rows could be kept.
    """
    problems: list[Problem] = []
    questions: list[Question] = list(plan.questions)
    parts: dict[str, list[pd.DataFrame]] = {}
    sources: list[tuple[str, str]] = []
    for sheet, part in zip(sheets, plan.sheets, strict=True):
        reader = _Reader(sheet, part, plan.day_first, problems, questions)
        if sheet.quotes_ignored:
            reader.note("quote_unbalanced")
        if not sheet.visible:
            reader.note("hidden_sheet")
        if sheet.uncached_formulas:
            reader.note("formulas_without_values")
        if part.table is None:
            if sheet.rows:
                reader.note("sheet_unused", set_aside="row", count=sheet.rows)
            continue
        for row in range(part.header_row):
            words = [cell for cell in sheet.line(row) if cell]
            if words:
                reader.note("title_row", row + 1, value=" ".join(words)[:80], set_aside="row")
        for position, header in enumerate(part.headers):
            if position in part.columns:
                continue
            twin = part.duplicates.get(position)
            if twin is not None:
                reader.note("column_twin", column=header, set_aside="cell", other=part.headers[twin])
            elif header or sheet.columns[position].arrays:
                reader.note("column_unused", column=header or f"#{position + 1}", set_aside="cell")
        sources.append((sheet.file, sheet.label))
        keep = reader.kept_rows()
        for name in part.tables:
            parts.setdefault(name, []).append(reader.frame(name, keep, len(sources) - 1))
    if not sources:
        raise IntakeError(
            "nothing_recognised",
            sheets[0].file if sheets else "",
            headers=", ".join(h for s in plan.sheets for h in s.headers if h)[:200],
        )
    tables = {
        name: pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0].reset_index(drop=True)
        for name, frames in parts.items()
    }
    tables = {n: _unique(frame, n, sources, problems) for n, frame in tables.items() if len(frame)}
    settings, bad_settings = _settings(tables.get("settings"), plan.settings, plan.day_first)
    problems.extend(bad_settings)
    if not tables:
        raise IntakeError("no_rows", sheets[0].file)
    if "exits" in tables:
        tables["exits"] = _reason_keys(tables["exits"], plan.reasons)
        if "customers" in tables:
            tables["exits"] = _by_name(tables["exits"], tables["customers"], problems)
    if "value" in tables:
        tables["value"] = _positive_costs(tables["value"], sources, problems)
    if "stakeholders" in tables:
        tables["stakeholders"] = _stakeholder_market(tables["stakeholders"], sources, problems)
    for name in ("value", "ratings"):
        if name in tables:
            own = {read.normal(word) for word in (*_OURS, settings.company) if word}
            said = [OUR_OFFER if read.normal(offer) in own else offer for offer in tables[name]["offer"]]
            tables[name]["offer"] = pd.array(said, dtype="str")
            if OUR_OFFER not in said:
                problems.append(
                    Problem(
                        "no_own_offer",
                        column=TABLES[name].by_name["offer"].label("en"),
                        value=", ".join(dict.fromkeys(said))[:80],
                    )
                )
    problems.extend(_across(tables, settings))
    used = [part for part in plan.sheets if part.table]
    portfolio = Portfolio(tables, _inferred(used, settings), tuple(sources), tuple(problems))
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
                TABLES["stakeholders"].by_name["market"].label("en"),
                str(name),
                "row",
            )
        )
    return frame[~lost].reset_index(drop=True)
