"""The six markets: stakeholder map, emphasis, power and interest, dependence on persons."""

import streamlit as st

from core.figures.markets import map_figure, owner_figure, power_interest_figure, priority_figure, radar_figure
from core.listings import contact_rows, flag_rows, load_rows, market_rows, stakeholder_rows
from core.models import markets
from ui import frame, state, views
from ui.state import current
from ui.widgets import chart, chooser, empty, evidence, panel, plain, switch, table

frame.guard()
session = current()
text, look, config = session.text, session.look, session.config
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
arguments = views.stakeholder_map(session, taxonomy)
inputs, base, now = arguments["inputs"], arguments["baseline"], arguments["result"]
brokers, links = views.brokers(session.portfolio) if linked else ({}, [])
chosen = state.take_filter("pick_markets", inputs.names, None) or ""
chart(map_figure(**arguments, links=links, brokers=brokers, chosen=chosen), "map", pick="pick_markets")
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
if view == "priority":
    chart(
        priority_figure(inputs, base, now, text, look, changed=session.outcome.changed), "priority", pick="pick_markets"
    )
elif view == "list":
    table(stakeholder_rows(inputs, now, config, text, taxonomy), "stakeholders", text("markets.views.list"), height=420)
elif view == "radar":
    chart(radar_figure(inputs, base, now, text, look, taxonomy=taxonomy, changed=session.outcome.changed), "radar")
elif view == "power":
    words = [
        text.term("salience", markets.SALIENCE[s]) if s >= 0 else ""
        for s in markets.salience(inputs.power, inputs.legitimate, inputs.urgent, config.markets.quadrant_cut)
    ]
    chart(
        power_interest_figure(
            inputs, now, markets.quadrant(inputs, config), words, text, look, cut=config.markets.quadrant_cut
        ),
        "power",
        pick="pick_markets",
    )
elif view == "owners":
    chart(
        owner_figure(
            inputs, markets.ownership(inputs), config.markets.owner_share_limit, text, look, taxonomy=taxonomy
        ),
        "owners",
    )
    table(market_rows(inputs, now, text, taxonomy), "markets", text("markets.list.title"))
elif view == "contacts":
    if "contacts" not in session.portfolio:
        st.caption(text("markets.contacts.needs"))
    table(contact_rows(session.portfolio, text), "contacts", text("markets.contacts.title"))
    table(load_rows(session.portfolio, text), "load", text("markets.contacts.load_title"))
else:
    table(flag_rows(inputs, session.portfolio, config, text, taxonomy), "flags", text("markets.flags.title"))
