"""Measures of one source at one grain share one scan (dbt-labs/metricflow#422, dbt-labs/metricflow#1685).

Derived metrics were computed by a scan and a FULL OUTER JOIN for each measure that they are made of.
"""

from __future__ import annotations

from typing import Any

from headrace import Engine

_CATALOG: dict[str, Any] = {
    "headrace": 1,
    "tables": {"shop.sales": {"columns": {"day": "date", "country": "text", "amount": "integer", "cost": "integer"}}},
}


def _sql(*steps: dict[str, Any], formulas: dict[str, str] | None = None) -> str:
    document = {
        "headrace": 1,
        "sources": {"sales": {"table": "shop.sales", "formulas": formulas or {}}},
        "nodes": {"result": {"from": "sales", "steps": list(steps)}},
    }
    sql = Engine().compile(document, _CATALOG).nodes["result"].sql
    assert sql is not None
    return sql


def test_a_measure_made_of_measures() -> None:
    sql = _sql(
        {"aggregate": {"by": ["country"], "measures": {"revenue": "revenue", "margin": "margin", "of_all": "share"}}},
        formulas={
            "revenue": "sum(amount)",
            "margin": "(revenue - sum(cost)) / revenue",
            "share": "share(amount)",
        },
    )
    assert sql.count("shop.sales") == 1, sql
    assert "JOIN" not in sql


def test_measures_with_conditions_of_their_own() -> None:
    measures = {"french": 'sum(amount where country = "FR")', "early": "count(where month(day) < 4)", "all": "count()"}
    sql = _sql({"aggregate": {"by": ["day"], "measures": measures}}, {"derive": {"share": "french / all"}})
    assert sql.count("shop.sales") == 1, sql
    assert "JOIN" not in sql
