"""The six markets: stakeholder map, emphasis, power and interest, dependence on persons."""

import streamlit as st

from core.exhibits import regrouped
from core.models import markets
from ui import frame, state
from ui.state import current
from ui.widgets import chooser, empty, evidence, panel, plain, show, switch

frame.guard()
session = current()
text, config = session.text, session.config
st.title(text("markets.title"))
if session.observed.inputs["markets"] is None:
    empty("markets")
    st.stop()

left, right = st.columns([3, 2], vertical_alignment="bottom")
with left:
    taxonomy = panel(
        text("markets.taxonomy"), list(config.markets.taxonomies), "taxonomy", lambda t: text.term("taxonomy", t)
    )
with right:
    linked = "links" in session.portfolio and switch(text("markets.show_links"), "show_links")
inputs = regrouped(session.situation, taxonomy).inputs
chosen = state.take_filter("pick_markets", inputs.names, None) or ""
options = {"taxonomy": taxonomy}
show("markets.map", options | {"links": "1" if linked else "", "chosen": chosen}, pick="pick_markets")
grade = markets.grade(inputs, config)
st.caption(
    plain(
        text(
            "markets.grade",
            total=text.percent(grade.total, 0),
            owner=text.percent(grade.owner, 0),
            strength=text.percent(grade.strength, 0),
            desired=text.percent(grade.desired, 0),
            value=text.percent(grade.value, 0),
            fresh=text.percent(grade.fresh, 0),
            days=config.markets.fresh_days,
        )
    )
)
evidence("markets", chooser(text("markets.pick"), sorted(inputs.names), "pick_markets", str))

st.divider()
view = panel(
    text("markets.more"),
    ["priority", "list", "radar", "power", "owners", "contacts", "flags"],
    "markets_view",
    lambda v: text(f"markets.views.{v}"),
)
if view == "contacts" and "contacts" not in session.portfolio:
    st.caption(text("markets.contacts.needs"))
picking = {"priority": "pick_markets", "power": "pick_markets"}
for name in ("contacts", "load") if view == "contacts" else (view,):
    show(f"markets.{name}", options, pick=picking.get(name, ""))
