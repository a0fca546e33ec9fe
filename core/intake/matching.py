"""Which sheet fills which tables, which header is which column, and what only the user can say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rapidfuzz import fuzz, process

from core.config import ConfigError, parse_yaml
from core.intake.concepts import CONCEPTS, CONFIDENCE
from core.intake.fitting import (
    AMOUNTS,
    ASKED,
    NEAR,
    PAST,
    REFERRING,
    asked_in_another_order,
    everyone_left,
    fitted,
    has_words,
    likely,
    named,
    only_begins,
)
from core.intake.guessing import Looked, all_left, all_say, guessed, guessed_events, keyed, may_be_customers, meanings
from core.intake.headers import (
    Header,
    day_of,
    find_header,
    index,
    is_no_amount,
    is_number_of,
    is_pivot,
    keys,
    keys_of,
    period,
    sharing,
    year_of,
)
from core.intake.meaning import meant, nearness
from core.intake.reading import RawColumn, RawSheet, is_text_encoding
from core.intake.reasons import suggest_reason
from core.intake.reshaping import (
    Wide,
    find_wide,
    numeric,
    split,
    sums_up,
    tells_of_loss,
    titles,
    turned,
    unfold,
    with_amount,
    with_total,
)
from core.intake.values import (
    CROSSED,
    JOIN,
    PLAIN_FLAGS,
    header_core,
    is_inverse,
    is_no_reason,
    is_total,
    normal,
    parse_flag,
    parse_key,
    suggest_key,
    title_unit,
    to_dates,
    to_levels,
    to_numbers,
    to_texts,
    words_of,
)
from core.tables import ITEMS, REASONS, TABLES, VOCABULARIES, every_column

_FUZZY = 87
_CLEAR = 0.65  # how near in meaning a header must be to count for more than near spellings
_TITLED = 0.6  # how near a title must be to the name of a table to count
_CLEARLY, _ENOUGH = 0.5, 1.5  # by how much a table must fit better than the one that words say; how well, alone
_FAR_CLEARER = 2.0  # than one that dates, amounts and names that come again speak for
_ENOUGH_OF = {
    "ratings": 0.5,
    "value": 0.6,
    "emphasis": 0.6,
    "programs": 1.2,
}  # no other list is like these
_WHY = 0.8  # how near a header must be to the reason of an exit where the sheet names customers of another
_ENOUGH_NAMED = 1.0  # how well where it names the customers of another sheet, or its title says that they left
_MANY_WORDS = 30
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


Duplicates = Literal["first", "last", "sum"]


class SheetChoice(BaseModel):
    """What a user says of one sheet; anything left out is matched as usual."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    table: str | None = None
    skip: bool = False
    header_row: int | None = Field(default=None, ge=1)
    header_rows: int | None = Field(default=None, ge=1, le=3)
    columns: dict[str, str | None] = {}
    cells: dict[str, dict[str, str]] = {}


class Choices(BaseModel):
    """A choices file: what the user decided where the program could not know.

    `sheets` is keyed by the sheet's name, by file/sheet, or by the shape of its header (`shape_of`), so
    that a mapping serves next month's file too; there `cells` maps a row to header -> new text. `words`
    maps a column such as stakeholders.market to what its cells mean, `duplicates` a table to what
    happens to rows with the same key, `files` says whether a later file mends an earlier one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    sheets: dict[str, SheetChoice] = {}
    reasons: dict[str, str] = {}
    settings: dict[str, Any] = {}
    encodings: dict[str, str] = {}
    day_first: bool | None = None
    words: dict[str, dict[str, str]] = {}
    duplicates: dict[str, Duplicates] = {}
    files: Literal["add", "update"] = "add"


def shape_of(headers: Sequence[str]) -> str:
    """A short name for a header, whatever the file: the same columns in the same order, the same name."""
    words = "\x1f".join(normal(header) for header in headers if header)
    return "shape:" + blake2b(words.encode(), digest_size=6).hexdigest()


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
    for name, mapped in choices.words.items():
        column = next((c for c in every_column() if c.id == name), None)
        if column is None or column.type not in ("choice", "flag"):
            allowed = ", ".join(c.id for c in every_column() if c.type in ("choice", "flag"))
            raise ConfigError(f"{where}: words.{name}: allowed are {allowed}")
        for word, meaning in mapped.items():
            known = tuple(VOCABULARIES[column.vocabulary]) if column.type == "choice" else ("yes", "no")
            if meaning not in known:
                raise ConfigError(f"{where}: words.{name}.{word}: allowed are {', '.join(known)}")
    for name in choices.duplicates:
        if name not in TABLES:
            raise ConfigError(f"{where}: duplicates.{name}: allowed are {', '.join(TABLES)}")
    for file, encoding in choices.encodings.items():
        if not is_text_encoding(encoding):
            raise ConfigError(
                f"{where}: encodings.{file}: no encoding {encoding!r}; write utf-8, gb18030, big5 or cp1252"
            )
    for text_, reason in choices.reasons.items():
        if reason not in REASONS:
            raise ConfigError(f"{where}: reasons.{text_}: allowed are {', '.join(REASONS)}")
    return choices


@dataclass(frozen=True)
class SheetPlan:
    """How one sheet will be read. `columns` maps a position to (table.column, confidence 0-1).

    `wide` says what was made long, `made_of` which columns the last one was computed from, none where it was not.
    `meanings` says of a position what words of it mean that no vocabulary knows, told by what stands beside them,
    `continued` how many of its cells took the word above them.
    """

    raw: RawSheet
    header: Header
    table: str | None
    columns: Mapping[int, tuple[str, float]]
    scale: float = 1.0
    duplicates: Mapping[int, int] = field(default_factory=dict)
    unclear: Mapping[int, str] = field(default_factory=dict)
    wide: Wide | None = None
    made_of: tuple[int, ...] = ()
    meanings: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    continued: Mapping[int, int] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The file it stands in."""
        return self.raw.file

    @property
    def sheet(self) -> str:
        """What people call it."""
        return self.raw.label

    @property
    def headers(self) -> tuple[str, ...]:
        """One name a column."""
        return self.header.names

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
    target: str = ""


@dataclass(frozen=True)
class Plan:
    """How a set of sheets becomes a portfolio."""

    sheets: tuple[SheetPlan, ...]
    reasons: Mapping[str, str]
    questions: tuple[Question, ...] = ()
    choices: Choices = field(default_factory=Choices)


# Columns whose word may stand on the first row of a group alone.
_GROUPING = frozenset(
    f"{table}.{name}"
    for table, names in (
        ("contacts", ("account",)),
        ("touchpoints", ("account", "date")),
        ("transactions", ("customer", "date")),
        ("value", ("segment", "offer", "kind")),
        ("ratings", ("segment", "offer")),
        ("stakeholders", ("market", "kind")),
        ("customers", ("segment",)),
        ("exits", ("reason_key",)),
        ("emphasis", ("rater",)),
    )
    for name in names
)
_MOST_LISTED = 100_000  # rows of a list whose names are looked for on other sheets
_MOST_CHOICES = 60  # rows of a sheet that lists what cells of another may say
_MOST_LINES = 5000  # of a sheet whose groups are looked for
_TURNED_ROWS = 60  # fields of a table whose customers stand side by side
_DECIDING = frozenset(("churned", "reason", "reason_key"))
_LABELS = frozenset(("rowlabels", "行标签"))
_BARE = frozenset(normal(word) for word in ("customer", "client", "account", "kunde", "客户", "顾客"))
# Headers of a list of companies as a CRM keeps it: there the annual revenue is the company's own.
_FIRMS = frozenset(
    normal(word)
    for word in (
        *("employees", "number of employees", "no of employees", "website", "billing city", "company owner"),
        *("account owner", "lifecycle stage", "员工人数", "员工数", "官网", "注册资本"),
    )
)
_OVER = re.compile(r"期间|期間|\bperiod\b|\d\s*[-–—~至到]+\s*\D{0,6}(?:19|20|1)\d\d", re.I)  # says from when to when
_ENDS = re.compile(r"到期|届满|expir|contractend|^enddate")
_QUESTION = re.compile(r"^\s*(?:q|question|题|第)?\s*\d{1,2}\s*[.、):：]\s*\D", re.I)
_OWN_TURNOVER = frozenset(normal(word) for word in ("annual revenue", "年营业额", "年收入", "年营业收入"))
_FLAGS = frozenset(("1", "0", "10", "00", "yes", "no", "是", "否", "y", "n", "true", "false"))
_STATUS = frozenset(normal(word) for word in ("status", "customer status", "状态", "客户状态"))


def match_headers(
    headers: Sequence[str], table: str, only: Iterable[str] | None = None, loosely: bool = True
) -> dict[int, tuple[str, float]]:
    """Position -> (column name, confidence) for one table, each column used once.

    Exact words come first (earlier synonyms win), then close spellings, then, `loosely`, what a header is about;
    sibling terms match nothing.
    """
    words = index()[table]
    allowed = set(only) if only is not None else set(TABLES[table].by_name)
    order = {word: rank for rank, word in enumerate(words)}
    exact = [
        (order[key] + 1000 * (key in _BARE), -year_of(headers[position]), position, words[key])
        for position, known in enumerate(keys_of(headers))
        for key in known
        if key in words
    ]
    found: dict[int, tuple[str, float]] = {}
    used: dict[str, int] = {}
    for _, year, position, column in sorted(exact):
        if column in allowed and column not in used and position not in found:
            found[position] = (column, 1.0)
            used[column] = position
        elif column in used and year and year_of(headers[used[column]]) + year:
            found[used[column]] = (column, 0.9)  # the same thing in two years: the latest, to be confirmed
    for position, header in enumerate(headers):
        key = header_core(header)
        if position in found or key in _SIBLINGS or key in words or len(key) < 4 or period(header) or PAST.search(key):
            continue
        close = process.extractOne(key, list(words), scorer=fuzz.ratio, score_cutoff=_FUZZY)
        if close and words[close[0]] in allowed - set(used) and len(close[0]) >= 4:
            found[position] = (words[close[0]], close[1] / 100 - 0.05)
            used[words[close[0]]] = position
    free = [p for p in sorted(range(len(headers)), key=lambda p: -year_of(headers[p])) if p not in found]
    asked = table == "exits"  # those who left are asked why in numbered questions, too
    free = [p for p in free if headers[p] and not period(headers[p]) and (asked or not _QUESTION.match(headers[p]))]
    cores = {p: (header_core(headers[p]), header_core(_said_last(headers[p]))) for p in free if loosely}
    cores = {p: both for p, both in cores.items() if both[0] not in _SIBLINGS and both[0] not in words}
    for column, about, never in CONCEPTS.get(table, ()):
        if column not in allowed or column in used:
            continue
        fits = (p for p, (whole, last) in cores.items() if about.search(last) and not (never and never.search(whole)))
        place = next(fits, None)
        if place is not None:
            found[place], used[column] = (column, CONFIDENCE), place
            del cores[place]
    return found


def _said_last(header: str) -> str:
    """The lower of two levels, which says what a column is; the upper one where the lower is a year."""
    upper, _, lower = header.rpartition(JOIN)
    return upper if upper and re.fullmatch(r"(fy)?\s*(19|20)\d\d\s*(年|年度)?", lower.strip(), re.I) else lower


def _name_bonus(sheet: RawSheet, table: str) -> float:
    words = {normal(table), *(normal(w) for ws in TABLES[table].synonyms.values() for w in ws)}
    if normal(sheet.name) in words:
        return 4.0
    stem = normal(Path(sheet.file).stem)
    return 1.0 if stem in words or any(len(w) > 3 and w in stem for w in words) else 0.0


def _everyone_left(sheet: RawSheet, first: int, headers: Sequence[str]) -> bool:
    """Whether each row of a sheet with exit columns is an exit: then it is no customer list."""
    matched = match_headers(headers, "exits")
    sure = {p: name for p, (name, share) in matched.items() if share == 1 or tells_of_loss((headers[p],))}
    at = {column: position for position, column in sure.items()}
    told = _counted(sheet.columns[at["date"]], first) if "date" in at else {}
    if told and all(parse_flag(word) is not None for word in told):
        at.setdefault("churned", at.pop("date"))  # Cancelled: yes or no is spelt nearly like a date, and is none
    if "churned" in at:
        counted = _counted(sheet.columns[at["churned"]], first)
        gone = sum(count for word, count in counted.items() if parse_flag(word) is True)
        cells = [sum(len(a) - a.null_count for a in column.arrays.values()) for column in sheet.columns]
        rows = max(cells, default=0) - first
        return gone >= 0.9 * rows and all(parse_flag(word) is not False for word in counted)
    named = _name_bonus(sheet, "exits") >= 4
    deciding = [at[name] for name in ("date", "reason", "reason_key") if name in at]
    if not deciding:
        return named
    filled = np.zeros(max(sheet.rows - first, 0), dtype=bool)
    anything = filled.copy()
    for position, column in enumerate(sheet.columns):
        words = words_of(column)
        there = words.rows([not is_no_reason(word) for word in words.list], False, bool)[first:]
        anything |= there
        if position in deciding:
            filled |= there
    return bool(named or (anything.any() and filled.sum() > 0.7 * anything.sum()))


def _counted(column: RawColumn, first: int) -> dict[str, int]:
    """Each text of a column from a row on, and how often it stands there; no empty ones."""
    words = words_of(column)
    codes = words.codes[first:]
    counts = np.bincount(codes[codes >= 0], minlength=len(words.array))
    found: dict[str, int] = {}
    order = np.unique(codes[codes >= 0], return_index=True)
    for place in order[0][np.argsort(order[1])].tolist():
        word = words.stripped[place].as_py()
        if word:
            found[word] = found.get(word, 0) + int(counts[place])
    return found


def _best_table(looked: Looked) -> str | None:
    """The table a sheet fills best: by words that are known, else by what its headers are about."""
    sheet, header = looked.sheet, looked.header
    best = _best(looked, False) or _best(looked, True)
    if best is None and (events := guessed_events(looked)):
        return _by_meaning(looked, events[0], _FAR_CLEARER)
    if best is None and may_be_customers(looked):
        best = "customers"
    if best == "customers" and _contacts(looked):
        return "touchpoints"
    if best == "customers" and all_left(looked):
        best = "exits"
    best = (_events(sheet, header) or best) if best == "customers" else best
    return _by_meaning(looked, best)


def _by_meaning(looked: Looked, best: str | None, clearly: float = _CLEARLY) -> str | None:
    """The table that the meaning of headers and titles and the cells speak for, where they do so `clearly`."""
    sheet, header = looked.sheet, looked.header
    if best and len(_column_plan(header.names, best, False)) == len(looked.cores):
        return best  # every word is known
    said = _said_of(sheet, header)
    scores = likely(looked, said, lambda table: _known(header.names, table))
    titled_lost = named(said, "exits") > max(_TITLED, named(said, "customers"))
    loss = tells_of_loss((*said, *header.names)) or titled_lost or everyone_left(looked)
    loss = loss or (bool(looked.naming) and any(map(_says_why, filter(None, header.names))))
    if not loss and scores["exits"] < scores["customers"] + 2 * _CLEARLY:
        scores.pop("exits")  # a number of customers, a status or a reason alone is no loss
    if "assessments" in scores and _no_answers(looked):
        scores.pop("assessments")
    first = max(scores, key=lambda table: scores[table])
    if {best, first} <= {"customers", "exits"}:  # of the same columns: who is listed tells them apart
        own = [title for title in (sheet.name, *titles(sheet, header), Path(sheet.file).stem) if has_words(title)][:1]
        titled = named(own, "exits") > max(_TITLED, named(own, "customers") + 0.1)
        clear = loss and scores.get("exits", 0.0) > scores["customers"] + _CLEARLY
        told = clear and all_say(looked, fitted(looked, "exits", _known(header.names, "exits")))
        lost = best == "exits" or everyone_left(looked) or titled or told or (loss and bool(looked.naming))
        return (
            "exits"
            if lost and not _flagged(looked) and not only_begins(looked)
            else best
            if best == "exits"
            else "customers"
        )
    enough = _ENOUGH_NAMED if looked.naming or (first == "exits" and titled_lost) else _ENOUGH_OF.get(first, _ENOUGH)
    return first if scores[first] > (scores.get(best, 0.0) + clearly if best else enough) else best


def _said_of(sheet: RawSheet, header: Header) -> tuple[str, ...]:
    """What a sheet is called and what stands above its table; the file's name counts where the sheet's says nothing."""
    own = (sheet.name, *titles(sheet, header))
    return own if has_words(sheet.name) else (*own, Path(sheet.file).stem)


def _says_why(header: str) -> bool:
    """Whether a header is about the reason of an exit, and nearer to it than to anything that is said of customers."""
    near = nearness(header)
    return near["exits.reason"] >= max(_WHY, *(score for name, score in near.items() if name.startswith("customers.")))


def _flagged(looked: Looked) -> bool:
    """Whether a column says of some that they left and of others that they stayed."""
    flags = match_headers(looked.header.names, "exits", ("churned",))
    return any({parse_flag(word) for word in looked.cells(p).texts} >= {True, False} for p in flags)


def _no_answers(looked: Looked) -> bool:
    """Whether most of the questions that are numbered as the items of a survey are answered in dates or free words."""
    asked = [p for p, (name, _) in match_headers(looked.header.names, "assessments", ITEMS, False).items()]
    found = [looked.cells(p) for p in asked if _QUESTION.match(looked.header.names[p])]
    free = [cells.dates or (cells.wordy and np.isnan(to_levels(cells.column)).mean() > 0.5) for cells in found]
    return bool(free) and sum(free) > 0.5 * len(free)


def _contacts(looked: Looked) -> bool:
    """Whether a list with numbers of its own is of contacts: customers again and again, a day, a channel, a subject."""
    events = guessed_events(looked)
    told = {target for target, _ in events[1].values()} if events else set()
    return "touchpoints.topic" in told and not match_headers(looked.header.names, "customers", ("revenue",))


def _known(headers: Sequence[str], table: str) -> dict[int, tuple[str, float]]:
    return {p: (f"{table}.{name}", share) for p, (name, share) in match_headers(headers, table, loosely=False).items()}


def _events(sheet: RawSheet, header: Header) -> str | None:
    """The table of orders or contacts that a list is whose customers come again and again; None as a rule."""
    if any(name in _DECIDING for name, _ in match_headers(header.names, "exits", _DECIDING).values()):
        return None
    keyed = {name: p for p, (name, _) in match_headers(header.names, "customers", ("customer", "name")).items()}
    place = keyed.get("customer", keyed.get("name"))
    if place is None:
        return None
    codes = words_of(sheet.columns[place]).codes[header.first_row :]
    codes = codes[codes >= 0]
    if len(codes) < 12 or len(np.unique(codes)) > 0.75 * len(codes):
        return None
    best, most = None, 2
    for name, key, least in (("transactions", "customer", {"date", "amount"}), ("touchpoints", "account", {"date"})):
        columns = {column for column, _ in match_headers(header.names, name).values()} | {key}
        if least <= columns and len(columns) > most:
            best, most = name, len(columns)
    return best


def _repeats(sheet: RawSheet, header: Header, position: int) -> bool:
    """Whether a few names fill a column of many rows."""
    counted = _counted(sheet.columns[position], header.first_row)
    return sum(counted.values()) > max(20, 4 * len(counted))


def _best(looked: Looked, loosely: bool) -> str | None:
    sheet, header = looked.sheet, looked.header
    best, best_score = None, 0.6
    headers = header.names
    lost = _everyone_left(sheet, header.first_row, headers)
    known, shared = keys_of(headers), sharing()
    told_of_loss = tells_of_loss((*_said_of(sheet, header), *headers))
    for name, table in TABLES.items():
        matched = match_headers(headers, name, loosely=loosely)
        columns = {column for column, _ in matched.values()}
        missing = set(table.required) - columns
        if missing <= {"customer", "account"} and name in ("exits", "assessments", "transactions", "touchpoints"):
            missing = set() if match_headers(headers, "customers", ("name",), loosely) else missing
        if name == "customers" and missing:
            keyless = (
                "name" in columns
                or len(columns) >= 3
                or "churned" in {c for c, _ in match_headers(headers, "exits", None, loosely).values()}
            )
            missing = set() if keyless else missing
        if name == "exits" and missing == {"customer"} and columns & {"reason", "count"}:
            missing = set()
        if name == "exits" and not told_of_loss:
            continue  # a number of customers, a status or a reason alone is no loss
        if missing or (name == "assessments" and _no_answers(looked)):
            continue
        if name == "links" and any(looked.cells(p).dates for p in matched):
            continue  # from when to when
        if name == "programs" and _repeats(sheet, header, next(p for p, (c, _) in matched.items() if c == "program")):
            continue  # what each customer takes part in
        score = sum(
            confidence / min((shared[key] for key in known[position] if key in shared), default=1)
            for position, (_, confidence) in matched.items()
        )
        score += _name_bonus(sheet, name)
        if name == "customers":
            # a customer list may carry exits and answers; it is one only where not everybody left
            planned = _column_plan(headers, name, loosely)
            carried = sum(share for _, share in planned.values()) - sum(share for _, share in matched.values())
            matched = {**matched, **{p: found for p, found in planned.items() if p not in matched}}
            score += carried - 2 * lost + 0.3 * ("customer" in columns)
            if len(columns) <= 1 and match_headers(headers, "assessments", ("rater", "rater_role", "date")):
                score -= 1  # who rated whom, and when, is an assessment
        if name == "exits" and any(c in columns for c in ("churned", "reason", "date")):
            score = score + 2 if lost else score - 2
        if len(matched) < 2 and not _name_bonus(sheet, name):
            continue
        if score > best_score:
            best, best_score = name, score
    return best


def _labels_told(
    sheet: RawSheet, header: Header, columns: dict[int, tuple[str, float]]
) -> dict[int, tuple[str, float]]:
    """The first column of a pivot table of reasons holds reasons, not customers."""
    labels = next(
        (p for p, (t, _) in columns.items() if t == "exits.customer" and header_core(header.names[p]) in _LABELS), None
    )
    if labels is None or any(t == "exits.reason" for t, _ in columns.values()):
        return columns
    words = [word for word in _counted(sheet.columns[labels], header.first_row) if not is_total(word)]
    if len(words) > 100 or sum(suggest_reason(word)[0] != "unknown" for word in words) < 0.5 * len(words):
        return columns
    return {
        **_column_plan(["" if p == labels else name for p, name in enumerate(header.names)], "exits"),
        labels: ("exits.reason", 0.9),
    }


def _column_plan(headers: Sequence[str], table: str, loosely: bool = True) -> dict[int, tuple[str, float]]:
    matched = match_headers(headers, table, loosely=loosely)
    names = {column: position for position, (column, _) in matched.items()}
    if table == "customers" and "customer" in names and "name" not in names:
        # Customer beside Customer No.: the bare word names
        bare = next((p for p, h in enumerate(headers) if p not in matched and header_core(h) in _BARE), None)
        if bare is not None:
            matched[bare] = ("name", 1.0)
    if table == "exits" and "count" in names and not tells_of_loss((headers[names["count"]],)):
        one_each = "customer" in names or match_headers(headers, "customers", ("name",))
        if one_each:
            matched.pop(names.pop("count"))  # a quantity bought, where each row is one customer
    if table == "customers" and "customer" not in names and "name" in names:
        matched[names["name"]] = ("customer", 1.0)
    plan = {position: (f"{table}.{name}", share) for position, (name, share) in matched.items()}
    key = next((k for k in ("customer", "account") if k in TABLES[table].by_name), "")
    if table in ("exits", "assessments", "transactions", "touchpoints") and key not in names:
        by_name = {p: n for p, n in match_headers(headers, "customers", ("name",)).items() if p not in plan}
        plan.update(dict.fromkeys(by_name, (f"{table}.{key}", 1.0)))
    if table != "customers":
        return plan
    for other, (_, columns, least) in _CARRIED.items():
        asked = loosely and other == "exits"
        carried = match_headers(headers, other, columns, asked)
        # a date spelt nearly like an exit date would make everybody lost
        free = {
            p: (name, share)
            for p, (name, share) in carried.items()
            if p not in plan
            and (share == 1 or (asked and (share == CONFIDENCE or name in ("reason", "churned"))))
            # the end of a contract that still runs is no exit
            and (share == 1 or name != "date" or not _ENDS.search(header_core(headers[p])))
        }
        if len(free) >= least:
            plan.update({p: (f"{other}.{name}", share) for p, (name, share) in free.items()})
    return plan


def carried_key(table: str) -> str:
    """The column of `table` that a customer list's customer fills."""
    return _CARRIED[table][0]


def plan_sheet(
    sheet: RawSheet, choice: SheetChoice | None = None, customers: Collection[str] = ()
) -> tuple[SheetPlan, ...]:
    """How one sheet will be read: header, table, columns; the user's choices win.

    `customers` are those that other sheets list, so that what names them is told by its cells. A wide sheet gives a
    plan for each of its parts, made long; all others give one plan.

    Raises:
        ConfigError: a choice that names a row, a header or a column which is not there.
    """
    choice = choice or SheetChoice()
    where = f"sheets.{sheet.label}"
    if choice.header_row and choice.header_row > sheet.rows:
        raise ConfigError(f"{where}.header_row: {choice.header_row} is below the last row ({sheet.rows})")
    header = find_header(sheet, choice.header_row - 1 if choice.header_row else None, choice.header_rows)
    if choice.skip:
        return (SheetPlan(sheet, header, None, {}),)
    sheet, header, made_of = with_amount(sheet, header)
    if not (choice.table or choice.columns or choice.header_row):
        tables = split(sheet, header)
        if len(tables) > 1:
            main = max(tables, key=lambda table: table.rows * len(table.columns))
            sums = [table is not main and sums_up(table, main) for table in tables]
            said = [SheetChoice(skip=True) if summed else None for summed in sums]
            return tuple(plan for pair in zip(tables, said, strict=True) for plan in plan_sheet(*pair, customers))
    parts = []
    for wide in () if choice.table or choice.columns else find_wide(sheet, header):
        long = unfold(sheet, header, wide)
        if long is not None:
            parts.append(
                replace(_plan_one(long, find_header(long, 0, 1), SheetChoice(table=wide.table), where), wide=wide)
            )
        if not wide.replaces:
            whole, wider = with_total(sheet, header, wide)
            plan = _plan_one(whole, wider, choice, where, customers)
            if plan.table == "customers":
                parts.insert(0, replace(plan, wide=wide, made_of=wide.latest))
            else:
                parts.clear()
    if not parts or any(part.table is None for part in parts):
        parts = [replace(_plan_one(sheet, header, choice, where, customers), made_of=made_of)]
    scale = _title_scale(sheet, header)
    return tuple(replace(part, scale=scale) for part in parts)


def _title_scale(sheet: RawSheet, header: Header) -> float:
    """The unit named above the table, below it or by the sheet, 1 where none is; what stands above counts most."""
    scale = 1.0
    below = range(max(sheet.rows - 4, header.first_row), sheet.rows)
    notes = [cells for cells in map(sheet.line, below) if sum(map(bool, cells)) == 1 and len(cells) > 1]
    for line in ((sheet.name,), *notes, *map(sheet.line, range(header.top))):
        found = [unit for unit in map(title_unit, (*line, " ".join(filter(None, line)))) if unit is not None]
        scale = found[0] if found else scale
    return scale


def _plan_one(
    sheet: RawSheet, header: Header, choice: SheetChoice, where: str, customers: Collection[str] = ()
) -> SheetPlan:
    headers, first, looked = header.names, header.first_row, Looked(sheet, header, customers)
    table = choice.table or _best_table(looked)
    columns = _by_words(looked, table) if table else {}
    if table == "exits":
        columns = _labels_told(sheet, header, columns)
    if table == "exits" and all_say(looked, columns):  # a flag beside when and why is about something else
        columns = {p: (t, share) for p, (t, share) in columns.items() if share == 1 or t != "exits.churned"}
    if table:
        columns = guessed(looked, table, columns)
        events = guessed_events(looked) if table in ("transactions", "touchpoints", "value") else None
        if events and events[0] == table:
            known = {target for target, _ in columns.values()}
            columns |= {p: found for p, found in events[1].items() if p not in columns and found[0] not in known}
        columns |= fitted(looked, table, columns, _spoken_for(headers, table))
        columns |= asked_in_another_order(looked, columns)
        columns = _years(looked, keyed(columns)) if table == "customers" else _referred(looked, table, columns)
    for name, target in choice.columns.items():
        position = next((p for p, found in enumerate(headers) if found == name), None)
        if position is None:
            raise ConfigError(f"{where}.columns: no header {name!r}; there are {', '.join(filter(None, headers))}")
        if target is None:
            columns.pop(position, None)
        elif target.split(".")[0] not in (table, *(_CARRIED if table == "customers" else ())):
            raise ConfigError(f"{where}.columns.{name}: {target} is no column of the table {table}")
        else:
            columns = {p: t for p, t in columns.items() if t[0] != target}
            columns[position] = (target, 1.0)
    unclear = {}
    for position, (target, _) in columns.items():
        if target != "exits.churned" or normal(headers[position]) not in _STATUS:
            continue
        # a bare 1/0 or yes/no under "status" may mean active or lost: only the user can say
        words = {normal(word) for word in set(to_texts(sheet.columns[position])[first:]) if word}
        if words <= _FLAGS:
            unclear[position] = target
    if not choice.columns and {header_core(name) for name in headers} & _FIRMS:
        for position, (target, _) in list(columns.items()):
            if target == "customers.revenue" and header_core(headers[position]) in _OWN_TURNOVER:
                unclear[position] = target  # theirs or ours?
                others = ["" if p == position else name for p, name in enumerate(headers)]
                again = {p: t for p, t in _column_plan(others, "customers").items() if t[0] == target}
                columns.update(again)
    if not choice.columns:
        columns = {p: t for p, t in columns.items() if p not in unclear}
    twins = {}
    for position, name in enumerate(headers):
        if position in columns or not table or header_core(name) in _SIBLINGS:
            continue
        for other in {table, *(_CARRIED if table == "customers" else ())}:
            for key in keys(name):
                target = f"{other}.{index()[other].get(key, '')}"
                twin = next((p for p, (t, _) in columns.items() if t == target), None)
                if twin is not None:
                    twins[position] = twin
                    if target.endswith(".revenue") and not choice.columns and not year_of(name):
                        columns[twin] = (target, min(columns[twin][1], 0.9))  # which of the two is ours to ask
    sheet, continued = _continued(looked, columns)
    return SheetPlan(
        sheet, header, table, columns, 1.0, twins, unclear, meanings=_meanings(looked, columns), continued=continued
    )


def _continued(looked: Looked, columns: Mapping[int, tuple[str, float]]) -> tuple[RawSheet, dict[int, int]]:
    """The sheet with the words of its groups on each row, where they stand on the first row of a group alone.

    Groups are told by a column of them among the first, with a word on the first row and none twice, on at most six
    rows of ten that hold anything; groups within groups by words of which none comes twice within one.
    """
    sheet, first = looked.sheet, looked.header.first_row
    places = sorted(p for p, (target, _) in columns.items() if target in _GROUPING and p < 4)
    if not places or sheet.rows - first > _MOST_LINES:
        return sheet, {}
    lines = [sheet.line(row) for row in range(first, sheet.rows)]
    usual = float(np.median([sum(map(bool, line)) for line in lines if any(line)] or [0]))
    rows = [
        n for n, line in enumerate(lines) if sum(map(bool, line)) >= 0.5 * usual and not any(map(is_total, line[:3]))
    ]
    found = {}
    made = list(sheet.columns)
    within: list[tuple[str, ...]] = [()] * len(rows)
    for place in places:
        words = [lines[n][place].strip() for n in rows]
        said = [(*group, word) for group, word in zip(within, words, strict=True) if word]
        if len(said) < 2 or not words[0] or len(set(said)) < len(said) or len(said) > 0.6 * len(words):
            continue
        texts = to_texts(sheet.columns[place]).tolist()
        last = ""
        for n in rows:
            last = texts[first + n] = lines[n][place].strip() or last
        made[place] = RawColumn({"t": pa.array([text or None for text in texts], pa.string())}, len(texts))
        found[place] = len(words) - len(said)
        within = [(*group, texts[first + n]) for group, n in zip(within, rows, strict=True)]
    return replace(sheet, columns=tuple(made)) if found else sheet, found


def _years(looked: Looked, columns: dict[int, tuple[str, float]]) -> dict[int, tuple[str, float]]:
    """The plan of a list of customers with years of revenue: the latest, or the one before it and what it has become.

    The latter where a name or a title of the sheet speaks of both years, where a line above the table says that its
    period is the later one, or where those who left brought nothing in that, so that it cannot tell what was lost.
    """
    headers = looked.header.names
    place = next((p for p, (target, _) in columns.items() if target == "customers.revenue"), None)
    if place is None or not year_of(headers[place]) or "customers.revenue_end" in {t for t, _ in columns.values()}:
        return columns
    alike = looked.of_years(place)
    earlier = alike.get(year_of(headers[place]) - 1)
    if earlier is None or earlier in columns or year_of(headers[place]) < max(alike):
        return columns
    left = looked.left(columns)
    before, after = (np.nansum(looked.amounts(p)[left]) if left is not None else 0.0 for p in (earlier, place))
    years = [rf"(?<!\d)({year}|{year % 100})(?!\d)" for year in (year_of(headers[earlier]), year_of(headers[place]))]
    said = (looked.sheet.name, Path(looked.sheet.file).stem, *titles(looked.sheet, looked.header))
    named = any(re.search(r"\D{1,5}".join(years), line.replace("_", " ")) for line in said)
    lines, over = (
        titles(looked.sheet, looked.header),
        rf"(?<!\d)({year_of(headers[place])}|{year_of(headers[place]) - 1911}(?=年))(?!\d)",
    )
    named = named or any(_OVER.search(line) and re.search(over, line) for line in lines)
    named = named or bool(day_of(headers[earlier]) and day_of(headers[place]))  # at the start and at the end of a year
    if not named and not after < 0.1 * before:
        return columns
    return {**columns, earlier: ("customers.revenue", 0.9), place: ("customers.revenue_end", 0.9)}


def _referred(looked: Looked, table: str, columns: dict[int, tuple[str, float]]) -> dict[int, tuple[str, float]]:
    """The columns with the customer where the cells name those of another sheet, if another column was taken for it."""
    key = next((t for t in REFERRING if t.startswith(f"{table}.")), None)
    place = next((p for p, (t, _) in columns.items() if t == key), None)
    if key is None or not looked.naming or place in looked.naming:
        return columns
    named = next((p for p in looked.naming if p not in columns), looked.naming[0])
    return {**{p: found for p, found in columns.items() if p != place}, named: (key, ASKED)}


def _spoken_for(headers: Sequence[str], table: str) -> set[int]:
    """The columns whose words are known exactly, or to be something else, so that their meaning is not asked for."""
    words = set(index()[table])
    for other, (_, carried, _) in _CARRIED.items() if table == "customers" else ():
        words |= {word for word, column in index()[other].items() if column in carried}
    return {
        position
        for position, (header, known) in enumerate(zip(headers, keys_of(headers), strict=True))
        if header_core(header) in _SIBLINGS or any(key in words for key in known)
    }


def _by_words(looked: Looked, table: str) -> dict[int, tuple[str, float]]:
    """The columns of a table: by exact words, then by clear meaning, then by near spellings and parts of words."""
    headers = looked.header.names
    unfit: set[int] = set()
    while True:
        names = ["" if p in unfit else name for p, name in enumerate(headers)]
        columns = _column_plan(names, table)
        if more := _unfit(looked.sheet, looked.header, columns):
            unfit |= more
            continue
        spoken = _spoken_for(headers, table)
        sure = {p: found for p, found in columns.items() if found[1] == 1 or (p in spoken and year_of(headers[p]))}
        if len(sure) == len(columns) and set(looked.cores) <= {*columns, *spoken}:
            return columns
        loose = {p: found for p, found in columns.items() if p not in sure}
        near = fitted(looked, table, sure, spoken, loose)
        clear = {p: found for p, found in near.items() if found[1] >= _CLEAR or loose.get(p, ("",))[0] == found[0]}
        clear = {p: loose[p] if loose.get(p, ("",))[0] == found[0] else found for p, found in clear.items()}
        taken = {target for target, _ in (*sure.values(), *clear.values())}
        others = {p: found for p, found in loose.items() if found[0] not in taken and p not in clear}
        return {**others, **sure, **clear}


def _meanings(looked: Looked, columns: Mapping[int, tuple[str, float]]) -> dict[int, dict[str, str]]:
    """What words mean that no vocabulary knows: of who left by the rows they stand on, of others by their sense."""
    found = {}
    mapped = {target for target, _ in columns.values()}
    for position, (target, _) in columns.items():
        column = TABLES[target.split(".")[0]].by_name[target.split(".")[1]]
        if column.type != "choice" and target != "exits.churned":
            continue
        words = [w for w in _counted(looked.sheet.columns[position], looked.header.first_row) if not is_no_reason(w)]
        if len(words) > _MANY_WORDS:
            continue
        if column.type == "choice":
            strange = [w for w in words if not _is_known(w, target, mapped) and not is_total(w)]
            told = {w: meant(w, column.vocabulary) or suggest_key(w, column.vocabulary) for w in strange}
            found[position] = {word: key for word, key in told.items() if key}
        else:
            gone = meanings(looked, position, columns)
            # where rows tell both apart, a word that says otherwise is read wrongly: 有 beside 不做了
            both = len(set(gone.values())) == 2
            said = {w: _says_gone(w, looked.header.names[position]) for w in gone}
            unknown = both and None in said.values()  # of words that are all known the rows are counted when read
            gone = {w: left for w, left in gone.items() if said[w] is None or (unknown and said[w] != left)}
            found[position] = {w: "yes" if left else "no" for w, left in gone.items()}
    return found


def _says_gone(word: str, header: str) -> bool | None:
    """Whether a word of a column of who left says so by itself, as it is read under its header."""
    said = parse_flag(word)
    turned_over = is_inverse(header) and normal(word) in PLAIN_FLAGS
    return said if said is None or not turned_over else not said


def _is_known(word: str, target: str, mapped: Collection[str]) -> bool:
    """Whether a vocabulary knows a word of a column: its own, or the one it may be mixed up with where that has none."""
    own = TABLES[target.split(".")[0]].by_name[target.split(".")[1]].vocabulary
    crossed = CROSSED.get(target, "")
    mixed = bool(crossed) and f"stakeholders.{crossed}" not in mapped
    return parse_key(word, own) is not None or (mixed and parse_key(word, crossed) is not None)


def _unfit(sheet: RawSheet, header: Header, columns: Mapping[int, tuple[str, float]]) -> set[int]:
    """The columns matched by what they are about whose first cells are nothing of the kind: cities as money, yes and no as segments."""
    types = {column.id: column.type for column in every_column()}
    found = set()
    for position, (target, share) in columns.items():
        if target in AMOUNTS and is_no_amount(header.names[position]):
            found.add(position)
        if target == "exits.customer" and share < 1 and is_number_of(header.names[position]):
            found.add(position)
        if share == 1 and target != "customers.segment":
            continue
        rows = range(header.first_row, min(header.first_row + 300, sheet.rows))
        texts = [text for row in rows if (text := sheet.columns[position].text(row))]
        counted = list(dict.fromkeys(texts))
        if target == "customers.segment" and len(texts) > 20 and len(counted) == len(texts):
            found.add(position)  # a number of each customer, no group
        if share == 1:
            continue
        coded = sum(any(map(str.isdigit, text)) for text in texts) > 0.5 * len(texts)
        if coded and target.split(".")[1] in ("name", "person", "rater", "owner", "counterpart"):
            found.add(position)  # numbers of people are no people
        if target == "customers.segment" and len(counted) > 1 and {normal(word) for word in counted} <= _FLAGS:
            found.add(position)
        if types[target] not in ("money", "number", "integer", "date"):
            continue
        cells = RawColumn({"t": pa.array(counted, pa.string())}, len(counted))
        dated = types[target] == "date"
        read = to_numbers(cells)
        bad = to_dates(cells, None)[1] if dated else read.bad & np.isnan(to_levels(cells))
        if types[target] == "integer":
            bad = bad | (read.values != np.round(read.values)) & ~np.isnan(read.values)
        if bad.sum() > 0.5 * len(counted):
            found.add(position)
    return found


def edited(sheet: RawSheet, choice: SheetChoice) -> RawSheet:
    """The sheet with cells mended by the user: row number as the spreadsheet shows it -> header -> new text.

    Raises:
        ConfigError: a row or a header that is not there.
    """
    if not choice.cells:
        return sheet
    header = find_header(sheet, choice.header_row - 1 if choice.header_row else None, choice.header_rows)
    changes: dict[int, dict[int, str]] = {}
    for row, words in choice.cells.items():
        if not row.isdigit() or not header.first_row < int(row) <= sheet.rows:
            raise ConfigError(f"sheets.{sheet.label}.cells: no row {row} below the header")
        for name, text in words.items():
            if name not in header.names:
                raise ConfigError(f"sheets.{sheet.label}.cells.{row}: no header {name!r}")
            changes.setdefault(header.names.index(name), {})[int(row) - 1] = text
    columns = list(sheet.columns)
    for position, said in changes.items():
        column = columns[position]
        arrays: dict[str, pa.Array] = {}
        for kind, array in {"t": pa.nulls(column.length, pa.string()), **column.arrays}.items():
            values = array.to_pylist()
            for row_at, text in said.items():
                values[row_at] = text if kind == "t" else None
            arrays[kind] = pa.array(values, array.type)
        columns[position] = RawColumn(arrays, column.length)
    return replace(sheet, columns=tuple(columns))


def _reason_questions(plans: Sequence[SheetPlan], said: Mapping[str, str]) -> tuple[dict[str, str], list[Question]]:
    reasons: dict[str, str] = {}
    questions = []
    for plan in plans:
        for position, (target, _) in plan.columns.items():
            if target != "exits.reason":
                continue
            texts = to_texts(plan.raw.columns[position])[plan.header.first_row :]
            keyed = next((p for p, (t, _) in plan.columns.items() if t == "exits.reason_key"), None)
            if keyed is not None:  # a row that gives the key itself leaves nothing to ask
                texts = texts[to_texts(plan.raw.columns[keyed])[plan.header.first_row :] == ""]
            counted = Counter(texts.tolist())
            for text, count in counted.most_common(400):
                if is_no_reason(text) or text in reasons or is_total(text):
                    continue
                key, sure = suggest_reason(text)
                reasons[text] = said.get(text, key)
                if not sure and text not in said:
                    header = plan.headers[position]
                    questions.append(Question("reason", plan.file, plan.sheet, header, text, key, count))
    return reasons, questions


def _word_questions(plan: SheetPlan, said: Mapping[str, Mapping[str, str]]) -> list[Question]:
    """Words of a column with a fixed vocabulary that no entry of it knows, with the nearest one."""
    questions = []
    mapped = {target for target, _ in plan.columns.values()}
    for position, (target, _) in plan.columns.items():
        column = TABLES[target.split(".")[0]].by_name[target.split(".")[1]]
        if column.type not in ("choice", "flag"):
            continue
        counted = _counted(plan.raw.columns[position], plan.header.first_row)
        counted = {word: count for word, count in counted.items() if word not in said.get(target, {})}
        if len(counted) > _MANY_WORDS:
            continue  # a wrong column, not a vocabulary
        for word, count in counted.items():
            known = parse_flag(word) is not None if column.type == "flag" else _is_known(word, target, mapped)
            if (not known or word in plan.meanings.get(position, {})) and not is_no_reason(word) and not is_total(word):
                near = plan.meanings.get(position, {}).get(word, "")
                questions.append(
                    Question("word", plan.file, plan.sheet, plan.headers[position], word, near, count, target)
                )
    return questions


def upright(sheet: RawSheet) -> RawSheet:
    """A small sheet whose fields stand below each other, one column a customer, turned; all others as they are."""
    if sheet.turned or not 3 <= sheet.rows <= _TURNED_ROWS or not len(sheet.columns) >= 2:
        return sheet
    if _best_table(Looked(sheet, find_header(sheet))):
        return sheet
    other = turned(sheet)
    header = find_header(other)
    table = _best_table(Looked(other, header))
    if not any(numeric(other, header, p, 1.0) for p, name in enumerate(header.names) if name):
        return sheet  # words alone describe a table rather than fill one
    sure = [share for _, share in _column_plan(header.names, table).values()] if table else []
    return other if header.top < 3 and sure.count(1.0) >= 3 else sheet


def choice_of(sheet: RawSheet, choices: Choices) -> SheetChoice | None:
    """What the choices say of a sheet: by file and sheet, by sheet, or by the shape of its header."""
    by_name = choices.sheets.get(f"{sheet.file}/{sheet.label}") or choices.sheets.get(sheet.label)
    if by_name is not None or not any(name.startswith("shape:") for name in choices.sheets):
        return by_name
    return choices.sheets.get(shape_of(find_header(sheet).names))


def _planned(sheets: Sequence[RawSheet], said: Sequence[SheetChoice | None]) -> list[tuple[SheetPlan, ...]]:
    """Each sheet's plans; a second time where other sheets list the customers or stakeholders that it may name."""
    found = [plan_sheet(sheet, choice) for sheet, choice in zip(sheets, said, strict=True)]
    if len(found) < 2:
        return found
    told = any(plan.table for sheet, plans in zip(sheets, found, strict=True) for plan in plans if not _is_pivot(sheet))
    said = [
        SheetChoice(skip=True) if choice is None and told and _is_pivot(sheet) else choice
        for sheet, choice in zip(sheets, said, strict=True)
    ]
    found = [
        plan_sheet(sheet, choice) if choice and choice.skip else plans
        for sheet, choice, plans in zip(sheets, said, found, strict=True)
    ]
    lists = {n: _listed(plans) for n, plans in enumerate(found)}
    known = {n: _listed(plans, "stakeholders") for n, plans in enumerate(found)}
    for n, (sheet, choice) in enumerate(zip(sheets, said, strict=True)):
        # of two lists of customers the longer one may be what the other is taken from
        others = [names for m, names in lists.items() if m != n and len(names) > len(lists[n])]
        if others:
            found[n] = plan_sheet(sheet, choice, frozenset().union(*others))
        others = [names for m, names in known.items() if m != n and names]
        if others and choice is None:
            header = find_header(sheet)
            ends = Looked(sheet, header, frozenset().union(*others)).naming
            if len(ends) == 2:  # two columns of them: who is linked to whom
                ties = {header.names[ends[0]]: "links.source", header.names[ends[1]]: "links.target"}
                found[n] = plan_sheet(sheet, SheetChoice(table="links", columns={**ties}))
    found = [
        plans if choice is not None else tuple(_left_out(p) if _is_of_choices(p, found) else p for p in plans)
        for plans, choice in zip(found, said, strict=True)
    ]
    listed = [plan for plans in found for plan in plans if plan.table == "customers" and not _keyed_by_cells(plan)]
    most = max((plan.raw.rows for plan in listed), default=0)
    lost = {year_of(plan.headers[p]) for plans in found for plan in plans for p in _places(plan, "exits.revenue")}
    return [
        tuple(
            _left_out(plan)
            if choice is None
            and (
                (_keyed_by_cells(plan) and 5 * plan.raw.rows < most) or any(_explains(plan, other) for other in listed)
            )
            else _since_year_of(plan, lost)
            for plan in plans
        )
        for plans, choice in zip(found, said, strict=True)
    ]


def _left_out(plan: SheetPlan) -> SheetPlan:
    """The sheet as one that fills no table."""
    return SheetPlan(plan.raw, plan.header, None, {})


def _is_of_choices(plan: SheetPlan, sheets: Sequence[Sequence[SheetPlan]]) -> bool:
    """Whether a sheet only lists what cells of another may say, as for its drop-downs: each column names different
    things, and most columns those that a column of a longer sheet repeats.
    """
    if plan.table is None or not 2 <= plan.raw.rows <= _MOST_CHOICES:
        return False
    lists = [words for p in range(len(plan.raw.columns)) if (words := _column_words(plan, p))]
    if len(lists) < 2 or any(len(set(words)) < len(words) for words in lists):
        return False
    longer = [
        (set(words), len(words))
        for plans in sheets
        for other in plans
        if other is not plan and other.table and 2 * plan.raw.rows < other.raw.rows <= _MOST_LINES
        for p in range(len(other.raw.columns))
        if (words := _column_words(other, p))
    ]
    chosen = [
        any(len(there & set(w)) >= 0.75 * len(w) and count >= 3 * len(there) for there, count in longer) for w in lists
    ]
    return sum(chosen) > len(lists) / 2


def _column_words(plan: SheetPlan, place: int) -> list[str]:
    """What the filled cells of a column say."""
    return [word for word in to_texts(plan.raw.columns[place].below(plan.header.first_row)).tolist() if word]


def _places(plan: SheetPlan, target: str) -> list[int]:
    return [p for p, (found, _) in plan.columns.items() if found == target]


_KEYS = ("customers.customer", "customers.name")


def _explains(plan: SheetPlan, other: SheetPlan) -> bool:
    """Whether a list of codes and names tells what stands in a column of a longer list of customers, as territories."""
    if plan.table != "customers" or other.raw is plan.raw or other.raw.rows < 2 * plan.raw.rows:
        return False
    if len(plan.columns) < 2 or any(target not in _KEYS for target, _ in plan.columns.values()):
        return False
    named = [_words_below(plan, p) for p in plan.columns]
    held = {p: _words_below(other, p) for p in range(len(other.raw.columns))}
    keys = set().union(*(held[p] for p in held if other.columns.get(p, ("", 0))[0] in _KEYS))
    said = [words for p, words in held.items() if other.columns.get(p, ("", 0))[0] not in _KEYS and len(words) > 1]
    return not keys & set().union(*named) and any(words <= codes for words in said for codes in named)


def _words_below(plan: SheetPlan, place: int) -> set[str]:
    words = words_of(plan.raw.columns[place].below(plan.header.first_row)).list
    return {word.strip() for word in words if word.strip()}


def _keyed_by_cells(plan: SheetPlan) -> bool:
    """Whether a list of customers has them only because some column holds different words, as a list of tiers has."""
    keys = [share for target, share in plan.columns.values() if target in _KEYS]
    return plan.table == "customers" and max(keys, default=1.0) <= NEAR


def _since_year_of(plan: SheetPlan, lost: Collection[int]) -> SheetPlan:
    """A list of customers with two years of revenue: the earlier counts where the lost revenue on another sheet is of it."""
    for place in _places(plan, "customers.revenue"):
        year = year_of(plan.headers[place])
        earlier = Looked(plan.raw, plan.header).of_years(place).get(year - 1) if lost == {year - 1} else None
        if earlier is not None and earlier not in plan.columns and not _places(plan, "customers.revenue_end"):
            years = {earlier: ("customers.revenue", 0.9), place: ("customers.revenue_end", 0.9)}
            return replace(plan, columns={**plan.columns, **years})
    return plan


def _is_pivot(sheet: RawSheet) -> bool:
    """Whether a sheet does nothing but sum up rows that stand elsewhere."""
    header = find_header(sheet)
    return is_pivot(header) and all(is_pivot(find_header(part)) for part in split(sheet, header))


def _listed(plans: Sequence[SheetPlan], table: str = "customers") -> frozenset[str]:
    """The numbers and names of the customers, or stakeholders, that a sheet lists."""
    return frozenset(
        normal(word)
        for plan in plans
        if plan.table == table and plan.raw.rows <= _MOST_LISTED
        for position, (target, _) in plan.columns.items()
        if target in ("customers.customer", "customers.name", "stakeholders.stakeholder")
        for word in _counted(plan.raw.columns[position], plan.header.first_row)
    )


def propose(sheets: Sequence[RawSheet], choices: Choices | None = None) -> Plan:
    """How the sheets would be read, with a question for all that a program cannot know.

    Raises:
        ConfigError: a choice that names a row, a header or a column which is not there.
    """
    choices = choices or Choices()
    plans: list[SheetPlan] = []
    questions = []
    sheets = [upright(sheet) for sheet in sheets]
    said = [choice_of(sheet, choices) for sheet in sheets]
    sheets = [edited(sheet, choice) if choice else sheet for sheet, choice in zip(sheets, said, strict=True)]
    for sheet, choice, found in zip(sheets, said, _planned(sheets, said), strict=True):
        plans.extend(found)
        ask: dict[str, Any] = {"file": sheet.file, "sheet": sheet.label}
        for plan in found:
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
            questions.extend(_word_questions(plan, choices.words))
        if sheet.other_reading and sheet.file not in choices.encodings:
            example = next((cell for row in range(sheet.rows) for cell in sheet.line(row) if not cell.isascii()), "")
            questions.append(Question("encoding", column="", value=example, suggestion=sheet.encoding, **ask))
    # of sheets that are years the latest counts first
    plans.sort(key=lambda plan: -year_of(plan.sheet))
    reasons, asked = _reason_questions(plans, choices.reasons)
    return Plan(tuple(plans), reasons, (*questions, *asked), choices)
