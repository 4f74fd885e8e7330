"""The 22 flows of TPC-H against the official queries, and against queries decorrelated by hand.

Each is made a table (CREATE TABLE AS) in one session with Headrace's settings, in turn, after their rows have been
found alike. ``ratio`` is Headrace's median by that of the better rival.

Run: ``python -m benchmarks.tpch [--scale 0.1] [--indexes] [--rounds 5] [--queries 1,21] [--url postgresql://…]``.
Without ``--url`` a server of its own is started, in a folder that is removed after; with it, the schema ``tpch`` of
that database is made anew. A query that takes longer than ``--patience`` seconds is left out where it has been
decorrelated by hand (PostgreSQL computes the subquery of query 20 anew for each row, which takes hours without an
index).
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.harness import Timing, in_turn
from benchmarks.server import server
from benchmarks.tpch.data import SCHEMA, Made, make, node_of, project
from headrace import Engine
from headrace.program.settings import setting_statements

_RESULT = f"{SCHEMA}.result"
_DIGITS = 12
"""Quotients and averages may be rounded at different places; so many digits of every number are compared."""


def rivals(made: Made, numbers: list[int]) -> dict[int, dict[str, str]]:
    """For each query the SELECT of each rival."""
    compiled = Engine().compile(project(), made.catalog)
    if compiled.program is None:
        raise SystemExit("\n".join(each.message for each in compiled.diagnostics))
    found = {}
    for number in numbers:
        sql = compiled.nodes[node_of(number)].sql or ""
        # The statement makes the table of the node; what is compared is how its rows are found.
        _, _, select = sql.partition(" AS\n")
        found[number] = {"headrace": select.rstrip().rstrip(";"), "official": made.queries[number]}
        by_hand = Path(__file__).parent / "sql" / f"q{number:02}.sql"
        if by_hand.exists():
            found[number]["by hand"] = by_hand.read_text("utf-8")
    return found


def check(cursor: Any, number: int, texts: dict[str, str], patience: int) -> dict[str, str]:
    """The rivals without the official query where that takes too long. Stops where their rows differ."""
    rows = {}
    for name, text in texts.items():
        can_wait = name == "official" and "by hand" in texts
        cursor.execute(f"SET statement_timeout TO {1000 * patience if can_wait else 0}")
        try:
            cursor.execute(text)
        except psycopg2.errors.QueryCanceled:
            continue
        rows[name] = sorted(repr([_shown(value) for value in row]) for row in cursor.fetchall())
    cursor.execute("SET statement_timeout TO 0")
    for name, found in rows.items():
        if found != rows["headrace"]:
            raise SystemExit(f"query {number}: the rows of {name} are not those of Headrace")
    return {name: texts[name] for name in rows}


def _shown(value: Any) -> str:
    return f"{Decimal(value):.{_DIGITS}g}" if isinstance(value, int | Decimal) else repr(value)


def measure(cursor: Any, texts: dict[str, str], rounds: int) -> dict[str, Timing]:
    def made(text: str) -> Callable[[], object]:
        return lambda: cursor.execute(f"CREATE TABLE {_RESULT} AS {text}")

    def clear() -> None:
        cursor.execute(f"DROP TABLE IF EXISTS {_RESULT}")

    timings = in_turn({name: made(text) for name, text in texts.items()}, rounds, clear)
    clear()
    return timings


def report(timings: dict[int, dict[str, Timing]], version: str, about: str) -> None:
    print(f"PostgreSQL {version}, {about}; milliseconds, medians")
    print(f"{'':5}{'headrace':>10}{'official':>10}{'by hand':>10}{'ratio':>8}")
    ratios = {}
    for number, found in timings.items():
        best = min(timing.median for name, timing in found.items() if name != "headrace")
        ratios[number] = found["headrace"].median / best
        cells = "".join(
            f"{1000 * found[name].median:10.1f}" if name in found else f"{'':10}"
            for name in ("headrace", "official", "by hand")
        )
        print(f"q{number:02}  {cells}{ratios[number]:8.2f}")
    figures = {"geometric mean": statistics.geometric_mean(ratios.values()), "worst": max(ratios.values())}
    for name, value in figures.items():
        print(f"{name}: {value:.3f}")
    medians = {
        f"q{number:02} / {name}": round(timing.median, 6)
        for number, found in timings.items()
        for name, timing in found.items()
    }
    figures |= {f"q{number:02}": round(ratio, 3) for number, ratio in ratios.items()}
    base = next(name for name in medians if name.endswith("official"))
    print(json.dumps({"benchmark": "tpch", "base": base, "medians": medians, "figures": figures}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=0.1, help="1 is a gigabyte")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--queries", help="their numbers, as 1,6,21; all if left out")
    parser.add_argument("--indexes", action="store_true", help="with primary keys and indexes on foreign keys")
    parser.add_argument("--url", help="a database to use instead of a server of its own")
    parser.add_argument("--patience", type=int, default=60, help="seconds for a query that is there by hand too")
    parser.add_argument("--quick", action="store_true", help="scale 0.01, and the patience of a second")
    options = parser.parse_args()
    scale, patience = (0.01, 1) if options.quick else (options.scale, options.patience)
    numbers = sorted(map(int, options.queries.split(","))) if options.queries else list(range(1, 23))
    with server(options.url) as url:
        made = make(scale, url, indexes=options.indexes)
        connection = psycopg2.connect(url)
        connection.autocommit = True
        timings = {}
        with connection.cursor() as cursor:
            cursor.execute("; ".join(setting_statements()))
            # The official queries name their tables without a schema.
            cursor.execute(f"SET search_path TO pg_catalog, {SCHEMA}")
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
            for number, texts in rivals(made, numbers).items():
                texts = check(cursor, number, texts, patience)
                timings[number] = measure(cursor, texts, options.rounds)
            cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
        connection.close()
    report(timings, version, f"scale {scale:g}, {'with' if options.indexes else 'without'} indexes")


if __name__ == "__main__":
    main()
