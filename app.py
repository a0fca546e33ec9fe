"""Six Markets: language, workspace, scenario bar, navigation. No calculation."""

import streamlit as st

from ui import frame, scenario_bar, state

frame.guard()
st.set_page_config(
    page_title="Six Markets", page_icon=":material/hub:", layout="wide", initial_sidebar_state="expanded"
)
state.bind()
session = state.begin()
chosen = frame.navigation(session)
frame.header(session)
scenario_bar.draw(session)
chosen.run()
