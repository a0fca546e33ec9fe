"""What an import would change in the data at hand."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.portfolio import ROW, SOURCE, Portfolio
from core.tables import TABLES


@dataclass(frozen=True)
class Change:
    """Rows of one table that an import adds, changes and removes."""

    table: str
    added: int
    changed: int
    removed: int
    same: int


def changes(before: Portfolio, after: Portfolio) -> tuple[Change, ...]:
    """Table by table, by the table's key; a key that stands several times counts each time."""
    found = []
    for name in TABLES:
        old, new = (_keyed(p.table(name), name) for p in (before, after))
        if not len(old) and not len(new):
            continue
        both = old.index.intersection(new.index)
        same = int((old.loc[both] == new.loc[both]).sum()) if len(both) else 0
        changed = len(both) - same
        found.append(Change(name, len(new) - len(both), changed, len(old) - len(both), same))
    return tuple(found)


def _keyed(frame: pd.DataFrame | None, name: str) -> pd.Series[int]:
    """A digest of each row under its key; repeated keys are numbered."""
    if frame is None or not len(frame):
        return pd.Series(dtype="uint64")
    content = frame.drop(columns=[SOURCE, ROW])
    key = pd.util.hash_pandas_object(content[list(TABLES[name].key)], index=False)
    place = key.groupby(key).cumcount()
    rows = pd.util.hash_pandas_object(content, index=False)
    return pd.Series(rows.to_numpy(), index=pd.MultiIndex.from_arrays([key, place]))
