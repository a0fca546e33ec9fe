"""The user's own data as files: all of it, what was set aside, and the mapping."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import yaml
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill

from core.intake.matching import Choices, Plan, SheetChoice, shape_of
from core.narrative import problem_sentence
from core.portfolio import Portfolio, Problem, Settings
from core.tables import TABLES, Column
from core.text import Text, printable

_HEAD = Font(bold=True)
_ASIDE = PatternFill("solid", fgColor="FBE3D6")


def _cell(sheet: Any, value: Any) -> Any:
    """A cell that never becomes a formula: text stays text, whatever it begins with."""
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, printable(value))
    if cell.data_type == "f" or value[:1] in ("=", "#"):
        cell.data_type = "s"
    return cell


def _head(sheet: Any, words: Sequence[str]) -> list[Any]:
    cells = [WriteOnlyCell(sheet, printable(word)) for word in words]
    for cell in cells:
        cell.font, cell.data_type = _HEAD, "s"
    return cells


def _values(column: Column, values: Any, text: Text) -> list[Any]:
    """The cells of one column as a spreadsheet holds them, None where empty."""
    if column.type == "choice":
        return [text.term(column.vocabulary, value) if value else None for value in values]
    if column.type == "text":
        return [str(value) if value else None for value in values]
    if column.type == "flag":
        return [None if pd.isna(value) else bool(value) for value in values]
    if column.type == "date":
        return [None if pd.isna(value) else pd.Timestamp(value).to_pydatetime() for value in values]
    numbers = np.asarray(values, dtype=float)
    return [None if np.isnan(value) else float(value) for value in numbers]


def _setting_rows(settings: Settings) -> list[tuple[str, Any]]:
    """Name and value of each setting that somebody gave."""
    found = []
    for item in fields(Settings):
        value = getattr(settings, item.name)
        if value not in (None, ""):
            found.append(
                (
                    item.name,
                    value if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value),
                )
            )
    return found


def build_data(portfolio: Portfolio, text: Text) -> bytes:
    """Every table of a portfolio as a workbook that imports back to the same portfolio (same digest).

    Headers and vocabulary are in the reader's language; numbers keep all their digits.
    """
    book = openpyxl.Workbook(write_only=True)
    for name, table in TABLES.items():
        frame = portfolio.table(name)
        if name == "settings" or frame is None:
            continue
        sheet = book.create_sheet(table.label(text.language))
        columns = [c for c in table.columns if c.required or _filled(frame[c.name])]
        sheet.append(_head(sheet, [c.label(text.language) for c in columns]))
        for row in zip(*(_values(c, frame[c.name], text) for c in columns), strict=True):
            sheet.append([_cell(sheet, value) for value in row])
    rows = _setting_rows(portfolio.settings)
    if rows or not portfolio.tables:
        sheet = book.create_sheet(TABLES["settings"].label(text.language))
        sheet.append(_head(sheet, [c.label(text.language) for c in TABLES["settings"].columns]))
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _filled(values: pd.Series[Any]) -> bool:
    return bool((values.notna() & (values.astype(str) != "")).any())


def build_set_aside(plan: Plan, problems: Sequence[Problem], text: Text) -> bytes:
    """The rows that were set aside, under their own headers, with what is wrong beside each.

    Mended there, the file is uploaded again as it is.
    """
    book = openpyxl.Workbook(write_only=True)
    for n, (part, rows) in enumerate(rows_aside(plan, problems).items(), 1):
        raw = plan.sheets[part].raw
        sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", raw.label)[:26] or f"{n}")
        headers = [header or f"#{p + 1}" for p, header in enumerate(plan.sheets[part].headers)]
        sheet.append(_head(sheet, [*headers, text("problem.list.row"), text("problem.list.message")]))
        for row, found in rows.items():
            line = [_cell(sheet, column.value(row)) for column in raw.columns]
            words = WriteOnlyCell(sheet, " ".join(problem_sentence(p, text) for p in found))
            words.data_type, words.fill = "s", _ASIDE
            sheet.append([*line, raw.person_row(row), words])
    if not book.worksheets:
        book.create_sheet(text("data.problems.title")[:26])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rows_aside(plan: Plan, problems: Sequence[Problem]) -> Mapping[int, dict[int, list[Problem]]]:
    """Position of a sheet in the plan -> its row (0-based) -> what is wrong there, for rows to be mended."""
    found: dict[int, dict[int, list[Problem]]] = {}
    for part, sheet in enumerate(plan.sheets):
        if sheet.table is None or sheet.raw.origin:
            continue
        for problem in problems:
            if (
                problem.row
                and problem.set_aside in ("row", "cell")
                and problem.code in MENDABLE
                and (problem.file, problem.sheet) == (sheet.file, sheet.sheet)
                and sheet.header.first_row < problem.row <= sheet.raw.rows
            ):
                found.setdefault(part, {}).setdefault(problem.row - 1, []).append(problem)
    return {part: dict(sorted(rows.items())) for part, rows in found.items()}


MENDABLE = frozenset(("bad_cell", "missing_required", "duplicate", "no_market", "ragged_row", "reason_without_exit"))


def build_choices(plan: Plan) -> str:
    """The mapping as YAML to keep or to share: it serves every file with the same headers.

    Sheets go by the shape of their header; no cell and no mend of a cell is in it.
    """
    sheets = {
        shape_of(part.headers): SheetChoice(
            table=part.table,
            columns={
                header: part.columns[p][0] if p in part.columns else None
                for p, header in enumerate(part.headers)
                if header
            },
        )
        for part in plan.sheets
        if part.table is not None and part.wide is None
    }
    said = Choices(
        sheets=sheets,
        reasons=dict(plan.reasons),
        words=plan.choices.words,
        day_first=plan.choices.day_first,
        duplicates=plan.choices.duplicates,
    )
    return str(yaml.safe_dump(said.model_dump(exclude_defaults=True), allow_unicode=True, sort_keys=False))
