"""The scenario lab: draws, contributions, swings, grids and questions asked backwards."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from conftest import portfolio
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models import backwards, churn, draws, evaluate_all, observe_all, scenarios
from core.scenario import Lever, Setting, Target, fitted, levers_of

MEASURES = scenarios.BY_NAME


def spec_of(observed, topic, field, n=0):
    return [s for s in observed.levers if (s.target.topic, s.target.field) == (topic, field)][n]


@pytest.fixture(scope="module")
def pulled(observed):
    """Five levers of four topics, four of them with a range."""
    return {
        spec_of(observed, "value", "probability").id: Setting(0.5, 0.3, 0.8),
        spec_of(observed, "churn", "lost").id: Setting(0.8, 0.6, 1.0, "triangular"),
        spec_of(observed, "churn", "retention_spend").id: Setting(20_000, 10_000, 40_000, "uniform"),
        spec_of(observed, "markets", "trust").id: Setting(1.0),
        spec_of(observed, "stages", "dimension").id: Setting(0.3, 0.0, 0.5),
    }


# Ranges and draws ------------------------------------------------------------------------------


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(0, 1e6), st.sampled_from(["pert", "triangular", "uniform"]))
def test_quantiles_rise_and_stay_within_their_range(low, to_likely, to_high, shape):
    setting = Setting(low + to_likely, low, low + to_likely + to_high, shape)
    found = draws.quantiles(setting, 200)
    slack = 1e-9 * (1 + abs(low) + to_likely + to_high)
    assert (np.diff(found) >= -slack).all()
    assert found[0] >= setting.low - slack and found[-1] <= setting.high + slack


@pytest.mark.parametrize(
    ("shape", "mean"), [("pert", (2 + 4 * 3 + 10) / 6), ("triangular", (2 + 3 + 10) / 3), ("uniform", 6.0)]
)
def test_the_mean_of_a_shape_is_its_published_one(shape, mean):
    assert draws.quantiles(Setting(3, 2, 10, shape), 10_000).mean() == pytest.approx(mean, rel=1e-4)


def test_a_batch_equals_a_loop_over_single_draws(observed, pulled, config):
    measures = scenarios.measures_of(observed)
    found = draws.futures(observed, pulled, measures, config, draws=1500)
    for n in (0, 1, 999, 1000, 1499):  # on both sides of a chunk
        levers = [
            spec.lever(float(found.drawn[spec.id][n]) if spec.id in found.drawn else pulled[spec.id].likely)
            for spec in observed.levers
            if spec.id in found.drawn or spec.id in pulled
        ]
        single = evaluate_all(observed, levers).scenario
        for measure in measures:
            assert found.values[measure.name][n] == pytest.approx(float(measure.read(single)), rel=1e-12, abs=1e-12)


def test_one_seed_gives_the_same_digits_and_another_seed_others(observed, pulled, config):
    measures = scenarios.measures_of(observed)
    first, again, other = (
        draws.futures(observed, pulled, measures, config, seed=s, draws=500).values["profit_effect"] for s in (1, 1, 2)
    )
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_the_stream_of_a_lever_is_fixed_by_seed_and_lever():
    """A published generator (Philox) at a known place: the digits may never change with a version."""
    found = draws.sampled({"0a1b2c3d": Setting(3, 2, 10, "uniform")}, 5, 20260101)["0a1b2c3d"]
    assert sorted(found.tolist()) == pytest.approx([2.8, 4.4, 6.0, 7.6, 9.2], rel=1e-12)
    assert found.tolist() == pytest.approx([4.4, 7.6, 6.0, 9.2, 2.8], rel=1e-12)


def test_scenarios_that_share_a_lever_share_its_draws(observed, pulled, config):
    name = spec_of(observed, "churn", "lost").id
    alone = draws.sampled({name: pulled[name]}, 300, 7)[name]
    together = draws.sampled(pulled, 300, 7)[name]
    assert np.array_equal(alone, together)


def test_a_better_scenario_beats_the_other_in_every_shared_future(observed, config):
    spec = spec_of(observed, "churn", "lost")
    measure = MEASURES["churn_rate"]
    a, b = (
        draws.futures(observed, {spec.id: Setting(m, m - 0.2, m + 0.2)}, [measure], config, draws=400)
        for m in (0.6, 0.7)
    )
    assert draws.chance(a.values["churn_rate"], b.values["churn_rate"], measure.better) == 1.0
    assert draws.chance(a.values["churn_rate"], a.values["churn_rate"], measure.better) == 0.5


def test_stated_correlations_are_found_in_the_draws():
    settings_ = {f"{n:08x}": Setting(0.5, 0, 1) for n in range(3)}
    found = draws.sampled(settings_, 10_000, 3, {("00000000", "00000001"): 0.7, ("00000001", "00000002"): -0.4})
    matrix = np.corrcoef([found[name] for name in settings_])
    assert matrix[0, 1] == pytest.approx(0.7, abs=0.03) and matrix[1, 2] == pytest.approx(-0.4, abs=0.03)
    assert matrix[0, 2] == pytest.approx(0, abs=0.03)


def test_contradicting_correlations_are_refused():
    pairs = {("00000000", "00000001"): 0.9, ("00000001", "00000002"): 0.9, ("00000000", "00000002"): -0.9}
    with pytest.raises(draws.CorrelationError):
        draws.sampled({f"{n:08x}": Setting(0.5, 0, 1) for n in range(3)}, 100, 3, pairs)


def test_nothing_varies_without_a_lever(observed, config):
    found = draws.futures(observed, {}, scenarios.measures_of(observed), config, draws=100)
    assert all(np.ptp(values) == 0 and len(values) == 100 for values in found.values.values())


def test_a_link_that_the_scenario_sets_does_not_vary(observed, config):
    spec = spec_of(observed, "chain", "strength")
    assert spec.id in scenarios.assumptions(observed, {})
    assert spec.id not in scenarios.assumptions(observed, {spec.id: Setting(spec.current)})


def test_another_name_of_a_segment_or_episode_changes_no_draw(observed, config):
    """The sample speaks three languages: the same seed gives the same futures in each."""
    from core.intake import read_portfolio

    other = observe_all(read_portfolio("data/sample.zh-Hant.xlsx"), config)
    measure = MEASURES["profit_effect"]
    found = [
        draws.futures(o, {o.levers[n].id: Setting(0.8, 0.6, 1.0) for n in places}, [measure], config, draws=300)
        for o in (observed, other)
        for places in ([n for n, s in enumerate(o.levers) if s.target.field in ("probability", "lost")],)
    ]
    assert found[0].values["profit_effect"] == pytest.approx(found[1].values["profit_effect"], rel=1e-9)


# What matters ----------------------------------------------------------------------------------


def test_every_lever_can_be_varied_in_a_batch(observed):
    measure = MEASURES["profit_effect"]
    for spec in observed.levers:
        points = np.array([spec.low, (spec.low + spec.high) / 2, spec.high])
        points = np.array([0.0, 1.0]) if spec.unit == "flag" else points
        found = scenarios.batch(observed, [spec.lever(points)], {"x": measure.read})["x"]
        single = [float(measure.read(evaluate_all(observed, [spec.lever(float(p))]).scenario)) for p in points]
        assert found == pytest.approx(single, rel=1e-12, abs=1e-6), spec.target


def test_contributions_add_up_and_equal_shapleys_average_over_all_orders(observed, pulled, config):
    from itertools import permutations

    measure = MEASURES["profit_effect"]
    found = scenarios.contributions(observed, pulled, measure, config)
    assert found.exact and found.parts.sum() == pytest.approx(found.total, rel=1e-12)
    names = [spec.id for spec in found.specs]
    worth = {}
    for chosen in product((False, True), repeat=len(names)):
        part = {n: pulled[n] for n, on in zip(names, chosen, strict=True) if on}
        outcome = evaluate_all(observed, levers_of(part, observed.levers))
        worth[frozenset(part)] = float(measure.read(outcome.scenario))
    mean = np.zeros(len(names))
    orders = list(permutations(range(len(names))))
    for order in orders:
        held: set[str] = set()
        for n in order:
            mean[n] += worth[frozenset(held | {names[n]})] - worth[frozenset(held)]
            held.add(names[n])
    assert found.parts == pytest.approx(mean / len(orders), rel=1e-9, abs=1e-6)


def test_with_many_levers_the_parts_are_ordered_and_still_add_up(observed, config):
    many = {spec.id: Setting(0.9) for spec in observed.levers if spec.operation == "multiply"}
    assert len(many) > config.scenarios.exact_levers
    found = scenarios.contributions(observed, many, MEASURES["churn_rate"], config)
    assert not found.exact and found.parts.sum() == pytest.approx(found.total, rel=1e-9)


def test_the_tornado_shows_each_lever_at_its_ends_with_the_others_at_likely(observed, pulled, config):
    measure = MEASURES["profit_effect"]
    swings = scenarios.tornado(observed, pulled, measure, config)
    assert [s.size for s in swings] == sorted((s.size for s in swings), reverse=True)
    assert {s.kind for s in swings} == {"range", "assumption"}  # trust alone moves no money
    swing = next(s for s in swings if s.spec.target.field == "lost")
    low = {**pulled, swing.spec.id: Setting(0.6)}
    assert swing.at_low == pytest.approx(
        float(measure.read(evaluate_all(observed, levers_of(low, observed.levers)).scenario)), rel=1e-12
    )


def test_a_grid_holds_what_the_two_levers_give(observed, config):
    x, y = spec_of(observed, "churn", "lost"), spec_of(observed, "value", "probability")
    found = scenarios.grid(observed, {}, x, y, MEASURES["churn_rate"], config)
    assert found.break_even == pytest.approx(float(observed.baseline.churn.churn_rate))
    for i, j in ((0, 0), (4, 4), (8, 2)):
        outcome = evaluate_all(observed, [x.lever(float(found.x[j])), y.lever(float(found.y[i]))])
        assert found.values[i, j] == pytest.approx(float(outcome.scenario.churn.churn_rate), rel=1e-12)


# Backwards -------------------------------------------------------------------------------------


def test_the_least_spend_reaches_its_target_and_no_other_split_does_so_cheaper(observed):
    measure = MEASURES["churn_rate"]
    plan = backwards.cheapest(observed, {}, measure, 0.11)
    assert plan.feasible and plan.binding == "target" and plan.reached == pytest.approx(0.11, rel=1e-9)
    specs = backwards._spends(observed)
    random = np.random.default_rng(5)
    for shares in random.dirichlet(np.ones(len(specs)), 200):
        levers = [
            spec.lever(float(min(plan.cost * share, spec.high)))
            for spec, share in zip(specs.values(), shares, strict=True)
        ]
        assert float(evaluate_all(observed, levers).scenario.churn.churn_rate) >= 0.11 - 1e-12


def test_the_plan_as_a_scenario_gives_what_it_says(observed, pulled):
    plan = backwards.cheapest(observed, pulled, MEASURES["saved_profit"], 400_000)
    again = evaluate_all(observed, levers_of(plan.settings, observed.levers)).scenario.churn
    assert float(np.nansum(again.saved_profit)) == pytest.approx(400_000, rel=1e-9)
    assert float(again.spend) == pytest.approx(plan.cost)


def test_an_impossible_target_says_so_with_the_nearest_possible(observed):
    measure = MEASURES["churn_rate"]
    plan = backwards.cheapest(observed, {}, measure, 0.01)
    assert not plan.feasible and plan.binding in ("caps", "savable") and plan.capped
    near = backwards.cheapest(observed, {}, measure, plan.reached)
    assert near.feasible


def test_a_measure_without_a_price_is_refused(observed):
    with pytest.raises(ValueError, match="churn_rate and saved_profit"):
        backwards.cheapest(observed, {}, MEASURES["our_ratio"], 2.0)


def test_the_best_use_of_a_budget_beats_random_plans(observed):
    measure = MEASURES["profit_effect"]
    plan = backwards.best_use(observed, {}, measure, 200_000)
    assert plan.exact and plan.binding == "budget" and plan.cost == pytest.approx(200_000)
    specs = list(backwards._spends(observed).values())
    for shares in np.random.default_rng(6).dirichlet(np.ones(len(specs)), 200):
        levers = [s.lever(float(min(200_000 * share, s.high))) for s, share in zip(specs, shares, strict=True)]
        assert float(evaluate_all(observed, levers).scenario.profit_effect) <= plan.reached + 1e-6


def _with_program(effect: float, cost: float):
    customers = [{"customer": f"c{n}", "revenue": 1000.0, "margin": 0.5} for n in range(200)]
    gone = [{"customer": f"c{n}", "reason_key": "service"} for n in range(40)]
    programs = [{"program": "Hotline", "reason": "service", "effect": effect, "fixed_cost": cost}]
    return portfolio(customers=customers, exits=gone, programs=programs)


@pytest.mark.parametrize(("cost", "taken"), [(1_000.0, ("Hotline",)), (19_000.0, ())])
def test_a_program_is_taken_where_it_pays_and_its_cost_counts(config, cost, taken):
    observed = observe_all(_with_program(0.5, cost), config)
    plan = backwards.best_use(observed, {}, MEASURES["profit_effect"], 20_000)
    assert plan.programs == taken
    spec = spec_of(observed, "churn", "program_on")
    on = evaluate_all(observed, [spec.lever(1.0)]).scenario.churn
    assert float(on.customers_lost.sum()) == pytest.approx(20) and float(on.spend) == pytest.approx(cost)
    assert on.saved_customers.sum(axis=-1)[churn.CREDITS.index("programs")] == pytest.approx(20)


def test_a_program_that_has_begun_is_in_the_data_already(observed, sample):
    offered = {s.target.keys[0] for s in observed.levers if s.target.field == "program_on"}
    started = sample.tables["programs"]["start"] <= "2025-12-31"
    assert offered and not offered & set(sample.tables["programs"]["program"][started])


def test_the_next_amount_goes_on_top_of_what_is_spent(observed):
    spec = spec_of(observed, "churn", "retention_spend")
    before = {spec.id: Setting(20_000)}
    plan = backwards.next_amount(observed, before, MEASURES["profit_effect"], 10_000)
    assert plan.cost == pytest.approx(30_000)
    assert plan.settings[spec.id].likely >= 20_000


@settings(max_examples=40, deadline=None)
@given(st.floats(0.08, 0.16))
def test_seeking_finds_the_smallest_move_that_reaches_the_target(observed, config, target):
    spec, measure = spec_of(observed, "churn", "lost"), MEASURES["churn_rate"]
    found = backwards.seek(observed, {}, spec, measure, target, config)
    reached = float(evaluate_all(observed, [spec.lever(found.value)]).scenario.churn.churn_rate)
    assert found.reached == pytest.approx(reached, rel=1e-9)
    if found.feasible:
        assert found.reached == pytest.approx(target, abs=1e-6)
    else:
        assert found.value in (spec.low, spec.high)


def test_a_target_that_holds_already_moves_nothing_and_costs_nothing(observed, config):
    spec, measure = spec_of(observed, "churn", "lost"), MEASURES["churn_rate"]
    now = float(observed.baseline.churn.churn_rate)
    assert backwards.seek(observed, {}, spec, measure, now, config).value == spec.neutral
    plan = backwards.cheapest(observed, {}, measure, 0.5)
    assert plan.feasible and plan.binding == "met" and plan.cost == 0


def test_a_lever_that_does_nothing_to_a_result_is_said_to(observed, config):
    found = backwards.seek(observed, {}, spec_of(observed, "markets", "trust"), MEASURES["spend"], 100.0, config)
    assert not found.feasible and not found.moves


def test_promoting_takes_the_cheapest_accounts(observed, config):
    found = backwards.promote(observed, config, 5, 1_000.0)
    assert found.feasible and len(found.chosen) == 5
    assert found.cost == pytest.approx(sum(w.points for w in found.chosen) * 1_000)
    every = backwards.promote(observed, config, 10_000, 1_000.0)
    assert not every.feasible and len(every.chosen) == every.possible
    assert max(w.points for w in found.chosen) <= min(w.points for w in every.chosen[5:])


# Settings and levers -----------------------------------------------------------------------------


def test_a_lever_takes_a_value_a_change_or_an_amount(observed):
    spec = spec_of(observed, "churn", "lost")
    assert spec.after(spec.value_for("set", 0.05)) == pytest.approx(0.05)
    assert spec.after(spec.value_for("add", -0.01)) == pytest.approx(spec.current - 0.01)
    assert spec.value_for("multiply", 0.7) == 0.7
    points = spec_of(observed, "markets", "trust")
    assert points.after(points.value_for("set", 8.0)) == pytest.approx(8.0)


def test_levers_that_no_longer_fit_the_data_are_named(observed):
    spec = spec_of(observed, "churn", "lost")
    gone = Lever(Target("value", "amount", ("component:Gone",)), "multiply", 1.1)
    far = Lever(spec.target, spec.operation, 9.0)
    kept, strangers = fitted([spec.lever(0.5), gone, far], observed.levers)
    assert kept == {spec.id: Setting(0.5)} and strangers == (gone, far)
