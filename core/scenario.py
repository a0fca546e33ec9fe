"""Levers and scenarios: what a user changes, and the one function that applies it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Literal

import numpy as np

from core.quantity import Floats, Quantity

Operation = Literal["set", "add", "multiply"]
OPERATIONS: tuple[Operation, ...] = ("set", "add", "multiply")


@dataclass(frozen=True)
class Target:
    """The cells a lever changes: a topic, a field of its inputs, and a key on each axis."""

    topic: str
    field: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lever:
    """One change. `value` is a number, or an array of shape `(draws,)`."""

    target: Target
    operation: Operation
    value: float | Floats


@dataclass(frozen=True)
class Scenario:
    """A named list of levers over a baseline; it holds no data."""

    levers: tuple[Lever, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class LeverSpec:
    """A lever a topic offers: where it acts, how, its bounds, and what it does nothing at.

    `current` is the baseline of what it changes, for display; NaN where there is no single figure.
    `unit` is the unit of the slider: share (0.1 = 10 %), points, money.
    """

    target: Target
    operation: Operation
    unit: str
    low: float
    high: float
    step: float
    current: float = float("nan")
    current_unit: str = "share"

    @property
    def neutral(self) -> float:
        """The value at which the lever changes nothing."""
        if self.operation == "set":
            return self.current
        return 1.0 if self.operation == "multiply" else 0.0

    @property
    def id(self) -> str:
        """A short, stable name that holds no text of the user."""
        target = self.target
        words = "\x1f".join((target.topic, target.field, *target.keys, self.operation))
        return blake2b(words.encode(), digest_size=4).hexdigest()

    def lever(self, value: float) -> Lever:
        """This lever, pulled to `value`."""
        return Lever(self.target, self.operation, value)


@dataclass(frozen=True)
class Note:
    """What `apply` could not do as asked: `unknown`, `overlap` or `clamped`."""

    code: Literal["unknown", "overlap", "clamped"]
    lever: Lever


def _changed(values: Floats, operation: Operation, value: Floats) -> Floats:
    if operation == "set":
        return np.broadcast_to(value, np.broadcast_shapes(values.shape, value.shape))
    return values + value if operation == "add" else values * value


def apply(levers: Sequence[Lever], inputs: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Note, ...]]:
    """Inputs with the levers pulled.

    Args:
        levers: at most one on each cell; a later lever that meets a cell already taken is refused
            and reported.
        inputs: topic -> inputs, a frozen dataclass of quantities, or None.

    Returns:
        New inputs (untouched topics are the same objects) and notes on what was refused or clamped.
    """
    changed: dict[tuple[str, str], Quantity] = {}
    taken: dict[tuple[str, str], Any] = {}
    notes: list[Note] = []
    for lever in levers:
        target = lever.target
        place = (target.topic, target.field)
        quantity = changed.get(place) or getattr(inputs.get(target.topic), target.field, None)
        found = (
            [axis.resolve(key) for axis, key in zip(quantity.axes, target.keys, strict=True)]
            if isinstance(quantity, Quantity) and len(quantity.axes) == len(target.keys)
            else [None]
        )
        if not isinstance(quantity, Quantity) or any(cells is None for cells in found):
            notes.append(Note("unknown", lever))
            continue
        shape = tuple(len(axis.keys) for axis in quantity.axes)
        cells: Any = np.ix_(*(cell for cell in found if cell is not None)) if found else ()
        claimed = taken.setdefault(place, np.zeros(shape, dtype=bool))
        if claimed[cells].any():
            notes.append(Note("overlap", lever))
            continue
        claimed[cells] = True
        value = np.asarray(lever.value, dtype=float)
        value = value.reshape(value.shape + (1,) * len(shape))
        within: Any = (..., *cells)
        draws = np.broadcast_shapes(quantity.values.shape, value.shape)[
            : max(quantity.values.ndim, value.ndim) - len(shape)
        ]
        values = np.broadcast_to(quantity.values, draws + shape).copy()
        asked = _changed(values[within], lever.operation, value)
        kept = np.clip(asked, quantity.low, quantity.high)
        if (kept != asked)[~np.isnan(asked)].any():
            notes.append(Note("clamped", lever))
        values[within] = kept
        changed[place] = quantity.with_values(values)
    result = dict(inputs)
    for (topic, name), quantity in changed.items():
        result[topic] = replace(result[topic], **{name: quantity})
    return result, tuple(notes)


# A scenario in a link -------------------------------------------------------------------------


def encode(values: Mapping[str, float]) -> str:
    """Lever ids and values as one short text for a link; it holds no word of the user.

    >>> encode({"0a1b2c3d": 0.6, "ffffffff": 90000})
    '0a1b2c3d_0.6~ffffffff_90000'
    """
    return "~".join(f"{name}_{value:.6g}" for name, value in values.items())


def decode(words: str, specs: Sequence[LeverSpec]) -> tuple[dict[str, float], tuple[str, ...]]:
    """Values by lever id that a link holds, and the pieces that could not be used.

    A piece is refused where its lever is not offered by the data at hand, its value is no number or
    out of the lever's bounds, or the lever was named before.
    """
    known = {spec.id: spec for spec in specs}
    values: dict[str, float] = {}
    refused: list[str] = []
    for piece in filter(None, words.split("~")):
        name, _, number = piece.partition("_")
        spec = known.get(name)
        try:
            value = float(number)
        except ValueError:
            spec = None
            value = float("nan")
        slack = 1e-9 * max(abs(spec.high), 1) if spec else 0
        if spec is None or name in values or not spec.low - slack <= value <= spec.high + slack:
            refused.append(piece[:40])
        elif value != spec.neutral:
            values[name] = value
    return values, tuple(refused)


def levers_of(values: Mapping[str, float], specs: Sequence[LeverSpec]) -> tuple[Lever, ...]:
    """The levers of a scenario, in the order of the specs."""
    return tuple(spec.lever(values[spec.id]) for spec in specs if spec.id in values)
