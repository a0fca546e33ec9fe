"""The address of the screen: what it holds, taken over when it leads here and written when something changes.

It holds `lang`, `ws` (the workspace), `c` (the chosen scenario's id), `s` (its levers), `f` (filters), and while the
story is presented `p` (the slide) and `v` (whose view); no name or word of the user is in it. The values stand in the
session under the same names. The browser writes them down itself (`link.js`, run by the board of levers and by the
stage): inputs bound to the address would be drawn anew, and the page around them, at each press of a lever.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_NAMES = ("lang", "ws", "c", "s", "f", "p", "v")
STAGE = ("p", "v")  # only a slide on the stage has them
SCRIPT = (Path(__file__).resolve().parent / "link.js").read_text(encoding="utf-8")


def take() -> None:
    """Take over what the address says: when a session begins, and when Back or Forward led to another one."""
    context = get_script_run_ctx()
    led = context is not None and context.is_history_navigation
    for name in _NAMES:
        if led or name not in st.session_state:
            st.session_state[name] = st.query_params.get(name, "")


def data(page: str) -> dict[str, Any]:
    """What `writeAddress` of link.js needs; what that gives back is for `take_told`."""
    query = {name: st.session_state[name] for name in _NAMES}
    if "session_mark" not in st.session_state:
        st.session_state["session_mark"] = uuid4().hex
    return {"page": page, "session": st.session_state["session_mark"], "query": query}


def take_told(told: Mapping[str, Any]) -> bool:
    """Take the address as the browser has it, told to a server that was started anew; whether it was for this one."""
    mine = told.get("session") == st.session_state.get("session_mark")
    if mine:
        st.session_state.update({name: str(told["query"].get(name, "")) for name in _NAMES})
    return mine


def written(**others: str) -> str:
    """The link of this screen in the reader's browser; `others` are values that are to stand in it instead."""
    held = {name: st.session_state.get(name, "") for name in _NAMES if name not in STAGE} | others
    base = (st.context.url or "").partition("?")[0]
    return f"{base}?{urlencode({name: value for name, value in held.items() if value})}"
