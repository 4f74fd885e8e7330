"""What a run replaces stays as closed as it was: a view kept its rows from readers, and its successor showed them.

SQLMesh/sqlmesh#5461: rights and ``security_invoker`` of a view were lost when it was replaced; they were lost here too,
and so was row level security without a policy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from run.programs import codes, query, run

from headrace import Engine
from headrace.run import RunResult
from headrace.run.embedded import Server


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    name = f"kept_{os.urandom(3).hex()}"
    owner = psycopg2.connect(server.url)
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield f"{server.url.rpartition('/')[0]}/{name}"
    with owner.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    owner.close()


def _run(url: str, folder: Path) -> RunResult:
    document = {
        "headrace": 1,
        "name": "shop",
        "sources": {"s": {"rows": [{"a": 1, "b": 2}, {"a": 2, "b": 2}]}},
        "nodes": {
            "t": {"from": "s", "materialize": "table"},
            "v": {"from": "t", "materialize": "view", "description": "of t"},
        },
    }
    compiled = Engine().compile(document)
    assert compiled.ok
    assert compiled.program is not None
    return run(url, compiled.program, folder)


def test_what_others_set_on_a_view(url: str, tmp_path: Path) -> None:
    assert _run(url, tmp_path).ok
    query(url, "ALTER VIEW shop.v SET (security_invoker = true, security_barrier = true)")
    query(url, "GRANT SELECT ON shop.v TO PUBLIC")
    for _ in range(2):
        result = _run(url, tmp_path)
        assert result.ok, result.diagnostics
    options = (
        "SELECT ARRAY(SELECT unnest(reloptions) ORDER BY 1), obj_description(oid) LIKE 'of t%'"
        " FROM pg_class WHERE oid = 'shop.v'::regclass"
    )
    assert query(url, options) == [(["security_barrier=true", "security_invoker=true"], True)]
    assert query(url, "SELECT has_table_privilege('pg_monitor', 'shop.v', 'SELECT')") == [(True,)]


def test_row_level_security_without_a_policy_stops_the_run(url: str, tmp_path: Path) -> None:
    assert _run(url, tmp_path).ok
    query(url, "ALTER TABLE shop.t ENABLE ROW LEVEL SECURITY")
    result = _run(url, tmp_path)
    assert codes(result) == ["R232"]
    assert "row level security" in result.diagnostics[0].message
