"""Figures of the perceived value: the breakdown, offers side by side, sensitivity, the value map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import Look, beside, figure, hatch, labels, line, names_axis, safe, stacked_words, ticks
from core.models.value import Decomposition, Sensitivity, ValueInputs, ValueMap, ValueResult
from core.tables import OUR_OFFER
from core.text import Text

PARTS = ("core", "services", "price", "relationship_costs")


def offer_name(text: Text, offer: str) -> str:
    """Our offer by its word, a rival by its name."""
    return text.term("offer", offer) if offer == OUR_OFFER else safe(offer)


def breakdown_figure(
    inputs: ValueInputs,
    baseline: ValueResult,
    result: ValueResult,
    group: int,
    text: Text,
    look: Look,
    *,
    changed: bool = False,
    compact: bool = False,
) -> go.Figure:
    """Core -> services -> price -> relationship costs -> net value, as a waterfall; scenario beside it."""
    names = [text.term("value_part", p) for p in (*PARTS, "net")]
    sets = [(_steps(baseline, group), False)] + ([(_steps(result, group), True)] if changed else [])
    lift = max(float(steps.values[0] + max(steps.values[1], 0)) for steps, _ in sets) * 0.035
    traces: list[dict[str, Any]] = []
    for steps, scenario in sets:
        shift = 0.0 if not changed else 0.21 if scenario else -0.21
        x = [n + shift for n in range(5)]
        traces.append(_step_bars(steps, x, 0.36 if changed else 0.6, names, text, look, scenario))
        words = [text.number(v, 0) if n in (0, 4) else text.signed(v, 0) for n, v in enumerate(steps.values)]
        if scenario:
            words = [f"<b>{word}</b>" for word in words]
        color = look.scenario if scenario else look.ink
        traces.append(labels(x, [top + lift for top in steps.tops], words, look, color=color, size=12))
    title, subtitle = _breakdown_title(inputs, baseline, result, group, text, changed)
    top = max(top for steps, _ in sets for top in steps.tops) * 1.12
    low = min(0.0, *(steps.values[4] for steps, _ in sets)) * 1.2
    return figure(
        traces,
        look,
        text,
        title=title,
        subtitle=subtitle,
        height=430 if compact else 460,
        barmode="overlay",
        xaxis={
            "tickvals": list(range(5)),
            "ticktext": [stacked_words(n, text.language, 12) for n in names],
            "tickangle": 0,
            "tickfont": {"color": look.ink, "size": 12 if compact else 13},
            "range": [-0.5, 4.5],
            "showgrid": False,
            "zeroline": False,
        },
        yaxis={"range": [low, top], **ticks(low, top, text, "money", 4), "showgrid": True},
    )


@dataclass(frozen=True)
class _Steps:
    """The waterfall of one offer: each part's start, amount (costs below zero) and upper end; net value last."""

    starts: list[float]
    values: list[float]
    tops: list[float]


def _steps(found: ValueResult, group: int) -> _Steps:
    net = float(found.net[group])
    values = [float(getattr(found, part)[group]) * (1 if n < 2 else -1) for n, part in enumerate(PARTS)]
    ends = np.cumsum(values)
    starts = np.r_[0, ends[:-1]]
    return _Steps([*starts, 0.0], [*values, net], [*np.maximum(starts, ends), max(net, 0)])


def _step_bars(
    steps: _Steps, x: list[float], width: float, names: list[str], text: Text, look: Look, scenario: bool
) -> dict[str, Any]:
    """The bars of one waterfall: solid at the baseline, hatched in the scenario."""
    ends = look.scenario if scenario else look.baseline, look.scenario if scenario else look.ink
    colors = [ends[0], look.gain if steps.values[1] >= 0 else look.loss, look.loss, look.loss, ends[1]]
    marker: dict[str, Any] = {"color": colors}
    if scenario:
        marker["pattern"] = {**hatch(""), "fgcolor": colors, "bgcolor": look.paper}
        marker["line"] = {"color": colors, "width": 1.5}
    return {
        "type": "bar",
        "x": x,
        "y": steps.values,
        "base": steps.starts,
        "width": width,
        "marker": marker,
        "customdata": [*PARTS, "net"],
        "text": [f"<b>{n}</b><br>{text.money(v)}" for n, v in zip(names, steps.values, strict=True)],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
        "name": "scenario" if scenario else "baseline",
    }


def _breakdown_title(
    inputs: ValueInputs, baseline: ValueResult, result: ValueResult, group: int, text: Text, changed: bool
) -> tuple[str, str]:
    """Net value and ratio of the offer, the ratios of its rivals in the segment below."""
    segment, offer = inputs.segments[inputs.segment[group]], inputs.offers[inputs.offer[group]]
    before, after = float(baseline.net[group]), float(result.net[group])
    ratio0, ratio1 = float(baseline.ratio[group]), float(result.ratio[group])
    who = {"offer": offer_name(text, offer), "segment": safe(segment) or text("value.all_segments")}
    if changed and abs(after - before) > 1e-9:
        (net0, net1), (ratio_was, ratio_now) = text.pair(before, after, 0), text.pair(ratio0, ratio1, 2)
        title = text("value.breakdown.title_moved", before=net0, after=net1, ratio0=ratio_was, ratio1=ratio_now, **who)
    else:
        title = text("value.breakdown.title", net=text.number(after, 0), ratio=text.number(ratio1, 2), **who)
    rivals = [
        f"{offer_name(text, inputs.offers[inputs.offer[h]])} {text.number(float(result.ratio[h]), 2)}"
        for h in np.flatnonzero((inputs.segment == inputs.segment[group]) & (inputs.offer != inputs.offer[group]))
    ]
    subtitle = text("value.breakdown.subtitle", segment=who["segment"])
    if rivals:
        subtitle += " · " + text("value.breakdown.rivals", rivals=text.listed(rivals))
    return title, subtitle


def offers_figure(
    inputs: ValueInputs,
    baseline: ValueResult,
    result: ValueResult,
    segment: int,
    text: Text,
    look: Look,
    *,
    changed: bool = False,
) -> go.Figure:
    """What each offer gives (right) and what it costs (left), with its ratio; ours and the rivals."""
    groups = [int(g) for g in np.flatnonzero(inputs.segment == segment)][::-1]
    names = [offer_name(text, inputs.offers[inputs.offer[g]]) for g in groups]
    colors = {"core": look.baseline, "services": look.gain, "price": look.loss, "relationship_costs": look.loss_soft}
    traces: list[dict[str, Any]] = []
    for part in ("price", "relationship_costs", "core", "services"):
        sign = -1 if part in ("price", "relationship_costs") else 1
        values = [float(getattr(result, part)[g]) for g in groups]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": names,
                "x": [sign * v for v in values],
                "width": 0.56,
                "marker": {"color": colors[part]},
                "text": [f"<b>{text.term('value_part', part)}</b> {text.money(v)}" for v in values],
                "textposition": "none",
                "hovertemplate": "%{y}<br>%{text}<extra></extra>",
                "name": text.term("value_part", part),
            }
        )
    if changed:
        ours = [g for g in groups if inputs.offers[inputs.offer[g]] == OUR_OFFER]
        for g in ours:
            y = names[groups.index(g)]
            traces.append(
                {
                    "type": "bar",
                    "orientation": "h",
                    "y": [y, y],
                    "x": [
                        float(baseline.core[g] + baseline.services[g]),
                        -float(baseline.price[g] + baseline.relationship_costs[g]),
                    ],
                    "base": [0, 0],
                    "width": 0.72,
                    "marker": {"color": "rgba(0,0,0,0)", "line": {"color": look.ink, "width": 1.4}},
                    "hoverinfo": "skip",
                    "name": "baseline",
                    "showlegend": False,
                }
            )
    right = [float(result.core[g] + result.services[g]) for g in groups]
    words = [
        text(
            "value.offers.ratio",
            ratio=f"<b>{text.number(float(result.ratio[g]), 2)}</b>",
            net=text.number(float(result.net[g]), 0),
        )
        for g in groups
    ]
    most = max(right, default=1.0)
    traces.append(labels([most * 1.05] * len(groups), names, words, look, position="middle right"))
    ranked = sorted(groups, key=lambda g: -float(result.ratio[g]))
    place = next((n for n, g in enumerate(ranked, 1) if inputs.offers[inputs.offer[g]] == OUR_OFFER), 0)
    cost = max(float(result.price[g] + result.relationship_costs[g]) for g in groups)
    span = ticks(-cost, most, text, "money", 5)
    span["ticktext"] = [w.lstrip("-−") for w in span.get("ticktext", [])]
    return figure(
        traces,
        look,
        text,
        title=text(
            "value.offers.title",
            place=place,
            total=len(groups),
            best=offer_name(text, inputs.offers[inputs.offer[ranked[0]]]),
            ratio=text.number(float(result.ratio[ranked[0]]), 2),
            segment=safe(inputs.segments[segment]) or text("value.all_segments"),
        ),
        subtitle=text("value.offers.subtitle"),
        height=440,
        barmode="relative",
        showlegend=True,
        legend={"orientation": "h", "y": -0.16, "x": 0, "traceorder": "normal", "font": {"size": 12}},
        xaxis={"range": [-cost * 1.08, most * 2.1], **span},
        yaxis=names_axis(look, 13),
    )


def sensitivity_figure(inputs: ValueInputs, found: Sensitivity, group: int, text: Text, look: Look) -> go.Figure:
    """What a further 10 of money on each component does to our ratio: where to begin."""
    rows = np.flatnonzero(inputs.group == group)
    order = rows[np.argsort(np.abs(found.ratio[rows]), kind="stable")]
    gain = found.ratio[order] * 10
    names = [safe(inputs.components[r], 26) for r in order]
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "y": names,
            "x": gain.tolist(),
            "width": 0.62,
            "customdata": names,
            "marker": {"color": [look.gain if g > 0 else look.loss for g in gain]},
            "hovertemplate": "<b>%{y}</b><br>%{x:+.4f}<extra></extra>",
        },
        labels(
            [float(g) for g in gain],
            names,
            beside([text.signed(float(g), 4) for g in gain]),
            look,
            size=11,
            position=["middle right" if g > 0 else "middle left" for g in gain],
        ),
    ]
    costs = [r for r in rows if inputs.kind[r] == 3]
    first = max(costs, key=lambda r: abs(found.ratio[r]), default=rows[0])
    most = float(np.abs(gain).max()) * 1.45 or 1
    return figure(
        traces,
        look,
        text,
        title=text(
            "value.sensitivity.title" if costs else "value.sensitivity.title_other",
            component=safe(inputs.components[first]),
            change=text.number(abs(float(found.ratio[first])) * 10, 4),
        ),
        subtitle=text("value.sensitivity.subtitle"),
        height=440,
        xaxis={"range": [-most, most], "visible": False},
        yaxis=names_axis(look),
    )


def decomposition_figure(found: Decomposition, text: Text, look: Look) -> go.Figure:
    """Which component made the change of our net value."""
    moved = [k for k in np.argsort(np.abs(found.net)) if abs(found.net[k]) > 1e-9]
    names = [
        text.term("value_part", found.labels[k]) if found.labels[k] == "core_erosion" else safe(found.labels[k], 26)
        for k in moved
    ]
    values = [float(found.net[k]) for k in moved]
    most = max((abs(v) for v in values), default=1.0)
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "y": names,
            "x": values,
            "width": 0.6,
            "marker": {"color": [look.gain if v > 0 else look.loss for v in values]},
            "hovertemplate": "<b>%{y}</b><br>%{x:+.2f}<extra></extra>",
        },
        labels(
            values,
            names,
            beside([text.signed(v, 1) for v in values]),
            look,
            position=["middle right" if v > 0 else "middle left" for v in values],
        ),
    ]
    return figure(
        traces,
        look,
        text,
        title=text("value.decomposition.title", total=text.signed(float(found.net.sum()), 1)),
        subtitle=text("value.decomposition.subtitle", ratio=text.signed(float(found.log_ratio.sum()) * 100, 1)),
        height=max(180, 80 + 46 * len(moved)),
        xaxis={"range": [-most * 1.4, most * 1.4], "visible": False},
        yaxis=names_axis(look),
    )


def value_map_figure(found: ValueMap, slope: float, text: Text, look: Look) -> go.Figure:
    """Relative price against relative quality: below the fair-value line an offer gives more than it asks."""
    x, y = found.quality, found.price
    low, high = min(*x, *y, 0.85) - 0.04, max(*x, *y, 1.15) + 0.04
    ours = [offer == OUR_OFFER for offer in found.offers]
    traces: list[dict[str, Any]] = [
        line([low, high], [1 + slope * (low - 1), 1 + slope * (high - 1)], look.baseline, dash="dot")
    ]
    if len(found.ellipse):
        traces.append(
            line(
                found.ellipse[:, 0].round(4).tolist(), found.ellipse[:, 1].round(4).tolist(), look.scenario, dash="dot"
            )
        )
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": x.round(4).tolist(),
            "y": y.round(4).tolist(),
            "customdata": list(found.offers),
            "text": [offer_name(text, offer) for offer in found.offers],
            "marker": {
                "size": 18,
                "color": [look.ink if o else look.baseline for o in ours],
                "line": {"color": look.hole, "width": 1},
            },
            "hovertemplate": "%{text}<br>%{x:.3f} · %{y:.3f}<extra></extra>",
        }
    )
    traces.append(
        labels(
            x.tolist(),
            (y + (high - low) * 0.06).tolist(),
            [f"<b>{offer_name(text, o)}</b>" for o in found.offers],
            look,
        )
    )
    traces.append(
        labels(
            [high, high],
            [1 + slope * (high - 1), low],
            [text("value.map.fair"), text("value.map.better")],
            look,
            color=look.muted,
            size=11,
            position=["bottom left", "top left"],
        )
    )
    us = ours.index(True) if any(ours) else 0
    surplus = slope * (x[us] - 1) - (y[us] - 1)
    return figure(
        traces,
        look,
        text,
        title=text(
            "value.map.title_good" if surplus > 0 else "value.map.title_bad",
            quality=text.number(float(x[us]), 2),
            price=text.number(float(y[us]), 2),
        ),
        subtitle=text("value.map.subtitle"),
        height=420,
        xaxis={"range": [low, high], "title": {"text": text("value.map.quality")}, "zeroline": False},
        yaxis={"range": [low, high], "title": {"text": text("value.map.price")}, "zeroline": False},
    )
