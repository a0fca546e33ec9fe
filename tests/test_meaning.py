"""Headers, titles and cells in people's own words: understood by their sense, checked against the cells, asked."""

from __future__ import annotations

import pytest
from conftest import take, xlsx

from core.config import load_config
from core.intake import Choices, meaning, propose, read_file
from core.intake.meaning import meant, nearness
from core.intake.reasons import suggest_reason
from core.intake.values import is_total
from core.tables import ITEMS, LANGUAGES, TABLES


def fields(file: str, sheets: dict) -> dict[str, str]:
    """Header -> column id of everything that was matched."""
    plan = propose(read_file(file, xlsx(sheets), load_config().limits), Choices())
    return {s.header.names[p].rpartition(" / ")[2]: t for s in plan.sheets for p, (t, _) in s.columns.items()}


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Cared for by", "customers.owner"),
        ("片区督导", "customers.owner"),
        ("What they bought from all suppliers together", "customers.category_spend"),
        ("每户服务花费", "customers.cost_to_serve"),
        ("First purchase", "customers.joined"),
        ("Last time we talked", "contacts.last_seen"),
        ("他方給我們的", "stakeholders.value_received"),
        ("Whose fault was it", "exits.cause"),
        ("Mobile phone", ""),
        ("送货备注", ""),
    ],
)
def test_a_header_is_nearest_to_what_it_means(header, column):
    near = nearness(header)
    table = column.split(".")[0]
    rivals = {name: value for name, value in near.items() if not column or name == "" or name.split(".")[0] == table}
    assert max(rivals, key=lambda name: rivals[name]) == column


@pytest.mark.parametrize(
    ("word", "vocabulary", "key"),
    [
        ("同業", "market", "competitor"),
        ("City fire department", "market", "influence"),
        ("Found a cheaper one round the corner", "reason", "price"),
        ("等了三天没人回", "reason", "service"),
        ("打交道太费劲", "value_kind", "relationship_cost"),
        ("has the final word", "decision_role", "decides"),
        ("到现场", "channel", "sales"),
        ("对方先打来", "direction", "in"),
    ],
)
def test_a_word_of_a_cell_is_near_a_key(word, vocabulary, key):
    assert meant(word, vocabulary) == key
    if vocabulary == "reason":
        assert suggest_reason(word) == (key, False)


def test_people_at_accounts_in_own_words_are_contacts_and_every_guess_is_asked():
    heads = ["Firm", "Name", "Department", "Say in the purchase", "Our person", "How close are we (1-10)", "Last spoke"]
    heads += ["E-mail", "Remarks"]
    says = ("Decides", "Uses it", "Advises")
    rows = [
        ["Firm " + "ABCDE"[n % 5], "Ann " + "bcdefghij"[n % 9] + "klm"[n % 3], "Lab", says[n % 3]] for n in range(30)
    ]
    rows = [[*row, "Tom", n % 9 + 1, f"2025-03-{n % 28 + 1:02}", f"a{n}@b.example", ""] for n, row in enumerate(rows)]
    found, questions = take("people.xlsx", xlsx({"People": [heads, *rows]}))
    contacts = found.table("contacts")
    assert len(contacts) == 30 and contacts["tie"].sum() == sum(row[5] for row in rows)
    assert contacts["last_seen"].notna().all() and set(contacts["role"]) == {"decides", "uses", "influences"}
    asked = {q.column for q in questions if q.kind == "column"}
    assert {"How close are we (1-10)", "Last spoke"} <= asked
    assert {"E-mail", "Remarks"} <= {p.column for p in found.problems if p.code == "column_unused"}


def test_three_sheets_in_own_words_are_customers_leavers_and_orders():
    sheets = {
        "Clients": [
            ["Client no", "Client", "Kind of client", "Looked after by", "First booked", "Sales 2024"],
            *[
                [f"C{n}", f"Firm {'abcdef'[n % 6]}{'ghijk'[n // 6]}", ("Firm", "Club")[n % 2], "Tom", "2020-01-05", n]
                for n in range(30)
            ],
        ],
        "Gone in 2025": [
            ["Client no", "When", "What they said", "Could we have stopped it", "Yearly sales gone", "Survey sent"],
            *[
                [f"C{n}", f"2025-0{n}-11", "Food came cold twice", ("Yes", "No")[n % 2], 100 * n, ("yes", "no")[n % 2]]
                for n in range(1, 7)
            ],
        ],
        "Orders 2025": [
            ["Order", "Date", "Client no", "What", "Net", "Paid"],
            *[[f"25-{n}", f"2025-01-{n % 28 + 1}", f"C{n % 9}", "Hog roast", 10.5, "yes"] for n in range(40)],
        ],
    }
    found, questions = take("book.xlsx", xlsx(sheets))
    assert len(found.table("customers")) == 30 and found.table("customers")["revenue"].sum() == sum(range(30))
    exits = found.table("exits")
    assert len(exits) == 6 and exits["revenue"].sum() == 2100 and exits["avoidable"].sum() == 3
    assert exits["date"].notna().all() and found.table("transactions")["amount"].sum() == 420
    assert "Survey sent" not in {q.column for q in questions}


def test_a_survey_in_own_words_fills_the_items_in_their_order():
    said = [
        *("Goods arrive on the day we agreed", "We get what we ordered", "We believe what they tell us"),
        *("They would not use our weakness against us", "They warn us early of changes", "They see our plans"),
        *("We buy nearly all of it from them", "We use their training and repairs too", "They bought tanks for us"),
        *("We spent time and money to work with them", "Our systems are linked", "We plan deliveries together"),
    ]
    rows = [
        [f"2025-05-{n + 1:02} 10:00", f"Firm {n}", "Buyer", *[(n + k) % 5 + 1 for k in range(12)]] for n in range(20)
    ]
    found = fields("answers.xlsx", {"Responses": [["Timestamp", "Your company", "Your job", *said], *rows]})
    assert [found[question] for question in said] == [f"assessments.{item}" for item in ITEMS]
    assert found["Your company"] == "assessments.account" and found["Timestamp"] == "assessments.date"
    rows = [[*row[:3], *[f"{answer} - Agree" for answer in row[3:]]] for row in rows]
    portfolio, _ = take("answers.xlsx", xlsx({"Responses": [["Timestamp", "Your company", "Your job", *said], *rows]}))
    answers = portfolio.table("assessments")
    assert len(answers) == 20 and answers["trust_1"].tolist() == [1 + 0.75 * (row % 5) for row in range(2, 22)]
    assert "scale_stretched" in {p.code for p in portfolio.problems}
    slip = [[*row[:3], *["4" if answer.startswith("5") else answer for answer in row[3:]]] for row in rows]
    slip[0][3] = "5"
    portfolio, _ = take("answers.xlsx", xlsx({"Responses": [["Timestamp", "Your company", "Your job", *said], *slip]}))
    assert portfolio.table("assessments")["trust_1"].max() == 4
    assert [p.value for p in portfolio.problems if p.code == "bad_cell" and p.column == said[0]] == ["5"]


def test_a_table_of_offers_is_told_by_its_cells():
    heads = ["哪种客户", "谁家的", "得到什么", "算哪头", "折成多少钱", "有几成可能", "依据"]
    parts = [("耐用", "产品"), ("上门", "服务"), ("货款", "价钱"), ("打交道的麻烦", "打交道的麻烦")]
    rows = [
        [segment, offer, *part, 40 + n, "80%", "问的"]
        for segment in ("大户", "散户")
        for offer in ("我们店", "老王家")
        for n, part in enumerate(parts)
    ]
    found = fields("算账.xlsx", {"算账": [heads, *rows]})
    names = ("segment", "offer", "component", "kind", "amount", "probability")
    assert found == dict(zip(heads, (f"value.{name}" for name in names), strict=False))
    portfolio, _ = take("算账.xlsx", xlsx({"算账": [heads, *rows]}))
    assert set(portfolio.table("value")["kind"]) == {"core", "service", "price", "relationship_cost"}


def test_scores_of_offers_beside_each_other_are_told_by_ours():
    heads = ["客户类型", "看哪一点", "占多少分(%)", "我们家", "通达", "宇安"]
    rows = [
        [segment, point, 50, 5 + n, 6, 7]
        for segment in ("公交", "客运")
        for n, point in enumerate(("好不好用", "到货快慢"))
    ]
    portfolio, _ = take("对比.xlsx", xlsx({"对比": [heads, *rows, ["加权总分", "", 200, 22, 24, 28]]}))
    ratings = portfolio.table("ratings")
    assert (
        len(ratings) == 12 and ratings["rating"].sum() == 22 + 24 + 28 and set(ratings["segment"]) == {"公交", "客运"}
    )


def test_months_never_become_another_column_and_a_flag_beside_when_and_why_no_exit():
    heads = [
        "Cust #",
        "Account",
        *[f"Net sales 2024 {month}" for month in ("Jan", "Feb", "Mar", "Jul", "Oct")],
        "Total",
    ]
    rows = [[40100 + 7 * n, f"Firm {'abcdefgh'[n % 8]}{'klm'[n // 8]}", *[n] * 5, 5 * n] for n in range(20)]
    found = fields("accounts.xlsx", {"Key accounts": [heads, *rows]})
    assert not any("Net sales" in header for header in found) and found["Cust #"] == "customers.customer"
    heads = ["客户ID", "流失日期", "流失原因", "数据是否已删除"]
    rows = [[f"S{n}", "2024-05-05", "公司倒闭", ("是", "否")[n % 2]] for n in range(8)]
    portfolio, _ = take("x.xlsx", xlsx({"流失": [heads, *rows, ["合计", "", "", ""]]}))
    assert len(portfolio.table("exits")) == 8


def test_counts_with_their_words_and_thousands_with_dots_are_counts():
    heads, counts = ["客户编号", "年收入", "进货次数"], ["26次", "26", "43 次", "32", "66", "23次"]
    found, _ = take("x.xlsx", xlsx({"s": [heads, *[[f"K{n}", 10, c] for n, c in enumerate(counts)]]}))
    assert found.table("customers")["orders"].sum() == 216
    text = "Customer ID;Revenue;Orders\n" + "".join(
        f"K{n};1.250,50;{c}\n" for n, c in enumerate(("1.576", "302", "54"))
    )
    found, _ = take("x.csv", text.encode())
    assert found.table("customers")["orders"].tolist() == [1576, 302, 54]


@pytest.mark.parametrize(
    ("given", "received"),
    [
        ("我们给对方", "对方给我们"),
        ("What we give them (k)", "What they give us (k)"),
        ("我方投入金额", "我方所得金额"),
    ],
)
def test_what_is_given_is_never_taken_for_what_is_received(given, received):
    heads = ["Partner", "What they are", received, given]
    rows = [[f"Firm {'abcdefgh'[n]}", ("supplier", "press")[n % 2], 1000 + n, 20 + n] for n in range(8)]
    found = fields("partners.xlsx", {"Partners": [heads, *rows]})
    assert found.get(given) in (None, "stakeholders.value_given") and given in found
    assert found.get(received) in (None, "stakeholders.value_received") and received in found


@pytest.mark.parametrize("words", ["Subtotal Service", "GRAND TOTAL 2024", "加权总分", "Weighted total", "小计(服务)"])
def test_sums_with_words_beside_are_sums(words):
    assert is_total(words)


@pytest.mark.parametrize("words", ["Total Wine Ltd", "总分行", "综合批发", "Weighted Blankets Co"])
def test_names_that_begin_like_sums_are_none(words):
    assert not is_total(words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_alone_are_enough_where_all_are_known(monkeypatch, language):
    """The encoder is loaded only where a word is not known."""
    meaning.phrases.cache_clear()
    meaning._nearness.cache_clear()
    monkeypatch.setattr(meaning, "_encoder", lambda: pytest.fail("loaded"))
    names = ("customer", "name", "segment", "revenue", "margin", "joined", "owner")
    heads = [TABLES["customers"].by_name[name].label(language) for name in names]
    row = ["a", "Firm", "small", 5, 0.1, "2024-01-05", "Ann"]
    found, questions = take("x.xlsx", xlsx({"s": [heads, row]}))
    assert found.table("customers")["revenue"].tolist() == [5] and not questions
