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
session = state.begin()
frame.place()
still = frame.still(session, chosen.url_path)
if not still:
    with st.sidebar:
        scenario_bar.draw(chosen.url_path)
if frame.speaks(session):
    frame.messages(session)
frame.missing()
chosen.run()
if still:
    with st.sidebar:
        scenario_bar.apart(chosen.url_path)
