"""The mistakes that the design names: each has exact texts among the cases, in the words of who writes formulas."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from headrace.grammar import table
from headrace.grammar.check import type_formula
from headrace.grammar.parse import parse
from tests.errors.formulas.typing.scope import PLACES

FOLDER = Path(__file__).parent

NAMED = {
    "a missing bracket": ["sum(amount", "(a = b and c", "[Unit price * 2"],
    "a missing quote": ['"FR', 'if(a > 1, upper("x), 2)'],
    "a comma astray": ["round(a,, 2)", "round(a, )", "a, b", "sum(amount, where paid)"],
    "a semicolon astray": ["round(a; )", "a;", "round(1,5; 2)"],
    "a decimal comma": ["1,5 * a", "round(amount * 1,5, 2)", "1.234,56 + amount"],
    "text where a number is due": ["amount + country", "round(country, 2)", 'amount = "3"', "-country"],
    "a column with a space and no brackets": ["Unit price * 2", "sum(Total net sales per customer)"],
    "a double-quoted word that is a column": ['"amount" * 2', '"country" = "FR"', 'year("order_date") = 2024'],
    "a word without quotes that is a text": ["country = FR"],
    "an aggregate inside a filter": ["sum(amount) > 100", "sum(amount per country) > 100"],
    "an aggregate mixed with a row value": ["amount / sum(amount)", "sum(amount) / quantity"],
    "case without end": ["case when a then b"],
    "over": ["sum(x) over (partition by a order by b desc)", "sum(x) over ()"],
    "is not": ["x is not 5", "a not null", "x is not false"],
    "SI": ['SI(amount > 100; "big"; "small")'],
    "SOMME.SI": ['SOMME.SI(country; "FR"; amount)'],
    "RECHERCHEV": ["RECHERCHEV(customer_id; customers; 2; FAUX)"],
    "NB.SI": ['NB.SI(country; "FR") / 2'],
    "VLOOKUP": ["VLOOKUP(customer_id, customers, 2, FALSE)"],
    "CALCULATE": ['CALCULATE(sum(amount), country = "FR")'],
    "DATEADD": ["DATEADD(day, 3, order_date)"],
    "IFERROR": ["IFERROR(amount / quantity, 0) * 2"],
}


def _cases() -> list[dict[str, Any]]:
    paths = [*sorted(FOLDER.glob("*.yaml")), *sorted(FOLDER.glob("typing/*.yaml"))]
    return [case for path in paths for case in yaml.safe_load(path.read_text("utf-8"))]


CASES = _cases()
FORMULAS = {case["formula"] for case in CASES}


@pytest.mark.parametrize("mistake", NAMED)
def test_a_named_mistake_has_its_cases(mistake: str) -> None:
    assert [formula for formula in NAMED[mistake] if formula not in FORMULAS] == []


def test_there_are_many_cases() -> None:
    assert len(FORMULAS) >= 300


def test_semicolons_between_arguments_are_simply_accepted() -> None:
    for formula in ('if(amount > 100; "big"; "small")', "round(amount; 2)", 'country in ("FR"; "DE")'):
        scope, levels = PLACES["derive"]
        assert type_formula(formula, scope, levels=levels).diagnostics == ()


def test_no_token_of_the_grammar_is_named_anywhere() -> None:
    tokens = {name for name, _ in table.TERMINALS}
    for case in CASES:
        for said in case.get("says", [case]):
            words = [said["message"], *said.get("hints", ()), *(fix["title"] for fix in said.get("fixes", ()))]
            # What the user wrote in capitals is the user's, and so are names of functions in capitals.
            text = " ".join(words).replace(case["formula"], "")
            named = tokens & set(re.findall(r"\b[A-Z_]{2,}\b", text))
            assert not {name for name in named if not re.search(rf"\b{name}\b", case["formula"])}, case["formula"]


def test_poor_cases_are_few() -> None:
    """They are listed with what is missing, and are no reason to add more."""
    assert sum("poor" in case for case in CASES) <= 3
    assert all(parse(case["formula"]).tree is None for case in CASES if "poor" in case)
