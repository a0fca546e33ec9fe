"""The model as an Excel workbook: inputs, levers and formulas that recompute every result of the four views.

Each formula is written together with its value, so that readers that do not calculate see the numbers too. The
formulas are those of core/models, cell by cell; the check sheet holds the program's own results beside them.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import xlsxwriter

from core.exhibits import Situation, worth
from core.export.calculation import Calculation
from core.export.formula import Sheet, Term, absolute, choose, least, most, number, total
from core.figures.markets import group_term
from core.figures.theme import LIGHT
from core.figures.value import offer_name
from core.models.churn import waterfall_order
from core.tables import REASONS, STAGES


def build_workbook(at: Situation) -> bytes:
    """The model of a situation as an .xlsx file whose levers can be pulled in Excel."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    )
    book.set_calc_mode("auto")
    book.set_properties({"title": at.company[:200], "author": "Six Markets"})
    _Workbook(book, at).write()
    book.close()
    return stream.getvalue()


class _Workbook(Calculation):
    """All sheets, the overview and its charts first, the check last."""

    # Parts ----------------------------------------------------------------------------------------

    def write(self) -> None:
        """All sheets, from the levers to the check; the overview, first in the book, last of all."""
        overview = self.sheet("overview", (36, 17, 17, 17, 17, 3, 14, 14, 14))
        self.lever_sheet()
        links = self.link_sheet()
        people = self.people_first() if self.inputs["markets"] is not None else None
        value = self.value_sheet(links, people) if self.inputs["value"] is not None else None
        stages = self.stage_sheet(links, value) if self.inputs["stages"] is not None else None
        if people is not None:
            self.market_results(links, people, stages)
        exits = self.churn_sheet(links, value, stages) if self.inputs["churn"] is not None else None
        self.profit(links, value, stages, exits)
        self.overview_sheet(overview, stages, exits)
        self.check_sheet()

    def overview_sheet(self, sheet: Sheet, stages: dict[str, Any] | None, exits: dict[str, Any] | None) -> None:
        """The headline numbers and four charts that follow the levers."""
        text, at = self.text, self.at
        self.say(sheet, 0, 0, f"{at.company} · {at.scenario or text('scenario.baseline')}", "title")
        sheet.sheet.merge_range(1, 0, 1, 8, text("workbook.help"), self.formats["note"])
        sheet.sheet.set_row(1, 34)
        self.say(sheet, 2, 0, text("scenarios.compare.result"), "head")
        for v, kind in enumerate(("baseline", "scenario")):
            self.say(sheet, 2, 1 + v, text(f"workbook.{kind}"), "head_right")
        row = 3
        shares = ("churn_rate", "revenue_churn", "net_revenue_change")
        for name in (
            "gap_value",
            "advanced",
            "our_ratio",
            "churn_rate",
            "customers_lost",
            "revenue_lost",
            "spend",
            "saved_profit",
            "profit_effect",
        ):
            if name not in self.found.cells:
                continue
            self.say(sheet, row, 0, self.found.labels[name])
            pair = self.found.cells[name]
            end = "_share" if name in shares else "" if name in ("our_ratio", "customers_lost") else "_whole"
            self.put(sheet, row, 1, pair[0], f"result{end}")
            self.put(sheet, row, 2, pair[1], f"scenario{end}")
            for v, kind in enumerate(("baseline", "scenario")):
                self.book.define_name(f"{name}_{kind}", f"={pair[v].words}")
            row += 1
        self.chart_blocks(sheet, row + 2, stages, exits)

    def chart_blocks(self, sheet: Sheet, row: int, stages: dict[str, Any] | None, exits: dict[str, Any] | None) -> None:
        """The numbers the charts are drawn from, and the charts."""
        text = self.text
        charts: list[Any] = []
        if exits is not None and self.inputs["churn"].has_exits:
            chart, row = self.waterfall(sheet, row, exits)
            charts.append(chart)
        blocks: list[tuple[str, list[str], list[Sequence[Term]], str]] = []
        if stages is not None:
            names = [text.term("stage", s) for s in STAGES]
            blocks.append((text("stages.title"), names, list(stages["pyramid"]), "bar"))
        if self.inputs["value"] is not None and len(self.inputs["value"].ours):
            w = worth(self.at, {})
            parts = ("core", "services", "price", "relationship_costs", "net")
            pairs = [self.found.cells[f"{p}_{w.group}"] for p in parts]
            title = f"{text('value.title')} · {offer_name(text, self.inputs['value'].offers[int(self.inputs['value'].offer[w.group])])}"
            blocks.append(
                (title, [text.term("value_part", p) for p in parts], [[p[v] for p in pairs] for v in (0, 1)], "column")
            )
        if self.inputs["markets"] is not None:
            groups = [g for g in self.inputs["markets"].groups if f"strength_{g}" in self.found.cells]
            pairs = [self.found.cells[f"strength_{g}"] for g in groups]
            blocks.append(
                (
                    text("scenarios.compare.markets"),
                    [group_term(text, "six", g) for g in groups],
                    [[p[v] for p in pairs] for v in (0, 1)],
                    "bar",
                )
            )
        for title, names, columns, kind in blocks:
            self.say(sheet, row, 0, title, "head")
            for v, word in enumerate(("baseline", "scenario")):
                self.say(sheet, row, 1 + v, text(f"workbook.{word}"), "head_right")
            for n, name in enumerate(names):
                self.say(sheet, row + 1 + n, 0, name)
                for v in (0, 1):
                    self.put(sheet, row + 1 + n, 1 + v, columns[v][n])
            chart = self.book.add_chart({"type": kind})
            for v, color in enumerate((LIGHT.baseline, LIGHT.scenario)):
                series: dict[str, Any] = {
                    "name": [sheet.name, row, 1 + v],
                    "categories": [sheet.name, row + 1, 0, row + len(names), 0],
                    "values": [sheet.name, row + 1, 1 + v, row + len(names), 1 + v],
                    "gap": 60,
                    "data_labels": {"value": True, "num_format": "#,##0.0", "font": {"name": self.font, "size": 9}},
                }
                series |= (
                    {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": color}, "border": {"color": color}}
                    if v
                    else {"fill": {"color": color}}
                )
                chart.add_series(series)
            charts.append(self.dressed(chart, title))
            row += len(names) + 2
        for n, chart in enumerate(charts):
            sheet.sheet.insert_chart(2 + 16 * n, 6, chart, {"object_position": 3})

    def dressed(self, chart: Any, title: str) -> Any:
        """A chart in our type, without grid."""
        chart.set_title({"name": title, "name_font": {"name": self.font, "size": 12, "bold": True}, "overlay": False})
        chart.set_legend({"position": "bottom", "font": {"name": self.font, "size": 9}})
        chart.set_x_axis({"num_font": {"name": self.font, "size": 9}, "major_gridlines": {"visible": False}})
        chart.set_y_axis({"num_font": {"name": self.font, "size": 9}, "major_gridlines": {"visible": False}})
        chart.set_size({"width": 620, "height": 310})
        return chart

    def waterfall(self, sheet: Sheet, row: int, exits: dict[str, Any]) -> tuple[Any, int]:
        """From the opening to the close, one step a reason; what the scenario saves apart."""
        text, inputs = self.text, self.inputs["churn"]
        measure = "revenue" if inputs.has_revenue and exits["opening"] is not None else "lost"
        kind = "revenue" if measure == "revenue" else "customers"
        order = waterfall_order(self.base.churn, inputs)
        opening: Term = exits["opening"] if measure == "revenue" else self.found.cells["customers_lost"][0]
        heads = [
            text(f"churn.waterfall.opening_{kind}"),
            text("present.series.base"),
            text("workbook.whole"),
            text("present.series.saved"),
            text("present.series.lost"),
            text("present.series.added"),
        ]
        for column, word in enumerate(["", *heads[1:]]):
            self.say(sheet, row, column, word, "head_right" if column else "head")
        first = row + 1
        self.say(sheet, first, 0, heads[0] if measure == "revenue" else text("churn.waterfall.total_lost"))
        level = self.put(sheet, first, 2, opening, "whole")
        at = first
        for r in order:
            at += 1
            before, after = (exits["reasons"][measure][v][r] for v in (0, 1))
            self.say(sheet, at, 0, text.term("reason", REASONS[r]))
            self.put(sheet, at, 1, level - before - most(after - before, 0), "whole")
            self.put(sheet, at, 3, most(before - after, 0), "whole")
            self.put(sheet, at, 4, least(before, after), "whole")
            self.put(sheet, at, 5, most(after - before, 0), "whole")
            level = level - before
        if measure == "revenue":
            at += 1
            self.say(sheet, at, 0, text("churn.waterfall.closing_revenue"))
            self.put(sheet, at, 2, opening - exits["revenue_lost"][1], "whole")
        chart = self.book.add_chart({"type": "column", "subtype": "stacked"})
        for column, color in ((1, None), (2, LIGHT.baseline), (3, LIGHT.scenario), (5, LIGHT.loss), (4, LIGHT.loss)):
            series: dict[str, Any] = {
                "name": [sheet.name, row, column],
                "categories": [sheet.name, first, 0, at, 0],
                "values": [sheet.name, first, column, at, column],
                "gap": 50,
            }
            series |= {"fill": {"none": True}} if color is None else {"fill": {"color": color}}
            if column in (3, 5):  # what the scenario saves, or loses beyond the baseline
                series |= {
                    "pattern": {"pattern": "wide_upward_diagonal", "fg_color": color},
                    "border": {"color": color},
                }
            chart.add_series(series)
        self.dressed(chart, text("churn.title"))
        chart.set_legend({"position": "bottom", "delete_series": [0], "font": {"name": self.font, "size": 9}})
        floor = float(level.value) - 0.35 * (float(opening.value) - float(level.value))
        step = 10.0 ** np.floor(np.log10(max(float(opening.value) - float(level.value), 1.0)))
        floor = float(np.floor(floor / step) * step)
        low = {"min": floor} if measure == "revenue" and floor > 0.5 * float(opening.value) else {}
        chart.set_y_axis({"num_font": {"name": self.font, "size": 9}, "major_gridlines": {"visible": False}, **low})
        return chart, at + 3

    def check_sheet(self) -> None:
        """Every result beside what the program said when this file was written."""
        text = self.text
        sheet = self.sheet("check", (60, 18, 18, 18, 18, 12))
        sheet.sheet.merge_range(1, 0, 1, 5, text("workbook.check_help"), self.formats["note"])
        sheet.sheet.set_row(1, 34)
        heads = [text("scenarios.compare.result")]
        heads += [
            f"{text(f'workbook.{v}')} · {text(f'workbook.{who}')}"
            for v in ("baseline", "scenario")
            for who in ("here", "program")
        ]
        self.head(sheet, 2, [*heads, text("workbook.agrees")])
        row = 3
        marks: list[Term] = []
        for name, pair in self.found.cells.items():
            expected = self.found.expected[name]
            self.say(sheet, row, 0, self.found.labels[name])
            agrees: Term = number(1)
            for v in (0, 1):
                here = self.put(sheet, row, 1 + 2 * v, pair[v], "fine")
                said = self.put(sheet, row, 2 + 2 * v, expected[v], "fine")
                if np.isnan(here.value) != np.isnan(said.value):
                    agrees = number(0)
                elif not np.isnan(here.value):
                    near = absolute(here - said).below(number(1e-9) * most(1, absolute(said)))
                    agrees = agrees * near
            marks.append(self.put(sheet, row, 5, agrees, "whole"))
            row += 1
        self.say(sheet, row + 1, 0, text("workbook.all_agree"), "bold")
        done = total(marks).at_least(len(marks))
        self.put(sheet, row + 1, 5, choose(done, 1, 0), "whole")
        self.book.define_name("check", f"='{sheet.name}'!$F${row + 2}")
