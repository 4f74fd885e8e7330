"""The exact words about formulas that can be read but mean nothing, from the case files beside this one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from headrace.diagnostics import CODES, Diagnostic
from tests.errors.formulas.typing.scope import check, checked

FOLDER = Path(__file__).parent

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['in']}: {case['formula']}")
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text("utf-8"))
]

UNREACHABLE = {
    "F123",  # a character that no database stores: the parser refuses it first (F073); trees made by hand meet it
    "F149",  # a pattern of a date: tests/functions
    *(f"F17{number}" for number in range(1, 7)),  # declarations of own functions: tests/errors/steps/functions.yaml
    "F154",  # nesting: tests/grammar/test_check.py
}


def _mended(formula: str, diagnostic: Diagnostic) -> list[dict[str, str]]:
    result = []
    for fix in diagnostic.fixes:
        assert fix.span is not None
        whole = formula[: fix.span.start] + fix.replacement + formula[fix.span.end :]
        result.append({"title": fix.title, "formula": whole})
    return result


@pytest.mark.parametrize("case", CASES)
def test_the_words(case: dict[str, Any]) -> None:
    formula = case["formula"]
    found = []
    for said in check(formula, case["in"]):
        assert said.span is not None
        entry: dict[str, Any] = {"code": said.code, "message": said.message, "span": [said.span.start, said.span.end]}
        if said.hints:
            entry["hints"] = list(said.hints)
        if said.fixes:
            entry["fixes"] = _mended(formula, said)
        found.append(entry)
        assert (said.source, said.pointer) == (formula, "/x")
    assert found == case["says"]


@pytest.mark.parametrize("case", CASES)
def test_an_error_has_no_expression_and_a_warning_has_one(case: dict[str, Any]) -> None:
    typed = checked(case["formula"], case["in"])
    errors = [said for said in typed.diagnostics if said.severity == "error"]
    assert (typed.expression is None) == bool(errors)


@pytest.mark.parametrize("case", CASES)
def test_each_fix_removes_what_it_answers(case: dict[str, Any]) -> None:
    for said in case["says"]:
        for fix in said.get("fixes", []):
            left = [each.code for each in check(fix["formula"], case["in"])]
            assert left.count(said["code"]) < [each["code"] for each in case["says"]].count(said["code"])


def test_every_code_has_a_case() -> None:
    declared = {code for code in CODES if code.startswith("F") and code >= "F100"}
    assert {said["code"] for case in CASES for said in case.values[0]["says"]} == declared - UNREACHABLE
