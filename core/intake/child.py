"""Reads one spreadsheet in a process of its own and answers in Arrow.

Run as `python -I child.py KIND MEMORY_MB SECONDS SHEETS COLUMNS ROWS [ENCODINGS DELIMITER]` with the
file on standard input. A hostile workbook can ask its reader for hundreds of gigabytes and end the
process: here that ends only this child. It imports nothing of the project.

Answer on standard output: 8 bytes of length, a JSON head, then one Arrow stream per sheet. A sheet's
column `j` comes as up to four nullable arrays, `j:n` numbers, `j:t` texts, `j:d` dates, `j:f` flags:
nothing is coerced.
"""

import collections
import contextlib
import datetime as dt
import io
import json
import sys

import pyarrow as pa
import pyarrow.compute as pc


class Refused(Exception):
    """The file breaks a limit; args are a code and details."""


def limit(memory_mb, seconds):
    """Bound memory, time and files where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    for name, value in (
        ("RLIMIT_AS", memory_mb << 20),
        ("RLIMIT_CPU", seconds),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (value, value))


def column_arrays(values):
    """The typed arrays of one column of Python values."""
    kinds = {type(value) for value in values}
    if kinds == {float}:
        return {"n": pa.array(values, pa.float64())}
    arrays = {}
    if kinds & {float, int}:
        arrays["n"] = pa.array([float(v) if type(v) in (float, int) else None for v in values], pa.float64())
    if kinds & {str, dt.time, dt.timedelta}:
        arrays["t"] = pa.array(
            [v if type(v) is str and v else str(v) if type(v) in (dt.time, dt.timedelta) else None for v in values],
            pa.string(),
        )
    if kinds & {dt.datetime, dt.date}:
        arrays["d"] = pa.array(
            [
                v if type(v) is dt.datetime else dt.datetime(v.year, v.month, v.day) if type(v) is dt.date else None
                for v in values
            ],
            pa.timestamp("us"),
        )
    if bool in kinds:
        arrays["f"] = pa.array([v if type(v) is bool else None for v in values], pa.bool_())
    return arrays


def fill_merged(rows, ranges):
    """Give a text merged over several rows of one column to each of them; an amount is not repeated."""
    for (top, left), (bottom, right) in ranges:
        if left != right or bottom == top or bottom - top > 5000 or top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        if isinstance(value, str) and value:
            for row in range(top + 1, min(bottom + 1, len(rows))):
                rows[row][left] = value


def swallowed(columns, delimiter):
    """Whether a quoted field holds whole lines: then a quote was left open."""
    for column in columns:
        for value in column.filter(pc.match_substring(column, "\n")).to_pylist()[:50]:
            if any(line.count(delimiter) >= max(len(columns) - 1, 1) for line in value.split("\n")[1:]):
                return True
    return False


def excel(data, sheets_max, columns_max, rows_max):
    """Sheets of an Excel or OpenDocument workbook."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_object(io.BytesIO(data))
    metadata = [m for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
    if len(metadata) > sheets_max:
        raise Refused("too_many_sheets", {"found": len(metadata), "allowed": sheets_max})
    for position, meta in enumerate(metadata):
        sheet = book.get_sheet_by_name(meta.name)
        if sheet.total_width > columns_max:
            raise Refused(
                "too_many_columns",
                {"sheet": meta.name, "found": sheet.total_width, "allowed": columns_max},
            )
        if sheet.total_height > rows_max:
            raise Refused(
                "too_many_rows",
                {"sheet": meta.name, "found": sheet.total_height, "allowed": rows_max},
            )
        rows = sheet.to_python(skip_empty_area=False)
        fill_merged(rows, sheet.merged_cell_ranges or ())
        arrays = {}
        width = max((len(row) for row in rows), default=0)
        for j, values in enumerate(zip(*rows, strict=True) if rows else ()):
            for kind, array in column_arrays(values).items():
                arrays[f"{j}:{kind}"] = array
        yield (
            {
                "name": meta.name,
                "visible": meta.visible == SheetVisibleEnum.Visible,
                "rows": len(rows),
                "columns": width,
                "position": position,
            },
            arrays,
        )


def delimited(data, columns_max, rows_max, encodings, delimiter):
    """The one sheet of a delimited text file."""
    import pyarrow.csv as pcsv

    for encoding in encodings:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Refused("encoding", {})
    del data
    if text.count(delimiter, 0, text.find("\n") + 1 or len(text)) >= columns_max:
        first = text.split("\n", 1)[0].count(delimiter) + 1
        raise Refused("too_many_columns", {"sheet": "", "found": first, "allowed": columns_max})
    ragged = []
    try:
        table = pcsv.read_csv(
            pa.BufferReader(text.encode("utf-8")),
            read_options=pcsv.ReadOptions(autogenerate_column_names=True, block_size=1 << 24),
            parse_options=pcsv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values='"' in text,
                ignore_empty_lines=False,
                invalid_row_handler=lambda row: ragged.append(row.number) or "skip",
            ),
            convert_options=pcsv.ConvertOptions(column_types={f"f{j}": pa.string() for j in range(columns_max + 1)}),
        ).combine_chunks()
        columns = [column.chunk(0) if column.num_chunks else pa.array([], pa.string()) for column in table.columns]
        open_quote = swallowed(columns, delimiter)
    except pa.ArrowInvalid:
        open_quote = False
        ragged.append(0)
    too_wide = []
    if ragged or open_quote:  # title lines, blank lines or stray delimiters: slower, but keeps every line
        import csv

        csv.field_size_limit(1 << 24)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        width = max((len(row) for row in rows), default=0)
        wide = [
            pa.array([row[j] if j < len(row) else "" for row in rows], pa.string())
            for j in range(min(width, columns_max))
        ]
        if open_quote or swallowed(wide, delimiter):
            open_quote = True
            lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE)
            rows = [[cell.strip('"') for cell in row] for row in lines]
        widths = collections.Counter(len(row) for row in rows if any(row))
        usual = widths.most_common(1)[0][0] if widths else 0
        too_wide = [n for n, row in enumerate(rows) if len(row) > usual and any(row[usual:])][:2000]
        width = max((len(row) for row in rows), default=0)
        if width > columns_max:
            raise Refused("too_many_columns", {"sheet": "", "found": width, "allowed": columns_max})
        for row in rows:
            row.extend([""] * (width - len(row)))
        columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    length = len(columns[0]) if columns else 0
    if length > rows_max:
        raise Refused("too_many_rows", {"sheet": "", "found": length, "allowed": rows_max})
    head = {
        "name": "",
        "visible": True,
        "rows": length,
        "columns": len(columns),
        "position": 0,
        "encoding": encoding,
        "ragged": too_wide,
        "quotes_ignored": open_quote,
    }
    yield head, {f"{j}:t": column for j, column in enumerate(columns)}


def main():
    """Read standard input, write standard output."""
    kind, memory_mb, seconds, sheets_max, columns_max, rows_max = sys.argv[1:7]
    limit(int(memory_mb), int(seconds))
    data = sys.stdin.buffer.read()
    streams = []
    try:
        found = (
            excel(data, int(sheets_max), int(columns_max), int(rows_max))
            if kind == "excel"
            else delimited(data, int(columns_max), int(rows_max), sys.argv[7].split(","), sys.argv[8])
        )
        heads = []
        for head, arrays in found:
            sink = pa.BufferOutputStream()
            table = pa.table(arrays) if arrays else pa.table({})
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
            buffer = sink.getvalue()
            heads.append({**head, "bytes": buffer.size})
            streams.append(buffer)
        answer = {"sheets": heads}
    except Refused as refusal:
        streams, answer = [], {"refused": refusal.args[0], "detail": refusal.args[1]}
    except MemoryError:
        streams, answer = [], {"refused": "too_large_inside", "detail": {}}
    except Exception as error:
        streams, answer = [], {"refused": "unreadable", "detail": {"error": str(error)[:200]}}
    head = json.dumps(answer).encode()
    out = sys.stdout.buffer
    out.write(len(head).to_bytes(8, "big") + head)
    for buffer in streams:
        out.write(buffer)
    out.flush()


if __name__ == "__main__":
    main()
