"""Overview: the headline numbers, the four views, what needs attention."""

import streamlit as st

from core.figures.churn import waterfall_figure
from core.figures.markets import map_figure
from core.figures.stages import pyramid_figure
from core.figures.value import breakdown_figure
from core.narrative import headlines
from ui import frame, views
from ui.state import current
from ui.widgets import chart, empty, headline_cards, plain

frame.guard()
session = current()
text, look, outcome = session.text, session.look, session.outcome
base, now, inputs = outcome.baseline, outcome.scenario, outcome.inputs

st.title(text("overview.title"))
if session.workspace_id == "sample":
    st.info(text("overview.sample"), icon=":material/science:")
headline_cards(headlines(outcome, text), views.ranges(session))

left, right = st.columns(2)
with left:
    if now.markets is not None:
        chart(map_figure(**views.stakeholder_map(session), compact=True), "overview_map", more="markets")
    else:
        empty("markets")
with right:
    if now.churn is not None and inputs["churn"].has_exits:
        chart(
            waterfall_figure(inputs["churn"], base.churn, now.churn, text, look, changed=outcome.changed, compact=True),
            "overview_waterfall",
            more="churn",
        )
    else:
        empty("churn")
left, right = st.columns(2)
with left:
    if now.stages is not None:
        chart(
            pyramid_figure(base.stages, now.stages, text, look, changed=outcome.changed, compact=True),
            "overview_pyramid",
            more="stages",
        )
    else:
        empty("stages")
with right:
    if now.value is not None and len(inputs["value"].ours):
        group = int(inputs["value"].ours[0])
        chart(
            breakdown_figure(
                inputs["value"], base.value, now.value, group, text, look, changed=outcome.changed, compact=True
            ),
            "overview_value",
            more="value",
        )
    else:
        empty("value")

found = views.attention(session.portfolio, text.language)
if found:
    st.subheader(text("overview.attention"))
    for item in found:
        st.page_link(
            frame.page(item.topic),
            label=f"**{text(f'{item.topic}.nav')}** {plain(item.sentence)}",
            icon=f":material/{frame.ICONS[item.topic]}:",
        )
