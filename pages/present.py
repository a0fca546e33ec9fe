"""The story: slides made from the views, presented here, and handed out as files."""

import streamlit as st

from core.models.scenarios import measures_of
from ui import frame, handout, storyboard
from ui.state import current
from ui.widgets import empty, panel

frame.guard()
session = current()
text = session.text
st.title(text("present.title"))
if not measures_of(session.observed):
    empty("present")
    st.stop()
view = panel(text("present.view"), ["story", "handout"], "present_view", lambda v: text(f"present.views.{v}"))
(storyboard.draw if view == "story" else handout.draw)(session)
