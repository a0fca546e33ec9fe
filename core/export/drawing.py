"""Drawings with coordinates of their own (the map, the pyramid, the chain) as PowerPoint's own shapes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from lxml import etree
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from core.export.letters import Box, bare_words, is_empty, pieces, rgb, rich, say, stroke
from core.figures.theme import LIGHT, width
from core.text import Text

_PIXEL = 9525
_LARGER = 1.35  # letters of a drawing against those of the screen: a slide is read from afar

# Drawings -----------------------------------------------------------------------------------------


class _Canvas:
    """From a figure's coordinates to places on a slide."""

    def __init__(self, layout: dict[str, Any], box: Box) -> None:
        (self.x0, self.x1), (self.y0, self.y1) = (layout[axis]["range"] for axis in ("xaxis", "yaxis"))
        across, up = box.width / (self.x1 - self.x0), box.height / (self.y1 - self.y0)
        if layout["yaxis"].get("scaleanchor"):
            across = up = min(across, up)
        self.across, self.up = across, up
        self.left = box.left + (box.width - across * (self.x1 - self.x0)) / 2
        self.top = box.top + (box.height - up * (self.y1 - self.y0)) / 2
        # letters and marks keep their share of the figure's height
        self.scale = box.height / (float(layout.get("height", 450)) * _PIXEL)

    def at(self, x: float, y: float) -> tuple[int, int]:
        """A place in EMU."""
        return int(self.left + (x - self.x0) * self.across), int(self.top + (self.y1 - y) * self.up)


def place_drawing(slide: Any, traces: list[dict[str, Any]], layout: dict[str, Any], box: Box, text: Text) -> None:
    """Lines, marks and words of a figure as one group of shapes."""
    canvas = _Canvas(layout, box)
    group = slide.shapes.add_group_shape()
    shapes = group.shapes
    below = [s for s in layout.get("shapes", []) if s.get("layer") == "below"]
    for shape in [*below, *(s for s in layout.get("shapes", []) if s not in below)]:
        _shape(shapes, shape, canvas)
    for trace in traces:
        mode = trace.get("mode", "lines")
        if "lines" in mode:
            _lines(shapes, trace, canvas)
        if "markers" in mode and "lines" not in mode:
            _ovals(shapes, trace, canvas)
        if "text" in mode:
            _texts(shapes, trace, canvas, text)


def _plain_style(made: Any) -> None:
    """Nothing from the theme's effects: no shadows."""
    style = made._element.find(qn("p:style"))
    if style is not None:
        made._element.remove(style)


def _shape(shapes: Any, shape: dict[str, Any], canvas: _Canvas) -> None:
    (x0, y1), (x1, y0) = canvas.at(shape["x0"], shape["y0"]), canvas.at(shape["x1"], shape["y1"])
    kind = MSO_SHAPE.OVAL if shape["type"] == "circle" else MSO_SHAPE.RECTANGLE
    made = shapes.add_shape(kind, Emu(min(x0, x1)), Emu(min(y0, y1)), Emu(abs(x1 - x0)), Emu(abs(y1 - y0)))
    _plain_style(made)
    made.fill.solid()
    made.fill.fore_color.rgb = rgb(shape.get("fillcolor", LIGHT.paper))
    line = shape.get("line", {})
    if line.get("width"):
        stroke(made.line, line["color"], line["width"] * 0.75, line.get("dash", ""))
    else:
        made.line.fill.background()


def _lines(shapes: Any, trace: dict[str, Any], canvas: _Canvas) -> None:
    style, head = trace.get("line", {}), trace.get("marker", {}).get("symbol") == "arrow"
    sizes = iter(pieces({**trace, "text": [str(s) for s in trace["marker"]["size"]]})) if head else iter(())
    for xs, ys, _ in pieces(trace):
        pointed = head and float(next(sizes)[2][-1]) > 0
        if len(xs) < 2:
            continue
        points = [canvas.at(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
        filled = trace.get("fill") == "toself"
        builder = shapes.build_freeform(points[0][0], points[0][1])
        builder.add_line_segments(points[1:], close=filled)
        made = builder.convert_to_shape()
        _plain_style(made)
        if filled:
            made.fill.solid()
            made.fill.fore_color.rgb = rgb(trace["fillcolor"])
        else:
            made.fill.background()
        thick = float(style.get("width", 1))
        if thick <= 0:
            made.line.fill.background()
            continue
        stroke(made.line, style["color"], max(thick * 0.75, 0.5), style.get("dash", ""))
        if pointed:
            end = etree.SubElement(made.line._get_or_add_ln(), qn("a:tailEnd"))
            end.set("type", "triangle")


def _ovals(shapes: Any, trace: dict[str, Any], canvas: _Canvas) -> None:
    marker = trace["marker"]
    count = len(trace["x"])

    def each(value: Any, n: int) -> Any:
        return value[n] if isinstance(value, list) else value

    edge = marker.get("line", {})
    for n in range(count):
        color = _shade(each(marker.get("color"), n), marker)
        border = each(edge.get("color", ""), n)
        open_ = each(marker.get("symbol", "circle"), n) == "circle-open"
        if (
            (is_empty(color) and is_empty(border))
            or trace["x"][n] is None
            or not np.isfinite([trace["x"][n], trace["y"][n]]).all()
        ):
            continue
        size = float(each(marker.get("size", 8), n)) * _PIXEL * canvas.scale
        x, y = canvas.at(float(trace["x"][n]), float(trace["y"][n]))
        made = shapes.add_shape(
            MSO_SHAPE.OVAL, Emu(int(x - size / 2)), Emu(int(y - size / 2)), Emu(int(size)), Emu(int(size))
        )
        _plain_style(made)
        names = trace.get("customdata")
        if names is not None and isinstance(names[n], str):
            made.name = bare_words(names[n])[:120]
        if is_empty(color) or open_:
            made.fill.background()
            stroke(made.line, str(color if open_ else border), 1)
        else:
            made.fill.solid()
            made.fill.fore_color.rgb = rgb(color)
            stroke(made.line, border if not is_empty(border) else LIGHT.paper, 0.75)


def _shade(color: Any, marker: dict[str, Any]) -> str:
    """A colour, or the place of a number on the trace's scale of colours."""
    if isinstance(color, str) or color is None:
        return color or ""
    low, high = float(marker["cmin"]), float(marker["cmax"])
    at = min(max((float(color) - low) / (high - low), 0.0), 1.0)
    scale = marker["colorscale"]
    for (a, first), (b, second) in itertools.pairwise(scale):
        if at <= b:
            share = (at - a) / (b - a) if b > a else 0.0
            pairs = zip(rgb(first), rgb(second), strict=True)
            return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in pairs)
    return str(scale[-1][1])


_ALIGN = {"left": PP_ALIGN.RIGHT, "right": PP_ALIGN.LEFT, "center": PP_ALIGN.CENTER}


def _texts(shapes: Any, trace: dict[str, Any], canvas: _Canvas, text: Text) -> None:
    font = trace.get("textfont", {})
    for n, (x, y, words) in enumerate(zip(trace["x"], trace["y"], trace["text"], strict=True)):
        if not bare_words(words):
            continue
        sides = trace.get("textposition", "middle center")
        up, side = (sides[n] if isinstance(sides, list) else sides).split()
        color = font.get("color", LIGHT.ink)
        size = font.get("size", 12)
        points = max(float(size[n] if isinstance(size, list) else size) * 0.75 * canvas.scale * _LARGER, 8)
        lines = rich(words)
        longest = max(width("".join(run.words for run in line)) for line in lines)
        wide, high = int(Pt(points) * (longest * 0.62 + 1.2)), int(Pt(points) * 1.32 * len(lines))
        px, py = canvas.at(float(x), float(y))
        left = px - wide if side == "left" else px if side == "right" else px - wide // 2
        top = py - high if up == "top" else py if up == "bottom" else py - high // 2
        tint = color[n] if isinstance(color, list) else color
        say(shapes, left, top, wide, high, lines, text, points, tint, _ALIGN[side], scale=canvas.scale * _LARGER)
