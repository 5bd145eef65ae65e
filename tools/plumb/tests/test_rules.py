"""Every rule against its fixtures and against the examples in its own documentation."""

import ast
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plumb import catalog, testing
from plumb.cache import Cache
from plumb.fixes import Rewritten
from plumb.rule import Rule

FIXTURES = Path(__file__).parent / "fixtures"
BAD_AT_LEAST = 8
OK_AT_LEAST = 12
HEADINGS = ["What it does", "Why is this bad", "Example", "Use instead", "Known limits"]

by_code = pytest.mark.parametrize("rule", catalog.rules(), ids=lambda rule: rule.code)


def cases_of(rule: Rule, kind: str) -> list[testing.Case]:
    files = sorted((FIXTURES / rule.code).glob(f"{kind}*.py"))
    return [case for file in files for case in testing.cases(file.read_text(encoding="utf-8"), testing.home(rule))]


def every_case(kind: str) -> list[Any]:
    return [
        pytest.param(rule, case, id=f"{rule.code}-{case.name.replace(' ', '-')}")
        for rule in catalog.rules()
        for case in cases_of(rule, kind)
    ]


@pytest.mark.parametrize(("rule", "case"), every_case("bad"))
def test_violations_are_found_where_they_are_marked(rule: Rule, case: testing.Case, tmp_path: Path) -> None:
    wanted = testing.expected(case)
    assert wanted, "a bad case marks at least one place"
    assert testing.found(testing.run(tmp_path, case, rule.code), wanted) == wanted


@pytest.mark.parametrize(("rule", "case"), every_case("ok"))
def test_lookalikes_are_left_alone(rule: Rule, case: testing.Case, tmp_path: Path) -> None:
    result = testing.run(tmp_path, case, rule.code)
    assert [(finding.place.line, finding.message) for finding in result.findings] == []


@by_code
def test_what_other_files_were_before_changes_no_finding(rule: Rule, tmp_path: Path) -> None:
    """The files with the violations are known already when the functions of the others are written."""
    for case in filter(hollow_others, cases_of(rule, "bad")):
        wanted = testing.expected(case)
        shutil.rmtree(tmp_path, ignore_errors=True)
        for files in ({**case.files, **hollow_others(case)}, case.files):
            cache = Cache(tmp_path / "facts")
            result = testing.run(tmp_path / "code", case._replace(files=files), rule.code, cache=cache)
            cache.save(complete=True)
        assert testing.found(result, wanted) == wanted, case.name


def hollow_others(case: testing.Case) -> dict[str, str]:
    """The modules without a violation, with functions that do nothing."""
    marked = {mark.path for mark in testing.expected(case)}
    return {path: hollow(text) for path, text in case.files.items() if path.endswith(".py") and path not in marked}


def hollow(text: str) -> str:
    lines = text.split("\n")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    bodies = [(node.body[0].lineno - 1, node.body[0].col_offset, node.end_lineno or 0) for node in functions]
    for first, column, end in sorted(bodies, reverse=True):
        if not lines[first][:column].strip():
            lines[first:end] = [" " * column + "...", *[""] * (end - first - 1)]
    return "\n".join(lines)


def marked(marks: Callable[[testing.Case], object]) -> list[Any]:
    return [one for kind in ("bad", "ok") for one in every_case(kind) if marks(one.values[1])]


@pytest.mark.parametrize(("rule", "case"), marked(testing.done_right))
def test_examples_are_the_places_that_are_marked(rule: Rule, case: testing.Case, tmp_path: Path) -> None:
    assert testing.shown(testing.run(tmp_path, case, rule.code)) == testing.done_right(case)


@pytest.mark.parametrize(("rule", "case"), marked(testing.corrections))
def test_correction_is_for_this_snippet(rule: Rule, case: testing.Case, tmp_path: Path) -> None:
    found = testing.run(tmp_path, case, rule.code).findings
    fixes = {testing.Mark(one.place.path, one.place.line, one.code, ""): one.fix for one in found}
    wanted = testing.corrections(case)
    assert {mark: text for mark, text in wanted.items() if text not in fixes[mark]} == {}


@pytest.mark.parametrize(("rule", "case"), marked(testing.messages))
def test_message_is_for_this_snippet(rule: Rule, case: testing.Case, tmp_path: Path) -> None:
    found = testing.run(tmp_path, case, rule.code).findings
    said = {testing.Mark(one.place.path, one.place.line, one.code, ""): one.message for one in found}
    assert {mark: text for mark, text in testing.messages(case).items() if text not in said[mark]} == {}


@pytest.mark.parametrize(("rule", "case"), marked(testing.edited))
def test_edits_leave_what_is_marked(rule: Rule, case: testing.Case, tmp_path: Path) -> None:
    assert missing(tmp_path, rule, case, testing.edited(case), unsafe=True) == {}


@pytest.mark.parametrize(("rule", "case"), marked(testing.fixed))
def test_safe_edits_leave_what_is_marked(rule: Rule, case: testing.Case, tmp_path: Path) -> None:
    assert missing(tmp_path, rule, case, testing.fixed(case), unsafe=False) == {}


def missing(
    root: Path, rule: Rule, case: testing.Case, wanted: dict[testing.Mark, str], *, unsafe: bool
) -> dict[testing.Mark, str]:
    """What is not in the files, without their marks, once the edits are made."""
    Rewritten(root, testing.run(root, case, rule.code).findings, unsafe=unsafe).write()
    texts = {mark: re.sub(" *# expect: .*", "", (root / mark.path).read_text("utf-8")) for mark in wanted}
    return {mark: text for mark, text in wanted.items() if text not in texts[mark]}


@by_code
def test_a_rule_has_enough_cases_of_both_kinds(rule: Rule) -> None:
    assert len(cases_of(rule, "bad")) >= BAD_AT_LEAST
    assert len(cases_of(rule, "ok")) >= OK_AT_LEAST


@by_code
def test_a_rule_documents_itself_under_the_five_headings(rule: Rule) -> None:
    assert re.findall(r"^## (.+)$", rule.documentation, re.MULTILINE) == HEADINGS


@by_code
def test_the_documented_example_is_found(rule: Rule, tmp_path: Path) -> None:
    result = testing.run(tmp_path, example(rule, "Example"), rule.code)
    assert {finding.code for finding in result.findings} == {rule.code}


@by_code
def test_the_documented_correction_is_clean(rule: Rule, tmp_path: Path) -> None:
    result = testing.run(tmp_path, example(rule, "Use instead"), rule.code)
    assert [finding.message for finding in result.findings] == []


def example(rule: Rule, heading: str) -> testing.Case:
    code = re.search(r"^```\w+\n(.*?)^```", rule.section(heading), re.MULTILINE | re.DOTALL)
    assert code is not None, f"{rule.code} has no code under {heading}"
    return testing.Case(heading, testing.files(code[1], testing.home(rule)))
