"""Scenarios side by side: small multiples, what matters, what may come, two levers crossed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import Look, beside, figure, hatch, labels, line, names_axis, safe, ticks, upright
from core.models.draws import Futures, interval
from core.models.scenarios import Contributions, Grid, Measure, Swing
from core.quantity import Floats
from core.text import Text

_DOTS = 20  # each stands for one in twenty
_NAME = 22


def amount(measure: Measure, value: float, text: Text) -> str:
    """A value of a measure in words."""
    return text.unit(value, measure.unit)


def change(measure: Measure, value: float, text: Text) -> str:
    """A difference of a measure in words, with its sign; of a share in percentage points."""
    if measure.unit == "money":
        return text.change(value)
    if measure.unit == "share":
        return text("scenarios.points", n=text.signed(value * 100, 2))
    return text.signed(value, 3 if measure.unit == "ratio" else 1)


def _tint(value: float, better: int, look: Look) -> str:
    if abs(value) < 1e-9:
        return look.muted
    if better == 0:
        return look.ink
    return look.gain if value * better > 0 else look.loss


def span_words(low: float, middle: float, high: float, unit: str, text: Text) -> str:
    """A median with its range; alone where the range is none."""
    words = [text.unit(value, unit) for value in (low, middle, high)]
    return (
        words[1] if words[0] == words[2] else text("scenarios.fan.words", low=words[0], middle=words[1], high=words[2])
    )


# Compare ----------------------------------------------------------------------------------------


def multiples_figure(
    view: str,
    rows: Sequence[str],
    baseline: Floats,
    columns: Mapping[str, Floats],
    unit: str,
    better: int,
    text: Text,
    look: Look,
) -> go.Figure:
    """One view under each scenario, on one scale: bars of the scenario, the baseline as outline behind.

    Args:
        rows: what the view shows, such as the reasons; in the order from the top.
        baseline: its values, (rows,).
        columns: name of a scenario -> its values, (rows,).
    """
    count = len(columns)
    order = list(range(len(rows)))[::-1]
    names = [safe(rows[n], _NAME) + "\u2002" for n in order]
    shown = [np.nan_to_num(v) for v in columns.values()]
    top = max(float(np.max([np.nan_to_num(baseline), *shown])), 1e-9)
    low = min(float(np.min([np.nan_to_num(baseline), *shown])), 0.0)
    gap = 0.03
    wide = (1 - gap * (count - 1)) / count
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    heads = []
    for n, (name, values) in enumerate(columns.items()):
        suffix = "" if n == 0 else str(n + 1)
        axis = f"x{suffix}"
        left = n * (wide + gap)
        layout[f"xaxis{suffix}"] = {
            "visible": False,
            "range": [low * 1.3, top * (1.5 + 0.09 * max(count, 2))],
            "domain": [left, left + wide],
            "fixedrange": True,
            "anchor": "y",
        }
        heads.append(
            {
                "x": left,
                "y": 1,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "text": f"<b>{safe(name, max(10, 96 // count))}</b>",
                "showarrow": False,
                "font": {"size": 13, "color": look.scenario},
            }
        )
        base = [float(baseline[i]) for i in order]
        now = [float(values[i]) for i in order]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": base,
                "y": names,
                "xaxis": axis,
                "width": 0.74,
                "marker": {"color": "rgba(0,0,0,0)", "line": {"color": look.baseline, "width": 1.4}},
                "hoverinfo": "skip",
            }
        )
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": now,
                "y": names,
                "xaxis": axis,
                "width": 0.5,
                "marker": {
                    "color": look.scenario,
                    "pattern": {**hatch(look.scenario), "bgcolor": look.paper},
                    "line": {"color": look.scenario, "width": 1},
                },
                "customdata": [[text.unit(a, unit), text.unit(b, unit)] for a, b in zip(base, now, strict=True)],
                "hovertemplate": f"<b>%{{y}}</b> · {safe(name)}<br>%{{customdata[0]}} → %{{customdata[1]}}<extra></extra>",
            }
        )
        words = [_moved(a, b, unit, text) for a, b in zip(base, now, strict=True)]
        colors = [_tint(0 if a == b else b - a, better, look) for a, b in zip(base, now, strict=True)]
        reach = [max(a, b, 0.0) if np.isfinite(b) else 0.0 for a, b in zip(base, now, strict=True)]
        traces.append(labels(reach, names, beside(words), look, color=colors, position="middle right", xaxis=axis))
    return figure(
        traces,
        look,
        text,
        title=text(f"scenarios.compare.{view}"),
        subtitle=text("scenarios.compare.legend"),
        height=84 + 40 * len(rows),
        margin={"t": 34},
        barmode="overlay",
        annotations=heads,
        yaxis={**names_axis(look), "categoryarray": names, "categoryorder": "array"},
        **layout,
    )


def _moved(before: float, after: float, unit: str, text: Text) -> str:
    words = text.pair(before, after, 2)[1] if unit == "ratio" else text.unit(after, unit)
    if not (np.isfinite(before) and np.isfinite(after)) or before == after:
        return words
    percent = text.signed((after / before - 1) * 100, 0) + "%" if before else ""
    return f"<b>{words}</b> {percent}" if percent not in ("", "0%") else f"<b>{words}</b>"


# What matters -----------------------------------------------------------------------------------


def tornado_figure(
    swings: Sequence[Swing],
    names: Sequence[str],
    ends: Sequence[tuple[str, str]],
    measure: Measure,
    at_likely: float,
    text: Text,
    look: Look,
) -> go.Figure:
    """Each lever from its low to its high end, the others at their likely value.

    Args:
        names: the levers in words.
        ends: what each lever's low and high end make of its figure, in words.
        at_likely: the measure with every lever at its likely value.
    """
    order = list(range(len(swings)))[::-1]
    rows = [safe(names[n], 52) for n in order]
    values = [v for s in swings for v in (s.at_low, s.at_high)] + [at_likely]
    low, high = min(values), max(values)
    room = (high - low or 1.0) * 0.32
    traces: list[dict[str, Any]] = []
    for side, color in (("low", look.baseline), ("high", look.scenario)):
        at = [getattr(swings[n], f"at_{side}") for n in order]
        bar: dict[str, Any] = {"color": color, "line": {"color": color, "width": 1}}
        if side == "high":
            bar["pattern"] = {**hatch(color), "bgcolor": look.paper}
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": rows,
                "x": [v - at_likely for v in at],
                "base": [at_likely] * len(at),
                "width": 0.62,
                "name": side,
                "marker": bar,
                "customdata": [
                    [ends[n][0 if side == "low" else 1], amount(measure, v, text)]
                    for n, v in zip(order, at, strict=True)
                ],
                "hovertemplate": "<b>%{y}</b><br>%{customdata[0]}: %{customdata[1]}<extra></extra>",
            }
        )
    for end, sign in ((0, "low"), (1, "high")):
        at = [getattr(swings[n], f"at_{sign}") for n in order]
        other = [getattr(swings[n], "at_high" if sign == "low" else "at_low") for n in order]
        right = [
            v > at_likely or (v == at_likely and (o < at_likely or (o == at_likely and end == 1)))
            for v, o in zip(at, other, strict=True)
        ]
        traces.append(
            labels(
                at,
                rows,
                beside([safe(ends[n][end], 18) for n in order]),
                look,
                color=look.muted,
                size=11,
                position=["middle right" if r else "middle left" for r in right],
            )
        )
    widest = swings[0]
    return figure(
        traces,
        look,
        text,
        title=text(
            "scenarios.tornado.title",
            lever=safe(names[0], 48),
            size=change(measure, widest.size, text).lstrip("+"),
            measure=text(f"headline.{measure.name}"),
        ),
        subtitle=text("scenarios.tornado.subtitle", value=amount(measure, at_likely, text)),
        height=110 + 40 * len(swings),
        barmode="overlay",
        xaxis={"range": [low - room, high + room], "showgrid": True, **ticks(low, high, text, measure.unit, 5)},
        yaxis=names_axis(look, 12),
        shapes=[upright(at_likely, look.ink)],
    )


def contribution_figure(
    found: Contributions, names: Sequence[str], measure: Measure, text: Text, look: Look
) -> go.Figure:
    """How much each lever adds to the difference from the baseline; the bars add up to the total."""
    order = sorted(range(len(names)), key=lambda n: -abs(found.parts[n]))
    rows = [*(safe(names[n], 40) for n in order), text("scenarios.contribution.total")][::-1]
    parts = [*(float(found.parts[n]) for n in order), found.total]
    starts = [*np.cumsum([0.0, *parts[:-2]]), 0.0][: len(parts)]
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "y": rows,
            "x": parts[::-1],
            "base": [float(s) for s in starts][::-1],
            "width": 0.6,
            "marker": {
                "color": [look.scenario, *(_tint(p, measure.better, look) for p in parts[:-1][::-1])],
                "line": {"width": 0},
            },
            "hovertemplate": "<b>%{y}</b><br>%{x:.4g}<extra></extra>",
        }
    ]
    reach = [max(s, s + p) for s, p in zip(starts, parts, strict=True)]
    floor = [min(s, s + p) for s, p in zip(starts, parts, strict=True)]
    span = (max(*reach, 0) - min(*floor, 0)) or 1.0
    traces.append(
        labels(
            reach[::-1], rows, beside([change(measure, p, text) for p in parts[::-1]]), look, position="middle right"
        )
    )
    return figure(
        traces,
        look,
        text,
        title=text(
            "scenarios.contribution.title",
            lever=safe(names[order[0]], 48),
            part=change(measure, float(found.parts[order[0]]), text),
            total=change(measure, found.total, text),
            measure=text(f"headline.{measure.name}"),
        ),
        subtitle=text("scenarios.contribution.exact" if found.exact else "scenarios.contribution.ordered"),
        height=100 + 38 * len(rows),
        xaxis={"range": [min(*floor, 0) - span * 0.04, max(*reach, 0) + span * 0.28], "visible": False},
        yaxis=names_axis(look, 12),
    )


# What may come ----------------------------------------------------------------------------------


def futures_figure(
    found: Mapping[str, Futures], measure: Measure, mark: float, share: float, text: Text, look: Look
) -> go.Figure:
    """A quantile dot plot for each scenario: fifty dots of equal probability, the middle `share` underlined.

    Args:
        mark: the baseline's value, or where gain and loss part.
    """
    names = list(found)
    values = {name: found[name].values[measure.name] for name in names}
    quantiles = {n: np.quantile(v, (np.arange(_DOTS) + 0.5) / _DOTS) for n, v in values.items()}
    low = min(mark, *(float(q[0]) for q in quantiles.values()))
    high = max(mark, *(float(q[-1]) for q in quantiles.values()))
    room = (high - low or abs(high) or 1.0) * 0.06
    traces: list[dict[str, Any]] = []
    step = (high - low or 1.0) / 60
    piles = {name: _piled(found_, step) for name, found_ in quantiles.items()}
    tallest = max(6, *(max(pile) for pile in piles.values()))
    for row, name in enumerate(reversed(names)):
        x, y = quantiles[name].tolist(), piles[name]
        ends = interval(values[name], share)
        words = text(
            "scenarios.futures.words",
            name=safe(name, 40),
            middle=amount(measure, float(ends[1]), text),
            low=amount(measure, float(ends[0]), text),
            high=amount(measure, float(ends[2]), text),
        )
        traces.append(line([float(ends[0]), float(ends[2])], [row, row], look.scenario, width=4))
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": x,
                "y": [row + 0.05 + 0.66 * (n - 0.5) / tallest for n in y],
                "marker": {
                    "size": max(5.0, min(11.0, 90 / tallest)),
                    "color": [look.scenario if (v - mark) * measure.better >= 0 else look.loss for v in x],
                },
                "hovertemplate": safe(words) + "<extra></extra>",
            }
        )
        traces.append(labels([low - room], [row + 0.82], [f"<b>{words}</b>"], look, position="middle right", size=12))
    best = max(names, key=lambda n: float(np.median(values[n])) * measure.better)
    won = float(((values[best] - mark) * measure.better > 0).mean())
    return figure(
        traces,
        look,
        text,
        title=text(
            "scenarios.futures.title",
            name=safe(best, 40),
            chance=text.percent(won, 0),
            mark=amount(measure, mark, text),
        ),
        subtitle=text(
            "scenarios.futures.subtitle",
            measure=text(f"headline.{measure.name}"),
            dots=_DOTS,
            share=text.percent(share, 0),
            draws=text.number(found[best].draws),
            seed=found[best].seed,
        ),
        height=70 + 124 * len(names),
        xaxis={"range": [low - room, high + room], **ticks(low, high, text, measure.unit, 6)},
        yaxis={"visible": False, "range": [-0.12, len(names)]},
        shapes=[upright(mark, look.ink)],
    )


def _piled(values: Floats, step: float) -> list[int]:
    """The height of each dot, at its own place: one above those that lie within a step before it."""
    heights: list[int] = []
    for n, value in enumerate(values):
        near = [heights[m] for m in range(n) if value - values[m] < step]
        heights.append(max(near, default=0) + 1)
    return heights


def fan_figure(
    view: str, rows: Sequence[str], baseline: Floats, draws: Floats, unit: str, share: float, text: Text, look: Look
) -> go.Figure:
    """The range of every bar of a view: the middle half thick, the middle `share` thin, the baseline as a ring."""
    order = list(range(len(rows)))[::-1]
    names = [safe(rows[n], _NAME) for n in order]
    low, middle, high = interval(draws, share)
    inner = interval(draws, 0.5)
    traces: list[dict[str, Any]] = []
    for n, name in zip(order, names, strict=True):
        traces.append(line([float(low[n]), float(high[n])], [name, name], look.scenario, width=2))
        traces.append(line([float(inner[0][n]), float(inner[2][n])], [name, name], look.scenario, width=9))
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": [float(middle[n]) for n in order],
            "y": names,
            "marker": {"size": 9, "color": look.scenario},
            "hoverinfo": "skip",
        }
    )
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": [float(baseline[n]) for n in order],
            "y": names,
            "marker": {"size": 13, "color": "rgba(0,0,0,0)", "line": {"color": look.muted, "width": 2.4}},
            "hovertemplate": "%{y}<extra></extra>",
        }
    )
    words = [span_words(float(low[n]), float(middle[n]), float(high[n]), unit, text) for n in order]
    top = float(np.nanmax([np.nanmax(high), np.nanmax(baseline)]))
    bottom = min(0.0, float(np.nanmin([np.nanmin(low), np.nanmin(baseline)])))
    reach = [float(max(np.nan_to_num(high[n]), np.nan_to_num(baseline[n]))) for n in order]
    traces.append(labels(reach, names, [f"\u2002\u2002{w}" for w in words], look, position="middle right"))
    widest = int(np.nanargmax(high - low))
    return figure(
        traces,
        look,
        text,
        title=text(
            "scenarios.fan.title" if float(high[widest] - low[widest]) > 0 else "scenarios.fan.still",
            view=text(f"scenarios.compare.{view}"),
            row=safe(rows[widest], 30),
            low=text.unit(float(low[widest]), unit),
            high=text.unit(float(high[widest]), unit),
        ),
        subtitle=text("scenarios.fan.subtitle", share=text.percent(share, 0)),
        height=90 + 40 * len(rows),
        xaxis={"range": [bottom, top * 1.5 or 1], **ticks(bottom, top, text, unit, 4)},
        yaxis={**names_axis(look), "categoryarray": names, "categoryorder": "array"},
    )


# Two levers crossed -----------------------------------------------------------------------------


def grid_figure(
    found: Grid,
    names: tuple[str, str],
    words: tuple[Sequence[str], Sequence[str]],
    here: tuple[float, float],
    measure: Measure,
    text: Text,
    look: Look,
) -> go.Figure:
    """A heat map of a measure over two levers, labelled, with the line where gain and loss part.

    Args:
        names: the levers in words, x and y.
        words: what each value of the levers makes of its figure, x and y.
        here: where the scenario stands.
    """
    away = max(float(np.nanmax(np.abs(found.values - found.break_even))), 1e-12)
    bad, good = (look.loss, look.gain) if measure.better > 0 else (look.gain, look.loss)
    traces: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "x": found.x.tolist(),
            "y": found.y.tolist(),
            "z": found.values.tolist(),
            "zmin": found.break_even - away,
            "zmax": found.break_even + away,
            "colorscale": [[0, bad], [0.5, look.paper], [1, good]],
            "showscale": False,
            "xgap": 1,
            "ygap": 1,
            "text": [[_short(measure, float(v), text) for v in row] for row in found.values],
            "texttemplate": "%{text}",
            "textfont": {"size": 11, "color": look.ink},
            "customdata": [[[a, b] for a in words[0]] for b in words[1]],
            "hovertemplate": f"{safe(names[0])}: %{{customdata[0]}}<br>{safe(names[1])}: %{{customdata[1]}}"
            "<br><b>%{text}</b><extra></extra>",
        }
    ]
    crossed = float(np.nanmin(found.values)) < found.break_even < float(np.nanmax(found.values))
    if crossed and min(found.values.shape) > 2:
        traces.append(
            {
                "type": "contour",
                "x": found.x.tolist(),
                "y": found.y.tolist(),
                "z": found.values.tolist(),
                "contours": {"coloring": "none", "start": found.break_even, "end": found.break_even, "size": 1},
                "line": {"color": look.ink, "width": 2.5, "dash": "dash"},
                "showscale": False,
                "hoverinfo": "skip",
            }
        )
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": [here[0]],
            "y": [here[1]],
            "marker": {"size": 16, "symbol": "circle-open", "color": look.scenario, "line": {"width": 3}},
            "hovertemplate": text("scenarios.grid.here") + "<extra></extra>",
        }
    )
    key = (
        "crossed" if crossed else "better" if (found.values.min() - found.break_even) * measure.better >= 0 else "worse"
    )
    return figure(
        traces,
        look,
        text,
        title=text(
            f"scenarios.grid.{key}",
            measure=text(f"headline.{measure.name}"),
            low=amount(measure, float(np.nanmin(found.values)), text),
            high=amount(measure, float(np.nanmax(found.values)), text),
        ),
        subtitle=text("scenarios.grid.subtitle", even=amount(measure, found.break_even, text)),
        height=520,
        xaxis={
            "title": {"text": safe(names[0], 60), "standoff": 10, "font": {"size": 13}},
            "tickmode": "array",
            "tickvals": found.x.tolist(),
            "ticktext": list(words[0]),
            "showgrid": False,
        },
        yaxis={
            "title": {"text": safe(names[1], 60), "standoff": 14, "font": {"size": 13}},
            "tickmode": "array",
            "tickvals": found.y.tolist(),
            "ticktext": list(words[1]),
            "showgrid": False,
        },
    )


def _short(measure: Measure, value: float, text: Text) -> str:
    return text.short(value) if measure.unit == "money" else text.unit(value, measure.unit)
