"""The relationship stages: pyramid, accounts, gates, movement, and what lifts an account."""

import streamlit as st

from core.exhibits import stages_measures
from core.listings import next_step_words, stage_accounts
from core.models import stages
from ui import frame
from ui.state import current
from ui.widgets import Tile, chooser, empty, evidence, panel, plain, show, table, tiles

frame.guard()
session = current()
text, config, outcome = session.text, session.config, session.outcome
st.title(text("stages.title"))
observed = session.observed.inputs["stages"]
inputs = outcome.inputs["stages"]
if inputs is None:
    empty("stages")
    st.stop()

st.caption(f":orange-badge[{text('stages.uncalibrated')}] {plain(text('stages.uncalibrated_help'))}")
measure = panel(
    text("stages.measure"),
    stages_measures(session.situation),
    "stages_measure",
    lambda m: text(f"stages.measures.{m}"),
)
left, right = st.columns([3, 2])
with left:
    show("stages.pyramid", {"measure": measure}, pick="pick_stage")
with right:
    show("stages.dimensions")
    where = session.situation.known.investment
    if where:
        shares = {"share": where.share_of_customer, "top": where.top_fifth, "repeat": where.repeat_rate}
        found = [
            Tile(text(f"stages.invest.{name}"), text.percent(share, 0), text(f"stages.invest.{name}_help"))
            for name, share in shares.items()
        ]
        tiles(found, "invest_tiles")

st.subheader(text("stages.list.title"))
chosen = chooser(text("stages.pick"), stages.STAGES, "pick_stage", lambda s: text.term("stage", s))
accounts = stage_accounts(outcome, text)
if chosen:
    accounts = accounts[accounts[text("stages.list.stage")] == text.term("stage", chosen)]
table(
    accounts,
    "accounts",
    text("stages.list.shown", n=len(accounts)),
    height=360,
    slide=None if chosen else ("stages.accounts", {}),
)
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
if not show(f"stages.{view}", pick="pick_account" if view == "perception" else ""):
    st.caption(text("stages.validity.needs"))
