"""The chain: nothing flows without a lever; every link passes on what its formula says; draws equal a loop."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models import evaluate_all, observe_all
from core.models.chain import LINKS
from core.portfolio import Portfolio
from core.scenario import Lever, Target

LATE = Target("value", "probability", ("episode:Late delivery",))
STAFF = Target("markets", "trust", ("market:internal",))
PRICE = Target("value", "amount", ("component:Price",))


def off(link):
    return Lever(Target("chain", "on", (link,)), "set", 0.0)


def test_without_levers_every_view_equals_the_data(observed):
    outcome = evaluate_all(observed)
    assert outcome.scenario is outcome.baseline and outcome.flows == () and not outcome.changed


def test_editing_links_alone_moves_nothing(observed):
    levers = [Lever(Target("chain", "strength", (link,)), "set", 1.0) for link in LINKS]
    outcome = evaluate_all(observed, levers)
    for topic in ("markets", "stages", "value", "churn"):
        was, now = getattr(outcome.baseline, topic), getattr(outcome.scenario, topic)
        for item in fields(was):
            if item.name not in ("saved_customers",):
                assert np.allclose(getattr(was, item.name), getattr(now, item.name), equal_nan=True), item.name
    assert outcome.scenario.profit_effect == pytest.approx(0)


def test_one_lever_moves_all_four_views(observed):
    outcome = evaluate_all(observed, [Lever(LATE, "multiply", 0.2)])
    was, now = outcome.baseline, outcome.scenario
    assert now.value.our_ratio > was.value.our_ratio
    assert now.churn.churn_rate < was.churn.churn_rate
    assert now.stages.score[now.stages.score > 0].sum() > was.stages.score[was.stages.score > 0].sum()
    assert now.markets.gap_value < was.markets.gap_value
    assert now.profit_effect > 0


def test_each_switch_stops_its_link(observed):
    on = evaluate_all(observed, [Lever(LATE, "multiply", 0.2)]).scenario
    assert evaluate_all(
        observed, [Lever(LATE, "multiply", 0.2), off("value_score")]
    ).scenario.stages.score == pytest.approx(observed.baseline.stages.score, nan_ok=True)
    still = evaluate_all(observed, [Lever(LATE, "multiply", 0.2), off("value_churn"), off("value_score")]).scenario
    assert (
        still.churn.churn_rate == pytest.approx(observed.baseline.churn.churn_rate)
        and on.churn.churn_rate < still.churn.churn_rate
    )
    assert evaluate_all(
        observed, [Lever(LATE, "multiply", 0.2), off("score_trust")]
    ).scenario.markets.gap_value == pytest.approx(float(observed.baseline.markets.gap_value))
    assert evaluate_all(
        observed, [Lever(STAFF, "add", 2.0), off("staff_service")]
    ).scenario.value.our_ratio == pytest.approx(float(observed.baseline.value.our_ratio))


def test_satisfied_staff_make_fewer_failures(observed):
    outcome = evaluate_all(observed, [Lever(STAFF, "add", 2.0)])
    flow = next(f for f in outcome.flows if f.link == "staff_service")
    ratio = float(flow.cause_after / flow.cause_before)
    assert flow.effect == pytest.approx(ratio**-0.2) and ratio > 1
    assert outcome.scenario.value.our_ratio > outcome.baseline.value.our_ratio


def test_value_reaches_only_the_reasons_it_can_answer(observed):
    outcome = evaluate_all(observed, [Lever(LATE, "multiply", 0.2), off("value_score")])
    was, now = outcome.baseline.churn.customers_lost, outcome.scenario.churn.customers_lost
    fell = [
        reason
        for reason, a, b in zip(
            ("price", "product", "service", "technology", "political", "market", "unknown"), was, now, strict=True
        )
        if b < a - 1e-9
    ]
    assert fell == ["price", "product", "service"]


def test_a_lower_price_saves_customers_and_costs_revenue(observed):
    outcome = evaluate_all(observed, [Lever(PRICE, "multiply", 0.9)])
    assert outcome.scenario.churn.churn_rate < outcome.baseline.churn.churn_rate
    assert outcome.scenario.price_profit < 0
    free = evaluate_all(observed, [Lever(PRICE, "multiply", 0.9), off("price_revenue")])
    assert free.scenario.price_profit == 0 and free.scenario.profit_effect > outcome.scenario.profit_effect


def test_profit_effect_adds_up(observed):
    levers = [Lever(LATE, "multiply", 0.3), Lever(Target("churn", "retention_spend", ("price",)), "set", 40_000.0)]
    now = evaluate_all(observed, levers).scenario
    assert now.profit_effect == pytest.approx(
        np.nansum(now.churn.saved_profit) + now.stage_profit + now.price_profit - 40_000
    )


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 2), st.floats(-2, 2), st.floats(0, 2), st.floats(-1, 1))
def test_draws_equal_a_loop_over_single_draws(observed, chance, trust, exits, points):
    draws = np.array([1.0, 0.37, 1.0])
    targets = [
        (LATE, "multiply", chance),
        (STAFF, "add", trust),
        (Target("churn", "lost", ("*", "service")), "multiply", exits),
        (Target("stages", "dimension", ("information", "*")), "add", points),
        (PRICE, "multiply", 1 + points / 10),
    ]
    batch = evaluate_all(observed, [Lever(t, op, v * draws) for t, op, v in targets]).scenario
    for n, draw in enumerate(draws):
        single = evaluate_all(observed, [Lever(t, op, v * draw) for t, op, v in targets]).scenario
        assert batch.churn.customers_lost[n] == pytest.approx(single.churn.customers_lost, rel=1e-12)
        assert batch.value.our_ratio[n] == pytest.approx(float(single.value.our_ratio), rel=1e-12)
        assert batch.stages.score[n] == pytest.approx(single.stages.score, rel=1e-12, nan_ok=True)
        assert batch.markets.gap_value[n] == pytest.approx(float(single.markets.gap_value), rel=1e-12)
        assert batch.profit_effect[n] == pytest.approx(float(single.profit_effect), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("missing", ["stakeholders", "assessments", "value", "exits", "customers"])
def test_the_chain_works_with_any_topic_absent(sample, config, missing):
    tables = {name: frame for name, frame in sample.tables.items() if name != missing}
    observed = observe_all(Portfolio(tables, sample.settings, sample.sources), config)
    for spec in observed.levers:
        value = spec.high if spec.high != spec.neutral else spec.low
        outcome = evaluate_all(observed, [spec.lever(value)])
        assert np.isfinite(outcome.scenario.profit_effect), spec


def test_an_empty_portfolio_has_no_levers_and_no_results(config):
    observed = observe_all(Portfolio({}), config)
    assert [spec for spec in observed.levers if spec.target.topic != "chain"] == []
    assert observed.baseline.churn is None and evaluate_all(observed).scenario is observed.baseline


def test_every_lever_of_the_sample_can_be_pulled_to_both_ends(observed):
    for spec in observed.levers:
        for value in (spec.low, spec.high):
            outcome = evaluate_all(observed, [spec.lever(value)])
            assert {note.code for note in outcome.notes} <= {"clamped"}
            assert 0 <= outcome.scenario.churn.churn_rate <= 1.0 and np.isfinite(outcome.scenario.profit_effect)
