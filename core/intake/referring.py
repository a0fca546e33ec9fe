"""What rows of different tables and files say of each other: names, references, sums, things told twice."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz, process

from core.intake import values as read
from core.portfolio import ROW, SOURCE, Problem, Settings
from core.tables import TABLES

_MANY = 50
# Columns of other tables that name a customer.
NAMES_A_CUSTOMER = (
    ("exits", "customer", "exit_without_customer"),
    ("assessments", "account", "assessment_without_customer"),
    ("touchpoints", "account", "touchpoint_without_customer"),
    ("transactions", "customer", "transaction_without_customer"),
)


def _loose(word: str) -> str:
    """A customer number as people mistype it: C-0012, c12 and 12.0 come close to C12 and 12."""
    letters = read.normal(re.sub(r"\.0+$", "", word))
    return re.sub(r"(?<!\d)0+(?=\d)", "", letters)


def resolved(
    frame: pd.DataFrame, table: str, column: str, customers: pd.DataFrame, problems: list[Problem]
) -> tuple[pd.DataFrame, bool]:
    """Rows that give a customer's name, or its number in another writing, given the number; listed.

    Also returned: whether a row names somebody whom the customers do not hold.
    """
    apart = frame[~frame[SOURCE].isin(customers[SOURCE].unique())]  # not from the rows of the customers themselves
    strange = set(apart[column][_unknown(apart[column], customers["customer"])]) if len(apart) else set()
    if not strange:
        return frame, False
    known = set(customers["customer"])
    words = frame[column].to_numpy(dtype=object)
    named = customers[customers["name"] != ""].drop_duplicates("name", keep=False)
    names = dict(zip(named["name"], named["customer"], strict=True))
    loose: dict[str, str | None] = {}
    for number in known:
        key = _loose(number)
        loose[key] = None if key in loose else number
    found = {word: names[word] for word in strange if word in names}
    close = {word: loose[_loose(word)] for word in strange - set(found) if loose.get(_loose(word))}
    for code, pairs in (("key_by_name", found), ("key_loosely", close)):
        if pairs:
            word = next(iter(sorted(pairs)))
            count = sum(w in pairs for w in words)
            problems.append(
                Problem(code, column=f"{table}.{column}", value=word, detail={"count": count, "taken": pairs[word]})
            )
    lookup = {**found, **close}
    frame[column] = pd.array([lookup.get(word, word) for word in words], dtype="str")
    return frame, len(lookup) < len(strange)


def _unknown(words: pd.Series, known: pd.Series) -> np.ndarray[Any, Any]:
    """Words, but for empty ones, that are not among the known."""
    said = pa.array(words)
    there = pc.is_in(said, value_set=pa.array(known))
    return read.mask(pc.and_not(pc.not_equal(said, ""), there))


def across(
    tables: Mapping[str, pd.DataFrame],
    settings: Settings,
    sources: Sequence[tuple[str, str]],
    strange: Collection[str],
) -> Iterator[Problem]:
    """Notes on rows that point at something no table holds, or at another time.

    `strange` names the tables in which `resolved` found customers that are not in the list.
    """
    customers, exits = tables.get("customers"), tables.get("exits")

    def first_of(frame: pd.DataFrame) -> tuple[str, str, int]:
        file, sheet = sources[int(frame[SOURCE].iloc[0])]
        return file, sheet, int(frame[ROW].iloc[0])

    if exits is not None:
        first, last = settings.period_start, settings.period_end
        outside = exits["date"] > pd.Timestamp(last or dt.date.today())
        if first is not None:
            outside |= exits["date"] < pd.Timestamp(first)
        if outside.any():
            value = str(exits["date"][outside].iloc[0].date())
            count = {"count": int(outside.sum())}
            yield Problem("exit_outside_period", *first_of(exits[outside]), "exits.date", value, "nothing", count)
        nobody = (exits["customer"] == "").sum()
        if nobody and customers is not None:
            yield Problem("exit_anonymous", detail={"count": int(nobody)})
    for name, frame in tables.items():
        for column in TABLES[name].columns:
            if column.type == "date" and name not in ("exits", "programs"):
                ahead = frame[frame[column.name] > pd.Timestamp.today()]
                if len(ahead):
                    value = str(ahead[column.name].iloc[0].date())
                    yield Problem("future_date", *first_of(ahead), column.id, value, detail={"count": len(ahead)})
    if customers is not None:
        yield from _strangers({name: tables[name] for name in strange}, customers, first_of)
    people = tables.get("stakeholders")
    if people is not None and "links" in tables:
        links, known = tables["links"], sorted(set(people["stakeholder"]))
        for column_name in ("source", "target"):
            lost = links[~links[column_name].isin(known)]
            if len(lost):
                value = str(lost[column_name].iloc[0])
                detail = {"count": len(lost), "near": _nearest(value, known)}
                yield Problem("link_to_nobody", *first_of(lost), f"links.{column_name}", value, detail=detail)
    if "value" in tables:
        value_table = tables["value"]
        priced = set(value_table["offer"][value_table["kind"] == "price"])
        for offer in dict.fromkeys(value_table["offer"]):
            if offer not in priced:
                rows = value_table[value_table["offer"] == offer]
                yield Problem("offer_without_price", *first_of(rows), "value.offer", str(offer))


def _strangers(
    tables: Mapping[str, pd.DataFrame],
    customers: pd.DataFrame,
    first_of: Callable[[pd.DataFrame], tuple[str, str, int]],
) -> Iterator[Problem]:
    names: list[str] | None = None
    for name, column, code in NAMES_A_CUSTOMER:
        frame = tables.get(name)
        if frame is None:
            continue
        strangers = frame[_unknown(frame[column], customers["customer"])]
        if len(strangers):
            names = names or [*sorted(set(customers["customer"])), *sorted(set(customers["name"]) - {""})]
            value = str(strangers[column].iloc[0])
            detail = {"count": len(strangers), "near": _nearest(value, names)}
            yield Problem(code, *first_of(strangers), f"{name}.{column}", value, detail=detail)


def _nearest(word: str, known: Sequence[str]) -> str:
    """Up to three names that a mistyped one may mean."""
    found = process.extract(word, known, scorer=fuzz.ratio, limit=3, score_cutoff=70)
    return ", ".join(name for name, _, _ in found)


def whole_rows(frame: pd.DataFrame, sources: Sequence[tuple[str, str]]) -> Iterator[Problem]:
    """A customer whose revenue is the sum of all others, or of the rows below it, may be a total under a name."""
    revenue = frame["revenue"].to_numpy(dtype=float)
    total = np.nansum(revenue)
    if len(frame) < 4 or not total > 0:
        return
    places = set(np.flatnonzero(np.isclose(2 * revenue, total, rtol=1e-9)).tolist())
    if len(frame) <= 5000:
        # heads stand above their blocks, or sums below them
        places |= _parents(revenue) or {len(revenue) - 1 - place for place in _parents(revenue[::-1])}
    for place in sorted(places)[:_MANY]:
        row = frame.iloc[place]
        where = sources[int(row[SOURCE])]
        yield Problem("may_be_total", *where, int(row[ROW]), "customers.revenue", str(row["customer"]))


def _parents(revenue: np.ndarray[Any, Any]) -> set[int]:
    """Rows that head blocks which fill the table: each the sum of the rows below it, up to the next such row."""
    found, place = set(), 0
    while place < len(revenue):
        below = np.cumsum(revenue[place + 1 : place + 500])
        ends = np.flatnonzero(np.isclose(below, revenue[place], rtol=1e-9))
        if not len(ends) or np.isnan(revenue[place]):
            return set()
        found.add(place)
        place += int(ends[-1]) + 2
    return found if len(found) <= 0.4 * len(revenue) else set()


def near_twins(frame: pd.DataFrame, sources: Sequence[tuple[str, str]]) -> Iterator[Problem]:
    """Customer numbers that differ only in their writing."""
    said = pa.array(frame["customer"])
    lengths = pc.min_max(pc.binary_length(said)).as_py()
    if lengths["min"] == lengths["max"] and not pc.any(pc.match_substring_regex(said, r"[\s_.\-/]|\p{Ll}")).as_py():
        return  # in one case, of one length and without such signs none can be another's twin
    loose = pc.replace_substring_regex(pc.utf8_lower(said), r"[\s_.\-/]+", "")
    loose = pc.replace_substring_regex(loose, r"^([^0-9]*)0+([0-9])", r"\1\2")
    if pc.count_distinct(loose).as_py() == len(loose):
        return
    each = pd.Series(pd.array(loose, dtype="str"))
    twice = frame[(each.duplicated() & (each != "")).to_numpy()]
    if len(twice):
        row = twice.iloc[0]
        detail = {"count": len(twice)}
        where = sources[int(row[SOURCE])]
        yield Problem("near_twins", *where, int(row[ROW]), "customers.customer", str(row["customer"]), detail=detail)


def counted_once(exits: pd.DataFrame, sources: Sequence[tuple[str, str]], problems: list[Problem]) -> pd.DataFrame:
    """Exits one by one, and the same exits counted up in a second sheet: the counts are set aside."""
    nameless = (exits["customer"] == "").to_numpy()
    if not nameless.any() or nameless.all():
        return exits
    count = exits["count"].fillna(1).to_numpy(dtype=float)
    if set(exits[SOURCE][nameless]) & set(exits[SOURCE][~nameless]) or count[nameless].sum() != count[~nameless].sum():
        return exits
    for source, row in zip(exits[SOURCE][nameless], exits[ROW][nameless], strict=True):
        problems.append(Problem("counted_twice", *sources[int(source)], int(row), set_aside="row"))
    return exits[~nameless].reset_index(drop=True)
