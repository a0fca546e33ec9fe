"""Figures as PowerPoint's own charts and shapes: data inside, every mark editable.

A figure is read as the screen has it, so that a slide shows the same numbers: bars, lines and points become
charts, drawings with coordinates of their own (the map, the pyramid, the chain) become shapes.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from core.export.charts import place_bars, place_points, place_radar
from core.export.drawing import place_drawing
from core.export.letters import Box
from core.text import Text


def place_figure(slide: Any, figure: go.Figure, box: Box, text: Text) -> bool:
    """Put a figure on a slide; False where it is of a kind that a table says better."""
    plain = figure.to_plotly_json()
    traces, layout = list(plain["data"]), plain["layout"]
    kinds = {trace["type"] for trace in traces}
    if kinds & {"sankey", "heatmap", "contour"}:
        return False
    if "scatterpolar" in kinds:
        place_radar(slide, traces, layout, box, text)
    elif not any(len(trace["x"]) for trace in traces):
        return False
    elif "bar" in kinds:
        place_bars(slide, traces, layout, box, text)
    elif layout.get("xaxis", {}).get("visible", True):
        place_points(slide, traces, layout, box, text)
    else:
        place_drawing(slide, traces, layout, box, text)
    return True
