"""Quantities with named axes: what every model takes in, and what a lever can change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Axis:
    """One named dimension of a quantity.

    `keys` name the cells, in order. `groups` name sets of cells, such as `market:supplier`, so that
    one lever can reach all of them.
    """

    name: str
    keys: tuple[str, ...]
    groups: Mapping[str, Indices] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {key: position for position, key in enumerate(self.keys)}

    def resolve(self, key: str) -> Indices | None:
        """Positions that `key` names: one cell, a group, or "*" for all; None when unknown."""
        if key == "*":
            return np.arange(len(self.keys))
        if key in self.groups:
            return self.groups[key]
        position = self._positions.get(key)
        return None if position is None else np.array([position])


@dataclass(frozen=True)
class Quantity:
    """An array with named axes, a unit and bounds.

    `values` has the shape `(*draws, *(len(axis.keys) for axis in axes))`; a baseline has no draws.
    """

    values: Floats
    axes: tuple[Axis, ...]
    unit: str
    low: float = -np.inf
    high: float = np.inf

    def with_values(self, values: Floats) -> Quantity:
        """The same quantity holding other values."""
        return Quantity(values, self.axes, self.unit, self.low, self.high)


def quantity(values: Any, *axes: Axis, unit: str, low: float = -np.inf, high: float = np.inf) -> Quantity:
    """A read-only `Quantity`, so that cached inputs cannot be changed by accident."""
    array = np.array(values, dtype=float)
    array.flags.writeable = False
    return Quantity(array, axes, unit, low, high)


def unknown_as_zero(values: Floats) -> Floats:
    """The values with 0 where they are unknown; several times faster than `np.nan_to_num`."""
    return np.asarray(np.where(np.isnan(values), 0.0, values))


def measure(unit: str, formula: str, source: str = "definition") -> Any:
    """A field of a result, carrying what "how is this computed?" needs.

    `unit` is one of money, customers, accounts, share, score, ratio, points, months, stage, index,
    flag; `source` is a key under `source` in the locales.
    """
    return field(metadata={"unit": unit, "formula": formula, "source": source})


def measures(result_type: type) -> tuple[Field[Any], ...]:
    """The fields of a result type that carry a formula."""
    return tuple(item for item in fields(result_type) if "formula" in item.metadata)
