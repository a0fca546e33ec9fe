"""What retention may cost: the response of a reason, the best split, the user's own points of the curve."""

from __future__ import annotations

import streamlit as st

from core.listings import split_words, target_words
from core.models import churn
from core.scenario import Setting
from core.tables import REASONS
from ui import saving, state
from ui.widgets import panel, plain, show, switch, table


def draw(session: state.Session) -> None:
    """The step from the loss to what keeping customers may cost."""
    text, outcome = session.text, session.outcome
    inputs, now = outcome.inputs["churn"], outcome.scenario.churn
    if not inputs.has_profit:
        st.caption(text("churn.no_margin"))
        return
    lifetime = switch(text("churn.retention.lifetime"), "retention_lifetime")
    options = {"lifetime": "1" if lifetime else ""}
    found = churn.retention(inputs, now, lifetime)
    worth = [REASONS[r] for r in found.most.argsort()[::-1] if found.most[r] > 0]
    if worth:
        left, right = st.columns([3, 2])
        with right:
            reason = panel(text("churn.retention.reason"), worth, "retention_reason", lambda r: text.term("reason", r))
            budget = _amount(text("churn.split.budget_label"), "budget", float(found.best.sum()) / 2)
            sentence, rows = split_words(outcome, budget, text, lifetime)
            st.markdown(plain(sentence))
            table(rows, "split")
            target = _amount(text("churn.target.label"), "target", float(found.most.sum()) / 2)
            st.markdown(plain(target_words(outcome, target, text, lifetime)))
        with left:
            show("churn.response", options | {"reason": reason})
        _form(session, reason)
    show("churn.retention", options)


def _amount(label: str, key: str, default: float) -> float:
    return st.number_input(label, 0.0, None, round(default, -2), key=key, persist_state="session")


def _form(session: state.Session, reason: str) -> None:
    """Fields for the points of one reason; the fitted curve goes into the scenario as two levers."""
    text = session.text
    with st.expander(text("churn.fit.title", reason=text.term("reason", reason))):
        st.caption(text("churn.fit.help"))
        how = st.segmented_control(
            text("churn.fit.how"),
            ["two", "most"],
            key="fit_how",
            required=True,
            format_func=lambda h: text(f"churn.fit.{h}"),
            label_visibility="collapsed",
            default="two",
        )
        names = ("spend1", "saved1", "spend2", "saved2") if how == "two" else ("most", "spend1", "saved1")
        for column, name in zip(st.columns(4), names, strict=False):
            column.number_input(text(f"churn.fit.{name}"), 0.0, None, None, key=f"fit_{name}")
        st.button(text("churn.fit.take"), on_click=_take, args=(reason, how, names), key="fit_take")
        problem = st.session_state.pop("fit_problem", None)
        if problem:
            st.error(text(f"churn.fit.{problem}"))


def _take(reason: str, how: str, names: tuple[str, ...]) -> None:
    """Fit the curve to the points and pull its two levers; say why where it cannot be."""
    session = state.current()
    points = [float(st.session_state.get(f"fit_{name}") or 0) for name in names]
    try:
        if how == "two":
            most, scale = churn.fit_response(*points)
        else:
            most, scale = points[0], churn.scale_from_point(*points)
    except (ValueError, TypeError):
        st.session_state["fit_problem"] = "impossible"
        return
    inputs, result = session.outcome.inputs["churn"], session.outcome.scenario.churn
    loss = float(churn.retention(inputs, result).threshold[REASONS.index(reason)])
    share = most / loss if loss > 0 else float("inf")
    wanted = {"savable_share": share, "response_scale": scale}
    specs = {
        spec.target.field: spec
        for spec in session.observed.levers
        if spec.target.topic == "churn" and spec.target.field in wanted and spec.target.keys == (reason,)
    }
    outside = [
        name for name, value in wanted.items() if name not in specs or not specs[name].low <= value <= specs[name].high
    ]
    if outside:
        st.session_state["fit_problem"] = "too_much" if share > 1 else "impossible"
        return
    saving.set_settings({**session.settings, **{specs[name].id: Setting(value) for name, value in wanted.items()}})
