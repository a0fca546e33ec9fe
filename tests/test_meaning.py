"""Headers, titles and cells in people's own words: understood by their sense, checked against the cells, asked."""

from __future__ import annotations

import pytest
from conftest import take, xlsx

from core.config import load_config
from core.intake import Choices, IntakeError, meaning, propose, read_file
from core.intake.meaning import meant, nearness
from core.intake.reasons import suggest_reason
from core.intake.values import is_total
from core.models import observe_all
from core.narrative import intake_sentence
from core.tables import ITEMS, LANGUAGES, OUR_OFFER, TABLES
from core.text import Text


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
        ("我院付出(千元)", "我院得到(千元)"),
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


def test_thousands_of_a_currency_count_wherever_they_stand():
    rows = [[f"Firm {'abcdefghij'[n]}", "supplier", 1.5, 2] for n in range(10)]
    heads = [
        ["Partner", "Market", "Money per year, £k", ""],
        ["", "", "We give them", "They give us"],
    ]
    found, _ = take("partners.xlsx", xlsx({"Partners": [*heads, *rows]}))
    table = found.table("stakeholders")
    assert table["value_given"].sum() == 15_000 and table["value_received"].sum() == 20_000
    lines = [["Sales per customer in 2024, k€ a year"], [], ["Customer", "Sales"], ["Firm", 2.5], ["Other", 4]]
    assert take("x.xlsx", xlsx({"s": lines}))[0].table("customers")["revenue"].sum() == 6_500
    lines[0] = ["Customers with sales from €50k up"]
    assert take("x.xlsx", xlsx({"s": lines}))[0].table("customers")["revenue"].sum() == 6.5


@pytest.mark.parametrize("gone", ["沒了", "沒再叫了"])
def test_who_still_buys_is_told_by_the_question_and_by_the_rows(gone):
    heads = ["店名", "112年叫貨金額", "現在還叫貨嗎", "停叫日期", "為什麼停"]
    rows = [
        [f"{'甲乙丙丁戊己庚辛壬癸子丑'[n]}記", 1000, *((gone, "113/5/6", "太貴") if n < 3 else ("有", "", ""))]
        for n in range(12)
    ]
    found, _ = take("店家.xlsx", xlsx({"店家資料": [heads, *rows]}))
    assert len(found.table("customers")) == 12 and len(found.table("exits")) == 3


def test_what_names_the_customers_of_another_sheet_is_the_customer():
    shops = [f"{'甲乙丙丁戊己庚辛'[n]}記" for n in range(8)]
    visits = [[f"2024-03-{n + 1:02}", "阿宏", shops[n % 8], "電話", "看庫存"] for n in range(20)]
    lost = [
        ["C3", "2024-05-01", "同行便宜"],
        ["C5", "2024-06-01", "關店"],
        *([f"C{n}", "2024-07-01", "沒說"] for n in (6, 7)),
    ]
    sheets = {
        "客戶名單": [["客戶編號", "客戶名稱", "運費收入"], *([f"C{n}", shops[n], 900] for n in range(8))],
        "拜訪": [["日期", "業務", "店家", "怎麼聯絡", "談了什麼"], *visits],
        "流失紀錄": [["客戶編號", "最後走貨日", "點解走"], *lost],
    }
    found, _ = take("總表.xlsx", xlsx(sheets))
    assert set(found.table("touchpoints")["account"]) == {f"C{n}" for n in range(8)}  # names became numbers
    assert len(found.table("customers")) == 8 and len(found.table("exits")) == 4
    assert found.table("exits")["date"].notna().all()


def test_two_columns_that_name_stakeholders_of_another_sheet_are_links():
    firms = [f"{'甲乙丙丁戊己'[n]}公司" for n in range(6)]
    sheets = {
        "关系方": [["单位", "所属市场", "信任"], *([firm, "供应商", 5] for firm in firms)],
        "人脉": [["谁", "和谁", "牢靠程度"], *([firms[n], firms[n + 1], 3] for n in range(5))],
    }
    found, _ = take("盘点.xlsx", xlsx(sheets))
    assert len(found.table("links")) == 5 and len(found.table("stakeholders")) == 6
    assert found.table("links")["source"].tolist() == firms[:5]


def test_months_beside_sums_of_quarters_under_a_name_no_list_knows():
    months = [f"{n}月" for n in range(1, 13)]
    heads = ["片区", "经销商", *months[:3], "一季度小计", *months[3:], "全年合计", "2025年合同续签没有"]
    rows = [
        ["江汉", f"{'甲乙丙丁戊己'[n]}批发部", *[10] * 3, 30, *[10] * 9, 120, ("没续" if n == 2 else "续了")]
        for n in range(6)
    ]
    found, _ = take("提货汇总.xlsx", xlsx({"提货汇总": [["2024年度提货额"], heads, *rows]}))
    assert found.table("customers")["revenue"].tolist() == [120] * 6 and len(found.table("transactions")) == 72
    assert found.table("exits")["customer"].tolist() == ["丙批发部"]


def test_a_word_on_the_first_row_of_a_group_counts_for_all_of_them_and_is_said():
    people = [["Crown Hotel", "Ann Ash", "Manager"], ["", "Ben Birch", "Chef"], ["", "Cy Cole", "Buyer"], []]
    people += [["Swan Inn", "Di Dale", "Owner"], ["", "Ed Elm", "Chef"], ["", "Fay Fox", "Buyer"]]
    found, _ = take("contacts.xlsx", xlsx({"Who we know": [["Hotel", "Contact person", "Job title"], *people]}))
    assert found.table("contacts")["account"].tolist() == ["Crown Hotel"] * 3 + ["Swan Inn"] * 3
    assert [(p.code, p.detail["count"]) for p in found.problems if p.code == "continued"] == [("continued", 4)]
    # a name that comes again is no group: what has none stays without
    people[0][0] = "Swan Inn"
    found, _ = take("contacts.xlsx", xlsx({"Who we know": [["Hotel", "Contact person", "Job title"], *people]}))
    assert len(found.table("contacts")) == 2


def test_headings_of_groups_and_sums_with_a_word_are_set_aside_and_listed():
    ideas = [[n, f"Idea {'abcdefgh'[n]}", "Price", 10, 5 + n, "Ann"] for n in range(8)]
    lines = [["", "Billing"], *ideas[:4], ["", "Vehicles"], *ideas[4:], ["", "Total set-up", "", 80]]
    heads = ["#", "Programme", "Reason", "Fixed cost", "Cost per customer", "Lead"]
    found, _ = take("ideas.xlsx", xlsx({"Programmes": [heads, *lines]}))
    programs = found.table("programs")
    assert len(programs) == 8 and programs["fixed_cost"].sum() == 80
    listed = [
        (p.code, p.value.split(" | ")[0]) for p in found.problems if p.code in ("heading_row", "totals_by_arithmetic")
    ]
    assert listed == [("heading_row", "Billing"), ("heading_row", "Vehicles"), ("totals_by_arithmetic", "Total set-up")]


@pytest.mark.parametrize(("title", "both"), [("Turnover 2023 vs 2024", True), ("Turnover", False)])
def test_of_two_years_the_latest_counts_unless_a_title_names_both(title, both):
    rows = [[f"Firm {'abcdef'[n]}", 100, 110] for n in range(6)]
    found, questions = take("x.xlsx", xlsx({"s": [[title], ["Customer", "Turnover 2023", "Turnover 2024"], *rows]}))
    customers = found.table("customers")
    assert customers["revenue"].sum() == (600 if both else 660)
    assert customers["revenue_end"].sum() == (660 if both else 0)
    assert "Turnover 2024" in {q.column for q in questions}


def test_where_those_who_left_brought_nothing_in_the_latest_year_the_year_before_is_what_was_lost():
    rows = [[f"Firm {'abcdefgh'[n]}", 100, *((0, "2024-01-09", "moved") if n < 2 else (110, "", ""))] for n in range(8)]
    heads = ["Customer", "Turnover 2023", "Turnover 2024", "Date left", "Reason for leaving"]
    found, _ = take("x.xlsx", xlsx({"s": [heads, *rows]}))
    assert found.table("customers")["revenue"].tolist() == [100] * 8 and len(found.table("exits")) == 2


def test_numbers_of_questions_over_their_words_are_one_header():
    numbers = [f"Q{n}" for n in range(1, 13)]
    lines = [["公司", *numbers], ["", *(f"第{n}个问题说的是什么" for n in range(1, 13))]]
    found, _ = take("问卷.xlsx", xlsx({"问卷": [*lines, *([f"{'甲乙丙丁'[n]}公司", *[3] * 12] for n in range(4))]}))
    assert len(found.table("assessments")) == 4 and not [p for p in found.problems if p.code == "bad_cell"]


def test_a_year_alone_is_its_first_day_where_one_began_and_said():
    rows = [[f"Firm {'abcdef'[n]}", 100, 2015 + n] for n in range(6)]
    found, _ = take("x.xlsx", xlsx({"s": [["Customer", "Revenue", "Customer since"], *rows]}))
    assert found.table("customers")["joined"].dt.year.tolist() == list(range(2015, 2021))
    assert [p.detail["count"] for p in found.problems if p.code == "year_alone"] == [6]


@pytest.mark.parametrize("numbers", ["{}. ", ""])
def test_questions_in_another_order_are_told_by_what_they_ask(numbers):
    by_dimension = [
        ("Deliveries come on the promised day", "Their invoices are right"),
        ("We believe what they tell us", "They are honest with us"),
        ("They tell us early about changes", "We share our plans with each other"),
        ("Several departments on both sides deal with each other", "We use many of their services"),
        ("They have invested in equipment for us", "We spent time and money on working with them"),
        ("Our ordering systems are linked", "We plan together as one team"),
    ]
    asked = [pair[n] for n in (0, 1) for pair in by_dimension]
    heads = ["Company", *(numbers.format(n + 1) + words for n, words in enumerate(asked))]
    rows = [[f"Firm {'abcdefgh'[n]}", *[1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]] for n in range(8)]
    found, questions = take("survey.xlsx", xlsx({"Answers": [heads, *rows]}))
    first = found.table("assessments").iloc[0]
    pairs = [(first[ITEMS[2 * n]], first[ITEMS[2 * n + 1]]) for n in range(6)]
    assert pairs == [(1, 3), (2, 4), (3, 1), (4, 2), (1, 3), (2, 4)] and questions


def test_whose_fault_and_could_it_be_saved_on_each_row_make_a_list_of_those_who_left():
    heads = ["項次", "店編", "店名", "停貨日", "停貨前一年進貨額", "老闆怎麼說", "原因歸類", "算誰的", "本來留得住嗎"]
    rows = [
        [n + 1, f"E30{n:02}", f"{'甲乙丙丁戊己庚辛'[n]}眼鏡", "114/01/16", 400 + n, "常缺貨", "服務", "我方", "是"]
        for n in range(8)
    ]
    found, _ = take("停貨.xlsx", xlsx({"停貨名單": [heads, *rows]}))
    assert set(found.tables) == {"exits"} and len(found.table("exits")) == 8
    assert found.table("exits")["revenue"].sum() == 8 * 400 + 28 and found.table("exits")["cause"].eq("own").all()


def test_a_short_list_that_names_customers_and_says_why_is_one_of_exits():
    hotels = [f"{'甲乙丙丁戊己庚辛'[n]}酒店" for n in range(8)]
    sheets = {
        "月度": [["酒店名称", "客户经理", "1月", "2月", "3月", "4月"], *([h, "许蔓", 10, 20, 30, 5] for h in hotels)],
        "停供": [["酒店名称", "最后一次出货", "停供原因"], *([h, "2025-02-03", "太贵"] for h in hotels[:4])],
    }
    found, _ = take("酒.xlsx", xlsx(sheets))
    assert len(found.table("exits")) == 4 and found.table("customers")["revenue"].sum() == 8 * 65


@pytest.mark.parametrize(("whole", "day"), [("2026-01-06", "2026-01-05"), ("2005-01-06", None)])
def test_dates_with_dots_end_in_their_year_where_the_whole_dates_beside_them_say_so(whole, day):
    rows = [[f"Firm {'abcdef'[n]}", 100, whole if n else "05.01.26"] for n in range(6)]
    found, _ = take("x.xlsx", xlsx({"s": [["Customer", "Revenue", "Customer since"], *rows]}))
    joined = found.table("customers")["joined"].iloc[0]
    assert (str(joined.date()) if day else joined is None or joined != joined) == (day or True)


def test_the_same_comparison_on_two_sheets_is_of_two_segments():
    points = [["Delivery", 0.6, 7, 5], ["Price", 0.4, 4, 8]]
    heads = ["What they look for", "Weight", "Skyline (us)", "AeroMap"]
    found, _ = take("scorecard.xlsx", xlsx({"Quarries": [heads, *points], "Rail": [heads, *points]}))
    ratings = found.table("ratings")
    assert len(ratings) == 8 and set(ratings["segment"]) == {"Quarries", "Rail"}
    assert [p.value for p in found.problems if p.code == "segment_from_sheet"] == ["Quarries", "Rail"]


def test_keys_in_parts_of_which_one_is_empty_may_differ_between_sheets():
    heads = ["Segment", "Attribute", "Weight", "Offer", "Rating"]
    one, other = (["A", "Delivery", 0.6, "us", 7], ["A", "Delivery", 0.6, "us", 9])
    found, _ = take("ratings.xlsx", xlsx({"ratings": [heads, one], "ratings 2": [heads, other]}))
    assert len(found.table("ratings")) == 1 and "conflict" in [p.code for p in found.problems]


@pytest.mark.parametrize("words", ["全年合计 31家", "小计 7家", "总计:12户"])
def test_sums_that_say_how_many_they_sum_are_sums(words):
    assert is_total(words)


def test_the_number_of_a_line_is_no_number_of_orders():
    rows = [[n + 1, f"{'甲乙丙丁戊己庚辛'[n]}園", 1000 + n] for n in range(8)]
    assert (
        take("名單.xlsx", xlsx({"s": [["項次", "客戶名稱", "營收"], *rows]}))[0]
        .table("customers")["orders"]
        .isna()
        .all()
    )


def test_a_unit_before_a_currency_in_brackets_counts():
    lines = [["往來岩館名冊"], ["單位:仟元(新台幣)"], ["客戶名稱", "年採購額"], ["原岩", 85], ["小攀", 780]]
    assert take("名冊.xlsx", xlsx({"s": lines}))[0].table("customers")["revenue"].sum() == 865_000


def test_what_is_spent_in_all_is_not_what_is_spent_with_us():
    rows = [[f"Place {'abcdef'[n]}", 80 + n, 160 + n] for n in range(6)]
    heads = ["Customer", "Bought last year (k€)", "Fish spend in all, est. (k€)"]
    customers = take("x.xlsx", xlsx({"Restaurants we supply": [heads, *rows]}))[0].table("customers")
    assert customers["revenue"].sum() == 495_000 and customers["category_spend"].sum() == 975_000


def test_a_sheet_of_reasons_that_names_no_customer_is_one_of_exits():
    rows = [["Service", "Too crowded", 10, 779.8], ["", "Staff turned guests away", 16, 1311.3]]
    lines = [
        ["Contracts ended in 2024, by reason"],
        ["Values in k€"],
        ["Group", "Reason given", "Contracts ended", "Yearly value lost"],
    ]
    exits = take("ended.xlsx", xlsx({"s": [*lines, *rows]}))[0].table("exits")
    assert exits["count"].sum() == 26 and exits["revenue"].sum() == 2_091_100


def test_a_word_of_several_things_is_the_key_they_share():
    assert meant("banks and press", "market") == "influence"
    assert meant("bakery and fishmonger", "cause") is None


def test_a_value_without_kinds_is_refused_with_the_column_that_is_needed():
    rows = [["Segment", "Offer", "Component", "Amount"], ["A", "Us", "Uptime", 100], ["A", "Rival", "Uptime", 80]]
    with pytest.raises(IntakeError) as refused:
        take("value.xlsx", xlsx({"Value": rows}))
    assert (refused.value.code, refused.value.detail["column"]) == ("column_needed", "value.kind")
    for language in LANGUAGES:
        said = intake_sentence(refused.value.code, refused.value.file, refused.value.detail, Text(language))
        assert TABLES["value"].by_name["kind"].label(language) in said
    customers = [["Customer", "Revenue"], *([f"C{n}", 100] for n in range(5))]
    found, _ = take("both.xlsx", xlsx({"Value": rows, "Customers": customers}))
    assert [(p.code, p.column, p.detail["count"]) for p in found.problems if p.set_aside == "row"] == [
        ("column_needed", "value.kind", 2)
    ]
    assert len(found.table("customers")) == 5


def test_quarters_of_two_years_are_orders_and_the_latest_year_is_the_revenue():
    heads = ["Customer", *(f"Q{q}/{year} k€" for year in (2023, 2024) for q in range(1, 5))]
    rows = [[f"C{n}", 1, 2, 3, 4, 10, 20, 30, 40] for n in range(6)]
    found, _ = take("turnover.xlsx", xlsx({"Turnover": [heads, *rows]}))
    orders = found.table("transactions")
    assert found.table("customers")["revenue"].tolist() == [100_000] * 6
    assert orders["amount"].sum() == 6 * 110_000 and str(orders["date"].max().date()) == "2024-10-01"


def test_of_quantities_and_amounts_a_month_the_amounts_count():
    upper = ["客户名称", *(word for month in range(1, 13) for word in (f"{month}月", None))]
    lower = [None, *["数量", "金额"] * 12]
    rows = [[f"{'甲乙丙丁戊己'[n]}公司", *[5, 7] * 12] for n in range(6)]
    found, _ = take("2024月度.xlsx", xlsx({"2024": [["单位:千元"], upper, lower, *rows]}))
    assert found.table("customers")["revenue"].tolist() == [84_000] * 6


@pytest.mark.parametrize(("left", "columns"), [(0, ("revenue", "revenue_end")), (8000, ("", "revenue"))])
def test_of_two_years_written_23_24_the_later_is_never_what_was_before(left, columns):
    heads = ["A/c", "Hires 23/24 (£)", "Hires 24/25 (£)", "Live or lapsed"]
    rows = [[f"AC{n:02}", 9000, left if n < 3 else 9500, "Lapsed" if n < 3 else "Live"] for n in range(9)]
    known = fields("hire.xlsx", {"Accounts": [heads, *rows]})
    assert tuple(known.get(head, "").removeprefix("customers.") for head in heads[1:3]) == columns


def test_the_years_of_two_revenues_are_the_period_where_no_date_says_it():
    heads = ["客户编号", "2023年成交金额(万元)", "2024年成交金额(万元)", "创建时间", "成交状态"]
    rows = [[f"K{n}", 10, 0 if n < 2 else 12, "2020-05-01", "流失" if n < 2 else "合作中"] for n in range(8)]
    rows += [["K8", None, 5, "2024-03-01", "合作中"]]
    found, _ = take("客户.xlsx", xlsx({"客户": [heads, *rows]}))
    churn = observe_all(found, load_config()).inputs["churn"]
    assert (str(found.settings.period_start), str(found.settings.period_end)) == ("2024-01-01", "2024-12-31")
    assert (churn.active.sum(), churn.joined) == (8, 1)
    assert [p.detail for p in found.problems if p.code == "period_inferred"] == [{"before": 2023, "year": 2024}]


def test_our_offer_is_the_one_the_file_is_named_after():
    heads = ["Farm type", "What the farmer gets", "Sort", "Softstal", "Comfobed", "Chance", "Years"]
    parts = [("More milk", "Product", 100, 90), ("Purchase", "Price", -50, -40), ("Guarantee", "Service", 20, 5)]
    rows = [[farm, *part, 0.9, 1] for farm in ("Family farm", "Large barn") for part in parts]
    found, _ = take("Softstal plan.xlsx", xlsx({"Value": [heads, *rows]}))
    assert (
        found.table("value")["offer"].unique().tolist() == [OUR_OFFER, "Comfobed"] and len(found.table("value")) == 12
    )


@pytest.mark.parametrize(
    "head", ["Avg_Utilization_Ratio", "Dependent_count", "CashbackAmount", "% of Total", "最后跟进时间", "客诉次数"]
)
def test_what_no_column_is_about_is_left_alone(head):
    cells = {"最后跟进时间": "2024-05-01", "% of Total": "12%"}
    rows = [[f"K{n}", 1000 + n, cells.get(head, n % 4 + 1), f"2020-01-0{n % 9 + 1}"] for n in range(12)]
    found = fields("list.xlsx", {"Customers": [["Customer ID", "Revenue", head, "Customer since"], *rows]})
    assert head not in found


def test_markets_are_told_by_their_words_where_the_header_says_little():
    markets = ["客戶", "供應商", "同業對手", "代理", "內部", "影響者"]
    rows = [[person, market, 3, 6] for person in ("陳董", "陳太") for market in markets]
    found, _ = take(
        "持份者.xlsx", xlsx({"資源投放": [["評分人", "範疇", "現時投放 (0-10)", "理想投放 (0-10)"], *rows]})
    )
    assert len(found.table("emphasis")) == 12 and set(found.table("emphasis")["desired"]) == {6}


def test_a_list_whose_header_says_since_when_is_no_list_of_those_who_left():
    accounts = [["Acct No", "Account name", "Customer since", "Tier"]]
    accounts += [[f"A{n}", f"Firm {'abcdefgh'[n]}", f"20{10 + n}-01-01", "A"] for n in range(8)]
    months = [["Acct No", "Account name", *(f"{m} 2024" for m in ("Jan", "Feb", "Mar"))]]
    months += [[f"A{n}", f"Firm {'abcdefghi'[n]}", 1, 2, 3] for n in range(9)]
    found, _ = take("key_account_review.xlsx", xlsx({"Accounts": accounts, "Billing by month": months}))
    assert "exits" not in found.tables and found.table("customers")["joined"].notna().sum() == 8
