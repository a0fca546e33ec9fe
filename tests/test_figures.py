"""Figures by their traces: bars that add up, baselines that stay visible, titles with numbers, valid specs."""

from __future__ import annotations

import re

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures import chain as chain_figures
from core.figures import churn as churn_figures
from core.figures import markets as market_figures
from core.figures import scenarios as lab_figures
from core.figures import stages as stage_figures
from core.figures import value as value_figures
from core.figures.theme import DARK, LIGHT, safe, ticks, width
from core.listings import view_places, view_rows
from core.models import churn, draws, evaluate_all, markets, stages, value
from core.models import scenarios as lab
from core.narrative import lever_label
from core.scenario import Lever, Setting, Target
from core.text import Text

LEVERS = [
    Lever(Target("value", "probability", ("episode:Late delivery",)), "multiply", 0.3),
    Lever(Target("churn", "retention_spend", ("price",)), "set", 40_000.0),
    Lever(Target("markets", "trust", ("market:internal",)), "add", 1.0),
    Lever(Target("stages", "dimension", ("information", "*")), "add", 0.5),
]


@pytest.fixture(scope="module")
def outcome(observed):
    return evaluate_all(observed, LEVERS)


def every_figure(observed, outcome, sample, config, text, look):
    """One of each figure, with and without a scenario."""
    for out, changed in ((evaluate_all(observed), False), (outcome, True)):
        base, now, inputs = out.baseline, out.scenario, out.inputs
        people, accounts, worth, exits = (inputs[t] for t in ("markets", "stages", "value", "churn"))
        layout = markets.layout(observed.inputs["markets"], base.markets, config)
        radii = tuple(
            markets.radius(s, config) for s in (people.previous_strength, base.markets.strength, now.markets.strength)
        )
        brokers, links = markets.brokers(sample)
        for compact in (False, True):
            yield market_figures.map_figure(
                people,
                base.markets,
                now.markets,
                layout,
                radii,
                text,
                look,
                changed=changed,
                links=links,
                brokers=brokers,
                compact=compact,
            )
            yield stage_figures.pyramid_figure(base.stages, now.stages, text, look, changed=changed, compact=compact)
            yield value_figures.breakdown_figure(
                worth, base.value, now.value, 0, text, look, changed=changed, compact=compact
            )
            yield churn_figures.waterfall_figure(
                exits, base.churn, now.churn, text, look, changed=changed, compact=compact
            )
        yield market_figures.radar_figure(people, base.markets, now.markets, text, look, changed=changed)
        words = [
            text.term("salience", markets.SALIENCE[s])
            for s in markets.salience(people.power, people.legitimate, people.urgent)
        ]
        yield market_figures.power_interest_figure(
            people, now.markets, markets.quadrant(people, config), words, text, look
        )
        yield market_figures.priority_figure(people, base.markets, now.markets, text, look, changed=changed)
        yield market_figures.owner_figure(people, markets.ownership(people), 0.4, text, look)
        yield stage_figures.dimensions_figure(
            observed.inputs["stages"], base.stages, accounts, now.stages, 50, text, look, changed=changed
        )
        yield stage_figures.movement_figure(stages.movement(accounts, now.stages), text, look)
        yield stage_figures.projection_figure(stages.projection(accounts, now.stages, 3), text, look)
        yield stage_figures.perception_figure(accounts, 15, text, look)
        yield stage_figures.churn_by_stage_figure(stages.validity(observed.inputs["stages"], config), text, look)
        yield value_figures.offers_figure(worth, base.value, now.value, 0, text, look, changed=changed)
        yield value_figures.sensitivity_figure(worth, value.sensitivity(worth, now.value), 0, text, look)
        yield value_figures.value_map_figure(value.value_map(sample, config), 1.0, text, look)
        yield churn_figures.reasons_figure(exits, base.churn, now.churn, text, look, changed=changed)
        found = churn.retention(exits, now.churn)
        yield churn_figures.response_figure(
            found, exits.response_scale.values, exits.retention_spend.values, 2, text, look
        )
        yield chain_figures.chain_figure(inputs["chain"], out.flows, text, look, available=out.chain_nodes)
        for measure in churn_figures.MEASURES:
            yield churn_figures.waterfall_figure(
                exits, base.churn, now.churn, text, look, measure=measure, changed=changed
            )
    was, now = outcome.baseline.value, outcome.scenario.value
    yield value_figures.decomposition_figure(
        value.decompose(observed.inputs["value"], was, outcome.inputs["value"], now, 0), text, look
    )
    yield churn_figures.credit_figure(outcome.scenario.churn, text, look)


def every_lab_figure(observed, config, text, look):
    """One of each figure of the scenario lab, on three scenarios with ranges."""
    pulled = {
        spec.id: Setting(0.7, 0.5, 0.9) if spec.operation == "multiply" else Setting(0.3)
        for spec in observed.levers
        if (spec.target.topic, spec.target.field) in (("churn", "lost"), ("stages", "dimension"))
    }
    plans = {"One <b>": pulled, "Two": dict(list(pulled.items())[:3]), "三": dict(list(pulled.items())[-2:])}
    outcomes = lab.outcomes(observed, plans)
    for view, rows, unit, better, baseline, read in view_rows(observed, text):
        columns = {name: read(outcomes[name].scenario) for name in plans}
        yield lab_figures.multiples_figure(view, rows, baseline, columns, unit, better, text, look)
    measures = lab.measures_of(observed)
    futures = {name: draws.futures(observed, plan, measures, config, draws=400) for name, plan in plans.items()}
    for measure in measures:
        swings = lab.tornado(observed, pulled, measure, config)
        if swings:
            names = [lever_label(swing.spec, text) for swing in swings]
            ends = [("low", "high")] * len(swings)
            likely = float(measure.read(outcomes["One <b>"].scenario))
            yield lab_figures.tornado_figure(swings, names, ends, measure, likely, text, look)
        shares = lab.contributions(observed, plans["Two"], measure, config)
        if shares.total:
            names = [lever_label(spec, text) for spec in shares.specs]
            yield lab_figures.contribution_figure(shares, names, measure, text, look)
        mark = float(measure.read(observed.baseline))
        yield lab_figures.futures_figure(futures, measure, mark, 0.9, text, look)
    for view, rows, unit, _, baseline, _ in view_rows(observed, text):
        ranged = futures["One <b>"].views[view][..., view_places(observed, view)]
        yield lab_figures.fan_figure(view, rows, baseline, ranged, unit, 0.9, text, look)
    x, y = (next(s for s in observed.levers if s.target.topic == topic) for topic in ("churn", "value"))
    found = lab.grid(observed, {}, x, y, measures[0], config)
    words = tuple([str(v) for v in axis] for axis in (found.x, found.y))
    yield lab_figures.grid_figure(found, ("X", "Y"), words, (1.0, 1.0), measures[0], text, look)


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_every_figure_of_the_lab_is_valid_and_told_in_words(observed, config, text, look):
    count = 0
    for drawn in every_lab_figure(observed, config, text, look):
        count += 1
        spec = drawn.to_plotly_json()
        go.Figure({"data": spec["data"], "layout": {k: v for k, v in spec["layout"].items() if k != "template"}})
        meta = spec["layout"]["meta"]
        assert meta["title"] and meta["alt"] and "{" not in meta["title"]
        assert "<b>" not in meta["title"] and "nan" not in str(spec["data"]).lower().replace("nanum", "")
    assert count > 20


def test_the_parts_of_a_contribution_end_at_the_total(observed, config):
    pulled = {spec.id: Setting(0.8) for spec in observed.levers if spec.target.field == "lost"}
    measure = lab.BY_NAME["revenue_lost"]
    shares = lab.contributions(observed, pulled, measure, config)
    drawn = lab_figures.contribution_figure(
        shares, [s.target.keys[1] for s in shares.specs], measure, Text("en"), LIGHT
    )
    bar = drawn.data[0]
    ends = [base + x for base, x in zip(bar.base, bar.x, strict=True)]
    assert ends[1] == pytest.approx(ends[0]) == pytest.approx(shares.total)


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_every_figure_is_valid_and_says_its_finding(observed, outcome, sample, config, text, look):
    count = 0
    for figure in every_figure(observed, outcome, sample, config, text, look):
        spec = figure.to_dict()
        go.Figure(spec)  # validates
        meta = spec["layout"]["meta"]
        assert meta["title"] and meta["alt"] and "nan" not in meta["title"] + meta["subtitle"], meta
        assert "{" not in meta["title"] + meta["subtitle"]
        written = [
            w
            for trace in spec["data"]
            for w in ([trace.get("text")] if isinstance(trace.get("text"), str) else trace.get("text") or [])
        ]
        assert not [w for w in written if re.search(r"\bnan\b|None", str(w))]
        count += 1
    assert count > 40


def test_most_titles_carry_a_number(observed, outcome, sample, config):
    titles = [f.layout.meta["title"] for f in every_figure(observed, outcome, sample, config, Text("en", "CNY"), LIGHT)]
    assert sum(bool(re.search(r"\d", title)) for title in titles) > 0.85 * len(titles)


@pytest.mark.parametrize("measure", churn_figures.MEASURES)
def test_waterfall_bars_add_up_to_the_cent(observed, measure):
    result, inputs = observed.baseline.churn, observed.inputs["churn"]
    figure = churn_figures.waterfall_figure(inputs, result, result, Text("en"), LIGHT, measure=measure)
    bars = {trace["name"]: trace for trace in figure.to_dict()["data"] if trace["type"] == "bar"}
    opening = bars["opening"]["y"][0] + bars["opening"]["base"][0]
    closing = bars["closing"]["y"][0] + bars["closing"]["base"][0]
    assert opening + sum(bars["lost"]["y"]) == pytest.approx(closing, abs=0.005)
    tops, steps = bars["lost"]["base"], bars["lost"]["y"]
    for n in range(1, len(tops)):
        assert tops[n] == pytest.approx(tops[n - 1] + steps[n - 1], abs=0.005)
    loss, _, _ = churn_figures.amounts(inputs, result, measure)
    assert -sum(steps) == pytest.approx(np.nansum(loss), abs=0.005)


def test_the_scenario_is_hatched_over_a_solid_baseline(outcome):
    base, now = outcome.baseline.churn, outcome.scenario.churn
    figure = churn_figures.waterfall_figure(
        outcome.inputs["churn"], base, now, Text("en"), LIGHT, changed=True
    ).to_dict()
    bars = {trace["name"]: trace for trace in figure["data"] if trace["type"] == "bar"}
    assert "pattern" not in bars["lost"]["marker"] and bars["saved"]["marker"]["pattern"]["shape"] == "/"
    assert sum(bars["saved"]["y"]) == pytest.approx(base.revenue_lost.sum() - now.revenue_lost.sum())
    assert -sum(bars["lost"]["y"]) == pytest.approx(base.revenue_lost.sum())


def test_the_pyramid_keeps_the_baselines_outline(outcome):
    figure = stage_figures.pyramid_figure(
        outcome.baseline.stages, outcome.scenario.stages, Text("en"), LIGHT, changed=True
    ).to_dict()
    names = [trace.get("name") for trace in figure["data"]]
    assert "baseline" in names and names.count("basic") == 1
    assert next(t for t in figure["data"] if t.get("name") == "baseline")["line"]["dash"] == "dot"


def test_the_map_moves_radius_only(observed, outcome, config):
    base, now, people = outcome.baseline.markets, outcome.scenario.markets, outcome.inputs["markets"]
    layout = markets.layout(observed.inputs["markets"], base, config)
    radii = tuple(markets.radius(s, config) for s in (people.previous_strength, base.strength, now.strength))
    figure = market_figures.map_figure(people, base, now, layout, radii, Text("en"), LIGHT, changed=True).to_dict()
    trace = next(t for t in figure["data"] if t.get("name") == "stakeholders")
    assert np.arctan2(trace["y"], trace["x"]) == pytest.approx(
        np.arctan2(np.sin(layout.angle), np.cos(layout.angle)), abs=2e-3
    )
    assert trace["customdata"] == list(people.names)
    inside = [
        i
        for i, k in enumerate(people.kinds)
        if config.markets.group_of("six")[k] == "internal" and not np.isnan(now.strength[i])
    ]
    assert (np.hypot(trace["x"], trace["y"])[inside] <= radii[1][inside] + 1e-3).all()


def test_the_breakdown_ends_at_the_net_value(observed):
    result = observed.baseline.value
    figure = value_figures.breakdown_figure(observed.inputs["value"], result, result, 0, Text("en"), LIGHT).to_dict()
    bar = next(t for t in figure["data"] if t["type"] == "bar")
    assert sum(bar["y"][:4]) == pytest.approx(bar["y"][4]) and bar["y"][4] == pytest.approx(result.net[0])


def test_chinese_axes_are_in_wan_and_yi():
    assert ticks(0, 5e7, Text("zh-Hans", "CNY"), "money")["ticktext"][-1] == "¥5000万"
    assert (
        "亿" in ticks(0, 5e8, Text("zh-Hans"), "money")["ticktext"][-1]
        and "M" in ticks(0, 5e7, Text("en"), "money")["ticktext"][-1]
    )


def test_user_text_never_becomes_markup():
    assert safe("<b>x</b><script>") == "&lt;b&gt;x&lt;/b&gt;&lt;script&gt;"
    assert width(safe("很长的利益相关者名称一二三四五", 12)) <= 12 and safe("short", 12) == "short"


def test_figures_set_their_own_template(observed):
    result = observed.baseline.stages
    spec = stage_figures.pyramid_figure(result, result, Text("en"), LIGHT).to_dict()
    assert "#00000" not in str(spec["layout"].get("template", {}))
