"""Levers and scenarios: what a user changes, and the one function that applies it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any, Literal

import numpy as np

from core.quantity import Floats, Quantity

Operation = Literal["set", "add", "multiply"]
OPERATIONS: tuple[Operation, ...] = ("set", "add", "multiply")
Shape = Literal["pert", "triangular", "uniform"]
SHAPES: tuple[Shape, ...] = ("pert", "triangular", "uniform")


@dataclass(frozen=True)
class Target:
    """The cells a lever changes: a topic, a field of its inputs, and a key on each axis."""

    topic: str
    field: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Setting:
    """How far a lever is pulled: its likely value, and the range around it where one is given."""

    likely: float
    low: float | None = None
    high: float | None = None
    shape: Shape = "pert"

    @property
    def span(self) -> tuple[float, float]:
        """Low and high; both the likely value where no range is given."""
        if self.low is None or self.high is None:
            return self.likely, self.likely
        return self.low, self.high

    @property
    def is_range(self) -> bool:
        """Whether low and high differ."""
        low, high = self.span
        return low < high

    @property
    def in_order(self) -> bool:
        """Whether low <= likely <= high, all finite."""
        low, high = self.span
        return bool(np.isfinite([low, self.likely, high]).all() and low <= self.likely <= high)


@dataclass(frozen=True)
class Lever:
    """One change. `value` is a number, or an array of shape `(draws,)`; `setting` is what it came from."""

    target: Target
    operation: Operation
    value: float | Floats
    setting: Setting | None = None


@dataclass(frozen=True)
class Scenario:
    """A named list of levers over a baseline; it holds no data."""

    levers: tuple[Lever, ...] = ()
    name: str = ""
    description: str = ""


def lever_id(target: Target, operation: Operation) -> str:
    """A short, stable name of a lever that holds no text of the user."""
    words = "\x1f".join((target.topic, target.field, *target.keys, operation))
    return blake2b(words.encode(), digest_size=4).hexdigest()


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

    @cached_property
    def id(self) -> str:
        """A short, stable name that holds no text of the user."""
        return lever_id(self.target, self.operation)

    def lever(self, value: float | Floats) -> Lever:
        """This lever, pulled to `value`."""
        return Lever(self.target, self.operation, value)

    def allows(self, setting: Setting) -> bool:
        """Whether a setting lies within the bounds, low to high in order."""
        if self.unit == "flag" and (setting.is_range or setting.likely not in (0, 1)):
            return False
        slack = 1e-9 * max(abs(self.high), 1)
        low, high = setting.span
        return setting.in_order and self.low - slack <= low and high <= self.high + slack

    def after(self, value: float) -> float:
        """The figure it changes, once pulled to `value`."""
        return _moved(self.current, self.operation, value)

    def value_for(self, operation: Operation, amount: float) -> float:
        """The value of this lever that sets its figure to `amount`, or adds or multiplies by it.

        A lever that reaches several cells moves their mean there. NaN where the baseline is unknown or
        0 and the lever multiplies.
        """
        if operation == self.operation:
            return amount
        goal = _moved(self.current, operation, amount)
        if self.operation == "multiply":
            return goal / self.current if self.current else float("nan")
        return goal - self.current if self.operation == "add" else goal


@dataclass(frozen=True)
class Note:
    """What `apply` could not do as asked: `unknown`, `overlap` or `clamped`."""

    code: Literal["unknown", "overlap", "clamped"]
    lever: Lever


def _moved(current: float, operation: Operation, amount: float) -> float:
    return {"set": amount, "add": current + amount, "multiply": current * amount}[operation]


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


def encode(settings: Mapping[str, Setting]) -> str:
    """Lever ids and settings as one short text for a link; it holds no word of the user.

    >>> encode({"0a1b2c3d": Setting(0.6), "ffffffff": Setting(3, 1, 4, "uniform")})
    '0a1b2c3d_0.6~ffffffff_3_1_4_u'
    """
    return "~".join(
        "_".join([name, f"{s.likely:.12g}", *([f"{s.low:.12g}", f"{s.high:.12g}", s.shape[0]] if s.is_range else [])])
        for name, s in settings.items()
    )


def decode(words: str, specs: Sequence[LeverSpec]) -> tuple[dict[str, Setting], tuple[str, ...]]:
    """Settings by lever id that a link holds, and the pieces that could not be used.

    A piece is refused where its lever is not offered by the data at hand, a number is none or out of
    the lever's bounds or order, or the lever was named before.
    """
    known = {spec.id: spec for spec in specs}
    settings: dict[str, Setting] = {}
    refused: list[str] = []
    for piece in filter(None, words.split("~")):
        name, *rest = piece.split("_")
        setting = _setting(rest)
        if name not in known or name in settings or setting is None or not known[name].allows(setting):
            refused.append(piece[:40])
        elif setting.is_range or setting.likely != known[name].neutral:
            settings[name] = setting
    return settings, tuple(refused)


def _setting(words: Sequence[str]) -> Setting | None:
    if len(words) not in (1, 4):
        return None
    shape = next((s for s in SHAPES if s[0] == words[-1]), None) if len(words) == 4 else "pert"
    try:
        numbers = [float(word) for word in words[:3]]
    except ValueError:
        return None
    if shape is None:
        return None
    return Setting(numbers[0]) if len(numbers) == 1 else Setting(numbers[0], numbers[1], numbers[2], shape)


def levers_of(settings: Mapping[str, Setting], specs: Sequence[LeverSpec]) -> tuple[Lever, ...]:
    """The levers of a scenario, each at its likely value, in the order of the specs."""
    return tuple(
        replace(spec.lever(settings[spec.id].likely), setting=settings[spec.id])
        for spec in specs
        if spec.id in settings
    )


def fitted(levers: Sequence[Lever], specs: Sequence[LeverSpec]) -> tuple[dict[str, Setting], tuple[Lever, ...]]:
    """Settings by lever id of the levers that fit the data at hand, and the levers that do not.

    A lever does not fit where the data offer none at its target, or its value is out of bounds there.
    """
    known = {(spec.target, spec.operation): spec for spec in specs}
    settings: dict[str, Setting] = {}
    strangers: list[Lever] = []
    for lever in levers:
        spec = known.get((lever.target, lever.operation))
        setting = lever.setting or Setting(float(lever.value))
        if spec is None or not spec.allows(setting):
            strangers.append(lever)
        else:
            settings[spec.id] = setting
    return settings, tuple(strangers)
