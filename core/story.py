"""The story: slides as they are shown, and the first one written from the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.exhibits import NOW, Exhibit, Options, Situation, exhibit, exhibit_names, held_options, option_words, under
from core.models import churn
from core.narrative import attention, lever_label, lever_shift, profit_sentence, scenario_sentence
from core.scenario import Setting, fitted
from core.tables import REASONS
from core.workspace import Document, Slide, first_id, levers_in, pulls, slides_of

# The four views, in the order a meeting goes through them.
FINDINGS = ("markets.map", "stages.pyramid", "value.breakdown", "churn.waterfall")
# What else is worth a slide where the data can speak of some of them only.
_FURTHER = ("churn.reasons", "churn.response", "churn.loss", "stages.dimensions", "value.offers", "markets.priority")


@dataclass(frozen=True)
class Tile:
    """One large number of a slide: its name, the baseline's, and the scenario's where it differs."""

    name: str
    before: str
    after: str = ""


@dataclass(frozen=True)
class Shown:
    """A slide as every medium shows it: its words, its exhibit, and the line that says what it stands on.

    `missing` says that the data, or the scenario it was made for, are not there any more. `caption` is what
    the figure says below its title, where the message says something else; `tiles` are the headline numbers.
    """

    key: str
    number: int
    total: int
    title: str
    message: str
    notes: str
    footer: str
    exhibit: Exhibit | None
    at: Situation
    live: bool = False
    missing: bool = False
    caption: str = ""
    tiles: tuple[Tile, ...] = ()


def story_of(document: Document, at: Situation, chosen: str = "") -> dict[str, Slide]:
    """The slides by id, in order: those of the workspace, else the first story, written anew each time."""
    return slides_of(document) or {first_id(n): slide for n, slide in enumerate(first_story(at, document, chosen))}


def settings_of(slide: Slide, at: Situation, document: Document) -> tuple[dict[str, Setting], str, bool]:
    """The levers of a slide that fit the data, the name they go by, and whether its scenario is there."""
    baseline = at.text("scenario.baseline")
    if slide.levers is not None:
        found = fitted([pull.lever() for pull in slide.levers.values()], at.observed.levers)[0]
        return found, at.text("scenario.unnamed") if found else baseline, True
    if not slide.scenario:
        return {}, baseline, True
    variant = document.scenarios.get(slide.scenario)
    if variant is None:
        return {}, baseline, False
    levers = [pull.lever() for pull in levers_in(document, slide.scenario).values()]
    return fitted(levers, at.observed.levers)[0], variant.name, True


def shown(
    key: str,
    slide: Slide,
    place: tuple[int, int],
    at: Situation,
    document: Document,
    settings: Mapping[str, Setting] | None = None,
) -> Shown:
    """One slide as it is shown.

    Args:
        place: its number, from 1, and how many there are.
        settings: levers to show instead of the slide's own, where somebody pulls them live.
    """
    own, name, there = settings_of(slide, at, document)
    others = {k: held for k, held in at.others.items() if k != NOW}
    others |= {NOW: (name, own)} if slide.levers is not None else {}
    here = replace(under(at, own if settings is None else settings, name), others=others)
    known = slide.view in exhibit_names()
    found = exhibit(slide.view, here, slide.options) if known else None
    held = held_options(slide.view, slide.options, here) if known else {}
    title, message, notes = _written(slide, here, at, found)
    said = slide.message or message
    drawn = found is not None and found.figure is not None
    return Shown(
        key=key,
        number=place[0],
        total=place[1],
        title=slide.title or title,
        message=said,
        notes=slide.notes or notes,
        footer=footer(here, slide.view if known else "", held),
        exhibit=found,
        at=here,
        live=slide.live,
        missing=not there or (bool(slide.view) and found is None) or held != slide.options,
        caption=found.subtitle if found is not None and drawn and found.subtitle != said else "",
        tiles=_tiles(found) if slide.view == "scenarios.headlines" else (),
    )


def _tiles(found: Exhibit | None) -> tuple[Tile, ...]:
    """The headline numbers as tiles."""
    if found is None or found.table is None:
        return ()
    rows = found.table.itertuples(index=False)
    return tuple(Tile(str(r[0]), str(r[1]), str(r[2]) if len(r) > 2 and r[2] != r[1] else "") for r in rows)


def all_shown(slides: Mapping[str, Slide], at: Situation, document: Document) -> tuple[Shown, ...]:
    """Every slide as it is shown."""
    count = len(slides)
    return tuple(shown(key, slide, (n, count), at, document) for n, (key, slide) in enumerate(slides.items(), 1))


def footer(at: Situation, view: str = "", options: Options | None = None) -> str:
    """What a slide stands on: company, scenario, date of the data, currency, the choices of its view."""
    text, settings = at.text, at.portfolio.settings
    parts = [
        at.company,
        at.scenario or text("scenario.baseline"),
        text("present.data_date", date=text.date(settings.period_end)) if settings.period_end else "",
        text("present.currency", currency=settings.currency) if settings.currency else "",
        option_words(view, options or {}, at) if view else "",
    ]
    return " · ".join(filter(None, parts))


def cover(at: Situation) -> str:
    """What a whole deck stands on: the date of the data and the currency; each slide names its own scenario."""
    text, settings = at.text, at.portfolio.settings
    parts = [
        text("report.title"),
        text("present.data_date", date=text.date(settings.period_end)) if settings.period_end else "",
        text("present.currency", currency=settings.currency) if settings.currency else "",
    ]
    return "\n".join(filter(None, parts))


# The first story ----------------------------------------------------------------------------------


def first_story(at: Situation, document: Document, chosen: str = "") -> list[Slide]:
    """A story made from the data: the situation, the four findings, the scenario, the ask.

    Its words are written when it is shown, so that they follow data, scenario and language until somebody
    writes others.

    Args:
        chosen: the scenario to propose; else the first of the workspace, else the levers in force.
    """
    base = under(at, {}, at.text("scenario.baseline"))
    there = [view for view in FINDINGS if exhibit(view, base) is not None]
    there += [view for view in _FURTHER if exhibit(view, base) is not None][: len(FINDINGS) - len(there)]
    slides = [Slide(view="scenarios.headlines", written="situation")]
    slides += [Slide(view=view, written="finding") for view in there]
    known = [key for key, variant in document.scenarios.items() if not variant.archived]
    scenario = chosen if chosen in known else known[0] if known and not at.settings else ""
    own = None if scenario or not at.settings else pulls(at.settings, at.observed.levers)
    if settings_of(Slide(scenario=scenario, levers=own), at, document)[0]:
        slides.append(Slide(view="scenarios.headlines", scenario=scenario, levers=own, live=True, written="scenario"))
        return [*slides, Slide(scenario=scenario, levers=own, written="ask")]
    return [*slides, Slide(written="ask")]


def _written(slide: Slide, here: Situation, at: Situation, found: Exhibit | None) -> tuple[str, str, str]:
    """Title, message and notes of a slide for as long as nobody writes others."""
    text = here.text
    title, message = (found.title, found.subtitle) if found is not None else ("", "")
    if slide.written in ("situation", "finding"):
        said = attention(at.observed, at.portfolio, at.config, text)
        if slide.written == "situation":
            words = text.joined(*(item.sentence for item in said[:2]))
            return text("story.situation", company=here.company), words, text("story.situation_notes")
        topic = slide.view.partition(".")[0]
        words = text.joined(*(item.sentence for item in said if item.topic == topic))
        if slide.view not in FINDINGS or here.outcome.changed:
            return title, message, ""
        return title, words or message, text(f"story.notes_{topic}")
    if slide.written == "scenario":
        words = scenario_sentence(here.observed, here.outcome, here.values, text)
        return text("story.scenario", name=here.scenario), words, text("story.scenario_notes")
    if slide.written == "ask":
        lines = _ask(here) if here.outcome.changed else _begin(here)
        return text("story.ask"), "\n".join(filter(None, lines)), text("story.ask_notes")
    return title, message, ""


def _ask(then: Situation) -> list[str]:
    """What is to be decided where there is a scenario: what it costs and brings."""
    text = then.text
    pulled = [s for s in then.observed.levers if s.id in then.values and then.values[s.id] != s.neutral]
    lines = [text("story.ask_decide", name=then.scenario)]
    for spec in pulled[:4]:
        shift = lever_shift(spec, then.values[spec.id], text)
        lines.append(text("story.ask_lever", lever=lever_label(spec, text), shift=shift))
    return [*lines, profit_sentence(then.outcome.scenario, text), text("story.ask_check")]


def _begin(base: Situation) -> list[str]:
    """What is to be decided where there is no scenario: where it pays to begin."""
    text, inputs = base.text, base.outcome.inputs["churn"]
    lines = []
    if inputs is not None and inputs.has_exits and inputs.has_profit:
        found = churn.retention(inputs, base.outcome.scenario.churn)
        best = int(np.argmax(found.saved_at_best))
        if found.best[best] > 0:
            words = {"reason": text.term("reason", REASONS[best]), "spend": text.money(float(found.best[best]))}
            lines.append(text("story.ask_retention", saved=text.money(float(found.saved_at_best[best])), **words))
    return [*lines, text("story.ask_scenario"), text("story.ask_check")]
