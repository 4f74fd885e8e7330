"""Incremental expansion: nights of one value each make the table that one build of all values makes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from headrace import Engine
from headrace.program.program import Program
from headrace.run import Computed, RunResult, Swapped, TableBuilt, run_program
from headrace.run.warehouse import open_warehouse
from run.programs import HASTY, codes, query, relations, run
from run.test_text import psql

SALES = """
CREATE TABLE public.sales (id bigint NOT NULL, country text, day date, amount numeric);
INSERT INTO public.sales
SELECT n, CASE WHEN n % 7 > 0 THEN chr(65 + n % 3) END, date '2010-01-01' + (n * 13) % 4000, n % 50
FROM generate_series(1, 3000) AS n
"""
CATALOG = {
    "headrace": 1,
    "tables": {
        "public.sales": {
            "columns": {
                "id": {"type": "integer", "nullable": False},
                "country": {"type": "text"},
                "day": {"type": "date"},
                "amount": {"type": "decimal"},
            },
            "keys": [],
        }
    },
}
MONTHS = [dt.date(2010 + month // 12, month % 12 + 1, 1) - dt.timedelta(1) for month in range(1, 121)]
LONG = "Größe_des_Monats_an_dessen_Ende_gezählt_wird_mit_allem_was_vorher_war"
LISTED = 'SELECT * FROM shop."active" ORDER BY 1, 2'


def document(months: Any, **node: Any) -> dict[str, Any]:
    """A project with the node ``active``, expanded over ``months``: a list, or what ``for_each`` takes otherwise."""
    values = [f"{month}" for month in months] if isinstance(months, list) else months
    return {
        "headrace": 1,
        "name": "shop",
        "schema": "shop",
        "parameters": {name: {"type": "date"} for name in ("month", "at", LONG)},
        "sources": {"sales": {"table": "public.sales"}},
        "nodes": {
            "active": {
                "for_each": {"month": values},
                "from": "sales",
                "steps": [
                    {"filter": "day > $month - 12 months and day <= $month"},
                    {"aggregate": {"by": ["country"], "measures": {"sales": "count()", "total": "sum(amount)"}}},
                ],
                "materialize": "incremental",
                **node,
            }
        },
    }


def compiled(made: dict[str, Any], **options: Any) -> Program:
    result = Engine().compile(made, CATALOG, **options)
    assert result.ok, result.diagnostics
    assert result.program is not None
    return result.program


def computed(result: RunResult, node: str = "active") -> tuple[int, int]:
    assert result.ok, result.diagnostics
    (found,) = [step.computed for step in result.steps if step.name == node]
    assert found is not None
    return found.values, found.of


def built_at_once(url: str, made: dict[str, Any], sql: str = LISTED) -> list[tuple[Any, ...]]:
    """The rows that the project makes as an ordinary table, in a schema of its own."""
    node = {**made["nodes"]["active"], "materialize": "table"}
    whole = {**made, "schema": "whole", "nodes": {**made["nodes"], "active": node}}
    result = run(url, compiled(whole), Path())
    assert result.ok, result.diagnostics
    return query(url, sql.replace("shop.", "whole."))


@pytest.fixture
def url(server_url: str) -> str:
    query(server_url, SALES)
    return server_url


@pytest.mark.parametrize(("strategy", "nights"), [(None, 120), ("lateral", 8), ("join", 8), ("sweep", 8)])
def test_as_many_nights_of_one_value_as_there_are_values(
    url: str, tmp_path: Path, strategy: str | None, nights: int
) -> None:
    more = {} if strategy is None else {"strategy": strategy}
    with open_warehouse(url, None) as warehouse:
        for night in range(1, nights + 1):
            program = compiled(document(MONTHS[:night], **more))
            result = run_program(program, warehouse, tmp_path, patience=HASTY)
            assert computed(result) == (1, night)
    found = query(url, LISTED)
    assert found == built_at_once(url, document(MONTHS[:nights]))
    assert {row[0] for row in found} == set(MONTHS[:nights])
    assert relations(url, "shop") == {"active"}
    assert query(url, "SELECT 1 FROM pg_namespace WHERE nspname = 'shop__build'") == []


def test_nights_under_psql_and_nights_of_runs_are_the_same(url: str, tmp_path: Path) -> None:
    for night, by_psql in enumerate([True, True, False, False, True, True], 1):
        made = document(MONTHS[: 20 * night], keys=["month", "country"])
        if by_psql:
            done = psql(url, compiled(made), tmp_path)
            assert done.returncode == 0, done.stderr
            assert done.stderr == ""
        else:
            assert computed(run(url, compiled(made), tmp_path)) == (20, 20 * night)
        assert query(url, LISTED) == built_at_once(url, made)
        assert relations(url, "shop") == {"active"}
    # The table of the first night is still there, with its key.
    keys = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'shop.active'::regclass"
    assert [text for (text,) in query(url, keys) if "UNIQUE" in text] == ["UNIQUE NULLS NOT DISTINCT (month, country)"]


def test_a_late_sale_changes_the_last_values_alone(url: str, tmp_path: Path) -> None:
    """Seen at SQLMesh/sqlmesh#2985."""
    kept = {"kind": "incremental", "look_back": "2"}
    assert computed(run(url, compiled(document(MONTHS[:10], materialize=kept)), tmp_path)) == (10, 10)
    before = query(url, LISTED)
    query(url, "INSERT INTO public.sales VALUES (9001, 'late', '2010-02-15', 1)")
    result = run(url, compiled(document(MONTHS[:11], materialize=kept)), tmp_path)
    assert computed(result) == (2, 11)
    late = [row[0] for row in query(url, LISTED) if row[1] == "late"]
    assert late == MONTHS[9:11]
    assert [row for row in query(url, LISTED) if row[0] in MONTHS[:9]] == [
        row for row in before if row[0] in MONTHS[:9]
    ]
    # More than there are: all of them.
    kept["look_back"] = "1000"
    assert computed(run(url, compiled(document(MONTHS[:11], materialize=kept)), tmp_path)) == (11, 11)
    assert query(url, LISTED) == built_at_once(url, document(MONTHS[:11]))


def test_the_values_that_look_back_counts_are_the_last_however_they_are_written(url: str, tmp_path: Path) -> None:
    query(
        url,
        "INSERT INTO public.sales SELECT 9100 + n, c, '2010-01-01', n FROM unnest('{a,b,B,é}'::text[]) "
        "WITH ORDINALITY AS u(c, n)",
    )
    made = document(["é", "a", "B", "b"], materialize={"kind": "incremental", "look_back": 2})
    node = made["nodes"]["active"]
    node["for_each"] = {"which": ["é", "a", "B", "b"]}
    node["steps"] = [{"filter": "country = $which"}, {"aggregate": {"measures": {"total": "sum(amount)"}}}]
    assert computed(run(url, compiled(made), tmp_path)) == (4, 4)
    query(url, "UPDATE public.sales SET amount = 1000 WHERE id > 9100")
    assert computed(run(url, compiled(made), tmp_path)) == (2, 4)
    changed = [name for name, total in query(url, "SELECT * FROM shop.active") if total == 1000]
    assert sorted(changed) == ["b", "é"]


def test_values_that_are_no_more_are_taken_out(url: str, tmp_path: Path) -> None:
    """Seen at SQLMesh/sqlmesh#4331."""
    run(url, compiled(document(MONTHS[:12])), tmp_path)
    result = run(url, compiled(document(MONTHS[6:14])), tmp_path)
    assert computed(result) == (2, 8)
    assert query(url, LISTED) == built_at_once(url, document(MONTHS[6:14]))
    assert computed(run(url, compiled(document([])), tmp_path)) == (0, 0)
    assert query(url, LISTED) == []


def test_another_definition_builds_the_whole(url: str, tmp_path: Path) -> None:
    """Seen at dbt-labs/dbt-core#1132, dbt-labs/docs.getdbt.com#9755, SQLMesh/sqlmesh#5579."""
    run(url, compiled(document(MONTHS[:5])), tmp_path)
    oid = "SELECT 'shop.active'::regclass::oid"
    first = query(url, oid)
    assert computed(run(url, compiled(document(MONTHS[:6])), tmp_path)) == (1, 6)
    assert query(url, oid) == first
    other = document(MONTHS[:6])
    other["nodes"]["active"]["steps"][0] = {"filter": "day <= $month"}
    assert computed(run(url, compiled(other), tmp_path)) == (6, 6)
    assert query(url, LISTED) == built_at_once(url, other)
    for change in (
        {"keys": ["month", "country"]},
        {"then": [{"expect": [{"formula": "total >= 0"}]}]},
        {"steps": [*other["nodes"]["active"]["steps"], {"filter": "sales > 2"}]},
    ):
        other["nodes"]["active"].update(change)
        assert computed(run(url, compiled(other), tmp_path)) == (6, 6), change
        assert computed(run(url, compiled(other), tmp_path)) == (0, 6), change
    # A column that somebody has added is no column of ours.
    query(url, "ALTER TABLE shop.active ADD COLUMN note text")
    assert computed(run(url, compiled(other), tmp_path)) == (6, 6)
    assert query(url, LISTED) == built_at_once(url, other)


def test_what_a_node_upstream_is_decides_too(url: str, tmp_path: Path) -> None:
    made = document(MONTHS[:4])
    made["nodes"]["active"]["from"] = "middle"
    made["nodes"]["middle"] = {"from": "sales", "steps": [{"filter": "amount > 10"}]}
    assert computed(run(url, compiled(made), tmp_path)) == (4, 4)
    assert computed(run(url, compiled(made), tmp_path)) == (0, 4)
    made["nodes"]["middle"]["steps"] = [{"filter": "amount > 20"}]
    assert computed(run(url, compiled(made), tmp_path)) == (4, 4)
    assert query(url, LISTED) == built_at_once(url, made)


def test_an_incremental_node_that_reads_another(url: str, tmp_path: Path) -> None:
    def chain(months: list[dt.date]) -> dict[str, Any]:
        made = document(months)
        made["nodes"]["best"] = {
            "for_each": {"at": [f"{month}" for month in months]},
            "from": "active",
            "steps": [{"filter": "month <= $at"}, {"aggregate": {"measures": {"most": "max(total)", "n": "count()"}}}],
            "materialize": "incremental",
        }
        made["nodes"]["seen"] = {"from": "active", "materialize": "view"}
        made["nodes"]["sums"] = {
            "from": "active",
            "steps": [{"aggregate": {"by": ["month"], "measures": {"n": "count()"}}}],
            "materialize": "table",
        }
        return made

    sums, best = "SELECT * FROM shop.sums ORDER BY 1", "SELECT * FROM shop.best ORDER BY 1"
    for night in (3, 4, 7):
        made = chain(MONTHS[:night])
        result = run(url, compiled(made), tmp_path)
        assert computed(result) == computed(result, "best")
        # What reads it in the same run sees the rows that stayed too.
        assert query(url, sums) == built_at_once(url, made, sums)
        assert query(url, best) == built_at_once(url, made, best)
        assert query(url, "SELECT * FROM shop.seen ORDER BY 1, 2") == query(url, LISTED)
    assert computed(result) == (3, 7)


def test_values_of_a_node(url: str, tmp_path: Path) -> None:
    made = document({"node": "months", "column": "last"})
    made["nodes"]["months"] = {
        "from": "sales",
        "steps": [
            {"filter": "id <= 5"},
            {"select": [{"last": "end_of_month(day)"}]},
            {"filter": "last is not null"},
        ],
    }
    assert computed(run(url, compiled(made), tmp_path)) == (3, 3)
    query(url, "INSERT INTO public.sales VALUES (-1, 'x', '2019-05-05', 3), (-2, 'x', NULL, 3)")
    assert computed(run(url, compiled(made), tmp_path)) == (1, 4)
    assert query(url, LISTED) == built_at_once(url, made)
    query(url, "DELETE FROM public.sales WHERE id IN (1, 2, 3)")
    assert computed(run(url, compiled(made), tmp_path))[0] == 0
    assert {row[0] for row in query(url, LISTED)} == {row[0] for row in built_at_once(url, made)}


def test_several_parameters_and_the_one_that_is_looked_back_on(url: str, tmp_path: Path) -> None:
    def pairs(months: list[dt.date], countries: list[str]) -> dict[str, Any]:
        made = document(months, materialize={"kind": "incremental", "time": "month", "look_back": 1})
        made["nodes"]["active"]["for_each"]["which"] = countries
        made["nodes"]["active"]["steps"] = [
            {"filter": "day <= $month and country = $which"},
            {"aggregate": {"measures": {"total": "sum(amount)"}}},
        ]
        return made

    assert computed(run(url, compiled(pairs(MONTHS[:3], ["A", "B"])), tmp_path)) == (6, 6)
    made = pairs(MONTHS[:4], ["A", "B", "C"])
    # C for the three old months, and all for the new one, which is the last as well.
    assert computed(run(url, compiled(made), tmp_path)) == (6, 12)
    assert query(url, LISTED) == built_at_once(url, made)
    assert computed(run(url, compiled(made), tmp_path)) == (3, 12)


def test_a_check_that_does_not_hold_stops_the_run_before_the_table_changes(url: str, tmp_path: Path) -> None:
    query(url, "INSERT INTO public.sales VALUES (9001, 'bad', '2010-05-15', -1000000)")
    for number, expecting in enumerate(
        (
            {"then": [{"expect": [{"formula": "total >= 0"}]}]},
            {"then": [{"expect": [{"unique": ["total"]}]}]},
            {"inside": {"expect": [{"formula": "total >= 0"}]}},
            {"keys": ["sales"]},
        )
    ):
        inside = expecting.pop("inside", None)
        made = [document(MONTHS[:count], **expecting) for count in (2, 8)]
        for each in made:
            steps = each["nodes"]["active"]["steps"]
            each["schema"] = f"shop{number}"
            if "keys" in expecting or "unique" in str(expecting):
                measures = {"sales": "count(where amount < 0)", "total": "sum(amount) * 0"}
                steps[1:] = [{"aggregate": {"measures": measures}}]
                steps[0] = {"filter": "day <= $month and id < 5"}
                each["nodes"]["active"]["for_each"]["month"] = each["nodes"]["active"]["for_each"]["month"][1:]
            if inside:
                steps.append(inside)
        listed = LISTED.replace("shop", f"shop{number}")
        assert run(url, compiled(made[0]), tmp_path).ok
        before = query(url, listed)
        result = run(url, compiled(made[1]), tmp_path)
        assert codes(result) == ["R270"], (expecting, result)
        assert query(url, listed) == before
        done = psql(url, compiled(made[1]), tmp_path)
        assert done.returncode != 0
        assert "does not hold of active" in done.stderr
        assert query(url, listed) == before


def test_readers_see_the_table_all_the_time_and_what_hangs_on_it_stays(url: str, tmp_path: Path) -> None:
    run(url, compiled(document(MONTHS[:3])), tmp_path)
    query(url, "CREATE VIEW public.theirs AS SELECT count(*) AS n FROM shop.active")
    query(url, "CREATE INDEX mine ON shop.active (total)")
    count = "SELECT count(*) FROM shop.active"
    (old,) = query(url, count)
    reader = psycopg2.connect(url)
    reader.set_session(isolation_level="REPEATABLE READ")
    with reader.cursor() as cursor:
        cursor.execute(count)
        assert cursor.fetchone() == old
        events: list[Any] = []
        # An open transaction that has read the table stops no run.
        assert computed(run(url, compiled(document(MONTHS[:6])), tmp_path, events)) == (3, 6)
        cursor.execute(count)
        assert cursor.fetchone() == old
    reader.close()
    assert [event.computed for event in events if isinstance(event, TableBuilt)] == [Computed(3, 6)]
    assert sum(isinstance(event, Swapped) for event in events) == 1
    assert query(url, "SELECT n FROM public.theirs") == query(url, count)
    assert query(url, count) > [old]
    assert query(url, "SELECT to_regclass('shop.mine') IS NOT NULL") == [(True,)]
    # Another definition needs a new table, and theirs keeps the old one.
    other = document(MONTHS[:6], keys=["month", "country"])
    assert codes(run(url, compiled(other), tmp_path)) == ["R232"]


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE public.theirs (month date REFERENCES shop.active ON DELETE CASCADE);"
        "INSERT INTO public.theirs SELECT month FROM shop.active",
        "CREATE RULE kept AS ON DELETE TO shop.active DO INSTEAD NOTHING",
        "CREATE FUNCTION public.none() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        "CREATE TRIGGER none BEFORE INSERT ON shop.active FOR EACH ROW EXECUTE FUNCTION public.none()",
        "CREATE TABLE public.theirs () INHERITS (shop.active)",
        "ALTER TABLE shop.active ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    ],
    ids=["foreign key", "rule", "trigger", "child", "policies"],
)
def test_what_would_do_more_than_exchange_rows_stops_the_run(url: str, tmp_path: Path, made: str) -> None:
    steps = [{"filter": "day <= $month"}, {"aggregate": {"measures": {"total": "sum(amount)"}}}]
    keyed = {"steps": steps, "keys": ["month"], "materialize": {"kind": "incremental", "look_back": 2}}
    assert computed(run(url, compiled(document(MONTHS[:3], **keyed)), tmp_path)) == (3, 3)
    query(url, made)
    before = query(url, "SELECT * FROM shop.active ORDER BY 1")
    result = run(url, compiled(document(MONTHS[:4], **keyed)), tmp_path)
    assert set(codes(result)) == {"R232"}, result
    assert query(url, "SELECT * FROM shop.active ORDER BY 1") == before
    done = psql(url, compiled(document(MONTHS[:4], **keyed)), tmp_path)
    assert "Nothing was changed" in done.stderr


def test_a_table_that_another_writes_is_tried_again(url: str, tmp_path: Path) -> None:
    run(url, compiled(document(MONTHS[:3])), tmp_path)
    writer = psycopg2.connect(url)
    with writer.cursor() as cursor:
        cursor.execute("LOCK TABLE shop.active IN SHARE MODE")
        result = run(url, compiled(document(MONTHS[:4])), tmp_path)
        assert codes(result) == ["R262"]
    writer.close()
    assert query(url, "SELECT state FROM headrace.runs ORDER BY id") == [("succeeded",), ("failed",)]
    assert computed(run(url, compiled(document(MONTHS[:4])), tmp_path)) == (1, 4)


def test_the_run_that_failed_at_its_record_has_changed_nothing(url: str, tmp_path: Path) -> None:
    run(url, compiled(document(MONTHS[:3])), tmp_path)
    before = query(url, LISTED)
    query(
        url,
        "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.state = 'succeeded' THEN RAISE 'no'; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER refuse BEFORE UPDATE ON headrace.runs FOR EACH ROW EXECUTE FUNCTION public.refuse()",
    )
    result = run(url, compiled(document(MONTHS[:5])), tmp_path)
    assert not result.ok
    assert query(url, LISTED) == before
    assert relations(url, "shop__build") == set()


def test_a_table_that_somebody_else_made_is_never_touched(url: str, tmp_path: Path) -> None:
    query(url, "CREATE SCHEMA shop; CREATE TABLE shop.active (month date)")
    assert codes(run(url, compiled(document(MONTHS[:3])), tmp_path)) == ["R230"]
    query(url, "DROP TABLE shop.active")
    # An ordinary table of the project gives way to one that grows.
    ordinary = document(MONTHS[:3], materialize="table")
    assert run(url, compiled(ordinary), tmp_path).ok
    assert computed(run(url, compiled(document(MONTHS[:3])), tmp_path)) == (3, 3)
    assert run(url, compiled(ordinary), tmp_path).ok
    assert computed(run(url, compiled(document(MONTHS[:3])), tmp_path)) == (3, 3)
    other = document(MONTHS[:3])
    other["name"] = "another"
    assert codes(run(url, compiled(other), tmp_path)) == ["R231"]


def test_what_a_stopped_run_has_left_is_cleared(url: str, tmp_path: Path) -> None:
    run(url, compiled(document(MONTHS[:3])), tmp_path)
    for by_psql in (True, False):
        stopped = compiled(document(MONTHS[:5]))
        query(
            url,
            "CREATE SCHEMA shop__build; COMMENT ON SCHEMA shop__build IS 'headrace:build';"
            "CREATE TABLE shop__build.active__rows AS SELECT * FROM shop.active;"
            "CREATE VIEW shop__build.active AS SELECT * FROM shop__build.active__rows"
            " UNION ALL SELECT * FROM shop.active",
        )
        if by_psql:
            done = psql(url, stopped, tmp_path)
            assert done.returncode == 0, done.stderr
        else:
            assert computed(run(url, stopped, tmp_path)) == (0, 5)
        assert query(url, LISTED) == built_at_once(url, document(MONTHS[:5]))


def test_names_that_need_quotes_and_are_long(url: str, tmp_path: Path) -> None:
    node, parameter = 'x"; DROP', LONG
    made = document(MONTHS[:3])
    described = made["nodes"].pop("active")
    described["for_each"] = {parameter: described["for_each"]["month"]}
    described["steps"] = [
        {"filter": f"day <= ${parameter}"},
        {"aggregate": {"by": ["country"], "measures": {"it's": "count()"}}},
    ]
    described["keys"] = [[parameter, "country"]]
    made["nodes"][node] = described
    assert computed(run(url, compiled(made), tmp_path), node) == (3, 3)
    described["for_each"][parameter].append("2010-12-31")
    assert computed(run(url, compiled(made), tmp_path), node) == (1, 4)
    assert psql(url, compiled(made), tmp_path).returncode == 0
