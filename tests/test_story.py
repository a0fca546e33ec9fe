"""The story: the first one written from the data, slides kept and moved, and what a slide shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import DATA, portfolio

from core.config import load_config
from core.exhibits import NOW, Known, Situation, exhibit, exhibit_names, option_words, under
from core.intake import read_portfolio
from core.models import evaluate_all, observe_all
from core.portfolio import Portfolio
from core.scenario import Setting, fitted
from core.story import FINDINGS, all_shown, first_story, footer, settings_of, shown, story_of
from core.tables import LANGUAGES
from core.text import Text
from core.workspace import (
    Document,
    Slide,
    created,
    document_of,
    edited_slide,
    levers_in,
    merged,
    moved_slide,
    parse_scenarios,
    pulls,
    slides_of,
    told,
    with_levers,
    with_slide,
    without_slide,
)

SAMPLES: dict[str, tuple[Situation, Document]] = {}


def situation(found: Portfolio, language: str = "en") -> Situation:
    """A portfolio at its baseline."""
    config, text = load_config(), Text(language, found.settings.currency)
    seen = observe_all(found, config)
    return Situation(found, seen, evaluate_all(seen), Known(found, seen, config), config, text)


def sample_of(language: str) -> tuple[Situation, Document]:
    """The sample company in a language, with the scenarios that come with it."""
    if language not in SAMPLES:
        at = situation(read_portfolio(DATA / f"sample.{language}.xlsx"), language)
        file = DATA / f"sample.{language}.scenarios.yaml"
        document = document_of(parse_scenarios(file.read_text(encoding="utf-8"), file.name))
        others = {
            key: (variant.name, fitted([p.lever() for p in levers_in(document, key).values()], at.observed.levers)[0])
            for key, variant in document.scenarios.items()
        }
        SAMPLES[language] = replace(at, others=others), document
    return SAMPLES[language]


@pytest.fixture(params=LANGUAGES)
def told_sample(request):
    return sample_of(request.param)


def test_the_first_story_tells_situation_findings_scenario_and_ask(told_sample):
    at, document = told_sample
    slides = all_shown(story_of(document, at), at, document)
    views = [s.exhibit.name if s.exhibit else "" for s in slides]
    assert views == ["scenarios.headlines", *FINDINGS, "scenarios.headlines", ""]
    assert [s.number for s in slides] == list(range(1, 8)) and slides[-1].total == 7
    for finding in slides[1:5]:
        assert any(letter.isdigit() for letter in finding.title), finding.title
        assert finding.notes and not finding.missing
    assert next(iter(document.scenarios.values())).name in slides[5].title
    assert slides[5].at.outcome.changed and slides[5].live and not slides[1].at.outcome.changed
    assert len(slides[-1].message.splitlines()) >= 3


def test_without_a_scenario_the_ask_says_where_to_begin():
    at, _ = sample_of("en")
    slides = first_story(at, Document())
    assert [s.view for s in slides] == ["scenarios.headlines", *FINDINGS, ""]
    assert "Service" in shown("a", slides[-1], (1, 1), at, Document()).message


def test_levers_nobody_saved_stay_with_the_slide():
    at, _ = sample_of("en")
    lever = next(s for s in at.observed.levers if s.target.field == "lost")
    here = under(at, {lever.id: Setting(0.5)}, "mine")
    slide = first_story(here, Document())[-2]
    assert slide.levers is not None and slide.levers[lever.id].value == 0.5
    found, _, there = settings_of(slide, at, Document())
    assert there and found == {lever.id: Setting(0.5)}


def test_a_comparison_keeps_the_levers_it_was_captured_with():
    at, document = sample_of("en")
    lever = next(s for s in at.observed.levers if s.target.field == "lost")
    first = next(iter(document.scenarios))
    slide = Slide(
        view="scenarios.results",
        options={"scenarios": f"{first} {NOW}"},
        levers=pulls({lever.id: Setting(0.5)}, at.observed.levers),
    )
    elsewhere = replace(at, others={**at.others, NOW: ("other", {lever.id: Setting(0.9)})})
    table, later = (shown("a", slide, (1, 1), here, document).exhibit.table for here in (at, elsewhere))
    assert len(table.columns) == 4 and table.equals(later)


def test_a_story_of_few_data_leaves_out_what_they_cannot_say():
    few = portfolio(
        customers=[{"customer": str(n), "revenue": 10.0} for n in range(20)],
        exits=[{"customer": "1", "reason_key": "price"}, {"customer": "2", "reason_key": "service"}],
    )
    at = situation(few)
    slides = all_shown(story_of(Document(), at), at, Document())
    views = [s.exhibit.name for s in slides if s.exhibit]
    assert views == ["scenarios.headlines", "churn.waterfall", "churn.reasons", "churn.loss"]
    assert len(slides[0].exhibit.table) >= 3  # few headlines, so more of what is known
    assert not any(s.missing for s in slides)


def test_every_exhibit_can_be_a_slide_at_the_baseline_and_in_a_scenario(told_sample):
    at, document = told_sample
    for scenario in ("", *document.scenarios):
        for name in exhibit_names():
            found = shown("a", Slide(view=name, scenario=scenario), (1, 1), at, document)
            if found.exhibit is not None:
                assert found.title and "{" not in found.title, name
                assert found.footer.startswith(at.portfolio.settings.company)
    with pytest.raises(KeyError):
        exhibit("markets.nonsense", at)


def test_options_that_are_gone_fall_back_to_what_is_there():
    at, _ = sample_of("en")
    odd = {"taxonomy": "none", "segment": "nobody", "offer": "x", "measure": "y", "reason": "z", "chosen": "?"}
    for name in exhibit_names():
        plain, strange = exhibit(name, at), exhibit(name, at, odd)
        assert (plain is None) == (strange is None)
        if plain is not None and strange is not None and not name.startswith("scenarios"):
            assert plain.title == strange.title, name


def test_the_footer_names_company_scenario_date_currency_and_choices():
    at, _document = sample_of("en")
    words = footer(under(at, {}, "Retention budget"), "markets.map", {"taxonomy": "gummesson"})
    assert words.startswith("Hailing Drives") and "Retention budget" in words
    assert "Dec 31, 2025" in words and "CNY" in words and words.endswith(at.text.term("taxonomy", "gummesson"))
    assert option_words("churn.waterfall", {"measure": "profit", "chosen": ""}, at) == at.text("churn.measures.profit")


def test_a_slide_whose_scenario_was_removed_says_so_and_shows_the_baseline():
    at, document = sample_of("en")
    found = shown("a", Slide(view="churn.waterfall", scenario="feedbeef"), (1, 1), at, document)
    assert found.missing and not found.at.outcome.changed and found.exhibit is not None


def test_every_lab_exhibit_can_be_a_slide_with_the_options_of_its_page():
    at, document = sample_of("zh-Hant")
    first, second = list(document.scenarios)[:2]
    levers = [spec.id for spec in at.observed.levers if spec.unit != "flag"][:2]
    options = {"scenarios": f"{first} {second}", "fixed": "", "measure": "profit_effect"}
    more = {"of": document.scenarios[second].name, "view": "stages", "x": levers[0], "y": levers[1]}
    for name in (n for n in exhibit_names() if n.startswith("scenarios")):
        found = shown("a", Slide(view=name, options=options | more, scenario=second), (1, 1), at, document)
        assert found.exhibit is not None and not found.missing, name
        assert at.text("headline.profit_effect") in found.footer
        gone = shown("a", Slide(view=name, options={"measure": "nothing", "scenarios": "gone"}), (1, 1), at, document)
        assert gone.missing and "nothing" not in gone.footer, name


def test_words_nobody_wrote_follow_scenario_and_language():
    at, document = sample_of("en")
    kept = told(document, first_story(at, document))
    before = all_shown(slides_of(kept), at, kept)
    scenario = next(iter(document.scenarios))
    lever = next(s for s in at.observed.levers if s.target.field == "lost")
    later = with_levers(kept, scenario, pulls({lever.id: Setting(0.5)}, at.observed.levers))
    after = all_shown(slides_of(later), at, later)
    assert before[5].message != after[5].message and before[6].message != after[6].message
    chinese = all_shown(slides_of(kept), replace(at, text=Text("zh-Hans", "CNY")), kept)
    assert chinese[0].title.endswith("我们的关系现状") and "决定" in chinese[6].title
    worded = edited_slide(kept, "first5", message="Mine")
    assert all_shown(slides_of(worded), at, worded)[5].message == "Mine"


def test_a_choice_that_is_gone_is_not_claimed_in_the_footer():
    at, document = sample_of("en")
    slide = Slide(view="value.breakdown", options={"segment": "Nobody", "offer": "ghost"})
    found = shown("a", slide, (1, 1), at, document)
    assert found.missing and "Nobody" not in found.footer and found.exhibit is not None


def test_two_who_keep_the_first_story_at_once_keep_one_story():
    at, document = sample_of("en")
    first = first_story(at, document)
    mine = edited_slide(told(document, first), "first1", title="Mine")
    theirs = edited_slide(told(document, first), "first2", title="Theirs")
    both, clashes = merged(document, mine, theirs)
    assert list(slides_of(both)) == list(slides_of(mine)) and both.slides["first1"].title == "Mine"
    assert {c.path for c in clashes} == {("slides", "first1"), ("slides", "first2")}


def test_a_slide_removed_by_one_and_worded_by_the_other_stays_whole():
    base, one = with_slide(Document(), Slide(view="markets.map", message="M"))
    both, _ = merged(base, edited_slide(base, one, notes="N"), without_slide(base, one))
    assert both.slides[one] == Slide(view="markets.map", message="M", notes="N")
    other, _ = merged(base, without_slide(base, one), edited_slide(base, one, notes="N"))
    assert other.slides[one].notes == "N"


def test_slides_moved_back_and_forth_keep_moving():
    document = told(Document(), [Slide(title=t) for t in "abc"])
    for _ in range(200):
        document = moved_slide(document, list(slides_of(document))[2], 1)
        assert sorted(s.title for s in document.slides.values()) == ["a", "b", "c"]
    titles = [s.title for s in slides_of(document).values()]
    assert titles == ["a", "b", "c"]


def test_slides_are_added_moved_worded_and_removed():
    document, first = with_slide(Document(), Slide(view="markets.map"))
    document, second = with_slide(document, Slide(view="churn.waterfall"))
    document, third = with_slide(document, Slide(title="Words"))
    assert list(slides_of(document)) == [first, second, third]
    between, copied = with_slide(document, Slide(title="x"), after=first)
    assert list(slides_of(between)) == [first, copied, second, third]
    assert list(slides_of(moved_slide(document, third, 0))) == [third, first, second]
    assert list(slides_of(moved_slide(document, first, 1))) == [second, first, third]
    assert list(slides_of(moved_slide(document, first, 99))) == [second, third, first]
    assert slides_of(edited_slide(document, second, title="T", notes="N"))[second].notes == "N"
    assert list(slides_of(without_slide(document, second))) == [first, third]
    assert not told(document, ()).slides and len(told(document, [Slide(), Slide()]).slides) == 2
    with pytest.raises(ValueError):
        edited_slide(document, "nobody", title="T")


def test_two_who_change_the_story_at_once_lose_nothing():
    base, one = with_slide(Document(), Slide(title="One"))
    base, two = with_slide(base, Slide(title="Two"))
    mine = moved_slide(base, two, 0)
    theirs, three = with_slide(edited_slide(base, one, title="Uno"), Slide(title="Three"))
    both, clashes = merged(base, mine, theirs)
    assert [s.title for s in slides_of(both).values()] == ["Two", "Uno", "Three"] and not clashes
    assert three in both.slides


def test_a_scenario_on_a_slide_follows_the_scenario():
    at, _ = sample_of("en")
    lever = next(s for s in at.observed.levers if s.target.field == "lost")
    document, scenario = created(Document(), "Half", pulls({lever.id: Setting(0.5)}, at.observed.levers))
    slide = Slide(view="churn.waterfall", scenario=scenario)
    before = shown("a", slide, (1, 1), at, document)
    document, _ = created(document, "Other")
    later = with_levers(document, scenario, pulls({lever.id: Setting(0.1)}, at.observed.levers))
    after = shown("a", slide, (1, 1), at, later)
    assert before.title != after.title
    live = shown("a", slide, (1, 1), at, document, {lever.id: Setting(0.1)})
    assert live.title == after.title
