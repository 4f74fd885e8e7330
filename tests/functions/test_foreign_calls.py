"""Calls of other programs' functions, written out: what is offered computes what the other program computes."""

from __future__ import annotations

import time
from typing import Any

import pytest

from headrace.grammar.check import type_formula
from headrace.grammar.expression import Column, Scope
from headrace.grammar.functions import lookup
from headrace.grammar.functions.foreign_calls import CAN_BE_WRITTEN
from headrace.grammar.functions.foreign_languages import SAME_NAMES
from headrace.grammar.functions.foreign_names import FOREIGN_NAMES
from headrace.grammar.parse import parse
from headrace.grammar.types import Type

from .formulas import FRIENDLY, sql

_ROWS = """(VALUES
  ('FR', 10.0, 1, DATE '2024-01-31'), ('DE', 200.0, 2, DATE '2024-02-29'),
  ('FR', 300.0, NULL, DATE '2024-03-31'), ('FI', NULL, 4, NULL), (NULL, 5.5, 5, DATE '2023-12-31')
) AS t(country, amount, quantity, day)"""
_KINDS = {"country": "text", "amount": "decimal", "quantity": "integer", "day": "date"}
_SCOPE = Scope(columns={name: Column(Type(kind), name) for name, kind in _KINDS.items()})

AGGREGATES = {
    'SOMME.SI(country; "FR"; amount)': "310.0",
    'SUMIF(amount, ">100")': "500.0",
    'SUMIF(country, "F*", amount)': "310.0",
    'SUMIF(country, "<>FR", amount)': "200.0",
    'SUMIFS(amount, country, "FR", quantity, 1)': "10.0",
    'SUMIFS(amount, day, ">=2024-01-01", day, "<2024-03-01")': "210.0",
    'COUNTIF(country, "FR")': "2",
    'COUNTIF(country, "?R")': "2",
    'COUNTIFS(country, "F*", amount, ">"&quantity)': "1",
    "COUNTBLANK(country)": "1",
    'COUNTIF(country, "<>")': "4",
    'AVERAGEIF(country, "FR", amount)': "155.0",
    'MAXIFS(amount, country, "FR")': "300.0",
    'NB.SI(country; "DE") + 1': "2",
    'SI(NB.SI(country; "DE") > 0; "yes"; "no")': "yes",
    "SUMPRODUCT(amount, quantity)": "437.5",
    'CALCULATE(sum(amount), country = "FR")': "310.0",
    "DISTINCTCOUNT(country)": "3",
    'ZÄHLENWENN(country; "FR")': "2",
}
ROWS = {
    "IFERROR(amount / (quantity - quantity), 0) + 1": "1",
    'SI(ET(1 > 0; OU(1 > 2; NON(FALSE))); "x"; "y")': "x",
    'SI(OU(1 > 2; ET(1 > 0; 2 > 3)); "x"; "y")': "y",
    "DATEADD(day, 3, date(2024, 1, 31))": "2024-02-03",
    "DATEADD(date(2024, 1, 31), -1, MONTH)": "2023-12-31",
    'DATEADD("month", 1, date(2024, 1, 31))': "2024-02-29",
    'TEXT(date(2024, 1, 31), "dd/mm/yyyy")': "31/01/2024",
    'TEXTE(1234.5; "0,00")': "1,234.50",
    'CHOOSE(2, "a", "b")': "b",
    "nvl(null, 7) * 2": "14",
    'nvl2(null, "a", "b")': "b",
    "QUOTIENT(7, 2)": "3",
    "PUISSANCE(2 + 1; 2)": "9",
    'EXACT("a", "A")': "false",
    "DAYS(date(2024, 3, 1), date(2024, 2, 1))": "29",
    'instr("abc", "c") + 1': "4",
    'instr("abc", "x")': "0",
    "zeroifnull(null)": "0",
    'SUPPRESPACE("  a   b ")': "a b",
    "mod(-7, 3)": "-1",
    'GAUCHE(STXT("abcdef"; 2; 3); 2)': "bc",
    "WENN(1 > 2; 1; WENNFEHLER(1 / 0; 5))": "5",
}


def _mended(formula: str, *levels: Any) -> str:
    """The formula after taking the first fix of each diagnostic, until there is none."""
    for _ in range(5):
        said = [each for each in type_formula(formula, _SCOPE, levels=levels).diagnostics if each.severity == "error"]
        if not said:
            return formula
        fix = said[0].fixes[0]
        assert fix.span is not None
        formula = formula[: fix.span.start] + fix.replacement + formula[fix.span.end :]
    raise AssertionError(f"not mended: {formula}")


@pytest.mark.parametrize("formula", AGGREGATES)
def test_aggregates_compute_the_same(cursor: Any, formula: str) -> None:
    expression = type_formula(_mended(formula, "aggregate"), _SCOPE, levels=("aggregate",)).expression
    assert expression is not None
    cursor.execute(
        f"{FRIENDLY} SELECT CAST(TRIM_SCALE(v) AS TEXT) FROM (SELECT {sql(expression)} AS v FROM {_ROWS}) x"
        if expression.type.is_number
        else f"{FRIENDLY} SELECT CAST({sql(expression)} AS TEXT) FROM {_ROWS}"
    )
    found = cursor.fetchone()[0]
    wanted = AGGREGATES[formula]
    assert found == wanted.removesuffix(".0")


@pytest.mark.parametrize("formula", ROWS)
def test_rows_compute_the_same(cursor: Any, formula: str) -> None:
    expression = type_formula(_mended(formula, "row"), _SCOPE).expression
    assert expression is not None
    text = f"CAST({sql(expression)} AS TEXT)"
    cursor.execute(f"{FRIENDLY} SELECT {text} FROM {_ROWS} WHERE country = 'DE'")
    found = cursor.fetchone()[0]
    assert (
        found.rstrip("0").rstrip(".") == ROWS[formula] if "." in found and "," not in found else found == ROWS[formula]
    )


def test_names_are_known() -> None:
    ours = {name for name in CAN_BE_WRITTEN if lookup(name) is not None}
    assert ours == {"sumif", "countif", "averageif"}
    assert CAN_BE_WRITTEN - ours <= FOREIGN_NAMES.keys()
    assert {SAME_NAMES.get(same, same) for same in SAME_NAMES.values()} == set(SAME_NAMES.values())


@pytest.mark.parametrize(
    "formula",
    [
        'SUMIF(country, ">"&a&b, amount)',
        'SUMIF(country, "a%b*", amount)',
        'SUMIF(country, a & "*", amount)',
        "SOMME(a; b)",
        "CALCULATE(revenue, a = 1)",
        "CALCULATE(sum(amount where b), a = 1)",
        "IFERROR(a)",
        "DATEADD(a, b, c)",
        'TEXT(a, "hh:mm")',
        "VLOOKUP(a, b, 2)",
        "nvl(a, b order by c)",
    ],
)
def test_nothing_is_offered_that_could_mean_something_else(formula: str) -> None:
    said = type_formula(formula, Scope(), levels=("row", "aggregate")).diagnostics
    assert said
    assert not [fix for each in said if each.code in ("F101", "F108") for fix in each.fixes]


@pytest.mark.parametrize(
    "formula",
    ["SI.X(" * 90 + "a" + ")" * 90, "NB.SI(" * 160 + "a" + ")" * 160, "nvl(" * 190 + "a" + ", 0)" * 190],
)
def test_deep_calls_are_answered_soon(formula: str) -> None:
    start = time.perf_counter()
    assert [each.code for each in type_formula(formula, Scope()).diagnostics] == ["F101"]
    assert time.perf_counter() - start < 5


def test_wide_calls_are_answered_soon() -> None:
    formula = "nvl(" + ", ".join(["nvl(a, 0)"] * 500) + ")"
    start = time.perf_counter()
    assert parse(formula).tree is not None
    assert type_formula(formula, Scope()).diagnostics[0].code == "F101"
    assert time.perf_counter() - start < 5
