"""What does not depend on a parameter stands once in the SQL, whatever the strategy and the number of values."""

from __future__ import annotations

from typing import Any

import pytest

from headrace import CompileResult, Engine

TABLES = {
    "s.sales": {"id": "integer", "k": "integer", "day": "integer", "n": "integer"},
    "s.people": {"k": "integer", "name": "text"},
}
CATALOG = {
    "headrace": 1,
    "tables": {
        name: {"columns": {column: {"type": kind} for column, kind in columns.items()}, "keys": []}
        for name, columns in TABLES.items()
    },
}
STRATEGIES = ["union", "lateral", "join", "sweep"]


def compiled(nodes: dict[str, Any], values: Any = ("1", "2", "3", "4", "5")) -> CompileResult:
    document = {
        "headrace": 1,
        "parameters": {"p": {"type": "integer", "default": 1}},
        "sources": {"sales": {"table": "s.sales"}, "people": {"table": "s.people"}},
        "nodes": {**nodes, "result": {"for_each": {"p": list(values)}, **nodes["result"]}},
    }
    result = Engine().compile(document, CATALOG)
    assert result.ok, result.diagnostics
    return result


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_part_without_the_parameter_is_read_once(strategy: str) -> None:
    nodes = {
        "known": {
            "from": "people",
            "steps": [{"aggregate": {"by": ["k"], "measures": {"names": "count(distinct name)"}}}],
        },
        "result": {
            "from": "sales",
            "steps": [
                {"filter": "day <= $p"},
                {"aggregate": {"by": ["k"], "measures": {"total": "sum(n)"}}},
                {"join": {"with": "known", "by": "k", "kind": "left"}},
            ],
            "strategy": strategy,
        },
    }
    sql = compiled(nodes).nodes["result"].sql or ""
    assert sql.count("s.people") == 1
    assert sql.count("COUNT(DISTINCT name)") == 1
    # A union reads the table once a value; the others once for all.
    assert sql.count("s.sales") == (5 if strategy == "union" else 1)


@pytest.mark.parametrize("strategy", ["lateral", "join", "sweep"])
def test_the_text_does_not_grow_with_the_values(strategy: str) -> None:
    nodes = {
        "result": {
            "from": "sales",
            "steps": [{"filter": "day <= $p"}, {"aggregate": {"by": ["k"], "measures": {"total": "sum(n)"}}}],
            "strategy": strategy,
        }
    }
    few, many = (
        len(compiled(nodes, map(str, range(100, 100 + count))).nodes["result"].sql or "") for count in (5, 500)
    )
    # A line of a few characters for each value of the list, and no more.
    assert (many - few) / 495 < 20


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_lineage_and_keys_with_the_parameter(strategy: str) -> None:
    """The parameter's column comes from no column; a filter with it has read what it compares."""
    nodes = {
        "result": {
            "from": "sales",
            "steps": [{"filter": "day <= $p"}, {"aggregate": {"by": ["k"], "measures": {"total": "sum(n)"}}}],
            "strategy": strategy,
        }
    }
    node = compiled(nodes).nodes["result"]
    assert {frozenset(key) for key in node.keys} == {frozenset({"p", "k"})}
    lineage = node.lineage.to_json()
    assert lineage == compiled({"result": {**nodes["result"], "strategy": "lateral"}}).nodes["result"].lineage.to_json()
    text = str(lineage)
    assert "total" in text
    assert "day" in text
