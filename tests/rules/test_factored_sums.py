"""Sums of products with factors of few values: where they are computed in two steps, and where they stay."""

from __future__ import annotations

from typing import Any

import pytest

import headrace
from headrace.catalog import Catalog

_COLUMNS = {
    "flag": {"type": "text", "nullable": False, "distinct": 3},
    "price": {"type": "decimal(15, 2)", "nullable": False, "distinct": 900_000},
    "discount": {"type": "decimal(15, 2)", "nullable": False, "distinct": 11},
    "tax": {"type": "decimal(15, 2)", "nullable": False, "distinct": 9},
    "cost": {"type": "decimal(15, 2)", "distinct": 800_000},
    "weight": {"type": "float", "distinct": 11},
    "any": {"type": "decimal", "distinct": 11},
    "n": {"type": "integer", "distinct": 11},
}
_NET = "price * (1 - discount)"
_MEASURES = {"net": f"sum({_NET})", "charge": f"sum({_NET} * (1 + tax))", "rate": "avg(discount)"}


def _node(measures: dict[str, str], rows: int | None = 6_000_000, columns: Any = _COLUMNS) -> Any:
    document = {
        "headrace": 1,
        "sources": {"lines": {"table": "shop.lines"}},
        "nodes": {"result": {"from": "lines", "steps": [{"aggregate": {"by": "flag", "measures": measures}}]}},
    }
    catalog = Catalog.from_json(
        {"tables": {"shop.lines": {"columns": columns, **({} if rows is None else {"rows": rows})}}}
    )
    result = headrace.compile(document, catalog)
    assert result.ok, result.diagnostics
    return result.nodes["result"]


def test_before_and_after() -> None:
    node = _node(_MEASURES)
    assert [each.rule for each in node.firings] == ["factored_sums"]
    sql = node.sql.split("\n", 5)[5] if "WITH" not in node.sql else node.sql[node.sql.index("WITH") :]
    assert (
        sql
        == """\
WITH aggregate_1_parts AS (
  SELECT
    flag,
    discount,
    tax,
    SUM(price) AS sum_price,
    COUNT(*) AS row_count
  FROM shop.lines
  GROUP BY
    flag,
    discount,
    tax
)
SELECT
  CAST(flag AS TEXT) AS flag,
  CAST(SUM((
    1 - discount
  ) * sum_price) AS NUMERIC) AS net,
  CAST(SUM((
    1 - discount
  ) * (
    1 + tax
  ) * sum_price) AS NUMERIC) AS charge,
  CAST(SUM(discount * row_count) / NULLIF(CAST(SUM(row_count) AS BIGINT), 0) AS NUMERIC) AS rate
FROM aggregate_1_parts
GROUP BY
  flag;
"""
    )


@pytest.mark.parametrize(
    ("measures", "why"),
    [
        ({"a": "sum(price * any)", "b": "sum(price * (1 - any))"}, "1.0 and 1.00 are one group"),
        ({"net": f"sum({_NET})"}, "one product is not worth a further key"),
        ({"a": "sum(price * cost)", "b": "sum(price * cost * price)"}, "no factor has few values"),
        ({"a": "sum(price * n * weight)", "b": "sum(price * (1 - weight))"}, "floats depend on their order"),
        ({**_MEASURES, "dearest": "max_by(cost, price)"}, "the greatest of parts is no part"),
        ({**_MEASURES, "costs": "count(distinct cost)"}, "distinct values of parts are not those of all"),
        ({**_MEASURES, "w": "sum(weight)"}, "floats depend on their order"),
        ({"a": "sum(n * 2)", "b": "sum(n * 3)"}, "products of whole numbers cost little"),
    ],
)
def test_where_it_stays(measures: dict[str, str], why: str) -> None:
    assert not [each for each in _node(measures).firings if each.rule == "factored_sums"], why


def test_it_stays_where_nothing_is_known_or_many_groups_are() -> None:
    assert not _node(_MEASURES, rows=None).firings
    assert not _node(_MEASURES, rows=5000).firings
    unknown = {**_COLUMNS, "tax": "decimal(15, 2)", "discount": "decimal(15, 2)"}
    assert not _node(_MEASURES, columns=unknown).firings
