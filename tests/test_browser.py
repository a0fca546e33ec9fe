"""The journeys of a user, in a real Chromium against a real server."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess

import pytest
from conftest import DATA, ROOT, telco_like, xlsx
from driving import (
    PATIENCE,
    drawn,
    href,
    open_page,
    pull,
    ready,
    sentence_of,
    slider,
    start_server,
    stop_server,
    value_of,
)
from msoffcrypto.format.ooxml import OOXMLFile

from core.tables import LANGUAGES
from core.text import Text
from ui.link import SCRIPT as LINK_SCRIPT


def test_a_deep_link_on_a_fresh_server_opens_the_whole_app(browser):
    """Nobody has opened / yet: Streamlit would run the page's file alone."""
    process, url = start_server()
    try:
        page = open_page(browser, locale="en-US")
        page.goto(url + "/churn?lang=zh-Hans")
        ready(page, Text("zh-Hans")("churn.title"))
        page.locator("[data-testid=stSidebar]").get_by_text("情景").first.wait_for()
        page.close()
    finally:
        stop_server(process)


def test_from_start_to_a_lever_to_four_changed_views(server, page):
    page.goto(server + "/?lang=en")
    ready(page, "Relationship overview")
    charts = drawn(page, 4)
    before = [
        charts.nth(n).evaluate("e => JSON.stringify(e.data.map(t => [t.x, t.y, t.text, t.base]))") for n in range(4)
    ]
    page.locator("[data-testid=stSidebar]").get_by_text("Value", exact=True).click()
    page.locator("[data-testid=stSidebar] .six-lever", has_text="Probability: Late delivery").wait_for()
    pull(page, "Probability: Late delivery", "ArrowLeft", 12)
    for _ in range(200):
        after = [
            charts.nth(n).evaluate("e => JSON.stringify(e.data.map(t => [t.x, t.y, t.text, t.base]))") for n in range(4)
        ]
        if all(a != b for a, b in zip(before, after, strict=True)):
            break
        page.wait_for_timeout(500)
    assert [a != b for a, b in zip(before, after, strict=True)] == [True] * 4
    sentence = sentence_of(page).inner_text()
    assert "Late delivery" in sentence and "Churn rate" in sentence and "→" in sentence
    names = page.evaluate("[...document.querySelectorAll('.js-plotly-plot')].flatMap(e => e.data.map(t => t.name))")
    assert names.count("baseline") >= 3  # the baseline stays visible


def test_the_board_is_searched_grouped_and_reset(server, page):
    page.goto(server + "/?lang=en")
    ready(page)
    bar = page.locator("[data-testid=stSidebar]")
    bar.get_by_label("Search levers").fill("late del")
    bar.locator(".six-lever").first.wait_for()
    assert bar.locator(".six-lever").count() == 1
    pull(page, "Probability: Late delivery", "ArrowLeft", 1)
    bar.get_by_label("Search levers").fill("nothing of that kind")
    bar.get_by_text("No lever of that name.").wait_for()
    bar.get_by_label("Search levers").fill("")
    bar.get_by_text("Value (1)", exact=True).click()
    assert bar.get_by_text("Value (1)", exact=True).get_attribute("aria-pressed") == "true"
    bar.locator(".six-lever", has_text="Late delivery").get_by_role("button", name="Reset").click()
    bar.get_by_text("Value", exact=True).wait_for()
    bar.get_by_text("Retention", exact=True).click()
    bar.get_by_role("switch").first.click()
    page.get_by_text("changes: 1").wait_for()
    assert bar.get_by_role("switch").first.is_checked()
    spend = bar.locator(".six-lever", has_text="Retention").first
    spend.get_by_role("slider").press("ArrowRight")
    page.get_by_text("changes: 2").wait_for()
    assert spend.locator("output").inner_text().startswith("CN¥")
    bar.get_by_role("button", name="Reset all (2)").click()
    page.wait_for_function("!location.href.includes('s=')")
    ready(page)
    assert not bar.get_by_role("switch").first.is_checked() and bar.get_by_text("Reset all (0)").is_disabled()


def test_a_slider_stops_at_its_baseline_and_at_its_ends(server, page):
    page.goto(server + "/churn?lang=en")
    ready(page)
    lever = slider(page, "Exits: Service")
    pull(page, "Exits: Service", "PageUp", 1)
    assert lever.get_attribute("aria-valuetext") == "+50%"
    pull(page, "Exits: Service", "Home", 1)
    assert value_of(page, "Exits: Service") == float(lever.get_attribute("min"))
    box = lever.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.502, box["y"] + box["height"] / 2)
    page.get_by_text("changes: 1").wait_for(state="detached")
    assert value_of(page, "Exits: Service") == 0


def test_the_links_of_the_chain_are_pulled_on_its_page(server, page):
    page.goto(server + "/chain?lang=en")
    ready(page)
    page.get_by_text("Edit the links", exact=True).click()
    board = page.locator(".st-key-links .six-lever")
    board.first.wait_for()
    board.get_by_role("slider").first.press("ArrowRight")
    page.get_by_text("changes: 1").wait_for()
    page.locator("[data-testid=stSidebar]").get_by_text("Chain (1)", exact=True).wait_for()


def test_back_undoes_and_a_reload_keeps_the_scenario(server, page):
    page.goto(server + "/?lang=en")
    ready(page)
    pull(page, "Exits: Service", "ArrowLeft", 1)
    one = href(page)
    pull(page, "Exits: Price", "ArrowLeft", 1)
    two = href(page)
    assert one != two
    page.go_back()
    page.wait_for_function(f"location.href === {one!r}")
    ready(page)
    page.reload()
    ready(page)
    assert href(page) == one and "changes: 1" in page.locator("body").inner_text()


def test_a_page_without_charts_reruns_the_bar_alone_and_keeps_the_link(server, page):
    page.goto(server + "/method?lang=en")
    ready(page, "Method")
    pull(page, "Exits: Service", "ArrowLeft", 2)
    assert "Service" in sentence_of(page).inner_text()
    pulled = href(page)
    page.go_back()
    page.wait_for_function(f"location.href !== {pulled!r}")
    ready(page)
    page.go_forward()
    page.wait_for_function(f"location.href === {pulled!r}")
    page.get_by_role("link", name="Exits").first.click()
    ready(page, "Exit management")
    assert "Service" in sentence_of(page).inner_text()


def test_a_server_started_anew_takes_the_address_that_stands_in_the_browser(page):
    """After Back the browser goes on sending the address it went back to."""
    process, url = start_server()
    try:
        page.goto(url + "/?lang=en")
        ready(page)
        pull(page, "Exits: Service", "ArrowLeft", 1)
        one = href(page)
        pull(page, "Exits: Price", "ArrowLeft", 1)
        page.go_back()
        page.wait_for_function(f"location.href === {one!r}")
        ready(page)
        pull(page, "Exits: Product", "ArrowLeft", 2)
        shown = href(page)
        assert shown != one
        stop_server(process, signal.SIGKILL)
        process, _ = start_server(port=int(url.rpartition(":")[2]))
        page.locator("[data-testid=stSidebar]").get_by_text("Exits (2)").wait_for()
        page.wait_for_function("!document.querySelector('[data-testid=stConnectionStatus]')")
        pull(page, "Exits: Service", "ArrowLeft", 1)  # answered by the new server
        page.get_by_text("changes: 2").wait_for()
        assert (value_of(page, "Exits: Product"), value_of(page, "Exits: Service")) == (-10, -10)
        assert "Product" in sentence_of(page).inner_text()
    finally:
        stop_server(process)


def test_a_short_table_is_sorted_read_by_headers_and_saved(server, page, tmp_path):
    page.goto(server + "/scenarios?lang=en")
    ready(page, "Scenario lab")
    table = page.locator(".st-key-table_scenarios")
    rate = table.get_by_role("columnheader", name="Churn rate")
    first = table.locator("tbody tr").first.inner_text()
    words = [table.locator("tbody tr").nth(n).inner_text() for n in range(4)]
    rate.get_by_role("button").click()
    assert rate.get_attribute("aria-sort") == "ascending"
    sorted_words = [table.locator("tbody tr").nth(n).inner_text() for n in range(4)]
    assert sorted_words != words and sorted(sorted_words) == sorted(words)
    pull(page, "Exits: Service", "ArrowLeft", 4)
    assert rate.get_attribute("aria-sort") == "ascending"  # a lever changes cells, not the order asked for
    rate.get_by_role("button").click()
    rate.get_by_role("button").click()
    assert rate.get_attribute("aria-sort") == "none"
    effect = table.get_by_role("columnheader", name="Profit effect")
    effect.get_by_role("button").click()
    rows = [table.locator("tbody tr").nth(n).locator("td").nth(2).inner_text() for n in range(5)]
    assert rows[0].startswith("−CN¥1.71M") and [r[0] for r in rows[1:]] == ["+"] * 4 and rows[-1] == "+CN¥161.9k"
    effect.get_by_role("button").click()
    effect.get_by_role("button").click()
    assert "This screen" in table.locator("tbody tr").first.inner_text() and first in table.inner_text()
    with page.expect_download() as found:
        table.get_by_role("button", name="CSV").click()
    saved = found.value.path().read_bytes()
    assert saved.startswith(b"\xef\xbb\xbf") and saved.decode("utf-8-sig").count("\n") == 6
    before = table.locator("tbody tr").first.inner_text()
    page.get_by_role("link", name="Method").click()
    ready(page, "Method")
    pull(page, "Exits: Service", "ArrowLeft", 1)
    page.get_by_role("link", name="Scenarios").click()
    ready(page, "Scenario lab")
    after = table.locator("tbody tr").first.inner_text()
    assert "This screen" in before and "This screen" in after and before != after
    page.get_by_role("button", name="Reset all (1)").click()
    table.get_by_text("This screen").wait_for(state="detached")
    assert table.locator("tbody tr").count() == 4
    pull(page, "Exits: Service", "ArrowLeft", 1)
    table.get_by_text("This screen").wait_for()
    page.locator(".st-key-keep_from_lab button").click()
    page.wait_for_function("location.href.includes('ws=')")
    ready(page)
    pull(page, "Exits: Price", "ArrowLeft", 1)
    assert table.locator("tbody tr").count() >= 4 and table.locator("tbody tr").first.is_visible()


def test_a_link_opens_to_the_same_screen_elsewhere(server, page, browser):
    page.goto(server + "/?lang=en")
    ready(page)
    pull(page, "Exits: Service", "ArrowLeft", 6)
    page.get_by_role("link", name="Exits").first.click()
    ready(page, "Exit management")
    link, sentence = href(page), sentence_of(page).inner_text()
    other = open_page(browser, locale="zh-CN")
    other.goto(link)
    ready(other, "Exit management")
    assert sentence_of(other).inner_text() == sentence
    assert not re.search(r"Hailing|Service|Late", link)
    other.close()


def test_upload_map_and_read_the_waterfall(server, page, tmp_path):
    data, truth = telco_like()
    file = tmp_path / "our customers.xlsx"
    file.write_bytes(data)
    page.goto(server + "/data?lang=en")
    ready(page, "Data")
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name="Take over").click()
    page.wait_for_function("location.href.includes('ws=')")
    page.get_by_text("What is loaded").wait_for()
    ready(page)
    page.get_by_role("link", name="Exits").first.click()
    ready(page, "Exit management")
    words = page.locator("[data-testid=stMain]").inner_text()
    assert f"{truth['lost']} / {truth['customers']}" in words
    title = page.locator(".st-key-waterfall").inner_text()
    assert "of revenue" in title
    opening = page.locator(".st-key-waterfall .js-plotly-plot").evaluate("e => e.data.find(t => t.name === 'opening')")
    assert opening["y"][0] + opening["base"][0] == pytest.approx(truth["revenue"])
    page.reload()
    ready(page, "Exit management")
    assert f"{truth['lost']} / {truth['customers']}" in page.locator("[data-testid=stMain]").inner_text()


def test_mend_a_cell_update_from_a_second_file_and_undo(server, page, tmp_path):
    first, second = tmp_path / "list.xlsx", tmp_path / "newer.xlsx"
    first.write_bytes(xlsx({"客户": [["客户编号", "年收入"], ["A", 5], ["", 7], ["C", "many"]]}))
    second.write_bytes(xlsx({"客户": [["客户编号", "年收入"], ["A", 6], ["D", 9]]}))
    page.goto(server + "/data?lang=en")
    ready(page, "Data")
    page.locator("input[type=file]").set_input_files(str(first))
    page.wait_for_function("location.href.includes('ws=')")
    ready(page, "Data")
    assert "Mend here" in page.locator("[data-testid=stMain]").inner_text()
    loaded = page.locator("[data-testid=stMain]")
    page.locator("input[type=file]").set_input_files(str(second))
    page.get_by_text("Where both know a row, the new file wins").wait_for()
    page.get_by_text("Update", exact=True).click()
    ready(page)
    page.get_by_role("button", name="Take over").click()
    page.get_by_role("button", name="Take back newer.xlsx").or_(page.get_by_text("newer.xlsx")).first.wait_for()
    ready(page, "Data")
    page.get_by_role("link", name="Overview").first.click()
    ready(page)
    page.get_by_role("link", name="Data").first.click()
    ready(page, "Data")
    assert "newer.xlsx" in loaded.inner_text()
    page.get_by_role("button", name="Undo the last change of data").click()
    page.get_by_text("newer.xlsx").first.wait_for(state="detached")
    ready(page, "Data")
    assert "list.xlsx" in loaded.inner_html()


def test_a_protected_workbook_asks_for_its_password(server, page, tmp_path):
    stream = io.BytesIO()
    OOXMLFile(io.BytesIO(xlsx({"s": [["customer", "revenue"], ["A", 5], ["B", 7]]}))).encrypt("secret", stream)
    file = tmp_path / "locked.xlsx"
    file.write_bytes(stream.getvalue())
    page.goto(server + "/data?lang=en")
    ready(page, "Data")
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_label("Password of locked.xlsx").fill("secret")
    page.get_by_test_id("stBaseButton-secondaryFormSubmit").first.click()
    page.wait_for_function("location.href.includes('ws=')")
    ready(page, "Data")
    assert (
        "locked.xlsx" in page.locator("[data-testid=stMain]").inner_text() or page.get_by_text("What is loaded").count()
    )


def test_a_margin_from_the_settings_makes_profit_known(server, page, tmp_path):
    file = tmp_path / "list.xlsx"
    file.write_bytes(
        xlsx(
            {
                "customers": [["customer", "revenue"], *([f"c{n}", 100] for n in range(10))],
                "exits": [["customer", "reason key"], ["c1", "price"]],
            }
        )
    )
    page.goto(server + "/data?lang=en")
    ready(page, "Data")
    page.locator("input[type=file]").set_input_files(str(file))
    page.wait_for_function("location.href.includes('ws=')")
    ready(page, "Data")
    page.get_by_role("radio", name="Settings").click()
    page.get_by_role("spinbutton", name="Margin, %").fill("20")
    page.get_by_role("spinbutton", name="Margin, %").press("Tab")
    page.get_by_role("button", name="Save settings").click()
    page.wait_for_timeout(1500)
    ready(page, "Data")
    page.get_by_role("link", name="Exits").first.click()
    ready(page, "Exit management")
    page.locator("[data-testid=stMain]").get_by_text("Margin profit").first.wait_for()


def test_a_wrong_file_leaves_the_app_alive_and_the_data_untouched(server, page, tmp_path):
    file = tmp_path / "photo.xlsx"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 300)
    page.goto(server + "/data?lang=zh-Hans")
    ready(page)
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_text("并非表格").wait_for()
    ready(page)
    assert page.get_by_text("sample.zh-Hans.xlsx").count() >= 0 and "ws=" not in href(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_switch_changes_every_word(server, page, language):
    page.goto(server + "/?lang=" + ("en" if language != "en" else "zh-Hans"))
    ready(page)
    names = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
    page.get_by_role("button", name=names[language], exact=True).click()
    ready(page, Text(language)("overview.title"))
    assert f"lang={language}" in href(page)
    for name in ("markets", "stages", "value", "churn", "chain", "method"):
        page.get_by_role("link", name=Text(language)(f"{name}.nav"), exact=False).first.wait_for()


def test_a_click_on_a_stakeholder_shows_its_rows(server, page):
    page.goto(server + "/markets?lang=en")
    ready(page, "Six markets")
    plot = page.locator(".st-key-map .js-plotly-plot")
    spot = plot.evaluate(
        """e => { const t = e.data.find(t => t.name === 'stakeholders'); const l = e._fullLayout; const b = e.getBoundingClientRect();
        const i = t.marker.size.indexOf(Math.max(...t.marker.size));
        return [b.x + l._size.l + l.xaxis.d2p(t.x[i]), b.y + l._size.t + l.yaxis.d2p(t.y[i]), t.customdata[i]]; }"""
    )
    page.mouse.move(spot[0], spot[1])
    page.wait_for_timeout(300)
    page.mouse.click(spot[0], spot[1])
    page.get_by_text("rows behind it").wait_for()
    assert page.locator("[data-testid=stSelectbox]").first.inner_text().find(spot[2]) >= 0 or spot[2] in page.content()


def test_accessibility_basics(server, page):
    page.goto(server + "/?lang=en")
    ready(page)
    drawn(page, 4)
    unnamed = page.evaluate(
        """[...document.querySelectorAll('button, a[href], input:not([type=hidden]), [role=slider]')]
        .filter(e => e.offsetParent !== null)
        .filter(e => !(e.innerText || e.getAttribute('aria-label') || e.title || e.placeholder || (e.labels && e.labels.length)
                 || e.getAttribute('aria-labelledby') || e.closest('label')))
        .map(e => e.outerHTML.slice(0, 160))"""
    )
    assert unnamed == []
    charts = page.evaluate("[...document.querySelectorAll('.six-figure')].map(e => e.getAttribute('aria-label'))")
    assert len(charts) == 4 and all(charts)
    on_slider = (
        "['range'].includes(document.activeElement.type) || document.activeElement.getAttribute('role') === 'slider'"
    )
    page.keyboard.press("Tab")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(on_slider):
            break
    assert page.evaluate(on_slider)  # the levers are reached by keyboard


@pytest.mark.parametrize("name", ["overview", "markets", "stages", "value", "churn", "chain", "data", "method"])
@pytest.mark.parametrize("size", [(1440, 900), (1920, 1080)], ids=["1440", "1920"])
def test_nothing_overflows_its_page_and_charts_keep_their_labels(server, browser, name, size):
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN", color_scheme="dark")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{server}/{'' if name == 'overview' else name}?lang=zh-Hans")
    ready(page)
    if name not in ("data", "method"):
        drawn(page, 1)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    clipped = page.evaluate(
        """[...document.querySelectorAll('.js-plotly-plot')].flatMap(e => { const box = e.getBoundingClientRect();
        return [...e.querySelectorAll('text')].filter(t => t.textContent.trim())
          .filter(t => { const b = t.getBoundingClientRect(); return b.width && (b.left < box.left - 2 || b.right > box.right + 2 || b.bottom > box.bottom + 2); })
          .map(t => t.textContent); })"""
    )
    assert clipped == []
    context.close()


def test_the_sample_file_of_another_language_opens_too(server, page):
    page.goto(server + "/data?lang=en")
    ready(page, "Data")
    page.locator("input[type=file]").set_input_files(str(DATA / "sample.zh-Hant.xlsx"))
    page.get_by_role("button", name="Take over").click()
    page.wait_for_function("location.href.includes('ws=')")
    ready(page, "Data")
    assert "海嶺傳動" in page.locator("[data-testid=stMain]").inner_text()


def running(server: int) -> str:
    """The commands of a server's own processes."""
    return subprocess.run(["ps", "--ppid", str(server), "-o", "args="], capture_output=True, text=True).stdout


def test_cancelling_an_upload_ends_its_reading_and_changes_nothing(browser, tmp_path):
    file = tmp_path / "large.csv"
    rows = (f"C{n},Customer of {n},{n % 977}.5,2024-0{n % 9 + 1}-1{n % 9}" for n in range(1_500_000))
    file.write_text("Customer ID,Customer name,Revenue,Customer since\n" + "\n".join(rows), encoding="utf-8")
    process, url = start_server()
    try:
        page = open_page(browser, locale="en-US")
        page.goto(url + "/data?lang=en")
        ready(page, "Data")
        page.locator("input[type=file]").set_input_files(str(file))
        for _ in range(600):  # until it is being read
            if "child.py" in running(process.pid):
                break
            page.wait_for_timeout(25)
        assert "child.py" in running(process.pid)
        page.locator(".st-key-upload_cancel button").click()
        page.locator(".st-key-upload_cancel").wait_for(state="detached")
        ready(page, "Data")
        assert "child.py" not in running(process.pid)
        assert "ws=" not in href(page) and page.get_by_text("large.csv").count() == 0
        assert page.get_by_text("sample.en.xlsx").count() or "sample.en.xlsx" in page.content()
        page.close()
    finally:
        stop_server(process)


def test_a_chart_that_cannot_be_loaded_says_so_and_comes_with_the_next_lever(server, page):
    page.route("**/plotly.min.js*", lambda route: route.abort())
    page.goto(server + "/churn?lang=en")
    page.get_by_text("The chart could not be loaded").first.wait_for()
    page.unroute("**/plotly.min.js*")
    lever = slider(page, "Exits: Service")
    lever.focus()
    lever.press("ArrowLeft")
    drawn(page, 2)
    assert page.get_by_text("The chart could not be loaded").count() == 0


_OVERTAKEN = """async ({ script, html, data }) => {
    document.body.innerHTML = html
    const { default: render } = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })))
    const call = data => render({ data, parentElement: document.body, setTriggerValue: () => 0, setStateValue: () => 0 })
    const first = call(data), second = call({ ...data, ...data.next })
    first()
    return second
}"""


_LIBRARY = (ROOT / "ui/library.js").read_text("utf-8")


def test_a_call_that_is_overtaken_does_not_end_the_chart_of_the_next(page):
    """Streamlit ends an element's overtaken call only when its script is there: after the next call has begun."""
    drawn = "data:text/javascript,window.Plotly={react:(host)=>{host.on=()=>0;host.layout={};host.append('drawn')},purge:()=>0}"
    data = {"figure": '{"data": [], "layout": {}}', "alt": "", "height": 100, "failed": "failed"}
    data["next"] = {"figure": '{"data": [1], "layout": {}}'}
    script = f"const plotlyAddress = {json.dumps(drawn)}\n" + _LIBRARY + (ROOT / "ui/plot.js").read_text("utf-8")
    parts = {"script": script, "html": (ROOT / "ui/plot.html").read_text("utf-8")}
    page.evaluate(_OVERTAKEN, parts | {"data": data})
    page.locator(".six-figure", has_text="drawn").wait_for()
    assert page.locator(".six-figure").get_attribute("data-drawn") == "true"


def test_plotly_is_loaded_while_a_page_without_charts_is_read(page, server):
    page.goto(f"{server}/method?lang=en")
    page.locator(".six-board").wait_for()
    page.wait_for_function("window.Plotly && !document.querySelector('.six-figure')", timeout=30_000)


def test_a_call_that_is_overtaken_does_not_end_the_keys_of_the_stage(page):
    data = {"slide": 1, "total": 3, "story": "one", "size": None, "presenter": False, "locale": "en"}
    data |= {"address": {"session": "a", "query": {}}, "next": {"slide": 2}}
    script = LINK_SCRIPT + (ROOT / "ui/stage.js").read_text("utf-8")
    page.evaluate(
        _OVERTAKEN, {"script": script, "html": '<div class="pointer"></div><div class="clock"></div>', "data": data}
    )
    page.keyboard.press("b")
    assert "six-black" in page.locator("html").get_attribute("class")


def test_a_board_that_has_no_levers_asks_for_them_and_shows_them_when_they_come(page):
    """They are sent once; a page opened anew may have lost what the server thinks it has."""
    lever = {"id": "a", "group": "", "label": "Lever", "kind": "slider", "neutral": 0, "low": -5, "high": 5, "step": 1}
    lever |= {"digits": 0, "suffix": "", "signed": True}
    data = {"digest": "d", "levers": None, "values": {}, "reset": "", "head": None, "address": None, "client": ""}
    data |= {"answered": 0}
    script = LINK_SCRIPT + "const plotlyAddress = ''\n" + _LIBRARY + (ROOT / "ui/board.js").read_text("utf-8")
    parts = {"script": script, "data": data, "levers": json.dumps([lever])}
    told, sliders = page.evaluate(
        """async ({ script, data, levers }) => {
            const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }))
            const host = document.createElement("div")
            host.innerHTML = '<div class="six-board"></div>'
            document.body.append(host)
            const { default: draw } = await import(url)
            const told = []
            const call = { parentElement: host, setStateValue: (name, value) => told.push(value.has ?? null) }
            draw({ data, ...call })
            draw({ data: { ...data, levers }, ...call })
            host.querySelector("input").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }))
            draw({ data, ...call })
            return [told, host.querySelectorAll("input[type=range]").length]
        }""",
        parts,
    )
    assert told == ["", "d"] and sliders == 1


def test_the_address_is_written_once_the_hand_rests_and_at_once_where_the_pointer_comes_down(page):
    page.route("http://six.test/*", lambda route: route.fulfill(body="<html></html>", content_type="text/html"))
    page.goto("http://six.test/method")
    script = LINK_SCRIPT + "\nexport default writeAddress"
    found = page.evaluate(
        """async script => {
            const { default: write } = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })))
            const told = s => write({ session: "a", query: { s } })
            const seen = () => [location.search, history.length]
            const first = history.length
            const steps = []
            told("1"); await new Promise(done => setTimeout(done, 400)); steps.push(seen())
            told("2"); told("3"); steps.push(seen())
            await new Promise(done => setTimeout(done, 400)); steps.push(seen())
            told("4"); dispatchEvent(new Event("pointerdown")); steps.push(seen())
            told("5"); dispatchEvent(new Event("popstate")); await new Promise(done => setTimeout(done, 400))
            steps.push(seen())
            return steps.map(([search, length]) => [search, length - first])
        }""",
        script,
    )
    assert found == [["?s=1", 0], ["?s=1", 0], ["?s=3", 1], ["?s=4", 2], ["?s=4", 2]]
