"""What scenarios do to the results: measured, compared, taken apart, crossed. Every step is a batch of draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import Any

import numpy as np

from core.config import Config
from core.models import Observed, Outcome, evaluate_all
from core.models.chain import Results
from core.quantity import Floats, unknown_as_zero
from core.scenario import Lever, LeverSpec, Setting, levers_of

Settings = Mapping[str, Setting]


@dataclass(frozen=True)
class Measure:
    """One number of the results that scenarios are judged by.

    `better` is 1 where more is better, -1 where less is; `break_even` is the value that parts gain
    from loss, None where that is the baseline's own value. `read` gives it an array of draws.
    """

    name: str
    topic: str
    unit: str
    better: int
    read: Callable[[Results], Any]
    break_even: float | None = None


def _lost(results: Results) -> Any:
    return results.churn.customers_lost.sum(axis=-1)


MEASURES: tuple[Measure, ...] = (
    Measure("profit_effect", "profit", "money", 1, lambda r: r.profit_effect, 0.0),
    Measure("churn_rate", "churn", "share", -1, lambda r: r.churn.churn_rate),
    Measure("customers_lost", "churn", "customers", -1, _lost),
    Measure("revenue_lost", "churn", "money", -1, lambda r: unknown_as_zero(r.churn.revenue_lost).sum(axis=-1)),
    Measure("saved_profit", "churn", "money", 1, lambda r: unknown_as_zero(r.churn.saved_profit).sum(axis=-1)),
    Measure("spend", "churn", "money", -1, lambda r: r.churn.spend),
    Measure("our_ratio", "value", "ratio", 1, lambda r: r.value.our_ratio),
    Measure("advanced", "stages", "accounts", 1, lambda r: r.stages.advanced),
    Measure("gap_value", "markets", "money", -1, lambda r: r.markets.gap_value),
)
BY_NAME = {measure.name: measure for measure in MEASURES}


def measures_of(observed: Observed) -> tuple[Measure, ...]:
    """The measures that the data can speak of."""
    churn = observed.inputs["churn"]
    told = churn is not None and churn.has_exits

    def known(measure: Measure) -> bool:
        if measure.topic == "profit":
            return bool(told and churn.has_profit) or observed.inputs["stages"] is not None
        if measure.topic == "churn" and measure.name in ("saved_profit", "spend"):
            return bool(told and churn.has_profit)
        if measure.name == "revenue_lost":
            return bool(told and churn.has_revenue)
        return bool(told) if measure.topic == "churn" else observed.inputs[measure.topic] is not None

    found = tuple(measure for measure in MEASURES if known(measure))
    return tuple(m for m in found if np.isfinite(m.read(observed.baseline)).all())


def headline(outcome: Outcome, measures: Sequence[Measure]) -> dict[str, float]:
    """Each measure of a scenario."""
    return {measure.name: float(measure.read(outcome.scenario)) for measure in measures}


def batch(
    observed: Observed, levers: Sequence[Lever], read: Mapping[str, Callable[[Results], Any]], chunk: int = 1000
) -> dict[str, Floats]:
    """Results of many variants at once.

    Args:
        observed: inputs and baseline.
        levers: values of shape `(variants,)`; all the same length.
        read: name -> function of the results.
        chunk: variants evaluated at once, so that memory stays bounded.

    Returns:
        Name -> array of shape `(variants, ...)`. Equal to a loop over single variants within 1e-12.
    """
    count = max((np.size(lever.value) for lever in levers), default=1)
    if not levers:
        return {name: np.asarray(f(observed.baseline), dtype=float)[None] for name, f in read.items()}
    parts: dict[str, list[Floats]] = {name: [] for name in read}
    for start in range(0, count, chunk):
        here = [replace(lever, value=np.asarray(lever.value)[start : start + chunk]) for lever in levers]
        outcome = evaluate_all(observed, here)
        size = np.size(here[0].value)
        for name, function in read.items():
            single = np.asarray(function(observed.baseline), dtype=float)
            found = np.asarray(function(outcome.scenario), dtype=float)
            parts[name].append(np.broadcast_to(found, (size, *single.shape)))
    return {name: np.concatenate(found) for name, found in parts.items()}


def _varied(
    observed: Observed, settings: Settings, columns: Mapping[str, Floats], measure: Measure, config: Config
) -> Floats:
    """A measure over variants: the levers of `columns` take those values, the others stay at their likely one."""
    count = len(next(iter(columns.values())))
    values = {name: np.full(count, setting.likely) for name, setting in settings.items()} | dict(columns)
    levers = [spec.lever(values[spec.id]) for spec in observed.levers if spec.id in values]
    return batch(observed, levers, {"": measure.read}, config.scenarios.chunk)[""]


# What matters ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Swing:
    """What one lever does to a measure from its low to its high end, the others at their likely value.

    `kind` is `range` for a stated range, `step` where there is none and the ends are the baseline and the
    lever's value, `assumption` for a link of the chain within its range.
    """

    spec: LeverSpec
    kind: str
    low: float
    high: float
    at_low: float
    at_high: float

    @property
    def size(self) -> float:
        """How far the measure swings."""
        return abs(self.at_high - self.at_low)


def assumptions(observed: Observed, settings: Settings) -> dict[str, Setting]:
    """The links of the chain that the scenario leaves alone, each with its range."""
    inputs = observed.inputs["chain"]
    found: dict[str, Setting] = {}
    for spec in observed.levers:
        if spec.target.topic == "chain" and spec.target.field == "strength" and spec.id not in settings:
            at = inputs.strength.axes[0].keys.index(spec.target.keys[0])
            if inputs.low[at] < inputs.high[at]:
                found[spec.id] = Setting(spec.current, float(inputs.low[at]), float(inputs.high[at]))
    return found


def tornado(observed: Observed, settings: Settings, measure: Measure, config: Config) -> tuple[Swing, ...]:
    """Each lever from low to high with the others at their likely value, the widest swing first."""
    assumed = assumptions(observed, settings)
    all_settings = {**settings, **assumed}
    specs = [spec for spec in observed.levers if spec.id in all_settings]
    ends: list[tuple[LeverSpec, str, float, float]] = []
    for spec in specs:
        setting = all_settings[spec.id]
        if setting.is_range:
            ends.append((spec, "assumption" if spec.id in assumed else "range", *setting.span))
        else:
            ends.append((spec, "step", min(spec.neutral, setting.likely), max(spec.neutral, setting.likely)))
    if not ends:
        return ()
    columns = {spec.id: np.full(2 * len(ends), all_settings[spec.id].likely) for spec in specs}
    for n, (spec, _, low, high) in enumerate(ends):
        columns[spec.id][2 * n : 2 * n + 2] = low, high
    results = _varied(observed, settings, columns, measure, config).reshape(-1, 2)
    swings = [Swing(*end, float(a), float(b)) for end, (a, b) in zip(ends, results, strict=True)]
    return tuple(sorted((s for s in swings if s.size > 1e-12), key=lambda s: -s.size))


@dataclass(frozen=True)
class Contributions:
    """How much of the difference to the baseline each lever makes; the parts add up to `total`."""

    specs: tuple[LeverSpec, ...]
    parts: Floats
    total: float
    exact: bool


def contributions(observed: Observed, settings: Settings, measure: Measure, config: Config) -> Contributions:
    """The difference to the baseline, shared out over the levers.

    Up to `exact_levers` levers by Shapley's value, which no order can change: the mean of what a lever adds
    over all sets S of the others, weighted |S|! (n - |S| - 1)! / n!. With more, one after the other in the
    order of the scenario bar, and `exact` is False. Source: Shapley 1953.
    """
    specs = tuple(spec for spec in observed.levers if spec.id in settings)
    n = len(specs)
    start = float(measure.read(observed.baseline))
    if n == 0:
        return Contributions((), np.zeros(0), 0.0, True)
    exact = n <= config.scenarios.exact_levers
    every_set = (np.arange(2**n)[:, None] >> np.arange(n)) & 1 if exact else None
    inside = every_set if every_set is not None else np.tri(n + 1, n, -1, dtype=int)
    columns = {
        spec.id: np.where(inside[:, i] == 1, settings[spec.id].likely, spec.neutral) for i, spec in enumerate(specs)
    }
    found = _varied(observed, settings, columns, measure, config)
    if not exact:
        return Contributions(specs, np.diff(found), float(found[-1] - start), False)
    size = inside.sum(axis=1)
    weight = np.array([1 / (n * comb(n - 1, k)) if k < n else 0.0 for k in range(n + 1)])
    parts = np.zeros(n)
    for i in range(n):
        without = np.flatnonzero(inside[:, i] == 0)
        parts[i] = (weight[size[without]] * (found[without + (1 << i)] - found[without])).sum()
    return Contributions(specs, parts, float(found[-1] - start), True)


# Two levers crossed ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Grid:
    """A measure over two levers: `values` has a row for each `y`, a column for each `x`."""

    x_spec: LeverSpec
    y_spec: LeverSpec
    x: Floats
    y: Floats
    values: Floats
    break_even: float


def grid(
    observed: Observed, settings: Settings, x_spec: LeverSpec, y_spec: LeverSpec, measure: Measure, config: Config
) -> Grid:
    """A measure over the whole span of two levers, the others as the scenario has them.

    The break-even line is where the measure equals `Measure.break_even`, or the baseline's value.
    """
    steps = config.scenarios.grid_steps
    x, y = (
        np.array([0.0, 1.0]) if spec.unit == "flag" else np.linspace(spec.low, spec.high, steps)
        for spec in (x_spec, y_spec)
    )
    across, down = np.meshgrid(x, y)
    found = _varied(observed, settings, {x_spec.id: across.ravel(), y_spec.id: down.ravel()}, measure, config)
    even = measure.break_even if measure.break_even is not None else float(measure.read(observed.baseline))
    return Grid(x_spec, y_spec, x, y, found.reshape(across.shape), even)


def outcomes(observed: Observed, scenarios: Mapping[str, Settings]) -> dict[str, Outcome]:
    """Each scenario evaluated at its likely values."""
    return {name: evaluate_all(observed, levers_of(settings, observed.levers)) for name, settings in scenarios.items()}
