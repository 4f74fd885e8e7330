"""Expectations on the command line: what a run says of them, and its exit status."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from headrace.run.embedded import Server

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def warehouse(server: Server) -> Iterator[str]:
    """The server's address; what the project made there is gone afterwards."""
    yield server.url
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS expecting CASCADE; DROP SCHEMA IF EXISTS expecting__failed CASCADE")
    connection.close()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEADRACE_WAREHOUSE", raising=False)

    def write(severity: str) -> None:
        (tmp_path / "headrace.yaml").write_text(
            f"""headrace: 1
name: expecting
sources:
  sales: {{rows: [{{id: 1, amount: 5}}, {{id: 2, amount: -5}}, {{id: 3, amount: -7}}]}}
nodes:
  kept:
    from: sales
    steps:
      - expect:
          - {{formula: amount >= 0, name: no refunds, severity: {severity}}}
          - unique: id
    materialize: table
"""
        )

    return write


def test_a_warning_lets_the_run_succeed(project: Callable[[str], None], run: Run, warehouse: str) -> None:
    project("warn")
    status, out, err = run("run", "--warehouse", warehouse)
    assert status == 0
    assert "warning R271: The expectation “no refunds” does not hold of kept (step expect_1): 2 rows break it." in err
    assert "They are in expecting__failed.kept__no_refunds." in err
    assert "3 rows" in out
    status, out, _ = run("run", "--warehouse", warehouse, "--format", "json")
    told = json.loads(out)
    assert (status, told["state"]) == (0, "succeeded")
    assert [(check["subject"], check["severity"], check["failed"], check["kept_in"]) for check in told["checks"]] == [
        ("The expectation “no refunds”", "warn", 2, ["expecting__failed", "kept__no_refunds"]),
        ("The expectation “no two rows are alike in id”", "stop", 0, None),
    ]
    assert [(each["code"], each["severity"]) for each in told["diagnostics"]] == [("R271", "warning")]


def test_one_that_stops_fails_the_run(project: Callable[[str], None], run: Run, warehouse: str) -> None:
    project("warn")
    assert run("run", "--warehouse", warehouse)[0] == 0
    project("stop")
    status, out, err = run("run", "--warehouse", warehouse)
    assert status == 1
    assert "error R270: The expectation “no refunds” does not hold of kept" in err
    assert "Nothing was changed." in err
    assert "headrace.yaml:10:13" in err
    assert "Done" not in out
    status, out, _ = run("run", "--warehouse", warehouse, "--format", "json")
    assert (status, json.loads(out)["state"]) == (1, "failed")
