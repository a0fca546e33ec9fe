"""The drawing of the relationship profitability chain, with what flows along each link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import Look, bare, figure, labels, line, width
from core.models.chain import EDGES, LINKS, ChainInputs, Flow
from core.text import Text

# Where the nodes stand: from what we do, on the left, to what it earns, on the right.
NODES: dict[str, tuple[float, float]] = {
    "internal_strength": (0.0, 1.7),
    "price": (0.0, 0.1),
    "episodes": (1.75, 1.7),
    "value_ratio": (3.2, 0.9),
    "stage_score": (4.9, 1.75),
    "churn": (4.9, 0.1),
    "customer_trust": (6.9, 1.75),
    "profit": (6.9, 0.65),
}
_HALF_X, _HALF_Y = 0.52, 0.2
_LETTER = 0.046  # width of a half-width letter of a label in the figure's own units


def flow_words(flow: Flow, text: Text) -> str:
    """What passed along one edge, in the unit of its end."""
    effect = float(np.asarray(flow.effect).mean())
    if flow.target == "profit":
        return text.change(effect)
    if flow.target == "churn":
        return text("chain.flow.saved", n=text.signed(effect, 1))
    if flow.target == "episodes":
        return text("chain.flow.probability", factor=text.number(effect, 3))
    if flow.target == "value_ratio":
        return text("chain.flow.ratio", factor=text.number(effect, 3))
    return text(
        "chain.flow.score" if flow.target == "stage_score" else "chain.flow.points", points=text.signed(effect, 2)
    )


def is_flowing(flow: Flow) -> bool:
    """Whether anything passed: a change at the start or an effect at the end."""
    neutral = 1.0 if flow.target in ("episodes", "value_ratio") else 0.0
    return bool(np.any(np.abs(np.asarray(flow.effect) - neutral) > 1e-9))


_Points = tuple[tuple[float, float], tuple[float, float], float]


def chain_figure(
    inputs: ChainInputs, flows: Sequence[Flow], text: Text, look: Look, *, available: Sequence[str]
) -> go.Figure:
    """The graph: nodes, links with their strength, and in the accent what the scenario sent along them."""
    by_edge = {(f.source, f.target): f for f in flows}
    shapes: list[dict[str, Any]] = []
    arrows: dict[tuple[str, float], list[_Points]] = {}
    words_at: list[tuple[float, float, str, str]] = []
    flowing = 0
    for source, target, link in EDGES:
        flow = by_edge.get((source, target))
        on = link is None or float(np.asarray(inputs.on.values[..., LINKS.index(link)]).mean()) > 0
        passes = flow is not None and on and is_flowing(flow)
        flowing += passes
        color = look.scenario if passes else look.baseline if on else look.grid
        (x0, y0), (x1, y1) = NODES[source], NODES[target]
        start, end = _edge(x0, y0, x1, y1)
        words = []
        if link is not None:
            strength = float(np.asarray(inputs.strength.values[..., LINKS.index(link)]).mean())
            words.append(
                text("chain.link_short", symbol=text.term("link_symbol", link), value=text.number(strength, 2))
                if on
                else text("chain.off")
            )
        if passes and flow is not None:
            words.append(f"<b>{flow_words(flow, text)}</b>")
        level = abs(y1 - y0) < 0.1
        widest = max((width(word.replace("<b>", "").replace("</b>", "")) * _LETTER for word in words), default=0.0)
        if words:  # above a level arrow, in a gap of a slanting one
            mx, my = start[0] * 0.5 + end[0] * 0.5, start[1] * 0.5 + end[1] * 0.5
            color_of = look.scenario if passes else look.muted
            # too long for the room between two boxes: over them
            over = _HALF_Y if widest > abs(end[0] - start[0]) else 0.0
            words_at.append((mx, my + (over + 0.06 + 0.05 * len(words)) * level, "<br>".join(words), color_of))
        gap = 0.0
        if words and not level:
            steep, wide = abs(end[1] - start[1]), max(abs(end[0] - start[0]), 0.3)
            gap = min((0.05 + 0.055 * len(words)) / steep, widest * 0.55 / wide, 0.3)
        arrows.setdefault((color, 2.6 if passes else 1.4), []).append((start, end, gap))
    traces = [_arrows(found, color, thick) for (color, thick), found in arrows.items()]
    if words_at:
        across, up, said, colors = (list(column) for column in zip(*words_at, strict=True))
        traces.append(labels(across, up, said, look, color=colors, size=11))
    for name, (x, y) in NODES.items():
        there = name in available
        shapes.append(
            {
                "type": "rect",
                "x0": x - _HALF_X,
                "x1": x + _HALF_X,
                "y0": y - _HALF_Y,
                "y1": y + _HALF_Y,
                "line": {"color": look.ink if there else look.grid, "width": 1.4, "dash": "solid" if there else "dot"},
                "fillcolor": look.paper,
                "layer": "below",
            }
        )
    traces.append(
        labels(
            [x for x, _ in NODES.values()],
            [y for _, y in NODES.values()],
            [text.term("chain_node", n) for n in NODES],
            look,
            color=[look.ink if n in available else look.muted for n in NODES],
            size=12,
        )
    )
    some = text("chain.graph.title_one") if flowing == 1 else text("chain.graph.title", n=flowing)
    title = some if flowing else text("chain.graph.title_still")
    return figure(
        traces,
        look,
        text,
        title=title,
        subtitle=text("chain.graph.subtitle"),
        height=470,
        shapes=shapes,
        xaxis=bare(-0.6, 7.5),
        yaxis=bare(-0.2, 2.3),
    )


def _arrows(found: list[_Points], color: str, thick: float) -> dict[str, Any]:
    """Arrows of one kind as one trace, each with a gap in its middle; annotations cost four times the redraw."""
    x: list[float | None] = []
    y: list[float | None] = []
    sizes: list[float] = []
    for (x0, y0), (x1, y1), gap in found:
        ends = [(0.0, 0.5 - gap), (0.5 + gap, 1.0)] if gap else [(0.0, 1.0)]
        for first, last in ends:
            x += [x0 + (x1 - x0) * first, x0 + (x1 - x0) * last, None]
            y += [y0 + (y1 - y0) * first, y0 + (y1 - y0) * last, None]
            sizes += [0, 10 + 2 * thick if last == 1 else 0, 0]
    head = {
        "symbol": "arrow",
        "angleref": "previous",
        "size": sizes,
        "color": color,
        "opacity": 1,
        "line": {"width": 0},
    }
    return line(x, y, color, width=thick, mode="lines+markers", marker=head)


def _edge(x0: float, y0: float, x1: float, y1: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Start and end of an arrow on the borders of the two boxes."""
    dx, dy = x1 - x0, y1 - y0
    reach = min(_HALF_X / abs(dx) if dx else 9.0, _HALF_Y / abs(dy) if dy else 9.0)
    return (x0 + dx * reach, y0 + dy * reach), (x1 - dx * reach * 1.04, y1 - dy * reach * 1.04)
