"""The relationship profitability chain: the graph, its links to edit, what the scenario sent along them."""

import streamlit as st

from core.listings import chain_rows
from ui import frame, scenario_bar
from ui.state import current
from ui.widgets import panel, plain, show, table

frame.guard()
session = current()
text = session.text
st.title(text("chain.title"))
st.caption(plain(text("chain.intro")))
show("chain.graph", key="chain")
view = panel(text("chain.view"), ["flows", "edit", "list"], "chain_view", lambda v: text(f"chain.views.{v}"))
if view == "edit":
    scenario_bar.links(session)
elif view == "list":
    table(chain_rows(session.config, text), "chain_links", text("chain.list.title"))
elif not show("chain.flows"):
    st.info(text("chain.still"), icon=":material/info:")
