"""The perceived value: breakdown, offers side by side, price headroom, where to begin."""

import streamlit as st

from core.exhibits import worth
from core.figures.value import offer_name
from core.models import value
from core.tables import OUR_OFFER
from ui import frame
from ui.state import current
from ui.widgets import chooser, empty, evidence, panel, plain, show, switch

frame.guard()
session = current()
text = session.text
st.title(text("value.title"))
if session.observed.inputs["value"] is None:
    empty("value")
    st.stop()

multi = {"multi": "1" if switch(text("value.multi"), "value_multi", text("value.multi_help")) else ""}
inputs = session.outcome.inputs["value"]
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
options = {**multi, "segment": segment, "offer": offer}
left, right = st.columns(2)
with left:
    show("value.breakdown", options, pick="pick_value")
with right:
    show("value.offers", options)
st.caption(text("value.rank_note"))
for bad_segment, bad_offer in value.faulty_groups(inputs, worth(session.situation, options).result):
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
if not show(f"value.{view}", options, f"value_{view}" if view == "map" else ""):
    st.caption(text(f"value.{view}.needs"))
