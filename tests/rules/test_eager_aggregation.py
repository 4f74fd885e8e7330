"""Aggregation before a join: where it is done, and where the rows are joined first."""

from __future__ import annotations

from typing import Any

import pytest

import headrace
from headrace.catalog import Catalog

_SALES = {
    "id": {"type": "integer", "nullable": False},
    "customer_id": {"type": "integer", "nullable": False, "distinct": 200_000},
    "day": {"type": "date", "nullable": False, "distinct": 1000},
    "amount": "decimal(12, 2)",
    "weight": "float",
    "code": "text",
}
_DAYS = {"day": {"type": "date", "nullable": False, "distinct": 1000}, "season": {"type": "text", "distinct": 4}}
_CUSTOMERS = {
    "customer_id": {"type": "integer", "nullable": False},
    "country": {"type": "text", "distinct": 20},
    "factor": "decimal",
}


def _catalog(sales: int | None) -> Catalog:
    sold: dict[str, Any] = {"columns": _SALES, "keys": [["id"]]}
    return Catalog.from_json(
        {
            "tables": {
                "sales": sold if sales is None else {**sold, "rows": sales},
                "customers": {"columns": _CUSTOMERS, "keys": [["customer_id"]], "rows": 200_000},
                "days": {"columns": _DAYS, "keys": [["day"]], "rows": 1000},
            }
        }
    )


def _node(steps: list[Any], sales: int | None = 10_000_000, **more: Any) -> Any:
    document = {
        "headrace": 1,
        "sources": {name: {"table": name} for name in ("sales", "customers", "days")},
        "nodes": {"result": {"from": "sales", "steps": steps, **more}},
    }
    result = headrace.compile(document, _catalog(sales))
    assert result.ok, result.diagnostics
    return result.nodes["result"]


def _fires(node: Any) -> bool:
    return "eager_aggregation" in [each.rule for each in node.firings]


_WITH_CUSTOMERS = {"join": {"with": "customers", "by": "customer_id"}}
_WITH_DAYS = {"join": {"with": "days", "by": "day"}}


def _aggregate(by: str, **measures: str) -> dict[str, Any]:
    return {"aggregate": {"by": by, "measures": measures}}


def test_before_and_after() -> None:
    node = _node([_WITH_CUSTOMERS, _aggregate("country", customers="count(distinct customer_id)", rows="count()")])
    assert [each.rule for each in node.firings] == ["prune_columns", "eager_aggregation", "count_distinct"]
    assert (
        node.sql[node.sql.index("WITH") :]
        == """\
WITH aggregate_2_parts AS (
  SELECT
    customer_id,
    COUNT(*) AS row_count
  FROM public.sales
  GROUP BY
    customer_id
)
SELECT
  CAST(customers.country AS TEXT) AS country,
  CAST(COUNT(aggregate_2_parts.customer_id) AS BIGINT) AS customers,
  CAST(COALESCE(CAST(SUM(aggregate_2_parts.row_count) AS BIGINT), 0) AS BIGINT) AS rows
FROM aggregate_2_parts
INNER JOIN public.customers
  ON aggregate_2_parts.customer_id = customers.customer_id
GROUP BY
  customers.country;
"""
    )


@pytest.mark.parametrize(
    ("steps", "fires"),
    [
        ([_WITH_DAYS, _aggregate("season", amount="sum(amount)")], True),
        ([_WITH_DAYS, _aggregate("season", amount='sum(amount where season <> "winter")')], True),
        ([_WITH_DAYS, {"derive": {"net": "amount / 1.19"}}, _aggregate("season", amount="sum(net)")], True),
        ([{"join": {**_WITH_DAYS["join"], "kind": "left"}}, _aggregate("season", n="count()")], True),
        # Fifty sales a customer are too few for what is only added up.
        ([_WITH_CUSTOMERS, _aggregate("country", amount="sum(amount)")], False),
        # The join leaves most rows out, and does so at once.
        (
            [{"join": {"with": "days", "by": "day"}}, {"filter": "season is null"}, _aggregate("season", n="count()")],
            False,
        ),
        # A right join gives rows that no group of the sales stands for.
        ([{"join": {**_WITH_DAYS["join"], "kind": "right"}}, _aggregate("season", n="count()")], False),
        ([{"join": {**_WITH_DAYS["join"], "kind": "full"}}, _aggregate("season", n="count()")], False),
        # What is made of columns of both sides is not known before.
        ([_WITH_CUSTOMERS, _aggregate("country", c="count(distinct customer_id)", a="sum(amount * factor)")], False),
        # What may fail is not computed for rows that the join would leave out.
        ([_WITH_DAYS, _aggregate("season", n="sum(to_integer(code))")], False),
        # A sum of floats depends on the order; the greatest of parts is no part.
        ([_WITH_DAYS, _aggregate("season", w="sum(weight)")], False),
        ([_WITH_DAYS, _aggregate("season", n="max_by(amount, id)")], False),
        ([{"join": {"with": "days", "by": "day", "where": "id > 3"}}, _aggregate("season", n="count()")], False),
    ],
)
def test_where_it_is_done(steps: list[Any], fires: bool) -> None:
    assert _fires(_node(steps)) == fires


def test_nothing_is_done_where_nothing_is_known() -> None:
    steps = [_WITH_DAYS, _aggregate("season", amount="sum(amount)")]
    assert not _fires(_node(steps, sales=None))
    assert not _fires(_node(steps, sales=1000))


def test_expansions_keep_the_shape_by_which_they_are_swept() -> None:
    steps = [{"filter": "day <= $until"}, _WITH_DAYS, _aggregate("season", amount="sum(amount)")]
    values = {"every": "month_end", "from": "2024-01-31", "to": "2025-12-31"}
    document = {
        "headrace": 1,
        "parameters": {"until": "date"},
        "sources": {name: {"table": name} for name in ("sales", "days")},
        "nodes": {"result": {"for_each": {"until": values}, "from": "sales", "steps": steps}},
    }
    node = headrace.compile(document, _catalog(10_000_000)).nodes["result"]
    assert "sweep" in (node.sql or "")
