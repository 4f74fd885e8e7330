"""Runs: what they make, what they remember, and what is left where they cannot go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from headrace.program.program import Build, Program
from headrace.program.text import lock_key
from headrace.run import (
    Event,
    Retrying,
    RowsLoaded,
    RunFailed,
    RunStarted,
    StepStarted,
    Swapped,
    TableBuilt,
    WaitingForRun,
    run_program,
)
from headrace.run.warehouse import open_warehouse
from run.programs import HASTY, build, codes, load, program, query, relations, run

NUMBERS = build("numbers", "SELECT n FROM generate_series(1, 5) AS n")
SLOW = build("slow", "SELECT n FROM generate_series(1, 3) AS n, pg_sleep(20)")


def attempts(url: str, run_id: int | None) -> list[tuple[object, ...]]:
    return query(url, f"SELECT node, kind, state, rows FROM headrace.attempts WHERE run = {run_id} ORDER BY finished")


def runs(url: str) -> list[tuple[object, ...]]:
    return query(url, "SELECT state, finished IS NOT NULL, error FROM headrace.runs ORDER BY id")


def end_its_session(url: str) -> None:
    """Ends the connection of the run that is at work, as an administrator can."""
    query(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'headrace run%'")


def wait_until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    """Waits until the function ``holds`` says so."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def test_a_run_makes_tables_and_views_and_keeps_a_record(server_url: str, tmp_path: Path) -> None:
    """Seen at SQLMesh/sqlmesh#1616, SQLMesh/sqlmesh#5069."""
    (tmp_path / "sales.csv").write_text("id,amount\n1,10\n2,20\n3,30\n")
    made = program(
        load("sales", "sales.csv", {"id": "integer", "amount": "integer"}),
        build("middle", "SELECT * FROM {b}.sales WHERE amount > 10", kind="intermediate", inputs=("sales",)),
        build(
            "big",
            "SELECT id, amount FROM {b}.middle",
            inputs=("middle",),
            more=("INSERT INTO {t} SELECT id + 100, amount FROM {b}.middle",),
            after=("ALTER TABLE {t} ADD PRIMARY KEY (id)", "ANALYZE {t}"),
            description="Sales over 10.",
        ),
        build("biggest", "SELECT max(amount) AS amount FROM {s}.big", kind="view", inputs=("big",)),
    )
    events: list[Event] = []
    result = run(server_url, made, tmp_path, events)

    assert result.ok
    assert [(step.name, step.kind, step.state, step.rows) for step in result.steps] == [
        ("sales", "load", "succeeded", 3),
        ("middle", "intermediate", "succeeded", 2),
        ("big", "table", "succeeded", 4),
        ("biggest", "view", "succeeded", None),
    ]
    assert [type(event) for event in events] == [
        *(RunStarted, StepStarted, RowsLoaded, StepStarted, TableBuilt, StepStarted, TableBuilt, Swapped),
    ]
    assert query(server_url, "SELECT * FROM shop.big ORDER BY id") == [(2, 20), (3, 30), (102, 20), (103, 30)]
    assert query(server_url, "SELECT * FROM shop.biggest") == [(30,)]
    assert query(server_url, "SELECT obj_description('shop.big'::regclass)") == [
        ("Sales over 10.\nheadrace:shop f00d",)
    ]
    assert query(
        server_url, "SELECT contype::text FROM pg_constraint WHERE conrelid = 'shop.big'::regclass AND contype = 'p'"
    )
    assert relations(server_url, "shop") == {"big", "biggest"}
    assert query(server_url, "SELECT 1 FROM pg_namespace WHERE nspname = 'shop__build'") == []
    assert runs(server_url) == [("succeeded", True, None)]
    assert attempts(server_url, result.run) == [
        ("sales", "load", "succeeded", 3),
        ("middle", "intermediate", "succeeded", 2),
        ("big", "table", "succeeded", 4),
    ]


def test_a_second_run_replaces_tables_by_views_and_views_by_tables(server_url: str, tmp_path: Path) -> None:
    first = program(
        build("a", "SELECT 1 AS x"),
        build("b", "SELECT x FROM {s}.a", kind="view", inputs=("a",)),
        build("c", "SELECT x FROM {s}.b", kind="view", inputs=("b",)),
    )
    second = program(
        build("c", "SELECT 2 AS y"),
        build("a", "SELECT y FROM {s}.c", kind="view", inputs=("c",)),
        build("b", "SELECT y FROM {s}.a", kind="view", inputs=("a",)),
    )
    for made, value in ((first, 1), (second, 2), (first, 1), (first, 1)):
        result = run(server_url, made, tmp_path)
        assert result.ok, result.diagnostics
        assert [query(server_url, f"SELECT * FROM shop.{name}") for name in "abc"] == [[(value,)]] * 3


def test_names_of_any_kind_are_tables(server_url: str, tmp_path: Path) -> None:
    schema = "Größe \"x\"; $$ 'y' %s"
    names = [
        "Ünit price",
        'a"b',
        "semi;colon",
        "sel'ect",
        "select",
        "$headrace$",
        "%s %(x)s",
        "back\\slash",
        "a.b",
        " ",
    ]
    made = program(
        *(build(name, "SELECT 1 AS x", schema=schema, project=schema, description="it's %\\") for name in names),
        build(
            'view of "it"',
            'SELECT x FROM {s}."a""b"'.replace("{s}", '"' + schema.replace('"', '""') + '"'),
            kind="view",
            schema=schema,
            project=schema,
        ),
        schema=schema,
        project=schema,
    )
    for _ in range(2):
        result = run(server_url, made, tmp_path)
        assert result.ok, result.diagnostics
    found = query(
        server_url,
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace IN"
        " (SELECT oid FROM pg_namespace WHERE nspname LIKE 'Gr%')",
    )
    assert {name for (name,) in found} == {*names, 'view of "it"'}


def test_an_error_of_a_node_is_a_diagnostic_and_changes_nothing(server_url: str, tmp_path: Path) -> None:
    assert run(server_url, program(NUMBERS), tmp_path).ok
    bad = build(
        "bad", "WITH first AS (\n  SELECT 1 AS x\n),\nsecond AS (\n  SELECT y FROM first\n)\nSELECT * FROM second"
    )
    events: list[Event] = []
    result = run(server_url, program(build("numbers", "SELECT 0 AS n"), bad, NUMBERS), tmp_path, events)
    (found,) = result.diagnostics
    assert (found.code, found.pointer, found.params["step"], found.params["sqlstate"]) == (
        "R261",
        "/nodes/bad",
        "second",
        "42703",
    )
    assert found.message == 'bad could not be built: column "y" does not exist (in its step second)'
    assert result.state == "failed"
    assert isinstance(events[-1], RunFailed)
    assert query(server_url, "SELECT count(*) FROM shop.numbers") == [(5,)]
    assert runs(server_url)[-1][0] == "failed"
    assert attempts(server_url, result.run)[-1] == ("bad", "table", "failed", None)
    assert relations(server_url, "shop__build") == set()


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (build("bad", "SELECT 1 / (n - 2) AS x FROM generate_series(1, 3) AS n"), "division by zero"),
        (build("bad", "SELECT 1 AS x", after=("ALTER TABLE {t} ADD UNIQUE (y)",)), 'column "y"'),
        (build("bad", "SELECT x FROM nowhere.t"), 'relation "nowhere.t" does not exist'),
        (build("bad", "SELECT x FROM shop.nothing", kind="view"), 'relation "shop.nothing" does not exist'),
        (build("bad", "SELECT 1 AS x", more=("INSERT INTO {t} VALUES (1), ('y')",)), "invalid input syntax"),
    ],
)
def test_errors_of_all_statements_name_the_node(server_url: str, tmp_path: Path, made: Build, reason: str) -> None:
    result = run(server_url, program(made), tmp_path)
    (found,) = result.diagnostics
    assert (found.code, found.pointer) == ("R260", "/nodes/bad")
    assert reason in found.message
    assert relations(server_url, "shop") == relations(server_url, "shop__build") == set()


def test_some_nodes_are_run_with_what_they_need_and_the_views_on_them(server_url: str, tmp_path: Path) -> None:
    def version(number: int) -> Program:
        return program(
            build("a", f"SELECT {number} AS x"),
            build("b", "SELECT x FROM {b}.a", inputs=("a",)),
            build("other", f"SELECT {number} AS x"),
            build("view_of_b", "SELECT x FROM {s}.b", kind="view", inputs=("b",)),
            build(
                "view_of_view",
                "SELECT v.x, o.x AS y FROM {s}.view_of_b v, {s}.other o",
                kind="view",
                inputs=("view_of_b", "other"),
            ),
        )

    def values() -> dict[str, object]:
        return {name: query(server_url, f"SELECT * FROM shop.{name}")[0] for name in relations(server_url, "shop")}

    assert run(server_url, version(1), tmp_path, nodes=["b"]).ok
    assert values() == {"a": (1,), "b": (1,)}
    assert run(server_url, version(1), tmp_path).ok
    result = run(server_url, version(2), tmp_path, nodes=["b"])
    assert result.ok, result.diagnostics
    assert values() == {"a": (2,), "b": (2,), "other": (1,), "view_of_b": (2,), "view_of_view": (2, 1)}
    result = run(server_url, version(2), tmp_path, nodes=["bb"])
    assert codes(result) == ["R240"]


def test_two_runs_of_one_schema_do_not_meet(server_url: str, tmp_path: Path) -> None:
    """Seen at SQLMesh/sqlmesh#1383."""
    holder = psycopg2.connect(server_url, application_name="headrace run first")
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (lock_key("shop"),))
    refused = run(server_url, program(NUMBERS), tmp_path)
    (found,) = refused.diagnostics
    assert found.code == "R237"
    assert f"process {holder.info.backend_pid}" in found.message
    assert "headrace run first" in found.message
    assert run(server_url, program(build("t", "SELECT 1 AS x", schema="other"), schema="other"), tmp_path).ok

    events: list[Event] = []
    threading.Timer(0.6, holder.close).start()
    waited = run(server_url, program(NUMBERS), tmp_path, events, wait=True)
    assert waited.ok
    assert isinstance(events[0], WaitingForRun)


def test_eight_runs_at_once_leave_one_whole_result(server_url: str, tmp_path: Path) -> None:
    """Seen at dbt-labs/dbt-core#2801."""
    states: list[str] = []

    def one(number: int) -> None:
        made = program(*(build(f"t{n}", f"SELECT {number} AS x FROM generate_series(1, 1000)") for n in range(3)))
        states.append(run(server_url, made, tmp_path, wait=True).state)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states == ["succeeded"] * 8
    # All tables come from the same run.
    assert len(query(server_url, "SELECT x FROM shop.t0 UNION SELECT x FROM shop.t1 UNION SELECT x FROM shop.t2")) == 1
    assert [state for state, _, _ in runs(server_url)] == ["succeeded"] * 8


def test_a_killed_run_leaves_the_old_tables_and_the_next_run_works(server_url: str, tmp_path: Path) -> None:
    assert run(server_url, program(NUMBERS), tmp_path).ok
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\n"
        "from run.programs import build, program, run\n"
        "slow = build('slow', 'SELECT 1 AS x FROM pg_sleep(20)')\n"
        "run(sys.argv[1], program(build('numbers', 'SELECT 0 AS n'), slow), Path('.'))"
    )
    child = subprocess.Popen([sys.executable, "-c", script, server_url, str(Path(__file__).parent.parent)])
    wait_until(lambda: "numbers" in relations(server_url, "shop__build"))
    child.kill()
    child.wait()
    assert runs(server_url)[-1][0] == "running"
    assert query(server_url, "SELECT count(*) FROM shop.numbers") == [(5,)]
    # Where a statement is at work, the server notices only when it ends; until then the lock is held, and said to be.
    assert set(codes(run(server_url, program(NUMBERS), tmp_path))) <= {"R237"}
    end_its_session(server_url)
    wait_until(lambda: codes(run(server_url, program(NUMBERS), tmp_path)) != ["R237"])
    assert relations(server_url, "shop") == {"numbers"}
    assert query(server_url, "SELECT 1 FROM pg_namespace WHERE nspname = 'shop__build'") == []
    states = [(state, error) for state, _, error in runs(server_url)]
    assert states[1] == ("failed", "stopped before its end")
    assert states[-1] == ("succeeded", None)


def test_a_lost_connection_is_made_again_and_the_run_begins_anew(server_url: str, tmp_path: Path) -> None:
    """Seen at dbt-labs/dbt-core#11237."""
    (tmp_path / "f.csv").write_text("x\n1\n2\n")
    made = program(
        load("f", "f.csv", {"x": "integer"}), build("a", "SELECT x FROM {b}.f"), build("b", "SELECT x FROM {b}.a")
    )
    events: list[Event] = []

    def listen(event: Event) -> None:
        if isinstance(event, TableBuilt) and not any(isinstance(old, Retrying) for old in events):
            end_its_session(server_url)
        events.append(event)

    with open_warehouse(server_url, None) as warehouse:
        result = run_program(made, warehouse, tmp_path, on_event=listen, patience=HASTY)
    assert result.ok, result.diagnostics
    assert [event.name for event in events if isinstance(event, Retrying)] == ["connection"]
    assert query(server_url, "SELECT count(*) FROM shop.b") == [(2,)]
    assert [state for state, _, _ in runs(server_url)] == ["succeeded"]


def test_a_server_that_stays_away_is_one_diagnostic(server_url: str, tmp_path: Path) -> None:
    def listen(event: Event) -> None:
        if isinstance(event, (TableBuilt, Retrying)):
            end_its_session(server_url)

    with open_warehouse(server_url, None) as warehouse:
        result = run_program(
            program(NUMBERS, build("b", "SELECT 1 AS x")), warehouse, tmp_path, on_event=listen, patience=HASTY
        )
    assert codes(result) == ["R132"]
    assert relations(server_url, "shop") == set()


def test_a_commit_that_was_not_heard_of_is_looked_up(server_url: str, tmp_path: Path) -> None:
    """The connection is lost right after the swap: the run knows from its record that it has succeeded."""
    events: list[Event] = []

    def listen(event: Event) -> None:
        events.append(event)
        if isinstance(event, Swapped):
            end_its_session(server_url)

    with open_warehouse(server_url, None) as warehouse:
        result = run_program(program(NUMBERS), warehouse, tmp_path, on_event=listen, patience=HASTY)
    assert result.ok
    assert [state for state, _, _ in runs(server_url)] == ["succeeded"]
    assert run(server_url, program(NUMBERS), tmp_path).ok


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent in another way there")
def test_ctrl_c_cancels_the_statement_at_work(server_url: str, tmp_path: Path) -> None:
    events: list[Event] = []

    def listen(event: Event) -> None:
        events.append(event)
        if isinstance(event, StepStarted):
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()

    began = time.monotonic()
    with open_warehouse(server_url, None) as warehouse:
        result = run_program(program(SLOW), warehouse, tmp_path, on_event=listen, patience=HASTY)
    assert time.monotonic() - began < 10
    assert (result.state, codes(result)) == ("interrupted", ["R263"])
    assert runs(server_url) == [("failed", True, "interrupted")]
    assert relations(server_url, "shop") == relations(server_url, "shop__build") == set()
    assert query(
        server_url,
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)%' AND state = 'active'"
        " AND pid <> pg_backend_pid()",
    ) == [(0,)]


def test_what_a_listener_raises_comes_through_and_nothing_is_left(server_url: str, tmp_path: Path) -> None:
    def listen(event: Event) -> None:
        if isinstance(event, TableBuilt):
            raise RuntimeError("the screen is gone")

    with open_warehouse(server_url, None) as warehouse, pytest.raises(RuntimeError, match="the screen is gone"):
        run_program(program(NUMBERS), warehouse, tmp_path, on_event=listen, patience=HASTY)
    assert relations(server_url, "shop") == relations(server_url, "shop__build") == set()
    assert runs(server_url) == [("failed", True, "stopped by RuntimeError")]


def test_a_deadlock_is_tried_again(server_url: str, tmp_path: Path) -> None:
    """The statement fails the first time with the state of a deadlock, and works the second time.

    Seen at dbt-labs/dbt-core#9246, dbt-labs/dbt-core#3303.
    """
    query(server_url, "CREATE SEQUENCE public.tries")
    query(
        server_url,
        "CREATE FUNCTION public.shaky() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('public.tries') = 1 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF;"
        " RETURN 7; END $$",
    )
    events: list[Event] = []
    result = run(server_url, program(build("t", "SELECT public.shaky() AS x")), tmp_path, events)
    assert result.ok, result.diagnostics
    assert [(event.name, event.reason) for event in events if isinstance(event, Retrying)] == [
        ("t", "deadlock detected")
    ]
    assert query(server_url, "SELECT x FROM shop.t") == [(7,)]


def test_records_of_a_newer_headrace_are_left_alone(server_url: str, tmp_path: Path) -> None:
    assert run(server_url, program(NUMBERS), tmp_path).ok
    query(server_url, "UPDATE headrace.version SET version = 99")
    assert codes(run(server_url, program(NUMBERS), tmp_path)) == ["R238"]


def test_a_plain_role_runs_with_what_it_was_given(server_url: str, tmp_path: Path) -> None:
    for role in ("hr_plain", "hr_other"):
        query(server_url, f"DROP ROLE IF EXISTS {role}")
        query(server_url, f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
    plain = server_url.split("://")[0] + "://hr_plain:x@" + server_url.rpartition("@")[2]
    try:
        (found,) = run(plain, program(NUMBERS), tmp_path).diagnostics
        assert found.code == "R236"
        remedy = str(found.params["remedy"])
        assert "CREATE SCHEMA shop AUTHORIZATION hr_plain;" in remedy
        # What the diagnostic tells an administrator to do is enough.
        query(server_url, remedy)
        for _ in range(2):
            result = run(plain, program(NUMBERS), tmp_path)
            assert result.ok, result.diagnostics
        assert query(plain, "SELECT count(*) FROM shop.numbers") == [(5,)]
        # A table of ours that belongs to another role.
        query(server_url, "ALTER TABLE shop.numbers OWNER TO hr_other")
        (found,) = run(plain, program(NUMBERS), tmp_path).diagnostics
        assert found.code == "R234"
        assert "GRANT hr_other TO hr_plain;" in found.message
        query(server_url, "REVOKE ALL ON SCHEMA shop FROM hr_plain; ALTER SCHEMA shop OWNER TO hr_other")
        assert codes(run(plain, program(NUMBERS), tmp_path)) == ["R236"]
    finally:
        query(server_url, "DROP SCHEMA IF EXISTS shop, shop__build, headrace CASCADE")
        query(server_url, "DROP OWNED BY hr_plain, hr_other")
        query(server_url, "DROP ROLE hr_plain, hr_other")
