"""What a file says of all its rows together: settings, the period, the currency, the months that revenue covers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core.intake import values as read
from core.intake.headers import day_of, year_of
from core.intake.matching import SheetPlan
from core.intake.periods import LONGEST, SHORTEST, periods_of
from core.intake.reading import RawColumn
from core.portfolio import ROW, SOURCE, Problem, Settings
from core.tables import SETTINGS_KNOWN, TABLES

_OF_PERIOD = re.compile(r"(reporting|snapshot|data|fiscal)?(period|year)|fy|(统计|报告|数据|会计)?(期间|年度|年份)")
_NEW = re.compile(
    r"^\W*(?:(?:newly|brand)\s+)?new(?:\s+(?:logo|client|customer|account|member|business|this year|(?:in|for)\s+(?P<year>20\d\d)))?\W*$"
    r"|^(?:本年|今年|当年|年内|本期|期内)?(?:新(?:增|签|开|进|承接|承揽|合作|加入|入会?|客户?|户)(?:约|客户?|户)?)\W*$",
    re.I,
)
_MANY, _SPREAD = 3, 120  # exits, and days between the first and the last, that may stand for a year
_WHOLE_YEAR = re.compile(r"\s*(?:fy|cy)?\s*(20\d\d)\s*(?:年度?)?\s*(?:\(\s*jan[^)]*dec[^)]*\))?\s*", re.I)


def settings_of(
    frame: pd.DataFrame | None, said: Mapping[str, Any], day_first: bool | None
) -> tuple[Settings, list[Problem]]:
    """The settings that a table of them and the user's own say, which win, and what of them is unknown or out of bounds."""
    found: dict[str, Any] = {}
    problems = []
    lookup = {
        read.normal(word): setting for setting in SETTINGS_KNOWN.values() for word in (setting.name, *setting.words)
    }
    rows = [(str(k), str(v), None) for k, v in said.items()]
    if frame is not None:
        rows = [*zip(frame["setting"], frame["setting_value"], frame[ROW], strict=True), *rows]
    for name, text, row in rows:
        setting = lookup.get(read.normal(name))
        value: Any = None
        if setting is not None and setting.type == "text":
            value = text
        elif setting is not None and setting.type == "date":
            column = RawColumn({"t": pa.array([text], pa.string())}, 1)
            days, _, guess = read.to_dates(column, day_first)
            day = days[0]
            if guess:
                problems.append(Problem("date_order_guessed", row=int(row or 0), column=name, value=text))
            value = None if np.isnat(day) else day.astype(dt.datetime).date()
            if value is None and re.fullmatch(r"\d{5}", text):
                value = dt.date(1899, 12, 30) + dt.timedelta(days=int(text))
        elif setting is not None:
            number, _ = read.parse_number(text)
            if setting.type == "share" and number > 1:
                number /= 100
            inside = (setting.low is None or number >= setting.low) and (setting.high is None or number <= setting.high)
            value = number if inside and not np.isnan(number) else None
        if setting is None or value is None:
            code = "unknown_setting" if setting is None else "bad_setting"
            problems.append(
                Problem(
                    code,
                    row=int(row or 0),
                    column=name,
                    value=text,
                    set_aside="row",
                    detail={"allowed": ", ".join(SETTINGS_KNOWN)},
                )
            )
        else:
            found[setting.name] = value
    if found.get("period_start") and found.get("period_end") and found["period_start"] > found["period_end"]:
        problems.append(Problem("period_inverted", value=f"{found.pop('period_start')} – {found.pop('period_end')}"))
    return Settings(**found), problems


def _period_column(plan: SheetPlan) -> set[tuple[dt.date, dt.date]]:
    """The year that a column of a list of customers or exits says of all rows alike, as `FY2024 (Jan-Dec 2024)`."""
    for position, header in enumerate(plan.headers if plan.table in ("customers", "exits") else ()):
        if position in plan.columns or not _OF_PERIOD.fullmatch(read.simplified(read.header_core(header))):
            continue
        said = set(read.to_texts(plan.raw.columns[position].below(plan.header.first_row)).tolist()) - {""}
        whole = _WHOLE_YEAR.fullmatch(read.half_width(said.pop())) if len(said) == 1 else None
        if whole:
            return {(dt.date(int(whole[1]), 1, 1), dt.date(int(whole[1]), 12, 31))}
    return set()


def _stated_period(plans: Sequence[SheetPlan], tables: Mapping[str, pd.DataFrame]) -> tuple[dt.date, dt.date] | None:
    """The days from and to which a line above the customers or exits says it counts, or for which their headers tell the
    revenue at its start and at its end; None where these differ.

    An export's own range is none: most of the exits lie within the period.
    """
    found = set()
    for plan in plans:
        days_of = {target: day_of(plan.headers[p]) for p, (target, _) in plan.columns.items()}
        said = [days_of.get(f"customers.{name}", "") for name in ("revenue", "revenue_end")]
        days, bad, _ = read.to_dates(RawColumn({"t": pa.array(said, pa.string())}, 2), None)
        if all(said) and not bad.any():
            first, last = pd.DatetimeIndex(days)
            found.add(((first + pd.Timedelta(days=int(first.is_month_end))).date(), last.date()))
        for row in range(plan.header.top if plan.table in ("customers", "exits") and not plan.raw.origin else 0):
            found |= periods_of(" ".join(filter(None, plan.raw.line(row))))
        found |= _period_column(plan)
    if len(found) != 1:
        return None
    start, end = found.pop()
    exits = tables["exits"]["date"].dropna() if "exits" in tables else pd.Series(dtype="datetime64[us]")
    inside = exits.between(pd.Timestamp(start), pd.Timestamp(end))
    lies = inside.empty or inside.mean() >= 0.5
    return (start, end) if SHORTEST <= (end - start).days <= LONGEST and lies else None


def year_told(plan: SheetPlan) -> int:
    """The year that the lines above the table, the sheet or the file name, the nearest first; 0 where none is one."""
    sheet = plan.raw
    above = (" ".join(sheet.line(row)) for row in reversed(range(plan.header.top if not sheet.origin else 0)))
    for words in (*above, sheet.name, Path(sheet.file).stem):
        years = {int(year) for year in re.findall(r"(?<!\d)(20\d\d)(?!\d)", words)}
        years |= {int(year) + 1911 for year in re.findall(r"(?<!\d)(1[01]\d)年", words)}
        if len(years) == 1:
            return years.pop()
    return 0


def _year_of_exits(plans: Sequence[SheetPlan], tables: Mapping[str, pd.DataFrame]) -> int:
    """The year in which all exits lie where the header of the revenue names it, or where they are spread over it and the
    last of the customers joined within it; 0 where none.
    """
    exits = tables["exits"]["date"].dropna() if "exits" in tables else pd.Series(dtype="datetime64[us]")
    if exits.empty or exits.dt.year.nunique() > 1:
        return 0
    year = int(exits.dt.year.iloc[0])
    headers = [p.headers[n] for p in plans for n, (target, _) in p.columns.items() if target == "customers.revenue"]
    named = bool(headers) and year_of(headers[0]) == year
    spread = len(exits) >= _MANY and (exits.max() - exits.min()).days >= _SPREAD
    return year if named or (spread and tables["customers"]["joined"].max().year == year) else 0


def _said_new(plan: SheetPlan) -> dict[int, int]:
    """The rows that a column of who left calls new, by the row a spreadsheet shows, and the year it names, 0 if none."""
    place = next((p for p, (target, _) in plan.columns.items() if target == "exits.churned"), None)
    if place is None:
        return {}
    first = plan.header.first_row
    said = read.to_texts(plan.raw.columns[place].below(first))
    is_new = {word: _NEW.search(read.simplified(word)) for word in set(said.tolist())}
    found = {plan.raw.person_row(first + n): is_new[word] for n, word in enumerate(said.tolist())}
    return {row: int(match["year"] or 0) for row, match in found.items() if match}


def with_joiners(
    plans: Sequence[SheetPlan],
    sources: Sequence[tuple[str, str]],
    settings: Settings,
    tables: dict[str, pd.DataFrame],
    problems: list[Problem],
) -> Settings:
    """Customers whose status calls them new joined at the start of the period where no date says when.

    Where no period is known it is the year that the status or a title names; the settings with it.
    """
    for number, plan in enumerate(plans):
        rows = _said_new(plan) if "customers" in tables else {}
        years = set(rows.values()) - {0} or {year_told(plan)} - {0}
        if rows and settings.period_start is None and len(years) == 1:
            year = years.pop()
            settings = replace(settings, period_start=dt.date(year, 1, 1), period_end=dt.date(year, 12, 31))
            problems.append(Problem("period_of_new", *sources[number], detail={"year": year}))
        if not rows or settings.period_start is None:
            continue
        people = tables["customers"]
        mine = (people[SOURCE] == number) & people[ROW].isin(list(rows)) & people["joined"].isna()
        if mine.any():
            tables["customers"] = people.assign(
                joined=people["joined"].mask(mine, pd.Timestamp(settings.period_start).as_unit("us"))
            )
            problems.append(Problem("joined_by_status", *sources[number], detail={"count": int(mine.sum())}))
    return settings


def tell_of_joiners(settings: Settings, tables: Mapping[str, pd.DataFrame], problems: list[Problem]) -> None:
    """Say how many joined after the first exit where no period tells who was there at its start."""
    if settings.period_start is not None or "customers" not in tables or "exits" not in tables:
        return
    count = int((tables["customers"]["joined"] > tables["exits"]["date"].min()).sum())
    if count:
        problems.append(Problem("joiners_counted", detail={"count": count}))


def inferred(
    plans: Sequence[SheetPlan], settings: Settings, tables: Mapping[str, pd.DataFrame], problems: list[Problem]
) -> Settings:
    """Currency, months a revenue column covers, and the period, where the sheets say them and no setting does."""
    given = {item.name: getattr(settings, item.name) for item in fields(Settings)}
    stated = None if given["period_start"] or given["period_end"] else _stated_period(plans, tables)
    if stated is not None:
        given |= {"period_start": stated[0], "period_end": stated[1]}
        problems.append(Problem("period_stated", value=f"{stated[0]} – {stated[1]}"))
    places = {target: plan.headers[p] for plan in plans for p, (target, _) in plan.columns.items()}
    years = [places[f"customers.{name}"] for name in ("revenue", "revenue_end") if f"customers.{name}" in places]
    dated = "exits.date" in places or given["period_start"] or given["period_end"]
    if len(years) == 2 and not dated and all(re.search(r"(?<!\d)20\d\d(?![\d/-])", said) for said in years):
        before, year = map(year_of, years)
        if year == before + 1:  # what was a year ago became what is: between them lies the later year
            given |= {"period_start": dt.date(year, 1, 1), "period_end": dt.date(year, 12, 31)}
            problems.append(Problem("period_inferred", detail={"before": before, "year": year}))
    if not given["period_start"] and not given["period_end"] and "customers.joined" in places:
        year = _year_of_exits(plans, tables)
        if year:  # who joined within it was none at its start
            given |= {"period_start": dt.date(year, 1, 1), "period_end": dt.date(year, 12, 31)}
            problems.append(Problem("period_of_exits", detail={"year": year}))
    for plan in plans:
        for position, (target, _) in plan.columns.items():
            header = plan.headers[position]
            if target == "customers.revenue" and given["period_months"] is None:
                given["period_months"] = read.months_covered(header)
            if not given["currency"] and TABLES[target.split(".")[0]].by_name[target.split(".")[1]].type == "money":
                given["currency"] = read.header_unit(header)[2]
    return Settings(**given)
