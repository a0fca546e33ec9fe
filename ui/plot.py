"""Figures in the browser: Plotly itself, redrawn in place.

Streamlit's own chart element is made anew and drawn two or three times whenever its figure changes; this one
hands the new figure to `Plotly.react`. The script is the one of the plotly package, so that what is drawn here and
what is exported are one version.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import plotly
import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v1 import declare_component

from ui import state

_SCRIPTS = declare_component("plotly", path=Path(plotly.__file__).parent / "package_data")
_PLOT = st.components.v2.component(
    "six_markets_plot",
    html='<div class="six-figure" role="figure"></div>',
    css=".six-figure {width: 100%; overflow: hidden;}",
    js=(Path(__file__).resolve().parent / "plot.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def draw(figure: go.Figure, key: str, alt: str, on_pick: Callable[[str], None] | None = None) -> None:
    """A figure as wide as the room it stands in, as high as it says.

    `on_pick` is a callback that gets the `customdata` of the mark that is clicked.
    """
    base = "/".join(filter(None, (st.get_option("server.baseUrlPath").strip("/"), "component", _SCRIPTS.name)))
    _PLOT(
        key=key,
        data={
            "figure": figure.to_json(validate=False),
            "height": figure.layout.height,
            "alt": alt,
            "failed": state.current().text("widgets.chart_failed"),
            "library": f"/{base}/plotly.min.js?{plotly.__version__}",
        },
        on_pick_change=lambda: _picked(key, on_pick),
    )


def _picked(key: str, on_pick: Callable[[str], None] | None) -> None:
    name = st.session_state[key].get("pick")
    if on_pick is not None and name:
        on_pick(name)
