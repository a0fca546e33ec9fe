"""Workbooks to fill in, made from the schema in each language."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pandas as pd
import xlsxwriter

from core.tables import TABLES, VOCABULARIES, Column
from core.text import Text


def _rule(column: Column, text: Text) -> str:
    """What a cell of this column may hold, in words."""
    parts = [text(f"schema.type.{column.type}")]
    if column.low is not None or column.high is not None:
        low = "" if column.low is None else f"{column.low:g}"
        high = "" if column.high is None else f"{column.high:g}"
        parts.append(f"{low} … {high}")
    parts.append(text("schema.required" if column.required else "schema.optional"))
    return " · ".join(parts)


def schema_rows(name: str, text: Text) -> pd.DataFrame:
    """One row a column of a table: its label, rule and synonyms, for the method page."""
    rows = [
        {
            text("schema.column"): column.label(text.language),
            text("schema.rule"): _rule(column, text),
            text("schema.synonyms"): ", ".join(
                dict.fromkeys(w for words in column.synonyms.values() for w in words[:4])
            ),
        }
        for column in TABLES[name].columns
    ]
    return pd.DataFrame(rows)


def _example(sheet: Any, j: int, column: Column, text: Text, grey: Any, day: Any) -> None:
    """One cell of the row that shows how a table is filled in; its texts say that it is an example."""
    middle = (column.low or 0) + ((column.high or 24) - (column.low or 0)) / 2
    if column.type == "choice":
        sheet.write_string(1, j, text.term(column.vocabulary, next(iter(VOCABULARIES[column.vocabulary]))), grey)
    elif column.type == "date":
        sheet.write_datetime(1, j, dt.datetime(2025, 1, 31), day)
    elif column.type == "flag":
        sheet.write_boolean(1, j, True, grey)
    elif column.type == "text":
        sheet.write_string(1, j, text("template.example", value=column.label(text.language)), grey)
    else:
        value = {"money": 12000, "share": 0.12}.get(column.type, round(middle))
        sheet.write_number(1, j, value, grey)


def build_template(text: Text) -> bytes:
    """An xlsx with a sheet for every table: headers, the rule of each column as a note, drop-downs, an example row."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    head = book.add_format({"bold": True, "bg_color": "#E4E7EB", "bottom": 1})
    needed = book.add_format({"bold": True, "bg_color": "#D9D2F7", "bottom": 1})
    grey = book.add_format({"italic": True, "font_color": "#7B8794"})
    day = book.add_format({"italic": True, "font_color": "#7B8794", "num_format": "yyyy-mm-dd"})
    for table in TABLES.values():
        sheet = book.add_worksheet(table.label(text.language))
        for j, column in enumerate(table.columns):
            label = column.label(text.language)
            sheet.write_string(0, j, label, needed if column.required else head)
            sheet.write_comment(0, j, _rule(column, text), {"x_scale": 1.6})
            sheet.set_column(j, j, max(14, 2 * len(label) if text.language != "en" else len(label) + 4))
            if column.type == "choice":
                words = [text.term(column.vocabulary, key) for key in VOCABULARIES[column.vocabulary]]
                if sum(len(word) + 1 for word in words) < 250:
                    sheet.data_validation(1, j, 2000, j, {"validate": "list", "source": words})
        sheet.freeze_panes(1, 0)
        for j, column in enumerate(table.columns):
            _example(sheet, j, column, text, grey, day)
    book.close()
    return stream.getvalue()
