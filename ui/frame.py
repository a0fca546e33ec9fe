"""The frame around every page: navigation, language, the active scenario, messages about the link."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from core.narrative import note_sentence, scenario_sentence
from core.tables import LANGUAGES
from core.text import Text
from ui import notices, saving, state
from ui.widgets import plain

FIRST = "overview"
PAGES = (
    "overview",
    "data",
    "markets",
    "stages",
    "value",
    "churn",
    "chain",
    "scenarios",
    "present",
    "workspace",
    "method",
)
ICONS = {
    "overview": "dashboard",
    "data": "upload_file",
    "markets": "hub",
    "stages": "stairs",
    "value": "balance",
    "churn": "waterfall_chart",
    "chain": "account_tree",
    "scenarios": "compare",
    "present": "slideshow",
    "workspace": "folder_managed",
    "method": "menu_book",
}
STILL = ("data", "method")  # pages that no lever changes: there, a lever reruns the scenario bar alone
_LANGUAGE_NAMES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
# Of every page but the stage; it comes with the board of levers, because an element of its own would cost each rerun.
STYLE = """
.block-container {max-width: 1800px; padding: 4.6rem 2.2rem 3rem;}
h1 {font-size: 2.1rem !important; padding: 0.2rem 0 0.5rem !important;}
[data-testid=stFileUploaderDropzone] > span p,
[data-testid=stFileUploaderDropzoneInstructions] span {font-size: 0 !important;}
[data-testid=stFileUploaderDropzone] > span p::after {content: var(--six-upload); font-size: 0.875rem;}
[data-testid=stFileUploaderDropzoneInstructions] span::after {content: var(--six-drop); font-size: 0.875rem;}
"""


def guard() -> None:
    """Make sure that a page never runs without app.py.

    After a server start a deep link runs the page's file alone, because the folder is named pages/:
    Streamlit's older page mode is still on until app.py has called `st.navigation` once. The very first
    session would also lose its first change of the link to that mode, so app.py guards too.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


def navigation() -> Any:
    """The pages, named in the reader's language; without icons, so that all of them fit at 1280 pixels."""
    text = Text(state.language())
    st.session_state["pages"] = {
        name: st.Page(
            f"pages/{name}.py",
            title=text(f"{name}.nav"),
            url_path=name,
            default=name == FIRST,
        )
        for name in PAGES
    }
    return st.navigation(list(st.session_state["pages"].values()), position="top")


def page(name: str) -> Any:
    """A page to link to."""
    return st.session_state["pages"][name]


@dataclass(frozen=True)
class Places:
    """Where the header writes what the scenario changes."""

    line: Any
    below: Any


def places() -> Places:
    """One line for company, scenario and language; room below for the scenario's sentence."""
    text = Text(state.language())
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="top"):
        line = st.empty()
        if st.session_state.get("language_switch") != text.language:
            st.session_state["language_switch"] = text.language
        st.segmented_control(
            text("frame.language"),
            LANGUAGES,
            format_func=_LANGUAGE_NAMES.__getitem__,
            key="language_switch",
            on_change=state.switch_language,
            label_visibility="collapsed",
            required=True,
        )
    return Places(line, st.empty())


def header(session: state.Session, where: Places) -> None:
    """Company and scenario; the scenario's sentence; what the link could not do and what is not saved."""
    text = session.text
    company = session.portfolio.settings.company or session.document.name or text("frame.unnamed")
    count = len(session.settings)
    badge = (
        f":violet-badge[:material/tune: {plain(text('scenario.active', name=session.scenario_name, n=count))}]"
        if count or session.variant is not None
        else f":gray-badge[{plain(text('scenario.baseline'))}]"
    )
    where.line.markdown(f"**{text('frame.product')}** · {plain(company)}{_kept(session)} {badge}")
    sentence = (
        plain(scenario_sentence(session.observed, session.outcome, session.values, text)) if session.settings else ""
    )
    if not (session.refused or session.outcome.notes or notices.any_of(session)):
        where.below.markdown(sentence) if sentence else where.below.empty()
        return
    with where.below.container():
        notices.draw(session)
        if session.refused and not session.missing:
            words = text("frame.refused_levers", n=len(session.refused), pieces=plain(", ".join(session.refused)))
            st.warning(words, icon=":material/rule:")
        clamped = [
            plain(note_sentence(n, session.observed, text)) for n in session.outcome.notes if n.code == "clamped"
        ]
        if clamped:
            st.caption("  \n".join(clamped))
        for note in session.outcome.notes:
            if note.code != "clamped":
                st.warning(plain(note_sentence(note, session.observed, text)), icon=":material/rule:")
        if sentence:
            st.markdown(sentence)


def _kept(session: state.Session) -> str:
    """Whether what is on the screen is kept: when it was saved, that it only shows, or that it is a sample."""
    text = session.text
    if session.head is None:
        return ""
    if session.read_only:
        return f" :gray-badge[:material/visibility: {text('save.read_only')}]"
    if session.unsaved or saving.pending() is not None:
        return f" :orange-badge[:material/cloud_off: {text('save.not_saved')}]"
    return f" :gray-badge[:material/cloud_done: {text('save.saved', time=clock(session.head.revision.made))}]"


def clock(moment: dt.datetime) -> str:
    """A moment as hour and minute where the reader is."""
    return _there(moment).strftime("%H:%M")


def _there(moment: dt.datetime) -> dt.datetime:
    """A moment in the reader's time zone; in the server's where the browser names none that is known."""
    try:
        return moment.astimezone(ZoneInfo(st.context.timezone or ""))
    except (ZoneInfoNotFoundError, ValueError):
        return moment.astimezone()


def moment(made: dt.datetime, text: Text) -> str:
    """A moment as date and time where the reader is."""
    there = _there(made)
    return f"{text.date(there.date())} {there:%H:%M}"


def missing() -> None:
    """A link whose data this server does not hold says so, and offers the sample."""
    session = state.current()
    if session.missing:
        code = st.session_state.get("read_error")
        gone = "frame.revoked" if session.workspace_id.startswith("r-") else "frame.missing_workspace"
        words = session.text(f"save.error.{code}" if code else gone)
        st.warning(words, icon=":material/link_off:")
        words = session.text("frame.open_sample")
        st.button(words, on_click=state.open_workspace, args=(state.SAMPLE,), key="open_sample_missing")
