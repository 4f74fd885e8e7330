"""A declared cardinality is proved by keys or checked when the program runs; it is never taken on trust.

Seen at DataJunction/dj#1531.
"""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest
from case_runs import build_program, undone

from headrace import Engine
from headrace.run.embedded import Server


def _document(cardinality: str, rows: list[dict[str, Any]], **source: Any) -> dict[str, Any]:
    join = {"with": "customers", "by": "c", "cardinality": cardinality}
    return {
        "headrace": 1,
        "sources": {"sales": {"rows": [{"c": 1, "n": 5}, {"c": 1, "n": 6}]}, "customers": {"rows": rows, **source}},
        "nodes": {"result": {"from": "sales", "steps": [{"join": join}], "materialize": "table"}},
    }


def _checks(document: dict[str, Any]) -> list[str]:
    program = Engine().compile(document).program
    assert program is not None
    return [check.subject for build in program.builds for check in build.checks]


def test_a_proved_cardinality_needs_no_check() -> None:
    assert _checks(_document("many_to_one", [{"c": 1, "name": "x"}, {"c": 2, "name": "y"}], keys=["c"])) == []


def test_what_no_key_proves_is_checked() -> None:
    assert len(_checks(_document("many_to_one", [{"c": 1, "name": "x"}, {"c": 2, "name": "y"}]))) == 1
    assert len(_checks(_document("one_to_one", [{"c": 1, "name": "x"}, {"c": 2, "name": "y"}], keys=["c"]))) == 1


@pytest.mark.parametrize(
    ("cardinality", "customers", "holds"),
    [
        ("many_to_one", [1, 2, None, None], True),
        ("many_to_one", [1, 1, 2], False),
        ("many_to_one", [1, 2, 2], False),
        ("one_to_one", [1, 2], False),
        ("one_to_many", [1, 1], False),
        ("many_to_many", [1, 1], True),
    ],
)
def test_a_wrong_declaration_stops_the_run(
    cardinality: str, customers: list[int | None], holds: bool, server: Server
) -> None:
    """Null meets nothing, so several nulls break no declaration."""
    rows = [{"c": each, "name": "x"} for each in customers]
    document = _document(cardinality, rows)
    result = Engine().compile(document)
    assert result.ok
    connection = psycopg2.connect(server.url)
    try:
        with undone(connection) as cursor:
            if holds:
                build_program(cursor, result.program)
            else:
                with pytest.raises(AssertionError, match=f"declared cardinality {cardinality} does not hold"):
                    build_program(cursor, result.program)
    finally:
        connection.close()


def test_a_declaration_inside_an_expansion_holds_for_each_value(server: Server) -> None:
    """Over a thousand values the check goes on to the last of them."""
    document: dict[str, Any] = {
        "headrace": 1,
        "sources": {"one": {"rows": [{"c": 1}]}, "many": {"rows": [{"c": 1, "n": 1100}, {"c": 1, "n": 1200}]}},
        "parameters": {"p": {"type": "integer", "default": 0}},
        "nodes": {
            "some": {"from": "many", "steps": [{"filter": "n <= $p"}]},
            "result": {
                "for_each": {"p": {"every": 1, "from": 1, "to": "LAST"}},
                "from": "one",
                "steps": [{"join": {"with": "some", "by": "c", "cardinality": "many_to_one"}}],
                "materialize": "table",
            },
        },
    }
    connection = psycopg2.connect(server.url)
    try:
        for last, holds in ((1150, True), (1200, False)):
            document["nodes"]["result"]["for_each"]["p"]["to"] = last
            result = Engine().compile(document)
            assert result.ok
            with undone(connection) as cursor:
                if holds:
                    build_program(cursor, result.program)
                else:
                    with pytest.raises(AssertionError, match="declared cardinality many_to_one does not hold"):
                        build_program(cursor, result.program)
    finally:
        connection.close()
