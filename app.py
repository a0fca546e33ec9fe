"""Six Markets: language, workspace, scenario bar, navigation. No calculation."""

import streamlit as st

from ui import frame, link, scenario_bar, stage, state

frame.guard()
st.set_page_config(
    page_title="Six Markets", page_icon=":material/hub:", layout="wide", initial_sidebar_state="expanded"
)
link.take()
state.open_waiting()
chosen = frame.navigation()
if stage.is_on(chosen.url_path):
    stage.draw(state.begin())
    st.stop()
places = frame.places()
with st.sidebar:
    (scenario_bar.apart if chosen.url_path in frame.STILL else scenario_bar.follow)(places, chosen.url_path)
frame.missing()
chosen.run()
