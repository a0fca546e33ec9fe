"""Who may import whom, and that pages read as tables of contents."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from conftest import ROOT

FORBIDDEN = {
    "core/models": {"plotly", "yaml", "streamlit", "core.figures", "core.text", "ui", "pages"},
    "core/figures": {"streamlit", "core.portfolio", "pandas", "ui", "pages"},
    "core": {"streamlit", "ui", "pages"},
    "ui": {"pages"},
    "pages": {"pandas", "numpy", "plotly", "pages"},
}
MODULES = sorted(
    p.relative_to(ROOT).as_posix() for folder in ("core", "ui", "pages") for p in (ROOT / folder).rglob("*.py")
)


def imported(path: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", MODULES)
def test_each_folder_imports_only_what_it_may(path):
    for folder, banned in FORBIDDEN.items():
        if path.startswith(folder + "/"):
            hit = {name for name in imported(path) for bad in banned if name == bad or name.startswith(bad + ".")}
            assert not hit, f"{path} imports {hit}"


def test_no_topic_imports_another_topic_except_the_chain():
    topics = {"markets", "stages", "value", "churn"}
    for topic in topics:
        others = {f"core.models.{t}" for t in (topics | {"chain"}) - {topic}}
        assert not imported(f"core/models/{topic}.py") & others


@pytest.mark.parametrize("child", ["core/intake/child.py", "core/export/typesetter.py"])
def test_what_runs_in_a_process_of_its_own_imports_nothing_of_the_project(child):
    assert not {n for n in imported(child) if n.split(".")[0] in ("core", "ui", "pandas", "numpy")}


@pytest.mark.parametrize("path", [m for m in MODULES if m.startswith("pages/")])
def test_a_page_guards_first_and_holds_no_prose_and_no_arithmetic(path):
    source = (ROOT / path).read_text(encoding="utf-8")
    tree = ast.parse(source)
    body = [node for node in tree.body[1:] if not isinstance(node, ast.Import | ast.ImportFrom)]
    assert ast.unparse(body[0]) == "frame.guard()"
    assert source.count("\n") <= 130
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        words = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if ast.unparse(call.func) in ("st.title", "st.markdown", "st.subheader", "st.caption", "st.info", "st.warning"):
            assert not words, f"{path}: literal prose {words}"


@pytest.mark.parametrize("page", ["data", "method", "workspace", "scenarios"])
def test_a_page_that_levers_leave_still_runs_to_its_end_where_its_bar_is_drawn(page):
    assert "st.stop" not in (ROOT / "pages" / f"{page}.py").read_text(encoding="utf-8")


def test_every_public_thing_in_core_has_a_docstring():
    for path in (m for m in MODULES if m.startswith("core/")):
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]
        for node in [*tree.body, *(n for c in classes for n in c.body)]:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path}: {node.name}"


def test_core_starts_without_streamlit_or_plotly_figures_of_the_models():
    code = "import sys, core.models; assert 'streamlit' not in sys.modules and 'plotly' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
