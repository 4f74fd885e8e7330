"""A database, a schema and columns with capitals and blanks are what they are called, with no letter folded.

dbt-labs/dbt-core#1914: a database with a capital letter was taken for another. SQLMesh/sqlmesh#1516: so were columns.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest
from run.programs import query, run

from headrace import Engine
from headrace.run.embedded import Server


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    name = f"Shop Ä {os.urandom(3).hex()}"
    owner = psycopg2.connect(server.url)
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield f"{server.url.rpartition('/')[0]}/{quote(name)}"
    with owner.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    owner.close()


def test_a_run_in_a_database_with_capitals(url: str, tmp_path: Path) -> None:
    query(url, 'CREATE SCHEMA "Shop"; CREATE SCHEMA shop')
    query(url, 'CREATE TABLE "Shop"."Sales" ("Id" bigint, "id" bigint); CREATE TABLE shop."Sales" ("Id" bigint)')
    query(url, 'INSERT INTO "Shop"."Sales" VALUES (1, 10), (2, 20)')
    document = {
        "headrace": 1,
        "name": "shop",
        "schema": "Out",
        "sources": {"sales": {"table": "Shop.Sales"}},
        "nodes": {"Total": {"from": "sales", "steps": [{"derive": {"ID": "Id + id"}}], "materialize": "table"}},
    }
    columns = {"Id": "integer", "id": "integer"}
    compiled = Engine().compile(document, {"headrace": 1, "tables": {"Shop.Sales": {"columns": columns}}})
    made = compiled.program
    assert made is not None
    assert compiled.ok, compiled.diagnostics
    result = run(url, made, tmp_path)
    assert result.ok, result.diagnostics
    assert query(url, 'SELECT "Id", id, "ID" FROM "Out"."Total" ORDER BY 1') == [(1, 10, 11), (2, 20, 22)]
