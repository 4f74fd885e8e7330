"""Tables that others made are not as a source says: numbers came out, and they were wrong.

Whole numbers declared as decimals were divided as whole numbers; decimals declared as whole numbers were summed and
rounded; texts of a collation that ignores case were counted as one; a declared key that is none repeated rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg2
import pytest
from linguistic import skip_without_languages
from run.programs import query, run
from run.test_text import psql

from headrace import Engine
from headrace.program.program import Program
from headrace.run.reading import read_rows
from headrace.run.stopped import Stopped
from headrace.run.warehouse import open_warehouse

_SETUP = """
CREATE SCHEMA shop;
CREATE COLLATION shop.any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE DOMAIN shop.short AS varchar(9);
CREATE DOMAIN shop.shorter AS shop.short;
CREATE TYPE shop.colour AS ENUM ('red', 'blue');
CREATE TABLE shop.t (
  i4 int PRIMARY KEY, i2 smallint UNIQUE, n numeric, money numeric(8, 2), r real, v varchar(5), c1 char(1), c5 char(5),
  d shop.shorter, e shop.colour, ci text COLLATE shop.any_case, at timestamptz, j json, "A b" text NOT NULL
);
INSERT INTO shop.t VALUES
  (1, NULL, 1.5, 1, 1, 'v', 'c', 'c', 'd', 'red', 'a', '2024-01-01', '1', 'x'),
  (2, NULL, 2.5, 2, 2, NULL, 'c', 'c', 'd', 'red', 'A', '2024-01-01', '2', 'y'),
  (3, 1, 2.5, 3, 3, 'w', 'c', 'c', 'd', 'blue', 'b', '2024-01-01', '3', 'z');
CREATE VIEW shop.w AS SELECT i4, n, CAST(e AS text) AS e, ci COLLATE "C" AS ci FROM shop.t;
CREATE TABLE shop.parent (id int PRIMARY KEY, k text NOT NULL);
CREATE TABLE shop.child () INHERITS (shop.parent);
INSERT INTO shop.parent VALUES (1, 'a');
INSERT INTO shop.child VALUES (1, 'b');
"""


@pytest.fixture
def url(server_url: str) -> str:
    setup = _SETUP
    if not has_icu(server_url):
        setup = "".join(line for line in setup.splitlines(keepends=True) if "CREATE COLLATION" not in line)
        setup = setup.replace("COLLATE shop.any_case", "")
    query(server_url, setup)
    return server_url


def has_icu(url: str) -> bool:
    return bool(query(url, "SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'"))


def compiled(columns: dict[str, Any], table: str = "shop.t", **source: Any) -> Program:
    document = {
        "headrace": 1,
        "name": "made",
        "schema": "made",
        "sources": {"others": {"table": table, "columns": columns, **source}},
        "nodes": {"kept": {"from": "others", "materialize": "table"}},
    }
    result = Engine().compile(document, {"headrace": 1, "tables": {table: {"columns": columns}}})
    assert result.program is not None, result.diagnostics
    return result.program


_REFUSED = [
    ({"i4": "decimal"}, {}, "R241", "is integer in the database, and others declares it as decimal"),
    ({"n": "integer"}, {}, "R241", "is numeric in the database, and others declares it as integer"),
    ({"n": "decimal(9, 2)"}, {}, "R241", "is numeric in the database, and others declares it as decimal(9, 2)"),
    ({"money": "decimal(8, 1)"}, {}, "R241", "is numeric(8,2) in the database, and"),
    ({"money": "decimal(7, 2)"}, {}, "R241", "is numeric(8,2) in the database, and"),
    ({"money": "float"}, {}, "R241", "is numeric(8,2) in the database, and"),
    ({"c5": "text"}, {}, "R241", "is character(5) in the database, and"),
    ({"e": "text"}, {}, "R241", "is shop.colour in the database, and"),
    ({"at": "timestamp"}, {}, "R241", "is timestamp with time zone in the database, and"),
    ({"j": "json"}, {}, "R241", "is json in the database, and"),
    ({"ci": "text"}, {}, "R244", "The column ci of shop.t has the collation any_case"),
    ({"a b": "text"}, {}, "R242", "shop.t has no column a b"),
    ({"i4": "integer"}, {"table": "shop.s"}, "R243", "There is no table or view shop.s"),
    ({"v": {"type": "text", "nullable": False}}, {}, "R245", "1 row of it has no value"),
    ({"v": "text", "n": "decimal"}, {"keys": ["n"]}, "R246", "The key n of source others is not unique in shop.t"),
    # Two nulls are alike to a key of ours; to a plain UNIQUE they are not.
    ({"i2": "integer"}, {"keys": ["i2"]}, "R246", "1 value of it stands in several rows"),
    # A view has no index; the index of a parent says nothing of the rows of its children.
    ({"i4": "integer", "n": "decimal"}, {"table": "shop.w", "keys": ["n"]}, "R246", "The key n"),
    ({"id": "integer", "k": "text"}, {"table": "shop.parent", "keys": ["id"]}, "R246", "The key id"),
]


@pytest.mark.parametrize(("columns", "source", "code", "message"), _REFUSED)
def test_what_is_otherwise_stops_a_run_and_psql(
    columns: dict[str, Any],
    source: dict[str, Any],
    code: str,
    message: str,
    url: str,
    reachable: Path,
) -> None:
    if code == "R244" and not has_icu(url):
        skip_without_languages(int(query(url, "SHOW server_version_num")[0][0]))
    program = compiled(columns, **source)
    result = run(url, program, reachable)
    assert [each.code for each in result.diagnostics] == [code]
    assert message in result.diagnostics[0].message
    assert result.state == "failed"
    answer = psql(url, program, reachable)
    assert answer.returncode != 0
    assert "Nothing was changed" in answer.stderr
    assert query(url, "SELECT to_regclass('made.kept')") == [(None,)]


_TAKEN = [
    ({"i4": "integer", "i2": "integer", "n": "decimal", "r": "float", "v": "text", "c1": "text", "d": "text"}, {}),
    ({"money": "decimal(8, 2)"}, {}),
    ({"money": "decimal(10, 3)"}, {}),
    ({"money": "decimal"}, {}),
    ({"A b": {"type": "text", "nullable": False}, "i4": {"type": "integer", "nullable": False}}, {"keys": ["i4"]}),
    ({"i4": "integer", "v": "text"}, {"keys": [["i4", "v"]]}),
    ({"i4": {"type": "integer", "nullable": False}, "e": "text", "ci": "text"}, {"table": "shop.w", "keys": [["i4"]]}),
]


@pytest.mark.parametrize(("columns", "source"), _TAKEN)
def test_what_is_as_declared_is_built(
    columns: dict[str, Any],
    source: dict[str, Any],
    url: str,
    reachable: Path,
) -> None:
    program = compiled(columns, **source)
    result = run(url, program, reachable)
    assert result.state == "succeeded", result.diagnostics
    assert query(url, "SELECT count(*) FROM made.kept") == [(3,)]
    answer = psql(url, program, reachable)
    assert answer.returncode == 0, answer.stderr


def test_only_what_is_read_must_be_as_declared(url: str, reachable: Path) -> None:
    """Hosts list tables whole, also columns of types that Headrace does not know."""
    columns = {"i4": "integer", "e": "text", "ci": "text", "gone": "date"}
    document = {
        "headrace": 1,
        "name": "made",
        "schema": "made",
        "sources": {"others": {"table": "shop.t"}, "unused": {"table": "shop.nowhere"}},
        "nodes": {
            "rows": {
                "from": "others",
                "steps": [{"aggregate": {"measures": {"n": "count()"}}}],
                "materialize": "table",
            },
            "most": {"from": "others", "steps": [{"sort": "i4"}, {"select": ["i4"]}], "materialize": "view"},
            "unread": {"from": "unused"},
        },
    }
    tables = {"shop.t": {"columns": columns}, "shop.nowhere": {"columns": columns}}
    result = Engine().compile(document, {"headrace": 1, "tables": tables})
    assert result.program is not None
    assert run(url, result.program, reachable).state == "succeeded"
    assert query(url, "SELECT n FROM made.rows") == [(3,)]


def test_a_part_of_a_program_asks_of_what_it_reads(url: str, reachable: Path) -> None:
    document = {
        "headrace": 1,
        "name": "made",
        "schema": "made",
        "sources": {"good": {"table": "shop.t"}, "bad": {"table": "shop.nowhere"}},
        "nodes": {each: {"from": each.split("_")[0], "materialize": "table"} for each in ("good_one", "bad_one")},
    }
    tables = {"shop.t": {"columns": {"i4": "integer"}}, "shop.nowhere": {"columns": {"i4": "integer"}}}
    program = Engine().compile(document, {"headrace": 1, "tables": tables}).program
    assert program is not None
    assert run(url, program, reachable, nodes=["good_one"]).state == "succeeded"
    assert [each.code for each in run(url, program, reachable).diagnostics] == ["R243"]


def test_a_preview_asks_too(url: str) -> None:
    columns = {"i2": "decimal"}
    document = {"headrace": 1, "sources": {"others": {"table": "shop.t"}}, "nodes": {"n": {"from": "others"}}}
    shown = Engine().preview(document, {"headrace": 1, "tables": {"shop.t": {"columns": columns}}}, "n")
    assert shown.sql is not None
    assert shown.schema is not None
    with open_warehouse(url, None) as warehouse, pytest.raises(Stopped) as stopped:
        read_rows(warehouse, shown.sql, shown.schema, name="n", reads=shown.reads)
    assert [each.code for each in stopped.value.diagnostics] == ["R241"]
    with pytest.raises(psycopg2.Error, match="i2 of the type smallint, and not as declared"):
        query(url, shown.guard)
