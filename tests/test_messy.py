"""Files as people send them: merged headers, wide tables, several files, protected workbooks."""

from __future__ import annotations

import datetime as dt
import io

import numpy as np
import openpyxl
import pytest
from conftest import DATA, take, xlsx
from msoffcrypto.format.ooxml import OOXMLFile

from core.config import load_config
from core.export.data import build_choices, build_data, build_set_aside
from core.intake import IntakeError, build, parse_choices, propose, read_file, read_portfolio
from core.intake.comparing import changes
from core.intake.headers import find_header, period
from core.intake.matching import Choices, SheetChoice, match_headers, shape_of
from core.intake.values import header_unit, months_covered, parse_flag, title_unit
from core.tables import LANGUAGES
from core.templates import build_template
from core.text import Text

LIMITS = load_config().limits


def codes(found):
    return [p.code for p in found.problems]


def book(fill) -> bytes:
    made = openpyxl.Workbook()
    fill(made.active)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def two_levels(sheet):
    sheet.append(["2025年客户台账"])
    sheet.append(["客户编号", "客户名称", "财务", None, "流失情况", None])
    sheet.append([None, None, "年收入(万元)", "利润率", "是否流失", "流失原因"])
    sheet.append(["A1", "甲", 10, "12%", "否", None])
    sheet.append(["A2", "乙", 20, "8%", "是", "价格"])
    for area in ("A1:F1", "A2:A3", "B2:B3", "C2:D2", "E2:F2"):
        sheet.merge_cells(area)


def test_merged_headers_of_two_levels_are_flattened():
    found, _ = take("台账.xlsx", book(two_levels))
    customers = found.table("customers")
    assert customers["revenue"].tolist() == [100_000, 200_000]
    assert customers["_row"].tolist() == [4, 5] and len(found.table("exits")) == 1
    assert {"column_unused"}.isdisjoint(codes(found)) and "title_row" in codes(found)


def test_two_levels_in_a_csv_have_no_merges_and_are_seen_all_the_same():
    text = "客户编号,客户名称,财务,,流失,\n,,年收入,利润率,是否流失,流失原因\nA1,甲,10,0.1,否,\nA2,乙,20,0.2,是,价格\n"
    found, _ = take("x.csv", text.encode("gb18030"))
    assert found.table("customers")["revenue"].tolist() == [10, 20] and len(found.table("exits")) == 1


def test_a_title_over_the_header_is_no_second_level():
    rows = [["客户清单"], ["客户编号", "年收入", "利润率"], ["A", 5, 0.1], ["B", 7, 0.2]]
    sheet = read_file("x.xlsx", xlsx({"s": rows}), LIMITS)[0]
    assert (find_header(sheet).top, find_header(sheet).height) == (1, 1)


def test_a_line_of_units_under_the_header_scales_the_numbers():
    found, _ = take(
        "x.xlsx", xlsx({"s": [["客户编号", "年收入", "利润率"], [None, "万元", "%"], ["A", 5, 10], ["B", 7, 20]]})
    )
    customers = found.table("customers")
    assert customers["revenue"].tolist() == [50_000, 70_000] and customers["margin"].tolist() == [0.1, 0.2]


def test_the_same_column_in_two_years_takes_the_latest_and_asks():
    rows = [["客户编号", "2023年收入", "2024年收入"], ["A", 5, 50], ["B", 7, 70]]
    found, questions = take("x.xlsx", xlsx({"s": rows}))
    assert found.table("customers")["revenue"].tolist() == [50, 70]
    assert [q.column for q in questions] == ["2024年收入"] and "column_twin" in codes(found)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("2024年3月", ("2024-03", "")),
        ("2024-03", ("2024-03", "")),
        ("3月收入", ("03", "收入")),
        ("Q1 / Revenue", ("Q1", "Revenue")),
        ("第二季度销售额", ("Q2", "销售额")),
        ("上半年", ("H1", "")),
        ("Jan-24", ("2024-01", "")),
        ("March", ("03", "")),
        ("margin", None),
        ("market", None),
        ("Decile", None),
        ("revenue", None),
        ("trust_1", None),
    ],
)
def test_periods_in_headers(header, expected):
    assert period(header) == expected


def test_months_as_columns_become_revenue_and_transactions():
    head = ["客户编号", "客户名称", *(f"2024年{m}月" for m in range(1, 5))]
    rows = [head, ["A", "甲", 1, 2, 3, 4], ["B", "乙", 10, None, 30, 40], ["合计", None, 11, 2, 33, 44]]
    found, _ = take("销售.xlsx", xlsx({"销售额": [["单位:万元"], *rows]}))
    assert found.table("customers")["revenue"].tolist() == [100_000, 800_000]
    assert found.table("transactions")["amount"].sum() == 900_000 and len(found.table("transactions")) == 7
    assert "wide_periods" in codes(found) and "column_unused" not in codes(found)


def test_quarters_under_a_merged_revenue_are_added_up_and_their_costs_are_not():
    def fill(sheet):
        sheet.append(["Customer ID", "Revenue", None, "Complaints", None])
        sheet.append([None, "Q1", "Q2", "Q1", "Q2"])
        sheet.append(["A", 1, 2, 7, 7])
        sheet.append(["B", 3, 4, 7, 7])
        for area in ("A1:A2", "B1:C1", "D1:E1"):
            sheet.merge_cells(area)

    found, _ = take("x.xlsx", book(fill))
    assert found.table("customers")["revenue"].tolist() == [3, 7]
    assert {p.column for p in found.problems if p.code == "column_unused"} == {"Complaints / Q1", "Complaints / Q2"}


def test_offers_as_columns():
    rows = [
        ["segment", "component", "kind", "ours", "Rival A"],
        ["all", "Core", "core", 100, 90],
        ["all", "Price", "price", 80, 85],
    ]
    found, _ = take("x.xlsx", xlsx({"value": rows}))
    value = found.table("value")
    assert len(value) == 4 and value[value["offer"] == "ours"]["amount"].tolist() == [100, 80]
    assert value["_row"].tolist() == [2, 3, 2, 3] and "wide_offers" in codes(found)


def test_markets_as_columns():
    rows = [["评审人", "顾客市场", "供应商市场", "内部市场", "竞争者市场"], ["张", 8, 5, 4, 3], ["李", 7, 6, 5, 2]]
    found, _ = take("x.xlsx", xlsx({"重视度": rows}))
    emphasis = found.table("emphasis")
    assert len(emphasis) == 8 and emphasis.groupby("market")["current"].sum()["customer"] == 15


def test_reasons_as_columns():
    rows = [["月份", "价格", "产品", "服务", "技术"], ["2024-01-01", 3, 1, 0, 2], ["2024-02-01", 1, 1, 4, None]]
    found, _ = take("流失统计.xlsx", xlsx({"流失原因统计": rows}))
    exits = found.table("exits")
    assert exits["count"].sum() == 12 and exits.groupby("reason_key")["count"].sum()["service"] == 4


def test_a_matrix_of_stakeholders_becomes_links():
    rows = [["", "甲", "乙", "丙"], ["甲", 0, 0.3, 1], ["乙", 0.3, 0, 0], ["丙", 1, 0, 0]]
    found, _ = take("x.xlsx", xlsx({"关系矩阵": rows}))
    links = found.table("links")
    assert {tuple(r) for r in links[["source", "target", "weight"]].to_numpy().tolist()} == {
        ("甲", "乙", 0.3),
        ("甲", "丙", 1.0),
        ("乙", "甲", 0.3),
        ("丙", "甲", 1.0),
    }


def test_two_files_about_the_same_customers_are_joined_by_the_number():
    one = xlsx({"a": [["客户编号", "年收入"], ["A", 5], ["B", 7]]})
    two = xlsx({"b": [["客户编号", "利润率", "年收入"], ["B", 0.2, 8], ["C", 0.3, 9]]})
    sheets = (*read_file("1.xlsx", one, LIMITS), *read_file("2.xlsx", two, LIMITS))
    found, _ = build(propose(sheets))
    customers = found.table("customers").set_index("customer")
    assert customers["revenue"].to_dict() == {"A": 5, "B": 7, "C": 9} and customers["margin"]["B"] == 0.2
    assert [(p.value, p.row) for p in found.problems if p.code == "conflict"] == [("B", 3)]
    newer, _ = build(propose(sheets, parse_choices("files: update")))
    assert newer.table("customers").set_index("customer")["revenue"].to_dict() == {"A": 5, "B": 8, "C": 9}
    assert "updated" in codes(newer)


@pytest.mark.parametrize(("policy", "revenue"), [("first", 5), ("last", 6), ("sum", 11)])
def test_rows_with_the_same_key_follow_the_choice(policy, revenue):
    rows = [["客户编号", "年收入"], ["A", 5], ["A", 6]]
    found, _ = take("x.xlsx", xlsx({"s": rows}), parse_choices(f"duplicates: {{customers: {policy}}}"))
    assert found.table("customers")["revenue"].tolist() == [revenue]
    assert [p.detail["policy"] for p in found.problems if p.code == "duplicate"] == [policy]


def test_customer_numbers_in_another_writing_are_matched_and_listed():
    rows = {
        "客户": [["客户编号", "客户名称", "年收入"], ["C-0012", "甲", 5], ["C-0013", "乙", 7], ["C-0014", "丙", 7]],
        "流失": [["客户编号", "流失原因"], ["c12", "价格"], ["乙", "服务"], ["X99", "服务"]],
    }
    found, _ = take("x.xlsx", xlsx(rows))
    assert found.table("exits")["customer"].tolist() == ["C-0012", "C-0013", "X99"]
    assert {"key_by_name", "key_loosely", "exit_without_customer"} <= set(codes(found))


def test_a_line_that_is_the_sum_of_the_others_is_no_customer():
    rows = [["客户名称", "年收入", "服务成本"], ["甲", 5, 1], ["乙", 7, 2], [None, 12, 3]]
    found, _ = take("x.xlsx", xlsx({"s": rows}))
    assert found.table("customers")["revenue"].sum() == 12 and "totals_by_arithmetic" in codes(found)


def test_a_header_repeated_on_each_printed_page_is_set_aside():
    rows = [["客户编号", "年收入", "利润率"], ["A", 5, 0.1], ["客户编号", "年收入", "利润率"], ["B", 7, 0.2]]
    found, _ = take("x.xlsx", xlsx({"s": rows}))
    assert found.table("customers")["customer"].tolist() == ["A", "B"] and "header_again" in codes(found)


def test_a_header_in_two_languages_counts_once():
    rows = [["客户编号", "年收入", "利润率"], ["Customer ID", "Revenue", "Margin"], ["A", 5, 0.1]]
    found, _ = take("x.xlsx", xlsx({"s": rows}))
    assert found.table("customers")["customer"].tolist() == ["A"]


def test_hidden_rows_error_cells_and_long_numbers_are_named():
    def fill(sheet):
        sheet.append(["客户编号", "年收入"])
        sheet.append(["A", None])
        sheet["B2"].value, sheet["B2"].data_type = "#DIV/0!", "e"
        sheet.append([6222021234567890123, 7])
        sheet.row_dimensions[3].hidden = True

    found, _ = take("x.xlsx", book(fill))
    assert {"hidden_rows", "error_cell", "long_number"} <= set(codes(found))
    assert [(p.row, p.column, p.value) for p in found.problems if p.code == "error_cell"] == [(2, "B", "#DIV/0!")]


def test_a_page_that_calls_itself_xls_is_read():
    page = (
        "<html><head><meta charset='gb2312'></head><body><table><tr><th>客户编号</th><th colspan=2>财务</th></tr>"
        "<tr><td></td><td>年收入</td><td>利润率</td></tr><tr><td>007</td><td>1,200</td><td>10%</td></tr></table></body></html>"
    )
    found, _ = take("报表.xls", page.encode("gbk"))
    customers = found.table("customers")
    assert customers["customer"].tolist() == ["007"] and customers["revenue"].tolist() == [1200]


def test_excels_xml_of_2003_is_read():
    def line(*cells):
        return "<Row>" + "".join(f'<Cell><Data ss:Type="{k}">{v}</Data></Cell>' for k, v in cells) + "</Row>"

    xml = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        '<Worksheet ss:Name="客户"><Table>'
        + line(("String", "客户编号"), ("String", "年收入"))
        + line(("String", "A"), ("Number", "5"))
        + "</Table></Worksheet></Workbook>"
    )
    found, _ = take("x.xls", xml.encode())
    assert found.table("customers")["revenue"].tolist() == [5] and found.sources == (("x.xls", "客户"),)


def test_a_protected_workbook_opens_with_its_password():
    plain = xlsx({"s": [["客户编号", "年收入"], ["A", 5]]})
    stream = io.BytesIO()
    OOXMLFile(io.BytesIO(plain)).encrypt("秘密 1", stream)
    data = stream.getvalue()
    with pytest.raises(IntakeError) as error:
        read_file("x.xlsx", data, LIMITS)
    assert error.value.code == "encrypted"
    with pytest.raises(IntakeError) as error:
        read_file("x.xlsx", data, LIMITS, password="wrong")
    assert error.value.code == "wrong_password"
    assert read_file("x.xlsx", data, LIMITS, password="秘密 1")[0].line(1) == ("A", "5")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark(encoding):
    found, _ = take("x.csv", "customer,revenue\nA,5\nB,7\n".encode(encoding))
    assert found.table("customers")["revenue"].tolist() == [5, 7]


def test_words_of_the_firm_are_asked_about_and_mapped():
    rows = [["Stakeholder", "Market", "Trust"], ["A", "甲方公司", 7], ["B", "supplier", 5]]
    found, questions = take("x.xlsx", xlsx({"stakeholders": rows}))
    asked = next(q for q in questions if q.kind == "word")
    assert (asked.value, asked.target) == ("甲方公司", "stakeholders.market")
    said = parse_choices("words: {stakeholders.market: {甲方公司: customer}}")
    found, questions = take("x.xlsx", xlsx({"stakeholders": rows}), said)
    assert found.table("stakeholders")["market"].tolist() == ["customer", "supplier"] and not questions


def test_a_mended_cell_is_read_as_mended():
    rows = [["客户编号", "年收入"], ["A", "五块?"], ["B", 7]]
    said = parse_choices('sheets: {s: {cells: {"2": {年收入: "5"}}}}')
    found, _ = take("x.xlsx", xlsx({"s": rows}), said)
    assert found.table("customers")["revenue"].tolist() == [5, 7] and "bad_cell" not in codes(found)


def test_a_mapping_serves_another_file_of_the_same_shape():
    rows = [["Kundennr", "Umsatz"], ["A", 5], ["B", 7]]
    shape = shape_of(rows[0])
    said = parse_choices(
        f'sheets: {{"{shape}": {{table: customers, columns: {{Kundennr: customers.customer, Umsatz: customers.revenue}}}}}}'
    )
    for name in ("januar.xlsx", "februar.xlsx"):
        found, _ = take(name, xlsx({"Tabelle1": rows}), said)
        assert found.table("customers")["revenue"].tolist() == [5, 7]


def test_what_points_at_nothing_is_named_with_the_nearest_name():
    rows = {
        "stakeholders": [
            ["Stakeholder", "Market", "Trust"],
            ["Huaxin Bank", "influence", 7],
            ["Steelco", "supplier", 5],
        ],
        "links": [["From", "To", "Weight"], ["Huaxin Bnk", "Steelco", 1]],
        "value": [
            ["offer", "component", "kind", "amount"],
            ["ours", "Core", "core", 5],
            ["ours", "P", "price", 4],
            ["R", "Core", "core", 6],
        ],
    }
    found, _ = take("x.xlsx", xlsx(rows))
    link = next(p for p in found.problems if p.code == "link_to_nobody")
    assert link.detail["near"] == "Huaxin Bank" and link.row == 2
    assert [p.value for p in found.problems if p.code == "offer_without_price"] == ["R"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_exported_data_comes_back_identical(language):
    sample = read_portfolio(DATA / f"sample.{language}.xlsx")
    sheets = read_file("back.xlsx", build_data(sample, Text(language)), LIMITS)
    plan = propose(sheets)
    again, questions = build(plan)
    assert not questions and again.settings == sample.settings
    assert again.digest == sample.digest


def test_exported_data_of_a_messy_list_comes_back_identical():
    found, _ = take("台账.xlsx", book(two_levels))
    again, _ = take("b.xlsx", build_data(found, Text("zh-Hans")))
    assert again.digest == found.digest


def test_user_text_never_becomes_a_formula_in_what_we_export():
    rows = [["客户编号", "客户名称", "年收入"], ["A", "+cmd|' /C calc'!A0", 5], ["B", "@x", 1]]
    found, _ = take("x.csv", "\n".join(",".join(map(str, r)) for r in rows).encode())
    found.tables["customers"].loc[0, "name"] = "=1+1"
    written = openpyxl.load_workbook(io.BytesIO(build_data(found, Text("en"))))
    cells = [cell for sheet in written for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells) and any(cell.value == "=1+1" for cell in cells)


def test_the_rows_set_aside_come_as_a_workbook_that_mends_the_import():
    rows = [["客户编号", "年收入", "利润率"], ["A", 5, 0.1], ["", 7, 0.2], ["C", 8, "很多"]]
    sheets = read_file("x.xlsx", xlsx({"s": rows}), LIMITS)
    plan = propose(sheets)
    found, _ = build(plan)
    data = build_set_aside(plan, found.problems, Text("zh-Hans"))
    written = [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows()]
    assert [row[:3] for row in written[1:]] == [[None, 7, 0.2], ["C", 8, "很多"]] and [r[3] for r in written[1:]] == [
        3,
        4,
    ]
    assert all(row[4] for row in written)
    written[1][0], written[2][2] = "B", 0.3
    again = (*sheets, *read_file("mended.xlsx", xlsx({"s": written}), LIMITS))
    mended, _ = build(propose(again, parse_choices("files: update")))
    customers = mended.table("customers").set_index("customer")
    assert customers["revenue"].to_dict() == {"A": 5, "B": 7, "C": 8} and customers["margin"]["C"] == 0.3


def test_the_mapping_as_yaml_serves_the_same_headers_elsewhere():
    rows = [["Kundennr", "Umsatz", "Grund"], ["A", 5, "zu teuer"], ["B", 7, None]]
    first = parse_choices(
        "sheets: {s: {table: customers, columns: {Kundennr: customers.customer, Umsatz: customers.revenue, "
        "Grund: exits.reason}}}\nreasons: {zu teuer: price}"
    )
    plan = propose(read_file("1.xlsx", xlsx({"s": rows}), LIMITS), first)
    shared = parse_choices(build_choices(plan))
    found, questions = take("2.xlsx", xlsx({"Tabelle": rows}), shared)
    assert found.table("exits")["reason_key"].tolist() == ["price"] and not questions


def test_changes_of_an_import_are_counted_before_it_is_taken_over():
    one, _ = take("1.xlsx", xlsx({"a": [["客户编号", "年收入"], ["A", 5], ["B", 7], ["C", 9]]}))
    two, _ = take("2.xlsx", xlsx({"a": [["客户编号", "年收入"], ["A", 5], ["B", 8], ["D", 9]]}))
    (change,) = changes(one, two)
    assert (change.table, change.added, change.changed, change.removed, change.same) == ("customers", 1, 1, 1, 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_templates_example_rows_are_set_aside(language):
    sheets = read_file("t.xlsx", build_template(Text(language)), LIMITS)
    plan = propose(sheets)
    assert not plan.questions
    with pytest.raises(IntakeError) as error:
        build(plan)
    assert error.value.code == "no_rows"


def revenue_of(found):
    return found.table("customers")["revenue"].sum()


def test_a_flag_filled_only_for_leavers_leaves_the_list_a_list():
    rows = [["客户编号", "年收入", "是否流失"], ["1", 10, "是"], ["2", 20, None], ["3", 30, None], ["4", 40, None]]
    found, _ = take("x.xlsx", xlsx({"Sheet1": rows}))
    assert revenue_of(found) == 100 and len(found.table("exits")) == 1


@pytest.mark.parametrize(
    "rows",
    [
        [["客户", "单价", "数量", "销售额"], ["甲", 10, 2, 20], ["乙", 5, 4, 20]],
        [["Customer ID", "Number of customers", "Revenue"], ["a", 2, 20], ["b", 4, 20]],
    ],
)
def test_a_quantity_is_no_number_of_lost_customers(rows):
    found, _ = take("x.xlsx", xlsx({"Sheet1": rows}))
    assert "exits" not in found.tables and revenue_of(found) == 40


@pytest.mark.parametrize(
    "title", ["（万元）", "单位：万元人民币", "2024年客户收入（万元）", "Unit: RMB 10,000", "人民币（万元）"]
)
def test_units_that_titles_name_in_other_words(title):
    found, _ = take(
        "x.xlsx", xlsx({"Sheet1": [[title], ["客户编号", "年收入", "利润率"], ["A", 5, 0.1], ["B", 7, 0.2]]})
    )
    assert revenue_of(found) == 120_000


def test_a_total_in_a_later_column_is_a_total():
    rows = [
        ["序号", "区域", "负责人", "部门", "客户名称", "销售额"],
        [1, "东", "王", "一", "甲", 100],
        [2, "东", "王", "一", "乙", 200],
    ]
    found, _ = take("x.xlsx", xlsx({"Sheet1": [*rows, [None, None, None, None, "合计", 300]]}))
    assert revenue_of(found) == 300 and "totals_row" in codes(found)


def test_rows_that_head_their_region_are_named():
    rows = [
        ["客户", "收入", "利润率"],
        ["华东区", 300, None],
        ["甲", 100, 0.1],
        ["乙", 200, 0.1],
        ["华南区", 70, None],
        ["丙", 30, 0.1],
        ["丁", 40, 0.1],
    ]
    found, _ = take("x.xlsx", xlsx({"Sheet1": rows}))
    assert {p.value for p in found.problems if p.code == "may_be_total"} == {"华东区", "华南区"}


def test_two_tables_beside_each_other_are_told_apart():
    rows = [
        ["客户编号", "客户名称", "收入", None, "客户编号", "流失日期", "流失原因"],
        ["A", "甲", 10, None, "C", "2024-05-01", "价格"],
        ["B", "乙", 20, None, None, None, None],
        ["C", "丙", 30, None, None, None, None],
    ]
    found, _ = take("x.xlsx", xlsx({"Sheet1": rows}))
    assert found.table("exits")["customer"].tolist() == ["C"] and revenue_of(found) == 60


def test_two_tables_below_each_other_are_told_apart():
    rows = [
        ["客户编号", "客户名称", "收入"],
        ["A", "甲", 10],
        ["B", "乙", 20],
        [None, None, None],
        ["客户编号", "流失日期", "流失原因"],
        ["B", "2024-05-01", "价格"],
    ]
    found, _ = take("x.xlsx", xlsx({"Sheet1": rows}))
    assert found.table("exits")["customer"].tolist() == ["B"] and len(found.table("customers")) == 2
    assert found.table("exits")["_row"].tolist() == [6]


def test_exits_and_their_summary_count_once():
    rows = {
        "客户": [["客户编号", "收入"], ["A", 10], ["B", 20], ["C", 30]],
        "流失明细": [["客户编号", "流失原因"], ["A", "价格"], ["B", "服务"]],
        "流失原因统计": [["流失原因", "流失客户数"], ["价格", 1], ["服务", 1]],
    }
    found, _ = take("x.xlsx", xlsx(rows))
    assert len(found.table("exits")) == 2 and "counted_twice" in codes(found)


@pytest.mark.parametrize("header", ["Active", "是否在网"])
def test_a_flag_of_those_who_stayed_is_turned_round(header):
    found, _ = take("x.xlsx", xlsx({"s": [["Customer ID", "Revenue", header], ["A", 5, 1], ["B", 7, 0], ["C", 8, 1]]}))
    assert found.table("exits")["customer"].tolist() == ["B"] and "flag_inverted" in codes(found)


def test_what_cannot_be_known_of_numbers_is_named():
    rows = [
        ["Customer ID", "Revenue", "Tenure", "Satisfaction (1-5)"],
        ["A", "$1,000", 3, 4],
        ["B", "¥7,000", 5, 5],
    ]
    found, _ = take("x.xlsx", xlsx({"s": rows}))
    assert {"mixed_currencies", "tenure_unit", "scale_named"} <= set(codes(found))
    found, _ = take("x.xlsx", xlsx({"s": [["客户编号", "年收入"], ["A", "1.200"], ["B", "850"]]}))
    assert "dots_unclear" in codes(found)


def test_a_list_of_suppliers_stands_in_its_market():
    found, _ = take("x.xlsx", xlsx({"Sheet1": [["供应商名称", "信任", "承诺"], ["钢厂", 7, 6], ["化工", 5, 5]]}))
    assert found.table("stakeholders")["market"].tolist() == ["supplier", "supplier"]
    assert "market_from_header" in codes(found)


def test_dates_that_stand_for_none_are_no_exits():
    rows = [["客户编号", "收入", "流失日期"], ["A", 5, "9999-12-31"], ["B", 7, "2024-05-01"], ["C", 8, "1900-01-00"]]
    found, _ = take("x.xlsx", xlsx({"s": rows}))
    assert found.table("exits")["customer"].tolist() == ["B"] and len(found.table("customers")) == 3


def test_a_pivot_of_reasons_counts_reasons():
    words = "Row Labels,Count of Customer ID\nPrice,120\nPoor service,100\nProduct quality,80\nGrand Total,300\n"
    found = take("churn reasons.csv", words.encode())[0]
    exits = found.table("exits")
    assert exits["count"].sum() == 300 and list(exits["reason_key"]) == ["price", "service", "product"]


def test_a_quantity_beside_a_customer_is_no_number_of_customers():
    lines = [
        ["客户名称", "流失日期", "流失原因", "数量"],
        ["甲", "2024-03-05", "价格", 12],
        ["乙", "2024-04-05", "服务", 16],
    ]
    found = take("流失名单.xlsx", xlsx({"s": lines}))[0]
    assert found.table("exits")["count"].isna().all() and "column_unused" in codes(found)


def test_a_key_goes_before_the_bare_word():
    lines = [["Customer", "Customer No.", "Revenue"], ["Alpha", "K1", 5], ["Beta", "K2", 7]]
    customers = take("x.xlsx", xlsx({"s": lines}))[0].table("customers")
    assert list(customers["customer"]) == ["K1", "K2"] and list(customers["name"]) == ["Alpha", "Beta"]


def test_a_companys_own_turnover_is_asked_about():
    head = ["Account ID", "Account Name", "Employees", "Annual Revenue", "Total Won Amount"]
    found = take("x.xlsx", xlsx({"s": [head, ["1", "A", 900, 25_000_000, 100], ["2", "B", 500, 9_000_000, 50]]}))[0]
    assert found.table("customers")["revenue"].sum() == 150


def test_words_that_explain_the_table_below_it_are_no_rows():
    lines = [
        ["客户名称", "年收入"],
        ["甲", 100],
        ["乙", 300],
        [None, None],
        ["等级", "说明"],
        ["A", "大于100"],
        ["B", 50],
    ]
    found = take("x.xlsx", xlsx({"s": lines}))[0]
    assert found.table("customers")["revenue"].sum() == 400
    assert [p.row for p in found.problems if p.code == "footer_row"] == [5, 6, 7]


def test_a_table_of_field_names_is_not_turned():
    lines = [
        ["Sheet", "Variable", "Meaning"],
        ["d", "CustomerID", "key"],
        ["d", "Churn", "flag"],
        ["d", "Tenure", "years"],
    ]
    data = [["CustomerID", "Churn", "Tenure in months"], ["1", 1, 3], ["2", 0, 5]]
    assert len(take("x.xlsx", xlsx({"Dict": lines, "Data": data}))[0].table("customers")) == 2


@pytest.mark.parametrize(
    ("head", "months", "scale"),
    [
        ("销售额(1-12月)", 12, None),
        ("Revenue (last 6 months)", 6, None),
        ("收入(近三个月)", 3, None),
        ("截至2024年6月收入", 6, None),
        ("6月收入", 1, None),
        ("2024Q1 收入", 3, None),
        ("Annual revenue (MUSD)", 12, 1e6),
        ("年收入(RMB wan)", 12, 1e4),
        ("年收入(百元)", 12, 1e2),
        ("年收入(十万元)", 12, 1e5),
        ("Annual sales (T€)", 12, 1e3),
        ("Revenue kEUR", None, 1e3),
        ("Sales $000", None, 1e3),
    ],
)
def test_headers_name_periods_and_units(head, months, scale):
    assert months_covered(head) == months and header_unit(head)[0] == scale


def test_amounts_a_month_beside_amounts_a_year_are_told():
    lines = [["客户编号", "年收入"], ["A", "100元/月"], ["B", "1,200元/年"], ["C", 1200]]
    assert "mixed_periods" in codes(take("x.xlsx", xlsx({"s": lines}))[0])


def test_scores_of_a_five_point_scale_are_told():
    lines = [["利益相关者", "市场", "信任", "承诺"], *([f"S{n}", "供应商", 1 + n % 5, 3] for n in range(12))]
    told = [p.column for p in take("x.xlsx", xlsx({"s": lines}))[0].problems if p.code == "scale_small"]
    assert told == ["信任"]


@pytest.mark.parametrize(
    ("table", "header", "column"),
    [
        ("customers", "租户ID", "customer"),
        ("customers", "Loyalty Card No", "customer"),
        ("customers", "企业简称", "name"),
        ("customers", "所属行业", "segment"),
        ("customers", "Plan Tier", "segment"),
        ("customers", "年度住房營收(NT$)", "revenue"),
        ("customers", "FY24 Net Revenue ($k)", "revenue"),
        ("customers", "近12个月消费次数", "orders"),
        ("customers", "首次合作时间", "joined"),
        ("customers", "理财经理", "owner"),
        ("exits", "不续原因", "reason"),
        ("exits", "Lapse Reason", "reason"),
        ("exits", "Contract end", "date"),
        ("exits", "订阅状态", "churned"),
        ("stakeholders", "单位/机构名称", "stakeholder"),
        ("stakeholders", "Target relationship", "desired_strength"),
        ("ratings", "Buying criterion", "attribute"),
        ("assessments", "Date of review", "date"),
    ],
)
def test_a_header_no_synonym_knows_is_matched_by_what_it_is_about_and_asked(table, header, column):
    assert match_headers([header], table)[0][0] == column and match_headers([header], table)[0][1] < 1


@pytest.mark.parametrize(
    ("table", "header"),
    [
        ("customers", "去年消费金额"),
        ("customers", "收入增长率"),
        ("customers", "Sales target"),
        ("customers", "Household income"),
        ("customers", "合同编号"),
        ("customers", "8.多层级接触"),
        ("customers", "流失收入"),
        ("exits", "流失概率"),
        ("exits", "Churn score"),
    ],
)
def test_what_only_sounds_alike_is_not_matched(table, header):
    assert match_headers([header], table) == {}


def test_ratings_with_a_column_an_offer_are_made_long():
    lines = [["评价项目", "权重", "我司", "竞品A"], ["质量", 0.6, 8, 7], ["交付", 0.4, 6, 9]]
    ratings = take("对比.xlsx", xlsx({"s": lines}))[0].table("ratings")
    assert len(ratings) == 4 and ratings["rating"].sum() == 30 and set(ratings["offer"]) == {"ours", "竞品A"}


def test_exit_interviews_are_exits_though_their_headers_are_new():
    lines = [
        ["Client", "Annual Spend", "Date Left", "Main Reason for Leaving", "Interviewer"],
        ["A", 100, "2024-03-05", "Price", "Li"],
        ["B", 200, "2024-04-05", "Product quality", "Wu"],
    ]
    found = take("exit_interviews.xlsx", xlsx({"s": lines}))[0]
    assert len(found.table("exits")) == 2 and list(found.table("exits")["reason_key"]) == ["price", "product"]


def test_a_date_spelt_nearly_like_an_exit_date_loses_nobody():
    lines = [["Customer ID", "Revenue", "Edit date"], ["A", 5, "2024-03-05"], ["B", 7, "2024-04-05"]]
    assert "exits" not in take("x.xlsx", xlsx({"s": lines}))[0]


@pytest.mark.parametrize(
    ("header", "third"),
    [
        ("Renewed", "Not due"),
        ("Renewed (Y/N)", "-"),
        ("是否续费", "未到期"),
        ("是否在网", "N/A"),
        ("Still a customer", ""),
    ],
)
def test_a_flag_of_who_stayed_is_turned_even_where_a_third_word_stands_in_it(header, third):
    rows = [[f"C{n}", 100, ("Yes", "No", third)[n % 3]] for n in range(30)]
    found, _ = take("list.xlsx", xlsx({"customers": [["Customer ID", "Revenue", header], *rows]}))
    assert len(found.table("exits")) == 10 and "flag_inverted" in codes(found)
    assert found.table("exits")["customer"].tolist() == [f"C{n}" for n in range(30) if n % 3 == 1]


@pytest.mark.parametrize("header", ["是否退租", "是否拆機", "是否停止合作", "是否销户"])
def test_ways_of_leaving_by_trade_are_read_as_churn(header):
    rows = [[f"C{n}", 100, "是" if n % 4 == 0 else "否"] for n in range(20)]
    found, _ = take("x.xlsx", xlsx({"s": [["客户编号", "年收入", header], *rows]}))
    assert len(found.table("exits")) == 5


def test_a_list_without_a_churn_column_names_the_one_that_may_be_it():
    rows = [[f"C{n}", 100, "yes" if n % 4 == 0 else "no"] for n in range(20)]
    found, _ = take("x.xlsx", xlsx({"customers": [["Customer ID", "Revenue", "Flagged in March"], *rows]}))
    assert [p.column for p in found.problems if p.code == "maybe_left"] == ["Flagged in March"]


def test_towns_are_no_revenue_and_of_two_revenues_one_is_asked_for():
    rows = [[f"C{n}", "Austin", 10 + n, 1000 + n] for n in range(20)]
    found, _ = take("x.xlsx", xlsx({"customers": [["Customer ID", "Sales office", "x1", "x2"], *rows]}))
    assert "revenue" not in found.table("customers") or found.table("customers")["revenue"].isna().all()
    heads = ["Customer ID", "Town", "Monthly Charge", "Total Revenue"]
    found, questions = take("x.xlsx", xlsx({"customers": [heads, *rows]}))
    assert ("Monthly Charge", "customers.revenue") in [(q.column, q.suggestion) for q in questions]
    assert "column_twin" in codes(found)


def test_orders_and_contacts_are_no_customers():
    orders = [[f"#{n}", f"2024-12-{n % 28 + 1:02}", f"K{n % 9}", 100 + n] for n in range(40)]
    found, _ = take("orders.csv", xlsx({"s": [["Name", "Created at", "Customer ID", "Total"], *orders]}))
    assert set(found.tables) == {"transactions"} and len(found.table("transactions")) == 40
    assert found.table("transactions")["amount"].sum() == sum(row[3] for row in orders)
    heads = ["聯絡時間", "客戶名稱", "聯絡管道", "主旨", "滿意度評分"]
    calls = [[f"2024-09-{n % 28 + 1:02} 14:03", f"大同{n % 7}", "電話", "報修", 4] for n in range(40)]
    found, _ = take("log.xlsx", xlsx({"s": [heads, *calls]}))
    assert set(found.tables) == {"touchpoints"} and len(found.table("touchpoints")) == 40


def test_customers_in_several_lines_stay_customers():
    rows = [[f"K{n % 9}", f"Product {n}", 100 + n, "yes" if n % 9 == 0 else "no"] for n in range(40)]
    found, _ = take("x.xlsx", xlsx({"s": [["Customer ID", "Product line", "Revenue", "Churned"], *rows]}))
    assert "customers" in found.tables and "duplicate" in codes(found)


def test_kinds_in_a_column_of_markets_and_markets_among_kinds_are_understood():
    rows = [["Council", "Regulator", 5], ["Steel Ltd", "Supplier", 6], ["Weekly", "Media", 4]]
    found, questions = take("x.xlsx", xlsx({"s": [["Stakeholder", "Market", "Strength"], *rows]}))
    assert found.table("stakeholders")["kind"].tolist() == ["regulator", "", "media"]
    assert found.table("stakeholders")["market"].tolist() == ["", "supplier", ""] and not questions
    rows = [["市经信局", "政府", 5], ["恒达机电", "供应商", 6]]
    found, _ = take("x.xlsx", xlsx({"s": [["干系人", "类别", "关系强度"], *rows]}))
    assert found.table("stakeholders")["kind"].tolist() == ["government", ""]
    assert found.table("stakeholders")["market"].tolist() == ["", "supplier"] and not found.problems


def test_the_number_of_a_line_is_no_offer():
    heads = ["No.", "What customers look for", "Importance (%)", "Us", "Alder", "Remarks"]
    rows = [[1, "Delivery", 40, 7, 6, "-"], [2, "Price", 35, 5, 8, "-"], [3, "Range", 25, 6, 6, "-"]]
    found, _ = take("survey.xlsx", xlsx({"s": [heads, *rows]}))
    assert found.table("ratings")["offer"].nunique() == 2 and found.table("ratings")["rating"].sum() == 38


def test_words_of_staying_and_leaving_are_read_without_being_asked_for():
    rows = [[f"S{n}", 100, ("在學", "已退班", "請假")[n % 3], "太貴" if n % 3 == 1 else ""] for n in range(30)]
    found, questions = take("名冊.xlsx", xlsx({"s": [["學員編號", "學費", "就讀狀況", "退班原因"], *rows]}))
    assert len(found.table("exits")) == 10
    assert [q.value for q in questions if q.kind == "word"] == ["請假"]
    rows = [[f"J{n}", 100, ("是", "否", "暂停")[n % 3]] for n in range(30)]
    found, _ = take("x.xlsx", xlsx({"s": [["经销商编码", "年进货额", "是否还在合作"], *rows]}))
    assert found.table("exits")["customer"].tolist() == [f"J{n}" for n in range(30) if n % 3 == 1]


def test_order_lines_without_an_amount_get_quantity_times_price():
    orders = [[f"C{n % 5}", f"2024-03-{n % 28 + 1:02}", n % 3 + 1, 19.5 + n, "tea"] for n in range(40)]
    truth = sum(row[2] * row[3] for row in orders)
    for heads in (
        ["Customer ID", "InvoiceDate", "Quantity", "Price", "Description"],
        ["客户编号", "下单时间", "数量", "单价(元)", "品名"],
    ):
        found, _ = take("orders.xlsx", xlsx({"s": [heads, *orders]}))
        assert found.table("transactions")["amount"].sum() == pytest.approx(truth, rel=1e-12)
        made = next(p for p in found.problems if p.code == "amount_made")
        assert made.value == f"{heads[2]}, {heads[3]}"
        assert [p.column for p in found.problems if p.code == "column_unused"] == [heads[4]]
    thousands, _ = take(
        "订单.xlsx", xlsx({"s": [["客户编号", "下单时间", "数量", "单价(万元)"], *[r[:4] for r in orders]]})
    )
    assert thousands.table("transactions")["amount"].sum() == pytest.approx(truth * 10_000, rel=1e-12)
    heads = ["Customer ID", "InvoiceDate", "Quantity", "Price", "Line total"]
    found, _ = take("x.xlsx", xlsx({"s": [heads, *[[*row[:4], 7] for row in orders]]}))
    assert found.table("transactions")["amount"].sum() == 280 and "amount_made" not in codes(found)


def test_hours_points_and_averages_are_no_revenue_and_flags_no_segment():
    heads = ["CustomerID", "HourSpendOnApp", "points_in_wallet", "avg_transaction_value", "International plan", "Churn"]
    rows = [[f"K{n}", n % 5, 600 + n, 900 + n, ("yes", "no")[n % 2], ("True", "False")[n % 4 > 0]] for n in range(40)]
    found, questions = take("x.csv", "\n".join(",".join(map(str, r)) for r in [heads, *rows]).encode())
    customers = found.table("customers")
    assert customers[["revenue", "category_spend"]].isna().all().all() and not customers["segment"].any()
    assert len(found.table("exits")) == 10 and not questions


def test_headers_of_public_churn_files_are_understood():
    heads = ["CLIENTNUM", "Attrition_Flag", "Income_Category", "Card_Category", "Months_on_book", "Total_Trans_Ct"]
    rows = [[n, f"{('Existing', 'Attrited')[n % 5 == 0]} Customer", "$60K", "Blue", 36, 40 + n] for n in range(30)]
    found, _ = take("x.xlsx", xlsx({"s": [heads, *rows]}))
    customers = found.table("customers")
    assert len(found.table("exits")) == 6 and customers["segment"].eq("Blue").all()
    assert customers["orders"].sum() == sum(row[5] for row in rows) and customers["tenure_months"].eq(36).all()
    heads = ["id", "subscription_age", "bill_avg", "churn"]
    found, _ = take("x.xlsx", xlsx({"s": [heads, *[[n, 2.5, 20, n % 2] for n in range(30)]]}))
    assert found.table("customers")["revenue"].sum() == 600 and len(found.table("exits")) == 15


def test_a_list_of_leavers_is_known_by_the_words_of_its_trade():
    for heads in (["宽带账号", "拆机日期", "拆机原因"], ["租戶名稱", "退租日期", "退租原因"]):
        rows = [[f"0571{n}", f"2024-03-{n + 1:02}", "资费高"] for n in range(20)]
        found, _ = take("清单.xlsx", xlsx({"s": [heads, *rows]}))
        assert len(found.table("exits")) == 20 and "customers" not in found.tables


def test_the_end_of_a_contract_that_runs_is_no_exit_where_an_exit_date_stands_beside_it():
    heads = ["会员编号", "到期日期", "会员状态", "退卡日期", "累计消费"]
    rows = [
        [f"V{n}", "2030-01-01", ("正常", "已退卡")[n % 4 == 0], "2024-03-02" if n % 4 == 0 else "", 900]
        for n in range(40)
    ]
    found, questions = take("会员.xlsx", xlsx({"s": [heads, *rows]}))
    assert found.table("exits")["date"].astype(str).eq("2024-03-02").all() and len(found.table("exits")) == 10
    assert found.table("customers")["revenue"].sum() == 36_000 and "累计消费" in [q.column for q in questions]


def test_numbers_of_customers_may_be_written_with_a_sharp():
    rows = [[f"{40010 + n}", f"Harbor {n}", 100, "yes" if n % 5 == 0 else "no"] for n in range(20)]
    found, _ = take("x.xlsx", xlsx({"s": [["Cust #", "Customer Name", "Net Sales FY2024", "Lost?"], *rows]}))
    assert found.table("customers")["customer"].tolist() == [row[0] for row in rows]
    assert found.table("customers")["name"].iloc[3] == "Harbor 3" and found.table("customers")["revenue"].sum() == 2000


def test_outcomes_of_another_scale_are_never_half_taken():
    heads = ["客户编号", "拜访日期", "客户满意度"]
    for marks, expected in (([1, 2, 3, 4, 5], [-2, -1, 0, 1, 2]), ([0, 2, 8, 9, 10], None)):
        rows = [[f"K{n % 6}", f"2024-05-{n % 28 + 1:02}", marks[n % 5]] for n in range(40)]
        found, _ = take("拜访记录.xlsx", xlsx({"s": [heads, *rows]}))
        outcome = found.table("touchpoints")["outcome"]
        if expected:
            assert outcome.tolist() == [expected[n % 5] for n in range(40)] and "scale_shifted" in codes(found)
        else:
            assert outcome.isna().all() and codes(found).count("bad_cell") == 40


def test_high_medium_and_low_are_points_of_ten_and_said_so():
    heads = ["Stakeholder", "Market", "Influence", "Interest"]
    rows = [
        ["Council", "influence", "High", "low"],
        ["Steel Ltd", "supplier", "Medium", 7],
        ["Bank", "influence", "高", "?"],
    ]
    found, _ = take("x.xlsx", xlsx({"s": [heads, *rows]}))
    table = found.table("stakeholders")
    assert table["power"].tolist() == [8, 5, 8] and table["interest"].tolist()[:2] == [2, 7]
    assert codes(found).count("levels_read") == 2 and codes(found).count("bad_cell") == 1


def test_our_offer_may_be_named_in_brackets():
    heads = ["Segment", "Buying Criterion", "Importance", "DeltaPump (us)", "Grundmann", "Comments"]
    rows = [["OEMs", "Delivery", 0.6, 7, 6, "n=42"], ["OEMs", "Range", 0.4, 5, 8, ""]]
    found, _ = take("survey.xlsx", xlsx({"s": [heads, *rows]}))
    assert found.table("ratings")["offer"].nunique() == 2 and found.table("ratings")["rating"].sum() == 26


def test_two_levels_with_a_year_below_are_read_by_the_upper_one():
    rows = [
        ["", "", "Net Sales", ""],
        ["Customer", "Lost", "FY2023", "FY2024"],
        *[[f"K{n}", "no", 5, 7] for n in range(15)],
    ]
    found, _ = take("x.csv", "\n".join(",".join(map(str, r)) for r in rows).encode())
    assert found.table("customers")["revenue"].sum() == 105


def test_what_a_column_may_be_is_guessed_from_its_shape_and_cells_and_asked():
    words = "序号,幼儿姓名,家长电话,班级,出生日期,入园时间,是否在园,退园日期,退园原因,投诉次数,学期应缴金额"
    heads = words.split(",")
    rows = [
        [n + 1, f"孩子{n}", 13800000000 + n, ("小一班", "中二班")[n % 2], "2019-04-05", f"2022-09-{n % 28 + 1:02}"]
        + (["否", "2024-03-01", "搬家转学"] if n % 5 == 0 else ["是", "", ""])
        + [n % 3, 900]
        for n in range(40)
    ]
    found, questions = take("花名册.xlsx", xlsx({"s": [heads, *rows]}))
    exits, customers = found.table("exits"), found.table("customers")
    assert len(exits) == 8 and exits["date"].notna().all() and exits["reason"].eq("搬家转学").all()
    assert customers["customer"].iloc[2] == "孩子2" and customers["segment"].iloc[0] == "小一班"
    assert customers["joined"].dt.year.eq(2022).all() and customers["orders"].isna().all()
    assert customers["revenue"].sum() == 36_000
    asked = {q.column for q in questions if q.kind == "column"}
    assert {"退园日期", "退园原因", "入园时间", "班级"} <= asked


def test_a_number_that_is_unique_is_the_key_before_a_name_that_is_not():
    heads = ["病歷號碼", "姓名", "手機號碼", "初診日期", "就診次數", "113年自費金額"]
    rows = [[f"D{n}", f"吳{n % 9}", 913000000 + n, "111/03/28", n % 7 + 1, 9200] for n in range(30)]
    found, questions = take("名冊.xlsx", xlsx({"s": [heads, *rows]}))
    customers = found.table("customers")
    assert len(customers) == 30 and customers["customer"].iloc[0] == "D0" and customers["name"].iloc[0] == "吳0"
    assert customers["revenue"].sum() == 276_000 and customers["orders"].sum() == sum(row[4] for row in rows)
    assert "病歷號碼" in [q.column for q in questions] and "手機號碼" in [p.column for p in found.problems]


def test_a_guess_needs_cells_that_agree():
    heads = ["Customer ID", "Name", "Membership type", "Move-out date", "Fees", "Closed"]
    rows = [[f"K{n}", f"N{n}", f"type {n}", "2024-03-01", "tbd", "maybe"] for n in range(30)]
    found, questions = take("x.xlsx", xlsx({"s": [heads, *rows]}))
    assert set(found.tables) == {"customers"} and not questions
    assert {"Membership type", "Move-out date", "Fees", "Closed"} <= {p.column for p in found.problems}


def test_what_is_filled_for_those_who_left_alone_is_when_and_why():
    rows = [["Account", "", "", "Billing", "", "Cancellation", "", ""]]
    rows.append(
        ["Acct #", "Customer", "Type", "Annual recurring ($)", "Labor + chemicals ($)", "Cancelled", "Eff. date", "Why"]
    )
    for n in range(40):
        gone = n % 5 == 0
        money = [900 + n, 300 + n]
        rows.append(
            [f"PC-{2050 + n}", f"Firm {'abcdefgh'[n % 8]}{'klmnop'[n // 8]} Ltd", ("HOA", "Shop")[n % 2], *money]
        )
        rows[-1] += ["Yes", f"2024-0{n % 9 + 1}-11", "Still had bugs"] if gone else ["No", "", ""]
    found, questions = take("accounts.xlsx", xlsx({"s": rows}))
    exits, customers = found.table("exits"), found.table("customers")
    assert len(exits) == 8 and exits["date"].notna().all() and exits["reason"].eq("Still had bugs").all()
    assert customers["customer"].iloc[0] == "PC-2050" and customers["name"].iloc[0].startswith("Firm")
    assert customers["revenue"].sum() == sum(900 + n for n in range(40))
    assert customers["cost_to_serve"].sum() == sum(300 + n for n in range(40))
    asked = {q.column.rpartition(" / ")[2] for q in questions if q.kind == "column"}
    assert {"Eff. date", "Why", "Labor + chemicals ($)"} <= asked


@pytest.mark.parametrize("head", ["还在订水吗", "Any deliveries at all"])
def test_a_flag_of_those_who_stay_is_turned_round(head):
    heads = ["户号", "用户性质", "水款(元)", head, "最后停水日", "不订了的原因"]
    rows = [
        [600100 + n, ("企业", "商铺")[n % 2], 120.5 + n]
        + (["否", "2024-03-01", "太贵"] if n % 4 == 0 else ["是", "", ""])
        for n in range(40)
    ]
    choices = Choices(sheets={"s": SheetChoice(columns={head: "exits.churned"})})
    found, _ = take("x.xlsx", xlsx({"s": [heads, *rows]}), choices)
    exits = found.table("exits")
    assert len(exits) == 10 and exits["date"].notna().all() and exits["reason"].eq("太贵").all()
    assert [p.column for p in found.problems if p.code == "flag_inverted"] == [head]


@pytest.mark.parametrize("lost", [0, 4])
def test_dates_beside_most_who_stayed_turn_no_flag(lost):
    heads = ["Customer ID", "Revenue", "Churned", "Exit date"]
    rows = [[f"K{n}", 100, *(("yes", "") if n < lost else ("no", "2027-03-01"))] for n in range(40)]
    found, _ = take("x.xlsx", xlsx({"s": [heads, *rows]}))
    assert len(found.table("customers")) == 40 and (found.table("exits") is None or len(found.table("exits")) == lost)
    assert "date_without_exit" in {p.code for p in found.problems}


def test_dates_of_leaving_beside_some_who_stayed_are_listed():
    heads = ["Customer ID", "Revenue", "Churned", "Exit date"]
    rows = [
        [f"K{n}", 100, "yes" if n % 4 == 0 else "no", "2024-03-01" if n % 4 == 0 or n < 3 else ""] for n in range(40)
    ]
    found, _ = take("x.xlsx", xlsx({"s": [heads, *rows]}))
    assert len(found.table("exits")) == 10
    (told,) = [p for p in found.problems if p.code == "date_without_exit"]
    assert told.column == "Exit date" and told.detail == {"count": 2}


def test_a_list_with_when_and_why_of_leaving_on_each_row_is_a_list_of_leavers():
    heads = ["客户简称", "行业", "丢单日期", "去年营收贡献", "主要丢单原因", "本来能不能留住"]
    rows = [
        [f"品牌{n}", "教育", f"2024-03-{n % 28 + 1:02}", f"{n + 1}万", "预算砍了", ("能", "不能")[n % 2]]
        for n in range(30)
    ]
    found, questions = take("复盘.xlsx", xlsx({"s": [heads, *rows]}))
    exits = found.table("exits")
    assert set(found.tables) == {"exits"} and len(exits) == 30 and exits["avoidable"].sum() == 15
    assert exits["revenue"].sum() == 10_000 * sum(range(1, 31)) and exits["date"].notna().all()
    assert "去年营收贡献" in [q.column for q in questions]


def test_orders_contacts_and_parts_of_a_value_are_known_by_their_cells():
    names = ["Sterling Joinery", "Redwood Brewing", "Oakfield Dental", "Castle Foods", "Falcon Motors"]
    heads = ["Inv #", "Inv Date", "Bill To", "Qty", "Price", "Line Total ($)", "Ship Date"]
    rows = [[f"INV-{n}", f"2024-01-{n % 28 + 1:02}", names[n % 5], 2, 5.5, 11.0, "2024-02-01"] for n in range(60)]
    orders = take("invoices.xlsx", xlsx({"s": [heads, *rows]}))[0].table("transactions")
    assert len(orders) == 60 and orders["amount"].sum() == 660 and orders["customer"].nunique() == 5
    assert orders["date"].dt.month.eq(1).all()
    heads = ["日期", "网点", "乡镇", "形式", "事由"]
    rows = [
        [f"2024-01-{n % 28 + 1:02}", f"{'甲乙丙丁'[n % 4]}农资店", "柳河", ("微信", "上门", "电话")[n % 3], "铺货"]
        for n in range(60)
    ]
    visits = take("走访.xlsx", xlsx({"s": [heads, *rows]}))[0].table("touchpoints")
    assert len(visits) == 60 and visits["account"].nunique() == 4 and visits["topic"].eq("铺货").all()
    heads = [
        "Buyer type",
        "Option",
        "Cost / benefit item",
        "Cost or benefit",
        "$ per truck per yr",
        "Likelihood",
        "No. of years",
    ]
    items = [
        ("Lease", "Cost"),
        ("Fuel", "Cost"),
        ("Repair", "Cost"),
        ("Faster picks", "Benefit"),
        ("Less damage", "Benefit"),
    ]
    rows = [
        [segment, option, item, kind, 100 + n, 0.8, 3]
        for segment in ("Cold store", "3PL")
        for option in ("Ours", "Rival")
        for n, (item, kind) in enumerate(items)
    ]
    plan = propose(read_file("v.xlsx", xlsx({"s": [heads, *rows]}), load_config().limits)).sheets[0]
    assert {target.rpartition(".")[2]: plan.headers[p] for p, (target, _) in plan.columns.items()} == {
        **dict(zip(("segment", "offer", "component", "kind"), heads, strict=False)),
        "amount": heads[4],
        "probability": heads[5],
        "periods": heads[6],
    }


def test_short_years_count_from_what_the_others_count_from_and_a_lone_last_cell_is_a_remark():
    heads = ["Customer ID", "Name", "Revenue", "Owner", "Customer since"]
    since = ["111.02.05", "99.12.01", "110.07.03", "88.1.9"]
    rows = [[f"K{n}", f"N{n}", 10, "Ann", since[n % 4]] for n in range(20)]
    rows += [[], ["Report run 01/02/2025 by M. Ortiz"]]
    found, _ = take("x.xlsx", xlsx({"s": [heads, *rows]}))
    customers = found.table("customers")
    assert len(customers) == 20 and sorted(customers["joined"].dt.year.unique()) == [1999, 2010, 2021, 2022]
    assert [p.value for p in found.problems if p.code == "footer_row"] == ["Report run 01/02/2025 by M. Ortiz"]


def test_a_flag_spelt_like_a_date_makes_no_list_of_leavers():
    heads = [
        "Acct #",
        "Customer",
        "Program",
        "Start date",
        "23年开票(万元)",
        "24年开票(万元)",
        "Cancelled?",
        "Cancel date",
        "Why they left",
    ]
    rows = [
        [f"A{20100 + n}", f"Susan {chr(65 + n // 26)}{chr(97 + n % 26)}", ("Basic", "Full")[n % 2], "2/3/2018", 5, 7]
        + (["Y", "06/14/24" if n % 8 else "6/15/2024", "Moved"] if n % 4 == 0 else ["N", "", ""])
        for n in range(80)
    ]
    found, _ = take("x.xlsx", xlsx({"s": [heads, *rows]}))
    customers, exits = found.table("customers"), found.table("exits")
    assert len(customers) == 80 and len(exits) == 20 and exits["date"].dt.month.eq(6).all()
    assert exits["date"].dt.year.eq(2024).all() and customers["revenue"].sum() == 80 * 70_000


def _two_years(*more: str) -> list[list]:
    heads = ["Account no.", "Account", "Revenue FY23", "Revenue FY24", *more]
    return [heads, *([f"A{n:03}", f"Firm {n} Ltd", 100 + n, 200 + n, *(900 + n for _ in more)] for n in range(20))]


@pytest.mark.parametrize(
    "header", ["Revenue plan FY25", "Budget revenue FY25", "Revenue FY24 vs FY23", "Revenue change"]
)
def test_a_plan_or_a_change_is_no_revenue(header):
    customers = take("x.xlsx", xlsx({"s": _two_years(header)}))[0].table("customers")
    assert customers["revenue"].sum() in (sum(200 + n for n in range(20)), sum(100 + n for n in range(20)))


def test_the_period_a_title_states_is_taken_with_the_revenue_of_the_year_before():
    lines = [
        ["客户一览"],
        ["统计期间：2024年1月1日—2024年12月31日"],
        ["客户编号", "客户名称", "2023年销售额", "2024年销售额", "流失日期"],
    ]
    lines += [[f"K{n:03}", f"公司{n}", 10 + n, 20 + n, "2024-05-03" if n % 7 == 0 else None] for n in range(21)]
    found = take("x.xlsx", xlsx({"s": lines}))[0]
    assert found.settings.period_start == dt.date(2024, 1, 1) and found.settings.period_end == dt.date(2024, 12, 31)
    assert "period_stated" in codes(found)
    customers = found.table("customers")
    assert customers["revenue"].sum() == sum(10 + n for n in range(21))
    assert customers["revenue_end"].sum() == sum(20 + n for n in range(21))


def test_a_pivot_beside_its_rows_is_set_aside_and_listed():
    pivot = [["Row Labels", "Sum of Revenue"], ["North", 1000], ["South", 2000], ["Grand Total", 3000]]
    rows = [["Customer", "Region", "Revenue"], *([f"C{n}", "North", 100] for n in range(10))]
    found = take("x.xlsx", xlsx({"Summary": pivot, "Accounts": rows}))[0]
    assert len(found.table("customers")) == 10 and "sheet_unused" in codes(found)


def test_decimal_commas_below_an_empty_row_are_no_legend():
    rows = [[f"C{n}", f"{n + 1}.2{n}4,50", "03.02.2024"] for n in range(8)]
    lines = [["Customer", "Amount", "Date"], *rows, [], *([f"D{n}", f"{n + 1}.100,25", "04.02.2024"] for n in range(8))]
    found = take("x.xlsx", xlsx({"orders": lines}))[0]
    assert len(found.table("transactions")) == 16


def test_a_form_that_numbers_the_name_has_its_questions_by_their_sense():
    dimensions = ("可靠", "信任", "信息", "广度", "投入", "融合")
    heads = ["1、您的称呼", "2、您所在公司", "3、您的岗位"]
    heads += [f"{4 + n}、【{dimensions[n // 2]}】第{n % 2 + 1}项做得好" for n in range(12)]
    lines = [heads, *([f"王{n}", f"公司{n}", "采购", *((n + k) % 5 + 1 for k in range(12))] for n in range(24))]
    found = take("问卷.xlsx", xlsx({"答卷": lines}))[0].table("assessments")
    for item, place in (("reliability_1", 0), ("trust_2", 3), ("integration_2", 11)):
        answered = [(n + place) % 5 + 1 for n in range(24)]
        assert np.corrcoef(found[item], answered)[0, 1] == pytest.approx(1), item  # whatever the scale comes to


@pytest.mark.parametrize(
    ("word", "left"),
    [
        ("Lapsed Policyholder", True),
        ("Existing Policyholder", False),
        ("Attrited Customer", True),
        ("New customer", None),
    ],
)
def test_who_left_is_told_with_the_noun_beside_it(word, left):
    assert parse_flag(word) is left


@pytest.mark.parametrize(
    ("line", "scale"),
    [
        ("打分：1低—5高    价值单位：万元/年    填报：市场部", 1e4),
        ("單位：萬港元（單客成本為元）", 1e4),
        ("单位：元/吨", None),
    ],
)
def test_a_unit_within_a_longer_line_is_found(line, scale):
    assert title_unit(line) == scale
