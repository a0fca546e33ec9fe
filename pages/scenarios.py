"""The scenario lab: scenarios kept, compared, taken apart, made uncertain, asked backwards, crossed."""

import streamlit as st

from core.models.scenarios import measures_of
from ui import frame, lab
from ui.state import current
from ui.widgets import empty, panel

frame.guard()
session = current()
text = session.text
st.title(text("scenarios.title"))
if measures_of(session.observed):
    view = panel(text("scenarios.view"), list(lab.VIEWS), "lab_view", lambda v: text(f"scenarios.views.{v}"))
    lab.VIEWS[view](session)
else:
    empty("scenarios")
