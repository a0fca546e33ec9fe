"""What a careful import costs against pandas reading the same file without looking.

`python -m benchmarks.intake`. The named alternatives, in the same run: `pandas.read_excel(engine="calamine")` on
200,000 × 8 cells, and `pandas.read_csv(dtype=str)` on 1,000,000 × 8. Ours reads in a child, finds the header, matches
the columns, checks every cell, and builds the portfolio. The aims: at most 1.8 and 2.5 times. Also printed: the
most memory this process held above what it held before, against the size of the file (aim: three times).
"""

from __future__ import annotations

import io
import resource
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from core.config import load_config
from core.intake import build, propose, read_file

HEAD = ["Customer ID", "Customer name", "Segment", "Revenue", "Margin", "Joined", "Churned", "Exit reason"]
REASONS = ("Price", "Product", "Service")


def rows(count: int) -> pd.DataFrame:
    """A plausible customer list."""
    random = np.random.default_rng(7)
    gone = random.random(count) < 0.2
    days = pd.Timestamp("2015-01-01") + pd.to_timedelta(random.integers(0, 3000, count), unit="D")
    return pd.DataFrame(
        {
            "Customer ID": [f"C{n:07d}" for n in range(count)],
            "Customer name": [f"Firm {n}" for n in range(count)],
            "Segment": random.choice(["small", "middle", "large"], count),
            "Revenue": random.integers(100, 100_000, count),
            "Margin": random.integers(5, 40, count) / 100,
            "Joined": days.strftime("%Y-%m-%d"),
            "Churned": np.where(gone, "yes", "no"),
            "Exit reason": np.where(gone, random.choice(REASONS, count), ""),
        }
    )


def xlsx_of(frame: pd.DataFrame) -> bytes:
    """The list as a workbook."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"constant_memory": True})
    sheet = book.add_worksheet("Customers")
    for row, line in enumerate([HEAD, *frame.itertuples(index=False)]):
        sheet.write_row(row, 0, line)
    book.close()
    return stream.getvalue()


def ours(name: str, data: bytes) -> None:
    """The whole import of one file."""
    portfolio, _ = build(propose(read_file(name, data, load_config().limits)))
    assert portfolio.digest and len(portfolio.tables["customers"]) > 0


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The best of some runs."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def most_memory(work: Callable[[], object]) -> float:
    """MB that this process held at most above what it held before, sampled while it works."""
    statm, page = Path("/proc/self/statm"), resource.getpagesize()

    def held() -> float:
        return int(statm.read_text().split()[1]) * page / 1e6

    before, most, done = held(), [0.0], threading.Event()

    def sample() -> None:
        while not done.wait(0.01):
            most[0] = max(most[0], held() - before)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        work()
    finally:
        done.set()
        thread.join()
    return most[0]


def main() -> None:
    """Print both ratios and the memory."""
    book = xlsx_of(rows(200_000))
    bare = seconds(lambda: pd.read_excel(io.BytesIO(book), engine="calamine"))
    own = seconds(lambda: ours("list.xlsx", book))
    print(
        f"xlsx 200,000 × 8: ours {own:5.2f} s | pandas with calamine {bare:5.2f} s | ratio {own / bare:.2f} (aim 1.8)"
    )
    text = rows(1_000_000).to_csv(index=False).encode()
    bare = seconds(lambda: pd.read_csv(io.BytesIO(text), dtype=str))
    own = seconds(lambda: ours("list.csv", text))
    print(
        f"csv 1,000,000 × 8: ours {own:5.2f} s | pandas.read_csv(dtype=str) {bare:5.2f} s | ratio {own / bare:.2f} (aim 2.5)"
    )
    if sys.platform == "linux":
        limits, size = load_config().limits, len(text) / 1e6
        read = most_memory(lambda: read_file("list.csv", text, limits))
        print(
            f"memory while reading {size:.0f} MB of csv: {read:.0f} MB above the file itself, {1 + read / size:.1f} times"
        )


if __name__ == "__main__":
    main()
