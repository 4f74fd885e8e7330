"""Checks in a run: which rows break them, what is told and kept, and what a failing one leaves as it was."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from headrace import Engine
from headrace.program.program import Program
from headrace.run import Checked, Event, RunResult
from run.programs import codes, query, relations, run
from run.test_text import psql

SALES = {
    "columns": {"id": "integer", "customer": "integer", "status": "text", "amount": "decimal", "day": "date"},
    "rows": [
        {"id": 1, "customer": 1, "status": "open", "amount": 5, "day": "2024-01-01"},
        {"id": 1, "customer": 9, "status": "odd", "amount": -5, "day": "2024-01-02"},
        {"id": 2},
        {"id": None, "customer": 2, "status": "closed", "amount": 0},
        {"id": None, "customer": 2, "status": "open", "amount": 1},
    ],
}
CUSTOMERS = {"rows": [{"customer": 1}, {"customer": 2}], "keys": ["customer"]}
PRICES = {
    "columns": {"p": "integer", "n": "integer", "f": "date", "t": "date"},
    "rows": [
        # One follows the other: they share no moment, unless ranges are closed. The third lies in the second.
        {"p": 1, "n": 1, "f": "2024-01-01", "t": "2024-02-01"},
        {"p": 1, "n": 2, "f": "2024-02-01", "t": None},
        {"p": 1, "n": 3, "f": "2024-05-01", "t": "2024-06-01"},
        # The second holds nothing, the third ends before it begins.
        {"p": 2, "n": 1, "f": "2024-01-01", "t": "2024-03-01"},
        {"p": 2, "n": 2, "f": "2024-02-01", "t": "2024-02-01"},
        {"p": 2, "n": 3, "f": "2024-05-01", "t": "2024-04-01"},
        # From ever, then two that overlap.
        {"p": 3, "n": 1, "f": None, "t": "2024-01-01"},
        {"p": 3, "n": 2, "f": "2024-01-02", "t": "2024-01-05"},
        {"p": 3, "n": 3, "f": "2024-01-04", "t": "2024-01-06"},
        # The same range twice.
        {"p": 4, "n": 1, "f": "2024-01-01", "t": "2024-01-05"},
        {"p": 4, "n": 2, "f": "2024-01-01", "t": "2024-01-05"},
        # The third lies in the first, which ends long after the second.
        {"p": 5, "n": 1, "f": "2024-01-01", "t": "2024-01-10"},
        {"p": 5, "n": 2, "f": "2024-01-02", "t": "2024-01-03"},
        {"p": 5, "n": 3, "f": "2024-01-05", "t": "2024-01-06"},
        # Two from ever; all of time beside a part of it; a product that is not known.
        {"p": 6, "n": 1, "f": None, "t": "2024-01-05"},
        {"p": 6, "n": 2, "f": None, "t": None},
        {"p": None, "n": 1, "f": "2024-01-01", "t": "2024-01-05"},
        {"p": None, "n": 2, "f": "2024-01-04", "t": "2024-01-06"},
        {"p": 7, "n": 1, "f": "2024-01-01", "t": "2024-01-02"},
    ],
}


def document(*expectations: dict[str, Any], source: str = "sales", **node: Any) -> dict[str, Any]:
    return {
        "headrace": 1,
        "name": "shop",
        "sources": {"sales": SALES, "customers": CUSTOMERS, "prices": PRICES},
        "nodes": {"kept": {"from": source, "steps": [{"expect": list(expectations)}], "materialize": "table", **node}},
    }


def compiled(made: dict[str, Any]) -> Program:
    result = Engine().compile(made, as_of="2024-01-04 12:00:00")
    assert result.ok, [each.message for each in result.diagnostics]
    assert result.program is not None
    return result.program


def ran(url: str, folder: Path, made: dict[str, Any], events: list[Event] | None = None) -> RunResult:
    return run(url, compiled(made), folder, events)


@pytest.mark.parametrize(
    ("expectation", "source", "failed"),
    [
        # Nulls are alike for unique; nothing else has to do with them but not_null.
        ({"unique": ["id"]}, "sales", ["1 1", "1 9", "- 2", "- 2"]),
        ({"unique": ["id", "customer"]}, "sales", ["- 2", "- 2"]),
        ({"unique": ["customer", "status"]}, "sales", []),
        ({"not_null": ["status"]}, "sales", ["2 -"]),
        ({"not_null": ["id", "customer"]}, "sales", ["2 -", "- 2", "- 2"]),
        ({"values": {"status": ["open", "closed"]}}, "sales", ["1 9"]),
        ({"values": {"status": ["open", "closed"], "amount": [5, 0, -5.0]}}, "sales", ["1 9", "- 2"]),
        ({"relation": {"by": "customer", "with": "customers"}}, "sales", ["1 9"]),
        ({"relation": {"by": {"id": "customer"}, "with": "customers"}}, "sales", []),
        ({"formula": "amount >= 0"}, "sales", ["1 9"]),
        ({"formula": "null"}, "sales", []),
        ({"formula": "count(per customer) < 2"}, "sales", ["- 2", "- 2"]),
        ({"no_overlap": {"by": "p", "from": "f", "to": "t"}}, "prices", [
            *("1 2", "1 3", "2 3", "3 2", "3 3", "4 1", "4 2", "5 1", "5 2", "5 3", "6 1", "6 2", "- 1", "- 2"),
        ]),
        ({"no_overlap": {"by": "p", "from": "f", "to": "t", "closed": True}}, "prices", [
            *("1 1", "1 2", "1 3", "2 1", "2 2", "2 3", "3 2", "3 3", "4 1", "4 2", "5 1", "5 2", "5 3", "6 1", "6 2"),
            *("- 1", "- 2"),
        ]),
    ],
    ids=str,
)  # fmt: skip
def test_the_rows_that_break_it(
    expectation: dict[str, Any], source: str, failed: list[str], server_url: str, tmp_path: Path
) -> None:
    """Told, kept and counted, whether the check reads the finished table or computes what is inline."""
    warns = {**expectation, "severity": "warn"}
    made = document(warns, source=source)
    made["nodes"]["inline"] = {"from": source, "steps": [{"expect": [warns]}]}
    made["nodes"]["reader"] = {"from": "inline", "materialize": "table"}
    result = ran(server_url, tmp_path, made)
    assert result.ok
    assert [check.failed for check in result.checks] == [len(failed)] * 2
    assert codes(result) == ["R271", "R271"] * bool(failed)
    columns = "id, customer" if source == "sales" else "p, n"
    for check in result.checks:
        if not failed:
            assert check.kept_in is None
            continue
        assert check.kept_in is not None
        rows = query(server_url, f'SELECT {columns} FROM shop__failed."{check.kept_in.name}"')
        shown = [" ".join("-" if value is None else str(value) for value in row) for row in rows]
        assert sorted(shown) == sorted(failed)
    assert query(server_url, "SELECT node, severity, failed FROM headrace.checks ORDER BY node") == [
        ("inline", "warn", len(failed)),
        ("kept", "warn", len(failed)),
    ]


@pytest.mark.parametrize(
    ("expectation", "found"),
    [
        ({"rows": 5}, None),
        ({"rows": {"at_least": 6}}, "number of rows is 5"),
        ({"rows": {"at_least": 1, "at_most": 4}}, "number of rows is 5"),
        ({"freshness": {"column": "day", "within": "2 days"}}, None),
        ({"freshness": {"column": "day", "within": "1 day"}}, "newest day is 2024-01-02"),
        ({"formula": "sum(amount) > 0"}, None),
        ({"formula": "sum(amount) > 1"}, "holds is false"),
    ],
    ids=str,
)
def test_what_breaks_it_as_a_whole(
    expectation: dict[str, Any], found: str | None, server_url: str, tmp_path: Path
) -> None:
    result = ran(server_url, tmp_path, document(expectation))
    assert result.ok == (found is None)
    if found is not None:
        assert found in result.diagnostics[0].message


def test_nothing_is_fresh_where_there_is_nothing(server_url: str, tmp_path: Path) -> None:
    fresh = {"freshness": {"column": "day", "within": "2 days"}}
    made = document(fresh)
    made["nodes"]["kept"]["steps"].insert(0, {"filter": "false"})
    assert codes(ran(server_url, tmp_path, made)) == ["R270"]


def test_a_failing_check_leaves_everything_as_it_was(server_url: str, tmp_path: Path) -> None:
    first_made = document()
    first_made["nodes"]["kept"] = {"from": "customers", "materialize": "table"}
    assert ran(server_url, tmp_path, first_made).ok
    events: list[Event] = []
    stops = {"formula": "amount >= 0", "name": "no negative sale", "description": "Refunds are kept elsewhere."}
    result = ran(server_url, tmp_path, document(stops, {"not_null": "status"}), events)
    assert result.state == "failed"
    assert [type(event).__name__ for event in events][-3:] == ["Checked", "Checked", "RunFailed"]
    assert [event.failed for event in events if isinstance(event, Checked)] == [1, 1]
    first, second = result.diagnostics
    assert first.code == second.code == "R270"
    assert first.message == (
        "The expectation “no negative sale” does not hold of kept (step expect_1): 1 row breaks it. "
        "Nothing was changed."
    )
    assert first.pointer == "/nodes/kept/steps/0/expect/0"
    assert first.hints == (
        "It says: amount >= 0.",
        "Refunds are kept elsewhere.",
        "For example: id 1, customer 9, status odd, amount -5, day 2024-01-02",
        "The row is in shop__failed.kept__no_negative_sale.",
    )
    # The old table is still there, all of it, and nothing half-built.
    assert query(server_url, "SELECT * FROM shop.kept ORDER BY 1") == [(1,), (2,)]
    assert relations(server_url, "shop__build") == set()
    assert relations(server_url, "shop__failed") == {"kept__no_negative_sale", "kept__not_null_status"}
    # What holds now takes its rows away, and what is not expected any more too; the schema goes with the last of them.
    warns = {"not_null": "status", "severity": "warn"}
    assert ran(server_url, tmp_path, document({**stops, "formula": "amount >= -5"}, warns)).ok
    assert relations(server_url, "shop__failed") == {"kept__not_null_status"}
    assert ran(server_url, tmp_path, document({"rows": 5})).ok
    assert query(server_url, "SELECT 1 FROM pg_namespace WHERE nspname = 'shop__failed'") == []


def test_a_key_that_two_rows_have_is_told_in_the_same_way(server_url: str, tmp_path: Path) -> None:
    result = ran(server_url, tmp_path, document({"rows": 5}, keys=["id"]))
    (problem,) = result.diagnostics
    assert problem.message.startswith("The key id does not hold of kept: 4 rows break it.")
    assert relations(server_url, "shop__failed") == {"kept__key_id"}
    made = document({"rows": 5}, keys=["customer", "status"])
    assert ran(server_url, tmp_path, made).ok
    constraints = "SELECT contype::text FROM pg_constraint WHERE conrelid = 'shop.kept'::regclass AND contype = 'u'"
    assert query(server_url, constraints) == [("u",)]


def test_at_most_a_thousand_rows_are_kept(server_url: str, tmp_path: Path) -> None:
    made = document({"formula": "n > 1500", "severity": "warn"}, source="numbers")
    made["sources"]["numbers"] = {"series": {"n": {"every": 1, "from": 1, "to": 2000}}}
    result = ran(server_url, tmp_path, made)
    assert [check.failed for check in result.checks] == [1500]
    assert query(server_url, "SELECT min(n), max(n), count(*) FROM shop__failed.kept__formula") == [(1, 1000, 1000)]


def test_a_template_is_checked_for_each_value(server_url: str, tmp_path: Path) -> None:
    """Of the values 1, 2 and 3, the rows up to 2 and up to 3 are not unique; the default alone would be."""
    made = {
        "headrace": 1,
        "name": "shop",
        "parameters": {"p": {"type": "integer", "default": 1}},
        "sources": {"t": {"rows": [{"n": 1, "p": 7}, {"n": 2, "p": 7}, {"n": 3, "p": 7}]}},
        "nodes": {
            "part": {
                "from": "t",
                "steps": [
                    {"filter": "n <= $p"},
                    {"expect": [{"unique": ["p"], "severity": "warn"}, {"rows": {"at_most": 2}, "severity": "warn"}]},
                    {"drop": ["p"]},
                ],
            },
            "all": {"for_each": {"p": [1, 2, 3]}, "from": "part", "materialize": "table"},
        },
    }
    result = ran(server_url, tmp_path, made)
    assert result.ok, codes(result)
    assert [check.failed for check in result.checks] == [5, 1]
    assert result.diagnostics[1].message.endswith("1 value of p breaks it.")
    assert query(server_url, "SELECT p, n, p_2 FROM shop__failed.part__unique_p") == [
        *((2, 1, 7), (2, 2, 7), (3, 1, 7), (3, 2, 7), (3, 3, 7)),
    ]
    assert query(server_url, "SELECT * FROM shop__failed.part__rows") == [(3, 3)]


def test_hostile_names(server_url: str, tmp_path: Path) -> None:
    name = "a\"b'c]; $$ %s \\"
    made = {
        "headrace": 1,
        "name": "sh'op",
        "sources": {"t": {"rows": [{name: 1, "failed": 1}, {name: 1, "failed": 2}]}},
        "nodes": {
            name: {
                "from": "t",
                "steps": [{"expect": [{"unique": [name], "name": name, "severity": "warn"}, {"not_null": ["failed"]}]}],
                "materialize": "table",
            }
        },
    }
    result = ran(server_url, tmp_path, made)
    assert codes(result) == ["R271"]
    assert result.checks[0].kept_in is not None


def test_a_schema_of_others_is_left_alone(server_url: str, tmp_path: Path) -> None:
    query(server_url, "CREATE SCHEMA shop__failed")
    result = ran(server_url, tmp_path, document({"not_null": "status", "severity": "warn"}))
    assert result.ok
    assert result.diagnostics[0].hints[-1] == (
        "The rows could not be kept: the schema shop__failed was not made by Headrace."
    )
    assert relations(server_url, "shop__failed") == set()


def test_a_check_that_fails_itself_is_told(server_url: str, tmp_path: Path) -> None:
    result = ran(server_url, tmp_path, document({"formula": "to_integer(status) > 0"}))
    assert codes(result) == ["R272"]
    assert "“to_integer(status) > 0” of kept could not be checked" in result.diagnostics[0].message


@pytest.mark.parametrize("severity", ["stop", "warn"])
def test_psql_stops_or_warns(severity: str, server_url: str, tmp_path: Path) -> None:
    made = document({"formula": "amount >= 0", "name": "it's 100%", "severity": severity})
    done = psql(server_url, compiled(made), tmp_path)
    said = "The expectation “it's 100%” does not hold of kept (step expect_1): 1 row breaks it. It says: amount >= 0."
    assert said in done.stderr
    assert ("ERROR" if severity == "stop" else "WARNING") in done.stderr
    assert (done.returncode == 0) == (severity == "warn")
    assert relations(server_url, "shop") == ({"kept"} if severity == "warn" else set())


@pytest.mark.parametrize("closed", [False, True])
def test_overlaps_are_those_that_two_by_two_show(closed: bool, server_url: str, tmp_path: Path) -> None:
    """Random ranges of a few days, with open ends, empty and turned ones, against a comparison of every two."""
    chosen = random.Random(7)

    rows: list[dict[str, int | None]] = []
    for number in range(300):
        begin = chosen.randint(1, 60)
        end = begin + chosen.choice([-1, 0, 0, 1, 2, 3, 8])
        ends = (begin, end) if chosen.random() < 0.95 else chosen.choice([(None, end), (begin, None), (None, None)])
        rows.append({"id": number, "k": chosen.randint(1, 40), "f": ends[0], "t": ends[1]})

    def holds(row: dict[str, int | None]) -> bool:
        f, t = row["f"], row["t"]
        return f is None or t is None or f < t or (closed and f == t)

    def meet(one: dict[str, int | None], other: dict[str, int | None]) -> bool:
        def begins_before_end(f: int | None, t: int | None) -> bool:
            return f is None or t is None or f < t or (closed and f == t)

        return begins_before_end(one["f"], other["t"]) and begins_before_end(other["f"], one["t"])

    broken = {
        row["id"]
        for row in rows
        if (row["f"] is not None and row["t"] is not None and row["f"] > row["t"])
        or (
            holds(row)
            and any(
                row["id"] != other["id"] and row["k"] == other["k"] and holds(other) and meet(row, other)
                for other in rows
            )
        )
    }
    assert 50 < len(broken) < 250
    made = document(
        {"no_overlap": {"by": "k", "from": "f", "to": "t", "closed": closed}, "severity": "warn"}, source="r"
    )
    made["sources"]["r"] = {"columns": {"id": "integer", "k": "integer", "f": "integer", "t": "integer"}, "rows": rows}
    result = ran(server_url, tmp_path, made)
    assert [check.failed for check in result.checks] == [len(broken)]
    assert {n for (n,) in query(server_url, "SELECT id FROM shop__failed.kept__no_overlap_k")} == broken


def test_a_new_check_makes_the_table_anew(server_url: str, tmp_path: Path) -> None:
    """A node that was built without a check, or with another, has not been built with this one."""
    fingerprints = []
    for expectation in (
        {"rows": 5},
        {"rows": {"at_least": 5}},
        {"rows": 5, "severity": "warn"},
        {"values": {"status": ["open", "odd", "closed"]}},
    ):
        fingerprints.append(compiled(document(expectation)).builds[0].fingerprint)
        named = compiled(document({**expectation, "name": "another name", "description": "and words"}))
        assert named.builds[0].fingerprint == fingerprints[-1]
    plain = document({"rows": 5})
    plain["nodes"]["kept"]["steps"] = []
    assert len({*fingerprints, compiled(plain).builds[0].fingerprint}) == 5


def test_what_is_fresh_today_is_stale_tomorrow() -> None:
    made = document({"freshness": {"column": "day", "within": "2 days"}})
    result = Engine().compile(made)
    assert result.nodes["kept"].clock.changes == "day"
