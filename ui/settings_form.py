"""What the workspace assumes: company, currency, period, money."""

from __future__ import annotations

import streamlit as st

from ui import saving, state

_CURRENCIES = ("", "CNY", "USD", "EUR", "TWD", "HKD", "GBP", "JPY", "SGD")


def draw() -> None:
    """Company, currency, period and money assumptions, to see and to change."""
    session = state.current()
    text, now = session.text, session.portfolio.settings
    with st.form("settings"):
        a, b, c, d = st.columns(4)
        company = a.text_input(text("settings.company"), now.company, max_chars=80)
        options = tuple(dict.fromkeys((*_CURRENCIES, now.currency)))
        currency = b.selectbox(
            text("settings.currency"),
            options,
            options.index(now.currency),
            format_func=lambda code: code or text("settings.no_currency"),
        )
        start = c.date_input(text("settings.period_start"), now.period_start, format="YYYY-MM-DD")
        end = d.date_input(text("settings.period_end"), now.period_end, format="YYYY-MM-DD")
        a, b, c, d = st.columns(4)
        margin = a.number_input(
            text("settings.margin"),
            -100.0,
            100.0,
            None if now.margin is None else now.margin * 100,
            0.5,
            help=text("settings.margin_help"),
        )
        cost = b.number_input(
            text("settings.acquisition_cost"), 0.0, None, now.acquisition_cost, help=text("settings.acquisition_help")
        )
        rate = c.number_input(
            text("settings.discount_rate"),
            0.0,
            100.0,
            None if now.discount_rate is None else now.discount_rate * 100,
            0.5,
        )
        months = d.number_input(
            text("settings.period_months"), 0.1, 1200.0, now.period_months, help=text("settings.period_months_help")
        )
        saved = st.form_submit_button(text("settings.save"), icon=":material/save:")
    if not saved:
        return
    if start and end and start > end:
        st.error(text("settings.period_wrong"))
        return
    name = saving.with_settings(
        {
            "company": company,
            "currency": currency,
            "period_start": start,
            "period_end": end,
            "margin": None if margin is None else margin / 100,
            "acquisition_cost": cost,
            "discount_rate": None if rate is None else rate / 100,
            "period_months": months,
        }
    )
    if name:
        st.session_state["keep_scenario"] = True
        st.session_state["next_workspace"] = name
    st.rerun()
