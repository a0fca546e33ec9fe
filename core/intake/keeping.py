"""A sheet as bytes and back: plain buffers under one declared size, never code, so that nothing kept can run or unfold."""

from __future__ import annotations

import json
import struct
from hashlib import blake2b
from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.intake.reading import IntakeError, RawColumn, RawSheet

LARGEST = 1_500_000_000
_TYPES = {"n": pa.float64(), "t": pa.string(), "d": pa.timestamp("us"), "f": pa.bool_()}
_SIZE = struct.Struct(">Q")


class _Array(BaseModel):
    """One array: its column, its kind of cell, its length, and the size of each buffer, None where it has none."""

    model_config = ConfigDict(extra="forbid", strict=True)
    column: int = Field(ge=0)
    kind: str
    length: int = Field(ge=0, le=10**9)
    buffers: list[int | None] = Field(max_length=3)


class _Facts(BaseModel):
    """Everything of a sheet but its cells."""

    model_config = ConfigDict(extra="forbid", strict=True)
    file: str
    name: str
    visible: bool
    rows: int = Field(ge=0, le=10**9)
    encoding: str
    other_reading: str
    uncached_formulas: bool
    quotes_ignored: bool
    ragged: list[int]
    merged: list[tuple[int, int, int, int]]
    hidden_rows: list[int]
    errors: list[tuple[int, str, str]]
    origin: list[int]
    lengths: list[int]
    arrays: list[_Array]


def sheet_bytes(sheet: RawSheet) -> bytes:
    """A sheet as its unpacked size and one packed piece: facts in JSON, then the buffers of every array."""
    arrays: list[dict[str, Any]] = []
    parts: list[bytes] = []
    for n, column in enumerate(sheet.columns):
        for kind, array in column.arrays.items():
            whole = pa.concat_arrays([array.cast(_TYPES[kind])])  # without an offset into a larger buffer
            buffers = [None if part is None else part.to_pybytes() for part in whole.buffers()]
            sizes = [None if part is None else len(part) for part in buffers]
            arrays.append({"column": n, "kind": kind, "length": len(whole), "buffers": sizes})
            parts.extend(part for part in buffers if part is not None)
    names = [name for name in _Facts.model_fields if name not in ("lengths", "arrays")]
    facts = {name: getattr(sheet, name) for name in names}
    facts |= {"lengths": [column.length for column in sheet.columns], "arrays": arrays}
    head = json.dumps(facts, ensure_ascii=False).encode("utf-8")
    data = _SIZE.pack(len(head)) + head + b"".join(parts)
    return _SIZE.pack(len(data)) + bytes(pa.Codec("zstd").compress(data, asbytes=True))


def sheet_from(body: bytes) -> RawSheet:
    """The sheet that `sheet_bytes` wrote.

    Raises:
        IntakeError: `damaged` where the bytes are anything else, `too_large` where they would unfold too far.
    """
    try:
        (size,) = _SIZE.unpack_from(body)
        if size > LARGEST:
            raise IntakeError("too_large", "", found=size // 10**6, allowed=LARGEST // 10**6)
        data = memoryview(pa.Codec("zstd").decompress(body[_SIZE.size :], size, asbytes=True))
        (length,) = _SIZE.unpack_from(data)
        at = _SIZE.size + length
        facts = _Facts.model_validate_json(bytes(data[_SIZE.size : at]))
        columns: list[dict[str, pa.Array]] = [{} for _ in facts.lengths]
        for said in facts.arrays:
            buffers = []
            for part in said.buffers:
                if part is not None and not 0 <= part <= len(data) - at:
                    raise ValueError("buffer")
                buffers.append(None if part is None else pa.py_buffer(bytes(data[at : at + part])))
                at += part or 0
            array = pa.Array.from_buffers(_TYPES[said.kind], said.length, buffers)
            array.validate(full=True)
            if said.length != facts.lengths[said.column]:
                raise ValueError("length")
            columns[said.column][said.kind] = array
        kept: dict[str, Any] = facts.model_dump(exclude={"lengths", "arrays"})
        kept |= {name: tuple(value) for name, value in kept.items() if isinstance(value, list)}
        cells = tuple(RawColumn(found, length) for found, length in zip(columns, facts.lengths, strict=True))
        return RawSheet(**kept, columns=cells)
    except IntakeError:
        raise
    except (
        pa.ArrowException,
        ValidationError,
        ValueError,
        KeyError,
        IndexError,
        struct.error,
        RecursionError,
    ) as error:
        raise IntakeError("damaged", "") from error


def digest_of(data: bytes) -> str:
    """The name under which bytes are kept."""
    return blake2b(data, digest_size=16).hexdigest()
