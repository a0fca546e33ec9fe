"""The levers of all topics in the sidebar: searched, pulled, reset; the link holds what is pulled.

They are one element, `board.js`: fourteen of Streamlit's own would each be drawn anew with every lever.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import streamlit as st

from core.narrative import lever_label, lever_range, lever_shift
from core.portfolio import Portfolio
from core.scenario import LeverSpec, Setting, fitted
from core.tables import LANGUAGES
from core.text import Text
from core.workspace import levers_in
from ui import frame, link, plot, saving, state
from ui.widgets import panel

_GROUPS = ("churn", "retention", "value", "stages", "markets", "chain")
_RETENTION = ("retention_spend", "program_on", "savable_share", "response_scale")
_FOLDER = Path(__file__).resolve().parent
_BOARD = st.components.v2.component(
    "six_markets_board",
    html='<div class="six-board"></div>',
    css=(_FOLDER / "board.css").read_text(encoding="utf-8"),
    js=link.SCRIPT + frame.SCRIPT + plot.SCRIPT + (_FOLDER / "board.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def _group(spec: LeverSpec) -> str:
    """The group of the bar a lever stands in: its topic, or retention."""
    return "retention" if spec.target.field in _RETENTION else spec.target.topic


def _to_slider(spec: LeverSpec, value: float) -> float:
    """A lever's value as its slider shows it: changes and shares in percent."""
    if spec.operation == "multiply":
        return round((value - 1) * 100, 6)
    return round(value * 100, 6) if spec.unit == "share" else float(value)


def _from_slider(spec: LeverSpec, shown: float) -> float:
    if spec.operation == "multiply":
        return 1 + shown / 100
    return shown / 100 if spec.unit == "share" else float(shown)


def _described(spec: LeverSpec, text: Text) -> dict[str, Any]:
    """What the board needs of a lever that no pull changes."""
    percent = spec.operation == "multiply" or spec.unit == "share"
    found: dict[str, Any] = {
        "id": spec.id,
        "group": _group(spec),
        "label": lever_label(spec, text),
        "kind": "flag" if spec.unit == "flag" else "slider",
        "neutral": _to_slider(spec, spec.neutral),
        "low": _to_slider(spec, spec.low),
        "high": _to_slider(spec, spec.high),
        "step": round(spec.step * (100 if percent else 1), 6),
        "digits": 0 if percent else 2,
        "suffix": "%" if percent else "",
        "signed": spec.operation in ("multiply", "add"),
    }
    if spec.unit == "money":
        count = round((spec.high - spec.low) / spec.step)
        found["marks"] = [text.money(spec.low + n * spec.step) for n in range(count + 1)]
        found["neutral_label"] = text.money(spec.neutral)
    return found


@state.by_content
def _board_of(portfolio: Portfolio, language: str, which: tuple[str, ...]) -> tuple[str, str]:
    """These levers described for the board, and the digest of that."""
    text = Text(language, portfolio.settings.currency)
    specs = {spec.id: spec for spec in state.observed_of(portfolio).levers if not math.isnan(spec.neutral)}
    levers = json.dumps([_described(specs[key], text) for key in which if key in specs], ensure_ascii=False)
    return levers, blake2b(levers.encode(), digest_size=8).hexdigest()


def _held(spec: LeverSpec, setting: Setting, text: Text) -> dict[str, Any]:
    """Where a pulled lever stands and what that does to its baseline."""
    words = lever_shift(spec, setting.likely, text)
    if setting.is_range:
        words += text("scenario.range", range=lever_range(spec, setting, text))
    found = {"value": _to_slider(spec, setting.likely), "words": words}
    return found | ({"label": text.money(setting.likely)} if spec.unit == "money" else {})


def _board(
    key: str,
    session: state.Session,
    specs: Sequence[LeverSpec],
    head: Mapping[str, Any] | None = None,
    address: Mapping[str, Any] | None = None,
    banner: Mapping[str, Any] | None = None,
) -> None:
    """A board of levers; `head` stands above them; it writes `address` as the page's link, `banner` on top of it."""
    levers, digest = _board_of(session.portfolio, session.text.language, tuple(spec.id for spec in specs))
    client, answered = st.session_state.get("answered", {}).get(key, ("", 0))
    _BOARD(
        key=key,
        data={
            "digest": digest,
            "levers": None if st.session_state.get("board_has", {}).get(key) == digest else levers,
            "values": {s.id: _held(s, session.settings[s.id], session.text) for s in specs if s.id in session.settings},
            "reset": session.text("scenario.reset_one"),
            "head": head,
            "address": address,
            "banner": banner,
            "fed": frame.fed(session) if banner else None,
            "client": client,
            "answered": answered,
        },
        on_told_change=lambda: _told(key),
    )


def _told(key: str) -> None:
    """Do what the board tells, each act once: it is told again until the board has heard an answer."""
    told = st.session_state[key].get("told") or {}
    client, acts = told.get("client", ""), told.get("acts", [])
    with state.alone():
        st.session_state["board_has"] = {**st.session_state.get("board_has", {}), key: told.get("has")}
        if link.take_told(told.get("address") or {}):
            state.begin()
        known, answered = st.session_state.get("answered", {}).get(key, ("", 0))
        for act in acts:
            if known != client or act["n"] > answered:
                known, answered = client, act["n"]
                _do(act)
        st.session_state["answered"] = {**st.session_state.get("answered", {}), key: (known, answered)}


def _do(act: Mapping[str, Any]) -> None:
    specs = {spec.id: spec for spec in state.current().observed.levers}
    spec = specs.get(act.get("lever", ""))
    if act["do"] == "pull" and spec is not None:
        _pull(spec, _from_slider(spec, float(act["value"])))
    elif act["do"] == "reset" and spec is not None:
        saving.set_lever(spec, None)
    elif act["do"] == "reset_all":
        saving.set_settings({})
    elif act["do"] == "keep":
        saving.keep()
    elif act["do"] == "language" and act["language"] in LANGUAGES:
        state.switch_language(act["language"])
    elif act["do"] == "show" and act["scenario"] in ("", *state.current().document.scenarios):
        choose(act["scenario"])


def _pull(spec: LeverSpec, value: float) -> None:
    """Pull a lever to a value, within its bounds; a range around it moves along."""
    value = min(max(value, spec.low), spec.high)
    held = state.current().settings.get(spec.id)
    if held is None or not held.is_range:
        saving.set_lever(spec, Setting(value))
        return
    low, high = (min(max(end + value - held.likely, spec.low), spec.high) for end in held.span)
    saving.set_lever(spec, Setting(value, low, high, held.shape))


def draw(page: str) -> None:
    """The levers of the scenario at hand, and the banner with them."""
    session = state.current()
    _board("levers", session, session.observed.levers, _head(session), link.data(page), frame.banner(session, page))


@st.fragment
def apart(page: str) -> None:
    """The bar of a still page, which is run again alone; what it cannot draw has the whole page drawn."""
    if state.run_alone():
        if st.session_state["drawn"] != (st.session_state["ws"], state.language()):
            st.rerun()
        before = frame.shape(state.current())
        session = state.begin()
        if frame.shape(session) != before or frame.speaks(session):
            st.rerun()
    draw(page)


def _head(session: state.Session) -> dict[str, Any]:
    """What stands above the levers: the scenarios to choose from, reset, keep, search, groups."""
    text = session.text
    scenarios = {key: v for key, v in session.document.scenarios.items() if not v.archived or key == session.chosen}
    nameless = text("scenario.unnamed" if session.settings and not session.chosen else "scenario.baseline")
    return {
        "language": text.language,
        "upload": text("data.upload.button"),
        "drop": text("data.upload.drop", mb=int(session.config.limits.file_mb)),
        "title": text("scenario.title"),
        "choose": text("scenario.choose"),
        "scenarios": [["", nameless], *([key, v.name] for key, v in scenarios.items())] if scenarios else [],
        "chosen": session.chosen,
        "reset": text("scenario.reset_all", n=len(session.settings)),
        "pulled": len(session.settings),
        "keep": text("scenario.keep") if session.settings and not session.writable else None,
        "keep_help": text("scenario.keep_help"),
        "search": text("scenario.search"),
        "search_none": text("scenario.search_none"),
        "no_levers": text("scenario.no_levers"),
        "group": text("scenario.group"),
        "groups": [
            [group, text(f"scenario.topic.{group}")]
            for group in _GROUPS
            if any(_group(spec) == group for spec in session.observed.levers)
        ],
    }


def choose(key: str) -> None:
    """Show a scenario as it was saved, written out in the link so that Back returns to it; only from a callback."""
    session = state.current()
    levers = [pull.lever() for pull in levers_in(session.document, key).values()] if key else []
    state.show_scenario(key, fitted(levers, session.observed.levers)[0])


def links(session: state.Session) -> None:
    """The chain's own levers on its page: strength and switch of every link, multipliers of the stages."""
    by_field: dict[str, list[LeverSpec]] = {}
    for spec in session.observed.levers:
        if spec.target.topic == "chain":
            by_field.setdefault(spec.target.field if spec.target.field != "on" else "strength", []).append(spec)
    name = session.text
    field = panel(name("chain.views.edit"), list(by_field), "chain_field", lambda f: name(f"chain.group.{f}"))
    _board("links", session, by_field[field])
