"""Groups that nothing asks for are not made; those that may be asked for are."""

from __future__ import annotations

from typing import Any

import pytest

import headrace
from headrace.catalog import Catalog

RULE = "push_semi_joins"
CATALOG = Catalog.from_json(
    {
        "headrace": 1,
        "tables": {
            "shop.lines": {
                "columns": {
                    "order_id": {"type": "integer", "nullable": False},
                    **{name: {"type": "integer"} for name in ("product", "supplier")},
                    "late": {"type": "boolean"},
                    "amount": {"type": "decimal"},
                }
            },
            "shop.orders": {
                "columns": {"id": {"type": "integer"}, "day": {"type": "date"}, "code": {"type": "text"}},
                "keys": [["id"]],
            },
            "shop.suppliers": {"columns": {"id": {"type": "integer"}, "country": {"type": "text"}}, "keys": [["id"]]},
        },
    }
)
OF_ORDERS = [
    {"aggregate": {"by": ["order_id"], "measures": {"total": "sum(amount)", "last": "max(supplier where late)"}}}
]
OF_PRODUCTS = [{"aggregate": {"by": ["product"], "measures": {"last": "max(supplier)"}}}]
TODAY = [{"filter": 'day = "2024-01-31"'}]
FRENCH = [{"filter": 'country = "FR"'}]
LOOKUP = {"lookup": {"with": "totals", "by": {"id": "order_id"}}}
SUPPLIERS = {"lookup": {"with": "some", "by": {"last": "id"}, "columns": ["country"]}}


def compiled(start: str, steps: list[Any], some: list[Any], totals: list[Any]) -> headrace.NodeResult:
    document = {
        "headrace": 1,
        "sources": {name: {"table": f"shop.{name}"} for name in ("lines", "orders", "suppliers")},
        "nodes": {
            "totals": {"from": "lines", "steps": totals},
            "some": {"from": "suppliers", "steps": some},
            "result": {"from": start, "steps": steps, "materialize": "table"},
        },
    }
    result = headrace.compile(document, CATALOG, rules=[RULE])
    assert result.ok, result.diagnostics
    return result.nodes["result"]


def test_only_groups_that_are_looked_up_are_made() -> None:
    node = compiled("orders", [*TODAY, LOOKUP], [], OF_ORDERS)
    assert [each.rule for each in node.firings] == [RULE]
    sql = " ".join((node.sql or "").split())
    looked = "FROM shop.orders WHERE orders.id = lines.order_id AND orders.day = DATE '2024-01-31' ) GROUP BY"
    assert looked in sql, sql
    assert sql.count("EXISTS") == 1


@pytest.mark.parametrize(
    ("steps", "some"),
    [
        ([SUPPLIERS, {"filter": 'country = "FR"'}], []),
        ([{"join": {"with": "some", "by": {"last": "id"}, "kind": "semi"}}], FRENCH),
    ],
)
def test_only_groups_with_a_row_of_the_value_asked_for_are_made(steps: list[Any], some: list[Any]) -> None:
    node = compiled("totals", steps, some, OF_ORDERS)
    assert [each.rule for each in node.firings] == [RULE]
    sql = " ".join((node.sql or "").split())
    assert "wanted_lines AS ( SELECT lines.order_id FROM shop.lines WHERE lines.late AND EXISTS(" in sql, sql
    assert "WHERE wanted_lines.order_id = lines.order_id ) GROUP BY" in sql, sql


@pytest.mark.parametrize(
    ("start", "steps", "some", "totals"),
    [
        # All orders are asked for, or most, or those that something that may fail picks.
        ("orders", [LOOKUP], [], OF_ORDERS),
        ("orders", [{"filter": 'day > "2024-01-31"'}, LOOKUP], [], OF_ORDERS),
        ("orders", [{"filter": "to_integer(code) = 1"}, LOOKUP], [], OF_ORDERS),
        # The first few of all.
        ("orders", [*TODAY, {"lookup": {"with": "first", "by": {"id": "order_id"}}}], [], OF_ORDERS),
        # All groups come out.
        ("totals", [SUPPLIERS], FRENCH, OF_ORDERS),
        ("totals", [{"join": {"with": "some", "by": {"last": "id"}, "kind": "anti"}}], FRENCH, OF_ORDERS),
        # A group whose key is null equals no other by =.
        ("totals", [SUPPLIERS, {"filter": 'country = "FR"'}], [], OF_PRODUCTS),
        # A sum is the value of no row.
        (
            "totals",
            [{"join": {"with": "some", "by": {"n": "id"}}}],
            FRENCH,
            [{"aggregate": {"by": ["order_id"], "measures": {"n": "count(supplier)"}}}],
        ),
        # Nothing may be computed of rows of other groups that may fail.
        (
            "totals",
            [{"join": {"with": "some", "by": {"n": "id"}}}],
            FRENCH,
            [
                {"derive": {"code": "to_text(product)"}},
                {"aggregate": {"by": ["order_id"], "measures": {"n": "max(supplier where to_integer(code) > 1)"}}},
            ],
        ),
    ],
)
def test_all_groups_are_made(start: str, steps: list[Any], some: list[Any], totals: list[Any]) -> None:
    if "first" in str(steps):
        totals = [*totals, {"limit": {"rows": 3, "order": ["total"]}}]
        steps = [*steps[:-1], {"lookup": {"with": "totals", "by": {"id": "order_id"}}}]
    assert not compiled(start, steps, some, totals).firings


def test_groups_that_are_read_twice_are_all_made() -> None:
    again = {"lookup": {"with": "totals", "by": {"number": "order_id"}, "prefix": "other_"}}
    steps = [*TODAY, LOOKUP, {"derive": {"number": "id + 1"}}, again]
    assert not compiled("orders", steps, [], OF_ORDERS).firings
