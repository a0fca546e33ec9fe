"""What is not saved and why, and what the user can do about it."""

from __future__ import annotations

import streamlit as st

from core.narrative import difference_words, lever_label, lever_words, setting_words
from core.store import Revision
from core.workspace import Difference
from ui import saving, state
from ui.widgets import plain

_MOST = 8


def any_of(session: state.Session) -> bool:
    """Whether there is anything to say."""
    return bool(
        saving.pending()
        or session.unsaved
        or session.strangers
        or _reads_differently(session)
        or (st.session_state.get("store_error") and not session.missing)
        or _restored()
    )


def _restored() -> tuple[str, int, int] | None:
    """What was restored, until the reader has taken note."""
    return None if st.session_state.get("restored_seen") else state.restored()


def _seen() -> None:
    st.session_state["restored_seen"] = True


def draw(session: state.Session) -> None:
    """Every notice that applies, each with its ways out."""
    text = session.text
    change = saving.pending()
    code = st.session_state.get("store_error")
    found = _restored()
    if found is not None:
        words = text("save.restored", file=found[0], workspaces=text.number(found[1]), changes=text.number(found[2]))
        st.warning(plain(words), icon=":material/healing:")
        st.button(text("save.noted"), on_click=_seen, key="restored_noted", type="tertiary")
    if change is not None and change.theirs is not None:
        _conflict(session, change)
    elif code and not session.missing:
        with st.container(border=True):
            st.error(text(f"save.error.{code}"), icon=":material/cloud_off:")
            if change is not None:
                st.button(text("save.again"), on_click=saving.again, key="save_again", icon=":material/refresh:")
            st.button(text("save.drop"), on_click=saving.drop, key="save_drop_error", type="tertiary")
    elif session.unsaved:
        _unsaved(session)
    if session.strangers:
        levers = text.listed([lever_words(lever, session.observed, text) for lever in session.strangers[:_MOST]])
        st.warning(plain(text("save.strangers", n=len(session.strangers), levers=levers)), icon=":material/rule:")
    if _reads_differently(session):
        st.warning(text("save.reads_differently"), icon=":material/difference:")


def _reads_differently(session: state.Session) -> bool:
    """Whether this version of the program makes other numbers of the files than the one that saved them."""
    return bool(session.document.digest) and session.document.digest != session.portfolio.digest


def _names(*sources: state.Document) -> dict[str, str]:
    return {key: variant.name for source in sources for key, variant in source.scenarios.items()}


def _list(found: tuple[Difference, ...], names: dict[str, str], session: state.Session) -> str:
    words = list(dict.fromkeys(difference_words(d, names, session.observed, session.text) for d in found))
    more = [session.text("scenario.sentence.more", n=len(words) - _MOST)] if len(words) > _MOST else []
    return "\n".join(f"- {plain(line)}" for line in [*words[:_MOST], *more])


def who(revision: Revision, session: state.Session) -> str:
    """The author of a revision, or that nobody gave a name."""
    return revision.author or session.text("save.somebody")


def _conflict(session: state.Session, change: saving.Pending) -> None:
    """Somebody was faster: what they changed, what waits, and the three ways out."""
    text = session.text
    assert change.theirs is not None
    names = _names(change.base.document, change.mine, change.theirs.document)
    with st.container(border=True, key="conflict"):
        st.markdown(f"**{plain(text('save.conflict', who=who(change.theirs.revision, session)))}**")
        left, right = st.columns(2)
        left.markdown(text("save.theirs") + "\n" + _list(change.their_changes, names, session))
        right.markdown(text("save.mine") + "\n" + _list(change.my_changes, names, session))
        if change.clashes:
            st.caption(text("save.clashes") + "\n" + _list(change.clashes, names, session))
        with st.container(horizontal=True):
            st.button(
                text("save.merge"),
                on_click=saving.merge,
                key="save_merge",
                type="primary",
                icon=":material/merge:",
                help=text("save.merge_help"),
            )
            st.button(text("save.branch"), on_click=saving.branch, key="save_branch", icon=":material/fork_right:")
            st.button(text("save.drop"), on_click=saving.drop, key="save_drop", type="tertiary")


def _unsaved(session: state.Session) -> None:
    """The link shows other values than the scenario was saved with."""
    text = session.text
    assert session.variant is not None
    with st.container(border=True, key="unsaved"):
        st.markdown(plain(text("save.unsaved", name=session.variant.name)))
        st.markdown(_lever_differences(session))
        with st.container(horizontal=True):
            if session.writable:
                st.button(
                    text("save.save_these"),
                    on_click=saving.save_levers,
                    args=(session.settings,),
                    key="save_these",
                    type="primary",
                )
                count = len(session.document.scenarios) + 1
                st.button(
                    text("save.save_new"),
                    on_click=saving.new_scenario,
                    args=(text("scenario.auto_name", n=count), session.settings),
                    key="save_new",
                )
            st.button(
                text("save.show_saved"),
                on_click=state.show_scenario,
                args=(session.chosen, session.saved),
                key="show_saved",
            )


def _lever_differences(session: state.Session) -> str:
    """Every lever that stands elsewhere on the screen than it was saved: saved, and here."""
    text = session.text
    lines = []
    for spec in session.observed.levers:
        saved, here = session.saved.get(spec.id), session.settings.get(spec.id)
        if saved != here:
            ends = [setting_words(spec, setting, text) for setting in (saved, here)]
            lines.append(text("save.difference", lever=lever_label(spec, text), saved=ends[0], here=ends[1]))
    more = [text("scenario.sentence.more", n=len(lines) - _MOST)] if len(lines) > _MOST else []
    return "\n".join(f"- {plain(line)}" for line in [*lines[:_MOST], *more])
