"""Which sheet fills which tables, which header is which column, and what only the user can say."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rapidfuzz import fuzz, process

from core.config import ConfigError, parse_yaml
from core.intake.reading import RawSheet
from core.intake.reasons import suggest_reason
from core.intake.values import header_core, is_no_reason, normal, parse_flag, title_unit, to_texts
from core.tables import ITEMS, REASONS, TABLES, every_column

_HEADER_ROWS = 25
_FUZZY = 87
# Headers that look like a neighbour of ours but are something else.
_SIBLINGS = frozenset(
    normal(word)
    for word in (
        "total charges",
        "churn rate",
        "churn probability",
        "last year revenue",
        "previous year revenue",
        "流失率",
        "去年销售额",
        "去年收入",
        "上年收入",
        "上年销售额",
        "去年同期",
        "上期收入",
        "churn score",
        "cltv",
        "count",
        "credit score",
        "satisfaction score change",
        "累计收入",
        "累计消费",
        "流失评分",
        "流失概率",
        "累计金额",
        "预测流失率",
    )
)
# A customer list may carry columns of these tables; the customer is then their key.
_CARRIED: Mapping[str, tuple[str, frozenset[str], int]] = {
    "exits": ("customer", frozenset({"churned", "date", "reason", "reason_key", "cause", "avoidable"}), 1),
    "assessments": ("account", frozenset(ITEMS) | {"rater_role", "rater"}, 6),
    "stakeholders": (
        "stakeholder",
        frozenset({"trust", "commitment", "strength", "satisfaction", "desired_strength", "power", "interest"}),
        1,
    ),
}


class SheetChoice(BaseModel):
    """What a user says of one sheet; anything left out is matched as usual."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    table: str | None = None
    skip: bool = False
    header_row: int | None = Field(default=None, ge=1)
    columns: dict[str, str | None] = {}


class Choices(BaseModel):
    """A choices file: what the user decided where the program could not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sheets: dict[str, SheetChoice] = {}
    reasons: dict[str, str] = {}
    settings: dict[str, Any] = {}
    encodings: dict[str, str] = {}
    day_first: bool | None = None


def parse_choices(text: str, where: str = "choices.yaml") -> Choices:
    """Choices from YAML.

    Raises:
        ConfigError: unreadable, an unknown key, an unknown table, column or reason.
    """
    data, _ = parse_yaml(text, where)
    try:
        choices = Choices.model_validate(data or {})
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(step) for step in problem["loc"])
        raise ConfigError(f"{where}: {name}: {problem['msg']}") from error
    columns = {column.id for column in every_column()}
    for name, sheet in choices.sheets.items():
        if sheet.table is not None and sheet.table not in TABLES:
            raise ConfigError(f"{where}: sheets.{name}.table: allowed are {', '.join(TABLES)}")
        for header, target in sheet.columns.items():
            if target is not None and target not in columns:
                raise ConfigError(
                    f"{where}: sheets.{name}.columns.{header}: no column {target!r}; write table.column, such as customers.revenue"
                )
    for file, encoding in choices.encodings.items():
        try:
            known = codecs.lookup(encoding)._is_text_encoding
        except (LookupError, UnicodeError):
            known = False
        if not known:
            raise ConfigError(
                f"{where}: encodings.{file}: no encoding {encoding!r}; write utf-8, gb18030, big5 or cp1252"
            )
    for text_, reason in choices.reasons.items():
        if reason not in REASONS:
            raise ConfigError(f"{where}: reasons.{text_}: allowed are {', '.join(REASONS)}")
    return choices


@dataclass(frozen=True)
class SheetPlan:
    """How one sheet will be read. `columns` maps a position to (table.column, confidence 0-1)."""

    file: str
    sheet: str
    header_row: int
    headers: tuple[str, ...]
    table: str | None
    columns: Mapping[int, tuple[str, float]]
    scale: float = 1.0
    duplicates: Mapping[int, int] = field(default_factory=dict)
    unclear: Mapping[int, str] = field(default_factory=dict)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables this sheet fills, the main one first."""
        names = dict.fromkeys(target.split(".")[0] for target, _ in self.columns.values())
        return tuple(sorted(names, key=lambda name: name != self.table))


@dataclass(frozen=True)
class Question:
    """Something no program can know, with the suggestion taken until the user says otherwise."""

    kind: str
    file: str
    sheet: str
    column: str
    value: str
    suggestion: str
    count: int = 0


@dataclass(frozen=True)
class Plan:
    """How a set of sheets becomes a portfolio."""

    sheets: tuple[SheetPlan, ...]
    reasons: Mapping[str, str]
    questions: tuple[Question, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    day_first: bool | None = None


@cache
def _index() -> dict[str, dict[str, str]]:
    """Table -> normalised synonym -> column name; earlier columns win a shared word."""
    index: dict[str, dict[str, str]] = {}
    for table in TABLES.values():
        words: dict[str, str] = {}
        for place in range(30):
            for column in table.columns:
                for synonyms in column.synonyms.values():
                    if place < len(synonyms):
                        words.setdefault(normal(synonyms[place]), column.name)
                if place == 0:
                    words.setdefault(normal(column.name), column.name)
        index[table.name] = words
    return index


@cache
def _sharing() -> Counter[str]:
    return Counter(word for words in _index().values() for word in words)


_STATUS = frozenset(normal(word) for word in ("status", "customer status", "状态", "客户状态"))


def _keys(header: str) -> tuple[str, ...]:
    """The words a header may match by: whole, without brackets, without a year, as question n."""
    whole, core = normal(header), header_core(header)
    dated = re.sub(r"^(19|20)\d\d(年度|年|fy)?|(19|20)\d\d年?$", "", core)
    unitless = re.sub(r"(十亿|亿|千万|百万|万|千|仟)元$|in(thousands|millions)$", "", core)
    question = re.match(r"^(?:q|question|题|第|问题)0*(\d{1,2})(?!\d)", whole)
    return tuple(
        dict.fromkeys(key for key in (whole, core, dated, unitless, f"q{question[1]}" if question else "") if key)
    )


def match_headers(
    headers: Sequence[str], table: str, only: Iterable[str] | None = None
) -> dict[int, tuple[str, float]]:
    """Position -> (column name, confidence) for one table, each column used once.

    Exact words come first (earlier synonyms win), then close spellings; sibling terms match nothing.
    """
    words = _index()[table]
    allowed = set(only) if only is not None else set(TABLES[table].by_name)
    order = {word: rank for rank, word in enumerate(words)}
    exact = [
        (order[key], position, words[key])
        for position, header in enumerate(headers)
        for key in _keys(header)
        if key in words
    ]
    found: dict[int, tuple[str, float]] = {}
    used: set[str] = set()
    for _, position, column in sorted(exact):
        if column in allowed and column not in used and position not in found:
            found[position] = (column, 1.0)
            used.add(column)
    for position, header in enumerate(headers):
        key = header_core(header)
        if position in found or key in _SIBLINGS or key in words or len(key) < 4:
            continue
        close = process.extractOne(key, list(words), scorer=fuzz.ratio, score_cutoff=_FUZZY)
        if close and words[close[0]] in allowed - used and len(close[0]) >= 4:
            found[position] = (words[close[0]], close[1] / 100 - 0.05)
            used.add(words[close[0]])
    return found


def _header_row(sheet: RawSheet) -> int:
    known = _sharing()
    best, best_score = 0, -1.0
    for row in range(min(_HEADER_ROWS, sheet.rows)):
        cells = sheet.line(row)
        filled = [cell for cell in cells if cell]
        if not filled or (len(filled) < 2 and len(cells) > 1):
            continue
        words = sum(not re.match(r"^[\d.,%¥$/-]+$", cell) for cell in filled)
        hits = sum(any(key in known for key in _keys(cell)) for cell in filled)
        score = 3 * hits + words / len(cells) + len(set(filled)) / len(cells) - 0.01 * row
        if score > best_score + 1e-9:
            best, best_score = row, score
    return best


def _name_bonus(sheet: RawSheet, table: str) -> float:
    words = {normal(table), *(normal(w) for ws in TABLES[table].synonyms.values() for w in ws)}
    if normal(sheet.name) in words:
        return 4.0
    stem = normal(Path(sheet.file).stem)
    return 1.0 if stem in words or any(len(w) > 3 and w in stem for w in words) else 0.0


def _everyone_left(sheet: RawSheet, row: int, headers: Sequence[str]) -> bool:
    """Whether each row of a sheet with exit columns is an exit: then it is no customer list."""
    matched = match_headers(headers, "exits")
    at = {column: position for position, (column, share) in matched.items() if share == 1}
    if "churned" in at:
        words = set(to_texts(sheet.columns[at["churned"]])[row + 1 :])
        return all(parse_flag(word) is not False for word in words if word)
    named = _name_bonus(sheet, "exits") >= 4
    deciding = [at[name] for name in ("date", "reason", "reason_key") if name in at]
    if not deciding:
        return named
    filled = np.zeros(max(sheet.rows - row - 1, 0), dtype=bool)
    anything = filled.copy()
    for position, column in enumerate(sheet.columns):
        there = np.array([not is_no_reason(word) for word in to_texts(column)[row + 1 :]], dtype=bool)
        anything |= there
        if position in deciding:
            filled |= there
    return bool(named or (anything.any() and filled.sum() > 0.7 * anything.sum()))


def _best_table(sheet: RawSheet, row: int, headers: Sequence[str]) -> str | None:
    best, best_score = None, 0.6
    lost = _everyone_left(sheet, row, headers)
    for name, table in TABLES.items():
        matched = match_headers(headers, name)
        columns = {column for column, _ in matched.values()}
        missing = set(table.required) - columns
        if name == "customers" and missing:
            keyless = (
                "name" in columns
                or len(columns) >= 3
                or "churned" in {c for c, _ in match_headers(headers, "exits").values()}
            )
            missing = set() if keyless else missing
        if name == "exits" and missing == {"customer"} and columns & {"reason", "count"}:
            missing = set()
        if missing:
            continue
        sharing = _sharing()
        score = sum(
            confidence / min((sharing[key] for key in _keys(headers[position]) if key in sharing), default=1)
            for position, (_, confidence) in matched.items()
        )
        score += _name_bonus(sheet, name)
        if name == "customers":
            # a customer list may carry exits and answers; it is one only where not everybody left
            carried = sum(share for _, share in _column_plan(headers, name).values()) - len(matched)
            score += carried - 2 * lost + 0.3 * ("customer" in columns)
        if name == "exits" and any(c in columns for c in ("churned", "reason", "date")):
            score = score + 2 if lost else score - 2
        if len(matched) < 2 and not _name_bonus(sheet, name):
            continue
        if score > best_score:
            best, best_score = name, score
    return best


def _column_plan(headers: Sequence[str], table: str) -> dict[int, tuple[str, float]]:
    matched = match_headers(headers, table)
    names = {column: position for position, (column, _) in matched.items()}
    if table == "customers" and "customer" not in names and "name" in names:
        matched[names["name"]] = ("customer", 1.0)
    plan = {position: (f"{table}.{name}", share) for position, (name, share) in matched.items()}
    if table != "customers":
        return plan
    for other, (_, columns, least) in _CARRIED.items():
        carried = match_headers(headers, other, columns)
        free = {p: found for p, found in carried.items() if p not in plan and found[1] == 1.0}
        if len(free) >= least:
            plan.update({p: (f"{other}.{name}", share) for p, (name, share) in free.items()})
    return plan


def carried_key(table: str) -> str:
    """The column of `table` that a customer list's customer fills."""
    return _CARRIED[table][0]


def plan_sheet(sheet: RawSheet, choice: SheetChoice | None = None) -> SheetPlan:
    """How one sheet will be read: header row, table, columns; the user's choices win."""
    choice = choice or SheetChoice()
    row = choice.header_row - 1 if choice.header_row else _header_row(sheet)
    if choice.header_row and row >= sheet.rows:
        raise ConfigError(f"sheets.{sheet.label}.header_row: {choice.header_row} is below the last row ({sheet.rows})")
    headers = sheet.line(row) if row < sheet.rows else ()
    table = None if choice.skip else choice.table or _best_table(sheet, row, headers)
    columns = _column_plan(headers, table) if table else {}
    for header, target in choice.columns.items():
        positions = [p for p, found in enumerate(headers) if found == header]
        for position in positions[:1]:
            if target is None:
                columns.pop(position, None)
            elif target.split(".")[0] not in (table, *(_CARRIED if table == "customers" else ())):
                raise ConfigError(f"sheets.{sheet.label}.columns.{header}: {target} is no column of the table {table}")
            else:
                columns = {p: t for p, t in columns.items() if t[0] != target}
                columns[position] = (target, 1.0)
    scale = 1.0
    for above in range(row):
        line = sheet.line(above)
        found = [unit for unit in map(title_unit, (*line, " ".join(filter(None, line)))) if unit is not None]
        scale = found[0] if found else scale
    unclear = {}
    for position, (target, _) in columns.items():
        # a bare 1/0 or yes/no under "status" may mean active or lost: only the user can say
        words = {normal(word) for word in to_texts(sheet.columns[position])[row + 1 :] if word}
        if (
            target == "exits.churned"
            and normal(headers[position]) in _STATUS
            and words <= {"1", "0", "10", "00", "yes", "no", "是", "否", "y", "n"}
        ):
            unclear[position] = target
    if not choice.columns:
        columns = {p: t for p, t in columns.items() if p not in unclear}
    twins = {}
    for position, header in enumerate(headers):
        if position in columns or not table or header_core(header) in _SIBLINGS:
            continue
        for name in {table, *(_CARRIED if table == "customers" else ())}:
            for key in _keys(header):
                target = f"{name}.{_index()[name].get(key, '')}"
                first = next((p for p, (t, _) in columns.items() if t == target), None)
                if first is not None:
                    twins[position] = first
    return SheetPlan(sheet.file, sheet.label, row, headers, table, columns, scale, twins, unclear)


def suggestion(header: str, table: str) -> str | None:
    """The column a header may mean, too uncertain to take without asking."""
    words = _index()[table]
    close = process.extractOne(header_core(header), list(words), scorer=fuzz.WRatio, score_cutoff=80)
    return words[close[0]] if close and len(close[0]) >= 3 else None


def _reason_questions(
    sheets: Sequence[RawSheet], plans: Sequence[SheetPlan], said: Mapping[str, str]
) -> tuple[dict[str, str], list[Question]]:
    reasons: dict[str, str] = {}
    questions = []
    for sheet, plan in zip(sheets, plans, strict=True):
        for position, (target, _) in plan.columns.items():
            if target != "exits.reason":
                continue
            counted = Counter(to_texts(sheet.columns[position])[plan.header_row + 1 :].tolist())
            for text, count in counted.most_common(400):
                if is_no_reason(text) or text in reasons:
                    continue
                key, sure = suggest_reason(text)
                reasons[text] = said.get(text, key)
                if not sure and text not in said:
                    header = plan.headers[position]
                    questions.append(Question("reason", sheet.file, sheet.label, header, text, key, count))
    return reasons, questions


def propose(sheets: Sequence[RawSheet], choices: Choices | None = None) -> Plan:
    """How the sheets would be read, with a question for all that a program cannot know."""
    choices = choices or Choices()
    plans, questions = [], []
    for sheet in sheets:
        choice = choices.sheets.get(f"{sheet.file}/{sheet.label}") or choices.sheets.get(sheet.label)
        plan = plan_sheet(sheet, choice)
        plans.append(plan)
        ask: dict[str, Any] = {"file": sheet.file, "sheet": sheet.label}
        if plan.table is None and sheet.rows and not (choice and choice.skip):
            questions.append(Question("sheet", column="", value="", suggestion="skip", **ask))
        for position, target in plan.unclear.items():
            if position not in plan.columns:
                questions.append(
                    Question("column", column=plan.headers[position], value="", suggestion=f"not {target}", **ask)
                )
        for position, (target, confidence) in plan.columns.items():
            if confidence < 1:
                header = plan.headers[position]
                questions.append(Question("column", column=header, value="", suggestion=target, **ask))
        if sheet.other_reading and sheet.file not in choices.encodings:
            example = next((cell for row in range(sheet.rows) for cell in sheet.line(row) if not cell.isascii()), "")
            questions.append(Question("encoding", column="", value=example, suggestion=sheet.encoding, **ask))
    reasons, asked = _reason_questions(sheets, plans, choices.reasons)
    return Plan(tuple(plans), reasons, (*questions, *asked), dict(choices.settings), choices.day_first)
