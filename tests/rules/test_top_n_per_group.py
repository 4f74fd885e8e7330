"""The first rows of each group before a join: where that is the same, and where the join comes first."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest

import headrace
from headrace.catalog import Catalog

_CATALOG = Catalog.from_json(
    {
        "tables": {
            "sales": {"columns": {"id": "integer", "c": "integer", "p": "integer", "n": "integer"}, "keys": [["id"]]},
            "products": {"columns": {"p": "integer", "name": "text"}, "keys": [["p"]]},
        }
    }
)


def _node(*steps: dict[str, Any]) -> Any:
    sources = {"sales": {"table": "sales"}, "products": {"table": "products"}}
    document = {"headrace": 1, "sources": sources, "nodes": {"result": {"from": "sales", "steps": list(steps)}}}
    result = headrace.compile(document, _CATALOG)
    assert result.ok, result.diagnostics
    return result.nodes["result"]


def _join(kind: str = "left") -> dict[str, Any]:
    return {"join": {"with": "products", "by": "p", "kind": kind}}


def _limit(order: Any, **more: Any) -> dict[str, Any]:
    return {"limit": {"rows": 3, "order": order, "per": "c", **more}}


def test_before_and_after() -> None:
    node = _node(_join(), _limit("n desc"))
    assert [each.rule for each in node.firings] == ["top_n_per_group"]
    sql = node.sql
    assert sql.index("ROW_NUMBER()") < sql.index("LEFT JOIN")
    # The key of the sales makes the order total: what the other side has need not be looked at.
    assert "n DESC NULLS LAST, id NULLS LAST)" in " ".join(sql.split())


@pytest.mark.parametrize(
    "steps",
    [
        [_join(), _limit("name")],  # the order is of the other side
        [_join("inner"), _limit("n")],  # rows without a partner are not among the first
        [_join(), _limit("n", per="name")],
        [_join(), {"limit": {"rows": 3, "order": "n"}}],  # its order shows
    ],
)
def test_where_the_join_comes_first(steps: list[Any]) -> None:
    assert not _node(*steps).firings


def test_postgresql_stops_numbering_a_group(server_url: str) -> None:
    sql = _node(_limit("n desc")).sql
    connection = psycopg2.connect(server_url)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE sales (id bigint PRIMARY KEY, c bigint, p bigint, n bigint)")
        cursor.execute("EXPLAIN " + sql[sql.index("SELECT") if "WITH" not in sql else sql.index("WITH") :])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    connection.close()
    assert "Run Condition: (row_number()" in plan
