"""Figures of exit management: the waterfall, the reasons, what retention saves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import Look, beside, figure, hatch, labels, line, names_axis, stacked_words, ticks
from core.models.churn import CREDITS, ChurnInputs, ChurnResult, Retention, saved_profit, waterfall_order
from core.quantity import Floats
from core.tables import CAUSES, REASONS
from core.text import Text

# What the waterfall can count: the amounts by reason, and the opening they are taken from.
MEASURES = ("revenue", "profit", "lifetime", "customers")


def amounts(inputs: ChurnInputs, result: ChurnResult, measure: str) -> tuple[Floats, float, str]:
    """Loss by reason, the opening amount and its unit, for one of MEASURES."""
    if measure == "customers":
        return result.customers_lost, float(inputs.active.sum()), "customers"
    if measure == "profit":
        return result.profit_lost, float(np.sum(inputs.opening_profit)), "money"
    if measure == "lifetime":
        return result.lifetime_profit_lost, float(np.sum(inputs.opening_profit)) * inputs.baseline_periods, "money"
    return result.revenue_lost, float(np.sum(inputs.opening_revenue)), "money"


def waterfall_figure(
    inputs: ChurnInputs,
    baseline: ChurnResult,
    result: ChurnResult,
    text: Text,
    look: Look,
    *,
    measure: str = "",
    changed: bool = False,
    compact: bool = False,
    chosen: str = "",
) -> go.Figure:
    """Opening -> one step a reason, avoidable first -> closing; what the scenario saves is hatched."""
    measure = measure or ("revenue" if inputs.has_revenue else "customers")
    base, opening, unit = amounts(inputs, baseline, measure)
    now, _, _ = amounts(inputs, result, measure)
    order = waterfall_order(baseline, inputs)
    base, now = np.nan_to_num(base), np.nan_to_num(now)
    known = np.isfinite(opening)
    start = opening if known else float(base.sum())
    names = [text.term("reason", REASONS[r]) for r in order]
    xs = [text(f"churn.waterfall.opening_{measure}"), *names, text(f"churn.waterfall.closing_{measure}")]
    if not known:
        xs = [text("churn.waterfall.total_lost"), *names]
    ends = start - np.cumsum([base[r] for r in order])
    closing = float(ends[-1]) if len(ends) else start
    closing_now = start - float(sum(now[r] for r in order))
    loss = max(start - closing, 1e-9)
    floor = 0.0 if not known or loss > 0.35 * start or closing < 0 else max(0.0, closing - 0.35 * loss)
    floor = _round_down(floor, loss)
    avoidable = inputs.avoidable.values >= 0.5
    place = list(range(len(xs)))
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "x": [0],
            "y": [start - floor],
            "base": [floor],
            "width": 0.62,
            "marker": {"color": look.baseline},
            "hovertemplate": f"<b>{xs[0]}</b><br>{text.unit(start, unit)}<extra></extra>",
            "customdata": ["opening"],
            "name": "opening",
        }
    ]
    tops = np.r_[start, ends[:-1]] if len(order) else np.zeros(0)
    colors = [look.loss if avoidable[r] else look.loss_soft for r in order]
    shares = [base[r] / base.sum() if base.sum() else 0 for r in order]
    traces.append(
        {
            "type": "bar",
            "x": place[1 : 1 + len(order)],
            "y": [-float(base[r]) for r in order],
            "base": tops.tolist(),
            "width": 0.62,
            "marker": {
                "color": colors,
                "line": {"color": look.scenario, "width": [3 if REASONS[r] == chosen else 0 for r in order]},
            },
            "customdata": [REASONS[r] for r in order],
            "textposition": "none",
            "text": [
                f"<b>{n}</b><br>−{text.unit(base[r], unit)} · {text.percent(s, 0)}<br>"
                + text("churn.avoidable" if avoidable[r] else "churn.not_avoidable")
                for n, r, s in zip(names, order, shares, strict=True)
            ],
            "hovertemplate": "%{text}<extra></extra>",
            "name": "lost",
        }
    )
    saved = np.array([base[r] - now[r] for r in order])
    if changed and np.abs(saved).max(initial=0) > 1e-9:
        traces.append(
            {
                "type": "bar",
                "x": place[1 : 1 + len(order)],
                "y": saved.tolist(),
                "base": ends.tolist(),
                "width": 0.62,
                "marker": {
                    "color": look.scenario,
                    "pattern": {**hatch(look.scenario, 0.4), "bgcolor": look.paper},
                    "line": {"color": look.scenario, "width": 1.4},
                },
                "hovertemplate": "%{text}<extra></extra>",
                "textposition": "none",
                "customdata": [REASONS[r] for r in order],
                "text": [text("churn.waterfall.saved", amount=text.unit(s, unit)) for s in saved],
                "name": "saved",
            }
        )
    if known:
        traces.append(
            {
                "type": "bar",
                "x": [place[-1]],
                "y": [closing - floor],
                "base": [floor],
                "width": 0.62,
                "marker": {"color": look.ink},
                "hovertemplate": f"<b>{xs[-1]}</b><br>{text.unit(closing, unit)}<extra></extra>",
                "customdata": ["closing"],
                "name": "closing",
            }
        )
        if changed:
            traces.append(
                {
                    "type": "bar",
                    "x": [place[-1]],
                    "y": [closing_now - floor],
                    "base": [floor],
                    "width": 0.74,
                    "marker": {"color": "rgba(0,0,0,0)", "line": {"color": look.scenario, "width": 2}},
                    "hoverinfo": "skip",
                    "name": "scenario closing",
                }
            )
    links_x: list[Any] = []
    links_y: list[Any] = []
    for n, level in enumerate([start, *ends]):
        if n < len(xs) - 1:
            links_x += [n + 0.31, n + 0.69, None]
            links_y += [level, level, None]
    traces.append(line(links_x, links_y, look.muted, width=1))
    span = start - floor
    above = span * 0.045
    words_x: list[float] = [0.0, *place[1 : 1 + len(order)]]
    words_y: list[float] = [start + above, *(float(t) + above for t in tops)]
    short = text.short if unit == "money" else text.number
    words = [short(start), *(f"−{short(base[r])}" for r in order)]
    traces.append(labels(words_x, words_y, words, look, size=11 if compact else 13))
    if changed and np.abs(saved).max(initial=0) > 1e-9:
        big = [n for n in range(len(order)) if abs(saved[n]) > 0.02 * loss]
        traces.append(
            labels(
                [n + 1 for n in big],
                [ends[n] - above for n in big],
                [f"<b>{short(saved[n])}</b>" for n in big],
                look,
                color=look.scenario,
                size=11 if compact else 12,
            )
        )
    if known:
        traces.append(
            labels(
                [place[-1]],
                [closing + above if not changed else max(closing, closing_now) + above * 2.6],
                [short(closing)],
                look,
                size=11 if compact else 13,
            )
        )
        if changed:
            traces.append(
                labels(
                    [place[-1]],
                    [max(closing, closing_now) + above],
                    [f"<b>{short(closing_now)}</b>"],
                    look,
                    color=look.scenario,
                    size=11 if compact else 13,
                )
            )
    title, subtitle = _waterfall_title(inputs, baseline, result, base, now, order, unit, measure, text, changed)
    if floor > 0:
        subtitle += " · " + text("churn.waterfall.cut_axis", start=text.unit(floor, unit))
    wrapped = [stacked_words(x, text.language, 8 if compact else 14) for x in xs]
    return figure(
        traces,
        look,
        text,
        title=title,
        subtitle=subtitle,
        height=430 if compact else 480,
        barmode="overlay",
        xaxis={
            "tickvals": place,
            "ticktext": wrapped,
            "tickfont": {"color": look.ink, "size": 10 if compact else 13},
            "range": [-0.5, len(xs) - 0.5],
            "showgrid": False,
            "tickangle": 0,
        },
        yaxis={"range": [floor, start + span * 0.1], **ticks(floor, start + span * 0.1, text, unit, 4)},
    )


def _round_down(floor: float, loss: float) -> float:
    if floor <= 0:
        return 0.0
    step = 10 ** np.floor(np.log10(loss))
    return float(np.floor(floor / step) * step)


def _waterfall_title(
    inputs: ChurnInputs,
    baseline: ChurnResult,
    result: ChurnResult,
    base: Floats,
    now: Floats,
    order: Sequence[int],
    unit: str,
    measure: str,
    text: Text,
    changed: bool,
) -> tuple[str, str]:
    rate = text("churn.waterfall.definition_" + inputs.definition, rate=text.percent(float(result.churn_rate)))
    if not order:
        return text("churn.waterfall.title_none"), rate
    worst = max(order, key=lambda r: base[r])
    total = float(base.sum())
    title = text(
        "churn.waterfall.title",
        reason=text.term("reason", REASONS[worst]),
        amount=text.unit(base[worst], unit),
        what=text.term("measure", measure),
        share=text.percent(base[worst] / total if total else 0, 0),
    )
    saved = float(base.sum() - now.sum())
    if changed and abs(saved) > 1e-9:
        title = text(
            "churn.waterfall.title_saved" if saved > 0 else "churn.waterfall.title_more",
            saved=text.unit(abs(saved), unit),
            what=text.term("measure", measure),
            before=text.unit(total, unit),
            after=text.unit(float(now.sum()), unit),
        )
    return title, rate


def reasons_figure(
    inputs: ChurnInputs, baseline: ChurnResult, result: ChurnResult, text: Text, look: Look, *, changed: bool = False
) -> go.Figure:
    """The share of each reason in the customers lost, before any money; who caused it on hover."""
    order = [r for r in np.argsort(baseline.customers_lost, kind="stable") if baseline.customers_lost[r] > 0]
    total = float(baseline.customers_lost.sum()) or 1.0
    share = [float(baseline.customers_lost[r]) / total for r in order]
    names = [text.term("reason", REASONS[r]) for r in order]
    avoidable = inputs.avoidable.values >= 0.5
    causes = [
        text.listed(
            f"{text.term('cause', c)} {text.number(inputs.causes[r, k])}"
            for k, c in enumerate(CAUSES)
            if inputs.causes[r, k] > 0
        )
        for r in order
    ]
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "y": names,
            "x": share,
            "width": 0.62,
            "customdata": [REASONS[r] for r in order],
            "marker": {"color": [look.loss if avoidable[r] else look.loss_soft for r in order]},
            "textposition": "none",
            "text": causes,
            "hovertemplate": "<b>%{y}</b><br>%{text}<extra></extra>",
        }
    ]
    words = []
    for r, s in zip(order, share, strict=True):
        after = float(result.customers_lost[r])
        moved = changed and abs(after - float(baseline.customers_lost[r])) > 1e-9
        words.append(
            f"<b>{text.percent(s, 0)}</b> · {text.number(baseline.customers_lost[r])}"
            + (f" → <span style='color:{look.scenario}'><b>{text.number(after, 1)}</b></span>" if moved else "")
        )
    traces.append(labels(share, names, beside(words), look, position="middle right"))
    within = float((baseline.customers_lost * inputs.avoidable.values).sum()) / total
    alarm = float(inputs.causes[:, :2].sum()) / max(float(inputs.causes.sum()), 1.0)
    return figure(
        traces,
        look,
        text,
        title=text("churn.reasons.title", share=text.percent(within, 0), total=text.number(total)),
        subtitle=text("churn.reasons.subtitle", share=text.percent(alarm, 0)),
        height=90 + 46 * max(len(order), 3),
        xaxis={"range": [0, max(share, default=1) * 1.5], "visible": False},
        yaxis=names_axis(look, 13),
    )


def response_figure(found: Retention, scale: Floats, spend: Floats, reason: int, text: Text, look: Look) -> go.Figure:
    """What a spend on one reason saves, where it breaks even, and where the last unit saves one."""
    most, k = float(found.most[reason]), float(scale[reason])
    best, even, here = float(found.best[reason]), float(found.break_even[reason]), float(spend[reason])
    reach = max(even * 1.15, here * 1.2, k * 2.5, 1.0)
    s = np.linspace(0, reach, 80)
    y = saved_profit(s, np.array(most), np.array(k))
    traces: list[dict[str, Any]] = [
        line([0, reach], [0, reach], look.baseline, dash="dot"),
        {
            "type": "scatter",
            "mode": "lines",
            "x": s.round(2).tolist(),
            "y": y.round(2).tolist(),
            "line": {"color": look.gain, "width": 3},
            "text": [
                text("churn.response.hover", spend=text.money(a), saved=text.money(b))
                for a, b in zip(s, y, strict=True)
            ],
            "hovertemplate": "%{text}<extra></extra>",
        },
        labels(
            [reach],
            [reach * 0.985],
            [text("churn.response.even_line")],
            look,
            color=look.muted,
            size=11,
            position="bottom left",
        ),
    ]
    marks = [(best, "churn.response.best", look.gain)] if best > 0 else []
    if here > 0:
        marks.append((here, "churn.response.here", look.scenario))
    if even > 0:
        marks.append((even, "churn.response.break_even", look.ink))
    for at, key, color in marks:
        height = float(saved_profit(np.array(at), np.array(most), np.array(k)))
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [at],
                "y": [height],
                "marker": {"size": 12, "color": color},
                "hoverinfo": "skip",
            }
        )
        traces.append(
            labels(
                [at],
                [height - reach * 0.06],
                [text(key, money=text.money(at))],
                look,
                color=color,
                size=12,
                position="bottom left" if at > reach * 0.6 else "bottom right",
            )
        )
    top = max(float(y.max()), reach if even > 0 else float(y.max())) * 1.08
    word = text.term("reason", REASONS[reason])
    title = (
        text(
            "churn.response.title",
            reason=word,
            spend=text.money(best),
            saved=text.money(float(found.saved_at_best[reason])),
        )
        if best > 0
        else text("churn.response.title_never", reason=word)
    )
    return figure(
        traces,
        look,
        text,
        title=title,
        subtitle=text("churn.response.subtitle", threshold=text.money(float(found.threshold[reason]))),
        height=400,
        xaxis={
            "range": [0, reach],
            "title": {"text": text("churn.response.spend")},
            **ticks(0, reach, text, "money", 4),
        },
        yaxis={"range": [0, top], "title": {"text": text("churn.response.saved")}, **ticks(0, top, text, "money", 4)},
    )


def credit_figure(result: ChurnResult, text: Text, look: Look) -> go.Figure:
    """Customers saved, split over what saves them: a customer is saved once, whoever saves them."""
    saved = result.saved_customers.sum(axis=-1)
    names = [text.term("credit", c) for c in CREDITS]
    order = [n for n in range(len(CREDITS)) if abs(saved[n]) > 1e-9][::-1]
    values = [float(saved[n]) for n in order]
    most = max((abs(v) for v in values), default=1.0)
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "y": [names[n] for n in order],
            "x": values,
            "width": 0.6,
            "marker": {
                "color": look.scenario,
                "pattern": {**hatch(look.scenario), "bgcolor": look.paper},
                "line": {"color": look.scenario, "width": 1.2},
            },
            "hovertemplate": "<b>%{y}</b><br>%{x:.2f}<extra></extra>",
        },
        labels(
            values,
            [names[n] for n in order],
            beside([text.signed(v, 1) for v in values]),
            look,
            position=["middle right" if v >= 0 else "middle left" for v in values],
        ),
    ]
    return figure(
        traces,
        look,
        text,
        title=text(
            "churn.credit.title" if saved.sum() >= 0 else "churn.credit.title_more",
            total=text.number(abs(float(saved.sum())), 1),
        ),
        subtitle=text("churn.credit.subtitle"),
        height=max(190, 90 + 46 * len(order)),
        xaxis={"range": [min(0, *values, 0) * 1.4, most * 1.35], "visible": False},
        yaxis=names_axis(look, 13),
    )
