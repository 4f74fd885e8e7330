"""The exact words about tests of flows (``T…``), from the cases beside this file.

A case holds ``tests``, and ``nodes`` beside those of every case, and ``says``: all that is said, in order.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headrace import Engine, Policy
from headrace.diagnostics import CODES, Diagnostic
from headrace.models import read_yaml

_SOURCES = {
    "sales": {
        "file": "sales.csv",
        "columns": {"customer": {"type": "integer", "nullable": False}, "amount": "decimal"},
    },
    "orders": {"table": "shop.orders", "columns": {"customer": "integer"}},
    "tiers": {"rows": [{"tier": "small"}]},
}
_NODES = {
    "customers": {
        "from": "sales",
        "steps": [
            {"filter": "amount > $least"},
            {"aggregate": {"by": "customer", "measures": {"revenue": "sum(amount)"}}},
        ],
    },
    "joined": {"from": "orders", "steps": [{"join": {"with": "customers", "by": "customer"}}]},
    "total": {"from": "tiers", "steps": [{"aggregate": {"measures": {"n": "count()"}}}]},
    "shares": {"from": "tiers", "steps": [{"join": {"with": "total", "kind": "cross"}}]},
}


def _cases() -> list[Any]:
    reading = read_yaml((Path(__file__).parent / "cases.yaml").read_text("utf-8"))
    assert not reading.diagnostics
    assert isinstance(reading.data, list)
    return reading.data


CASES = _cases()


def said(case: dict[str, Any]) -> tuple[Diagnostic, ...]:
    document = {
        "headrace": 1,
        "parameters": {"least": {"type": "decimal", "default": 0}},
        "sources": _SOURCES,
        "nodes": {**_NODES, **(case.get("nodes") or {})},
        "tests": case.get("tests") or {},
    }
    result = Engine(Policy(files=True, tables=True)).tests(document)
    assert not result.tests
    return result.diagnostics


def told(diagnostic: Diagnostic) -> dict[str, Any]:
    words: dict[str, Any] = {"code": diagnostic.code, "message": diagnostic.message, "at": diagnostic.pointer}
    return {**words, "hints": list(diagnostic.hints)} if diagnostic.hints else words


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_the_words(case: dict[str, Any]) -> None:
    assert [told(each) for each in said(case)] == case["says"]


def test_every_code_has_a_case() -> None:
    """Those of the command, and of tests that run, are in ``tests/cli``."""
    elsewhere = {"T120", "T121", "T122", "T123"}
    found = {each["code"] for case in CASES for each in case["says"]}
    assert found >= {code for code in CODES if code[0] == "T"} - elsewhere


def test_more_tests_than_are_allowed() -> None:
    test = {"expect": []}
    document = {
        "headrace": 1,
        "sources": {"t": {"rows": [{"a": 1}]}},
        "nodes": {"n": {"from": "t", "tests": {"one": test, "two": test}}},
        "tests": {"three": {"node": "n", **test}},
    }
    assert Engine(Policy(tests=3)).tests(document).ok
    refused = Engine(Policy(tests=2)).tests(document)
    assert [each.message for each in refused.diagnostics] == ["The document has 3 tests; at most 2 are allowed."]
    assert refused.tests == ()
