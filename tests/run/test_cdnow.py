"""The example on real data: the figures that another engine found (README of the data), on PostgreSQL 15 and 18."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

import headrace
from headrace.program.text import program_text
from headrace.run import run_program
from headrace.run.warehouse import open_warehouse

from .programs import query

EXAMPLE = Path(__file__).parents[2] / "examples" / "cdnow"
TABLES = ("customer_info", "sales_enriched", "best_customers", "active_customers")


@pytest.fixture
def url(server_url: str) -> str:
    """A database with the tables of the example, made by a run."""
    compiled = headrace.open(EXAMPLE).compile()
    assert compiled.ok
    assert compiled.program is not None
    with open_warehouse(server_url, None) as warehouse:
        result = run_program(compiled.program, warehouse, EXAMPLE)
    assert not result.diagnostics
    return server_url


def test_the_figures(url: str) -> None:
    _compare_totals(url)
    _compare_months(url)
    _compare_best_customers(url)


def _compare_totals(url: str) -> None:
    assert query(url, "SELECT count(*), sum(revenue), sum(orders) FROM cdnow.customer_info") == [
        (23_570, Decimal("2500315.63"), 69_659)
    ]
    assert query(url, "SELECT count(*) FROM cdnow.customer_info WHERE revenue > 100") == [(6_233,)]
    assert query(url, "SELECT count(*), sum(amount) FROM cdnow.sales_enriched") == [(42_877, Decimal("1870866.75"))]
    active = {
        month: (count, revenue)
        for month, count, revenue in query(url, "SELECT month, active, revenue FROM cdnow.active_customers")
    }
    assert len(active) == 18
    assert active[dt.date(1998, 6, 30)] == (8_332, Decimal("1069356.50"))
    assert active[dt.date(1998, 1, 31)][0] == 19_125
    assert active[dt.date(1997, 1, 31)][0] == 7_846


def _compare_months(url: str) -> None:
    """Every month of the history, and its change, as a count by hand finds them in the purchases."""
    text = (EXAMPLE / "data" / "sales.csv").read_text("utf-8").splitlines()
    assert text[0] == "customer_id,order_date,quantity,amount"
    sales = []
    for line in text[1:]:
        customer, day, quantity, amount = line.split(",")
        sales.append((int(customer), dt.date.fromisoformat(day), int(quantity), Decimal(amount)))
    assert sum(quantity for _, _, quantity, _ in sales) == 167_881
    assert sum(amount == 0 for *_, amount in sales) == 80
    found = query(url, "SELECT month, active, revenue, change FROM cdnow.active_customers ORDER BY month")
    before = None
    for month, active, revenue, change in found:
        last_day = dt.date(month.year - 1, month.month, 28 if month.month == 2 else month.day)
        inside = [(customer, amount) for customer, day, _, amount in sales if last_day < day <= month]
        assert (active, revenue) == (len({customer for customer, _ in inside}), sum(amount for _, amount in inside))
        assert change == (None if before is None else active - before)
        before = active


def _compare_best_customers(url: str) -> None:
    best = query(url, "SELECT customer_id, revenue, orders, average_order FROM cdnow.best_customers")
    direct = query(url, "SELECT customer_id FROM cdnow.customer_info ORDER BY revenue DESC LIMIT 10")
    assert {customer for customer, *_ in best} == {customer for (customer,) in direct}
    for _, revenue, orders, average in best:
        assert average == (revenue / orders).quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_psql_makes_the_same_tables(url: str) -> None:
    """``program.sql`` under psql, into a schema of its own beside the run's."""
    if shutil.which("psql") is None:
        pytest.skip("psql of PostgreSQL is not installed")
    documents = headrace.open(EXAMPLE)
    compiled = documents.compile()
    assert compiled.program is not None
    program = program_text(compiled.program).replace("cdnow", "by_psql").replace("headrace:by_psql", "headrace:cdnow")
    done = subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", url],
        input=program,
        cwd=EXAMPLE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for table in TABLES:
        for one, other in (("cdnow", "by_psql"), ("by_psql", "cdnow")):
            sql = f"SELECT count(*) FROM (TABLE {one}.{table} EXCEPT ALL TABLE {other}.{table}) AS missing"
            assert query(url, sql) == [(0,)], table
