"""Sheets as people lay them out: tables beside and below each other, lines between the rows, two dates of one amount."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from conftest import take, xlsx

from core.intake import propose
from core.intake.headers import day_of, is_no_amount, is_number_of, period
from core.intake.periods import periods_of
from core.intake.reading import RawSheet
from core.intake.reasons import suggest_reason
from core.intake.values import is_total, parse_flag, title_unit
from core.models import observe_all

CUSTOMERS = [[f"C{n:03}", f"Firm {n} Ltd", ("North", "South")[n % 2], 1000 + n] for n in range(30)]


def codes(found):
    return [p.code for p in found.problems]


def read(name="x.xlsx", **sheets):
    return take(name, xlsx(sheets))[0]


def beside(left, right, gap=1):
    """Two tables on one sheet, with empty columns between."""
    width = max(map(len, left))
    rows = max(len(left), len(right))
    pad = lambda lines, n, size: [*(lines[n] if n < len(lines) else []), *[None] * size][:size]  # noqa: E731
    return [pad(left, n, width) + [None] * gap + pad(right, n, max(map(len, right))) for n in range(rows)]


def test_a_small_table_beside_a_list_is_none_of_its_columns():
    summary = [["Region (count)", "Customers"], ["North", 15], ["South", 15], ["Total", 30]]
    found = read(s=beside([["Customer no.", "Customer name", "Region", "Revenue"], *CUSTOMERS], summary, 2))
    customers = found.table("customers")
    assert len(customers) == 30 and set(customers["segment"]) == {"North", "South"}
    assert customers["revenue"].sum() == sum(row[3] for row in CUSTOMERS) and "part_unused" in codes(found)


def test_remarks_after_an_empty_column_stay_with_their_rows():
    rows = [[*row, None, "called" if n % 9 == 0 else None, None] for n, row in enumerate(CUSTOMERS)]
    found = read(s=[["Customer no.", "Customer name", "Region", "Revenue", None, "Remark", "By"], *rows])
    assert len(found.table("customers")) == 30 and "part_unused" not in codes(found)


def test_two_lists_below_each_other_are_two_tables_each_with_its_rows():
    lines = [["一、经销商名单（金额单位：万元）"], ["经销商编号", "经销商名称", "2024年进货额", "业务员"]]
    lines += [[f"D{n:02}", f"五金行{n}", 10 + n, "王"] for n in range(12)]
    lines += [["合计", None, sum(10 + n for n in range(12)), None], [], ["二、往来纪录"]]
    lines += [["日期", "经销商编号", "往来方式", "主题"]]
    lines += [[f"2024-03-{n % 27 + 1:02}", f"D{n % 12:02}", "电话", "报价"] for n in range(20)]
    found = read(s=lines)
    assert found.table("customers")["revenue"].sum() == sum(10 + n for n in range(12)) * 10_000
    assert len(found.table("touchpoints")) == 20 and "exits" not in found
    assert found.table("touchpoints")["_row"].min() == 19  # as the spreadsheet numbers it


def test_lines_between_the_rows_name_the_market():
    heads = ["Ref", "Stakeholder", "Trust", "Commitment", "Power", "Interest"]
    lines = [heads]
    for market, many in (("Customer markets", 4), ("Supplier markets", 3), ("Influence markets", 5)):
        lines += [[market], *([f"S{len(lines) + n}", f"{market} {n}", 5, 6, 7, 3] for n in range(many))]
    found = read(Register=lines)
    counted = found.table("stakeholders")["market"].value_counts().to_dict()
    assert counted == {"customer": 4, "supplier": 3, "influence": 5} and "market_from_lines" in codes(found)


@pytest.mark.parametrize("turned", [False, True])
def test_a_jury_with_a_column_a_rater_is_read_market_by_market(turned):
    markets, raters = ["客户市场", "供应商市场", "内部市场", "影响力市场"], ["总经理", "销售总监"]
    pairs = [(m, r) for m in ("目前投入", "应有投入") for r in raters]
    pairs = pairs if not turned else [(r, m) for r in raters for m in ("目前投入", "应有投入")]
    lines = [["市场", pairs[0][0], None, pairs[2][0], None], [None, *(b for _, b in pairs)]]
    lines += [[market, *(n + k for k in range(4))] for n, market in enumerate(markets)]
    emphasis = read(重视程度=lines).table("emphasis")
    assert set(emphasis["rater"]) == set(raters) and set(emphasis["market"]) == {
        "customer",
        "supplier",
        "internal",
        "influence",
    }
    now = emphasis.dropna(subset=["current"]).set_index(["market", "rater"])["current"]
    assert now["influence", "销售总监"] == (5 if turned else 4) and len(now) == 8


def test_revenue_on_two_days_is_that_of_the_start_and_of_the_end_of_the_period():
    heads = ["Record ID", "Company name", "ARR at 2024-12-31", "ARR at 2025-12-31", "Churn Date"]
    rows = [
        [f"R{n}", f"Firm {n}", 100 + n, 0 if n == 3 else 200 + n, "2025-05-02" if n == 3 else None] for n in range(20)
    ]
    found = read(s=[heads, *rows])
    customers = found.table("customers")
    assert customers["revenue"].sum() == sum(100 + n for n in range(20))
    assert customers["revenue_end"].sum() == sum(200 + n for n in range(20) if n != 3)
    assert (found.settings.period_start, found.settings.period_end) == (dt.date(2025, 1, 1), dt.date(2025, 12, 31))


@pytest.mark.parametrize(
    ("header", "day", "month"),
    [
        ("Opening ARR (Feb 1 24)", "Feb 1 24", None),
        ("销售额（截至2024年12月31日）", "2024年12月31", None),
        ("2024-01-31", "", "2024-01"),
        ("Revenue Jan-24", "", "2024-01"),
        ("2024-01-01 收入", "", "2024-01"),
    ],
)
def test_a_day_beside_words_is_no_month(header, day, month):
    assert day_of(header).removesuffix("日") == day
    assert (period(header) or (None,))[0] == month


def test_dates_without_a_year_take_the_one_that_the_title_names():
    lines = [["2024年一季度停供客户"], ["客户", "停供日期", "停供原因", "2023年供餐额"]]
    lines += [[f"学校{n}", f"3月{n + 1}日", ("价格", "质量")[n % 2], 1000] for n in range(9)]
    found = read(停供客户=lines)
    exits = found.table("exits")
    assert exits["date"].dt.strftime("%Y-%m-%d").tolist() == [f"2024-03-{n + 1:02}" for n in range(9)]
    assert "year_from_title" in codes(found)


def test_lines_of_sums_without_a_word_for_it_are_told_by_their_amounts():
    heads = ["Ref", "Customer", "Service end date", "What they told us", "Reason code", "Annual bill"]
    lines = [heads]
    for month in (1, 2, 3):
        rows = [[f"B{month}{n}", f"Mr {month}{n}", f"2024-0{month}-1{n}", "too dear", "P1", 400 + n] for n in range(6)]
        lines += [*rows, [f"Leavers in month: {len(rows)}", None, None, None, None, sum(row[5] for row in rows)]]
    lines += [["All leavers", None, None, None, None, 3 * sum(400 + n for n in range(6))]]
    found = read(Leavers=lines)
    assert len(found.table("exits")) == 18 and codes(found).count("totals_by_arithmetic") == 4


def test_counts_below_a_line_of_sums_are_no_customers():
    heads = ["Account Owner", "Account Name", "Account Number", "Industry", "Revenue"]
    lines = [heads]
    for owner in ("Ann", "Bo"):
        rows = [[owner, f"{owner} Firm {n}", f"{owner}{n:03}", "Retail", 100 + n] for n in range(8)]
        lines += [*rows, ["Subtotal", "Sum", None, None, sum(r[4] for r in rows)], [None, "Count", 8, None, None]]
    found = read(Report=lines)
    assert len(found.table("customers")) == 16 and found.table("customers")["revenue"].sum() == 2 * sum(range(100, 108))


def test_the_header_on_each_page_of_a_print_is_no_row():
    heads = ["序号", "客户号", "户名", "经办支行", "客户经理", "工号", "销户日期", "销户原因", "本可避免"]
    rows = [
        [n + 1, f"66{n:03}", f"公司{n}", "城东", "谢", 7, f"2024-02-{n % 27 + 1:02}", "利率", "是"] for n in range(24)
    ]
    lines = [line for page in range(3) for line in (heads, *rows[8 * page : 8 * page + 8])]
    found = read(销户明细=lines)
    assert len(found.table("exits")) == 24 and codes(found).count("header_again") == 2
    assert found.table("exits")["avoidable"].all()


def test_answers_with_their_words_and_some_left_out_are_a_survey():
    dimensions = ("稳定与兑现", "信任", "信息沟通", "合作广度", "双方投入", "融合程度")
    heads = ["公司名称", "姓名", *(name for dimension in dimensions for name in (dimension, None))]
    asked = ["承诺都能兑现", "系统很少宕机", "替我们着想", "愿意交给他们数据", "变更会提前告知", "问题及时通报"]
    asked += ["用了多个模块", "多个部门有往来", "投入了大量培训", "做了专门的投入", "系统与流程打通", "一起做年度规划"]
    answers = ["1非常不同意", "2不同意", "3一般", "4同意", "5非常同意", "(跳过)"]
    rows = [[f"公司{n}", f"王{n}", *(answers[(n + k) % 6] for k in range(12))] for n in range(36)]
    found = read(问卷答卷=[heads, [None, None, *asked], *rows]).table("assessments")
    assert len(found) == 36
    said = np.array([(n % 6) + 1 for n in range(36)], dtype=float)
    here = found["reliability_1"].to_numpy(dtype=float)
    assert np.isnan(here[said == 6]).all() and np.corrcoef(here[said < 6], said[said < 6])[0, 1] == pytest.approx(1)


def test_the_revenue_of_the_year_of_the_loss_counts_where_another_sheet_says_so():
    accounts = [["Account no.", "Account", "Net sales FY2023", "Net sales FY2024"]]
    accounts += [[f"A{n}", f"Firm {n}", 100 + n, 300 + n] for n in range(15)]
    lost = [["Account no.", "Lost on", "Reason", "FY2023 net sales lost"]]
    lost += [[f"A{n}", f"2024-0{n + 1}-05", "Price", 100 + n] for n in range(5)]
    customers = read(**{"Accounts": accounts, "Lost accounts": lost}).table("customers")
    assert customers["revenue"].sum() == sum(100 + n for n in range(15))
    assert customers["revenue_end"].sum() == sum(300 + n for n in range(15))


def test_a_list_of_tiers_beside_the_customers_lists_no_customers():
    tiers = [
        ["Tier", "Minimum sales", "Visit frequency"],
        ["A", 1000, "monthly"],
        ["B", 300, "quarterly"],
        ["C", 0, "yearly"],
    ]
    found = read(Accounts=[["Customer no.", "Customer name", "Tier", "Revenue"], *CUSTOMERS], Lists=tiers)
    assert len(found.table("customers")) == 30 and "sheet_unused" in codes(found)


@pytest.mark.parametrize(
    ("header", "counts"), [("退保客户数", True), ("Clients lost", True), ("客户", False), ("户号", False)]
)
def test_a_number_of_customers_names_none(header, counts):
    assert is_number_of(header) is counts


@pytest.mark.parametrize(
    ("line", "scale"),
    [("客户数：户；保费：万元", 1e4), ("（港幣千元；包括年內流失者）", 1e3), ("金额：元 数量：万件", None)],
)
def test_a_unit_beside_others_is_that_of_the_amounts(line, scale):
    assert title_unit(line) == scale


def test_a_form_that_says_nothing_of_leaving_is_no_list_of_exits_because_the_file_is():
    accounts = [["account_id", "account_name", "arr_usd", "churn_flag"]]
    accounts += [[f"A{n}", f"Firm {n}", 100, n % 5 == 0] for n in range(30)]
    tickets = [["ticket_id", "account_id", "closed_at", "priority"]]
    tickets += [[f"T{n}", f"A{n % 30}", f"2024-03-{n % 27 + 1:02}", "low"] for n in range(60)]
    found = read("subscription_churn.xlsx", accounts=accounts, support_tickets=tickets)
    assert len(found.table("exits")) == 6


def test_a_list_above_a_better_known_summary_keeps_its_own_header():
    lines = [["一、退园幼儿名单"], ["学号", "幼儿姓名", "退园日期", "家长自述原因", "原因大类", "流失学年保教费(元)"]]
    lines += [
        [
            f"Y{n:03}",
            f"何{n}",
            f"2024-12-{n + 1:02}",
            ("学费涨了", "常生病", "接送太远")[n % 3],
            ("费用", "健康")[n % 2],
            31200,
        ]
        for n in range(20)
    ]
    lines += [[], ["二、原因汇总"], ["退园原因", "人数", "占比", "流失金额(元)"]]
    lines += [["费用", 10, 0.5, 312000], ["健康", 10, 0.5, 312000], ["合计", 20, 1, 624000]]
    exits = read(退园情况=lines).table("exits")
    assert len(exits) == 20 and exits["revenue"].sum() == 20 * 31200


def test_from_and_to_with_days_tie_nobody_to_anybody():
    rota = [["Name", "From", "To"], *([f"Ann {n}", f"2024-11-{n + 1:02}", f"2024-11-{n + 8:02}"] for n in range(8))]
    found = read(
        Accounts=[["Customer no.", "Customer name", "Revenue"], *(r[:2] + r[3:] for r in CUSTOMERS)], Rota=rota
    )
    assert "links" not in found and "sheet_unused" in codes(found)


@pytest.mark.parametrize(
    "header", ["CashbackAmount", "OrderAmountHikeFromlastYear", "估算年薪(欧元)", "該公司年營業額"]
)
def test_what_is_given_back_or_earned_by_themselves_is_no_revenue(header):
    heads = ["Customer no.", "Customer name", "Churn", header]
    found = read(s=[heads, *([f"C{n}", f"Firm {n}", n % 4 == 0, 1000 + n] for n in range(30))])
    assert found.table("customers")["revenue"].isna().all()


@pytest.mark.parametrize(("word", "left"), [("流失客户", True), ("存量客户", False), ("老客户", None)])
def test_who_left_is_told_with_the_chinese_noun_beside_it(word, left):
    assert parse_flag(word) is left


def test_a_pivot_beside_a_list_counts_nobody_and_leaves_the_list():
    pivot = [["Contract", "Count of Customer no.", "Sum of Churned"], [1, 20, 4], [12, 10, 2], ["Total Result", 30, 6]]
    rows = [["Customer no.", "Customer name", "Contract", "Revenue", "Churned"]]
    rows += [[*row[:2], (1, 12)[n % 3 == 0], row[3], int(n % 5 == 0)] for n, row in enumerate(CUSTOMERS)]
    for name in ("s", "tickets"):  # alone, and where another sheet has customers too
        more = {"other": [["Customer no.", "Owner"], *([row[0], "Lee"] for row in CUSTOMERS)]} if name != "s" else {}
        found = read(**{name: beside(rows, pivot)}, **more)
        assert len(found.table("customers")) == 30 and len(found.table("exits")) == 6
        assert "part_unused" in codes(found)


def test_tickets_are_contacts_each_counted_once():
    heads = ["Id", "Requester", "Organization", "Subject", "Status", "Priority", "Via", "Group", "Created at"]
    rows = [
        [
            900 + n,
            "Ann",
            f"Firm {n % 9} Ltd",
            f"Case {n % 7}",
            ("Open", "Closed")[n % 2],
            "Normal",
            ("Mail", "Chat", "Web form")[n % 3],
            ("Tier 1", "Tier 2")[n % 2],
            f"{n % 27 + 1:02}-Mar-2024 10:{n:02}",
        ]
        for n in range(40)
    ]
    found = read(tickets=[heads, *rows, rows[3], rows[17]])
    touchpoints = found.table("touchpoints")
    assert len(touchpoints) == 40 and "customers" not in found and codes(found).count("row_twice") == 2
    assert touchpoints["date"].min() == dt.datetime(2024, 3, 1) and touchpoints["account"].nunique() == 9


def test_two_contacts_of_one_day_without_a_number_stay_two():
    rows = [["2024-03-04", "Firm 1 Ltd", "phone", "Offer"]] * 2 + [["2024-03-05", "Firm 2 Ltd", "email", "Offer"]]
    assert len(read(log=[["Date", "Account", "Channel", "Topic"], *rows]).table("touchpoints")) == 3


def test_objects_and_their_fields_are_two_levels():
    heads = ["subscriptions.id", "customers.id", "customers.company", "subscriptions.plan_amount"]
    heads += ["subscriptions.status", "subscriptions.started_at", "subscriptions.cancelled_at"]
    rows = [
        [
            f"s{n}",
            f"c{n}",
            f"Firm {n} Ltd",
            50 + n,
            "Cancelled" if n % 6 == 0 else "Active",
            "24-Dec-2020 02:02",
            "03-Sep-2024 16:25" if n % 6 == 0 else None,
        ]
        for n in range(30)
    ]
    found = read(s=[heads, *rows])
    assert found.table("customers")["joined"].eq(dt.datetime(2020, 12, 24)).all()
    assert len(found.table("exits")) == 5 and found.table("exits")["date"].notna().all()


def test_answers_below_their_questions_are_no_groups():
    items = [
        "They deliver what they promised",
        "We can rely on them",
        "We trust them to be honest",
        "They keep our interests in mind",
        "They share information early",
        "They tell us about changes",
        "Many people in both companies deal with each other",
        "Our contacts reach across several levels",
        "They have invested in equipment for us",
        "We have invested in working with them",
        "Our processes and theirs are joined up",
        "Our IT systems are integrated with theirs",
    ]
    top = ["Respondent ID", "Company", "What is your name?", "How far do you agree? (1 = not at all, 4 = fully)"]
    lower = [None, None, "Open-Ended Response", *items]
    rows = [[7000 + n, f"Firm {n} Ltd", f"Ann {n}", *((n + k) % 4 + 1 for k in range(12))] for n in range(20)]
    assessments = read(Responses=[[*top, *[None] * 11], lower, *rows]).table("assessments")
    assert len(assessments) == 20 and assessments["integration_2"].tolist() == [(n + 11) % 4 + 1 for n in range(20)]


def test_a_column_that_says_one_year_of_all_rows_is_the_period():
    heads = ["Customer no.", "Snapshot Period", "Customer since", "Revenue", "Status", "Cancellation date"]
    rows = [
        [f"C{n}", "FY2024 (Jan-Dec 2024)", "2024-05-01" if n % 10 == 1 else "2021-03-01", 100 + n]
        + (["Cancelled", "2024-06-30"] if n % 10 == 0 else ["Active", None])
        for n in range(40)
    ]
    found = read(s=[heads, *rows])
    assert found.settings.period_start == dt.date(2024, 1, 1) and "period_stated" in codes(found)
    rows[3][1] = "FY2023"
    assert read(s=[heads, *rows]).settings.period_start is None


def test_the_sheet_of_a_market_places_those_whose_kind_says_nothing():
    heads = ["Ref", "Organisation", "Type", "Power", "Interest", "Trust", "Commitment"]
    rows = lambda kind, many: [[f"S{kind}{n}", f"{kind} {n}", kind, 4, 5, 6, 7] for n in range(many)]  # noqa: E731
    found = read(Suppliers=[heads, *rows("Contractor", 5)], Influence=[heads, *rows("Bank", 4)])
    assert found.table("stakeholders")["market"].value_counts().to_dict() == {"supplier": 5, "influence": 4}


@pytest.mark.parametrize(
    ("header", "said", "weights"),
    [
        ("Weight (1-5)", [1, 3, 5], [0.2, 0.6, 1.0]),
        ("Weight (1-5)", [1, 1, 1], [0.2, 0.2, 0.2]),
        ("Weight", [1, 3, 5], []),
    ],
)
def test_ties_on_another_scale_are_divided_by_its_top_or_left_out(header, said, weights):
    heads = ["Stakeholder", "Market", "Trust", "Commitment"]
    people = [[name, "supplier", 5, 6] for name in ("Ash", "Birch", "Cedar")]
    ties = [[*pair, n] for pair, n in zip((("Ash", "Birch"), ("Birch", "Cedar"), ("Cedar", "Ash")), said, strict=True)]
    found = read(Register=[heads, *people], Ties=[["From", "To", header], *ties])
    assert found.table("links")["weight"].dropna().tolist() == weights
    assert ("scale_divided" if weights else "bad_cell") in codes(found)


def test_the_class_of_a_reason_is_told_from_its_words():
    heads = ["1、贵公司名称", "2、停止合作的日期", "3、停止合作的主要原因属于哪一类", "4、请具体说明原因"]
    heads += ["5、如果我司当时改进，贵公司是否会继续合作"]
    kinds, why = ["质量问题", "价格偏高"], ["批次色差大", "同行报价低一成", "送货总是晚到", "换人后没人跟进"]
    rows = [[f"华兴{n}公司", f"2024-03-{n + 1:02}", kinds[n % 2], why[n % 4], "是否"[n % 2]] for n in range(24)]
    exits = read(流失客户回访=[heads, *rows]).table("exits")
    assert set(exits["reason"]) == set(why) and exits["avoidable"].notna().all()


def test_of_three_years_the_stated_period_is_the_last_and_its_start_the_one_before():
    heads = ["Acct #", "Account", "FY22 Sales ($000)", "FY23 Sales ($000)", "FY24 Sales ($000)", "Status"]
    rows = [[700 + n, f"Firm {n} Ltd", 1 + n, 20 + n, 30 + n, "LOST" if n % 9 == 0 else "Active"] for n in range(30)]
    said = [["Key accounts"], ["Review period: FY24 = Jan 1, 2024 - Dec 31, 2024"], []]
    for lines, start in ((said, [20_000, 29_000]), ([], [30_000, 39_000])):
        found = read(Key=[*lines, heads, *rows])
        customers = found.table("customers")
        assert found.settings.period_start == (dt.date(2024, 1, 1) if lines else None)
        assert customers["revenue"].iloc[[0, 9]].tolist() == start
        assert customers["revenue_end"].notna().all() == bool(lines)


def test_what_suppliers_deliver_is_no_market():
    heads = ["序号", "供应商名称", "供货类别", "信任度", "合作承诺", "关系强度"]
    goods = ["物流运输", "五金件", "钢材", "包材", "塑料粒子", "电机"]
    rows = [[n + 1, f"盛{n}公司", goods[n % 6], 5, 6, 7] for n in range(18)]
    stakeholders = read("供应商评价.xlsx", 评分=[heads, *rows]).table("stakeholders")
    assert len(stakeholders) == 18 and set(stakeholders["market"]) == {"supplier"}


def test_a_page_with_a_broken_table_is_a_sheet_without_columns_that_no_table_fits():
    assert propose([RawSheet(file="broken.xlsx", name="", visible=True, rows=1, columns=())]).sheets[0].table is None


def test_a_list_of_the_codes_of_territories_is_no_list_of_customers():
    codes_of = ("AZ-1", "AZ-2", "NM")
    clinics = [[100 + n, f"Clinic {n}", codes_of[n % 3], 1000 + n] for n in range(20)]
    clinics = [["Acct #", "Clinic", "Territory", "Net sales"], *clinics]
    territories = [["Code", "Name"], ["AZ-1", "Phoenix"], ["AZ-2", "Tucson"], ["NM", "New Mexico"]]
    assert len(read(accounts=clinics, territories=territories).table("customers")) == 20
    more = [["Code", "Name"], *([500 + n, f"Farm {n}"] for n in range(8))]  # customers that nothing else names
    assert len(read(accounts=clinics, farms=more).table("customers")) == 28


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["08/02/24", "08/13/24", "08/21/24"], dt.datetime(2024, 8, 2)),  # the month first is all that fits
        (["02/08/24", "13/08/32"], dt.datetime(2024, 8, 2)),  # the day first
        (["08/02/24", "08/03/24"], None),  # any order
        (["24/08/02", "24/08/13"], None),  # the year first, or the day
    ],
)
def test_years_of_two_digits_are_read_where_only_one_order_makes_dates_of_all(words, first):
    rows = [[word, f"Firm {n} Ltd", "phone"] for n, word in enumerate([*words, "2024-09-01"])]
    found = read(log=[["Date", "Account", "Channel"], *rows])
    if first is None:
        assert codes(found).count("bad_cell") == len(words)
    else:
        assert found.table("touchpoints")["date"].min() == first and "bad_cell" not in codes(found)


YEAR = {(dt.date(2024, 1, 1), dt.date(2024, 12, 31))}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("统计期间：2024年1月—12月 单位：万元", YEAR),
        ("2024年1-12月客户台账", YEAR),
        ("期間：民國113年1月1日至113年12月31日", YEAR),
        ("113/01/01-113/12/31", YEAR),
        ("review of the year 1 January to 31 December 2024", YEAR),
        ("members with a contract between 01.01.2024 and 31.12.2024", YEAR),
        ("Jan - Dec 2024", YEAR),
        ("1/1/2024-12/31/2024", YEAR),
        ("FY24 (1 April 2023 - 31 March 2024), amounts in k€", {(dt.date(2023, 4, 1), dt.date(2024, 3, 31))}),
        ("October to March 2024", {(dt.date(2023, 10, 1), dt.date(2024, 3, 31))}),
        ("04/01/2023 - 03/31/2024", {(dt.date(2023, 4, 1), dt.date(2024, 3, 31))}),
        ("Tel 010-8888-12, printed 2024-03-01 10-12", set()),
        ("pages 1 - 12 of 2024", set()),
        ("31.02.2024 - 31.12.2024", set()),  # no such day
    ],
)
def test_a_line_names_a_period_in_many_ways(line, found):
    assert periods_of(line) == found


def _book(status, joined=None, title="Client book, review of the year 1 January to 31 December 2024"):
    """Forty clients; `status` and `joined` by number."""
    heads = ["Client no.", "Client", "Annual fee", "Status", *(["Customer since"] if joined else [])]
    rows = [[f"C{n:03}", f"Firm {n} Ltd", 100 + n, status(n), *([joined(n)] if joined else [])] for n in range(40)]
    return [[title], heads, *rows]


def _status(n):
    return "Cancelled" if n % 10 == 0 else "New" if n % 8 == 1 else "Active"


def test_whom_the_status_calls_new_is_none_of_those_at_the_start(config):
    found = read(clients=_book(_status))
    assert codes(found).count("joined_by_status") == 1
    result = observe_all(found, config).baseline.churn
    assert (result.active, result.customers_lost.sum()) == (35, 4)


def test_new_in_a_year_names_the_period_where_nothing_else_does(config):
    found = read(clients=_book(lambda n: _status(n).replace("New", "New in 2024"), title="Client book"))
    assert found.settings.period_start == dt.date(2024, 1, 1) and "period_of_new" in codes(found)
    assert observe_all(found, config).baseline.churn.active == 35


def test_who_joined_after_the_first_exit_is_told_where_no_period_is(config):
    heads = ["Client no.", "Client", "Annual fee", "Customer since", "Left on", "Why they left"]
    rows = [[f"C{n:03}", f"Firm {n} Ltd", 100 + n, f"20{10 + n % 15}-03-01", None, None] for n in range(40)]
    for n, day in ((5, "2023-11-02"), (6, "2024-02-03"), (7, "2024-02-20")):
        rows[n][4:] = [day, "Price too high"]
    found = read(clients=[heads, *rows])
    assert found.settings.period_start is None
    late = sum(row[3] > "2023-11-02" for row in rows)
    assert [p.detail["count"] for p in found.problems if p.code == "joiners_counted"] == [late]
    rows[5][4] = "2024-09-02"  # all in one year, in which others joined: that is the period
    found = read(clients=[heads, *rows])
    assert "period_of_exits" in codes(found) and "joiners_counted" not in codes(found)
    assert observe_all(found, config).baseline.churn.active == 40 - late


def test_a_sheet_of_choices_for_drop_downs_fills_no_table():
    handlers = ["Tom Reid", "Ann Cole", "Helen Marsh", "Raj Patel"]
    heads = ["Client no.", "Client", "Annual fee", "Handler", "Status"]
    status = ["Renewed", "Lapsed", "Cancelled"]
    rows = [
        [f"C{n:03}", f"Firm {n} Ltd", 100 + n, handlers[n % 3], status[n % 11 if n % 11 < 3 else 0]] for n in range(44)
    ]
    lists = [["Handler", "Status"], *zip(handlers, [*status, None], strict=True)]
    found = read(book=[heads, *rows], Lists=lists)
    assert len(found.table("exits")) == 8 and "sheet_unused" in codes(found)
    assert len(found.table("customers")) == 44


def test_since_when_a_contract_runs_is_not_when_it_ended():
    contracts = [["Cust. no.", "Site", "Contract since", "Yearly contract value"]]
    contracts += [[f"K{n}", f"Site {n}", dt.date(2015 + n % 8, 5, 2), 10 + n] for n in range(40)]
    ended = [["Cust. no.", "Site", "Contract ended", "Reason given by client"]]
    ended += [[f"K{n}", f"Site {n}", dt.date(2024, n % 12 + 1, 9), "Competitor cheaper"] for n in range(0, 40, 5)]
    found = read(Contracts=contracts, Terminated=ended)
    assert len(found.table("customers")) == 40 and len(found.table("exits")) == 8


def test_groups_within_groups_are_continued_although_their_words_come_again():
    lines = [["Customer group", "Supplier", "Item", "Kind of item", "k€ p.a."]]
    for group in ("Packers", "Bakeries"):
        for m, offer in enumerate(("Us", "Polarex", "Novaflex")):
            for n, (item, kind) in enumerate((("Shelf life", "core"), ("Technician", "service"), ("Film", "price"))):
                lines.append([group if m + n == 0 else None, offer if n == 0 else None, item, kind, 10 * m + n + 1])
    value = read(Value=lines).table("value")
    assert len(value) == 18 and value.groupby(["segment", "offer"]).size().tolist() == [3] * 6
    assert value["amount"].sum() == 1000 * 2 * sum(10 * m + n + 1 for m in range(3) for n in range(3))


def test_what_is_kept_for_others_or_billed_is_told_apart():
    assert is_no_amount("押金退還(元)") and is_no_amount("Deposit held") and not is_no_amount("Annual fee")
    assert is_total("Grand total") and not is_total("Invoice total")
    assert suggest_reason("Technology - moved to Teams Phone") == ("technology", False)
    assert suggest_reason("Faults not repaired in time")[0] == "service"
