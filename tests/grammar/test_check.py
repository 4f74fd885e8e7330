"""The types of formulas, their nullability and levels, and that checking never fails."""

from __future__ import annotations

import time

import pytest

from headrace.diagnostics import Span
from headrace.grammar import tree
from headrace.grammar.check import type_formula, type_tree
from headrace.grammar.expression import Call, Column, Expression, Interval, Literal, Scope, level_of
from headrace.grammar.parse import parse
from headrace.grammar.types import Type

COLUMNS = {
    "i": Type("integer"),
    "i0": Type("integer", nullable=False),
    "n": Type("decimal"),
    "m": Type("decimal", 12, 2),
    "f": Type("float"),
    "t": Type("text"),
    "t0": Type("text", nullable=False),
    "d": Type("date"),
    "d0": Type("date", nullable=False),
    "ts": Type("timestamp"),
    "tz": Type("timestamptz"),
    "b": Type("boolean"),
    "p": Type("interval"),
}
SCOPE = Scope(
    columns={name: Column(type_, name) for name, type_ in COLUMNS.items()},
    parameters={"month": (Type("date", nullable=False), False), "list": (Type("decimal"), True)},
)


def _typed(formula: str, scope: Scope = SCOPE) -> Expression:
    typed = type_formula(formula, scope, levels=("row", "aggregate", "window"))
    assert typed.expression is not None, typed.diagnostics
    return typed.expression


TYPES = {
    # Numbers widen: integer, decimal, float.
    "i + i": "integer?",
    "i + n": "decimal?",
    "n + f": "float?",
    "i0 + 1": "integer",
    "i0 + 0.5": "decimal",
    "i0 * 1e3": "float",
    # Division is true, and null where the divisor may be 0.
    "i0 / i0": "decimal?",
    "i0 / 2": "decimal",
    "i0 / 0": "decimal?",
    "i0 // 2": "integer",
    "i0 % i0": "integer?",
    # Arithmetic on decimals has no bound; what only passes a value on keeps it.
    "m + m": "decimal?",
    "m": "decimal(12, 2)?",
    "max(m)": "decimal(12, 2)?",
    "coalesce(m, m)": "decimal(12, 2)?",
    "coalesce(m, 0)": "decimal",
    "m::decimal(5, 1)": "decimal(5, 1)?",
    # Aggregates.
    "sum(i0)": "integer?",
    "sum(m)": "decimal?",
    "sum(f)": "float?",
    "avg(i)": "decimal?",
    "avg(f)": "float?",
    "count()": "integer",
    "count(i)": "integer",
    # Null.
    "i ?? 0": "integer",
    "i ?? i": "integer?",
    "i is null": "boolean",
    "i is distinct from 1": "boolean",
    "i0 = 1": "boolean",
    "i = 1": "boolean?",
    "i0 in (1, 2)": "boolean",
    "i0 in (1, null)": "boolean?",
    "if(b, 1, 2)": "integer",
    "if(b, 1)": "integer?",
    "if(b, 1, 2.5)": "decimal",
    "if(b, null, d0)": "date?",
    'switch(t, "a", 1, "b", 1e0, 0)': "float",
    "null": "null?",
    "null + 1": "integer?",
    # Dates.
    "d0 + 1 day": "date",
    "d0 - 2 years 3 months": "date",
    "1 week + d0": "date",
    "d0 + 1 hour": "timestamp",
    "d0 + 1.5 days": "timestamp",
    "d0 + p": "timestamp?",
    'd0 + duration(i0, "month")': "date",
    'd0 + duration(i0, "minute")': "timestamp",
    "d0 + 2 * 1 month": "date",
    "d0 - (1 month - 1 day)": "date",
    "d0 - d0": "integer",
    'd0 - "2024-01-01"': "integer",
    "ts - ts": "interval?",
    "ts + 1 day": "timestamp?",
    "tz + 1 day": "timestamptz?",
    'd0 > "2024-01-31"': "boolean",
    'd0 between "2024-01-31" and $month': "boolean",
    'd0 in ("2024-01-31", $month)': "boolean",
    'if(b, d0, "2024-01-31")': "date",
    "i in $list": "boolean?",
    # Texts.
    't0 & i0 & d0 & "x"': "text",
    "t & 1": "text?",
    # Windows.
    "row_number(order by i)": "integer",
    "sum(m per t)": "decimal?",
    "lag(m per t order by d)": "decimal(12, 2)?",
    # Numbers beyond a bigint.
    "9223372036854775807": "integer",
    "9223372036854775808": "decimal",
    "-9223372036854775808": "integer",
}


@pytest.mark.parametrize(("formula", "type_"), TYPES.items())
def test_types(formula: str, type_: str) -> None:
    found = _typed(formula).type
    assert f"{found}{'?' if found.nullable else ''}" == type_


def test_a_constant_text_beside_a_date_becomes_one() -> None:
    expression = _typed('d > "2024-01-31"')
    assert isinstance(expression, Call)
    assert expression.arguments[1].type.kind == "date"
    assert type_formula("d > t", SCOPE).expression is None


def test_durations_are_intervals() -> None:
    expression = _typed("2 years 3 months 1 week 1.5 hours")
    assert isinstance(expression, Literal)
    assert expression.value == Interval(27, 7, 5_400_000_000)


@pytest.mark.parametrize(
    ("formula", "level"),
    [
        ("i + 1", "row"),
        ("sum(i)", "aggregate"),
        ("sum(i per t)", "window"),
        ("i / sum(i per t)", "window"),
        ("sum(i order by d)", "aggregate"),
        ("sum(sum(i) order by max(d))", "window"),
        ('string_agg(t, "," order by t)', "aggregate"),
    ],
)
def test_levels(formula: str, level: str) -> None:
    assert level_of(_typed(formula)) == level


def test_an_order_in_a_derive_step_runs() -> None:
    typed = type_formula("sum(i order by d)", SCOPE, levels=("row", "window"))
    assert typed.expression is not None
    assert level_of(typed.expression) == "window"


def test_shares_and_totals_are_what_they_stand_for() -> None:
    groups = Scope(columns=SCOPE.columns, groups={"t": SCOPE.columns["t"]})
    assert _typed("share(n)", groups) == _typed("sum(n) / sum(sum(n) per ())", groups)
    assert _typed("total(n)", groups) == _typed("sum(sum(n) per ())", groups)
    rows = type_formula("share(n)", SCOPE, levels=("row", "window")).expression
    assert rows == _typed("n / sum(n per ())")


def test_groups_are_named_outside_aggregates_and_columns_inside() -> None:
    key = Call(Type("integer"), "year", 0, (SCOPE.columns["d"],))
    scope = Scope(columns=SCOPE.columns, groups={"i": key})
    assert _typed("i", scope) == key
    inside = _typed("sum(i)", scope)
    assert inside.children == (SCOPE.columns["i"],)


def test_virtual_formulas_are_put_in_place() -> None:
    scope = Scope(columns=SCOPE.columns, formulas={"price": "n / i", "revenue": "sum(n)", "n": "i"})
    assert _typed("price * 2", scope) == _typed("n / i * 2")
    assert _typed("revenue / count()", scope) == _typed("sum(n) / count()")


def test_all_that_is_wrong_is_said_at_once() -> None:
    typed = type_formula("amout + summ(i) + if(i, 1, upper(n))", SCOPE, pointer="/a")
    assert [each.code for each in typed.diagnostics] == ["F100", "F101", "F117", "F110"]
    assert {each.pointer for each in typed.diagnostics} == {"/a"}
    assert typed.diagnostics[0].span == Span(0, 5)


def test_a_mistake_is_said_once() -> None:
    """What holds a part that has failed says nothing about it."""
    typed = type_formula("upper(amout) = 3 and not (amout + 1) > d", SCOPE)
    assert [each.code for each in typed.diagnostics] == ["F100", "F100"]


def test_a_tree_made_by_hand() -> None:
    node = tree.Binary("&", tree.Text("a\0"), tree.Text("\ud800"))
    typed = type_tree(node, SCOPE)
    assert [each.params["character"] for each in typed.diagnostics] == ["NUL"]
    assert type_tree(tree.Binary("+", tree.Number("1"), tree.Number("2")), SCOPE).expression == _typed("1 + 2")


FORMULAS = (
    'sum(n where t = "FR" per t, year(d) order by d desc nulls first rows 7) / sum(n per ()) ?? 0',
    'switch(t, "a", 1, "b", 2.5, null) + case when b then 1 else i end // 2',
    'd > $month - 12 months and d <= "2024-01-31" and i in $list or t not like "a%" & t0',
    'string_agg(distinct t, ", " order by t) & count(*) & round(avg(n), 2)::text',
)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_cut_anywhere_never_raises(formula: str) -> None:
    for end in range(len(formula)):
        for text in (formula[:end], formula[end:], formula[:end] + formula[end + 1 :]):
            typed = type_formula(text, SCOPE, levels=("row", "window"))
            assert typed.expression is not None or typed.diagnostics


@pytest.mark.parametrize(
    "formula",
    [
        "round(" * 150 + "n" + ", 2)" * 150,
        "if(b, 1, " * 190 + "0" + ")" * 190,
        "-(" * 190 + "n" + ")" * 190,
        "+".join(["n"] * 190),
        "i in (" + ", ".join(str(n) for n in range(5000)) + ")",
    ],
)
def test_long_and_deep_formulas_are_answered(formula: str) -> None:
    start = time.monotonic()
    typed = type_formula(formula, SCOPE)
    assert typed.expression is not None or [each.code for each in typed.diagnostics] == ["F154"]
    assert time.monotonic() - start < 5


def test_formulas_that_double_or_circle_are_answered_soon() -> None:
    formulas = {f"f{n}": f"f{n - 1} + f{n - 1}" for n in range(1, 31)} | {"f0": "i"}
    formulas |= {f"c{n}": f"c{(n + 1) % 20} + c{(n + 7) % 20}" for n in range(20)}
    scope = Scope(columns=SCOPE.columns, formulas=formulas)
    start = time.monotonic()
    assert [each.code for each in type_formula("f30", scope).diagnostics] == ["F153"]
    assert [each.code for each in type_formula("c0", scope).diagnostics] == ["F150"]
    assert time.monotonic() - start < 5


def test_reading_is_not_checking() -> None:
    """Every diagnostic of the parser comes through, with the pointer."""
    text = "n + ("
    typed = type_formula(text, SCOPE, pointer="/a")
    assert [each.code for each in typed.diagnostics] == [each.code for each in parse(text).diagnostics]
    assert {each.pointer for each in typed.diagnostics} == {"/a"}
