"""What a regular expression finds, and which of its brackets."""

from __future__ import annotations

import pytest

from headrace.grammar.check import type_formula
from headrace.grammar.expression import Scope
from headrace.run.embedded import Server
from tests.functions.formulas import sql
from tests.run.servers import run


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ('regexp_extract("foobar", "o(.)b", 0)', "oob"),
        ('regexp_extract("foobar", "o(.)b", 1)', "o"),
        ('regexp_extract("foobar", "o(.)b", 2)', None),
        ('regexp_extract("foobar", "o+", 0)', "oo"),
    ],
)
def test_bracket_0_is_all_that_is_found(server: Server, formula: str, value: str | None) -> None:
    """It was null for every text: REGEXP_MATCH has no element 0 (seen in the cases of Substrait)."""
    expression = type_formula(formula, Scope()).expression
    assert expression is not None
    assert run(server, f"SELECT {sql(expression)}") == [(value,)]


def test_a_name_that_counts_differently_elsewhere_is_no_alias() -> None:
    """A third number of regexp_substr is a place in PostgreSQL; it was taken for a bracket."""
    said = type_formula('regexp_substr("foobar", "o", 3)', Scope()).diagnostics
    assert [each.code for each in said] == ["F107"]
