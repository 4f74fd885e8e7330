"""Random expansions: every strategy gives the rows and types of one run for each value, stacked.

HEADRACE_RANDOM_EXPANSIONS says how many, on each server.
"""

from __future__ import annotations

import os
from typing import Any
from unittest.mock import patch
from zlib import crc32

import psycopg2
import pytest
import yaml
from case_runs import undone
from daring import daring
from same_rows import difference

from headrace import Engine
from headrace.catalog import Catalog
from headrace.rules import merging
from tests.expansions.random_expansions import CATALOG, COLUMNS, RandomExpansion, random_expansion

COUNT = int(os.environ.get("HEADRACE_RANDOM_EXPANSIONS", "1000"))
ENGINE = Engine()
_SQL = {"text": "text", "integer": "bigint", "decimal": "numeric", "float": "float8"}


def make_tables(cursor: Any, made: RandomExpansion) -> None:
    cursor.execute("CREATE SCHEMA rnd")
    columns = ", ".join(f"{name} {_SQL.get(type_, type_)}" for name, type_ in COLUMNS.items())
    cursor.execute(f"CREATE TABLE rnd.t ({columns}, PRIMARY KEY (id))")
    cursor.execute("CREATE TABLE rnd.u (k bigint PRIMARY KEY, label text, w bigint NOT NULL)")
    for table, rows in (("t", made.rows), ("u", made.others)):
        for row in rows:
            cursor.execute(f"INSERT INTO rnd.{table} VALUES ({', '.join(['%s'] * len(row))})", row)


def compiled(document: dict[str, Any], about: str) -> tuple[str, Any, str]:
    seed = crc32(str(document).encode())
    # Few values are spread at once: here every other run is cut into blocks first, as runs of many values are.
    with daring(seed), patch.object(merging, "LONG", merging.LONG if seed % 2 else 0):
        result = ENGINE.compile(document, Catalog.from_json(CATALOG))
    node = result.nodes["result"]
    errors = [each.message for each in result.diagnostics if each.severity == "error"]
    assert node.sql is not None, f"{about}\n{errors}"
    header = [line for line in node.sql.splitlines() if "for each p" in line or line.startswith("--       ")]
    return node.sql, node.schema, " ".join(header)


def answer(cursor: Any, sql: str, about: str) -> tuple[list[tuple[Any, ...]], list[Any]]:
    try:
        cursor.execute(sql)
    except psycopg2.Error as error:
        raise AssertionError(f"{about}\n{sql}\n{error}") from error
    types = [(column.name, column.type_code) for column in cursor.description]
    return cursor.fetchall(), types


def with_strategy(document: dict[str, Any], strategy: str | None) -> dict[str, Any]:
    return {**document, "defaults": {"strategy": strategy}} if strategy else document


def separate_runs(cursor: Any, made: RandomExpansion) -> dict[str, Any]:
    """The document with its values written out: as a union it is one branch a value."""
    if made.given is None:
        return made.document
    table, column = made.given
    cursor.execute(
        f"SELECT DISTINCT {column}::text FROM rnd.{table} WHERE {column} IS NOT NULL AND {column}::text NOT"
        f" IN ('infinity', '-infinity')"
    )
    values = [row[0] for row in cursor.fetchall()]
    nodes = made.document["nodes"]
    result = {**nodes["result"], "for_each": {**nodes["result"]["for_each"], "p": values}}
    return {**made.document, "nodes": {**nodes, "result": result}}


@pytest.mark.parametrize("share", range(10))
def test_all_strategies_agree(share: int, connection: Any) -> None:
    swept = 0
    for seed in range(share, COUNT, 10):
        with undone(connection) as cursor:
            swept += compare_strategies(seed, cursor) == "sweep"
    assert swept > COUNT // 10 // 5, "hardly anything was swept"


def compare_strategies(seed: int, cursor: Any) -> str:
    """The strategy that is chosen for the seed's expansion. Raises AssertionError where strategies disagree."""
    made = random_expansion(seed)
    make_tables(cursor, made)
    if made.given:
        # An infinite value cannot be written out.
        cursor.execute(f"UPDATE rnd.t SET {made.given[1]} = NULL WHERE {made.given[1]}::text LIKE '%infinity'")
    reference = with_strategy(separate_runs(cursor, made), "union")
    about = f"seed {seed}\n{yaml.safe_dump(made.document, sort_keys=False, allow_unicode=True)}"
    sql, schema, _ = compiled(reference, about)
    rows, types = answer(cursor, sql, about)
    chosen = ""
    for strategy in ("lateral", "join", "sweep", None):
        other, own, told = compiled(with_strategy(made.document, strategy), about)
        assert own == schema, about
        found, found_types = answer(cursor, other, about)
        assert found_types == types, f"{about}\n{other}"
        wrong = difference(rows, found, schema.names)
        assert wrong is None, f"{about}\n{strategy}: {told}\n{wrong}\n{other}"
        if strategy is None and "; sweep:" in told:
            chosen = "sweep"
    return chosen
