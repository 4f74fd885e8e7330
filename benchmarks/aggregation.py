"""Aggregations with the rules that consult estimates and without any rule, on tables of which a catalog has been read.

``python -m benchmarks.aggregation --rows 10000000``: two tables are generated, analyzed, and read by ``headrace
catalog``'s reader; each flow is run as CREATE TABLE AS, with and without the rules, in turn. The last flows are those
that a rule would make slower, and must leave alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg2

from benchmarks.harness import Timing, in_turn
from benchmarks.server import server
from headrace.catalog import Catalog
from headrace.compiler import Engine
from headrace.program.settings import setting_statements
from headrace.run.catalog import read_catalog
from headrace.run.warehouse import open_warehouse

_TABLES = """
CREATE SCHEMA shop;
CREATE TABLE shop.customers AS
  SELECT i AS customer_id, chr(65 + i % 26) || 'x' AS country FROM generate_series(1, {customers}) AS i;
ALTER TABLE shop.customers ADD PRIMARY KEY (customer_id);
CREATE TABLE shop.days AS
  SELECT date '2021-01-01' + i AS day, 'q' || i / 90 AS season FROM generate_series(0, 999) AS i;
ALTER TABLE shop.days ADD PRIMARY KEY (day);
CREATE TABLE shop.sales AS SELECT i AS sale_id, 1 + floor(random() * {customers})::int AS customer_id,
    date '2021-01-01' + floor(random() * 1000)::int AS day, 'f' || floor(random() * 3)::int AS flag,
    round((random() * 50)::numeric, 0)::numeric(15, 2) AS quantity, (900 + random() * 90000)::numeric(15, 2) AS price,
    (floor(random() * 11) / 100)::numeric(15, 2) AS discount, (floor(random() * 9) / 100)::numeric(15, 2) AS tax
  FROM generate_series(1, {rows}) AS i;
VACUUM ANALYZE;
"""
_CUSTOMERS = {"join": {"with": "customers", "by": "customer_id"}}
_DAYS = {"join": {"with": "days", "by": "day"}}
_NET = "price * (1 - discount)"
_SUMMARY = {
    "quantity": "sum(quantity)",
    "price": "sum(price)",
    "net": f"sum({_NET})",
    "charge": f"sum({_NET} * (1 + tax))",
    "mean": "avg(quantity)",
    "mean_price": "avg(price)",
    "mean_discount": "avg(discount)",
    "rows": "count()",
}


def _aggregate(by: str, measures: Mapping[str, str]) -> dict[str, Any]:
    return {"aggregate": {"by": by, "measures": measures}}


FLOWS: dict[str, list[dict[str, Any]]] = {
    "summary as TPC-H 1": [_aggregate("flag", _SUMMARY)],
    "customers by country": [_CUSTOMERS, _aggregate("country", {"n": "count(distinct customer_id)"})],
    "customers, revenue by country": [
        _CUSTOMERS,
        _aggregate("country", {"n": "count(distinct customer_id)", "revenue": "sum(price)"}),
    ],
    "revenue by season": [_DAYS, _aggregate("season", {"revenue": "sum(price)"})],
    "days by country": [_CUSTOMERS, _aggregate("country", {"n": "count(distinct day)"})],
    "discounts by flag": [_aggregate("flag", {"n": "count(distinct discount)", "revenue": "sum(price)"})],
    "revenue by country": [_CUSTOMERS, _aggregate("country", {"revenue": "sum(price)"})],
    "customers by day": [_aggregate("day", {"n": "count(distinct customer_id)"})],
    "net by flag": [_aggregate("flag", {"net": f"sum({_NET})"})],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a version that takes at most a minute")
    parser.add_argument("--rows", type=int, help="sales; by default two million")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each flow")
    parser.add_argument("--server", help="the URL of a database to make the tables in; else a server is started")
    options = parser.parse_args()
    rows = options.rows or (20_000 if options.quick else 2_000_000)
    medians: dict[str, float] = {}
    with server(options.server) as url:
        connection = psycopg2.connect(url)
        connection.autocommit = True
        cursor = connection.cursor()
        for statement in _TABLES.format(rows=rows, customers=max(rows // 10, 1)).split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        cursor.execute("; ".join(setting_statements()))
        catalog = _catalog(url)
        print(f"{'':32} {'plain':>8}  {'rules':>8}  ratio")
        for name, steps in FLOWS.items():
            timings, fired = _timed(cursor, catalog, steps, options.rounds)
            plain, ruled = timings["plain"].median, timings["rules"].median
            medians |= {f"{name}, plain": round(plain, 6), f"{name}, rules": round(ruled, 6)}
            print(f"{name:32} {plain:7.2f} s {ruled:7.2f} s  {ruled / plain:5.2f}  {', '.join(fired)}", flush=True)
        connection.close()
    base = next(iter(medians))
    print(json.dumps({"benchmark": "aggregation", "rows": rows, "base": base, "medians": medians}))


def _catalog(url: str) -> Catalog:
    with TemporaryDirectory() as folder, open_warehouse(url, Path(folder)) as warehouse:
        return read_catalog(warehouse, [], ["shop"])[0]


def _timed(
    cursor: Any, catalog: Catalog, steps: list[dict[str, Any]], rounds: int
) -> tuple[dict[str, Timing], list[str]]:
    sources = {name: {"table": f"shop.{name}"} for name in ("sales", "customers", "days")}
    document = {"headrace": 1, "sources": sources, "nodes": {"result": {"from": "sales", "steps": steps}}}
    engine = Engine()
    plain, ruled = (engine.compile(document, catalog, rules=rules).nodes["result"] for rules in ((), None))
    assert plain.sql is not None
    assert ruled.sql is not None

    def made(sql: str) -> None:
        cursor.execute(f"CREATE TABLE shop.made AS {sql[sql.index('WITH' if 'WITH' in sql else 'SELECT') :]}")

    rivals = {"plain": lambda: made(plain.sql or ""), "rules": lambda: made(ruled.sql or "")}
    timings = in_turn(rivals, rounds, lambda: cursor.execute("DROP TABLE IF EXISTS shop.made"))
    return timings, list(dict.fromkeys(each.rule for each in ruled.firings))


if __name__ == "__main__":
    main()
