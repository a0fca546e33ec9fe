"""Widget groups that pages share: charts, headline cards, the rows behind a mark, empty states."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.evidence import rows_behind, shown
from core.exhibits import exhibit
from core.listings import Cells, cells_of, columns_of, safe_csv
from core.narrative import Headline, headline_words
from core.templates import build_template
from ui import plot, saving, state

# Only what Markdown would act on: a needless backslash is read out by screen readers.
_MARKS = re.compile(r"([\\`*_\[\]~$<>]|:(?=[\w/+-]+:)|^[#+>=-](?=\s)|(?<=^\d)[.)](?=\s)|(?<=^\d\d)[.)](?=\s))")
_FOLDER = Path(__file__).resolve().parent
_TILES = st.components.v2.component(
    "six_markets_tiles",
    html='<div class="six-tiles"></div>',
    css=(_FOLDER / "tiles.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "tiles.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)
_TABLE = st.components.v2.component(
    "six_markets_table",
    html='<div class="six-rows"></div>',
    css=(_FOLDER / "table.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "table.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)
_SHORT = 100  # rows of a table that is drawn whole; a longer one draws the rows in sight
_TABLE_OF = {"markets": "stakeholders", "stages": "assessments", "value": "value", "churn": "exits"}


def plain(words: str) -> str:
    """User text inside Markdown, shown as it is."""
    return _MARKS.sub(r"\\\1", words)


def show(name: str, options: Mapping[str, str] | None = None, key: str = "", *, pick: str = "", more: str = "") -> bool:
    """An exhibit on its page, with the button that adds it to the story; whether the data can speak of it."""
    found = exhibit(name, state.current().situation, options)
    if found is None:
        return False
    key = key or name.partition(".")[2]
    slide = (name, {k: v for k, v in (options or {}).items() if v and k != "compact"})
    if found.figure is not None:
        chart(found.figure, key, pick, more, slide)
    if found.table is not None:
        rows = f"{key}_rows" if found.figure is not None else key
        alone = found.figure is None  # what stands below a figure goes into the story with it
        table(found.table, rows, found.title if alone else "", slide=slide if alone else None)
    return True


Slide = tuple[str, Mapping[str, str]]


def add_button(slide: Slide, key: str) -> None:
    """One click puts what is shown here, as it is shown, at the end of the story."""
    st.button(
        "",
        key=f"add_{key}",
        on_click=saving.add_slide,
        args=slide,
        icon=":material/add_to_photos:",
        type="tertiary",
        help=state.current().text("present.add"),
        disabled=state.current().read_only,
    )


def chart(figure: go.Figure, key: str, pick: str = "", more: str = "", slide: Slide | None = None) -> None:
    """A figure in its card: the finding as title, what it shows below, the drawing.

    With `pick`, a click on a mark sets the choice of that name in the session; with `more`, a link
    to that page stands below; with `slide`, a button adds the exhibit of that name to the story.
    """
    heading = plot.Heading(not more, (lambda: saving.add_slide(*slide)) if slide is not None else None)
    on_pick = (lambda name: _picked(name, pick)) if pick else None
    if not more:
        plot.draw(figure, key, heading, on_pick)
        return
    with st.container(border=True, height="stretch"):
        plot.draw(figure, key, heading, on_pick)
        words = state.current().text
        st.page_link(
            st.session_state["pages"][more],
            label=words("overview.more", page=words(f"{more}.nav")),
            icon=":material/arrow_forward:",
        )


def _picked(name: str, pick: str) -> None:
    st.session_state[pick] = name
    state.keep_filter(pick, None)


def chooser(label: str, options: Sequence[str], key: str, name: Callable[[str], str]) -> str | None:
    """A list to choose from, also set by a click in a chart; the keyboard's way to the same rows."""
    state.take_filter(key, options, None)
    return st.selectbox(
        label,
        options,
        index=None,
        key=key,
        on_change=state.keep_filter,
        args=(key, None),
        format_func=name,
        persist_state="session",
        placeholder=state.current().text("widgets.choose"),
    )


def evidence(topic: str, key: str | None, within: tuple[str, str] | None = None) -> None:
    """The rows behind what is chosen, with file, sheet and row."""
    if key is None:
        return
    session = state.current()
    frame = rows_behind(session.portfolio, topic, key, within)
    if frame is None or frame.empty:
        st.caption(session.text("evidence.none"))
        return
    table(
        shown(session.portfolio, frame, _TABLE_OF[topic], session.text),
        f"evidence_{topic}",
        session.text("evidence.title", n=len(frame)),
    )


def table(
    frame: pd.DataFrame, key: str, title: str = "", note: str = "", height: int = 400, slide: Slide | None = None
) -> None:
    """A table with its CSV, at most so many pixels high; `note` says what it shows.

    With `slide`, a button adds that exhibit to the story.
    """
    if len(frame) > _SHORT:
        _long_table(frame, key, title, height, slide)
        if note:
            st.caption(plain(note))
    elif len(frame):
        told_tables([table_data(cells_of(frame), key, title, note, height, slide)], key, slide)


TableData = dict[str, Any]


def table_data(
    cells: Cells, key: str, title: str = "", note: str = "", height: int = 400, slide: Slide | None = None
) -> TableData:
    """What `table.js` draws."""
    session = state.current()
    text = session.text
    return {
        "title": title,
        "note": note,
        "columns": columns_of(cells, text),
        "height": height,
        "locale": text.language,
        "csv": {"label": text("widgets.csv"), "name": f"{key}.csv", "words": safe_csv(cells).decode("utf-8-sig")},
        "add": {"label": text("present.add"), "disabled": session.read_only} if slide is not None else None,
    }


def words_data(title: str, note: str) -> TableData:
    """What `table.js` draws of words that stand among tables."""
    return {"title": title, "note": note, "columns": []}


def told_tables(found: Sequence[TableData], key: str, slide: Slide | None = None) -> None:
    """Tables below each other, of which `table_data` is told, as one element."""
    _TABLE(
        key=f"table_{key}",
        data={"tables": found},
        on_add_change=lambda: saving.add_slide(*slide) if slide is not None else None,
    )


def fed_table(key: str) -> None:
    """The place of a table whose rows the board of levers carries."""
    _TABLE(key=f"table_{key}", data={"fed": key}, on_add_change=lambda: None)


def _long_table(frame: pd.DataFrame, key: str, title: str, height: int, slide: Slide | None) -> None:
    text = state.current().text
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        if title:
            st.markdown(f"**{plain(title)}**", width="stretch")
        st.download_button(
            text("widgets.csv"),
            lambda: safe_csv(cells_of(frame)),
            file_name=f"{key}.csv",
            mime="text/csv",
            key=f"csv_{key}",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
        )
        if slide is not None:
            add_button(slide, key)
    numeric = frame.select_dtypes("number").columns
    st.dataframe(
        frame,
        hide_index=True,
        key=f"table_{key}",
        height=height,
        alt=title or key,
        placeholder="",
        column_config={name: st.column_config.NumberColumn(format="localized") for name in numeric},
    )


@dataclass(frozen=True)
class Tile:
    """A number with its name; `help` is what it means, `after` what the scenario makes of it."""

    name: str
    value: str
    help: str = ""
    after: str = ""
    tone: Literal["still", "better", "worse"] = "still"
    note: str = ""
    computed: Mapping[str, Any] | None = None


def tiles(found: Sequence[Tile], key: str) -> None:
    """Numbers side by side, as one element."""
    _TILES(key=key, data={"tiles": [asdict(tile) for tile in found]})


def headline_cards(found: Sequence[Headline], ranges: Mapping[str, str]) -> None:
    """The headline numbers, the scenario under the baseline, each with how it is computed.

    `ranges` holds, by name, what an uncertain scenario may come to.
    """
    session = state.current()
    text = session.text
    cards = []
    for headline in found:
        before, after = headline_words(headline, text)
        moved = before != after
        good = (headline.after > headline.before) == (headline.better > 0)
        cards.append(
            Tile(
                text(f"headline.{headline.name}"),
                before,
                help=text("headline.range_help") if headline.name in ranges else "",
                after=f"→ {after}" if moved else text("headline.unchanged") if session.values else "",
                tone="still" if not moved else "better" if good else "worse",
                note=ranges.get(headline.name, ""),
                computed=how(headline),
            )
        )
    tiles(cards, "headline_tiles")


def how(headline: Headline) -> dict[str, Any]:
    """Where a headline comes from: formula, numbers in it, source, and the sheets they stand in."""
    session = state.current()
    text = session.text
    places = [place for name in headline.tables for place in state.places_of(session.portfolio).get(name, ())]
    return {
        "label": text("how.title"),
        "title": text(f"headline.{headline.name}"),
        "words": text(f"headline_help.{headline.name}"),
        "formula": headline.formula,
        "ingredients": headline.ingredients,
        "small": [
            text("how.source", source=text(f"source.{headline.source}")),
            *(text("how.rows", file=f, sheet=s, first=a, last=b, n=n) for f, s, a, b, n in places),
        ],
    }


def empty(topic: str) -> None:
    """What a view needs, a button to the sample, a template to download."""
    text = state.current().text
    with st.container(border=True):
        st.markdown(f"**{text('empty.title')}**")
        st.markdown(text(f"{topic}.needs"))
        with st.container(horizontal=True):
            st.button(
                text("frame.open_sample"),
                on_click=state.open_workspace,
                args=(state.SAMPLE,),
                key=f"sample_{topic}",
                type="primary",
            )
            template_button(f"template_{topic}")
            st.page_link(st.session_state["pages"]["data"], label=text("empty.upload"), icon=":material/upload_file:")


def template_button(key: str) -> None:
    """The template in the reader's language."""
    text = state.current().text
    st.download_button(
        text("empty.template"),
        lambda: build_template(text),
        file_name=text("empty.template_file"),
        key=key,
        on_click="ignore",
        icon=":material/download:",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


def panel(label: str, options: Sequence[str], key: str, name: Callable[[str], str]) -> str:
    """Which of several further views is shown; only that one is computed."""
    state.take_filter(key, options, options[0])
    chosen = st.segmented_control(
        label,
        options,
        key=key,
        format_func=name,
        on_change=state.keep_filter,
        args=(key, options[0]),
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    return str(chosen)


def switch(label: str, key: str, help_words: str | None = None) -> bool:
    """A toggle that the link remembers; off as a rule."""
    state.take_filter(key, (True, False), False)
    return st.toggle(
        label, key=key, on_change=state.keep_filter, args=(key, False), help=help_words, persist_state="session"
    )
