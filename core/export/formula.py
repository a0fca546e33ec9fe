"""Expressions that are a spreadsheet formula and its value at once, so that neither can differ from the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from xlsxwriter.utility import xl_rowcol_to_cell

_MOST_ARGUMENTS = 200


@dataclass(frozen=True)
class Term:
    """A formula without its leading equals sign, and what it comes to; a reference also knows its cell.

    A value of NaN stands for the empty text that the formula then gives.
    """

    words: str
    value: float
    sheet: str = ""
    row: int = -1
    column: int = -1

    def __add__(self, other: Term | float) -> Term:
        return _both(self, other, "+", lambda a, b: a + b)

    def __radd__(self, other: Term | float) -> Term:
        return _both(other, self, "+", lambda a, b: a + b)

    def __sub__(self, other: Term | float) -> Term:
        return _both(self, other, "-", lambda a, b: a - b)

    def __rsub__(self, other: Term | float) -> Term:
        return _both(other, self, "-", lambda a, b: a - b)

    def __mul__(self, other: Term | float) -> Term:
        return _both(self, other, "*", lambda a, b: a * b)

    def __rmul__(self, other: Term | float) -> Term:
        return _both(other, self, "*", lambda a, b: a * b)

    def __truediv__(self, other: Term | float) -> Term:
        return _both(self, other, "/", _quotient)

    def __rtruediv__(self, other: Term | float) -> Term:
        return _both(other, self, "/", _quotient)

    def __pow__(self, other: Term | float) -> Term:
        return _both(self, other, "^", lambda a, b: a**b)

    def __neg__(self) -> Term:
        return Term(f"(-{self.words})", -self.value)

    def above(self, other: Term | float) -> Term:
        """1 where this is greater, else 0."""
        return _both(self, other, ">", lambda a, b: float(a > b))

    def at_least(self, other: Term | float) -> Term:
        """1 where this is not less, else 0."""
        return _both(self, other, ">=", lambda a, b: float(a >= b))

    def below(self, other: Term | float) -> Term:
        """1 where this is less, else 0."""
        return _both(self, other, "<", lambda a, b: float(a < b))


def _quotient(a: float, b: float) -> float:
    return a / b if b else math.nan


def number(value: float) -> Term:
    """A number written into a formula; data goes into cells, which keep all its digits."""
    return Term(f"{value:.15g}" if value >= 0 else f"({value:.15g})", float(value))


def as_term(value: Term | float) -> Term:
    """A term as it is, a number as one."""
    return value if isinstance(value, Term) else number(value)


def _both(a: Term | float, b: Term | float, sign: str, work: Callable[[float, float], float]) -> Term:
    first, second = as_term(a), as_term(b)
    return Term(f"({first.words}{sign}{second.words})", work(first.value, second.value))


def _function(name: str, work: Callable[..., float], *terms: Term | float) -> Term:
    found = [as_term(t) for t in terms]
    return Term(f"{name}({','.join(t.words for t in found)})", work(*(t.value for t in found)))


def exp(term: Term | float) -> Term:
    """e to the power of a term."""
    return _function("EXP", math.exp, term)


def ln(term: Term | float) -> Term:
    """Natural logarithm."""
    return _function("LN", math.log, term)


def sqrt(term: Term | float) -> Term:
    """Square root."""
    return _function("SQRT", math.sqrt, term)


def absolute(term: Term | float) -> Term:
    """Size without sign."""
    return _function("ABS", abs, term)


def most(*terms: Term | float) -> Term:
    """The largest."""
    return _function("MAX", max, *terms)


def least(*terms: Term | float) -> Term:
    """The smallest."""
    return _function("MIN", min, *terms)


def clipped(term: Term, low: float, high: float) -> Term:
    """A term kept within bounds; an infinite bound is none."""
    if math.isfinite(high):
        term = least(high, term)
    return most(low, term) if math.isfinite(low) else term


def choose(condition: Term, then: Term | float, other: Term | float) -> Term:
    """One of two by a condition that is 1 or 0."""
    a, b = as_term(then), as_term(other)
    return Term(f"IF({condition.words},{a.words},{b.words})", a.value if condition.value else b.value)


NOTHING = Term('""', math.nan)


def known(term: Term) -> Term:
    """1 where a cell holds a number."""
    return Term(f"ISNUMBER({term.words})", float(not math.isnan(term.value)))


def pick(position: Term, choices: Sequence[Term]) -> Term:
    """The choice at a position counted from 0."""
    words = f"CHOOSE({position.words}+1,{','.join(c.words for c in choices)})"
    return Term(words, choices[int(position.value)].value)


def _ranges(cells: Sequence[Term]) -> list[str]:
    """References, those that stand one below the other in a row as one range."""
    found: list[str] = []
    start = last = None
    for cell in [*cells, None]:
        follows = (
            cell is not None
            and last is not None
            and cell.row == last.row + 1 >= 1
            and (cell.sheet, cell.column) == (last.sheet, last.column)
        )
        if not follows:
            if start is not None and last is not None:
                single = start is last or start.row < 0
                found.append(start.words if single else f"{start.words}:{last.words.rpartition('!')[2]}")
            start = cell
        last = cell
    return found


def _over(name: str, cells: Sequence[Term], value: float, empty: float) -> Term:
    if not cells:
        return number(empty)
    parts = _ranges(cells)
    groups = [parts[n : n + _MOST_ARGUMENTS] for n in range(0, len(parts), _MOST_ARGUMENTS)]
    words = [f"{name}({','.join(group)})" for group in groups]
    return Term(words[0] if len(words) == 1 else f"{name}({','.join(words)})", value)


def total(cells: Sequence[Term]) -> Term:
    """Sum of cells; those that hold no number count nothing."""
    return _over("SUM", cells, float(sum(c.value for c in cells if not math.isnan(c.value))), 0.0)


def product(cells: Sequence[Term]) -> Term:
    """Product of cells."""
    return _over("PRODUCT", cells, float(np.prod([c.value for c in cells])) if cells else 1.0, 1.0)


def dot(*columns: Sequence[Term]) -> Term:
    """Sum of products of columns of equal length, each one unbroken range.

    Raises:
        ValueError: a column is broken.
    """
    if not columns or not columns[0]:
        return number(0.0)
    parts = [_ranges(column) for column in columns]
    if any(len(part) != 1 for part in parts):
        raise ValueError("SUMPRODUCT takes whole ranges")
    products = (math.prod(0.0 if math.isnan(t.value) else t.value for t in row) for row in zip(*columns, strict=True))
    return Term(f"SUMPRODUCT({','.join(part[0] for part in parts)})", float(sum(products)))


def dot_where(cells: Sequence[Term], equals: float, *columns: Sequence[Term]) -> Term:
    """Sum of products of columns over the rows in which a cell equals a number.

    Raises:
        ValueError: a column is broken.
    """
    if not cells:
        return number(0.0)
    parts = [_ranges(column) for column in (cells, *columns)]
    if any(len(part) != 1 for part in parts):
        raise ValueError("SUMPRODUCT takes whole ranges")
    rows = zip(*columns, strict=True) if columns else ((),) * len(cells)
    value = sum(
        math.prod(0.0 if math.isnan(t.value) else t.value for t in row)
        for cell, row in zip(cells, rows, strict=True)
        if cell.value == equals
    )
    first = f"--({parts[0][0]}={equals:g})"
    return Term(f"SUMPRODUCT({','.join([first, *(part[0] for part in parts[1:])])})", float(value))


def summed(terms: Sequence[Term]) -> Term:
    """Terms added up, in brackets of a few at a time so that no formula nests too deep."""
    if not terms:
        return number(0)
    if len(terms) == 1:
        return terms[0]
    value = float(sum(0.0 if math.isnan(t.value) else t.value for t in terms))
    groups = [terms[n : n + 100] for n in range(0, len(terms), 100)]
    words = [f"SUM({','.join(t.words for t in group)})" for group in groups]
    return Term(words[0] if len(words) == 1 else f"SUM({','.join(words)})", value)


class Sheet:
    """A worksheet that gives back a reference for what is put into it."""

    def __init__(self, sheet: Any, name: str) -> None:
        self.sheet, self.name = sheet, name
        self._quoted = "'" + name.replace("'", "''") + "'"

    def put(self, row: int, column: int, content: Term | float, style: Any = None) -> Term:
        """A formula with its value, or a number; nothing where a number is unknown."""
        if isinstance(content, Term):
            shown: Any = "" if math.isnan(content.value) else content.value
            self.sheet.write_formula(row, column, "=" + content.words, style, shown)
            value = content.value
        else:
            value = float(content)
            if math.isfinite(value):
                self.sheet.write_number(row, column, value, style)
            else:
                self.sheet.write_blank(row, column, None, style)
        cell = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
        return Term(f"{self._quoted}!{cell}", value, self.name, row, column)

    def say(self, row: int, column: int, words: str, style: Any = None) -> None:
        """Words, never a formula."""
        self.sheet.write_string(row, column, words, style)
