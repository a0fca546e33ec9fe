"""Uploading: files in, what the program understood, what only the user can say, and the result."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.intake import Choices, IntakeError, Plan, Question, RawSheet, build, propose, read_file
from core.intake.matching import SheetChoice, SheetPlan, plan_sheet
from core.narrative import intake_sentence
from core.tables import REASONS, TABLES, every_column
from ui import state
from ui.widgets import plain

_CURRENCIES = ("", "CNY", "USD", "EUR", "TWD", "HKD", "GBP", "JPY", "SGD")
_TYPES = ("xlsx", "xlsm", "xls", "xlsb", "ods", "csv", "tsv", "txt")


@dataclass(frozen=True)
class Draft:
    """Files read but not yet taken over: the sheets, their bytes by name, and what the user said."""

    sheets: tuple[RawSheet, ...]
    files: dict[str, bytes]
    choices: Choices


def upload() -> None:
    """The uploader; what is confident goes straight in, the rest into the form below."""
    session = state.current()
    text = session.text
    turn = st.session_state.setdefault("upload_turn", 0)
    st.markdown(text("data.upload.help"))
    if session.workspace_id not in state.BUILT_IN and session.workspace.sheets:
        st.checkbox(text("data.upload.add"), key="upload_add", value=True)
    given = st.file_uploader(
        text("data.upload.label"),
        type=list(_TYPES),
        accept_multiple_files=True,
        key=f"upload_{turn}",
        help=text("data.upload.limits", mb=int(session.config.limits.file_mb)),
    )
    if given and st.session_state.get("upload_seen") != (turn, tuple(f.file_id for f in given)):
        st.session_state["upload_seen"] = (turn, tuple(f.file_id for f in given))
        _read({file.name: file.getvalue() for file in given})
    error = st.session_state.get("upload_error")
    if error:
        st.error(plain(intake_sentence(error[0], error[1], error[2], text)), icon=":material/error:")
    draft = st.session_state.get("draft")
    if draft is not None:
        _form(draft)


def _read(files: dict[str, bytes]) -> None:
    """Read files into a draft; take it over at once where nothing is left to ask."""
    session = state.current()
    st.session_state.pop("upload_error", None)
    st.session_state.pop("draft", None)
    keep = (
        session.workspace if st.session_state.get("upload_add") and session.workspace_id not in state.BUILT_IN else None
    )
    choices = keep.choices if keep else Choices()
    try:
        with st.spinner(session.text("data.upload.reading")):
            sheets = tuple(
                sheet
                for name, data in files.items()
                for sheet in read_file(name, data, session.config.limits, choices.encodings.get(name, ""))
            )
    except IntakeError as error:
        st.session_state["upload_error"] = (error.code, error.file, error.detail)
        return
    draft = Draft((*(keep.sheets if keep else ()), *sheets), files, choices)
    plan = propose(draft.sheets, draft.choices)
    if plan.questions or any(part.table is None for part in plan.sheets):
        st.session_state["draft"] = draft
    elif _take(draft):
        st.rerun()


def _take(draft: Draft) -> bool:
    """Build the portfolio and open it; False with a message where that fails, the data untouched."""
    try:
        portfolio, questions = build(propose(draft.sheets, draft.choices))
    except IntakeError as error:
        st.session_state["upload_error"] = (error.code, error.file, error.detail)
        return False
    name = state.store().put(state.Workspace(portfolio, draft.sheets, draft.choices, questions))
    st.session_state["next_workspace"] = name
    st.session_state["upload_turn"] += 1
    for key in ("draft", "upload_error"):
        st.session_state.pop(key, None)
    return True


def _form(draft: Draft) -> None:
    """What was understood of each sheet, to correct; then one button."""
    text = state.current().text
    plan = propose(draft.sheets, draft.choices)
    st.subheader(text("data.mapping.title"))
    st.caption(text("data.mapping.help"))
    encodings = _encodings(plan)
    sheets = {}
    for n, (sheet, part) in enumerate(zip(draft.sheets, plan.sheets, strict=True)):
        sheets[f"{sheet.file}/{sheet.label}"] = _sheet(
            n,
            sheet,
            part,
            sure=not any(q.sheet == sheet.label and q.kind in ("sheet", "column") for q in plan.questions),
        )
    reasons = _reasons(plan)
    left, right = st.columns([1, 1])
    if left.button(
        text("data.mapping.confirm"), type="primary", key="mapping_confirm", icon=":material/check:", width="stretch"
    ):
        said = Choices(
            sheets=sheets,
            reasons={**draft.choices.reasons, **reasons},
            settings=draft.choices.settings,
            encodings={**draft.choices.encodings, **encodings},
        )
        again = _decoded_again(draft, encodings)
        if _take(Draft(again, draft.files, said)):
            st.rerun()
        st.rerun()
    if right.button(text("data.mapping.cancel"), key="mapping_cancel", width="stretch"):
        st.session_state.pop("draft", None)
        st.session_state["upload_turn"] += 1
        st.rerun()


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


def _encodings(plan: Plan) -> dict[str, str]:
    text = state.current().text
    chosen = {}
    sheets = {sheet.file: sheet for sheet in st.session_state["draft"].sheets}
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


def _sheet(n: int, sheet: RawSheet, part: SheetPlan, sure: bool) -> SheetChoice:
    """One sheet: its table, its header row, and what each column is."""
    text = state.current().text
    where = text(f"tables.{part.table}") if part.table else text("data.mapping.skip")
    title = text(
        "data.mapping.sheet",
        sheet=plain(sheet.label),
        rows=text.number(max(sheet.rows - part.header_row - 1, 0)),
        table=where,
        matched=len(part.columns),
        columns=len([h for h in part.headers if h]),
    )
    with st.expander(title, expanded=not sure):
        left, right = st.columns([2, 1])
        options = ["", *TABLES]
        table = left.selectbox(
            text("data.mapping.table"),
            options,
            index=options.index(part.table or ""),
            key=f"map_table_{n}",
            format_func=lambda t: TABLES[t].label(text.language) if t else text("data.mapping.skip"),
        )
        row = right.number_input(
            text("data.mapping.header_row"), 1, max(sheet.rows, 1), part.header_row + 1, key=f"map_row_{n}"
        )
        if not table:
            return SheetChoice(skip=True)
        if table != part.table or row != part.header_row + 1:
            part = plan_sheet(sheet, SheetChoice(table=table, header_row=int(row)))
        labels = {
            f"{TABLES[c.table].label(text.language)} · {c.label(text.language)}": c.id
            for c in every_column()
            if c.table in (table, *part.tables)
            or (table == "customers" and c.table in ("exits", "assessments", "stakeholders"))
        }
        ids = {name: label for label, name in labels.items()}
        unused = text("data.mapping.unused")
        grid = [
            {
                "header": header,
                "example": " · ".join(
                    filter(
                        None,
                        (
                            sheet.columns[p].text(r)
                            for r in range(part.header_row + 1, min(part.header_row + 4, sheet.rows))
                        ),
                    )
                )[:60],
                "target": ids.get(part.columns[p][0], unused) if p in part.columns else unused,
            }
            for p, header in enumerate(part.headers)
            if header
        ]
        edited = st.data_editor(
            grid,
            key=f"map_grid_{n}_{table}_{row}",
            hide_index=True,
            width="stretch",
            column_config={
                "header": st.column_config.TextColumn(text("data.mapping.header"), disabled=True),
                "example": st.column_config.TextColumn(text("data.mapping.example"), disabled=True),
                "target": st.column_config.SelectboxColumn(
                    text("data.mapping.target"), options=[unused, *labels], required=True
                ),
            },
        )
    return SheetChoice(
        table=table, header_row=int(row), columns={line["header"]: labels.get(line["target"]) for line in edited}
    )


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


def settings() -> None:
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
    st.session_state["keep_scenario"] = True
    st.session_state["next_workspace"] = state.with_settings(
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
    st.rerun()
