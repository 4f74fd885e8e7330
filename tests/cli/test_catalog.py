"""``headrace catalog``: what the database knows of tables, kept in catalog.json and used from there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest

Run = Callable[..., tuple[int, str, str]]

_TABLES = """
CREATE SCHEMA shop;
CREATE DOMAIN shop.code AS varchar(3) CHECK (value <> '');
CREATE TABLE shop.sales (
  id int PRIMARY KEY, customer_id bigint, day date, country shop.code, amount numeric(12, 2), place point,
  a int NOT NULL, b int, UNIQUE (a), UNIQUE NULLS NOT DISTINCT (b, customer_id), UNIQUE (b));
CREATE UNIQUE INDEX ON shop.sales (amount) WHERE country = 'FR';
INSERT INTO shop.sales
SELECT i, i % 50, CASE WHEN i % 4 > 0 THEN date '2024-01-01' + i % 10 END, 'FR', i * 1.5, NULL, i, i
FROM generate_series(1, 1000) AS i;
ANALYZE shop.sales;
CREATE TABLE shop.parted (k int NOT NULL, v text) PARTITION BY RANGE (k);
CREATE TABLE shop.low PARTITION OF shop.parted FOR VALUES FROM (0) TO (10);
CREATE TABLE shop.high PARTITION OF shop.parted FOR VALUES FROM (10) TO (20);
INSERT INTO shop.parted SELECT i, 'x' FROM generate_series(0, 19) AS i;
ANALYZE shop.low; ANALYZE shop.high;
CREATE TABLE shop.parent (k int PRIMARY KEY);
CREATE TABLE shop.child () INHERITS (shop.parent);
CREATE VIEW shop.seen AS SELECT id, day FROM shop.sales;
CREATE TABLE shop.untouched (k int);
CREATE TABLE public.near (k text COLLATE "C");
"""
_PROJECT = """\
headrace: 1
name: mart
sources:
  sales: {table: shop.sales}
  near: {table: near}
nodes:
  days:
    from: sales
    steps:
      - aggregate: {by: day, measures: {n: count(), amount: sum(amount)}}
    materialize: table
"""


@pytest.fixture
def folder(server_url: str, tmp_path: Path) -> Path:
    _execute(server_url, _TABLES)
    (tmp_path / "headrace.yaml").write_text(_PROJECT, "utf-8")
    return tmp_path


def _execute(url: str, sql: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


def _kept(folder: Path) -> dict[str, Any]:
    tables: dict[str, Any] = json.loads((folder / "catalog.json").read_text("utf-8"))["tables"]
    return tables


def test_the_tables_that_the_project_reads(run: Run, folder: Path, server_url: str) -> None:
    status, out, err = run("catalog", str(folder), "--warehouse", server_url)
    assert status == 0
    assert "  near           1 column  rows not known\n" in out
    assert "  shop.sales    7 columns  about 1,000 rows\n" in out
    assert "warning R251: The column place of shop.sales is point" in err
    tables = _kept(folder)
    sales = tables["shop.sales"]
    assert sales["rows"] == 1000
    # Not the unique keys in which a null may stand several times, nor the one of a part of the rows.
    assert sorted(sales["keys"]) == [["a"], ["b", "customer_id"], ["id"]]
    columns = sales["columns"]
    assert columns["id"] == {
        "type": "integer",
        "nullable": False,
        "distinct": 1000,
        "nulls": 0,
        "width": 4,
        "least": "1",
        "greatest": "1000",
    }
    assert columns["customer_id"]["distinct"] == 50
    assert (columns["day"]["nulls"], columns["day"]["least"], columns["day"]["greatest"]) == (
        0.25,
        "2024-01-01",
        "2024-01-10",
    )
    assert columns["country"] == {"type": "text", "nullable": True, "distinct": 1, "nulls": 0, "width": 3}
    assert columns["amount"]["type"] == "decimal(12, 2)"
    assert tables["near"] == {"keys": [], "columns": {"k": {"type": "text", "nullable": True}}}


def test_a_schema_and_what_stands_there(run: Run, folder: Path, server_url: str) -> None:
    out = folder / "all.json"
    status, _, err = run(
        "catalog", str(folder), "--warehouse", server_url, "--schema", "shop", "--schema", "shpo", "--out", str(out)
    )
    assert status == 0
    assert "warning R252: The schema shpo has no table or view that the catalog could have." in err
    tables = json.loads(out.read_text("utf-8"))["tables"]
    # Partitions are parts of their table.
    assert sorted(tables) == [
        "near",
        "shop.child",
        "shop.parent",
        "shop.parted",
        "shop.sales",
        "shop.seen",
        "shop.untouched",
    ]
    assert tables["shop.parted"]["rows"] == 20
    assert not tables["shop.parted"]["columns"]["k"]["nullable"]
    # Rows of a child are rows of its parent, and under no key of it.
    assert tables["shop.parent"] == {"keys": [], "columns": {"k": {"type": "integer", "nullable": True}}}
    assert "rows" not in tables["shop.seen"]
    assert "rows" not in tables["shop.untouched"]
    assert not (folder / "catalog.json").exists()


def test_what_is_kept_is_used(run: Run, folder: Path, server_url: str) -> None:
    status, _, err = run("check", str(folder))
    assert status == 2
    assert "S171" in err + _
    assert run("catalog", str(folder), "--warehouse", server_url)[0] == 0
    assert run("check", str(folder))[0] == 0
    assert "-- note: estimated: about 11 rows\n" in run("compile", str(folder), "--stdout", "days")[1]
    assert run("plan", "days", str(folder))[1].splitlines() == [
        "from sales, key a, key id, key (b, customer_id) · about 1,000 rows",
        "aggregate_1: by day: n = count(), amount = sum(amount) · about 11 rows",
    ]
    assert run("run", str(folder), "--warehouse", server_url)[0] == 0
    (folder / "catalog.json").write_text('{"headrace": 1, "tables": {"shop.sales": {"rows": "many"}}}', "utf-8")
    status, out, err = run("check", str(folder))
    assert status == 2
    assert "error P210: catalog.json cannot be read: table shop.sales: columns is missing." in out + err
    assert run("run", str(folder), "--catalog", "--warehouse", server_url)[0] == 0


def test_a_table_that_is_not_there(run: Run, folder: Path, server_url: str) -> None:
    (folder / "headrace.yaml").write_text(_PROJECT.replace("table: near", "table: shop.nere"), "utf-8")
    status, _, err = run("catalog", str(folder), "--warehouse", server_url)
    assert status == 0
    assert "warning R248: There is no table or view shop.nere in the database: the catalog does not have it." in err
    assert sorted(_kept(folder)) == ["shop.sales"]


def test_a_project_without_tables(run: Run, tmp_path: Path) -> None:
    (tmp_path / "headrace.yaml").write_text("headrace: 1\nname: none\n", "utf-8")
    status, out, _ = run("catalog", str(tmp_path))
    assert (status, out) == (0, "No source reads a table of the database, and no --schema was named.\n")


def test_a_role_that_may_not_read_a_table(run: Run, folder: Path, server_url: str) -> None:
    _execute(
        server_url,
        "DROP ROLE IF EXISTS headrace_reader; CREATE ROLE headrace_reader LOGIN PASSWORD 'x';"
        " GRANT USAGE ON SCHEMA shop TO headrace_reader; GRANT SELECT (k) ON public.near TO headrace_reader",
    )
    try:
        address = server_url.partition("://")
        host = address[2].rpartition("@")[2]
        status, _, err = run("catalog", str(folder), "--warehouse", f"postgresql://headrace_reader:x@{host}")
        assert status == 0
        assert "warning R250: The role headrace_reader may not read shop.sales" in err
        assert "GRANT SELECT ON shop.sales TO headrace_reader;" in err
        assert "near" not in err
        sales = _kept(folder)["shop.sales"]
        assert sales["rows"] == 1000
        assert sales["columns"]["customer_id"] == {"type": "integer", "nullable": True}
    finally:
        _execute(server_url, "DROP OWNED BY headrace_reader; DROP ROLE headrace_reader")
