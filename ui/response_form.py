"""What retention spending saves, from the user's own experience: two points, or the most and one point."""

from __future__ import annotations

import streamlit as st

from core.models import churn
from core.tables import REASONS
from ui import state


def draw(session: state.Session, reason: str) -> None:
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
    state.set_values({**session.values, **{specs[name].id: value for name, value in wanted.items()}})
