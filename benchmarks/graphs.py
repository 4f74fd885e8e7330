"""Dataflows as users have them, with the rules of the optimizer and without.

``wide``: ten nodes derive columns from one table of 40, each from the one before, and three tables are made of them,
each of a few columns. ``chain``: twenty nodes, one after the other, each a filter or derived columns, of which two are
tables. What is timed is all statements of the program that make tables.

Run: ``python -m benchmarks.graphs [--rows 1000000] [--rounds 5] [--url postgresql://…]``. Without ``--url`` a server of
its own is started, in a folder that is removed after; with it, the schemas ``wide`` and ``project__build`` of that
database are made anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg2

from benchmarks.harness import in_turn, report
from benchmarks.server import server
from headrace import Engine
from headrace.catalog import Catalog
from headrace.program.program import Build
from headrace.program.settings import setting_statements
from headrace.run.catalog import read_catalog
from headrace.run.warehouse import open_warehouse

_BUILD = "project__build"
"""The schema of the tables that a program makes, before they are swapped in."""

_NUMBERS = [f"n{place}" for place in range(20)]
_TEXTS = [f"t{place}" for place in range(16)]


def wide() -> dict[str, Any]:
    """Three readers of the last of ten nodes."""
    nodes: dict[str, Any] = {}
    start = "facts"
    for place in range(10):
        derived = {f"d{place}_{k}": f"n{(place + k) % 20} * {k + 1} + n{(place * 3 + k) % 20}" for k in range(5)}
        nodes[f"derived_{place}"] = {"from": start, "steps": [{"derive": derived}]}
        start = f"derived_{place}"
    for key, measured in (("customer", "d0_1"), ("product", "d5_2"), ("day", "d9_4")):
        steps = [{"filter": "n0 > 10"}, {"aggregate": {"by": [key], "measures": {"total": f"sum({measured})"}}}]
        nodes[f"by_{key}"] = {"from": start, "steps": steps, "materialize": "table"}
    return nodes


def chain() -> dict[str, Any]:
    """Twenty nodes in a row; the tenth and the last are tables."""
    nodes: dict[str, Any] = {}
    start = "facts"
    for place in range(20):
        derive = {"derive": {f"c{place}": f"n{place} + n{(place + 1) % 20}"}}
        step = {"filter": f"n{place} > 2"} if place % 4 == 3 else derive
        nodes[f"step_{place}"] = {"from": start, "steps": [step]}
        start = f"step_{place}"
    for name, last in (("middle", 9), ("end", 19)):
        measures = {"total": f"sum(c{last - 1})"}
        steps = [{"filter": "customer < 100"}, {"aggregate": {"by": ["customer", "day"], "measures": measures}}]
        nodes[name] = {"from": f"step_{last}", "steps": steps, "materialize": "table"}
    return nodes


def statements(nodes: dict[str, Any], catalog: Catalog, rules: Sequence[str] | None) -> list[str]:
    """What makes the tables."""
    document = {"headrace": 1, "sources": {"facts": {"table": "wide.facts"}}, "nodes": nodes}
    result = Engine().compile(document, catalog, rules=rules)
    if result.program is None:
        raise SystemExit("\n".join(each.message for each in result.diagnostics))
    return [each.sql for each in result.program.steps if isinstance(each, Build)]


def fill(cursor: Any, rows: int) -> None:
    columns = [f"(g * {place + 7} % 1000)::bigint AS {name}" for place, name in enumerate(_NUMBERS)]
    columns += [f"'text ' || (g * {place + 3} % 5000) AS {name}" for place, name in enumerate(_TEXTS)]
    columns += ["g::bigint AS id", "(g % 1000)::bigint AS customer", "(g % 300)::bigint AS product"]
    columns += ["DATE '2024-01-01' + g % 365 AS day"]
    cursor.execute(f"DROP SCHEMA IF EXISTS wide CASCADE; CREATE SCHEMA wide; DROP SCHEMA IF EXISTS {_BUILD} CASCADE")
    cursor.execute(f"CREATE TABLE wide.facts AS SELECT {', '.join(columns)} FROM generate_series(1, {rows}) AS g")
    cursor.execute(f"CREATE SCHEMA {_BUILD}; ANALYZE wide.facts")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--url", help="a database to use instead of a server of its own")
    parser.add_argument("--quick", action="store_true", help="20,000 rows")
    options = parser.parse_args()
    with server(options.url) as url:
        connection = psycopg2.connect(url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            for each in setting_statements():
                cursor.execute(each)
            fill(cursor, 20_000 if options.quick else options.rows)
            with TemporaryDirectory() as folder, open_warehouse(url, Path(folder)) as warehouse:
                catalog, _ = read_catalog(warehouse, (), ["wide"])

            def made(texts: list[str]) -> Callable[[], object]:
                return lambda: [cursor.execute(text) for text in texts]

            def clear() -> None:
                cursor.execute(f"DROP SCHEMA {_BUILD} CASCADE; CREATE SCHEMA {_BUILD}")

            rivals = {
                f"{name}, {label}": made(statements(nodes(), catalog, rules))
                for name, nodes in (("wide", wide), ("chain", chain))
                for label, rules in (("no rules", ()), ("rules", None))
            }
            timings = in_turn(rivals, options.rounds, clear)
            cursor.execute(f"DROP SCHEMA wide CASCADE; DROP SCHEMA {_BUILD} CASCADE")
        connection.close()
    figures = {
        name: timings[f"{name}, rules"].median / timings[f"{name}, no rules"].median for name in ("wide", "chain")
    }
    report("graphs", timings, "wide, no rules", figures)


if __name__ == "__main__":
    main()
