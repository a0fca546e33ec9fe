"""The story on its page: slides listed, looked at, worded, moved, and the way onto the stage."""

from __future__ import annotations

import streamlit as st

from core.story import Shown, shown
from core.workspace import Document, Slide, edited_slide, moved_slide, slides_of, told, with_slide, without_slide
from ui import saving, stage, state
from ui.widgets import plain, table


def draw(session: state.Session) -> None:
    """The list of slides beside the one that is looked at."""
    text, slides = session.text, session.story
    keys = list(slides)
    if st.session_state.get("slide_pick") not in keys:
        st.session_state["slide_pick"] = keys[0]
    picked = st.session_state["slide_pick"]
    at = keys.index(picked)
    found = shown(picked, slides[picked], (at + 1, len(keys)), session.situation, session.document)
    st.caption(text("present.first" if not session.document.slides else "present.help"))
    _tools(session, at)
    left, right = st.columns([2, 5], gap="medium")
    with left, st.container(key="slide_list", gap="small"):
        _list(session, keys, picked)
    with right:
        _slide(session, found)
        if not session.read_only:
            _form(session, slides[picked], found)


def _tools(session: state.Session, at: int) -> None:
    text = session.text
    with st.container(horizontal=True):
        st.button(
            text("present.start"),
            on_click=stage.enter,
            args=(at + 1,),
            key="present_start",
            type="primary",
            icon=":material/slideshow:",
        )
        if session.read_only:
            return
        st.button(text("present.add_words"), on_click=_add_words, key="add_words", icon=":material/notes:")
        if session.document.slides:
            with st.popover(text("present.anew"), icon=":material/auto_awesome:"):
                st.markdown(text("present.anew_help"))
                st.button(text("present.anew_yes"), on_click=_anew, key="story_anew")


def _list(session: state.Session, keys: list[str], picked: str) -> None:
    text = session.text
    st.html(
        "<style>.st-key-slide_list button, .st-key-slide_list button > div, .st-key-slide_list button > div > * {justify-content: flex-start !important; text-align: left; width: 100%;}</style>"
    )
    for n, key in enumerate(keys, 1):
        one = shown(key, session.story[key], (n, len(keys)), session.situation, session.document)
        st.button(
            f"{n} · {plain(one.title)}" + (" :material/error:" if one.missing else ""),
            key=f"slide_{key}",
            on_click=_pick,
            args=(key,),
            type="secondary" if key == picked else "tertiary",
            width="stretch",
            help=text("present.missing") if one.missing else None,
        )


def _pick(key: str) -> None:
    st.session_state["slide_pick"] = key


def _slide(session: state.Session, found: Shown) -> None:
    """The slide as it stands, and the buttons that move it."""
    text = session.text
    with st.container(border=True, key="slide_card"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":gray[{found.number} / {found.total}]", width="stretch")
            if not session.read_only:
                _movers(session, found)
        st.markdown(f"### {plain(found.title)}")
        if found.missing:
            st.warning(text("present.missing"), icon=":material/error:")
        for line in found.message.splitlines():
            st.markdown(plain(line))
        if found.exhibit is not None and found.exhibit.figure is not None:
            stage.bare_chart(found.exhibit.figure, f"slide_chart_{found.key}")
        elif found.exhibit is not None:
            table(found.exhibit.table, f"slide_table_{found.key}")
        st.caption(plain(found.footer))


def _movers(session: state.Session, found: Shown) -> None:
    text, at = session.text, found.number - 1
    for name, icon, to, off in (
        ("up", "arrow_upward", at - 1, at == 0),
        ("down", "arrow_downward", at + 1, found.number == found.total),
    ):
        st.button(
            "",
            key=f"slide_{name}",
            on_click=_move,
            args=(found.key, to),
            disabled=off,
            icon=f":material/{icon}:",
            type="tertiary",
            help=text(f"present.{name}"),
        )
    st.button(
        "",
        key="slide_copy",
        on_click=_copy,
        args=(found.key,),
        icon=":material/content_copy:",
        type="tertiary",
        help=text("present.copy"),
    )
    st.button(
        "",
        key="slide_remove",
        on_click=_remove,
        args=(found.key, at),
        icon=":material/delete:",
        type="tertiary",
        help=text("present.remove"),
        disabled=found.total == 1,
    )


def _form(session: state.Session, slide: Slide, found: Shown) -> None:
    """Title, message and notes of the slide; an empty title or message stands for what the figure says."""
    text = session.text
    box = state.named(f"slide_form_{found.key}", (slide.title, slide.message, slide.notes, slide.live))
    with st.form(box):
        st.text_input(
            text("present.slide_title"), slide.title, max_chars=300, key=f"{box}_title", placeholder=found.title
        )
        st.text_area(
            text("present.message"),
            slide.message,
            max_chars=2000,
            key=f"{box}_message",
            placeholder=found.message,
            height=110,
        )
        st.text_area(
            text("present.notes"),
            slide.notes,
            max_chars=10_000,
            key=f"{box}_notes",
            placeholder=found.notes,
            height=110,
        )
        if found.at.outcome.changed:
            st.toggle(text("present.live"), slide.live, key=f"{box}_live", help=text("present.live_help"))
        st.form_submit_button(text("present.save"), on_click=_save, args=(found.key, box), icon=":material/check:")


def _save(key: str, box: str) -> None:
    said = {name: st.session_state.get(f"{box}_{name}") for name in ("title", "message", "notes", "live")}
    changes = {name: value for name, value in said.items() if value is not None}
    _on(key, lambda document, real: edited_slide(document, real, **changes))


def _on(key: str, work: saving.SlideWork) -> None:
    """Change one slide, and look at it afterwards."""
    saving.change_slide(key, work)
    st.session_state["slide_pick"] = key


def _move(key: str, to: int) -> None:
    _on(key, lambda document, real: moved_slide(document, real, to))


def _copy(key: str) -> None:
    _on(key, lambda document, real: with_slide(document, document.slides[real], real)[0])


def _remove(key: str, at: int) -> None:
    left: list[str] = []

    def work(document: Document, real: str) -> Document:
        shorter = without_slide(document, real)
        left[:] = slides_of(shorter)
        return shorter

    saving.change_slide(key, work)
    st.session_state["slide_pick"] = left[min(at, len(left) - 1)] if left else key


def _add_words() -> None:
    saving.put_slide(Slide(title=state.current().text("present.new_words")))


def _anew() -> None:
    saving.change_story(lambda document: told(document, ()))
    st.session_state["slide_pick"] = ""
