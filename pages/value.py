"""The perceived value: breakdown, offers side by side, price headroom, where to begin."""

import streamlit as st

from core.figures.value import (
    breakdown_figure,
    decomposition_figure,
    offer_name,
    offers_figure,
    sensitivity_figure,
    value_map_figure,
)
from core.listings import decomposition_rows, headroom_rows
from core.models import value
from core.tables import OUR_OFFER
from ui import frame, views
from ui.state import current
from ui.widgets import chart, chooser, empty, evidence, panel, plain, switch, table

frame.guard()
session = current()
text, look, config, outcome = session.text, session.look, session.config, session.outcome
st.title(text("value.title"))
base, now, inputs = outcome.baseline.value, outcome.scenario.value, outcome.inputs["value"]
if now is None:
    empty("value")
    st.stop()

multi = switch(text("value.multi"), "value_multi", text("value.multi_help"))
before = session.observed.inputs["value"]
if multi:
    rate = session.portfolio.settings.discount_rate or 0.0
    before, inputs = value.over_periods(before, rate), value.over_periods(inputs, rate)
    base, now = value.evaluate(before), value.evaluate(inputs)
segment = panel(
    text("value.segment"), list(inputs.segments), "value_segment", lambda s: plain(s) or text("value.all_segments")
)
at = inputs.segments.index(segment)
offers = [inputs.offers[inputs.offer[g]] for g in value.groups_of(inputs, at)]
offer = (
    panel(text("value.offer"), offers, "value_offer", lambda o: plain(text.term("offer", o)))
    if OUR_OFFER not in offers
    else OUR_OFFER
)
group = value.groups_of(inputs, at)[offers.index(offer)]

left, right = st.columns(2)
with left:
    chart(
        breakdown_figure(inputs, base, now, group, text, look, changed=outcome.changed), "breakdown", pick="pick_value"
    )
with right:
    chart(offers_figure(inputs, base, now, at, text, look, changed=outcome.changed), "offers")
st.caption(text("value.rank_note"))
for bad_segment, bad_offer in value.faulty_groups(inputs, now):
    st.warning(
        plain(
            text("value.no_ratio", segment=bad_segment or text("value.all_segments"), offer=offer_name(text, bad_offer))
        )
    )
parts = ["core", "services", "price", "relationship_costs"]
evidence(
    "value", chooser(text("value.pick"), parts, "pick_value", lambda p: text.term("value_part", p)), (segment, offer)
)

st.divider()
view = panel(
    text("value.more"),
    ["sensitivity", "headroom", "decomposition", "map"],
    "value_view",
    lambda v: text(f"value.views.{v}"),
)
if view == "sensitivity":
    chart(sensitivity_figure(inputs, value.sensitivity(inputs, now), group, text, look), "sensitivity")
elif view == "headroom":
    table(headroom_rows(inputs, now, text), "headroom", text("value.headroom.title"))
elif view == "decomposition":
    if outcome.changed:
        parted = value.decompose(before, base, inputs, now, group)
        chart(decomposition_figure(parted, text, look), "decomposition")
        table(decomposition_rows(parted, text), "decomposition_rows")
    else:
        st.caption(text("value.decomposition.needs"))
else:
    found = views.value_map(session.portfolio)
    if found:
        chart(value_map_figure(found, config.value.price_quality_slope, text, look), "value_map")
    else:
        st.caption(text("value.map.needs"))
