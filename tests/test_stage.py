"""Telling the story in a real browser: onto the stage and through it by keyboard, from the page to a file."""

from __future__ import annotations

import re

from conftest import needs
from driving import href, open_page, ready
from pptx import Presentation

from core.export import pictures


def on_slide(page, number: int):
    """Wait until a slide is shown, its chart too, and the keys are heard there."""
    page.wait_for_function(f"new URLSearchParams(location.search).get('p') === '{number}'")
    page.locator(".st-key-stage_footer", has_text=f"{number} / ").wait_for()
    ready(page)
    page.locator(f"html[data-six-slide='{number}']").wait_for(state="attached")


def title(page) -> str:
    return page.locator(".st-key-stage_title h1").inner_text()


def test_a_newcomer_presents_the_sample_story_with_the_keyboard_alone(server, page):
    page.goto(server + "/present?lang=en")
    ready(page, "Present")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("!!document.activeElement.closest('.st-key-present_start')"):
            break
    page.keyboard.press("Enter")
    on_slide(page, 1)
    assert page.locator("[data-testid=stSidebar]:visible, [data-testid=stHeader]:visible").count() == 0
    seen = [title(page)]
    for number in range(2, 8):
        page.keyboard.press("ArrowRight")
        on_slide(page, number)
        seen.append(title(page))
    assert len(set(seen)) == 7 and "where our relationships stand" in seen[0] and seen[-1] == "What we ask for"
    for key, number in (("Home", 1), ("End", 7), ("ArrowLeft", 6), ("3", 3), ("PageDown", 4)):
        page.keyboard.press(key)
        on_slide(page, number)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")  # faster than the server answers
    on_slide(page, 6)
    page.keyboard.press("Escape")
    ready(page, "Present")
    assert "p=" not in href(page).replace("present?", "")


def test_a_reload_or_another_browser_comes_back_to_the_slide(server, page, browser):
    page.goto(server + "/present?lang=zh-Hans&p=5")
    on_slide(page, 5)
    before = title(page)
    page.reload()
    on_slide(page, 5)
    assert title(page) == before
    other = open_page(browser, locale="zh-CN", viewport={"width": 3840, "height": 2160})
    other.goto(href(page))
    on_slide(other, 5)
    assert title(other) == before
    letters = other.evaluate("parseFloat(getComputedStyle(document.querySelector('.st-key-stage_title h1')).fontSize)")
    inside = (
        "e => e.getBoundingClientRect().bottom <= innerHeight + 1 && e.getBoundingClientRect().right <= innerWidth + 1"
    )
    assert letters > 80 and other.locator(".js-plotly-plot").first.evaluate(inside)
    other.set_viewport_size({"width": 1280, "height": 720})
    other.wait_for_timeout(2500)
    ready(other)
    assert other.locator(".js-plotly-plot").first.evaluate(inside)
    other.close()


def test_the_presenters_window_leads_and_follows(server, page):
    page.goto(server + "/present?lang=en&p=2")
    on_slide(page, 2)
    with page.context.expect_page() as opened:
        page.keyboard.press("p")
    second = opened.value
    second.get_by_text("Speaker's notes").wait_for()
    ready(second)
    assert re.search(r"\d\d:\d\d.*· \d\d:\d\d", second.locator(".clock").inner_text())
    assert "Name the three that matter most" in second.locator(".block-container").inner_text()
    second.keyboard.press("ArrowRight")
    on_slide(page, 3)
    page.keyboard.press("End")
    on_slide(second, 7)
    assert "The end" in second.locator(".block-container").inner_text()


def test_levers_on_a_slide_move_it_and_nothing_is_saved(server, page):
    page.goto(server + "/present?lang=en&p=6")
    on_slide(page, 6)
    before = page.locator(".st-key-stage_tiles").inner_text()
    lever = page.get_by_role("slider").first
    lever.focus()
    lever.press("End")
    page.wait_for_function("b => document.querySelector('.st-key-stage_tiles').innerText !== b", arg=before)
    ready(page)
    page.keyboard.press("Escape")  # leaves the lever, not the stage
    page.wait_for_timeout(500)
    page.keyboard.press("ArrowRight")
    on_slide(page, 7)
    page.goto(server + "/present?lang=en&p=6")
    on_slide(page, 6)
    assert page.locator(".st-key-stage_tiles").inner_text() == before


def test_from_a_chart_into_the_story_worded_moved_and_out_as_a_deck(server, page):
    page.goto(server + "/churn?lang=en&c=00000002")
    ready(page, "Exit")
    page.locator(".st-key-waterfall .six-add").first.click()
    page.wait_for_function("location.href.includes('ws=')")
    page.get_by_text("Added to the story").wait_for()
    ready(page)
    page.get_by_role("link", name="Present").first.click()
    ready(page, "Present")
    slides = page.locator("[class*=st-key-slide_list] button")
    slides.nth(7).wait_for()
    assert slides.count() == 8 and "The scenario saves" in slides.nth(6).inner_text()  # before the ask
    page.locator(".st-key-slide_up button").first.click()
    page.wait_for_function(
        "document.querySelectorAll('[class*=st-key-slide_list] button')[5].innerText.includes('The scenario saves')"
    )
    ready(page)
    page.get_by_label("Title").fill("We can keep a fifth of it")
    page.get_by_label("Speaker's notes").fill("Pause here.")
    slides.nth(0).click()  # nothing typed is lost by going on
    page.locator(".st-key-slide_card h3", has_text="where our relationships stand").wait_for()
    page.locator("[class*=st-key-slide_list] button", has_text="We can keep a fifth of it").wait_for()
    ready(page)
    slides.nth(5).click()
    page.locator(".st-key-slide_card h3", has_text="We can keep a fifth of it").wait_for()
    ready(page)
    assert page.get_by_label("Speaker's notes").input_value() == "Pause here."
    page.get_by_role("radio", name="Hand out").or_(page.get_by_role("button", name="Hand out")).first.click()
    page.locator(".st-key-make_deck button").click()
    page.locator(".st-key-download_deck button").wait_for()
    with page.expect_download() as taken:
        page.locator(".st-key-download_deck button").click()
    assert taken.value.suggested_filename == "Hailing Drives (sample).pptx"
    deck = Presentation(str(taken.value.path()))
    assert deck.slides[6].shapes.title.text == "We can keep a fifth of it"
    assert deck.slides[6].notes_slide.notes_text_frame.text == "Pause here."


def test_a_report_is_made_while_the_app_goes_on(server, page):
    needs(pictures.browser(), "Chromium")
    page.goto(server + "/present?lang=zh-Hant")
    ready(page)
    page.get_by_role("radio", name="匯出").or_(page.get_by_role("button", name="匯出")).first.click()
    page.locator(".st-key-make_report button").click()
    page.get_by_text("正在產生").first.wait_for()
    page.locator(".six-page[href*=churn]").first.click()  # elsewhere meanwhile
    page.locator("h1", has_text="流失").first.wait_for()
    page.go_back()
    page.locator(".st-key-download_report button").wait_for()


def test_the_web_page_tells_the_story_without_a_server(page, tmp_path):
    from test_story import sample_of

    from core.export.webpage import build_webpage
    from core.story import all_shown, story_of

    at, document = sample_of("zh-Hans")
    slides = all_shown(story_of(document, at), at, document)
    file = tmp_path / "story.html"
    file.write_bytes(build_webpage(slides, "故事", at.text))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: errors.append(request.url) if request.url.startswith("http") else None)
    page.goto(file.as_uri())
    for number, one in enumerate(slides, 1):
        page.locator(".slide.on .count", has_text=f"{number} / 7").wait_for()
        assert page.locator(".slide.on h1").inner_text() == one.title
        if one.exhibit is not None and one.exhibit.figure is not None:
            page.locator(".slide.on .main-svg").first.wait_for()
        page.keyboard.press("ArrowRight")
    page.keyboard.press("2")
    page.locator(".slide.on .count", has_text="2 / 7").wait_for()
    page.keyboard.press("n")
    assert page.locator(".slide.on .notes").is_visible() and not errors
