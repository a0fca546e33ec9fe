"""The workspace: what is kept, who changed what, links that show it, the whole of it as one file."""

import streamlit as st

from ui import cabinet, frame
from ui.state import current
from ui.widgets import panel

frame.guard()
session = current()
text = session.text
st.title(text("workspace.title"))
cabinet.head(session)
view = panel(text("workspace.view"), list(cabinet.VIEWS), "cabinet_view", lambda v: text(f"workspace.views.{v}"))
cabinet.show(view, session)
