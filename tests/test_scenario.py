"""Levers: what apply changes, what it refuses, and what a link carries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.quantity import Axis, Quantity, quantity
from core.scenario import Lever, LeverSpec, Setting, Target, apply, decode, encode


@dataclass(frozen=True)
class Inputs:
    amount: Quantity


GRID = Inputs(
    quantity(
        np.arange(6.0).reshape(2, 3),
        Axis("row", ("a", "b")),
        Axis("column", ("x", "y", "z"), {"ends": np.array([0, 2])}),
        unit="money",
        low=0,
        high=100,
    )
)


def pull(operation, value, *keys):
    return Lever(Target("t", "amount", keys), operation, value)


def test_a_lever_reaches_only_its_cells_and_leaves_the_inputs_alone():
    changed, notes = apply([pull("multiply", 10, "b", "ends")], {"t": GRID, "other": None})
    assert changed["t"].amount.values.tolist() == [[0, 1, 2], [30, 4, 50]]
    assert GRID.amount.values[1, 0] == 3 and notes == () and changed["other"] is None


def test_set_add_and_multiply():
    for operation, expected in (("set", 7.0), ("add", 11.0), ("multiply", 28.0)):
        changed, _ = apply([pull(operation, 7, "b", "y")], {"t": GRID})
        assert changed["t"].amount.values[1, 1] == expected


def test_two_levers_on_one_cell_are_reported_and_the_second_refused():
    changed, notes = apply([pull("set", 9, "*", "x"), pull("add", 1, "a", "*")], {"t": GRID})
    assert [note.code for note in notes] == ["overlap"]
    assert changed["t"].amount.values.tolist() == [[9, 1, 2], [9, 4, 5]]


def test_a_clamp_is_a_note_and_not_silence():
    changed, notes = apply([pull("add", -10, "a", "*")], {"t": GRID})
    assert [note.code for note in notes] == ["clamped"] and changed["t"].amount.values[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("keys", [("c", "x"), ("a",), ("a", "w")])
def test_an_unknown_target_is_a_note(keys):
    changed, notes = apply([pull("set", 1, *keys)], {"t": GRID})
    assert [note.code for note in notes] == ["unknown"] and changed["t"] is GRID


def test_an_unknown_topic_or_field_is_a_note():
    for target in (Target("u", "amount", ("a", "x")), Target("t", "weight", ("a", "x"))):
        assert apply([Lever(target, "set", 1.0)], {"t": GRID})[1][0].code == "unknown"


def test_draws_lead_and_equal_a_loop():
    draws = np.array([1.0, 2.0, 3.0])
    changed, _ = apply([pull("multiply", draws, "b", "*")], {"t": GRID})
    assert changed["t"].amount.values.shape == (3, 2, 3)
    for n, draw in enumerate(draws):
        single, _ = apply([pull("multiply", float(draw), "b", "*")], {"t": GRID})
        assert np.array_equal(changed["t"].amount.values[n], single["t"].amount.values)


SPECS = tuple(LeverSpec(Target("churn", "lost", ("*", key)), "multiply", "share", 0, 2, 0.05, 0.1) for key in "abcdef")


@given(st.dictionaries(st.sampled_from(range(6)), st.integers(0, 40), max_size=6))
def test_a_link_brings_back_the_scenario(picked):
    values = {SPECS[n].id: Setting(step / 20) for n, step in picked.items() if step != 20}
    assert decode(encode(values), SPECS) == (values, ())


@given(st.text(max_size=60))
def test_any_text_in_a_link_is_survived(words):
    values, refused = decode(words, SPECS)
    assert all(spec.allows(values.get(spec.id, Setting(1))) for spec in SPECS)
    assert len(refused) <= words.count("~") + 1


def test_a_link_lists_what_it_held_and_could_not_use():
    words = f"{SPECS[0].id}_0.5~00000000_1~{SPECS[1].id}_9~{SPECS[2].id}_x~{SPECS[0].id}_0.7"
    values, refused = decode(words, SPECS)
    assert values == {SPECS[0].id: Setting(0.5)} and len(refused) == 4


def test_ids_are_unique_and_links_stay_short(observed):
    ids = [spec.id for spec in observed.levers]
    assert len(set(ids)) == len(ids)
    assert len(encode({spec.id: Setting(spec.high) for spec in observed.levers})) < 2000


def test_a_link_holds_no_word_of_the_user(observed):
    words = encode({spec.id: Setting(spec.high) for spec in observed.levers})
    assert "delivery" not in words.lower() and all(c in "0123456789abcdef_~.e+-" for c in words)
