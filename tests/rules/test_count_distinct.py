"""Counting different values: by keys, in two steps, or as it is written."""

from __future__ import annotations

from typing import Any

import pytest

import headrace
from headrace.catalog import Catalog


def _node(measures: dict[str, str], pairs: int | None = 1000, by: Any = "g", **table: Any) -> Any:
    columns = {
        "id": {"type": "integer", "nullable": False},
        "g": {"type": "text", "distinct": 10, "nulls": 0},
        "x": {"type": "integer", "nulls": 0, **({} if pairs is None else {"distinct": pairs})},
        "y": {"type": "integer", "distinct": 5},
        "code": {"type": "text", "distinct": 5},
        "w": {"type": "float", "distinct": 5},
    }
    document = {
        "headrace": 1,
        "sources": {"t": {"table": "t"}},
        "nodes": {"result": {"from": "t", "steps": [{"aggregate": {"by": by, "measures": measures}}]}},
    }
    facts = {"columns": columns, "rows": 1_000_000, **table}
    result = headrace.compile(document, Catalog.from_json({"tables": {"t": facts}}))
    assert result.ok, result.diagnostics
    return result.nodes["result"]


def test_values_of_a_key_are_different() -> None:
    node = _node({"n": "count(distinct id)", "m": "count(distinct x)"}, pairs=None, keys=[["id"], ["g", "x"]])
    assert [each.rule for each in node.firings] == ["count_distinct"]
    assert "DISTINCT" not in node.sql
    # Of another group, a value may come again.
    assert "DISTINCT" in _node({"m": "count(distinct x)"}, pairs=None, by="y", keys=[["g", "x"]]).sql


def test_few_pairs_are_grouped_first() -> None:
    node = _node({"n": "count(distinct x)", "rows": "count()"})
    assert (
        node.sql[node.sql.index("WITH") :]
        == """\
WITH aggregate_1_parts AS (
  SELECT
    g,
    x,
    COUNT(*) AS row_count
  FROM public.t
  GROUP BY
    g,
    x
)
SELECT
  CAST(g AS TEXT) AS g,
  CAST(COUNT(x) AS BIGINT) AS n,
  CAST(COALESCE(CAST(SUM(row_count) AS BIGINT), 0) AS BIGINT) AS rows
FROM aggregate_1_parts
GROUP BY
  g;
"""
    )


@pytest.mark.parametrize(
    ("measures", "pairs"),
    [
        ({"n": "count(distinct x)"}, 900_000),  # nearly every row has a pair of its own
        ({"n": "count(distinct x)"}, None),
        ({"n": "count(distinct x)", "m": "count(distinct y)"}, 1000),  # two kinds of values at once
        ({"n": "count(distinct x)", "m": "max_by(y, id)"}, 1000),
        ({"n": "count(distinct x)", "w": "sum(w)"}, 1000),
        ({"n": "count(distinct to_integer(code))", "m": "count()"}, 1000),  # may fail, which a group key does not defer
    ],
)
def test_where_it_stays(measures: dict[str, str], pairs: int | None) -> None:
    assert not _node(measures, pairs).firings


def test_nothing_is_done_where_the_rows_are_not_known() -> None:
    assert not _node({"n": "count(distinct x)"}, rows=None).firings
