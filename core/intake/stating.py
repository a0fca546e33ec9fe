"""What a file says of all its rows together: settings, the period, the currency, the months that revenue covers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core.intake import values as read
from core.intake.headers import day_of, year_of
from core.intake.matching import SheetPlan
from core.intake.reading import RawColumn
from core.portfolio import ROW, Problem, Settings
from core.tables import SETTINGS_KNOWN, TABLES

_DAY = (
    r"(?:(?:民国|民國)?\s*\d{2,4}\s*[年./-]\s*\d{1,2}\s*(?:[月./-]\s*\d{1,4}\s*日?|月?)|"
    r"\d{1,2}\.?\s+[a-z]{3,9}\.?,?\s+\d{4}|[a-z]{3,9}\.?\s+\d{1,2},?\s+\d{4})"
)
_MONTH_ALONE = re.compile(r"\s*(?:19|20)\d\d\s*[年./-]\s*\d{1,2}\s*月?\s*")
_FROM_TO = re.compile(rf"({_DAY})\s*(?:至|到|to|until|through|bis|[-–—~]+)\s*({_DAY})", re.I)
_OF_PERIOD = re.compile(r"(reporting|snapshot|data|fiscal)?(period|year)|fy|(统计|报告|数据|会计)?(期间|年度|年份)")
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
            for match in _FROM_TO.finditer(read.half_width(" ".join(filter(None, plan.raw.line(row))))):
                ends = RawColumn({"t": pa.array(match.groups(), pa.string())}, 2)
                days, bad, _ = read.to_dates(ends, None)
                if not bad.any():
                    first, last = pd.DatetimeIndex(days)
                    whole = bool(_MONTH_ALONE.fullmatch(match[2]))  # 2024-01 至 2024-12 ends with December
                    found.add((first.date(), (last + pd.offsets.MonthEnd(0) if whole else last).date()))
        found |= _period_column(plan)
    if len(found) != 1:
        return None
    start, end = found.pop()
    exits = tables["exits"]["date"].dropna() if "exits" in tables else pd.Series(dtype="datetime64[us]")
    inside = exits.between(pd.Timestamp(start), pd.Timestamp(end))
    lies = inside.empty or inside.mean() >= 0.5
    return (start, end) if 27 <= (end - start).days <= 800 and lies else None


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
    """The year in which all exits lie where the header of the revenue names it; 0 where none."""
    exits = tables["exits"]["date"].dropna() if "exits" in tables else pd.Series(dtype="datetime64[us]")
    years = set(exits.dt.year)
    for plan in plans:
        place = next((p for p, (target, _) in plan.columns.items() if target == "customers.revenue"), None)
        if place is not None and len(years) == 1:
            return int(*years) if years == {year_of(plan.headers[place])} else 0
    return 0


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
