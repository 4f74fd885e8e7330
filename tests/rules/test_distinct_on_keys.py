"""Distinct rows that are known to be different stay as they are; others are made so."""

from __future__ import annotations

import pytest

import headrace


@pytest.mark.parametrize(("steps", "stays"), [([], False), ([{"select": ["b"]}], True), ([{"filter": "b > 1"}], False)])
def test_distinct_stays_where_no_key_is_known(steps: list[object], stays: bool) -> None:
    document = {
        "headrace": 1,
        "sources": {"t": {"rows": [{"a": 1, "b": 2}, {"a": 2, "b": 2}], "keys": [["a"]]}},
        "nodes": {"once": {"from": "t", "steps": [*steps, {"distinct": "all"}], "materialize": "table"}},
    }
    node = headrace.compile(document).nodes["once"]
    assert ("DISTINCT" in (node.sql or "")) == stays
    assert [each.rule for each in node.firings].count("distinct_on_keys") == (not stays)
