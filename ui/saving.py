"""What the user changes, kept: saved at once, refused where somebody was faster, merged, undone.

Every function here is for callbacks. But for `take_over`, which refuses unusable files, none raises: what could
not be saved stays in the session, and `notices` says so until it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from core.intake import Choices, RawSheet
from core.scenario import LeverSpec, Setting
from core.store import Conflict, Head, StoreError
from core.story import first_story
from core.workspace import (
    LONGEST_NAME,
    Difference,
    Document,
    Pull,
    Slide,
    created,
    differences,
    levers_in,
    merged,
    pulls,
    slides_of,
    told,
    with_levers,
    with_slide,
)
from ui import state

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Pending:
    """A change that is not saved: on what it was made, what it would be, and why it was refused.

    `theirs` is the newest revision where somebody else was faster, None where the store failed with `code`.
    """

    workspace: str
    base: Head
    mine: Document
    action: str
    theirs: Head | None = None
    code: str = ""

    @property
    def their_changes(self) -> tuple[Difference, ...]:
        """What the other changed meanwhile."""
        if self.theirs is None:
            return ()
        return differences(_plain(self.base.document), _plain(self.theirs.document))

    @property
    def clashes(self) -> tuple[Difference, ...]:
        """What both changed, where merging keeps mine."""
        if self.theirs is None:
            return ()
        try:
            return merged(self.base.document, self.mine, self.theirs.document)[1]
        except ValueError:
            return ()

    @property
    def my_changes(self) -> tuple[Difference, ...]:
        """What waits to be saved."""
        return differences(_plain(self.base.document), _plain(self.mine))


def _in_turn(work: Callable[P, R]) -> Callable[P, R]:
    """Let a callback that saves wait for the one before it."""

    @wraps(work)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        with state.alone():
            return work(*args, **kwargs)

    return inner


def _plain(document: Document) -> dict[str, Any]:
    return document.model_dump(mode="json", exclude={"digest"})


def author() -> str:
    """The name that goes with changes: that of the login, else what the user typed."""
    login = getattr(st.user, "name", None) if getattr(st.user, "is_logged_in", False) else None
    return str(login or st.session_state.get("author", ""))


def pending() -> Pending | None:
    """The change that is not saved, of the workspace at hand."""
    found: Pending | None = st.session_state.get("pending", {}).get(state.current().workspace_id)
    return found


def _wait(change: Pending) -> None:
    st.session_state["pending"] = {**st.session_state.get("pending", {}), change.workspace: change}


def _forget(workspace: str) -> None:
    st.session_state["pending"] = {k: v for k, v in st.session_state.get("pending", {}).items() if k != workspace}


@_in_turn
def save(document: Document, action: str) -> str:
    """Keep a document as the next revision, or as a workspace of its own where there is none; "" if refused.

    A change that comes while another waits is made on top of that one, and waits or is tried with it.

    Returns:
        The id of the workspace.
    """
    session = state.current()
    if not session.writable or session.head is None:
        try:
            named = document.name or state.workspace_of(document).portfolio.settings.company
            made = state.store().create(document.model_copy(update={"name": named[:LONGEST_NAME]}), author(), action)
        except StoreError as error:
            failed(error)
            return ""
        return made.workspace
    waiting = pending()
    if waiting is None:
        return _append(Pending(session.workspace_id, session.head, document, action))
    if waiting.theirs is None:
        return _append(replace(waiting, mine=document, action=action))
    _wait(replace(waiting, mine=document))
    return ""


def _append(change: Pending) -> str:
    name = author()
    st.session_state.pop("store_error", None)
    _forget(change.workspace)
    # from here to `adopt` nothing touches the session state, where a newer click may end this run
    try:
        head = state.store().append(change.workspace, change.base.number, change.mine, change.action, name)
    except Conflict as conflict:
        theirs = state.revision(change.workspace, conflict.head)
        _wait(replace(change, theirs=theirs, code="" if theirs else "busy"))
        return ""
    except StoreError as error:
        failed(error)
        _wait(replace(change, code=error.code))
        return ""
    state.adopt(head)
    return change.workspace


def failed(error: StoreError) -> None:
    """Remember what went wrong; a damaged file is mended at once from its log."""
    st.session_state["store_error"] = error.code
    if error.code == "damaged":
        try:
            state.mended_store()
        except StoreError:
            return


@_in_turn
def merge() -> None:
    """Put the waiting change on top of the newest revision; where the two make no workspace, branch."""
    change = pending()
    if change is None or change.theirs is None:
        return
    try:
        together, _ = merged(change.base.document, change.mine, change.theirs.document)
        together = together.model_copy(update={"digest": state.workspace_of(together).portfolio.digest})
    except (ValueError, StoreError):  # IntakeError and ConfigError are ValueErrors
        branch()
        return
    _append(replace(change, base=change.theirs, mine=together, theirs=None))
    state.show_scenario(st.session_state.get("c", ""))


@_in_turn
def branch() -> None:
    """Keep the waiting change in a workspace of its own."""
    change = pending()
    if change is None:
        return
    try:
        made = state.store().create(change.mine, author(), "branch")
    except StoreError as error:
        failed(error)
        return
    _forget(change.workspace)
    state.open_workspace(made.workspace, keep_scenario=True)


@_in_turn
def drop() -> None:
    """Let the waiting change go and show what is saved."""
    _forget(state.current().workspace_id)
    st.session_state.pop("store_error", None)
    state.show_scenario(st.session_state.get("c", ""))


@_in_turn
def again() -> None:
    """Try once more to save the waiting change."""
    change = pending()
    if change is not None:
        _append(change)


def _document() -> Document:
    """The document that a change is made on: the waiting one where one waits."""
    waiting = pending()
    return waiting.mine if waiting is not None else state.current().document


# Data ---------------------------------------------------------------------------------------------


@_in_turn
def take_over(sheets: tuple[RawSheet, ...], choices: Choices, action: str = "import") -> str:
    """Data read from files into the workspace at hand, or into a new one beside the sample; its id, "" if refused.

    Raises:
        IntakeError: nothing could be made of them.
        ConfigError: a choice does not fit the sheets.
    """
    session = state.current()
    document = _document() if session.writable else Document()
    return _keep(state.built(sheets, choices, document.settings), document, action)


def _keep(workspace: state.Workspace, document: Document, action: str) -> str:
    try:
        grown = state.kept(workspace, document)
    except StoreError as error:
        failed(error)
        return ""
    return save(grown, action)


@_in_turn
def with_settings(settings: dict[str, Any]) -> str:
    """The workspace at hand under other settings; its id, "" if refused."""
    session = state.current()
    said = {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in settings.items()}
    document = _document()
    try:
        before = state.workspace_of(document) if session.writable else session.workspace
    except StoreError as error:
        failed(error)
        return ""
    workspace = replace(before, portfolio=state.under(before.portfolio, said))
    document = document.model_copy(update={"settings": {**document.settings, **said}})
    if session.writable:
        return save(state.held(workspace, document), "settings")
    return _keep(workspace, document, "settings")


# Scenarios ----------------------------------------------------------------------------------------


def own_document() -> Document:
    """The document to change: that of the workspace at hand, or a new one that holds the sample's data.

    Raises:
        StoreError: the sample's sheets could not be written.
    """
    session = state.current()
    return _document() if session.writable else state.kept(session.workspace, session.document)


@_in_turn
def change(work: Callable[[Document], Document], action: str) -> str:
    """Change the document and keep it; the id of the workspace, "" if refused."""
    session = state.current()
    try:
        document = work(own_document())
    except StoreError as error:
        failed(error)
        return ""
    except ValueError:  # the scenario is gone since, or the change fits no document
        st.session_state["store_error"] = "moved"
        return ""
    name = save(document, action)
    if name and name != session.workspace_id:
        state.open_workspace(name, keep_scenario=True)
    return name


@_in_turn
def keep() -> None:
    """The sample, or what a link shows, as a workspace of one's own, with the levers of the screen."""
    session = state.current()
    if session.variant is not None and not session.unsaved:
        change(lambda document: document, "create")
    else:
        new_scenario(session.text("scenario.auto_name", n=len(session.document.scenarios) + 1), session.settings)


@_in_turn
def new_scenario(name: str, settings: dict[str, Setting], parent: str = "", description: str = "") -> None:
    """Keep levers as a named scenario and show it."""
    session = state.current()
    made: list[str] = []

    def work(document: Document) -> Document:
        grown, key = created(document, name, pulls(settings, session.observed.levers), parent, description)
        made.append(key)
        return grown

    if change(work, "scenario_new"):
        state.show_scenario(made[0], settings)


@_in_turn
def set_settings(settings: dict[str, Setting]) -> None:
    """Pull levers: into the link, and in a workspace of one's own into the chosen scenario.

    There a lever pulled on the baseline begins a scenario. While the link differs from what is saved,
    nothing is saved until the user says which of the two holds.
    """
    session = state.current()
    if not session.writable:
        state.show_scenario("", settings)
    elif session.unsaved or pending() is not None:
        if pending() is not None and session.chosen:
            save_levers(settings)
        state.show_scenario(session.chosen, settings)
    elif session.chosen:
        save_levers(settings)
        state.show_scenario(session.chosen, settings)
    elif settings:
        count = len(session.document.scenarios) + 1
        new_scenario(session.text("scenario.auto_name", n=count), settings)
    else:
        state.show_scenario("")


@_in_turn
def save_levers(settings: dict[str, Setting]) -> None:
    """Keep levers in the chosen scenario. Levers that the data at hand have no place for stay in it."""
    session = state.current()
    wanted = _wanted(session, settings)
    change(lambda document: with_levers(document, session.chosen, wanted), "levers")


def _wanted(session: state.Session, settings: dict[str, Setting]) -> dict[str, Pull]:
    there = levers_in(session.document, session.chosen) if session.chosen else {}
    strangers = {key: pull for key, pull in there.items() if pull.lever() in session.strangers}
    return strangers | pulls(settings, session.observed.levers)


@_in_turn
def set_lever(spec: LeverSpec, setting: Setting | None) -> None:
    """Pull one lever (None: let go)."""
    settings = dict(state.current().settings)
    settings.pop(spec.id, None)
    if setting is not None and (setting.is_range or abs(setting.likely - spec.neutral) > 1e-12):
        settings[spec.id] = setting
    set_settings(settings)


# The story ----------------------------------------------------------------------------------------


@_in_turn
def change_story(work: Callable[[Document], Document]) -> None:
    """Change the story and keep it; the first one, until then written anew each time, is kept with it."""
    session = state.current()

    def whole(document: Document) -> Document:
        if not document.slides:
            document = told(document, first_story(session.situation, document, session.chosen))
        return work(document)

    change(whole, "story")


SlideWork = Callable[[Document, str], Document]


def change_slide(key: str, work: SlideWork) -> None:
    """Change one slide."""

    def on_it(document: Document) -> Document:
        if key not in document.slides:
            raise ValueError(f"slide {key} is not in this workspace")
        return work(document, key)

    change_story(on_it)


@_in_turn
def add_slide(view: str, options: Mapping[str, str]) -> None:
    """Put an exhibit, as it is on the screen, at the end of the story."""
    session = state.current()
    slide = Slide(view=view, options=dict(options))
    if session.variant is not None and not session.unsaved:
        slide = slide.model_copy(update={"scenario": session.chosen})
    elif session.settings:
        slide = slide.model_copy(update={"levers": pulls(session.settings, session.observed.levers)})
    if put_slide(slide):
        st.toast(session.text("present.added"), icon=":material/check:")


@_in_turn
def put_slide(slide: Slide) -> bool:
    """Put a slide at the end of the story, but before its ask; it is looked at next. Whether that was kept."""
    made: list[str] = []

    def work(document: Document) -> Document:
        order = list(slides_of(document))
        asks = bool(order) and document.slides[order[-1]].written == "ask"
        grown, key = with_slide(document, slide, order[-2] if asks and len(order) > 1 else "")
        made.append(key)
        return grown

    change_story(work)
    if made:
        st.session_state["slide_pick"] = made[-1]
    return bool(made)


# History ------------------------------------------------------------------------------------------


@_in_turn
def go_to(number: int, action: str) -> None:
    """Show the content of an earlier revision as the newest one."""
    session = state.current()
    if session.head is None or session.read_only:
        return
    try:
        state.adopt(state.store().go_to(session.head, number, action, author()))
    except Conflict:
        st.session_state["store_error"] = "moved"
        return
    except StoreError as error:
        failed(error)
        return
    state.show_scenario(st.session_state.get("c", ""))


def places() -> tuple[int | None, int | None]:
    """The revisions that undo and redo lead to, None where there is nothing to undo or redo."""
    head = state.current().head
    if head is None or state.current().read_only:
        return None, None
    try:
        return state.store().undo_place(head), state.store().redo_place(head)
    except StoreError as error:
        failed(error)
        return None, None


_DATA = ("sheets", "choices", "settings", "digest")
_OF_SCENARIOS = frozenset({"levers", "seed", "correlation", "name", "story"})


def data_before() -> int | None:
    """The newest revision that held other data than the present ones did when they first came; None if none."""
    head = state.current().head
    if head is None or state.current().read_only:
        return None
    try:
        of_data = [
            revision.number
            for revision in state.store().history(head.workspace, 100_000)
            if revision.action not in _OF_SCENARIOS and not revision.action.startswith("scenario_")
        ]
        same = (n for n in of_data if _same_data(state.document_at(head.workspace, n), head.document))
        first = min(same, default=head.number)
        if first == 1 or _same_data(state.document_at(head.workspace, first - 1), head.document):
            return None
        return first - 1
    except StoreError as error:
        failed(error)
        return None


def _same_data(one: Document, two: Document) -> bool:
    return all(getattr(one, name) == getattr(two, name) for name in _DATA)


@_in_turn
def undo_data(number: int) -> None:
    """The data of an earlier revision under the scenarios of today."""
    session = state.current()
    earlier = state.revision(session.workspace_id, number)
    if earlier is not None:
        save(session.document.model_copy(update={n: getattr(earlier.document, n) for n in _DATA}), "undo_data")
