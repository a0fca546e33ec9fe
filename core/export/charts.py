"""Bars, radar and points as PowerPoint's own charts, their data inside."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xlsxwriter
from lxml import etree
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.dml import MSO_PATTERN
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Pt
from xlsxwriter.utility import xl_col_to_name

from core.export.letters import LANG, Box, Run, bare_words, is_empty, pieces, rgb, rich, say, stroke, write
from core.figures.theme import LIGHT
from core.text import Text

_PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_ROOM = 0.1  # of the span, beside a bar for its label
_BESIDE = 0.2  # of a chart, for the names of its rows

# Bars ---------------------------------------------------------------------------------------------


@dataclass
class _Series:
    """One trace of bars: an interval, a colour and whether it is hatched for each category it has."""

    name: str
    spans: dict[int, tuple[float, float]] = field(default_factory=dict)
    colors: dict[int, str] = field(default_factory=dict)
    hatched: bool = False


def place_bars(slide: Any, traces: list[dict[str, Any]], layout: dict[str, Any], box: Box, text: Text) -> None:
    """Bars as a clustered or stacked chart; what floats stands on an unfilled base."""
    sideways = any(t["type"] == "bar" and t.get("orientation") == "h" for t in traces)
    many = {t.get("xaxis", "x") for t in traces} != {"x"}
    value_axis = layout.get("xaxis" if sideways else "yaxis", {})
    floor = float((value_axis.get("range") or [0, 0])[0])
    categories, place = _categories(traces, layout, sideways, text("term.scenario"))
    series = _series(traces, layout, sideways, place, floor, text, many)
    labelled = _labels(traces, sideways, place) if not many else {}
    relative = layout.get("barmode") in ("relative", "stack")
    floating = any("base" in t for t in traces if t["type"] == "bar") and not many and not relative
    stacked = relative or floating
    data = CategoryChartData()
    data.categories = categories
    count = len(categories)
    columns: list[tuple[str, list[float | None], _Series | None]]
    if floating:
        columns = _floating(series, count, text)
    else:
        columns = [(s.name, [_value(s, n) for n in range(count)], s) for s in series]
    if stacked and labelled:
        span = _span(columns, count) - max(floor, 0.0)
        columns.append((" ", [span * _ROOM if n in labelled else None for n in range(count)], None))
    for name, values, _ in columns:
        data.add_series(name, values)
    kind = (
        (XL_CHART_TYPE.BAR_STACKED if sideways else XL_CHART_TYPE.COLUMN_STACKED)
        if stacked
        else (XL_CHART_TYPE.BAR_CLUSTERED if sideways else XL_CHART_TYPE.COLUMN_CLUSTERED)
    )
    chart = slide.shapes.add_chart(kind, box.left, box.top, box.width, box.height, data).chart
    _dress(chart, text)
    _plain_sheet(chart, categories, [(name, values) for name, values, _ in columns])
    plot = chart.plots[0]
    plot.gap_width = (55 if stacked or len(series) == 1 else 40) if count > 3 else 120 if count > 1 else 320
    plot.overlap = 100 if stacked else -5
    _axes(chart, floor, columns if stacked else [])
    for made, (_, _, one) in zip(plot.series, columns, strict=True):
        _fill(made, one, count)
    if labelled:
        target = plot.series[-1]
        inside = XL_LABEL_POSITION.INSIDE_BASE if stacked else XL_LABEL_POSITION.OUTSIDE_END
        longest = series[-1] if not stacked else None
        for n, lines in labelled.items():
            if longest is not None and n not in longest.spans:
                continue
            label = target.points[n].data_label
            label.position = inside
            write(label.text_frame, lines, text, 11)
    elif many:
        for made in list(plot.series)[1:]:
            labels = made.data_labels
            labels.show_value, labels.position = True, XL_LABEL_POSITION.OUTSIDE_END
            labels.font.size = Pt(9)
            labels.number_format, labels.number_format_is_linked = _number_format(columns, text), False
    named = [n for n, (_, _, one) in enumerate(columns) if one is not None and len(set(one.colors.values())) == 1]
    shared = [n for n in named if len(columns[n][1]) - columns[n][1].count(None) > 1]
    if len(named) > 1 and len(shared) > 1 and (not stacked or layout.get("showlegend") or len(named) < len(columns)):
        _legend(chart, set(range(len(columns))) - set(shared))


def _plain_sheet(chart: Any, categories: Sequence[str], columns: Sequence[tuple[str, Sequence[float | None]]]) -> None:
    """The chart's sheet written so that no name becomes a formula or a link."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _PLAIN) as book:
        sheet = book.add_worksheet("Sheet1")
        for row, name in enumerate(categories, 1):
            sheet.write_string(row, 0, name)
        for column, (name, values) in enumerate(columns, 1):
            sheet.write_string(0, column, name)
            for row, value in enumerate(values, 1):
                if value is not None:
                    sheet.write_number(row, column, value)
    chart.part.chart_workbook.update_from_xlsx_blob(stream.getvalue())


def _categories(
    traces: list[dict[str, Any]], layout: dict[str, Any], sideways: bool, scenario: str
) -> tuple[list[str], dict[Any, int]]:
    """The names along the axis, and the place of each name or position."""
    bars = [t for t in traces if t["type"] == "bar"]
    if sideways:
        raw = list(dict.fromkeys(name for t in bars for name in t["y"]))
        return [bare_words(name) for name in raw], {name: n for n, name in enumerate(raw)}
    ticks = [bare_words(word) for word in layout["xaxis"].get("ticktext", [])]
    spots = sorted({round(float(x), 3) for t in bars for x in t["x"]})
    if len(spots) == len(ticks):
        return ticks, {spot: n for n, spot in enumerate(spots)}
    # two bars at each name: the baseline's and the scenario's
    pairs = [ticks[round(spot)] if spot < round(spot) else f"→ {scenario}" for spot in spots]
    return pairs, {spot: n for n, spot in enumerate(spots)}


def _series(
    traces: list[dict[str, Any]],
    layout: dict[str, Any],
    sideways: bool,
    place: dict[Any, int],
    floor: float,
    text: Text,
    many: bool,
) -> list[_Series]:
    bars = [t for t in traces if t["type"] == "bar"]
    heads = [bare_words(a["text"]) for a in layout.get("annotations", [])]
    found: list[_Series] = []
    if many:  # one baseline, then a series a scenario
        bars = [bars[0], *(t for t in bars if not is_empty(t["marker"].get("color")))]
    for n, trace in enumerate(bars):
        marker = trace.get("marker", {})
        if many and n == 0:
            marker = {"color": LIGHT.baseline}
        color = marker.get("color")
        if is_empty(color) and not isinstance(color, list):
            continue
        known = trace.get("name", "")
        name = text(f"present.series.{known}") if f"present.series.{known}" in text else known
        if many:
            name = text("scenario.baseline") if n == 0 else heads[n - 1]
        elif not name:
            last = len(bars) > 1 and n == len(bars) - 1
            name = (
                text("term.scenario")
                if last
                else text("scenario.baseline")
                if len(bars) > 1
                else text("present.series.value")
            )
        one = _Series(name, hatched="pattern" in marker and not many)
        values, spots = (trace["x"], trace["y"]) if sideways else (trace["y"], trace["x"])
        bases = trace.get("base") or [0.0] * len(values)
        for k, (value, spot, base) in enumerate(zip(values, spots, bases, strict=True)):
            at = place[spot if sideways else round(float(spot), 3)]
            if value is None or not math.isfinite(float(value)):
                continue
            start = 0.0 if floor > 0 and abs(float(base) - floor) < 1e-9 * max(abs(floor), 1) else float(base)
            end = float(base) + float(value)
            one.spans[at] = (min(start, end), max(start, end)) if "base" in trace else (0.0, end)
            one.colors[at] = color[k] if isinstance(color, list) else str(color)
        if many and n > 0:
            shades = (
                LIGHT.scenario,
                LIGHT.gain,
                LIGHT.markets[1],
                LIGHT.markets[3],
                LIGHT.markets[0],
                LIGHT.markets[5],
            )
            one.colors = {at: shades[(n - 1) % len(shades)] for at in one.colors}
        found.append(one)
    return found


def _value(one: _Series, at: int) -> float | None:
    return one.spans[at][1] if at in one.spans else None


def _floating(series: list[_Series], count: int, text: Text) -> list[tuple[str, list[float | None], _Series | None]]:
    """Intervals as a stack: an unfilled base, then what shows of each trace, split where it crosses zero.

    Where one bar lies over another, what is drawn later shows. Values below zero get series of their own, as
    a stack grows from zero to both sides.
    """
    shows: dict[tuple[int, int, int], tuple[float, float]] = {}  # series, category, sign -> what shows
    for at in range(count):
        here = [(s, *series[s].spans[at]) for s in range(len(series)) if at in series[s].spans]
        cuts = sorted({0.0, *(end for _, low, high in here for end in (low, high))})
        for low, high in itertools.pairwise(cuts):
            over = [s for s, a, b in here if a <= low + 1e-12 and high <= b + 1e-12]
            if over:
                key = (over[-1], at, 1 if low >= 0 else -1)
                known = shows.get(key, (low, high))
                shows[key] = (min(known[0], low), max(known[1], high))
    columns: list[tuple[str, list[float | None], _Series | None]] = []
    for sign in (1, -1):
        mine = {(s, at): ends for (s, at, side), ends in shows.items() if side == sign}
        if not mine:
            continue
        near = {
            at: min(min(abs(a), abs(b)) for (_, place), (a, b) in mine.items() if place == at)
            for at in {at for _, at in mine}
        }
        columns.append(
            (text("present.series.base"), [sign * near[at] if near.get(at) else None for at in range(count)], None)
        )
        # nearest to zero first, in the order most categories have it
        rank = {
            s: float(np.mean([min(abs(a), abs(b)) - near[at] for (t, at), (a, b) in mine.items() if t == s]))
            for s in {s for s, _ in mine}
        }
        for s in sorted(rank, key=lambda s: (rank[s], s)):
            sizes = [sign * (mine[s, at][1] - mine[s, at][0]) if (s, at) in mine else None for at in range(count)]
            name = series[s].name if sign > 0 else f"{series[s].name} (−)"
            columns.append((name, sizes, series[s]))
    return [c for c in columns if any(v for v in c[1])]


def _span(columns: Iterable[tuple[str, list[float | None], _Series | None]], count: int) -> float:
    """How long the longest stack is, of what shows."""
    drawn = [values for _, values, one in columns if one is not None]
    tops = [sum(v[n] or 0.0 for v in drawn if (v[n] or 0) > 0) for n in range(count)]
    lows = [sum(v[n] or 0.0 for v in drawn if (v[n] or 0) < 0) for n in range(count)]
    return max(tops, default=1.0) - min(lows, default=0.0) or 1.0


def _fill(made: Any, one: _Series | None, count: int) -> None:
    if one is None:
        made.format.fill.background()
        made.format.line.fill.background()
        return
    colors = set(one.colors.values())
    if len(colors) == 1:
        _paint(made.format, next(iter(colors)), one.hatched)
        return
    for at, color in one.colors.items():
        if at < count:
            _paint(made.points[at].format, color, one.hatched)


def _paint(shape_format: Any, color: str, hatched: bool) -> None:
    fill = shape_format.fill
    if hatched:
        fill.patterned()
        fill.pattern = MSO_PATTERN.WIDE_UPWARD_DIAGONAL
        fill.fore_color.rgb, fill.back_color.rgb = rgb(color), RGBColor(255, 255, 255)
        shape_format.line.color.rgb = rgb(color)
        shape_format.line.width = Pt(1)
    else:
        fill.solid()
        fill.fore_color.rgb = rgb(color)


def _axes(chart: Any, floor: float, columns: list[tuple[str, list[float | None], _Series | None]]) -> None:
    value, names = chart.value_axis, chart.category_axis
    value.visible = False
    value.has_major_gridlines = False
    if floor > 0:
        value.minimum_scale = floor
    tops = [
        sum(v[n] or 0.0 for _, v, _ in columns if (v[n] or 0) > 0) for n in range(len(columns[0][1]) if columns else 0)
    ]
    lows = [v or 0.0 for _, values, _ in columns for v in values]
    if columns and floor <= 0 and min(lows, default=0.0) >= 0:
        value.minimum_scale = 0
    if tops and max(tops) > 0:
        value.maximum_scale = floor + (max(tops) - floor) * 1.02 if floor > 0 else max(tops) * 1.02
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.has_major_gridlines = False
    names.format.line.color.rgb = rgb(LIGHT.grid)
    names.tick_labels.font.size = Pt(12)
    names.tick_labels.font.color.rgb = rgb(LIGHT.ink)


def _number_format(columns: Sequence[tuple[str, list[float | None], Any]], text: Text) -> str:
    """A number format in the reader's units: 万 and 亿 in Chinese, k and M in English."""
    most = max((abs(v) for _, values, _ in columns for v in values if v is not None), default=0.0)
    if text.language == "en":
        return '#,##0.0,,"M"' if most >= 1e6 else '#,##0,"k"' if most >= 1e4 else "0.00" if most < 10 else "#,##0"
    big, small = ("亿", "万") if text.language == "zh-Hans" else ("億", "萬")
    if most >= 1e8:
        return f'0!.00,,"{big}"'
    return f'0!.0,"{small}"' if most >= 1e4 else "0.00" if most < 10 else "#,##0"


def _legend(chart: Any, hidden: set[int]) -> None:
    chart.has_legend = True
    chart.legend.position = XL_LEGEND_POSITION.BOTTOM
    chart.legend.include_in_layout = False
    chart.legend.font.size = Pt(11)
    legend = chart.legend._element
    for at in sorted(hidden, reverse=True):
        entry = etree.SubElement(legend, qn("c:legendEntry"))
        etree.SubElement(entry, qn("c:idx")).set("val", str(at))
        etree.SubElement(entry, qn("c:delete")).set("val", "1")
        legend.remove(entry)
        legend.insert(1, entry)


def _labels(traces: list[dict[str, Any]], sideways: bool, place: dict[Any, int]) -> dict[int, list[list[Run]]]:
    """What stands beside each bar, in the order it was written."""
    found: dict[int, list[list[Run]]] = {}
    for trace in traces:
        if trace.get("mode") != "text":
            continue
        for x, y, words in zip(trace["x"], trace["y"], trace["text"], strict=True):
            at = place.get(y if sideways else round(float(x), 3))
            lines = [[r for r in line if r.words.strip()] for line in rich(words.replace("\u2002", ""))]
            if at is None or not any(lines):
                continue
            if sideways and at in found:
                found[at] = [[*found[at][0], Run(" · "), *(r for line in lines for r in line)]]
            else:
                found[at] = [*found.get(at, []), *lines]
    return found


def _dress(chart: Any, text: Text) -> None:
    """Type of a whole chart, Latin and East Asian, from the theme."""
    chart.has_title = False
    chart.has_legend = False
    chart.font.size = Pt(12)
    chart.font.color.rgb = rgb(LIGHT.ink)
    properties = chart._chartSpace.find(".//" + qn("a:defRPr"))
    if properties is not None:
        properties.set("lang", LANG[text.language])
        for tag, face in (("a:latin", "+mn-lt"), ("a:ea", "+mn-ea")):
            etree.SubElement(properties, qn(tag)).set("typeface", face)


# Radar, points ------------------------------------------------------------------------------------


def place_radar(slide: Any, traces: list[dict[str, Any]], layout: dict[str, Any], box: Box, text: Text) -> None:
    """Rings of values as a radar chart."""
    data = CategoryChartData()
    names = [bare_words(name) for name in traces[0]["theta"][:-1]]
    rings = [(bare_words(trace["name"]), [_number(v) for v in trace["r"][:-1]]) for trace in traces]
    data.categories = names
    for name, values in rings:
        data.add_series(name, values)
    chart = slide.shapes.add_chart(XL_CHART_TYPE.RADAR_MARKERS, box.left, box.top, box.width, box.height, data).chart
    _dress(chart, text)
    _plain_sheet(chart, names, rings)
    chart.value_axis.maximum_scale, chart.value_axis.minimum_scale = 10, 0
    chart.value_axis.major_gridlines.format.line.color.rgb = rgb(LIGHT.grid)
    chart.value_axis.tick_labels.font.size = Pt(9)
    for made, trace in zip(chart.plots[0].series, traces, strict=True):
        stroke(made.format.line, trace["line"]["color"], 2.25, trace["line"].get("dash", ""))
        made.marker.style, made.marker.size = XL_MARKER_STYLE.CIRCLE, 6
        made.marker.format.fill.solid()
        made.marker.format.fill.fore_color.rgb = rgb(trace["line"]["color"])
    _legend(chart, set())


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(float(value)) else float(value)


def place_points(slide: Any, traces: list[dict[str, Any]], layout: dict[str, Any], box: Box, text: Text) -> None:
    """Lines and points over two scales; names along an axis count 1, 2, 3 and stand below it."""
    x_names = list(dict.fromkeys(x for t in traces for x in t["x"] if isinstance(x, str)))
    y_names = list(dict.fromkeys(y for t in traces for y in t["y"] if isinstance(y, str)))
    if y_names:
        _names_beside(slide, y_names, box, text)
        beside = int(box.width * _BESIDE)
        box = Box(box.left + beside, box.top, box.width - beside, box.height)
        layout = {**layout, "yaxis": {**layout["yaxis"], "range": [-0.5, len(y_names) - 0.5], "visible": False}}
    data, made_of = XyChartData(), []
    for trace in traces:
        mode = trace.get("mode", "lines")
        for piece in pieces(trace):
            points = [
                (
                    float(x_names.index(x)) if isinstance(x, str) else float(x),
                    float(y_names.index(y)) if isinstance(y, str) else float(y),
                )
                for x, y in zip(piece[0], piece[1], strict=True)
            ]
            if not points or not np.isfinite(points).all():
                continue
            name = bare_words(trace.get("name", "")) or text("present.series.value")
            series = data.add_series(name)
            for x, y in points:
                series.add_data_point(x, y)
            made_of.append((trace, mode, piece[2]))
        for x, low, high in _spreads(trace, x_names):
            series = data.add_series(text("present.series.range"))
            for y in (low, high):
                series.add_data_point(x, y)
            made_of.append(({"line": {"color": LIGHT.muted, "width": 2}}, "lines", []))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER_LINES, box.left, box.top, box.width, box.height, data).chart
    _dress(chart, text)
    for made, (trace, mode, words) in zip(chart.plots[0].series, made_of, strict=True):
        made.smooth = False
        if "lines" in mode:
            stroke(
                made.format.line,
                trace["line"]["color"],
                trace["line"].get("width", 1) * 0.75,
                trace["line"].get("dash", ""),
            )
        else:
            made.format.line.fill.background()
        if "markers" in mode:
            _marks(made, trace)
        else:
            made.marker.style = XL_MARKER_STYLE.NONE
        if mode == "text":
            _point_labels(made, trace, words, text)
    for axis, plain, names in (
        (chart.category_axis, layout["xaxis"], x_names),
        (chart.value_axis, layout["yaxis"], y_names),
    ):
        _scale(axis, plain, names, text)
    _side_by_side(chart)
    if x_names:
        _names_below(slide, x_names, layout["xaxis"], box, text)


def _spreads(trace: dict[str, Any], x_names: list[str]) -> list[tuple[float, float, float]]:
    """The ends of the error bars of a trace."""
    error = trace.get("error_y")
    if not error:
        return []
    places = [float(x_names.index(x)) if isinstance(x, str) else float(x) for x in trace["x"]]
    ends = zip(places, trace["y"], error["arrayminus"], error["array"], strict=True)
    return [(x, float(y) - float(down), float(y) + float(up)) for x, y, down, up in ends]


def _side_by_side(chart: Any) -> None:
    """The chart's sheet with two columns a series, all as long as the longest.

    LibreOffice drops series that are shorter than others, and people find columns easier to edit.
    """
    series = list(chart._chartSpace.iter(qn("c:ser")))
    values = [
        [[float(v.text) for v in one.find(qn(tag)).iter(qn("c:v"))] for tag in ("c:xVal", "c:yVal")] for one in series
    ]
    longest = max((len(xs) for xs, _ in values), default=0)
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _PLAIN) as book:
        sheet = book.add_worksheet("Sheet1")
        for n, (one, columns) in enumerate(zip(series, values, strict=True)):
            for k, (tag, numbers) in enumerate(zip(("c:xVal", "c:yVal"), columns, strict=True)):
                letter = xl_col_to_name(2 * n + k)
                sheet.write_column(1, 2 * n + k, numbers)
                one.find(qn(tag)).find(".//" + qn("c:f")).text = f"Sheet1!${letter}$2:${letter}${longest + 1}"
                one.find(qn(tag)).find(".//" + qn("c:ptCount")).set("val", str(longest))
            title = one.find(qn("c:tx"))
            sheet.write_string(0, 2 * n + 1, title.find(".//" + qn("c:v")).text or "")
            title.find(".//" + qn("c:f")).text = f"Sheet1!${xl_col_to_name(2 * n + 1)}$1"
    chart.part.chart_workbook.update_from_xlsx_blob(stream.getvalue())


def _names_below(slide: Any, names: list[str], axis: dict[str, Any], box: Box, text: Text) -> None:
    low, high = (float(v) for v in axis.get("range", [-0.5, len(names) - 0.5]))
    for n, name in enumerate(names):
        middle = box.left + box.width * (0.05 + 0.92 * (n - low) / (high - low))
        wide = int(box.width * 0.92 / max(high - low, 1))
        say(
            slide.shapes,
            middle - wide / 2,
            box.top + box.height - Pt(20),
            wide,
            Pt(20),
            rich(name),
            text,
            11,
            LIGHT.ink,
            PP_ALIGN.CENTER,
        )


def _names_beside(slide: Any, names: list[str], box: Box, text: Text) -> None:
    step = box.height * 0.88 / len(names)
    for n, name in enumerate(names):
        top = box.top + box.height * 0.03 + (len(names) - 1 - n) * step
        wide = int(box.width * _BESIDE)
        say(slide.shapes, box.left, top, wide, int(step), rich(name), text, 11, LIGHT.ink, PP_ALIGN.RIGHT)


def _marks(made: Any, trace: dict[str, Any]) -> None:
    marker = trace.get("marker", {})
    colors, sizes = marker.get("color", LIGHT.ink), marker.get("size", 8)
    made.marker.style = XL_MARKER_STYLE.CIRCLE
    first = sizes if not isinstance(sizes, list) else float(np.median(sizes))
    made.marker.size = int(min(max(float(first) * 0.75, 4), 40))
    if not isinstance(colors, list):
        _mark(made.marker, colors, marker)
        return
    _mark(made.marker, colors[0], marker)
    for n, color in enumerate(colors):
        size = sizes[n] if isinstance(sizes, list) else first
        point = made.points[n].marker
        point.style, point.size = XL_MARKER_STYLE.CIRCLE, int(min(max(float(size) * 0.75, 4), 40))
        _mark(point, color, marker)


def _mark(target: Any, color: str, marker: dict[str, Any]) -> None:
    edge = marker.get("line", {}).get("color", "")
    if is_empty(color):
        target.format.fill.background()
        target.format.line.color.rgb = rgb(edge or LIGHT.muted)
        return
    target.format.fill.solid()
    target.format.fill.fore_color.rgb = rgb(color)
    target.format.line.color.rgb = RGBColor(255, 255, 255)


_SIDES = {"left": XL_LABEL_POSITION.LEFT, "right": XL_LABEL_POSITION.RIGHT, "center": XL_LABEL_POSITION.CENTER}


def _point_labels(made: Any, trace: dict[str, Any], words: list[str], text: Text) -> None:
    sides, colors = trace.get("textposition", "middle center"), trace.get("textfont", {}).get("color", LIGHT.ink)
    for n, word in enumerate(words):
        if not bare_words(word):
            continue
        side = (sides[n] if isinstance(sides, list) else sides).split()[-1]
        color = colors[n] if isinstance(colors, list) else colors
        label = made.points[n].data_label
        label.position = _SIDES[side]
        write(label.text_frame, [[Run(bare_words(word))]], text, 10, color)


def _scale(axis: Any, plain: dict[str, Any], names: list[str], text: Text) -> None:
    axis.visible = plain.get("visible", True)
    bounds = [float(v) for v in plain.get("range") or ()]
    steps = [float(v) for v in plain.get("tickvals") or [] if not isinstance(v, str)]
    step = abs(steps[1] - steps[0]) if len(steps) > 1 else 0.0
    if bounds:
        if not step and not names:
            raw = (bounds[1] - bounds[0]) / 5
            power = 10.0 ** math.floor(math.log10(raw))
            step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
        if step:  # ticks are counted from the lower end
            bounds = [math.floor(bounds[0] / step + 1e-9) * step, bounds[1]]
        axis.minimum_scale, axis.maximum_scale = bounds
    if step:
        axis.major_unit = step
    axis.has_major_gridlines = False
    axis.format.line.color.rgb = rgb(LIGHT.grid)
    axis.tick_labels.font.size = Pt(10)
    axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE if names else XL_TICK_LABEL_POSITION.LOW
    title = bare_words(plain.get("title", {}).get("text", "")) if isinstance(plain.get("title"), dict) else ""
    axis.has_title = bool(title)
    if title:
        write(axis.axis_title.text_frame, [[Run(title)]], text, 11, LIGHT.muted)
    most = max((abs(v) for v in bounds), default=0.0)
    if any("%" in str(word) for word in plain.get("ticktext") or []):
        form = "0%"
    elif most >= 1e4:
        form = _number_format([("", list(bounds), None)], text)
    else:
        form = "0;;0" if not step or step >= 1 else "0.0#;;0"
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = form, False
