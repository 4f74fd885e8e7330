"""What a run replaces stays as closed as it was: a view kept its rows from readers, and its successor showed them.

SQLMesh/sqlmesh#5461: rights and ``security_invoker`` of a view were lost when it was replaced; they were lost here too,
and so was row level security without a policy.
"""

from __future__ import annotations

from pathlib import Path

from run.programs import codes, query, run

from headrace import Engine
from headrace.run import RunResult


def _run(server_url: str, folder: Path) -> RunResult:
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
    return run(server_url, compiled.program, folder)


def test_what_others_set_on_a_view(server_url: str, tmp_path: Path) -> None:
    assert _run(server_url, tmp_path).ok
    query(server_url, "ALTER VIEW shop.v SET (security_invoker = true, security_barrier = true)")
    query(server_url, "GRANT SELECT ON shop.v TO PUBLIC")
    for _ in range(2):
        result = _run(server_url, tmp_path)
        assert result.ok, result.diagnostics
    options = (
        "SELECT ARRAY(SELECT unnest(reloptions) ORDER BY 1), obj_description(oid) LIKE 'of t%'"
        " FROM pg_class WHERE oid = 'shop.v'::regclass"
    )
    assert query(server_url, options) == [(["security_barrier=true", "security_invoker=true"], True)]
    assert query(server_url, "SELECT has_table_privilege('pg_monitor', 'shop.v', 'SELECT')") == [(True,)]


def test_row_level_security_without_a_policy_stops_the_run(server_url: str, tmp_path: Path) -> None:
    assert _run(server_url, tmp_path).ok
    query(server_url, "ALTER TABLE shop.t ENABLE ROW LEVEL SECURITY")
    result = _run(server_url, tmp_path)
    assert codes(result) == ["R232"]
    assert "row level security" in result.diagnostics[0].message
