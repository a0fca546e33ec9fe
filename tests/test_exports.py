"""What is handed out: the same numbers as the screen, in files that open, and nothing in them that runs."""

from __future__ import annotations

import html
import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace

import numpy as np
import openpyxl
import pytest
from conftest import needs, portfolio, take, telco_like
from pptx import Presentation
from pptx.oxml.ns import qn
from test_story import sample_of, situation

from core.config import load_config
from core.exhibits import Known, Situation, exhibit, exhibit_names, under
from core.export import pictures, report
from core.export.bundle import build_bundle, build_pictures, build_table, build_tables
from core.export.deck import MOST_ROWS, build_deck
from core.export.formula import NOTHING, choose, clipped, dot_where, known, number
from core.export.letters import bare_words
from core.export.names import file_name
from core.export.pictures import Picture, UnavailableError
from core.export.report import build_report
from core.export.template import template
from core.export.webpage import build_webpage
from core.export.workbook import build_workbook
from core.figures.theme import enlarged
from core.models import evaluate_all, observe_all
from core.portfolio import Settings
from core.scenario import Setting
from core.story import Shown, all_shown, story_of
from core.tables import ITEMS, LANGUAGES
from core.workspace import Document, Slide

OFFICE, PDF_TEXT = shutil.which("soffice") or shutil.which("libreoffice"), shutil.which("pdftotext")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def everything(language: str) -> tuple[tuple[Shown, ...], Situation]:
    """A story that shows every exhibit of the sample company in its second scenario."""
    at, document = sample_of(language)
    scenario = list(document.scenarios)[1]
    slides = {name: Slide(view=name, scenario=scenario) for name in exhibit_names()}
    shown = [one for one in all_shown(slides, at, document) if one.exhibit is not None]
    return tuple(shown), shown[0].at


def labels(one: Shown) -> list[str]:
    """What a figure says in words on the screen."""
    if one.exhibit is None or one.exhibit.figure is None:
        return []
    return [
        bare_words(word)
        for trace in one.exhibit.figure.to_plotly_json()["data"]
        if trace.get("mode") == "text"
        for word in trace["text"]
    ]


def numbers(words: str) -> set[str]:
    return set(NUMBER.findall(words))


def words_of_deck(body: bytes) -> list[str]:
    """All text of each slide, its charts and notes included."""
    found = []
    for slide in Presentation(io.BytesIO(body)).slides:
        parts = [slide.part.blob.decode("utf-8")]
        parts += [shape.chart.part.blob.decode("utf-8") for shape in slide.shapes if shape.has_chart]
        text = " ".join(re.findall(r"<(?:a:t|c:v)>([^<]*)</", " ".join(parts)))
        found.append(html.unescape(text))
    return found


# One source ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_the_screen_is_in_the_deck_and_in_the_web_page(language):
    slides, at = everything(language)
    deck = words_of_deck(build_deck(slides, "T", "s", at.text))[1:]
    page = html.unescape(build_webpage(slides, "T", at.text).decode("utf-8").replace("\\u003c", "<"))
    assert len(deck) == len(slides)
    for one, said in zip(slides, deck, strict=True):
        assert one.title in said and one.footer in said, one.title
        assert html.escape(one.title) in page or one.title in page
        drawn = one.exhibit.figure is not None
        in_figure = {n for word in labels(one) for n in numbers(word)}
        if drawn and not one.exhibit.name.startswith("scenarios.compare"):
            assert in_figure <= numbers(said), (one.exhibit.name, in_figure - numbers(said))
        assert numbers(" ".join(labels(one))) <= numbers(page)
        if not drawn:
            first = one.exhibit.table.iloc[:MOST_ROWS, :2]
            cells = {str(cell) for row in first.itertuples(index=False) for cell in row if isinstance(cell, str)}
            assert all((cell in said and html.escape(cell) in page) or cell in page for cell in cells), one.exhibit.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_says_what_the_screen_says(language, tmp_path):
    needs(pictures.browser(), "Chromium")
    needs(PDF_TEXT, "pdftotext")
    at, document = sample_of(language)
    slides = all_shown(story_of(document, at), at, document)
    here = slides[5].at
    shares: list[float] = []
    body = build_report(slides, here, "letter" if language == "en" else "a4", shares.append)
    (tmp_path / "r.pdf").write_bytes(body)
    words = subprocess.run([PDF_TEXT, "-layout", tmp_path / "r.pdf", "-"], capture_output=True, check=True).stdout
    said = words.decode("utf-8")
    tight = re.sub(r"\s", "", said)
    for one in slides:
        assert re.sub(r"\s", "", one.title) in tight, one.title
        assert numbers(one.message) <= numbers(said)
        found = {n for word in labels(one) for n in numbers(word)}
        assert found <= numbers(said), (one.title, found - numbers(said))
    for name in ("churn.loss", "churn.retention", "markets.flags"):
        table = exhibit(name, here).table
        cells = {c for row in table.itertuples(index=False) for c in row if isinstance(c, str)}
        assert {n for c in cells for n in numbers(c)} <= numbers(said), name
    assert shares == sorted(shares) and shares[-1] == 1
    info = subprocess.run(["pdfinfo", tmp_path / "r.pdf"], capture_output=True, check=True, text=True).stdout
    fonts = subprocess.run(["pdffonts", tmp_path / "r.pdf"], capture_output=True, check=True, text=True).stdout
    assert "Tagged:          yes" in info and ("letter" in info if language == "en" else "A4" in info)
    assert all(line.split()[-5] == "yes" for line in fonts.splitlines()[2:])  # embedded
    assert language == "en" or "CJK" in fonts


# The workbook -------------------------------------------------------------------------------------


def wild(at: Situation, seed: int) -> dict[str, Setting]:
    """Most levers pulled somewhere within their bounds."""
    random = np.random.default_rng(seed)
    found = {}
    for spec in at.observed.levers:
        if np.isfinite(spec.neutral) and random.random() < 0.7:
            value = float(random.integers(0, 2)) if spec.unit == "flag" else float(random.uniform(spec.low, spec.high))
            found[spec.id] = Setting(value)
    return found


def checked(body: bytes) -> list[tuple[str, float, float]]:
    """Result, as calculated and as the program said, of every line of the check sheet."""
    sheet = openpyxl.load_workbook(io.BytesIO(body), data_only=True).worksheets[-1]
    found = []
    for row in sheet.iter_rows(min_row=4, values_only=True):
        for here, said in ((row[1], row[2]), (row[3], row[4])):
            if isinstance(said, int | float) and isinstance(row[0], str):
                assert isinstance(here, int | float), row
                found.append((row[0], here, said))
    return found


def few() -> Situation:
    data, _ = telco_like()
    found, _ = take("telco.xlsx", data)
    return situation(found, "zh-Hans")


def assert_equal(lines: list[tuple[str, float, float]], least: int) -> None:
    assert len(lines) >= least
    for name, here, said in lines:
        assert here == pytest.approx(said, rel=1e-9, abs=1e-9), name


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_values_written_with_the_formulas_are_the_programs(seed):
    for at in (sample_of(LANGUAGES[seed % 3])[0], few()):
        settings = wild(at, seed)
        assert_equal(checked(build_workbook(under(at, settings, "wild"))), 60)
        assert_equal(checked(build_workbook(at)), 60)


def recalculated(body: bytes, folder) -> bytes:
    """A workbook as LibreOffice calculates it, from its formulas alone."""
    (folder / "in.xlsx").write_bytes(body)
    command = [OFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to"]
    subprocess.run(
        [*command, "xlsx:Calc MS Excel 2007 XML", "--outdir", folder / "out", folder / "in.xlsx"],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return (folder / "out" / "in.xlsx").read_bytes()


@pytest.mark.parametrize("which", ["sample", "few"])
def test_levers_pulled_in_excel_change_the_results_as_the_program_would(which, tmp_path):
    needs(OFFICE, "LibreOffice")
    at = sample_of("zh-Hant")[0] if which == "sample" else few()
    settings = wild(at, 11)
    book = openpyxl.load_workbook(io.BytesIO(build_workbook(at)))  # formulas only: no value is kept
    levers = [spec for spec in at.observed.levers if np.isfinite(spec.neutral)]
    for row, spec in enumerate(levers, 4):
        if spec.id in settings:
            book.worksheets[1].cell(row, 5).value = settings[spec.id].likely
    stream = io.BytesIO()
    book.save(stream)
    here = checked(recalculated(stream.getvalue(), tmp_path))
    said = checked(build_workbook(under(at, settings, "wild")))
    assert [name for name, *_ in here] == [name for name, *_ in said]
    assert_equal([(name, a, b) for (name, a, _), (_, _, b) in zip(here, said, strict=True)], 60)
    moved = [name for (name, a, _), (_, b, _) in zip(here, checked(build_workbook(at)), strict=True) if a != b]
    assert len(moved) > 10  # the levers did something


def test_the_workbook_is_a_model_with_charts_names_and_editable_levers():
    body = build_workbook(sample_of("en")[0])
    book = openpyxl.load_workbook(io.BytesIO(body))
    assert [s.title for s in book] == ["Overview", "Levers", "Chain", "Markets", "Value", "Stages", "Exits", "Check"]
    assert len(book["Overview"]._charts) == 4
    assert {"churn_rate_scenario", "profit_effect_scenario", "check"} <= set(book.defined_names)
    formulas = sum(str(c.value).startswith("=") for s in book for row in s.iter_rows() for c in row)
    assert formulas > 3000
    assert str(book["Levers"]["E4"].value).startswith("='Levers'!$D$4")  # follows the baseline until it is pulled


def large() -> Situation:
    """Many of everything, with gaps: 300 stakeholders, 900 accounts in 70 segments, exits in each."""
    segment = [f"Segment {n % 70}" for n in range(900)]
    reasons = ("price", "product", "service", "technology", "market")
    return situation(
        portfolio(
            Settings(company="Large", currency="CNY", margin=0.2, acquisition_cost=50.0),
            stakeholders=[
                {
                    "stakeholder": f"S{n}",
                    "market": ("customer", "internal", "supplier")[n % 3],
                    "trust": None if n % 11 == 0 else 3.0 + n % 5,
                    "commitment": 6.0,
                    "strength": 5.5 if n % 7 == 0 else None,
                    "desired_strength": None if n % 13 == 0 else 8.0,
                    "value_received": None if n % 17 == 0 else 1000.0 * n,
                    "customer": f"C{n}" if n % 3 == 0 else "",
                }
                for n in range(300)
            ],
            customers=[
                {
                    "customer": f"C{n}",
                    "segment": segment[n],
                    "revenue": None if n % 19 == 0 else 100.0 + n,
                    "margin": 0.3,
                }
                for n in range(900)
            ],
            assessments=[
                {
                    "account": f"C{n}",
                    "rater_role": "marketer",
                    **{item: None if (n + k) % 23 == 0 else float(1 + (n + k) % 4) for k, item in enumerate(ITEMS)},
                }
                for n in range(900)
            ],
            exits=[{"customer": f"C{n}", "reason_key": reasons[n % 5]} for n in range(0, 900, 4)],
            value=[
                {
                    "segment": f"Segment {g}",
                    "offer": offer,
                    "component": part,
                    "kind": kind,
                    "amount": 100.0 + g + len(offer),
                }
                for g in range(70)
                for offer in ("ours", "Rival")
                for part, kind in (
                    ("Core", "core"),
                    ("Help", "service"),
                    ("Price", "price"),
                    ("Trouble", "relationship_cost"),
                )
            ],
        )
    )


def test_a_large_workbook_keeps_within_what_excel_can_read():
    at = large()
    body = build_workbook(under(at, wild(at, 4), "wild"))
    assert_equal(checked(body), 400)
    for sheet in openpyxl.load_workbook(io.BytesIO(body)):
        assert len(sheet.title) <= 31
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    assert len(cell.value) <= 8192 and cell.value.count("(") < 200, cell.coordinate


@pytest.mark.parametrize("definition", ["start", "start_plus_joined"])
def test_the_workbook_follows_the_definition_of_churn(definition):
    config = load_config()
    config = config.model_copy(update={"churn": config.churn.model_copy(update={"definition": definition})})
    found = sample_of("en")[0].portfolio
    seen = observe_all(found, config)
    at = Situation(found, seen, evaluate_all(seen), Known(found, seen, config), config, sample_of("en")[0].text)
    lines = checked(build_workbook(under(at, wild(at, 5), "wild")))
    assert_equal(lines, 100)
    assert at.text("headline.churn_rate") in {name for name, *_ in lines}


def test_a_term_is_its_formula_and_its_value():
    three, four = number(3), number(4)
    assert (three + four * 2).words == "(3+(4*2))" and (three + four * 2).value == 11
    assert (1 - three / four).value == 0.25 and (three**four).value == 81
    assert clipped(four, 0, 3).value == 3 and clipped(four, 0, float("inf")).words == "MAX(0,4)"
    assert choose(three.above(four), 1, NOTHING).words == 'IF((3>4),1,"")'
    assert np.isnan(choose(three.above(four), 1, NOTHING).value) and known(NOTHING).value == 0
    with pytest.raises(ValueError):
        dot_where([three, four], 3)


# The deck -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_deck_has_native_charts_shapes_notes_and_our_template(language):
    at, document = sample_of(language)
    slides = all_shown(story_of(document, at), at, document)
    deck = Presentation(io.BytesIO(build_deck(slides, "T", "s", at.text)))
    assert round(deck.slide_width / deck.slide_height, 3) == 1.778
    assert len(deck.slides) == len(slides) + 1 and len(deck.slide_layouts) == 2
    for slide, one in zip(list(deck.slides)[1:], slides, strict=True):
        assert slide.shapes.title.text == one.title
        assert slide.notes_slide.notes_text_frame.text == one.notes
        ids = [e.get("id") for e in slide.shapes._spTree.iter(qn("p:cNvPr"))]
        assert len(ids) == len(set(ids))
        assert not any(shape.shape_type == 13 for shape in slide.shapes)  # no pictures
    charts = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert len(charts) == 2 and all(c.part.chart_workbook.xlsx_part is not None for c in charts)
    groups = [s for slide in deck.slides for s in slide.shapes if s.shape_type == 6]
    assert len(groups) == 2 and len(groups[0].shapes) > 60  # the map and the pyramid
    theme = zipfile.ZipFile(io.BytesIO(template(language))).read("ppt/theme/theme1.xml").decode()
    assert "5B3FD6" in theme and ("Microsoft JhengHei" if language == "zh-Hant" else "Microsoft YaHei") in theme


def test_the_waterfall_of_the_deck_adds_up():
    at, document = sample_of("en")
    scenario = list(document.scenarios)[1]
    slides = all_shown({"a": Slide(view="churn.waterfall", scenario=scenario)}, at, document)
    deck = Presentation(io.BytesIO(build_deck(slides, "T", "s", at.text)))
    chart = next(s.chart for s in deck.slides[1].shapes if s.has_chart)
    columns = {s.name: [v or 0.0 for v in s.values] for s in chart.plots[0].series}
    base, saved, lost = (columns[at.text(f"present.series.{n}")] for n in ("base", "saved", "lost"))
    outcome = slides[0].at.outcome
    before, after = (np.nansum(r.churn.revenue_lost) for r in (outcome.baseline, outcome.scenario))
    assert sum(saved) == pytest.approx(before - after) and sum(lost) == pytest.approx(after)
    opening, closing = columns[at.text("present.series.opening")], columns[at.text("present.series.closing")]
    assert opening[0] - sum(lost) - sum(saved) == pytest.approx(closing[-1])
    level = opening[0]
    for n in range(1, len(base) - 1):
        level -= lost[n] + saved[n]
        assert base[n] == pytest.approx(level)
    assert chart.value_axis.minimum_scale > 0


@pytest.mark.parametrize("kind", ["deck", "workbook"])
def test_files_open_in_an_office_program(kind, tmp_path):
    needs(OFFICE, "LibreOffice")
    slides, at = everything("zh-Hans")
    body = build_deck(slides, "标题", "s", at.text) if kind == "deck" else build_workbook(at)
    file = tmp_path / ("a.pptx" if kind == "deck" else "a.xlsx")
    file.write_bytes(body)
    command = [OFFICE, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", tmp_path, file], check=True, capture_output=True, timeout=180)
    info = subprocess.run(["pdfinfo", tmp_path / "a.pdf"], capture_output=True, check=True, text=True).stdout
    pages = int(re.search(r"Pages:\s+(\d+)", info)[1])
    assert pages == len(slides) + 1 if kind == "deck" else pages >= 8


# Pictures, tables, all of it ----------------------------------------------------------------------


def test_pictures_come_at_print_size_with_and_without_title():
    needs(pictures.browser(), "Chromium")
    at = sample_of("zh-Hans")[0]
    figure = exhibit("churn.waterfall", at).figure
    plain, titled = pictures.draw([Picture(figure), Picture(figure, titled=True)], "svg")
    assert b"<svg" in plain and "服务".encode() in plain
    assert titled.count("收入损失".encode()) > plain.count("收入损失".encode())
    (png,) = pictures.draw([Picture(figure)], "png", 3.0)
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and int.from_bytes(png[16:20], "big") == 3600


def test_a_browser_that_does_not_start_is_named_and_the_next_try_is_fresh(monkeypatch, tmp_path):
    needs(pictures.browser(), "Chromium")
    figure = exhibit("churn.waterfall", sample_of("en")[0]).figure
    broken = tmp_path / "chrome"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    for held in pictures._open:
        held.close()
    pictures._open.clear()
    monkeypatch.setenv("BROWSER_PATH", str(broken))
    monkeypatch.setattr(pictures, "_START_SECONDS", 6.0)
    monkeypatch.setattr(pictures, "_drawn", type(pictures._drawn)())
    with pytest.raises(UnavailableError):
        pictures.draw([Picture(figure)], "svg")
    monkeypatch.delenv("BROWSER_PATH")
    monkeypatch.setattr(pictures, "_START_SECONDS", 120.0)
    assert b"<svg" in pictures.draw([Picture(figure)], "svg")[0]


def test_a_browser_that_died_is_started_anew():
    needs(pictures.browser(), "Chromium")
    figure = exhibit("stages.pyramid", sample_of("en")[0]).figure
    pictures.draw([Picture(figure)], "svg")
    pictures._open[0].close()
    assert b"<svg" in pictures.draw([Picture(figure, wide=777)], "svg")[0]


def test_the_workbook_agrees_where_little_is_known():
    people = {"customers": [{"customer": str(n), "revenue": 10.0 + n, "segment": "A"} for n in range(30)]}
    exits = [{"customer": f"gone {n}", "reason_key": "price"} for n in range(3)]  # nobody knows their revenue
    worth = [
        {"segment": "A", "offer": "ours", "component": "Core", "kind": "core", "amount": 100.0},
        {"segment": "A", "offer": "ours", "component": "Price", "kind": "price", "amount": 80.0},
    ]
    programs = [{"program": f"P{n}", "reason": "price", "effect": 0.001, "fixed_cost": 1.0} for n in range(240)]
    at = situation(portfolio(Settings(margin=0.2), **people, exits=exits, value=worth, programs=programs))
    body = build_workbook(under(at, wild(at, 9), "wild"))
    assert_equal(checked(body), 20)
    longest = max(
        len(str(c.value)) for s in openpyxl.load_workbook(io.BytesIO(body)) for row in s.iter_rows() for c in row
    )
    assert longest < 8192
    sheet = openpyxl.load_workbook(io.BytesIO(body), data_only=True).worksheets[-1]
    assert [row for row in sheet.iter_rows(values_only=True) if row[0]][-1][5] == 1


def test_without_a_browser_all_else_is_made_and_the_rest_is_named(monkeypatch):
    monkeypatch.setattr(pictures, "browser", lambda: "")
    monkeypatch.setattr(pictures, "_drawn", type(pictures._drawn)())
    at, document = sample_of("en")
    slides = all_shown(story_of(document, at), at, document)
    with pytest.raises(UnavailableError):
        build_pictures(at)
    body, missing = build_bundle(slides, at, "A: b", "s")
    names = zipfile.ZipFile(io.BytesIO(body)).namelist()
    assert missing == ("browser",) and {"A_ b.pptx", "A_ b.xlsx", "A_ b.html"} <= set(names)
    assert any(name.startswith("Tables/") and name.endswith(".csv") for name in names)
    assert not any(name.endswith((".png", ".pdf")) for name in names)


@pytest.mark.parametrize("ends", ["sys.exit(3)", "os.abort()", "sys.exit('no room')"])
def test_a_typesetter_that_fails_takes_nothing_else_with_it(ends, monkeypatch, tmp_path):
    script = tmp_path / "typesetter.py"
    script.write_text(f"import os, sys\n{ends}\n")
    monkeypatch.setattr(report, "_TYPESETTER", script)
    monkeypatch.setattr(report, "draw", lambda pictures, form, progress: [])
    at, document = sample_of("en")
    slides = all_shown(story_of(document, at), at, document)
    with pytest.raises(UnavailableError if "3" in ends else RuntimeError, match=r"pango|-6|no room"):
        build_report(slides, at)


def test_tables_are_csv_with_a_bom_and_xlsx_with_the_same_cells():
    at = sample_of("zh-Hant")[0]
    files = build_tables(at)
    name = next(n for n in files if at.text("churn.loss.title") in n).rpartition(".")[0]
    assert files[f"{name}.csv"][:3] == b"\xef\xbb\xbf"
    table = exhibit("churn.loss", at).table
    rows = list(openpyxl.load_workbook(io.BytesIO(files[f"{name}.xlsx"])).active.values)
    assert list(rows[0]) == list(table.columns) and list(rows[1]) == list(table.iloc[0])


def test_a_figure_for_a_large_room_says_the_same_in_larger_letters():
    at = sample_of("en")[0]
    for name in exhibit_names():
        found = exhibit(name, at)
        if found is None or found.figure is None:
            continue
        before, after = found.figure.to_plotly_json(), enlarged(found.figure, 2, 700).to_plotly_json()
        assert (
            after["layout"]["font"]["size"] == 2 * before["layout"]["font"]["size"] and after["layout"]["height"] == 700
        )
        for a, b in zip(before["data"], after["data"], strict=True):
            assert [a.get(k) for k in ("x", "y", "base")] == [b.get(k) for k in ("x", "y", "base")]
            assert re.sub(r"font-size:\d+px", "", str(a.get("text"))) == re.sub(
                r"font-size:\d+px", "", str(b.get("text"))
            )


# Safety -------------------------------------------------------------------------------------------

NASTY = (
    '=HYPERLINK("http://evil","x")',
    "+cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "@SUM(1)",
    "A & B </text> \x07 ]]>",
    "}\n@page{",
    "名" * 90,
)


def hostile() -> Situation:
    people = [
        {
            "stakeholder": name,
            "market": "customer",
            "trust": 3.0,
            "commitment": 4.0,
            "desired_strength": 9.0,
            "value_received": 1e5 + n,
        }
        for n, name in enumerate(NASTY)
    ]
    people += [
        {
            "stakeholder": f"Stakeholder number {n}",
            "market": "supplier",
            "trust": 5.0,
            "commitment": 5.0,
            "desired_strength": 7.0,
            "value_received": 1e3 * n,
        }
        for n in range(200)
    ]
    return situation(portfolio(Settings(company=NASTY[0], currency="CNY"), stakeholders=people))


def test_text_of_users_never_becomes_a_formula_markup_or_a_path():
    at = hostile()
    slides = all_shown(
        {
            name: Slide(view=name, title=NASTY[2] if name == "markets.map" else "", message=NASTY[0], notes=NASTY[5])
            for name in ("markets.map", "markets.list", "markets.priority")
        },
        at,
        Document(),
    )
    for name in (
        n for n in zipfile.ZipFile(io.BytesIO(build_deck(slides, "T", "s", at.text))).namelist() if "embed" in n
    ):
        held = zipfile.ZipFile(io.BytesIO(build_deck(slides, "T", "s", at.text))).read(name)
        cells = [c for row in openpyxl.load_workbook(io.BytesIO(held)).active.iter_rows() for c in row]
        assert cells and not any(c.data_type == "f" for c in cells), name
    book = openpyxl.load_workbook(io.BytesIO(build_workbook(at)))
    names = {str(c.value): c.data_type for row in book.worksheets[3].iter_rows(max_col=1) for c in row}
    assert names[NASTY[0]] == "s" and names[NASTY[4]] == "s"
    page = build_webpage(slides, NASTY[2], at.text).decode("utf-8")
    assert ("<script>alert" not in page and "\\u003cscript" in page) or "&lt;script&gt;alert" in page
    assert page.count("<script") == 3
    deck = Presentation(io.BytesIO(build_deck(slides, NASTY[0], NASTY[2], at.text)))
    assert deck.slides[0].shapes.title.text == NASTY[0] and deck.slides[1].shapes.title.text == NASTY[2]
    table = build_table(exhibit("markets.list", at).table, NASTY[2])
    cells = {
        str(c.value): c.data_type
        for row in openpyxl.load_workbook(io.BytesIO(table)).active.iter_rows(max_col=1)
        for c in row
    }
    assert cells[NASTY[0]] == "s"
    for name in NASTY:
        made = file_name(name, "pptx")
        assert not set(made) & set('<>:"/\\|?*\n\x07') and ".." not in made and len(made) <= 86


def test_the_report_of_hostile_names_fetches_and_runs_nothing():
    needs(pictures.browser(), "Chromium")
    at = hostile()
    slides = all_shown({"a": Slide(view="markets.map", message=NASTY[2])}, at, Document())
    body = build_report(slides, at)
    assert body[:5] == b"%PDF-" and b"/JavaScript" not in body and b"/URI" not in body


def test_two_hundred_stakeholders_stay_readable():
    at = hostile()
    figure = exhibit("markets.map", at).figure.to_plotly_json()
    named = [w for t in figure["data"] if t.get("mode") == "text" for w in t["text"] if "gap" in bare_words(w)]
    assert len(named) == 10
    slides = all_shown({"a": Slide(view="markets.list"), "b": Slide(view="markets.map")}, at, Document())
    deck = words_of_deck(build_deck(slides, "T", "s", at.text))
    assert at.text("present.more_rows", n=len(NASTY) + 200 - MOST_ROWS) in deck[1]
    assert at.text("present.more_rows", n=208 - 14) in build_webpage(slides, "T", at.text).decode("utf-8")


def test_names_of_files_are_safe_everywhere():
    assert file_name("季度汇报：一季度", "pdf") == "季度汇报：一季度.pdf"
    assert file_name("LPT1", "csv") == "_LPT1.csv" and file_name("", "zip") == "six-markets.zip"
    assert file_name("a" * 300, "pptx") == "a" * 80 + ".pptx"


def test_a_situation_in_other_colours_shows_the_same_numbers():
    from core.figures.theme import DARK

    at = sample_of("en")[0]
    for name in ("markets.map", "churn.waterfall", "stages.pyramid"):
        light, dark = exhibit(name, at), exhibit(name, replace(at, look=DARK))
        assert light.title == dark.title and light.figure != dark.figure
