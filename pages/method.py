"""Method: every formula with its source, the crosswalks, the chain, the glossary, the tables."""

import streamlit as st

from core.listings import cells_of, chain_rows, crosswalk_rows, glossary_rows, item_rows, kind_rows, method_rows
from core.tables import TABLES
from core.templates import schema_rows
from ui import frame
from ui.state import current
from ui.widgets import panel, table, table_data, told_tables, words_data

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
    parts = [
        table_data(cells_of(method_rows(t, text)), f"method_{t}", text(f"{t}.title"), text(f"{t}.method"), height=1200)
        for t in ("markets", "stages", "value", "churn")
    ]
    told_tables([*parts, words_data(text("scenarios.title"), text("scenarios.method"))], "formulas")
elif view == "stages":
    table(crosswalk_rows(text), "crosswalk", text("method.crosswalk.title"), text("method.crosswalk.help"))
    table(item_rows(text), "items", text("method.items.title"), text("method.items.help"))
elif view == "chain":
    table(chain_rows(session.config, text), "chain_method", text("chain.title"), text("chain.intro"))
elif view == "taxonomies":
    table(kind_rows(session.config, text), "kinds", note=text("method.taxonomies"))
elif view == "tables":
    for name in TABLES:
        with st.expander(TABLES[name].label(text.language)):
            table(schema_rows(name, text), f"schema_{name}")
else:
    table(glossary_rows(text), "glossary")
