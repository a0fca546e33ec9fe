"""Uploading: files in, what the program understood, what only the user can say, and what it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from core.config import ConfigError
from core.intake import Choices, IntakeError, Plan, Question, RawSheet, build, parse_choices, propose, read_file
from core.intake.comparing import Change, changes
from core.intake.headers import find_header
from core.intake.matching import SheetChoice, SheetPlan, choice_of, plan_sheet, shape_of, upright
from core.listings import change_rows
from core.narrative import intake_sentence
from core.tables import REASONS, TABLES, VOCABULARIES, every_column
from ui import saving, state
from ui.widgets import plain

_TYPES = ("xlsx", "xlsm", "xls", "xlsb", "ods", "csv", "tsv", "txt", "yaml", "yml")
_PREVIEW = 6


@dataclass(frozen=True)
class Draft:
    """Files read but not yet taken over: the new sheets, their bytes by name, and what the user said."""

    sheets: tuple[RawSheet, ...]
    files: dict[str, bytes]
    choices: Choices


def upload() -> None:
    """The uploader; what is confident goes straight in, the rest into the form below."""
    session = state.current()
    text = session.text
    turn = st.session_state.setdefault("upload_turn", 0)
    given = st.file_uploader(
        text("data.upload.label"),
        type=list(_TYPES),
        accept_multiple_files=True,
        key=f"upload_{turn}",
    )
    if given and st.session_state.get("upload_seen") != (turn, tuple(f.file_id for f in given)):
        st.session_state["upload_seen"] = (turn, tuple(f.file_id for f in given))
        _read({file.name: file.getvalue() for file in given}, {})
    error = st.session_state.get("upload_error")
    if error:
        st.error(plain(intake_sentence(error[0], error[1], error[2], text)), icon=":material/error:")
        if error[0] in ("encrypted", "wrong_password"):
            _password(error[1])
    draft = st.session_state.get("draft")
    if draft is not None:
        _form(draft)


def _password(file: str) -> None:
    """Ask for the password of a protected workbook, and read the files again with it."""
    text = state.current().text
    files, passwords = st.session_state["protected"]
    with st.form("password"):
        given = st.text_input(text("data.upload.password", file=plain(file)), type="password", key="password_text")
        asked = st.form_submit_button(text("data.upload.open"), icon=":material/lock_open:")
    if asked and given:
        _read(files, {**passwords, file: given})
        st.rerun()


def _discard() -> None:
    """Forget the files given; only from a callback."""
    for key in ("draft", "upload_error", "protected", "preview"):
        st.session_state.pop(key, None)
    st.session_state["upload_turn"] += 1


def _own_sheets() -> tuple[RawSheet, ...]:
    """The sheets of the user's own workspace, none for the sample."""
    session = state.current()
    return session.workspace.sheets if session.writable else ()


def _read(files: dict[str, bytes], passwords: dict[str, str]) -> None:
    """Read files into a draft; take it over at once where nothing is left to ask or to lose."""
    session = state.current()
    text = session.text
    for key in ("upload_error", "draft", "preview"):
        st.session_state.pop(key, None)
    place = st.empty()
    with place.container(border=True):
        bar = st.progress(0.0)
        st.button(text("data.upload.cancel"), on_click=_discard, key="upload_cancel")
    known = dict(st.session_state.get("mappings", {}))
    own = session.workspace.choices if _own_sheets() else Choices()
    # a mend belongs to the rows of the file it was made in, not to a new file of the same name
    said = {
        name: choice.model_copy(update={"cells": {}}) if name.split("/")[0] in files else choice
        for name, choice in own.sheets.items()
    }
    choices = own.model_copy(update={"sheets": {**known, **said}})
    sheets: list[RawSheet] = []
    try:
        for n, (name, data) in enumerate(files.items()):
            words = text("data.upload.step", file=plain(name), n=n + 1, total=len(files))
            bar.progress(n / (len(files) + 1), words)
            if name.lower().endswith((".yaml", ".yml")):
                choices = _with(choices, parse_choices(data.decode("utf-8", "replace"), name))
                continue
            sheets.extend(
                read_file(
                    name,
                    data,
                    session.config.limits,
                    choices.encodings.get(name, ""),
                    passwords.get(name, ""),
                    # every sign of life is a chance for the cancel button to end the child
                    watch=partial(bar.progress, n / (len(files) + 1), words),
                )
            )
        bar.progress(len(files) / (len(files) + 1), text("data.upload.matching"))
        if not sheets:
            raise IntakeError("only_choices", next(iter(files)))
        draft = Draft(tuple(sheets), files, choices)
        plan = propose(draft.sheets, draft.choices)
    except IntakeError as error:
        st.session_state["upload_error"] = (error.code, error.file, error.detail)
        st.session_state["protected"] = (files, passwords)
        place.empty()
        return
    except ConfigError as error:
        st.session_state["upload_error"] = ("choices", next(iter(files)), {"error": str(error)})
        place.empty()
        return
    if plan.questions or any(part.table is None for part in plan.sheets) or _own_sheets():
        st.session_state["draft"] = draft
        place.empty()
    elif _take(draft.sheets, draft.choices):
        st.rerun()


def _with(one: Choices, two: Choices) -> Choices:
    """Two sets of choices, the second winning."""
    return one.model_copy(
        update={
            "sheets": {**one.sheets, **two.sheets},
            "reasons": {**one.reasons, **two.reasons},
            "settings": {**one.settings, **two.settings},
            "encodings": {**one.encodings, **two.encodings},
            "words": {**one.words, **two.words},
            "duplicates": {**one.duplicates, **two.duplicates},
            "day_first": one.day_first if two.day_first is None else two.day_first,
        }
    )


def _take(sheets: tuple[RawSheet, ...], choices: Choices) -> bool:
    """Build the portfolio and open it; False with a message where that fails, the data untouched."""
    try:
        name = saving.take_over(sheets, choices)
    except IntakeError as error:
        st.session_state["upload_error"] = (error.code, error.file, error.detail)
        return False
    except ConfigError as error:
        st.session_state["upload_error"] = ("choices", sheets[0].file, {"error": str(error)})
        return False
    if not name:
        return False
    st.session_state["next_workspace"] = name
    st.session_state["keep_scenario"] = name == state.current().workspace_id
    remembered = st.session_state.setdefault("mappings", {})
    for sheet in map(upright, sheets):
        said = choice_of(sheet, choices)
        if said is not None and (said.columns or said.skip):
            shape = shape_of(find_header(sheet, said.header_row - 1 if said.header_row else None).names)
            remembered[shape] = said.model_copy(update={"cells": {}})
    _discard()
    return True


def _form(draft: Draft) -> None:
    """What was understood of each sheet, to correct; what it changes; then one button."""
    text = state.current().text
    plan = propose(draft.sheets, draft.choices)
    st.subheader(text("data.mapping.title"))
    st.caption(text("data.mapping.help"))
    encodings = _encodings(draft, plan)
    sheets = {}
    for n, sheet in enumerate(draft.sheets):
        parts = [part for part in plan.sheets if (part.file, part.sheet) == (sheet.file, sheet.label)]
        unsure = any(
            q.file == sheet.file and q.sheet == sheet.label and q.kind in ("sheet", "column") for q in plan.questions
        )
        said = _sheet(n, sheet, parts, choice_of(sheet, draft.choices), sure=not unsure)
        if said is not None:
            sheets[f"{sheet.file}/{sheet.label}"] = said
    reasons = _reasons(plan)
    words = _words(plan)
    said_all = _with(draft.choices, Choices(sheets=sheets, reasons=reasons, words=words, encodings=encodings))
    new = _decoded_again(draft, encodings)
    whole, said_all = _together(new, said_all)
    left, right = st.columns([1, 1])
    if left.button(
        text("data.mapping.confirm"), type="primary", key="mapping_confirm", icon=":material/check:", width="stretch"
    ):
        _take(whole, said_all)
        st.rerun()
    right.button(text("data.mapping.cancel"), key="mapping_cancel", width="stretch", on_click=_discard)


def _together(new: tuple[RawSheet, ...], choices: Choices) -> tuple[tuple[RawSheet, ...], Choices]:
    """The new sheets with the user's earlier ones: added to, updating or replacing them, with the changes shown."""
    earlier = _own_sheets()
    if not earlier:
        return new, choices
    text = state.current().text
    how = st.radio(
        text("data.together.title"),
        ["add", "update", "replace"],
        format_func=lambda h: text(f"data.together.{h}"),
        captions=[text(f"data.together.{h}_help") for h in ("add", "update", "replace")],
        key="together",
        horizontal=True,
    )
    whole, choices = _joined(earlier, new, choices, how)
    found = _preview(whole, choices)
    if found is None:
        st.caption(text("data.together.unknown"))
    else:
        st.markdown(f"**{text('data.together.changes')}**")
        st.dataframe(change_rows(found, text), hide_index=True, key="changes", alt=text("data.together.changes"))
    return whole, choices


def _joined(
    earlier: tuple[RawSheet, ...], new: tuple[RawSheet, ...], choices: Choices, how: str
) -> tuple[tuple[RawSheet, ...], Choices]:
    names = {sheet.file for sheet in new}
    if how == "replace":
        return new, choices.model_copy(update={"files": "add"})
    if how == "add":  # the same file again takes the place of the earlier one
        kept = tuple(sheet for sheet in earlier if sheet.file not in names)
        return (*kept, *new), choices.model_copy(update={"files": "add"})
    said = dict(choices.sheets)
    renamed = []
    for sheet in earlier:
        older = replace(sheet, file=f"{sheet.file} · 1") if sheet.file in names else sheet
        before = choice_of(sheet, state.current().workspace.choices)
        if older is not sheet and before is not None:
            said[f"{older.file}/{older.label}"] = before
        renamed.append(older)
    return (*renamed, *new), choices.model_copy(update={"files": "update", "sheets": said})


def _preview(sheets: tuple[RawSheet, ...], choices: Choices) -> tuple[Change, ...] | None:
    """What taking over would change; kept until a choice changes, since large files take a while to check."""
    key = (choices.model_dump_json(), tuple((sheet.file, sheet.name, sheet.rows) for sheet in sheets))
    held = st.session_state.get("preview")
    if held is None or held[0] != key:
        try:
            portfolio, _ = build(propose(sheets, choices))
            held = (key, changes(state.current().portfolio, portfolio))
        except (IntakeError, ConfigError):
            held = (key, None)
        st.session_state["preview"] = held
    found: tuple[Change, ...] | None = held[1]
    return found


def _decoded_again(draft: Draft, encodings: dict[str, str]) -> tuple[RawSheet, ...]:
    """The sheets with text files read again where the user chose the other encoding."""
    limits = state.current().config.limits
    sheets: list[RawSheet] = []
    for sheet in draft.sheets:
        wanted = encodings.get(sheet.file, sheet.encoding)
        if wanted != sheet.encoding and sheet.file in draft.files:
            sheets.extend(read_file(sheet.file, draft.files[sheet.file], limits, wanted))
        else:
            sheets.append(sheet)
    return tuple(sheets)


def _encodings(draft: Draft, plan: Plan) -> dict[str, str]:
    text = state.current().text
    chosen = {}
    sheets = {sheet.file: sheet for sheet in draft.sheets}
    for n, question in enumerate(q for q in plan.questions if q.kind == "encoding"):
        sheet = sheets[question.file]
        other = question.value.encode(sheet.encoding).decode(sheet.other_reading, errors="replace")
        names = {
            sheet.encoding: plain(f"{question.value} ({sheet.encoding})"),
            sheet.other_reading: plain(f"{other} ({sheet.other_reading})"),
        }
        chosen[question.file] = st.radio(
            text("data.mapping.encoding", file=plain(question.file)),
            list(names),
            format_func=names.__getitem__,
            key=f"encoding_{n}",
        )
    return chosen


def _sheet(n: int, sheet: RawSheet, parts: list[SheetPlan], said: SheetChoice | None, sure: bool) -> SheetChoice | None:
    """One sheet: its table, its header, a preview, and what each column is; None where nothing was said."""
    text, sheet = state.current().text, upright(sheet)
    part = parts[0]
    where = text(f"tables.{part.table}") if part.table else text("data.mapping.skip")
    title = text(
        "data.mapping.sheet",
        sheet=plain(sheet.label),
        rows=text.number(max(sheet.rows - part.header.first_row, 0)),
        table=where,
        matched=len(part.columns),
        columns=len([h for h in part.headers if h]),
    )
    with st.expander(title, expanded=not sure):
        if part.wide is not None or len(parts) > 1:
            for one in parts:
                if one.wide is not None:
                    words = ", ".join(dict.fromkeys(one.wide.columns.values()))[:80]
                    st.caption(plain(text(f"problem.wide_{one.wide.kind}", count=len(one.wide.columns), value=words)))
            if part.wide is None:
                tables = (TABLES[one.table].label(text.language) for one in parts if one.table)
                st.caption(plain(text("data.mapping.split", tables=text.listed(list(tables)))))
            if not st.toggle(text("data.mapping.by_hand"), key=f"map_hand_{n}"):
                return said
        left, middle, right = st.columns([3, 1, 1])
        options = ["", *TABLES]
        table = left.selectbox(
            text("data.mapping.table"),
            options,
            index=options.index(part.table or ""),
            key=f"map_table_{n}",
            format_func=lambda t: TABLES[t].label(text.language) if t else text("data.mapping.skip"),
        )
        guess = find_header(sheet, said.header_row - 1 if said and said.header_row else None)
        row = middle.number_input(
            text("data.mapping.header_row"), 1, max(sheet.rows, 1), guess.top + 1, key=f"map_row_{n}"
        )
        here = find_header(sheet, int(row) - 1)
        height = right.number_input(
            text("data.mapping.header_rows"), 1, 3, min(here.height, 3), key=f"map_height_{n}_{row}"
        )
        if not table:
            return SheetChoice(skip=True)
        chosen = SheetChoice(table=table, header_row=int(row), header_rows=int(height))
        if table != part.table or (row - 1, height) != (part.header.top, part.header.height) or part.wide is not None:
            part = plan_sheet(sheet, chosen)[0]
        st.dataframe(
            list(_lines(sheet, part)), hide_index=True, key=f"map_preview_{n}", alt=text("data.mapping.preview")
        )
        labels = {
            f"{TABLES[c.table].label(text.language)} · {c.label(text.language)}": c.id
            for c in every_column()
            if c.table in (table, *part.tables)
            or (table == "customers" and c.table in ("exits", "assessments", "stakeholders"))
        }
        ids = {name: label for label, name in labels.items()}
        unused = text("data.mapping.unused")
        edited = st.data_editor(
            [
                {
                    "header": header,
                    "target": ids.get(part.columns[p][0], unused) if p in part.columns else unused,
                    "sure": text.percent(part.columns[p][1], 0) if p in part.columns else "",
                }
                for p, header in enumerate(part.headers)
                if header
            ],
            key=f"map_grid_{n}_{table}_{row}_{height}",
            hide_index=True,
            width="stretch",
            column_config={
                "header": st.column_config.TextColumn(text("data.mapping.header"), disabled=True),
                "target": st.column_config.SelectboxColumn(
                    text("data.mapping.target"), options=[unused, *labels], required=True
                ),
                "sure": st.column_config.TextColumn(text("data.mapping.sure"), disabled=True, alignment="right"),
            },
        )
    columns = {str(line["header"]): labels.get(str(line["target"])) for line in edited}
    return chosen.model_copy(update={"columns": columns, "cells": said.cells if said else {}})


def _lines(sheet: RawSheet, part: SheetPlan) -> Iterator[dict[str, str]]:
    """The first rows as they will be read, under the names of the header."""
    first = part.header.first_row
    for row in range(first, min(first + _PREVIEW, sheet.rows)):
        cells = part.raw.line(row) if row < part.raw.rows else ()
        yield {"#": str(row + 1)} | {
            f"{name or '#'} · {p + 1}" if not name or part.headers.count(name) > 1 else name: cell
            for p, (name, cell) in enumerate(zip(part.headers, cells, strict=False))
        }


def _reasons(plan: Plan) -> dict[str, str]:
    """The firm's own words for why customers leave, each with the suggested key to confirm."""
    text = state.current().text
    asked: list[Question] = [q for q in plan.questions if q.kind == "reason"]
    if not asked:
        return {}
    st.markdown(f"**{text('data.reasons.title', n=len(asked))}**")
    st.caption(text("data.reasons.help"))
    names = {text.term("reason", reason): reason for reason in REASONS}
    edited = st.data_editor(
        [{"text": q.value, "count": q.count, "reason": text.term("reason", q.suggestion)} for q in asked],
        key="reason_grid",
        hide_index=True,
        width="stretch",
        column_config={
            "text": st.column_config.TextColumn(text("data.reasons.text"), disabled=True),
            "count": st.column_config.NumberColumn(text("data.reasons.count"), disabled=True),
            "reason": st.column_config.SelectboxColumn(text("data.reasons.reason"), options=list(names), required=True),
        },
    )
    return {str(line["text"]): names[str(line["reason"])] for line in edited}


def _words(plan: Plan) -> dict[str, dict[str, str]]:
    """Words that a column with fixed entries does not know, each with the nearest entry to confirm."""
    text = state.current().text
    found: dict[str, dict[str, str]] = {}
    for target in dict.fromkeys(q.target for q in plan.questions if q.kind == "word"):
        asked = [q for q in plan.questions if q.kind == "word" and q.target == target]
        column = TABLES[target.split(".")[0]].by_name[target.split(".")[1]]
        keys = tuple(VOCABULARIES[column.vocabulary]) if column.type == "choice" else ("yes", "no")
        names = {
            text.term(column.vocabulary, key) if column.type == "choice" else text(f"data.words.{key}"): key
            for key in keys
        }
        shown = {key: name for name, key in names.items()}
        unknown = text("data.words.unknown")
        st.markdown(f"**{text('data.words.title', n=len(asked), column=column.label(text.language))}**")
        edited = st.data_editor(
            [{"text": q.value, "count": q.count, "key": shown.get(q.suggestion, unknown)} for q in asked],
            key=f"words_{target}",
            hide_index=True,
            width="stretch",
            column_config={
                "text": st.column_config.TextColumn(text("data.reasons.text"), disabled=True),
                "count": st.column_config.NumberColumn(text("data.reasons.count"), disabled=True),
                "key": st.column_config.SelectboxColumn(
                    text("data.reasons.reason"), options=[unknown, *names], required=True
                ),
            },
        )
        said = {str(line["text"]): names[str(line["key"])] for line in edited if line["key"] in names}
        if said:
            found[target] = said
    return found
