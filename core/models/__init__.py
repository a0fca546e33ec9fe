"""Portfolio -> inputs -> results: one file a topic, and these two steps over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.config import Config
from core.models import chain, churn, markets, stages, value
from core.models.chain import Flow, Results
from core.portfolio import Portfolio
from core.scenario import Lever, LeverSpec, Note, apply

TOPICS = ("markets", "stages", "value", "churn")
_MODULES: dict[str, Any] = {"markets": markets, "stages": stages, "value": value, "churn": churn, "chain": chain}


@dataclass(frozen=True)
class Observed:
    """The inputs of every topic (None where its tables are absent), the levers, and the baseline."""

    inputs: dict[str, Any]
    baseline: Results
    levers: tuple[LeverSpec, ...]
    digest: str

    def __getattr__(self, topic: str) -> Any:
        if topic.startswith("_") or topic not in _MODULES:
            raise AttributeError(topic)
        return self.inputs[topic]


@dataclass(frozen=True)
class Outcome:
    """Baseline and scenario side by side, what flowed along the chain, and what `apply` refused."""

    inputs: dict[str, Any]
    baseline: Results
    scenario: Results
    flows: tuple[Flow, ...]
    notes: tuple[Note, ...]
    changed: bool

    @property
    def chain_nodes(self) -> tuple[str, ...]:
        """The nodes of the chain that the data can speak of."""
        there = {
            "markets": ("internal_strength", "customer_trust"),
            "value": ("price", "episodes", "value_ratio"),
            "stages": ("stage_score",),
            "churn": ("churn", "profit"),
        }
        return tuple(node for topic, nodes in there.items() if self.inputs[topic] is not None for node in nodes)


def observe_all(portfolio: Portfolio, config: Config) -> Observed:
    """Every topic's inputs; the only step whose cost grows with the rows."""
    inputs: dict[str, Any] = {name: _MODULES[name].observe(portfolio, config) for name in TOPICS}
    inputs["chain"] = chain.observe(inputs, config)
    specs = tuple(
        spec for name, module in _MODULES.items() if inputs[name] is not None for spec in module.levers(inputs[name])
    )
    return Observed(inputs, chain.baseline(inputs), specs, portfolio.digest)


def evaluate_all(observed: Observed, levers: Sequence[Lever] = ()) -> Outcome:
    """Results of the baseline and of the scenario; without levers the two are the same object.

    Raises:
        ValueError: from a lever whose keys do not fit its quantity's axes.
    """
    if not levers:
        return Outcome(observed.inputs, observed.baseline, observed.baseline, (), (), False)
    inputs, notes = apply(levers, observed.inputs)
    results, flows, final = chain.propagate(observed.inputs, observed.baseline, inputs)
    return Outcome(final, observed.baseline, results, flows, notes, True)
