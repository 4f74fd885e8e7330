"""The instant is no part of what a node is: SQL and fingerprints do not change with it, and the node says so."""

from __future__ import annotations

from typing import Any

import pytest

from headrace import Engine
from headrace.plan import Clock


def _document(formula: str, **more: Any) -> dict[str, Any]:
    return {
        "headrace": 1,
        "timezone": "Europe/Paris",
        "sources": {
            "t": {
                "columns": {"a": "integer", "day": "date", "zone": "text"},
                "rows": [{"a": 1, "day": "2024-01-31", "zone": "UTC"}],
            }
        },
        "nodes": {
            "n": {"from": "t", "steps": [{"derive": {"v": formula}}], **more},
            "reader": {"from": "n", "materialize": "table"},
        },
    }


@pytest.mark.parametrize(
    ("formula", "clock"),
    [
        ("a + 1", Clock()),
        ("now()", Clock("instant")),
        ("today()", Clock("day", ("Europe/Paris",))),
        ("yesterday()", Clock("day", ("Europe/Paris",))),
        ('days_between(today("Asia/Tokyo"), today())', Clock("day", ("Asia/Tokyo", "Europe/Paris"))),
        ("today(zone)", Clock("instant")),
        ('if(now() > timestamptz("2024-01-31T00:00:00Z"), today())', Clock("instant")),
        ('last_n(day, 7, "days")', Clock("day", ("Europe/Paris",))),
        ('last_n(day, 7, "days", date("2024-01-31"))', Clock()),
        ("this_month(day)", Clock("day", ("Europe/Paris",))),
        ("rank(order by now())", Clock("instant")),
        ("sum(a per today())", Clock("day", ("Europe/Paris",))),
    ],
)
def test_the_clock_of_a_node(formula: str, clock: Clock) -> None:
    result = Engine().compile(_document(formula))
    assert result.ok, result.diagnostics
    assert result.nodes["n"].clock == clock
    # The reader of an inline node computes it; that of a table waits for the table.
    assert result.nodes["reader"].clock == clock
    assert Engine().check(_document(formula)).nodes["n"].clock == clock
    assert Engine().check(_document(formula, materialize="table")).nodes["reader"].clock == Clock()
    assert result.nodes["n"].to_json()["clock"] == {"changes": clock.changes, "zones": list(clock.zones)}
    said = [line for line in (result.nodes["n"].sql or "").splitlines() if line.startswith("-- clock: ")]
    assert said == ([] if clock == Clock() else [f"-- clock: {clock}"])


def test_the_instant_changes_neither_sql_nor_fingerprint() -> None:
    document = _document("now()", materialize="table")
    plain = Engine().compile(document)
    given = Engine().compile(document, as_of="2024-01-31")
    assert plain.program is not None
    assert given.program is not None
    assert {name: node.sql for name, node in plain.nodes.items()} == {name: n.sql for name, n in given.nodes.items()}
    assert plain.program.fingerprint == given.program.fingerprint
    assert plain.program.instant == "CURRENT_TIMESTAMP"
    assert given.program.instant == "(TIMESTAMP '2024-01-31 00:00:00' AT TIME ZONE 'Europe/Paris')"


def test_a_program_that_never_asks_has_no_instant() -> None:
    result = Engine().compile(_document("a", materialize="table"), as_of="2024-01-31")
    assert result.program is not None
    assert result.program.instant == ""


@pytest.mark.parametrize("as_of", ["yesterday", "", 5, "2024-02-30", "31/01/2024"])
def test_a_moment_that_is_none_is_told(as_of: Any) -> None:
    result = Engine().compile(_document("now()"), as_of=as_of)
    assert [each.code for each in result.diagnostics] == ["P109"]
    assert [each.code for each in Engine().preview(_document("now()"), None, "n", as_of=as_of).diagnostics] == ["P109"]
