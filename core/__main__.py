"""The headless command: `python -m core FILE... [--choices FILE] [--scenario FILE] [--json]`."""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.config import ConfigError, load_config
from core.intake import IntakeError, parse_choices, read_with_questions
from core.models import Outcome, evaluate_all, observe_all
from core.narrative import column_words, headlines, intake_sentence, note_sentence, problem_sentence, profit_sentence
from core.portfolio import Portfolio
from core.scenario import Scenario
from core.tables import LANGUAGES, MARKETS, REASONS, STAGES, TABLES
from core.text import Text
from core.workspace import parse_scenario


def _plain(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def summary(portfolio: Portfolio, outcome: Outcome, questions: Any, text: Text) -> dict[str, Any]:
    """Everything `--json` prints, of the scenario; parts that the data does not hold are None."""
    found, inputs = outcome.scenario, outcome.inputs
    report: dict[str, Any] = {
        "digest": portfolio.digest,
        "tables": {},
        "churn": None,
        "stages": None,
        "value": None,
        "markets": None,
    }
    for name, frame in portfolio.tables.items():
        money = [c.name for c in TABLES[name].columns if c.type == "money" and frame[c.name].notna().any()]
        report["tables"][name] = {"rows": len(frame), "sum": {c: _plain(frame[c].sum()) for c in money}}
    if found.churn is not None:
        result = found.churn
        exits = "exits" in portfolio
        report["churn"] = {
            "active_at_start": _plain(result.active),
            "lost": _plain(result.customers_lost.sum()) if exits else None,
            "joined": _plain(inputs["churn"].joined) if inputs["churn"].by_start else None,
            "churn_rate": _plain(result.churn_rate) if exits else None,
            "revenue_lost": _plain(result.revenue_lost.sum()) if exits else None,
            "profit_lost": _plain(result.profit_lost.sum()) if exits else None,
            "by_reason": {
                reason: {"customers": _plain(result.customers_lost[r]), "revenue": _plain(result.revenue_lost[r])}
                for r, reason in enumerate(REASONS)
                if result.customers_lost[r] > 0
            }
            if exits
            else None,
        }
    if found.stages is not None:
        report["stages"] = {
            stage: {
                "accounts": _plain(found.stages.accounts[s]),
                "revenue": _plain(found.stages.revenue[s]) if "customers" in portfolio else None,
            }
            for s, stage in enumerate(STAGES)
        }
    if found.value is not None:
        worth = inputs["value"]
        report["value"] = {segment: {} for segment in worth.segments}
        for g in range(len(worth.segment)):
            report["value"][worth.segments[worth.segment[g]]][worth.offers[worth.offer[g]]] = {
                "ratio": _plain(found.value.ratio[g]),
                "net": _plain(found.value.net[g]),
            }
    if found.markets is not None:
        people = inputs["markets"]
        report["markets"] = {
            market: {
                "stakeholders": int((people.group == m).sum()),
                "strength": _plain(found.markets.group_strength[m]),
                "desired": _plain(found.markets.group_desired[m]),
                "value_at_stake": _plain(found.markets.group_value[m]),
            }
            for m, market in enumerate(MARKETS)
        }
    report["questions"] = [asdict(question) for question in questions]
    report["problems"] = [
        {
            "sheet": p.sheet,
            "row": p.row,
            "column": column_words(p.column, text),
            "value": p.value,
            "code": p.code,
            "message": problem_sentence(p, text),
        }
        for p in portfolio.problems
    ]
    return report


def _print_words(portfolio: Portfolio, outcome: Outcome, text: Text) -> None:
    for name, frame in portfolio.tables.items():
        print(f"{TABLES[name].label(text.language)}: {text.number(len(frame))}")
    for headline in headlines(outcome, text):
        line = f"{text('headline.' + headline.name)}: {text.unit(headline.before, headline.unit)}"
        print(line + (f" → {text.unit(headline.after, headline.unit)}" if outcome.changed else ""))
    if outcome.changed and (words := profit_sentence(outcome.scenario, text)):
        print(words)
    for problem in portfolio.problems:
        place = " · ".join(
            str(part) for part in (problem.sheet, problem.row or "", column_words(problem.column, text)) if part
        )
        print(f"! {place}: {problem_sentence(problem, text)}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when a portfolio came out, 2 with a message when not."""
    parser = argparse.ArgumentParser(prog="python -m core", description="Six Markets without a browser.")
    parser.add_argument("files", nargs="+", metavar="FILE", help="xlsx, xls, ods or csv")
    parser.add_argument("--choices", metavar="FILE", help="YAML: sheets, columns, reasons, settings")
    parser.add_argument("--scenario", metavar="FILE", help="YAML: name and levers")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    text = Text(given.language)
    try:
        choices = (
            parse_choices(Path(given.choices).read_text(encoding="utf-8"), given.choices) if given.choices else None
        )
        scenario = (
            parse_scenario(Path(given.scenario).read_text(encoding="utf-8"), given.scenario)
            if given.scenario
            else Scenario()
        )
        config = load_config()
        portfolio, questions = read_with_questions(*given.files, choices=choices, config=config)
        observed = observe_all(portfolio, config)
        outcome = evaluate_all(observed, scenario.levers)
    except IntakeError as error:
        print(intake_sentence(error.code, error.file, error.detail, text), file=sys.stderr)
        return 2
    except (ConfigError, OSError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
        return 2
    text = Text(given.language, portfolio.settings.currency)
    for note in outcome.notes:
        print(note_sentence(note, observed, text), file=sys.stderr)
    if given.json:
        print(json.dumps(summary(portfolio, outcome, questions, text), ensure_ascii=False, indent=1))
    else:
        _print_words(portfolio, outcome, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
