"""The swap: readers see the old tables or the new ones, and what others made is neither replaced nor lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from headrace.run import Event, Retrying, TableBuilt, run_program
from headrace.run.warehouse import open_warehouse
from run.programs import HASTY, Patience, build, codes, program, query, relations, run

OLD = program(build("t", "SELECT 1 AS x"), build("u", "SELECT 1 AS x"))
NEW = program(build("t", "SELECT 2 AS x"), build("u", "SELECT 2 AS x"))


@pytest.fixture
def other(server_url: str) -> Iterator[Connection]:
    """The session of somebody else."""
    connection = psycopg2.connect(server_url, application_name="a report")
    yield connection
    connection.close()


def execute(connection: Connection, sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize(
    ("made", "code", "word"),
    [
        ("CREATE TABLE shop.t (x int)", "R230", "a table"),
        ("CREATE TABLE shop.t (x int); COMMENT ON TABLE shop.t IS 'headrace'", "R230", "a table"),
        ("CREATE TABLE shop.t (x int) PARTITION BY LIST (x)", "R230", "a partitioned table"),
        ("CREATE VIEW shop.t AS SELECT 1 AS x", "R230", "a view"),
        ("CREATE MATERIALIZED VIEW shop.t AS SELECT 1 AS x", "R230", "a materialized view"),
        ("CREATE SEQUENCE shop.t", "R230", "a sequence"),
        ("CREATE TABLE shop.a (x int); CREATE INDEX t ON shop.a (x)", "R230", "an index"),
        ("CREATE TYPE shop.t AS (x int)", "R230", "a type"),
        ("CREATE TYPE shop.t AS ENUM ('x')", "R230", "a type"),
        ("CREATE DOMAIN shop.t AS int", "R230", "a type"),
        (
            "CREATE TABLE shop.t (x int); COMMENT ON TABLE shop.t IS E'Sales.\\nheadrace:another%20shop 12'",
            "R231",
            "another shop",
        ),
        ("CREATE TABLE shop.t (x int); COMMENT ON TABLE shop.t IS 'headrace:shop2 12'", "R231", "shop2"),
    ],
)
def test_what_headrace_did_not_make_is_never_replaced(
    server_url: str, tmp_path: Path, made: str, code: str, word: str
) -> None:
    query(server_url, f"CREATE SCHEMA shop; {made}")
    before = relations(server_url, "shop")
    result = run(server_url, NEW, tmp_path)
    (found,) = result.diagnostics
    assert (found.code, found.pointer) == (code, "/nodes/t")
    assert word in found.message
    # It is found out before anything is built.
    assert [step.state for step in result.steps] == ["not run", "not run"]
    assert relations(server_url, "shop") == before


@pytest.mark.parametrize(
    ("made", "word"),
    [
        ("CREATE VIEW public.v AS SELECT x FROM shop.t", "view public.v"),
        ("CREATE MATERIALIZED VIEW public.v AS SELECT x FROM shop.t", "materialized view public.v"),
        ("CREATE VIEW public.v AS SELECT t FROM shop.t AS t", "view public.v"),
        ("ALTER TABLE shop.t ADD UNIQUE (x); CREATE TABLE public.r (x int REFERENCES shop.t (x))", "on table public.r"),
        ("CREATE TABLE public.child () INHERITS (shop.t)", "table public.child"),
        ("CREATE TABLE public.r (t shop.t)", "column t of table public.r"),
        ("CREATE TABLE public.r (t shop.t[])", "column t of table public.r"),
        (
            "CREATE FUNCTION public.f() RETURNS SETOF shop.t LANGUAGE sql AS 'SELECT * FROM shop.t'",
            "function public.f()",
        ),
        (
            "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT x FROM shop.t; END",
            "function public.f()",
        ),
        ("ALTER TABLE shop.t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON shop.t USING (x > 0)", "policy p"),
        ("CREATE PUBLICATION hr_published FOR TABLE shop.t", "hr_published"),
        ("CREATE RULE r AS ON INSERT TO shop.t DO NOTHING", "rule r"),
        (
            "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            "CREATE TRIGGER g BEFORE INSERT ON shop.t FOR EACH ROW EXECUTE FUNCTION public.f()",
            "trigger g",
        ),
        ("ALTER TABLE shop.t ADD CHECK (x > 0)", "constraint"),
        ("ALTER TABLE shop.t ADD FOREIGN KEY (x) REFERENCES public.parent (x)", "constraint"),
        ("CREATE SEQUENCE shop.s OWNED BY shop.t.x", "sequence shop.s"),
        ("GRANT SELECT (x) ON shop.t TO PUBLIC", "column x"),
    ],
)
def test_what_others_hung_on_a_table_stops_the_run(server_url: str, tmp_path: Path, made: str, word: str) -> None:
    """Seen at dbt-labs/dbt-core#11542, dbt-labs/dbt-adapters#1021, SQLMesh/sqlmesh#5954, SQLMesh/sqlmesh#1474."""
    query(server_url, "CREATE TABLE public.parent (x int PRIMARY KEY); INSERT INTO public.parent VALUES (1)")
    assert run(server_url, OLD, tmp_path).ok
    query(server_url, made)
    result = run(server_url, NEW, tmp_path)
    assert set(codes(result)) == {"R232"}
    assert any(word in found.message for found in result.diagnostics), result.diagnostics
    assert [step.state for step in result.steps] == ["not run", "not run"]
    assert query(server_url, "SELECT x FROM shop.t UNION SELECT x FROM shop.u") == [(1,)]


def test_indexes_and_statistics_of_others_go_with_the_table(server_url: str, tmp_path: Path) -> None:
    assert run(server_url, program(build("t", "SELECT 1 AS x, 2 AS y")), tmp_path).ok
    query(server_url, "CREATE INDEX by_hand ON shop.t (x); CREATE STATISTICS shop.s ON x, y FROM shop.t")
    assert run(server_url, NEW, tmp_path).ok


def test_an_index_in_the_way_of_a_new_one_stops_the_swap(server_url: str, tmp_path: Path) -> None:
    query(server_url, "CREATE SCHEMA shop; CREATE TABLE shop.mine (x int); CREATE INDEX t_pkey ON shop.mine (x)")
    result = run(
        server_url, program(build("t", "SELECT 1 AS x", after=("ALTER TABLE {t} ADD PRIMARY KEY (x)",))), tmp_path
    )
    (found,) = result.diagnostics
    assert found.code == "R264"
    assert "t_pkey" in found.message
    assert relations(server_url, "shop") == {"mine"}


def test_keys_of_old_and_new_tables_do_not_meet(server_url: str, tmp_path: Path) -> None:
    made = program(build("t", "SELECT 1 AS x", after=("ALTER TABLE {t} ADD CONSTRAINT k PRIMARY KEY (x)",)))
    assert run(server_url, made, tmp_path).ok
    assert run(server_url, made, tmp_path).ok


def test_a_view_that_no_node_makes_any_more_is_named(server_url: str, tmp_path: Path) -> None:
    view = build("old_view", "SELECT x FROM {s}.t", kind="view", inputs=("t",))
    assert run(server_url, program(*OLD.steps, view), tmp_path).ok
    (found,) = run(server_url, NEW, tmp_path).diagnostics
    assert found.code == "R233"
    assert "DROP VIEW shop.old_view;" in found.message
    query(server_url, "DROP VIEW shop.old_view")
    assert run(server_url, NEW, tmp_path).ok


def test_a_view_made_while_the_run_is_at_work_stops_the_swap(server_url: str, tmp_path: Path) -> None:
    assert run(server_url, OLD, tmp_path).ok

    def listen(event: Event) -> None:
        if isinstance(event, TableBuilt) and event.node == "u":
            query(server_url, "CREATE VIEW public.late AS SELECT x FROM shop.t")

    with open_warehouse(server_url, None) as warehouse:
        result = run_program(NEW, warehouse, tmp_path, on_event=listen, patience=HASTY)
    assert codes(result) == ["R232"]
    assert query(server_url, "SELECT x FROM public.late") == [(1,)]
    assert relations(server_url, "shop__build") == set()


def test_a_table_put_in_its_place_while_the_run_is_at_work_is_kept(server_url: str, tmp_path: Path) -> None:
    def listen(event: Event) -> None:
        if isinstance(event, TableBuilt) and event.node == "u":
            query(server_url, "CREATE TABLE shop.t AS SELECT 'mine' AS x")

    with open_warehouse(server_url, None) as warehouse:
        result = run_program(NEW, warehouse, tmp_path, on_event=listen, patience=HASTY)
    assert codes(result) == ["R230"]
    assert query(server_url, "SELECT x FROM shop.t") == [("mine",)]
    assert relations(server_url, "shop") == {"t"}


def test_grants_are_carried_over(server_url: str, tmp_path: Path) -> None:
    """Seen at SQLMesh/sqlmesh#568."""
    query(server_url, 'DROP ROLE IF EXISTS "hr reader"; CREATE ROLE "hr reader"')
    made = program(build("t", "SELECT 1 AS x"), build("v", "SELECT x FROM {s}.t", kind="view", inputs=("t",)))
    try:
        assert run(server_url, made, tmp_path).ok
        query(
            server_url,
            'GRANT SELECT, UPDATE ON shop.t TO "hr reader" WITH GRANT OPTION; GRANT SELECT ON shop.v TO PUBLIC',
        )
        query(server_url, 'ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT INSERT ON TABLES TO "hr reader"')
        acl = (
            "SELECT relname, grantee::regrole::text, privilege_type, is_grantable FROM pg_class, aclexplode(relacl)"
            " WHERE relname IN ('t', 'v') AND grantee <> relowner ORDER BY 1, 2, 3"
        )
        assert run(server_url, made, tmp_path).ok
        assert sorted(query(server_url, acl)) == [
            ("t", '"hr reader"', "INSERT", False),
            ("t", '"hr reader"', "SELECT", True),
            ("t", '"hr reader"', "UPDATE", True),
            ("v", '"hr reader"', "INSERT", False),
            ("v", "-", "SELECT", False),
        ]
    finally:
        query(server_url, 'DROP OWNED BY "hr reader"; DROP ROLE "hr reader"')


def test_a_reader_that_keeps_its_lock_is_named_and_nothing_changes(
    server_url: str, tmp_path: Path, other: Connection
) -> None:
    assert run(server_url, OLD, tmp_path).ok
    execute(other, "SELECT x FROM shop.t")
    events: list[Event] = []
    result = run(server_url, NEW, tmp_path, events)
    (found,) = result.diagnostics
    assert found.code == "R262"
    assert f"process {other.info.backend_pid}" in found.message
    assert "a report" in found.message
    assert [event.name for event in events if isinstance(event, Retrying)] == ["swap"] * 2
    assert execute(other, "SELECT x FROM shop.t UNION SELECT x FROM shop.u") == [(1,)]
    assert relations(server_url, "shop__build") == set()
    other.rollback()
    assert run(server_url, NEW, tmp_path).ok


def test_a_reader_that_ends_is_waited_for(server_url: str, tmp_path: Path, other: Connection) -> None:
    assert run(server_url, OLD, tmp_path).ok
    execute(other, "SELECT x FROM shop.t")
    timer = threading.Timer(1.0, other.rollback)
    timer.start()
    patience = Patience(swap_tries=20, lock_timeout=0.1, wait=0.1, longest_wait=0.3)
    assert run(server_url, NEW, tmp_path, patience=patience).ok
    timer.join()


def test_a_reader_never_sees_a_table_missing_or_half_of_a_swap(server_url: str, tmp_path: Path) -> None:
    """Seen at duckdb/dbt-duckdb#532, dbt-labs/dbt-postgres#197."""
    assert run(server_url, OLD, tmp_path).ok
    seen: list[object] = []
    stop = threading.Event()

    def read() -> None:
        connection = psycopg2.connect(server_url)
        connection.autocommit = True
        while not stop.is_set():
            try:
                seen.extend(execute(connection, "SELECT t.x, u.x FROM shop.t, shop.u"))
            except psycopg2.Error as error:
                seen.append(str(error))
        connection.close()

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(6):
        assert run(server_url, NEW if number % 2 else OLD, tmp_path, patience=Patience()).ok
    stop.set()
    thread.join()
    assert set(seen) <= {(1, 1), (2, 2)}, set(seen)
    assert len(seen) > 10


def test_leftovers_that_others_use_are_named(server_url: str, tmp_path: Path) -> None:
    query(server_url, "CREATE SCHEMA shop__build; COMMENT ON SCHEMA shop__build IS 'headrace:build'")
    query(
        server_url,
        "CREATE TABLE shop__build.left AS SELECT 1 AS x; CREATE VIEW public.v AS SELECT x FROM shop__build.left",
    )
    (found,) = run(server_url, NEW, tmp_path).diagnostics
    assert found.code == "R239"
    assert "view public.v" in found.message
    query(server_url, "DROP VIEW public.v")
    assert run(server_url, NEW, tmp_path).ok


@pytest.mark.parametrize("schema", ["shop__build", "headrace"])
def test_a_schema_of_others_under_a_name_of_ours_is_left_alone(server_url: str, tmp_path: Path, schema: str) -> None:
    query(server_url, f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.precious AS SELECT 1 AS x")
    (found,) = run(server_url, NEW, tmp_path).diagnostics
    assert (found.code, found.params["schema"]) == ("R235", schema)
    assert relations(server_url, schema) == {"precious"}
