"""Every figure and table of the program by name: what a page, a slide, the deck and the report all ask for.

An exhibit is built from one situation (data, scenario, language, look) and the choices of its view, so that
no medium can show another number than the screen.
"""

from __future__ import annotations

import html
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core import listings
from core.config import Config
from core.figures import chain as chain_figures
from core.figures import churn as churn_figures
from core.figures import markets as markets_figures
from core.figures import scenarios as scenario_figures
from core.figures import stages as stages_figures
from core.figures import value as value_figures
from core.figures.theme import LIGHT, Look
from core.models import Observed, Outcome, churn, draws, evaluate_all, markets, stages, value
from core.models import scenarios as lab
from core.models.markets import Layout, MarketsInputs, MarketsResult
from core.narrative import end_words, headlines, lever_label
from core.portfolio import Portfolio
from core.scenario import Setting, levers_of
from core.tables import OUR_OFFER, REASONS, STAGES
from core.text import Text

Options = Mapping[str, str]
NOW = "now"  # among the scenarios to compare, the levers in force where they are no saved one
_FUTURES_KEPT = 40


class Known:
    """What figures need of the data that no lever changes: worked out once, when first asked for."""

    def __init__(self, portfolio: Portfolio, observed: Observed, config: Config) -> None:
        self._portfolio, self._observed, self._config = portfolio, observed, config
        self._placed: dict[str, tuple[MarketsResult, Layout]] = {}

    @cached_property
    def validity(self) -> stages.Validity | None:
        """Whether the stages predict exits on this data."""
        inputs = self._observed.inputs["stages"]
        return stages.validity(inputs, self._config) if inputs is not None else None

    @cached_property
    def investment(self) -> stages.Investment | None:
        """Share of customer, concentration and repeat rate."""
        return stages.investment(self._portfolio)

    @cached_property
    def value_map(self) -> value.ValueMap | None:
        """The customer value map with its bootstrap."""
        return value.value_map(self._portfolio, self._config)

    @cached_property
    def brokers(self) -> Any:
        """Betweenness of the stakeholders, and the links."""
        return markets.brokers(self._portfolio) if "links" in self._portfolio else ({}, [])

    def placed(self, taxonomy: str) -> tuple[MarketsResult, Layout]:
        """The baseline in a taxonomy and the map's geometry."""
        if taxonomy not in self._placed:
            inputs = markets.regrouped(self._observed.inputs["markets"], self._config, taxonomy)
            result = markets.evaluate(inputs)
            self._placed[taxonomy] = result, markets.layout(inputs, result, self._config)
        return self._placed[taxonomy]


_futures_held: OrderedDict[str, draws.Futures] = OrderedDict()
_futures_lock = threading.Lock()


def futures_of(at: Situation, settings: Mapping[str, Setting], varying: bool = True) -> draws.Futures:
    """Draws of a scenario with the situation's seed and correlations, the last ones kept for all sessions.

    Raises:
        CorrelationError: the stated correlations contradict each other.
    """
    key = repr((at.observed.digest, sorted(settings.items()), at.seed, sorted(at.pairs.items()), varying))
    with _futures_lock:
        if key in _futures_held:
            _futures_held.move_to_end(key)
            return _futures_held[key]
    measures = lab.measures_of(at.observed)
    found = draws.futures(at.observed, settings, measures, at.config, at.seed, at.pairs, varying)
    with _futures_lock:
        _futures_held[key] = found
        while len(_futures_held) > _FUTURES_KEPT:
            _futures_held.popitem(last=False)
    return found


@dataclass(frozen=True)
class Situation:
    """What an exhibit is built from.

    `settings` are the levers in force by id, `scenario` the name they go by, `others` the scenarios that
    a comparison may name: id -> (name, settings). `pairs` are the correlations stated between levers, `seed`
    that of the draws; `workspace` is its name.
    """

    portfolio: Portfolio
    observed: Observed
    outcome: Outcome
    known: Known
    config: Config
    text: Text
    look: Look = LIGHT
    settings: Mapping[str, Setting] = field(default_factory=dict)
    scenario: str = ""
    others: Mapping[str, tuple[str, Mapping[str, Setting]]] = field(default_factory=dict)
    pairs: Mapping[tuple[str, str], float] = field(default_factory=dict)
    seed: int = 0
    workspace: str = ""

    @property
    def company(self) -> str:
        """Whose relationships these are: the company, else the workspace, else that it has no name."""
        return self.portfolio.settings.company or self.workspace or self.text("frame.unnamed")

    @property
    def values(self) -> dict[str, float]:
        """The likely value of each lever in force."""
        return {name: setting.likely for name, setting in self.settings.items()}


@dataclass(frozen=True)
class Exhibit:
    """One figure or table, or both, with the finding as its title."""

    name: str
    title: str
    subtitle: str = ""
    figure: go.Figure | None = None
    table: pd.DataFrame | None = None

    @property
    def topic(self) -> str:
        """The page it stands on."""
        return self.name.partition(".")[0]


_TABLE_TITLES = {
    "markets.list": "markets.views.list",
    "markets.contacts": "markets.contacts.title",
    "markets.load": "markets.contacts.load_title",
    "markets.flags": "markets.flags.title",
    "stages.accounts": "stages.list.title",
    "value.headroom": "value.headroom.title",
    "churn.loss": "churn.loss.title",
    "churn.retention": "churn.retention.title",
    "chain.flows": "chain.flow.title",
    "scenarios.headlines": "overview.title",
    "scenarios.results": "scenarios.compare.results",
    "scenarios.inputs": "scenarios.compare.inputs",
    "scenarios.intervals": "scenarios.futures.table",
    "scenarios.versus": "scenarios.futures.versus",
}
_Built: TypeAlias = go.Figure | pd.DataFrame | tuple[go.Figure, pd.DataFrame] | None
_BUILDERS: dict[str, tuple[str, Callable[[Situation, Options], _Built]]] = {}


def _exhibit(name: str, topic: str = "") -> Callable[[Callable[[Situation, Options], _Built]], Any]:
    """Register what builds an exhibit, and the topic whose data it needs."""

    def register(build_: Callable[[Situation, Options], _Built]) -> Callable[[Situation, Options], _Built]:
        _BUILDERS[name] = topic, build_
        return build_

    return register


def exhibit(name: str, at: Situation, options: Options | None = None) -> Exhibit | None:
    """An exhibit, None where the data cannot speak of it.

    Args:
        options: the choices of its view by name; what is absent or no longer there stands at its default.

    Raises:
        KeyError: an unknown name.
    """
    topic, build_ = _BUILDERS[name]
    if topic and at.outcome.inputs[topic] is None:
        return None
    built = build_(at, options or {})
    if built is None:
        return None
    figure, table = built if isinstance(built, tuple) else (built, None)
    if isinstance(figure, pd.DataFrame):
        figure, table = None, figure
    if figure is None and (table is None or not len(table)):
        return None
    meta = figure.layout.meta if figure is not None else {"title": at.text(_TABLE_TITLES[name]), "subtitle": ""}
    return Exhibit(name, html.unescape(meta["title"]), html.unescape(meta["subtitle"]), figure, table)


def exhibit_names() -> tuple[str, ...]:
    """The names of all exhibits, topic by topic."""
    return tuple(_BUILDERS)


def held_options(name: str, options: Options, at: Situation) -> dict[str, str]:
    """The choices of a view that the data at hand still have; the view falls back where one is gone."""
    topic, value_ = name.partition(".")[0], at.outcome.inputs["value"]
    exits, people = at.outcome.inputs["churn"], at.outcome.inputs["markets"]
    measures: dict[str, Callable[[], list[str]]] = {
        "churn": lambda: churn_measures(at),
        "stages": lambda: stages_measures(at),
        "scenarios": lambda: [m.name for m in lab.measures_of(at.observed)],
    }
    allowed: dict[str, Callable[[str], bool]] = {
        "taxonomy": lambda held: held in at.config.markets.taxonomies,
        "measure": lambda held: held in measures.get(topic, list)(),
        "segment": lambda held: value_ is not None and held in value_.segments,
        "offer": lambda held: value_ is not None and held in value_.offers,
        "reason": lambda held: exits is not None and held in REASONS,
        "chosen": lambda held: held in REASONS or (people is not None and held in people.names),
        "scenarios": lambda held: all(key in at.others for key in held.split()),
        "of": lambda held: held in {name_ for name_, _ in at.others.values()},
        "x": lambda held: any(spec.id == held for spec in at.observed.levers),
        "y": lambda held: any(spec.id == held for spec in at.observed.levers),
    }
    with_topic = _BUILDERS[name][0]
    if with_topic and at.outcome.inputs[with_topic] is None:
        return {}
    return {key: held for key, held in options.items() if not held or allowed.get(key, lambda _: True)(held)}


def option_words(name: str, options: Options, at: Situation) -> str:
    """The choices of a view in words, for the line that says what a slide shows."""
    text, topic, words = at.text, name.partition(".")[0], []
    measures = {"churn": "churn.measures", "stages": "stages.measures", "scenarios": "headline"}
    for key, held in options.items():
        if key == "taxonomy" and held != "six":
            words.append(text.term("taxonomy", held))
        elif key == "measure" and topic in measures and held:
            words.append(text(f"{measures[topic]}.{held}"))
        elif key == "offer" and held:
            words.append(html.unescape(value_figures.offer_name(text, held)))
        elif key == "chosen" and held:
            words.append(text.term("reason", held) if topic == "churn" else held)
        elif key == "reason" and held:
            words.append(text.term("reason", held))
        elif key in ("segment", "of") and held:
            words.append(held)
        elif key == "view" and held:
            words.append(text(f"{held}.nav"))
        elif key == "multi" and held:
            words.append(text("value.multi"))
        elif key == "lifetime" and held:
            words.append(text("churn.retention.lifetime"))
    return " · ".join(words)


# Six markets ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Regrouped:
    """The stakeholders in the groups of one taxonomy."""

    taxonomy: str
    inputs: MarketsInputs
    baseline: MarketsResult
    result: MarketsResult
    layout: Layout


def regrouped(at: Situation, taxonomy: str) -> Regrouped:
    """The scenario's stakeholders in a taxonomy; an unknown one counts as the six markets."""
    taxonomy = taxonomy if taxonomy in at.config.markets.taxonomies else "six"
    base, layout = at.known.placed(taxonomy)
    inputs = at.outcome.inputs["markets"]
    if taxonomy == "six":
        return Regrouped(taxonomy, inputs, base, at.outcome.scenario.markets, layout)
    inputs = markets.regrouped(inputs, at.config, taxonomy)
    return Regrouped(taxonomy, inputs, base, markets.evaluate(inputs), layout)


def _people(at: Situation, options: Options) -> Regrouped:
    return regrouped(at, options.get("taxonomy", "six"))


@_exhibit("markets.map", "markets")
def _map(at: Situation, options: Options) -> _Built:
    g = _people(at, options)
    radii = [markets.radius(s, at.config) for s in (g.inputs.previous_strength, g.baseline.strength, g.result.strength)]
    brokers, links = at.known.brokers if options.get("links") else ({}, [])
    return markets_figures.map_figure(
        g.inputs,
        g.baseline,
        g.result,
        g.layout,
        (radii[0], radii[1], radii[2]),
        at.text,
        at.look,
        taxonomy=g.taxonomy,
        changed=at.outcome.changed,
        stage_of=_stage_words(at),
        links=links,
        brokers=brokers,
        chosen=options.get("chosen", ""),
        compact=bool(options.get("compact")),
    )


def _stage_words(at: Situation) -> dict[str, str]:
    """Stage of each stakeholder that is an assessed customer."""
    accounts, people = at.outcome.inputs["stages"], at.outcome.inputs["markets"]
    found = at.outcome.scenario.stages
    if accounts is None or found is None:
        return {}
    return {
        people.names[s]: at.text.term("stage", STAGES[int(found.stage[a])])
        for a, s in at.observed.inputs["chain"].account_stakeholder
        if found.stage[a] >= 0 and not accounts.exited[a]
    }


@_exhibit("markets.priority", "markets")
def _priority(at: Situation, options: Options) -> _Built:
    g = _people(at, options)
    return markets_figures.priority_figure(g.inputs, g.baseline, g.result, at.text, at.look, changed=at.outcome.changed)


@_exhibit("markets.radar", "markets")
def _radar(at: Situation, options: Options) -> _Built:
    g = _people(at, options)
    return markets_figures.radar_figure(
        g.inputs, g.baseline, g.result, at.text, at.look, taxonomy=g.taxonomy, changed=at.outcome.changed
    )


@_exhibit("markets.power", "markets")
def _power(at: Situation, options: Options) -> _Built:
    g, cut = _people(at, options), at.config.markets.quadrant_cut
    kinds = markets.salience(g.inputs.power, g.inputs.legitimate, g.inputs.urgent, cut)
    words = [at.text.term("salience", markets.SALIENCE[s]) if s >= 0 else "" for s in kinds]
    place = markets.quadrant(g.inputs, at.config)
    return markets_figures.power_interest_figure(g.inputs, g.result, place, words, at.text, at.look, cut=cut)


@_exhibit("markets.owners", "markets")
def _owners(at: Situation, options: Options) -> _Built:
    g = _people(at, options)
    figure = markets_figures.owner_figure(
        g.inputs,
        markets.ownership(g.inputs),
        at.config.markets.owner_share_limit,
        at.text,
        at.look,
        taxonomy=g.taxonomy,
    )
    return figure, listings.market_rows(g.inputs, g.result, at.text, g.taxonomy)


@_exhibit("markets.list", "markets")
def _stakeholders(at: Situation, options: Options) -> _Built:
    g = _people(at, options)
    return listings.stakeholder_rows(g.inputs, g.result, at.config, at.text, g.taxonomy)


@_exhibit("markets.contacts", "markets")
def _contacts(at: Situation, options: Options) -> _Built:
    return listings.contact_rows(at.portfolio, at.text)


@_exhibit("markets.load", "markets")
def _load(at: Situation, options: Options) -> _Built:
    return listings.load_rows(at.portfolio, at.text)


@_exhibit("markets.flags", "markets")
def _flags(at: Situation, options: Options) -> _Built:
    g = _people(at, options)
    return listings.flag_rows(g.inputs, at.portfolio, at.config, at.text, g.taxonomy)


# Relationship stages ----------------------------------------------------------------------------


@_exhibit("stages.pyramid", "stages")
def _pyramid(at: Situation, options: Options) -> _Built:
    base, now = at.outcome.baseline.stages, at.outcome.scenario.stages
    found, measure = at.known.validity, options.get("measure", "accounts")
    return stages_figures.pyramid_figure(
        base,
        now,
        at.text,
        at.look,
        measure=measure if measure in stages_measures(at) else "accounts",
        changed=at.outcome.changed,
        churn=found.churn_rate if found and not options.get("compact") else None,
        compact=bool(options.get("compact")),
    )


def stages_measures(at: Situation) -> list[str]:
    """What the pyramid can count with the data at hand."""
    base = at.outcome.baseline.stages
    return ["accounts", *(m for m in ("revenue", "profit") if getattr(base, m).sum() > 0)]


@_exhibit("stages.dimensions", "stages")
def _dimensions(at: Situation, options: Options) -> _Built:
    return stages_figures.dimensions_figure(
        at.observed.inputs["stages"],
        at.outcome.baseline.stages,
        at.outcome.inputs["stages"],
        at.outcome.scenario.stages,
        at.config.stages.gate,
        at.text,
        at.look,
        changed=at.outcome.changed,
    )


@_exhibit("stages.accounts", "stages")
def _accounts(at: Situation, options: Options) -> _Built:
    return listings.stage_accounts(at.outcome, at.text)


@_exhibit("stages.movement", "stages")
def _movement(at: Situation, options: Options) -> _Built:
    inputs = at.observed.inputs["stages"]
    if not inputs.has_movement:
        return None
    moved = stages.movement(inputs, at.outcome.baseline.stages)
    return stages_figures.movement_figure(moved, at.text, at.look), listings.movement_rows(moved, at.text)


@_exhibit("stages.projection", "stages")
def _projection(at: Situation, options: Options) -> _Built:
    inputs = at.observed.inputs["stages"]
    if not inputs.has_movement:
        return None
    rounds, now = at.config.stages.projection_rounds, at.outcome.scenario.stages.accounts
    states = stages.projection(inputs, at.outcome.baseline.stages, rounds, now)
    return stages_figures.projection_figure(states, at.text, at.look)


@_exhibit("stages.perception", "stages")
def _perception(at: Situation, options: Options) -> _Built:
    return stages_figures.perception_figure(
        at.outcome.inputs["stages"], at.config.stages.perception_gap, at.text, at.look
    )


@_exhibit("stages.validity", "stages")
def _validity(at: Situation, options: Options) -> _Built:
    found = at.known.validity
    return stages_figures.churn_by_stage_figure(found, at.text, at.look) if found else None


# Perceived value --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Worth:
    """The value model under the choices of its page: baseline and scenario, one segment, one offer."""

    before: value.ValueInputs
    inputs: value.ValueInputs
    baseline: value.ValueResult
    result: value.ValueResult
    segment: int
    group: int


def worth(at: Situation, options: Options) -> Worth:
    """The value model for a segment, an offer and one or several periods; what is not there is the first."""
    before, inputs = at.observed.inputs["value"], at.outcome.inputs["value"]
    base, now = at.outcome.baseline.value, at.outcome.scenario.value
    if options.get("multi"):
        rate = at.portfolio.settings.discount_rate or 0.0
        before, inputs = value.over_periods(before, rate), value.over_periods(inputs, rate)
        base, now = value.evaluate(before), value.evaluate(inputs)
    wanted = options.get("segment")
    ours = int(inputs.segment[inputs.ours[0]]) if len(inputs.ours) else 0
    segment = inputs.segments.index(wanted) if wanted in inputs.segments else ours
    groups = value.groups_of(inputs, segment)
    offers = [inputs.offers[inputs.offer[g]] for g in groups]
    wanted = options.get("offer", OUR_OFFER)
    offer = wanted if wanted in offers else OUR_OFFER if OUR_OFFER in offers else offers[0]
    return Worth(before, inputs, base, now, segment, groups[offers.index(offer)])


@_exhibit("value.breakdown", "value")
def _breakdown(at: Situation, options: Options) -> _Built:
    w = worth(at, options)
    return value_figures.breakdown_figure(
        w.inputs,
        w.baseline,
        w.result,
        w.group,
        at.text,
        at.look,
        changed=at.outcome.changed,
        compact=bool(options.get("compact")),
    )


@_exhibit("value.offers", "value")
def _offers(at: Situation, options: Options) -> _Built:
    w = worth(at, options)
    return value_figures.offers_figure(
        w.inputs, w.baseline, w.result, w.segment, at.text, at.look, changed=at.outcome.changed
    )


@_exhibit("value.sensitivity", "value")
def _sensitivity(at: Situation, options: Options) -> _Built:
    w = worth(at, options)
    found = value.sensitivity(w.inputs, w.result)
    return value_figures.sensitivity_figure(w.inputs, found, w.group, at.text, at.look)


@_exhibit("value.headroom", "value")
def _headroom(at: Situation, options: Options) -> _Built:
    w = worth(at, options)
    return listings.headroom_rows(w.inputs, w.result, at.text)


@_exhibit("value.decomposition", "value")
def _decomposition(at: Situation, options: Options) -> _Built:
    if not at.outcome.changed:
        return None
    w = worth(at, options)
    parted = value.decompose(w.before, w.baseline, w.inputs, w.result, w.group)
    if not parted.net.any() and not parted.log_ratio.any():
        return None  # levers of other topics
    return value_figures.decomposition_figure(parted, at.text, at.look), listings.decomposition_rows(parted, at.text)


@_exhibit("value.map", "value")
def _value_map(at: Situation, options: Options) -> _Built:
    found = at.known.value_map
    return (
        value_figures.value_map_figure(found, at.config.value.price_quality_slope, at.text, at.look) if found else None
    )


# Exits ------------------------------------------------------------------------------------------


def churn_measures(at: Situation) -> list[str]:
    """What the waterfall can count with the data at hand."""
    inputs = at.outcome.inputs["churn"]
    has = {"revenue": inputs.has_revenue, "profit": inputs.has_profit, "lifetime": inputs.has_profit}
    return [m for m in churn_figures.MEASURES if has.get(m, True)]


@_exhibit("churn.waterfall", "churn")
def _waterfall(at: Situation, options: Options) -> _Built:
    inputs = at.outcome.inputs["churn"]
    if not inputs.has_exits:
        return None
    measure = options.get("measure", "")
    return churn_figures.waterfall_figure(
        inputs,
        at.outcome.baseline.churn,
        at.outcome.scenario.churn,
        at.text,
        at.look,
        measure=measure if measure in churn_measures(at) else "",
        changed=at.outcome.changed,
        compact=bool(options.get("compact")),
        chosen=options.get("chosen", ""),
    )


@_exhibit("churn.reasons", "churn")
def _reasons(at: Situation, options: Options) -> _Built:
    inputs = at.outcome.inputs["churn"]
    if not inputs.has_exits:
        return None
    return churn_figures.reasons_figure(
        inputs,
        at.outcome.baseline.churn,
        at.outcome.scenario.churn,
        at.text,
        at.look,
        changed=at.outcome.changed,
    )


@_exhibit("churn.loss", "churn")
def _loss(at: Situation, options: Options) -> _Built:
    return listings.loss_rows(at.outcome, at.text) if at.outcome.inputs["churn"].has_exits else None


@_exhibit("churn.credit", "churn")
def _credit(at: Situation, options: Options) -> _Built:
    now = at.outcome.scenario.churn
    if not at.outcome.changed or not abs(now.saved_customers.sum()) > 0:
        return None
    return churn_figures.credit_figure(now, at.text, at.look)


@_exhibit("churn.response", "churn")
def _response(at: Situation, options: Options) -> _Built:
    inputs = at.outcome.inputs["churn"]
    if not (inputs.has_profit and inputs.has_exits):
        return None
    found = churn.retention(inputs, at.outcome.scenario.churn, bool(options.get("lifetime")))
    worth_it = [REASONS[r] for r in found.most.argsort()[::-1] if found.most[r] > 0]
    if not worth_it:
        return None
    wanted = options.get("reason", "")
    reason = REASONS.index(wanted if wanted in worth_it else worth_it[0])
    scale, spent = inputs.response_scale.values, inputs.retention_spend.values
    return churn_figures.response_figure(found, scale, spent, reason, at.text, at.look)


@_exhibit("churn.retention", "churn")
def _retention(at: Situation, options: Options) -> _Built:
    inputs = at.outcome.inputs["churn"]
    if not (inputs.has_profit and inputs.has_exits):
        return None
    return listings.retention_rows(at.outcome, at.text, bool(options.get("lifetime")))


# The chain --------------------------------------------------------------------------------------


@_exhibit("chain.graph")
def _graph(at: Situation, options: Options) -> _Built:
    outcome = at.outcome
    return chain_figures.chain_figure(
        outcome.inputs["chain"], outcome.flows, at.text, at.look, available=outcome.chain_nodes
    )


@_exhibit("chain.flows")
def _flows(at: Situation, options: Options) -> _Built:
    return listings.flow_rows(at.outcome, at.text) if at.outcome.changed else None


# Scenarios --------------------------------------------------------------------------------------


@_exhibit("scenarios.headlines")
def _headlines(at: Situation, options: Options) -> _Built:
    found = headlines(at.outcome, at.text)
    more = () if len(found) > 2 else lab.measures_of(at.observed)
    return listings.headline_rows(found, at.outcome, at.text, more)


def _compared(at: Situation, options: Options) -> dict[str, tuple[str, Mapping[str, Setting]]]:
    """The scenarios a comparison names, those in force among them; all of the workspace where none is there."""
    wanted = options.get("scenarios", "").split()
    found = {key: at.others[key] for key in wanted if key in at.others}
    return found or dict(list(at.others.items())[: at.config.scenarios.compared])


@_exhibit("scenarios.results")
def _results(at: Situation, options: Options) -> _Built:
    compared = _compared(at, options)
    if not compared:
        return None
    outcomes = lab.outcomes(at.observed, {key: settings for key, (_, settings) in compared.items()})
    names = {key: name for key, (name, _) in compared.items()}
    return listings.result_rows(names, outcomes, lab.measures_of(at.observed), at.text)


@_exhibit("scenarios.inputs")
def _inputs(at: Situation, options: Options) -> _Built:
    compared = _compared(at, options)
    names = {key: name for key, (name, _) in compared.items()}
    return listings.input_rows(names, {key: s for key, (_, s) in compared.items()}, at.observed, at.text)


def _multiples(view: str) -> Callable[[Situation, Options], _Built]:
    def build_(at: Situation, options: Options) -> _Built:
        compared = _compared(at, options)
        row = next((row for row in listings.view_rows(at.observed, at.text) if row[0] == view), None)
        if not compared or row is None:
            return None
        outcomes = lab.outcomes(at.observed, {key: settings for key, (_, settings) in compared.items()})
        _, rows, unit, better, baseline, read = row
        names = listings.distinct({key: name for key, (name, _) in compared.items()})
        columns = {name: read(outcomes[key].scenario) for key, name in names.items()}
        if not rows or not np.isfinite(baseline).any():
            return None
        return scenario_figures.multiples_figure(view, rows, baseline, columns, unit, better, at.text, at.look)

    return build_


for _view in ("churn", "stages", "value", "markets"):
    _exhibit(f"scenarios.compare_{_view}", _view)(_multiples(_view))


def _measured(at: Situation, options: Options) -> lab.Measure | None:
    known = lab.measures_of(at.observed)
    wanted = options.get("measure", "")
    return next((m for m in known if m.name == wanted), known[0] if known else None)


@_exhibit("scenarios.contributions")
def _contributions(at: Situation, options: Options) -> _Built:
    measure = _measured(at, options)
    if measure is None or not at.settings:
        return None
    shares = lab.contributions(at.observed, at.settings, measure, at.config)
    if not abs(shares.total) > 1e-12:
        return None
    names = [lever_label(spec, at.text) for spec in shares.specs]
    return scenario_figures.contribution_figure(shares, names, measure, at.text, at.look)


@_exhibit("scenarios.tornado")
def _tornado(at: Situation, options: Options) -> _Built:
    measure = _measured(at, options)
    if measure is None or not at.settings:
        return None
    swings = lab.tornado(at.observed, at.settings, measure, at.config)[:12]
    if not swings:
        return None
    names = [lever_label(swing.spec, at.text) for swing in swings]
    ends = [(end_words(s.spec, s.low, at.text), end_words(s.spec, s.high, at.text)) for s in swings]
    at_likely = float(np.asarray(measure.read(at.outcome.scenario)))
    return scenario_figures.tornado_figure(swings, names, ends, measure, at_likely, at.text, at.look)


def _drawn(at: Situation, options: Options) -> dict[str, draws.Futures]:
    """Draws of each scenario compared, by name; nothing where the correlations contradict each other."""
    compared = _compared(at, options)
    names = listings.distinct({key: name for key, (name, _) in compared.items()})
    varying = not options.get("fixed")
    try:
        return {names[k]: futures_of(at, s, varying) for k, (_, s) in compared.items()}
    except draws.CorrelationError:
        return {}


@_exhibit("scenarios.futures")
def _futures(at: Situation, options: Options) -> _Built:
    found, measure = _drawn(at, options), _measured(at, options)
    if not found or measure is None:
        return None
    share = at.config.scenarios.interval
    even = measure.break_even
    mark = float(np.asarray(measure.read(at.observed.baseline))) if even is None else even
    return scenario_figures.futures_figure(found, measure, mark, share, at.text, at.look)


@_exhibit("scenarios.intervals")
def _intervals(at: Situation, options: Options) -> _Built:
    found, measures = _drawn(at, options), lab.measures_of(at.observed)
    return listings.interval_rows(found, measures, at.config.scenarios.interval, at.text) if found else None


@_exhibit("scenarios.versus")
def _versus(at: Situation, options: Options) -> _Built:
    found, measure = _drawn(at, options), _measured(at, options)
    return listings.versus_rows(found, measure, at.text) if len(found) > 1 and measure is not None else None


@_exhibit("scenarios.fan")
def _fan(at: Situation, options: Options) -> _Built:
    found = _drawn(at, options)
    if not found:
        return None
    one = found.get(options.get("of", ""), next(iter(found.values())))
    there = [row for row in listings.view_rows(at.observed, at.text) if row[0] in one.views]
    if not there:
        return None
    row = next((row for row in there if row[0] == options.get("view")), there[0])
    view, rows, unit, _, baseline, _ = row
    values = one.views[view][..., listings.view_places(at.observed, view)]
    share = at.config.scenarios.interval
    if not rows or not np.isfinite(values).all(axis=0).any():
        return None
    return scenario_figures.fan_figure(view, rows, baseline, values, unit, share, at.text, at.look)


@_exhibit("scenarios.grid")
def _grid(at: Situation, options: Options) -> _Built:
    measure = _measured(at, options)
    specs = {spec.id: spec for spec in at.observed.levers if spec.unit != "flag"}
    x, y = specs.get(options.get("x", "")), specs.get(options.get("y", ""))
    if measure is None or x is None or y is None or x.id == y.id:
        return None
    found = lab.grid(at.observed, at.settings, x, y, measure, at.config)
    words = tuple([end_words(spec, float(v), at.text) for v in v_] for spec, v_ in ((x, found.x), (y, found.y)))
    here = tuple(at.settings[s.id].likely if s.id in at.settings else s.neutral for s in (x, y))
    names = (lever_label(x, at.text), lever_label(y, at.text))
    figure = scenario_figures.grid_figure(
        found, names, (words[0], words[1]), (here[0], here[1]), measure, at.text, at.look
    )
    cells = [[at.text.unit(float(v), measure.unit) for v in row] for row in found.values]
    rows = [{names[1]: end, **dict(zip(words[0], row, strict=True))} for end, row in zip(words[1], cells, strict=True)]
    return figure, pd.DataFrame(rows[::-1])


def under(at: Situation, settings: Mapping[str, Setting], scenario: str) -> Situation:
    """The same data under other levers, which go by the name `scenario`."""
    outcome = evaluate_all(at.observed, levers_of(settings, at.observed.levers))
    return replace(at, outcome=outcome, settings=settings, scenario=scenario)
