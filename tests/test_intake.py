"""From bytes to a portfolio: matching, values, problems, refusals. Nothing is dropped unlisted."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from conftest import DATA, portfolio, take, telco_like, xlsx
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import ConfigError, load_config
from core.intake import Choices, IntakeError, build, parse_choices, propose, read_file, read_portfolio
from core.intake.matching import SheetChoice
from core.intake.reading import guess_encodings
from core.intake.reasons import suggest_reason
from core.intake.values import parse_flag, parse_key, parse_number
from core.models import evaluate_all, observe_all
from core.narrative import intake_sentence, problem_sentence
from core.tables import LANGUAGES, MARKETS, REASONS, TABLES, VOCABULARIES, every_column
from core.templates import build_template
from core.text import Text

HEAD = ["客户编号", "年收入", "利润率", "流失原因"]


def codes(found):
    return [p.code for p in found.problems]


def test_a_telephone_list_fills_customers_and_exits():
    data, truth = telco_like()
    found, questions = take("telco.xlsx", data)
    customers, exits = found.table("customers"), found.table("exits")
    assert len(customers) == truth["customers"] and len(exits) == truth["lost"]
    assert customers["revenue"].sum() == pytest.approx(truth["revenue"])
    lost = customers.set_index("customer").loc[exits["customer"], "revenue"].sum()
    assert lost == pytest.approx(truth["revenue_lost"])
    assert {q.kind for q in questions} == {"reason"} and {q.value for q in questions} >= {"Moved", "Price too high"}
    assert dict(zip(exits["reason"], exits["reason_key"], strict=True))["Attitude of support person"] == "service"
    assert found.settings.period_months == 1
    unused = {p.column for p in found.problems if p.code in ("column_unused", "column_twin")}
    assert unused == {"Gender", "Total Charges", "Churn Value", "CLTV"}


def test_chosen_reasons_win():
    data, _ = telco_like()
    found, questions = take("t.xlsx", data, parse_choices('reasons: {"Moved": unknown, "Price too high": product}'))
    keys = dict(zip(found.table("exits")["reason"], found.table("exits")["reason_key"], strict=True))
    assert keys["Moved"] == "unknown" and keys["Price too high"] == "product"
    assert "Moved" not in {q.value for q in questions}


def test_a_list_of_exits_is_no_customer_list():
    found, _ = take(
        "流失客户.xlsx",
        xlsx(
            {
                "Sheet1": [
                    ["客户编号", "流失日期", "流失原因", "收入"],
                    ["A", "2025-03-01", "价格太贵", 100],
                    ["B", "2025/4/2", "搬迁", 50],
                ]
            }
        ),
    )
    assert set(found.tables) == {"exits"} and found.table("exits")["revenue"].sum() == 150
    assert found.table("exits")["reason_key"].tolist() == ["price", "market"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "big5", "utf-16"])
def test_csv_in_every_encoding(encoding):
    words = (
        "客戶編號,年收入,流失原因\n甲公司,1200,價格\n乙公司,800,\n"
        if encoding == "big5"
        else "客户编号,年收入,流失原因\n甲公司,1200,价格\n乙公司,800,\n"
    )
    found, _ = take("list.csv", words.encode(encoding))
    assert found.table("customers")["revenue"].sum() == 2000 and len(found.table("exits")) == 1
    assert found.settings.period_months == 12


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_with_every_delimiter(delimiter):
    rows = [["customer id", "revenue", "churned"], ["a", "5", "yes"], ["b", "6", "no"]]
    found, _ = take("x.csv", "\n".join(delimiter.join(row) for row in rows).encode())
    assert found.table("customers")["revenue"].sum() == 11 and len(found.table("exits")) == 1


def test_two_readings_are_both_asked_about():
    data = "customer,segment\n双十一,a\n".encode("gbk")
    assert guess_encodings(data) == (("utf-8",), "gb18030")
    sheets = read_file("x.csv", data, load_config().limits)
    assert [q.kind for q in propose(sheets).questions] == ["encoding"]
    again = read_file("x.csv", data, load_config().limits, "gb18030")
    assert again[0].line(1)[0] == "双十一"


def test_title_lines_units_totals_and_notes_are_set_aside_and_listed():
    rows = [
        ["2025年客户收入表"],
        ["单位:万元"],
        HEAD[:3],
        ["A", 10, "12%"],
        ["B", 20, "8%"],
        ["合计", 30, None],
        ["注: 含税"],
    ]
    found, _ = take("表.xlsx", xlsx({"客户": rows}))
    customers = found.table("customers")
    assert customers["revenue"].tolist() == [100_000, 200_000] and customers["margin"].tolist() == pytest.approx(
        [0.12, 0.08]
    )
    assert {"title_row", "totals_row", "footer_row", "unit_applied"} <= set(codes(found))
    assert customers["_row"].tolist() == [4, 5]


def test_a_unit_in_the_header_wins_over_the_title():
    found, _ = take("x.xlsx", xlsx({"客户": [["单位:万元"], ["客户编号", "年收入(元)"], ["A", 5]]}))
    assert found.table("customers")["revenue"].tolist() in ([5], [50_000])
    assert found.settings.currency == "CNY"


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("1,234.5", 1234.5),
        ("1.2万", 12_000),
        ("￥3亿", 3e8),
        ("(1,234)", -1234),
        ("12 %", 0.12),
        ("１２３", 123),
        ("一百二十", 120),
        ("1.5w", 15_000),
        ("−5", -5),
        ("NT$ 1,200", 1200),
        ("3千", 3000),
        ("1e3", 1000),
        ("5‰", 0.005),
        ("¥1 234", 1234),
        ("12元", 12),
    ],
)
def test_numbers_as_people_type_them(words, value):
    assert parse_number(words)[0] == pytest.approx(value)


@pytest.mark.parametrize("words", ["abc", "12abc", "1.2.3", "", "--", "一二x"])
def test_what_is_no_number_is_not_guessed(words):
    assert np.isnan(parse_number(words)[0])


@given(st.floats(-1e12, 1e12).map(lambda v: round(v, 2)))
def test_a_number_survives_being_written_with_separators(value):
    assert parse_number(f"{value:,.2f}")[0] == pytest.approx(value)
    assert parse_number(f"¥{value:,.2f}")[0] == pytest.approx(value)


@settings(deadline=None)  # the first word of all loads the encoder
@given(st.text(max_size=12))
def test_no_text_crashes_the_parsers(words):
    assert isinstance(parse_number(words)[0], float) and parse_flag(words) in (True, False, None)
    assert parse_key(words, "market") in (None, *MARKETS) and suggest_reason(words)[0] in REASONS


def test_decimal_commas_are_decided_by_the_column():
    found, _ = take("x.csv", b"customer;revenue\na;1.234,50\nb;2,75\nc;1.000\n")
    assert found.table("customers")["revenue"].tolist() == [1234.5, 2.75, 1000]


def test_dates_as_people_type_them():
    days = [
        "2024年1月5日",
        "2024/1/5",
        "20240105",
        "民國113年1月5日",
        "2024-01-05",
        "2024.1.5",
        "Jan 5, 2024",
        "5 Jan 2024",
    ]
    rows = [
        ["客户编号", "流失日期", "流失原因"],
        *([f"c{n}", day, "价格"] for n, day in enumerate(days)),
        ["serial", 45296, "价格"],
    ]
    found, _ = take("x.xlsx", xlsx({"流失": rows}))
    assert set(found.table("exits")["date"]) == {pd.Timestamp("2024-01-05")} and "bad_cell" not in codes(found)


def test_day_first_is_seen_where_one_value_shows_it_and_asked_where_none_does():
    rows = [["customer", "exit date", "exit reason"], ["a", "03/04/2025", "price"], ["b", "25/04/2025", "price"]]
    found, questions = take("x.xlsx", xlsx({"exits": rows}))
    assert found.table("exits")["date"].dt.month.tolist() == [4, 4] and not [
        q for q in questions if q.kind == "date_order"
    ]
    found, questions = take("x.xlsx", xlsx({"exits": rows[:2]}))
    assert [q.kind for q in questions] == ["date_order"] and "date_order_guessed" in codes(found)
    found, _ = take("x.xlsx", xlsx({"exits": rows[:2]}), parse_choices("day_first: true"))
    assert found.table("exits")["date"].dt.month.tolist() == [4]


def test_percent_or_fraction_is_decided_for_the_column():
    for cells, expected in (([12, 30], [0.12, 0.3]), ([0.12, 0.3], [0.12, 0.3]), (["12%", "30%"], [0.12, 0.3])):
        found, _ = take("x.xlsx", xlsx({"customers": [["customer", "margin"], ["a", cells[0]], ["b", cells[1]]]}))
        assert found.table("customers")["margin"].tolist() == pytest.approx(expected)


def test_rows_that_fail_are_listed_with_row_column_value_and_mend():
    rows = [
        ["Stakeholder", "Market", "Trust", "Commitment"],
        ["A", "supplier", 7, 8],
        ["B", "moon", 7, 8],
        ["", "supplier", 1, 1],
        ["C", "supplier", 12, "x"],
    ]
    found, _ = take("x.xlsx", xlsx({"stakeholders": rows}))
    assert found.table("stakeholders")["stakeholder"].tolist() == ["A", "C"]
    where = {(p.code, p.row, p.column, p.value, p.set_aside) for p in found.problems}
    assert ("bad_cell", 3, "Market", "moon", "cell") in where and (
        "no_market",
        3,
        "stakeholders.market",
        "B",
        "row",
    ) in where
    assert ("missing_required", 4, "Stakeholder", "", "row") in where
    assert ("bad_cell", 5, "Trust", "12", "cell") in where and ("bad_cell", 5, "Commitment", "x", "cell") in where
    words = [problem_sentence(p, Text("en")) for p in found.problems if p.row == 5]
    assert any("from 0 to 10" in w for w in words)


def test_every_row_that_came_in_is_kept_or_listed():
    random = np.random.default_rng(4)
    rows = [["customer", "revenue", "margin"]]
    for n in range(300):
        rows.append(
            [
                random.choice(["", f"c{n}", "c1"], p=[0.1, 0.8, 0.1]),
                random.choice([5, "x", None]),
                random.choice([0.1, "y", 7]),
            ]
        )
    found, _ = take("x.xlsx", xlsx({"customers": rows}))
    lost = {p.row for p in found.problems if p.set_aside == "row"}
    assert lost | set(found.table("customers")["_row"]) == set(range(2, 302))
    assert not lost & set(found.table("customers")["_row"])


def test_duplicates_keep_the_first_and_are_listed():
    found, _ = take("x.xlsx", xlsx({"customers": [["customer", "revenue"], ["a", 1], ["a", 2], ["b", 3]]}))
    assert found.table("customers")["revenue"].tolist() == [1, 3] and codes(found) == ["duplicate"]


def test_one_sheet_may_fill_three_tables():
    head = ["customer", "revenue", "churned", "trust", "commitment"]
    found, _ = take("x.xlsx", xlsx({"customers": [head, ["a", 10, "no", 7, 6], ["b", 5, "yes", 3, 2]]}))
    assert {n: len(f) for n, f in found.tables.items()} == {"customers": 2, "exits": 1, "stakeholders": 2}
    assert set(found.table("stakeholders")["market"]) == {"customer"}


def test_a_mapping_can_be_corrected():
    data = xlsx({"Blatt1": [["Kunde", "Umsatz p.a.", "Grund"], ["a", 10, "Preis"], ["b", 5, None]]})
    with pytest.raises(IntakeError):
        take("x.xlsx", data)
    choices = parse_choices(
        "sheets: {Blatt1: {table: customers, columns: {Kunde: customers.customer, 'Umsatz p.a.': customers.revenue, Grund: exits.reason}}}"
    )
    found, _ = take("x.xlsx", data, choices)
    assert found.table("customers")["revenue"].sum() == 15 and len(found.table("exits")) == 1


@pytest.mark.parametrize(
    "words",
    [
        "sheets: {A: {table: nonsense}}",
        "reasons: {x: nonsense}",
        "sheets: {A: {columns: {x: customers.nonsense}}}",
        "nonsense: 1",
    ],
)
def test_wrong_choices_name_what_is_allowed(words):
    with pytest.raises(ConfigError, match=r"allowed|table\.column|Extra"):
        parse_choices(words)


def png():
    return b"\x89PNG\r\n\x1a\n" + b"\0" * 500


def bomb():
    stream = io.BytesIO(xlsx({"S": [["a"], ["b"]]}))
    out = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                data = data.replace(b'r="A2"', b'r="XFD1048576"').replace(b'<row r="2"', b'<row r="1048576"')
            new.writestr(part, data)
    return out.getvalue()


def quiet_bomb():
    """The far cell behind enough ordinary XML that only the child's memory limit can stop it."""
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 150_000))
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx({"S": [["a"]]}))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            data = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                head = data.split(b"<sheetData>")[0]
                data = head + b"<sheetData>" + (rows + far).encode() + b"</sheetData></worksheet>"
            new.writestr(part, data)
    return out.getvalue()


def encrypted():
    return bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600


WRONG = {
    "empty": (b"", "empty"),
    "blank": (b"  \n ", "empty"),
    "picture": (png(), "picture"),
    "far cell": (bomb(), "too_many_columns"),
    "far cell, hidden": (quiet_bomb(), None),
    "encrypted": (encrypted(), "encrypted"),
    "truncated": (xlsx({"customers": [["customer", "revenue"], ["a", 1]]})[:900], "damaged"),
    "web page": (b"<html><p>Please log in</p></html>", "html"),
    "300 columns": (
        ",".join(f"c{n}" for n in range(300)).encode() + b"\n" + b",".join([b"1"] * 300),
        "too_many_columns",
    ),
    "binary": (bytes(range(256)) * 20, "not_a_table"),
    "no header": (b"1,2,3\n4,5,6\n7,8,9", "nothing_recognised"),
    "one column": (b"thing\n1\n2\n3", "nothing_recognised"),
    "header only": (xlsx({"customers": [["customer", "revenue"]]}), "no_rows"),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_wrong_files_end_in_a_clear_message(name):
    data, code = WRONG[name]
    with pytest.raises(IntakeError) as error:
        take(f"{name}.xlsx", data)
    assert code is None or error.value.code == code
    for language in LANGUAGES:
        words = intake_sentence(error.value.code, error.value.file, error.value.detail, Text(language))
        assert error.value.file in words and "{" not in words


def test_all_text_numbers_are_read():
    found, _ = take("x.xlsx", xlsx({"customers": [["customer", "revenue"], ["a", "1,000"], ["b", "2000"]]}))
    assert found.table("customers")["revenue"].sum() == 3000


def test_xls_and_ods_and_csv_give_the_same(tmp_path):
    table = pd.DataFrame({"customer": ["a", "b"], "revenue": [1.5, 2.5], "churned": ["yes", "no"]})
    table.to_excel(tmp_path / "t.ods", index=False)
    table.to_excel(tmp_path / "t.xlsx", index=False)
    table.to_csv(tmp_path / "t.csv", index=False)
    digests = {read_portfolio(tmp_path / f"t.{kind}").digest for kind in ("ods", "xlsx", "csv")}
    assert len(digests) == 1


def test_a_misnamed_file_is_read_by_its_content():
    found, _ = take("data.csv", xlsx({"customers": [["customer", "revenue"], ["a", 1]]}))
    assert len(found.table("customers")) == 1


def test_the_template_of_each_language_matches_without_a_question():
    for language in LANGUAGES:
        sheets = read_file("t.xlsx", build_template(Text(language)), load_config().limits)
        plan = propose(sheets)
        assert [part.table for part in plan.sheets] == list(TABLES)
        for part in plan.sheets:
            targets = {target for target, _ in part.columns.values()}
            assert targets == {column.id for column in TABLES[part.table].columns}, part.table
        assert plan.questions == ()


def test_the_sample_is_the_same_company_in_every_language():
    found = {language: read_portfolio(DATA / f"sample.{language}.xlsx") for language in LANGUAGES}
    for one in found.values():
        assert {n: len(f) for n, f in one.tables.items()} == {n: len(f) for n, f in found["en"].tables.items()}
        assert one.problems == ()
        assert one.table("customers")["revenue"].sum() == found["en"].table("customers")["revenue"].sum()
        assert one.table("exits")["reason_key"].tolist() == found["en"].table("exits")["reason_key"].tolist()


def test_the_digest_follows_content_and_not_names():
    a, b = (portfolio(customers=[{"customer": "x", "revenue": r}]) for r in (1, 1))
    assert a.digest == b.digest
    assert portfolio(customers=[{"customer": "x", "revenue": 2}]).digest != a.digest


def test_every_column_has_a_label_in_each_language_and_sane_bounds():
    for column in every_column():
        assert all(column.label(language).strip() for language in LANGUAGES)
        assert column.low is None or column.high is None or column.low < column.high


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("交货经常延误", "service"),
        ("竞争对手价格更低", "price"),
        ("产品质量不稳定", "product"),
        ("对手技术更先进", "technology"),
        ("公司倒闭", "market"),
        ("不明", "unknown"),
        ("Too expensive", "price"),
        ("Company was acquired by competitor", "market"),
        ("污染环境", "political"),
        ("價格", "price"),
    ],
)
def test_reasons_in_the_firms_own_words(words, reason):
    assert suggest_reason(words)[0] == reason and reason in REASONS


def test_settings_are_read_and_wrong_ones_listed():
    rows = [
        ["Setting", "Setting value"],
        ["currency", "EUR"],
        ["period_start", "2025-01-01"],
        ["margin", "12%"],
        ["colour", "blue"],
        ["discount_rate", "x"],
    ]
    found, _ = take("x.xlsx", xlsx({"Settings": rows, "customers": [["customer", "revenue"], ["a", 1]]}))
    assert found.settings.currency == "EUR" and found.settings.margin == pytest.approx(0.12)
    assert codes(found) == ["unknown_setting", "bad_setting"]


def test_our_offer_is_known_by_its_chinese_name():
    rows = [
        ["细分市场", "报价方", "构成项", "构成类别", "金额"],
        ["大客户", "我方", "产品", "核心产品", 100],
        ["大客户", "我方", "价格", "价格", 80],
    ]
    found, _ = take("x.xlsx", xlsx({"感知价值": rows}))
    assert set(found.table("value")["offer"]) == {"ours"}


def lost_of(found):
    result = observe_all(found, load_config()).baseline.churn
    return float(result.customers_lost.sum()), float(result.active)


@pytest.mark.parametrize("nothing", ["-", "N/A", "无", "未流失", None])
def test_a_word_for_no_reason_is_no_exit(nothing):
    rows = [
        ["客户编号", "客户名称", "年收入", "流失原因"],
        ["C1", "甲", 100, nothing],
        ["C2", "乙", 200, "价格太高"],
        ["C3", "丙", 300, nothing],
        ["C4", "丁", 400, nothing],
    ]
    assert lost_of(take("x.xlsx", xlsx({"S": rows}))[0]) == (1, 4)


@pytest.mark.parametrize(
    ("cells", "total", "listed"),
    [
        (["1,234.50", "2,000.00", "12,50"], 3234.5, 1),
        (["1.200", "3.400", "12.500"], 17_100, 0),
        (["1.200 €", "3.400 €"], 4600, 0),
        (["1,2", "1,200"], 1200, 1),
    ],
)
def test_separators_are_never_guessed_against_the_column(cells, total, listed):
    found, _ = take(
        "x.xlsx", xlsx({"customers": [["customer", "revenue"], *([f"c{n}", c] for n, c in enumerate(cells))]})
    )
    assert found.table("customers")["revenue"].sum() == pytest.approx(total)
    assert codes(found).count("bad_cell") == listed


@pytest.mark.parametrize(
    ("header", "scale"),
    [
        ("Revenue (000s)", 1e3),
        ("Revenue ($000)", 1e3),
        ("Revenue (TEUR)", 1e3),
        ("Revenue (USDm)", 1e6),
        ("Revenue (kUSD)", 1e3),
        ("營業收入(新台幣仟元)", 1e3),
        ("Revenue (MM USD)", 1e6),
        ("年收入(亿元)", 1e8),
        ("年收入万元", 1e4),
        ("Revenue in thousands", 1e3),
        ("Revenue", 1),
        ("年收入(元)", 1),
        ("2024年收入", 1),
    ],
)
def test_units_in_headers(header, scale):
    found, _ = take("x.xlsx", xlsx({"customers": [["customer", header], ["a", 5], ["b", 7]]}))
    assert found.table("customers")["revenue"].sum() == pytest.approx(12 * scale)


@pytest.mark.parametrize(
    ("title", "scale"),
    [
        (["单位:万元"], 1e4),
        (["單位:新台幣仟元"], 1e3),
        (["客户名单(内部资料) 单位:万元"], 1e4),
        (["单位:", "万元"], 1e4),
        (["Unit: thousand USD"], 1e3),
        (["Customer list 2024 (in USD thousands)"], 1e3),
        (["编制单位:万科物业公司"], 1),
        (["单位:元"], 1),
    ],
)
def test_units_in_titles(title, scale):
    found, _ = take("x.xlsx", xlsx({"客户": [title, ["客户编号", "年收入", "获客成本(元)"], ["A", 5, 3], ["B", 7, 3]]}))
    assert found.table("customers")["revenue"].sum() == pytest.approx(12 * scale)
    assert found.table("customers")["acquisition_cost"].sum() == 6


def test_a_cell_with_its_own_unit_is_not_scaled_twice():
    found, _ = take(
        "x.xlsx", xlsx({"客户": [["客户编号", "年收入(万元)"], ["A", 100], ["B", "1200万"], ["C", "1.2亿"]]})
    )
    assert found.table("customers")["revenue"].tolist() == [1e6, 1.2e7, 1.2e8]


def test_exits_by_name_find_their_customer():
    rows = [["客户编号", "客户名称", "年收入"], *([f"C{n}", name, 100 * n] for n, name in enumerate("甲乙丙丁戊", 1))]
    gone = [["客户编号", "流失日期", "流失原因"], ["甲", "2025-01-05", "价格"], ["乙", "2025-01-06", "服务"]]
    found, _ = take("x.xlsx", xlsx({"客户": rows, "流失": gone}))
    assert lost_of(found) == (2, 5) and "key_by_name" in codes(found)


def test_counted_exits_without_names_do_not_swell_the_customers():
    rows = [["customer", "revenue"], *([f"c{n}", 10] for n in range(100))]
    found, _ = take(
        "x.xlsx", xlsx({"customers": rows, "exits": [["Exit reason", "Customers lost"], ["Price", 3], ["Service", 2]]})
    )
    assert lost_of(found) == (5, 100) and "exit_anonymous" in codes(found)


def test_the_last_day_of_the_period_counts_to_its_end_and_exits_outside_are_listed():
    settings = [["Setting", "Setting value"], ["period_start", "2024-01-01"], ["period_end", "2024-12-31"]]
    gone = [
        ["customer", "exit date", "exit reason"],
        ["a", dt.datetime(2024, 12, 31, 15, 30), "price"],
        ["b", "2025-06-01", "price"],
    ]
    rows = [["customer", "revenue"], *([c, 10] for c in "abcd")]
    found, _ = take("x.xlsx", xlsx({"settings": settings, "customers": rows, "exits": gone}))
    assert lost_of(found) == (1, 4) and "exit_outside_period" in codes(found)


@pytest.mark.parametrize(
    "last", ["华东区合计", "本页合计", "合计(万元)", "Total", "Grand total:", "平均", "累计", "共3家客户"]
)
def test_totals_under_every_name_are_set_aside(last):
    found, _ = take("x.xlsx", xlsx({"客户": [["客户编号", "年收入"], ["A", 1], ["B", 2], ["C", 3], [last, 6]]}))
    assert found.table("customers")["revenue"].sum() == 6 and "totals_row" in codes(found)


@pytest.mark.parametrize(
    "last",
    [
        "制表人:张三",
        "审核:李四",
        "导出时间:2025-01-01",
        "Copyright (c) 2025",
        "Confidential Information",
        "Generated By: me",
        "注:含税",
    ],
)
def test_footers_are_no_customers(last):
    found, _ = take("x.xlsx", xlsx({"客户": [["客户编号", "年收入"], ["A", 1], ["B", 2], [last, None]]}))
    assert len(found.table("customers")) == 2 and "footer_row" in codes(found)


def test_a_bare_status_is_asked_about_and_not_guessed():
    found, questions = take(
        "x.xlsx",
        xlsx({"customers": [["Customer ID", "Revenue", "Status"], *([f"c{n}", 10, int(n > 0)] for n in range(4))]}),
    )
    assert "exits" not in found.tables and [q.column for q in questions] == ["Status"]
    found, _ = take(
        "x.xlsx", xlsx({"customers": [["Customer ID", "Revenue", "Status"], ["a", 1, "Active"], ["b", 2, "Churned"]]})
    )
    assert len(found.table("exits")) == 1


def test_an_exit_list_with_gaps_stays_an_exit_list():
    rows = [
        ["客户编号", "客户名称", "流失原因", "年收入"],
        *([f"C{n}", "x", None if n == 2 else "价格", 10] for n in range(5)),
    ]
    found, _ = take("x.xlsx", xlsx({"流失客户": rows}))
    assert set(found.tables) == {"exits"} and len(found.table("exits")) == 5


def test_a_text_merged_over_rows_is_given_to_each_and_an_amount_is_not():
    book = openpyxl.load_workbook(
        io.BytesIO(
            xlsx(
                {"customers": [["customer", "segment", "revenue"], ["a", "VIP", 100], ["b", None, None], ["c", "x", 5]]}
            )
        )
    )
    book.active.merge_cells("B2:B3")
    book.active.merge_cells("C2:C3")
    stream = io.BytesIO()
    book.save(stream)
    found, _ = take("x.xlsx", stream.getvalue())
    assert (
        found.table("customers")["segment"].tolist() == ["VIP", "VIP", "x"]
        and found.table("customers")["revenue"].sum() == 105
    )


def test_an_open_quote_loses_no_line_and_is_listed():
    found, _ = take(
        "x.csv", b'Customer ID,Customer Name,Revenue,Segment\nC1,A,100,x\nC2,"Acme,200,x\nC3,C,300,y\nC4,D,400,y\n'
    )
    assert found.table("customers")["revenue"].sum() == 1000 and "quote_unbalanced" in codes(found)


def test_a_line_with_too_many_cells_is_listed_and_set_aside():
    found, _ = take("x.csv", b"Customer ID,Revenue,Margin\nC1,1,234,0.2\nC2,500,0.1\nC3,600,0.1\n")
    assert found.table("customers")["revenue"].sum() == 1100 and "ragged_row" in codes(found)


def test_a_customer_leaves_once():
    rows = [["customer", "revenue"], *([c, 10] for c in "abcd")]
    gone = [["customer", "exit date"], ["a", "2024-03-01"], ["a", "2024-03-02"], ["b", "2024-03-02"]]
    found, _ = take("x.xlsx", xlsx({"customers": rows, "exits": gone}))
    assert lost_of(found) == (2, 4) and "duplicate" in codes(found)


def test_an_accountants_minus_is_taken_off_and_listed():
    rows = [
        ["Offer", "Component", "Component kind", "Amount"],
        ["ours", "p", "core", 1300],
        ["ours", "price", "price", -800],
        ["ours", "c", "relationship cost", -100],
    ]
    found, _ = take("x.xlsx", xlsx({"value": rows}))
    assert observe_all(found, load_config()).baseline.value.net[0] == 400 and codes(found).count("negative_cost") == 2


def test_tenure_in_years_becomes_months():
    found, _ = take("x.xlsx", xlsx({"customers": [["customer", "Tenure (years)"], ["a", 3], ["b", 2]]}))
    assert found.table("customers")["tenure_months"].tolist() == [36, 24]


def test_formulas_without_stored_values_are_named():
    found, _ = take("x.xlsx", xlsx({"customers": [["customer", "revenue"], ["a", "=50*2"], ["b", 3]]}))
    assert "formulas_without_values" in codes(found)


def test_mixed_fractions_and_percentages_are_listed():
    found, _ = take("x.xlsx", xlsx({"customers": [["customer", "margin"], ["a", 0.12], ["b", 0.15], ["c", 12]]}))
    assert found.table("customers")["margin"].tolist() == pytest.approx(
        [0.12, 0.15, 0.12]
    ) and "mixed_percent" in codes(found)


@pytest.mark.parametrize(
    "words",
    [
        "sheets: {客户: {columns: {年收入: value.amount}}}",
        "sheets: {客户: {header_row: 999}}",
        "sheets: {客户: {header_row: -1}}",
        "encodings: {x.csv: rot13}",
        "encodings: {x.csv: nonsense}",
    ],
)
def test_choices_that_cannot_be_followed_say_so(words):
    with pytest.raises(ConfigError):
        take("x.xlsx", xlsx({"客户": [["客户编号", "年收入"], ["A", 1]]}), parse_choices(words))


def test_a_key_column_left_out_by_choice_does_not_crash():
    rows = [["客户编号", "年收入", "是否流失"], ["A", 1, "是"], ["B", 2, "否"]]
    found, _ = take(
        "x.xlsx", xlsx({"客户": rows}), parse_choices("sheets: {客户: {table: customers, columns: {客户编号: null}}}")
    )
    assert len(found.table("exits")) == 1 and len(found.table("customers")) == 2


def test_public_churn_files_are_recognised():
    bank = [
        ["CLIENTNUM", "Attrition_Flag", "Customer_Age", "Months_on_book", "Total_Trans_Amt"],
        [1, "Existing Customer", 40, 36, 100],
        [2, "Attrited Customer", 50, 12, 10],
    ]
    found, _ = take("BankChurners.csv", "\n".join(",".join(map(str, row)) for row in bank).encode())
    assert lost_of(found) == (1, 2)
    kaggle = [
        ["RowNumber", "CustomerId", "Surname", "CreditScore", "Geography", "Tenure", "Balance", "Exited"],
        [1, 15, "A", 600, "FR", 2, 0.0, 1],
        [2, 16, "B", 700, "DE", 3, 5.0, 0],
    ]
    found, _ = take("Churn_Modelling.csv", "\n".join(",".join(map(str, row)) for row in kaggle).encode())
    assert lost_of(found) == (1, 2)
    subs = "CustomerID,Age,Tenure,Churn\n1.0,30,39,1.0\n2.0,40,12,0.0\n"
    assert lost_of(take("train.csv", subs.encode())[0]) == (1, 2)


def test_delimiters_inside_quotes_do_not_count():
    words = 'Customer ID,Customer Name,Revenue,Tags\nC1,"A, Inc",100,a|b\nC2,B,200,a|c\nC3,"C, Ltd",300,a|d\n'
    assert take("x.csv", words.encode())[0].table("customers")["revenue"].sum() == 600


@pytest.mark.parametrize(
    "form", ["Q{n:02d} some question", "{n}. 问题{n}如何？", "{n}、答复是否及时", "{n}) How soon?"]
)
def test_question_headers_match_in_any_form(form):
    head = ["客户编号", "评分人角色", *(form.format(n=n) for n in range(1, 13))]
    found, _ = take("x.xlsx", xlsx({"关系评估": [head, ["A", "客户", *[3] * 12]]}))
    assert observe_all(found, load_config()).baseline.stages.accounts.sum() == 1


def test_a_sheet_with_its_fields_below_each_other_is_turned():
    lines = [
        ["重点客户一览", *[None] * 4],
        ["客户编号", "C1", "C2", "C3", "C4"],
        ["年收入（万元）", 10, 20.5, "约三十", 7],
        ["是否流失", "是", "否", "否", "是"],
        ["流失原因", "价格", None, None, "服务"],
        ["内部备注", "x", "y", "z", "w"],
    ]
    found, _ = take("x.xlsx", xlsx({"s": lines}))
    assert found.table("customers")["revenue"].sum() == 375_000 and len(found.table("customers")) == 4
    assert list(found.table("exits")["reason"]) == ["价格", "服务"]
    said = {p.code: p for p in found.problems}
    assert said["turned"].detail["count"] == 4 and said["column_unused"].column == "内部备注"
    assert said["bad_cell"].row == 4 and said["bad_cell"].value == "约三十"  # the file's column D
    mended = Choices(sheets={"x.xlsx/s": SheetChoice(cells={"4": {"年收入（万元）": "30"}})})
    found, _ = take("x.xlsx", xlsx({"s": lines}), mended)
    assert found.table("customers")["revenue"].sum() == 675_000


def test_numbered_headers_keep_their_meaning():
    head = ["1. 客户编号", "2. 年收入", "3. 是否流失", "4. 流失原因"]
    found, _ = take("x.xlsx", xlsx({"s": [head, ["A", 5, "是", "价格"], ["B", 7, "否", ""]]}))
    assert found.table("customers")["revenue"].sum() == 12 and list(found.table("exits")["reason"]) == ["价格"]


@pytest.mark.parametrize("last", ["注：含税", "合计：", "合计（元）", "制表人：王"])
def test_full_width_signs_in_footers_and_totals(last):
    found, _ = take(
        "x.xlsx", xlsx({"s": [["客户编号", "年收入"], ["A", 5], ["B", 7], [last, 12 if "合" in last else None]]})
    )
    assert found.table("customers")["revenue"].sum() == 12 and len(found.table("customers")) == 2


def _cell(column, n: int) -> str:
    """A good cell of a column."""
    if column.type == "choice":
        words = list(VOCABULARIES[column.vocabulary])
        return words[n % len(words)]
    good = {"money": f"{100 + n}", "share": "0.3", "number": f"{n % 3 + 1}", "integer": f"{n % 3 + 1}", "flag": "yes"}
    return good.get(column.type, f"2024-0{n % 8 + 1}-05" if column.type == "date" else f"{column.name} {n % 4}")


@pytest.mark.parametrize(
    ("table", "absent"), [(t.name, name) for t in TABLES.values() if t.name != "settings" for name in t.required]
)
def test_a_table_without_a_column_it_needs_is_refused_or_used_and_never_stops_the_models(table, absent):
    columns = [column for column in TABLES[table].columns if column.name != absent]
    lines = [[column.name for column in columns], *([_cell(column, n) for column in columns] for n in range(8))]
    text = "\n".join(",".join(line) for line in lines)
    sheets = read_file("list.csv", text.encode(), load_config().limits)
    try:
        found, _ = build(propose(sheets, Choices(sheets={"list": SheetChoice(table=table)})))
    except IntakeError as error:
        assert error.code == "column_needed" and error.detail["column"] == f"{table}.{absent}"
        return
    assert len(found.table(table))
    evaluate_all(observe_all(found, load_config()))
