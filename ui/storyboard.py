"""The story on its page: slides listed, looked at, worded, moved, and the way onto the stage."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.story import Shown, shown
from core.workspace import Document, Slide, edited_slide, moved_slide, slides_of, told, with_slide, without_slide
from ui import plot, saving, stage, state
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
            plot.draw(found.exhibit.figure, f"slide_chart_{found.key}")
        elif found.exhibit is not None and found.exhibit.table is not None:
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
    """Title, message and notes of the slide, each kept as soon as it is left.

    An empty title or message stands for what the figure says.
    """
    text, area = session.text, {"height": 110}
    fields: tuple[tuple[str, Any, str, int, str, dict[str, Any]], ...] = (
        ("title", st.text_input, text("present.slide_title"), 300, found.title, {}),
        ("message", st.text_area, text("present.message"), 2000, found.message, area),
        ("notes", st.text_area, text("present.notes"), 10_000, found.notes, area),
    )
    with st.container(border=True, key="slide_words"):
        for name, field, label, most, placeholder, more in fields:
            held = getattr(slide, name)
            key = state.named(f"slide_{name}_{found.key}", held)
            field(
                label,
                held,
                max_chars=most,
                key=key,
                placeholder=placeholder,
                on_change=_word,
                args=(found.key, name, key),
                **more,
            )
        if found.at.outcome.changed:
            key = state.named(f"slide_live_{found.key}", slide.live)
            st.toggle(
                text("present.live"),
                slide.live,
                key=key,
                on_change=_word,
                args=(found.key, "live", key),
                help=text("present.live_help"),
            )


def _word(slide: str, name: str, key: str) -> None:
    """Keep one field of a slide, which need not be the one looked at by now."""
    value = st.session_state[key]
    saving.change_slide(slide, lambda document, real: edited_slide(document, real, **{name: value}))


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
