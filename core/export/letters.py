"""Words, colours and places of a slide, as figures write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
from pptx.util import Emu, Pt

from core.text import Text, printable

_NONE = re.compile(r"rgba\([^)]*,\s*0(\.0+)?\)")


@dataclass(frozen=True)
class Box:
    """A place on a slide, in EMU."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Run:
    """Letters of one kind."""

    words: str
    bold: bool = False
    color: str = ""
    size: float = 0.0


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[Run]] = [[]]
        self._bold, self._styles = 0, [("", 0.0)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.lines.append([])
        elif tag == "b":
            self._bold += 1
        elif tag == "span":
            style = dict(attrs).get("style") or ""
            color, size = re.search(r"(?:^|;)\s*color:\s*(#\w{6})", style), re.search(r"font-size:\s*(\d+)px", style)
            before = self._styles[-1]
            self._styles.append((color[1] if color else before[0], float(size[1]) if size else before[1]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "b":
            self._bold = max(self._bold - 1, 0)
        elif tag == "span" and len(self._styles) > 1:
            self._styles.pop()

    def handle_data(self, data: str) -> None:
        if data:
            color, size = self._styles[-1]
            self.lines[-1].append(Run(data, self._bold > 0, color, size))


def rich(words: str) -> list[list[Run]]:
    """The lines of a label of a figure, each as runs.

    >>> [[run.words for run in line] for line in rich("<b>A &amp; B</b> 3<br>x")]
    [['A & B', ' 3'], ['x']]
    """
    reader = _Reader()
    reader.feed(str(words))
    reader.close()
    return reader.lines


def bare_words(words: str) -> str:
    """A label without markup, on one line.

    >>> bare_words("<b>A &lt; B</b><br>x")
    'A < B x'
    """
    joined = " ".join("".join(run.words for run in line).strip() for line in rich(words))
    return printable(joined.replace("\u2002", " ")).strip()


def write(frame: Any, lines: Sequence[Sequence[Run]], text: Text, size: float, color: str = "", **more: Any) -> None:
    """Write runs into a text frame, one paragraph a line."""
    for n, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
        if "align" in more:
            paragraph.alignment = more["align"]
        for run in line:
            made = paragraph.add_run()
            made.text = printable(run.words)
            font = made.font
            if run.size or size:
                font.size = Pt(run.size * 0.75 * more.get("scale", 1.0) if run.size else size)
            font.bold = run.bold or None
            tint = run.color or color
            if tint:
                font.color.rgb = rgb(tint)
            made._r.get_or_add_rPr().set("lang", LANG[text.language])


LANG = {"en": "en-US", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}


def rgb(color: str) -> RGBColor:
    """A colour of a figure, `#rrggbb` or `rgb(...)`."""
    if color.startswith("#"):
        return RGBColor.from_string(color[1:7].upper())
    numbers = [round(float(n)) for n in re.findall(r"[\d.]+", color)[:3]]
    return RGBColor(*numbers)


def is_empty(color: Any) -> bool:
    """Whether a colour of a figure is none, or shows nothing."""
    return not isinstance(color, str) or not color or bool(_NONE.fullmatch(color))


def stroke(line: Any, color: str, points: float, dash: str = "") -> None:
    """Colour, width in points and dash of a line."""
    line.color.rgb = rgb(color)
    line.width = Pt(points)
    if dash in ("dot", "dash"):
        line.dash_style = MSO_LINE.ROUND_DOT if dash == "dot" else MSO_LINE.DASH


def pieces(trace: dict[str, Any]) -> list[tuple[list[Any], list[Any], list[str]]]:
    """A trace's points, parted where the line is broken."""
    words = trace.get("text") or [""] * len(trace["x"])
    words = [words] * len(trace["x"]) if isinstance(words, str) else words
    found: list[tuple[list[Any], list[Any], list[str]]] = [([], [], [])]
    for x, y, word in zip(trace["x"], trace["y"], words, strict=True):
        if x is None or y is None:
            found.append(([], [], []))
            continue
        found[-1][0].append(x)
        found[-1][1].append(y)
        found[-1][2].append(word)
    return [piece for piece in found if piece[0]]


def say(
    shapes: Any,
    left: float,
    top: float,
    wide: float,
    high: float,
    lines: list[list[Run]],
    text: Text,
    points: float,
    color: str,
    align: Any,
    scale: float = 1.0,
) -> None:
    """Words at a place, in a text box that neither wraps nor grows."""
    made = shapes.add_textbox(Emu(int(left)), Emu(int(top)), Emu(int(wide)), Emu(int(high)))
    frame = made.text_frame
    frame.word_wrap = False
    frame.auto_size = MSO_AUTO_SIZE.NONE
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    write(frame, lines, text, points, color, align=align, scale=scale)
