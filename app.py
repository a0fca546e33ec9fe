"""Six Markets: language, workspace, scenario bar, navigation. No calculation."""

import streamlit as st

from ui import frame, scenario_bar, stage, state

frame.guard()
st.set_page_config(
    page_title="Six Markets", page_icon=":material/hub:", layout="wide", initial_sidebar_state="expanded"
)
state.bind()
chosen = frame.navigation()
if chosen.url_path == stage.PAGE:
    state.bind_stage()
if stage.is_on(chosen.url_path):
    state.bind_scenario()
    stage.draw(state.begin())
    st.stop()
places = frame.places()
with st.sidebar:
    (scenario_bar.apart if chosen.url_path in frame.STILL else scenario_bar.follow)(places)
frame.missing()
chosen.run()
