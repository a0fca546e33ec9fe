"""The 16:9 template of the deck: our theme colours, Latin and East Asian fonts, a cover and one slide."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches

from core.figures.theme import LIGHT

WIDE, HIGH = Inches(13.333), Inches(7.5)
MESSAGE = 13  # the placeholder of a slide's message
# left, top, width, height in inches
TITLE = (0.6, 0.38, 12.13, 0.86)
MESSAGE_BOX = (0.6, 1.24, 12.13, 0.62)
FOOT = (0.6, 7.02, 10.9, 0.3)
NUMBER = (11.73, 7.02, 1.0, 0.3)
_FONTS = {
    "en": ("Segoe UI", "Microsoft YaHei"),
    "zh-Hans": ("Segoe UI", "Microsoft YaHei"),
    "zh-Hant": ("Segoe UI", "Microsoft JhengHei"),
}
_KEPT = ("Title Slide", "Title Only")


@lru_cache(maxsize=4)
def template(language: str) -> bytes:
    """The template as a file."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDE, HIGH
    for layout in list(deck.slide_layouts):
        if layout.name not in _KEPT:
            deck.slide_layouts.remove(layout)
    _theme(deck, language)
    master = deck.slide_master
    for shape in list(master.placeholders):
        _place(shape)
    _styles(master)
    cover, plain = (next(x for x in deck.slide_layouts if x.name == name) for name in _KEPT)
    for shape in list(cover.placeholders):
        kind = shape.placeholder_format.idx
        if kind == 0:
            _put(shape, (0.9, 2.3, 11.5, 1.5))
            _type(shape, 40, LIGHT.ink, bold=True)
        elif kind == 1:
            _put(shape, (0.9, 3.9, 11.5, 1.4))
            _type(shape, 20, LIGHT.muted)
        else:
            shape._element.getparent().remove(shape._element)
    for shape in list(plain.placeholders):
        _place(shape)
        if shape.placeholder_format.idx == 10:
            shape._element.getparent().remove(shape._element)
    plain.shapes._spTree.append(_message())
    for layout in (cover, plain):
        layout.shapes._spTree.append(_accent(layout is cover))
    stream = io.BytesIO()
    deck.save(stream)
    return stream.getvalue()


def _put(shape: Any, box: tuple[float, float, float, float]) -> None:
    shape.left, shape.top, shape.width, shape.height = (Inches(v) for v in box)


def _place(shape: Any) -> None:
    """Title, footer and number of master and layout where ours stand."""
    places = {1: TITLE, 0: TITLE, 2: (0.6, 1.9, 12.13, 4.9), 10: NUMBER, 11: FOOT, 12: NUMBER}
    kind = str(shape.placeholder_format.type)
    if "FOOTER" in kind:
        _put(shape, FOOT)
    elif "SLIDE_NUMBER" in kind:
        _put(shape, NUMBER)
    elif "TITLE" in kind:
        _put(shape, TITLE)
    elif "BODY" in kind:
        _put(shape, places[2])
    else:
        _put(shape, NUMBER)


def _type(shape: Any, size: float, color: str, bold: bool = False) -> None:
    """Size, weight and colour of all levels of a placeholder of a layout."""
    body = shape._element.txBody
    style = body.find(qn("a:lstStyle"))
    for child in list(style):
        style.remove(child)
    level = etree.SubElement(style, qn("a:lvl1pPr"), {"algn": "l", "indent": "0", "marL": "0"})
    etree.SubElement(level, qn("a:buNone"))
    letters = etree.SubElement(level, qn("a:defRPr"), {"sz": str(int(size * 100)), "b": "1" if bold else "0"})
    fill = etree.SubElement(letters, qn("a:solidFill"))
    etree.SubElement(fill, qn("a:srgbClr"), {"val": color[1:]})
    shape.text_frame.word_wrap = True


def _styles(master: Any) -> None:
    """Titles to the left, in ink, bold; text without bullets."""
    styles = master._element.find(qn("p:txStyles"))
    for name, size, bold in (("p:titleStyle", 2600, "1"), ("p:bodyStyle", 1600, "0")):
        for level in styles.find(qn(name)):
            level.set("algn", "l")
            level.set("marL", "0")
            level.set("indent", "0")
            for bullet in [*level.findall(qn("a:buChar")), *level.findall(qn("a:buFont"))]:
                level.remove(bullet)
            letters = level.find(qn("a:defRPr"))
            letters.set("sz", str(size))
            letters.set("b", bold)
    for shape in master.placeholders:
        kind = str(shape.placeholder_format.type)
        frame = shape._element.txBody.find(qn("a:bodyPr"))
        if "TITLE" in kind:
            frame.set("anchor", "b")
            _shrink(frame)
        if "FOOTER" in kind or "SLIDE_NUMBER" in kind:
            style = shape._element.txBody.find(qn("a:lstStyle"))
            for level in style:
                level.set("algn", "l" if "FOOTER" in kind else "r")
                level.find(qn("a:defRPr")).set("sz", "1000")


def _shrink(frame: Any) -> None:
    for child in list(frame):
        frame.remove(child)
    etree.SubElement(frame, qn("a:normAutofit"))


def _message() -> Any:
    left, top, wide, high = (Inches(v) for v in MESSAGE_BOX)
    return parse_xml(
        f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="90" name="Message"/><p:cNvSpPr/>'
        f'<p:nvPr><p:ph type="body" sz="quarter" idx="{MESSAGE}"/></p:nvPr></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm></p:spPr>'
        f'<p:txBody><a:bodyPr anchor="t"><a:normAutofit/></a:bodyPr><a:lstStyle><a:lvl1pPr marL="0" indent="0" algn="l">'
        f'<a:spcBef><a:spcPts val="200"/></a:spcBef><a:buNone/><a:defRPr sz="1500"><a:solidFill><a:schemeClr val="tx2"/>'
        f"</a:solidFill></a:defRPr></a:lvl1pPr></a:lstStyle><a:p><a:endParaRPr/></a:p></p:txBody></p:sp>"
    )


def _accent(cover: bool) -> Any:
    """The mark of the template: a short bar in the accent beside the title."""
    x, y, wide, high = (
        (0, Inches(2.3), Inches(0.28), Inches(3.0)) if cover else (0, Inches(0.42), Inches(0.16), Inches(0.8))
    )
    return parse_xml(
        f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="91" name="Accent"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:schemeClr val="accent1"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr>'
        f"<p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr/></a:p></p:txBody></p:sp>"
    )


def _theme(deck: Any, language: str) -> None:
    part = deck.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    root = etree.fromstring(part.blob)
    root.set("name", "Six Markets")
    colors = root.find(".//" + qn("a:clrScheme"))
    colors.set("name", "Six Markets")
    wanted = {
        "dk1": LIGHT.ink,
        "lt1": LIGHT.paper,
        "dk2": LIGHT.muted,
        "lt2": LIGHT.grid,
        "accent1": LIGHT.scenario,
        "accent2": LIGHT.loss,
        "accent3": LIGHT.gain,
        "accent4": LIGHT.markets[0],
        "accent5": LIGHT.markets[1],
        "accent6": LIGHT.baseline,
        "hlink": LIGHT.scenario,
        "folHlink": LIGHT.muted,
    }
    for name, color in wanted.items():
        slot = colors.find(qn(f"a:{name}"))
        for child in list(slot):
            slot.remove(child)
        etree.SubElement(slot, qn("a:srgbClr")).set("val", color[1:])
    latin, east = _FONTS[language]
    fonts = root.find(".//" + qn("a:fontScheme"))
    fonts.set("name", "Six Markets")
    for group in ("a:majorFont", "a:minorFont"):
        found = fonts.find(qn(group))
        found.find(qn("a:latin")).set("typeface", latin)
        found.find(qn("a:ea")).set("typeface", east)
        for script in found.findall(qn("a:font")):
            if script.get("script") in ("Hans", "Hant"):
                script.set("typeface", "Microsoft YaHei" if script.get("script") == "Hans" else "Microsoft JhengHei")
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
