"""Workspaces as a user meets them: saved at once, safe from kill -9, shared, told apart, moved as a file."""

from __future__ import annotations

import io
import json
import re
import signal
import zipfile

import pytest
from conftest import CHROMIUM, DATA, needs, stored
from driving import href, open_page, pull, ready, slider, stands, start_server, stop_server, value_of
from hypothesis import given, settings
from hypothesis import strategies as st

from core.export.workspace import WorkspaceFileError, build_workspace, parse_workspace
from core.models import draws, observe_all, scenarios
from core.scenario import Setting, encode, fitted
from core.workspace import (
    Document,
    Pull,
    copied,
    created,
    differences,
    edited,
    levers_in,
    merged,
    parse_scenario,
    parse_scenarios,
    pulls,
    scenario_yaml,
    with_levers,
)
from ui import state

EXITS = Pull(topic="churn", field="lost", keys=("*", "service"), operation="multiply", value=0.5)
TRUST = Pull(topic="markets", field="trust", keys=("market:supplier",), operation="add", value=1.0, low=0.5, high=2.0)


# The document -----------------------------------------------------------------------------------


def test_a_child_inherits_overrides_and_lets_go():
    document, parent = created(Document(), "Parent", {"a": EXITS, "b": TRUST})
    document, child = created(document, "Child", {"a": EXITS, "b": TRUST}, parent)
    assert document.scenarios[child].levers == {}
    stronger = EXITS.model_copy(update={"value": 0.3})
    document = with_levers(document, child, {"a": stronger})
    assert document.scenarios[child].levers == {"a": stronger, "b": None}
    document = with_levers(document, parent, {"a": EXITS, "b": TRUST, "c": TRUST})
    assert levers_in(document, child) == {"a": stronger, "c": TRUST}
    document, twin = copied(document, child, "Twin")
    assert levers_in(document, twin) == levers_in(document, child)


def test_a_scenario_never_inherits_from_itself():
    document, one = created(Document(), "One", {})
    with pytest.raises(ValueError, match="itself"):
        edited(document, one, parent=one)
    with pytest.raises(ValueError, match="not in this workspace"):
        edited(document, one, parent="gone")


def test_two_writers_merge_and_what_both_changed_is_named():
    base, key = created(Document(), "Plan", {"a": EXITS})
    mine = edited(with_levers(base, key, {"a": EXITS.model_copy(update={"value": 0.3})}), key, name="Mine")
    theirs = edited(
        with_levers(base, key, {"a": EXITS.model_copy(update={"value": 0.7}), "b": TRUST}), key, description="d"
    )
    together, clashes = merged(base, mine, theirs)
    held = together.scenarios[key]
    assert (held.name, held.description) == ("Mine", "d")
    assert held.levers["a"].value == 0.3 and held.levers["b"] == TRUST
    assert [clash.path for clash in clashes] == [("scenarios", key, "levers", "a")]


keys, values = st.sampled_from("abc"), st.sampled_from([0.2, 0.4, 0.6])
levers_ = st.dictionaries(keys, values.map(lambda v: EXITS.model_copy(update={"value": v})), max_size=3)


@given(levers_, levers_, levers_)
def test_merging_keeps_every_change_that_only_one_made(base, mine, theirs):
    start, key = created(Document(), "x", base)
    own, other = with_levers(start, key, mine), with_levers(start, key, theirs)
    together, _ = merged(start, own, other)
    for lever in "abc":
        changed = base.get(lever) != mine.get(lever)
        expected = mine.get(lever) if changed else theirs.get(lever)
        assert levers_in(together, key).get(lever) == expected


def test_differences_name_the_place():
    before, key = created(Document(), "x", {})
    after = with_levers(before, key, {"a": EXITS})
    (found,) = differences(before.model_dump(mode="json"), after.model_dump(mode="json"))
    assert found.path == ("scenarios", key, "levers", "a") and found.after["value"] == 0.5


def test_a_scenario_as_a_file_comes_back():
    document, key = created(Document(), "Plan: =1+1", {"a": EXITS, "b": TRUST}, description="why")
    back = parse_scenario(scenario_yaml(document.scenarios[key], levers_in(document, key)), "s.yaml")
    assert (back.name, back.description) == ("Plan: =1+1", "why")
    assert [lever.target for lever in back.levers] == [EXITS.lever().target, TRUST.lever().target]
    assert back.levers[1].setting == Setting(1.0, 0.5, 2.0)


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_every_lever_of_the_samples_scenarios_fits_the_sample(language):
    words = (DATA / f"sample.{language}.scenarios.yaml").read_text(encoding="utf-8")
    observed = state.observed_of(state.built_in("sample", language).portfolio)
    for scenario in parse_scenarios(words, "sample"):
        kept, strangers = fitted(scenario.levers, observed.levers)
        assert scenario.levers and len(kept) == len(scenario.levers) and not strangers


# The file ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def packed(sample, config):
    """A workspace file of the sample with a scenario, and the futures it had."""
    name = stored(sample)
    head = state.store().head(name)
    observed = observe_all(sample, config)
    spec = next(s for s in observed.levers if s.target.field == "lost")
    document, _ = created(head.document, "Plan", pulls({spec.id: Setting(0.8, 0.6, 1.0)}, observed.levers))
    document = document.model_copy(update={"seed": 77})
    head = state.store().append(name, head.number, document, "scenario_new", "Ann")
    data = build_workspace(head, state.store().history(name), state.store().sheet)
    return data, _futures(head.document, config)


def _futures(document, config):
    workspace = state.workspace_of(document)
    observed = observe_all(workspace.portfolio, config)
    (key,) = document.scenarios
    settings_, strangers = fitted([p.lever() for p in levers_in(document, key).values()], observed.levers)
    assert not strangers
    found = draws.futures(observed, settings_, scenarios.measures_of(observed), config, document.seed, draws=300)
    return {name: values.tolist() for name, values in found.values.items()}


def test_a_workspace_file_opens_elsewhere_with_every_number_equal(packed, config, tmp_path, monkeypatch):
    data, before = packed
    monkeypatch.setenv("SIX_MARKETS_STORE", f"sqlite:///{tmp_path / 'other.db'}")
    memory = state.Ready(5)
    monkeypatch.setattr(state, "_ready", lambda: memory)
    document, sheets = parse_workspace(data)
    state.store().put_sheets(sheets)
    there = state.store().create(document)
    opened = state.workspace_of(there.document)
    assert opened.portfolio.digest == there.document.digest
    assert _futures(there.document, config) == before


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "foreign"),
        (b"customer,revenue\n1,2\n", "foreign"),
        ((DATA / "sample.en.xlsx").read_bytes(), "foreign"),
        (b"PK\x03\x04 no zip", "damaged"),
    ],
)
def test_a_foreign_file_is_refused_with_a_reason(data, code):
    with pytest.raises(WorkspaceFileError) as caught:
        parse_workspace(data)
    assert caught.value.code == code


def _changed(data: bytes, name: str, work) -> bytes:
    source, stream = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for part in source.namelist():
            body = source.read(part)
            if part == name:
                body = work(body)
            if body is not None:
                target.writestr(part, body)
    return stream.getvalue()


def test_a_changed_part_a_missing_part_and_a_later_form_are_refused(packed):
    data, _ = packed
    sheet = next(n for n in zipfile.ZipFile(io.BytesIO(data)).namelist() if n.startswith("sheets/"))
    later = _changed(data, "manifest.json", lambda b: json.dumps({**json.loads(b), "version": 99}).encode())
    for changed, code in (
        (_changed(data, "document.json", lambda b: b.replace(b"Plan", b"Plot")), "damaged"),
        (_changed(data, sheet, lambda b: b[:-8] + b"\0" * 8), "damaged"),
        (_changed(data, sheet, lambda b: None), "damaged"),
        (later, "newer"),
        (_changed(data, "manifest.json", lambda b: None), "foreign"),
    ):
        with pytest.raises(WorkspaceFileError) as caught:
            parse_workspace(changed)
        assert caught.value.code == code


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_flipped_byte_of_a_file_crashes_or_slips_through(packed, data):
    whole, _ = packed
    good, sheets = parse_workspace(whole)
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = bytearray(whole)
    broken[at] ^= data.draw(st.integers(1, 255))
    try:
        document, found = parse_workspace(bytes(broken))
    except WorkspaceFileError:
        return
    assert document == good and found == sheets  # the byte stood where nothing is read


# In the browser -----------------------------------------------------------------------------------


def keep(page, server: str) -> str:
    """The sample kept as a workspace of one's own; its id."""
    page.goto(server + "/workspace?lang=en")
    ready(page, "Workspace")
    page.get_by_role("button", name="Keep as my workspace").click()
    page.wait_for_function("location.href.includes('ws=')")
    ready(page, "Workspace")
    return re.search(r"ws=([^&]+)", href(page)).group(1)


def test_a_lever_is_saved_at_once_and_undo_takes_it_back(server, page):
    name = keep(page, server)
    pull(page, "Exits: Service", "ArrowLeft", 4)
    page.get_by_text("Saved").first.wait_for()
    page.get_by_text("Scenario 5 · changes: 1").wait_for()
    fresh = page.context.new_page()
    chosen = re.search(r"[?&]c=([^&]+)", href(page)).group(1)
    fresh.goto(f"{server}/churn?lang=en&ws={name}&c={chosen}")  # without s: as it was saved
    ready(fresh)
    assert value_of(fresh, "Exits: Service") == -20
    fresh.close()
    page.get_by_role("button", name="Undo").click()
    ready(page, "Workspace")
    stands(page, "Exits: Service", "v > -20")
    page.get_by_role("button", name="Redo").click()
    ready(page, "Workspace")
    page.get_by_text("redo, as of #").first.wait_for(state="attached")


def test_a_lever_pressed_again_after_a_while_goes_on_from_where_it_stands(server, page):
    page.goto(server + "/?lang=en")
    ready(page)
    for n in (1, 2, 3):
        pull(page, "Exits: Service", "ArrowLeft", 1)
        stands(page, "Exits: Service", f"v === {-5 * n}")
        page.wait_for_timeout(700)
        assert value_of(page, "Exits: Service") == -5 * n
    page.locator("[data-testid=stSidebar]").get_by_label("Scenario shown").select_option("Retention budget")
    page.get_by_text("Retention budget · changes: 3").wait_for()
    ready(page)
    assert value_of(page, "Exits: Service") == 0


def test_kill_9_of_the_server_loses_nothing_that_was_shown_as_saved(browser, tmp_path):
    needs(CHROMIUM, "Chromium")
    store = f"sqlite:///{tmp_path / 'w.db'}"
    process, url = start_server(store)
    port = int(url.rpartition(":")[2])
    page = open_page(browser, locale="en-US")
    try:
        keep(page, url)
        for n in range(3):
            pull(page, "Exits: Price", "ArrowLeft", 2 + n)
            page.get_by_text("Saved").first.wait_for()
            shown = value_of(page, "Exits: Price")
            stop_server(process, signal.SIGKILL)
            process, _ = start_server(store, port)
            page.goto(href(page))
            ready(page, "Workspace")
            assert value_of(page, "Exits: Price") == shown
            assert page.get_by_text("Not saved").count() == 0
    finally:
        page.close()
        stop_server(process)


def test_the_second_writer_is_told_and_can_keep_both(server, page, browser):
    name = keep(page, server)
    pull(page, "Exits: Service", "ArrowLeft", 2)
    other = open_page(browser, locale="en-US")
    other.goto(href(page))
    ready(other)
    pull(page, "Exits: Price", "ArrowLeft", 2)  # the first to change it
    page.wait_for_function("(location.href.match(/_0\\.9(?!\\d)/g) || []).length === 2")
    lever = slider(other, "Exits: Product")
    lever.focus()
    lever.press("ArrowLeft")
    other.get_by_text("changed this workspace while you were at it").wait_for()
    box = other.locator(".st-key-conflict").inner_text()
    assert "Exits: Price" in box and "Exits: Product" in box
    other.locator(".six-badge", has_text="Not saved").wait_for()
    other.get_by_role("button", name="Keep both").click()
    other.get_by_text("Saved").first.wait_for()
    ready(other)
    held = [value_of(other, f"Exits: {word}") for word in ("Service", "Price", "Product")]
    assert held == [-10, -10, -5] and f"ws={name}" in href(other)
    other.close()


def test_a_share_link_shows_and_can_be_taken_back(server, page, browser):
    keep(page, server)
    page.get_by_role("radio", name="Links").or_(page.get_by_role("button", name="Links")).first.click()
    page.get_by_role("button", name="Make a link").click()
    page.get_by_role("button", name="Take back").wait_for()
    ready(page)
    link = page.locator("code").last.inner_text()
    assert "ws=r-" in link
    guest = open_page(browser, locale="en-US")
    guest.goto(link)
    ready(guest)
    guest.get_by_text("Only shows", exact=False).first.wait_for()
    pull(guest, "Exits: Service", "ArrowLeft", 2)
    assert guest.get_by_text("Saved").count() == 0
    page.get_by_role("button", name="Take back").click()
    page.get_by_text("taken back", exact=True).wait_for()  # the help above says the words too
    guest.goto(link)
    ready(guest)
    guest.get_by_text("This link was taken back").wait_for()
    guest.close()


def test_page_scenario_and_filters_open_to_the_same_screen_elsewhere(server, page, browser):
    page.goto(server + "/churn?lang=en&c=00000002")
    ready(page)
    page.get_by_text("Retention and its price").or_(page.get_by_role("radio").nth(1)).first.wait_for(state="attached")
    page.goto(server + "/scenarios?lang=en&c=00000002")
    ready(page, "Scenario lab")
    page.get_by_role("radio", name="What matters").or_(page.get_by_role("button", name="What matters")).first.click()
    page.wait_for_function("location.href.includes('f=')")
    ready(page)
    page.get_by_role("radio", name="Churn rate").or_(page.get_by_role("button", name="Churn rate")).first.click()
    page.wait_for_function("location.href.includes('matters_measure')")
    ready(page)
    title = page.locator(".st-key-tornado .six-finding").first.inner_text()
    assert "Churn rate" in title
    other = open_page(browser, locale="en-US")
    other.goto(href(page))
    ready(other, "Scenario lab")
    other.locator(".st-key-tornado .six-finding").first.wait_for()
    assert other.locator(".st-key-tornado .six-finding").first.inner_text() == title
    page.go_back()
    page.wait_for_function("!location.href.includes('matters_measure')")
    ready(page)
    assert "Churn rate" not in page.locator(".st-key-tornado .six-finding").first.inner_text()
    other.close()


def test_keeping_the_sample_from_a_page_that_reruns_the_bar_alone_opens_the_workspace(server, page):
    page.goto(server + "/data?lang=en")
    ready(page, "Data")
    pull(page, "Exits: Service", "ArrowLeft", 2)
    page.get_by_role("button", name="Keep", exact=True).click()
    page.wait_for_function("location.href.includes('ws=')")
    ready(page, "Data")
    page.get_by_text("Saved").first.wait_for()
    assert value_of(page, "Exits: Service") == -10


def test_a_link_whose_levers_differ_says_what_is_not_saved(server, page):
    name = keep(page, server)
    pull(page, "Exits: Service", "ArrowLeft", 2)
    chosen = re.search(r"[?&]c=([^&]+)", href(page)).group(1)
    specs = state.observed_of(state.built_in("sample", "en").portfolio).levers
    spec = next(s for s in specs if s.target.keys == ("*", "service"))
    page.goto(f"{server}/churn?lang=en&ws={name}&c={chosen}&s={encode({spec.id: Setting(0.4)})}")
    ready(page)
    page.get_by_text("This screen shows other levers than").wait_for()
    page.get_by_role("button", name="Show the saved ones").click()
    ready(page)
    stands(page, "Exits: Service", "v === -10")
    assert page.get_by_text("This screen shows other levers than").count() == 0
