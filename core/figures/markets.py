"""Figures of the six markets: the stakeholder map, the network diagram, power and interest, priorities."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import Look, bare, beside, figure, hatch, labels, line, names_axis, safe, ticks, upright, width
from core.models.markets import Layout, MarketsInputs, MarketsResult, Ownership, sector_centre
from core.quantity import Floats, Indices
from core.text import Text

_HEAD = 0.035
_RINGS = (7.5, 5, 2.5, 0)  # the strengths that have a ring on the map


def _arrow(x0: float, y0: float, x1: float, y1: float) -> tuple[list[Any], list[Any]]:
    """A shaft and a head as one broken line; annotations would cost four times the redraw."""
    turn = math.atan2(y1 - y0, x1 - x0)
    wings = [(x1 - _HEAD * math.cos(turn + s * 0.5), y1 - _HEAD * math.sin(turn + s * 0.5)) for s in (1, -1)]
    return (
        [x0, x1, None, wings[0][0], x1, wings[1][0], None],
        [y0, y1, None, wings[0][1], y1, wings[1][1], None],
    )


def _arrows(start: Floats, end: Floats, angle: Floats, cells: Indices, color: str, thick: float) -> dict[str, Any]:
    xs: list[Any] = []
    ys: list[Any] = []
    for i in cells:
        cos, sin = math.cos(angle[i]), math.sin(angle[i])
        x, y = _arrow(start[i] * cos, start[i] * sin, end[i] * cos, end[i] * sin)
        xs += x
        ys += y
    return line(xs, ys, color, width=thick)


def group_term(text: Text, taxonomy: str, group: str) -> str:
    """The word for a group of a taxonomy."""
    return text.term("market", group) if taxonomy == "six" else text.term("group", group)


def map_figure(
    inputs: MarketsInputs,
    baseline: MarketsResult,
    result: MarketsResult,
    layout: Layout,
    radius: tuple[Floats, Floats, Floats],
    text: Text,
    look: Look,
    *,
    taxonomy: str = "six",
    changed: bool = False,
    stage_of: Mapping[str, str] | None = None,
    links: Sequence[tuple[str, str, str, float]] = (),
    brokers: Mapping[str, float] | None = None,
    chosen: str = "",
    compact: bool = False,
) -> go.Figure:
    """The stakeholder map: the firm in the middle, weak relationships far out.

    Args:
        radius: distance from the centre at the earlier date, in the baseline and in the scenario.
        stage_of: stage word of stakeholders that are assessed customers, for the hover text.
        links: drawn where given, with the three top `brokers` named.
    """
    before, base, now = radius
    groups = inputs.groups
    traces = [_rings(len(groups), look)]
    if links:
        traces.append(_ties(inputs, now, layout, links, look))
    traces.append(_points(inputs, result, now, layout, text, look, taxonomy, stage_of or {}, chosen, compact))
    # an arrow from or to the band of unknown strength would tell of a move that nobody saw
    seen = ~np.isnan(inputs.previous_strength) & ~np.isnan(baseline.strength)
    moved = np.flatnonzero(seen & (np.abs(np.nan_to_num(before - base)) > 0.012))
    if not changed and len(moved) and not compact:
        traces.append(_arrows(before, base, layout.angle, moved, look.ink, 1.3) | {"opacity": 0.75})
    if changed:
        traces += _shifts(base, now, layout, look, compact)
    traces += _names(inputs, result, now, layout, text, look, compact)
    centre = [sector_centre(g, len(groups)) for g in range(len(groups))]
    # sector names stand on the rim, beside the middle line where top and bottom labels would collide
    traces.append(
        labels(
            [1.24 * math.cos(c) for c in centre],
            [1.24 * math.sin(c) for c in centre],
            [f"<b>{safe(group_term(text, taxonomy, g))}</b>" for g in groups],
            look,
            color=[look.group(g) for g in range(len(groups))],
            size=12 if compact else 14,
        )
    )
    if not compact:
        heights = [_ring(strength) + 0.025 for strength in _RINGS[:3]]
        traces.append(labels([0.0] * 3, heights, ["7.5", "5", "2.5"], look, color=look.muted, size=10))
    if brokers and links:
        traces.append(_broker_names(inputs, now, layout, brokers, look))
    traces.append(labels([0], [0], [f"<b>{text('markets.map.firm')}</b>"], look, color=look.paper, size=11))
    title, subtitle = _map_title(inputs, baseline, result, text, taxonomy, changed, compact)
    firm = {"type": "circle", "x0": -0.13, "x1": 0.13, "y0": -0.13, "y1": 0.13, "fillcolor": look.ink}
    reach = _reach(compact)
    return figure(
        traces,
        look,
        text,
        title=title,
        subtitle=subtitle,
        height=410 if compact else 660,
        shapes=[firm | {"line": {"width": 0}, "layer": "below"}],
        xaxis=bare(-reach, reach),
        yaxis=bare(-1.34, 1.34, scaleanchor="x", scaleratio=1),
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
    )


def _ring(strength: float) -> float:
    """The radius of the ring on which relationships of a strength stand."""
    return 0.2 + 0.8 * (10 - strength) / 10


def _reach(compact: bool) -> float:
    """How far the map reaches to each side, the names beside it included."""
    return 1.62 if compact else 2.25


def _rings(sectors: int, look: Look) -> dict[str, Any]:
    """The rings of equal strength and the edges of the sectors, as one broken line."""
    turn = np.linspace(0, 2 * np.pi, 91)
    xs: list[Any] = []
    ys: list[Any] = []
    for ring in map(_ring, _RINGS):
        xs += [*np.round(ring * np.cos(turn), 3), None]
        ys += [*np.round(ring * np.sin(turn), 3), None]
    for sector in range(sectors):
        edge = sector_centre(sector, sectors) + math.pi / sectors
        xs += [0.13 * math.cos(edge), 1.2 * math.cos(edge), None]
        ys += [0.13 * math.sin(edge), 1.2 * math.sin(edge), None]
    return line(xs, ys, look.grid)


def _ties(
    inputs: MarketsInputs,
    now: Floats,
    layout: Layout,
    links: Sequence[tuple[str, str, str, float]],
    look: Look,
) -> dict[str, Any]:
    """The links between stakeholders that are both on the map."""
    where = {name: i for i, name in enumerate(inputs.names)}
    x, y = now * np.cos(layout.angle), now * np.sin(layout.angle)
    xs: list[Any] = []
    ys: list[Any] = []
    for source, target, _, _ in links:
        if source in where and target in where:
            a, b = where[source], where[target]
            xs += [x[a], x[b], None]
            ys += [y[a], y[b], None]
    return line(xs, ys, look.baseline, opacity=0.55)


def _points(
    inputs: MarketsInputs,
    result: MarketsResult,
    now: Floats,
    layout: Layout,
    text: Text,
    look: Look,
    taxonomy: str,
    stage_of: Mapping[str, str],
    chosen: str,
    compact: bool,
) -> dict[str, Any]:
    """The stakeholders: as large as their value, coloured by their gap, open where their strength is unknown."""
    gap = np.clip(np.nan_to_num(result.gap), -2, 4)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.round(now * np.cos(layout.angle), 4).tolist(),
        "y": np.round(now * np.sin(layout.angle), 4).tolist(),
        "marker": {
            "size": _sizes(layout.size, compact),
            "color": gap.round(2).tolist(),
            "colorscale": [[0, look.gap_scale[0]], [1 / 3, look.gap_scale[1]], [1, look.gap_scale[2]]],
            "cmin": -2,
            "cmax": 4,
            "opacity": 0.92,
            "symbol": ["circle-open" if unknown else "circle" for unknown in np.isnan(result.strength)],
            "line": {
                "color": [look.scenario if name == chosen else look.hole for name in inputs.names],
                "width": [3 if name == chosen else 1 for name in inputs.names],
            },
        },
        "customdata": list(inputs.names),
        "hovertemplate": "%{text}<extra></extra>",
        "text": _hover(inputs, result, text, taxonomy, stage_of),
        "name": "stakeholders",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 0.92}},
    }


def _sizes(size: Floats, compact: bool) -> list[float]:
    found: list[float] = (size * (0.62 if compact else 1.0)).round(1).tolist()
    return found


def _shifts(base: Floats, now: Floats, layout: Layout, look: Look, compact: bool) -> list[dict[str, Any]]:
    """What the scenario moves: an outline where it stood, an arrow to where it stands."""
    shifted = np.flatnonzero(np.abs(np.nan_to_num(now - base)) > 0.003)
    outlines = {
        "type": "scatter",
        "mode": "markers",
        "x": (base * np.cos(layout.angle))[shifted].round(4).tolist(),
        "y": (base * np.sin(layout.angle))[shifted].round(4).tolist(),
        "hoverinfo": "skip",
        "name": "baseline",
        "marker": {
            "size": _sizes(layout.size[shifted], compact),
            "color": "rgba(0,0,0,0)",
            "line": {"color": look.baseline, "width": 1.2},
        },
    }
    return [outlines, _arrows(base, now, layout.angle, shifted, look.scenario, 2.2) | {"name": "scenario"}]


def _names(
    inputs: MarketsInputs,
    result: MarketsResult,
    now: Floats,
    layout: Layout,
    text: Text,
    look: Look,
    compact: bool,
) -> list[dict[str, Any]]:
    """Name, gap and priority of the labelled stakeholders beside the map, with a leader to each."""
    xs: list[Any] = []
    ys: list[Any] = []
    tx, ty, words, places = [], [], [], []
    for i, x, y, side in _label_slots(layout, compact, _reach(compact)):
        name = safe(inputs.names[i], 20 if compact else 30)
        detail = text("markets.map.label", gap=text.number(result.gap[i], 1), money=text.short(result.priority[i]))
        # in the small view the text starts at the card's edge: the leader meets its far end
        end = x - side * (width(name) * 6.6 + 6) / 148 if compact else x
        xs += [now[i] * math.cos(layout.angle[i]), end, None]
        ys += [now[i] * math.sin(layout.angle[i]), y, None]
        tx.append(x + (0 if compact else side * 0.03))
        ty.append(y)
        places.append("middle left" if (side > 0) == compact else "middle right")
        words.append(f"<b>{name}</b><br>{detail}")
    return [
        line(xs, ys, look.muted, width=0.7, opacity=0.6),
        labels(tx, ty, words, look, size=11 if compact else 12, position=places),
    ]


def _broker_names(
    inputs: MarketsInputs, now: Floats, layout: Layout, brokers: Mapping[str, float], look: Look
) -> dict[str, Any]:
    """The three stakeholders through whom most ties lead."""
    top = [name for name in list(brokers)[:3] if name in inputs.names]
    at = [inputs.names.index(name) for name in top]
    return labels(
        [now[i] * math.cos(layout.angle[i]) for i in at],
        [now[i] * math.sin(layout.angle[i]) + 0.08 for i in at],
        [f"◆ {safe(name, 24)}" for name in top],
        look,
        size=11,
    )


def _label_slots(layout: Layout, compact: bool, reach: float) -> list[tuple[int, float, float, int]]:
    """Stakeholder, x, y and side of each label: margin columns, or the card's corners in the small view."""
    found = []
    shown = range(min(len(layout.labelled), 6)) if compact else range(len(layout.labelled))
    by_x = sorted(shown, key=lambda k: layout.x[layout.labelled[k]])
    half = len(by_x) // 2
    for side, members in ((-1, by_x[:half]), (1, by_x[half:])):
        ranked = sorted(members, key=lambda k: -layout.y[layout.labelled[k]])
        slots = (1.2, 0.93, -1.2) if compact else np.linspace(1.0, -1.0, max(len(ranked), 2))
        for k, slot in zip(ranked, slots, strict=False):
            found.append((int(layout.labelled[k]), side * (reach if compact else 1.42), float(slot), side))
    return found


def _hover(
    inputs: MarketsInputs, result: MarketsResult, text: Text, taxonomy: str, stage_of: Mapping[str, str]
) -> list[str]:
    rows = []
    for i, name in enumerate(inputs.names):
        words = [
            f"<b>{safe(name)}</b>",
            f"{safe(group_term(text, taxonomy, inputs.groups[inputs.group[i]]))} · {text.term('kind', inputs.kinds[i])}",
            text(
                "markets.map.hover_strength",
                strength=text.number(result.strength[i], 1),
                desired=text.number(inputs.desired.values[i], 1),
            ),
            text(
                "markets.map.hover_value",
                value=text.money(inputs.value_received.values[i]),
                priority=text.money(result.priority[i]),
            ),
        ]
        if name in stage_of:
            words.append(text("markets.map.hover_stage", stage=stage_of[name]))
        if inputs.owners[i]:
            words.append(text("markets.map.hover_owner", owner=safe(inputs.owners[i])))
        rows.append("<br>".join(words))
    return rows


def _map_title(
    inputs: MarketsInputs,
    baseline: MarketsResult,
    result: MarketsResult,
    text: Text,
    taxonomy: str,
    changed: bool,
    compact: bool,
) -> tuple[str, str]:
    priority = np.nan_to_num(result.priority)
    total = priority.sum()
    if total <= 0:
        title = text("markets.map.title_none")
    else:
        top = np.sort(priority)[::-1][:3]
        group = group_term(text, taxonomy, inputs.groups[int(np.argmax(result.group_priority))])
        title = text(
            "markets.map.title",
            n=int((top > 0).sum()),
            share=text.percent(top.sum() / total, 0),
            money=text.money(total),
            market=group,
        )
    if changed:
        before, after = text.money(float(baseline.gap_value)), text.money(float(result.gap_value))
        by = float(result.gap_value - baseline.gap_value)
        if not by:
            return title, text("markets.map.subtitle_same", before=before)
        if before == after:  # less than the rounding shows
            return title, text("markets.map.subtitle_little", before=before, change=text.change(by))
        return title, text("markets.map.subtitle_scenario", before=before, after=after)
    return title, text("markets.map.subtitle_short" if compact else "markets.map.subtitle")


def radar_figure(
    inputs: MarketsInputs,
    baseline: MarketsResult,
    result: MarketsResult,
    text: Text,
    look: Look,
    *,
    taxonomy: str = "six",
    changed: bool = False,
) -> go.Figure:
    """The network diagram: emphasis on each market today and as wished, both as outlines."""
    names = [group_term(text, taxonomy, g) for g in inputs.groups]
    derived = np.isnan(inputs.emphasis_current)
    names = [f"{n} *" if d else n for n, d in zip(names, derived, strict=True)]

    def ring(values: Floats, name: str, color: str, **style: Any) -> dict[str, Any]:
        r = np.round(np.append(values, values[0]), 2).tolist()
        return {
            "type": "scatterpolar",
            "mode": "lines+markers",
            "r": r,
            "theta": [*names, names[0]],
            "name": name,
            "line": {"color": color, "width": 2.5, **style},
            "marker": {"color": color, "size": 6},
            "hovertemplate": f"<b>%{{theta}}</b><br>{name}: %{{r:.1f}}<extra></extra>",
        }

    traces = [
        ring(result.emphasis_desired, text("markets.radar.desired"), look.gain, dash="dot"),
        ring(baseline.emphasis_current, text("markets.radar.current"), look.baseline if changed else look.ink),
    ]
    if changed and not np.allclose(baseline.emphasis_current, result.emphasis_current, equal_nan=True):
        traces.append(ring(result.emphasis_current, text("term.scenario"), look.scenario))
    short = result.emphasis_desired - result.emphasis_current
    worst = int(np.nanargmax(short)) if np.isfinite(short).any() else 0
    spread = inputs.emphasis_spread
    subtitle = (
        text("markets.radar.subtitle_derived")
        if derived.all()
        else text(
            "markets.radar.subtitle",
            spread=text.number(float(np.nanmean(spread)), 1) if np.isfinite(spread).any() else "–",
        )
    )
    polar_axis = {"gridcolor": look.grid, "linecolor": look.grid, "tickfont": {"color": look.muted, "size": 10}}
    return figure(
        traces,
        look,
        text,
        title=text(
            "markets.radar.title" if np.nan_to_num(short).max() > 0 else "markets.radar.title_none",
            market=group_term(text, taxonomy, inputs.groups[worst]),
            current=text.number(result.emphasis_current[worst], 1),
            desired=text.number(result.emphasis_desired[worst], 1),
        ),
        subtitle=subtitle,
        height=440,
        showlegend=True,
        legend={"orientation": "h", "y": -0.1, "x": 0.5, "xanchor": "center", "font": {"size": 12}},
        polar={
            "bgcolor": "rgba(0,0,0,0)",
            "radialaxis": {"range": [0, 10], "tickvals": [2.5, 5, 7.5, 10], "angle": 60, **polar_axis},
            "angularaxis": {
                "direction": "clockwise",
                "rotation": 90,
                **polar_axis,
                "tickfont": {"color": look.ink, "size": 12},
            },
        },
        margin={"l": 60, "r": 60, "t": 30, "b": 30},
    )


def power_interest_figure(
    inputs: MarketsInputs,
    result: MarketsResult,
    quadrant: Indices,
    salience_words: Sequence[str],
    text: Text,
    look: Look,
    *,
    cut: float = 5,
) -> go.Figure:
    """Power against interest, cut into four ways of dealing with a stakeholder."""
    known: list[int] = np.flatnonzero(quadrant >= 0).tolist()
    spread = ((np.arange(len(known)) * 0.618034) % 1 - 0.5) * 0.62
    x, y = inputs.interest[known] + spread, inputs.power[known] + spread[::-1]
    size = 8 + 22 * np.sqrt(
        np.nan_to_num(inputs.value_received.values[known]) / max(np.nanmax(inputs.value_received.values, initial=1), 1)
    )
    traces = [
        line([cut, cut, None, -0.5, 10.5], [-0.5, 10.5, None, cut, cut], look.baseline, dash="dot"),
        {
            "type": "scatter",
            "mode": "markers",
            "x": x.round(2).tolist(),
            "y": y.round(2).tolist(),
            "customdata": [inputs.names[i] for i in known],
            "marker": {
                "size": size.round(1).tolist(),
                "color": [look.group(int(inputs.group[i])) for i in known],
                "opacity": 0.8,
                "line": {"color": look.hole, "width": 1},
            },
            "text": [
                f"<b>{safe(inputs.names[i])}</b><br>{salience_words[i]}<br>"
                + text(
                    "markets.power.hover",
                    power=text.number(inputs.power[i]),
                    interest=text.number(inputs.interest[i]),
                    strength=text.number(result.strength[i], 1),
                )
                for i in known
            ],
            "hovertemplate": "%{text}<extra></extra>",
        },
        labels(
            [0, 10, 0, 10],
            [10.9, 10.9, -0.9, -0.9],
            [
                f"<b>{text.term('quadrant', q)}</b>"
                for q in ("keep_satisfied", "manage_closely", "monitor", "keep_informed")
            ],
            look,
            color=look.muted,
            position=["middle right", "middle left", "middle right", "middle left"],
        ),
    ]
    weak = [i for i in known if quadrant[i] == 3 and result.strength[i] < 5]
    close = int((quadrant == 3).sum())
    ranked = sorted((i for i in known if quadrant[i] == 3), key=lambda i: -np.nan_to_num(result.priority)[i])[:6]
    at = {i: k for k, i in enumerate(known)}
    traces.append(
        labels(
            [x[at[i]] for i in ranked],
            [y[at[i]] + 0.42 for i in ranked],
            [safe(inputs.names[i], 18) for i in ranked],
            look,
            size=11,
        )
    )
    return figure(
        traces,
        look,
        text,
        title=text("markets.power.title", n=close, weak=len(weak)),
        subtitle=text("markets.power.subtitle"),
        height=440,
        xaxis={"range": [-0.7, 10.7], "title": {"text": text("markets.power.interest")}, "zeroline": False},
        yaxis={
            "range": [-1.4, 11.4],
            "title": {"text": text("markets.power.power")},
            "tickvals": [0, 2, 4, 6, 8, 10],
            "zeroline": False,
        },
    )


def priority_figure(
    inputs: MarketsInputs,
    baseline: MarketsResult,
    result: MarketsResult,
    text: Text,
    look: Look,
    *,
    changed: bool = False,
    most: int = 10,
) -> go.Figure:
    """The ranked list of gaps in money; the baseline behind the scenario."""
    base, now = np.nan_to_num(baseline.priority), np.nan_to_num(result.priority)
    order = [i for i in np.argsort(-base, kind="stable")[:most] if base[i] > 0][::-1]
    names = [safe(inputs.names[i], 26) for i in order]
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "y": names,
            "x": base[order].tolist(),
            "customdata": [inputs.names[i] for i in order],
            "marker": {"color": look.baseline if changed else [look.group(int(inputs.group[i])) for i in order]},
            "hovertemplate": "<b>%{y}</b><br>%{text}<extra></extra>",
            "textposition": "none",
            "text": [text.money(base[i]) for i in order],
            "width": 0.7,
        }
    ]
    if changed:
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": names,
                "x": now[order].tolist(),
                "customdata": [inputs.names[i] for i in order],
                "marker": {
                    "color": look.scenario,
                    "pattern": {**hatch(look.scenario), "bgcolor": look.paper},
                    "line": {"color": look.scenario, "width": 1.2},
                },
                "hovertemplate": "<b>%{y}</b><br>%{text}<extra></extra>",
                "textposition": "none",
                "text": [text.money(now[i]) for i in order],
                "width": 0.42,
            }
        )
    words = [
        text.money(base[i]) + (f" → <b>{text.money(now[i])}</b>" if changed and abs(now[i] - base[i]) > 1e-9 else "")
        for i in order
    ]
    traces.append(labels([max(base[i], now[i]) for i in order], names, beside(words), look, position="middle right"))
    top = max(base.max(initial=0), now.max(initial=0)) or 1
    total = base.sum()
    share = base[order].sum() / total if total else 0
    return figure(
        traces,
        look,
        text,
        title=text(
            "markets.priority.title",
            name=safe(inputs.names[order[-1]]) if order else "–",
            money=text.money(base[order[-1]] if order else 0),
        ),
        subtitle=text("markets.priority.subtitle", n=len(order), share=text.percent(share, 0)),
        height=440,
        barmode="overlay",
        xaxis={"range": [0, top * 1.42], "visible": False},
        yaxis=names_axis(look),
    )


def owner_figure(
    inputs: MarketsInputs, held: Ownership, limit: float, text: Text, look: Look, *, taxonomy: str = "six"
) -> go.Figure:
    """Share of each market's value in the hands of each relationship manager."""
    names = [group_term(text, taxonomy, g) for g in inputs.groups]
    top = held.share.argmax(axis=0) if len(held.owners) else np.zeros(len(names), dtype=int)
    best = held.share.max(axis=0) if len(held.owners) else np.zeros(len(names))
    rest = np.maximum(held.share.sum(axis=0) - best, 0)
    order = np.argsort(best, kind="stable")
    y = [names[g] for g in order]
    over = [bool(best[g] > limit) for g in order]
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "y": y,
            "x": best[order].tolist(),
            "width": 0.6,
            "name": "largest",
            "marker": {"color": [look.loss if o else look.baseline for o in over]},
            "textposition": "none",
            "text": [text.money(held.value[top[g], g]) if len(held.owners) else "" for g in order],
            "hovertemplate": "<b>%{y}</b><br>%{text}<extra></extra>",
        },
        {
            "type": "bar",
            "orientation": "h",
            "y": y,
            "x": rest[order].tolist(),
            "name": "others",
            "marker": {"color": look.grid},
            "width": 0.6,
            "hoverinfo": "skip",
        },
        labels(
            [0.012] * len(y),
            y,
            [
                f"<b>{safe(held.owners[top[g]])}</b> {text.percent(best[g], 0)}" if len(held.owners) else ""
                for g in order
            ],
            look,
            color=[look.paper if b > 0.28 else look.ink for b in best[order]],
            position="middle right",
        ),
    ]
    worst = int(best.argmax()) if len(best) else 0
    title = text(
        "markets.owners.title",
        owner=safe(held.owners[top[worst]]) if len(held.owners) else "–",
        share=text.percent(best[worst], 0),
        market=names[worst],
        money=text.money(held.value[top[worst], worst]) if len(held.owners) else "–",
    )
    return figure(
        traces,
        look,
        text,
        title=title,
        subtitle=text("markets.owners.subtitle", limit=text.percent(limit, 0)),
        height=360,
        barmode="stack",
        shapes=[upright(limit, look.ink)],
        xaxis={"range": [0, 1.02], **ticks(0, 1, text, "share", 4)},
        yaxis=names_axis(look),
    )
