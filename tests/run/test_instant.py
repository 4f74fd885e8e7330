"""``now()`` and ``today()``: one instant in all of a program, by a run and by psql, or the one that is given."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from headrace import Engine
from headrace.run import Event, StepStarted
from run.programs import query, run
from run.test_text import psql

AUCKLAND = "Pacific/Auckland"


def _document(kept: str = "table") -> dict[str, Any]:
    node = {"from": "t", "steps": [{"derive": {"at": "now()", "day": "today()"}}], "materialize": kept}
    return {
        "headrace": 1,
        "name": "shop",
        "timezone": AUCKLAND,
        "sources": {"t": {"rows": [{"a": 1}]}},
        "nodes": dict.fromkeys(("first", "second", "third"), node),
    }


def _instants(url: str) -> list[tuple[Any, ...]]:
    """What the tables have, and the day that the instant has in the project's zone: one row where all agree."""
    each = "SELECT at, day, CAST(at AT TIME ZONE 'Pacific/Auckland' AS date) FROM shop."
    return query(url, " UNION ".join(each + name for name in ("first", "second", "third")))


def test_every_statement_of_a_run_sees_one_instant(server_url: str, tmp_path: Path) -> None:
    before = query(server_url, "SELECT clock_timestamp()")[0][0]
    made = Engine().compile(_document()).program
    assert made is not None
    assert run(server_url, made, tmp_path).ok
    ((at, day, of_at),) = _instants(server_url)
    assert day == of_at
    assert before <= at <= query(server_url, "SELECT clock_timestamp()")[0][0]
    # Each table is built in a transaction of its own, so that they cannot agree by chance.
    assert run(server_url, made, tmp_path).ok
    assert _instants(server_url)[0][0] > at


def test_every_statement_under_psql_sees_one_instant(server_url: str, tmp_path: Path) -> None:
    made = Engine().compile(_document()).program
    assert made is not None
    told = psql(server_url, made, tmp_path)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    ((_, day, of_at),) = _instants(server_url)
    assert day == of_at


def test_a_run_that_lost_its_connection_keeps_its_instant(server_url: str, tmp_path: Path) -> None:
    made = Engine().compile(_document()).program
    assert made is not None
    events: list[Event] = []
    seen: list[Any] = []

    def cut(event: Event) -> None:
        events.append(event)
        if isinstance(event, StepStarted) and event.name == "second" and not seen:
            seen.extend(query(server_url, "SELECT at FROM shop__build.first"))
            query(
                server_url,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'headrace run%'",
            )

    from headrace.run import run_program
    from headrace.run.warehouse import open_warehouse
    from run.programs import HASTY

    with open_warehouse(server_url, None) as warehouse:
        assert run_program(made, warehouse, tmp_path, on_event=cut, patience=HASTY).ok
    ((at, _, _),) = _instants(server_url)
    assert seen == [(at,)]


@pytest.mark.parametrize(
    ("as_of", "at", "day"),
    [
        ("2024-01-31", "2024-01-30 11:00:00+00", dt.date(2024, 1, 31)),
        (dt.date(2024, 7, 1), "2024-06-30 12:00:00+00", dt.date(2024, 7, 1)),
        ("2024-01-31 08:30", "2024-01-30 19:30:00+00", dt.date(2024, 1, 31)),
        ("2024-01-31T23:30:00Z", "2024-01-31 23:30:00+00", dt.date(2024, 2, 1)),
        (dt.datetime(2024, 1, 31, 1, tzinfo=dt.UTC), "2024-01-31 01:00:00+00", dt.date(2024, 1, 31)),
    ],
)
def test_as_of_is_the_instant(server_url: str, tmp_path: Path, as_of: Any, at: str, day: dt.date) -> None:
    made = Engine().compile(_document(), as_of=as_of).program
    assert made is not None
    assert run(server_url, made, tmp_path).ok
    assert _instants(server_url) == query(server_url, f"SELECT timestamptz '{at}', date '{day}', date '{day}'")
    shown = Engine(as_of=as_of).preview(_document(), None, "first")
    assert shown.sql is not None
    assert query(server_url, shown.sql)[0][1:] == query(server_url, f"SELECT timestamptz '{at}', date '{day}'")[0]


def test_a_view_is_of_the_moment_at_which_it_is_read(server_url: str, tmp_path: Path) -> None:
    made = Engine().compile(_document("view")).program
    assert made is not None
    assert not made.instant
    assert run(server_url, made, tmp_path).ok
    connection = psycopg2.connect(server_url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT f.at, s.at, now() FROM shop.first f, shop.second s")
        first, second, now = cursor.fetchone() or ()
    connection.close()
    assert first == second == now
