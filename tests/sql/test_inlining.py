"""A chain of steps that name a column twice stays small for the planner: a CTE becomes a fence in time."""

from __future__ import annotations

import time
from typing import Any

import headrace


def _sql(steps: int, formula: str, **options: Any) -> str:
    document = {
        "headrace": 1,
        "sources": {"t": {"rows": [{"x": 1}]}},
        "nodes": {"n": {"from": "t", "steps": [{"derive": {"x": formula}}] * steps}},
    }
    shown = headrace.preview(document, None, "n", **options)
    assert shown.sql is not None
    return shown.sql


def test_a_chain_that_does_not_grow_has_no_fence() -> None:
    assert "MATERIALIZED" not in _sql(40, "x + 1", rules=())


def test_fences_stand_where_formulas_would_grow(connection: Any) -> None:
    for rules in ((), None):
        sql = _sql(50, "x + x - x", rules=rules)
        assert "AS MATERIALIZED" in sql
        start = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(sql)
            assert cursor.fetchall() == [(1,)]
        # Without fences the server runs out of memory: 3 to the power of 50 parts.
        assert time.perf_counter() - start < 5
