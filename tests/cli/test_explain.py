"""``headrace explain``: PostgreSQL's plan by the names of steps; what stands out in it; what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from cli.conftest import Run

FLOW = """\
headrace: 1
name: explaining
sources:
  sales:
    table: shop.sales
    columns: {id: {type: integer, nullable: false}, customer_id: integer, amount: integer}
    keys: [[id]]
  customers: {table: shop.customers, columns: {id: {type: integer, nullable: false}, country: text}, keys: [[id]]}
nodes:
  totals:
    from: sales
    steps:
      - name: worthy
        filter: amount > 10
      - name: with_country
        join: {with: customers, by: {customer_id: id}, kind: left}
      - name: by_country
        aggregate: {by: country, measures: {total: sum(amount)}}
      - name: best_first
        sort: [total desc]
    materialize: table
  ranked:
    from: sales
    steps:
      - name: each
        aggregate: {by: customer_id, measures: {total: sum(amount)}}
      - name: shares
        derive: {share: total / sum(total per ())}
      - name: against
        join: {with: counted, by: customer_id, kind: left}
  counted:
    from: sales
    steps:
      - name: counted_up
        aggregate: {by: customer_id, measures: {n: count()}}
  stacked:
    from: sales
    steps:
      - name: both
        union: worse
      - name: once
        distinct: [customer_id, amount]
  worse: {from: sales, steps: [filter: amount < 5]}
  unlike: {from: sales, steps: [{name: misjudged, filter: amount % 2 = 0 and customer_id * 0 = 0}]}
  sorted: {from: sales, steps: [{name: by_amount, sort: [amount % 7, id]}]}
  reader: {from: totals, steps: [{name: few, limit: {rows: 3, order: total}}]}
  slow:
    from: sales
    steps:
      - name: paired
        join: {with: worse, kind: cross, columns: []}
      - name: how_many
        aggregate: {measures: {n: count()}}
"""


@pytest.fixture(scope="module")
def database(server: Any) -> Iterator[str]:
    """A database with 60,000 sales of 500 customers."""
    name = "headrace_explain"
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    url = server.url.rpartition("/")[0] + f"/{name}"
    own = psycopg2.connect(url)
    own.autocommit = True
    with own.cursor() as cursor:
        cursor.execute(
            """CREATE SCHEMA shop;
            CREATE TABLE shop.customers AS
              SELECT i::bigint AS id, CASE i % 3 WHEN 0 THEN 'FR' WHEN 1 THEN 'DE' ELSE 'IT' END AS country
              FROM generate_series(1, 500) AS i;
            CREATE TABLE shop.sales AS
              SELECT i::bigint AS id, (i % 500 + 1)::bigint AS customer_id, (i % 1000)::bigint AS amount
              FROM generate_series(1, 60000) AS i;
            ANALYZE"""
        )
    own.close()
    yield url
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


@pytest.fixture
def flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "flow.yaml"
    path.write_text(FLOW, "utf-8")
    return str(path)


def explained(run: Run, node: str, flow: str, database: str, *options: str) -> dict[str, Any]:
    status, out, err = run("explain", node, flow, "--warehouse", database, "--format", "json", *options)
    assert status == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def parts(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan["inputs"]:
        yield from parts(each)


def steps(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The uppermost part of each step."""
    named: dict[str, dict[str, Any]] = {}
    for part in parts(found["statements"][-1]["plan"]):
        if part["step"]:
            named.setdefault(part["step"], part)
    return named


def test_parts_have_the_names_of_steps_and_the_rows_of_steps(flow: str, database: str, run: Run) -> None:
    """The rows were counted by hand: 59,340 of 60,000 sales are over 10 (60 of each amount from 0 to 999)."""
    found = explained(run, "totals", flow, database, "--analyze")
    told = steps(found)
    assert list(told) == ["best_first", "by_country", "with_country"]
    assert "Join" in told["with_country"]["operation"]
    assert "Aggregate" in told["by_country"]["operation"]
    assert told["with_country"]["rows"]["actual"] == 59_340
    assert told["by_country"]["rows"]["actual"] == told["best_first"]["rows"]["actual"] == 3
    reads = {part["reads"]: part["rows"]["actual"] for part in parts(found["statements"][0]["plan"]) if part["reads"]}
    assert reads == {"sales": 59_340, "customers": 500}
    assert found["statements"][0]["steps_along_the_way"] == ["worthy"]
    assert sum(part["share"] for part in parts(found["statements"][0]["plan"])) == pytest.approx(1, abs=0.01)


def test_two_groupings_on_either_side_of_a_join_are_told_apart(flow: str, database: str, run: Run) -> None:
    told = steps(explained(run, "ranked", flow, database, "--analyze"))
    # The last step of a node that is computed inside another has that node's name.
    assert set(told) == {"each", "shares", "against", "counted"}
    assert all(part["rows"]["actual"] == 500 for part in told.values())
    assert told["shares"]["operation"] == "WindowAgg"


def test_stacked_rows_and_distinct_ones(flow: str, database: str, run: Run) -> None:
    told = steps(explained(run, "stacked", flow, database, "--analyze"))
    assert told["both"]["rows"]["actual"] == 60_300
    assert told["once"]["rows"]["actual"] == 1_000


def test_without_analyze_nothing_is_run(flow: str, database: str, run: Run) -> None:
    found = explained(run, "totals", flow, database)
    assert not found["analyzed"]
    assert found["statements"][0]["seconds"] is None
    assert all(part["rows"]["actual"] is None for part in parts(found["statements"][0]["plan"]))
    assert found["remarks"] == []
    assert found["statements"][0]["planning_seconds"] > 0


def test_an_estimate_that_is_far_off_is_told_where_it_begins(flow: str, database: str, run: Run) -> None:
    status, out, _ = run("explain", "unlike", flow, "--warehouse", database, "--analyze")
    assert status == 0
    told = " ".join(out.split())
    assert "unlike: 30,000 rows, where 2 were expected: 15,000 times as many (Seq Scan on sales)." in told


def test_rows_that_do_not_fit_in_memory_are_told(flow: str, database: str, run: Run) -> None:
    separator = "&" if "?" in database else "?"
    small = f"{database}{separator}options=-c%20work_mem%3D64kB"
    found = explained(run, "sorted", flow, small, "--analyze")
    (remark,) = found["remarks"]
    assert (remark["kind"], remark["step"]) == ("disk", "by_amount")
    assert remark["text"].endswith("MB went to disk: they did not fit in work_mem, 64kB (Sort)")


@pytest.mark.parametrize("width", [80, 120])
def test_every_line_fits_the_screen(
    flow: str, database: str, run: Run, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for node in ("totals", "ranked", "stacked"):
        status, out, _ = run("explain", node, flow, "--warehouse", database, "--analyze")
        assert status == 0
        assert max(map(len, out.splitlines())) <= width
        assert out.startswith(f"{node} on PostgreSQL ")


def test_a_table_that_is_not_there_is_told(flow: str, database: str, run: Run) -> None:
    status, out, err = run("explain", "reader", flow, "--warehouse", database)
    assert (status, out) == (1, "")
    assert (
        "error R290: reader reads the table explaining.totals, which is not there: it cannot be explained before"
        " headrace run has built it." in err
    )
    assert run("run", flow, "--warehouse", database)[0] == 0
    told = steps(explained(run, "reader", flow, database, "--analyze"))
    assert told["few"]["rows"]["actual"] == 3


def test_what_takes_too_long_is_stopped(flow: str, database: str, run: Run) -> None:
    status, _, err = run("explain", "slow", flow, "--warehouse", database, "--analyze", "--timeout", "0.05")
    assert status == 1
    assert "error R291: slow was stopped after 0.05 seconds, the limit for what headrace explain runs." in err
    assert run("explain", "slow", flow, "--warehouse", database, "--timeout", "5")[0] == 0


def test_nothing_stays(flow: str, database: str, run: Run) -> None:
    connection = psycopg2.connect(database)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class")
        before = cursor.fetchall()
        connection.rollback()
        run("explain", "totals", flow, "--warehouse", database, "--analyze")
        cursor.execute("SELECT count(*) FROM pg_class")
        assert cursor.fetchall() == before
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE '%\\_\\_explain'")
        assert cursor.fetchall() == []
    connection.close()


def test_files_are_loaded_and_tables_placed_between_are_made(
    tmp_path: Path, database: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{number},{number % 2}\n" for number in range(1000)), "utf-8")
    windows = "\n".join(
        f"      - derive: {{x{number}: sum(x per y)}}\n      - filter: x{number} >= 0" for number in range(70)
    )
    path = tmp_path / "deep.yaml"
    path.write_text(
        "headrace: 1\nflow: deep\nsources:\n  t: {file: t.csv, columns: {x: integer, y: integer}}\n"
        f"nodes:\n  last:\n    from: t\n    steps:\n{windows}\n",
        "utf-8",
    )
    found = explained(run, "last", str(path), database, "--analyze", "--no-rules")
    names = [statement["name"] for statement in found["statements"]]
    assert names == [*(f"last__{number}" for number in range(1, len(names))), "last"]
    assert len(names) > 1
    assert all(statement["plan"]["rows"]["actual"] == 1000 for statement in found["statements"])
    assert explained(run, "last", str(path), database, "--no-rules")["statements"][-1]["seconds"] is None
    _, out, _ = run("explain", "last", str(path), "--warehouse", database, "--no-rules")
    assert out.startswith("last__1, a table placed before last on PostgreSQL ")


def test_no_such_node_and_a_table_that_has_changed(flow: str, database: str, run: Run) -> None:
    status, _, err = run("explain", "totls", flow, "--warehouse", database)
    assert (status, "error P104: There is no node totls." in err) == (2, True)
    assert "Did you mean totals?" in err
    connection = psycopg2.connect(database)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS changed; CREATE TABLE changed.base (other bigint)")
    connection.close()
    path = Path(flow).with_name("changed.yaml")
    path.write_text(
        "headrace: 1\nname: changed\nsources:\n  r: {rows: [{a: 1}]}\n"
        "nodes:\n  base: {from: r, materialize: table}\n  top: {from: base, steps: [filter: a > 0]}\n",
        "utf-8",
    )
    status, _, err = run("explain", "top", str(path), "--warehouse", database)
    assert status == 1
    assert 'error R292: PostgreSQL could not explain top: column "a" does not exist.' in err
