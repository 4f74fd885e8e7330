"""SQL that a reader would want to keep: a CTE a step where one is needed, named after it, none nested."""

from __future__ import annotations

import re
from typing import Any

from headrace import Engine

_ROWS = {"t": {"rows": [{"g": "x", "n": 1}, {"g": "y", "n": 2}]}}


def _sql(*steps: dict[str, Any], **node: Any) -> str:
    document = {"headrace": 1, "sources": _ROWS, "nodes": {"result": {"from": "t", "steps": list(steps), **node}}}
    result = Engine().compile(document)
    assert result.ok
    sql = result.nodes["result"].sql
    assert sql is not None
    return sql


def _ctes(sql: str) -> list[str]:
    return re.findall(r"(?:WITH |\), )(\w+) AS (?:MATERIALIZED |NOT MATERIALIZED )?\(", sql)


def test_ctes_are_named_after_their_steps() -> None:
    """Seen at dbt-labs/metricflow#1040."""
    sql = _sql(
        {"aggregate": {"by": ["g"], "measures": {"total": "sum(n)"}}, "name": "sums"},
        {"filter": "total > 1"},
        {"derive": {"share": "total / sum(total per ())"}, "name": "shares"},
        {"filter": "share > 0.5"},
    )
    assert _ctes(sql) == ["sums", "shares"]
    assert sql.count("SELECT") == 3


def test_steps_fold_where_sql_evaluates_in_their_order() -> None:
    sql = _sql({"filter": "n > 0"}, {"derive": {"m": "n + 1"}}, {"drop": ["g"]}, {"distinct": "all"}, {"sort": "m"})
    assert _ctes(sql) == []
    assert sql.count("SELECT") == 1


def test_distinct_wraps_nothing() -> None:
    """Seen at ibis-project/ibis#9905."""
    assert _sql({"distinct": "all"}).count("SELECT") == 1
    assert _sql({"filter": "n > 1"}, {"distinct": ["g"]}).count("SELECT") == 1


def test_what_an_expansion_shares_is_computed_once() -> None:
    """A part that does not depend on the parameter is one CTE, also where another such part reads it."""
    document = {
        "headrace": 1,
        "sources": _ROWS,
        "nodes": {
            "base": {"from": "t", "steps": [{"aggregate": {"by": ["g"], "measures": {"a": "sum(n)"}}}]},
            "wide": {"from": "base", "steps": [{"derive": {"b": "a * 2"}}, {"distinct": "all"}]},
            "result": {
                "for_each": {"p": [1, 2, 3]},
                "from": "base",
                "steps": [
                    {"filter": "a > $p"},
                    {"join": {"with": "wide", "by": "g", "columns": ["b"]}},
                ],
            },
        },
    }
    sql = Engine().compile(document, rules=()).nodes["result"].sql or ""
    assert sql.count("SUM(") == 1
    assert sql.count("DISTINCT") == 1
