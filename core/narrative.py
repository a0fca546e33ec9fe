"""What the numbers say, in words: headlines, the scenario's sentence, levers, what needs attention.

Screen, deck and report take their sentences from here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.config import Config
from core.figures.chain import flow_words, is_flowing
from core.models import Observed, Outcome, churn, markets, stages, value
from core.models.backwards import Plan, Promotions, Sought
from core.models.chain import Results
from core.models.scenarios import Measure
from core.portfolio import Portfolio, Problem
from core.quantity import measures
from core.scenario import Lever, LeverSpec, Note, Setting
from core.tables import REASONS, TABLES, VOCABULARIES
from core.text import Text
from core.workspace import MISSING, Difference, Pull

_RESULTS: dict[str, type] = {
    "markets": markets.MarketsResult,
    "stages": stages.StagesResult,
    "value": value.ValueResult,
    "churn": churn.ChurnResult,
}


@dataclass(frozen=True)
class Headline:
    """One of the four headline numbers, with what "how is this computed?" shows.

    `better` is 1 where more is better, -1 where less is.
    """

    topic: str
    name: str
    unit: str
    before: float
    after: float
    better: int
    formula: str
    source: str
    ingredients: tuple[tuple[str, str], ...]
    tables: tuple[str, ...]


def headline_words(headline: Headline, text: Text) -> tuple[str, str]:
    """A headline before and after, written so that a real difference shows."""
    return apart(headline.before, headline.after, headline.unit, text)


def apart(before: float, after: float, unit: str, text: Text) -> tuple[str, str]:
    """Two values of a measure, written so that a real difference shows."""
    if unit == "ratio":
        return text.pair(before, after, 2)
    if unit == "share":
        short, long = ((text.percent(before, d), text.percent(after, d)) for d in (1, 2))
        return short if short[0] != short[1] else long if long[0] != long[1] else short
    return text.unit(before, unit), text.unit(after, unit)


def _formula(topic: str, name: str) -> tuple[str, str, str]:
    field = next(f for f in measures(_RESULTS[topic]) if f.name == name)
    return field.metadata["unit"], field.metadata["formula"], field.metadata["source"]


def headlines(outcome: Outcome, text: Text) -> tuple[Headline, ...]:
    """Value in relationship gaps, accounts at interdependent or above, our value ratio, churn rate."""
    found = []
    for topic, name, better, tables in (
        ("markets", "gap_value", -1, ("stakeholders",)),
        ("stages", "advanced", 1, ("assessments",)),
        ("value", "our_ratio", 1, ("value",)),
        ("churn", "churn_rate", -1, ("customers", "exits")),
    ):
        was, now = getattr(outcome.baseline, topic), getattr(outcome.scenario, topic)
        if was is None or (topic == "churn" and not outcome.inputs["churn"].has_exits):
            continue
        unit, formula, source = _formula(topic, name)
        found.append(
            Headline(
                topic,
                name,
                unit,
                float(getattr(was, name)),
                float(getattr(now, name)),
                better,
                formula,
                source,
                _ingredients(topic, was, outcome.inputs[topic], text),
                tables,
            )
        )
    return tuple(found)


def _ingredients(topic: str, result: Any, inputs: Any, text: Text) -> tuple[tuple[str, str], ...]:
    """The numbers that stand in a headline's formula, formatted."""
    if topic == "markets":
        top = np.argsort(-np.nan_to_num(result.priority))[:3]
        return tuple(
            (
                inputs.names[i],
                f"max({text.number(result.gap[i], 1)}, 0) / 10 × {text.money(inputs.value_received.values[i])} = {text.money(result.priority[i])}",
            )
            for i in top
        )
    if topic == "stages":
        return tuple(
            (text.term("stage", stage), text.number(result.accounts[s]))
            for s, stage in enumerate(("basic", "cooperative", "interdependent", "integrated"))
        )
    if topic == "value":
        return tuple(
            (
                inputs.segments[inputs.segment[g]] or text("value.all_segments"),
                f"({text.number(result.core[g], 1)} + {text.number(result.services[g], 1)}) / "
                f"({text.number(result.price[g], 1)} + {text.number(result.relationship_costs[g], 1)}) = {text.number(result.ratio[g], 3)}",
            )
            for g in inputs.ours
        )
    lost = float(result.customers_lost.sum())
    return (
        (text("measure.churn.customers_lost"), text.number(lost)),
        (text("measure.churn.active"), text.number(float(result.active))),
        (text("churn.joined"), text.number(inputs.joined)),
    )


# Levers ----------------------------------------------------------------------------------------


def lever_label(spec: LeverSpec, text: Text) -> str:
    """What a lever changes, in words."""
    target = spec.target
    key = next((k for k in target.keys if k != "*"), "*")
    _kind, _, word = key.rpartition(":")
    if target.topic == "markets":
        name = text.term("market", word)
    elif target.topic == "stages":
        name = text.term("dimension", key)
    elif target.topic == "churn" and target.field != "program_on":
        name = text.term("reason", key)
    elif target.topic == "chain":
        name = text.term("link" if target.field in ("strength", "on") else "stage", key)
    else:
        name = key if target.topic == "churn" else word
    return text(f"lever.{target.topic}.{target.field}", name=name)


def lever_shift(spec: LeverSpec, value_: float, text: Text) -> str:
    """What a pulled lever does to its baseline, such as 6.1 % → 3.7 %."""
    if spec.unit == "flag":
        return text("lever.on" if value_ else "lever.off")
    after = spec.after(value_)
    unit = spec.current_unit
    before_words, after_words = (
        apart(spec.current, after, unit, text)
        if unit == "share"
        else (_lever_unit(v, unit, text) for v in (spec.current, after))
    )
    if not np.isfinite(spec.current):
        return text.percent(value_ - 1, 0)
    return f"{before_words} → {after_words}"


def lever_range(spec: LeverSpec, setting: Setting, text: Text) -> str:
    """The range of what a lever changes, such as 3.1 % – 4.6 %; of the change itself where no figure is known."""
    low, high = setting.span
    if not np.isfinite(spec.current):
        return f"{text.percent(low - 1, 0)} – {text.percent(high - 1, 0)}"
    return " – ".join(_lever_unit(spec.after(v), spec.current_unit, text) for v in (low, high))


def end_words(spec: LeverSpec, value_: float, text: Text) -> str:
    """What one value of a lever makes of its figure, in words."""
    return lever_range(spec, Setting(value_), text).split(" – ")[0]


def _lever_unit(amount: float, unit: str, text: Text) -> str:
    if unit == "points":
        return text.number(amount, 2)
    return text.money(amount) if unit == "money" else text.unit(amount, unit)


def scenario_sentence(
    observed: Observed, outcome: Outcome, values: Mapping[str, float], text: Text, most: int = 3
) -> str:
    """In one or two sentences: what the scenario changes, and what that does to the headlines."""
    # a lever with a range around its baseline is uncertain, not changed
    pulled = [spec for spec in observed.levers if spec.id in values and values[spec.id] != spec.neutral]
    if not pulled:
        return text("scenario.sentence.none")
    parts = [
        text("scenario.sentence.change", lever=lever_label(spec, text), shift=lever_shift(spec, values[spec.id], text))
        for spec in pulled[:most]
    ]
    changes = text.listed(parts)
    if len(pulled) > most:
        changes = text("scenario.sentence.and_more", changes=", ".join(parts), n=len(pulled) - most)
        changes = changes.replace(", ", "、") if text.language != "en" else changes
    moves = []
    for headline in headlines(outcome, text):
        before, after = headline_words(headline, text)
        if before != after:
            moves.append(
                text("scenario.sentence.move", name=text(f"headline.{headline.name}"), before=before, after=after)
            )
    effect = text.listed(moves) if moves else text("scenario.sentence.no_effect")
    sentence = text("scenario.sentence.whole", changes=changes, effects=effect)
    money = profit_sentence(outcome.scenario, text)
    return text.joined(sentence, money)


def profit_sentence(results: Results, text: Text) -> str:
    """What the scenario earns a period, and what retention costs in it; "" where nothing is known."""
    effect = float(results.profit_effect)
    if not abs(effect) >= 0.5:
        return ""
    spend = float(results.churn.spend) if results.churn is not None else 0.0
    if spend > 0:
        return text("scenario.sentence.profit_spend", profit=text.change(effect), spend=text.money(spend))
    return text("scenario.sentence.profit", profit=text.change(effect))


def note_sentence(note: Note, observed: Observed, text: Text) -> str:
    """What `apply` could not do as asked."""
    spec = next((s for s in observed.levers if s.target == note.lever.target), None)
    return text(f"scenario.note.{note.code}", lever=lever_label(spec, text) if spec else note.lever.target.field)


def flow_sentences(outcome: Outcome, text: Text) -> list[tuple[str, str, str, str]]:
    """From, to, link and what flowed, for every link of the chain that carried something."""
    return [
        (
            text.term("chain_node", f.source),
            text.term("chain_node", f.target),
            text.term("link", f.link) if f.link else text("chain.identity"),
            flow_words(f, text),
        )
        for f in outcome.flows
        if is_flowing(f)
    ]


# The scenario lab ------------------------------------------------------------------------------


def lever_origin(spec: LeverSpec) -> tuple[str, ...]:
    """The tables that a lever's baseline comes from; none where it is an assumption of config.yaml."""
    if spec.target.field in ("savable_share", "response_scale", "retention_spend") or spec.target.topic == "chain":
        return ()
    if spec.target.field == "program_on":
        return ("programs",)
    tables = {"markets": "stakeholders", "stages": "assessments", "value": "value", "churn": "exits"}
    return (tables[spec.target.topic],)


def plan_words(question: str, plan: Plan, measure: Measure, target: float, observed: Observed, text: Text) -> str:
    """The answer to a question about money: what it takes or brings, and what binds."""
    churn_inputs = observed.inputs["churn"]
    words = text(
        f"scenarios.ask.{question}_answer" if plan.feasible else "scenarios.ask.impossible",
        target=text.money(target) if question != "churn" else text.percent(target),
        cost=text.money(plan.cost),
        reached=text.unit(plan.reached, measure.unit),
        saved=text.money(plan.saved),
        effect=text.change(plan.saved - plan.cost),
        next=text.number(plan.next_unit, 2),
    )
    capped = text.listed([text.term("reason", reason) for reason in plan.capped])
    if plan.binding == "met":
        return text("scenarios.ask.met", reached=text.unit(plan.reached, measure.unit))
    parts = [words, text(f"scenarios.ask.binding.{plan.binding}", capped=capped)]
    if question == "budget":
        taken = text.listed(list(plan.programs))
        offered = len(churn_inputs.program_on.axes[0].keys)
        key = "programs_taken" if plan.programs else "programs_none" if offered else ""
        parts.append(text(f"scenarios.ask.{key}", programs=taken, n=offered) if key else "")
        parts.append("" if plan.exact else text("scenarios.ask.greedy"))
    return text.joined(*parts)


def promotion_words(found: Promotions, wanted: int, text: Text) -> str:
    """What it takes to promote accounts, or how many could be at all."""
    key = "accounts_answer" if found.feasible else "accounts_impossible"
    points = sum(way.points for way in found.chosen)
    return text(
        f"scenarios.ask.{key}",
        n=text.number(wanted),
        possible=text.number(found.possible),
        points=text.number(points),
        cost=text.money(found.cost),
    )


def sought_words(found: Sought, spec: LeverSpec, measure: Measure, goal: float, text: Text) -> str:
    """Where one lever must stand for a result, or the nearest it comes."""
    if not found.moves:
        return text(
            "scenarios.ask.lever_still", lever=lever_label(spec, text), measure=text(f"headline.{measure.name}")
        )
    return text(
        "scenarios.ask.lever_answer" if found.feasible else "scenarios.ask.lever_impossible",
        lever=lever_label(spec, text),
        shift=lever_shift(spec, found.value, text),
        measure=text(f"headline.{measure.name}"),
        goal=text.unit(goal, measure.unit),
        reached=text.unit(found.reached, measure.unit),
    )


# What changed in a workspace -------------------------------------------------------------------


def setting_words(spec: LeverSpec, setting: Setting | None, text: Text) -> str:
    """Where a setting puts what a lever changes; the baseline's place without one."""
    if setting is None:
        return end_words(spec, spec.neutral, text)
    place = end_words(spec, setting.likely, text)
    return f"{place} ({lever_range(spec, setting, text)})" if setting.is_range else place


def lever_words(lever: Lever, observed: Observed, text: Text) -> str:
    """A lever and where it is pulled to; by its place alone where the data at hand have none such."""
    target = lever.target
    spec = next((s for s in observed.levers if (s.target, s.operation) == (target, lever.operation)), None)
    setting = lever.setting or Setting(float(lever.value))
    if spec is None:
        where = " · ".join(key.rpartition(":")[2] for key in target.keys if key != "*")
        return text("lever.stranger", topic=text(f"scenario.topic.{target.topic}"), name=where)
    words = f"{lever_label(spec, text)} {lever_shift(spec, setting.likely, text)}"
    return f"{words} ({lever_range(spec, setting, text)})" if setting.is_range else words


def difference_words(difference: Difference, names: Mapping[str, str], observed: Observed, text: Text) -> str:
    """What differs between two versions of a workspace, in words.

    Args:
        names: names of the scenarios by id, of either version.
    """
    head, *rest = difference.path
    if head == "slides" and rest:
        return _slide_change(difference, text)
    if head != "scenarios" or not rest:
        detail = rest[-1] if head == "settings" and f"settings.{rest[-1]}" in text else ""
        where = text(f"settings.{detail}") if detail else ""
        name = (
            "" if difference.after in (MISSING, None) or isinstance(difference.after, list) else str(difference.after)
        )
        return text(f"change.{head}", name=name, detail=where)
    name = names.get(rest[0], rest[0])
    if len(rest) == 1:
        return text("change.scenario_gone" if difference.after is MISSING else "change.scenario_new", name=name)
    if rest[1] == "levers" and len(rest) > 2:
        return text("change.lever", name=name, lever=_lever_change(difference, observed, text))
    return text(f"change.scenario_{rest[1]}", name=name)


def _slide_change(difference: Difference, text: Text) -> str:
    """A slide that came, went, or was worded or moved."""
    found = next((d for d in (difference.after, difference.before) if isinstance(d, dict)), {})
    if len(difference.path) == 2:
        topic = str(found.get("view", "")).partition(".")[0]
        name = str(found.get("title", "")) or (text(f"{topic}.nav") if topic else text("present.words"))
        return text("change.slide_gone" if difference.after is MISSING else "change.slide_new", name=name)
    part = difference.path[2]
    part = part if f"change.slide_{part}" in text else "other"
    words = difference.after if isinstance(difference.after, str) else ""
    return text(f"change.slide_{part}", name=words[:60])


def _lever_change(difference: Difference, observed: Observed, text: Text) -> str:
    spec = next((s for s in observed.levers if s.id == difference.path[3]), None)
    if spec is None:
        known = next((d for d in (difference.after, difference.before) if isinstance(d, dict)), None)
        return lever_words(Pull.model_validate(known).lever(), observed, text) if known else difference.path[3]
    held = [
        Pull.model_validate(d).setting if isinstance(d, dict) else None for d in (difference.before, difference.after)
    ]
    ends = [setting_words(spec, setting, text) for setting in held]
    if ends[0] == ends[1] and spec.current_unit == "share":
        values = [spec.neutral if setting is None else setting.likely for setting in held]
        ends = list(apart(spec.after(values[0]), spec.after(values[1]), "share", text))
    return f"{lever_label(spec, text)} {ends[0]} → {ends[1]}"


# What needs attention --------------------------------------------------------------------------


@dataclass(frozen=True)
class Attention:
    """One thing to look at: the page it leads to and its sentence."""

    topic: str
    sentence: str


def attention(observed: Observed, portfolio: Portfolio, config: Config, text: Text) -> tuple[Attention, ...]:
    """What stands out in the baseline, at most two a topic, the costliest first."""
    found: list[Attention] = []
    inputs, base = observed.inputs, observed.baseline
    if base.churn is not None and base.churn.customers_lost.sum() > 0:
        money = np.nan_to_num(base.churn.avoidable_revenue)
        worst = int(money.argmax())
        if money[worst] > 0:
            found.append(
                Attention(
                    "churn",
                    text("attention.churn", reason=text.term("reason", REASONS[worst]), money=text.money(money[worst])),
                )
            )
        unknown = float(base.churn.customers_lost[REASONS.index("unknown")] / base.churn.customers_lost.sum())
        if unknown > 0.08:
            found.append(Attention("churn", text("attention.unknown_reasons", share=text.percent(unknown, 0))))
    people = inputs["markets"]
    if people is not None:
        priority = np.nan_to_num(base.markets.priority)
        i = int(priority.argmax())
        if priority[i] > 0:
            found.append(
                Attention(
                    "markets",
                    text(
                        "attention.gap",
                        name=people.names[i],
                        gap=text.number(base.markets.gap[i], 1),
                        money=text.money(priority[i]),
                    ),
                )
            )
        flagged = [f for f in markets.flags(people, portfolio, config) if f.code == "owner_share"]
        if flagged:
            flag = flagged[0]
            found.append(
                Attention(
                    "markets",
                    text(
                        "attention.owner",
                        owner=flag.name,
                        market=text.term("market", flag.group),
                        money=text.money(flag.amount),
                    ),
                )
            )
    accounts = inputs["stages"]
    if accounts is not None:
        gap = accounts.perception_gap(config.stages.perception_gap)
        if gap.any():
            found.append(Attention("stages", text("attention.perception", n=int(gap.sum()))))
        unassessable = int((base.stages.stage < 0).sum())
        if unassessable:
            found.append(Attention("stages", text("attention.not_assessable", n=unassessable)))
    worth = inputs["value"]
    if worth is not None and len(worth.ours):
        ratio = base.value.ratio
        behind = [
            (worth.segments[worth.segment[g]], worth.offers[worth.offer[h]], float(ratio[h]))
            for g in worth.ours
            for h in np.flatnonzero((worth.segment == worth.segment[g]) & (worth.offer != worth.offer[g]))
            if ratio[h] > ratio[g]
        ]
        if behind:
            rivals = Counter(rival for _, rival, _ in behind)
            rival, count = rivals.most_common(1)[0]
            words = text("attention.behind", rival=text.term("offer", rival), n=count, total=len(worth.segments))
            found.append(Attention("value", words))
    lost = sum(problem.set_aside in ("row", "cell") for problem in portfolio.problems)
    if lost:
        found.append(Attention("data", text("attention.problems", n=lost)))
    return tuple(found)


# Problems --------------------------------------------------------------------------------------


_TOLD = ("count", "other", "allowed", "scale", "taken", "differ", "before", "year")


def problem_sentence(problem: Problem, text: Text) -> str:
    """What was wrong and how to mend it."""
    detail = {key: v for key, v in problem.detail.items() if v is not None}
    words = {key: detail.get(key, "") for key in _TOLD}
    if isinstance(words["scale"], float):
        words["scale"] = text.number(words["scale"])
    value = (
        TABLES[problem.value].label(text.language)
        if problem.code in ("rows_joined", "maybe_twice")
        else problem.value[:60]
    )
    if problem.code == "market_from_header":
        value = text.term("market", problem.value)
    code = f"problem.{problem.code}"
    if problem.code == "duplicate":
        code = f"problem.duplicate.{detail.get('policy', 'first')}"
    message = text(code, value=value, column=column_words(problem.column, text), row=problem.row, **words)
    mend = _mend(problem.detail, text) if problem.code in ("bad_cell", "column_unreadable") else ""
    near = text("problem.near", near=detail["near"]) if detail.get("near") else ""
    return " ".join(filter(None, (message, mend, near)))


def column_words(column: str, text: Text) -> str:
    """A column as people call it: the header of the file, or the label of a column of the schema."""
    table, _, name = column.partition(".")
    found = TABLES[table].by_name.get(name) if table in TABLES else None
    return found.label(text.language) if found else column


def _mend(detail: Mapping[str, Any], text: Text) -> str:
    kind, low, high = detail.get("type"), detail.get("low"), detail.get("high")
    if kind == "choice":
        words = [text.term(detail["vocabulary"], key) for key in VOCABULARIES[detail["vocabulary"]]]
        return text("problem.mend.choice", allowed=text.listed(words[:10]))
    if low is not None and high is not None:
        return text("problem.mend.between", low=f"{low:g}", high=f"{high:g}")
    if low is not None:
        return text("problem.mend.above", low=f"{low:g}")
    return text(f"problem.mend.{kind}") if f"problem.mend.{kind}" in text else ""


def intake_sentence(code: str, file: str, detail: Mapping[str, Any], text: Text) -> str:
    """Why a file could not be used, and what to do."""
    values = {
        key: text.number(v, 1 if v != int(v) else 0) if isinstance(v, int | float) else v for key, v in detail.items()
    }
    for key in ("found", "allowed", "seconds", "sheet", "headers", "error"):
        values.setdefault(key, "")
    if "column" in detail:
        values["column"] = column_words(detail["column"], text)
    return text(f"intake.error.{code}", file=file, **values)


def table_counts(portfolio: Portfolio, text: Text) -> list[tuple[str, str, int, list[str]]]:
    """Name, label, rows and sources of each table that holds rows."""
    found = []
    for name, frame in portfolio.tables.items():
        places = [f"{file} · {sheet}" for file, sheet in (portfolio.sources[int(s)] for s in frame["_source"].unique())]
        found.append((name, TABLES[name].label(text.language), len(frame), places))
    return found
