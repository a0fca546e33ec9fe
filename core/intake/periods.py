"""Periods that a line of words names: 2024年1月—12月, 1 January to 31 December 2024, between 01.01.2024 and 31.12.2024."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from core.intake.values import half_width, simplified

_NAMES = {name.casefold(): n for n in range(1, 13) for name in (calendar.month_name[n], calendar.month_abbr[n])}
_NAMES["sept"] = 9
_NAME = rf"(?P<name>{'|'.join(sorted(_NAMES, key=len, reverse=True))})\b\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_NTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\b\.?"
# How one end of a period may be written, by family: both ends are of one, and the year may stand on one of them alone.
_FORMS = (
    (r"(?:(?:民国\s*)?(?P<year>\d{2,4})\s*年\s*)?(?P<month>\d{1,2})(?:\s*月(?:份|\s*(?P<day>\d{1,2})\s*[日号])?)?",),
    (r"(?P<year>\d{3,4})[./-](?P<month>\d{1,2})(?:[./-](?P<day>\d{1,2}))?",),
    (rf"(?P<day>\d{{1,2}})[./-](?P<month>\d{{1,2}})[./-]{_YEAR}",),
    (
        rf"{_NTH}\s+{_NAME}(?:,?\s+{_YEAR})?",
        rf"{_NAME}\s+{_NTH}(?:,?\s+{_YEAR})?",
        rf"{_NAME}(?:,?\s*{_YEAR})?",
    ),
)
_LEFT = tuple(tuple(re.compile(rf"(?<![\d.,/-]){form}\s*$", re.I) for form in forms) for forms in _FORMS)
_RIGHT = tuple(tuple(re.compile(rf"\s*{form}(?![\d./-]*\d)", re.I) for form in forms) for forms in _FORMS)
_JOINT = re.compile(r"至|到|\b(?:to|until|till|through|thru|bis|and)\b|[-–—―~～]+", re.I)
SHORTEST, LONGEST = 27, 800  # days


@dataclass(frozen=True)
class _End:
    year: int | None
    month: int
    day: int | None
    whole: bool  # says that it is a day or a month, not a bare number

    def date(self, year: int, last: bool) -> dt.date | None:
        """The day it names, None where there is no such day."""
        if not 1 <= self.month <= 12:
            return None
        most = calendar.monthrange(year, self.month)[1]
        day = self.day or (most if last else 1)
        return dt.date(year, self.month, day) if day <= most else None


def _end(match: re.Match[str]) -> _End:
    said = match.groupdict()
    year = int(said["year"]) if said.get("year") else None
    if year is not None and 90 <= year <= 199:
        year += 1911  # of the Republic
    month = _NAMES[said["name"].casefold()] if said.get("name") else int(said["month"])
    day = int(said["day"]) if said.get("day") else None
    return _End(year, month, day, bool(said.get("name") or year or "月" in match[0]))


def _from_to(first: _End, last: _End) -> tuple[dt.date, dt.date] | None:
    """The period of two ends, None where they make none of at least a month and at most about two years."""
    end_year = last.year or first.year
    if end_year is None or not (first.whole or last.whole) or not 1990 <= end_year <= 2100:
        return None
    end = last.date(end_year, True)
    for year in (first.year,) if first.year else (end_year, end_year - 1):
        start = first.date(year, False)
        if start and end and SHORTEST <= (end - start).days <= LONGEST:
            return start, end
    return None


def periods_of(line: str) -> set[tuple[dt.date, dt.date]]:
    """First and last day of each period that a line of words names from when to when.

    The year may stand at one end only; a month without a day is the whole of it. Dates such as 04/05/2024 are read in
    the order in which both ends are days, and none where both orders fit and differ.
    """
    text = simplified(half_width(line))
    found = set()
    for joint in _JOINT.finditer(text):
        before, after = text[: joint.start()], text[joint.end() :]
        if joint[0].casefold() == "and" and not re.search(r"\bbetween\b", before, re.I):
            continue
        for left, right in zip(_LEFT, _RIGHT, strict=True):
            first = next((m for form in left if (m := form.search(before))), None)
            last = next((m for form in right if (m := form.match(after))), None)
            if first is None or last is None:
                continue
            ends = _end(first), _end(last)
            said = {_from_to(*ends)}
            if left is _LEFT[2]:  # the month first, as in the United States
                said.add(_from_to(*(_End(e.year, e.day or 0, e.month, True) for e in ends)))
            said.discard(None)
            if len(said) == 1:
                found |= said
                break
    return {period for period in found if period is not None}
