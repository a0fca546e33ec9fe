"""Data: upload, what is loaded, what was set aside, settings, templates."""

import streamlit as st

from core.listings import problem_rows
from ui import frame, intake_form, mending, settings_form, state
from ui.widgets import panel, table, template_button, told_tables

frame.guard()
session = state.current()
text, portfolio = session.text, session.portfolio
st.title(text("data.title"))
view = panel(text("data.view"), ["sheets", "settings"], "data_view", lambda v: text(f"data.views.{v}"))
if view == "settings":
    settings_form.draw()
else:
    left, right = st.columns([3, 2])
    with left:
        intake_form.upload()
    with right:
        st.markdown(text("data.start.help"))
        for name in state.BUILT_IN:
            st.button(
                text(f"data.start.{name}"),
                on_click=state.open_workspace,
                args=(name,),
                key=f"open_{name}",
                width="stretch",
                disabled=session.workspace_id == name,
            )
        template_button("template_data")

    mending.imports()
    told_tables(mending.loaded(), "loaded")
    if portfolio.problems:
        mending.mend()
        most = session.config.limits.problems_shown
        table(
            problem_rows(portfolio.problems, text, most),
            "problems",
            text("data.problems.shown", n=min(most, len(portfolio.problems)), total=len(portfolio.problems)),
        )
