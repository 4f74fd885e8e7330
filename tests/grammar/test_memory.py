"""Formulas that were typed before: found again only where they mean the same."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from headrace.grammar.check import type_formula
from headrace.grammar.expression import LEVELS, Column, Scope, Unreachable
from headrace.grammar.memory import FormulaMemory
from headrace.grammar.types import Type

SCOPE = Scope(
    columns={name: Column(Type(kind), name) for name, kind in (("amount", "decimal"), ("n", "integer"))},
    formulas={"net": "amount / $vat"},
    qualified={("customer",): {"city": Column(Type("text"), "city_1")}},
    parameters={"vat": (Type("decimal", nullable=False), False)},
)


def column(kind: str, name: str) -> Column:
    return Column(Type(kind), name)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("amount * 2", {"columns": {"amount": column("integer", "amount")}}),
        ("amount * 2", {"columns": {"amount": column("decimal", "other")}}),
        ("amount * 2", {"columns": {}}),
        ("net * 2", {"formulas": {"net": "amount"}}),
        ("net * 2", {"formulas": {}}),
        ("net * 2", {"columns": {**SCOPE.columns, "net": column("text", "net")}}),
        ("net * 2", {"columns": {"amount": column("float", "amount")}}),
        ("net * 2", {"parameters": {"vat": (Type("float"), False)}}),
        ("$vat", {"parameters": {"vat": (Type("text"), False)}}),
        ("$vat", {"parameters": {"vat": (Type("decimal"), True)}}),
        ("customer.city", {"qualified": {("customer",): {"city": column("text", "city_2")}}}),
        ("customer.city", {"qualified": {}, "unreachable": {("customer",): Unreachable("F103", {"name": "customer"})}}),
        ("sum(amount)", {"groups": {"amount": column("decimal", "amount")}}),
        ("amount", {"groups": {"n": column("integer", "n")}}),
        ("sum(amount)", {"groups": {}, "filled": True}),
        ("n + 1", {"groups": {"x": type_formula("n + 1", SCOPE).expression}}),
        ("today()", {"timezone": "Europe/Paris"}),
    ],
)
def test_another_scope_is_another_formula(text: str, change: dict[str, Any]) -> None:
    memory = FormulaMemory()
    other = replace(SCOPE, **change)
    for scope in (SCOPE, other, SCOPE, other):
        found = memory.type_formula(text, scope, levels=LEVELS)
        assert found == type_formula(text, scope, levels=LEVELS)


def test_levels_count_too() -> None:
    memory = FormulaMemory()
    assert memory.type_formula("sum(amount)", SCOPE, levels=("aggregate",)).expression is not None
    assert memory.type_formula("sum(amount)", SCOPE, levels=("row",)).expression is None


def test_what_is_not_named_does_not_matter() -> None:
    memory = FormulaMemory()
    first = memory.type_formula("amount * 2", SCOPE)
    more = replace(SCOPE, columns={**SCOPE.columns, "more": column("text", "more")}, formulas={"x": "1"})
    assert memory.type_formula("amount * 2", more) is first


def test_mistakes_and_warnings_are_said_anew_at_each_place() -> None:
    memory = FormulaMemory()
    for pointer in ("/a", "/b"):
        for text in ("amout", "-2^2", "amount +"):
            said = memory.type_formula(text, SCOPE, pointer=pointer).diagnostics
            assert said
            assert {each.pointer for each in said} == {pointer}


def test_it_holds_a_bounded_number_of_formulas() -> None:
    memory = FormulaMemory()
    for number in range(10_000):
        memory.type_formula(f"{number}", SCOPE)
    assert len(memory._entries) <= 4_096
    memory.type_formula(f'"{"x" * 5000}"', SCOPE)
    assert all(len(text) < 5000 for text, *_ in memory._entries)


def test_all_of_a_scope_is_looked_at() -> None:
    """A field that is added to Scope has to be compared too."""
    assert {item.name for item in fields(Scope)} == {
        "columns",
        "formulas",
        "groups",
        "filled",
        "qualified",
        "unreachable",
        "parameters",
        "timezone",
        "functions",
    }
