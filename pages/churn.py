"""Exit management in five steps: the rate, the reasons, the loss, what retention may cost, the measures."""

import streamlit as st

from core.exhibits import churn_measures
from core.narrative import flow_sentences
from core.tables import REASONS
from ui import frame, retention, state
from ui.state import current
from ui.widgets import Tile, chooser, empty, evidence, panel, plain, show, tiles

frame.guard()
session = current()
text, outcome = session.text, session.outcome
st.title(text("churn.title"))
now, inputs = outcome.scenario.churn, outcome.inputs["churn"]
if now is None or "exits" not in session.portfolio:
    empty("churn")
    st.stop()

step = panel(text("churn.steps"), ["loss", "retention", "measures"], "churn_step", lambda s: text(f"churn.step.{s}"))
if step == "retention":
    retention.draw(session)
    st.stop()
if step == "measures":
    if show("churn.credit"):
        for source, target_node, link, effect in flow_sentences(outcome, text):
            st.caption(plain(text("chain.flow.sentence", source=source, target=target_node, link=link, effect=effect)))
    else:
        st.caption(text("churn.no_scenario"))
    st.stop()

lost = f"{text.number(float(now.customers_lost.sum()))} / {text.number(float(now.active))}"
joined = text("churn.joined_help", joined=text.number(inputs.joined), both=text.number(inputs.joined_and_lost))
tiles(
    [
        Tile(
            text("measure.churn.churn_rate"),
            text.percent(float(now.churn_rate)),
            text("churn.definition." + inputs.definition),
        ),
        Tile(text("churn.lost_of"), lost, joined),
        Tile(text("measure.churn.revenue_churn"), text.percent(float(now.revenue_churn))),
        Tile(
            text("measure.churn.net_revenue_change"),
            text.percent(float(now.net_revenue_change)),
            text("churn.net_help"),
        ),
    ],
    "churn_tiles",
)
if inputs.unknown_revenue or inputs.outside_period:
    st.caption(
        plain(
            text(
                "churn.left_out",
                unknown=text.number(inputs.unknown_revenue),
                outside=text.number(inputs.outside_period),
            )
        )
    )

show("churn.reasons", pick="pick_churn")

measure = panel(
    text("churn.measure"), churn_measures(session.situation), "churn_measure", lambda m: text(f"churn.measures.{m}")
)
present = [reason for reason, lost in zip(REASONS, inputs.lost_at_baseline.sum(axis=0), strict=True) if lost > 0]
chosen = state.take_filter("pick_churn", present, None) or ""
show("churn.waterfall", {"measure": measure, "chosen": chosen}, pick="pick_churn")
st.caption(text("churn.alternatives"))
if not inputs.has_profit:
    st.info(text("churn.no_margin"), icon=":material/info:")
show("churn.loss")
evidence("churn", chooser(text("churn.pick"), present, "pick_churn", lambda r: text.term("reason", r)))
