"""Results as tables for the screen and for downloads, labelled in the reader's language."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.config import Config
from core.figures.markets import group_term
from core.figures.scenarios import change as difference_of
from core.figures.scenarios import span_words
from core.intake.comparing import Change
from core.models import Observed, Outcome, chain, churn, markets, stages, value
from core.models.backwards import Plan, Promotions
from core.models.chain import Results
from core.models.draws import Futures, chance, interval
from core.models.scenarios import Measure, measures_of
from core.narrative import (
    Headline,
    apart,
    column_words,
    difference_words,
    flow_sentences,
    headline_words,
    lever_label,
    lever_range,
    lever_shift,
    lever_words,
    problem_sentence,
    table_counts,
)
from core.portfolio import Portfolio, Problem
from core.quantity import measures
from core.scenario import LeverSpec, Setting
from core.store import Revision
from core.tables import DIMENSIONS, ITEMS, LANGUAGE_NAMES, LANGUAGES, REASONS, STAGES, TABLES, VOCABULARIES
from core.text import Text, load_words
from core.workspace import Document, Pull, differences, levers_in


def stage_accounts(outcome: Outcome, text: Text) -> pd.DataFrame:
    """Every assessed account: stage, score, range, gate that holds, target, and the perception gap."""
    inputs: stages.StagesInputs = outcome.inputs["stages"]
    base, now = outcome.baseline.stages, outcome.scenario.stages
    assert base is not None and now is not None

    def word(stage: int) -> str:
        return text.term("stage", STAGES[stage]) if stage >= 0 else text("stages.not_assessable")

    rows = []
    for a, account in enumerate(inputs.accounts):
        low, high = int(inputs.lowest_stage[a]), int(inputs.highest_stage[a])
        held = int(now.held_by[a])
        gap = float(inputs.own_score[a] - inputs.customer_score[a])
        goal = int(inputs.target[a])
        step = (
            ""
            if goal < 0 or now.stage[a] < 0
            else text("stages.move." + ("climb" if goal > now.stage[a] else "down" if goal < now.stage[a] else "hold"))
        )
        row = {
            text("stages.list.account"): account,
            text("stages.list.name"): inputs.names[a],
            text("stages.list.stage"): text.term("stage", "exited") if inputs.exited[a] else word(int(base.stage[a])),
            text("stages.list.score"): None if np.isnan(base.score[a]) else round(float(base.score[a]), 1),
        }
        if outcome.changed:
            row[text("stages.list.scenario")] = (
                text.term("stage", "exited") if inputs.exited[a] else word(int(now.stage[a]))
            )
        row |= {
            text("stages.list.range"): f"{word(low)} – {word(high)}" if low != high and base.stage[a] >= 0 else "",
            text("stages.list.held"): text.term("dimension", DIMENSIONS[held]) if held >= 0 else "",
            text("stages.list.target"): f"{word(goal)} · {step}" if goal >= 0 and step else "",
            text("stages.list.gap"): None if np.isnan(gap) else round(gap, 0),
            text("stages.list.revenue"): None if np.isnan(inputs.revenue[a]) else float(inputs.revenue[a]),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def next_step_words(outcome: Outcome, account: str, config: Config, text: Text) -> tuple[str, list[str], list[str]]:
    """The smallest step of one account: its sentence, the improvements, and the stage's playbook."""
    inputs: stages.StagesInputs = outcome.inputs["stages"]
    a = inputs.accounts.index(account)
    stage = int(outcome.baseline.stages.stage[a]) if outcome.baseline.stages is not None else -1
    playbook = (
        [text(f"playbook.{STAGES[stage]}.{n}") for n in range(1, 5) if f"playbook.{STAGES[stage]}.{n}" in text]
        if stage >= 0
        else []
    )
    step = stages.next_step(inputs.items[:, a], config)
    if step is None:
        key = "stages.step.top" if stage == len(STAGES) - 1 else "stages.step.none"
        return text(key), [], playbook
    lines = [
        text(
            "stages.step.item",
            item=text(f"item.{ITEMS[i]}.name"),
            before=text.number(inputs.items[i, a], 1),
            after=text.number(new, 0 if float(new).is_integer() else 1),
            anchor=text(f"item.{ITEMS[i]}.{round(new)}"),
        )
        for i, new in step.improvements
    ]
    sentence = text(
        "stages.step.sentence",
        n=len(lines),
        points=text.number(step.points),
        stage=text.term("stage", STAGES[step.stage]),
    )
    return sentence, lines, playbook


def flag_rows(
    inputs: markets.MarketsInputs, portfolio: Portfolio, config: Config, text: Text, taxonomy: str = "six"
) -> pd.DataFrame:
    """What stands out on the map, a row each."""
    rows = []
    for flag in markets.flags(inputs, portfolio, config):
        amount = (
            text.number(flag.amount, 1) if flag.code in ("trust_commitment", "reciprocity") else text.money(flag.amount)
        )
        rows.append(
            {
                text("markets.flags.what"): text(f"markets.flags.{flag.code}"),
                text("markets.flags.who"): flag.name,
                text("markets.flags.market"): group_term(text, taxonomy, flag.group),
                text("markets.flags.amount"): amount,
            }
        )
    return pd.DataFrame(rows)


def stakeholder_rows(
    inputs: markets.MarketsInputs, result: markets.MarketsResult, config: Config, text: Text, taxonomy: str = "six"
) -> pd.DataFrame:
    """Every stakeholder with all that is known of it, the largest priority first."""
    place = markets.quadrant(inputs, config)
    kind = markets.salience(inputs.power, inputs.legitimate, inputs.urgent, config.markets.quadrant_cut)
    balance = markets.reciprocity(inputs)

    def shown(number: float, digits: int = 1) -> float | None:
        return None if np.isnan(number) else round(float(number), digits)

    order = np.argsort(-np.nan_to_num(result.priority), kind="stable")
    rows = []
    for i in order:
        cells = {
            "name": inputs.names[i],
            "market": group_term(text, taxonomy, inputs.groups[inputs.group[i]]),
            "kind": text.term("kind", inputs.kinds[i]),
            "owner": inputs.owners[i],
            "strength": shown(result.strength[i]),
            "desired": shown(inputs.desired.values[i]),
            "gap": shown(result.gap[i]),
            "priority": shown(result.priority[i], 0),
            "value": shown(inputs.value_received.values[i], 0),
            "balance": shown(balance[i], 2),
            "satisfaction": shown(inputs.satisfaction[i]),
            "quadrant": text.term("quadrant", markets.QUADRANTS[place[i]]) if place[i] >= 0 else "",
            "salience": text.term("salience", markets.SALIENCE[kind[i]]) if kind[i] >= 0 else "",
        }
        rows.append({text(f"markets.list.{key}"): value_ for key, value_ in cells.items()})
    return pd.DataFrame(rows)


def market_rows(
    inputs: markets.MarketsInputs, result: markets.MarketsResult, text: Text, taxonomy: str = "six"
) -> pd.DataFrame:
    """Every market: stakeholders, strength, value, concentration on owners, emphasis with the jury's spread."""
    held = markets.ownership(inputs)

    def shown(number: float, digits: int = 1) -> float | None:
        return None if np.isnan(number) else round(float(number), digits)

    return pd.DataFrame(
        [
            {
                text("markets.list.market"): group_term(text, taxonomy, group),
                text("markets.list.count"): int((inputs.group == g).sum()),
                text("markets.list.strength"): shown(result.group_strength[g]),
                text("markets.list.desired"): shown(result.group_desired[g]),
                text("markets.list.value"): shown(result.group_value[g], 0),
                text("markets.list.priority"): shown(result.group_priority[g], 0),
                text("markets.list.herfindahl"): shown(held.herfindahl[g], 2),
                text("markets.list.emphasis"): shown(result.emphasis_current[g]),
                text("markets.list.emphasis_desired"): shown(result.emphasis_desired[g]),
                text("markets.list.spread"): shown(inputs.emphasis_spread[g]),
            }
            for g, group in enumerate(inputs.groups)
        ]
    )


def movement_rows(moved: Any, text: Text) -> pd.DataFrame:
    """Accounts from each state to each, with the share of those that came from it."""
    shares = stages.transitions(moved)
    names = [text.term("stage", s) for s in stages.STATES]
    return pd.DataFrame(
        [
            {text("stages.movement.from"): names[i]}
            | {
                n: f"{text.number(moved[i, j])} ({text.percent(shares[i, j], 0)})" if moved[i, j] else ""
                for j, n in enumerate(names)
            }
            for i in range(len(names))
            if moved[i].sum()
        ]
    )


def decomposition_rows(found: value.Decomposition, text: Text) -> pd.DataFrame:
    """The part of each component in the change of net value and of ln(ratio)."""
    return pd.DataFrame(
        [
            {
                text("value.decomposition.component"): text.term("value_part", label),
                text("value.decomposition.net"): round(float(net), 3),
                text("value.decomposition.log_ratio"): round(float(part), 5),
            }
            for label, net, part in zip(found.labels, found.net, found.log_ratio, strict=True)
        ]
    )


def contact_rows(portfolio: Portfolio, text: Text) -> pd.DataFrame:
    """Contact breadth and coverage of deciders, a row an account."""
    return pd.DataFrame(
        [
            {
                text(f"markets.contacts.{key}"): row[key]
                for key in ("account", "people", "functions", "deciders", "counterparts", "days_since_seen")
            }
            for row in sorted(markets.contact_table(portfolio), key=lambda r: (r["people"], r["deciders"]))
        ]
    )


def load_rows(portfolio: Portfolio, text: Text) -> pd.DataFrame:
    """How many accounts each of our people looks after."""
    return pd.DataFrame(
        [
            {text("markets.contacts.counterpart"): name, text("markets.contacts.accounts"): count}
            for name, count in markets.counterpart_load(portfolio).items()
        ]
    )


def headroom_rows(inputs: value.ValueInputs, result: value.ValueResult, text: Text) -> pd.DataFrame:
    """At which price we draw level with each rival, by ratio and by net value."""
    return pd.DataFrame(
        [
            {
                text("value.headroom.segment"): h.segment or text("value.all_segments"),
                text("value.headroom.rival"): text.term("offer", h.rival),
                text("value.headroom.price"): text.number(h.price, 1),
                text("value.headroom.by_ratio"): text.number(h.by_ratio, 1),
                text("value.headroom.by_net"): text.number(h.by_net, 1),
                text("value.headroom.reading"): text(
                    "value.headroom.disagree"
                    if h.disagree
                    else "value.headroom.ahead"
                    if h.price < h.by_ratio
                    else "value.headroom.behind"
                ),
            }
            for h in value.headroom(inputs, result)
        ]
    )


def retention_rows(outcome: Outcome, text: Text, lifetime: bool = False) -> pd.DataFrame:
    """What keeping customers may cost, a row a reason with something to save."""
    inputs, result = outcome.inputs["churn"], outcome.scenario.churn
    assert result is not None
    found = churn.retention(inputs, result, lifetime)
    per_period = churn.retention(inputs, result).saved
    rows = []
    for r, reason in enumerate(REASONS):
        if found.most[r] <= 0:
            continue
        spend = float(inputs.retention_spend.values[r])
        saved = float(found.saved[r])
        rows.append(
            {
                text("churn.retention.reason"): text.term("reason", reason),
                text("churn.retention.threshold"): text.money(float(found.threshold[r])),
                text("churn.retention.most"): text.money(float(found.most[r])),
                text("churn.retention.best"): text.money(float(found.best[r])),
                text("churn.retention.saved_at_best"): text.money(float(found.saved_at_best[r])),
                text("churn.retention.break_even"): text.money(float(found.break_even[r]))
                if found.break_even[r] > 0
                else text("churn.retention.never"),
                text("churn.retention.spend"): text.money(spend) if spend > 0 else "",
                text("churn.retention.return_"): text.number(saved / spend, 1) + "×" if spend > 0 else "",
                text("churn.retention.payback"): text.number(
                    churn.payback_months(spend, float(per_period[r]), inputs.period_months), 1
                )
                if spend > 0 and saved > 0
                else "",
            }
        )
    return pd.DataFrame(rows)


def split_words(outcome: Outcome, budget: float, text: Text, lifetime: bool = False) -> tuple[str, pd.DataFrame]:
    """The best split of a total budget over reasons, and the constraint that binds."""
    inputs, result = outcome.inputs["churn"], outcome.scenario.churn
    assert result is not None
    found = churn.retention(inputs, result, lifetime)
    best = churn.best_split(found.most, inputs.response_scale.values, budget)
    rows = pd.DataFrame(
        [
            {
                text("churn.retention.reason"): text.term("reason", REASONS[r]),
                text("churn.retention.spend"): text.money(float(best.spend[r])),
                text("churn.retention.saved"): text.money(
                    float(churn.saved_profit(best.spend[r], found.most[r], inputs.response_scale.values[r]))
                ),
            }
            for r in np.argsort(-best.spend)
            if best.spend[r] > 0.5
        ]
    )
    sentence = text(
        f"churn.split.{best.binding}",
        saved=text.money(best.saved),
        spend=text.money(float(best.spend.sum())),
        next=text.number(best.price, 2),
    )
    return sentence, rows


def target_words(outcome: Outcome, target: float, text: Text, lifetime: bool = False) -> str:
    """The least spend that saves a target, or that it cannot be saved and what comes nearest."""
    inputs, result = outcome.inputs["churn"], outcome.scenario.churn
    assert result is not None
    found = churn.retention(inputs, result, lifetime)
    if found.most.sum() <= 0:
        return text("churn.target.nothing")
    need = churn.least_spend(found.most, inputs.response_scale.values, target)
    return text(
        "churn.target.feasible" if need.feasible else "churn.target.infeasible",
        target=text.money(target),
        spend=text.money(float(need.spend.sum())),
        saved=text.money(need.saved),
        most=text.money(float(found.most.sum())),
    )


def loss_rows(outcome: Outcome, text: Text) -> pd.DataFrame:
    """The three ways to look at the loss, a row a reason; they are alternatives, never to be added."""
    result = outcome.scenario.churn
    assert result is not None
    return pd.DataFrame(
        [
            {
                text("churn.loss.reason"): text.term("reason", reason),
                text("churn.loss.customers"): text.number(
                    result.customers_lost[r], 0 if float(result.customers_lost[r]).is_integer() else 1
                ),
                text("churn.loss.revenue"): text.money(result.revenue_lost[r]),
                text("churn.loss.profit"): text.money(result.profit_lost[r]),
                text("churn.loss.lifetime"): text.money(result.lifetime_profit_lost[r]),
                text("churn.loss.replacement"): text.money(result.replacement_cost[r]),
            }
            for r, reason in enumerate(REASONS)
            if result.customers_lost[r] > 0
        ]
    )


def kind_of_problem_rows(problems: tuple[Problem, ...], text: Text) -> pd.DataFrame:
    """How often each kind of problem occurs, with an example of it."""
    first: dict[str, Problem] = {}
    for problem in problems:
        first.setdefault(problem.code, problem)
    count = Counter(problem.code for problem in problems)
    order = {"row": 0, "cell": 1, "nothing": 2}
    return pd.DataFrame(
        [
            {
                text("problem.list.kept"): text(f"problem.kept.{first[code].set_aside}"),
                text("problem.list.count"): count[code],
                text("problem.list.example"): problem_sentence(first[code], text),
            }
            for code in sorted(first, key=lambda code: (order[first[code].set_aside], -count[code]))
        ]
    )


def change_rows(changes: Sequence[Change], text: Text) -> pd.DataFrame:
    """What an import adds, changes and removes, table by table."""
    return pd.DataFrame(
        [
            {
                text("data.loaded.table"): TABLES[change.table].label(text.language),
                **{
                    text(f"data.together.{part}"): getattr(change, part)
                    for part in ("added", "changed", "removed", "same")
                },
            }
            for change in changes
        ]
    )


def problem_rows(problems: tuple[Problem, ...], text: Text, most: int) -> pd.DataFrame:
    """What was not taken as it stood: where, what, and how to mend it."""
    order = {"row": 0, "cell": 1, "nothing": 2}
    ranked = sorted(problems, key=lambda p: order[p.set_aside])[:most]
    return pd.DataFrame(
        [
            {
                text("problem.list.kept"): text(f"problem.kept.{p.set_aside}"),
                text("evidence.file"): p.file,
                text("evidence.sheet"): p.sheet,
                text("evidence.row"): p.row or None,
                text("problem.list.column"): column_words(p.column, text),
                text("problem.list.value"): p.value[:80],
                text("problem.list.message"): problem_sentence(p, text),
            }
            for p in ranked
        ]
    )


def method_rows(topic: str, text: Text) -> pd.DataFrame:
    """Every measure of a topic: name, unit, formula, source."""
    types: dict[str, tuple[type, ...]] = {
        "markets": (markets.MarketsResult, markets.Ownership),
        "stages": (stages.StagesResult, stages.Investment),
        "value": (value.ValueResult, value.Sensitivity, value.Headroom, value.Decomposition, value.ValueMap),
        "churn": (churn.ChurnResult, churn.Retention),
    }
    return pd.DataFrame(
        [
            {
                text("method.measure"): text(f"measure.{topic}.{item.name}"),
                text("method.unit"): text(f"unit.{item.metadata['unit']}"),
                text("method.formula"): item.metadata["formula"],
                text("method.source"): text(f"source.{item.metadata['source']}"),
            }
            for kind in types[topic]
            for item in measures(kind)
        ]
    )


def chain_rows(config: Config, text: Text) -> pd.DataFrame:
    """Every link of the chain with its formula, range and badge."""
    rows: list[dict[str, Any]] = []
    for name in chain.LINKS:
        link = getattr(config.chain, name)
        rows.append(
            {
                text("chain.list.link"): text.term("link", name),
                text("chain.list.formula"): text.term("link_formula", name),
                text("chain.list.likely"): text.number(link.value, 2),
                text("chain.list.range"): f"{link.low:g} – {link.high:g}",
                text("chain.list.badge"): text.term("link_badge", name),
            }
        )
    return pd.DataFrame(rows)


def flow_rows(outcome: Outcome, text: Text) -> pd.DataFrame:
    """What the scenario sent along each link."""
    names = [text(f"chain.flow.{key}") for key in ("from", "to", "link", "effect")]
    return pd.DataFrame([dict(zip(names, row, strict=True)) for row in flow_sentences(outcome, text)])


def loaded_rows(portfolio: Portfolio, text: Text) -> pd.DataFrame:
    """The tables that hold rows, with their sources."""
    return pd.DataFrame(
        [
            {
                text("data.loaded.table"): label,
                text("data.loaded.rows"): rows,
                text("data.loaded.sources"): "; ".join(places),
            }
            for _, label, rows, places in table_counts(portfolio, text)
        ]
    )


def problem_counts(problems: tuple[Problem, ...]) -> dict[str, int]:
    """How many rows and cells were set aside, and how many notes there are."""
    return {
        "rows": sum(p.set_aside == "row" for p in problems),
        "cells": sum(p.set_aside == "cell" for p in problems),
        "notes": sum(p.set_aside == "nothing" for p in problems),
    }


_CROSSWALK: dict[str, tuple[str, ...]] = {
    "prospect": ("", "", "", "pre_kam"),
    "basic": ("vendor", "basic_reactive", "bond_1", "early_kam"),
    "cooperative": ("preferred", "accountable", "bond_2", "mid_kam"),
    "interdependent": ("partner", "proactive", "bond_2_3", "partnership_kam"),
    "integrated": ("ally", "partnership", "bond_3", "synergistic_kam"),
    "exited": ("", "", "", "uncoupling"),
}
_SOURCED = (("integrated", "ally"),)


def crosswalk_rows(text: Text) -> pd.DataFrame:
    """The stages beside four other schemes; each cell marked sourced or our reading."""

    def cell(stage: str, key: str) -> str:
        if not key:
            return "–"
        badge = "method.crosswalk.sourced" if (stage, key) in _SOURCED else "method.crosswalk.ours"
        return f"{text.term('crosswalk', key)} ({text(badge)})"

    heads = [text(f"method.crosswalk.{name}") for name in ("bacon", "kotler", "berry", "millman")]
    return pd.DataFrame(
        [
            {
                text("method.crosswalk.stage"): text.term("stage", stage),
                **dict(zip(heads, (cell(stage, k) for k in keys), strict=True)),
            }
            for stage, keys in _CROSSWALK.items()
        ]
    )


def item_rows(text: Text) -> pd.DataFrame:
    """The twelve items with the behaviour that each score stands for."""
    return pd.DataFrame(
        [
            {
                text("method.items.dimension"): text.term("dimension", item.rsplit("_", 1)[0]),
                text("method.items.item"): text(f"item.{item}.name"),
                **{str(score): text(f"item.{item}.{score}") for score in range(1, 5)},
            }
            for item in ITEMS
        ]
    )


def kind_rows(config: Config, text: Text) -> pd.DataFrame:
    """Every kind of stakeholder with its group in each taxonomy."""
    lookups = {name: config.markets.group_of(name) for name in config.markets.taxonomies}
    return pd.DataFrame(
        [
            {
                text("method.kind"): text.term("kind", kind),
                **{
                    text.term("taxonomy", name): text.term("market" if name == "six" else "group", lookup[kind])
                    for name, lookup in lookups.items()
                },
            }
            for kind in VOCABULARIES["kind"]
        ]
    )


def glossary_rows(text: Text) -> pd.DataFrame:
    """The words of the field in the three languages."""
    languages = {language: Text(language) for language in LANGUAGES}
    keys = [key for key in load_words("en") if key.startswith("glossary.")]
    return pd.DataFrame([{LANGUAGE_NAMES[name]: words(key) for name, words in languages.items()} for key in keys])


@dataclass(frozen=True)
class Printed:
    """A table as a slide, a page or a report shows it: words, which columns are numbers, and what was left out."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    left_rows: int
    left_columns: int

    def left_words(self, text: Text) -> str:
        """How many rows and columns more there are, "" where none."""
        rows = text("present.more_rows", n=self.left_rows) if self.left_rows else ""
        columns = text("present.more_columns", n=self.left_columns) if self.left_columns else ""
        return " · ".join(filter(None, (rows, columns)))


def printed(table: pd.DataFrame, text: Text, rows: int, columns: int = 100) -> Printed:
    """The first rows and columns of a table in words; columns that say nothing are left out."""
    cells = {name: [cell_words(value, text) for value in values] for name, values in cells_of(table).items()}
    told = {c: words for c, words in cells.items() if any(w not in ("", "–") for w in words)} or cells
    shown = list(told)[:columns]
    numeric = tuple(all(_numeric(word) for word in told[c][:rows]) and any(told[c][:rows]) for c in shown)
    body = tuple(zip(*(told[c][:rows] for c in shown), strict=True))
    return Printed(tuple(shown), body, numeric, max(len(table) - rows, 0), len(told) - len(shown))


# A table as its columns' cells by name; made faster than a data frame where a lever makes it anew.
Cells = Mapping[str, Sequence[Any]]


def cells_of(table: pd.DataFrame) -> Cells:
    """The cells of a data frame by column."""
    return {str(name): table.iloc[:, n].tolist() for n, name in enumerate(table.columns)}


def columns_of(table: Cells, text: Text) -> list[dict[str, Any]]:
    """The columns of a table as the browser shows them: numbers as they are, all else in words.

    Each has its `name`, its `cells`, and whether they stand as numbers do; columns that say nothing are left out.
    """
    found = []
    for name, values in table.items():
        cells = [_cell(value, text) for value in values]
        if any(cell not in ("", "–") for cell in cells):
            numeric = all(isinstance(cell, int | float) or _numeric(cell) for cell in cells)
            found.append({"name": name, "numeric": numeric, "cells": cells})
    return found


def _cell(value: Any, text: Text) -> int | float | str:
    known = isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value)
    return value if known else cell_words(value, text)


def cell_words(value: Any, text: Text) -> str:
    """A cell of a table in words: numbers as the language writes them, nothing where nothing is known."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return text("yes") if value else text("no")
    if isinstance(value, dt.date):
        return text.date(value)
    if isinstance(value, int | float | np.integer | np.floating):
        number = float(value)
        return text.number(number, 0 if number.is_integer() or abs(number) >= 1000 else 2)
    return str(value)


def _numeric(words: str) -> bool:
    return words in ("", "–") or bool(re.match(r"^[+−-]?[^\w]{0,4}([A-Z]{0,3}[$¥€£]|[A-Z]{3}\s)?[\d.,]+", words))


def safe_csv(table: Cells) -> bytes:
    """CSV with a BOM, so that Excel reads Chinese; a text that Excel would run gets an apostrophe.

    A short table is written anew with every lever: `DataFrame.map` and `to_csv` take ten times as long for one.
    """

    def tame(cell: Any) -> Any:
        if isinstance(cell, str):
            return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
        return "" if pd.isna(cell) else str(cell).removesuffix(" 00:00:00") if isinstance(cell, dt.datetime) else cell

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*([tame(cell) for cell in cells] for cells in table.values()), strict=True))
    return out.getvalue().encode("utf-8-sig")


# The scenario lab -------------------------------------------------------------------------------

# view, rows, unit, better, the baseline's values, what reads a result's
View = tuple[str, list[str], str, int, Any, Callable[[Results], Any]]


def view_places(observed: Observed, view: str) -> Any:
    """Which cells of a view's array the lab shows, in order."""
    if view == "churn":
        return churn.waterfall_order(observed.baseline.churn, observed.inputs["churn"])
    if view == "markets":
        return list(np.flatnonzero(np.isfinite(observed.baseline.markets.group_strength)))
    size = len(STAGES) if view == "stages" else len(observed.inputs["value"].ours)
    return list(range(size))[::-1] if view == "stages" else list(range(size))


def view_rows(observed: Observed, text: Text) -> list[View]:
    """What each of the four views shows in the lab, where the data can speak of it."""
    found: list[View] = []
    inputs, base = observed.inputs, observed.baseline

    def view(name: str, words: Sequence[str], unit: str, better: int, read: Callable[[Results], Any]) -> None:
        places = view_places(observed, name)
        found.append((name, [words[p] for p in places], unit, better, read(base)[places], lambda r: read(r)[places]))

    if inputs["churn"] is not None and inputs["churn"].has_exits:
        reasons = [text.term("reason", reason) for reason in REASONS]
        if inputs["churn"].has_revenue:
            view("churn", reasons, "money", -1, lambda r: r.churn.revenue_lost)
        else:
            view("churn", reasons, "customers", -1, lambda r: r.churn.customers_lost)
    if inputs["stages"] is not None:
        view("stages", [text.term("stage", s) for s in STAGES], "accounts", 0, lambda r: r.stages.accounts)
    worth = inputs["value"]
    if worth is not None and len(worth.ours):
        names = [worth.segments[worth.segment[g]] or text("value.all_segments") for g in worth.ours]
        view("value", names, "ratio", 1, lambda r: r.value.ratio[worth.ours])
    if inputs["markets"] is not None:
        groups = [group_term(text, "six", group) for group in inputs["markets"].groups]
        view("markets", groups, "points", 1, lambda r: r.markets.group_strength)
    return found


def scenario_rows(
    names: Mapping[str, str],
    document: Document,
    effects: Mapping[str, Mapping[str, str]],
    text: Text,
    pulled: int = 0,
) -> Cells:
    """Every scenario with its headline effect; `names` and `effects` (`scenario_effects`) are by its key.

    One that is not in the document has so many levers `pulled`.
    """
    found: dict[str, list[Any]] = {}
    for key, name in names.items():
        variant = document.scenarios.get(key)
        parent = document.scenarios[variant.parent].name if variant and variant.parent else ""
        row = {
            text("scenarios.list.name"): name,
            text("scenarios.list.parent"): parent,
            text("scenarios.list.levers"): len(levers_in(document, key)) if variant else pulled,
            **effects[key],
            text("scenarios.list.state"): text("scenarios.list.archived") if variant and variant.archived else "",
        }
        for column, cell in row.items():
            found.setdefault(column, []).append(cell)
    return {column: cells for column, cells in found.items() if any(cell != "" for cell in cells)}


def scenario_effects(observed: Observed, outcome: Outcome, text: Text) -> dict[str, str]:
    """What a scenario does to the headlines that the list of scenarios shows, in words by the headline's name."""
    wanted = ("profit_effect", "churn_rate", "our_ratio", "advanced", "gap_value")
    return {text(f"headline.{m.name}"): _effect(m, outcome, text) for m in measures_of(observed) if m.name in wanted}


def headline_rows(
    found: Sequence[Headline], outcome: Outcome, text: Text, more: Sequence[Measure] = ()
) -> pd.DataFrame:
    """The headline numbers, the scenario's beside the baseline's, and what the scenario earns a period.

    `more` are measures to tell where the data give few headlines; those that only a scenario has are left out.
    """
    name, before, after = (text(key) for key in ("scenarios.compare.result", "scenario.baseline", "term.scenario"))
    rows = []
    for headline in found:
        words = headline_words(headline, text)
        rows.append({name: text(f"headline.{headline.name}"), before: words[0]})
        if outcome.changed:
            rows[-1][after] = words[1]
    told = {headline.name for headline in found}
    for measure in more:
        if measure.name in told or measure.name in ("profit_effect", "saved_profit", "spend"):
            continue
        words = apart(float(measure.read(outcome.baseline)), float(measure.read(outcome.scenario)), measure.unit, text)
        rows.append({name: text(f"headline.{measure.name}"), before: words[0]})
        if outcome.changed:
            rows[-1][after] = words[1]
    if outcome.changed and abs(float(outcome.scenario.profit_effect)) >= 0.5:
        effect = text.change(float(outcome.scenario.profit_effect))
        rows.append({name: text("headline.profit_effect"), before: text.money(0), after: effect})
    return pd.DataFrame(rows)


def distinct(names: Mapping[str, str]) -> dict[str, str]:
    """Names that tell the scenarios apart even where two are called the same."""
    seen: dict[str, int] = {}
    found = {}
    for key, name in names.items():
        seen[name] = seen.get(name, 0) + 1
        found[key] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return found


def _effect(measure: Measure, outcome: Outcome, text: Text) -> str:
    before, after = float(measure.read(outcome.baseline)), float(measure.read(outcome.scenario))
    if measure.break_even is not None:
        return text.change(after)
    words = apart(before, after, measure.unit, text)
    return words[1] if words[0] == words[1] else " → ".join(words)


def result_rows(
    names: Mapping[str, str], outcomes: Mapping[str, Outcome], measures: Sequence[Measure], text: Text
) -> pd.DataFrame:
    """Every result of each scenario beside the baseline, with the difference in value and in percent."""
    rows = []
    for m in measures:
        before = float(m.read(next(iter(outcomes.values())).baseline))
        row = {
            text("scenarios.compare.result"): text(f"headline.{m.name}"),
            text("scenario.baseline"): text.unit(before, m.unit),
        }
        for key, name in names.items():
            after = float(m.read(outcomes[key].scenario))
            words = text.pair(before, after, 2)[1] if m.unit == "ratio" else text.unit(after, m.unit)
            if before == 0 and m.unit == "money":
                words = text.change(after)
            elif after != before:
                percent = f", {text.signed((after / before - 1) * 100, 1)}%" if before else ""
                words += f" ({difference_of(m, after - before, text)}{percent})"
            row[name if name not in row else f"{name} ({key[:4]})"] = words
        rows.append(row)
    return pd.DataFrame(rows)


def input_rows(
    names: Mapping[str, str], settings: Mapping[str, Mapping[str, Setting]], observed: Observed, text: Text
) -> pd.DataFrame:
    """The inputs that any of the scenarios changes, and only those."""
    rows = []
    for spec in observed.levers:
        if not any(spec.id in held for held in settings.values()):
            continue
        row = {
            text(
                "scenarios.levers.lever"
            ): f"{text(f'scenario.topic.{spec.target.topic}')} · {lever_label(spec, text)}",
            text("scenario.baseline"): baseline_words(spec, text),
        }
        for key, name in names.items():
            held = settings[key].get(spec.id)
            words = "" if held is None else lever_shift(spec, held.likely, text).rpartition("→ ")[2]
            if held is not None and held.is_range:
                words += f" ({lever_range(spec, held, text)})"
            row[name if name not in row else f"{name} ({key[:4]})"] = words
        rows.append(row)
    return pd.DataFrame(rows)


def baseline_words(spec: LeverSpec, text: Text) -> str:
    """The baseline of what a lever changes."""
    return lever_shift(spec, spec.neutral, text).partition(" →")[0] if np.isfinite(spec.current) else text.percent(0, 0)


def lever_ends(spec: LeverSpec, text: Text) -> dict[str, str]:
    """A lever's baseline, bounds and unit in words."""
    ends = lever_range(spec, Setting(spec.low, spec.low, spec.high), text).split(" – ")
    return {
        "baseline": baseline_words(spec, text),
        "low": ends[0],
        "high": ends[1],
        "unit": text(f"scenarios.unit.{spec.current_unit}"),
    }


def lever_rows(
    pulled: Mapping[str, Pull], own: Mapping[str, Pull | None], observed: Observed, text: Text
) -> pd.DataFrame:
    """The levers in force in a scenario: baseline, where it is pulled to, its range, and whether it is inherited."""
    specs = {spec.id: spec for spec in observed.levers}
    rows = []
    for key, pull in pulled.items():
        spec = specs.get(key)
        setting = pull.setting
        rows.append(
            {
                text("scenarios.levers.lever"): lever_label(spec, text)
                if spec
                else lever_words(pull.lever(), observed, text),
                text("scenario.baseline"): baseline_words(spec, text) if spec else "",
                text("scenarios.levers.value"): lever_shift(spec, setting.likely, text).rpartition("→ ")[2]
                if spec
                else "",
                text(
                    "scenarios.levers.range"
                ): f"{lever_range(spec, setting, text)} · {text(f'scenarios.lever.{setting.shape}')}"
                if spec and setting.is_range
                else "",
                text("scenarios.levers.from"): text(
                    "scenarios.levers.own" if key in own else "scenarios.levers.inherited"
                ),
            }
        )
    return pd.DataFrame(rows)


def interval_rows(found: Mapping[str, Futures], measures: Sequence[Measure], share: float, text: Text) -> pd.DataFrame:
    """Median and range of every headline in each scenario, and the chance that profit falls."""
    rows = []
    for m in measures:
        row = {text("scenarios.compare.result"): text(f"headline.{m.name}")}
        for name, drawn in found.items():
            low, middle, high = (float(v) for v in interval(drawn.values[m.name], share))
            row[name] = span_words(low, middle, high, m.unit, text)
        rows.append(row)
    if any("profit_effect" in drawn.values for drawn in found.values()):
        row = {text("scenarios.compare.result"): text("scenarios.futures.loss")}
        for name, drawn in found.items():
            row[name] = text.percent(float((drawn.values["profit_effect"] < 0).mean()), 1)
        rows.append(row)
    return pd.DataFrame(rows)


def versus_rows(found: Mapping[str, Futures], measure: Measure, text: Text) -> pd.DataFrame:
    """The chance that the scenario of the row beats that of the column in the same future."""
    return pd.DataFrame(
        [
            {text("scenarios.futures.beats"): name}
            | {
                other: ""
                if other == name
                else text.percent(chance(a.values[measure.name], b.values[measure.name], measure.better), 0)
                for other, b in found.items()
            }
            for name, a in found.items()
        ]
    )


def plan_rows(plan: Plan, observed: Observed, settings: Mapping[str, Setting], text: Text) -> pd.DataFrame:
    """Where the money of a plan goes, beside what the scenario spends today."""
    rows = []
    for spec in observed.levers:
        if spec.target.field not in ("retention_spend", "program_on"):
            continue
        before = settings[spec.id].likely if spec.id in settings else 0.0
        after = plan.settings[spec.id].likely if spec.id in plan.settings else 0.0
        if before == after == 0:
            continue
        words = text.money if spec.unit == "money" else lambda v: text("lever.on" if v else "lever.off")
        rows.append(
            {
                text("scenarios.levers.lever"): lever_label(spec, text),
                text("scenarios.ask.before"): words(before),
                text("scenarios.ask.after"): words(after),
            }
        )
    return pd.DataFrame(rows)


def promotion_rows(found: Promotions, observed: Observed, text: Text) -> pd.DataFrame:
    """The accounts to promote, the cheapest first."""
    inputs = observed.inputs["stages"]
    return pd.DataFrame(
        [
            {
                text("stages.list.account"): inputs.accounts[way.account],
                text("stages.list.name"): inputs.names[way.account],
                text("stages.list.target"): text.term("stage", STAGES[way.stage]),
                text("scenarios.ask.points"): way.points,
                text("scenarios.ask.cost"): text.money(way.cost),
            }
            for way in found.chosen
        ]
    )


# The workspace ----------------------------------------------------------------------------------


def history_rows(
    found: Sequence[tuple[Revision, Document, Document]],
    observed: Observed,
    moment: Callable[[dt.datetime], str],
    text: Text,
    most: int = 4,
) -> pd.DataFrame:
    """Every change: number, time, author, kind, and what it changed.

    Args:
        found: revisions, each with the document before it and its own.
        moment: a time in words where the reader is.
    """
    rows = []
    for revision, before, after in found:
        old, new = (d.model_dump(mode="json", exclude={"digest"}) for d in (before, after))
        differ = differences(old, new)
        names = {key: variant.name for d in (before, after) for key, variant in d.scenarios.items()}
        words = list(dict.fromkeys(difference_words(d, names, observed, text) for d in differ))
        more = [text("scenario.sentence.more", n=len(words) - most)] if len(words) > most else []
        action = f"workspace.action.{revision.action}"
        rows.append(
            {
                "#": revision.number,
                text("workspace.history.time"): moment(revision.made),
                text("workspace.history.who"): revision.author or text("save.somebody"),
                text("workspace.history.what"): text(action, n=revision.shown) if action in text else revision.action,
                text("workspace.history.content"): "; ".join([*words[:most], *more]),
            }
        )
    return pd.DataFrame(rows)
