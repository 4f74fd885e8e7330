"""The exact words about formulas that cannot be read, from the case files beside this one.

Seen at metabase/metabase#39773, metabase/metabase#41906, PRQL/prql#1771.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from headrace.diagnostics import CODES, Fix
from headrace.grammar import table
from headrace.grammar.parse import parse

LIMITS = {"F070", "F071", "F072", "F073", "F076"}
"""Codes whose formulas are too long for a case file; tests/grammar/test_limits.py has them."""

FOLDER = Path(__file__).parent


def _cases() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text("utf-8")):
            found.append(pytest.param(case, id=f"{path.stem}: {case['formula']}"))
    return found


CASES = _cases()


def _apply(formula: str, fix: Fix) -> str:
    assert fix.span is not None
    return formula[: fix.span.start] + fix.replacement + formula[fix.span.end :]


@pytest.mark.parametrize("case", CASES)
def test_the_words(case: dict[str, Any]) -> None:
    formula = case["formula"]
    said = parse(formula).diagnostics
    assert len(said) == 1
    diagnostic = said[0]
    assert (diagnostic.code, diagnostic.message) == (case["code"], case["message"])
    assert diagnostic.span is not None
    assert [diagnostic.span.start, diagnostic.span.end] == case["span"]
    assert list(diagnostic.hints) == case.get("hints", [])
    mended = [{"title": fix.title, "formula": _apply(formula, fix)} for fix in diagnostic.fixes]
    assert mended == [{"title": fix["title"], "formula": fix["formula"]} for fix in case.get("fixes", [])]
    assert diagnostic.source == formula


@pytest.mark.parametrize("case", CASES)
def test_each_fix_mends_the_formula(case: dict[str, Any]) -> None:
    """Every fix that is offered gives a formula without the mistake, or leads on to the next one (``then``)."""
    for fix in case.get("fixes", []):
        mended = parse(fix["formula"])
        assert [one.code for one in mended.diagnostics] == ([fix["then"]] if "then" in fix else [])


@pytest.mark.parametrize("case", CASES)
def test_an_error_has_no_tree_and_a_warning_has_one(case: dict[str, Any]) -> None:
    parsed = parse(case["formula"])
    assert (parsed.tree is None) == (parsed.diagnostics[0].severity == "error")


@pytest.mark.parametrize("case", CASES)
def test_no_token_of_the_grammar_is_named(case: dict[str, Any]) -> None:
    words = " ".join([case["message"], *case.get("hints", []), *(fix["title"] for fix in case.get("fixes", []))])
    assert not {name for name, _ in table.TERMINALS} & set(re.findall(r"[A-Z_]{2,}", words))


@pytest.mark.parametrize("case", [case for case in CASES if re.match(r"\s*[^=\s]", case.values[0]["formula"])])
def test_a_leading_equals_sign_moves_only_the_places(case: dict[str, Any]) -> None:
    """``=`` may stand before any formula; nothing is said otherwise, and spans count it."""
    formula = case["formula"]
    plain, led = parse(formula).diagnostics[0], parse("=" + formula).diagnostics[0]
    assert (led.code, led.message, led.hints) == (plain.code, plain.message, plain.hints)
    assert plain.span is not None
    assert led.span is not None
    if plain.code != "F001":
        assert (led.span.start, led.span.end) == (plain.span.start + 1, plain.span.end + 1)
    assert [_apply("=" + formula, fix).removeprefix("=") for fix in led.fixes] == [
        _apply(formula, fix) for fix in plain.fixes
    ]


def test_every_code_has_a_case() -> None:
    declared = {code for code in CODES if "F001" <= code <= "F099"}
    assert {case.values[0]["code"] for case in CASES} == declared - LIMITS


def test_the_example_of_each_code_gives_it() -> None:
    for code in CODES.values():
        if "F001" <= code.code <= "F099" and code.code not in LIMITS:
            assert [one.code for one in parse(code.example).diagnostics] == [code.code], code.example
