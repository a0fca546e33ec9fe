"""The frame around every page: navigation, language, the active scenario, messages about the link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from core.narrative import note_sentence, scenario_sentence
from core.tables import LANGUAGE_NAMES
from core.text import Text
from ui import notices, saving, state
from ui.widgets import TableData, fed_table, plain, told_tables

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
_FOLDER = Path(__file__).resolve().parent
SCRIPT = (_FOLDER / "banner.js").read_text(encoding="utf-8")
_PLACE = st.components.v2.component(
    "six_markets_banner",
    html=(_FOLDER / "banner.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "banner.css").read_text(encoding="utf-8"),
    js="""export default ({ parentElement }) => {
  const top = (window.__sixMarketsBanner ??= {})
  top.place = parentElement.querySelector(".six-head")
  top.fill?.()
}""",
    isolate_styles=False,
)


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
    """The pages, named in the reader's language; `banner` lists them, Streamlit's own list would cost each rerun."""
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
    return st.navigation(list(st.session_state["pages"].values()), position="hidden")


def page(name: str) -> Any:
    """A page to link to."""
    return st.session_state["pages"][name]


def place() -> None:
    """Where the banner stands; the board of levers fills it."""
    _PLACE(key="banner")


def banner(session: state.Session, page: str) -> dict[str, Any]:
    """What `banner.js` draws: pages, company, whether it is kept, scenario, its sentence, languages."""
    text = session.text
    scenario = text("scenario.baseline")
    active = bool(session.settings) or session.variant is not None
    if active:
        scenario = text("scenario.active", name=session.scenario_name, n=len(session.settings))
    return {
        "label": text("frame.pages"),
        "pages": [(name, "" if name == FIRST else name, text(f"{name}.nav")) for name in PAGES],
        "page": page or FIRST,
        "company": (
            text("frame.product"),
            session.portfolio.settings.company or session.document.name or text("frame.unnamed"),
        ),
        "badges": [*_kept(session), ("active", "tune", scenario) if active else ("plain", "", scenario)],
        "sentence": scenario_sentence(session.observed, session.outcome, session.values, text)
        if session.settings
        else "",
        "choose": text("frame.language"),
        "languages": list(LANGUAGE_NAMES.items()),
        "language": text.language,
    }


def still(session: state.Session, page: str) -> bool:
    """Whether no lever changes the page, but for what is `live` on it: a lever then reruns the scenario bar alone.

    With a workspace of one's own each lever is a change of the document, which the pages about it show.
    """
    own = session.head is not None and not session.read_only
    views = st.session_state.get("lab_view"), st.session_state.get("cabinet_view")
    found = (
        page in ("data", "method")
        or (page == "scenarios" and not own and views[0] in (None, "list"))
        or (page == "workspace" and not own and views[1] != "links")
    )
    st.session_state.update(still=found, live={})
    return found


def shape(session: state.Session) -> tuple[object, ...]:
    """What a still page depends on."""
    return session.chosen, bool(session.settings), session.unsaved, speaks(session)


def live(key: str, rows: Callable[[state.Session], TableData]) -> None:
    """A table that levers change on a page that may otherwise be still; there the board of levers carries its rows.

    A table drawn anew would take a third of the time of a press.
    """
    if st.session_state["still"]:
        st.session_state["live"] = {key: rows}
        fed_table(key)
    elif (data := rows(state.current()))["columns"]:
        told_tables([data], key)


def fed(session: state.Session) -> dict[str, TableData]:
    """The rows of the tables that the board carries."""
    return {key: rows(session) for key, rows in st.session_state["live"].items()}


def speaks(session: state.Session) -> bool:
    """Whether there is anything to say about the link, the levers or what is not saved."""
    return bool(session.refused or session.outcome.notes or notices.any_of(session))


def messages(session: state.Session) -> None:
    """What the link could not do, what levers ran into, what is not saved."""
    text = session.text
    notices.draw(session)
    if session.refused and not session.missing:
        words = text("frame.refused_levers", n=len(session.refused), pieces=plain(", ".join(session.refused)))
        st.warning(words, icon=":material/rule:")
    clamped = [plain(note_sentence(n, session.observed, text)) for n in session.outcome.notes if n.code == "clamped"]
    if clamped:
        st.caption("  \n".join(clamped))
    for note in session.outcome.notes:
        if note.code != "clamped":
            st.warning(plain(note_sentence(note, session.observed, text)), icon=":material/rule:")


def _kept(session: state.Session) -> list[tuple[str, str, str]]:
    """Whether what is on the screen is kept: when it was saved, that it only shows, or that it is a sample."""
    text = session.text
    if session.head is None:
        return []
    if session.read_only:
        return [("plain", "visibility", text("save.read_only"))]
    if session.unsaved or saving.pending() is not None:
        return [("warn", "cloud_off", text("save.not_saved"))]
    return [("plain", "cloud_done", text("save.saved", time=clock(session.head.revision.made)))]


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
