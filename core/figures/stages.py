"""Figures of the relationship stages: the pyramid, movement, dimensions, churn by stage."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import Look, bare, beside, figure, hatch, labels, line, names_axis, safe, ticks, upright
from core.models.stages import StagesInputs, StagesResult, Validity
from core.quantity import Floats
from core.tables import DIMENSIONS, STAGES, STATES
from core.text import Text

_SLOPE = 0.16


def _trapezoid(level: int, half: float) -> tuple[list[float], list[float]]:
    low, high = level + 0.04, level + 0.96
    top = max(half - _SLOPE, half * 0.55)
    return [-half, half, top, -top, -half], [low, low, high, high, low]


def pyramid_figure(
    baseline: StagesResult,
    result: StagesResult,
    text: Text,
    look: Look,
    *,
    measure: str = "accounts",
    changed: bool = False,
    churn: Floats | None = None,
    compact: bool = False,
    chosen: str = "",
) -> go.Figure:
    """The stage pyramid: width = accounts (or money) on each stage, the baseline's outline behind."""
    base, now = getattr(baseline, measure), getattr(result, measure)
    unit = "accounts" if measure == "accounts" else "money"
    most = max(float(base.max(initial=0)), float(now.max(initial=0))) or 1.0
    half_base, half_now = (1.12 * np.maximum(amount / most, 0.1) for amount in (base, now))
    heights = [s + 0.5 for s in range(len(STAGES))]
    traces = [_step(s, half_now[s], look, chosen) for s in range(len(STAGES))]
    if changed:
        traces.append(_outline(half_base, look))
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": [0] * 4,
            "y": heights,
            "customdata": list(STAGES),
            "marker": {"size": 44, "color": "rgba(0,0,0,0)"},
            "text": [
                _stage_hover(s, now[s] if unit == "accounts" else result.accounts[s], result, text) for s in range(4)
            ],
            "hovertemplate": "%{text}<extra></extra>",
            "name": "stages",
        }
    )
    names = [f"<b>{text.term('stage', s)}</b>" for s in STAGES]
    traces.append(labels([-1.25] * 4, heights, names, look, position="middle left", size=13))
    words = []
    for s in range(len(STAGES)):
        value, after = text.unit(base[s], unit), text.unit(now[s], unit)
        moved = changed and abs(float(now[s] - base[s])) > 1e-9
        last = after if moved else value
        if unit == "accounts":  # within the bold words: what follows them is lost on paper
            last = text("stages.pyramid.accounts", accounts=last)
        value = f"{value} → <span style='color:{look.scenario}'><b>{last}</b></span>" if moved else f"<b>{last}</b>"
        detail = _stage_detail(s, result, None if compact else churn, text)
        words.append(f"{value}<br><span style='color:{look.muted};font-size:11px'>{detail}</span>")
    traces.append(labels([1.25] * 4, heights, words, look, position="middle right", size=13))
    return figure(
        traces,
        look,
        text,
        title=_pyramid_title(baseline, result, text, changed),
        subtitle=text("stages.pyramid.subtitle"),
        height=430 if compact else 520,
        xaxis=bare(-2.2, 2.2 if compact else 2.6),
        yaxis=bare(-0.05, 4.05),
    )


def _step(stage: int, half: float, look: Look, chosen: str) -> dict[str, Any]:
    """One step of the pyramid; the stage picked is outlined."""
    x, y = _trapezoid(stage, half)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "fill": "toself",
        "fillcolor": look.stages[stage],
        "line": {"width": 3 if STAGES[stage] == chosen else 0, "color": look.scenario},
        "hoverinfo": "skip",
        "name": STAGES[stage],
    }


def _outline(halves: Floats, look: Look) -> dict[str, Any]:
    """The baseline's pyramid around the scenario's."""
    xs: list[Any] = []
    ys: list[Any] = []
    for s in range(len(STAGES)):
        x, y = _trapezoid(s, halves[s])
        xs += [*x, None]
        ys += [*y, None]
    return line(xs, ys, look.ink, width=1.6, dash="dot", name="baseline")


def _stage_hover(stage: int, accounts: float, result: StagesResult, text: Text) -> str:
    words = text(
        "stages.pyramid.hover",
        accounts=text.number(accounts),
        revenue=text.money(result.revenue[stage]),
        profit=text.money(result.profit[stage]),
    )
    return f"<b>{text.term('stage', STAGES[stage])}</b><br>{words}"


def _stage_detail(stage: int, result: StagesResult, churn: Floats | None, text: Text) -> str:
    """The stage's share of revenue and its churn, where they are known."""
    total = float(result.revenue.sum())
    parts = []
    if total > 0:
        parts.append(text("stages.pyramid.revenue_share", share=text.percent(result.revenue[stage] / total, 0)))
    if churn is not None and np.isfinite(churn[stage]):
        parts.append(text("stages.pyramid.churn", rate=text.percent(churn[stage], 0)))
    return " · ".join(parts)


def _pyramid_title(baseline: StagesResult, result: StagesResult, text: Text, changed: bool) -> str:
    before, upper = float(baseline.advanced), float(result.advanced)
    if changed and upper != before:
        return text("stages.pyramid.title_moved", before=text.number(before), after=text.number(upper))
    total = float(result.revenue.sum())
    share = result.revenue[2:].sum() / total if total > 0 else float("nan")
    return text(
        "stages.pyramid.title" if total > 0 else "stages.pyramid.title_count",
        n=text.number(upper),
        total=text.number(float(result.accounts.sum())),
        share=text.percent(share, 0),
    )


def dimensions_figure(
    inputs: StagesInputs,
    baseline: StagesResult,
    changed_inputs: StagesInputs,
    result: StagesResult,
    gate: float,
    text: Text,
    look: Look,
    *,
    changed: bool = False,
) -> go.Figure:
    """Mean score of each dimension against its gate, and how many accounts each one holds back."""
    inside = inputs.current
    base = (np.nanmean(inputs.dimension.values[:, inside], axis=1) - 1) / 3 * 100
    now = (np.nanmean(changed_inputs.dimension.values[:, inside], axis=1) - 1) / 3 * 100
    held = [(int((result.held_by[inside] == d).sum())) for d in range(len(DIMENSIONS))]
    names = [text.term("dimension", d) for d in DIMENSIONS][::-1]
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "y": names,
            "x": base[::-1].round(1).tolist(),
            "width": 0.62,
            "marker": {"color": look.baseline},
            "hovertemplate": "<b>%{y}</b><br>%{x:.0f}<extra></extra>",
        }
    ]
    if changed:
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": names,
                "x": now[::-1].round(1).tolist(),
                "width": 0.36,
                "hoverinfo": "skip",
                "marker": {
                    "color": look.scenario,
                    "pattern": {**hatch(look.scenario), "bgcolor": look.paper},
                    "line": {"color": look.scenario, "width": 1.2},
                },
            }
        )
    words = [
        f"{text.number(now[d] if changed else base[d])}"
        + (f" · {text('stages.dimensions.held', n=held[d])}" if held[d] else "")
        for d in range(len(DIMENSIONS))
    ][::-1]
    ends = [max(b, n) for b, n in zip(base[::-1], now[::-1], strict=True)]
    traces.append(
        labels(
            [gate if end < gate < end + 2.5 * len(w) + 2 else end for end, w in zip(ends, words, strict=True)],
            names,
            beside(words),
            look,
            position="middle right",
        )
    )
    worst = int(np.argmax(held))
    title = (
        text("stages.dimensions.title", dimension=text.term("dimension", DIMENSIONS[worst]), n=held[worst])
        if held[worst]
        else text("stages.dimensions.title_none")
    )
    return figure(
        traces,
        look,
        text,
        title=title,
        subtitle=text("stages.dimensions.subtitle", gate=text.number(gate)),
        height=380,
        barmode="overlay",
        shapes=[upright(gate, look.ink)],
        xaxis={"range": [0, 128], "tickvals": [0, 25, 50, 75, 100], "zeroline": False},
        yaxis=names_axis(look),
    )


def movement_figure(moved: Floats, text: Text, look: Look) -> go.Figure:
    """Accounts between the last two rounds, as a Sankey from each state to each."""
    colors = [look.grid, *look.stages, look.loss]
    rows, columns = np.nonzero(moved)
    n = len(STATES)
    names = [text.term("stage", s) for s in STATES]
    left = [f"{names[i]} {text.number(moved[i].sum())}" if moved[i].sum() else "" for i in range(n)]
    right = [f"{names[i]} {text.number(moved[:, i].sum())}" if moved[:, i].sum() else "" for i in range(n)]
    up = float(sum(moved[i, j] for i in range(1, 5) for j in range(i + 1, 5)))
    down = float(sum(moved[i, j] for i in range(1, 5) for j in range(1, i)))
    lost = float(moved[1:5, 5].sum())
    trace = {
        "type": "sankey",
        "arrangement": "snap",
        "node": {"label": [*left, *right], "color": colors * 2, "pad": 14, "thickness": 14, "line": {"width": 0}},
        "link": {
            "source": rows.tolist(),
            "target": (columns + n).tolist(),
            "value": moved[rows, columns].tolist(),
            "color": [
                _faded(look.loss if c == 5 else look.gain if c > r > 0 else look.baseline)
                for r, c in zip(rows, columns, strict=True)
            ],
            "customdata": [
                f"{names[r]} → {names[c]}: {text.number(moved[r, c])}" for r, c in zip(rows, columns, strict=True)
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        "textfont": {"color": look.ink, "size": 12, "shadow": "none"},
    }
    return figure(
        [trace],
        look,
        text,
        title=text("stages.movement.title", up=text.number(up), down=text.number(down), lost=text.number(lost)),
        subtitle=text("stages.movement.subtitle"),
        height=380,
        margin={"l": 8, "r": 8, "t": 12, "b": 12},
    )


def _faded(color: str) -> str:
    r, g, b = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({r},{g},{b},0.35)"


def churn_by_stage_figure(found: Validity, text: Text, look: Look) -> go.Figure:
    """Churn of each stage with its interval, and whether the score predicts exits at all."""
    names = [text.term("stage", s) for s in STAGES]
    rate, low, high = (np.nan_to_num(v) for v in (found.churn_rate, found.low, found.high))
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": names,
            "y": rate.tolist(),
            "marker": {"size": 13, "color": look.loss},
            "hoverinfo": "skip",
            "error_y": {
                "type": "data",
                "symmetric": False,
                "array": (high - rate).tolist(),
                "arrayminus": (rate - low).tolist(),
                "color": look.muted,
                "thickness": 1.6,
                "width": 7,
            },
        },
        labels(
            names,
            rate,
            [
                f"  {text.percent(r, 0)} ({text.number(n)})" if n else f"  {text('none')}"
                for r, n in zip(rate, found.accounts, strict=True)
            ],
            look,
            position="middle right",
        ),
    ]
    auc = text(
        "stages.validity.auc",
        auc=text.number(found.auc, 2),
        low=text.number(found.auc_low, 2),
        high=text.number(found.auc_high, 2),
    )
    title = text("stages.validity.title_yes" if found.predictive else "stages.validity.title_no")
    top = float(high.max()) * 1.12 or 1
    return figure(
        traces,
        look,
        text,
        title=title,
        subtitle=auc,
        height=380,
        xaxis={"tickfont": {"color": look.ink, "size": 12}, "range": [-0.4, 3.7]},
        yaxis={"range": [0, top], **ticks(0, top, text, "share", 4)},
    )


def perception_figure(inputs: StagesInputs, limit: float, text: Text, look: Look) -> go.Figure:
    """Our score against the customer's own, account by account: above the line we flatter ourselves."""
    both = np.flatnonzero(~np.isnan(inputs.own_score) & ~np.isnan(inputs.customer_score))
    own, theirs = inputs.own_score[both], inputs.customer_score[both]
    wide = inputs.perception_gap(limit)[both]
    traces = [
        line([0, 100], [0, 100], look.baseline, dash="dot"),
        {
            "type": "scatter",
            "mode": "markers",
            "x": theirs.round(1).tolist(),
            "y": own.round(1).tolist(),
            "customdata": [inputs.accounts[i] for i in both],
            "text": [
                f"<b>{safe(inputs.names[i])}</b><br>"
                + text(
                    "stages.perception.hover",
                    ours=text.number(inputs.own_score[i]),
                    theirs=text.number(inputs.customer_score[i]),
                )
                for i in both
            ],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {
                "size": 11,
                "color": [look.loss if w else look.baseline for w in wide],
                "line": {"color": look.hole, "width": 1},
            },
        },
    ]
    top = sorted(np.flatnonzero(wide), key=lambda k: -abs(own[k] - theirs[k]))[:4]
    traces.append(
        labels(
            [theirs[k] for k in top],
            [own[k] + 5 for k in top],
            [safe(inputs.names[both[k]], 20) for k in top],
            look,
            size=11,
        )
    )
    return figure(
        traces,
        look,
        text,
        title=text("stages.perception.title", n=int(wide.sum()), total=len(both)),
        subtitle=text("stages.perception.subtitle", limit=text.number(limit)),
        height=400,
        xaxis={"range": [0, 104], "title": {"text": text("stages.perception.theirs")}, "zeroline": False},
        yaxis={"range": [0, 108], "title": {"text": text("stages.perception.ours")}, "zeroline": False},
    )


def projection_figure(states: Floats, text: Text, look: Look) -> go.Figure:
    """Expected accounts on each stage over the next rounds, if the transitions seen stay as they are."""
    rounds = len(states) - 1
    x = [text("stages.projection.now"), *(text("stages.projection.round", n=n) for n in range(1, rounds + 1))]
    traces: list[dict[str, Any]] = []
    for s in range(1, len(STATES)):
        color = look.loss if s == len(STATES) - 1 else look.stages[s - 1]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": x,
                "y": states[:, s].round(2).tolist(),
                "line": {"color": color, "width": 2.5},
                "marker": {"color": color, "size": 7},
                "hovertemplate": f"<b>{text.term('stage', STATES[s])}</b><br>%{{x}}: %{{y:.1f}}<extra></extra>",
            }
        )
    ends = _apart([float(v) for v in states[-1, 1:]], float(states.max()) * 0.075 or 1)
    traces.append(
        labels(
            [x[-1]] * 5,
            ends,
            [f"  {text.term('stage', STATES[s])} {text.number(states[-1, s], 1)}" for s in range(1, 6)],
            look,
            position="middle right",
        )
    )
    return figure(
        traces,
        look,
        text,
        title=text(
            "stages.projection.title",
            n=rounds,
            before=text.number(states[0, 3:5].sum()),
            after=text.number(states[-1, 3:5].sum(), 1),
        ),
        subtitle=text("stages.projection.subtitle"),
        height=380,
        xaxis={"tickfont": {"color": look.ink}, "range": [-0.2, rounds + 1.25]},
        yaxis={"rangemode": "tozero"},
    )


def _apart(values: list[float], least: float) -> list[float]:
    """The values, pushed apart so that their labels do not overlap, in their order."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    placed = list(values)
    for a, b in itertools.pairwise(order):
        placed[b] = max(placed[b], placed[a] + least)
    return placed
