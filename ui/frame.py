"""The frame around every page: navigation, language, the active scenario, messages about the link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from core.narrative import note_sentence, scenario_sentence
from core.tables import LANGUAGES
from core.text import Text
from ui import state
from ui.widgets import plain

FIRST = "overview"
PAGES = ("overview", "data", "markets", "stages", "value", "churn", "chain", "method")
ICONS = {
    "overview": "dashboard",
    "data": "upload_file",
    "markets": "hub",
    "stages": "stairs",
    "value": "balance",
    "churn": "waterfall_chart",
    "chain": "account_tree",
    "method": "menu_book",
}
STILL = ("data", "method")  # pages that no lever changes: there, a lever reruns the scenario bar alone
_LANGUAGE_NAMES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
_STYLE = """<style>
.st-key-bound, .st-key-bound_scenario {display: none;}
.block-container {max-width: 1800px; padding: 3.6rem 2.2rem 3rem;}
h1 {font-size: 2.1rem !important; padding: 0.2rem 0 0.5rem !important;}
[data-testid="stMetricValue"] {font-weight: 650;}
.st-key-scenario_line p {font-size: 1.02rem;}
</style>"""


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
    """The pages, named in the reader's language."""
    text = Text(state.language())
    st.session_state["pages"] = {
        name: st.Page(
            f"pages/{name}.py",
            title=text(f"{name}.nav"),
            icon=f":material/{ICONS[name]}:",
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

    company: Any
    badge: Any
    below: Any


def places() -> Places:
    """One line for company, scenario and language; room below for the scenario's sentence."""
    text = Text(state.language())
    st.html(_STYLE)
    left, middle, right = st.columns([5, 3, 3], vertical_alignment="center")
    found = Places(left.empty(), middle.empty(), st.empty())
    if st.session_state.get("language_switch") != text.language:
        st.session_state["language_switch"] = text.language
    right.segmented_control(
        text("frame.language"),
        LANGUAGES,
        format_func=_LANGUAGE_NAMES.__getitem__,
        key="language_switch",
        on_change=state.switch_language,
        label_visibility="collapsed",
        required=True,
    )
    return found


def header(session: state.Session, where: Places) -> None:
    """Company and scenario; the scenario's sentence; what the link could not do."""
    text = session.text
    company = session.portfolio.settings.company or text("frame.unnamed")
    where.company.markdown(f"**{text('frame.product')}** · {plain(company)}")
    count = len(session.values)
    name = st.session_state.get("scenario_name", "") or text("scenario.unnamed")
    where.badge.markdown(
        f":violet-badge[:material/tune: {plain(text('scenario.active', name=name, n=count))}]"
        if count
        else f":gray-badge[{plain(text('scenario.baseline'))}]"
    )
    if not (session.refused or session.outcome.notes or session.values):
        where.below.empty()
        return
    with where.below.container(key="scenario_line"):
        if session.refused:
            words = text("frame.refused_levers", n=len(session.refused), pieces=plain(", ".join(session.refused)))
            st.warning(words, icon=":material/rule:")
        for note in session.outcome.notes:
            words = plain(note_sentence(note, session.observed, text))
            if note.code == "clamped":
                st.caption(words)
            else:
                st.warning(words, icon=":material/rule:")
        if session.values:
            st.markdown(plain(scenario_sentence(session.observed, session.outcome, session.values, text)))


def missing() -> None:
    """A link whose data this server does not hold says so, and offers the sample."""
    session = state.current()
    if session.missing:
        st.warning(session.text("frame.missing_workspace"), icon=":material/link_off:")
        words = session.text("frame.open_sample")
        st.button(words, on_click=state.open_workspace, args=(state.SAMPLE,), key="open_sample_missing")
