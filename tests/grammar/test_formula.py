"""Typed expressions as formulas: read again, the text means the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from headrace.grammar.check import type_formula
from headrace.grammar.expression import Column, Interval, Literal, ParameterValue, Scope
from headrace.grammar.formula import formula_of
from headrace.grammar.functions import CATALOGUE
from headrace.grammar.types import Type, parse_type

_ALL = ("row", "aggregate", "window")


def _examples() -> Iterator[tuple[str, Scope]]:
    for function in CATALOGUE.values():
        for example in function.examples:
            columns = {}
            for column in example.rows[0] if example.rows else ():
                name, _, kind = str(column).partition(" ")
                type_ = parse_type(kind)
                assert type_ is not None
                columns[name] = Column(type_, name)
            yield example.formula, Scope(columns=columns, groups={} if function.level == "aggregate" else None)


@pytest.mark.parametrize(("formula", "scope"), [pytest.param(*each, id=each[0]) for each in _examples()])
def test_every_example_of_the_catalogue_comes_back(formula: str, scope: Scope) -> None:
    typed = type_formula(formula, scope, levels=_ALL)
    assert typed.expression is not None
    text = formula_of(typed.expression).replace("is_empty(null)", "is_empty(null::integer)")  # nulls are written bare
    again = type_formula(text, scope, levels=_ALL)
    assert again.expression == typed.expression


_COLUMNS = {
    "a": Column(Type("integer"), "a"),
    "b": Column(Type("decimal"), "b"),
    "t": Column(Type("text"), "t"),
    "d": Column(Type("date"), "d"),
    "odd ]name": Column(Type("integer"), "odd ]name"),
}


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("a+b", "a + b"),
        ("[odd ]]name]*-1", "[odd ]]name] * -1"),
        ('T & "x" & a'.replace("T", "t"), 't & "x" & to_text(a)'),
        ("not (a between 1 and 2)", "a not between 1 and 2"),
        ("a is not null and t not like 'x%'", 'a is not null and t not like "x%"'),
        ("d > $day - 12 months", "d > $day - 12 months"),
        ("t in $many or a not in (1, 2)", "t in $many or a not in (1, 2)"),
        ('case when a > 1 then "x" end', 'if(a > 1, "x")'),
        ('switch(t, "x", 1, 2)', 'if(t = "x", 1, 2)'),
        ("sum(a per t order by d desc nulls first rows 7)", "sum(a per t order by d desc nulls first rows 7)"),
        ("sum(a per t order by d range 7 days)", "sum(a per t order by d range 7 days)"),
        ("sum(a order by d range 36 hours)", "sum(a order by d range 36 hours)"),
        ("sum(a per ())", "sum(a per ())"),
        ("lag(a order by d)", "lag(a order by d)"),
        ("rank(per t order by b)", "rank(per t order by b)"),
        ('d >= "2024-01-31"', 'd >= date("2024-01-31")'),
        ("b::integer / 2", "to_integer(b) / 2.0"),
        ("double + 1", "a * 2 + 1"),
    ],
)
def test_in_canonical_words(formula: str, text: str) -> None:
    scope = Scope(
        columns=_COLUMNS,
        formulas={"double": "a * 2"},
        parameters={"day": (Type("date"), False), "many": (Type("text"), True)},
    )
    typed = type_formula(formula, scope, levels=_ALL)
    assert typed.expression is not None, typed.diagnostics
    assert formula_of(typed.expression) == text
    assert type_formula(text, scope, levels=_ALL).expression == typed.expression


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("sum(b where a > 1)", "sum(b where a > 1)"),
        ("count(distinct t)", "count(distinct t)"),
        ("sum_if(b, a > 1)", "sum(b where a > 1)"),
        ("string_agg(t, ', ' order by d)", 'string_agg(t, ", " order by d)'),
        ("sum(b) / count()", "sum(b) / count()"),
        ("sum(b) / sum(sum(b) per ())", "sum(b) / sum(sum(b) per ())"),
    ],
)
def test_aggregates(formula: str, text: str) -> None:
    scope = Scope(columns=_COLUMNS, groups={})
    typed = type_formula(formula, scope, levels=_ALL)
    assert typed.expression is not None, typed.diagnostics
    again = type_formula(formula_of(typed.expression), scope, levels=_ALL)
    assert again.expression == typed.expression
    if "_if" not in formula:
        assert formula_of(typed.expression) == text


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(), "0 days"),
        (Interval(27, 1), "27 months 1 day"),
        (Interval(24), "2 years"),
        (Interval(-1), "-1 month"),
        (Interval(1, -2), "1 month - 2 days"),
        (Interval(0, 0, 5_400_000_001), "1 hour 30 minutes 1 microsecond"),
        (Interval(0, 0, -90_000_000), "-1 minute - 30 seconds"),
    ],
)
def test_durations(interval: Interval, text: str) -> None:
    assert formula_of(Literal(Type("interval"), interval)) == text


def test_inputs_of_a_join_are_named() -> None:
    expression = Column(Type("date"), "valid from", 1)
    assert formula_of(expression, ("", "price list")) == "[price list].[valid from]"
    assert formula_of(expression) == "[valid from]"
    assert formula_of(ParameterValue(Type("date"), "day")) == "$day"
