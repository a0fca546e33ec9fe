"""Reads one spreadsheet in a process of its own and answers in Arrow.

Run as `python -I child.py KIND MEMORY_MB SECONDS SHEETS COLUMNS ROWS [ENCODINGS DELIMITER]` with the
file on standard input. KIND is excel, delimited, html (a web page that calls itself a workbook), xml
(Excel's XML of 2003) or decrypt, which answers with the bytes of an encrypted workbook opened by the
password on the first line of the input. A hostile workbook can ask its reader for hundreds of gigabytes and end the
process: here that ends only this child. It imports nothing of the project.

Answer on standard output: 8 bytes of length, a JSON head, then one Arrow stream per sheet. A sheet's
column `j` comes as up to four nullable arrays, `j:n` numbers, `j:t` texts, `j:d` dates, `j:f` flags:
nothing is coerced.
"""

import codecs
import collections
import contextlib
import datetime as dt
import io
import json
import re
import sys

import pyarrow as pa
import pyarrow.compute as pc

HEADER_ROWS = 40  # merged ranges below a header carry no names


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
                "merged": [
                    [top, left, bottom, right]
                    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
                    if top < HEADER_ROWS
                ][:2000],
            },
            arrays,
        )


def of_rows(rows, name, position, columns_max, rows_max, merged=()):
    """Head and arrays of a sheet of Python rows."""
    width = max((len(row) for row in rows), default=0)
    if width > columns_max:
        raise Refused("too_many_columns", {"sheet": name, "found": width, "allowed": columns_max})
    if len(rows) > rows_max:
        raise Refused("too_many_rows", {"sheet": name, "found": len(rows), "allowed": rows_max})
    arrays = {}
    for row in rows:
        row.extend([""] * (width - len(row)))
    for j, values in enumerate(zip(*rows, strict=True)):
        for kind, array in column_arrays(values).items():
            arrays[f"{j}:{kind}"] = array
    head = {"name": name, "visible": True, "rows": len(rows), "columns": width, "position": position}
    return {**head, "merged": list(merged)}, arrays


def decoded(data, encodings):
    """The text by the first encoding that fits, and its name."""
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise Refused("encoding", {})


def html(data, sheets_max, columns_max, rows_max, encodings):
    """The tables of a web page, spans resolved, every cell as text."""
    import lxml.html

    text, encoding = decoded(data, encodings)
    page = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff")))
    tables = [t for t in page.iter("table") if not any(True for _ in t.iterdescendants("table"))]
    if not tables:
        raise Refused("html", {})
    for position, table in enumerate(tables[:sheets_max]):
        rows, merged, taken = [], [], {}
        for i, line in enumerate(table.iter("tr")):
            row, j = [], 0
            for cell in line.iterchildren("td", "th"):
                while (i, j) in taken:
                    row.append(taken[i, j])
                    j += 1
                words = " ".join(cell.text_content().split())
                down, right = (min(max(span(cell.get(name)), 1), 1000) for name in ("rowspan", "colspan"))
                if j + right > columns_max:
                    raise Refused("too_many_columns", {"sheet": "", "found": j + right, "allowed": columns_max})
                if down * right > 1:
                    merged.append([i, j, i + down - 1, j + right - 1])
                for below in range(1, down):
                    taken.update({(i + below, j + beside): words if right == 1 else "" for beside in range(right)})
                row.extend([words, *[""] * (right - 1)])
                j += right
            while (i, j) in taken:
                row.append(taken[i, j])
                j += 1
            rows.append(row)
        head, arrays = of_rows(rows, "", position, columns_max, rows_max, [m for m in merged if m[0] < HEADER_ROWS])
        yield {**head, "name": f"Table {position + 1}" if len(tables) > 1 else "", "encoding": encoding}, arrays


def span(words):
    """The number in a rowspan or colspan, 1 where there is none."""
    return int(words) if words and words.isascii() and words.isdigit() and len(words) < 5 else 1


def spreadsheet_xml(data, sheets_max, columns_max, rows_max):
    """Sheets of Excel's XML of 2003."""
    from lxml import etree

    space = "{urn:schemas-microsoft-com:office:spreadsheet}"
    book = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    if book.tag != f"{space}Workbook":
        raise Refused("html", {})
    for position, sheet in enumerate(list(book.iter(f"{space}Worksheet"))[:sheets_max]):
        rows, merged = [], []
        for line in sheet.iter(f"{space}Row"):
            place = int(line.get(f"{space}Index", len(rows) + 1))
            if place > rows_max:
                raise Refused("too_many_rows", {"sheet": "", "found": place, "allowed": rows_max})
            rows.extend([] for _ in range(place - 1 - len(rows)))
            row = []
            for cell in line.iterchildren(f"{space}Cell"):
                at = int(cell.get(f"{space}Index", len(row) + 1))
                across = int(cell.get(f"{space}MergeAcross", 0))
                if max(at, len(row) + 1) + across > columns_max:
                    raise Refused("too_many_columns", {"sheet": "", "found": at + across, "allowed": columns_max})
                row.extend([""] * (at - 1 - len(row)))
                content = cell.find(f"{space}Data")
                words = "".join(content.itertext()) if content is not None else ""
                kind = content.get(f"{space}Type") if content is not None else ""
                if across:
                    merged.append([len(rows), len(row), len(rows), len(row) + across])
                row.append(typed(words, kind))
                row.extend([""] * across)
            rows.append(row)
        name = sheet.get(f"{space}Name", "")
        yield of_rows(rows, name, position, columns_max, rows_max, merged)


def typed(words, kind):
    """A cell of Excel's XML by its declared type."""
    try:
        if kind == "Number":
            return float(words)
        if kind == "Boolean":
            return words.strip() == "1"
        if kind == "DateTime":
            return dt.datetime.fromisoformat(words)
    except ValueError:
        pass
    return words


def decrypt(data):
    """The workbook inside an encrypted one; the password is the first line."""
    import msoffcrypto

    password, _, book = data.partition(b"\n")
    out = io.BytesIO()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(book))
        file.load_key(password=password.decode("utf-8"))
        file.decrypt(out)
    except (msoffcrypto.exceptions.InvalidKeyError, msoffcrypto.exceptions.DecryptionError):
        raise Refused("wrong_password", {}) from None
    return out.getvalue()


def delimited(data, columns_max, rows_max, encodings, delimiter):
    """The one sheet of a delimited text file."""
    import pyarrow.csv as pcsv

    text, encoding = decoded(data, encodings)
    # as it came where it is UTF-8 already
    data = data.removeprefix(codecs.BOM_UTF8) if encoding.startswith("utf-8") else text.encode("utf-8")
    first = text.count(delimiter, 0, text.find("\n") + 1 or len(text)) + 1
    del text
    if first > columns_max:
        raise Refused("too_many_columns", {"sheet": "", "found": first, "allowed": columns_max})
    ragged = []
    try:
        table = pcsv.read_csv(
            pa.BufferReader(data),
            read_options=pcsv.ReadOptions(autogenerate_column_names=True, block_size=1 << 24),
            parse_options=pcsv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=b'"' in data,
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
        text = data.decode("utf-8")
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


def write(table, sink):
    """A table as an Arrow stream."""
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)


def main():
    """Read standard input, write standard output."""
    kind, memory_mb, seconds, sheets_max, columns_max, rows_max = sys.argv[1:7]
    limit(int(memory_mb), int(seconds))
    data = sys.stdin.buffer.read()
    streams = []
    try:
        most = int(sheets_max), int(columns_max), int(rows_max)
        heads = []
        found = ()
        if kind == "decrypt":
            streams.append(memoryview(decrypt(data)))
            heads.append({"bytes": len(streams[0])})
        elif kind == "excel":
            found = excel(data, *most)
        elif kind == "xml":
            found = spreadsheet_xml(data, *most)
        elif kind == "html":
            found = html(data, *most, sys.argv[7].split(","))
        else:
            found = delimited(data, *most[1:], sys.argv[7].split(","), sys.argv[8])
        for head, arrays in found:
            table = pa.table(arrays) if arrays else pa.table({})
            size = pa.MockOutputStream()  # counts, and keeps nothing
            write(table, size)
            heads.append({**head, "bytes": size.size()})
            streams.append(table)
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
    sink = pa.PythonFile(out, "w")
    for stream in streams:
        if isinstance(stream, pa.Table):
            write(stream, sink)
        else:
            sink.write(stream)
    sink.flush()


if __name__ == "__main__":
    main()
