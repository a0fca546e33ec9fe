"""`python -m core`: the same path without a browser."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from conftest import DATA, ROOT, telco_like, xlsx

from core.__main__ import main


def run(capsys, *arguments):
    status = main([str(a) for a in arguments])
    out = capsys.readouterr()
    return status, out.out, out.err


def test_the_textbook_case_from_the_command_line():
    done = subprocess.run(
        [sys.executable, "-m", "core", DATA / "textbook-6000-customers.xlsx", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert (report["churn"]["lost"], report["churn"]["revenue_lost"], round(report["churn"]["profit_lost"], 6)) == (
        300,
        300_000,
        30_000,
    )
    assert report["churn"]["by_reason"] == {"service": {"customers": 300, "revenue": 300_000}}
    assert report["stages"] is None and report["value"] is None and report["markets"] is None


def test_the_sample_fills_every_part(capsys):
    status, out, _ = run(capsys, DATA / "sample.zh-Hans.xlsx", "--json")
    report = json.loads(out)
    assert status == 0 and report["problems"] == []
    assert report["tables"]["customers"]["rows"] == 430 and report["tables"]["exits"] == {"rows": 53, "sum": {}}
    assert set(report["stages"]) == {"basic", "cooperative", "interdependent", "integrated"}
    assert {set(offers) == {"ours", "北欧传动", "启航电机"} for offers in report["value"].values()} == {True}
    assert sum(m["stakeholders"] for m in report["markets"].values()) == 60
    assert report["churn"]["joined"] == 30 and report["churn"]["active_at_start"] == 400


def test_absent_parts_are_null_and_never_zero(capsys, tmp_path):
    file = tmp_path / "c.xlsx"
    file.write_bytes(xlsx({"customers": [["customer", "revenue"], ["a", 1], ["b", 2]]}))
    report = json.loads(run(capsys, file, "--json")[1])
    assert (
        report["churn"]["lost"] is None
        and report["churn"]["churn_rate"] is None
        and report["churn"]["active_at_start"] == 2
    )
    data, truth = telco_like()
    file.write_bytes(data)
    report = json.loads(run(capsys, file, "--json")[1])
    assert report["churn"]["profit_lost"] is None and report["churn"]["joined"] is None
    assert (
        report["churn"]["revenue_lost"] == pytest.approx(truth["revenue_lost"])
        and report["churn"]["lost"] == truth["lost"]
    )
    assert {q["kind"] for q in report["questions"]} == {"reason"} and all(q["suggestion"] for q in report["questions"])
    assert all(set(p) == {"sheet", "row", "column", "value", "code", "message"} for p in report["problems"])


def test_a_scenario_file_changes_the_result_and_a_wrong_lever_is_named(capsys, tmp_path):
    scenario = tmp_path / "s.yaml"
    scenario.write_text(
        "name: half\nlevers:\n- {topic: churn, field: lost, keys: ['*', service], operation: multiply, value: 0.5}\n"
        "- {topic: churn, field: lost, keys: ['*', nonsense], operation: multiply, value: 0.5}\n"
    )
    status, out, err = run(capsys, DATA / "textbook-6000-customers.xlsx", "--scenario", scenario, "--json")
    assert status == 0 and json.loads(out)["churn"]["lost"] == 150 and "does not fit" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("levers: [{topic: churn}]", "operation: allowed are"),
        ("levers: [{operation: set, value: x}]", "must be a number"),
        ("levers: 3", "list of levers"),
        ("levers: [{colour: red}]", "allowed are topic"),
        ("a: [", "not readable as YAML"),
    ],
)
def test_a_wrong_scenario_file_says_why(capsys, tmp_path, words, said):
    scenario = tmp_path / "s.yaml"
    scenario.write_text(words)
    status, _, err = run(capsys, DATA / "textbook-6000-customers.xlsx", "--scenario", scenario)
    assert status == 2 and said in err


def test_choices_from_a_file(capsys, tmp_path):
    data, truth = telco_like()
    (tmp_path / "t.xlsx").write_bytes(data)
    (tmp_path / "c.yaml").write_text("reasons: {Moved: unknown}\nsettings: {margin: 20%, currency: USD}\n")
    report = json.loads(run(capsys, tmp_path / "t.xlsx", "--choices", tmp_path / "c.yaml", "--json")[1])
    assert "market" not in report["churn"]["by_reason"]
    assert report["churn"]["profit_lost"] == pytest.approx(0.2 * truth["revenue_lost"])


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n000", b"nothing\n1\n2"])
def test_an_unusable_file_ends_with_status_2_and_a_message(capsys, tmp_path, data):
    file = tmp_path / "bad.xlsx"
    file.write_bytes(data)
    status, out, err = run(capsys, file, "--json")
    assert status == 2 and out == "" and "bad.xlsx" in err and "Traceback" not in err


def test_a_missing_file_is_named(capsys):
    assert run(capsys, "nowhere.xlsx")[0] == 2


def test_words_for_people(capsys):
    status, out, _ = run(capsys, DATA / "textbook-6000-customers.xlsx")
    assert status == 0 and "Churn rate: 5.0%" in out


def test_the_readme_examples_run():
    blocks = (ROOT / "README.md").read_text(encoding="utf-8").split("```python\n")
    said = []
    for block in blocks[1:]:
        code = block.split("```")[0]
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert said[0].split() == ["300", "300000", "30000"]
    assert "'churn_rate': 0.123" in said[1]
