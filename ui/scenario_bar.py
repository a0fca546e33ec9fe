"""The levers of all topics in the sidebar: searched, pulled, reset; the link holds what is pulled."""

from __future__ import annotations

import math

import streamlit as st

from core.narrative import lever_label, lever_range, lever_shift
from core.scenario import LeverSpec, Setting, fitted
from core.workspace import levers_in
from ui import frame, saving, state
from ui.widgets import panel, plain

_GROUPS = ("churn", "retention", "value", "stages", "markets", "chain")
_RETENTION = ("retention_spend", "program_on", "savable_share", "response_scale")


def _key(spec: LeverSpec, shown: object) -> str:
    """The key of a lever's slider; a new one where the slider stands elsewhere than the lever.

    A value is never set on a slider that is there: the browser would take it late, over what was pressed
    meanwhile, or miss it where the run is cut short, and send its old place back as if it had been chosen.
    """
    turn = f"turn_{spec.id}"
    key = f"lever_{spec.id}_{st.session_state.setdefault(turn, 0)}"
    if key in st.session_state and st.session_state[key] != shown:
        st.session_state[turn] += 1
        key = f"lever_{spec.id}_{st.session_state[turn]}"
    return key


def _group(spec: LeverSpec) -> str:
    """The group of the bar a lever stands in: its topic, or retention."""
    return "retention" if spec.target.field in _RETENTION else spec.target.topic


def _to_slider(spec: LeverSpec, value: float) -> float:
    """A lever's value as its slider shows it: changes and shares in percent."""
    if spec.operation == "multiply":
        return float(round((value - 1) * 100))
    return float(round(value * 100, 1)) if spec.unit == "share" else float(value)


def _from_slider(spec: LeverSpec, shown: float) -> float:
    if spec.operation == "multiply":
        return 1 + shown / 100
    return shown / 100 if spec.unit == "share" else float(shown)


def _moved(spec: LeverSpec, key: str) -> None:
    """Pull a lever to where its slider stands; a range around it moves along, within the bounds."""
    value = _from_slider(spec, st.session_state[key])
    held = state.current().settings.get(spec.id)
    if held is None or not held.is_range:
        saving.set_lever(spec, Setting(value))
        return
    low, high = (min(max(end + value - held.likely, spec.low), spec.high) for end in held.span)
    saving.set_lever(spec, Setting(value, low, high, held.shape))


def _slider(spec: LeverSpec, session: state.Session) -> None:
    text = session.text
    label = plain(lever_label(spec, text))
    value = session.values.get(spec.id, spec.neutral)
    if math.isnan(value):
        return
    shown = _to_slider(spec, value)
    if spec.unit == "flag":
        key = _key(spec, bool(value))
        st.toggle(label, bool(value), key=key, on_change=_moved, args=(spec, key))
    elif spec.unit == "money":
        count = round((spec.high - spec.low) / spec.step)
        options = [round(spec.low + n * spec.step, 6) for n in range(count + 1)]
        nearest = min(options, key=lambda option: abs(option - shown))
        key = _key(spec, nearest)
        st.select_slider(label, options, nearest, key=key, on_change=_moved, args=(spec, key), format_func=text.money)
    else:
        percent = spec.operation == "multiply" or spec.unit == "share"
        scale = 100 if percent else 1
        low, high = _to_slider(spec, spec.low), _to_slider(spec, spec.high)
        form = (
            "%+.0f%%"
            if spec.operation == "multiply"
            else "%.0f%%"
            if percent
            else "%+.2f"
            if spec.operation == "add"
            else "%.2f"
        )
        place = min(max(float(shown), low), high)
        key = _key(spec, place)
        st.slider(
            label,
            low,
            high,
            place,
            step=float(round(spec.step * scale, 6)),
            key=key,
            on_change=_moved,
            args=(spec, key),
            format=form,
        )
    if spec.id in session.settings:
        with st.container(horizontal=True, vertical_alignment="center"):
            words = lever_shift(spec, value, text)
            if session.settings[spec.id].is_range:
                words += text("scenario.range", range=lever_range(spec, session.settings[spec.id], text))
            st.caption(f":violet[{plain(words)}]")
            st.button(
                text("scenario.reset_one"),
                key=f"reset_{spec.id}",
                on_click=saving.set_lever,
                args=(spec, None),
                type="tertiary",
                icon=":material/undo:",
            )


def follow(places: frame.Places) -> None:
    """One scenario for this run: taken from the link, told in the header, offered as levers."""
    if st.session_state["ws"] != st.session_state["ws_drawn"]:
        st.rerun()  # the bar alone was run again, and a button in it opened another workspace
    state.bind_scenario()
    session = state.begin()
    frame.header(session, places)
    _draw(session)


apart = st.fragment(follow)


def _draw(session: state.Session) -> None:
    text = session.text
    specs = session.observed.levers
    st.subheader(text("scenario.title"))
    _chooser(session)
    with st.container(horizontal=True):
        st.button(
            text("scenario.reset_all", n=len(session.settings)),
            on_click=saving.set_settings,
            args=({},),
            disabled=not session.settings,
            key="reset_all",
            icon=":material/restart_alt:",
        )
        if session.settings and not session.writable:
            st.button(
                text("scenario.keep"),
                on_click=saving.keep,
                key="keep_scenario_button",
                icon=":material/bookmark_add:",
                help=text("scenario.keep_help"),
            )
    if not specs:
        st.caption(text("scenario.no_levers"))
        return
    wanted = st.text_input(
        text("scenario.search"),
        key="lever_search",
        placeholder=text("scenario.search_hint"),
        icon=":material/search:",
        label_visibility="collapsed",
    )
    topics = [topic for topic in _GROUPS if any(_group(spec) == topic for spec in specs)]
    if st.session_state.get("lever_topic") not in topics:
        # a browser that is behind names the group by the label it had before the lever was counted in it
        last = st.session_state.get("lever_topic_last")
        st.session_state["lever_topic"] = last if last in topics else topics[0]
    st.session_state["lever_topic_last"] = st.session_state["lever_topic"]
    topic = st.segmented_control(
        text("scenario.group"),
        topics,
        key="lever_topic",
        format_func=lambda t: _topic_name(t, session),
        required=True,
        label_visibility="collapsed",
        persist_state="session",
        wrap=True,
    )
    if wanted:
        folded = wanted.casefold()
        found = [spec for spec in specs if folded in lever_label(spec, text).casefold()]
    else:
        found = [spec for spec in specs if _group(spec) == topic]
    if not found:
        st.caption(text("scenario.search_none"))
    for spec in found:
        _slider(spec, session)


def _chooser(session: state.Session) -> None:
    """Which of the workspace's scenarios is shown; the baseline has no name to choose."""
    scenarios = {key: v for key, v in session.document.scenarios.items() if not v.archived or key == session.chosen}
    if not scenarios:
        return
    keys = ["", *scenarios]
    nameless = session.text("scenario.unnamed" if session.settings and not session.chosen else "scenario.baseline")
    # the browser knows the options by their names: with other names it is another widget
    key = state.named("scenario_choice", (session.chosen, nameless, [v.name for v in scenarios.values()]))
    st.selectbox(
        session.text("scenario.choose"),
        keys,
        keys.index(session.chosen),
        key=key,
        format_func=lambda name: scenarios[name].name if name else nameless,
        on_change=_chosen,
        args=(key, session.chosen),
        label_visibility="collapsed",
    )


def _chosen(key: str, shown: str) -> None:
    picked = st.session_state[key]
    # a browser that is behind sends what it was shown, unchosen, or a name that is gone
    if picked != shown and picked in ("", *state.current().document.scenarios):
        choose(picked)


def choose(key: str) -> None:
    """Show a scenario as it was saved, written out in the link so that Back returns to it; only from a callback."""
    session = state.current()
    levers = [pull.lever() for pull in levers_in(session.document, key).values()] if key else []
    state.show_scenario(key, fitted(levers, session.observed.levers)[0])


def _topic_name(topic: str, session: state.Session) -> str:
    pulled = sum(spec.id in session.settings for spec in session.observed.levers if _group(spec) == topic)
    name = session.text(f"scenario.topic.{topic}")
    return f"{name} ({pulled})" if pulled else name


def links(session: state.Session) -> None:
    """The chain's own levers on its page: strength and switch of every link, multipliers of the stages."""
    specs = [spec for spec in session.observed.levers if spec.target.topic == "chain"]
    if st.session_state.get("lever_topic") == "chain" or st.session_state.get("lever_search"):
        st.caption(session.text("chain.edit_in_bar"))
        return
    by_field: dict[str, list[LeverSpec]] = {}
    for spec in specs:
        by_field.setdefault(spec.target.field if spec.target.field != "on" else "strength", []).append(spec)
    field = panel(
        session.text("chain.views.edit"), list(by_field), "chain_field", lambda f: session.text(f"chain.group.{f}")
    )
    sides = st.columns(2)  # a link's strength and its switch stand side by side
    for n, spec in enumerate(by_field[field]):
        with sides[n % 2]:
            _slider(spec, session)
