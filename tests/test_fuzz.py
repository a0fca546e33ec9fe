"""Messy sheets made from a clean list: what comes back equals what went in, or is listed as a problem.

`make fuzz` runs the same with many more examples (FUZZ=1).
"""

from __future__ import annotations

import csv
import io
import os
import subprocess
from dataclasses import dataclass, field

import openpyxl
import pyarrow as pa
import pytest
from conftest import DATA
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config import load_config
from core.intake import IntakeError, build, propose, read_file
from core.intake.child import column_arrays
from core.intake.reading import RawColumn, RawSheet

LIMITS = load_config().limits
MORE = bool(os.environ.get("FUZZ"))
QUICK = settings(max_examples=4000 if MORE else 200, deadline=None, suppress_health_check=list(HealthCheck))
SLOW = settings(max_examples=1500 if MORE else 40, deadline=None, suppress_health_check=list(HealthCheck))

HEADERS = {
    "en": ["Customer ID", "Name", "Revenue", "Margin", "Churned", "Exit reason"],
    "zh-Hans": ["客户编号", "客户名称", "年收入", "利润率", "是否流失", "流失原因"],
    "zh-Hant": ["客戶編號", "客戶名稱", "年營收", "利潤率", "是否流失", "流失原因"],
}
WORDS = {
    "en": ("yes", "no", "price", "Total", "Note: preliminary", "Customers 2025"),
    "zh-Hans": ("是", "否", "价格", "合计", "注：初稿", "2025年客户清单"),
    "zh-Hant": ("是", "否", "價格", "合計", "註：初稿", "2025年客戶清單"),
}


@dataclass
class Messy:
    """A sheet as somebody would send it, and what is true of it."""

    rows: list[list[object]]
    language: str
    customers: dict[str, float] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)


@st.composite
def sheets(draw) -> Messy:
    """A customer list with shifted headers, units, totals, blank lines and columns, numbers typed as text."""
    language = draw(st.sampled_from(sorted(HEADERS)))
    yes, no, reason, total, note, title = WORDS[language]
    count = draw(st.integers(3, 9))
    amounts = draw(st.lists(st.integers(1, 99_999), min_size=count, max_size=count))
    unit, scale = draw(
        st.sampled_from([("", 1), ("万元", 1e4), ("千元", 1e3)] if language != "en" else [("", 1), ("k USD", 1e3)])
    )
    typed = draw(st.sampled_from(["number", "text", "commas", "yuan", "wide"]))
    gone = draw(st.lists(st.booleans(), min_size=count, max_size=count).filter(lambda g: not all(g)))
    in_title = bool(unit) and language != "en" and draw(st.booleans())
    head = list(HEADERS[language])
    if unit and not in_title:
        head[2] += f"({unit})"

    def cell(amount: int) -> object:
        if typed == "number":
            return amount
        words = {"text": str(amount), "commas": f"{amount:,}", "yuan": f"¥{amount:,}"}.get(typed, str(amount))
        return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in words) if typed == "wide" else words

    made = Messy([], language)
    body: list[list[object]] = []
    for n in range(count):
        number = f"K{n:03d}"
        body.append(
            [number, f"{title[:2]}{n}", cell(amounts[n]), "12%", yes if gone[n] else no, reason if gone[n] else None]
        )
        made.customers[number] = amounts[n] * scale
        if gone[n]:
            made.lost.add(number)
    if draw(st.booleans()):
        body.append([total, None, cell(sum(amounts)), None, None, None])
    if draw(st.booleans()):
        body.append([note, *[None] * 5])
    for place in sorted(draw(st.lists(st.integers(0, len(body)), max_size=2)), reverse=True):
        body.insert(place, [None] * 6)
    order = draw(st.permutations(range(6)))
    order = [0, *[j for j in order if j]] if any(r[0] in (total, note) for r in body) else order
    above: list[list[object]] = [[title]] if draw(st.booleans()) else []
    if in_title:
        above.append([f"单位：{unit}"])
    if draw(st.booleans()) and above:
        above.append([])
    table = [[row[j] for j in order] for row in [head, *body]]
    if draw(st.booleans()):
        table = [[None, *row] for row in table]
    width = max(map(len, table))
    made.rows = [[*row, *[None] * (width - len(row))] for row in [*above, *table]]
    return made


def raw(rows: list[list[object]]) -> RawSheet:
    """The sheet as the child would answer, without the child."""
    columns = []
    for values in zip(*rows, strict=True):
        cells = [float(v) if isinstance(v, int) else "" if v is None else v for v in values]
        arrays = {k: a if isinstance(a, pa.Array) else a.combine_chunks() for k, a in column_arrays(cells).items()}
        columns.append(RawColumn(arrays, len(rows)))
    return RawSheet("list.xlsx", "Sheet1", True, len(rows), tuple(columns))


def check(messy: Messy, found, tolerance: float = 1e-9) -> None:
    """Each customer is there with its revenue, or the row is listed; nothing else is."""
    customers = found.table("customers")
    assert customers is not None
    listed = {p.row for p in found.problems if p.set_aside in ("row", "cell")}
    seen = dict(zip(customers["customer"], customers["revenue"], strict=True))
    for row, line in enumerate(messy.rows, 1):
        for number in set(line) & set(messy.customers):
            assert number in seen or row in listed, (number, row)
            if number in seen and row not in listed:
                assert abs(seen[number] - messy.customers[number]) <= tolerance * messy.customers[number]
    assert set(seen) <= set(messy.customers)
    exits = found.table("exits")
    assert (set() if exits is None else set(exits["customer"])) == messy.lost


@QUICK
@given(sheets())
def test_a_messy_list_comes_back_or_is_listed(messy):
    check(messy, build(propose((raw(messy.rows),)))[0])


@SLOW
@given(
    sheets(), st.sampled_from(["xlsx", "utf-8", "utf-8-sig", "gb18030", "big5hkscs", "utf-16"]), st.sampled_from(",;\t")
)
def test_the_same_through_a_file(messy, form, delimiter):
    if form == "xlsx":
        book = openpyxl.Workbook()
        for row in messy.rows:
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        data = stream.getvalue()
    else:
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(messy.rows)
        try:
            data = text.getvalue().encode(form)
        except UnicodeEncodeError:
            return
    found = read_file("list.csv", data, LIMITS)
    check(messy, build(propose(found))[0])


def children() -> set[str]:
    """Processes of ours that still read a file."""
    listed = subprocess.run(["ps", "-o", "pid,args", "--ppid", str(os.getpid())], capture_output=True, text=True).stdout
    return {line.split()[0] for line in listed.splitlines() if "intake/child.py" in line}


@pytest.fixture(scope="module")
def seeds() -> dict[str, bytes]:
    book = DATA / "textbook-6000-customers.xlsx"
    text = '客户编号,年收入,流失原因\n甲,"1,200",价格\n乙,800,\n'.encode("gb18030")
    page = b"<html><table><tr><td>customer</td><td>revenue</td></tr><tr><td>a</td><td>5</td></tr></table></html>"
    return {"book": book.read_bytes()[:60_000], "text": text, "page": page}


@SLOW
@given(st.data())
def test_broken_bytes_end_in_a_message_and_leave_no_child(seeds, data):
    original = seeds[data.draw(st.sampled_from(sorted(seeds)))]
    broken = bytearray(original)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(broken) - 1))
        action = data.draw(st.sampled_from(["flip", "cut", "insert", "repeat"]))
        if action == "flip":
            broken[at] ^= data.draw(st.integers(1, 255))
        elif action == "cut":
            del broken[at : at + data.draw(st.integers(1, 300))]
        elif action == "insert":
            broken[at:at] = data.draw(st.binary(min_size=1, max_size=30))
        else:
            broken[at:at] = broken[at : at + 200]
        if not broken:
            break
    try:
        found = read_file("broken.xlsx", bytes(broken), LIMITS)
        build(propose(found))
    except IntakeError as error:
        assert error.code
    assert not children()
