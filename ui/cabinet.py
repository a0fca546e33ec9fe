"""The panels of the workspace page: history, links, file, the other workspaces."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.export.workspace import WorkspaceFileError, build_workspace, parse_workspace
from core.listings import history_rows
from core.store import Head, Revision, StoreError
from core.workspace import Document
from ui import frame, link, saving, state
from ui.widgets import plain, table

_SHOWN = 40


def head(session: state.Session) -> None:
    """Where this is kept, under what name, and who the user is."""
    text = session.text
    if session.head is None:
        st.info(text("workspace.not_kept"), icon=":material/science:")
        if session.portfolio.tables:
            st.button(
                text("workspace.keep"),
                on_click=_keep,
                args=("create",),
                key="keep_workspace",
                type="primary",
                icon=":material/save:",
            )
        return
    if session.read_only:
        st.info(text("workspace.read_only"), icon=":material/visibility:")
        st.button(text("workspace.copy"), on_click=_keep, args=("branch",), key="copy_workspace")
        return
    left, right = st.columns(2)
    box = state.named("workspace_name", session.document.name)
    left.text_input(
        text("workspace.name"),
        session.document.name,
        key=box,
        max_chars=120,
        on_change=_rename,
        args=(box, session.document.name),
    )
    right.text_input(
        text("workspace.author"),
        key="author",
        max_chars=80,
        persist_state="session",
        help=text("workspace.author_help"),
    )


def _keep(action: str) -> None:
    saving.change(lambda document: document, action)


def _rename(box: str, shown: str) -> None:
    name = st.session_state[box].strip()
    if name == shown:
        return
    saving.change(lambda document: document.model_copy(update={"name": name}), "name")


# History ----------------------------------------------------------------------------------------


def history(session: state.Session) -> None:
    """Undo, redo, and every change with its time, author and content, each to go back to."""
    text = session.text
    if session.head is None:
        st.caption(text("workspace.history.none"))
        return
    undo, redo = saving.places()
    with st.container(horizontal=True):
        st.button(
            text("workspace.undo"),
            on_click=saving.go_to,
            args=(undo, "undo"),
            key="undo",
            disabled=undo is None,
            icon=":material/undo:",
        )
        st.button(
            text("workspace.redo"),
            on_click=saving.go_to,
            args=(redo, "redo"),
            key="redo",
            disabled=redo is None,
            icon=":material/redo:",
        )
    found = _loaded(session.head, _SHOWN)
    rows = history_rows(found, session.observed, lambda made: frame.moment(made, text), text)
    table(rows, "history", text("workspace.history.title", n=session.head.number))
    if session.read_only:
        return
    times = {r.number: frame.moment(r.made, text) for r, _, _ in found if r.number != session.head.number}
    if times:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            picked = st.selectbox(
                text("workspace.history.pick"),
                list(times),
                key="history_pick",
                format_func=lambda n: f"# {n} · {times[n]}",
            )
            st.button(
                text("workspace.history.back"),
                on_click=saving.go_to,
                args=(picked, "back"),
                key="history_back",
                disabled=picked not in times,
                icon=":material/history:",
            )


def _loaded(newest: Head, most: int) -> list[tuple[Revision, Document, Document]]:
    """The newest revisions, each with the document before it and its own."""
    name = newest.workspace
    return [
        (r, state.document_at(name, r.number - 1) if r.number > 1 else Document(), state.document_at(name, r.number))
        for r in state.store().history(name, most)
    ]


# Links ------------------------------------------------------------------------------------------


def links(session: state.Session) -> None:
    """The link of this very screen, and links that only show, to give away and to take back."""
    text = session.text
    st.markdown(f"**{text('workspace.links.this')}**")
    st.caption(text("workspace.links.this_only_shows" if session.read_only else "workspace.links.this_help"))
    st.code(link.written(lang=session.text.language), language=None)
    if not session.writable or session.head is None:
        return
    st.markdown(f"**{text('workspace.links.show')}**")
    st.caption(text("workspace.links.show_help"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(text("workspace.links.label"), key="share_label", max_chars=120)
        st.button(text("workspace.links.make"), on_click=_share, key="share_make", icon=":material/add_link:")
    for n, share in enumerate(state.store().shares(session.head.workspace)):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(plain(share.label or text("workspace.links.unnamed")), width="content")
            if share.revoked:
                st.caption(text("workspace.links.revoked"))
                continue
            st.code(link.written(lang=session.text.language, ws=share.token), language=None)
            st.button(
                text("workspace.links.revoke"),
                on_click=_revoke,
                args=(share.token,),
                key=f"revoke_{n}",
                icon=":material/link_off:",
            )


def _share() -> None:
    session = state.current()
    if session.head is None:
        return
    try:
        state.store().share(session.head.workspace, st.session_state.get("share_label", "").strip())
        st.session_state["share_label"] = ""
    except StoreError as error:
        saving.failed(error)


def _revoke(token: str) -> None:
    try:
        state.store().revoke(token)
    except StoreError as error:
        saving.failed(error)


# The whole of it as a file ------------------------------------------------------------------------


def file(session: state.Session) -> None:
    """Everything in one file, to keep, to move, to open elsewhere with every number equal."""
    text = session.text
    st.caption(text("workspace.file.help"))
    if session.head is not None:
        newest = session.head
        st.download_button(
            text("workspace.file.save"),
            lambda: _packed(newest),
            file_name=text("workspace.file.name"),
            mime="application/zip",
            key="workspace_file",
            on_click="ignore",
            icon=":material/download:",
        )
    given = st.file_uploader(
        text("workspace.file.open"),
        type=["sixmarkets", "zip"],
        key=f"workspace_upload_{st.session_state.get('workspace_turn', 0)}",
    )
    if given is not None:
        _open(given.getvalue(), session)


def _packed(newest: Head) -> bytes:
    try:
        store = state.store()
        return build_workspace(newest, store.history(newest.workspace, 100_000), store.sheet)
    except StoreError as error:
        saving.failed(error)
        return b""


def _open(data: bytes, session: state.Session) -> None:
    try:
        document, sheets = parse_workspace(data)
        state.store().put_sheets(sheets)
        state.workspace_of(document)
        made = state.store().create(document, saving.author(), "file")
    except WorkspaceFileError as error:
        st.error(session.text(f"workspace.file.error.{error.code}"), icon=":material/error:")
        return
    except StoreError as error:
        st.error(session.text(f"save.error.{error.code}"), icon=":material/error:")
        return
    except ValueError:  # its sheets and choices make no data
        st.error(session.text("workspace.file.error.damaged"), icon=":material/error:")
        return
    st.session_state["workspace_turn"] = st.session_state.get("workspace_turn", 0) + 1
    st.session_state["next_workspace"] = made.workspace
    st.rerun()


# The others ---------------------------------------------------------------------------------------


def others(session: state.Session) -> None:
    """The workspaces of this server, the one changed last first."""
    text = session.text
    if session.read_only or not session.config.store.listed:
        st.caption(text("workspace.others.hidden"))
        return
    found = [w for w in state.store().workspaces() if w.workspace != session.workspace_id]
    if not found:
        st.caption(text("workspace.others.none"))
    for n, other in enumerate(found):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(other.document.name or text('workspace.unnamed'))}**", width="content")
            when = frame.moment(other.revision.made, text)
            words = text("workspace.others.line", when=when, n=len(other.document.scenarios), changes=other.number)
            st.caption(plain(words), width="stretch")
            st.button(
                text("workspace.others.open"),
                on_click=state.open_workspace,
                args=(other.workspace,),
                key=f"open_other_{n}",
            )


def show(view: str, session: state.Session) -> None:
    """One panel; where the store cannot be read, why."""
    try:
        VIEWS[view](session)
    except StoreError as error:
        st.error(session.text(f"save.error.{error.code}"), icon=":material/cloud_off:")


VIEWS: dict[str, Callable[[state.Session], None]] = {"history": history, "links": links, "file": file, "others": others}
