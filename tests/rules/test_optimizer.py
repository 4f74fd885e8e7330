"""The rules as a whole: each has a name, a docstring with before and after, tests of its own, and can be left out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import headrace
from headrace.rules.optimizer import RULES, chosen_rules

DOCUMENT = {
    "headrace": 1,
    "sources": {"t": {"rows": [{"a": 1}, {"a": 2}], "keys": [["a"]]}},
    "nodes": {"once": {"from": "t", "steps": [{"distinct": "all"}], "materialize": "table"}},
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_a_module_that_tells_before_and_after_and_is_tested(rule: headrace.rules.rule.Rule) -> None:
    module = sys.modules[f"headrace.rules.{rule.name}"]
    assert "before: " in (module.__doc__ or ""), "its docstring shows what it does"
    assert "after: " in (module.__doc__ or "")
    assert Path(__file__).with_name(f"test_{rule.name}.py").exists()


def test_rules_can_be_left_out() -> None:
    engine = headrace.Engine()
    assert "DISTINCT" in (engine.compile(DOCUMENT, rules=()).nodes["once"].sql or "")
    rewritten = engine.compile(DOCUMENT).nodes["once"]
    assert "DISTINCT" not in (rewritten.sql or "")
    assert [each.rule for each in rewritten.firings] == ["distinct_on_keys"]


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(ValueError, match="no rule fast"):
        chosen_rules(["fast"])
