"""docs/rules.md says what the docstrings of the rules say."""

from __future__ import annotations

from pathlib import Path

import pytest

from headrace.rules.optimizer import RULES
from headrace.rules.reference import described, page
from headrace.rules.rule import Rule

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"


def test_the_page_is_current() -> None:
    current = PAGE.read_text("utf-8") == page()
    assert current, "write it again: python -m headrace.rules.reference > docs/rules.md"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_docstring_has_its_parts(rule: Rule) -> None:
    told = described(rule)
    assert told.summary.endswith(".")
    assert told.before
    assert len(told.before.splitlines()) == len(told.after.splitlines()), "each example has its two sides"
