"""Everything of a story and its situation in one zip: deck, workbook, report, web page, pictures, tables."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import xlsxwriter

from core.exhibits import Exhibit, Situation, exhibit, exhibit_names
from core.export.deck import build_deck
from core.export.names import file_name
from core.export.pictures import Picture, UnavailableError, draw
from core.export.report import build_report
from core.export.webpage import build_webpage
from core.export.workbook import build_workbook
from core.listings import cells_of, safe_csv
from core.story import Shown

PRINT_SCALE = 3.0  # 1,200 points wide become 3,600 pixels: 30 cm at 300 dots an inch
Progress = Callable[[float], None]


def exhibits_of(at: Situation) -> list[Exhibit]:
    """Every exhibit that the data can speak of."""
    return [found for name in exhibit_names() if (found := exhibit(name, at)) is not None]


def build_pictures(at: Situation, progress: Progress = lambda share: None) -> dict[str, bytes]:
    """Each figure as PNG and SVG at print size, with and without its title, by file name.

    Raises:
        UnavailableError: there is no browser to draw them.
    """
    found = [one for one in exhibits_of(at) if one.figure is not None]
    files: dict[str, bytes] = {}
    done = 0
    for titled in (True, False):
        pictures = [Picture(one.figure, titled=titled) for one in found if one.figure is not None]
        for form, scale in (("svg", 1.0), ("png", PRINT_SCALE)):
            bodies = draw(pictures, "svg" if form == "svg" else "png", scale, _part(progress, done / 4, 0.25))
            done += 1
            folder = at.text("handout.titled" if titled else "handout.untitled")
            for n, (one, body) in enumerate(zip(found, bodies, strict=True), 1):
                files[f"{folder}/{file_name(f'{n:02d} {one.title}', form)}"] = body
    return files


def build_table(table: pd.DataFrame, title: str) -> bytes:
    """One table as .xlsx; text stays text."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(stream, options) as book:
        sheet = book.add_worksheet()
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        for column, name in enumerate(table.columns):
            cells = table.iloc[:, column].tolist()
            longest = max([len(str(name)), *(len(str(cell)) for cell in cells[:200])])
            sheet.set_column(column, column, min(max(longest * 1.2, 10), 50))
            sheet.write_string(0, column, str(name), head)
            for row, cell in enumerate(cells, 1):
                if isinstance(cell, bool) or cell is None or cell != cell:
                    sheet.write(row, column, None if cell is None or cell != cell else cell)
                elif isinstance(cell, int | float):
                    sheet.write_number(row, column, cell)
                else:
                    sheet.write_string(row, column, str(cell))
        sheet.freeze_panes(1, 0)
        book.set_properties({"title": title[:200]})
    return stream.getvalue()


def build_tables(at: Situation) -> dict[str, bytes]:
    """Each table as CSV (UTF-8 with BOM) and .xlsx, by file name."""
    files = {}
    found = [one for one in exhibits_of(at) if one.table is not None and len(one.table)]
    for n, one in enumerate(found, 1):
        if one.table is not None:
            name = f"{n:02d} {one.title}"
            files[file_name(name, "csv")] = safe_csv(cells_of(one.table))
            files[file_name(name, "xlsx")] = build_table(one.table, one.title)
    return files


def _part(progress: Progress, start: float, share: float) -> Progress:
    return lambda done: progress(start + share * done)


def build_bundle(
    slides: Sequence[Shown],
    at: Situation,
    title: str,
    subtitle: str,
    paper: str = "a4",
    progress: Progress = lambda share: None,
) -> tuple[bytes, tuple[str, ...]]:
    """One zip of all, and the codes of what this machine could not make, which is left out."""
    missing: list[str] = []
    files: dict[str, bytes] = {
        file_name(title, "pptx"): build_deck(slides, title, subtitle, at.text, _part(progress, 0, 0.1)),
        file_name(title, "xlsx"): build_workbook(at),
        file_name(title, "html"): build_webpage(slides, title, at.text),
    }
    files |= {f"{at.text('handout.tables')}/{name}": body for name, body in build_tables(at).items()}
    progress(0.2)
    try:
        files[file_name(title, "pdf")] = build_report(slides, at, paper, _part(progress, 0.2, 0.2))
    except UnavailableError as error:
        missing.append(error.code)
    try:
        pictures = build_pictures(at, _part(progress, 0.4, 0.55))
        files |= {f"{at.text('handout.pictures')}/{name}": body for name, body in pictures.items()}
    except UnavailableError as error:
        missing.append(error.code)
    made = zipped(files)
    progress(1.0)
    return made, tuple(dict.fromkeys(missing))


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files by name as one zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in files.items():
            made.writestr(name, body)
    return stream.getvalue()
