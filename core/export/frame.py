"""The frame of the workbook: sheets and formats, the levers, what they change, and the results that were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.exhibits import Situation
from core.export.formula import Sheet, Term, clipped
from core.figures.theme import LIGHT
from core.narrative import lever_label
from core.quantity import Quantity
from core.scenario import LeverSpec
from core.text import printable

Pair = tuple[Term, Term]  # baseline and scenario


@dataclass
class Found:
    """References to results by name, baseline and scenario; what the overview, the charts and the check read."""

    cells: dict[str, Pair] = field(default_factory=dict)
    expected: dict[str, tuple[float, float]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, label: str, pair: Pair, expected: tuple[Any, Any]) -> None:
        """A result, with what the program says it is."""
        self.cells[name], self.labels[name] = pair, label
        self.expected[name] = (float(expected[0]), float(expected[1]))


class Frame:
    """One workbook while it is written: its sheets and formats, the levers, and where they reach."""

    def __init__(self, book: Any, at: Situation) -> None:
        self.book, self.at, self.text = book, at, at.text
        self.inputs, self.base, self.now = at.observed.inputs, at.outcome.baseline, at.outcome.scenario
        font = {"en": "Segoe UI", "zh-Hans": "Microsoft YaHei", "zh-Hant": "Microsoft JhengHei"}[at.text.language]
        self.font = font
        styles: dict[str, dict[str, Any]] = {
            "plain": {},
            "title": {"bold": True, "font_size": 18},
            "head_right": {
                "bold": True,
                "bottom": 1,
                "border_color": LIGHT.muted,
                "align": "right",
                "valign": "bottom",
            },
            "head": {"bold": True, "bottom": 1, "border_color": LIGHT.muted, "text_wrap": True, "valign": "bottom"},
            "bold": {"bold": True},
            "note": {"font_color": LIGHT.muted, "text_wrap": True, "valign": "top"},
            "input": {"bg_color": "#FFF6D6", "border": 1, "border_color": "#E4C65A", "num_format": "General"},
            "number": {"num_format": "#,##0.00"},
            "whole": {"num_format": "#,##0"},
            "fine": {"num_format": "0.0000"},
            "share": {"num_format": "0.0%"},
            "result": {"bold": True, "num_format": "#,##0.00"},
            "result_whole": {"bold": True, "num_format": "#,##0"},
            "scenario_whole": {"bold": True, "num_format": "#,##0", "font_color": LIGHT.scenario},
            "result_share": {"bold": True, "num_format": "0.0%"},
            "scenario": {"bold": True, "num_format": "#,##0.00", "font_color": LIGHT.scenario},
            "scenario_share": {"bold": True, "num_format": "0.0%", "font_color": LIGHT.scenario},
        }
        shared = {"font_name": font, "font_size": 10, "font_color": LIGHT.ink, "valign": "vcenter"}
        self.formats = {name: book.add_format(shared | more) for name, more in styles.items()}
        self.found = Found()
        self.levers: dict[str, Pair] = {}
        self.over: dict[tuple[str, str], Any] = {}

    def sheet(self, name: str, widths: Sequence[float]) -> Sheet:
        """A sheet with its title and the widths of its columns."""
        title = self.text(f"workbook.sheets.{name}")
        made = self.book.add_worksheet(title[:31])
        made.hide_gridlines(2)
        made.set_landscape()
        made.set_paper(9)
        made.fit_to_pages(1, 0)
        for column, wide in enumerate(widths):
            made.set_column(column, column, wide, self.formats["plain"])
        sheet = Sheet(made, title[:31])
        sheet.say(0, 0, title, self.formats["title"])
        made.set_row(0, 28)
        return sheet

    def head(self, sheet: Sheet, row: int, words: Sequence[str]) -> None:
        """A row of column heads."""
        for column, word in enumerate(words):
            sheet.say(row, column, word, self.formats["head"])
        sheet.sheet.freeze_panes(row + 1, 1)

    def say(self, sheet: Sheet, row: int, column: int, words: str, style: str = "plain") -> None:
        """Words of the user or ours."""
        sheet.say(row, column, printable(words), self.formats[style])

    def put(self, sheet: Sheet, row: int, column: int, content: Term | float, style: str = "number") -> Term:
        """A number or a formula."""
        return sheet.put(row, column, content, self.formats[style])

    # Levers ---------------------------------------------------------------------------------------

    def lever_sheet(self) -> None:
        """Every lever with its baseline and scenario place; both can be typed over."""
        text, at = self.text, self.at
        sheet = self.sheet("levers", (14, 48, 14, 14, 14, 12, 12, 14))
        sheet.sheet.merge_range(1, 0, 1, 7, text("workbook.levers_help"), self.formats["note"])
        sheet.sheet.set_row(1, 44)
        keys = ("topic", "lever", "operation", "baseline", "scenario", "low", "high", "unit")
        self.head(sheet, 2, [text(f"workbook.{key}") for key in keys])
        row = 3
        for spec in at.observed.levers:
            if not np.isfinite(spec.neutral):
                continue
            self.say(sheet, row, 0, text(f"scenario.topic.{spec.target.topic}"))
            self.say(sheet, row, 1, lever_label(spec, text))
            self.say(sheet, row, 2, text(f"scenarios.lever.{spec.operation}"))
            baseline = self.put(sheet, row, 3, spec.neutral, "input")
            pulled = at.values.get(spec.id)
            scenario = self.put(sheet, row, 4, baseline if pulled is None else pulled, "input")
            self.put(sheet, row, 5, spec.low, "number")
            self.put(sheet, row, 6, spec.high, "number")
            self.say(sheet, row, 7, self.unit(spec))
            limit = {"validate": "decimal", "criteria": "between", "minimum": spec.low, "maximum": spec.high}
            sheet.sheet.data_validation(row, 3, row, 4, limit | {"error_message": text("workbook.out_of_bounds")[:250]})
            self.levers[spec.id] = baseline, scenario
            self.reach(spec)
            row += 1

    def unit(self, spec: LeverSpec) -> str:
        """What a lever's numbers are: a factor, points, money, a switch."""
        if spec.unit == "flag":
            return self.text("workbook.units.flag")
        if spec.operation == "multiply":
            return self.text("workbook.units.factor")
        return self.text(f"workbook.units.{spec.unit}") if f"workbook.units.{spec.unit}" in self.text else spec.unit

    def reach(self, spec: LeverSpec) -> None:
        """Note which cells of a quantity a lever changes; no two levers offered meet in one."""
        target = spec.target
        quantity: Quantity = getattr(self.inputs[target.topic], target.field)
        where = self.over.setdefault(
            (target.topic, target.field), np.full(tuple(len(a.keys) for a in quantity.axes), None, dtype=object)
        )
        cells = [axis.resolve(key) for axis, key in zip(quantity.axes, target.keys, strict=True)]
        where[np.ix_(*[c for c in cells if c is not None])] = spec

    def moved(self, topic: str, name: str, cell: tuple[int, ...], data: Term) -> Pair:
        """An input under its lever, at the baseline and in the scenario, within its bounds."""
        where = self.over.get((topic, name))
        spec = where[cell] if where is not None else None
        if spec is None or np.isnan(data.value):
            return data, data
        quantity: Quantity = getattr(self.inputs[topic], name)
        found = []
        for lever in self.levers[spec.id]:
            asked = {"set": lever, "add": data + lever, "multiply": data * lever}[spec.operation]
            found.append(clipped(asked, quantity.low, quantity.high))
        return found[0], found[1]
