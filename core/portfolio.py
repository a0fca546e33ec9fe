"""The portfolio: checked tables, where each row came from, and what was set aside."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core.quantity import Floats

SOURCE, ROW = "_source", "_row"


@dataclass(frozen=True)
class Problem:
    """One thing that was not taken as it stood: where, what, and the code of its message.

    `row` is the row number a spreadsheet shows, 0 for the whole sheet. `set_aside` says what was
    lost from the calculation: the `row`, the `cell`, or `nothing` (a note).
    """

    code: str
    file: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""
    value: str = ""
    set_aside: str = "nothing"
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """What the workspace assumes: company, currency, period. None where nobody said."""

    company: str = ""
    currency: str = ""
    period_start: dt.date | None = None
    period_end: dt.date | None = None
    period_months: float | None = None
    margin: float | None = None
    acquisition_cost: float | None = None
    discount_rate: float | None = None


class _Hashed(io.RawIOBase):
    """A file that keeps nothing of what is written but its blake2b."""

    def __init__(self, begun: bytes) -> None:
        self.hash = blake2b(begun, digest_size=16)

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, part: Any) -> int:
        """Take a part in."""
        self.hash.update(part)
        return len(part)

    def close(self) -> None:
        """Stay open: several tables are written."""


@dataclass(frozen=True)
class Portfolio:
    """Checked tables, immutable; `digest` names their content and keys every cache.

    `tables` holds only the tables that have rows. Each has the columns of the schema plus `_source`
    (position in `sources`) and `_row` (row number in the sheet).
    """

    tables: Mapping[str, pd.DataFrame]
    settings: Settings = Settings()
    sources: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()

    def table(self, name: str) -> pd.DataFrame | None:
        """A table, or None where no file filled it."""
        return self.tables.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self.tables

    @cached_property
    def digest(self) -> str:
        """blake2b over the Arrow form of every table and the settings; ignores files and the sheet of settings."""
        total = _Hashed(repr(self.settings).encode())
        for name in sorted(set(self.tables) - {"settings"}):
            frame = self.tables[name].drop(columns=[SOURCE, ROW])
            total.write(name.encode())
            table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
            with pa.ipc.new_stream(pa.PythonFile(total, "w"), table.schema) as writer:
                writer.write_table(table)
        return total.hash.hexdigest()

    def origin(self, frame: pd.DataFrame) -> list[tuple[str, str, int]]:
        """File, sheet and row of each row of a part of one of the tables."""
        return [(*self.sources[int(source)], int(row)) for source, row in zip(frame[SOURCE], frame[ROW], strict=True)]


def numbers(frame: pd.DataFrame, column: str) -> Floats:
    """A column as floats, NaN where empty; all NaN where the table lacks it."""
    if column not in frame:
        return np.full(len(frame), np.nan)
    return frame[column].to_numpy(dtype=float, na_value=np.nan)


def texts(frame: pd.DataFrame, column: str) -> np.ndarray[Any, Any]:
    """A column as Python strings, "" where empty."""
    if column not in frame:
        return np.full(len(frame), "", dtype=object)
    return frame[column].fillna("").to_numpy(dtype=object)
