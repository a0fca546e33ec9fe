"""What figures of several pages are drawn from."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import narrative
from core.listings import view_places
from core.models import Observed, backwards, draws, markets, stages, value
from core.models import scenarios as lab
from core.models.markets import Layout, MarketsInputs, MarketsResult
from core.portfolio import Portfolio
from core.scenario import LeverSpec, Setting
from core.tables import STAGES
from core.text import Text
from ui import state

_BY_CONTENT: dict[str | type, Any] = {Portfolio: lambda p: p.digest}


@st.cache_resource(show_spinner=False, max_entries=60, hash_funcs=_BY_CONTENT)
def validity(portfolio: Portfolio) -> stages.Validity | None:
    """Whether the stages predict exits on this data."""
    return stages.validity(state.observed_of(portfolio).inputs["stages"], state.load_config())


@st.cache_resource(show_spinner=False, max_entries=60, hash_funcs=_BY_CONTENT)
def investment(portfolio: Portfolio) -> stages.Investment | None:
    """Share of customer, concentration and repeat rate."""
    return stages.investment(portfolio)


@st.cache_resource(show_spinner=False, max_entries=60, hash_funcs=_BY_CONTENT)
def value_map(portfolio: Portfolio) -> value.ValueMap | None:
    """The customer value map with its bootstrap."""
    return value.value_map(portfolio, state.load_config())


@st.cache_resource(show_spinner=False, max_entries=60, hash_funcs=_BY_CONTENT)
def brokers(portfolio: Portfolio) -> Any:
    """Betweenness of the stakeholders, and the links."""
    return markets.brokers(portfolio)


@st.cache_resource(show_spinner=False, max_entries=60, hash_funcs=_BY_CONTENT)
def attention(portfolio: Portfolio, language: str) -> tuple[narrative.Attention, ...]:
    """What stands out in the baseline, in words."""
    text = Text(language, portfolio.settings.currency)
    return narrative.attention(state.observed_of(portfolio), portfolio, state.load_config(), text)


@st.cache_resource(show_spinner=False, max_entries=60, hash_funcs=_BY_CONTENT)
def _placed(portfolio: Portfolio, taxonomy: str) -> tuple[MarketsInputs, MarketsResult, Layout]:
    """Baseline inputs of a taxonomy, their results and the map's geometry, which no lever changes."""
    config = state.load_config()
    inputs = markets.regrouped(state.observed_of(portfolio).inputs["markets"], config, taxonomy)
    result = markets.evaluate(inputs)
    return inputs, result, markets.layout(inputs, result, config)


def regrouped(
    session: state.Session, taxonomy: str = "six"
) -> tuple[MarketsInputs, MarketsResult, MarketsResult, Layout]:
    """Scenario inputs in a taxonomy, with baseline result, scenario result and layout."""
    _, base, layout = _placed(session.portfolio, taxonomy)
    inputs = session.outcome.inputs["markets"]
    if taxonomy == "six":
        return inputs, base, session.outcome.scenario.markets, layout
    inputs = markets.regrouped(inputs, session.config, taxonomy)
    return inputs, base, markets.evaluate(inputs), layout


def stakeholder_map(session: state.Session, taxonomy: str = "six") -> dict[str, Any]:
    """The arguments of the map's figure for the scenario at hand."""
    inputs, base, now, layout = regrouped(session, taxonomy)
    radii = tuple(markets.radius(s, session.config) for s in (inputs.previous_strength, base.strength, now.strength))
    return {
        "inputs": inputs,
        "baseline": base,
        "result": now,
        "layout": layout,
        "radius": radii,
        "text": session.text,
        "look": session.look,
        "taxonomy": taxonomy,
        "changed": session.outcome.changed,
        "stage_of": _stage_words(session),
    }


def _stage_words(session: state.Session) -> dict[str, str]:
    """Stage of each stakeholder that is an assessed customer."""
    accounts, people, found = (
        session.outcome.inputs["stages"],
        session.outcome.inputs["markets"],
        session.outcome.scenario.stages,
    )
    if accounts is None or found is None:
        return {}
    pairs = session.observed.inputs["chain"].account_stakeholder
    return {
        people.names[s]: session.text.term("stage", STAGES[int(found.stage[a])])
        for a, s in pairs
        if found.stage[a] >= 0 and not accounts.exited[a]
    }


# The scenario lab -------------------------------------------------------------------------------


@st.cache_resource(show_spinner=False, max_entries=40)
def _futures(
    _observed: Observed,
    _settings: dict[str, Setting],
    _pairs: draws.Correlations,
    seed: int,
    varying: bool,
    told_apart_by: tuple[str, ...],
) -> draws.Futures:
    config = state.load_config()
    return draws.futures(_observed, _settings, lab.measures_of(_observed), config, seed, _pairs, varying)


def futures(session: state.Session, settings: dict[str, Setting], seed: int, varying: bool = True) -> draws.Futures:
    """Draws of a scenario, kept while nothing in it changes.

    Raises:
        CorrelationError: the stated correlations contradict each other.
    """
    pairs = session.document.pairs()
    keys = (session.observed.digest, repr(sorted(settings.items())), repr(sorted(pairs.items())))
    return _futures(session.observed, settings, pairs, seed, varying, keys)


@st.cache_resource(show_spinner=False, max_entries=20, hash_funcs=_BY_CONTENT)
def _promotions(portfolio: Portfolio) -> backwards.Promotions:
    return backwards.promote(state.observed_of(portfolio), state.load_config(), 10**6, 1.0)


def promotions(session: state.Session, wanted: int, price: float) -> backwards.Promotions:
    """The cheapest accounts to promote at a price for a point; the search itself is kept."""
    return backwards.priced(_promotions(session.portfolio), wanted, price)


def end_words(spec: LeverSpec, value: float, text: Text) -> str:
    """What one value of a lever makes of its figure, in words."""
    return narrative.lever_range(spec, Setting(value), text).split(" – ")[0]


def swing_words(swing: lab.Swing, text: Text) -> tuple[str, str]:
    """The two ends of a lever's swing in words."""
    return end_words(swing.spec, swing.low, text), end_words(swing.spec, swing.high, text)


def fan_values(observed: Observed, view: str, found: draws.Futures) -> Any:
    """The draws of a view, for the rows that `view_rows` lists."""
    return found.views[view][..., view_places(observed, view)]


def ranges(session: state.Session) -> dict[str, str]:
    """Low to high of every measure where a lever of the scenario has a range; nothing where none has.

    Correlations that contradict each other are left out here; the lab says so.
    """
    if not any(setting.is_range for setting in session.settings.values()):
        return {}
    try:
        found = futures(session, session.settings, session.seed)
    except draws.CorrelationError:
        return {}
    text, share = session.text, session.config.scenarios.interval
    words = {}
    for measure in lab.measures_of(session.observed):
        low, _, high = (float(v) for v in draws.interval(found.values[measure.name], share))
        ends = (
            text.pair(low, high, 2)
            if measure.unit == "ratio"
            else tuple(text.unit(v, measure.unit) for v in (low, high))
        )
        if ends[0] != ends[1]:
            words[measure.name] = text("headline.range", share=text.percent(share, 0), low=ends[0], high=ends[1])
    return words
