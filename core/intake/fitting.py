"""The table and the columns that a sheet fits by what its headers mean and what its cells hold.

Each header may go to each column of a table whose kind its cells are, each header and each column once; of all ways to
do so the one whose nearness in sense is greatest in sum is taken (the linear assignment problem). A table fits the
better the more of its columns are found, and the nearer the sheet's name and titles are to its own names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from core.intake.guessing import NOT_FIRST, OF_GOODS, Cells, Looked, all_say
from core.intake.headers import is_no_amount, is_number_of, is_their_own, period, year_of
from core.intake.meaning import meant, nearness, phrases
from core.intake.values import PLAIN_FLAGS, is_ours, normal, parse_flag, parse_key, simplified, to_levels
from core.tables import DIMENSIONS, ITEMS, OUR_WORDS, TABLES, Column

CONFIDENCE = 0.7
ASKED = 0.95  # however near, it is no word that is known, and the user is asked
OWN = frozenset(normal(word) for word in OUR_WORDS)
NEAR = 0.52  # from here on a header is taken for a column
# Where a wrong guess would cost most.
_LEAST = {
    "customers.revenue_end": 0.65,
    "exits.churned": 0.55,
    "exits.avoidable": 0.72,
    "customers.margin": 0.72,
    "customers.cost_to_serve": 0.65,
    "customers.acquisition_cost": 0.7,
    "customers.target_stage": 0.7,
}
_COSTS = re.compile(
    r"\bcts\b|\bcac\b|cost|staff|time|labou?r|expens|spen[dt]|charge|fee|费|費|成本|支出|开支|開支|开销|開銷|花|人工|耗",
    re.I,
)
_IS_COST = frozenset(("customers.cost_to_serve", "customers.acquisition_cost"))  # only what is said to be one
AMOUNTS = frozenset(("customers.revenue", "customers.revenue_end", "exits.revenue", "transactions.amount"))
_ASIDE = frozenset(
    f"customers.{name}"
    for name in ("margin", "cost_to_serve", "category_spend", "acquisition_cost", "orders", "tenure_months")
)  # numbers that a list of customers may well do without
_OF_CUSTOMERS = tuple(f"customers.{name}" for name in ("joined", "owner", "orders", "margin", "tenure_months"))
_CHANCE = 0.4  # as near is a header to something or other
_CLEARER = 0.15  # by how much a header may be nearer to another column
_OTHER = 0.05  # how much nearer to what the tables have no place for it may be
_BEGINS = re.compile(
    r"\bsince\b|\b(start|started|begins?|began|onboard(ed|ing)?|signed|joined)\b|起始|开始|開始|起租|入会|入會|签约|簽約|加入",
    re.I,
)
PAST = re.compile(r"去年|上年|前年|同期|lastyear|previousyear|prioryear")
_SAID_OF_LOST = ("reason", "reason_key", "cause", "avoidable")
_SPOKEN = 0.09  # six words of ten are known
_FAR = 0.15  # no nearer is a question to a dimension that it does not ask about
_REORDERED = 0.05  # by how much questions must be nearer in another order, each
_BESIDE_REVENUE = frozenset(("customers.revenue_end", "customers.category_spend"))
_SPELT, _SPELT_MORE = 0.6, 0.15  # how near spellings and parts of words are, and how much they add to the sense
_SURELY_OTHER = 0.75
_CARRIED = ("churned", "date", "reason", "reason_key", "cause", "avoidable")  # of exits, in a list of customers
_KEYS = frozenset(("customers.customer", "exits.customer", "stakeholders.stakeholder", "contacts.person"))
_DIFFERENT = {"customers.customer": 0.9, "contacts.person": 0.25}  # of ten people some have the same name
_TO_COME = re.compile(r"\bto[ _](end|expiry|renewal|go)|remaining|\b(left|until)\b|剩余|剩餘|到期|还有|還有", re.I)
# To whom or from whom sense alone does not tell.
_WE = r"(我[们方司院校店厂行社局所园馆会]|本(公司|院|校|店|厂|行|园|会))"
_GIVEN = re.compile(
    rf"{_WE}(每?年)?(给|付|投入|花|支|提供)|给(予|了)?(对方|他方|他们|它们|伙伴)|付给|对方(得|获|收)|"
    r"\bwe (give|gave|pay|paid|spend|spent|put|provide)|\b(to|for) (them|partner)|\bgiven\b|\bthey (get|got|receive)"
)
_RECEIVED = re.compile(
    rf"(给|付|带给|交给)(予|了)?{_WE}|{_WE}(每?年)?所?(得|获|收|赚)|对{_WE}的?(年度?)?贡献|(对方|他方|他们|伙伴)(给|付|带来|贡献|提供)|"
    r"\bwe (get|got|receive|received|earn)|\breceived\b|\bfrom (them|partner)|\bto us\b|\bthey (give|gave|bring|brought|pay|paid|spend|spent)"
)
_COMING = frozenset(
    ("customers.customer", "exits.customer", "transactions.customer", "touchpoints.account", "contacts.account")
)
_TELLING = frozenset(("cause", "role", "rater_role", "target_stage"))  # whose words are always much the same
_WHO = frozenset(("customers.customer", "customers.segment", "customers.name"))
REFERRING = _COMING | {"assessments.account"} - {"customers.customer"}  # columns that name a customer of another table
_FEW = frozenset(("segment", "offer", "owner", "counterpart", "rater_role", "function", "kind"))


def targets(table: str) -> list[Column]:
    """The columns that a sheet of a table may fill; a list of customers may say who left, too."""
    own = [column for column in TABLES[table].columns if column.name not in ITEMS]
    carried = [TABLES["exits"].by_name[name] for name in _CARRIED] if table == "customers" else []
    return own + carried


def suits(looked: Looked, position: int, column: Column) -> float:
    """What the cells of a column say of a column of the schema: below 0 where they are not of its kind, else how
    much they speak for it."""
    cells = looked.cells(position)
    words = list(dict.fromkeys(cells.texts))
    if not words:
        return -1
    if column.id in REFERRING and looked.naming:
        return 0.4 if position in looked.naming else -1
    numbers = cells.numbers
    dialled = cells.different == 1 and bool(len(numbers)) and bool(numbers.min() >= 1e6)  # telephone and other numbers
    match column.type:
        case "money":
            shares = "%" in looked.header.names[position]
            amounts = cells.are("numbers", True) and not (cells.serial or dialled or shares)
            return 0 if amounts or (cells.are("money", True) and not shares) else -1
        case "share":
            return 0 if len(numbers) and numbers.min() >= 0 and numbers.max() <= 100 else -1
        case "number":
            least, most = (0, 600) if column.name == "tenure_months" else (0, 100)
            amount = cells.money_named or re.search("额|元|价", looked.cores[position])
            if cells.wordy and not np.isnan(to_levels(cells.column)).mean() > 0.5:
                return 0  # high, medium and low
            fits = len(numbers) and not amount and least <= numbers.min() and numbers.max() <= most and not cells.serial
            return 0 if fits else -1
        case "integer":
            if column.id == "exits.count" and cells.different == 1 and len(numbers) > 10 and numbers.min() >= 1000:
                return -1  # the number that each customer has
            if column.name == "orders" and set(words) <= {"0", "1"}:
                return -1  # yes and no
            return 0 if cells.are("counts", True) and not cells.serial and not dialled else -1
        case "date":
            years = column.name == "joined" and len(numbers) and numbers.min() > 1950 and numbers.max() < 2100
            return 0.1 if cells.dates or years else -1
        case "flag":
            told = sum(parse_flag(word) is not None for word in words) / len(words)
            return 0.1 * told if told == 1 or (column.name == "churned" and len(words) <= 8 and told >= 0.3) else -1
        case "choice":
            if not cells.wordy or len(words) > 20:
                return -1
            known = sum(parse_key(word, column.vocabulary) is not None for word in words) / len(words)
            if column.name == "market":  # what a supplier delivers is no market
                told = sum(bool(parse_key(word, "market") or meant(word, "market")) for word in words)
                return 0.15 * known if told >= 0.5 * len(words) else -1
            if known or column.name not in _TELLING:
                return 0.15 * known
            return 0 if any(meant(word, column.vocabulary) for word in words) else -1
    if cells.dates or {normal(word) for word in words} <= PLAIN_FLAGS:
        return -1
    if column.name in ("stakeholder", "person", "name", "rater") and (_coded(cells) or not cells.wordy):
        return -1
    if column.name in ("component", "attribute"):
        most = max(len(set(looked.cells(p).texts)) for p in looked.cores if looked.cells(p).wordy or p == position)
        return 0 if cells.wordy and len(words) >= 0.5 * most else -1
    if column.id in _KEYS:
        return 0 if cells.share > 0.8 and cells.different > _DIFFERENT.get(column.id, 0.6) else -1
    if column.name == "offer" or (column.name == "segment" and column.table in ("value", "ratings")):
        ours = any(is_ours(word, OWN) for word in words[:50])
        if ours or not cells.wordy:
            return 0.15 if column.name == "offer" and cells.wordy else -1
    if column.name == "name":
        return 0 if cells.wordy and cells.share > 0.8 and cells.different > 0.6 else -1
    if column.name in _FEW:
        return 0 if cells.wordy and cells.different <= 0.7 and len(words) > 1 else -1
    return 0 if cells.wordy or column.name in ("customer", "account") else -1


def _coded(cells: Cells) -> bool:
    """Whether most of some cells have a digit in them."""
    return sum(any(map(str.isdigit, text)) for text in cells.texts) > 0.5 * len(cells.texts)


def fitted(
    looked: Looked,
    table: str,
    columns: Mapping[int, tuple[str, float]],
    without: Collection[int] = (),
    spelt: Mapping[int, tuple[str, float]] | None = None,
) -> dict[int, tuple[str, float]]:
    """Further columns of a table that a sheet has by meaning and cells: position -> (column id, confidence).

    The positions of `without` are left out: what they are is known. `spelt` are columns that words like the known
    ones speak for; they count for more than others as near.
    """
    found: dict[int, tuple[str, float]] = {}
    free = [p for p in looked.cores if not (p in columns or p in without or period(looked.header.names[p]))]
    if table == "customers":
        found |= _better_key(looked, columns, free)
    used = {target for target, _ in (*columns.values(), *found.values())}
    if table == "exits" and "exits.date" not in used:
        dated = [p for p in looked.cores if looked.cells(p).dates]
        if len(dated) == 1 and dated[0] in free and looked.cells(dated[0]).share > 0.8 and not only_begins(looked):
            found[dated[0]] = ("exits.date", NEAR)  # of those who left the one date is when they did
            used.add("exits.date")
    saying = table == "exits" and all_say(looked, columns)
    places = [p for p in free if p not in found]
    ids = {column.id: column for column in targets(table)}
    names = [name for name in ids if name not in used]
    worth = np.zeros((len(places), len(names)))
    years = sorted({year_of(looked.header.names[p]) for p in places})
    for row, position in enumerate(places):
        scores = _scores(looked, position, table)
        told = (spelt or {}).get(position, ("", 0.0))[0]
        if told in ids and suits(looked, position, ids[told]) >= 0:
            scores[told] = max(scores.get(told, 0.0), _SPELT) + _SPELT_MORE
        best = max(scores.values(), default=0.0)
        for target, score in scores.items():
            # what clearly is a column that is taken is no other; and where each row says why, a flag is of something else
            if target in used or score < max(NEAR, best - _CLEARER) or (saying and target == "exits.churned"):
                continue
            # of alike ones the later year and the column that stands first
            later = years.index(year_of(looked.header.names[position])) - row / len(places)
            worth[row, names.index(target)] = score - _CHANCE + 1e-4 * later
    for row, name in zip(*linear_sum_assignment(worth, maximize=True), strict=True):
        if worth[row, name] > 0:
            found[places[row]] = (names[name], min(round(float(worth[row, name]) + _CHANCE, 3), ASKED))
            used.add(names[name])
    if table == "customers" and "customers.revenue" not in used:
        past = [p for p in free if p not in found and PAST.search(looked.cores[p])]
        past = [p for p in past if not is_no_amount(looked.header.names[p])]
        near = {p: nearness(looked.header.names[p])["customers.revenue"] for p in past}
        sold = [p for p in past if near[p] >= 0.6 and suits(looked, p, TABLES["customers"].by_name["revenue"]) >= 0]
        if sold:  # the year before is better than none
            found[max(sold, key=lambda p: near[p])] = ("customers.revenue", NEAR)
            used.add("customers.revenue")
    for position, (target, share) in found.items():
        as_revenue = nearness(looked.header.names[position])["customers.revenue"] if target in _BESIDE_REVENUE else 0.0
        if as_revenue >= NEAR and "customers.revenue" not in used:
            found[position] = ("customers.revenue", share)  # no end without a beginning, no whole without our part
            used.add("customers.revenue")
    for position, (target, share) in found.items():
        if target == "exits.reason_key" and "exits.reason" not in used:
            found[position] = ("exits.reason", share)  # its words are asked about one by one
            used.add("exits.reason")
    ends = [p for p, (target, _) in found.items() if target == "customers.revenue_end"]
    begun = [p for p, (target, _) in (*columns.items(), *found.items()) if target == "customers.revenue"]
    for position, start in zip(ends, begun, strict=False):
        if year_of(looked.header.names[position]) == year_of(looked.header.names[start]) > 0:
            del found[position]  # a part of the same year's
    free = [p for p in free if p not in found]
    if table == "assessments" and not used & {f"assessments.{item}" for item in ITEMS}:
        found |= answers(looked, set(free))
    for target, position in _choices_by_cells(looked, table, used, free).items():
        found[position] = (target, NEAR)
        free.remove(position)
    by_cells = _parts_by_cells if table in ("value", "ratings") else _key_by_cells
    for target, position in by_cells(looked, table, used, free).items():
        found.setdefault(position, (target, NEAR))
    return found


def only_begins(looked: Looked) -> bool:
    """Whether all dates of a list are those since when something is: of those who left one would say when they did."""
    dated = [p for p in looked.cores if looked.cells(p).dates]
    return bool(dated) and all(_BEGINS.search(looked.header.names[p]) for p in dated)


def _scores(looked: Looked, position: int, table: str) -> dict[str, float]:
    """Column id -> how near a header is to each column of a table whose kind its cells are."""
    near = nearness(looked.header.names[position])
    past = 0.1 if PAST.search(looked.cores[position]) else 0.0
    short = 0.7 if len(looked.cores[position]) <= 2 else 0.0  # two signs are near to much
    scores, barred = {}, 0.0
    # a list of exits has no place for most of what is said of customers
    none = max(near[""], *(near[name] for name in _OF_CUSTOMERS)) if table == "exits" else near[""]
    for column in targets(table):
        likeness = near.get(column.id, 0.0)
        if likeness < max(_LEAST.get(column.id, 0.35), short):
            continue
        if column.name == "joined" and NOT_FIRST.search(looked.cores[position]):
            continue
        if column.id in AMOUNTS and is_no_amount(looked.header.names[position]):
            continue
        if column.name == "tenure_months" and _TO_COME.search(looked.header.names[position]):
            continue
        if column.name == "category_spend" and is_their_own(looked.header.names[position]):
            continue
        core = looked.cores[position]
        if column.name == "customer" and is_number_of(looked.header.names[position]):
            continue
        if column.id == "exits.date" and _BEGINS.search(looked.header.names[position]):
            continue
        if column.id in _IS_COST and (not _COSTS.search(core) or re.search(OF_GOODS, core)):
            continue
        if column.name == "revenue_end" and len(looked.of_years(position)) > 1:
            continue  # which of two years counts is told later, from both
        spoken = suits(looked, position, column)
        if spoken < 0:
            continue
        carried = table == "customers" and column.table == "exits" and column.name != "churned"
        if carried and looked.cells(position).filled_share >= 0.75:
            barred = max(barred, likeness + spoken - past)  # it is of those who left alone, and stands on every row
        elif likeness + spoken - past >= none - _OTHER * (column.id not in _ASIDE):
            scores[column.id] = likeness + spoken - past
    ways = {"stakeholders.value_given": _GIVEN, "stakeholders.value_received": _RECEIVED}
    told = [target for target, way in ways.items() if way.search(simplified(looked.header.names[position]).casefold())]
    amount = max(scores.pop(target, 0.0) for target in ways) if table == "stakeholders" else 0.0
    if amount and len(told) == 1:
        scores[told[0]] = amount
    return {target: score for target, score in scores.items() if score > barred}


def _better_key(
    looked: Looked, columns: Mapping[int, tuple[str, float]], free: Sequence[int]
) -> dict[int, tuple[str, float]]:
    """A number of each customer where a name serves as the key, which is then the name."""
    place = next((p for p, (target, _) in columns.items() if target == "customers.customer"), None)
    if place is None or "customers.name" in {target for target, _ in columns.values()}:
        return {}
    if _coded(looked.cells(place)) or not looked.cells(place).wordy:
        return {}
    for position in free:
        cells, near = looked.cells(position), nearness(looked.header.names[position])
        numbered = cells.share > 0.8 and cells.different > 0.95 and not cells.dates and not cells.serial
        if numbered and _coded(cells) and near["customers.customer"] >= max(0.6, near[""]):
            return {position: ("customers.customer", CONFIDENCE), place: ("customers.name", columns[place][1])}
    return {}


def _key_by_cells(looked: Looked, table: str, used: set[str], free: Sequence[int]) -> dict[str, int]:
    """Who a list is about, where no name comes near it: the first column of words that are all different."""
    if table == "customers":
        key = "customers.name" if "customers.customer" in used else "customers.customer"
    else:
        key = {"exits": "exits.customer", "stakeholders": "stakeholders.stakeholder"}.get(table, "")
    if not key or {key, "customers.name"} & used:
        return {}
    named = [p for p in _nameless(looked, free, "contacts.person") if looked.cells(p).are("words", True)]
    return {key: named[0]} if named else {}


def _choices_by_cells(looked: Looked, table: str, used: set[str], free: Sequence[int]) -> dict[str, int]:
    """The columns without which a table is none, where most words of just one are those of their vocabulary."""
    found: dict[str, int] = {}
    for name in TABLES[table].required:
        column = TABLES[table].by_name[name]
        if column.type == "choice" and column.id not in used:
            fits = [p for p in _nameless(looked, free) if suits(looked, p, column) >= _SPOKEN]
            found |= {column.id: fits[0]} if len(fits) == 1 else {}
    return found


def _parts_by_cells(looked: Looked, table: str, used: set[str], free: Sequence[int]) -> dict[str, int]:
    """What a table of offers is made of, where no name comes near it: whose offer, what of it, for whom, how much."""
    found: dict[str, int] = {}
    plain = _nameless(looked, free)

    def take(name: str, places: Sequence[int], alone: bool = False) -> None:
        places = [p for p in places if p in plain]
        if places and f"{table}.{name}" not in used and (len(places) == 1 or not alone):
            found[f"{table}.{name}"] = places[0]
            plain.remove(places[0])

    def texts(position: int) -> set[str]:
        return set(looked.cells(position).texts)

    def worded() -> list[int]:
        found = (looked.cells(p) for p in plain)
        return [
            p
            for p, c in zip(plain, found, strict=True)
            if c.wordy and c.share > 0.9 and len(texts(p)) > 1 and not _coded(c)
        ]

    take("offer", [p for p in worded() if any(is_ours(text, OWN) for text in texts(p))])
    take("component" if table == "value" else "attribute", sorted(worded(), key=lambda p: -len(texts(p))))
    take("segment", [p for p in worded() if len(texts(p)) <= 8])
    if table == "value":
        take("probability", [p for p in plain if _is_chance(looked, p)], alone=True)
        numbers = [p for p in plain if looked.cells(p).are("numbers", True) and not looked.cells(p).serial]
        most = {p: looked.cells(p).numbers.max(initial=0) for p in numbers}
        take("amount", [p for p in numbers if most[p] > 20], alone=True)
        take("periods", [p for p in numbers if 1 <= most[p] <= 60 and looked.cells(p).are("counts", True)], alone=True)
    return found


def _nameless(looked: Looked, free: Sequence[int], *others: str) -> list[int]:
    """The columns whose header does not say that they are something else, why somebody left, or one of the `others`."""
    near = {p: nearness(looked.header.names[p]) for p in free}
    return [p for p in free if max(near[p][name] for name in ("", "exits.reason", *others)) < _SURELY_OTHER]


def _is_chance(looked: Looked, position: int) -> bool:
    numbers = looked.cells(position).numbers
    if not len(numbers) or numbers.min() < 0:
        return False
    marked = any("%" in text for text in looked.cells(position).texts)
    return bool(numbers.max() <= 1 and (marked or (numbers != np.round(numbers)).any()))


_UNLIKE = (
    *(("customers", name) for name in ("customer", "name", "segment", "joined", "owner")),
    *(("exits", name) for name in ("customer", "churned", "reason_key")),
)


def everyone_left(looked: Looked) -> bool:
    """Whether nearly each row says when somebody left and why, or two other things that are said of those who left."""
    best: dict[str, tuple[float, int]] = {}
    for position in looked.cores:
        near = nearness(looked.header.names[position])
        for name in ("date", "reason"):
            score = near[f"exits.{name}"]
            fits = suits(looked, position, TABLES["exits"].by_name[name]) >= 0
            # the date of another table is as near, who left and another column of a customer are not
            others = max(near[f"{table}.{other}"] for table, other in _UNLIKE)
            if fits and score >= 0.6 and score > others and score >= near[""] - _OTHER:
                best[name] = max(best.get(name, (0.0, 0)), (score, position))
    filled = {name: looked.cells(position).filled_share for name, (_, position) in best.items()}
    told = 0
    for position in looked.cores:
        near = nearness(looked.header.names[position])
        of_customers = max(score for name, score in near.items() if name.startswith("customers.") or not name)
        said = [n for n in _SAID_OF_LOST if near[f"exits.{n}"] >= max(0.75, of_customers)]
        says = any(suits(looked, position, TABLES["exits"].by_name[name]) >= 0 for name in said)
        told += says and looked.cells(position).filled_share > 0.9
    if told >= 2:
        return True
    return filled.get("date", 0) > 0.9 and filled.get("reason", 0) > 0.7


def _comes_again(looked: Looked, table: str, columns: Mapping[int, tuple[str, float]]) -> float:
    """What it says of a table that its customers come again and again, or do not."""
    key = next((p for p, (target, _) in columns.items() if target in _COMING), None)
    own = next((p for p, (target, _) in columns.items() if target == "stakeholders.customer"), None)
    if own is not None and looked.cells(own).different > 0.9:
        return -0.6  # each row is another customer
    cells = looked.cells(key) if key is not None else None
    if cells is None or len(cells.texts) < 12:
        return 0.0
    again = cells.different <= 0.75
    return -0.6 if again == (table in ("customers", "exits")) else 0.3


def answers(looked: Looked, free: set[int]) -> dict[int, tuple[str, float]]:
    """The questions of a survey in words of its own: two for each dimension, by meaning and in their order."""
    asked = [p for p in sorted(free) if _answered(looked, p)]
    if len(asked) < 6:
        return {}
    near = np.array([_of_dimensions(looked.header.names[p]) for p in asked])
    rows = _pairs(near)
    if len(asked) == len(ITEMS):  # as questionnaires are printed: a dimension's two together, or one of each in turn
        count = len(DIMENSIONS)
        orders = [{n: [2 * n, 2 * n + 1] for n in range(count)}, {n: [n, n + count] for n in range(count)}]
        likeness = [sum(near[p, n] for n, places in order.items() for p in places) for order in (rows, *orders)]
        printed = orders[int(np.argmax(likeness[1:]))]
        rows = rows if likeness[0] > max(likeness[1:]) + _REORDERED * len(ITEMS) else printed
    return {
        asked[place]: (f"assessments.{DIMENSIONS[dimension]}_{n}", CONFIDENCE)
        for dimension, places in rows.items()
        for n, place in enumerate(sorted(places), 1)
    }


def _of_dimensions(question: str) -> list[float]:
    """How near a question is to each dimension; one that a bracket before it names counts as well."""
    named = re.search(r"[【\[](.+?)[】\]]", question)
    pieces = [nearness(words) for words in (question, named[1] if named else question)]
    return [max(piece[f"assessments.{dimension}"] for piece in pieces) for dimension in DIMENSIONS]


def _pairs(near: np.ndarray) -> dict[int, list[int]]:
    """Dimension -> its rows, at most two and none of them far from it, so that all are nearest in sum."""
    rows: dict[int, list[int]] = {n: [] for n in range(near.shape[1])}
    for place, slot in zip(*linear_sum_assignment(np.repeat(near, 2, axis=1), maximize=True), strict=True):
        if near[place, slot // 2] > _FAR:
            rows[slot // 2].append(int(place))
    return rows


def asked_in_another_order(looked: Looked, columns: Mapping[int, tuple[str, float]]) -> dict[int, tuple[str, float]]:
    """The questions of a survey by their sense where their numbers, by which they were taken, clearly say otherwise."""
    numbered = {p: t.split(".")[1] for p, (t, _) in columns.items() if t.split(".")[1] in ITEMS}
    said = {p for p in numbered if re.match(r"\s*(q|question|第|题)?\s*\d", looked.header.names[p], re.I)}
    if len(said) < 6 or not all(_answered(looked, p) for p in said):
        return {}
    other = answers(looked, said)

    def told(found: Mapping[int, str]) -> float:
        """The nearness of all questions to what they are taken for."""
        return sum(nearness(looked.header.names[p])[f"assessments.{item[:-2]}"] for p, item in found.items())

    by_sense = {p: target.split(".")[1] for p, (target, _) in other.items()}
    by_number = told({p: numbered[p] for p in said})
    clearly = len(by_sense) == len(said) and told(by_sense) > by_number + _REORDERED * len(said)
    return other if clearly else {}


def _answered(looked: Looked, position: int) -> bool:
    """Whether a column holds answers on a scale, under a header that says what was asked."""
    numbers = looked.cells(position).numbers
    numbers = numbers[np.isfinite(numbers)]  # n/a is no answer
    scored = (numbers == np.round(numbers)) & (numbers >= 0) & (numbers <= 10)  # but for lines of means and counts
    said = looked.header.names[position]
    return (
        len(numbers) > 0
        and bool(scored.mean() > 0.9)
        and (len(re.findall(r"\w+", said)) >= 4 or len(looked.cores[position]) >= 5)
    )


def named(titles: Sequence[str], table: str) -> float:
    """How near the nearest of the titles of a sheet is to the names of a table."""
    return max((nearness(title, "tables")[table] for title in titles if has_words(title)), default=0.0)


def has_words(title: str) -> bool:
    """Whether a title says anything, as "Sheet1" does not."""
    return not re.fullmatch(r"\W*([a-z]|sheet|table|data|export|工作表|表|数据)?[\W\d_]*", title, re.I)


def likely(
    looked: Looked, titles: Sequence[str], known: Callable[[str], Mapping[int, tuple[str, float]]]
) -> dict[str, float]:
    """Table -> how well a sheet fits it; `known` gives the columns of a table that words alone have found.

    The sum over its columns of how sure each is above chance, and what the titles say; less for a column that the
    table cannot be without.
    """
    scores = {}
    for table in filter(None, phrases("tables").names):
        columns = dict(known(table))
        columns |= fitted(looked, table, columns)
        told = {target.replace("customers.name", "customers.customer") for target, _ in columns.values()}
        missing = {f"{table}.{name}" for name in TABLES[table].required} - told
        sure = sum(share - _CHANCE for _, share in columns.values()) + _comes_again(looked, table, columns)
        lean = 0.7 if table == "customers" and told <= _WHO else 0.0  # any list of people has these
        titled = named(titles, table)
        about_other = named(titles[:1], "") if titles else 0.0
        sure += 2 * max(0.0, titled - _CHANCE) - 2 * max(0.0, about_other - max(titled, NEAR))
        scores[table] = sure - 0.7 * len(missing) - lean
    return scores
