"""Sums and counts over rows that a join may have repeated are warned of, with the name of the join, and no others.

Seen at lightdash/lightdash#861.
"""

from __future__ import annotations

from typing import Any

import pytest

from headrace import Engine

_SALE = {"id": 1, "c": 1, "p": 1, "amount": 5, "qty": 1}
_PERSON = {"c": 1, "name": "x", "credit": 5}
_SOURCES: dict[str, Any] = {
    "sales": {"rows": [_SALE, {**_SALE, "id": 2}], "keys": ["id"]},
    "people": {"rows": [_PERSON, _PERSON]},
    "known": {"rows": [{**_PERSON, "price": 2}, {**_PERSON, "c": 2, "price": 3}], "keys": ["c"]},
    "lines": {"rows": [{"id": 1, "part": 5}, {"id": 1, "part": 5}]},
}


def _said(*steps: Any, **nodes: Any) -> list[str]:
    document = {"headrace": 1, "sources": _SOURCES, "nodes": {**nodes, "n": {"from": "sales", "steps": list(steps)}}}
    result = Engine().check(document)
    assert result.ok, [each.message for each in result.diagnostics]
    return [each.params["join"] for each in result.diagnostics if each.code == "S136"]


def _join(**more: Any) -> dict[str, Any]:
    return {"join": {"with": "people", "by": "c", **more}}


def _total(formula: str, **more: Any) -> dict[str, Any]:
    return {"aggregate": {"measures": {"x": formula}, **more}}


@pytest.mark.parametrize(
    "formula",
    ["sum(amount)", "avg(amount)", "count(amount)", "count()", "sum(credit)", "1 + sum(if(qty > 1, amount, 0))"],
)
def test_rows_that_may_be_repeated(formula: str) -> None:
    assert _said(_join(), _total(formula)) == ["join_1"]


@pytest.mark.parametrize(
    "formula", ["min(amount)", "max(amount)", "count(distinct amount)", 'string_agg(name, "," order by name)']
)
def test_what_repeated_rows_do_not_change(formula: str) -> None:
    assert _said(_join(), _total(formula)) == []


@pytest.mark.parametrize("cardinality", ["many_to_one", "one_to_one", "many_to_many"])
def test_a_declared_cardinality(cardinality: str) -> None:
    assert _said(_join(cardinality=cardinality), _total("sum(amount)")) == []


def test_a_declaration_of_several_is_used() -> None:
    """One sale, several people: the sale comes out once for each. DataJunction/dj#1531 did not use what it was told."""
    several = _join(cardinality="one_to_many")
    assert _said(several, _total("sum(amount)")) == ["join_1"]
    assert _said(several, _total("sum(credit)")) == []
    assert _said(several, _total("count()")) == []
    assert _said(several, _total("max(amount)")) == []


def test_the_side_that_is_not_repeated() -> None:
    """With a key on one side, only the values of that side can come out several times."""
    assert _said(_join(**{"with": "known"}), _total("sum(amount)")) == []
    assert _said(_join(**{"with": "known"}), _total("count()")) == []
    assert _said(_join(**{"with": "known"}), _total("sum(credit)")) == ["join_1"]
    assert _said(_join(**{"with": "known"}), _total("sum(qty * price)")) == []
    lines = {"join": {"with": "lines", "by": "id"}}
    assert _said(lines, _total("sum(part)")) == []
    assert _said(lines, _total("count()")) == []
    assert _said(lines, _total("sum(amount)")) == ["join_1"]


def test_joins_that_repeat_nothing() -> None:
    assert _said(_join(kind="semi"), _total("sum(amount)")) == []
    assert _said(_join(kind="anti"), _total("sum(amount)")) == []
    assert _said({"lookup": {"with": "people", "by": "c"}}, _total("sum(amount)")) == []


def test_it_is_followed_through_steps_and_nodes_until_rows_are_one_of_each() -> None:
    derived = {"derive": {"net": "amount / 1.19", "constant": "1"}}
    assert _said(_join(), derived, {"filter": "net > 0"}, {"rename": {"n": "net"}}, _total("sum(n)")) == ["join_1"]
    assert _said(_join(), {"distinct": ["id", "amount"]}, _total("sum(amount)")) == []
    assert _said(_join(), {"dedupe": "id"}, _total("sum(amount)")) == []
    grouped = {"aggregate": {"by": ["id"], "measures": {"a": "max(amount)"}}}
    assert _said(_join(), grouped, _total("sum(a)")) == []
    named = {**_join(), "name": "with people"}
    assert _said(named, {"derive": {"share": "amount / sum(amount per c)"}}) == ["with people"]


def test_a_join_in_another_node_is_named_with_it() -> None:
    document = {
        "headrace": 1,
        "sources": _SOURCES,
        "nodes": {
            "joined": {"from": "sales", "steps": [_join()], "materialize": "table"},
            "passed": {"from": "joined", "steps": [{"filter": "amount > 0"}]},
            "n": {"from": "passed", "steps": [_total("sum(amount)")]},
        },
    }
    (said,) = [each for each in Engine().check(document).diagnostics if each.code == "S136"]
    assert (
        said.message
        == "The join join_1 of joined may give rows several times, and sum(amount) then counts each of them."
    )
