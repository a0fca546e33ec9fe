"""Method: every formula with its source, the crosswalks, the chain, the glossary, the tables."""

import streamlit as st

from core.listings import chain_rows, crosswalk_rows, glossary_rows, item_rows, kind_rows, method_rows
from core.tables import TABLES
from core.templates import schema_rows
from ui import frame
from ui.state import current
from ui.widgets import panel, table

frame.guard()
session = current()
text = session.text
st.title(text("method.title"))
st.markdown(text("method.intro"))
view = panel(
    text("method.choose"),
    ["formulas", "stages", "chain", "taxonomies", "tables", "glossary"],
    "method_view",
    lambda v: text(f"method.views.{v}"),
)
if view == "formulas":
    for topic in ("markets", "stages", "value", "churn"):
        st.subheader(text(f"{topic}.title"))
        st.markdown(text(f"{topic}.method"))
        table(method_rows(topic, text), f"method_{topic}")
    st.subheader(text("scenarios.title"))
    st.markdown(text("scenarios.method"))
elif view == "stages":
    st.subheader(text("method.crosswalk.title"))
    st.markdown(text("method.crosswalk.help"))
    table(crosswalk_rows(text), "crosswalk")
    st.subheader(text("method.items.title"))
    st.markdown(text("method.items.help"))
    table(item_rows(text), "items")
elif view == "chain":
    st.subheader(text("chain.title"))
    st.markdown(text("chain.intro"))
    table(chain_rows(session.config, text), "chain_method")
elif view == "taxonomies":
    st.markdown(text("method.taxonomies"))
    table(kind_rows(session.config, text), "kinds")
elif view == "tables":
    for name in TABLES:
        with st.expander(TABLES[name].label(text.language)):
            st.dataframe(schema_rows(name, text), hide_index=True, key=f"schema_{name}")
else:
    table(glossary_rows(text), "glossary")
