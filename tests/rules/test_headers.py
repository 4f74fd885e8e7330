"""The header of a node's SQL tells which rules fired and what becomes of rows that are read more than once."""

from __future__ import annotations

from typing import Any

import headrace

SOURCES = {"t": {"rows": [{"a": 1, "b": 2}, {"a": 1, "b": 4}], "keys": [["b"]]}}


def header(nodes: dict[str, Any], name: str, rules: Any = None) -> list[str]:
    result = headrace.Engine().compile({"headrace": 1, "sources": SOURCES, "nodes": nodes}, rules=rules)
    assert result.ok, [each.message for each in result.diagnostics]
    sql = result.nodes[name].sql or ""
    return [line for line in sql.splitlines() if line.startswith("-- ")]


def test_rules_stand_in_one_line_each_once() -> None:
    nodes = {"once": {"from": "t", "steps": [{"distinct": "all"}, {"derive": {"c": "a"}}, {"distinct": "all"}]}}
    lines = [line for line in header(nodes, "once") if line.startswith("-- rules: ")]
    assert len(lines) == 1
    assert lines[0].count("distinct_on_keys") == 1
    assert not any(line.startswith("-- rules: ") for line in header(nodes, "once", rules=()))


def test_what_is_kept_for_several_readers_says_why() -> None:
    nodes = {
        "totals": {"from": "t", "steps": [{"aggregate": {"by": ["a"], "measures": {"total": "sum(b)"}}}]},
        "compared": {
            "from": "totals",
            "steps": [{"join": {"with": "totals", "by": {"total": "a"}, "kind": "left", "columns": []}}],
        },
        "both": {"from": "totals", "steps": [{"union": "totals"}]},
    }
    assert "-- note: totals is read 2 times and MATERIALIZED: it groups rows" in header(nodes, "both", rules=())


def test_what_is_read_again_is_told() -> None:
    nodes = {
        "clean": {"from": "t", "steps": [{"filter": "a > 0"}]},
        "both": {
            "from": "clean",
            "steps": [
                {"aggregate": {"by": ["a"], "measures": {"n": "count()"}}},
                {"join": {"with": "clean", "by": "a", "cardinality": "one_to_many"}},
            ],
        },
    }
    lines = header(nodes, "both", rules=())
    told = "-- note: NOT MATERIALIZED, since reading again costs less than keeping: clean (read 2 times)"
    assert told in lines


def test_nothing_is_told_where_nothing_was_decided() -> None:
    assert header({"plain": {"from": "t"}}, "plain")[:-1] == [
        "-- node plain",
        "-- reads: t",
        "-- columns: a integer not null, b integer not null",
    ]
