"""Relationship stages: the score, the gates, the pyramid, and what lifts an account one stage."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from core.config import Config
from core.portfolio import Portfolio, numbers, texts
from core.quantity import Axis, Floats, Indices, Quantity, measure, quantity, unknown_as_zero
from core.scenario import LeverSpec, Target
from core.tables import DIMENSIONS, ITEMS, STAGES, STATES

_TOLERANCE = 1e-9
_PER_DIMENSION = len(ITEMS) // len(DIMENSIONS)


@dataclass(frozen=True)
class StagesInputs:
    """The latest round of every assessed account; A accounts, 6 dimensions, 12 items."""

    accounts: tuple[str, ...]
    names: tuple[str, ...]
    segments: tuple[str, ...]
    dimension: Quantity
    score_shift: Quantity
    answered: Floats
    items: Floats
    current: np.ndarray[Any, np.dtype[np.bool_]]
    exited: np.ndarray[Any, np.dtype[np.bool_]]
    revenue: Floats
    profit: Floats
    cost_to_serve: Floats
    lowest_stage: Indices
    highest_stage: Indices
    own_score: Floats
    customer_score: Floats
    own_stage: Indices
    customer_stage: Indices
    previous_state: Indices
    in_last_round: np.ndarray[Any, np.dtype[np.bool_]]
    previous_score: Floats
    target: Indices
    target_given: np.ndarray[Any, np.dtype[np.bool_]]
    cuts: Floats
    caps: Indices
    gate: float

    @property
    def has_movement(self) -> bool:
        """Whether any account was assessed in an earlier round, so that movement can be told."""
        return bool((self.previous_state > 0).any() or (self.exited & ~self.in_last_round).any())

    def perception_gap(self, limit: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Accounts where our side and the customer differ by `limit` points or more, or by a stage."""
        both = (self.own_stage >= 0) & (self.customer_stage >= 0)
        with np.errstate(invalid="ignore"):
            apart = np.abs(self.own_score - self.customer_score) >= limit
        return both & (apart | (self.own_stage != self.customer_stage))


@dataclass(frozen=True)
class StagesResult:
    """Results; arrays end in an account (A) or stage (4) axis, draws lead. -1: not assessable."""

    score: Floats = measure("score", "(mean of answered items - 1) / 3 * 100", "ours_second_hand_bands")
    stage: Indices = measure(
        "stage", "highest band reached, capped by the lowest gate not passed", "mcdonald_rogers_woodburn"
    )
    held_by: Indices = measure("index", "first dimension below its gate that holds the stage below the band", "ours")
    accounts: Floats = measure("accounts", "count(stage)")
    revenue: Floats = measure("money", "sum(revenue) by stage")
    profit: Floats = measure("money", "sum(revenue * margin) by stage")
    advanced: Floats = measure("accounts", "accounts at interdependent or integrated")


def _consensus(frame: pd.DataFrame, accounts: tuple[str, ...], weights: dict[str, float]) -> Floats:
    """Item scores of each account, (12, A)."""
    position = {account: n for n, account in enumerate(accounts)}
    at = np.array([position[account] for account in frame["account"]], dtype=np.intp)
    weight = np.array([weights.get(role, 1.0) for role in texts(frame, "rater_role")])[:, None]
    scores = frame[list(ITEMS)].to_numpy(dtype=float).reshape(len(frame), len(ITEMS))
    known = ~np.isnan(scores)
    total, summed = np.zeros((2, len(accounts), len(ITEMS)))
    np.add.at(total, at, known * weight)
    np.add.at(summed, at, unknown_as_zero(scores) * weight)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, summed / total, np.nan).T)


def _dimensions(items: Floats) -> tuple[Floats, Floats]:
    """Mean answered item and number answered of each dimension, (6, A) each."""
    cube = items.reshape(len(DIMENSIONS), _PER_DIMENSION, -1)
    answered = (~np.isnan(cube)).sum(axis=1).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(answered > 0, np.nansum(cube, axis=1) / answered, np.nan), answered


def _rounds(frame: pd.DataFrame, days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The answers of each account's latest round, and of the round before it."""
    dates = frame["date"].fillna(pd.Timestamp("1900-01-01"))
    span = pd.Timedelta(days=days)
    newest = dates.groupby(frame["account"]).transform("max")
    latest = frame[dates > newest - span]
    older, older_dates = frame[dates <= newest - span], dates[dates <= newest - span]
    newest_older = older_dates.groupby(older["account"]).transform("max")
    return latest, older[older_dates > newest_older - span]


def _score(dimension: Floats, answered: Floats, shift: Floats) -> Floats:
    counted = np.where(answered > 0, dimension, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.einsum("...da,da->...a", counted, answered) / answered.sum(axis=0)
    return np.clip((mean - 1) / 3 * 100 + shift, 0, 100)


def _stage(score: Floats, dimension: Floats, cuts: Floats, caps: Indices, gate: float) -> tuple[Indices, Indices]:
    """Stage and holding gate (-1 none) from scores (..., A) and dimension means (..., 6, A)."""
    with np.errstate(invalid="ignore"):
        # one byte a cell: this is most of the work of ten thousand draws
        band = np.zeros(score.shape, dtype=np.int8)
        for cut in cuts:
            band += score >= cut - _TOLERANCE
        below = dimension < 1 + (gate - _TOLERANCE) * 3 / 100
    cap = np.where(below, caps.astype(np.int8)[:, None], np.int8(len(STAGES) - 1))
    lowest = cap.min(axis=-2)
    stage = np.minimum(band, lowest)
    held = np.where(lowest < band, np.argmin(cap, axis=-2), -1)
    unknown = np.isnan(score)
    return np.where(unknown, -1, stage).astype(np.intp), np.where(unknown, -1, held)


def observe(portfolio: Portfolio, config: Config) -> StagesInputs | None:
    """Inputs from assessments, customers and exits; None without assessments.

    The answers within `round_days` of an account's newest form its round. Fewer than half of the
    items answered: not assessable (its dimensions become NaN). An account that left in the period is
    kept for the statistics but stands outside the pyramid.
    """
    frame = portfolio.table("assessments")
    if frame is None:
        return None
    rule = config.stages
    accounts = tuple(dict.fromkeys(frame["account"]))
    latest, before = _rounds(frame, rule.round_days)
    items = _consensus(latest, accounts, rule.rater_weights)
    answered_items = (~np.isnan(items)).sum(axis=0)
    assessable = answered_items >= rule.answered_share * len(ITEMS)
    cuts = np.array([rule.bands[stage] for stage in STAGES[1:]])
    caps = np.array([STAGES.index(rule.gates[d]) for d in DIMENSIONS])

    def staged(scores: Floats, fill: float | None = None) -> tuple[Floats, Indices]:
        there = (~np.isnan(scores)).sum(axis=0) >= rule.answered_share * len(ITEMS)
        filled = np.where(np.isnan(scores), fill, scores) if fill is not None else scores
        dimension, answered = _dimensions(filled)
        score = np.where(there, _score(dimension, answered, np.zeros(scores.shape[1])), np.nan)
        return score, _stage(score, dimension, cuts, caps, rule.gate)[0]

    dimension, answered = _dimensions(items)
    dimension[:, ~assessable] = np.nan
    answered[:, ~assessable] = 0
    customer = latest["rater_role"] == "customer"
    own_score, own_stage = staged(_consensus(latest[~customer], accounts, rule.rater_weights))
    customer_score, customer_stage = staged(_consensus(latest[customer], accounts, rule.rater_weights))
    previous_score, previous_stage = staged(_consensus(before, accounts, rule.rater_weights))
    money = _money(portfolio, accounts)
    exited = _exited(portfolio, accounts)
    axis_d = Axis("dimension", DIMENSIONS)
    axis_a = Axis("account", accounts)
    target, given = _targets(portfolio, config, accounts, money)
    return StagesInputs(
        accounts=accounts,
        names=tuple(n or a for n, a in zip(money["name"], accounts, strict=True)),
        segments=tuple(money["segment"]),
        dimension=quantity(dimension, axis_d, axis_a, unit="points", low=1, high=4),
        score_shift=quantity(np.zeros(len(accounts)), axis_a, unit="score"),
        answered=answered,
        items=items,
        current=assessable & ~exited,
        exited=exited,
        revenue=money["revenue"].to_numpy(dtype=float),
        profit=money["profit"].to_numpy(dtype=float),
        cost_to_serve=money["cost_to_serve"].to_numpy(dtype=float),
        lowest_stage=staged(items, 1.0)[1] if assessable.any() else np.full(len(accounts), -1),
        highest_stage=staged(items, 4.0)[1] if assessable.any() else np.full(len(accounts), -1),
        own_score=own_score,
        customer_score=customer_score,
        own_stage=own_stage,
        customer_stage=customer_stage,
        previous_state=previous_stage + 1,
        in_last_round=_in_last_round(latest, accounts, rule.round_days),
        previous_score=previous_score,
        target=target,
        target_given=given,
        cuts=cuts,
        caps=caps,
        gate=rule.gate,
    )


def _money(portfolio: Portfolio, accounts: tuple[str, ...]) -> pd.DataFrame:
    columns = ["name", "segment", "revenue", "profit", "cost_to_serve", "margin", "target_stage"]
    customers = portfolio.table("customers")
    if customers is None:
        return pd.DataFrame(
            {
                c: [""] * len(accounts) if c in ("name", "segment", "target_stage") else np.full(len(accounts), np.nan)
                for c in columns
            },
            index=list(accounts),
        )
    part = customers[customers["customer"].isin(accounts)].set_index("customer")
    margin = part["margin"].fillna(portfolio.settings.margin if portfolio.settings.margin is not None else np.nan)
    part = part.assign(margin=margin, profit=part["revenue"] * margin).reindex(accounts)
    for column in ("name", "segment", "target_stage"):
        part[column] = part[column].fillna("")
    return part[columns]


def _exited(portfolio: Portfolio, accounts: tuple[str, ...]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    exits = portfolio.table("exits")
    if exits is None:
        return np.zeros(len(accounts), dtype=bool)
    start, end = portfolio.settings.period_start, portfolio.settings.period_end
    outside = pd.Series(False, index=exits.index)
    if start is not None:
        outside |= exits["date"] < pd.Timestamp(start)
    if end is not None:
        outside |= exits["date"] > pd.Timestamp(end)
    gone = set(exits["customer"][~outside])
    return np.array([account in gone for account in accounts], dtype=bool)


def _in_last_round(latest: pd.DataFrame, accounts: tuple[str, ...], days: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Accounts whose newest answers belong to the newest round of all."""
    newest = latest.groupby("account")["date"].max().reindex(list(accounts))
    if newest.isna().all():
        return np.ones(len(accounts), dtype=bool)
    return (newest > newest.max() - pd.Timedelta(days=days)).to_numpy()


def _targets(
    portfolio: Portfolio, config: Config, accounts: tuple[str, ...], money: pd.DataFrame
) -> tuple[Indices, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Target stage of each account: the column where given, else from margin and number of customers.

    Kotler: many customers and a thin margin call for a basic relationship, few and a thick one for
    partnership; the two mixed cases lie between.
    """
    customers = portfolio.table("customers")
    size = customers.groupby("segment")["customer"].size() if customers is not None else pd.Series(dtype=float)
    many = np.array([size.get(segment, 0) >= config.stages.many_customers for segment in money["segment"]])
    margin = money["margin"].to_numpy(dtype=float)
    thick = margin >= config.stages.thick_margin
    suggested = np.where(np.isnan(margin), -1, np.where(many, np.where(thick, 1, 0), np.where(thick, 3, 2)))
    given = np.array([STAGES.index(s) if s in STAGES else -1 for s in money["target_stage"]])
    return np.where(given >= 0, given, suggested), given >= 0


def evaluate(inputs: StagesInputs) -> StagesResult:
    """Scores, stages and the pyramid."""
    dimension = inputs.dimension.values
    score = _score(dimension, inputs.answered, inputs.score_shift.values)
    stage, held = _stage(score, dimension, inputs.cuts, inputs.caps, inputs.gate)
    inside = (stage[..., None] == np.arange(len(STAGES))) & inputs.current[:, None]
    accounts = inside.sum(axis=-2).astype(float)
    there = inside.astype(float)
    return StagesResult(
        score=score,
        stage=stage,
        held_by=held,
        accounts=accounts,
        revenue=unknown_as_zero(inputs.revenue) @ there,
        profit=unknown_as_zero(inputs.profit) @ there,
        advanced=accounts[..., 2:].sum(axis=-1),
    )


def levers(inputs: StagesInputs) -> tuple[LeverSpec, ...]:
    """Each dimension up or down by points of the 1-4 scale, for all accounts."""
    values = inputs.dimension.values
    return tuple(
        LeverSpec(
            Target("stages", "dimension", (name, "*")),
            "add",
            "points",
            -1,
            1,
            0.1,
            float(np.nanmean(values[d])),
            "points",
        )
        for d, name in enumerate(DIMENSIONS)
        if not np.isnan(values[d]).all()
    )


# What is not needed at every move of a lever --------------------------------------------------


@dataclass(frozen=True)
class Step:
    """The smallest set of improvements that reaches the next stage: item position and its new score."""

    stage: int
    improvements: tuple[tuple[int, float], ...]
    points: float


def next_step(items: Floats, config: Config, fewest: Literal["items", "points"] = "items") -> Step | None:
    """The exact smallest step of one account to the stage above its own.

    Fewest items, then fewest points (or the other way round), then item order. Items rise by whole points to at most 4;
    unanswered items stay unanswered. None at the top stage, where not assessable, or where the
    answered items cannot reach it.

    Args:
        items: the account's 12 item scores, NaN where unanswered.
    """
    rule = config.stages
    cuts = np.array([rule.bands[stage] for stage in STAGES[1:]])
    caps = np.array([STAGES.index(rule.gates[d]) for d in DIMENSIONS])
    answered = ~np.isnan(items)
    if answered.sum() < rule.answered_share * len(ITEMS):
        return None
    dimension, counts = _dimensions(items[:, None])
    score = _score(dimension, counts, np.zeros(1))
    stage = int(_stage(score, dimension, cuts, caps, rule.gate)[0][0])
    if stage == len(STAGES) - 1:
        return None
    goal = stage + 1
    needed = (1 + cuts[goal - 1] * 3 / 100) * answered.sum() - np.nansum(items) - _TOLERANCE
    gate = 1 + rule.gate * 3 / 100
    # After each dimension: (items, points) -> gains with their choices, best first; a choice that
    # gains less and comes later in item order can never win.
    Choice = tuple[float, tuple[tuple[int, float], ...]]
    states: dict[tuple[int, int], list[Choice]] = {(0, 0): [(0.0, ())]}
    for d in range(len(DIMENSIONS)):
        cells = [i for i in range(2 * d, 2 * d + _PER_DIMENSION) if answered[i]]
        options: list[tuple[int, int, float, tuple[tuple[int, float], ...]]] = []
        for raises in product(*(range(int(np.ceil(4 - items[i] - _TOLERANCE)) + 1) for i in cells)):
            raised = [(i, min(items[i] + r, 4.0)) for i, r in zip(cells, raises, strict=True) if r]
            new = {**{i: items[i] for i in cells}, **dict(raised)}
            if cells and caps[d] < goal and np.mean(list(new.values())) < gate - _TOLERANCE:
                continue
            gain = sum(value - items[i] for i, value in raised)
            options.append((len(raised), sum(raises), gain, tuple(raised)))
        grown: dict[tuple[int, int], list[Choice]] = {}
        for (used, points), choices in states.items():
            for more, extra, gain, step in options:
                for had, chosen in choices:
                    grown.setdefault((used + more, points + extra), []).append((had + gain, (*chosen, *step)))
        states = {place: _front(choices) for place, choices in grown.items()}
    for (_, points), choices in sorted(states.items(), key=lambda s: s[0] if fewest == "items" else s[0][::-1]):
        reached = [chosen for gain, chosen in choices if gain >= needed]
        if reached:
            best = min(reached, key=lambda chosen: [i for i, _ in chosen])
            return Step(goal, best, float(points))
    return None


def _front(choices: list[Any]) -> list[Any]:
    """Choices that no other beats both in gain and in item order."""
    kept: list[Any] = []
    for gain, chosen in sorted(choices, key=lambda c: ([i for i, _ in c[1]], -c[0])):
        if not kept or gain > kept[-1][0] + _TOLERANCE:
            kept.append((gain, chosen))
    return kept


def wilson(successes: float, trials: float, confidence: float) -> tuple[float, float]:
    """Wilson score interval of a share. Source: Wilson 1927, through scipy."""
    if trials == 0:
        return float("nan"), float("nan")
    found = stats.binomtest(int(successes), int(trials)).proportion_ci(confidence, method="wilson")
    return float(found.low), float(found.high)


@dataclass(frozen=True)
class Validity:
    """Whether the stages predict exits on this data."""

    churn_rate: Floats
    low: Floats
    high: Floats
    accounts: Floats
    auc: float
    auc_low: float
    auc_high: float

    @property
    def predictive(self) -> bool:
        """Whether the interval of the AUC leaves out 0.5."""
        return bool(self.auc_low > 0.5 or self.auc_high < 0.5)


def validity(inputs: StagesInputs, config: Config) -> Validity | None:
    """Churn by stage with Wilson intervals, and the AUC of the score against exits.

    Uses the earlier round where there is one, so that the score comes before the exit. AUC = share of
    pairs in which the lost account had the lower score; its interval is DeLong's (1988). None where
    nobody assessed has left.
    """
    score = np.where(
        np.isnan(inputs.previous_score),
        _score(inputs.dimension.values, inputs.answered, np.zeros(len(inputs.accounts))),
        inputs.previous_score,
    )
    stage = np.where(inputs.previous_state > 0, inputs.previous_state - 1, evaluate(inputs).stage)
    known = ~np.isnan(score) & (stage >= 0)
    lost, kept = score[known & inputs.exited], score[known & ~inputs.exited]
    if len(lost) == 0 or len(kept) == 0:
        return None
    trials = np.array([(stage[known] == s).sum() for s in range(len(STAGES))], dtype=float)
    gone = np.array([(stage[known & inputs.exited] == s).sum() for s in range(len(STAGES))], dtype=float)
    bounds = [wilson(g, t, config.churn.confidence) for g, t in zip(gone, trials, strict=True)]
    wins = (lost[:, None] < kept) + 0.5 * (lost[:, None] == kept)
    auc = float(wins.mean())
    spread = 0.0
    for part in (wins.mean(axis=1), wins.mean(axis=0)):
        spread += float(part.var(ddof=1)) / len(part) if len(part) > 1 else 0.25
    reach = stats.norm.ppf(0.5 + config.churn.confidence / 2) * np.sqrt(spread)
    with np.errstate(invalid="ignore"):
        rate = gone / trials
    low, high = (np.array(side) for side in zip(*bounds, strict=True))
    return Validity(rate, low, high, trials, auc, max(auc - reach, 0), min(auc + reach, 1))


def movement(inputs: StagesInputs, result: StagesResult) -> Floats:
    """Accounts that went from each state to each, (6, 6), in the order of STATES.

    An account first assessed in the last round comes from `prospect`; one that left before it goes
    from its own last stage to `exited`. An account not assessed again is left out.
    """
    now = np.where(inputs.exited, len(STATES) - 1, result.stage + 1)
    before = np.where(inputs.exited & ~inputs.in_last_round, result.stage + 1, inputs.previous_state)
    known = np.where(inputs.exited, before > 0, inputs.in_last_round & (result.stage >= 0))
    table = np.zeros((len(STATES), len(STATES)))
    np.add.at(table, (before[known], now[known]), 1)
    return table


def transitions(moved: Floats) -> Floats:
    """Transition matrix: shares of each row; `exited` absorbs; a state nobody was in stays put."""
    total = moved.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        matrix = np.where(total > 0, moved / total, np.eye(len(STATES)))
    matrix[-1] = np.eye(len(STATES))[-1]
    return np.asarray(matrix)


def projection(inputs: StagesInputs, result: StagesResult, rounds: int, start: Floats | None = None) -> Floats:
    """Expected accounts in each state after 0..rounds rounds, (rounds + 1, 6).

    A Markov chain: it assumes that the transitions seen between the last two rounds stay as they
    are, and that nobody new comes. `start` gives the accounts of each stage to begin with, such as a
    scenario's; the transitions always come from the data.
    """
    matrix = transitions(movement(inputs, result))
    state = np.concatenate([[0.0], result.accounts if start is None else start, [0.0]])
    states = [state]
    for _ in range(rounds):
        states.append(states[-1] @ matrix)
    return np.array(states)


@dataclass(frozen=True)
class Investment:
    """Where to invest, beside the pyramid."""

    share_of_customer: float = measure("share", "sum(revenue) / sum(category_spend) where both are known")
    top_fifth: float = measure("share", "profit of the top 20 % of customers / profit of all", "pareto")
    repeat_rate: float = measure("share", "customers with 2 or more orders / customers with orders")


def investment(portfolio: Portfolio) -> Investment | None:
    """Share of customer, concentration and repeat rate; NaN where its column is empty."""
    customers = portfolio.table("customers")
    if customers is None:
        return None
    revenue, spend = numbers(customers, "revenue"), numbers(customers, "category_spend")
    margin = numbers(customers, "margin")
    if portfolio.settings.margin is not None:
        margin = np.where(np.isnan(margin), portfolio.settings.margin, margin)
    both = ~np.isnan(revenue) & (spend > 0)
    money = revenue * margin if not np.isnan(margin).all() else revenue
    ranked = np.sort(money[~np.isnan(money)])[::-1]
    top = ranked[: max(round(0.2 * len(ranked)), 1)].sum() if len(ranked) else np.nan
    orders = numbers(customers, "orders")
    buying = orders >= 1
    return Investment(
        float(revenue[both].sum() / spend[both].sum()) if both.any() else float("nan"),
        float(top / ranked.sum()) if len(ranked) and ranked.sum() > 0 else float("nan"),
        float((orders >= 2).sum() / buying.sum()) if buying.any() else float("nan"),
    )
