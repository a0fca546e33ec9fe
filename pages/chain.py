"""The relationship profitability chain: the graph, its links to edit, what the scenario sent along them."""

import streamlit as st

from core.figures.chain import chain_figure
from core.listings import chain_rows, flow_rows
from ui import frame, scenario_bar
from ui.state import current
from ui.widgets import chart, plain, table

frame.guard()
session = current()
text, outcome = session.text, session.outcome
st.title(text("chain.title"))
st.caption(plain(text("chain.intro")))
available = outcome.chain_nodes
chart(chain_figure(outcome.inputs["chain"], outcome.flows, text, session.look, available=available), "chain")
if outcome.changed:
    table(flow_rows(outcome, text), "flows", text("chain.flow.title"))
else:
    st.info(text("chain.still"), icon=":material/info:")

left, right = st.columns([2, 3])
with left:
    st.subheader(text("chain.edit"))
    scenario_bar.links(session)
with right:
    table(chain_rows(session.config, text), "chain_links", text("chain.list.title"))
