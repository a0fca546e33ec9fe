"""Overview: the headline numbers, the four views, what needs attention."""

import streamlit as st

from core.narrative import headlines
from ui import frame, views
from ui.state import current
from ui.widgets import add_button, empty, headline_cards, plain, show

frame.guard()
session = current()
text, outcome = session.text, session.outcome
small = {"compact": "1"}

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title(text("overview.title"), width="content")
    add_button(("scenarios.headlines", {}), "headlines")
if session.workspace_id == "sample":
    st.info(text("overview.sample"), icon=":material/science:")
headline_cards(headlines(outcome, text), views.ranges(session))

for row in (
    (("markets.map", "map"), ("churn.waterfall", "waterfall")),
    (("stages.pyramid", "pyramid"), ("value.breakdown", "value")),
):
    for column, (name, key) in zip(st.columns(2), row, strict=True):
        with column:
            topic = name.partition(".")[0]
            if not show(name, small, f"overview_{key}", more=topic):
                empty(topic)

found = views.attention(session.portfolio, text.language)
if found:
    st.subheader(text("overview.attention"))
    for item in found:
        st.page_link(
            frame.page(item.topic),
            label=f"**{text(f'{item.topic}.nav')}** {plain(item.sentence)}",
            icon=f":material/{frame.ICONS[item.topic]}:",
        )
