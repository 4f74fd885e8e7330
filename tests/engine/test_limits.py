"""Where a statement ends: tables placed between, their names, and what one SELECT or a view cannot hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from headrace import Engine, Policy
from headrace.plan.names import physical_name
from headrace.program.program import Build


def _chain(length: int, **node: Any) -> dict[str, Any]:
    # A window over a window is a step that stays one.
    steps = [{"derive": {"a": "sum(a per b)"}}] * length
    return {
        "headrace": 1,
        "flow": "chains",
        "sources": {"t": {"rows": [{"a": 1, "b": 1}]}},
        "nodes": {"n": {"from": "t", "steps": steps, "materialize": "table", **node}},
    }


def _builds(document: dict[str, Any]) -> list[Build]:
    program = Engine().compile(document).program
    assert program is not None
    return [step for step in program.steps if isinstance(step, Build)]


@pytest.mark.parametrize(("length", "tables"), [(59, 1), (60, 1), (61, 2), (120, 2), (121, 3), (300, 5)])
def test_no_statement_has_more_than_sixty_ctes(length: int, tables: int) -> None:
    builds = _builds(_chain(length))
    assert len(builds) == tables
    assert all(build.sql.count(" AS (\n") <= 60 for build in builds)


def test_the_header_says_what_was_placed_and_why() -> None:
    first, last = _builds(_chain(70))
    assert (first.node, first.kind) == ("n__1", "intermediate")
    assert "n__1: placed before n" in first.header
    assert "reads n__1, a table placed before it: a statement holds at most 60 steps" in last.header.replace(
        "\n--      ", ""
    )


def test_names_of_placed_tables_meet_nobody() -> None:
    """Nodes called like a placed table keep their names; so do two nodes that need some, and names of any length."""
    document = _chain(70)
    chain = document["nodes"]["n"]
    long = "n" * 62
    document["nodes"] |= {"n__1": chain, "m": chain, long: chain, physical_name(f"{long}__1"): {**chain, "steps": []}}
    builds = _builds(document)
    names = [build.building.name for build in builds]
    assert len(set(names)) == len(names)
    assert all(len(name.encode()) <= 63 for name in names)
    assert {"n", "n__1", "m", long} <= set(names)


def test_two_nodes_of_one_name_after_cutting_are_refused() -> None:
    long = "a" * 70
    document = _chain(1)
    document["nodes"] = {long: document["nodes"]["n"], physical_name(long): document["nodes"]["n"]}
    assert [each.code for each in Engine().compile(document).diagnostics] == ["P107"]


def test_a_preview_is_one_select_or_none() -> None:
    assert Engine().preview(_chain(59), None, "n").sql is not None
    shown = Engine().preview(_chain(200), None, "n")
    assert shown.sql is None
    assert [each.code for each in shown.diagnostics] == ["P204"]
    assert Engine().preview(_chain(200), None, "n", step=50).sql is not None


def test_a_view_of_too_many_steps_is_refused_and_what_reads_it() -> None:
    document = _chain(70, materialize="view")
    document["nodes"]["reader"] = {"from": "n", "materialize": "table"}
    result = Engine().compile(document)
    assert [each.code for each in result.diagnostics] == ["P108"]
    assert result.program is not None
    assert result.program.builds == ()


def test_a_limit_of_the_policy_leaves_no_program() -> None:
    """Seen at SQLMesh/sqlmesh#5286."""
    for policy in (Policy(nodes=0), Policy(steps=1), Policy(sql=10)):
        result = Engine(policy).compile(_chain(5))
        assert [each.code for each in result.diagnostics] == ["P202"]
        assert result.program is None or not result.program.steps
        assert json.dumps(result.to_json())


def test_a_limit_is_told_beside_other_mistakes() -> None:
    document = {**_chain(5), "zzz": 1}
    assert [each.code for each in Engine(Policy(nodes=0)).compile([document]).diagnostics] == ["M100", "P202"]
