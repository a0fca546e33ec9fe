"""The story as a PowerPoint file: native charts, shapes and tables on our own template, notes carried over."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from core.export.letters import LANG, Box, Run, rgb, write
from core.export.native import place_figure
from core.export.template import MESSAGE, template
from core.figures.theme import LIGHT, width
from core.listings import printed
from core.story import Shown, Tile
from core.text import Text, printable

MOST_ROWS = 12


def build_deck(
    slides: Sequence[Shown],
    title: str,
    subtitle: str,
    text: Text,
    progress: Callable[[float], None] = lambda share: None,
) -> bytes:
    """The slides as a .pptx file.

    Args:
        title, subtitle: the words of the cover.
        progress: told the share done, 0 to 1.
    """
    deck = Presentation(io.BytesIO(template(text.language)))
    cover = deck.slides.add_slide(deck.slide_layouts[0])
    _say(cover.shapes.title, [title], text)
    _say(cover.placeholders[1], subtitle.splitlines() or [""], text)
    deck.core_properties.title, deck.core_properties.author = printable(title)[:200], "Six Markets"
    deck.core_properties.language = LANG[text.language]
    for n, one in enumerate(slides, 1):
        _slide(deck, one, text)
        progress(n / len(slides))
    stream = io.BytesIO()
    deck.save(stream)
    return stream.getvalue()


def _say(shape: Any, lines: Sequence[str], text: Text) -> None:
    """Words in a placeholder, which has its own type."""
    write(shape.text_frame, [[Run(line)] for line in lines], text, 0)


def _slide(deck: Any, one: Shown, text: Text) -> None:
    layout = deck.slide_layouts[1]
    slide = deck.slides.add_slide(layout)
    _say(slide.shapes.title, [one.title], text)
    if width(one.title) > 110:
        for run in slide.shapes.title.text_frame.paragraphs[0].runs:
            run.font.size = Pt(21)
    message = next(p for p in slide.placeholders if p.placeholder_format.idx == MESSAGE)
    lines = one.message.splitlines()
    top = 1.3
    if lines:
        _say(message, lines, text)
        rows = sum(max(1, -(-width(line) // 118)) for line in lines)
        if one.exhibit is None:
            message.left, message.top, message.width, message.height = (Inches(v) for v in (0.6, 1.7, 12.1, 4.9))
            for paragraph in message.text_frame.paragraphs:
                paragraph.space_after = Pt(12)
                for run in paragraph.runs:
                    run.font.size, run.font.color.rgb = Pt(24), rgb(LIGHT.ink)
        else:
            if rows > 2:
                for paragraph in message.text_frame.paragraphs:
                    for run in paragraph.runs:
                        run.font.size = Pt(13)
            message.left, message.top = Inches(0.6), Inches(1.27)
            message.width, message.height = Inches(12.1), Inches(min(0.32 * rows + 0.12, 1.3))
            top = 1.27 + min(0.32 * rows + 0.12, 1.3) + 0.08
    else:
        message._element.getparent().remove(message._element)
    _content(slide, one, top, text)
    _foot(slide, layout, one, text)
    if one.notes:
        slide.notes_slide.notes_text_frame.text = printable(one.notes)


def _content(slide: Any, one: Shown, top: float, text: Text) -> None:
    if one.exhibit is None:
        return
    below = 6.62 if one.caption and one.exhibit.figure is not None else 6.95
    room = (Inches(0.6), Inches(top), Inches(12.13), Inches(below - top))
    if one.tiles:
        place_tiles(slide, one.tiles, room, text)
        return
    if one.caption:
        note = slide.shapes.add_textbox(Inches(0.6), Inches(6.68), Inches(12.13), Inches(0.3))
        note.text_frame.word_wrap, note.text_frame.margin_left = True, 0
        write(note.text_frame, [[Run(one.caption)]], text, 10, LIGHT.muted)
    drawn = one.exhibit.figure is not None and place_figure(slide, one.exhibit.figure, Box(*map(int, room)), text)
    if not drawn and one.exhibit.table is not None:
        place_table(slide, one.exhibit.table, room, text)


def place_tiles(slide: Any, tiles: Sequence[Tile], room: tuple[Any, Any, Any, Any], text: Text) -> None:
    """Large numbers with their names, the scenario's below the baseline's."""
    left, top, wide, high = room
    across = 2 if len(tiles) <= 4 else 3
    rows = -(-len(tiles) // across)
    gap = Inches(0.22)
    box_wide, box_high = int((wide - gap * (across - 1)) / across), int((high - gap * rows) / max(rows, 2))
    for n, tile in enumerate(tiles):
        x, y = left + (n % across) * (box_wide + gap), top + Inches(0.1) + (n // across) * (box_high + gap)
        made = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, x, y, box_wide, box_high)
        style = made._element.find(qn("p:style"))
        made._element.remove(style)
        made.fill.solid()
        made.fill.fore_color.rgb = rgb("#F4F6F8")
        made.line.fill.background()
        frame = made.text_frame
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
        frame.margin_left = Inches(0.3)
        large, small = (48, 34) if across == 2 else (36, 26)
        lines = [[Run(tile.name, size=20)], [Run(tile.before, bold=True, size=large)]]
        if tile.after:
            lines[1] = [Run(f"{tile.before} → ", size=small), Run(tile.after, True, LIGHT.scenario, large)]
        write(frame, lines, text, 15, LIGHT.ink, align=PP_ALIGN.LEFT)


def place_table(slide: Any, table: pd.DataFrame, room: tuple[Any, Any, Any, Any], text: Text) -> None:
    """A table as PowerPoint's own: the first rows that fit, and how many more there are."""
    found = printed(table, text, MOST_ROWS)
    rows, heads, numeric = [list(row) for row in found.rows], list(found.heads), list(found.numeric)
    left, top, wide, high = room
    size = 14 if len(heads) <= 4 and len(rows) <= 8 else 11 if len(heads) <= 7 else 9
    weights = [_need(heads[n], [r[n] for r in rows], numeric[n]) for n in range(len(heads))]
    room_for = wide / Pt(size * 0.56)
    shown = len(heads)
    while shown > 2 and sum(weights[:shown]) > room_for:
        shown -= 1
    found = printed(table, text, MOST_ROWS, shown)
    heads, weights, numeric = heads[:shown], weights[:shown], numeric[:shown]
    rows = [r[:shown] for r in rows]
    step = min(int(high / (len(rows) + 2)), int(Inches(0.52)))
    shape = slide.shapes.add_table(len(rows) + 1, shown, left, top, wide, step * (len(rows) + 1))
    made = shape.table
    _table_style(shape)
    for n, weight in enumerate(weights):
        made.columns[n].width = int(wide * weight / sum(weights))
    for r, cells in enumerate([heads, *rows]):
        made.rows[r].height = step
        for c, words in enumerate(cells):
            cell = made.cell(r, c)
            cell.margin_left = cell.margin_right = Inches(0.08)
            cell.margin_top = cell.margin_bottom = Inches(0.02)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            align = PP_ALIGN.RIGHT if numeric[c] else PP_ALIGN.LEFT
            color = LIGHT.muted if r == 0 else LIGHT.ink
            write(cell.text_frame, [[Run(words, bold=r == 0)]], text, size, color, align=align)
            _cell_lines(cell)
    if found.left_words(text):
        note = slide.shapes.add_textbox(left, top + step * (len(rows) + 1) + Pt(2), wide, Pt(18))
        note.text_frame.margin_top = 0
        write(note.text_frame, [[Run(found.left_words(text))]], text, 10, LIGHT.muted)


def _need(head: str, cells: Sequence[str], numeric: bool) -> float:
    """How wide a column must be, in half-width letters: numbers never break, words may."""
    word = max((width(part) for part in head.split()), default=3)
    longest = max((width(cell) for cell in cells), default=3)
    return max(min(word, 14), longest if numeric else min(longest, 26), 4) + 2.5


def _table_style(shape: Any) -> None:
    """No bands and fills of the built-in style: lines between the rows only."""
    properties = shape._element.graphic.graphicData.tbl.tblPr
    for name in ("bandRow", "firstRow"):
        properties.set(name, "0")
    style = properties.find(qn("a:tableStyleId"))
    if style is not None:
        style.text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"


def _cell_lines(cell: Any) -> None:
    properties = cell._tc.get_or_add_tcPr()
    line = etree.SubElement(properties, qn("a:lnB"), {"w": "9525"})
    fill = etree.SubElement(line, qn("a:solidFill"))
    etree.SubElement(fill, qn("a:srgbClr"), {"val": LIGHT.grid[1:]})
    etree.SubElement(properties, qn("a:noFill"))


def _foot(slide: Any, layout: Any, shown: Shown, text: Text) -> None:
    """What the slide stands on, and its number, in the places the layout has for them."""
    for shape in layout.placeholders:
        kind = str(shape.placeholder_format.type)
        if "FOOTER" not in kind and "SLIDE_NUMBER" not in kind:
            continue
        made = copy.deepcopy(shape._element)
        used = (int(one.get("id")) for one in slide.shapes._spTree.iter(qn("p:cNvPr")))
        made.nvSpPr.cNvPr.set("id", str(max(used) + 1))
        slide.shapes._spTree.append(made)
        if "FOOTER" in kind:
            body = made.find(qn("p:txBody"))
            for paragraph in body.findall(qn("a:p"))[1:]:
                body.remove(paragraph)
            paragraph = body.find(qn("a:p"))
            for child in list(paragraph):
                paragraph.remove(child)
            run = paragraph.makeelement(qn("a:r"), {})
            run.append(run.makeelement(qn("a:rPr"), {"lang": LANG[text.language]}))
            letters = run.makeelement(qn("a:t"), {})
            letters.text = printable(shown.footer)
            run.append(letters)
            paragraph.append(run)
