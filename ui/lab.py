"""The panels of the scenario lab."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from core.exhibits import NOW
from core.listings import (
    distinct,
    lever_ends,
    lever_rows,
    plan_rows,
    promotion_rows,
    scenario_effects,
    scenario_rows,
    view_rows,
)
from core.models import Outcome, backwards
from core.models import scenarios as lab
from core.narrative import (
    lever_label,
    lever_origin,
    plan_words,
    promotion_words,
    scenario_sentence,
    sought_words,
)
from core.portfolio import Portfolio
from core.scenario import OPERATIONS, SHAPES, LeverSpec, Operation, Setting
from core.text import Text
from core.workspace import Variant, copied, edited, levers_in, scenario_yaml
from ui import frame, saving, scenario_bar, state, views
from ui.widgets import TableData, panel, plain, show, switch, table, table_data

_ENDS = ("low", "likely", "high")


def _choices(session: state.Session) -> dict[str, str]:
    """Names of the scenarios at hand by id."""
    return {key: name for key, (name, _) in session.scenarios.items()}


def _settings(session: state.Session, key: str) -> dict[str, Setting]:
    """The levers of a scenario that fit the data at hand."""
    return session.settings if key == NOW else session.settings_of(key)


def _outcome(session: state.Session, key: str) -> Outcome:
    """What a scenario comes to; that of a saved one is kept from run to run."""
    return session.outcome if key == NOW else _outcome_of(session.portfolio, tuple(_settings(session, key).items()))


@state.by_content
def _outcome_of(portfolio: Portfolio, settings: tuple[tuple[str, Setting], ...]) -> Outcome:
    return lab.outcomes(state.observed_of(portfolio), {"": dict(settings)})[""]


def _active(session: state.Session) -> bool:
    """Whether a scenario is shown; says how to get one where not."""
    if session.settings:
        return True
    st.info(session.text("scenarios.none_active"), icon=":material/tune:")
    return False


def _measure(session: state.Session, key: str) -> lab.Measure:
    """Which result is looked at."""
    names = [measure.name for measure in lab.measures_of(session.observed)]
    text = session.text
    return lab.BY_NAME[panel(text("scenarios.measure"), names, key, lambda n: text(f"headline.{n}"))]


# The list ---------------------------------------------------------------------------------------


def overview(session: state.Session) -> None:
    """Every scenario with its headline effect; one of them to name, copy, derive from, put away."""
    text, document = session.text, session.document
    if session.head is None:
        st.caption(text("scenarios.not_kept"))
    if session.read_only:
        st.caption(text("scenarios.read_only"))
    frame.live("scenarios", _listed)
    if session.writable:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(text("scenarios.new_name"), key="new_scenario_name", max_chars=120)
            st.button(text("scenarios.new_blank"), on_click=_new, args=({},), key="new_blank")
            st.button(
                text("scenarios.new_here"),
                on_click=_new,
                args=(session.settings,),
                key="new_here",
                disabled=not session.settings,
            )
    if document.scenarios:
        _one(session)
    if session.head is None and session.settings:
        st.button(
            text("scenario.keep"),
            on_click=saving.keep,
            key="keep_from_lab",
            type="primary",
        )


def _listed(session: state.Session) -> TableData:
    text, document = session.text, session.document
    shown = {NOW: text("scenarios.now")} if NOW in session.scenarios else {}
    shown |= {key: variant.name for key, variant in document.scenarios.items()}
    effects = {
        key: scenario_effects(session.observed, session.outcome, text)
        if key == NOW
        else _effects_of(session.portfolio, tuple(session.settings_of(key).items()), text.language)
        for key in shown
    }
    rows = scenario_rows(shown, document, effects, text, len(session.settings))
    return table_data(rows, "scenarios", text("scenarios.list.title"))


@state.by_content
def _effects_of(portfolio: Portfolio, settings: tuple[tuple[str, Setting], ...], language: str) -> dict[str, str]:
    """What a saved scenario does, kept from run to run."""
    outcome = _outcome_of(portfolio, settings)
    return scenario_effects(state.observed_of(portfolio), outcome, Text(language, portfolio.settings.currency))


def _new(settings: dict[str, Setting]) -> None:
    session = state.current()
    count = len(session.document.scenarios) + 1
    name = st.session_state.get("new_scenario_name", "").strip() or session.text("scenario.auto_name", n=count)
    st.session_state["new_scenario_name"] = ""
    saving.new_scenario(name, settings)


def _one(session: state.Session) -> None:
    """One scenario: its levers, its name, and what can be done with it."""
    text, document = session.text, session.document
    keys = list(document.scenarios)
    default = session.chosen or keys[0]
    if st.session_state.get("lab_last_chosen") != session.chosen:
        st.session_state["lab_last_chosen"] = session.chosen
        st.session_state["lab_pick"] = default
    key = panel(text("scenarios.pick"), keys, "lab_pick", lambda k: plain(document.scenarios[k].name))
    variant = document.scenarios[key]
    pulled = levers_in(document, key)
    with st.container(border=True):
        with st.container(horizontal=True):
            st.button(
                text("scenarios.show"),
                on_click=scenario_bar.choose,
                args=(key,),
                key="lab_show",
                type="primary",
                icon=":material/visibility:",
                disabled=session.chosen == key and not session.unsaved,
            )
            if session.writable:
                st.button(text("scenarios.copy"), on_click=_copy, args=(key, False), key="lab_copy")
                st.button(
                    text("scenarios.derive"),
                    on_click=_copy,
                    args=(key, True),
                    key="lab_derive",
                    help=text("scenarios.derive_help"),
                )
                st.button(
                    text("scenarios.restore" if variant.archived else "scenarios.archive"),
                    on_click=_archive,
                    args=(key, not variant.archived),
                    key="lab_archive",
                )
            st.download_button(
                text("scenarios.yaml"),
                lambda: scenario_yaml(variant, pulled).encode("utf-8"),
                file_name="scenario.yaml",
                mime="application/yaml",
                key="lab_yaml",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )
        if session.writable:
            left, right = st.columns([1, 2])
            fields = ((left, "name", variant.name, 120), (right, "description", variant.description, 2000))
            for column, what, held, most in fields:
                box = state.named(f"lab_{what}_{key}", held)
                column.text_input(
                    text(f"scenarios.{what}"),
                    held,
                    key=box,
                    max_chars=most,
                    on_change=_rename,
                    args=(key, what, box, held),
                )
        elif variant.description:
            st.markdown(plain(variant.description))
        if variant.parent:
            st.caption(plain(text("scenarios.inherits", parent=document.scenarios[variant.parent].name)))
        rows = lever_rows(pulled, variant.levers, session.observed, text)
        if len(rows):
            table(rows, "lab_levers", text("scenarios.levers.title"), _sentence(session, key))
        else:
            st.markdown(plain(_sentence(session, key)))


def _sentence(session: state.Session, key: str) -> str:
    settings = _settings(session, key)
    outcome = _outcome(session, key)
    likely = {name: setting.likely for name, setting in settings.items()}
    return scenario_sentence(session.observed, outcome, likely, session.text)


def _rename(key: str, what: str, box: str, shown: str) -> None:
    words = st.session_state[box].strip()
    if words == shown:
        return
    if words or what == "description":
        saving.change(lambda document: edited(document, key, **{what: words}), f"scenario_{what}")


def _archive(key: str, away: bool) -> None:
    saving.change(lambda document: edited(document, key, archived=away), "scenario_archive")


def _copy(key: str, child: bool) -> None:
    session = state.current()
    variant: Variant = session.document.scenarios[key]
    name = session.text("scenarios.child_name" if child else "scenarios.copy_name", name=variant.name)[:120]
    if child:
        saving.new_scenario(name, _settings(session, key), parent=key)
        return
    made: list[str] = []

    def work(document: Any) -> Any:
        grown, new = copied(document, key, name)
        made.append(new)
        return grown

    if saving.change(work, "scenario_new"):
        state.show_scenario(made[0])


# One lever --------------------------------------------------------------------------------------


def one_lever(session: state.Session) -> None:
    """Any lever by value, by change or as a range, with its unit, baseline, bounds and where that comes from."""
    text = session.text
    st.subheader(text("scenarios.lever.title"))
    specs = {spec.id: spec for spec in session.observed.levers if spec.unit != "flag"}

    def name(key: str) -> str:
        return f"{text(f'scenario.topic.{specs[key].target.topic}')} · {lever_label(specs[key], text)}"

    key = st.selectbox(
        text("scenarios.lever.pick"), list(specs), key="lever_pick", format_func=name, persist_state="session"
    )
    spec = specs[key if key in specs else next(iter(specs))]  # other data, other levers
    held = session.settings.get(spec.id, Setting(spec.neutral))
    known = [op for op in OPERATIONS if op == spec.operation or (op != "multiply" and _finite(spec))]
    known += ["multiply"] if "multiply" not in known and _finite(spec) and spec.current else []
    operation = panel(text("scenarios.lever.how"), known, "lever_how", lambda op: text(f"scenarios.lever.{op}"))
    places = [
        text("how.rows", file=f, sheet=s, first=a, last=b, n=n)
        for name_ in lever_origin(spec)
        for f, s, a, b, n in state.places_of(session.portfolio).get(name_, ())
    ]
    facts = lever_ends(spec, text)
    origin = "; ".join(places or [text("scenarios.lever.config")])
    st.caption(plain(text.joined(text("scenarios.lever.facts", **facts), origin)))
    factor = _display(spec, operation)
    unit = "%" if factor == 100 else session.portfolio.settings.currency if spec.current_unit == "money" else ""
    ends = (held.span[0], held.likely, held.span[1])
    shown = [float(f"{_said(spec, operation, end) * factor:.12g}") for end in ends]
    # another setting, other fields: what was typed for the one before must not stand in them
    box = state.named(f"lever_form_{spec.id}_{operation}", held)
    with st.form(box):
        columns = st.columns(4)
        for column, end, value in zip(columns, _ENDS, shown, strict=False):
            label = text(f"scenarios.lever.{end}") + (f", {unit}" if unit else "")
            column.number_input(label, value=value, format="%.6g", key=f"{box}_{end}")
        columns[3].selectbox(
            text("scenarios.lever.shape"),
            SHAPES,
            SHAPES.index(held.shape),
            format_func=lambda s: text(f"scenarios.lever.{s}"),
            key=f"{box}_shape",
        )
        st.form_submit_button(
            text("scenarios.lever.apply"),
            on_click=_set_lever,
            args=(spec, operation, box, held, tuple(shown)),
            icon=":material/check:",
        )
    if st.session_state.pop("lever_refused", False):
        st.error(plain(text("scenarios.lever.refused", **facts)))


def _set_lever(spec: LeverSpec, operation: Operation, box: str, held: Setting, shown: tuple[float, ...]) -> None:
    """Pull the lever of the form: one number changed alone is a value, a low and a high beside it are a range."""
    low, likely, high = (float(st.session_state[f"{box}_{end}"]) for end in _ENDS)
    factor = _display(spec, operation)
    middle = spec.value_for(operation, likely / factor)
    ends = sorted(spec.value_for(operation, end / factor) for end in (low, high))
    alone = not held.is_range and (low, high) == (shown[0], shown[2])
    shape = st.session_state[f"{box}_shape"]
    setting = Setting(middle) if alone or low == high == likely else Setting(middle, ends[0], ends[1], shape)
    if spec.allows(setting):
        saving.set_lever(spec, setting)
    else:
        st.session_state["lever_refused"] = True


def _finite(spec: LeverSpec) -> bool:
    """Whether the figure a lever changes is known, so that it can be said in other ways."""
    return bool(math.isfinite(spec.current)) and (spec.operation != "multiply" or spec.current != 0)


def _display(spec: LeverSpec, operation: str) -> float:
    """Shares and factors are typed in percent."""
    return 100.0 if operation == "multiply" or spec.current_unit == "share" else 1.0


def _said(spec: LeverSpec, operation: str, value: float) -> float:
    """A lever's own value as the chosen operation says it."""
    after = spec.after(value)
    if operation == spec.operation:
        return value
    if operation == "set":
        return after
    return after - spec.current if operation == "add" else after / spec.current


# Side by side -----------------------------------------------------------------------------------


def _compared(session: state.Session) -> dict[str, str]:
    """The scenarios to look at together, by id; the link remembers them."""
    text, names = session.text, _choices(session)
    most = session.config.scenarios.compared
    if not names:
        return {}
    default = list(names)[: min(4, most)]
    state.take_filter("compared", list(names), default, many=True)
    picked = st.multiselect(
        text("scenarios.compare.pick", most=most),
        list(names),
        key="compared",
        format_func=names.__getitem__,
        max_selections=most,
        on_change=state.keep_filter,
        args=("compared", default),
        placeholder=text("widgets.choose"),
        persist_state="session",
    )
    return {key: names[key] for key in picked}


def compare(session: state.Session) -> None:
    """Several scenarios side by side: results, changed inputs, each view on one scale, a sentence each."""
    text = session.text
    names = _compared(session)
    if not names:
        st.info(text("scenarios.compare.none"), icon=":material/compare:")
        return
    settings = {key: _settings(session, key) for key in names}
    options = {"scenarios": " ".join(names)}
    show("scenarios.results", options, "results")
    outcomes = {key: _outcome(session, key) for key in names}
    for key, name in names.items():
        likely = {lever: setting.likely for lever, setting in settings[key].items()}
        sentence = scenario_sentence(session.observed, outcomes[key], likely, text)
        st.markdown(f"**{plain(name)}** — {plain(sentence)}")
    show("scenarios.inputs", options, "inputs")
    for view in ("churn", "stages", "value", "markets"):
        show(f"scenarios.compare_{view}", options)


# What matters -----------------------------------------------------------------------------------


def matters(session: state.Session) -> None:
    """Which lever moves the result most, and how much of the difference each makes."""
    if not _active(session):
        return
    options = {"measure": _measure(session, "matters_measure").name}
    show("scenarios.contributions", options)
    if show("scenarios.tornado", options):
        st.caption(session.text("scenarios.tornado.help"))
    else:
        st.caption(session.text("scenarios.tornado.none"))


# What may come ----------------------------------------------------------------------------------


def futures(session: state.Session) -> None:
    """Draws of every scenario in the same futures: ranges, chances, who beats whom."""
    text = session.text
    names = distinct(_compared(session))
    if not names:
        st.info(text("scenarios.compare.none"), icon=":material/casino:")
        return
    measure = _measure(session, "futures_measure")
    fixed = switch(text("scenarios.futures.fixed"), "futures_fixed", text("scenarios.futures.fixed_help"))
    options = {"scenarios": " ".join(names), "measure": measure.name, "fixed": "1" if fixed else ""}
    with st.spinner(text("scenarios.futures.running")):
        drawn = show("scenarios.futures", options)
    if not drawn:
        st.error(text("scenarios.correlation.contradict"), icon=":material/error:")
        _correlations(session)
        return
    show("scenarios.intervals", options)
    show("scenarios.versus", options)
    of = panel(text("scenarios.futures.of"), list(names.values()), "fan_of", plain)
    there = [row[0] for row in view_rows(session.observed, text)]
    view = panel(text("scenarios.futures.view"), there, "fan_view", lambda v: text(f"{v}.nav"))
    show("scenarios.fan", options | {"of": of, "view": view})
    _seed(session, session.seed)
    _correlations(session)


def _seed(session: state.Session, seed: int) -> None:
    text = session.text
    if session.writable:
        box = state.named("lab_seed", seed)
        st.number_input(text("scenarios.futures.seed"), 0, 2**53 - 1, seed, key=box, on_change=_new_seed, args=(box,))


def _new_seed(box: str) -> None:
    seed = int(st.session_state[box])
    saving.change(lambda document: document.model_copy(update={"seed": seed}), "seed")


def _correlations(session: state.Session) -> None:
    """Correlations that the user states between two levers."""
    text, document = session.text, session.document
    specs = {spec.id: spec for spec in session.observed.levers}
    with st.expander(text("scenarios.correlation.title", n=len(document.correlations))):
        st.caption(text("scenarios.correlation.help"))
        for pair, r in document.correlations.items():
            words = " ↔ ".join(lever_label(specs[key], text) if key in specs else key for key in pair.split("~"))
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(plain(f"{words}: {text.signed(r, 2)}"))
                if session.writable:
                    st.button(
                        text("scenario.reset_one"),
                        on_click=_correlate,
                        args=(pair, None),
                        key=f"uncorrelate_{pair}",
                        type="tertiary",
                    )
        if not session.writable:
            return
        ranged = [
            key
            for key in specs
            if any(_settings(session, name).get(key, Setting(0)).is_range for name in document.scenarios)
            or key in lab.assumptions(session.observed, {})
        ]
        with st.form("correlation", clear_on_submit=True):
            a, b, c = st.columns([3, 3, 1])
            first = a.selectbox(
                text("scenarios.correlation.first"), ranged, format_func=lambda k: lever_label(specs[k], text)
            )
            second = b.selectbox(
                text("scenarios.correlation.second"), ranged[::-1], format_func=lambda k: lever_label(specs[k], text)
            )
            r = c.number_input("r", -0.99, 0.99, 0.5, 0.05)
            asked = st.form_submit_button(text("scenarios.correlation.set"))
        if asked and first and second and first != second:
            _correlate("~".join(sorted((first, second))), float(r))
            st.rerun()


def _correlate(pair: str, r: float | None) -> None:
    def work(document: Any) -> Any:
        stated = {key: value for key, value in document.correlations.items() if key != pair}
        return document.model_copy(update={"correlations": stated if r is None else {**stated, pair: r}})

    saving.change(work, "correlation")


# Asked backwards --------------------------------------------------------------------------------


def ask(session: state.Session) -> None:
    """What would it take? Each answer can be taken over as a scenario."""
    text = session.text
    churn = session.observed.inputs["churn"]
    money = churn is not None and churn.has_exits and churn.has_profit
    questions = [q for q in ("churn", "profit", "budget", "next") if money]
    questions += ["accounts"] if session.observed.inputs["stages"] is not None else []
    questions += ["lever"]
    question = panel(text("scenarios.ask.question"), questions, "ask", lambda q: text(f"scenarios.ask.{q}"))
    if question == "lever":
        _seek(session)
    elif question == "accounts":
        _promote(session)
    else:
        _spend(session, question)


def _number(label: str, key: str, default: float, **bounds: Any) -> float:
    """A number that stays on the page while others change."""
    return float(st.number_input(label, value=default, key=key, persist_state="session", **bounds))


def _spend(session: state.Session, question: str) -> None:
    text, observed, settings = session.text, session.observed, session.settings
    base = observed.baseline.churn
    if question == "churn":
        measure = lab.BY_NAME["churn_rate"]
        goal = _number(
            text("scenarios.ask.churn_goal"),
            "ask_churn",
            round(float(base.churn_rate) * 80, 1),
            min_value=0.0,
            max_value=100.0,
        )
        plan, target = backwards.cheapest(observed, settings, measure, goal / 100), goal / 100
    elif question == "profit":
        measure = lab.BY_NAME["saved_profit"]
        target = _number(
            text("scenarios.ask.profit_goal"),
            "ask_profit",
            round(float(base.avoidable_profit.sum()) / 4, -3),
            min_value=0.0,
        )
        plan = backwards.cheapest(observed, settings, measure, target)
    else:
        measure = lab.BY_NAME["profit_effect"]
        key = "budget" if question == "budget" else "next"
        target = _number(
            text(f"scenarios.ask.{key}_amount"), f"ask_{key}", 200_000.0 if key == "budget" else 10_000.0, min_value=0.0
        )
        work = backwards.best_use if question == "budget" else backwards.next_amount
        plan = work(observed, settings, measure, target)
    st.markdown(plain(plan_words(question, plan, measure, target, observed, text)))
    table(plan_rows(plan, observed, settings, text), "plan", text("scenarios.ask.plan"))
    goal_words = text.percent(target) if question == "churn" else text.money(target)
    _take(session, plan.settings, f"{text(f'scenarios.ask.{question}')} · {goal_words}")


def _promote(session: state.Session) -> None:
    text = session.text
    wanted = int(_number(text("scenarios.ask.accounts_goal"), "ask_accounts", 5.0, min_value=1.0, step=1.0))
    price = _number(text("scenarios.ask.accounts_price"), "ask_price", 5_000.0, min_value=0.0)
    found = views.promotions(session, wanted, price)
    st.markdown(plain(promotion_words(found, wanted, text)))
    table(promotion_rows(found, session.observed, text), "promotions", text("scenarios.ask.accounts"))


def _seek(session: state.Session) -> None:
    text, observed = session.text, session.observed
    measure = _measure(session, "seek_measure")
    specs = {spec.id: spec for spec in observed.levers if spec.unit != "flag"}
    key = st.selectbox(
        text("scenarios.ask.lever_pick"),
        list(specs),
        key="seek_lever",
        format_func=lambda k: lever_label(specs[k], text),
        persist_state="session",
    )
    percent = measure.unit == "share"
    now = float(measure.read(session.outcome.scenario))
    goal = _number(
        text("scenarios.ask.lever_goal", measure=text(f"headline.{measure.name}"), unit="%" if percent else ""),
        f"seek_{measure.name}",
        _better(now * (100 if percent else 1), measure),
        format="%.6g",
    )
    goal = goal / 100 if percent else goal
    spec = specs[key if key in specs else next(iter(specs))]  # other data, other levers
    found = backwards.seek(observed, session.settings, spec, measure, goal, session.config)
    st.markdown(plain(sought_words(found, spec, measure, goal, text)))
    if found.moves:
        words = f"{text(f'headline.{measure.name}')} · {text.unit(goal, measure.unit)}"
        _take(session, {**session.settings, spec.id: Setting(found.value)}, words)


def _better(now: float, measure: lab.Measure) -> float:
    """A goal to begin with: a tenth better than today."""
    return float(f"{now * (1 + 0.1 * measure.better):.3g}") if now else 50_000.0 if measure.unit == "money" else 1.0


def _take(session: state.Session, settings: dict[str, Setting], name: str) -> None:
    """The answer as a scenario: on the sample in the link, else kept under a name."""
    text = session.text
    if session.writable:
        st.button(
            text("scenarios.ask.keep"),
            on_click=saving.new_scenario,
            args=(name, settings),
            key="ask_keep",
            type="primary",
            icon=":material/bookmark_add:",
        )
    else:
        st.button(
            text("scenarios.ask.take"),
            on_click=saving.set_settings,
            args=(settings,),
            key="ask_take",
            type="primary",
            icon=":material/tune:",
        )


# Two levers crossed -----------------------------------------------------------------------------


def cross(session: state.Session) -> None:
    """A result over two levers, with the line where gain and loss part."""
    text, observed = session.text, session.observed
    measure = _measure(session, "grid_measure")
    specs = {spec.id: spec for spec in observed.levers if spec.unit != "flag"}
    if len(specs) < 2:
        return
    swings = lab.tornado(observed, session.settings, measure, session.config)
    telling = [swing.spec.id for swing in swings if swing.spec.id in specs and swing.kind != "assumption"]
    first, second = list(dict.fromkeys([*telling, *specs]))[:2]
    columns = st.columns(2)
    picked = []
    for column, axis, default in ((columns[0], "x", first), (columns[1], "y", second)):
        state.take_filter(f"grid_{axis}", list(specs), default)
        with column:
            picked.append(
                st.selectbox(
                    text(f"scenarios.grid.{axis}"),
                    list(specs),
                    key=f"grid_{axis}",
                    format_func=lambda k: lever_label(specs[k], text),
                    on_change=state.keep_filter,
                    args=(f"grid_{axis}", default),
                    persist_state="session",
                )
            )
    x, y = (specs[key] for key in picked)
    if x.id == y.id:
        st.caption(text("scenarios.grid.same"))
        return
    show("scenarios.grid", {"measure": measure.name, "x": x.id, "y": y.id})


VIEWS: dict[str, Callable[[state.Session], None]] = {
    "list": overview,
    "lever": one_lever,
    "compare": compare,
    "matters": matters,
    "futures": futures,
    "ask": ask,
    "cross": cross,
}
