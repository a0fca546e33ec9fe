"""The relationship profitability chain: the graph, its links to edit, what the scenario sent along them."""

import streamlit as st

from core.figures.chain import chain_figure
from core.listings import chain_rows, flow_rows
from ui import frame, scenario_bar
from ui.state import current
from ui.widgets import chart, panel, plain, table

frame.guard()
session = current()
text, outcome = session.text, session.outcome
st.title(text("chain.title"))
st.caption(plain(text("chain.intro")))
available = outcome.chain_nodes
chart(chain_figure(outcome.inputs["chain"], outcome.flows, text, session.look, available=available), "chain")
view = panel(text("chain.view"), ["flows", "edit", "list"], "chain_view", lambda v: text(f"chain.views.{v}"))
if view == "edit":
    scenario_bar.links(session)
elif view == "list":
    table(chain_rows(session.config, text), "chain_links", text("chain.list.title"))
elif outcome.changed:
    table(flow_rows(outcome, text), "flows", text("chain.flow.title"))
else:
    st.info(text("chain.still"), icon=":material/info:")
