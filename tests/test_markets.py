"""Six markets: strengths, gaps, salience, layout, and their laws."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import portfolio
from hypothesis import given
from hypothesis import strategies as st

from core.models import markets, observe_all

SCORE = st.floats(0, 10)


def one(config, **row):
    rows = [{"stakeholder": "A", "market": "supplier", **row}]
    return observe_all(portfolio(stakeholders=rows), config)


def test_strength_needs_trust_and_commitment_at_once(config):
    assert (
        one(config, trust=10, commitment=2).baseline.markets.strength[0]
        < one(config, trust=6, commitment=6).baseline.markets.strength[0]
    )
    assert one(config, trust=9, commitment=4).baseline.markets.strength[0] == pytest.approx(6)


def test_a_given_strength_wins(config):
    assert one(config, trust=9, commitment=4, strength=3).baseline.markets.strength[0] == pytest.approx(3)


def test_unknown_strength_stays_unknown(config):
    result = one(config, desired_strength=8, value_received=100).baseline.markets
    assert np.isnan(result.strength[0]) and np.isnan(result.gap[0]) and result.gap_value == 0
    assert markets.radius(result.strength, config)[0] > 1


def test_priority_is_the_gap_in_money(config):
    result = one(config, trust=4, commitment=4, desired_strength=9, value_received=1000).baseline.markets
    assert result.priority[0] == pytest.approx(500)
    above = one(config, trust=9, commitment=9, desired_strength=4, value_received=1000).baseline.markets
    assert above.priority[0] == 0 and above.gap[0] == pytest.approx(-5)


@given(SCORE, SCORE, SCORE, SCORE)
def test_more_trust_never_weakens(config, trust, commitment, desired, more):
    rows = [
        {
            "stakeholder": n,
            "market": "supplier",
            "trust": t,
            "commitment": commitment,
            "desired_strength": desired,
            "value_received": 10.0,
        }
        for n, t in (("low", min(trust, more)), ("high", max(trust, more)))
    ]
    result = observe_all(portfolio(stakeholders=rows), config).baseline.markets
    assert result.strength[1] >= result.strength[0] and result.priority[1] <= result.priority[0] + 1e-12


def test_all_eight_salience_classes():
    cases = {
        "000": "non_stakeholder",
        "100": "dormant",
        "010": "discretionary",
        "001": "demanding",
        "110": "dominant",
        "101": "dangerous",
        "011": "dependent",
        "111": "definitive",
    }
    for bits, name in cases.items():
        power, legitimate, urgent = (np.array([float(b)]) for b in bits)
        assert markets.SALIENCE[markets.salience(power * 9, legitimate, urgent)[0]] == name
    nothing = np.array([np.nan])
    assert markets.salience(nothing, nothing, nothing)[0] == -1


def test_quadrants(config):
    rows = [
        {"stakeholder": f"{p}{i}", "market": "influence", "power": p, "interest": i} for p in (4, 5) for i in (4, 5)
    ]
    inputs = observe_all(portfolio(stakeholders=rows), config).inputs["markets"]
    assert [markets.QUADRANTS[q] for q in markets.quadrant(inputs, config)] == list(markets.QUADRANTS)


def test_the_latest_date_counts_and_the_earlier_gives_movement(config):
    rows = [
        {"stakeholder": "A", "market": "supplier", "trust": t, "commitment": t, "as_of": d}
        for t, d in ((8, "2025-11-01"), (4, "2025-02-01"))
    ]
    inputs = observe_all(portfolio(stakeholders=rows), config).inputs["markets"]
    assert len(inputs.names) == 1 and inputs.trust.values[0] == 8 and inputs.previous_strength[0] == pytest.approx(4)


def test_a_market_alone_gets_its_general_kind_and_every_taxonomy_a_group(config, observed):
    assert one(config).inputs["markets"].kinds == ("goods_supplier",)
    for taxonomy, groups in config.markets.taxonomies.items():
        inputs = markets.regrouped(observed.inputs["markets"], config, taxonomy)
        assert inputs.groups == tuple(groups) and inputs.membership.sum() == len(inputs.names)
        total = markets.evaluate(inputs)
        assert total.group_priority.sum() == pytest.approx(float(observed.baseline.markets.gap_value))
    with pytest.raises(KeyError):
        markets.regrouped(observed.inputs["markets"], config, "nonsense")


def test_owner_dependence_names_the_owner_and_the_money(config):
    rows = [
        {"stakeholder": str(n), "market": "distribution", "owner": "Li" if n < 3 else f"x{n}", "value_received": 100}
        for n in range(5)
    ]
    data = portfolio(stakeholders=rows)
    inputs = observe_all(data, config).inputs["markets"]
    held = markets.ownership(inputs)
    d = inputs.groups.index("distribution")
    assert held.share[held.owners.index("Li"), d] == pytest.approx(0.6)
    assert held.herfindahl[d] == pytest.approx(0.36 + 2 * 0.04)
    assert ("owner_share", "Li", 300.0) in [(f.code, f.name, f.amount) for f in markets.flags(inputs, data, config)]


def test_flags_for_lopsided_trust_exchange_and_single_contacts(config):
    rows = [
        {
            "stakeholder": "A",
            "market": "supplier",
            "trust": 8,
            "commitment": 3,
            "value_given": 900,
            "value_received": 100,
        },
        {
            "stakeholder": "B",
            "market": "supplier",
            "trust": 5,
            "commitment": 5,
            "value_given": 100,
            "value_received": 100,
        },
    ]
    data = portfolio(
        stakeholders=rows,
        contacts=[{"account": "B", "person": "P"}, {"account": "A", "person": "P"}, {"account": "A", "person": "Q"}],
    )
    found = {(f.code, f.name) for f in markets.flags(observe_all(data, config).inputs["markets"], data, config)}
    assert found == {("trust_commitment", "A"), ("reciprocity", "A"), ("single_contact", "B")}


def test_emphasis_is_the_jurys_mean_and_derived_where_nobody_rated(config):
    rows = [{"stakeholder": "A", "market": "supplier", "trust": 4, "commitment": 4, "value_received": 1}]
    jury = [{"market": "customer", "rater": r, "current": c, "desired": 9} for r, c in (("x", 6), ("y", 8))]
    inputs = observe_all(portfolio(stakeholders=rows, emphasis=jury), config).inputs["markets"]
    result = markets.evaluate(inputs)
    assert result.emphasis_current[0] == 7 and result.emphasis_current[1] == pytest.approx(4)
    assert inputs.emphasis_spread[0] == pytest.approx(np.sqrt(2))


def test_the_map_grade_counts_what_is_there(config):
    grade = markets.grade(one(config, owner="Li", trust=5, commitment=5).inputs["markets"], config)
    assert (grade.owner, grade.strength, grade.desired, grade.value) == (1, 1, 0, 0) and grade.total == pytest.approx(
        0.4
    )


def test_contacts_and_load(sample):
    breadth = markets.contact_breadth(sample)
    assert min(breadth.values()) == 1 and sum(breadth.values()) >= 100
    table = {row["account"]: row for row in markets.contact_table(sample)}
    assert all(row["people"] == breadth[name] for name, row in table.items())
    assert sum(markets.counterpart_load(sample).values()) >= len(breadth)


def test_a_broker_joins_what_would_be_apart():
    links = [
        {"source": "a", "target": "hub", "weight": 1},
        {"source": "b", "target": "hub", "weight": 1},
        {"source": "c", "target": "hub", "weight": 1},
    ]
    between, found = markets.brokers(portfolio(links=links))
    assert next(iter(between)) == "hub" and between["hub"] == 1 and len(found) == 3


def test_the_layout_keeps_everyone_in_their_sector_and_apart(observed, config):
    inputs, base = observed.inputs["markets"], observed.baseline.markets
    layout = markets.layout(inputs, base, config)
    turn = (layout.angle - [markets.sector_centre(g, 6) for g in inputs.group] + np.pi) % (2 * np.pi) - np.pi
    assert (np.abs(turn) <= np.pi / 6).all()
    assert np.hypot(layout.x, layout.y) == pytest.approx(markets.radius(base.strength, config))
    assert len(layout.labelled) == 10


@given(st.permutations(list(range(8))))
def test_the_order_of_rows_moves_nothing(config, order):
    rows = [
        {
            "stakeholder": str(n),
            "market": ("customer", "supplier")[n % 2],
            "trust": n,
            "commitment": n,
            "desired_strength": 9,
            "value_received": 10 * n,
        }
        for n in range(8)
    ]
    a = observe_all(portfolio(stakeholders=rows), config).baseline.markets
    b = observe_all(portfolio(stakeholders=[rows[n] for n in order]), config).baseline.markets
    assert a.gap_value == pytest.approx(float(b.gap_value)) and a.group_strength == pytest.approx(
        b.group_strength, nan_ok=True
    )
