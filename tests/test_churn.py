"""Exit management: the textbook case, published values, and laws."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from conftest import portfolio
from hypothesis import given
from hypothesis import strategies as st

from core.models import churn, evaluate_all, observe_all
from core.portfolio import Settings
from core.scenario import Lever, Target
from core.tables import REASONS

YEAR = Settings(period_start=dt.date(2025, 1, 1), period_end=dt.date(2025, 12, 31))


def test_the_textbook_case_comes_out_exactly(textbook, config):
    result = observe_all(textbook, config).baseline.churn
    assert result.customers_lost.sum() == 300
    assert result.revenue_lost.sum() == 300_000
    assert result.profit_lost.sum() == pytest.approx(30_000, abs=1e-9)
    assert result.churn_rate == 0.05
    found = churn.retention(observe_all(textbook, config).inputs["churn"], result)
    assert found.threshold.sum() == pytest.approx(30_000)


def test_the_small_subscription_example(config):
    """20 customers, 600 a month, 3 lost, price + 2: logo churn 15 %, gross 90 = 15 %, net -9.33 %."""
    rows = [{"customer": f"c{n}", "revenue": 30, "revenue_end": 32} for n in range(20)]
    gone = [{"customer": f"c{n}", "reason_key": "price"} for n in range(3)]
    result = observe_all(portfolio(customers=rows, exits=gone), config).baseline.churn
    assert result.churn_rate == pytest.approx(0.15)
    assert result.revenue_lost.sum() == 90 and result.revenue_churn == pytest.approx(0.15)
    assert result.net_revenue_change == pytest.approx(-56 / 600)


def test_joiners_never_enter_the_rate(config):
    rows = [{"customer": f"c{n}", "revenue": 10, "joined": "2024-05-01"} for n in range(10)]
    rows += [{"customer": f"j{n}", "revenue": 10, "joined": "2025-05-01"} for n in range(5)]
    gone = [{"customer": "c0", "date": "2025-06-01"}, {"customer": "j0", "date": "2025-07-01"}]
    observed = observe_all(portfolio(YEAR, customers=rows, exits=gone), config)
    assert observed.baseline.churn.churn_rate == pytest.approx(0.1)
    inputs = observed.inputs["churn"]
    assert (inputs.joined, inputs.joined_and_lost, float(observed.baseline.churn.active)) == (5, 1, 10)


def test_exits_outside_the_period_do_not_count(config):
    rows = [{"customer": f"c{n}", "revenue": 10, "joined": "2020-01-01"} for n in range(10)]
    gone = [
        {"customer": "c0", "date": "2024-06-01"},
        {"customer": "c1", "date": "2025-06-01"},
        {"customer": "c2", "date": "2026-01-01"},
    ]
    observed = observe_all(portfolio(YEAR, customers=rows, exits=gone), config)
    result = observed.baseline.churn
    assert (float(result.active), result.customers_lost.sum(), observed.inputs["churn"].outside_period) == (9, 1, 2)


def test_someone_only_among_the_exits_was_active_too(config):
    rows = [{"customer": f"c{n}", "revenue": 100} for n in range(9)]
    observed = observe_all(portfolio(customers=rows, exits=[{"customer": "gone", "revenue": 50}]), config)
    result = observed.baseline.churn
    assert float(result.active) == 10 and result.churn_rate == pytest.approx(0.1)
    assert result.revenue_lost.sum() == 50 and observed.inputs["churn"].opening_revenue.sum() == 950


def test_exits_alone_have_a_loss_and_no_rate(config):
    result = observe_all(
        portfolio(exits=[{"customer": "a", "reason_key": "price", "revenue": 5}]), config
    ).baseline.churn
    assert result.customers_lost.sum() == 1 and result.revenue_lost.sum() == 5
    assert np.isnan(result.churn_rate) and np.isnan(result.active)


def test_unknown_margins_leave_profit_unknown_and_never_zero(config):
    observed = observe_all(
        portfolio(
            customers=[{"customer": "a", "revenue": 5}, {"customer": "b", "revenue": 5}], exits=[{"customer": "a"}]
        ),
        config,
    )
    assert np.isnan(observed.baseline.churn.profit_lost).all() and not observed.inputs["churn"].has_profit


def test_counted_exits(config):
    gone = [
        {"customer": "", "reason_key": "price", "count": 4, "revenue": 400},
        {"customer": "", "reason_key": "service", "count": 2},
    ]
    rows = [{"customer": f"c{n}", "revenue": 10} for n in range(94)]
    result = observe_all(portfolio(customers=rows, exits=gone), config).baseline.churn
    assert result.customers_lost[REASONS.index("price")] == 4 and float(result.active) == 94


def test_an_own_word_on_an_exit_beats_the_default_avoidability(config):
    gone = [{"customer": "a", "reason_key": "service", "avoidable": False}, {"customer": "b", "reason_key": "service"}]
    rows = [{"customer": c, "revenue": 10} for c in "abcd"]
    inputs = observe_all(portfolio(customers=rows, exits=gone), config).inputs["churn"]
    assert inputs.avoidable.values[REASONS.index("service")] == 0.5
    assert inputs.avoidable.values[REASONS.index("market")] == 0


def test_scaling_the_currency_leaves_ratios(sample, config):
    base = observe_all(sample, config).baseline.churn
    tables = dict(sample.tables)
    tables["customers"] = tables["customers"].assign(
        **{c: tables["customers"][c] * 7 for c in ("revenue", "revenue_end", "cost_to_serve")}
    )
    scaled = observe_all(type(sample)(tables, sample.settings, sample.sources), config).baseline.churn
    assert scaled.revenue_lost.sum() == pytest.approx(7 * base.revenue_lost.sum())
    assert scaled.revenue_churn == pytest.approx(base.revenue_churn) and scaled.churn_rate == base.churn_rate


def test_swapping_two_customers_moves_nothing(sample, config):
    shuffled = {
        n: f.sample(frac=1, random_state=5) if n in ("customers", "exits") else f for n, f in sample.tables.items()
    }
    again = observe_all(type(sample)(shuffled, sample.settings, sample.sources), config).baseline.churn
    base = observe_all(sample, config).baseline.churn
    assert again.customers_lost.tolist() == base.customers_lost.tolist()
    assert again.revenue_lost == pytest.approx(base.revenue_lost)


def spend(reason, amount):
    return Lever(Target("churn", "retention_spend", (reason,)), "set", amount)


def fewer(reason, factor):
    return Lever(Target("churn", "lost", ("*", reason)), "multiply", factor)


@given(st.floats(0, 2), st.floats(0, 400_000), st.floats(0.3, 2))
def test_a_customer_is_saved_once_and_credits_add_up(observed, factor, money, chance):
    levers = [fewer("service", factor), spend("service", money)]
    levers.append(Lever(Target("value", "probability", ("episode:Late delivery",)), "multiply", chance))
    outcome = evaluate_all(observed, levers)
    was, now = outcome.baseline.churn, outcome.scenario.churn
    assert now.saved_customers.sum(axis=0) == pytest.approx(was.customers_lost - now.customers_lost, abs=1e-6)
    assert (now.customers_lost >= -1e-9).all()


@given(st.floats(0, 1e6), st.floats(1, 1e5))
def test_more_spend_never_saves_less(observed, money, more):
    low = evaluate_all(observed, [spend("price", money)]).scenario.churn.saved_profit.sum()
    high = evaluate_all(observed, [spend("price", money + more)]).scenario.churn.saved_profit.sum()
    assert high >= low - 1e-6


def test_a_reason_that_nobody_can_avoid_cannot_be_bought_back(observed):
    outcome = evaluate_all(observed, [spend("market", 1e9)])
    assert outcome.scenario.churn.saved_customers.sum() == pytest.approx(0)


def test_break_even_and_best_spend_satisfy_their_equations(observed):
    inputs, result = observed.inputs["churn"], observed.baseline.churn
    found, k = churn.retention(inputs, result), inputs.response_scale.values
    pays = found.most > k
    assert pays.any()
    assert churn.saved_profit(found.break_even, found.most, k)[pays] == pytest.approx(found.break_even[pays])
    slope = found.most / k * np.exp(-found.best / k)
    assert slope[pays] == pytest.approx(1) and (found.best[~pays] == 0).all()
    assert (found.best[pays] < found.break_even[pays]).all()


def test_spend_that_never_pays_has_no_break_even():
    most, k = np.array([10.0]), np.array([10.0])
    split = churn.best_split(most, k, 100)
    assert split.spend.sum() == 0 and split.binding == "saturation"


def test_fit_response_goes_through_both_points():
    most, k = churn.fit_response(100, 400, 300, 700)
    assert churn.saved_profit(100, most, k) == pytest.approx(400) and churn.saved_profit(300, most, k) == pytest.approx(
        700
    )
    assert churn.scale_from_point(most, 100, 400) == pytest.approx(k)
    with pytest.raises(ValueError, match="flatten"):
        churn.fit_response(100, 100, 200, 300)
    with pytest.raises(ValueError, match="between 0 and M"):
        churn.scale_from_point(100, 50, 100)


def test_the_best_split_beats_every_other_split():
    most, k = np.array([100.0, 60.0, 20.0]), np.array([20.0, 30.0, 25.0])
    split = churn.best_split(most, k, 40)
    assert split.spend.sum() == pytest.approx(40) and split.binding == "budget" and split.spend[2] == 0
    random = np.random.default_rng(1)
    for shares in random.dirichlet(np.ones(3), 300):
        assert churn.saved_profit(40 * shares, most, k).sum() <= split.saved + 1e-9
    more = churn.best_split(most, k, 41)
    assert more.saved - split.saved == pytest.approx(split.price, rel=0.05)


def test_least_spend_reaches_its_target_or_says_that_none_can():
    most, k = np.array([100.0, 60.0]), np.array([20.0, 30.0])
    need = churn.least_spend(most, k, 80)
    assert need.feasible and need.saved == pytest.approx(80)
    assert churn.best_split(most, k, need.spend.sum()).saved == pytest.approx(80, rel=1e-4)
    never = churn.least_spend(most, k, 200)
    assert not never.feasible and never.saved == pytest.approx(0.95 * 160)


def test_waterfall_order_puts_avoidable_reasons_first(observed):
    order = churn.waterfall_order(observed.baseline.churn, observed.inputs["churn"])
    avoidable = [observed.inputs["churn"].avoidable.values[r] >= 0.5 for r in order]
    assert avoidable == sorted(avoidable, reverse=True) and len(order) == 7


def test_churn_definitions_differ_only_in_the_denominator(sample, config):
    other = config.model_copy(update={"churn": config.churn.model_copy(update={"definition": "start_plus_joined"})})
    a, b = observe_all(sample, config), observe_all(sample, other)
    lost, active, joined = (
        a.baseline.churn.customers_lost.sum(),
        float(a.baseline.churn.active),
        a.inputs["churn"].joined,
    )
    assert a.baseline.churn.churn_rate == pytest.approx(lost / active)
    assert b.baseline.churn.churn_rate == pytest.approx(lost / (active + joined))
