"""A table whose columns are of other types than its source declares was computed as if they were of these.

Seen: ``amount: decimal`` over a column of integers, where ``amount / 2`` of 1 was 0; ``id: integer`` over texts, whose
greatest was "9" and not 12; ``day: date`` over timestamps, none of which was equal to a date. A run, a preview and the
program under psql refuse it now.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from headrace import Engine
from headrace.program.text import program_text
from headrace.results import CompileResult, PreviewResult
from headrace.run import run_program
from headrace.run.embedded import Server
from headrace.run.reading import read_rows
from headrace.run.stopped import Stopped
from headrace.run.warehouse import open_warehouse

THERE = "table types there"
MADE = "table types made"


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """A server with the schema that holds the table, and types of its own."""
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            f'DROP SCHEMA IF EXISTS "{THERE}" CASCADE; CREATE SCHEMA "{THERE}"; SET search_path TO "{THERE}"'
        )
        cursor.execute("CREATE DOMAIN whole AS int4; CREATE DOMAIN price AS numeric(8, 2)")
        cursor.execute("CREATE TYPE size AS ENUM ('small', 'big')")
        yield server.url
        cursor.execute(f'DROP SCHEMA "{THERE}" CASCADE; DROP SCHEMA IF EXISTS "{MADE}", "{MADE}__build" CASCADE')
    connection.close()


def _said(url: str, folder: Path, declared: str, there: str) -> list[tuple[str, ...]]:
    """What a run says, having made sure that a preview says the same, and that psql does what the run does."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(f'DROP TABLE IF EXISTS "{THERE}".t; SET search_path TO "{THERE}"; CREATE TABLE t (x {there})')
    connection.close()
    document = {
        "headrace": 1,
        "name": "types",
        "schema": MADE,
        "sources": {"t": {"table": f"{THERE}.t", "columns": {"x": declared}}},
        "nodes": {"n": {"from": "t", "materialize": "table"}},
    }
    catalog = {"headrace": 1, "tables": {f"{THERE}.t": {"columns": {"x": declared}}}}
    compiled: CompileResult = Engine().compile(document, catalog)
    shown: PreviewResult = Engine().preview(document, catalog, "n")
    assert compiled.program is not None, compiled.diagnostics
    assert shown.sql is not None
    assert shown.schema is not None
    with open_warehouse(url, folder) as warehouse:
        result = run_program(compiled.program, warehouse, folder)
        try:
            read_rows(warehouse, shown.sql, shown.schema, name="n", reads=shown.reads)
            previewed = ()
        except Stopped as stopped:
            previewed = stopped.diagnostics
    assert previewed == result.diagnostics
    (folder / "program.sql").write_text(program_text(compiled.program), "utf-8")
    done = subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "program.sql", url],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == result.ok, done.stderr
    assert ("and not as declared" in done.stderr) == (not result.ok)
    return [(each.code, each.message, *each.hints) for each in result.diagnostics]


@pytest.mark.parametrize(
    ("declared", "there", "remedy"),
    [
        ("decimal", "integer", "integer"),
        ("integer", "text", "text"),
        ("date", "timestamp without time zone", "timestamp"),
        ("decimal(6, 2)", "numeric", "decimal"),
        ("decimal(6, 2)", "numeric(6,3)", "decimal(6, 3)"),
        ("decimal(6, 2)", "numeric(8,1)", "decimal(8, 1)"),
        ("decimal", f'"{THERE}".whole', "integer"),
        ("text", f'"{THERE}".size', None),
        ("decimal", "money", None),
    ],
)
def test_another_type_is_refused(declared: str, there: str, remedy: str | None, url: str, tmp_path: Path) -> None:
    message = f"The column x of {THERE}.t is {there} in the database, and t declares it as {declared}."
    if remedy is None:
        hint = f"No type of Headrace is {there}: read a view that casts the column."
    else:
        hint = f"Declare it as {remedy}, and convert it with a formula where it is used."
    assert _said(url, tmp_path, declared, there) == [("R241", message, hint)]


@pytest.mark.parametrize(
    ("declared", "there"),
    [
        ("integer", "smallint"),
        ("integer", "bigint"),
        ("integer", "whole"),
        ("decimal", "numeric(6, 2)"),
        ("decimal(6, 2)", "numeric(6, 2)"),
        ("decimal(6, 2)", "numeric(4, 0)"),
        ("decimal(6, 2)", "numeric(2, -2)"),
        ("decimal(9, 2)", "price"),
        ("float", "real"),
        ("text", "varchar(20)"),
        ("timestamptz", "timestamp with time zone"),
        ("json", "jsonb"),
        ("uuid", "uuid"),
    ],
)
def test_a_type_that_computes_alike_is_taken(declared: str, there: str, url: str, tmp_path: Path) -> None:
    assert _said(url, tmp_path, declared, there) == []
