"""``headrace test``: what passes, how what differs is shown, and that the warehouse stays as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from headrace import Engine
from headrace.models import read_yaml
from headrace.run import run_tests
from headrace.run.embedded import Server
from headrace.run.warehouse import open_warehouse

Run = Callable[..., tuple[int, str, str]]
PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "testing.md"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEADRACE_WAREHOUSE", raising=False)
    return tmp_path


def project(here: Path, document: dict[str, Any]) -> None:
    (here / "headrace.yaml").write_text("headrace: 1\nname: shop\n")
    (here / "flows").mkdir()
    (here / "flows" / "flow.json").write_text(json.dumps({"headrace": 1, **document}))


def test_the_page_is_true(here: Path, run: Run, server: Server) -> None:
    """Each document of the page is a file of one project, and each command prints what the page shows."""
    text = PAGE.read_text("utf-8")
    (here / "headrace.yaml").write_text("headrace: 1\nname: shop\n")
    parts = re.findall(r"```(yaml|console)\n(.*?)```", text, re.DOTALL)
    assert [language for language, _ in parts] == ["yaml", "console", "yaml", "console"]
    for number, (language, part) in enumerate(parts):
        if language == "yaml":
            assert not read_yaml(part).diagnostics
            folder = here / ("flows" if number == 0 else "tests")
            folder.mkdir(exist_ok=True)
            (folder / f"part_{number}.yaml").write_text(part)
            continue
        command, _, shown = part.partition("\n")
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command.removeprefix("$ headrace "))]
        status, out, err = run(*words, "--warehouse", server.url)
        assert [line.rstrip() for line in out.splitlines()] == shown.splitlines(), err
        assert status == ("failed" in shown)


VALUES: dict[str, tuple[str, Any, Any]] = {
    "b": ("boolean", True, False),
    "i": ("integer", -(2**63), 2**63 - 1),
    "d": ("decimal", "1.50", "1.51"),
    "p": ("decimal(12, 2)", "1.5", "1.51"),
    "f": ("float", "0.1", "0.2"),
    "t": ("text", ' it\'s "x" \\ $$ %s', "x"),
    "day": ("date", "2024-02-29", "2024-02-28"),
    "time": ("time", "12:30", "12:31"),
    "at": ("timestamp", "2024-01-31 12:30:00.5", "2024-01-31 12:30:00.6"),
    "tz": ("timestamptz", "2024-01-31 12:30+01:00", "2024-01-31 12:30+02:00"),
    "span": ("interval", "1 month", "30 days"),
    "id": ("uuid", "123E4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174001"),
    "j": ("json", '{"b": 1, "a": [1,2]}', '{"a": [2,1], "b": 1}'),
    "bin": ("binary", "\\xff00", "\\xff01"),
}


def test_every_type_is_compared(here: Path, run: Run, server: Server) -> None:
    """Each value is the same as itself, also null, and differs from another of its type and from null.

    Seen at dbt-labs/dbt-core#10365, dbt-labs/dbt-core#10110, dbt-labs/dbt-core#10586, dbt-labs/dbt-core#9881,
    dbt-labs/dbt-postgres#150, dbt-labs/dbt-core#15894, SQLMesh/sqlmesh#4881.
    """
    columns = {name: type_ for name, (type_, _, _) in VALUES.items()}
    row = {name: value for name, (_, value, _) in VALUES.items()}
    tests: dict[str, Any] = {
        "the same": {"given": {"all": [row, {}]}, "expect": [dict.fromkeys(row), row]},
        "written otherwise": {
            "given": {"all": [row]},
            "expect": [{"d": 1.5, "f": "0.10000000000000001", "tz": "2024-01-31 11:30Z", "j": '{"a":[1, 2],"b":1}'}],
        },
    }
    for name, (_, value, other) in VALUES.items():
        tests[f"{name} is other"] = {"given": {"all": [{name: value}]}, "expect": [{name: other}]}
        tests[f"{name} is null"] = {"given": {"all": [{name: value}]}, "expect": [{name: None, "i": None}]}
    project(here, {
        "sources": {"all": {"table": "shop.all", "columns": columns}},
        "nodes": {"kept": {"from": "all", "tests": tests}},
    })  # fmt: skip
    status, out, err = run("test", "--format", "json", "--warehouse", server.url)
    assert status == 1, err
    passed = {test["name"]: test["passed"] for test in json.loads(out)["tests"]}
    assert [name for name, good in passed.items() if good] == ["the same", "written otherwise"]
    assert len(passed) == 2 + 2 * len(VALUES)


def test_nothing_of_the_warehouse_is_read_or_changed(here: Path, run: Run, server: Server) -> None:
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop; CREATE TABLE shop.orders (id bigint)")
        cursor.execute("INSERT INTO shop.orders VALUES (1), (2)")
    try:
        project(here, {
            "sources": {"orders": {"table": "shop.orders", "columns": {"id": "integer"}}},
            "nodes": {
                "middle": {"from": "orders", "materialize": "table"},
                "last": {
                    "from": "middle",
                    "materialize": "view",
                    "tests": {
                        "of the source": {"given": {"orders": [{"id": 7}]}, "expect": [{"id": 7}]},
                        "of the node": {"given": {"middle": [{"id": 8}, {"id": 8}]}, "expect": [{"id": 8}, {"id": 8}]},
                        "one too few": {"given": {"middle": [{"id": 8}, {"id": 8}]}, "expect": [{"id": 8}]},
                    },
                },
            },
        })  # fmt: skip
        status, out, _ = run("test", "--warehouse", server.url)
        assert status == 1
        assert "passed  last: of the source" in out
        assert "passed  last: of the node" in out
        assert "FAILED  last: one too few" in out
        with connection.cursor() as cursor:
            cursor.execute("SELECT relname::text FROM pg_class WHERE relnamespace = 'shop'::regnamespace")
            assert cursor.fetchall() == [("orders",)]
            cursor.execute("SELECT count(*) FROM shop.orders")
            assert cursor.fetchall() == [(2,)]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA shop CASCADE")
        connection.close()


def test_parameters_expansions_order_and_names(here: Path, run: Run, server: Server) -> None:
    hostile = "a\"b'c]; $$ %s"
    project(here, {
        "parameters": {"least": {"type": "integer", "default": 0}, "some": {"type": "text", "list": True}},
        "sources": {
            hostile: {"file": "x.csv", "columns": {hostile: {"type": "integer", "nullable": False}, "t": "text"}},
        },
        "nodes": {
            "above": {"from": hostile, "steps": [{"filter": f"[{hostile.replace(']', ']]')}] > $least"}]},
            "chosen": {"from": "above", "steps": [{"filter": "t in $some"}]},
            "each": {
                "for_each": {"least": {"every": 1, "from": 1, "to": 1001}},
                "from": "above",
                "steps": [{"aggregate": {"measures": {"n": "count()"}}}],
            },
            "sorted": {"from": "above", "steps": [{"sort": "t desc"}]},
        },
        "tests": {
            "by parameters": {
                "node": "chosen",
                "parameters": {"least": 1, "some": ["x", "y"]},
                "given": {hostile: [{hostile: 1, "t": "x"}, {hostile: 2, "t": "y"}, {hostile: 3, "t": "z"}]},
                "expect": [{hostile: 2}],
            },
            "left out": {
                "node": "above",
                "parameters": {"least": -1},
                "given": {hostile: [{"t": "x"}]},
                "expect": [{hostile: 0, "t": "x"}],
            },
            "of more values than a statement holds": {
                "node": "each",
                "given": {hostile: [{hostile: 3}, {hostile: 1001}]},
                "expect": [{"least": n, "n": 2 if n < 3 else 1 if n < 1001 else 0} for n in range(1, 1002)],
            },
            "in order": {
                "node": "sorted",
                "given": {hostile: [{hostile: 1, "t": t} for t in "bca"]},
                "expect": [{"t": t} for t in "cba"],
                "ordered": True,
            },
            "in another order": {
                "node": "sorted",
                "given": {hostile: [{hostile: 1, "t": t} for t in "bca"]},
                "expect": [{"t": t} for t in "cab"],
                "ordered": True,
            },
        },
    })  # fmt: skip
    status, out, err = run("test", "--warehouse", server.url)
    assert status == 1, err
    assert "4 tests passed, 1 failed." in out, out
    assert "The rows are the same, in another order: the first that stands elsewhere is row 2." in out


def test_what_fails_in_the_database_is_told(here: Path, run: Run, server: Server) -> None:
    project(here, {
        "sources": {"t": {"rows": [{"a": "x"}]}, "days": {"series": {"n": {"every": 1, "from": 1, "to": 200}}}},
        "nodes": {
            "bad": {
                "from": "t",
                "steps": [{"derive": {"n": "to_integer(a)"}}],
                "tests": {
                    "of the text": {"expect": []},
                    "of a number": {"given": {"t": [{"a": 5}]}, "expect": [{"n": 5}]},
                },
            },
            "twice": {"from": "days"},
            "many": {
                "from": "days",
                "steps": [{"join": {"with": "twice", "kind": "cross", "prefix": "b_"}}],
                "tests": {"all pairs": {"expect": []}},
            },
        },
    })  # fmt: skip
    status, out, _ = run("test", "--warehouse", server.url)
    assert status == 1
    assert "T122: The test of the text of bad could not be run" in out
    assert "passed  bad: of a number" in out
    assert "T123: many gives more than 10,000 rows, too many to compare." in out
    assert out.endswith("1 test passed, 2 failed.\n")


def test_some_of_the_tests(here: Path, run: Run, server: Server) -> None:
    test = {"expect": [{"a": 1}]}
    project(here, {
        "sources": {"t": {"rows": [{"a": 1}]}},
        "nodes": {
            "n": {"from": "t", "tests": {"one": test, "second": test}},
            "m": {"from": "t", "tests": {"one": test}},
        },
    })  # fmt: skip
    for names, count in ((("second",), 1), (("one",), 2), (("n",), 2), (("m", "second"), 2), ((), 3), ((".",), 3)):
        status, out, err = run("test", *names, "--warehouse", server.url)
        assert status == 0, err
        assert f"{count} test{'s' if count > 1 else ''} passed." in out
    status, _, err = run("test", "secnd")
    assert status == 2
    assert "There is no test and no node with tests called secnd." in err
    assert "Did you mean second?" in err


def test_a_new_project_has_a_test(here: Path, run: Run, server: Server) -> None:
    assert run("init", "my")[0] == 0
    status, out, err = run("test", "my", "--warehouse", server.url)
    assert (status, out.splitlines()[-1]) == (0, "1 test passed."), err


def test_no_tests_are_no_success(here: Path, run: Run) -> None:
    project(here, {"sources": {"t": {"rows": [{"a": 1}]}}, "nodes": {"n": {"from": "t"}}})
    status, _, err = run("test")
    assert status == 2
    assert "There are no tests in this project." in err


def test_a_mistake_runs_nothing(here: Path, run: Run) -> None:
    project(
        here,
        {"sources": {"t": {"rows": [{"a": 1}]}}, "nodes": {"n": {"from": "t", "tests": {"x": {"expect": [{"b": 1}]}}}}},
    )
    status, out, err = run("test")
    assert (status, out) == (2, "")
    assert "n has no column b." in err
    status, out, _ = run("check")
    assert status == 2
    assert out.count("n has no column b.") == 1
    assert "1 error" in out


def test_from_python(server: Server) -> None:
    """A host gets the tests of a document, and what became of each."""
    tests = {"good": {"expect": [{"a": 1}]}, "bad": {"expect": [{"a": 2}]}}
    document = {
        "headrace": 1,
        "sources": {"t": {"rows": [{"a": 1}]}},
        "nodes": {"n": {"from": "t", "tests": tests}},
    }
    result = Engine().tests(document)
    assert result.ok
    assert [test["name"] for test in result.to_json()["tests"]] == ["good", "bad"]
    with open_warehouse(server.url, None) as warehouse:
        good, bad = run_tests(result.tests, warehouse)
    assert good.passed
    assert not bad.passed
    assert (bad.difference.missing, bad.difference.unexpected) == ((("2",),), (("1",),))


def test_long_differences_are_cut(here: Path, run: Run, server: Server) -> None:
    project(here, {
        "sources": {"t": {"series": {"n": {"every": 1, "from": 1, "to": 150}}}},
        "nodes": {"n": {"from": "t", "steps": [{"derive": {"t": "lpad(\"\", 500, \"x\")"}}]}},
        "tests": {"y": {"node": "n", "expect": [{"n": 0, "t": ""}]}},
    })  # fmt: skip
    status, out, _ = run("test", "y", "--warehouse", server.url)
    assert status == 1
    assert "and 131 rows more that differ" in out
    assert len(out) < 20_000
    status, out, _ = run("test", "y", "--format", "json", "--warehouse", server.url)
    (told,) = json.loads(out)["tests"]
    assert (told["difference"]["count"], len(told["difference"]["unexpected"])) == (151, 100)
