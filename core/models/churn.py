"""Exit management: how many left, why, what it costs, and what keeping them may cost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, special

from core.config import Config
from core.portfolio import Portfolio, numbers
from core.quantity import Axis, Floats, Quantity, measure, quantity, unknown_as_zero
from core.scenario import LeverSpec, Target
from core.tables import CAUSES, REASONS

EFFECTS = ("value", "stage")
CREDITS = ("direct", *EFFECTS, "programs", "retention")
NO_SEGMENT = ""
_LEAST_FACTOR = 1e-12


@dataclass(frozen=True)
class ChurnInputs:
    """Exits of the period by segment (G) and reason (7).

    `lost_at_baseline` is the data's count, against which savings are credited; `effects_*` are the
    factors that other topics put on what is left (1: no effect), on customers and on their revenue.
    `program_on` says which of the programs (P) that have not begun yet are started; each avoids the share
    `program_effect` of the exits of one reason and costs `program_cost` a period.
    """

    segments: tuple[str, ...]
    lost: Quantity
    avoidable: Quantity
    savable_share: Quantity
    retention_spend: Quantity
    response_scale: Quantity
    acquisition_cost: Quantity
    effects_customers: Quantity
    effects_revenue: Quantity
    program_on: Quantity
    program_effect: Floats
    program_cost: Floats
    lost_at_baseline: Floats
    revenue_per_lost: Floats
    profit_per_lost: Floats
    causes: Floats
    active: Floats
    opening_revenue: Floats
    opening_profit: Floats
    joined: float
    joined_and_lost: float
    outside_period: float
    unknown_revenue: float
    revenue_change_of_kept: float
    period_months: float
    baseline_periods: float
    definition: str
    by_start: bool
    has_exits: bool

    @property
    def has_revenue(self) -> bool:
        """Whether the revenue of anyone lost is known."""
        return bool(np.nansum(self.revenue_per_lost) > 0)

    @property
    def has_profit(self) -> bool:
        """Whether any margin is known, so that profit can be told."""
        return not bool(np.isnan(self.profit_per_lost).all())


@dataclass(frozen=True)
class ChurnResult:
    """Results; arrays end in a reason axis (7), draws lead; NaN where the data does not say."""

    active: Floats = measure("customers", "customers active when the period began, joiners left out")
    customers_lost: Floats = measure("customers", "sum of exits by reason")
    churn_rate: Floats = measure("share", "lost / active_at_start", "reichheld_sasser_1990")
    revenue_lost: Floats = measure("money", "lost * revenue per lost customer", "seed_002")
    profit_lost: Floats = measure("money", "revenue_lost * margin", "seed_002")
    lifetime_profit_lost: Floats = measure("money", "profit_lost / churn_rate at baseline", "seed_002")
    replacement_cost: Floats = measure("money", "lost * acquisition_cost", "seed_002")
    avoidable_revenue: Floats = measure("money", "revenue_lost * avoidable share")
    avoidable_profit: Floats = measure("money", "profit_lost * avoidable share")
    revenue_churn: Floats = measure("share", "revenue_lost / opening revenue")
    net_revenue_change: Floats = measure(
        "share", "(revenue change of kept - revenue_lost) / opening revenue", "odoo_721"
    )
    expected_periods: Floats = measure("ratio", "1 / churn_rate", "geometric_lifetime")
    saved_customers: Floats = measure("customers", "lost at baseline - lost, split by credit", "lmdi")
    saved_profit: Floats = measure("money", "profit_lost at baseline - profit_lost", "ours")
    spend: Floats = measure("money", "sum(retention_spend) + cost of the programs started")


def period(portfolio: Portfolio) -> tuple[dt.date | None, dt.date | None]:
    """First and last day of the period in force; None where no setting says."""
    return portfolio.settings.period_start, portfolio.settings.period_end


def observe(portfolio: Portfolio, config: Config) -> ChurnInputs | None:
    """Inputs from customers and exits; None without either.

    Active at the start: customers who had joined before the period began and had not left by then.
    Someone listed only among the exits was active too. Joiners never enter the denominator, nor
    their exits the numerator. Without a period in the settings everybody was active at the start.
    """
    customers, exits = portfolio.table("customers"), portfolio.table("exits")
    if exits is None and customers is None:
        return None
    settings = portfolio.settings
    start, end = settings.period_start, settings.period_end
    people = _people(customers, settings.margin)
    gone = _gone(exits, people, config, settings.margin)
    if start is not None:
        people["joiner"] = (people["joined"] >= pd.Timestamp(start)).to_numpy()
    else:
        people["joiner"] = False
    late = people["joined"] > pd.Timestamp(end) if end is not None else pd.Series(False, index=people.index)
    before = gone["date"] < pd.Timestamp(start) if start is not None else pd.Series(False, index=gone.index)
    after = gone["date"] > pd.Timestamp(end or dt.date.today())
    gone_before = set(gone["customer"][before])
    active = people[~people["joiner"] & ~people["customer"].isin(gone_before)]
    joiners = people[people["joiner"] & ~late]
    inside = gone[~before & ~after]
    joining = np.r_[people["joiner"].to_numpy(dtype=bool), False]
    of_joiner = pd.Series(joining[inside["at"]], index=inside.index)
    lost = inside[~of_joiner]
    strangers = lost[~lost["known"] & ((lost["customer"] != "") | (customers is None))]

    segments = tuple(dict.fromkeys([*active["segment"], *lost["segment"]])) or (NO_SEGMENT,)
    place = {segment: n for n, segment in enumerate(segments)}
    shape = (len(segments), len(REASONS))
    at = (lost["segment"].map(place).to_numpy(dtype=np.intp), lost["reason"].to_numpy(dtype=np.intp))
    count = lost["count"].to_numpy(dtype=float)
    customers_lost = _added(shape, at, count)
    revenue = lost["revenue"].to_numpy(dtype=float)
    profit = lost["profit"].to_numpy(dtype=float)
    revenue_lost = _added(shape, at, unknown_as_zero(revenue) * count)
    profit_lost = _added(shape, at, unknown_as_zero(profit) * count)
    no_profit = np.isnan(profit).all() if len(profit) else people["profit"].isna().all()
    avoided = _added(shape[1:], (at[1],), lost["avoidable"].to_numpy(dtype=float) * count)
    by_reason = customers_lost.sum(axis=0)
    default = np.array([float(config.churn.avoidable[reason]) for reason in REASONS])
    with np.errstate(invalid="ignore", divide="ignore"):
        avoidable = np.where(by_reason > 0, avoided / by_reason, default)
        per_revenue = np.where(customers_lost > 0, revenue_lost / customers_lost, 0.0)
        per_profit = np.where(customers_lost > 0, profit_lost / customers_lost, 0.0)
    if no_profit:
        per_profit = np.full(shape, np.nan)
    if len(revenue) and np.isnan(revenue).all():
        per_revenue = np.full(shape, np.nan)
    causes = _added((len(REASONS), len(CAUSES)), (at[1], lost["cause"].to_numpy(dtype=np.intp)), count)
    opening = [
        np.array([float(active[column][active["segment"] == s].sum()) for s in segments])
        if len(segments) < 40
        else active.groupby("segment")[column].sum().reindex(segments, fill_value=0.0).to_numpy(dtype=float)
        for column in ("revenue", "profit")
    ]
    extra = _added(
        (2, len(segments)),
        (np.repeat([0, 1], len(strangers)), np.tile(strangers["segment"].map(place).to_numpy(dtype=np.intp), 2)),
        unknown_as_zero(np.r_[strangers["revenue"] * strangers["count"], strangers["profit"] * strangers["count"]]),
    )
    sizes = active["segment"].value_counts().reindex(segments, fill_value=0).to_numpy(dtype=float)
    strange = _added(
        (len(segments),),
        (strangers["segment"].map(place).to_numpy(dtype=np.intp),),
        strangers["count"].to_numpy(dtype=float),
    )
    unknown = customers is None
    kept = active[~active["customer"].isin(set(lost["customer"]))]
    change = (kept["revenue_end"] - kept["revenue"]).sum(min_count=1)
    axis_s, axis_r = Axis("segment", segments), Axis("reason", REASONS)
    axis_e = Axis("effect", EFFECTS)
    acquisition = settings.acquisition_cost
    if acquisition is None and customers is not None and customers["acquisition_cost"].notna().any():
        acquisition = float(customers["acquisition_cost"].mean())
    acquisition_cost = float("nan") if acquisition is None else float(acquisition)
    money = np.nansum(customers_lost * per_profit, axis=0) * avoidable * config.churn.savable_share
    scale = _response_scale(config, acquisition_cost, by_reason * avoidable, money)
    ones = np.ones((len(EFFECTS), *shape))
    revenue_months = settings.period_months or _months(start, end)
    observed_months = _months(start, end) if start is not None and end is not None else revenue_months
    base = sizes.sum() + strange.sum() + (len(joiners) if config.churn.definition == "start_plus_joined" else 0)
    gone_total = by_reason.sum()
    known_rate = not unknown and gone_total > 0 and base > 0
    # a lifetime of 1/churn periods of observation, in periods of the revenue column
    periods = float(base / gone_total * observed_months / revenue_months) if known_rate else float("nan")
    programs, program_effect, program_cost = _programs(portfolio, revenue_months / 12)
    return ChurnInputs(
        segments=segments,
        lost=quantity(customers_lost, axis_s, axis_r, unit="customers", low=0),
        avoidable=quantity(avoidable, axis_r, unit="share", low=0, high=1),
        savable_share=quantity(np.full(len(REASONS), config.churn.savable_share), axis_r, unit="share", low=0, high=1),
        retention_spend=quantity(np.zeros(len(REASONS)), axis_r, unit="money", low=0),
        response_scale=quantity(scale, axis_r, unit="money", low=1e-9),
        acquisition_cost=quantity(acquisition_cost, unit="money", low=0),
        effects_customers=quantity(ones, axis_e, axis_s, axis_r, unit="share", low=0),
        effects_revenue=quantity(ones, axis_e, axis_s, axis_r, unit="share", low=0),
        program_on=quantity(np.zeros(len(programs)), Axis("program", programs), unit="flag", low=0, high=1),
        program_effect=program_effect,
        program_cost=program_cost,
        lost_at_baseline=customers_lost,
        revenue_per_lost=per_revenue,
        profit_per_lost=per_profit,
        causes=causes,
        active=np.full(len(segments), np.nan) if unknown else sizes + strange,
        opening_revenue=np.full(len(segments), np.nan) if unknown else opening[0] + extra[0],
        opening_profit=np.full(len(segments), np.nan) if unknown or no_profit else opening[1] + extra[1],
        joined=float("nan") if unknown else float(len(joiners)),
        joined_and_lost=float(inside["count"][of_joiner].sum()),
        outside_period=float(gone["count"][before | after].sum()),
        unknown_revenue=float(count[np.isnan(revenue)].sum()),
        revenue_change_of_kept=float(change) if not pd.isna(change) else float("nan"),
        period_months=revenue_months,
        baseline_periods=periods,
        definition=config.churn.definition,
        by_start=start is not None,
        has_exits=exits is not None,
    )


def _programs(portfolio: Portfolio, years: float) -> tuple[tuple[str, ...], Floats, Floats]:
    """Programs that act on an exit reason and have not begun by the end of the data: name, effect (P, 7), cost.

    What a program that has begun does is in the data already.
    """
    frame = portfolio.table("programs")
    if frame is None:
        return (), np.zeros((0, len(REASONS))), np.zeros(0)
    end = portfolio.settings.period_end
    open_ = frame["start"].isna() if end is None else frame["start"].isna() | (frame["start"] > pd.Timestamp(end))
    frame = frame[open_ & frame["reason"].isin(REASONS) & (frame["effect"] > 0)]
    effect = np.zeros((len(frame), len(REASONS)))
    effect[np.arange(len(frame)), [REASONS.index(r) for r in frame["reason"]]] = frame["effect"].to_numpy(dtype=float)
    reach = unknown_as_zero(numbers(frame, "reach"))
    cost = unknown_as_zero(numbers(frame, "fixed_cost")) + unknown_as_zero(numbers(frame, "cost_per_customer")) * reach
    return tuple(frame["program"]), effect, cost * years


def _added(shape: tuple[int, ...], at: tuple[Any, ...], amounts: Floats) -> Floats:
    table = np.zeros(shape)
    np.add.at(table, at, amounts)
    return table


def _months(start: dt.date | None, end: dt.date | None) -> float:
    if start is None or end is None:
        return 12.0
    return max(round(((end - start).days + 1) / 30.4375, 1), 0.1)


def _people(customers: pd.DataFrame | None, margin: float | None) -> pd.DataFrame:
    if customers is None:
        empty = {c: pd.Series(dtype=float) for c in ("revenue", "revenue_end", "profit")}
        return pd.DataFrame(
            {
                "customer": pd.Series(dtype="str"),
                "segment": pd.Series(dtype="str"),
                "joined": pd.Series(dtype="datetime64[us]"),
                **empty,
            }
        )
    margins = customers["margin"].fillna(np.nan if margin is None else margin)
    return pd.DataFrame(
        {
            "customer": customers["customer"],
            "segment": customers["segment"],
            "joined": customers["joined"],
            "revenue": customers["revenue"],
            "revenue_end": customers["revenue_end"],
            "profit": customers["revenue"] * margins,
        }
    )


def _gone(exits: pd.DataFrame | None, people: pd.DataFrame, config: Config, margin: float | None) -> pd.DataFrame:
    """One row an exit: customer, date, segment, reason and cause positions, count, money of one."""
    if exits is None:
        exits = pd.DataFrame(
            {
                "customer": pd.Series(dtype="str"),
                "date": pd.Series(dtype="datetime64[us]"),
                "reason_key": pd.Series(dtype="str"),
                "cause": pd.Series(dtype="str"),
                "avoidable": pd.Series(dtype="boolean"),
                "count": pd.Series(dtype=float),
                "revenue": pd.Series(dtype=float),
            }
        )
    at = pd.Index(people["customer"]).get_indexer(pd.Index(exits["customer"]))
    known = at >= 0
    count = np.nan_to_num(numbers(exits, "count"), nan=1.0)
    stated = numbers(exits, "revenue") / np.where(count > 0, count, 1)

    def of_customer(column: str, empty: Any) -> Any:
        values = people[column].to_numpy()
        return np.where(known, values[at], empty) if len(values) else np.full(len(exits), empty)

    revenue = of_customer("revenue", np.nan).astype(float)
    profit = of_customer("profit", np.nan).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        own_margin = np.where(revenue > 0, profit / revenue, np.nan if margin is None else margin)
    revenue = np.where(np.isnan(stated), revenue, stated)
    profit = np.where(np.isnan(stated), profit, stated * own_margin)
    reason = np.array([REASONS.index(r or "unknown") for r in exits["reason_key"]], dtype=np.intp)
    default_cause = np.array([CAUSES.index(config.churn.cause[r]) for r in REASONS], dtype=np.intp)
    given = exits["cause"].to_numpy(dtype=object)
    cause = np.array([CAUSES.index(c) if c else -1 for c in given], dtype=np.intp)
    default_avoidable = np.array([float(config.churn.avoidable[r]) for r in REASONS])
    avoidable = numbers(exits, "avoidable")
    return pd.DataFrame(
        {
            "customer": exits["customer"].to_numpy(),
            "date": exits["date"].to_numpy(),
            "known": known,
            "at": at,
            "segment": of_customer("segment", NO_SEGMENT),
            "reason": reason,
            "cause": np.where(cause >= 0, cause, default_cause[reason]),
            "avoidable": np.where(np.isnan(avoidable), default_avoidable[reason], avoidable),
            "count": count,
            "revenue": revenue,
            "profit": profit,
        }
    )


def _response_scale(config: Config, acquisition: float, savable: Floats, money: Floats) -> Floats:
    """k of each reason: where keeping costs 1/6 of winning, that sum a savable customer saves half of M."""
    share = config.churn.savable_share
    fallback = config.churn.response_scale * unknown_as_zero(money)
    if np.isnan(acquisition):
        scale = fallback
    else:
        scale = acquisition / config.churn.win_to_keep_cost * savable * share / np.log(2)
    return np.maximum(scale, 1e-9)


def evaluate(inputs: ChurnInputs) -> ChurnResult:
    """Losses by reason, and what was saved against the baseline."""
    avoidable = inputs.avoidable.values
    spend = inputs.retention_spend.values
    reached = 1 - np.exp(-spend / inputs.response_scale.values)
    kept_by_spend = 1 - (avoidable * inputs.savable_share.values * reached)[..., None, :]
    on = inputs.program_on.values
    kept_by_programs = left_by_programs(inputs)[..., None, :]
    base = inputs.lost_at_baseline
    with np.errstate(invalid="ignore", divide="ignore"):
        direct = np.where(base > 0, inputs.lost.values / np.where(base > 0, base, 1), 1.0)
    factors_c = _factors(direct, inputs.effects_customers.values, kept_by_programs, kept_by_spend)
    factors_r = _factors(direct, inputs.effects_revenue.values, kept_by_programs, kept_by_spend)
    lost = base * np.prod(factors_c, axis=-3)
    paying = base * np.prod(factors_r, axis=-3)
    revenue = _reasons(paying * inputs.revenue_per_lost)
    profit = _reasons(paying * inputs.profit_per_lost)
    by_reason = lost.sum(axis=-2)
    active = inputs.active.sum()
    below = active + (inputs.joined if inputs.definition == "start_plus_joined" else 0.0)
    total = by_reason.sum(axis=-1)
    opening = inputs.opening_revenue.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = total / below if below > 0 else np.full_like(total, np.nan)
        periods = np.where(rate > 0, 1 / rate, np.nan)
        revenue_churn = revenue.sum(axis=-1) / opening if opening > 0 else np.full_like(total, np.nan)
        change = inputs.revenue_change_of_kept / opening if opening > 0 else np.nan
    return ChurnResult(
        active=np.asarray(active),
        customers_lost=by_reason,
        churn_rate=rate,
        revenue_lost=revenue,
        profit_lost=profit,
        lifetime_profit_lost=profit * inputs.baseline_periods,
        replacement_cost=by_reason * inputs.acquisition_cost.values[..., None],
        avoidable_revenue=revenue * avoidable,
        avoidable_profit=profit * avoidable,
        revenue_churn=revenue_churn,
        net_revenue_change=change - revenue_churn,
        expected_periods=periods,
        saved_customers=_credits(base, factors_c),
        saved_profit=_reasons(base * inputs.profit_per_lost) - profit,
        spend=spend.sum(axis=-1) + on @ inputs.program_cost,
    )


def left_by_programs(inputs: ChurnInputs) -> Floats:
    """Share of each reason's exits that the programs started leave, (..., 7): prod(1 - on * effect)."""
    return np.asarray(np.prod(1 - inputs.program_on.values[..., None] * inputs.program_effect, axis=-2))


def _factors(direct: Floats, effects: Floats, programs: Floats, spend: Floats) -> Floats:
    """All factors on what was lost, (..., 5, G, 7), in the order of CREDITS."""
    shape = np.broadcast_shapes(direct.shape, effects.shape[:-3] + effects.shape[-2:], programs.shape, spend.shape)
    parts = [direct, *(effects[..., e, :, :] for e in range(len(EFFECTS))), programs, spend]
    return np.stack([np.broadcast_to(part, shape) for part in parts], axis=-3)


def _reasons(amounts: Floats) -> Floats:
    """Sum over segments; NaN only where nothing is known at all."""
    return amounts.sum(axis=-2)


def _credits(base: Floats, factors: Floats) -> Floats:
    """Customers saved by each effect and reason, (..., 5, 7): order-free and adding up exactly.

    With F the product of the factors f, effect e gets base * L(1, F) * (-ln f_e), where L is the
    logarithmic mean; the sum over e is base * (1 - F). A customer is saved once.
    """
    logs = np.log(np.maximum(factors, _LEAST_FACTOR))
    total = logs.sum(axis=-3)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(np.abs(total) < 1e-9, 1 + total / 2, np.expm1(total) / total)
    return (base * mean)[..., None, :, :].__mul__(-logs).sum(axis=-2)


def levers(inputs: ChurnInputs) -> tuple[LeverSpec, ...]:
    """Churn of each reason, what retention spends on it, and how much could be saved at all."""
    specs = []
    lost = inputs.lost_at_baseline.sum(axis=0)
    active = inputs.active.sum()
    money = (inputs.lost_at_baseline * unknown_as_zero(inputs.profit_per_lost)).sum(axis=0)
    for r, reason in enumerate(REASONS):
        if lost[r] > 0:
            rate = lost[r] / active if active > 0 else float("nan")
            specs.append(
                LeverSpec(Target("churn", "lost", ("*", reason)), "multiply", "share", 0, 2, 0.05, float(rate))
            )
    for r, reason in enumerate(REASONS):
        top = _round_up(money[r] * inputs.avoidable.values[r])
        if lost[r] > 0 and top > 0:
            specs.append(
                LeverSpec(Target("churn", "retention_spend", (reason,)), "set", "money", 0, top, top / 20, 0.0, "money")
            )
    for p, name in enumerate(inputs.program_on.axes[0].keys):
        if lost @ inputs.program_effect[p] > 0:
            specs.append(LeverSpec(Target("churn", "program_on", (name,)), "set", "flag", 0, 1, 1, 0.0, "flag"))
    for r, reason in enumerate(REASONS):
        if money[r] * inputs.avoidable.values[r] <= 0:
            continue
        share, k = float(inputs.savable_share.values[r]), float(inputs.response_scale.values[r])
        specs.append(LeverSpec(Target("churn", "savable_share", (reason,)), "set", "share", 0, 1, 0.05, share))
        specs.append(
            LeverSpec(Target("churn", "response_scale", (reason,)), "set", "money", k / 20, k * 20, k, k, "money")
        )
    return tuple(specs)


def _round_up(amount: float) -> float:
    """The next 1, 2, 4, 5 or 10 times a power of ten, so that twenty steps are round numbers."""
    if amount <= 0:
        return 0.0
    power = 10.0 ** np.floor(np.log10(amount))
    return float(next(m * power for m in (1, 2, 4, 5, 10) if m * power >= amount * 0.999))


# Retention economics ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Retention:
    """What keeping customers may cost, by reason (7)."""

    most: Floats = measure("money", "M = profit_lost * avoidable * savable_share", "ours")
    saved: Floats = measure("money", "M * (1 - exp(-spend / k))", "ours")
    break_even: Floats = measure("money", "positive root of M (1 - exp(-s / k)) = s; only where M > k", "lambert_w")
    best: Floats = measure("money", "k * ln(M / k); only where M > k", "ours")
    saved_at_best: Floats = measure("money", "M - k")
    threshold: Floats = measure("money", "spend < profit_lost * avoidable", "seed_002")


def saved_profit(spend: Floats, most: Floats, scale: Floats) -> Floats:
    """Profit saved by a spend: M (1 - exp(-s/k)), a saturating response."""
    return np.asarray(most * -np.expm1(-np.asarray(spend) / scale))


def retention(inputs: ChurnInputs, result: ChurnResult, lifetime: bool = False) -> Retention:
    """Break-even and best spend of each reason, on the loss before any retention spend.

    break-even = M + k W(-(M/k) exp(-M/k)) with Lambert's W; best = k ln(M/k), where the last unit
    spent saves one unit. Both are 0 where M <= k: the first unit already costs more than it saves.
    """
    per = inputs.profit_per_lost
    left = np.prod(inputs.effects_revenue.values, axis=-3) * left_by_programs(inputs)[..., None, :]
    money = (inputs.lost.values * left * per).sum(axis=-2)
    if lifetime:
        money = money * inputs.baseline_periods
    loss = unknown_as_zero(money * inputs.avoidable.values)
    most = loss * inputs.savable_share.values
    k = inputs.response_scale.values
    pays = most > k
    x = np.where(pays, most / k, 2.0)
    break_even = most + k * special.lambertw(-x * np.exp(-x)).real
    best = np.where(pays, k * np.log(x), 0.0)
    return Retention(
        most=most,
        saved=saved_profit(inputs.retention_spend.values, most, k),
        break_even=np.where(pays, break_even, 0.0),
        best=best,
        saved_at_best=np.where(pays, most - k, 0.0),
        threshold=loss,
    )


def fit_response(spend1: float, saved1: float, spend2: float, saved2: float) -> tuple[float, float]:
    """M and k of the response through two points (spend, saved profit).

    Raises:
        ValueError: the points do not lie on a rising, flattening curve through the origin.
    """
    (s1, y1), (s2, y2) = sorted(((spend1, saved1), (spend2, saved2)))
    rising = 0 < s1 < s2 and 0 < y1 < y2 and y2 / s2 < y1 / s1
    if not rising:
        raise ValueError(
            f"the two points must both be above 0, rise, and flatten: ({s1:g}, {y1:g}) and ({s2:g}, {y2:g}) do not"
        )

    def miss(log_k: float) -> float:
        k = np.exp(log_k)
        return float(np.expm1(-s2 / k) / np.expm1(-s1 / k) - y2 / y1)

    k = float(np.exp(optimize.brentq(miss, np.log(s1 / 500), np.log(s2 * 1e6))))
    return float(y1 / -np.expm1(-s1 / k)), k


def scale_from_point(most: float, spend: float, saved: float) -> float:
    """k of the response with a known M through one point.

    Raises:
        ValueError: the point saves nothing, or M or more.
    """
    if not (spend > 0 and 0 < saved < most):
        raise ValueError(f"the point must save between 0 and M = {most:g} for a spend above 0")
    return float(-spend / np.log1p(-saved / most))


@dataclass(frozen=True)
class Split:
    """The best split of a budget over reasons, and what binds it: `budget`, `saturation` or `caps`."""

    spend: Floats
    saved: float
    binding: str
    price: float


def _spend_at(log_price: float, most: Floats, scale: Floats, floor: Any, cap: Any) -> Floats:
    """The spend on each reason at which one more unit saves exp(log_price) units."""
    with np.errstate(divide="ignore"):
        wanted = scale * (np.log(np.maximum(most, 1e-300) / scale) - log_price)
    return np.asarray(np.clip(wanted, floor, np.maximum(cap, floor)))


def best_split(most: Floats, scale: Floats, budget: float, floor: Any = 0.0, cap: Any = np.inf) -> Split:
    """The split of a total budget that saves most, by the same marginal saving on every reason used.

    Each reason gets clip(k ln(M / (k p)), floor, cap), with one price p for all. `binding` is `budget`,
    `caps` where every reason that still pays stands at its cap, or `saturation` where the best spends
    together cost less than the budget: the rest is better kept. `price` is what one more unit of budget
    would save.

    Raises:
        ValueError: a budget below the floors.
    """
    floor = np.broadcast_to(np.asarray(floor, dtype=float), most.shape)
    if budget < floor.sum() - 1e-9:
        raise ValueError("the budget must be 0 or more, and no less than what is spent already")
    full = _spend_at(0.0, most, scale, floor, cap)
    if full.sum() <= budget:
        marginal = np.where(full < cap, 0.0, most / scale * np.exp(-full / scale))
        binding = "caps" if (marginal > 1).any() else "saturation"
        return Split(full, float(saved_profit(full, most, scale).sum()), binding, 1.0)
    top = float(np.log(np.max(most / scale * np.exp(-floor / scale))))
    if budget <= floor.sum():
        spend, log_price = np.array(floor), top
    else:
        log_price = optimize.brentq(
            lambda lp: _spend_at(lp, most, scale, floor, cap).sum() - budget, 0.0, top, xtol=1e-14, rtol=1e-14
        )
        spend = _spend_at(log_price, most, scale, floor, cap)
    return Split(spend, float(saved_profit(spend, most, scale).sum()), "budget", float(np.exp(log_price)))


@dataclass(frozen=True)
class Needed:
    """The least spend that saves a target, or the most that can be saved at all.

    `binding` is `target` where it is reached, `caps` where the caps stop it, else `savable`: more than
    could be saved at any price.
    """

    feasible: bool
    spend: Floats
    saved: float
    binding: str = "target"


def least_spend(most: Floats, scale: Floats, target: float, floor: Any = 0.0, cap: Any = np.inf) -> Needed:
    """The cheapest split that saves `target`; `most` in profit or in customers.

    Where infeasible, `saved` is the nearest feasible saving (everything at its cap, or 95 % of all M
    where there is no cap) and `spend` its cost.
    """
    floor = np.broadcast_to(np.asarray(floor, dtype=float), most.shape)
    cap = np.where(most > 0, cap, floor)  # no money on what saves nothing

    def saved(spend: Floats) -> float:
        return float(saved_profit(spend, most, scale).sum())

    limit = saved(np.where(most > 0, np.maximum(cap, floor), floor))
    bounded = bool(np.isfinite(cap[most > 0]).all()) and bool((most > 0).any())
    feasible = target <= limit if bounded else target < limit
    if bounded and target >= limit:
        binding = "target" if feasible else "caps" if target < float(most.sum()) else "savable"
        spend = np.where(most > 0, np.maximum(cap, floor), floor)
        return Needed(feasible, spend, saved(spend), binding)
    goal = target if feasible else 0.95 * float(most.sum())
    binding = "target" if feasible else "savable"
    if goal <= saved(floor):
        return Needed(feasible, np.array(floor), saved(floor), binding)
    top = float(np.log(np.max(np.maximum(most, 1e-300) / scale)))
    log_price = optimize.brentq(
        lambda lp: saved(_spend_at(lp, most, scale, floor, cap)) - goal, top - 700, top, xtol=1e-13, rtol=1e-14
    )
    spend = _spend_at(log_price, most, scale, floor, cap)
    return Needed(feasible, spend, saved(spend), binding)


def payback_months(spend: float, saved: float, months: float) -> float:
    """Months until the saved profit has paid the spend: spend / (saved / months of the period)."""
    return spend / (saved / months) if saved > 0 else float("nan")


def waterfall_order(result: ChurnResult, inputs: ChurnInputs) -> list[int]:
    """Reasons with exits, avoidable ones first, the largest loss first within each."""
    lost = inputs.lost_at_baseline.sum(axis=0)
    money = unknown_as_zero((inputs.lost_at_baseline * inputs.revenue_per_lost).sum(axis=0))
    avoidable = inputs.avoidable.values >= 0.5
    present = [r for r in range(len(REASONS)) if lost[r] > 0]
    return sorted(present, key=lambda r: (not avoidable[r], -money[r], -lost[r]))
