"""Six markets: how strong each relationship is, how strong it should be, and what is at stake."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from core.config import Config
from core.portfolio import Portfolio, numbers, texts
from core.quantity import Axis, Floats, Indices, Quantity, measure, quantity, unknown_as_zero
from core.scenario import LeverSpec, Target
from core.tables import MARKETS

QUADRANTS = ("monitor", "keep_informed", "keep_satisfied", "manage_closely")
SALIENCE = (
    "non_stakeholder",
    "demanding",
    "discretionary",
    "dependent",
    "dormant",
    "dangerous",
    "dominant",
    "definitive",
)


@dataclass(frozen=True)
class MarketsInputs:
    """The latest row of every stakeholder; S stakeholders, 6 markets, G groups of the taxonomy."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    owners: tuple[str, ...]
    customers: tuple[str, ...]
    groups: tuple[str, ...]
    group: Indices
    membership: Floats
    trust: Quantity
    commitment: Quantity
    desired: Quantity
    value_received: Quantity
    strength_offset: Floats
    value_given: Floats
    satisfaction: Floats
    power: Floats
    interest: Floats
    legitimate: Floats
    urgent: Floats
    age_days: Floats
    previous_strength: Floats
    emphasis_current: Floats
    emphasis_desired: Floats
    emphasis_spread: Floats
    rows: Indices


@dataclass(frozen=True)
class MarketsResult:
    """Results; arrays end in a stakeholder (S) or group (G) axis, draws lead."""

    strength: Floats = measure("points", "sqrt(trust * commitment); strength where given", "morgan_hunt_1994")
    gap: Floats = measure("points", "desired_strength - strength")
    priority: Floats = measure("money", "max(gap, 0) / 10 * value_received", "ours")
    gap_value: Floats = measure("money", "sum(priority)", "ours")
    group_strength: Floats = measure("points", "sum(strength * value_received) / sum(value_received)", "ours")
    group_desired: Floats = measure("points", "sum(desired_strength * value_received) / sum(value_received)", "ours")
    group_value: Floats = measure("money", "sum(value_received)")
    group_priority: Floats = measure("money", "sum(priority)", "ours")
    emphasis_current: Floats = measure(
        "points", "mean over raters; group_strength where nobody rated", "christopher_payne_ballantyne"
    )
    emphasis_desired: Floats = measure(
        "points", "mean over raters; group_desired where nobody rated", "christopher_payne_ballantyne"
    )


def observe(portfolio: Portfolio, config: Config) -> MarketsInputs | None:
    """Inputs from the stakeholders and emphasis tables; None without stakeholders.

    Of several dates of one stakeholder the latest counts and the one before gives the movement. A
    `strength` column wins over trust and commitment; where only one of the two is known it stands
    for both.
    """
    frame = portfolio.table("stakeholders")
    if frame is None:
        return None
    groups = MARKETS
    ordered = frame.sort_values("as_of", kind="stable", na_position="first")
    latest = ordered.drop_duplicates("stakeholder", keep="last").sort_index()
    earlier = ordered[ordered.duplicated("stakeholder", keep="last")]
    earlier = earlier.drop_duplicates("stakeholder", keep="last")

    kinds = texts(latest, "kind")
    markets = texts(latest, "market")
    general = config.markets.general_kind
    six = config.markets.group_of("six")
    kinds = np.array(
        [
            kind if kind and (not market or six[kind] == market) else general[market]
            for kind, market in zip(kinds, markets, strict=True)
        ],
        dtype=object,
    )
    group = np.array([groups.index(six[kind]) for kind in kinds], dtype=np.intp)
    names = tuple(latest["stakeholder"])
    cells = {f"market:{market}": np.flatnonzero([six[k] == market for k in kinds]) for market in MARKETS}
    axis = Axis("stakeholder", names, {name: found for name, found in cells.items() if len(found)})

    trust, commitment, offset = _trust(latest)
    before = dict(zip(earlier["stakeholder"], _strength(*_trust(earlier)), strict=True))
    as_of = latest["as_of"].to_numpy()
    today = np.datetime64(portfolio.settings.period_end or _newest(frame))
    with np.errstate(invalid="ignore"):
        age = (today - as_of.astype("datetime64[D]")).astype("timedelta64[D]").astype(float)
    age[np.isnat(as_of)] = np.nan
    current, desired, spread = _emphasis(portfolio, groups)
    return MarketsInputs(
        names=names,
        kinds=tuple(kinds),
        owners=tuple(texts(latest, "owner")),
        customers=tuple(texts(latest, "customer")),
        groups=groups,
        group=group,
        membership=np.eye(len(groups))[group],
        trust=quantity(trust, axis, unit="points", low=0, high=10),
        commitment=quantity(commitment, axis, unit="points", low=0, high=10),
        desired=quantity(numbers(latest, "desired_strength"), axis, unit="points", low=0, high=10),
        value_received=quantity(numbers(latest, "value_received"), axis, unit="money", low=0),
        strength_offset=offset,
        value_given=numbers(latest, "value_given"),
        satisfaction=numbers(latest, "satisfaction"),
        power=numbers(latest, "power"),
        interest=numbers(latest, "interest"),
        legitimate=numbers(latest, "legitimacy"),
        urgent=numbers(latest, "urgency"),
        age_days=age,
        previous_strength=np.array([before.get(name, np.nan) for name in names]),
        emphasis_current=current,
        emphasis_desired=desired,
        emphasis_spread=spread,
        rows=latest.index.to_numpy(),
    )


def regrouped(inputs: MarketsInputs, config: Config, taxonomy: str) -> MarketsInputs:
    """The same stakeholders in the groups of another taxonomy; emphasis is then derived.

    Raises:
        KeyError: an unknown taxonomy.
    """
    if taxonomy == "six":
        return inputs
    group_of = config.markets.group_of(taxonomy)
    groups = tuple(config.markets.taxonomies[taxonomy])
    group = np.array([groups.index(group_of[kind]) for kind in inputs.kinds], dtype=np.intp)
    blank = np.full(len(groups), np.nan)
    return replace(
        inputs,
        groups=groups,
        group=group,
        membership=np.eye(len(groups))[group],
        emphasis_current=blank,
        emphasis_desired=blank,
        emphasis_spread=blank,
    )


def _newest(frame: pd.DataFrame) -> dt.date:
    newest = frame["as_of"].max()
    return dt.date.today() if pd.isna(newest) else newest.date()


def _trust(frame: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    trust, commitment = numbers(frame, "trust"), numbers(frame, "commitment")
    given = numbers(frame, "strength")
    trust = np.where(np.isnan(trust), np.where(np.isnan(commitment), given, commitment), trust)
    commitment = np.where(np.isnan(commitment), trust, commitment)
    offset = np.where(np.isnan(given), 0.0, given - np.sqrt(trust * commitment))
    return trust, commitment, offset


def _strength(trust: Floats, commitment: Floats, offset: Floats) -> Floats:
    return np.asarray(np.clip(np.sqrt(trust * commitment) + offset, 0, 10))


def _emphasis(portfolio: Portfolio, groups: tuple[str, ...]) -> tuple[Floats, Floats, Floats]:
    """Mean current and desired emphasis and the jury's standard deviation; NaN where nobody rated."""
    blank = np.full(len(groups), np.nan)
    frame = portfolio.table("emphasis")
    if frame is None:
        return blank, blank, blank
    by_market = frame.groupby("market")[["current", "desired"]]
    mean, deviation = by_market.mean().reindex(groups), by_market.std(ddof=1).reindex(groups)
    return (
        mean["current"].to_numpy(dtype=float),
        mean["desired"].to_numpy(dtype=float),
        deviation["current"].to_numpy(dtype=float),
    )


def _weighted(values: Floats, weights: Floats, membership: Floats) -> Floats:
    """Mean of `values` in each group, weighted by money; unweighted where no money is known."""
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    money = np.where(known & ~np.isnan(weights), weights, 0.0)
    total = money @ membership
    count = known.astype(float) @ membership
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, (filled * money) @ membership / total, filled @ membership / count)


def strength_of(inputs: MarketsInputs) -> Floats:
    """Strength of every relationship, (..., S): sqrt(trust * commitment), or what the data state."""
    return _strength(inputs.trust.values, inputs.commitment.values, inputs.strength_offset)


def evaluate(inputs: MarketsInputs) -> MarketsResult:
    """Strengths, gaps and priorities of all stakeholders and groups."""
    strength = strength_of(inputs)
    value = inputs.value_received.values
    gap = inputs.desired.values - strength
    priority = np.maximum(gap, 0) / 10 * value
    known = unknown_as_zero(priority)
    group_strength = _weighted(strength, value, inputs.membership)
    group_desired = _weighted(inputs.desired.values, value, inputs.membership)
    missing = np.isnan(inputs.emphasis_current), np.isnan(inputs.emphasis_desired)
    return MarketsResult(
        strength=strength,
        gap=gap,
        priority=priority,
        gap_value=known.sum(axis=-1),
        group_strength=group_strength,
        group_desired=group_desired,
        group_value=unknown_as_zero(value) @ inputs.membership,
        group_priority=known @ inputs.membership,
        emphasis_current=np.where(missing[0], group_strength, inputs.emphasis_current),
        emphasis_desired=np.where(missing[1], group_desired, inputs.emphasis_desired),
    )


def levers(inputs: MarketsInputs) -> tuple[LeverSpec, ...]:
    """Trust and commitment of each market, up or down by points."""
    specs = []
    for name, cells in inputs.trust.axes[0].groups.items():
        for field in ("trust", "commitment"):
            values = getattr(inputs, field).values[cells]
            if np.isnan(values).all():
                continue
            specs.append(
                LeverSpec(
                    Target("markets", field, (name,)), "add", "points", -3, 3, 0.25, float(np.nanmean(values)), "points"
                )
            )
    return tuple(specs)


# What is not needed at every move of a lever --------------------------------------------------


def quadrant(inputs: MarketsInputs, config: Config) -> Indices:
    """Position in QUADRANTS of each stakeholder, -1 where power or interest is unknown.

    Manage closely: both at or above the cut; keep satisfied: power only; keep informed: interest only.
    """
    cut = config.markets.quadrant_cut
    found = 2 * (inputs.power >= cut).astype(int) + (inputs.interest >= cut).astype(int)
    return np.where(np.isnan(inputs.power) | np.isnan(inputs.interest), -1, found)


def salience(power: Floats, legitimate: Floats, urgent: Floats, cut: float = 5) -> Indices:
    """Position in SALIENCE from power at or above the cut, legitimacy and urgency.

    Source: Mitchell, Agle and Wood 1997: P dormant, L discretionary, U demanding, PL dominant,
    PU dangerous, LU dependent, PLU definitive, none: non-stakeholder. -1 where nothing is known.

    >>> [SALIENCE[i] for i in salience(np.array([9., 9.]), np.array([1., 0.]), np.array([1., 1.]))]
    ['definitive', 'dangerous']
    """
    unknown = np.isnan(power) & np.isnan(legitimate) & np.isnan(urgent)
    found = (
        4 * (unknown_as_zero(power) >= cut).astype(int)
        + 2 * (unknown_as_zero(legitimate) > 0).astype(int)
        + (unknown_as_zero(urgent) > 0).astype(int)
    )
    return np.where(unknown, -1, found)


@dataclass(frozen=True)
class Ownership:
    """How far a market hangs on single people; O owners, G groups."""

    owners: tuple[str, ...]
    share: Floats = measure("share", "value_received of owner / value_received of group", "ours")
    value: Floats = measure("money", "value_received of owner")
    herfindahl: Floats = measure("index", "sum(share^2)", "herfindahl_hirschman")


def ownership(inputs: MarketsInputs) -> Ownership:
    """Share of each group's value held by each relationship manager, (O, G), and its Herfindahl index."""
    owners = tuple(dict.fromkeys(owner for owner in inputs.owners if owner))
    value = unknown_as_zero(inputs.value_received.values)
    held = np.array([[owner == name for name in inputs.owners] for owner in owners], dtype=float)
    held = held.reshape(len(owners), len(inputs.owners)) * value
    money = held @ inputs.membership
    total = value @ inputs.membership
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, money / total, 0.0)
    return Ownership(owners, share, money, (share**2).sum(axis=0))


@dataclass(frozen=True)
class Grade:
    """How far the map can be trusted: shares of stakeholders that have each thing."""

    owner: float
    strength: float
    desired: float
    value: float
    fresh: float

    @property
    def total(self) -> float:
        """Mean of the five shares, 0-1."""
        return (self.owner + self.strength + self.desired + self.value + self.fresh) / 5


def grade(inputs: MarketsInputs, config: Config) -> Grade:
    """The map grade; fresh means a date younger than the configured days at the period's end."""
    strength = _strength(inputs.trust.values, inputs.commitment.values, inputs.strength_offset)
    with np.errstate(invalid="ignore"):
        fresh = inputs.age_days < config.markets.fresh_days
    return Grade(
        owner=float(np.mean([bool(owner) for owner in inputs.owners])),
        strength=float((~np.isnan(strength)).mean()),
        desired=float((~np.isnan(inputs.desired.values)).mean()),
        value=float((~np.isnan(inputs.value_received.values)).mean()),
        fresh=float(fresh.mean()),
    )


def reciprocity(inputs: MarketsInputs) -> Floats:
    """Balance of give and take: value given / value received; NaN where either is unknown or zero."""
    received = inputs.value_received.values
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((received > 0) & (inputs.value_given >= 0), inputs.value_given / received, np.nan)


@dataclass(frozen=True)
class Flag:
    """Something about a stakeholder or owner that needs a look: `code`, who, and its number."""

    code: str
    name: str
    group: str
    amount: float


def flags(inputs: MarketsInputs, portfolio: Portfolio, config: Config) -> tuple[Flag, ...]:
    """What stands out: lopsided trust, lopsided exchange, dependence on one person, single contacts.

    `amount` is the spread in points, the ratio given:received, the money that would leave with the
    owner, or the money resting on a single contact.
    """
    found: list[Flag] = []
    names = [inputs.groups[g] for g in inputs.group]
    spread = np.abs(inputs.trust.values - inputs.commitment.values)
    balance = reciprocity(inputs)
    limit = config.markets.reciprocity_limit
    for i, name in enumerate(inputs.names):
        if spread[i] >= config.markets.trust_commitment_spread:
            found.append(Flag("trust_commitment", name, names[i], float(spread[i])))
        if balance[i] > limit or balance[i] < 1 / limit:
            found.append(Flag("reciprocity", name, names[i], float(balance[i])))
    held = ownership(inputs)
    for o, g in zip(*np.nonzero(held.share > config.markets.owner_share_limit), strict=True):
        if (inputs.group == g).sum() > 1:
            found.append(Flag("owner_share", held.owners[o], inputs.groups[g], float(held.value[o, g])))
    value = dict(zip(inputs.names, unknown_as_zero(inputs.value_received.values), strict=True))
    group = dict(zip(inputs.names, names, strict=True))
    linked = {customer: name for name, customer in zip(inputs.names, inputs.customers, strict=True) if customer}
    customers = portfolio.table("customers")
    revenue = (
        {}
        if customers is None
        else dict(zip(customers["customer"], unknown_as_zero(numbers(customers, "revenue")), strict=True))
    )
    for name, people in contact_breadth(portfolio).items():
        known = linked.get(name, name)
        if people == 1 and known in value:
            found.append(Flag("single_contact", known, group[known], float(value[known])))
        elif people == 1 and name in revenue:
            found.append(Flag("single_contact", name, inputs.groups[0], float(revenue[name])))
    return tuple(sorted(found, key=lambda flag: (flag.code, -flag.amount)))


def contact_breadth(portfolio: Portfolio) -> dict[str, int]:
    """Number of different people we know at each account or stakeholder."""
    frame = portfolio.table("contacts")
    if frame is None:
        return {}
    counted = frame.groupby("account", sort=False)["person"].nunique()
    return {str(name): int(count) for name, count in counted.items()}


def contact_table(portfolio: Portfolio) -> list[dict[str, Any]]:
    """Per account: people, functions, whether a decider is known, and days since anyone was seen."""
    frame = portfolio.table("contacts")
    if frame is None:
        return []
    newest = frame["last_seen"].max()
    end = pd.Timestamp(portfolio.settings.period_end) if portfolio.settings.period_end else newest
    rows = []
    for account, part in frame.groupby("account", sort=False):
        seen = part["last_seen"].max()
        rows.append(
            {
                "account": account,
                "people": int(part["person"].nunique()),
                "functions": int((part["function"].replace("", pd.NA)).nunique()),
                "deciders": int((part["role"] == "decides").sum()),
                "counterparts": int(part["counterpart"].replace("", pd.NA).nunique()),
                "days_since_seen": None if pd.isna(seen) else int((end - seen).days),
            }
        )
    return rows


def counterpart_load(portfolio: Portfolio) -> dict[str, int]:
    """Accounts that each of our people looks after."""
    frame = portfolio.table("contacts")
    if frame is None:
        return {}
    part = frame[frame["counterpart"] != ""]
    counted = part.groupby("counterpart")["account"].nunique().sort_values(ascending=False)
    return {str(name): int(count) for name, count in counted.items()}


def brokers(portfolio: Portfolio) -> tuple[dict[str, float], list[tuple[str, str, str, float]]]:
    """Betweenness of each stakeholder in the network of links (0-1), and the links themselves.

    Shortest paths count 1/weight as the length of a link. Source: Freeman 1977, through networkx.
    """
    frame = portfolio.table("links")
    if frame is None:
        return {}, []
    weight = np.nan_to_num(numbers(frame, "weight"), nan=0.5)
    links = list(zip(frame["source"], frame["target"], frame["kind"], weight, strict=True))
    graph = nx.Graph()
    for source, target, _, strength in links:
        graph.add_edge(source, target, length=1 / max(strength, 0.01))
    between = nx.betweenness_centrality(graph, weight="length")
    return dict(sorted(between.items(), key=lambda item: -item[1])), links


@dataclass(frozen=True)
class Layout:
    """Where the map draws each stakeholder: the firm at (0, 0), radius 1 = strength 0."""

    angle: Floats
    x: Floats
    y: Floats
    size: Floats
    labelled: Indices


_UNKNOWN_BAND = 1.13
_LARGEST, _SMALLEST = 46.0, 9.0


def radius(strength: Floats, config: Config) -> Floats:
    """r0 + (1 - r0)(10 - strength)/10, and an outer band for unknown strength."""
    inner = config.markets.map_radius_inner
    return np.where(np.isnan(strength), _UNKNOWN_BAND, inner + (1 - inner) * (10 - strength) / 10)


def sector_centre(group: int, groups: int) -> float:
    """Angle of a sector's middle in radians: the first on top, then clockwise."""
    return float(np.pi / 2 - 2 * np.pi * group / groups)


def layout(inputs: MarketsInputs, baseline: MarketsResult, config: Config, labels: int = 10) -> Layout:
    """The map's geometry. Angles come from the baseline only, so that a scenario moves radius only.

    Within its sector a stakeholder is spread by angle and then pushed from neighbours it overlaps;
    the `labels` highest priorities are named on the map.
    """
    count, groups = len(inputs.names), len(inputs.groups)
    strength = baseline.strength
    r = radius(strength, config)
    value = unknown_as_zero(inputs.value_received.values)
    largest = value.max(initial=0) or 1.0
    size = _SMALLEST + (_LARGEST - _SMALLEST) * np.sqrt(value / largest)
    half = np.pi / groups * 0.86
    centre = np.array([sector_centre(g, groups) for g in inputs.group])
    place = np.zeros(count)
    for g in range(groups):
        cells = np.flatnonzero(inputs.group == g)
        order = cells[np.argsort(r[cells], kind="stable")]
        # neighbours in radius start far apart in angle: a golden-ratio sequence
        place[order] = ((np.arange(len(order)) * 0.618034 + 0.5) % 1 - 0.5) * 2
    offset = place * half * 0.95
    reach = size / 2 / 190  # pixels to map units on the usual card
    for _ in range(80):
        angle = centre + offset
        x, y = r * np.cos(angle), r * np.sin(angle)
        dx, dy = x[:, None] - x, y[:, None] - y
        distance = np.hypot(dx, dy) + np.eye(count)
        overlap = np.clip(reach[:, None] + reach + 0.01 - distance, 0, None) * (1 - np.eye(count))
        # push along the tangent of each one's circle
        tangent_x, tangent_y = -np.sin(angle)[:, None], np.cos(angle)[:, None]
        direction = np.sign(dx * tangent_x + dy * tangent_y + 1e-9)
        push = (overlap * direction).sum(axis=1) / np.maximum(r, 0.15)
        offset = np.clip(offset + 0.35 * push, -half, half)
    angle = centre + offset
    x, y = r * np.cos(angle), r * np.sin(angle)
    ranked = np.argsort(-unknown_as_zero(baseline.priority), kind="stable")
    chosen = [i for i in ranked if unknown_as_zero(baseline.priority)[i] > 0][:labels]
    return Layout(angle, x, y, size, np.array(chosen, dtype=np.intp))
