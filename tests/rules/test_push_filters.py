"""Conditions sink to where their columns come from, and no further than rows, windows and errors allow."""

from __future__ import annotations

from typing import Any

import pytest
from planned import planned

RULE = ["push_filters"]
FR = 'country = "FR"'
LIMIT = {"limit": {"rows": 1, "per": ["country"], "order": ["id"]}}
BY_COUNTRY = {"aggregate": {"by": ["country"], "measures": {"s": "sum(price)"}}}
BY_PRICE = {"aggregate": {"by": ["price"], "measures": {"s": "sum(cost)"}}}
TOTAL = {"aggregate": {"measures": {"s": "sum(price)"}}}


@pytest.mark.parametrize(
    ("steps", "below", "above"),
    [
        ([{"derive": {"w": "price * 2"}}, {"filter": f"w > 3 and {FR}"}], f"price * 2 > 3 and {FR}", ""),
        ([{"rename": {"land": "country"}}, {"filter": 'land = "FR"'}], FR, ""),
        ([{"derive": {"w": "price * 2"}}, {"filter": "w > 3"}, {"derive": {"w": "w * 2"}}, {"filter": "w > 9"}],
         "price * 2 > 3 and price * 2 * 2 > 9", ""),
        ([BY_COUNTRY, {"filter": f"{FR} and s > 1"}], FR, "s > 1"),
        ([{"aggregate": {"by": [{"first": "left(country, 1)"}], "measures": {"s": "sum(price)"}}},
          {"filter": 'first = "F"'}], 'left(country, 1) = "F"', ""),
        ([{"derive": {"s": "sum(price per country)"}}, {"filter": f"{FR} and s > 1"}], FR, "s > 1"),
        ([{"derive": {"s": "sum(price per country)", "n": "count(per country, id)"}}, {"filter": f"{FR} and id > 1"}],
         FR, "id > 1"),
        ([LIMIT, {"filter": f"{FR} and id > 1"}], FR, "id > 1"),
        ([{"distinct": ["country"]}, {"filter": FR}], FR, ""),
        ([{"sort": ["id"]}, {"filter": FR}, {"aggregate": {"measures": {"n": "count()"}}}], FR, ""),
        ([{"expect": [{"unique": ["country", "code"]}]}, {"filter": FR}], FR, ""),
        ([{"split": {"column": "code", "at": ","}}, {"filter": f'{FR} and code = "1"'}], FR, 'code = "1"'),
        ([{"unpivot": {"columns": ["price", "cost"], "name": "kind", "value": "amount"}},
          {"filter": f"{FR} and amount > 1"}], FR, "amount > 1"),
    ],
)  # fmt: skip
def test_what_sinks_and_what_stays(steps: list[Any], below: str, above: str) -> None:
    before = planned(steps, ())
    after = planned(steps, RULE)
    kinds = [line.partition(":")[0].rstrip("_123456789") for line in after]
    assert after[1].partition(": ")[2] == below, after
    assert kinds[1] == "filter"
    stays = after[-1].partition(": ")[2] if kinds[-1] == "filter" and len(after) > 2 else ""
    assert stays == above, after
    assert len(after) >= len(before) - 1


@pytest.mark.parametrize(
    "steps",
    [
        # One row comes out of a total, whatever is read.
        [TOTAL, {"filter": "s > 1"}],
        # Which rows are the first depends on all of them.
        [{"limit": {"rows": 1, "order": ["id"]}}, {"filter": FR}],
        [{"sample": {"rows": 1}}, {"filter": FR}],
        # A running number counts rows of other prices too.
        [{"derive": {"n": "row_number(per country order by id)"}}, {"filter": "price > 1"}],
        # 2.5 and 2.50 are one group, and one of the two texts is its name.
        [BY_PRICE, {"filter": 'to_text(price) = "2.50"'}],
        [{"derive": {"s": "sum(cost per price)"}}, {"filter": 'to_text(price) = "2.50"'}],
        # Not every code is a number; these may be.
        [BY_COUNTRY, {"filter": "to_integer(country) > 1"}],
        [{"join": {"with": "customers", "by": "customer"}}, {"filter": "to_integer(code) > 1"}],
        [{"union": "sales"}, {"filter": "to_integer(code) > 1"}],
        # Rows that found no customer would come out of a left join, and these do not.
        [{"join": {"with": "per_customer", "by": "customer", "kind": "left"}}, {"filter": "n > 1"}],
        [{"join": {"with": "per_customer", "by": "customer", "kind": "full"}}, {"filter": FR}],
        [{"join": {"with": "per_customer", "by": "customer", "kind": "right"}}, {"filter": FR}],
    ],
)
def test_what_stays_where_it_is(steps: list[Any]) -> None:
    assert planned(steps, RULE) == planned(steps, ())


@pytest.mark.parametrize("step", ["union", "intersect", "except"])
def test_every_branch_is_asked(step: str) -> None:
    lines = planned([{step: "sales"}, {"filter": FR}], RULE)
    assert lines[0] == f"{step}_1: 2 relations"
    assert [line.strip() for line in lines].count(f"filter_2: {FR}") == 2
    assert not lines[-1].startswith("filter")


def test_what_may_fail_is_tested_after_what_came_first() -> None:
    steps = [{"filter": "len(code) = 2"}, {"derive": {"n": "to_integer(code)"}}, {"filter": f"n > 1 and {FR}"}]
    assert planned(steps, RULE) == [
        "from sales (1 row)",
        "filter_1: len(code) = 2",
        f"filter_3: to_integer(code) > 1 and {FR}",
        "derive_2: n = to_integer(code)",
    ]


@pytest.mark.parametrize(
    ("kind", "condition", "left", "right"),
    [
        ("inner", "customer > 3", True, True),
        ("left", "customer > 3", True, True),
        ("full", "customer > 3", True, True),
        ("semi", "customer > 3", True, True),
        ("anti", "customer > 3", True, True),
        ("left", FR, True, False),
        ("anti", FR, True, False),
        ("inner", "n > 3", False, True),
        ("right", "n > 3", False, True),
    ],
)
def test_a_condition_goes_to_the_sides_of_a_join_that_it_speaks_of(
    kind: str, condition: str, left: bool, right: bool
) -> None:
    join = {"join": {"with": "per_customer", "by": "customer", "kind": kind}}
    lines = planned([join, {"filter": condition}], RULE)
    tested = [place for place, line in enumerate(lines) if "filter" in line]
    join_at = next(place for place, line in enumerate(lines) if line.startswith("join"))
    assert [any(place < join_at for place in tested), any(place > join_at for place in tested)] == [left, right], lines
    assert not lines[-1].startswith("filter")


def test_a_table_in_a_join_stays_part_of_its_select() -> None:
    steps = [{"join": {"with": "customers", "by": "customer"}}, {"filter": f'name = "Ann" and {FR}'}]
    assert planned(steps, RULE)[-1] == 'filter_2: name = "Ann"'


def test_a_plan_read_twice_is_not_changed_for_one_reader() -> None:
    once = {"inner": {"from": "sales", "steps": [BY_COUNTRY]}}
    steps = [{"filter": FR}, {"join": {"with": "inner", "by": "country", "prefix": "all_"}}]
    assert planned(steps, RULE, main="inner", nodes=once) == planned(steps, (), main="inner", nodes=once)


def test_in_an_expansion() -> None:
    steps = [{"filter": "id <= $m"}, BY_COUNTRY, {"filter": FR}]
    lines = planned(steps, RULE, for_each={"m": [1, 2]}, then=[{"filter": 'country != "DE" and m > 1'}])
    assert [line.strip() for line in lines] == [
        "for_each: m, 2 values, union",
        "- from sales (1 row)",
        "filter_1: id <= $m",
        'then_filter_1: country = "FR" and country != "DE"',
        "aggregate_2: by country: s = sum(price)",
        "then_filter_1: m > 1",
    ]


def test_what_all_values_share_does_not_come_to_depend_on_them() -> None:
    steps = [BY_COUNTRY, {"filter": "s > $m"}]
    assert planned(steps, RULE, for_each={"m": [1, 2]}) == planned(steps, (), for_each={"m": [1, 2]})


def test_a_long_chain_does_not_make_a_condition_grow() -> None:
    steps: list[Any] = [{"derive": {"price": "price * price + cost"}} for _ in range(100)]
    lines = planned([*steps, {"filter": "price > 1"}], RULE)
    condition = next(line for line in lines if line.startswith("filter"))
    assert len(condition) < 2000
