"""The calculation of the workbook: core/models as formulas, sheet by sheet, at the baseline and in the scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.export.formula import (
    NOTHING,
    Sheet,
    Term,
    absolute,
    choose,
    clipped,
    dot,
    dot_where,
    exp,
    known,
    least,
    ln,
    most,
    number,
    pick,
    product,
    sqrt,
    summed,
    total,
)
from core.export.frame import Frame, Pair
from core.figures.markets import group_term
from core.models.chain import LINKS
from core.models.churn import CREDITS
from core.tables import DIMENSIONS, REASONS, STAGES

_TOLERANCE = 1e-9  # of the models, on which side of a cut a score stands
_LEAST_RATIO = 0.01


def _ratio(after: Term, before: Term) -> Term:
    """after / before, 1 where the baseline is unknown or 0; a collapse counts as a hundredth."""
    quotient = choose(known(after), most(_LEAST_RATIO, after / before), _LEAST_RATIO)
    quotient = quotient if not np.isnan(quotient.value) else Term(quotient.words, 1.0)
    return choose(choose(known(before), before.above(0), 0), quotient, 1)


class Calculation(Frame):
    """The sheets of the topics, each in terms of those before it."""

    # The chain's links ----------------------------------------------------------------------------

    def link_sheet(self) -> dict[str, Any]:
        """Strength and switch of every link, and the multipliers of the stages, in the scenario."""
        text, chain = self.text, self.inputs["chain"]
        sheet = self.sheet("links", (44, 14, 14, 14, 14, 14))
        self.head(sheet, 2, [text("workbook.link"), *(text(f"workbook.{k}") for k in ("strength", "on", "power"))])
        power: dict[str, Term] = {}
        for n, name in enumerate(LINKS):
            row = 3 + n
            self.say(sheet, row, 0, text.term("link", name))
            data = [
                self.put(sheet, row, 5 + k, float(getattr(chain, f).values[n]))
                for k, f in enumerate(("strength", "on"))
            ]
            strength, on = (self.moved("chain", f, (n,), d)[1] for f, d in zip(("strength", "on"), data, strict=True))
            s, o = self.put(sheet, row, 1, strength, "fine"), self.put(sheet, row, 2, on, "whole")
            power[name] = self.put(sheet, row, 3, s * o, "fine")
        self.say(sheet, 2, 5, text("workbook.data"), "head")
        start = 5 + len(LINKS)
        multipliers = ("churn_multiplier", "margin_multiplier", "cost_multiplier")
        self.say(sheet, start, 0, text("workbook.stage"), "head")
        for k, name in enumerate(multipliers):
            self.say(sheet, start, 1 + k, text(f"workbook.{name}"), "head")
        found: dict[str, Any] = {"power": power}
        for k, name in enumerate(multipliers):
            cells = []
            for s_, stage in enumerate(STAGES):
                self.say(sheet, start + 1 + s_, 0, text.term("stage", stage))
                data_ = self.put(sheet, start + 1 + s_, 5 + k, float(getattr(chain, name).values[s_]), "fine")
                cells.append(self.put(sheet, start + 1 + s_, 1 + k, self.moved("chain", name, (s_,), data_)[1], "fine"))
            found[name] = cells
        return found

    # Six markets ----------------------------------------------------------------------------------

    def people_first(self) -> dict[str, Any]:
        """Stakeholders and their strengths before what accounts send along the chain."""
        text, people = self.text, self.inputs["markets"]
        widths = (34, 16, 10, 12, 12, 14, *(12,) * 16)
        sheet = self.sheet("markets", widths)
        keys = ("stakeholder", "market", "trust", "commitment", "desired", "value", "offset")
        self.head(
            sheet,
            2,
            [
                *(text(f"workbook.{k}") for k in keys),
                *(
                    f"{text(f'workbook.{k}')} · {text(f'workbook.{v}')}"
                    for k in ("trust", "commitment", "strength")
                    for v in ("baseline", "scenario")
                ),
                text("workbook.from_accounts"),
                *(
                    f"{text(f'workbook.{k}')} · {text(f'workbook.{v}')}"
                    for k in ("final", "gap", "priority")
                    for v in ("baseline", "scenario")
                ),
                *(text(f"workbook.{k}") for k in ("market_number", "strength_known", "internal")),
            ],
        )
        rows: list[dict[str, Any]] = []
        for i, name in enumerate(people.names):
            row = 3 + i
            self.say(sheet, row, 0, name)
            self.say(sheet, row, 1, group_term(text, "six", people.groups[int(people.group[i])]))
            data = {
                key: self.put(sheet, row, 2 + k, float(values[i]))
                for k, (key, values) in enumerate(
                    {
                        "trust": people.trust.values,
                        "commitment": people.commitment.values,
                        "desired": people.desired.values,
                        "value": people.value_received.values,
                        "offset": people.strength_offset,
                    }.items()
                )
            }
            here: dict[str, Any] = {"data": data, "row": row, "value": data["value"]}
            for k, key in enumerate(("trust", "commitment")):
                pair = self.moved("markets", key, (i,), data[key])
                there = not np.isnan(data[key].value)
                here[key] = tuple(self.put(sheet, row, 7 + 2 * k + v, pair[v] if there else np.nan) for v in (0, 1))
            here["strength"] = tuple(
                self.put(
                    sheet, row, 11 + v, self.strength(here["trust"][v], here["commitment"][v], data["offset"]), "fine"
                )
                for v in (0, 1)
            )
            strong = not np.isnan(here["strength"][0].value)
            here["group"] = self.put(sheet, row, 20, float(people.group[i]), "whole")
            here["known"] = self.put(sheet, row, 21, float(strong), "whole")
            here["internal"] = self.put(sheet, row, 22, float(self.inputs["chain"].internal[i]), "whole")
            rows.append(here)
        below = 6 + len(rows)
        inside, there_, value = ([r[key] for r in rows] for key in ("internal", "known", "value"))
        internal: Pair | None = None
        if any(r["internal"].value * r["known"].value for r in rows):
            self.say(sheet, below, 0, text("workbook.internal_strength"), "bold")
            weighted = dot(inside, there_, value).value > 0
            weights = [inside, there_, value] if weighted else [inside, there_]
            found = [
                self.put(sheet, below, 11 + v, dot(*weights, [r["strength"][v] for r in rows]) / dot(*weights), "fine")
                for v in (0, 1)
            ]
            internal = found[0], found[1]
        return {"sheet": sheet, "rows": rows, "internal": internal, "below": below + 2}

    def strength(self, trust: Term, commitment: Term, offset: Term) -> Term:
        """sqrt(trust * commitment), moved to what the data state, within 0 and 10."""
        if np.isnan(trust.value) or np.isnan(commitment.value):
            return NOTHING
        return clipped(sqrt(trust * commitment) + offset, 0, 10)

    def market_results(self, links: dict[str, Any], people: dict[str, Any], stages: dict[str, Any] | None) -> None:
        """Trust that promoted accounts add, then strength, gap and priority, and what each market comes to."""
        text, inputs, sheet = self.text, self.inputs["markets"], people["sheet"]
        promoted: dict[int, int] = {}
        if stages is not None:
            promoted = {int(s): int(a) for a, s in self.inputs["chain"].account_stakeholder}
        for i, here in enumerate(people["rows"]):
            row, data = here["row"], here["data"]
            final = list(here["strength"])
            if i in promoted and stages is not None and not np.isnan(here["trust"][1].value):
                change = stages["rows"][promoted[i]]["change"]
                points = self.put(sheet, row, 13, links["power"]["score_trust"] * change / 10, "fine")
                lifted = [clipped(here[key][1] + points, 0, 10) for key in ("trust", "commitment")]
                final[1] = self.strength(lifted[0], lifted[1], data["offset"])
            gap = not np.isnan(here["strength"][0].value) and not np.isnan(data["desired"].value)
            worth_ = gap and not np.isnan(data["value"].value)
            for v in (0, 1):
                here.setdefault("final", []).append(self.put(sheet, row, 14 + v, final[v], "fine"))
                distance = data["desired"] - here["final"][v] if gap else np.nan
                here.setdefault("gap", []).append(self.put(sheet, row, 16 + v, distance, "fine"))
                rank = most(here["gap"][v], 0) / 10 * data["value"] if worth_ else np.nan
                here.setdefault("priority", []).append(self.put(sheet, row, 18 + v, rank))
        rows = people["rows"]
        start = people["below"]
        heads = ("market", "strength", "strength", "priority", "priority", "value", "emphasis", "emphasis")
        for k, key in enumerate(heads):
            word = text(f"workbook.{key}")
            self.say(
                sheet,
                start,
                k,
                word
                if k in (0, 5)
                else f"{word} · {text('workbook.' + ('baseline', 'scenario')[(k + 1) % 2 if k < 5 else k % 2])}",
                "head",
            )
        for g, group in enumerate(inputs.groups):
            row = start + 1 + g
            self.say(sheet, row, 0, group_term(text, "six", group))
            groups, there_, value_ = ([r[key] for r in rows] for key in ("group", "known", "value"))
            strong = dot_where(groups, g, there_)
            heavy = dot_where(groups, g, there_, value_)
            value = self.put(sheet, row, 5, dot_where(groups, g, value_), "whole")
            pairs: dict[str, list[Term]] = {"strength": [], "priority": [], "emphasis": []}
            for v in (0, 1):
                at_stake = dot_where(groups, g, [r["priority"][v] for r in rows])
                pairs["priority"].append(self.put(sheet, row, 3 + v, at_stake, "whole"))
                if not strong.value:
                    pairs["strength"].append(NOTHING)
                    pairs["emphasis"].append(NOTHING)
                    continue
                final_ = [r["final"][v] for r in rows]
                if heavy.value > 0:
                    mean = dot_where(groups, g, there_, value_, final_) / heavy
                else:
                    mean = dot_where(groups, g, there_, final_) / strong
                pairs["strength"].append(self.put(sheet, row, 1 + v, mean, "fine"))
                rated = float(inputs.emphasis_current[g])
                given = np.isfinite(rated)
                pairs["emphasis"].append(self.put(sheet, row, 6 + v, rated if given else pairs["strength"][v], "fine"))
            name = group_term(text, "six", group)
            if strong.value:
                self.found.add(
                    f"strength_{group}",
                    f"{text('workbook.strength')} · {name}",
                    (pairs["strength"][0], pairs["strength"][1]),
                    (self.base.markets.group_strength[g], self.now.markets.group_strength[g]),
                )
                self.found.add(
                    f"emphasis_{group}",
                    f"{text('workbook.emphasis')} · {name}",
                    (pairs["emphasis"][0], pairs["emphasis"][1]),
                    (self.base.markets.emphasis_current[g], self.now.markets.emphasis_current[g]),
                )
            self.found.add(
                f"priority_{group}",
                f"{text('workbook.priority')} · {name}",
                (pairs["priority"][0], pairs["priority"][1]),
                (self.base.markets.group_priority[g], self.now.markets.group_priority[g]),
            )
            self.found.add(
                f"received_{group}",
                f"{text('workbook.value')} · {name}",
                (value, value),
                (self.base.markets.group_value[g], self.now.markets.group_value[g]),
            )
        row = start + 2 + len(inputs.groups)
        self.say(sheet, row, 0, text("headline.gap_value"), "bold")
        cells = [
            self.put(
                sheet,
                row,
                3 + v,
                total([r["priority"][v] for r in rows]),
                "whole",
            )
            for v in (0, 1)
        ]
        self.found.add(
            "gap_value",
            text("headline.gap_value"),
            (cells[0], cells[1]),
            (self.base.markets.gap_value, self.now.markets.gap_value),
        )

    # Perceived value ------------------------------------------------------------------------------

    def value_sheet(self, links: dict[str, Any], people: dict[str, Any] | None) -> dict[str, Any]:
        """Rows of the value table, what they come to in each offer, and our ratio against the baseline."""
        text, inputs = self.text, self.inputs["value"]
        sheet = self.sheet("value", (26, 20, 30, 16, *(13,) * 12))
        factor: Term = number(1)
        if people is not None and people["internal"] is not None and self.inputs["chain"].internal.any():
            before, after = people["internal"]
            self.say(sheet, 1, 0, text("workbook.failure_factor"))
            ratio = self.put(sheet, 1, 3, _ratio(after, before), "fine")
            factor = self.put(sheet, 1, 4, ratio ** (-links["power"]["staff_service"]), "fine")
        keys = ("segment", "offer", "component", "kind", "amount", "probability", "erosion")
        two = [
            f"{text(f'workbook.{k}')} · {text(f'workbook.{v}')}"
            for k in ("probability", "expected", "kept")
            for v in ("baseline", "scenario")
        ]
        self.head(sheet, 2, [*(text(f"workbook.{k}") for k in keys), *two])
        failing = set(inputs.probability.axes[0].groups["own_failures"].tolist())
        kinds = ("core", "services", "price", "relationship_costs")
        rows = []
        for r in range(len(inputs.components)):
            row, g = 3 + r, int(inputs.group[r])
            segment, offer = inputs.segments[int(inputs.segment[g])], inputs.offers[int(inputs.offer[g])]
            self.say(sheet, row, 0, segment or text("value.all_segments"))
            self.say(sheet, row, 1, text.term("offer", offer))
            self.say(sheet, row, 2, inputs.components[r])
            self.say(sheet, row, 3, text.term("value_part", kinds[int(inputs.kind[r])]))
            amount, chance, erosion = (
                self.put(sheet, row, 4 + k, float(q.values[r]))
                for k, q in enumerate((inputs.amount, inputs.probability, inputs.core_erosion))
            )
            amounts = self.moved("value", "amount", (r,), amount)
            chances = list(self.moved("value", "probability", (r,), chance))
            if r in failing and factor.row >= 0:
                chances[1] = clipped(chances[1] * factor, 0, 1)
            here: dict[str, list[Term]] = {"expected": [], "kept": []}
            for v in (0, 1):
                p = self.put(sheet, row, 7 + v, chances[v], "fine")
                here["expected"].append(self.put(sheet, row, 9 + v, amounts[v] * p))
                here["kept"].append(self.put(sheet, row, 11 + v, 1 - erosion * p, "fine"))
            rows.append(here)
        start = 6 + len(rows)
        parts = (*kinds, "ratio", "net")
        self.say(sheet, start, 0, text("workbook.segment"), "head")
        self.say(sheet, start, 1, text("workbook.offer"), "head")
        for k, part in enumerate(parts):
            for v in (0, 1):
                word = text("headline.our_ratio") if part == "ratio" else text.term("value_part", part)
                self.say(
                    sheet, start, 2 + 2 * k + v, f"{word} · {text('workbook.' + ('baseline', 'scenario')[v])}", "head"
                )
        groups: list[dict[str, list[Term]]] = []
        for g in range(len(inputs.segment)):
            row = start + 1 + g
            segment, offer = inputs.segments[int(inputs.segment[g])], inputs.offers[int(inputs.offer[g])]
            name = segment or text("value.all_segments")
            self.say(sheet, row, 0, name)
            self.say(sheet, row, 1, text.term("offer", offer))
            mine = np.flatnonzero(inputs.group == g).tolist()
            found: dict[str, list[Term]] = {part: [] for part in parts}
            for v in (0, 1):
                kept = product([rows[r]["kept"][v] for r in mine])
                for k, part in enumerate(kinds):
                    cells = [rows[r]["expected"][v] for r in mine if int(inputs.kind[r]) == k]
                    amount_ = total(cells) if cells else number(0)
                    found[part].append(self.put(sheet, row, 2 + 2 * k + v, amount_ * kept if k == 0 else amount_))
                core, services, price, costs = (found[part][v] for part in kinds)
                gets, pays = core + services, price + costs
                both = gets.above(0) * pays.above(0)
                ratio_ = gets / pays if gets.value > 0 and pays.value > 0 else Term((gets / pays).words, np.nan)
                found["ratio"].append(self.put(sheet, row, 10 + v, choose(both, ratio_, NOTHING), "fine"))
                found["net"].append(self.put(sheet, row, 12 + v, gets - pays))
            groups.append(found)
            label = f"{name} · {text.term('offer', offer)}"
            for part in parts:
                word = text("headline.our_ratio") if part == "ratio" else text.term("value_part", part)
                self.found.add(
                    f"{part}_{g}",
                    f"{word} · {label}",
                    (found[part][0], found[part][1]),
                    (getattr(self.base.value, part)[g], getattr(self.now.value, part)[g]),
                )
        return self.value_ratios(sheet, start + 3 + len(groups), groups)

    def value_ratios(self, sheet: Sheet, start: int, groups: list[dict[str, list[Term]]]) -> dict[str, Any]:
        """Our ratio on average, and scenario over baseline by segment, of value and of price."""
        text, inputs = self.text, self.inputs["value"]
        ours = [int(g) for g in inputs.ours]
        weights = [float(inputs.segment_weight[inputs.segment[g]]) for g in ours]
        keys = ("segment", "weight", "our_ratio", "our_ratio", "change", "price_change")
        for k, key in enumerate(keys):
            word = text("headline.our_ratio") if key == "our_ratio" else text(f"workbook.{key}")
            self.say(
                sheet,
                start,
                k,
                f"{word} · {text('workbook.' + ('baseline', 'scenario')[k - 2])}" if key == "our_ratio" else word,
                "head",
            )
        cells: list[list[Term]] = []
        for n, g in enumerate(ours):
            row = start + 1 + n
            self.say(sheet, row, 0, inputs.segments[int(inputs.segment[g])] or text("value.all_segments"))
            weight = self.put(sheet, row, 1, weights[n], "fine")
            pair = [self.put(sheet, row, 2 + v, groups[g]["ratio"][v], "fine") for v in (0, 1)]
            change = self.put(sheet, row, 4, _ratio(pair[1], pair[0]), "fine")
            price = self.put(sheet, row, 5, _ratio(groups[g]["price"][1], groups[g]["price"][0]), "fine")
            cells.append([weight, *pair, change, price])
        row = start + 1 + len(ours)
        self.say(sheet, row, 0, text("headline.our_ratio"), "bold")
        found: dict[str, Any] = {"groups": groups, "segments": {}, "mean": number(1), "price": number(1)}
        if not ours:
            return found
        mean = []
        for v in (0, 1):
            parts = [
                (
                    self.put(sheet, start + 1 + n, 6 + 2 * v, choose(known(c[1 + v]), c[1 + v] * c[0], 0), "fine"),
                    self.put(sheet, start + 1 + n, 7 + 2 * v, choose(known(c[1 + v]), c[0], 0), "fine"),
                )
                for n, c in enumerate(cells)
            ]
            upper, lower = (total([part[k] for part in parts]) for k in (0, 1))
            mean.append(self.put(sheet, row, 2 + v, upper / lower if lower.value else NOTHING, "result"))
        found["mean"] = self.put(sheet, row, 4, _ratio(mean[1], mean[0]), "fine")
        prices = [c[4] for c in cells]
        if sum(weights) > 0:
            whole = dot(prices, [c[0] for c in cells]) / total([c[0] for c in cells])
        else:
            whole = total(prices) / len(prices)
        found["price"] = self.put(sheet, row, 5, whole, "fine")
        found["segments"] = {int(inputs.segment[g]): cells[n][3] for n, g in enumerate(ours)}
        self.found.add(
            "our_ratio",
            text("headline.our_ratio"),
            (mean[0], mean[1]),
            (self.base.value.our_ratio, self.now.value.our_ratio),
        )
        return found

    def ratio_at(self, value: dict[str, Any], place: int) -> Term:
        """The change of our ratio in a segment: 1 where it has no offer of ours, the mean without a segment."""
        if place < 0:
            found: Term = value["mean"]
        else:
            found = value["segments"].get(place, number(1))
        return found

    # Relationship stages --------------------------------------------------------------------------

    def stage_sheet(self, links: dict[str, Any], value: dict[str, Any] | None) -> dict[str, Any]:
        """Every account: dimensions, score, stage, and the multipliers that go with it."""
        text, inputs, chain = self.text, self.inputs["stages"], self.inputs["chain"]
        sheet = self.sheet("stages", (14, 28, 8, *(12,) * 40))
        d = len(DIMENSIONS)
        names = [text.term("dimension", name) for name in DIMENSIONS]
        two = [
            f"{text(f'workbook.{k}')} · {text(f'workbook.{v}')}"
            for k in ("score", "stage_number")
            for v in ("baseline", "scenario")
        ]
        self.head(
            sheet,
            2,
            [
                text("workbook.account"),
                text("workbook.name"),
                text("workbook.counted"),
                text("workbook.revenue"),
                text("workbook.profit"),
                text("workbook.cost_to_serve"),
                *names,
                *(f"{n} · {text('workbook.answers')}" for n in names),
                *(f"{n} · {text(f'workbook.{v}')}" for v in ("baseline", "scenario") for n in names),
                text("workbook.shift"),
                *two,
                text("workbook.score_change"),
                *(
                    f"{text(f'workbook.{m}')} · {text(f'workbook.{v}')}"
                    for m in ("churn_multiplier", "margin_multiplier", "cost_multiplier")
                    for v in ("baseline", "scenario")
                ),
                text("workbook.stage_profit"),
                text("workbook.segment_number"),
            ],
        )
        multipliers = (
            ("churn_multiplier", "stage_churn"),
            ("margin_multiplier", "stage_margin"),
            ("cost_multiplier", "stage_margin"),
        )
        rows: list[dict[str, Any]] = []
        for a, account in enumerate(inputs.accounts):
            row = 3 + a
            self.say(sheet, row, 0, account)
            self.say(sheet, row, 1, inputs.names[a])
            here: dict[str, Any] = {"counted": self.put(sheet, row, 2, float(inputs.current[a]), "whole")}
            for k, (key, money) in enumerate(
                (("revenue", inputs.revenue), ("profit", inputs.profit), ("cost", inputs.cost_to_serve))
            ):
                here[key] = self.put(sheet, row, 3 + k, float(np.nan_to_num(money[a])), "whole")
            answered = [float(n) for n in inputs.answered[:, a]]
            scored = sum(answered) > 0
            data = [self.put(sheet, row, 6 + k, float(inputs.dimension.values[k, a])) for k in range(d)]
            counts = [self.put(sheet, row, 6 + d + k, answered[k], "whole") for k in range(d)]
            moved = [self.moved("stages", "dimension", (k, a), data[k]) for k in range(d)]
            there = [k for k in range(d) if not np.isnan(data[k].value)]
            dims = [
                [self.put(sheet, row, 6 + (2 + v) * d + k, moved[k][v]) if k in there else NOTHING for k in range(d)]
                for v in (0, 1)
            ]
            at = 6 + 4 * d
            shift: Term = number(0)
            if value is not None:
                ratio = self.ratio_at(value, int(chain.account_segment[a]))
                shift = self.put(sheet, row, at, links["power"]["value_score"] * 100 * ln(ratio), "fine")
            scores, stages = [], []
            for v in (0, 1):
                if not scored:
                    scores.append(NOTHING)
                    stages.append(self.put(sheet, row, at + 3 + v, -1, "whole"))
                    continue
                mean = summed([dims[v][k] * counts[k] for k in there if answered[k]]) / total(counts)
                score = clipped((mean - 1) / 3 * 100 + (shift if v else 0), 0, 100)
                scores.append(self.put(sheet, row, at + 1 + v, score, "fine"))
                band = summed([scores[v].at_least(float(cut) - _TOLERANCE) for cut in inputs.cuts])
                gate = 1 + (inputs.gate - _TOLERANCE) * 3 / 100
                caps = [choose(dims[v][k].below(gate), int(inputs.caps[k]), len(STAGES) - 1) for k in there]
                stages.append(self.put(sheet, row, at + 3 + v, least(band, *caps), "whole"))
            here |= {"score": scores, "stage": stages}
            here["change"] = self.put(sheet, row, at + 5, scores[1] - scores[0] if scored else 0.0, "fine")
            for k, (name, link) in enumerate(multipliers):
                here[name] = [
                    self.put(
                        sheet,
                        row,
                        at + 6 + 2 * k + v,
                        pick(stages[v], links[name]) ** links["power"][link] if scored else 1.0,
                        "fine",
                    )
                    for v in (0, 1)
                ]
            gained = here["profit"] * (here["margin_multiplier"][1] / here["margin_multiplier"][0] - 1)
            spared = here["cost"] * (1 - here["cost_multiplier"][1] / here["cost_multiplier"][0])
            here["gain"] = self.put(sheet, row, at + 12, (gained + spared) * here["counted"])
            here["segment"] = self.put(sheet, row, at + 13, float(chain.account_churn_segment[a]), "whole")
            rows.append(here)
        return self.pyramid(sheet, 6 + len(rows), rows)

    def pyramid(self, sheet: Sheet, start: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Accounts, revenue and profit on each stage."""
        text = self.text
        self.say(sheet, start, 1, text("workbook.stage"), "head")
        keys = ("accounts", "revenue", "profit")
        for k, key in enumerate(keys):
            for v in (0, 1):
                self.say(
                    sheet,
                    start,
                    3 + 2 * k + v,
                    f"{text(f'workbook.{key}')} · {text('workbook.' + ('baseline', 'scenario')[v])}",
                    "head",
                )
        counted = [r["counted"] for r in rows]
        found: dict[str, list[list[Term]]] = {key: [[], []] for key in keys}
        for s, stage in enumerate(STAGES):
            row = start + 1 + s
            self.say(sheet, row, 1, text.term("stage", stage))
            for k, key in enumerate(keys):
                for v in (0, 1):
                    places = [r["stage"][v] for r in rows]
                    columns = [counted] if key == "accounts" else [counted, [r[key] for r in rows]]
                    cell = self.put(sheet, row, 3 + 2 * k + v, dot_where(places, s, *columns), "whole")
                    found[key][v].append(cell)
                self.found.add(
                    f"{key}_{stage}",
                    f"{text(f'workbook.{key}')} · {text.term('stage', stage)}",
                    (found[key][0][s], found[key][1][s]),
                    (getattr(self.base.stages, key)[s], getattr(self.now.stages, key)[s]),
                )
        row = start + 2 + len(STAGES)
        self.say(sheet, row, 1, text("headline.advanced"), "bold")
        cells = [self.put(sheet, row, 3 + v, total(found["accounts"][v][2:]), "whole") for v in (0, 1)]
        self.found.add(
            "advanced",
            text("headline.advanced"),
            (cells[0], cells[1]),
            (self.base.stages.advanced, self.now.stages.advanced),
        )
        self.say(sheet, row + 1, 1, text("workbook.stage_profit"), "bold")
        gain = self.put(sheet, row + 1, 4, total([r["gain"] for r in rows]))
        return {"rows": rows, "profit": gain, "pyramid": found["accounts"]}

    # Exits ----------------------------------------------------------------------------------------

    def churn_sheet(
        self, links: dict[str, Any], value: dict[str, Any] | None, stages: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Exits by segment and reason under every factor, and what they come to by reason and in all."""
        text, inputs = self.text, self.inputs["churn"]
        sheet = self.sheet("churn", (26, 24, *(13,) * 40))
        reasons = self.reason_rows(sheet)
        row = 6 + len(REASONS) + len(inputs.program_on.axes[0].keys)
        by_stage = self.segment_rows(sheet, row, stages)
        start = row + 3 + len(inputs.segments)
        both = ("direct", "value", "stage", "programs", "retention")
        heads = [
            text("workbook.segment"),
            text("workbook.reason"),
            *(text(f"workbook.{k}") for k in ("lost_data", "revenue_per", "profit_per")),
        ]
        for v in ("baseline", "scenario"):
            heads += [f"{text.term('credit', k)} · {text(f'workbook.{v}')}" for k in both]
            heads += [
                f"{text(f'workbook.{k}')} · {text(f'workbook.{v}')}"
                for k in ("stage_revenue", "lost", "revenue", "profit")
            ]
        heads += [f"{text('workbook.saved')} · {text.term('credit', c)}" for c in CREDITS]
        for column, word in enumerate(heads):
            self.say(sheet, start, column, word, "head")
        cells: list[dict[str, Any]] = []
        n = start
        for g, segment in enumerate(inputs.segments):
            for r, reason in enumerate(REASONS):
                if inputs.lost_at_baseline[g, r] <= 0:
                    continue
                n += 1
                self.say(sheet, n, 0, segment or text("value.all_segments"))
                self.say(sheet, n, 1, text.term("reason", reason))
                cells.append(self.exit_row(sheet, n, g, r, links, value, by_stage, reasons))
        return self.churn_results(sheet, n + 3, cells, reasons)

    def reason_rows(self, sheet: Sheet) -> dict[str, Any]:
        """What retention and programs leave of each reason, at the baseline and in the scenario."""
        text, inputs = self.text, self.inputs["churn"]
        keys = ("avoidable", "savable", "spend", "scale")
        quantities = (inputs.avoidable, inputs.savable_share, inputs.retention_spend, inputs.response_scale)
        fields = ("avoidable", "savable_share", "retention_spend", "response_scale")
        heads = [text("workbook.reason"), "", *(text(f"workbook.{k}") for k in keys)]
        for kind in ("baseline", "scenario"):
            heads += [
                f"{text(f'workbook.{k}')} · {text(f'workbook.{kind}')}"
                for k in ("spend", "left_retention", "left_programs")
            ]
        self.head(sheet, 2, heads)
        programs = inputs.program_on.axes[0].keys
        first = 4 + len(REASONS)
        switches: list[tuple[Term, Term]] = []
        costs: list[Term] = []
        for p, name in enumerate(programs):
            self.say(sheet, first + p, 0, name)
            data = self.put(sheet, first + p, 2, float(inputs.program_on.values[p]), "whole")
            costs.append(self.put(sheet, first + p, 3, float(inputs.program_cost[p]), "whole"))
            pair = self.moved("churn", "program_on", (p,), data)
            switches.append(
                (self.put(sheet, first + p, 6, pair[0], "whole"), self.put(sheet, first + p, 9, pair[1], "whole"))
            )
        effects = [
            [
                self.put(sheet, first + p, 12 + r, float(inputs.program_effect[p, r]), "fine")
                for r in range(len(REASONS))
            ]
            for p in range(len(programs))
        ]
        found: dict[str, Any] = {"left": [[], []], "programs": [[], []], "avoidable": [], "spend": [[], []]}
        for r, reason in enumerate(REASONS):
            row = 3 + r
            self.say(sheet, row, 0, text.term("reason", reason))
            data_ = [self.put(sheet, row, 2 + k, float(q.values[r]), "fine") for k, q in enumerate(quantities)]
            found["avoidable"].append(data_[0])
            pairs = [self.moved("churn", f, (r,), d) for f, d in zip(fields, data_, strict=True)]
            for v in (0, 1):
                spend = self.put(sheet, row, 6 + 3 * v, pairs[2][v], "whole")
                reached = 1 - exp(-spend / pairs[3][v])
                left = self.put(sheet, row, 7 + 3 * v, 1 - pairs[0][v] * pairs[1][v] * reached, "fine")
                acting = [p for p in range(len(programs)) if inputs.program_effect[p, r] != 0]
                at_work = [
                    self.put(
                        sheet, first + p, 12 + (1 + v) * len(REASONS) + r, 1 - switches[p][v] * effects[p][r], "fine"
                    )
                    for p in acting
                ]
                rest = product(at_work)
                found["left"][v].append(left)
                found["programs"][v].append(self.put(sheet, row, 8 + 3 * v, rest, "fine"))
                found["spend"][v].append(spend)
        found["cost"] = [summed([s[v] * c for s, c in zip(switches, costs, strict=True)]) for v in (0, 1)]
        return found

    def segment_rows(self, sheet: Sheet, row: int, stages: dict[str, Any] | None) -> list[Pair]:
        """The factor that accounts on other stages put on each segment's exits: of customers, of revenue."""
        text, inputs = self.text, self.inputs["churn"]
        heads = [
            text("workbook.segment"),
            "",
            text("workbook.active"),
            text("workbook.revenue"),
            text("workbook.stage_customers"),
            text("workbook.stage_revenue"),
        ]
        for column, word in enumerate(heads):
            self.say(sheet, row, column, word, "head")
        found: list[Pair] = []
        for g, segment in enumerate(inputs.segments):
            at = row + 1 + g
            self.say(sheet, at, 0, segment or text("value.all_segments"))
            whole = [
                self.put(sheet, at, 2 + k, float(v[g]), "whole")
                for k, v in enumerate((inputs.active, inputs.opening_revenue))
            ]
            pair: list[Term] = [number(1), number(1)]
            if stages is not None:
                rows = stages["rows"]
                place, counted, money = ([r[key] for r in rows] for key in ("segment", "counted", "revenue"))
                for k, weights in enumerate(([counted], [counted, money])):
                    if np.isnan(whole[k].value) or not dot_where(place, g, counted).value:
                        continue
                    old, new = (dot_where(place, g, *weights, [r["churn_multiplier"][v] for r in rows]) for v in (0, 1))
                    old_, new_ = (self.put(sheet, at, 8 + 2 * k + n, t) for n, t in enumerate((old, new)))
                    rest = self.put(sheet, at, 6 + k, most(whole[k] - dot_where(place, g, *weights), 0), "whole")
                    below = rest + old_
                    ratio = (rest + new_) / below
                    ratio = ratio if not np.isnan(ratio.value) else Term(ratio.words, 1.0)
                    pair[k] = self.put(sheet, at, 4 + k, choose(below.above(0), ratio, 1), "fine")
            found.append((pair[0], pair[1]))
        return found

    def exit_row(
        self,
        sheet: Sheet,
        n: int,
        g: int,
        r: int,
        links: dict[str, Any],
        value: dict[str, Any] | None,
        by_stage: list[Pair],
        reasons: dict[str, Any],
    ) -> dict[str, Any]:
        """One segment and reason: all factors on what was lost, what is left, and who saved the rest."""
        inputs, chain = self.inputs["churn"], self.inputs["chain"]
        base = self.put(sheet, n, 2, float(inputs.lost_at_baseline[g, r]))
        lost = self.moved("churn", "lost", (g, r), base)
        per = [
            self.put(sheet, n, 3 + k, float(v[g, r]))
            for k, v in enumerate((inputs.revenue_per_lost, inputs.profit_per_lost))
        ]
        here: dict[str, Any] = {"base": base, "lost": [], "revenue": [], "profit": []}
        factors: list[Term] = []
        for v in (0, 1):
            at = 5 + 9 * v
            by_value: Term = number(1)
            money = customers = number(1)
            if v == 1:
                if value is not None and chain.value_reasons[r]:
                    ratio = self.ratio_at(value, int(chain.churn_segment[g]))
                    by_value = ratio ** (-links["power"]["value_churn"] * float(chain.value_reasons[r]))
                customers, money = (1 - reasons["avoidable"][r] * (1 - f) for f in by_stage[g])
            parts = [lost[v] / base, by_value, customers, reasons["programs"][v][r], reasons["left"][v][r]]
            put = [self.put(sheet, n, at + k, part, "fine") for k, part in enumerate(parts)]
            paying = self.put(sheet, n, at + 5, money, "fine")
            left = self.put(sheet, n, at + 6, base * product(put))
            here["lost"].append(left)
            revenue_left = base * put[0] * put[1] * paying * put[3] * put[4]
            for k, key in enumerate(("revenue", "profit")):
                there = not np.isnan(per[k].value)
                here[key].append(self.put(sheet, n, at + 7 + k, revenue_left * per[k] if there else np.nan))
            factors = put
        here["profit_each"], here["reason"] = per[1], self.put(sheet, n, 25 + len(CREDITS), float(r), "whole")
        logs = [ln(most(factor, number(1e-12))) for factor in factors]
        together = self.put(sheet, n, 23 + len(CREDITS), summed(logs), "fine")
        safe = (exp(together) - 1) / together
        safe = safe if not np.isnan(safe.value) else Term(safe.words, 1.0)
        series = 1 + together / 2 + together * together / 6 + together * together * together / 24
        mean = choose(absolute(together).below(number(1e-4)), series, safe)
        weight = self.put(sheet, n, 24 + len(CREDITS), base * mean)
        here["saved"] = [self.put(sheet, n, 23 + e, -(weight * log)) for e, log in enumerate(logs)]
        return here

    def churn_results(
        self, sheet: Sheet, start: int, cells: list[dict[str, Any]], reasons: dict[str, Any]
    ) -> dict[str, Any]:
        """By reason and in all: customers, revenue, profit, lifetime profit, replacement, who saved whom."""
        text, inputs, base, now = self.text, self.inputs["churn"], self.base.churn, self.now.churn
        names = ("lost", "revenue", "profit", "lifetime", "replacement", "avoidable_revenue", "avoidable_profit")
        fields = (
            "customers_lost",
            "revenue_lost",
            "profit_lost",
            "lifetime_profit_lost",
            "replacement_cost",
            "avoidable_revenue",
            "avoidable_profit",
        )
        self.say(sheet, start, 0, text("workbook.reason"), "head")
        for k, name in enumerate(names):
            for v in (0, 1):
                self.say(
                    sheet,
                    start,
                    2 + 2 * k + v,
                    f"{text(f'workbook.{name}')} · {text('workbook.' + ('baseline', 'scenario')[v])}",
                    "head",
                )
        self.say(sheet, start - 1, 0, text("workbook.lifetime_periods"))
        periods = self.put(sheet, start - 1, 2, inputs.baseline_periods, "fine")
        self.say(sheet, start - 1, 3, text("workbook.acquisition_cost"))
        cost = self.put(sheet, start - 1, 4, float(inputs.acquisition_cost.values))
        by_reason: dict[str, list[list[Term]]] = {name: [[], []] for name in names}
        places = [c["reason"] for c in cells]
        saved: list[list[Term]] = [[], []]
        for r, reason in enumerate(REASONS):
            row = start + 1 + r
            self.say(sheet, row, 0, text.term("reason", reason))
            for v in (0, 1):
                lost = self.put(sheet, row, 2 + v, dot_where(places, r, [c["lost"][v] for c in cells]))
                by_reason["lost"][v].append(lost)
                for k, key in enumerate(("revenue", "profit")):
                    there = inputs.has_profit if key == "profit" else not np.isnan(inputs.revenue_per_lost).all()
                    amount = dot_where(places, r, [c[key][v] for c in cells]) if there else NOTHING
                    by_reason[key][v].append(self.put(sheet, row, 4 + 2 * k + v, amount))
                profit = by_reason["profit"][v][r]
                known_profit = not np.isnan(profit.value)
                lifetime = profit * periods if known_profit and not np.isnan(periods.value) else NOTHING
                by_reason["lifetime"][v].append(self.put(sheet, row, 8 + v, lifetime))
                by_reason["replacement"][v].append(
                    self.put(sheet, row, 10 + v, lost * cost if not np.isnan(cost.value) else NOTHING)
                )
                for k, key in enumerate(("revenue", "profit")):
                    amount = by_reason[key][v][r]
                    share = amount * reasons["avoidable"][r] if not np.isnan(amount.value) else NOTHING
                    by_reason[f"avoidable_{key}"][v].append(self.put(sheet, row, 12 + 2 * k + v, share))
            before = dot_where(places, r, [c["base"] for c in cells], [c["profit_each"] for c in cells])
            for v in (0, 1):
                gain = before - by_reason["profit"][v][r] if inputs.has_profit else NOTHING
                saved[v].append(self.put(sheet, row, 16 + v, gain))
            for e, credit in enumerate(CREDITS):
                cell = self.put(sheet, row, 18 + e, dot_where(places, r, [c["saved"][e] for c in cells]), "fine")
                if now.saved_customers.ndim == 2:
                    self.found.add(
                        f"saved_{credit}_{reason}",
                        f"{text('workbook.saved')} · {text.term('credit', credit)} · {text.term('reason', reason)}",
                        (cell, cell),
                        (now.saved_customers[e, r], now.saved_customers[e, r]),
                    )
            for name, key in zip(names, fields, strict=True):
                self.found.add(
                    f"{name}_{reason}",
                    f"{text(f'workbook.{name}')} · {text.term('reason', reason)}",
                    (by_reason[name][0][r], by_reason[name][1][r]),
                    (getattr(base, key)[r], getattr(now, key)[r]),
                )
        for v, kind in enumerate(("baseline", "scenario")):
            self.say(sheet, start, 16 + v, f"{text('headline.saved_profit')} · {text(f'workbook.{kind}')}", "head")
        for e, credit in enumerate(CREDITS):
            self.say(sheet, start, 18 + e, f"{text('workbook.saved')} · {text.term('credit', credit)}", "head")
        return self.churn_totals(sheet, start + 3 + len(REASONS), by_reason, saved, reasons)

    def churn_totals(
        self,
        sheet: Sheet,
        row: int,
        by_reason: dict[str, list[list[Term]]],
        saved: list[list[Term]],
        reasons: dict[str, Any],
    ) -> dict[str, Any]:
        """Rates and sums of the whole period."""
        text, inputs, base, now = self.text, self.inputs["churn"], self.base.churn, self.now.churn
        data: dict[str, Term] = {}
        facts = {
            "active": float(np.sum(inputs.active)),
            "joined": float(inputs.joined),
            "opening_revenue": float(np.sum(inputs.opening_revenue)),
            "change_of_kept": float(inputs.revenue_change_of_kept),
        }
        for k, (name, amount) in enumerate(facts.items()):
            self.say(sheet, row + k, 0, text(f"workbook.{name}"))
            data[name] = self.put(sheet, row + k, 2, amount, "whole")
        row += len(facts) + 1
        below = data["active"] + data["joined"] if inputs.definition == "start_plus_joined" else data["active"]
        known_base = not np.isnan(below.value) and below.value > 0
        opening = data["opening_revenue"]
        has_opening = (
            not np.isnan(opening.value) and opening.value > 0 and not np.isnan(by_reason["revenue"][0][0].value)
        )
        found: dict[str, Any] = {}

        def line(name: str, label: str, pair: Sequence[Term], expected: tuple[Any, Any], style: str = "number") -> Pair:
            nonlocal row
            self.say(sheet, row, 0, label, "bold")
            cells = self.put(sheet, row, 2, pair[0], style), self.put(sheet, row, 3, pair[1], style)
            row += 1
            found[name] = cells
            if np.isfinite(float(expected[0])):
                self.found.add(name, label, cells, expected)
            return cells

        lost = line(
            "customers_lost",
            text("headline.customers_lost"),
            [total(by_reason["lost"][v]) for v in (0, 1)],
            (base.customers_lost.sum(), now.customers_lost.sum()),
        )
        if known_base:
            line(
                "churn_rate",
                text("headline.churn_rate"),
                [x / below for x in lost],
                (base.churn_rate, now.churn_rate),
                "share",
            )
            periods = [
                choose(x.above(0), below / x if x.value else Term((below / x).words, np.nan), NOTHING) for x in lost
            ]
            line(
                "expected_periods",
                text("workbook.expected_periods"),
                periods,
                (base.expected_periods, now.expected_periods),
            )
        if not np.isnan(by_reason["revenue"][0][0].value):
            revenue = line(
                "revenue_lost",
                text("headline.revenue_lost"),
                [total(by_reason["revenue"][v]) for v in (0, 1)],
                (np.nansum(base.revenue_lost), np.nansum(now.revenue_lost)),
            )
            if has_opening:
                rates = line(
                    "revenue_churn",
                    text("measure.churn.revenue_churn"),
                    [x / opening for x in revenue],
                    (base.revenue_churn, now.revenue_churn),
                    "share",
                )
                if not np.isnan(data["change_of_kept"].value):
                    line(
                        "net_revenue_change",
                        text("measure.churn.net_revenue_change"),
                        [data["change_of_kept"] / opening - x for x in rates],
                        (base.net_revenue_change, now.net_revenue_change),
                        "share",
                    )
        if inputs.has_profit:
            pair = [total(saved[v]) for v in (0, 1)]
            line("saved_profit", text("headline.saved_profit"), pair, (0.0, np.nansum(now.saved_profit)))
        spend = [total(reasons["spend"][v]) + reasons["cost"][v] for v in (0, 1)]
        line("spend", text("headline.spend"), spend, (base.spend, now.spend))
        found |= {"opening_data": opening, "opening_known": not np.isnan(opening.value)}
        found |= {"reasons": by_reason, "opening": opening if has_opening else None, "sheet": sheet, "row": row}
        return found

    # Profit ---------------------------------------------------------------------------------------

    def profit(
        self,
        links: dict[str, Any],
        value: dict[str, Any] | None,
        stages: dict[str, Any] | None,
        exits: dict[str, Any] | None,
    ) -> None:
        """What the scenario earns a period: saved profit, promoted accounts, our price, less the spend."""
        if exits is None:
            return
        text, sheet, row = self.text, exits["sheet"], exits["row"] + 1
        earned: Pair = exits.get("saved_profit", (number(0), number(0)))
        parts = [earned[1]]
        if stages is not None:
            parts.append(stages["profit"])
        if value is not None and exits["opening_known"]:
            power = links["power"]["price_revenue"]
            lost = exits["revenue_lost"][1] if "revenue_lost" in exits else number(0)
            kept = exits["opening_data"] - lost
            gain = choose(power.above(0), (value["price"] - 1) * kept * power, 0)
            self.say(sheet, row, 0, text("workbook.price_profit"))
            parts.append(self.put(sheet, row, 3, gain))
            row += 1
        whole = summed(parts) - exits["spend"][1]
        self.say(sheet, row, 0, text("headline.profit_effect"), "bold")
        baseline = self.put(sheet, row, 2, earned[0] - exits["spend"][0])
        cell = self.put(sheet, row, 3, whole)
        self.found.add(
            "profit_effect",
            text("headline.profit_effect"),
            (baseline, cell),
            (self.base.profit_effect, self.now.profit_effect),
        )
