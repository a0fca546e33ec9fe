"""Figures of exit management: the waterfall, the reasons, what retention saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
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


@dataclass(frozen=True)
class _Fall:
    """The numbers of a waterfall: by reason in the order drawn, and the levels between which the steps lead."""

    measure: str
    unit: str
    order: Sequence[int]
    base: Floats
    now: Floats
    start: float
    known: bool  # whether the opening is; else the waterfall starts from all that is lost

    @cached_property
    def ends(self) -> Floats:
        """The level below each step."""
        return self.start - np.cumsum([self.base[r] for r in self.order])

    @property
    def tops(self) -> Floats:
        """The level above each step."""
        return np.r_[self.start, self.ends[:-1]] if self.order else np.zeros(0)

    @property
    def closing(self) -> float:
        """What is left at the baseline."""
        return float(self.ends[-1]) if self.order else self.start

    @property
    def closing_now(self) -> float:
        """What is left in the scenario."""
        return self.start - float(sum(self.now[r] for r in self.order))

    @cached_property
    def saved(self) -> Floats:
        """What the scenario saves of each step."""
        return np.array([self.base[r] - self.now[r] for r in self.order])

    @property
    def loss(self) -> float:
        """All that is lost, never nothing."""
        return max(self.start - self.closing, 1e-9)

    @cached_property
    def floor(self) -> float:
        """Where the axis starts: above zero where the steps would be too small to see; the figure then says so."""
        if not self.known or self.loss > 0.35 * self.start or self.closing < 0:
            return 0.0
        floor = max(0.0, self.closing - 0.35 * self.loss)
        step = 10 ** np.floor(np.log10(self.loss))
        return float(np.floor(floor / step) * step)


def _fall(inputs: ChurnInputs, baseline: ChurnResult, result: ChurnResult, measure: str) -> _Fall:
    base, opening, unit = amounts(inputs, baseline, measure)
    now, _, _ = amounts(inputs, result, measure)
    base, now = np.nan_to_num(base), np.nan_to_num(now)
    known = bool(np.isfinite(opening))
    order = waterfall_order(baseline, inputs)
    return _Fall(measure, unit, order, base, now, opening if known else float(base.sum()), known)


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
    fall = _fall(inputs, baseline, result, measure or ("revenue" if inputs.has_revenue else "customers"))
    names = [text.term("reason", REASONS[r]) for r in fall.order]
    xs = [text("churn.waterfall.total_lost"), *names]
    if fall.known:
        opening, closing = (text(f"churn.waterfall.{end}_{fall.measure}") for end in ("opening", "closing"))
        xs = [opening, *names, closing]
    saves = changed and np.abs(fall.saved).max(initial=0) > 1e-9
    traces = [
        _end_bar(0, fall.start, xs[0], "opening", look.baseline, fall, text),
        _lost_bars(fall, inputs, text, look, chosen),
    ]
    if saves:
        traces.append(_saved_bars(fall, text, look))
    if fall.known:
        traces.append(_end_bar(len(xs) - 1, fall.closing, xs[-1], "closing", look.ink, fall, text))
        if changed:
            traces.append(_closing_outline(len(xs) - 1, fall, look))
    traces.append(_levels(fall, len(xs), look))
    traces += _waterfall_words(fall, len(xs) - 1, text, look, changed, saves, compact)
    title, subtitle = _waterfall_title(inputs, baseline, result, fall, text, changed)
    if fall.floor > 0:
        subtitle += " · " + text("churn.waterfall.cut_axis", start=text.unit(fall.floor, fall.unit))
    top = fall.start + (fall.start - fall.floor) * 0.1
    return figure(
        traces,
        look,
        text,
        title=title,
        subtitle=subtitle,
        height=430 if compact else 480,
        barmode="overlay",
        xaxis={
            "tickvals": list(range(len(xs))),
            "ticktext": [stacked_words(x, text.language, 8 if compact else 14) for x in xs],
            "tickfont": {"color": look.ink, "size": 10 if compact else 13},
            "range": [-0.5, len(xs) - 0.5],
            "showgrid": False,
            "zeroline": False,
            "tickangle": 0,
        },
        yaxis={"range": [fall.floor, top], **ticks(fall.floor, top, text, fall.unit, 4)},
    )


def _end_bar(place: int, level: float, name: str, key: str, color: str, fall: _Fall, text: Text) -> dict[str, Any]:
    """What is opened with, or what is left."""
    return {
        "type": "bar",
        "x": [place],
        "y": [level - fall.floor],
        "base": [fall.floor],
        "width": 0.62,
        "marker": {"color": color},
        "hovertemplate": f"<b>{name}</b><br>{text.unit(level, fall.unit)}<extra></extra>",
        "customdata": [key],
        "name": key,
    }


def _lost_bars(fall: _Fall, inputs: ChurnInputs, text: Text, look: Look, chosen: str) -> dict[str, Any]:
    """A step down for each reason; the reason picked is outlined."""
    avoidable = inputs.avoidable.values >= 0.5
    total = fall.base.sum()
    return {
        "type": "bar",
        "x": list(range(1, 1 + len(fall.order))),
        "y": [-float(fall.base[r]) for r in fall.order],
        "base": fall.tops.tolist(),
        "width": 0.62,
        "marker": {
            "color": [look.loss if avoidable[r] else look.loss_soft for r in fall.order],
            "line": {"color": look.scenario, "width": [3 if REASONS[r] == chosen else 0 for r in fall.order]},
        },
        "customdata": [REASONS[r] for r in fall.order],
        "textposition": "none",
        "text": [
            f"<b>{text.term('reason', REASONS[r])}</b><br>−{text.unit(fall.base[r], fall.unit)}"
            f" · {text.percent(fall.base[r] / total if total else 0, 0)}<br>"
            + text("churn.avoidable" if avoidable[r] else "churn.not_avoidable")
            for r in fall.order
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "name": "lost",
    }


def _saved_bars(fall: _Fall, text: Text, look: Look) -> dict[str, Any]:
    """The part of each step that the scenario saves, hatched at its lower end."""
    return {
        "type": "bar",
        "x": list(range(1, 1 + len(fall.order))),
        "y": fall.saved.tolist(),
        "base": fall.ends.tolist(),
        "width": 0.62,
        "marker": {
            "color": look.scenario,
            "pattern": {**hatch(look.scenario, 0.4), "bgcolor": look.paper},
            "line": {"color": look.scenario, "width": 1.4},
        },
        "hovertemplate": "%{text}<extra></extra>",
        "textposition": "none",
        "customdata": [REASONS[r] for r in fall.order],
        "text": [text("churn.waterfall.saved", amount=text.unit(s, fall.unit)) for s in fall.saved],
        "name": "saved",
    }


def _closing_outline(place: int, fall: _Fall, look: Look) -> dict[str, Any]:
    """What is left in the scenario, around what is left at the baseline."""
    return {
        "type": "bar",
        "x": [place],
        "y": [fall.closing_now - fall.floor],
        "base": [fall.floor],
        "width": 0.74,
        "marker": {"color": "rgba(0,0,0,0)", "line": {"color": look.scenario, "width": 2}},
        "hoverinfo": "skip",
        "name": "scenario closing",
    }


def _levels(fall: _Fall, bars: int, look: Look) -> dict[str, Any]:
    """The lines that lead from each bar to the next."""
    xs: list[Any] = []
    ys: list[Any] = []
    for n, level in enumerate([fall.start, *fall.ends][: bars - 1]):
        xs += [n + 0.31, n + 0.69, None]
        ys += [level, level, None]
    return line(xs, ys, look.muted, width=1)


def _waterfall_words(
    fall: _Fall, last: int, text: Text, look: Look, changed: bool, saves: bool, compact: bool
) -> list[dict[str, Any]]:
    """The amounts at the bars: baseline in ink, scenario in its colour."""
    above = (fall.start - fall.floor) * 0.045
    size = 11 if compact else 13
    short = text.short if fall.unit == "money" else text.number
    heights: list[float] = [fall.start + above, *(float(t) + above for t in fall.tops)]
    words = [short(fall.start), *(f"−{short(fall.base[r])}" for r in fall.order)]
    found = [labels(range(len(words)), heights, words, look, size=size)]
    if saves:
        big = [n for n, saved in enumerate(fall.saved) if abs(saved) > 0.02 * fall.loss]
        saved = [f"<b>{short(fall.saved[n])}</b>" for n in big]
        below = [fall.ends[n] - above for n in big]
        found.append(labels([n + 1 for n in big], below, saved, look, color=look.scenario, size=11 if compact else 12))
    if fall.known:
        top = max(fall.closing, fall.closing_now)
        height = top + above * 2.6 if changed else fall.closing + above
        found.append(labels([last], [height], [short(fall.closing)], look, size=size))
        if changed:
            now = f"<b>{short(fall.closing_now)}</b>"
            found.append(labels([last], [top + above], [now], look, color=look.scenario, size=size))
    return found


def _waterfall_title(
    inputs: ChurnInputs, baseline: ChurnResult, result: ChurnResult, fall: _Fall, text: Text, changed: bool
) -> tuple[str, str]:
    rate = text("churn.waterfall.definition_" + inputs.definition, rate=text.percent(float(result.churn_rate)))
    if not fall.order:
        return text("churn.waterfall.title_none"), rate
    worst = max(fall.order, key=lambda r: fall.base[r])
    total, now = float(fall.base.sum()), float(fall.now.sum())
    title = text(
        "churn.waterfall.title",
        reason=text.term("reason", REASONS[worst]),
        amount=text.unit(fall.base[worst], fall.unit),
        what=text.term("measure", fall.measure),
        share=text.percent(fall.base[worst] / total if total else 0, 0),
    )
    saved = total - now
    if changed and abs(saved) > 1e-9:
        title = text(
            "churn.waterfall.title_saved" if saved > 0 else "churn.waterfall.title_more",
            saved=text.unit(abs(saved), fall.unit),
            what=text.term("measure", fall.measure),
            before=text.unit(total, fall.unit),
            after=text.unit(now, fall.unit),
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
