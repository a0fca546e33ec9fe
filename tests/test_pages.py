"""Every page in every language, on an empty, a partial and the sample portfolio."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from conftest import ROOT, portfolio, stored, take, telco_like
from streamlit.testing.v1 import AppTest

from core.scenario import Setting, encode
from core.store import StoreError
from core.tables import LANGUAGES
from core.workspace import created, pulls
from ui import frame, state


@pytest.fixture
def open_page(monkeypatch):
    def run(page: str, language: str = "en", workspace: str = "sample", scenario: str = "") -> AppTest:
        monkeypatch.setattr(frame, "FIRST", page)
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at.session_state["lang"], at.session_state["ws"], at.session_state["s"] = language, workspace, scenario
        return at.run()

    return run


@pytest.fixture(scope="module")
def partial() -> str:
    data, _ = telco_like()
    found, _ = take("telco.xlsx", data)
    return stored(found)


def told_by(at: AppTest) -> list[dict]:
    """What the page's own elements are told, each table of several apart."""
    told = [json.loads(e.proto.json or "{}") for e in at.get("bidi_component")]
    return [part for data in told for part in (data, *data.get("tables", ()))]


def tables_of(at: AppTest) -> list[pd.DataFrame]:
    """Every table drawn, the long and the short ones."""
    told = told_by(at)
    drawn = told + [rows for data in told for rows in (data.get("fed") or {}).values() if isinstance(data["fed"], dict)]
    short = [pd.DataFrame({c["name"]: c["cells"] for c in data["columns"]}) for data in drawn if data.get("columns")]
    return short + [d.value for d in at.dataframe]


def words_of(at: AppTest) -> str:
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "button")
    drawn = [
        words
        for data in told_by(at)
        for words in (
            data.get("title"),
            data.get("note"),
            *(lever["label"] for lever in json.loads(data.get("levers", "[]"))),
            json.dumps(data.get("banner") or "", ensure_ascii=False)[1:-1],
        )
        if words
    ]
    return "\n".join(
        [
            *(str(getattr(e, "label", "")) + " " + str(getattr(e, "value", "")) for k in kinds for e in getattr(at, k)),
            *drawn,
        ]
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", frame.PAGES)
def test_pages_open_on_empty_partial_and_sample(open_page, partial, page, language):
    for workspace in ("empty", partial, "sample", *(["textbook"] if language == "en" else [])):
        at = open_page(page, language, workspace)
        assert not at.exception, (workspace, at.exception)
        assert at.title[0].value == (state.Text(language)(f"{page}.title"))
        assert not re.search(r"\bnan\b|\bNone\b|\{[a-z_]+\}", words_of(at)), workspace


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", frame.PAGES)
def test_pages_open_with_a_scenario(open_page, page, language):
    levers = state.observed_of(state.built_in("sample", language).portfolio).levers
    values = {spec.id: Setting(spec.low if spec.low != spec.neutral else spec.high) for spec in levers[::7]}
    at = open_page(page, language, "sample", encode(values))
    assert not at.exception and not at.error
    text = state.Text(language)
    assert text("scenario.sentence.whole", changes="§", effects="§").split("§")[0] in words_of(at)


VIEWS = {
    "data": ("data_view", ["sheets", "settings"]),
    "markets": ("markets_view", ["priority", "radar", "power", "owners", "contacts", "flags"]),
    "stages": ("stages_view", ["movement", "projection", "perception", "validity"]),
    "value": ("value_view", ["sensitivity", "headroom", "decomposition", "map"]),
    "churn": ("churn_step", ["loss", "retention", "measures"]),
    "chain": ("chain_view", ["flows", "edit", "list"]),
    "scenarios": ("lab_view", ["list", "lever", "compare", "matters", "futures", "ask", "cross"]),
    "workspace": ("cabinet_view", ["history", "links", "file", "others"]),
    "method": ("method_view", ["formulas", "stages", "chain", "taxonomies", "tables", "glossary"]),
}


@pytest.mark.parametrize("page", list(VIEWS))
def test_every_further_view_opens(open_page, page):
    key, views = VIEWS[page]
    at = open_page(page)
    for view in views:
        at.session_state[key] = view
        at.run()
        assert not at.exception, (view, at.exception)


@pytest.mark.parametrize("taxonomy", ["payne", "gummesson", "morgan_hunt", "layers"])
def test_the_map_regroups(open_page, taxonomy):
    at = open_page("markets")
    at.session_state["taxonomy"] = taxonomy
    at.session_state["show_links"] = True
    assert not at.run().exception


def test_a_choice_shows_its_rows_with_file_sheet_and_row(open_page):
    for page, key, choice in (
        ("churn", "pick_churn", "service"),
        ("markets", "pick_markets", "Huaxin Bank"),
        ("value", "pick_value", "price"),
        ("stages", "pick_account", None),
    ):
        at = open_page(page)
        at.session_state[key] = choice or at.selectbox(key=key).options[0].split()[0]
        at.run()
        assert not at.exception
        table = next(t for t in tables_of(at) if "Sheet" in t)
        assert len(table) and (table["File"] == "sample.en.xlsx").all() and (table["Row"] > 1).all()


def test_a_lever_of_the_link_moves_the_headlines_and_stands_on_the_board(open_page):
    at = open_page("overview")
    levers = at.session_state["session"].observed.levers
    spec = next(s for s in levers if s.target.field == "lost" and "service" in s.target.keys)
    at = open_page("overview", scenario=encode({spec.id: Setting(0.5)}))
    assert not at.exception
    assert "→" in words_of(at)
    board = json.loads(next(e.proto.json for e in at.get("bidi_component") if e.proto.component_name.endswith("board")))
    assert list(board["values"]) == [spec.id] and board["values"][spec.id]["value"] == -50
    assert {lever["id"] for lever in json.loads(board["levers"])} >= {spec.id}


def test_a_changed_baseline_does_not_leave_a_silent_scenario(open_page, partial):
    at = open_page("overview")
    assert at.session_state["s"] == ""
    at.session_state["ws"] = partial
    at.run()
    assert at.session_state["session"].values == {} and not at.session_state["session"].outcome.changed


def test_a_link_to_data_that_is_not_here_says_so(open_page):
    at = open_page("churn", workspace="gone-elsewhere")
    assert "not on this server" in at.warning[0].value and not at.exception
    next(b for b in at.button if b.key == "open_sample_missing").click().run()
    assert at.session_state["ws"] == "sample" and not at.exception


def test_levers_that_do_not_fit_are_listed(open_page):
    at = open_page("overview", scenario="deadbeef_0.5")
    assert "deadbeef" in at.warning[0].value.replace("\\", "")


def _page_with_a_switch():
    import streamlit as st

    from ui import link, state

    link.take()
    state.begin()
    st.button("", on_click=state.switch_language, args=("zh-Hans",), key="switch")


def test_the_language_switch_carries_the_samples_scenario(open_page):
    levers = state.observed_of(state.built_in("sample", "en").portfolio).levers
    spec = next(s for s in levers if s.target.topic == "value" and s.target.field == "probability")
    at = AppTest.from_function(_page_with_a_switch)
    at.session_state["lang"], at.session_state["ws"] = "en", "sample"
    at.session_state["s"] = encode({spec.id: Setting(0.5)})
    before = at.run().session_state["session"].outcome.scenario.value.our_ratio
    at.button(key="switch").click().run()
    after = at.session_state["session"]
    assert after.text.language == "zh-Hans" and len(after.values) == 1 and after.refused == ()
    assert after.outcome.scenario.value.our_ratio == pytest.approx(float(before))


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n0000", b"a\n1\n2", b"PK\x03\x04broken"])
def test_a_wrong_upload_leaves_the_earlier_data(open_page, data):
    at = open_page("data")
    at.get("file_uploader")[0].upload("bad.xlsx", data, "application/octet-stream")
    at.run()
    assert not at.exception and "bad" in (at.error[0].value if at.error else "bad")
    assert at.session_state["ws"] == "sample" and at.session_state["session"].portfolio.tables


def test_user_text_is_never_markup(open_page):
    evil = ":red[x] <b>y</b> $z$ [a](b)"
    found = portfolio(
        stakeholders=[
            {
                "stakeholder": evil,
                "market": "supplier",
                "trust": 3,
                "commitment": 3,
                "desired_strength": 9,
                "value_received": 10,
            }
        ]
    )
    at = open_page("overview", workspace=stored(found))
    assert not at.exception
    assert all(":red[x]" not in m.value for m in at.markdown)


@pytest.fixture(scope="module")
def own(sample) -> str:
    """The sample as a workspace of one's own, with a scenario that holds a range and one derived from it."""
    name = stored(sample)
    head = state.store().head(name)
    observed = state.observed_of(state.workspace_of(head.document).portfolio)
    spec = next(s for s in observed.levers if s.target.field == "lost")
    document, parent = created(head.document, "Plan", pulls({spec.id: Setting(0.8, 0.6, 1.0)}, observed.levers))
    document, _ = created(document, "Child", pulls({spec.id: Setting(0.5)}, observed.levers), parent)
    state.store().append(name, head.number, document, "scenario_new", "Ann")
    return name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["scenarios", "workspace"])
def test_every_panel_opens_in_a_workspace_of_ones_own_and_where_data_are_few(open_page, own, partial, page, language):
    key, views = VIEWS[page]
    lean = stored(portfolio(customers=[{"customer": f"c{n}", "revenue": 10.0} for n in range(5)]))
    for workspace in (own, partial, lean, "textbook", "empty"):
        at = open_page(page, language, workspace)
        for view in views:
            at.session_state[key] = view
            at.run()
            assert not at.exception, (workspace, view, at.exception)
            assert not re.search(r"\bnan\b|\bNone\b|\{[a-z_]+\}", words_of(at)), (workspace, view)


@pytest.mark.parametrize("measure", ["churn_rate", "our_ratio", "gap_value"])
def test_the_lab_looks_at_any_result(open_page, own, measure):
    at = open_page("scenarios", workspace=own)
    for view in ("matters", "futures", "cross"):
        at.session_state["lab_view"] = view
        at.session_state[{"cross": "grid_measure"}.get(view, f"{view}_measure")] = measure
        assert not at.run().exception, view


@pytest.mark.parametrize("question", ["churn", "profit", "budget", "next", "accounts", "lever"])
def test_every_question_is_answered_in_words(open_page, own, question):
    at = open_page("scenarios", workspace=own)
    levers = at.session_state["session"].observed.levers
    at.session_state["lab_view"], at.session_state["ask"] = "ask", question
    at.session_state["seek_lever"] = next(spec.id for spec in levers if spec.target.field == "lost")
    at.run()
    assert not at.exception and any(re.search(r"\d", m.value) for m in at.markdown)


def test_a_lever_is_set_again_and_again_by_its_form(open_page):
    at = open_page("scenarios")
    at.session_state["lab_view"] = "lever"
    at.run()
    spec = next(s for s in at.session_state["session"].observed.levers if s.target.field == "retention_spend")
    for amount in (50_000.0, 70_000.0, 90_000.0):
        at.selectbox(key="lever_pick").set_value(spec.id).run()
        next(n for n in at.number_input if n.key.endswith("_likely")).set_value(amount)
        next(b for b in at.button if b.label == "Set the lever").click().run()
        assert not at.exception and not at.error
        assert at.session_state["session"].settings[spec.id] == Setting(amount)


def test_a_store_that_cannot_be_reached_is_said_and_the_sample_still_opens(open_page, own, monkeypatch):
    def unreachable():
        raise StoreError("unreachable")

    monkeypatch.setattr(state, "store", unreachable)
    at = open_page("workspace", workspace=own)
    assert not at.exception and "store.url" in at.warning[0].value
    assert not open_page("overview").exception


def test_history_names_time_author_and_change(open_page, own):
    at = open_page("workspace", workspace=own)
    rows = next(t for t in tables_of(at) if "Changed" in t)
    assert rows["Who"].iloc[0] == "Ann" and "Plan" in rows["Changed"].iloc[0]
