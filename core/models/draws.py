"""Uncertainty: levers and assumptions drawn from their ranges, through the whole chain, the same draws for every scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from scipy import special

from core.config import Config
from core.models import Observed
from core.models.chain import Results
from core.models.scenarios import Measure, Settings, assumptions, batch
from core.quantity import Floats, Indices
from core.scenario import Lever, Setting, Shape

Correlations = Mapping[tuple[str, str], float]


@lru_cache(maxsize=256)
def _standard(shape: Shape, middle: float, count: int) -> Floats:
    """Quantiles of a shape between 0 and 1 with its mode at `middle`, at (i + 1/2)/count, rising."""
    u = (np.arange(count) + 0.5) / count
    if shape == "uniform":
        found = u
    elif shape == "triangular":
        with np.errstate(invalid="ignore", divide="ignore"):
            left, right = np.sqrt(u * middle), 1 - np.sqrt((1 - u) * (1 - middle))
        found = np.where(u < middle, left, right)
    else:
        found = special.betaincinv(1 + 4 * middle, 1 + 4 * (1 - middle), u)
    found.flags.writeable = False
    return found


def quantiles(setting: Setting, count: int) -> Floats:
    """`count` rising values of a range, one from the middle of each slice of equal probability.

    PERT: a beta between low and high with a = 1 + 4 (likely - low)/(high - low), b = 6 - a, so that its mean
    is (low + 4 likely + high)/6. Triangular and uniform by their own inverse distributions.
    Source: Malcolm et al. 1959 (PERT).
    """
    low, high = setting.span
    if not setting.is_range:
        return np.full(count, setting.likely)
    middle = round((setting.likely - low) / (high - low), 12)
    return low + (high - low) * _standard(setting.shape, middle, count)


@lru_cache(maxsize=256)
def _scores(seed: int, name: str, count: int) -> Floats:
    """Standard normal draws of one stream; its name alone decides them, whatever else is drawn."""
    word = int.from_bytes(blake2b(name.encode("utf-8"), digest_size=8).digest(), "big")
    stream = np.random.Generator(np.random.Philox(key=[seed, word]))
    found = special.ndtri(np.clip(stream.random(count), 1e-16, 1 - 1e-16))
    found.flags.writeable = False
    return np.asarray(found)


@lru_cache(maxsize=256)
def _ranks(seed: int, name: str, count: int) -> Indices:
    found = np.argsort(np.argsort(_scores(seed, name, count), kind="stable"), kind="stable")
    found.flags.writeable = False
    return found


class CorrelationError(ValueError):
    """Correlations that cannot all hold together."""


def streams(observed: Observed) -> dict[str, str]:
    """The stream of each lever: topic, field and place among their like, so that another name changes no draw."""
    counts: Counter[tuple[str, str]] = Counter()
    found = {}
    for spec in observed.levers:
        kind = (spec.target.topic, spec.target.field)
        found[spec.id] = f"{kind[0]}.{kind[1]}.{counts[kind]}"
        counts[kind] += 1
    return found


def sampled(
    settings: Settings,
    count: int,
    seed: int,
    correlations: Correlations | None = None,
    named: Mapping[str, str] | None = None,
) -> dict[str, Floats]:
    """Draws of each lever with a range, by Latin hypercube: every slice of its range is hit once.

    The order of a lever's draws comes from a stream of its own (Philox keyed by seed and stream; `named` gives
    each lever's, its id as a rule), so that two
    scenarios see the same future wherever they share a lever (common random numbers). Stated correlations
    are rank correlations of normal scores (Iman and Conover 1982).

    Raises:
        CorrelationError: the correlations contradict each other.
    """
    of = dict(named or {})
    ranged = {name: setting for name, setting in settings.items() if setting.is_range}
    stated = {pair: r for pair, r in (correlations or {}).items() if set(pair) <= set(ranged) and r}
    tied = sorted({name for pair in stated for name in pair})
    ranks = {name: _ranks(seed, of.get(name, name), count) for name in ranged if name not in tied}
    if tied:
        matrix = np.eye(len(tied))
        for (a, b), r in stated.items():
            i, j = tied.index(a), tied.index(b)
            matrix[i, j] = matrix[j, i] = r
        try:
            root = np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError as error:
            raise CorrelationError("the stated correlations contradict each other") from error
        mixed = root @ np.array([_scores(seed, of.get(name, name), count) for name in tied])
        for name, row in zip(tied, mixed, strict=True):
            ranks[name] = np.argsort(np.argsort(row, kind="stable"), kind="stable")
    return {name: quantiles(setting, count)[ranks[name]] for name, setting in ranged.items()}


@dataclass(frozen=True)
class Futures:
    """Draws of a scenario: `values` by measure, (draws,); `views` by view, (draws, ...); what was drawn."""

    values: dict[str, Floats]
    views: dict[str, Floats]
    drawn: dict[str, Floats]
    seed: int
    draws: int


def _views(observed: Observed) -> dict[str, Callable[[Results], Any]]:
    """What the four views show, to be read from each draw."""
    there = observed.inputs
    found: dict[str, Callable[[Results], Any]] = {}
    if there["markets"] is not None:
        found["markets"] = lambda r: r.markets.group_strength
    if there["stages"] is not None:
        found["stages"] = lambda r: r.stages.accounts
    if there["value"] is not None and len(there["value"].ours):
        ours = there["value"].ours
        found["value"] = lambda r: r.value.ratio[..., ours]
    if there["churn"] is not None and there["churn"].has_exits:
        money = there["churn"].has_revenue
        found["churn"] = (lambda r: r.churn.revenue_lost) if money else (lambda r: r.churn.customers_lost)
    return found


def futures(
    observed: Observed,
    settings: Settings,
    measures: Sequence[Measure],
    config: Config,
    seed: int | None = None,
    correlations: Correlations | None = None,
    with_assumptions: bool = True,
    draws: int | None = None,
) -> Futures:
    """What a scenario may bring, over `draws` draws of its ranges and of the chain's links within theirs.

    Args:
        with_assumptions: whether the links of the chain vary too; one that the scenario sets stays put.

    Raises:
        CorrelationError: the correlations contradict each other.
    """
    rule = config.scenarios
    seed, count = rule.seed if seed is None else seed, draws or rule.draws
    uncertain = {**settings, **(assumptions(observed, settings) if with_assumptions and settings else {})}
    drawn = sampled(uncertain, count, seed, correlations, streams(observed))
    levers: list[Lever] = [
        spec.lever(drawn[spec.id] if spec.id in drawn else np.full(count, uncertain[spec.id].likely))
        for spec in observed.levers
        if spec.id in uncertain
    ]
    read = {measure.name: measure.read for measure in measures}
    views = _views(observed)
    found = batch(observed, levers, {**read, **{f"view:{name}": f for name, f in views.items()}}, rule.chunk)
    if not levers:
        found = {name: np.broadcast_to(values, (count, *values.shape[1:])) for name, values in found.items()}
    return Futures(
        {name: found[name] for name in read}, {name: found[f"view:{name}"] for name in views}, drawn, seed, count
    )


def interval(values: Floats, share: float) -> tuple[Floats, Floats, Floats]:
    """Low end, median and high end of the middle `share` of the draws, along the first axis."""
    tail = (1 - share) / 2
    low, middle, high = np.quantile(values, [tail, 0.5, 1 - tail], axis=0)
    return low, middle, high


def chance(values: Floats, limit: float | Floats, better: int) -> float:
    """Share of the draws that are better than a limit, or than another scenario in the same draw.

    A tie counts half.
    """
    difference = (values - limit) * better
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())
