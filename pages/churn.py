"""Exit management in five steps: the rate, the reasons, the loss, what retention may cost, the measures."""

import streamlit as st

from core.figures.churn import MEASURES, credit_figure, reasons_figure, response_figure, waterfall_figure
from core.listings import loss_rows, retention_rows, split_words, target_words
from core.models import churn
from core.narrative import flow_sentences
from core.tables import REASONS
from ui import frame, response_form
from ui.state import current
from ui.widgets import chart, chooser, empty, evidence, panel, plain, table

frame.guard()
session = current()
text, look, config, outcome = session.text, session.look, session.config, session.outcome
st.title(text("churn.title"))
base, now, inputs = outcome.baseline.churn, outcome.scenario.churn, outcome.inputs["churn"]
if now is None or "exits" not in session.portfolio:
    empty("churn")
    st.stop()

st.subheader(text("churn.step1"))
a, b, c, d = st.columns(4)
a.metric(
    text("measure.churn.churn_rate"),
    text.percent(float(now.churn_rate)),
    help=text("churn.definition." + inputs.definition),
    border=True,
)
b.metric(
    text("churn.lost_of"),
    f"{text.number(float(now.customers_lost.sum()))} / {text.number(float(now.active))}",
    help=text("churn.joined_help", joined=text.number(inputs.joined), both=text.number(inputs.joined_and_lost)),
    border=True,
)
c.metric(text("measure.churn.revenue_churn"), text.percent(float(now.revenue_churn)), border=True)
d.metric(
    text("measure.churn.net_revenue_change"),
    text.percent(float(now.net_revenue_change)),
    help=text("churn.net_help"),
    border=True,
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

st.subheader(text("churn.step2"))
chart(reasons_figure(inputs, base, now, text, look, changed=outcome.changed), "reasons", pick="pick_churn")

st.subheader(text("churn.step3"))
has = {"revenue": inputs.has_revenue, "profit": inputs.has_profit, "lifetime": inputs.has_profit}
known = [m for m in MEASURES if has.get(m, True)]
measure = panel(text("churn.measure"), known, "churn_measure", lambda m: text(f"churn.measures.{m}"))
chosen = st.session_state.get("pick_churn") or ""
chart(
    waterfall_figure(inputs, base, now, text, look, measure=measure, changed=outcome.changed, chosen=chosen),
    "waterfall",
    pick="pick_churn",
)
st.caption(text("churn.alternatives"))
if not inputs.has_profit:
    st.info(text("churn.no_margin"), icon=":material/info:")
table(loss_rows(outcome, text), "loss", text("churn.loss.title"))
present = [reason for reason, lost in zip(REASONS, inputs.lost_at_baseline.sum(axis=0), strict=True) if lost > 0]
evidence("churn", chooser(text("churn.pick"), present, "pick_churn", lambda r: text.term("reason", r)))

st.subheader(text("churn.step4"))
if inputs.has_profit:
    lifetime = st.toggle(text("churn.retention.lifetime"), key="retention_lifetime", persist_state="session")
    found = churn.retention(inputs, now, lifetime)
    worth = [REASONS[r] for r in found.most.argsort()[::-1] if found.most[r] > 0]
    if worth:
        left, right = st.columns([3, 2])
        with right:
            reason = panel(text("churn.retention.reason"), worth, "retention_reason", lambda r: text.term("reason", r))
            budget = st.number_input(
                text("churn.split.budget_label"),
                0.0,
                None,
                round(float(found.best.sum()) / 2, -2),
                key="budget",
                persist_state="session",
            )
            sentence, rows = split_words(outcome, budget, text, lifetime)
            st.markdown(plain(sentence))
            table(rows, "split")
            target = st.number_input(
                text("churn.target.label"),
                0.0,
                None,
                round(float(found.most.sum()) / 2, -2),
                key="target",
                persist_state="session",
            )
            st.markdown(plain(target_words(outcome, target, text, lifetime)))
        with left:
            chart(
                response_figure(
                    found,
                    inputs.response_scale.values,
                    inputs.retention_spend.values,
                    REASONS.index(reason),
                    text,
                    look,
                ),
                "response",
            )
        response_form.draw(session, reason)
        table(retention_rows(outcome, text, lifetime), "retention", text("churn.retention.title"))
else:
    st.caption(text("churn.no_margin"))

st.subheader(text("churn.step5"))
if outcome.changed and abs(now.saved_customers.sum()) > 0:
    chart(credit_figure(now, text, look), "credit")
    for source, target_node, link, effect in flow_sentences(outcome, text):
        st.caption(plain(text("chain.flow.sentence", source=source, target=target_node, link=link, effect=effect)))
else:
    st.caption(text("churn.no_scenario"))
