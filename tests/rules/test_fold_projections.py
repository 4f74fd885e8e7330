"""Steps that only compute, choose and rename columns become one; what is dear to compute is computed once."""

from __future__ import annotations

from typing import Any

import pytest
from planned import planned

RULE = ["fold_projections"]


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        ([{"derive": {"w": "price * 2"}}, {"derive": {"z": "w + 1"}}], ["derive_2: w = price * 2, z = price * 2 + 1"]),
        ([{"derive": {"w": "price * 2"}}, {"select": ["id", "w"]}, {"rename": {"net": "w"}}],
         ["select rename_3: id, net = price * 2"]),
        # Read once, it may be as dear as it likes.
        ([{"derive": {"n": "to_integer(code)"}}, {"select": [{"m": "n + 1"}]}], ["select_2: m = to_integer(code) + 1"]),
        ([{"derive": {"w": "price * 2"}}, {"aggregate": {"by": ["country"], "measures": {"s": "sum(w)"}}}],
         ["aggregate_2: by country: s = sum(price * 2)"]),
        ([{"derive": {"first": "left(country, 1)"}}, {"aggregate": {"by": ["first"], "measures": {"s": "sum(price)"}}}],
         ["aggregate_2: by first = left(country, 1): s = sum(price)"]),
        ([{"derive": {"w": "price * 2"}}, {"derive": {"s": "sum(w per country)"}}],
         ["derive_2: w = price * 2, s = sum(price * 2 per country)"]),
        ([{"derive": {"s": "sum(price per country)"}}, {"derive": {"share": "price / s"}}, {"drop": ["s"]}],
         ["derive drop_3: share = price / sum(price per country)"]),
        ([{"select": ["id", "customer", "country", "code", "price", "cost"]}], []),
        ([{"rename": {"a": "id", "id": "customer"}}, {"rename": {"customer": "id", "id": "a"}}], []),
    ],
)  # fmt: skip
def test_a_chain_is_one_projection(steps: list[Any], lines: list[str]) -> None:
    assert planned(steps, RULE) == ["from sales (1 row)", *lines]


@pytest.mark.parametrize(
    "steps",
    [
        # A text that is read as a number in three columns.
        [{"derive": {"n": "to_integer(code)"}}, {"derive": {"a": "n + 1", "b": "n + 2"}}],
        # A window cannot stand in a window.
        [{"derive": {"s": "sum(price per country)"}}, {"derive": {"t": "sum(s per code)"}}],
        # A window that two columns read.
        [{"derive": {"s": "sum(price per country)"}}, {"derive": {"a": "price / s", "b": "cost / s"}}],
        # PostgreSQL must find the key in the measure.
        [{"derive": {"w": "price * 2"}}, {"aggregate": {"by": ["w"], "measures": {"s": "sum(cost) + w"}}}],
        # The order of columns is one of the rows' facts.
        [{"select": ["customer", "id", "country", "code", "price", "cost"]}],
    ],
)
def test_what_stays_apart(steps: list[Any]) -> None:
    assert planned(steps, RULE) == planned(steps, ())


def test_what_all_values_share_is_computed_once() -> None:
    steps = [{"derive": {"s": "sum(price per country)"}}, {"select": [{"share": "price / s + $m"}]}]
    assert planned(steps, RULE, for_each={"m": [1, 2]}) == planned(steps, (), for_each={"m": [1, 2]})


def test_a_plan_read_twice_stays() -> None:
    once = {"inner": {"from": "sales", "steps": [{"derive": {"w": "price * 2"}}]}}
    steps = [{"derive": {"z": "w + 1"}}, {"join": {"with": "inner", "by": "id", "prefix": "its_"}}]
    assert planned(steps, RULE, main="inner", nodes=once) == planned(steps, (), main="inner", nodes=once)


def test_a_chain_that_doubles_an_expression_does_not_grow_with_its_length() -> None:
    def size(count: int) -> int:
        return sum(map(len, planned([{"derive": {"price": "price * 2 + price"}}] * count, RULE)))

    assert size(100) < 2.5 * size(50)
