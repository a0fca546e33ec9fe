"""The relationship stages: pyramid, accounts, gates, movement, and what lifts an account."""

import streamlit as st

from core.figures.stages import (
    churn_by_stage_figure,
    dimensions_figure,
    movement_figure,
    perception_figure,
    projection_figure,
    pyramid_figure,
)
from core.listings import movement_rows, next_step_words, stage_accounts
from core.models import stages
from ui import frame, views
from ui.state import current
from ui.widgets import chart, chooser, empty, evidence, panel, plain, table

frame.guard()
session = current()
text, look, config, outcome = session.text, session.look, session.config, session.outcome
st.title(text("stages.title"))
observed = session.observed.inputs["stages"]
base, now, inputs = outcome.baseline.stages, outcome.scenario.stages, outcome.inputs["stages"]
if now is None:
    empty("stages")
    st.stop()

st.caption(f":orange-badge[{text('stages.uncalibrated')}] {plain(text('stages.uncalibrated_help'))}")
measure = panel(
    text("stages.measure"),
    ["accounts", *(m for m in ("revenue", "profit") if getattr(base, m).sum() > 0)],
    "stages_measure",
    lambda m: text(f"stages.measures.{m}"),
)
found = views.validity(session.portfolio)
left, right = st.columns([3, 2])
with left:
    churn = found.churn_rate if found else None
    chart(
        pyramid_figure(base, now, text, look, measure=measure, changed=outcome.changed, churn=churn),
        "pyramid",
        pick="pick_stage",
    )
with right:
    chart(
        dimensions_figure(
            session.observed.inputs["stages"],
            base,
            inputs,
            now,
            config.stages.gate,
            text,
            look,
            changed=outcome.changed,
        ),
        "dimensions",
    )
    where = views.investment(session.portfolio)
    if where:
        a, b, c = st.columns(3)
        a.metric(
            text("stages.invest.share"),
            text.percent(where.share_of_customer, 0),
            help=text("stages.invest.share_help"),
            border=True,
        )
        b.metric(
            text("stages.invest.top"),
            text.percent(where.top_fifth, 0),
            help=text("stages.invest.top_help"),
            border=True,
        )
        c.metric(
            text("stages.invest.repeat"),
            text.percent(where.repeat_rate, 0),
            help=text("stages.invest.repeat_help"),
            border=True,
        )

st.subheader(text("stages.list.title"))
chosen = chooser(text("stages.pick"), stages.STAGES, "pick_stage", lambda s: text.term("stage", s))
accounts = stage_accounts(outcome, text)
if chosen:
    accounts = accounts[accounts[text("stages.list.stage")] == text.term("stage", chosen)]
table(accounts, "accounts", text("stages.list.shown", n=len(accounts)), height=360)
names = dict(zip(inputs.accounts, inputs.names, strict=True))
account = chooser(
    text("stages.pick_account"),
    inputs.accounts,
    "pick_account",
    lambda a: f"{a} {names[a]}",
)
if account:
    sentence, steps, playbook = next_step_words(outcome, account, config, text)
    left, right = st.columns(2)
    left.markdown(f"**{plain(sentence)}**")
    for line in steps:
        left.markdown(f"- {plain(line)}")
    right.markdown(f"**{text('stages.playbook')}**")
    for line in playbook:
        right.markdown(f"- {plain(line)}")
    evidence("stages", account)

st.divider()
moving = ["movement", "projection"] if observed.has_movement else []
view = panel(
    text("stages.more"),
    [*moving, "perception", "validity"],
    "stages_view",
    lambda v: text(f"stages.views.{v}"),
)
if view == "movement":
    moved = stages.movement(observed, base)
    chart(movement_figure(moved, text, look), "movement")
    table(movement_rows(moved, text), "movement_rows")
elif view == "projection":
    chart(
        projection_figure(stages.projection(observed, base, config.stages.projection_rounds, now.accounts), text, look),
        "projection",
    )
elif view == "perception":
    chart(perception_figure(inputs, config.stages.perception_gap, text, look), "perception", pick="pick_account")
elif found:
    chart(churn_by_stage_figure(found, text, look), "validity")
else:
    st.caption(text("stages.validity.needs"))
