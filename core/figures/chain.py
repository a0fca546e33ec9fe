"""The drawing of the relationship profitability chain, with what flows along each link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import Look, bare, figure, labels
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


def chain_figure(
    inputs: ChainInputs, flows: Sequence[Flow], text: Text, look: Look, *, available: Sequence[str]
) -> go.Figure:
    """The graph: nodes, links with their strength, and in the accent what the scenario sent along them."""
    by_edge = {(f.source, f.target): f for f in flows}
    shapes: list[dict[str, Any]] = []
    traces: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    flowing = 0
    for source, target, link in EDGES:
        flow = by_edge.get((source, target))
        on = link is None or float(np.asarray(inputs.on.values[..., LINKS.index(link)]).mean()) > 0
        passes = flow is not None and on and is_flowing(flow)
        flowing += passes
        color = look.scenario if passes else look.baseline if on else look.grid
        (x0, y0), (x1, y1) = NODES[source], NODES[target]
        start, end = _edge(x0, y0, x1, y1)
        notes.append(
            {
                "x": end[0],
                "y": end[1],
                "ax": start[0],
                "ay": start[1],
                "xref": "x",
                "yref": "y",
                "axref": "x",
                "ayref": "y",
                "text": "",
                "showarrow": True,
                "arrowhead": 2,
                "arrowwidth": 2.6 if passes else 1.4,
                "arrowcolor": color,
                "opacity": 1 if on else 0.7,
            }
        )
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
        if words:
            mx, my = start[0] * 0.5 + end[0] * 0.5, start[1] * 0.5 + end[1] * 0.5
            notes.append(
                {
                    "x": mx,
                    "y": my,
                    "text": "<br>".join(words),
                    "showarrow": False,
                    "borderpad": 2,
                    # above a level arrow, over a slanting one
                    **({"yshift": 20} if abs(y1 - y0) < 0.1 else {"bgcolor": look.paper}),
                    "font": {"size": 11, "color": look.scenario if passes else look.muted},
                }
            )
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
    title = text("chain.graph.title", n=flowing) if flowing else text("chain.graph.title_still")
    return figure(
        traces,
        look,
        text,
        title=title,
        subtitle=text("chain.graph.subtitle"),
        height=470,
        shapes=shapes,
        annotations=notes,
        xaxis=bare(-0.6, 7.5),
        yaxis=bare(-0.3, 2.5),
    )


def _edge(x0: float, y0: float, x1: float, y1: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Start and end of an arrow on the borders of the two boxes."""
    dx, dy = x1 - x0, y1 - y0
    reach = min(_HALF_X / abs(dx) if dx else 9.0, _HALF_Y / abs(dy) if dy else 9.0)
    return (x0 + dx * reach, y0 + dy * reach), (x1 - dx * reach * 1.04, y1 - dy * reach * 1.04)
