"""Shared data for the tests: the sample company, the textbook case, files as people send them."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from core.config import Config, load_config
from core.intake import Choices, build, propose, read_file, read_portfolio
from core.models import Observed, observe_all
from core.portfolio import ROW, SOURCE, Portfolio, Settings
from core.tables import TABLES
from core.text import Text
from core.workspace import Document

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
# the tests keep workspaces in a folder of their own, never in the project's
os.environ["SIX_MARKETS_STORE"] = f"sqlite:///{tempfile.mkdtemp(prefix='six-markets-tests-')}/workspaces.db"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def needs(present: object, what: str) -> None:
    """Skip by name where something cannot be installed; in CI a missing piece is a failure."""
    if present:
        return
    message = f"needs {what}, which is not installed here (packages.txt)"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def config() -> Config:
    return load_config()


@pytest.fixture(scope="session")
def sample() -> Portfolio:
    return read_portfolio(DATA / "sample.en.xlsx")


@pytest.fixture(scope="session")
def observed(sample: Portfolio, config: Config) -> Observed:
    return observe_all(sample, config)


@pytest.fixture(scope="session")
def textbook() -> Portfolio:
    return read_portfolio(DATA / "textbook-6000-customers.xlsx")


@pytest.fixture(params=["en", "zh-Hans", "zh-Hant"])
def text(request: pytest.FixtureRequest) -> Text:
    return Text(request.param, "CNY")


def frame(table: str, rows: list[dict]) -> pd.DataFrame:
    """A table of the schema from a few cells a row; the rest is empty."""
    from core.intake.checking import _empty

    columns = TABLES[table].columns
    data = {c.name: _empty(c, len(rows)) for c in columns}
    result = pd.DataFrame(data)
    for name in {key for row in rows for key in row}:
        values = [row.get(name) for row in rows]
        column = TABLES[table].by_name[name]
        if column.type in ("text", "choice"):
            result[name] = pd.array([v or "" for v in values], dtype="str")
        elif column.type == "flag":
            result[name] = pd.array(values, dtype="boolean")
        elif column.type == "date":
            result[name] = pd.to_datetime(pd.Series(values)).astype("datetime64[us]")
        else:
            result[name] = pd.Series(values, dtype=float)
    result[SOURCE], result[ROW] = 0, range(2, len(rows) + 2)
    return result


def portfolio(settings: Settings | None = None, **tables: list[dict]) -> Portfolio:
    """A portfolio from a few rows."""
    frames = {name: frame(name, rows) for name, rows in tables.items()}
    return Portfolio(frames, settings or Settings(), (("test.xlsx", "Sheet1"),))


def xlsx(sheets: dict[str, list[list]]) -> bytes:
    """A workbook from rows of cells."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def take(name: str, data: bytes, choices=None):
    """A file through the whole intake: portfolio and questions."""
    sheets = read_file(name, data, load_config().limits)
    return build(propose(sheets, choices))


REASONS_LIKE_TELCO = [
    "Attitude of support person",
    "Competitor made better offer",
    "Moved",
    "Price too high",
    "Don't know",
]


def telco_like(customers: int = 200) -> tuple[bytes, dict[str, float]]:
    """A customer list with a churn flag and reasons in the firm's own words, and what is true of it."""
    head = [
        "CustomerID",
        "Gender",
        "Tenure Months",
        "Contract",
        "Monthly Charges",
        "Total Charges",
        "Churn Label",
        "Churn Value",
        "CLTV",
        "Churn Reason",
    ]
    rows, lost, money_lost, money = [head], 0, 0.0, 0.0
    for n in range(customers):
        gone = n % 4 == 1
        charge = 20 + (n * 7) % 90 + 0.25
        rows.append(
            [
                f"{n:04d}-ABCD",
                "Female" if n % 2 else "Male",
                1 + n % 70,
                "One year" if n % 3 else "Month-to-month",
                charge,
                charge * 10,
                "Yes" if gone else "No",
                int(gone),
                3000 + n,
                REASONS_LIKE_TELCO[n // 4 % 5] if gone else None,
            ]
        )
        money += charge
        lost += gone
        money_lost += charge * gone
    return xlsx({"Telco_Churn": rows}), {
        "customers": customers,
        "lost": lost,
        "revenue": money,
        "revenue_lost": money_lost,
    }


def stored(found: Portfolio) -> str:
    """The id of a stored workspace that holds a portfolio, handed out and read in again."""
    from core.export.data import build_data
    from ui import state

    sheets = read_file("data.xlsx", build_data(found, Text("en")), load_config().limits)
    workspace = state.built(sheets, Choices(), {})
    return state.store().create(state.kept(workspace, Document())).workspace


@pytest.fixture(scope="module")
def server():
    needs(CHROMIUM, "Chromium")
    from driving import start_server, stop_server

    process, url = start_server()
    yield url
    stop_server(process)


@pytest.fixture(scope="session")
def browser():
    needs(CHROMIUM, "Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture
def page(browser):
    from driving import PATIENCE

    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()
