"""What the story and its numbers can be taken away as: slides, model, report, web page, pictures, tables, all of it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from core.exhibits import Situation
from core.export.bundle import build_bundle, build_pictures, build_tables, zipped
from core.export.deck import build_deck
from core.export.names import file_name
from core.export.pictures import UnavailableError, browser
from core.export.report import PAPERS, build_report
from core.export.webpage import build_webpage
from core.export.workbook import build_workbook
from core.figures.theme import LIGHT
from core.story import Shown, all_shown, cover
from ui import jobs, state
from ui.widgets import panel, plain

_MIME = {
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "html": "text/html",
    "zip": "application/zip",
}
KINDS = {
    "deck": ("pptx", "slideshow"),
    "workbook": ("xlsx", "table_view"),
    "report": ("pdf", "picture_as_pdf"),
    "webpage": ("html", "language"),
    "pictures": ("zip", "image"),
    "tables": ("zip", "grid_on"),
    "everything": ("zip", "folder_zip"),
}
_DRAWN = ("report", "pictures")
_log = logging.getLogger(__name__)


def draw(session: state.Session) -> None:
    """One card a format: what it is, the button that makes it, its bar, its download."""
    text = session.text
    st.caption(plain(text("handout.help", scenario=session.scenario_name)))
    told = {one.scenario for one in session.story.values()}
    if session.chosen and session.chosen not in told:
        st.info(plain(text("handout.not_told", scenario=session.scenario_name)), icon=":material/info:")
    paper = panel(text("handout.paper"), list(PAPERS), "report_paper", lambda p: text(f"handout.{p}"))
    _cards(session, paper)


def _cards(session: state.Session, paper: str) -> None:
    (_moving if jobs.any_running() else _still)(session, paper)


@st.fragment
def _still(session: state.Session, paper: str) -> None:
    _grid(session, paper)
    if jobs.any_running():  # a click has begun something: from now on the cards follow it
        st.rerun()


@st.fragment(run_every=0.6)
def _moving(session: state.Session, paper: str) -> None:
    _grid(session, paper)
    if not jobs.any_running():
        st.rerun()


def _grid(session: state.Session, paper: str) -> None:
    for row in (("deck", "workbook", "report"), ("webpage", "pictures", "tables"), ("everything",)):
        for column, kind in zip(st.columns(3), row, strict=False):
            with column.container(border=True, height="stretch", key=f"handout_{kind}"):
                _card(session, kind, paper)


def _card(session: state.Session, kind: str, paper: str) -> None:
    text = session.text
    ending, icon = KINDS[kind]
    st.markdown(f"**:material/{icon}: {text(f'handout.{kind}')}**  \n:gray[:small[{text(f'handout.{kind}_help')}]]")
    name = _stand(session, paper if kind in ("report", "everything") else "")
    job = jobs.of(kind, name)
    if kind in _DRAWN and not browser():
        st.warning(text("handout.no_browser"), icon=":material/web_asset_off:")
        return
    if job is None:
        st.button(
            text("handout.make"), key=f"make_{kind}", on_click=_make, args=(kind, name, paper), icon=":material/build:"
        )
        return
    if job.running:
        st.progress(job.done, text("handout.running"))
        return
    error = job.future.exception() if job.future is not None else None
    if error is not None:
        if not isinstance(error, UnavailableError):
            _log.error("making a file failed", exc_info=error)
        code = error.code if isinstance(error, UnavailableError) else "failed"
        st.error(text(f"handout.error.{code}"), icon=":material/error:")
        st.button(text("save.again"), key=f"again_{kind}", on_click=_make, args=(kind, name, paper))
        return
    body, missing = job.future.result() if job.future is not None else (b"", ())
    for code in missing:
        st.warning(text(f"handout.error.{code}"), icon=":material/web_asset_off:")
    st.download_button(
        text("handout.download", size=_size(len(body), session)),
        body,
        file_name=file_name(
            session.situation.company + (f" · {text(f'handout.{kind}')}" if ending == "zip" else ""), ending
        ),
        mime=_MIME[ending],
        key=f"download_{kind}",
        on_click="ignore",
        type="primary",
        icon=":material/download:",
    )


def _size(count: int, session: state.Session) -> str:
    return f"{session.text.number(count / 1e6, 1)} MB" if count >= 1e5 else f"{session.text.number(count / 1e3)} kB"


def _stand(session: state.Session, paper: str) -> str:
    """All that a file is made from; where any of it changes, the file is made anew."""
    document = session.document.model_dump_json(include={"slides", "scenarios", "correlations", "seed", "name"})
    slides = [(key, slide.model_dump_json()) for key, slide in session.story.items()]
    levers = sorted(session.settings.items())
    today = dt.date.today().isoformat()
    return repr(
        (session.portfolio.digest, document, slides, session.chosen, levers, session.text.language, paper, today)
    )


def _make(kind: str, name: str, paper: str) -> None:
    """Begin to make a file; only from a callback."""
    session = state.current()
    slides, at = printed(session)
    title, subtitle = session.situation.company, cover(at)
    work: dict[str, Callable[[Callable[[float], None]], Any]] = {
        "deck": lambda told: (build_deck(slides, title, subtitle, at.text, told), ()),
        "workbook": lambda told: (build_workbook(at), ()),
        "report": lambda told: (build_report(slides, at, paper, told), ()),
        "webpage": lambda told: (build_webpage(slides, title, at.text), ()),
        "pictures": lambda told: (zipped(build_pictures(at, told)), ()),
        "tables": lambda told: (zipped(build_tables(at)), ()),
        "everything": lambda told: build_bundle(slides, at, title, subtitle, paper, told),
    }
    jobs.start(kind, name, work[kind])


def printed(session: state.Session) -> tuple[tuple[Shown, ...], Situation]:
    """The story and the scenario at hand in the colours of paper."""
    at = replace(session.situation, look=LIGHT)
    return all_shown(session.story, at, session.document), at
