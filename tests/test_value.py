"""Perceived value: ratio, net value, exact decomposition, headroom, the value map."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import portfolio
from hypothesis import given
from hypothesis import strategies as st

from core.models import evaluate_all, observe_all, value
from core.scenario import Lever, Target

MONEY = st.floats(1, 1000)


def rows(core=1000, service=50, price=800, cost=80, offer="ours", **more):
    kinds = (("core", core), ("service", service), ("price", price), ("relationship_cost", cost))
    return [
        {"segment": "s", "offer": offer, "component": kind, "kind": kind, "amount": amount, **more}
        for kind, amount in kinds
    ]


def result_of(config, table):
    observed = observe_all(portfolio(value=table), config)
    return observed, observed.baseline.value


def test_ratio_and_net_value(config):
    _, result = result_of(config, rows())
    assert result.ratio[0] == pytest.approx(1050 / 880) and result.net[0] == pytest.approx(170)


def test_probability_and_erosion(config):
    table = rows(service=0)
    table.append(
        {
            "segment": "s",
            "offer": "ours",
            "component": "late",
            "kind": "service",
            "amount": -100,
            "probability": 0.2,
            "core_erosion": 0.5,
            "episode": "late",
        }
    )
    table.append(
        {
            "segment": "s",
            "offer": "ours",
            "component": "worry",
            "kind": "relationship_cost",
            "amount": 50,
            "probability": 0.2,
            "core_erosion": 0.1,
            "episode": "late",
        }
    )
    _, result = result_of(config, table)
    assert result.core[0] == pytest.approx(1000 * (1 - 0.1) * (1 - 0.02))
    assert result.services[0] == pytest.approx(-20) and result.relationship_costs[0] == pytest.approx(90)


def test_a_certain_total_failure_eats_the_whole_core_and_no_more(config):
    table = rows()
    table[1] |= {"amount": -500, "probability": 1.0, "core_erosion": 1.0}
    _, result = result_of(config, table)
    assert result.core[0] == 0 and np.isnan(result.ratio[0])


def test_a_ratio_needs_both_sides_above_0_and_names_the_rows(config):
    observed, result = result_of(config, rows() + rows(price=0, cost=0, offer="rival"))
    assert value.faulty_groups(observed.inputs["value"], result) == (("s", "rival"),)


@given(MONEY, MONEY, MONEY, MONEY, st.floats(0.1, 20))
def test_scaling_the_currency_leaves_the_ratio(config, core, service, price, cost, scale):
    _, a = result_of(config, rows(core, service, price, cost))
    _, b = result_of(config, rows(core * scale, service * scale, price * scale, cost * scale))
    assert a.ratio[0] == pytest.approx(b.ratio[0]) and b.net[0] == pytest.approx(a.net[0] * scale, abs=1e-6)


def test_one_lever_moves_every_row_of_an_episode(observed):
    outcome = evaluate_all(
        observed, [Lever(Target("value", "probability", ("episode:Late delivery",)), "multiply", 0.5)]
    )
    inputs = outcome.inputs["value"]
    ours = [
        r
        for r in range(len(inputs.episodes))
        if inputs.episodes[r] == "Late delivery" and inputs.offers[inputs.offer[inputs.group[r]]] == "ours"
    ]
    before, after = observed.inputs["value"].probability.values[ours], inputs.probability.values[ours]
    assert len(ours) == 6 and after == pytest.approx(before / 2)
    assert outcome.scenario.value.our_ratio > outcome.baseline.value.our_ratio


@given(st.lists(st.floats(0.5, 1.5), min_size=6, max_size=6), st.floats(0, 2))
def test_the_decomposition_adds_up_exactly(observed, factors, chance):
    groups = [g for g in observed.inputs["value"].amount.axes[0].groups if g.startswith("component:")][:6]
    levers = [Lever(Target("value", "amount", (g,)), "multiply", f) for g, f in zip(groups, factors, strict=False)]
    levers.append(Lever(Target("value", "probability", ("episode:Late delivery",)), "multiply", chance))
    outcome = evaluate_all(observed, levers)
    was, now = outcome.baseline.value, outcome.scenario.value
    for group in observed.inputs["value"].ours:
        found = value.decompose(observed.inputs["value"], was, outcome.inputs["value"], now, int(group))
        assert found.net.sum() == pytest.approx(now.net[group] - was.net[group], abs=1e-9)
        assert found.log_ratio.sum() == pytest.approx(np.log(now.ratio[group] / was.ratio[group]), abs=1e-9)


def test_sensitivity_equals_a_small_step(observed, config):
    inputs, base = observed.inputs["value"], observed.baseline.value
    found = value.sensitivity(inputs, base)
    for row in range(12):
        amounts = inputs.amount.values.copy()
        amounts[row] += 1e-3
        from dataclasses import replace

        moved = value.evaluate(replace(inputs, amount=inputs.amount.with_values(amounts)))
        step = (moved.ratio - base.ratio)[inputs.group[row]] / 1e-3
        assert found.ratio[row] == pytest.approx(step, rel=1e-4)


def test_headroom_draws_level(config):
    observed, result = result_of(config, rows() + rows(core=990, price=780, cost=60, offer="rival"))
    head = value.headroom(observed.inputs["value"], result)[0]
    _, level = result_of(config, rows(price=head.by_ratio) + rows(core=990, price=780, cost=60, offer="rival"))
    assert level.ratio[0] == pytest.approx(level.ratio[1])
    _, level = result_of(config, rows(price=head.by_net) + rows(core=990, price=780, cost=60, offer="rival"))
    assert level.net[0] == pytest.approx(level.net[1])


def test_ratio_and_net_value_can_disagree(config):
    observed, result = result_of(config, rows(1000, 0, 800, 0) + rows(500, 0, 380, 0, offer="small"))
    assert result.ratio[0] < result.ratio[1] and result.net[0] > result.net[1]
    assert value.headroom(observed.inputs["value"], result)[0].disagree


def test_quality_ratio_of_the_published_case():
    weights, ours, rivals = np.array([60.0, 20, 10, 10]), np.array([9.0, 6, 9, 7]), np.array([7.0, 6, 8, 7])
    assert 100 * value.quality_ratio(weights, ours, rivals) == pytest.approx(118.39, abs=0.005)


def test_the_value_map_reads_ratings_and_prices(sample, config):
    found = value.value_map(sample, config)
    us = found.offers.index("ours")
    assert found.quality[us] > 0.9 and found.price[us] == pytest.approx(800 / 780) and len(found.ellipse) == 60
    again = value.value_map(sample, config)
    assert np.array_equal(found.ellipse, again.ellipse)


def test_over_several_periods_price_counts_once(sample, config, observed):
    inputs = value.over_periods(observed.inputs["value"], 0.08)
    result, single = value.evaluate(inputs), observed.baseline.value
    assert result.price == pytest.approx(single.price)
    assert result.relationship_costs == pytest.approx(single.relationship_costs * (1 + 1 / 1.08 + 1 / 1.08**2))


def test_annuity():
    assert value.annuity(np.array([1.0, 3.0]), 0.0).tolist() == [1, 3]
    assert value.annuity(np.array([2.0]), 0.1)[0] == pytest.approx(1 + 1 / 1.1)
