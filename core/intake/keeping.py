"""A sheet as bytes and back: Arrow, never code, so that what a store or a file holds cannot run."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from core.intake.reading import IntakeError, RawColumn, RawSheet

_FACTS = ("file", "name", "visible", "rows", "encoding", "other_reading", "uncached_formulas", "quotes_ignored")
_LISTS = ("ragged", "merged", "hidden_rows", "errors", "origin")


def sheet_bytes(sheet: RawSheet) -> bytes:
    """A sheet as one Arrow stream: a column for each type of cell of each column, the rest in its metadata."""
    facts: dict[str, Any] = {name: getattr(sheet, name) for name in (*_FACTS, *_LISTS)}
    facts["lengths"] = [column.length for column in sheet.columns]
    batches = {f"{n}:{kind}": array for n, column in enumerate(sheet.columns) for kind, array in column.arrays.items()}
    facts["order"] = list(batches)
    # columns of a ragged sheet differ in length, and a stream of a table cannot: each array has a stream of its own
    sink = pa.BufferOutputStream()
    schema = pa.schema([("cells", pa.large_binary())], metadata={"facts": json.dumps(facts, ensure_ascii=False)})
    parts = [_array_bytes(array) for array in batches.values()]
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.table([pa.array(parts, pa.large_binary())], schema=schema))
    return bytes(sink.getvalue().to_pybytes())


def _array_bytes(array: pa.Array) -> bytes:
    sink = pa.BufferOutputStream()
    table = pa.table({"c": array})
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def sheet_from(data: bytes) -> RawSheet:
    """The sheet that `sheet_bytes` wrote.

    Raises:
        IntakeError: `damaged` where the bytes are anything else.
    """
    try:
        table = pa.ipc.open_stream(data).read_all()
        facts = json.loads(table.schema.metadata[b"facts"])
        columns: list[dict[str, pa.Array]] = [{} for _ in facts["lengths"]]
        for place, part in zip(facts["order"], table.column("cells").to_pylist(), strict=True):
            at, _, kind = place.partition(":")
            inner = pa.ipc.open_stream(part).read_all()
            inner.validate(full=True)
            array = inner.column("c").combine_chunks()
            array = array.chunk(0) if isinstance(array, pa.ChunkedArray) and array.num_chunks else array
            if len(array) != facts["lengths"][int(at)]:
                raise ValueError("length")
            columns[int(at)][kind] = array
        known: dict[str, Any] = {name: facts[name] for name in _FACTS}
        known |= {name: tuple(tuple(v) if isinstance(v, list) else v for v in facts[name]) for name in _LISTS}
        kept = tuple(RawColumn(cells, length) for cells, length in zip(columns, facts["lengths"], strict=True))
        return RawSheet(**known, columns=kept)
    except (pa.ArrowException, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise IntakeError("damaged", "") from error


def digest_of(data: bytes) -> str:
    """The name under which bytes are kept."""
    return blake2b(data, digest_size=16).hexdigest()
