"""Groups of few rows are made after those rows are met; where that could be another result, or slower, they are not."""

from __future__ import annotations

from typing import Any

import pytest

import headrace
from headrace.catalog import Catalog

RULE = "group_after_join"
TOTALS = [{"aggregate": {"by": ["customer_id"], "measures": {"total": "sum(amount)", "n": "count()"}}}]
LOOKUP = {"lookup": {"with": "french", "by": {"customer_id": "id"}}}
FRENCH = [{"filter": 'country = "FR"'}]


def table(key: list[str], **columns: str) -> dict[str, Any]:
    """Columns by their types; those of a name in ``key`` are a key, and have no nulls."""
    typed = {name: {"type": type_, "nullable": name not in key} for name, type_ in columns.items()}
    return {"columns": typed, "keys": [key] if key else []}


CATALOG = Catalog.from_json(
    {
        "headrace": 1,
        "tables": {
            "shop.sales": table([], customer_id="integer", day="date", amount="decimal"),
            "shop.customers": table(["id"], id="integer", name="text", country="text", size="integer", code="text"),
        },
    }
)


def compiled(steps: list[Any], french: list[Any], totals: list[Any] | None = None) -> headrace.NodeResult:
    document = {
        "headrace": 1,
        "sources": {"sales": {"table": "shop.sales"}, "customers": {"table": "shop.customers"}},
        "nodes": {
            "totals": {"from": "sales", "steps": TOTALS if totals is None else totals},
            "french": {"from": "customers", "steps": french},
            "result": {"from": "totals", "steps": steps, "materialize": "table"},
        },
    }
    result = headrace.compile(document, CATALOG, rules=[RULE])
    assert result.ok, result.diagnostics
    return result.nodes["result"]


@pytest.mark.parametrize(
    ("steps", "french", "totals"),
    [
        ([{"join": {"with": "french", "by": {"customer_id": "id"}}}], FRENCH, None),
        ([LOOKUP, {"filter": 'name <> ""'}], FRENCH, None),
        ([{"join": {"with": "french", "by": {"customer_id": "id"}}}], [{"filter": "size in (1, 2)"}], None),
        ([{"filter": "total > 1"}, {"join": {"with": "french", "by": {"customer_id": "id"}}}], FRENCH, None),
        ([{"derive": {"each": "total / n"}}, {"join": {"with": "french", "by": {"customer_id": "id"}}}], FRENCH, None),
        (
            [{"join": {"with": "french", "by": {"customer_id": "id"}}}],
            FRENCH,
            [{"aggregate": {"by": ["customer_id", "day"], "measures": {"total": "sum(amount)"}}}],
        ),
    ],
)
def test_groups_of_few_rows_are_made_after_the_join(steps: list[Any], french: list[Any], totals: list[Any]) -> None:
    node = compiled(steps, french, totals)
    assert [each.rule for each in node.firings] == [RULE]
    sql = node.sql or ""
    assert sql.index("INNER JOIN french") < sql.index("GROUP BY"), sql


@pytest.mark.parametrize(
    ("steps", "french", "totals"),
    [
        # All groups come out, with a partner or without.
        ([LOOKUP], FRENCH, None),
        ([{"join": {"with": "french", "by": {"customer_id": "id"}, "kind": "anti"}}], FRENCH, None),
        # Nothing says that there are few of them.
        ([{"join": {"with": "french", "by": {"customer_id": "id"}}}], [], None),
        ([{"join": {"with": "french", "by": {"customer_id": "id"}}}], [{"filter": "size > 2"}], None),
        # A group may meet several, and each sale would then be there for each of them.
        ([{"join": {"with": "french", "by": {"customer_id": "size"}}}], FRENCH, None),
        # The key is no group key.
        ([{"join": {"with": "french", "by": {"n": "id"}}}], FRENCH, None),
        # A rank among all groups is not one among some.
        (
            [{"derive": {"place": "rank(order by total)"}}, {"join": {"with": "french", "by": {"customer_id": "id"}}}],
            FRENCH,
            None,
        ),
        # Equal decimals may look different: the one that comes out is that of the left.
        (
            [{"join": {"with": "french", "by": {"key": "id"}}}],
            [*FRENCH, {"derive": {"id": "to_decimal(id)"}}],
            [{"derive": {"key": "amount"}}, {"aggregate": {"by": ["key"], "measures": {"n": "count()"}}}],
        ),
        # One row comes out of no rows.
        (
            [{"derive": {"customer_id": "1"}}, {"join": {"with": "french", "by": {"customer_id": "id"}}}],
            FRENCH,
            [{"aggregate": {"measures": {"total": "sum(amount)", "n": "count()"}}}],
        ),
    ],
)
def test_groups_stay_before_the_join(steps: list[Any], french: list[Any], totals: list[Any]) -> None:
    assert not compiled(steps, french, totals).firings


def test_groups_that_are_read_twice_stay_as_they_are() -> None:
    join = {"join": {"with": "french", "by": {"customer_id": "id"}}}
    again = {"join": {"with": "totals", "by": ["customer_id"], "prefix": "other_"}}
    assert not compiled([join, again], FRENCH).firings
