"""Figures in the browser: Plotly itself, redrawn in place.

Streamlit's own chart element is made anew and drawn two or three times whenever its figure changes; this one
hands the new figure to `Plotly.react`. The script is the one of the plotly package, so that what is drawn here and
what is exported are one version.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import plotly
import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v1 import declare_component

from ui import state

_SCRIPTS = declare_component("plotly", path=Path(plotly.__file__).parent / "package_data")
_FOLDER = Path(__file__).resolve().parent
_BASE = "/".join(filter(None, (st.get_option("server.baseUrlPath").strip("/"), "component", _SCRIPTS.name)))
# Where a page's scripts find Plotly, and `library()` and `warm()`, which load it.
SCRIPT = f"const plotlyAddress = {json.dumps(f'/{_BASE}/plotly.min.js?{plotly.__version__}')}\n"
SCRIPT += (_FOLDER / "library.js").read_text(encoding="utf-8")
_PLOT = st.components.v2.component(
    "six_markets_plot",
    html=(_FOLDER / "plot.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "plot.css").read_text(encoding="utf-8"),
    js=SCRIPT + (_FOLDER / "plot.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


@dataclass(frozen=True)
class Heading:
    """What stands over a figure: that it is a card of its own, and what its button does where it has one."""

    alone: bool = True
    on_add: Callable[[], None] | None = None


def draw(
    figure: go.Figure, key: str, heading: Heading | None = None, on_pick: Callable[[str], None] | None = None
) -> None:
    """A figure as wide as the room it stands in, as high as it says.

    With `heading` the finding stands above it; without, where a slide carries it, the drawing is alone.
    `on_pick` is a callback that gets the `customdata` of the mark that is clicked.
    """
    session = state.current()
    data = {
        "figure": figure.to_json(validate=False),
        "height": figure.layout.height,
        "alt": no_markup(figure.layout.meta["alt"]),
        "failed": session.text("widgets.chart_failed"),
    }
    if heading is not None:
        data |= {
            "title": no_markup(figure.layout.meta["title"]),
            "note": no_markup(figure.layout.meta["subtitle"]),
            "alone": heading.alone,
        }
        if heading.on_add is not None:
            data["add"] = {"label": session.text("present.add"), "disabled": session.read_only}
    _PLOT(
        key=key,
        data=data,
        height="stretch" if heading is not None and heading.alone else "content",
        on_pick_change=lambda: _picked(key, on_pick),
        on_add_change=lambda: _added(key, heading),
    )


def no_markup(words: str) -> str:
    """Words made safe for a figure, as they were before."""
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _picked(key: str, on_pick: Callable[[str], None] | None) -> None:
    name = st.session_state[key].get("pick")
    if on_pick is not None and name:
        on_pick(name)


def _added(key: str, heading: Heading | None) -> None:
    if heading is not None and heading.on_add is not None and st.session_state[key].get("add"):
        heading.on_add()
