"""The relationship profitability chain: how a change in one topic reaches the others, once, left to right.

The order follows Storbacka, Strandvik and Gronroos 1994. A ratio r of scenario to baseline that is 1
passes nothing on, so that without levers every view equals the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from core.config import Config
from core.models import churn, markets, stages, value
from core.quantity import Axis, Floats, Indices, Quantity, quantity, unknown_as_zero
from core.scenario import LeverSpec, Target
from core.tables import REASONS, STAGES

LINKS = (
    "staff_service",
    "value_churn",
    "value_score",
    "score_trust",
    "stage_churn",
    "stage_margin",
    "price_revenue",
)
# What each link joins, for the drawing; identities of the models themselves are drawn too.
EDGES: tuple[tuple[str, str, str | None], ...] = (
    ("internal_strength", "episodes", "staff_service"),
    ("episodes", "value_ratio", None),
    ("price", "value_ratio", None),
    ("value_ratio", "churn", "value_churn"),
    ("value_ratio", "stage_score", "value_score"),
    ("stage_score", "customer_trust", "score_trust"),
    ("stage_score", "churn", "stage_churn"),
    ("stage_score", "profit", "stage_margin"),
    ("price", "profit", "price_revenue"),
    ("churn", "profit", None),
)


@dataclass(frozen=True)
class ChainInputs:
    """The strength of each link, whether it is on (1 or 0), and the multipliers of the stages.

    `account_segment` and `churn_segment` give each account's and churn segment's place among the
    value table's segments, -1 where it has none; `account_churn_segment` among the churn segments.
    """

    strength: Quantity
    on: Quantity
    churn_multiplier: Quantity
    margin_multiplier: Quantity
    cost_multiplier: Quantity
    low: Floats
    high: Floats
    account_segment: Indices
    churn_segment: Indices
    account_churn_segment: Indices
    account_stakeholder: Indices
    internal: np.ndarray[Any, np.dtype[np.bool_]]
    value_reasons: Floats


@dataclass(frozen=True)
class Flow:
    """What passed along one edge: the quantity before and after at its start and at its end."""

    source: str
    target: str
    link: str | None
    on: bool
    cause_before: Floats
    cause_after: Floats
    effect: Floats


@dataclass(frozen=True)
class Results:
    """The results of all topics (`MarketsResult`, `StagesResult`, `ValueResult`, `ChurnResult`), None
    where a topic has no data, and the money that changed hands.

    `stage_profit` is the profit that promoted accounts add, `price_profit` what our price change adds.
    """

    markets: Any = None
    stages: Any = None
    value: Any = None
    churn: Any = None
    stage_profit: Floats = field(default_factory=lambda: np.zeros(()))
    price_profit: Floats = field(default_factory=lambda: np.zeros(()))

    @property
    def profit_effect(self) -> Floats:
        """Saved profit + profit of promoted accounts + profit of our price change - retention spend."""
        total = self.stage_profit + self.price_profit
        if self.churn is not None:
            total = total + unknown_as_zero(self.churn.saved_profit).sum(axis=-1) - self.churn.spend
        return np.asarray(total)


Inputs = Mapping[str, Any]
_LEAST_RATIO = 0.01


def observe(inputs: Inputs, config: Config) -> ChainInputs:
    """The chain's links from config, and how the topics' segments and accounts meet."""
    links = [getattr(config.chain, name) for name in LINKS]
    axis, stage_axis = Axis("link", LINKS), Axis("stage", STAGES)
    rule = config.chain
    worth, exits = inputs.get("value"), inputs.get("churn")
    accounts, people = inputs.get("stages"), inputs.get("markets")

    def places(words: tuple[str, ...], among: tuple[str, ...]) -> Indices:
        return np.array([among.index(w) if w in among else -1 for w in words], dtype=np.intp)

    segments = worth.segments if worth else ()
    return ChainInputs(
        strength=quantity([link.value for link in links], axis, unit="ratio", low=-10, high=10),
        on=quantity(np.ones(len(LINKS)), axis, unit="flag", low=0, high=1),
        churn_multiplier=_stage_row(rule.stage_churn_multiplier, stage_axis),
        margin_multiplier=_stage_row(rule.stage_margin_multiplier, stage_axis),
        cost_multiplier=_stage_row(rule.stage_cost_multiplier, stage_axis),
        low=np.array([link.low for link in links]),
        high=np.array([link.high for link in links]),
        account_segment=places(accounts.segments if accounts else (), segments),
        churn_segment=places(exits.segments if exits else (), segments),
        account_churn_segment=places(accounts.segments if accounts else (), exits.segments if exits else ()),
        account_stakeholder=_account_stakeholder(accounts, people),
        internal=np.array(
            [config.markets.group_of("six")[k] == "internal" for k in people.kinds] if people else [],
            dtype=bool,
        ),
        value_reasons=np.array([float(r in rule.value_churn_reasons) for r in REASONS]),
    )


def _stage_row(multipliers: Mapping[str, float], axis: Axis) -> Quantity:
    return quantity([multipliers[s] for s in STAGES], axis, unit="ratio", low=0.01, high=10)


def _account_stakeholder(accounts: stages.StagesInputs | None, people: markets.MarketsInputs | None) -> Indices:
    """Pairs (account, stakeholder), (P, 2): linked by customer id, or by the same name."""
    if accounts is None or people is None:
        return np.zeros((0, 2), dtype=np.intp)
    by_id = {account: a for a, account in enumerate(accounts.accounts)}
    by_name = {name: a for a, name in enumerate(accounts.names)}
    pairs = []
    for s, (name, customer) in enumerate(zip(people.names, people.customers, strict=True)):
        account = by_id.get(customer) if customer else by_name.get(name, by_id.get(name))
        if account is not None:
            pairs.append((account, s))
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


def _ratio(after: Floats, before: Floats) -> Floats:
    """after / before, 1 where the baseline is unknown or 0; a collapse counts as a hundredth."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = after / before
    known = np.isfinite(before) & (before > 0)
    return np.where(known, np.where(np.isfinite(ratio), np.maximum(ratio, _LEAST_RATIO), _LEAST_RATIO), 1.0)


def _internal_strength(people: markets.MarketsInputs, strengths: Floats, inside: Any) -> Floats:
    strength = strengths[..., inside]
    weight = np.where(np.isnan(strength), 0.0, unknown_as_zero(people.value_received.values[..., inside]))
    if weight.sum() == 0:
        weight = np.where(np.isnan(strength), 0.0, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((unknown_as_zero(strength) * weight).sum(-1) / weight.sum(-1))


def baseline(inputs: Inputs) -> Results:
    """Every topic evaluated on the data as it stands."""
    modules = {"markets": markets, "stages": stages, "value": value, "churn": churn}
    found: dict[str, Any] = {
        name: module.evaluate(inputs[name]) for name, module in modules.items() if inputs.get(name) is not None
    }
    return Results(**found)


def propagate(before: Inputs, was: Results, after: Inputs) -> tuple[Results, tuple[Flow, ...], dict[str, Any]]:
    """The scenario's results with every effect passed on, what flowed along each edge, and the
    inputs as they stood at the end.

    Args:
        before: baseline inputs by topic, with `chain`.
        was: their results.
        after: inputs with the levers pulled.
    """
    links: ChainInputs = after["chain"]
    power = links.strength.values * links.on.values
    at = {name: power[..., n] for n, name in enumerate(LINKS)}
    on = {name: bool(np.any(links.on.values[..., n] > 0)) for n, name in enumerate(LINKS)}
    flows: dict[tuple[str, str], Flow] = {}

    def record(source: str, target: str, link: str | None, b: Any, a: Any, effect: Any) -> None:
        flows[source, target] = Flow(
            source, target, link, link is None or on[link], np.asarray(b), np.asarray(a), np.asarray(effect)
        )

    people: Any = after.get("markets")
    accounts: Any = after.get("stages")
    worth: Any = after.get("value")
    exits: Any = after.get("churn")
    new_value: Any = None
    value_ratio, mean_ratio = None, np.ones(())
    price_ratio = np.ones(())

    if worth is not None:
        if people is not None and links.internal.any():
            b = _internal_strength(before["markets"], was.markets.strength, links.internal)
            a = _internal_strength(people, markets.strength_of(people), links.internal)
            factor = _ratio(a, b) ** -at["staff_service"]
            record("internal_strength", "episodes", "staff_service", b, a, factor)
            worth = _fewer_failures(worth, factor)
        new_value = value.evaluate(worth)
        value_ratio, mean_ratio = _value_ratio(worth, was.value, new_value)
        # what the amounts alone do to the ratio; the rest comes from how often things fail
        amounts = value.evaluate(replace(worth, probability=before["value"].probability)).our_ratio
        record("price", "value_ratio", None, was.value.our_ratio, amounts, _ratio(amounts, was.value.our_ratio))
        record("episodes", "value_ratio", None, amounts, new_value.our_ratio, _ratio(new_value.our_ratio, amounts))
        price_ratio = _price_ratio(worth, was.value, new_value)

    new_stages: Any = None
    if accounts is not None:
        if value_ratio is not None:
            per_account = _spread(value_ratio, mean_ratio, links.account_segment)
            shift = at["value_score"][..., None] * 100 * np.log(per_account)
            shifted = accounts.score_shift.values + shift
            accounts = replace(accounts, score_shift=accounts.score_shift.with_values(shifted))
            record(
                "value_ratio", "stage_score", "value_score", was.value.our_ratio, new_value.our_ratio, shift.mean(-1)
            )
        new_stages = stages.evaluate(accounts)
    pairs = links.account_stakeholder
    if new_stages is not None and people is not None and len(pairs):
        change = unknown_as_zero(new_stages.score - was.stages.score)[..., pairs[:, 0]]
        points = at["score_trust"][..., None] * change / 10
        people = _more_trust(people, pairs[:, 1], points)
        record(
            "stage_score",
            "customer_trust",
            "score_trust",
            np.nanmean(was.stages.score),
            np.nanmean(new_stages.score, axis=-1),
            points.mean(-1),
        )

    new_churn, stage_profit, price_profit = None, np.zeros(()), np.zeros(())
    if exits is not None:
        shape = exits.lost.values.shape[-2:]
        by_value, by_stage, by_stage_money = (np.ones(shape) for _ in range(3))
        if value_ratio is not None:
            r = _spread(value_ratio, mean_ratio, links.churn_segment)
            by_value = r[..., None] ** (-at["value_churn"][..., None, None] * links.value_reasons)
        if new_stages is not None:
            by_stage, by_stage_money = _stage_factors(links, at["stage_churn"], accounts, was.stages, new_stages, exits)
        exits = replace(
            exits,
            effects_customers=exits.effects_customers.with_values(_stacked(by_value, by_stage)),
            effects_revenue=exits.effects_revenue.with_values(_stacked(by_value, by_stage_money)),
        )
        new_churn = churn.evaluate(exits)
        saved = new_churn.saved_customers.sum(axis=-1)
        if value_ratio is not None:
            record("value_ratio", "churn", "value_churn", was.value.our_ratio, new_value.our_ratio, saved[..., 1])
        if new_stages is not None:
            record("stage_score", "churn", "stage_churn", was.stages.advanced, new_stages.advanced, saved[..., 2])
        record(
            "churn",
            "profit",
            None,
            was.churn.churn_rate,
            new_churn.churn_rate,
            unknown_as_zero(new_churn.saved_profit).sum(-1),
        )
        kept = exits.opening_revenue.sum() - unknown_as_zero(new_churn.revenue_lost).sum(-1)
        if worth is not None and np.isfinite(kept).all():
            price_profit = np.where(at["price_revenue"] > 0, (price_ratio - 1) * kept * at["price_revenue"], 0.0)
            record("price", "profit", "price_revenue", 1.0, price_ratio, price_profit)
    if new_stages is not None:
        stage_profit = _stage_profit(links, at["stage_margin"], accounts, was.stages, new_stages)
        record("stage_score", "profit", "stage_margin", was.stages.advanced, new_stages.advanced, stage_profit)
    new_markets: Any = markets.evaluate(people) if people is not None else None
    results = Results(new_markets, new_stages, new_value, new_churn, stage_profit, price_profit)
    final = {**after, "markets": people, "stages": accounts, "value": worth, "churn": exits}
    return results, tuple(flows[edge[0], edge[1]] for edge in EDGES if (edge[0], edge[1]) in flows), final


def _fewer_failures(worth: value.ValueInputs, factor: Floats) -> value.ValueInputs:
    cells = worth.probability.axes[0].groups["own_failures"]
    chance = np.broadcast_to(
        worth.probability.values, np.broadcast_shapes(worth.probability.values.shape, (*factor.shape, 1))
    ).copy()
    chance[..., cells] = np.clip(chance[..., cells] * factor[..., None], 0, 1)
    return replace(worth, probability=worth.probability.with_values(chance))


def _value_ratio(worth: value.ValueInputs, was: value.ValueResult, now: value.ValueResult) -> tuple[Floats, Floats]:
    """Our value ratio, scenario over baseline, of each value segment and on average."""
    ours = worth.ours
    per_group = _ratio(now.ratio[..., ours], was.ratio[ours])
    per_segment = np.ones((*per_group.shape[:-1], len(worth.segments)))
    per_segment[..., worth.segment[ours]] = per_group
    return per_segment, _ratio(now.our_ratio, was.our_ratio)


def _price_ratio(worth: value.ValueInputs, was: value.ValueResult, now: value.ValueResult) -> Floats:
    ours = worth.ours
    if len(ours) == 0:
        return np.ones(())
    weight = worth.segment_weight[worth.segment[ours]]
    ratio = _ratio(now.price[..., ours], was.price[ours])
    return np.asarray((ratio * weight).sum(-1) / weight.sum() if weight.sum() > 0 else ratio.mean(-1))


def _spread(per_segment: Floats, mean: Floats, places: Indices) -> Floats:
    """A value of each segment at `places`; the mean where a place has no segment of its own."""
    together = np.concatenate([per_segment, np.broadcast_to(mean, per_segment.shape[:-1])[..., None]], axis=-1)
    return together[..., np.asarray(places, dtype=np.intp)]


def _more_trust(people: markets.MarketsInputs, who: Indices, points: Floats) -> markets.MarketsInputs:
    def lifted(held: Quantity) -> Quantity:
        shape = np.broadcast_shapes(held.values.shape, (*points.shape[:-1], 1))
        values = np.broadcast_to(held.values, shape).copy()
        values[..., who] = np.clip(values[..., who] + points, held.low, held.high)
        return held.with_values(values)

    return replace(people, trust=lifted(people.trust), commitment=lifted(people.commitment))


def _multiplied(table: Floats, stage: Indices, power: Floats) -> Floats:
    """The multiplier of each account's stage, 1 where it has none."""
    row = np.concatenate([table, np.ones((*table.shape[:-1], 1))], axis=-1)
    if row.ndim == 1:
        picked = row[stage]
    else:
        draws = np.broadcast_shapes(row.shape[:-1], stage.shape[:-1])
        rows, places = (np.broadcast_to(part, (*draws, part.shape[-1])) for part in (row, stage))
        picked = np.take_along_axis(rows, places, axis=-1)
    return np.asarray(picked ** power[..., None])


def _stage_factors(
    links: ChainInputs,
    power: Floats,
    accounts: stages.StagesInputs,
    was: stages.StagesResult,
    now: stages.StagesResult,
    exits: churn.ChurnInputs,
) -> tuple[Floats, Floats]:
    """Factor on each segment's avoidable exits from accounts that changed stage: (..., G, 7) twice.

    Weighted by customers and by revenue; customers without an assessment stay at 1.
    """
    table = links.churn_multiplier.values
    here = (np.asarray(links.account_churn_segment) >= 0) & accounts.current
    member = np.zeros((len(here), len(exits.segments)))
    member[np.flatnonzero(here), np.asarray(links.account_churn_segment)[here]] = 1
    old, new = _multiplied(table, was.stage, power), _multiplied(table, now.stage, power)
    factors = []
    for weight, whole in (
        (np.ones(len(here)), exits.active),
        (unknown_as_zero(accounts.revenue), exits.opening_revenue),
    ):
        # where a segment's size is unknown, its assessed accounts cannot stand for all of it
        rest = np.where(np.isnan(whole), np.inf, np.maximum(unknown_as_zero(whole) - weight @ member, 0))
        below = rest + (old * weight) @ member
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = np.where((below > 0) & np.isfinite(below), (rest + (new * weight) @ member) / below, 1.0)
        avoidable = exits.avoidable.values[..., None, :]
        factors.append(1 - avoidable * (1 - factor[..., None]))
    return factors[0], factors[1]


def _stage_profit(
    links: ChainInputs,
    power: Floats,
    accounts: stages.StagesInputs,
    was: stages.StagesResult,
    now: stages.StagesResult,
) -> Floats:
    """Profit added by accounts that changed stage: dearer offers, cheaper service."""
    margin = _multiplied(links.margin_multiplier.values, now.stage, power) / _multiplied(
        links.margin_multiplier.values, was.stage, power
    )
    cost = _multiplied(links.cost_multiplier.values, now.stage, power) / _multiplied(
        links.cost_multiplier.values, was.stage, power
    )
    gained = unknown_as_zero(accounts.profit) * (margin - 1)
    spared = unknown_as_zero(accounts.cost_to_serve) * (1 - cost)
    return np.asarray(((gained + spared) * accounts.current).sum(axis=-1))


def _stacked(first: Floats, second: Floats) -> Floats:
    first, second = np.broadcast_arrays(first, second)
    return np.stack([first, second], axis=-3)


def levers(inputs: ChainInputs) -> tuple[LeverSpec, ...]:
    """The strength of every link within its range, its switch, and the multipliers of the stages."""
    specs = []
    for n, name in enumerate(LINKS):
        low, high, value_ = float(inputs.low[n]), float(inputs.high[n]), float(inputs.strength.values[n])
        specs.append(LeverSpec(Target("chain", "strength", (name,)), "set", "ratio", low, high, 0.05, value_, "ratio"))
        specs.append(LeverSpec(Target("chain", "on", (name,)), "set", "flag", 0, 1, 1, 1.0, "flag"))
    for name, low, high in (
        ("churn_multiplier", 0.05, 1.5),
        ("margin_multiplier", 0.8, 1.3),
        ("cost_multiplier", 0.5, 1.2),
    ):
        for s, stage in enumerate(STAGES):
            held = getattr(inputs, name).values[s]
            specs.append(
                LeverSpec(Target("chain", name, (stage,)), "set", "ratio", low, high, 0.01, float(held), "ratio")
            )
    return tuple(specs)
