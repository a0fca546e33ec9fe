"""The stage: the story full screen, moved by the keyboard, with a presenter's window beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from core.figures.theme import enlarged
from core.listings import printed
from core.narrative import lever_label, lever_shift
from core.scenario import Setting
from core.story import Shown, settings_of, shown
from ui import link, plot, state
from ui.widgets import plain

_FOLDER = Path(__file__).resolve().parent
_KEYS = st.components.v2.component(
    "six_markets_stage",
    html='<div class="pointer"></div>\n<div class="clock"></div>\n',
    css=(_FOLDER / "stage.css").read_text(encoding="utf-8"),
    js=link.SCRIPT + (_FOLDER / "stage.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)
PAGE = "present"
_PRESENTER = "presenter"
_LIVE = 4  # levers on a slide
_ROWS, _COLUMNS = 8, 8  # of a table on a slide
# Everything scales with the window: a slide is 16:9, whatever the screen is.
_STYLE = """<style>
[data-testid=stSidebar], [data-testid=stHeader],
[data-testid=stSidebarCollapsedControl], [data-testid=stExpandSidebarButton] {display: none !important;}
.block-container {max-width: min(100vw, 177.78vh) !important; padding: 2.2vmin 4vmin 1vmin !important;}
[data-testid=stMain] {overflow-x: hidden;}
.st-key-stage_title h1 {font-size: min(3.1vw, 5.4vh) !important; line-height: 1.2; padding: 0 0 0.4vmin !important;}
.st-key-stage_message p, .st-key-stage_message li {font-size: min(1.75vw, 3.1vh) !important; line-height: 1.45;}
.st-key-stage_heading h1 {font-size: 1.7rem !important;}
.st-key-stage_words {padding-top: 6vh;}
.st-key-stage_words p {font-size: min(2.3vw, 4.1vh) !important; line-height: 1.6;}
.st-key-stage_table table {width: 100%; font-size: min(2vw, 3.6vh); line-height: 1.5;}
.st-key-stage_table_small table {width: 100%; font-size: min(1.35vw, 2.4vh); line-height: 1.4;}
[class*=st-key-stage_table] td p, [class*=st-key-stage_table] th p {font-size: inherit !important;}
.st-key-stage_tiles {padding-top: 2vh;}
.st-key-stage_tiles p {font-size: min(1.6vw, 2.9vh) !important; line-height: 1.5;}
.st-key-stage_tiles strong {font-size: min(3.6vw, 6.4vh); line-height: 1.35;}
[class*=st-key-live_] label p {font-size: min(1.35vw, 2.4vh) !important;}
.st-key-stage_bar button:focus {outline: 2px solid;}
.st-key-stage_table th, .st-key-stage_table td {padding: 1vmin 1.6vmin !important;}
[data-testid=stCaptionContainer] p {font-size: min(1.1vw, 2vh) !important;}
.st-key-stage_footer p {font-size: min(1.1vw, 2vh) !important;}
.st-key-stage_footer, .st-key-stage_bar {position: fixed !important; bottom: 1.4vmin; width: auto !important; z-index: 9;}
.st-key-stage_footer {left: calc((100vw - min(100vw, 177.78vh)) / 2 + 4vmin);}
.st-key-stage_bar {right: calc((100vw - min(100vw, 177.78vh)) / 2 + 3vmin);}
html.six-still, html.six-still * {cursor: none !important;}
html.six-still .st-key-stage_bar {opacity: 0;}
.st-key-stage_bar {transition: opacity 0.4s;}
html.six-black .stApp {filter: brightness(0);}
html.six-pointer, html.six-pointer * {cursor: none !important;}
</style>"""


def is_on(page: str) -> bool:
    """Whether the story is on the stage; it leaves the stage where another page is opened."""
    if page != PAGE:
        st.session_state.update(dict.fromkeys(link.STAGE, ""))
    return page == PAGE and bool(st.session_state.get("p"))


def enter(slide: int) -> None:
    """Go onto the stage; only from a callback."""
    st.session_state["p"] = str(slide)


def draw(session: state.Session) -> None:
    """The slide the link names, or the presenter's view of it."""
    st.html(_STYLE)
    slides = session.story
    keys = list(slides)
    number = st.session_state["p"]
    at = min(max(int(number) if number.isdecimal() and len(number) < 6 else 1, 1), len(keys))
    presenter = st.session_state.get("v") == _PRESENTER
    key = keys[at - 1]
    own = settings_of(slides[key], session.situation, session.document)[0]
    pulled = _pulled(session, key, own) if slides[key].live else own
    place = (at, len(keys))
    found = shown(key, slides[key], place, session.situation, session.document, pulled)
    size = st.session_state.get("stage_keys", {}).get("size") or [1440, 900]
    if presenter:
        following = keys[at] if at < len(keys) else ""
        after = (
            shown(following, slides[following], (at + 1, len(keys)), session.situation, session.document)
            if following
            else None
        )
        _presenter(session, found, after, size)
    else:
        _slide(session, found, size, own)
    _KEYS(
        key="stage_keys",
        data={
            "slide": at,
            "total": len(keys),
            "presenter": presenter,
            "story": session.workspace_id,
            "size": size,
            "locale": session.text.language,
            "address": link.data(PAGE),
        },
        default={"size": size},
        on_go_change=_go,
        on_leave_change=_leave,
        on_address_change=_readdress,
        on_size_change=lambda: None,
    )


def _go() -> None:
    place = st.session_state["stage_keys"].get("go")
    if place:
        st.session_state["p"] = str(int(place))


def _leave() -> None:
    if st.session_state["stage_keys"].get("leave"):
        _step("")


def _readdress() -> None:
    link.take_told(st.session_state["stage_keys"].get("address") or {})


def _step(place: str) -> None:
    st.session_state["p"] = place
    if not place:
        st.session_state["v"] = ""
        st.session_state.pop("stage_live", None)


def _slide(session: state.Session, found: Shown, size: list[int], own: Mapping[str, Setting]) -> None:
    wide = min(size[0], size[1] * 16 / 9)
    with st.container(key="stage_title"):
        st.markdown(f"# {plain(found.title)}")
    figure = found.exhibit.figure if found.exhibit is not None else None
    with st.container(key="stage_message" if found.exhibit is not None else "stage_words"):
        for line in found.message.splitlines():
            st.markdown(plain(line))
    live = found.live and bool(own)
    room = (
        size[1] * 0.90
        - wide * (0.135 if found.message else 0.09)
        - (wide * 0.03 if found.caption else 0)
        - (wide * 0.075 if live else 0)
    )
    if figure is not None:
        plot.draw(enlarged(figure, wide / 950, max(room, 240)), f"stage_{found.key}")
        if found.caption:
            st.caption(plain(found.caption))
    elif found.tiles:
        _tiles(found)
    elif found.exhibit is not None and found.exhibit.table is not None:
        _table(session, found)
    if live:
        _levers(session, found, own)
    _bar(session, found)


def _tiles(found: Shown) -> None:
    """The headline numbers, as large as the room allows."""
    across = 2 if len(found.tiles) <= 4 else 3
    with st.container(key="stage_tiles"):
        for start in range(0, len(found.tiles), across):
            for column, tile in zip(st.columns(across), found.tiles[start : start + across], strict=False):
                with column.container(border=True, height="stretch"):
                    after = f" → :violet[{plain(tile.after)}]" if tile.after else ""
                    st.markdown(f"{plain(tile.name)}  \n**{plain(tile.before)}{after}**")


def _table(session: state.Session, found: Shown) -> None:
    """A table as words, its first rows and the columns that fit; how many more there are stands below."""
    if found.exhibit is None or found.exhibit.table is None:
        return
    shown = printed(found.exhibit.table, session.text, _ROWS, _COLUMNS)
    small = len(shown.heads) > 4 or max((len(cell) for row in shown.rows for cell in row), default=0) > 40
    with st.container(key="stage_table_small" if small else "stage_table"):
        cells = {plain(h): [plain(row[n]) for row in shown.rows] for n, h in enumerate(shown.heads)}
        st.table(cells, border="horizontal", hide_index=True)
    left = shown.left_words(session.text)
    if left:
        st.caption(plain(left))


def _bar(session: state.Session, found: Shown) -> None:
    text = session.text
    with st.container(key="stage_footer"):
        st.caption(f"{plain(found.footer)} · {found.number} / {found.total}")
    with st.container(key="stage_bar", horizontal=True, horizontal_alignment="right", gap="small"):
        for name, icon, place in (
            ("back", "chevron_left", found.number - 1),
            ("on", "chevron_right", found.number + 1),
        ):
            st.button(
                "",
                key=f"stage_{name}",
                on_click=_step,
                args=(str(place),),
                icon=f":material/{icon}:",
                type="tertiary",
                help=text(f"present.{name}"),
                disabled=not 1 <= place <= found.total,
            )
        st.button("", key="stage_full", icon=":material/fullscreen:", type="tertiary", help=text("present.full"))
        st.button("", key="stage_window", icon=":material/speaker_notes:", type="tertiary", help=text("present.second"))
        st.button(
            "",
            key="stage_leave",
            on_click=_step,
            args=("",),
            icon=":material/close:",
            type="tertiary",
            help=text("present.leave"),
        )


def _presenter(session: state.Session, found: Shown, after: Shown | None, size: list[int]) -> None:
    """Notes and clock, the slide as it was made (levers pulled in the room stay there), and the one that comes next."""
    text = session.text
    left, right = st.columns([3, 2], gap="large")
    with left:
        with st.container(key="stage_heading"):
            st.markdown(f"# {found.number} / {found.total} · {plain(found.title)}")
        if found.exhibit is not None and found.exhibit.figure is not None:
            plot.draw(enlarged(found.exhibit.figure, 0.9, min(size[1] * 0.55, 420)), f"presenter_{found.key}")
        elif found.exhibit is not None and found.exhibit.table is not None:
            _table(session, found)
        for line in found.message.splitlines():
            st.markdown(plain(line))
    with right:
        st.markdown(f"**{text('present.notes')}**")
        for line in (found.notes or text("present.no_notes")).splitlines():
            st.markdown(f"#### {plain(line)}" if found.notes else f":gray[{plain(line)}]")
        st.divider()
        next_title = after.title if after is not None else text("present.end")
        st.markdown(f"**{text('present.next')}**  \n{plain(next_title)}")
        _bar(session, found)


# Live levers ---------------------------------------------------------------------------------------


def _pulled(session: state.Session, key: str, own: Mapping[str, Setting]) -> dict[str, Setting]:
    """The slide's levers where the sliders on it stand; nothing of it is saved."""
    held = st.session_state.get("stage_live", {}).get(key, {})
    return {name: Setting(held[name]) if name in held else setting for name, setting in own.items()}


def _levers(session: state.Session, found: Shown, own: Mapping[str, Setting]) -> None:
    specs = [spec for spec in session.observed.levers if spec.id in own and spec.unit != "flag"][:_LIVE]
    for column, spec in zip(st.columns(max(len(specs), 1)), specs, strict=False):
        now = found.at.settings[spec.id].likely
        with column:
            st.slider(
                f"{plain(lever_label(spec, session.text))} · {plain(lever_shift(spec, now, session.text))}",
                float(spec.low),
                float(spec.high),
                float(min(max(now, spec.low), spec.high)),
                step=float(spec.step),
                key=f"live_{found.key}_{spec.id}",
                format=" ",
                on_change=_pull,
                args=(found.key, spec.id),
            )


def _pull(key: str, lever: str) -> None:
    held = dict(st.session_state.get("stage_live", {}))
    held[key] = {**held.get(key, {}), lever: float(st.session_state[f"live_{key}_{lever}"])}
    st.session_state["stage_live"] = held
