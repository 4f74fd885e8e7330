"""``program.sql`` under psql: the same tables as a run, the same refusals, and no name taken for a command."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from headrace.program.program import Program
from headrace.program.quoting import comment_lines, in_dollars
from headrace.program.text import lock_key, program_text
from run.programs import build, load, program, query, relations, run

DESCRIBED = """
SELECT c.relname, c.relkind::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
  obj_description(c.oid, 'pg_class'),
  (SELECT string_agg(pg_get_constraintdef(k.oid), '; ' ORDER BY k.conname)
    FROM pg_constraint k WHERE k.conrelid = c.oid),
  c.relacl::text
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = to_regnamespace('shop') AND c.relkind IN ('r', 'v') AND a.attnum > 0
ORDER BY c.relname, a.attnum
"""


def psql(url: str, made: Program | str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the program as its first lines say, in ``folder``."""
    if shutil.which("psql") is None:
        pytest.skip("psql of PostgreSQL is not installed")
    file = folder / "program.sql"
    file.write_text(made if isinstance(made, str) else program_text(made), encoding="utf-8", newline="")
    return subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file.name, url],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )


def sales_program(folder: Path) -> Program:
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "it's sales.csv").write_bytes(
        b'\xef\xbb\xbf"id",name,note,amount\r\n1,"a, b",,1.50\r\n2,"two\r\nlines",:x,2\r\n3,"",\\d,\r\n'
    )
    return program(
        load(
            "sales",
            "data/it's sales.csv",
            {"id": "integer not null", "amount": "decimal(8, 2)", "name": "text", "note": "text"},
            ("id", "name", "note", "amount"),
            keys=[["id"]],
        ),
        build("middle", "SELECT * FROM {b}.sales WHERE id < 3", kind="intermediate", inputs=("sales",)),
        build(
            "kept",
            "SELECT id, name, note, amount FROM {b}.middle",
            more=("INSERT INTO {t} SELECT id, name, note, amount FROM {b}.sales WHERE id = 3",),
            after=("ALTER TABLE {t} ADD PRIMARY KEY (id)", "ANALYZE {t}"),
            description="It's kept.\nTwo lines, :x \\d",
        ),
        build("shown", "SELECT id FROM {s}.kept", kind="view", inputs=("kept",)),
    )


def test_psql_and_a_run_make_the_same(server_url: str, tmp_path: Path) -> None:
    made = sales_program(tmp_path)
    results = []
    for by_psql in (True, True, False, True):  # each over what the one before has left
        if by_psql:
            done = psql(server_url, made, tmp_path)
            assert done.returncode == 0, done.stderr
            assert done.stderr == done.stdout == ""
        else:
            result = run(server_url, made, tmp_path)
            assert result.ok, result.diagnostics
        rows = query(server_url, "SELECT * FROM shop.kept ORDER BY id")
        results.append((rows, query(server_url, DESCRIBED)))
        assert query(server_url, "SELECT 1 FROM pg_namespace WHERE nspname = 'shop__build'") == []
    assert results[0][0][2][:3] == (3, "", "\\d")
    assert results[0][0][1][:3] == (2, "two\r\nlines", ":x")
    assert all(result == results[0] for result in results)


def test_names_are_never_commands(server_url: str, tmp_path: Path) -> None:
    query(server_url, "CREATE TABLE public.victim AS SELECT 1 AS x")
    evil = "x'; DROP TABLE public.victim; --"
    names = [evil, ":x", ":'x'", ':"x"', "\\! touch owned", "%s", '"; \\q', "$headrace$", "a\\gset", "`touch owned`"]
    (tmp_path / "~evil :x \\q.csv").write_text("a\n1\n")
    breaks = "line\n\\! touch owned\r\\! touch owned\r\nDROP TABLE public.victim;"
    made = program(
        load(f"{evil} too", "~evil :x \\q.csv", {"a": "integer"}, ("a",)),
        *(
            replace(build(name, "SELECT 1 AS x", project=breaks, description=f"{name}\n\\! touch owned"), header=breaks)
            for name in names
        ),
        project=breaks,
    )
    done = psql(server_url, made, tmp_path, x="oops")
    assert done.returncode == 0, done.stderr
    assert {*names} <= relations(server_url, "shop")
    assert query(server_url, "SELECT x FROM public.victim") == [(1,)]
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,amount\n1,x\n", "data.csv, record 1, column amount: expected a whole number, found x"),
        ("amount,id\n1,2\n", "The first line of data.csv has other columns"),
        ("id,amount\n1\n", "missing data for column"),
        ("", "The first line of data.csv has other columns"),
    ],
)
def test_psql_stops_at_a_file_that_does_not_fit(server_url: str, tmp_path: Path, content: str, said: str) -> None:
    good = program(build("kept", "SELECT 7 AS id"))
    assert run(server_url, good, tmp_path).ok
    (tmp_path / "data.csv").write_text(content)
    made = program(
        load("data", "data.csv", {"id": "integer", "amount": "integer"}, ("id", "amount")),
        build("kept", "SELECT id FROM {b}.data", inputs=("data",)),
    )
    done = psql(server_url, made, tmp_path)
    assert done.returncode != 0
    assert said in done.stderr
    assert query(server_url, "SELECT id FROM shop.kept") == [(7,)]
    # What it has left does not disturb the next one.
    assert psql(server_url, good, tmp_path).returncode == 0
    assert relations(server_url, "shop__build") == set()


def test_psql_refuses_what_a_run_refuses(server_url: str, tmp_path: Path) -> None:
    made = program(build("t", "SELECT 1 AS x"), build("u", "SELECT 1 AS x"))

    def refused() -> str:
        done = psql(server_url, made, tmp_path)
        assert done.returncode != 0
        return done.stderr

    query(server_url, "CREATE SCHEMA shop; CREATE TABLE shop.t AS SELECT 'mine' AS x")
    assert "shop.t was not made by this project" in refused()
    assert query(server_url, "SELECT x FROM shop.t") == [("mine",)]
    query(server_url, "DROP TABLE shop.t")
    assert psql(server_url, made, tmp_path).returncode == 0
    query(server_url, "CREATE VIEW public.v AS SELECT x FROM shop.t")
    assert "shop.t is used by view public.v" in refused()
    query(server_url, "DROP VIEW public.v; CREATE SCHEMA shop__build; CREATE TABLE shop__build.precious (x int)")
    assert "The schema shop__build was not made by Headrace" in refused()
    query(server_url, "DROP TABLE shop__build.precious")
    holder = psycopg2.connect(server_url)
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (lock_key("shop"),))
    assert "Another run is building the tables of schema shop" in refused()
    holder.close()
    assert psql(server_url, made, tmp_path).returncode == 0


def test_what_psql_cannot_do_stops_it_at_the_beginning(server_url: str, tmp_path: Path) -> None:
    made = replace(program(build("t", "SELECT 1 AS x")), needs_run=("the node 'a' is Python",))
    done = psql(server_url, made, tmp_path)
    assert "This program needs headrace run: the node 'a' is Python" in done.stderr
    (tmp_path / "a\nb.csv").write_text("x\n1\n")
    made = program(load("f", "a\nb.csv", {"x": "integer"}), build("t", "SELECT x FROM {b}.f"))
    assert "line break" in psql(server_url, made, tmp_path).stderr
    assert query(server_url, "SELECT 1 FROM pg_namespace WHERE nspname LIKE 'shop%'") == []
    assert run(server_url, made, tmp_path).ok


def test_the_text_of_a_program_is_always_the_same(tmp_path: Path) -> None:
    made = sales_program(tmp_path)
    assert program_text(made) == program_text(made)
    assert program_text(made).endswith(";\n")


def test_dollar_quotes_and_comments_hold_anything() -> None:
    assert in_dollars("a $headrace$ b $headrace2$") == "$headrace3$a $headrace$ b $headrace2$$headrace3$"
    assert comment_lines("a\rb\nc\x0bd\u2028e") == "-- a\n-- b\n-- c\n-- d\n-- e"
    assert comment_lines("-- a\n\nb") == "-- a\n--\n-- b"
