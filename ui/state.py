"""Who is looking at what: language, workspace, scenario. One `Session` a run, nothing shared but data.

The link holds three parameters, each kept by one hidden text input: `lang`, `ws` (workspace) and `s`
(scenario); no name or word of the user is in it. Workspaces stay in the server's memory under a random id, so that
a refresh or a link finds them again; the session keeps ids, not frames.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import streamlit as st

from core.config import Config, load_config
from core.figures.theme import LOOKS, Look
from core.intake import Choices, Question, RawSheet, build, propose, read_file
from core.models import Observed, Outcome, evaluate_all, observe_all
from core.portfolio import Portfolio
from core.scenario import LeverSpec, decode, encode, levers_of
from core.tables import LANGUAGES
from core.text import Text, closest_language

DATA = Path(__file__).resolve().parent.parent / "data"
SAMPLE, TEXTBOOK, EMPTY = "sample", "textbook", "empty"
BUILT_IN = (SAMPLE, TEXTBOOK, EMPTY)


@dataclass(frozen=True)
class Workspace:
    """Data under an id: the portfolio, the sheets and choices it was made from, and the id before it."""

    portfolio: Portfolio
    sheets: tuple[RawSheet, ...] = ()
    choices: Choices = field(default_factory=Choices)
    questions: tuple[Question, ...] = ()
    before: str = ""


class Store:
    """Workspaces by id, in memory, the least recently used going first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Workspace] = OrderedDict()

    def put(self, workspace: Workspace) -> str:
        """Keep a workspace; its new id."""
        name = secrets.token_urlsafe(9)
        with self._lock:
            self._held[name] = workspace
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return name

    def get(self, name: str) -> Workspace | None:
        """The workspace of an id, None where this server does not hold it."""
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
            return self._held.get(name)


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """The one store of this server."""
    return Store(load_config().limits.workspaces)


@lru_cache(maxsize=8)
def built_in(name: str, language: str) -> Workspace:
    """The sample company in a language, the textbook case, or nothing."""
    if name == EMPTY:
        return Workspace(Portfolio({}))
    file = DATA / (f"sample.{language}.xlsx" if name == SAMPLE else "textbook-6000-customers.xlsx")
    sheets = read_file(file.name, file.read_bytes(), load_config().limits)
    portfolio, questions = build(propose(sheets))
    return Workspace(portfolio, sheets, Choices(), questions)


@st.cache_resource(show_spinner=False, max_entries=60, hash_funcs={Portfolio: lambda p: p.digest})
def observed_of(portfolio: Portfolio) -> Observed:
    """Inputs and baseline of a portfolio, kept by its digest."""
    return observe_all(portfolio, load_config())


def _content_and_names(portfolio: Portfolio) -> tuple[str, object]:
    return portfolio.digest, portfolio.sources


@st.cache_resource(show_spinner=False, max_entries=60, hash_funcs={Portfolio: _content_and_names})
def places_of(portfolio: Portfolio) -> dict[str, tuple[tuple[str, str, int, int, int], ...]]:
    """File, sheet, first and last row and number of rows behind each table."""
    found = {}
    for name, frame in portfolio.tables.items():
        rows = frame.groupby("_source")["_row"].agg(["min", "max", "size"])
        found[name] = tuple((*portfolio.sources[int(s)], int(a), int(b), int(n)) for s, a, b, n in rows.itertuples())
    return found


@dataclass(frozen=True)
class Session:
    """Everything a page needs in one run."""

    text: Text
    look: Look
    config: Config
    workspace_id: str
    missing: bool
    workspace: Workspace
    observed: Observed
    outcome: Outcome
    values: dict[str, float]
    refused: tuple[str, ...]

    @property
    def portfolio(self) -> Portfolio:
        """The data at hand."""
        return self.workspace.portfolio


def language() -> str:
    """The language in force: the link's, else the browser's."""
    chosen = st.session_state.get("lang", "")
    return chosen if chosen in LANGUAGES else closest_language(st.context.locale)


def begin() -> Session:
    """The session of this run, from the link."""
    words = language()
    name = st.session_state.get("ws", "") or SAMPLE
    workspace = built_in(name, words) if name in BUILT_IN else store().get(name)
    missing = workspace is None
    workspace = workspace or built_in(EMPTY, words)
    observed = observed_of(workspace.portfolio)
    values, refused = decode(st.session_state.get("s", ""), observed.levers)
    session = Session(
        text=Text(words, workspace.portfolio.settings.currency),
        look=LOOKS.get(st.context.theme.type or "light", LOOKS["light"]),
        config=load_config(),
        workspace_id=name,
        missing=missing,
        workspace=workspace,
        observed=observed,
        outcome=evaluate_all(observed, levers_of(values, observed.levers)),
        values=values,
        refused=refused,
    )
    st.session_state["session"] = session
    return session


def current() -> Session:
    """The session that `begin` made for this run."""
    found: Session = st.session_state["session"]
    return found


def bind() -> None:
    """The hidden inputs that keep language and workspace in the link."""
    upcoming = st.session_state.pop("next_workspace", None)
    if upcoming is not None:
        open_workspace(upcoming, st.session_state.pop("keep_scenario", False))
    _hidden("bound", ("lang", "ws"))


def bind_scenario() -> None:
    """The hidden input that keeps the scenario in the link; it stands where the levers do.

    A lever may rerun the bar alone, and only what is drawn in that rerun reaches the link.
    """
    _hidden("bound_scenario", ("s",))


def _hidden(key: str, names: tuple[str, ...]) -> None:
    with st.container(key=key):
        for name in names:
            st.text_input(name, key=name, bind="query-params", label_visibility="collapsed")


def set_values(values: dict[str, float]) -> None:
    """Write the scenario into the link; only from a callback."""
    st.session_state["s"] = encode(values)


def set_lever(spec: LeverSpec, value: float | None) -> None:
    """Pull one lever (None: let go); only from a callback."""
    values = dict(current().values)
    values.pop(spec.id, None)
    if value is not None and abs(value - spec.neutral) > 1e-12:
        values[spec.id] = value
    set_values(values)


def open_workspace(name: str, keep_scenario: bool = False) -> None:
    """Go to a workspace, as a rule without a scenario; only from a callback or before the inputs are drawn."""
    st.session_state["ws"] = name
    if not keep_scenario:
        st.session_state["s"] = ""


def switch_language() -> None:
    """Take the language of the switch; the sample's levers are carried over by their place.

    The sample speaks each language with names of its own, so that a lever's id differs.
    """
    before, after = current(), st.session_state["language_switch"]
    if after is None:
        return
    st.session_state["lang"] = after
    if before.workspace_id == SAMPLE and before.values:
        specs = observed_of(built_in(SAMPLE, after).portfolio).levers
        pairs = zip(before.observed.levers, specs, strict=True)
        set_values({new.id: before.values[old.id] for old, new in pairs if old.id in before.values})


def made_of(sheets: tuple[RawSheet, ...], choices: Choices) -> str:
    """The id of a workspace built from sheets and choices; the present one is where undo leads.

    Raises:
        IntakeError: nothing could be made of them.
        ConfigError: a choice does not fit the sheets.
    """
    portfolio, questions = build(propose(sheets, choices))
    return store().put(Workspace(portfolio, sheets, choices, questions, current().workspace_id))


def with_settings(settings: dict[str, object]) -> str:
    """A workspace like the present one under other settings; its id."""
    workspace = current().workspace
    changed = replace(workspace.portfolio, settings=replace(workspace.portfolio.settings, **settings))  # type: ignore[arg-type]
    said = {k: v for k, v in workspace.choices.settings.items() if k not in settings}
    said |= {k: str(v) for k, v in settings.items() if v not in (None, "")}
    return store().put(
        replace(
            workspace,
            portfolio=changed,
            choices=workspace.choices.model_copy(update={"settings": said}),
            before=current().workspace_id,
        )
    )
