"""Asked backwards: the least spend for a target, the best use of a budget, the lever value that gives a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np

from core.config import Config
from core.models import Observed, Outcome, evaluate_all
from core.models.churn import ChurnInputs, best_split, least_spend, retention
from core.models.scenarios import Measure, Settings, batch
from core.models.stages import next_step
from core.quantity import Floats, unknown_as_zero
from core.scenario import LeverSpec, Setting, levers_of
from core.tables import REASONS

Goal = Literal["churn_rate", "saved_profit"]
_MOST_PROGRAMS = 10


@dataclass(frozen=True)
class Plan:
    """Spends and programs that answer a question, what they bring, and what binds them.

    `spend` is the retention spend by reason (7), `programs` the programs started. `binding` is `met` (reached
    without any spend), `target` (reached), `budget`, `saturation` (more would not pay), `caps` (a reason stands at its largest spend),
    or `savable` (no money could do it). `reached` is the measure's value with the plan in force.
    """

    feasible: bool
    spend: Floats
    programs: tuple[str, ...]
    cost: float
    saved: float
    reached: float
    binding: str
    capped: tuple[str, ...]
    next_unit: float
    exact: bool
    settings: dict[str, Setting]


def _spends(observed: Observed) -> dict[str, LeverSpec]:
    return {
        spec.target.keys[0]: spec
        for spec in observed.levers
        if (spec.target.topic, spec.target.field) == ("churn", "retention_spend")
    }


def _caps(observed: Observed) -> Floats:
    """The largest spend on each reason that its lever offers; 0 where there is none."""
    specs = _spends(observed)
    return np.array([specs[r].high if r in specs else 0.0 for r in REASONS])


def _pulled(observed: Observed, settings: Settings, spend: Floats, programs: Sequence[str]) -> dict[str, Setting]:
    """The scenario's levers with these spends and programs in place of its own."""
    found = {
        spec.id: settings[spec.id]
        for spec in observed.levers
        if spec.id in settings and spec.target.field not in ("retention_spend", "program_on")
    }
    for reason, spec in _spends(observed).items():
        amount = float(np.clip(spend[REASONS.index(reason)], 0, spec.high))
        if amount > 1e-9 * max(spec.high, 1):
            found[spec.id] = Setting(amount)
    for spec in observed.levers:
        if spec.target.field == "program_on" and spec.target.keys[0] in programs:
            found[spec.id] = Setting(1.0)
    return found


def _response(
    observed: Observed, settings: Settings, programs: Sequence[str]
) -> tuple[ChurnInputs, Floats, Floats, Outcome]:
    """Inputs of the exits, and what could be saved at all by reason in profit and in customers, without any spend."""
    bare = _pulled(observed, settings, np.zeros(len(REASONS)), programs)
    outcome = evaluate_all(observed, levers_of(bare, observed.levers))
    inputs: ChurnInputs = outcome.inputs["churn"]
    most = retention(inputs, outcome.scenario.churn).most
    customers = outcome.scenario.churn.customers_lost * inputs.avoidable.values * inputs.savable_share.values
    return inputs, most, customers, outcome


def _plan(
    observed: Observed, settings: Settings, spend: Floats, programs: Sequence[str], measure: Measure, **said: object
) -> Plan:
    pulled = _pulled(observed, settings, spend, programs)
    outcome = evaluate_all(observed, levers_of(pulled, observed.levers))
    churn = outcome.scenario.churn
    caps = _caps(observed)
    capped = tuple(r for n, r in enumerate(REASONS) if caps[n] > 0 and spend[n] >= caps[n] * (1 - 1e-9))
    return Plan(
        spend=spend,
        programs=tuple(programs),
        cost=float(churn.spend),
        saved=float(unknown_as_zero(churn.saved_profit).sum()),
        reached=float(measure.read(outcome.scenario)),
        capped=capped,
        settings=pulled,
        **said,  # type: ignore[arg-type]
    )


def cheapest(observed: Observed, settings: Settings, measure: Measure, target: float) -> Plan:
    """The least retention spend that brings the churn rate down to, or the saved profit up to, `target`.

    Built on the scenario's other levers and programs; its own spends are planned anew. Each reason saves
    M (1 - exp(-s/k)), so that the cheapest split has one marginal saving for all reasons used. A spend stays
    within its lever's bounds. Where the target cannot be reached, the nearest that can be is planned.

    Raises:
        ValueError: a measure other than churn_rate and saved_profit.
    """
    if measure.name not in ("churn_rate", "saved_profit"):
        raise ValueError("the least spend is defined for churn_rate and saved_profit")
    programs = _started(observed, settings)
    inputs, money, customers, outcome = _response(observed, settings, programs)
    now = float(measure.read(outcome.scenario))
    if measure.name == "saved_profit":
        most, wanted = money, target - now
    else:
        lost = float(outcome.scenario.churn.customers_lost.sum())
        most, wanted = customers, lost - target * (lost / now if now > 0 else 0.0)
    need = least_spend(most, inputs.response_scale.values, wanted, 0.0, _caps(observed))
    return _plan(
        observed, settings, need.spend, programs, measure,
        feasible=need.feasible, binding="met" if wanted <= 0 else need.binding, next_unit=float("nan"), exact=True,
    )  # fmt: skip


def _started(observed: Observed, settings: Settings) -> tuple[str, ...]:
    return tuple(
        spec.target.keys[0]
        for spec in observed.levers
        if spec.target.field == "program_on" and spec.id in settings and settings[spec.id].likely > 0
    )


def best_use(observed: Observed, settings: Settings, measure: Measure, budget: float) -> Plan:
    """The split of a budget over reasons and programs that adds most profit after its cost.

    Every set of programs is tried where there are at most ten, and for each the best split of what is left
    over the reasons; with more programs they are added one by one, the best first (`exact` is False).
    """
    offered = [spec.target.keys[0] for spec in observed.levers if spec.target.field == "program_on"]
    inputs = _response(observed, settings, ())[0]
    names = inputs.program_on.axes[0].keys
    cost = dict(zip(names, inputs.program_cost, strict=True))
    effect = dict(zip(names, inputs.program_effect, strict=True))
    scale, caps = inputs.response_scale.values, _caps(observed)
    # a program avoids a share of all exits of its reason; spend reaches what is savable of the rest
    savable = inputs.avoidable.values * inputs.savable_share.values
    per = unknown_as_zero(
        (inputs.lost.values * np.prod(inputs.effects_revenue.values, axis=-3) * inputs.profit_per_lost).sum(axis=-2)
    )

    def worth(chosen: Sequence[str]) -> tuple[float, Floats, str, float]:
        left = np.prod([1 - effect[name] for name in chosen], axis=0) if chosen else np.ones(len(REASONS))
        rest = budget - sum(cost[name] for name in chosen)
        if rest < 0:
            return -np.inf, np.zeros(len(REASONS)), "budget", 0.0
        split = best_split(per * left * savable, scale, rest, 0.0, caps)
        gain = float((per * (1 - left)).sum()) + split.saved - budget + rest - float(split.spend.sum())
        return gain, split.spend, split.binding, split.price

    exact = len(offered) <= _MOST_PROGRAMS
    if exact:
        sets = [
            tuple(name for name, on in zip(offered, chosen, strict=True) if on)
            for chosen in product((False, True), repeat=len(offered))
        ]
        best = max(sets, key=lambda chosen: worth(chosen)[0])
    else:
        best = ()
        while True:
            more = max(((*best, name) for name in offered if name not in best), key=lambda c: worth(c)[0], default=best)
            if worth(more)[0] <= worth(best)[0]:
                break
            best = more
    _, spend, binding, price = worth(best)
    return _plan(observed, settings, spend, best, measure, feasible=True, binding=binding, next_unit=price, exact=exact)


def next_amount(observed: Observed, settings: Settings, measure: Measure, amount: float) -> Plan:
    """Where a further amount goes, on top of what the scenario spends already."""
    programs = _started(observed, settings)
    inputs, money, _, _ = _response(observed, settings, programs)
    spent = np.zeros(len(REASONS))
    for reason, spec in _spends(observed).items():
        if spec.id in settings:
            spent[REASONS.index(reason)] = settings[spec.id].likely
    split = best_split(money, inputs.response_scale.values, float(spent.sum()) + amount, spent, _caps(observed))
    return _plan(
        observed, settings, split.spend, programs, measure,
        feasible=True, binding=split.binding, next_unit=split.price, exact=True,
    )  # fmt: skip


# One lever, one result --------------------------------------------------------------------------


@dataclass(frozen=True)
class Sought:
    """The value of one lever at which a measure reaches a target, or comes nearest to it.

    `moves` is False where the lever does nothing to the measure at all.
    """

    feasible: bool
    value: float
    reached: float
    moves: bool = True


def seek(
    observed: Observed, settings: Settings, spec: LeverSpec, measure: Measure, target: float, config: Config
) -> Sought:
    """The smallest move of one lever that brings a measure to `target`; the nearest value where none does.

    The lever's span is scanned at 401 values, and the first crossing seen from its neutral place is narrowed
    down eight times more by the same scan. Counts jump, so that "reached" means at or beyond the target.
    """
    others = {name: setting for name, setting in settings.items() if name != spec.id}

    def values_at(points: Floats) -> Floats:
        levers = [
            s.lever(points if s.id == spec.id else np.full(len(points), others[s.id].likely))
            for s in observed.levers
            if s.id == spec.id or s.id in others
        ]
        return batch(observed, levers, {"": measure.read}, config.scenarios.chunk)[""]

    points = np.linspace(spec.low, spec.high, 401)
    found = values_at(points)
    start = float(values_at(np.array([spec.neutral]))[0])
    if np.ptp(found) <= 1e-12 * max(abs(start), 1.0):
        return Sought(start == target, spec.neutral, start, False)
    rising = 1.0 if target >= start else -1.0
    there = (found - target) * rising >= 0
    if not there.any():
        nearest = int(np.argmin(np.abs(found - target)))
        return Sought(False, float(points[nearest]), float(found[nearest]))
    at = int(min(np.flatnonzero(there), key=lambda n: abs(points[n] - spec.neutral)))
    if start == target:
        return Sought(True, spec.neutral, start)
    toward = -1 if points[at] > spec.neutral else 1
    outer, next_in = float(points[at]), float(points[min(max(at + toward, 0), len(points) - 1)])
    inner = max(next_in, spec.neutral) if toward < 0 else min(next_in, spec.neutral)
    for _ in range(8):
        between = np.linspace(outer, inner, 11)
        good = (values_at(between) - target) * rising >= 0
        last = int(np.flatnonzero(good)[-1]) if good[0] and good.any() else 0
        outer, inner = float(between[last]), float(between[min(last + 1, 10)])
    return Sought(True, outer, float(values_at(np.array([outer]))[0]))


# Accounts to their next stage -------------------------------------------------------------------


@dataclass(frozen=True)
class Promotion:
    """One account's cheapest way to its next stage: points over all items, and what they cost."""

    account: int
    stage: int
    points: float
    cost: float


@dataclass(frozen=True)
class Promotions:
    """The cheapest accounts to promote; `possible` is how many could be at all."""

    feasible: bool
    chosen: tuple[Promotion, ...]
    cost: float
    possible: int


def promote(observed: Observed, config: Config, wanted: int, cost_per_point: float) -> Promotions:
    """The least spend that lifts `wanted` accounts one stage, at one price for a point on an item at an account.

    Each account's way is its exact smallest step by points (`next_step`); with one price for all points the
    cheapest set is the `wanted` smallest. Fewer are planned where fewer can rise.
    """
    inputs = observed.inputs["stages"]
    ways: list[Promotion] = []
    for account in np.flatnonzero(inputs.current):
        step = next_step(inputs.items[:, account], config, fewest="points")
        if step is not None:
            ways.append(Promotion(int(account), step.stage, step.points, step.points))
    ways.sort(key=lambda way: (way.points, way.account))
    return priced(Promotions(True, tuple(ways), 0.0, len(ways)), wanted, cost_per_point)


def priced(every: Promotions, wanted: int, cost_per_point: float) -> Promotions:
    """The first `wanted` of all promotions at a price for a point."""
    chosen = tuple(replace(way, cost=way.points * cost_per_point) for way in every.chosen[:wanted])
    return Promotions(wanted <= every.possible, chosen, sum(way.cost for way in chosen), every.possible)
