"""Customer perceived value: what an offer gives against what it costs, ours and the rivals'."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.config import Config
from core.portfolio import Portfolio, numbers, texts
from core.quantity import Axis, Floats, Indices, Quantity, measure, quantity
from core.scenario import LeverSpec, Target
from core.tables import OUR_OFFER, VALUE_KINDS

CORE, SERVICE, PRICE, COST = range(4)


@dataclass(frozen=True)
class ValueInputs:
    """Rows of the value table, sorted by offer group; R rows, G groups (segment x offer)."""

    segments: tuple[str, ...]
    offers: tuple[str, ...]
    segment: Indices
    offer: Indices
    components: tuple[str, ...]
    kind: Indices
    group: Indices
    starts: Indices
    sums: Floats
    amount: Quantity
    probability: Quantity
    core_erosion: Quantity
    periods: Floats
    accrual: Floats
    episodes: tuple[str, ...]
    cost_kinds: tuple[str, ...]
    segment_weight: Floats
    rows: Indices

    @property
    def ours(self) -> Indices:
        """The groups that are our offer."""
        return (
            np.flatnonzero(self.offer == self.offers.index(OUR_OFFER))
            if (OUR_OFFER in self.offers)
            else np.zeros(0, dtype=np.intp)
        )


@dataclass(frozen=True)
class ValueResult:
    """Results; arrays end in the group axis (segment x offer), draws lead."""

    core: Floats = measure("money", "sum(core amount * probability) * prod(1 - core_erosion * probability)")
    services: Floats = measure("money", "sum(service amount * probability)")
    price: Floats = measure("money", "sum(price amount * probability)")
    relationship_costs: Floats = measure("money", "sum(relationship cost amount * probability)")
    ratio: Floats = measure("ratio", "(core + services) / (price + relationship_costs)", "gronroos_1997")
    net: Floats = measure("money", "(core - price) + (services - relationship_costs)", "gronroos_1997")
    core_kept: Floats = measure("share", "prod(1 - core_erosion * probability)", "seed_000")
    our_ratio: Floats = measure("ratio", "mean of our ratio over segments, weighted by revenue", "ours")


def annuity(periods: Floats, rate: float) -> Floats:
    """Sum of 1/(1 + rate)^t for t = 0 .. periods - 1: what a yearly amount is worth today.

    >>> float(annuity(np.array(2.0), 0.1).round(4))
    1.9091
    """
    if rate == 0:
        return np.asarray(periods, dtype=float)
    return np.asarray((1 - (1 + rate) ** -periods) / (1 - 1 / (1 + rate)))


def observe(portfolio: Portfolio, config: Config) -> ValueInputs | None:
    """Inputs from the value table, each row for one period; None without the table."""
    frame = portfolio.table("value")
    if frame is None:
        return None
    segment_of, offer_of = texts(frame, "segment"), texts(frame, "offer")
    segments = tuple(dict.fromkeys(segment_of))
    offers = tuple(dict.fromkeys(offer_of))
    pairs = tuple(dict.fromkeys(zip(segment_of, offer_of, strict=True)))
    pairs = tuple(sorted(pairs, key=lambda p: (segments.index(p[0]), offers.index(p[1]))))
    group = np.array([pairs.index(p) for p in zip(segment_of, offer_of, strict=True)])
    order = np.argsort(group, kind="stable")
    frame, group = frame.iloc[order], group[order]
    kind = np.array([VALUE_KINDS.index(k) for k in frame["kind"]], dtype=np.intp)
    sums = np.zeros((len(frame), 4 * len(pairs)))
    sums[np.arange(len(frame)), 4 * group + kind] = 1
    components, episodes = texts(frame, "component"), texts(frame, "episode")
    ours = np.array([pairs[g][1] == OUR_OFFER for g in group])
    cells: dict[str, Indices] = {}
    for prefix, words in (("component", components), ("episode", episodes)):
        for word in dict.fromkeys(words[ours]):
            if word:
                cells[f"{prefix}:{word}"] = np.flatnonzero(ours & (words == word))
    cells["own_failures"] = np.flatnonzero(ours & (episodes != ""))
    axis = Axis("row", tuple(str(n) for n in range(len(frame))), cells)
    return ValueInputs(
        segments=segments,
        offers=offers,
        segment=np.array([segments.index(s) for s, _ in pairs]),
        offer=np.array([offers.index(o) for _, o in pairs]),
        components=tuple(components),
        kind=kind,
        group=group,
        starts=np.flatnonzero(np.r_[True, np.diff(group) > 0]),
        sums=sums,
        amount=quantity(numbers(frame, "amount"), axis, unit="money"),
        probability=quantity(np.nan_to_num(numbers(frame, "probability"), nan=1.0), axis, unit="share", low=0, high=1),
        core_erosion=quantity(np.nan_to_num(numbers(frame, "core_erosion")), axis, unit="share", low=0, high=1),
        periods=np.nan_to_num(numbers(frame, "periods"), nan=1.0),
        accrual=np.ones(len(frame)),
        episodes=tuple(episodes),
        cost_kinds=tuple(texts(frame, "cost_kind")),
        segment_weight=_segment_weight(portfolio, segments),
        rows=frame.index.to_numpy(),
    )


def over_periods(inputs: ValueInputs, rate: float) -> ValueInputs:
    """The same rows, each counted for its own number of periods at a discount rate.

    A price is paid in its period; services and costs accrue over the relationship.
    """
    return replace(inputs, accrual=annuity(inputs.periods, rate))


def groups_of(inputs: ValueInputs, segment: int) -> list[int]:
    """The groups (segment x offer) of one segment, in the order of the table."""
    return [int(g) for g in np.flatnonzero(inputs.segment == segment)]


def _segment_weight(portfolio: Portfolio, segments: tuple[str, ...]) -> Floats:
    customers = portfolio.table("customers")
    even = np.full(len(segments), 1 / len(segments))
    if customers is None:
        return even
    revenue = customers.groupby("segment")["revenue"].sum()
    weight = np.array([float(revenue.get(segment, 0.0)) for segment in segments])
    return weight / weight.sum() if weight.sum() > 0 else even


def evaluate(inputs: ValueInputs) -> ValueResult:
    """Ratio and net value of every offer in every segment.

    A ratio is NaN where what the customer gets or what it costs is not above 0.
    """
    probability = inputs.probability.values
    expected = inputs.amount.values * probability * inputs.accrual
    total = (expected @ inputs.sums).reshape(*expected.shape[:-1], -1, 4)
    kept = np.multiply.reduceat(1 - inputs.core_erosion.values * probability, inputs.starts, axis=-1)
    core = total[..., CORE] * kept
    services, price, costs = total[..., SERVICE], total[..., PRICE], total[..., COST]
    gets, pays = core + services, price + costs
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where((gets > 0) & (pays > 0), gets / pays, np.nan)
    ours = inputs.ours
    weight = inputs.segment_weight[inputs.segment[ours]]
    our = ratio[..., ours]
    known = ~np.isnan(our)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (np.where(known, our, 0) * weight).sum(-1) / (known * weight).sum(-1)
    return ValueResult(core, services, price, costs, ratio, gets - pays, kept, mean)


def levers(inputs: ValueInputs) -> tuple[LeverSpec, ...]:
    """Our components up or down, and the probability of our failures."""
    specs = []
    for name, cells in inputs.amount.axes[0].groups.items():
        kind, _, _word = name.partition(":")
        if kind == "episode":
            probability = inputs.probability.values[cells]
            specs.append(
                LeverSpec(
                    Target("value", "probability", (name,)), "multiply", "share", 0, 2, 0.05, float(probability.mean())
                )
            )
        elif kind == "component" and not any(inputs.episodes[c] for c in cells):
            amount = inputs.amount.values[cells]
            specs.append(
                LeverSpec(
                    Target("value", "amount", (name,)),
                    "multiply",
                    "share",
                    0.5,
                    1.5,
                    0.01,
                    float(amount.mean()),
                    "money",
                )
            )
    return tuple(specs)


def faulty_groups(inputs: ValueInputs, result: ValueResult) -> tuple[tuple[str, str], ...]:
    """Segment and offer of every group that has no ratio."""
    return tuple(
        (inputs.segments[inputs.segment[g]], inputs.offers[inputs.offer[g]])
        for g in np.flatnonzero(np.isnan(result.ratio))
    )


@dataclass(frozen=True)
class Sensitivity:
    """What one unit of money on each row does to the ratio; R rows."""

    ratio: Floats = measure(
        "ratio", "d ratio / d amount: kept * p / pays for core, p / pays for services, -ratio * p / pays else"
    )


def sensitivity(inputs: ValueInputs, result: ValueResult) -> Sensitivity:
    """Change of the ratio per unit of money on each row (for a cost, of spending one more)."""
    group = inputs.group
    pays = (result.price + result.relationship_costs)[group]
    chance = inputs.probability.values * inputs.accrual
    kept = np.where(inputs.kind == CORE, result.core_kept[group], 1.0)
    gain = np.where(inputs.kind <= SERVICE, kept, -result.ratio[group])
    with np.errstate(invalid="ignore", divide="ignore"):
        return Sensitivity(gain * chance / pays)


@dataclass(frozen=True)
class Headroom:
    """The prices at which we draw level with a rival."""

    segment: str
    rival: str
    price: float = measure("money", "our price today")
    by_ratio: float = measure("money", "(core + services) / ratio of rival - relationship_costs")
    by_net: float = measure("money", "core + services - relationship_costs - net of rival")

    @property
    def disagree(self) -> bool:
        """Whether ratio and net value rank the two offers differently at today's price."""
        return (self.price < self.by_ratio) != (self.price < self.by_net)


def headroom(inputs: ValueInputs, result: ValueResult) -> tuple[Headroom, ...]:
    """Price headroom against every rival in every segment.

    Below both prices we win by both measures, above both we lose by both; between them ratio and
    net value disagree.
    """
    found = []
    for g in inputs.ours:
        gets = result.core[g] + result.services[g]
        for h in np.flatnonzero((inputs.segment == inputs.segment[g]) & (inputs.offer != inputs.offer[g])):
            found.append(
                Headroom(
                    inputs.segments[inputs.segment[g]],
                    inputs.offers[inputs.offer[h]],
                    float(result.price[g]),
                    float(gets / result.ratio[h] - result.relationship_costs[g]),
                    float(gets - result.relationship_costs[g] - result.net[h]),
                )
            )
    return tuple(found)


def _log_mean(a: Floats, b: Floats) -> Floats:
    """(a - b)/(ln a - ln b), and a where both are equal."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isclose(a, b, rtol=1e-12), a, (a - b) / (np.log(a) - np.log(b)))


@dataclass(frozen=True)
class Decomposition:
    """Which component made the change of one group; the parts add up exactly."""

    labels: tuple[str, ...]
    net: Floats = measure("money", "change of each component's expected amount; erosion by its mid-point")
    log_ratio: Floats = measure(
        "ratio", "part of numerator / log mean of numerator - part of denominator / log mean", "lmdi"
    )


def decompose(before: ValueInputs, was: ValueResult, after: ValueInputs, now: ValueResult, group: int) -> Decomposition:
    """Split the change of net value and of ln(ratio) of one group over its components.

    The core's change is split into the change of its amounts, at the mean share kept, and the change
    of what erosion leaves, at the mean gross core. Each part of the numerator N enters ln(ratio) as
    part / L(N0, N1) with the logarithmic mean L, the denominator likewise with a minus: both columns
    add up to the change within rounding.
    """
    rows = np.flatnonzero(before.group == group)
    old = (before.amount.values * before.probability.values * before.accrual)[rows]
    new = (after.amount.values * after.probability.values * after.accrual)[rows]
    kind = before.kind[rows]
    kept0, kept1 = was.core_kept[group], now.core_kept[group]
    parts: dict[str, list[float]] = {}
    for change, k, row in zip(new - old, kind, rows, strict=True):
        share = (kept0 + kept1) / 2 if k == CORE else 1.0
        gets, pays = parts.setdefault(before.components[row], [0.0, 0.0]), k >= PRICE
        gets[1 if pays else 0] += float(change * share)
    gross = (old[kind == CORE].sum() + new[kind == CORE].sum()) / 2
    parts.setdefault("core_erosion", [0.0, 0.0])[0] += float((kept1 - kept0) * gross)
    gets0, gets1 = was.core[group] + was.services[group], now.core[group] + now.services[group]
    pays0 = was.price[group] + was.relationship_costs[group]
    pays1 = now.price[group] + now.relationship_costs[group]
    gain, cost = np.array(list(parts.values())).T
    log_ratio = gain / _log_mean(gets1, gets0) - cost / _log_mean(pays1, pays0)
    return Decomposition(tuple(parts), gain - cost, log_ratio)


@dataclass(frozen=True)
class ValueMap:
    """Gale's customer value map: one point an offer; O offers."""

    offers: tuple[str, ...]
    quality: Floats = measure("ratio", "sum(weight * rating / mean rating of the others)", "gale_1994")
    price: Floats = measure("ratio", "price / mean price of the others", "gale_1994")
    ellipse: Floats = measure(
        "ratio", "95 % of bootstrap draws over respondents, (points, 2); empty without", "efron_1979"
    )


def quality_ratio(weights: Floats, ours: Floats, others: Floats) -> float:
    """Market-perceived quality ratio: sum of weight * our rating / their rating, weights summing to 1.

    Source: Gale 1994.

    >>> round(100 * quality_ratio(np.array([.6, .2, .1, .1]), np.array([9., 6, 9, 7]), np.array([7., 6, 8, 7])), 2)
    118.39
    """
    return float((weights / weights.sum() * ours / others).sum())


def value_map(portfolio: Portfolio, config: Config, segment: str | None = None) -> ValueMap | None:
    """The customer value map of the ratings table (all segments, or one); None without ratings.

    Prices come from the ratings' price column, else from the value table's price rows.
    """
    frame = portfolio.table("ratings")
    if frame is None:
        return None
    if segment is not None:
        frame = frame[frame["segment"] == segment]
    offers = tuple(dict.fromkeys(frame["offer"]))
    attributes = tuple(dict.fromkeys(frame["attribute"]))
    if len(offers) < 2 or frame["rating"].notna().sum() == 0:
        return None
    weights = frame.groupby("attribute")["weight"].mean().reindex(attributes).to_numpy(dtype=float)
    weights = np.where(np.isnan(weights), np.nanmean(weights) if np.isfinite(weights).any() else 1.0, weights)
    people = tuple(dict.fromkeys(frame["respondent"]))
    cube = np.full((len(people), len(offers), len(attributes)), np.nan)
    cube[
        [people.index(p) for p in frame["respondent"]],
        [offers.index(o) for o in frame["offer"]],
        [attributes.index(a) for a in frame["attribute"]],
    ] = numbers(frame, "rating")
    price = _prices(portfolio, frame, offers, segment)

    def quality(ratings: Any) -> Floats:
        mean = np.nanmean(ratings, axis=0)
        return np.array(
            [
                quality_ratio(weights, mean[o], np.nanmean(np.delete(mean, o, axis=0), axis=0))
                for o in range(len(offers))
            ]
        )

    relative = np.array([price[o] / np.nanmean(np.delete(price, o)) for o in range(len(offers))])
    ellipse = np.zeros((0, 2))
    if len(people) >= 5 and OUR_OFFER in offers:
        random = np.random.default_rng(config.value.bootstrap_seed)
        us = offers.index(OUR_OFFER)
        draws = np.array(
            [
                quality(cube[random.integers(0, len(people), len(people))])[us]
                for _ in range(config.value.bootstrap_draws)
            ]
        )
        turn = np.linspace(0, 2 * np.pi, 60)
        ellipse = np.column_stack(
            [
                draws.mean() + 1.96 * draws.std(ddof=1) * np.cos(turn),
                relative[us] + 0.012 * np.sin(turn),
            ]
        )
    return ValueMap(offers, quality(cube), relative, ellipse)


def _prices(portfolio: Portfolio, frame: Any, offers: tuple[str, ...], segment: str | None) -> Floats:
    stated = frame.groupby("offer")["price"].mean().reindex(offers).to_numpy(dtype=float)
    value = portfolio.table("value")
    if value is None:
        return stated
    paid = value[value["kind"] == "price"]
    if segment is not None:
        paid = paid[paid["segment"] == segment]
    summed = paid.groupby(["offer", "segment"])["amount"].sum().groupby("offer").mean()
    return np.where(np.isnan(stated), summed.reindex(offers).to_numpy(dtype=float), stated)
