"""After an import: what was set aside, mended in place; files taken back; the data handed out again."""

from __future__ import annotations

import streamlit as st

from core.config import ConfigError
from core.export.data import build_choices, build_data, build_set_aside, rows_aside
from core.intake import Choices, IntakeError, Plan, RawSheet, propose
from core.intake.matching import SheetChoice, choice_of
from core.listings import cells_of, kind_of_problem_rows, loaded_rows, problem_counts
from core.narrative import intake_sentence, problem_sentence
from core.portfolio import Problem
from core.tables import TABLES
from ui import saving, state
from ui.widgets import TableData, panel, plain, table_data, words_data

_ROWS = 200
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@st.cache_resource(show_spinner=False, max_entries=20)
def _plan_of(_workspace: state.Workspace, digests: tuple[str, ...], choices: str) -> Plan:
    """How the sheets of a workspace are read, kept by their digests and the choices."""
    return propose(_workspace.sheets, _workspace.choices)


def _plan() -> Plan:
    session = state.current()
    return _plan_of(session.workspace, session.document.sheets, session.workspace.choices.model_dump_json())


def _again(choices: Choices, sheets: tuple[RawSheet, ...] | None = None) -> None:
    """Open what comes of other choices or fewer sheets; only from a callback."""
    workspace = state.current().workspace
    try:
        name = saving.take_over(workspace.sheets if sheets is None else sheets, choices, "mend")
    except (IntakeError, ConfigError) as error:
        st.session_state["mend_error"] = error
        return
    if name:
        state.open_workspace(name, keep_scenario=True)


def imports() -> None:
    """The files of the workspace, each to be taken back; the step before; the data as a file."""
    session = state.current()
    text, workspace = session.text, session.workspace
    error = st.session_state.pop("mend_error", None)
    if isinstance(error, IntakeError):
        st.error(plain(intake_sentence(error.code, error.file, error.detail, text)))
    elif error is not None:
        st.error(plain(str(error)))
    with st.container(horizontal=True):
        undo = saving.data_before()
        if undo is not None:
            st.button(
                text("data.undo"),
                on_click=saving.undo_data,
                args=(undo,),
                key="undo_import",
                icon=":material/undo:",
            )
        if session.portfolio.tables:
            st.download_button(
                text("data.export"),
                lambda: build_data(session.portfolio, text),
                file_name=text("data.export_file"),
                mime=_XLSX,
                key="export_data",
                on_click="ignore",
                icon=":material/download:",
            )
        if session.writable and workspace.sheets:
            st.download_button(
                text("data.share"),
                lambda: build_choices(_plan()).encode("utf-8"),
                file_name="mapping.yaml",
                mime="application/yaml",
                key="export_mapping",
                on_click="ignore",
                icon=":material/rule_settings:",
                help=text("data.share_help"),
            )
    files = list(dict.fromkeys(sheet.file for sheet in workspace.sheets))
    if not session.writable or len(files) < 2:
        return
    for n, file in enumerate(files):
        rest = tuple(sheet for sheet in workspace.sheets if sheet.file != file)
        st.button(
            text("data.remove", file=plain(file)),
            on_click=_again,
            args=(workspace.choices, rest),
            key=f"remove_{n}",
            type="tertiary",
            icon=":material/delete:",
        )


def loaded() -> list[TableData]:
    """What is loaded, and what was not taken as it stood, by kind."""
    session = state.current()
    text, portfolio = session.text, session.portfolio
    title, aside = text("data.loaded.title"), text("data.problems.title")
    found = [words_data(title, text("data.loaded.none"))]
    if portfolio.tables:
        found = [table_data(cells_of(loaded_rows(portfolio, text)), "loaded", title, height=560)]
    if not portfolio.problems:
        return [*found, words_data(aside, text("data.problems.none"))]
    kinds = cells_of(kind_of_problem_rows(portfolio.problems, text))
    summary = text("data.problems.summary", **problem_counts(portfolio.problems))
    return [*found, table_data(kinds, "problem_kinds", aside, summary)]


def mend() -> None:
    """What was set aside, line by line, to mend or to hand out."""
    session = state.current()
    text, workspace, found = session.text, session.workspace, session.portfolio.problems
    if not session.writable or not workspace.sheets:
        return
    plan = _plan()
    _policies(workspace.choices)
    _alike(workspace)
    aside = rows_aside(plan, found)
    if not aside:
        return
    st.subheader(text("data.mend.title"))
    st.caption(text("data.mend.help"))
    st.download_button(
        text("data.mend.download", n=sum(map(len, aside.values()))),
        lambda: build_set_aside(plan, found, text),
        file_name=text("data.mend.file"),
        mime=_XLSX,
        key="set_aside",
        on_click="ignore",
        icon=":material/download:",
    )
    names = {str(part): f"{plan.sheets[part].file} · {plan.sheets[part].sheet}" for part in aside}
    at = int(panel(text("data.mend.sheet"), list(names), "mend_sheet", names.__getitem__))
    _grid(plan, at, dict(list(aside[at].items())[:_ROWS]))


def _grid(plan: Plan, at: int, rows: dict[int, list[Problem]]) -> None:
    """The failing rows of one sheet, editable; what is typed there is read instead of the file's cell."""
    session = state.current()
    text, part = session.text, plan.sheets[at]
    positions = [p for p in sorted(part.columns) if p < len(part.headers) - bool(part.made_of)]
    headers = {p: part.headers[p] for p in positions if part.headers.count(part.headers[p]) == 1}
    lines = [
        {"#": row + 1, "!": " ".join(problem_sentence(p, text) for p in found)}
        | {header: part.raw.columns[p].text(row) for p, header in headers.items()}
        for row, found in rows.items()
    ]
    edited = st.data_editor(
        lines,
        key=f"mend_{session.workspace_id}_{at}",
        hide_index=True,
        width="stretch",
        column_config={
            "#": st.column_config.NumberColumn(text("problem.list.row"), disabled=True, pinned=True),
            "!": st.column_config.TextColumn(text("problem.list.message"), disabled=True, width="large"),
            **{header: st.column_config.TextColumn(header) for header in headers.values()},
        },
    )
    changed = {
        str(before["#"]): {
            header: str(after[header] or "") for header in headers.values() if (after[header] or "") != before[header]
        }
        for before, after in zip(lines, edited, strict=True)
    }
    changed = {row: cells for row, cells in changed.items() if cells}
    count = sum(map(len, changed.values()))
    st.button(
        text("data.mend.apply", n=count),
        disabled=not count,
        on_click=_mended,
        args=(plan, at, changed),
        key="mend_apply",
        type="primary",
        icon=":material/check:",
    )


def _mended(plan: Plan, at: int, changed: dict[str, dict[str, str]]) -> None:
    workspace, part = state.current().workspace, plan.sheets[at]
    sheet = next(s for s in workspace.sheets if (s.file, s.label) == (part.file, part.sheet))
    said = choice_of(sheet, workspace.choices) or SheetChoice()
    cells = {row: dict(words) for row, words in said.cells.items()}
    for row, words in changed.items():
        cells.setdefault(row, {}).update(words)
    sheets = {**workspace.choices.sheets, f"{sheet.file}/{sheet.label}": said.model_copy(update={"cells": cells})}
    _again(workspace.choices.model_copy(update={"sheets": sheets}))


def _policies(choices: Choices) -> None:
    """What happens to rows with the same key, and which comes first, day or month."""
    session = state.current()
    text = session.text
    twice = [p.column.split(".")[0] for p in session.portfolio.problems if p.code == "duplicate"]
    for name in dict.fromkeys(twice):
        options = ["first", "last", "sum"]
        st.segmented_control(
            text("data.mend.duplicates", n=twice.count(name), table=TABLES[name].label(text.language)),
            options,
            default=choices.duplicates.get(name, "first"),
            format_func=lambda option: text(f"data.mend.{option}"),
            key=f"duplicates_{name}_{session.workspace_id}",
            on_change=_policy,
            args=(name, f"duplicates_{name}_{session.workspace_id}"),
            required=True,
        )
    if any(p.code == "date_order_guessed" for p in session.portfolio.problems) or choices.day_first is not None:
        key = f"day_first_{session.workspace_id}"
        st.segmented_control(
            text("data.mend.dates"),
            ["month", "day"],
            default="day" if choices.day_first else "month",
            format_func=lambda option: text(f"data.mend.{option}_first"),
            key=key,
            on_change=_day_first,
            args=(key,),
            required=True,
        )


def _policy(name: str, key: str) -> None:
    choices = state.current().workspace.choices
    duplicates = {**choices.duplicates, name: st.session_state[key]}
    _again(choices.model_copy(update={"duplicates": duplicates}))


def _day_first(key: str) -> None:
    choices = state.current().workspace.choices
    _again(choices.model_copy(update={"day_first": st.session_state[key] == "day"}))


def _alike(workspace: state.Workspace) -> None:
    """One button for each word with a likely meaning: all its cells at once."""
    text = state.current().text
    for n, question in enumerate(q for q in workspace.questions if q.kind == "word" and q.suggestion):
        table_name, name = question.target.split(".")
        key = text.term(TABLES[table_name].by_name[name].vocabulary, question.suggestion)
        st.button(
            text("data.mend.alike", value=plain(question.value), meaning=plain(key), n=question.count),
            on_click=_word,
            args=(question.target, question.value, question.suggestion),
            key=f"alike_{n}",
            icon=":material/auto_fix_high:",
        )


def _word(target: str, value: str, key: str) -> None:
    choices = state.current().workspace.choices
    words = {**choices.words, target: {**choices.words.get(target, {}), value: key}}
    _again(choices.model_copy(update={"words": words}))
