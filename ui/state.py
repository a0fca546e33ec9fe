"""Who is looking at what: language, workspace, scenario, filters. One `Session` a run, nothing shared but data.

What the address of the screen holds (`ui/link.py`) stands in the session under the same names. Workspaces are in the
store, so that a refresh, a link or a new server finds them again; the session keeps ids, not frames.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, wraps
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.config import Config, ConfigError, load_config
from core.exhibits import NOW, Known, Situation
from core.figures.theme import LOOKS, Look
from core.intake import Choices, IntakeError, Question, RawSheet, build, propose, read_file
from core.intake.keeping import digest_of, sheet_bytes, sheet_from
from core.models import Observed, Outcome, evaluate_all, observe_all
from core.portfolio import Portfolio, Settings
from core.scenario import Lever, Setting, decode, encode, fitted, levers_of
from core.store import Head, Store, StoreError, opened, reopened
from core.story import story_of
from core.tables import LANGUAGES
from core.text import Text, closest_language
from core.workspace import Document, Slide, Variant, document_of, levers_in, parse_scenarios

DATA = Path(__file__).resolve().parent.parent / "data"
SAMPLE, TEXTBOOK, EMPTY = "sample", "textbook", "empty"
BUILT_IN = (SAMPLE, TEXTBOOK, EMPTY)
_MOST_HELD = 2000
T = TypeVar("T")
NO_LEVERS = "-"  # in the link: this scenario without any lever, as against "as it was saved"


@dataclass(frozen=True)
class Workspace:
    """What a document's sheets and choices come to."""

    portfolio: Portfolio
    sheets: tuple[RawSheet, ...] = ()
    choices: Choices = field(default_factory=Choices)
    questions: tuple[Question, ...] = ()


class Ready:
    """Workspaces built from their documents, in memory, the least recently used going first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Workspace] = OrderedDict()

    def put(self, key: str, workspace: Workspace) -> None:
        """Hold a workspace."""
        with self._lock:
            self._held[key] = workspace
            self._held.move_to_end(key)
            while len(self._held) > self._most:
                self._held.popitem(last=False)

    def get(self, key: str) -> Workspace | None:
        """The workspace of a key, None where it is not held."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)


@lru_cache(maxsize=1)
def _ready() -> Ready:
    return Ready(load_config().limits.workspaces)


def store() -> Store:
    """The store in force."""
    return opened(load_config().store.address)


def mended_store() -> Store:
    """The store opened anew after damage was found in its file."""
    return reopened(load_config().store.address, store())


def restored() -> tuple[str, int, int] | None:
    """What happened where the store's file was found damaged; None as a rule."""
    try:
        return store().restored
    except StoreError:
        return None


def _content(document: Document) -> str:
    words = repr((document.sheets, sorted(document.settings.items()))) + document.choices.model_dump_json()
    return digest_of(words.encode("utf-8"))


def built(sheets: tuple[RawSheet, ...], choices: Choices, settings: dict[str, Any]) -> Workspace:
    """What sheets and choices come to, with the settings entered in the program on top.

    Raises:
        IntakeError: nothing could be made of them.
        ConfigError: a choice does not fit the sheets.
    """
    portfolio, questions = build(propose(sheets, choices))
    return Workspace(under(portfolio, settings), sheets, choices, questions)


def under(portfolio: Portfolio, settings: dict[str, Any]) -> Portfolio:
    """A portfolio under settings entered in the program."""
    if not settings:
        return portfolio
    said: dict[str, Any] = {
        name: dt.date.fromisoformat(value) if name.startswith("period_") and isinstance(value, str) else value
        for name, value in settings.items()
        if name in Settings.__dataclass_fields__
    }
    return replace(portfolio, settings=replace(portfolio.settings, **said))


def workspace_of(document: Document) -> Workspace:
    """The workspace of a document: from memory, else built from the sheets in the store.

    Raises:
        StoreError: a sheet is missing.
        IntakeError: the sheets cannot be read any more.
    """
    if not document.sheets:
        return Workspace(under(Portfolio({}), document.settings))
    key = _content(document)
    held = _ready().get(key)
    if held is None:
        sheets = tuple(sheet_from(store().sheet(digest)) for digest in document.sheets)
        held = built(sheets, document.choices, document.settings)
        _ready().put(key, held)
    return held


@st.cache_resource(show_spinner=False, max_entries=400)
def document_at(workspace: str, number: int) -> Document:
    """The document of one revision, which never changes."""
    return store().at(workspace, number).document


def revision(workspace: str, number: int) -> Head | None:
    """One revision, None where the store cannot give it."""
    try:
        return store().at(workspace, number)
    except StoreError:
        return None


def kept(workspace: Workspace, document: Document) -> Document:
    """The document with this data in it; its sheets are in the store when this returns.

    Raises:
        StoreError: they could not be written.
    """
    bodies = {digest_of(body): body for body in map(sheet_bytes, workspace.sheets)}
    store().put_sheets(bodies)
    return held(workspace, document.model_copy(update={"sheets": tuple(bodies), "choices": workspace.choices}))


def held(workspace: Workspace, document: Document) -> Document:
    """The document with the digest of what its sheets come to, which is held ready."""
    grown = document.model_copy(update={"digest": workspace.portfolio.digest})
    _ready().put(_content(grown), workspace)
    return grown


@lru_cache(maxsize=8)
def built_in(name: str, language: str) -> Workspace:
    """The sample company in a language, the textbook case, or nothing."""
    if name == EMPTY:
        return Workspace(Portfolio({}))
    file = DATA / (f"sample.{language}.xlsx" if name == SAMPLE else "textbook-6000-customers.xlsx")
    sheets = read_file(file.name, file.read_bytes(), load_config().limits)
    portfolio, questions = build(propose(sheets))
    return Workspace(portfolio, sheets, Choices(), questions)


@lru_cache(maxsize=8)
def built_in_document(name: str, language: str) -> Document:
    """The scenarios that come with the sample company; nothing else of it is in a document."""
    if name != SAMPLE:
        return Document()
    file = DATA / f"sample.{language}.scenarios.yaml"
    return document_of(parse_scenarios(file.read_text(encoding="utf-8"), file.name))


@dataclass(frozen=True)
class _Content:
    """A portfolio that equals another one of the same content from the same places."""

    digest: str
    sources: tuple[tuple[str, str], ...]
    portfolio: Portfolio = field(compare=False)


def by_content(work: Callable[..., T]) -> Callable[..., T]:
    """Keep what a function makes of a portfolio and of plain values, for the last sixty of them.

    Each run asks several times, and asking Streamlit's own cache takes longer than all of a lever's calculation.
    """

    @lru_cache(maxsize=60)
    def kept(content: _Content, *others: Any) -> T:
        return work(content.portfolio, *others)

    @wraps(work)
    def asked(portfolio: Portfolio, *others: Any) -> T:
        return kept(_Content(portfolio.digest, portfolio.sources, portfolio), *others)

    return asked


@by_content
def observed_of(portfolio: Portfolio) -> Observed:
    """Inputs and baseline of a portfolio, kept by its digest."""
    return observe_all(portfolio, load_config())


@by_content
def known_of(portfolio: Portfolio) -> Known:
    """What figures need of a portfolio that no lever changes, kept by its digest."""
    return Known(portfolio, observed_of(portfolio), load_config())


@by_content
def places_of(portfolio: Portfolio) -> dict[str, tuple[tuple[str, str, int, int, int], ...]]:
    """File, sheet, first and last row and number of rows behind each table."""
    found = {}
    for name, frame in portfolio.tables.items():
        rows = frame.groupby("_source")["_row"].agg(["min", "max", "size"])
        found[name] = tuple((*portfolio.sources[int(s)], int(a), int(b), int(n)) for s, a, b, n in rows.itertuples())
    return found


@dataclass(frozen=True)
class Session:
    """Everything a page needs in one run.

    `head` is the newest revision of a stored workspace, None for the sample; `document` is its content. `settings` are the levers in
    force by id, `saved` what the chosen scenario was saved with, `strangers` its levers that the data at
    hand have no place for.
    """

    text: Text
    look: Look
    config: Config
    workspace_id: str
    missing: bool
    read_only: bool
    head: Head | None
    document: Document
    workspace: Workspace
    observed: Observed
    outcome: Outcome
    settings: dict[str, Setting]
    refused: tuple[str, ...]
    chosen: str
    saved: dict[str, Setting]
    strangers: tuple[Lever, ...]

    @property
    def portfolio(self) -> Portfolio:
        """The data at hand."""
        return self.workspace.portfolio

    @property
    def values(self) -> dict[str, float]:
        """The likely value of each lever in force."""
        return {name: setting.likely for name, setting in self.settings.items()}

    @property
    def variant(self) -> Variant | None:
        """The chosen scenario."""
        return self.document.scenarios.get(self.chosen)

    @property
    def seed(self) -> int:
        """The seed of the draws: the workspace's, else the one of config.yaml."""
        return self.config.scenarios.seed if self.document.seed is None else self.document.seed

    @property
    def scenario_name(self) -> str:
        """The name of what is shown: the scenario's, or that it has none, or that it is the baseline."""
        if self.variant is not None:
            return self.variant.name
        return self.text("scenario.unnamed" if self.settings else "scenario.baseline")

    @cached_property
    def situation(self) -> Situation:
        """What exhibits are built from."""
        return Situation(
            portfolio=self.portfolio,
            observed=self.observed,
            outcome=self.outcome,
            known=known_of(self.portfolio),
            config=self.config,
            text=self.text,
            look=self.look,
            settings=self.settings,
            scenario=self.scenario_name,
            others=self.scenarios,
            pairs=self.document.pairs(),
            seed=self.seed,
            workspace=self.document.name,
        )

    @cached_property
    def scenarios(self) -> dict[str, tuple[str, dict[str, Setting]]]:
        """Name and settings of each scenario that is not archived, the levers of the link where they are not saved."""
        found = {
            key: (variant.name, self.settings_of(key))
            for key, variant in self.document.scenarios.items()
            if not variant.archived
        }
        if self.settings and (self.variant is None or self.unsaved):
            found[NOW] = self.text("scenarios.now"), self.settings
        return found

    @cached_property
    def story(self) -> dict[str, Slide]:
        """The slides by id, in their order; the first story where the workspace has none of its own."""
        return story_of(self.document, self.situation, self.chosen)

    def settings_of(self, scenario: str) -> dict[str, Setting]:
        """The levers of a scenario, as it was saved, that fit the data at hand."""
        pulled = [pull.lever() for pull in levers_in(self.document, scenario).values()]
        return fitted(pulled, self.observed.levers)[0]

    @property
    def writable(self) -> bool:
        """Whether changes are kept in a workspace of its own."""
        return self.head is not None and not self.read_only

    @property
    def unsaved(self) -> bool:
        """Whether the levers differ from what the chosen scenario was saved with."""
        return self.variant is not None and _as_set(self.settings) != _as_set(self.saved)


def _as_set(settings: dict[str, Setting]) -> set[str]:
    """Settings as the link writes them, in no order."""
    return set(filter(None, encode(settings).split("~")))


def language() -> str:
    """The language in force: the link's, else the browser's."""
    chosen = st.session_state.get("lang", "")
    return chosen if chosen in LANGUAGES else closest_language(st.context.locale)


def begin() -> Session:
    """The session of this run, from the link and the store."""
    words = language()
    name = st.session_state.get("ws", "") or SAMPLE
    head, read_only, workspace = None, False, None
    st.session_state.pop("read_error", None)
    if name in BUILT_IN:
        workspace = built_in(name, words)
    else:
        try:
            head, read_only = _found(name)
            workspace = workspace_of(head.document) if head is not None else None
        except StoreError as error:
            st.session_state["read_error"] = error.code
        except (IntakeError, ConfigError):  # the head stays, so that the history can lead back to sound data
            st.session_state["read_error"] = "unreadable"
    missing = workspace is None
    workspace = workspace or built_in(EMPTY, words)
    observed = observed_of(workspace.portfolio)
    document = head.document if head is not None else built_in_document(name, words)
    chosen = st.session_state.get("c", "")
    chosen = chosen if chosen in document.scenarios else ""
    saved, strangers = fitted(
        [pull.lever() for pull in levers_in(document, chosen).values()] if chosen else [], observed.levers
    )
    settings, refused = _asked(chosen, saved, observed)
    _follow_filters()
    session = Session(
        text=Text(words, workspace.portfolio.settings.currency),
        look=LOOKS.get(st.context.theme.type or "light", LOOKS["light"]),
        config=load_config(),
        workspace_id=name,
        missing=missing,
        read_only=read_only,
        head=head,
        document=document,
        workspace=workspace,
        observed=observed,
        outcome=evaluate_all(observed, levers_of(settings, observed.levers)),
        settings=settings,
        refused=refused,
        chosen=chosen,
        saved=saved,
        strangers=strangers,
    )
    with alone():
        st.session_state["session"] = session  # ends a run that was cut short, so that it cannot take others' place
        _hold(session)
    return session


def _asked(chosen: str, saved: dict[str, Setting], observed: Observed) -> tuple[dict[str, Setting], tuple[str, ...]]:
    """The levers that the link asks for: what it holds, else what the scenario was saved with."""
    words = st.session_state.get("s", "")
    return (saved, ()) if chosen and not words else decode(words.removeprefix(NO_LEVERS), observed.levers)


def _found(name: str) -> tuple[Head | None, bool]:
    """The workspace a link names, and whether it only shows; a damaged store is mended from its log first.

    Raises:
        StoreError: the store cannot be read.
    """
    for attempt in (1, 2):
        try:
            shown = store().shared(name) if name.startswith("r-") else None
            return store().head(shown or name), shown is not None
        except StoreError as error:
            if error.code != "damaged" or attempt == 2:
                raise
            mended_store()
    return None, False


def current() -> Session:
    """The session that `begin` made for this run."""
    found = _held.get(_here())
    return found if found is not None else cast(Session, st.session_state["session"])


_held: OrderedDict[str, Session] = OrderedDict()
_turns: dict[str, threading.RLock] = {}
_guard = threading.Lock()


def _here() -> str:
    """The browser session this run belongs to."""
    context = get_script_run_ctx()
    return context.session_id if context is not None else ""


def alone() -> threading.RLock:
    """The lock of this browser session.

    A new click begins a run of its own while the run before may still be within its callback: what saves
    waits for its turn, and finds what the one before it saved.
    """
    with _guard:
        return _turns.setdefault(_here(), threading.RLock())


def _hold(session: Session) -> None:
    """Make a session the one of this browser, without touching what a cut-short run may not touch."""
    with _guard:
        _held[_here()] = session
        _held.move_to_end(_here())
        while len(_held) > _MOST_HELD:
            gone, _ = _held.popitem(last=False)
            _turns.pop(gone, None)


def open_waiting() -> None:
    """Go to the workspace that the run before this one made."""
    upcoming = st.session_state.pop("next_workspace", None)
    if upcoming is not None:
        open_workspace(upcoming, st.session_state.pop("keep_scenario", False))
    st.session_state["drawn"] = (st.session_state["ws"], language())


def show_scenario(chosen: str, settings: dict[str, Setting] | None = None) -> None:
    """Write a scenario into the link; without settings it shows as it was saved. Only from a callback."""
    if settings is not None and _here() in _held:
        _move(chosen=chosen, settings=dict(settings))
    st.session_state["c"] = chosen
    st.session_state["s"] = "" if settings is None else encode(settings) or (NO_LEVERS if chosen else "")


def adopt(head: Head) -> None:
    """Take a revision just saved as seen; only from a callback.

    The next callback may come before the run that would read it, when keys are pressed in a row.
    """
    try:
        workspace = workspace_of(head.document)
    except (StoreError, IntakeError, ConfigError):
        workspace = current().workspace
    observed = observed_of(workspace.portfolio)
    _move(head=head, document=head.document, workspace=workspace, observed=observed)


def _move(**changes: Any) -> None:
    session = replace(current(), **changes)
    if session.chosen not in session.document.scenarios:
        session = replace(session, chosen="")
    levers = levers_in(session.document, session.chosen).values() if session.chosen else ()
    saved, strangers = fitted([pull.lever() for pull in levers], session.observed.levers)
    _hold(replace(session, saved=saved, strangers=strangers))


def open_workspace(name: str, keep_scenario: bool = False) -> None:
    """Go to a workspace, as a rule without a scenario; only from a callback or before the session begins."""
    st.session_state["ws"] = name
    if not keep_scenario:
        show_scenario("")


def run_alone() -> bool:
    """Whether this run draws a part of the page only (a fragment)."""
    context = get_script_run_ctx()
    return context is not None and bool(context.fragment_ids_this_run)


def switch_language(after: str) -> None:
    """Show another language; the sample's levers are carried over by their place. Only from a callback.

    The sample speaks each language with names of its own, so that a lever's id differs.
    """
    before = current()
    st.session_state["lang"] = after
    if before.chosen and not before.unsaved:
        show_scenario(before.chosen)
    elif before.workspace_id == SAMPLE and before.settings:
        specs = observed_of(built_in(SAMPLE, after).portfolio).levers
        pairs = zip(before.observed.levers, specs, strict=True)
        show_scenario("", {new.id: before.settings[old.id] for old, new in pairs if old.id in before.settings})


def named(key: str, value: object) -> str:
    """A key for a widget that shows what is kept: another value, another widget.

    A browser that has not heard of a new value yet sends the old one along, which would count as typed.
    """
    return f"{key}_{_short(value)}"


# Filters in the link ------------------------------------------------------------------------------


def _short(option: object) -> str:
    return blake2b(str(option).encode("utf-8"), digest_size=3).hexdigest()


def _follow_filters() -> None:
    """Take over the filters of a link that is new or came by the browser's Back."""
    words = st.session_state.get("f", "")
    if words != st.session_state.get("filters_of"):
        pieces = (piece.rpartition("-") for piece in words.split("~"))
        st.session_state["filters_of"] = words
        st.session_state["filters"] = {name: value for name, _, value in pieces if name}
        st.session_state["filters_turn"] = st.session_state.get("filters_turn", 0) + 1


def take_filter(key: str, options: Sequence[Any], default: Any, many: bool = False) -> Any:
    """A filter's value: before its widget is drawn it is set to what the link says, once for each new link.

    With `many` the value is a list of options, kept to those that are there.
    """
    turn = st.session_state.get("filters_turn", 0)
    if st.session_state.get(f"{key}_turn") != turn:
        held = st.session_state.get("filters", {}).get(key)
        if held is not None or f"{key}_turn" in st.session_state:
            found = [option for option in options if held and _short(option) in held.split(".")]
            st.session_state[key] = (found or default) if many else next(iter(found), default)
        st.session_state[f"{key}_turn"] = turn
    value = st.session_state.get(key)
    if many and value is not None:
        st.session_state[key] = [option for option in value if option in options]
    elif value not in options:
        st.session_state[key] = default
    return st.session_state[key]


def keep_filter(key: str, default: Any) -> None:
    """Write a filter into the link; only from a callback."""
    filters = dict(st.session_state.get("filters", {}))
    filters.pop(key, None)
    value = st.session_state[key]
    if value != default:
        filters[key] = ".".join(map(_short, value)) if isinstance(value, list) else _short(value)
    words = "~".join(f"{name}-{held}" for name, held in filters.items())
    st.session_state["filters"], st.session_state["filters_of"], st.session_state["f"] = filters, words, words
