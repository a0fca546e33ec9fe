"""Relationship stages: scores, gates, raters, the exact next step, movement and validity."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from conftest import portfolio
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models import evaluate_all, observe_all, stages
from core.scenario import Lever, Target
from core.tables import ITEMS, STAGES, STATES


def answers(scores, **more):
    return {"account": "A", "rater_role": "marketer", **dict(zip(ITEMS, scores, strict=True)), **more}


def staged(config, *rows, **tables):
    observed = observe_all(portfolio(assessments=list(rows), **tables), config)
    return observed.inputs["stages"], observed.baseline.stages


def stage_of(config, scores):
    _, result = staged(config, answers(scores))
    return STAGES[result.stage[0]] if result.stage[0] >= 0 else None


def test_the_score_runs_from_0_to_100(config):
    for value, score in ((1, 0), (4, 100), (2.5, 50)):
        assert staged(config, answers([value] * 12))[1].score[0] == pytest.approx(score)


def test_ten_items_at_4_with_integration_at_1_is_interdependent(config):
    _inputs, result = staged(config, answers([4] * 10 + [1, 1]))
    assert STAGES[result.stage[0]] == "interdependent"
    assert stage_of(config, [4] * 12) == "integrated"


@pytest.mark.parametrize(
    ("low", "cap"),
    [(0, "basic"), (1, "basic"), (2, "basic"), (3, "cooperative"), (4, "cooperative"), (5, "interdependent")],
)
def test_each_gate_caps_the_stage_and_is_named(config, low, cap):
    scores = [4] * 12
    scores[2 * low] = scores[2 * low + 1] = 2
    _, result = staged(config, answers(scores))
    assert STAGES[result.stage[0]] == cap
    if STAGES.index(cap) < (result.score[0] >= np.array([25, 58, 92])).sum():
        assert result.held_by[0] == low


def test_bands_at_their_cuts(config):
    assert stage_of(config, [2] * 12) == "basic"  # score 33, held by the gates
    assert stage_of(config, [2.5] * 6 + [1] * 6) == "cooperative"  # exactly 25
    assert stage_of(config, [3] * 10 + [1, 1]) == "cooperative"  # 55.6
    assert stage_of(config, [3] * 10 + [2, 2]) == "interdependent"  # 61.1


def test_raters_of_an_item_are_averaged_first_by_weight(config):
    rows = [answers([2] * 12), answers([3] * 12, rater_role="customer")]
    inputs, _result = staged(config, *rows)
    assert inputs.items[0, 0] == pytest.approx((2 + 2 * 3) / 3)
    assert (inputs.own_score[0], inputs.customer_score[0]) == (pytest.approx(100 / 3), pytest.approx(200 / 3))


def test_missing_answers_give_a_range_and_never_a_silent_zero(config):
    inputs, result = staged(config, answers([3] * 6 + [None] * 6))
    assert result.score[0] == pytest.approx(200 / 3)
    assert inputs.lowest_stage[0] < inputs.highest_stage[0]
    inputs, result = staged(config, answers([3] * 5 + [None] * 7))
    assert result.stage[0] == -1 and np.isnan(result.score[0]) and result.accounts.sum() == 0


def test_rounds_are_told_apart_by_date(config):
    rows = [
        answers([2] * 12, date="2025-03-01"),
        answers([3] * 12, date="2025-11-01"),
        answers([4] * 12, date="2025-11-20", rater_role="sales_manager"),
    ]
    inputs, _result = staged(config, *rows)
    assert inputs.items[0, 0] == pytest.approx(3.5) and inputs.previous_score[0] == pytest.approx(100 / 3)


def brute_force(items, config):
    """Every raise of every item, the slow way."""
    _, now = staged_items(items, config)
    goal, best = now + 1, None
    free = [range(int(np.ceil(4 - v)) + 1) for v in items]
    for raises in product(*free):
        new = [min(v + r, 4) for v, r in zip(items, raises, strict=True)]
        if staged_items(new, config)[1] >= goal:
            used = [i for i, r in enumerate(raises) if r]
            key = (len(used), sum(raises), used)
            best = key if best is None or key < best else best
    return best


def staged_items(items, config):
    dimension = np.array(items).reshape(6, 2).mean(axis=1)[:, None]
    score = np.array([(np.mean(items) - 1) / 3 * 100])
    cuts = np.array([config.stages.bands[s] for s in STAGES[1:]])
    caps = np.array([STAGES.index(config.stages.gates[d]) for d in stages.DIMENSIONS])
    return score, int(stages._stage(score, dimension, cuts, caps, config.stages.gate)[0][0])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from([3.0, 4.0]), min_size=12, max_size=12),
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from([1.0, 2.0, 2.4])), max_size=3),
)
def test_the_next_step_is_the_smallest_there_is(config, base, dents):
    items = list(base)
    for place, value in dents:
        items[place] = value
    if staged_items(items, config)[1] == 3:
        assert stages.next_step(np.array(items), config) is None
        return
    step = stages.next_step(np.array(items), config)
    expected = brute_force(items, config)
    assert step is not None and expected is not None
    assert (len(step.improvements), step.points, [i for i, _ in step.improvements]) == (
        expected[0],
        expected[1],
        expected[2],
    )


def test_the_next_step_reaches_its_stage(config):
    random = np.random.default_rng(3)
    for _ in range(60):
        items = random.integers(1, 5, 12).astype(float)
        step = stages.next_step(items, config)
        if step is None:
            continue
        for place, value in step.improvements:
            items[place] = value
        assert staged_items(items, config)[1] >= step.stage


def test_the_pyramid_counts_accounts_and_money_and_leaves_out_who_left(config):
    rows = [answers([4] * 12), answers([1] * 12, account="B"), answers([4] * 12, account="C")]
    customers = [{"customer": c, "revenue": r, "margin": 0.1} for c, r in (("A", 100), ("B", 50), ("C", 70))]
    _inputs, result = staged(config, *rows, customers=customers, exits=[{"customer": "C"}])
    assert result.accounts.tolist() == [1, 0, 0, 1] and result.revenue.tolist() == [50, 0, 0, 100]
    assert result.profit.tolist() == [5, 0, 0, 10] and result.advanced == 1


def test_movement_has_entries_and_exits_and_rows_of_transitions_sum_to_1(observed, config):
    inputs, result = observed.inputs["stages"], observed.baseline.stages
    moved = stages.movement(inputs, result)
    assert moved[:, -1].sum() == (inputs.exited & (result.stage >= 0)).sum()
    assert moved[0].sum() > 0 and moved[-1].sum() == 0
    matrix = stages.transitions(moved)
    assert matrix.sum(axis=1) == pytest.approx(np.ones(6)) and matrix[-1, -1] == 1
    states = stages.projection(inputs, result, 3)
    assert (
        states.sum(axis=1) == pytest.approx(np.full(4, result.accounts.sum())) and (np.diff(states[:, -1]) >= 0).all()
    )
    assert len(STATES) == 6


def test_auc_against_a_count_by_hand(config):
    rows, gone = [], []
    for n, (score, left) in enumerate([(1, True), (2, True), (3, False), (4, False), (2, False)]):
        rows.append(answers([score] * 12, account=str(n)))
        if left:
            gone.append({"customer": str(n)})
    inputs, _ = staged(config, *rows, exits=gone)
    found = stages.validity(inputs, config)
    assert found.auc == pytest.approx((3 + 2.5) / 6)


def test_a_score_that_predicts_nothing_says_so(config):
    rows = [answers([1 + n % 4] * 12, account=str(n)) for n in range(80)]
    inputs, _ = staged(config, *rows, exits=[{"customer": str(n)} for n in range(0, 80, 5)])
    assert not stages.validity(inputs, config).predictive


def test_wilson_interval_published_value():
    low, high = stages.wilson(10, 50, 0.95)
    assert (round(low, 4), round(high, 4)) == (0.1124, 0.3304)


def test_investment_numbers(config):
    customers = [
        {"customer": str(n), "revenue": 100 * (n == 0) + 10, "margin": 0.5, "category_spend": 220, "orders": n}
        for n in range(5)
    ]
    found = stages.investment(portfolio(customers=customers))
    assert found.share_of_customer == pytest.approx(150 / 1100)
    assert found.top_fifth == pytest.approx(110 / 150) and found.repeat_rate == pytest.approx(3 / 4)


def test_targets_follow_margin_and_number_of_customers(config):
    many = [{"customer": f"m{n}", "segment": "mass", "margin": 0.1, "revenue": 1} for n in range(200)]
    few = [
        {"customer": "f", "segment": "few", "margin": 0.5, "revenue": 1},
        {"customer": "g", "segment": "few", "margin": 0.5, "target_stage": "basic"},
    ]
    rows = [answers([3] * 12, account=a) for a in ("m0", "f", "g")]
    inputs, _ = staged(config, *rows, customers=many + few)
    assert [STAGES[t] for t in inputs.target] == ["basic", "integrated", "basic"] and inputs.target_given.tolist() == [
        False,
        False,
        True,
    ]


@given(st.floats(0, 1))
def test_raising_a_dimension_never_lowers_a_stage(observed, points):
    outcome = evaluate_all(observed, [Lever(Target("stages", "dimension", ("information", "*")), "add", points)])
    assert (outcome.scenario.stages.stage >= outcome.baseline.stages.stage).all()
