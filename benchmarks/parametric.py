"""A parametric expansion over generated sales: Headrace against the ways by which people do it by hand.

Sums, distinct counts and a point in time over validity ranges, for 1, 12, 120 and 1,200 values. Rivals: one statement a
value and a cross join with the values (both timed for ``TIMED`` values, for other counts in proportion, which is marked
with ``~``),
and what one pass over the rows costs at least: the same aggregate once, ``count(distinct)``, and its eager form, which
makes the values different before it counts them. All in one session with Headrace's settings, as CREATE TABLE AS.

Run: ``python -m benchmarks.parametric [--rows 10000000] [--url postgresql://…] [--write]``. Without ``--url`` a server
of its own is started, in a folder that is removed after. ``--write`` puts table and chart into docs/.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.chart import line_chart
from benchmarks.server import server
from headrace import Engine
from headrace.catalog import Catalog
from headrace.program.settings import setting_statements

TIMED = 12
"""Of the separate statements and of the cross join, so many values are timed."""

DOCS = Path(__file__).parents[1] / "docs"
_BEGIN, _END = "<!-- parametric: begin -->", "<!-- parametric: end -->"
_SCHEMA = "headrace_bench"
_WINDOW = "day > $day - 12 months and day <= $day"
_VALID = "valid_from <= $day and (valid_to is null or valid_to > $day)"


@dataclass(frozen=True)
class Question:
    """Something asked for every value: as a node's steps, and as SQL with ``{day}`` for the value."""

    name: str
    table: str
    predicate: str
    sql_predicate: str
    measure: str
    sql: str
    floors: dict[str, str]


QUESTIONS = (
    Question(
        "sums",
        "sales",
        _WINDOW,
        "day > {day} - INTERVAL '12 months' AND day <= {day}",
        "sum(amount)",
        "SUM(amount)",
        {"plain sum": f"SELECT country, SUM(amount) AS value FROM {_SCHEMA}.sales GROUP BY country"},
    ),
    Question(
        "distinct counts",
        "sales",
        _WINDOW,
        "day > {day} - INTERVAL '12 months' AND day <= {day}",
        "count(distinct customer_id)",
        "COUNT(DISTINCT customer_id)",
        {
            "plain count(distinct)": f"SELECT country, COUNT(DISTINCT customer_id) AS value FROM {_SCHEMA}.sales"
            " GROUP BY country",
            "eager distinct": f"SELECT country, COUNT(*) AS value FROM (SELECT DISTINCT country, customer_id"
            f" FROM {_SCHEMA}.sales) AS d GROUP BY country",
        },
    ),
    Question(
        "point in time",
        "subscriptions",
        _VALID,
        "valid_from <= {day} AND (valid_to IS NULL OR valid_to > {day})",
        "sum(price)",
        "SUM(price)",
        {"plain sum": f"SELECT country, SUM(price) AS value FROM {_SCHEMA}.subscriptions GROUP BY country"},
    ),
)


def days(count: int) -> list[date]:
    """Month ends of 2015 to 2024, up to 120; more are every third day."""
    if count <= 120:
        ends = [date(2015 + month // 12, month % 12 + 1, 1) - timedelta(days=1) for month in range(1, 121)]
        return ends[120 - count :]
    return [date(2015, 1, 31) + timedelta(days=3 * k) for k in range(count)]


def headrace_sql(question: Question, values: list[date]) -> str:
    """The statement that Headrace compiles, by whatever strategy it chooses."""
    node = {
        "for_each": {"day": [value.isoformat() for value in values]},
        "from": question.table,
        "steps": [
            {"filter": question.predicate},
            {"aggregate": {"by": ["country"], "measures": {"value": question.measure}}},
        ],
    }
    document = {
        "headrace": 1,
        "parameters": {"day": {"type": "date", "default": "2020-06-30"}},
        "sources": {name: {"table": f"{_SCHEMA}.{name}"} for name in ("sales", "subscriptions")},
        "nodes": {"result": node},
    }
    result = Engine().compile(document, Catalog.from_json(CATALOG))
    sql = result.nodes["result"].sql
    if sql is None:
        raise SystemExit("\n".join(each.message for each in result.diagnostics))
    return sql.rstrip().rstrip(";")


def one_value(question: Question, value: date) -> str:
    predicate = question.sql_predicate.format(day=f"DATE '{value}'")
    return (
        f"SELECT DATE '{value}' AS day, country, {question.sql} AS value FROM {_SCHEMA}.{question.table}"
        f" WHERE {predicate} GROUP BY country"
    )


def cross_join(question: Question, values: list[date]) -> str:
    listed = ", ".join(f"(DATE '{value}')" for value in values)
    return (
        f"SELECT v.d AS day, country, {question.sql} AS value FROM (VALUES {listed}) AS v(d)"
        f" JOIN {_SCHEMA}.{question.table} ON {question.sql_predicate.format(day='v.d')} GROUP BY v.d, country"
    )


@dataclass
class Watch:
    """The most memory of its own (RssAnon) that the server's processes had together, in bytes."""

    postmaster: int | None
    most: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stopped.wait(0.02):
            self.most = max(self.most, sum(map(_anonymous, _children(self.postmaster or 0))))


def _children(parent: int) -> Iterator[int]:
    try:
        text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    except OSError:
        return
    yield from map(int, text.split())


def _anonymous(process: int) -> int:
    try:
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


@contextmanager
def watched(postmaster: int | None) -> Iterator[Watch]:
    watch = Watch(postmaster)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.stopped.set()
        thread.join()


@dataclass
class Bench:
    """The session, and what was measured: seconds and bytes by (question, count of values, rival)."""

    cursor: Any
    postmaster: int | None
    seconds: dict[tuple[str, int, str], list[float]] = field(default_factory=dict)
    memory: dict[tuple[str, int, str], int] = field(default_factory=dict)

    def made(self, key: tuple[str, int, str], sql: str) -> None:
        self.cursor.execute(f"DROP TABLE IF EXISTS {_SCHEMA}.result")
        with watched(self.postmaster) as watch:
            start = time.perf_counter()
            self.cursor.execute(f"CREATE TABLE {_SCHEMA}.result AS {sql}")
            self.seconds.setdefault(key, []).append(time.perf_counter() - start)
        self.memory[key] = max(self.memory.get(key, 0), watch.most)

    def median(self, key: tuple[str, int, str]) -> float:
        return statistics.median(self.seconds[key])


def make_tables(cursor: Any, rows: int) -> None:
    cursor.execute(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE")
    cursor.execute(f"CREATE SCHEMA {_SCHEMA}")
    cursor.execute("SELECT SETSEED(0.42)")
    customers = max(rows // 50, 1)
    cursor.execute(
        f"CREATE TABLE {_SCHEMA}.sales AS SELECT c AS customer_id, 'country ' || c % 20 AS country,"
        f" DATE '2014-01-01' + (RANDOM() * 4017)::int AS day, (RANDOM() * 200)::numeric(10, 2) AS amount"
        f" FROM (SELECT (RANDOM() * {customers - 1})::bigint AS c FROM GENERATE_SERIES(1, {rows})) AS r"
    )
    cursor.execute(
        f"CREATE TABLE {_SCHEMA}.subscriptions AS SELECT n::bigint AS id, 'country ' || n % 20 AS country,"
        f" f AS valid_from, CASE WHEN n % 10 > 0 THEN f + (RANDOM() * 900)::int END AS valid_to,"
        f" (5 + RANDOM() * 45)::numeric(10, 2) AS price FROM (SELECT n, DATE '2013-01-01' + (RANDOM() * 4382)::int AS f"
        f" FROM GENERATE_SERIES(1, {max(rows // 2, 1)}) AS n) AS r"
    )
    cursor.execute(f"VACUUM ANALYZE {_SCHEMA}.sales, {_SCHEMA}.subscriptions")


CATALOG = {
    "headrace": 1,
    "tables": {
        f"{_SCHEMA}.sales": {
            "columns": {
                "customer_id": {"type": "integer", "nullable": True},
                "country": {"type": "text", "nullable": True},
                "day": {"type": "date", "nullable": True},
                "amount": {"type": "decimal(10, 2)", "nullable": True},
            }
        },
        f"{_SCHEMA}.subscriptions": {
            "columns": {
                "id": {"type": "integer", "nullable": True},
                "country": {"type": "text", "nullable": True},
                "valid_from": {"type": "date", "nullable": True},
                "valid_to": {"type": "date", "nullable": True},
                "price": {"type": "decimal(10, 2)", "nullable": True},
            }
        },
    },
}


def check(cursor: Any, question: Question) -> None:
    """Whether Headrace and one statement a value give the same rows, for ``TIMED`` values."""
    values = days(TIMED)
    own = f"SELECT day, country, value FROM ({headrace_sql(question, values)}) AS own"
    theirs = " UNION ALL ".join(one_value(question, value) for value in values)
    cursor.execute(
        f"SELECT COUNT(*) FROM ((({own}) EXCEPT ALL ({theirs})) UNION ALL (({theirs}) EXCEPT ALL ({own}))) AS d"
    )
    if cursor.fetchone()[0]:
        raise SystemExit(f"{question.name}: the rows differ")


def measure(bench: Bench, counts: list[int], rounds: int) -> None:
    for question in QUESTIONS:
        check(bench.cursor, question)
        for _ in range(rounds):
            for name, sql in question.floors.items():
                bench.made((question.name, 1, name), sql)
            for count in counts:
                bench.made((question.name, count, "headrace"), headrace_sql(question, days(count)))
            by_hand(bench, question, counts)


def by_hand(bench: Bench, question: Question, counts: list[int]) -> None:
    """One statement a value and the cross join, for ``TIMED`` values; for another count in proportion."""
    values = days(120)[:: 120 // TIMED]
    for value in values:
        bench.made((question.name, TIMED, "each"), one_value(question, value))
    seconds = sum(bench.seconds.pop((question.name, TIMED, "each")))
    memory = bench.memory.pop((question.name, TIMED, "each"))
    bench.made((question.name, TIMED, "cross"), cross_join(question, values))
    (crossed,) = bench.seconds.pop((question.name, TIMED, "cross"))
    most = bench.memory.pop((question.name, TIMED, "cross"))
    for count in counts:
        for way, timed, held in (("separate statements", seconds, memory), ("cross join", crossed, most)):
            key = (question.name, count, way)
            bench.seconds.setdefault(key, []).append(timed * count / TIMED)
            bench.memory[key] = max(bench.memory.get(key, 0), held)


def table(bench: Bench, counts: list[int]) -> list[str]:
    lines = ["| question | values | way | seconds | against one pass | server MB |", "|---|---:|---|---:|---:|---:|"]
    for question in QUESTIONS:
        floor = next(iter(question.floors))
        base = bench.median((question.name, 1, floor))
        for name in question.floors:
            key = (question.name, 1, name)
            lines.append(_line(question.name, "", name, bench, key, base, ""))
        for count in counts:
            for way in ("headrace", "separate statements", "cross join"):
                key = (question.name, count, way)
                mark = "~" if way != "headrace" and count != TIMED else ""
                lines.append(_line(question.name, f"{count:,}", way, bench, key, base, mark))
    return lines


def _line(name: str, count: str, way: str, bench: Bench, key: tuple[str, int, str], base: float, mark: str) -> str:
    seconds = bench.median(key)
    megabytes = f"{bench.memory[key] / 2**20:.0f}" if bench.postmaster else "?"
    return f"| {name} | {count} | {way} | {mark}{seconds:.2f} | {mark}{seconds / base:.2f} | {megabytes} |"


def figures(bench: Bench, counts: list[int]) -> dict[str, float]:
    """What issue 6 asks for, as far as it was measured: ratios of medians."""

    def ratio(question: str, count: int, floor: str) -> float:
        return bench.median((question, count, "headrace")) / bench.median((question, 1, floor))

    found: dict[str, float] = {}
    if 120 in counts:
        found["sums, 120 values, of one pass"] = ratio("sums", 120, "plain sum")
        found["distinct, 120 values, of one count(distinct)"] = ratio("distinct counts", 120, "plain count(distinct)")
        for question in ("sums", "distinct counts"):
            own = bench.median((question, 120, "headrace"))
            found[f"{question}, 120 separate statements, times"] = (
                bench.median((question, 120, "separate statements")) / own
            )
    if 120 in counts and 1200 in counts:
        for question in ("sums", "distinct counts"):
            found[f"{question}, 1,200 values of 120"] = bench.median((question, 1200, "headrace")) / bench.median(
                (question, 120, "headrace")
            )
    return found


def write(lines: list[str], bench: Bench, counts: list[int], about: str) -> None:
    """The table and the chart into docs/."""
    series = {
        way: [(count, bench.median(("sums", count, way))) for count in counts]
        for way in ("headrace", "separate statements", "cross join")
    }
    series["one plain sum"] = [(count, bench.median(("sums", 1, "plain sum"))) for count in counts]
    chart = line_chart("Sums of 12 months by country, for so many month ends", "values", "seconds", series)
    (DOCS / "parametric.svg").write_text(chart, "utf-8")
    page = (DOCS / "performance.md").read_text("utf-8")
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    text = "\n".join([_BEGIN, about, "", *lines, "", "![seconds by number of values](parametric.svg)", _END])
    (DOCS / "performance.md").write_text(before + text + after, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000, help="sales; half as many subscriptions")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--url", help="a server to use instead of one of its own")
    parser.add_argument("--quick", action="store_true", help="a hundredth of the rows, 1 and 12 values")
    parser.add_argument("--write", action="store_true", help="put table and chart into docs/")
    options = parser.parse_args()
    rows = options.rows // 100 if options.quick else options.rows
    counts = [1, 12] if options.quick else [1, 12, 120, 1200]
    with server(options.url) as url:
        connection = psycopg2.connect(url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("; ".join(setting_statements()))
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
            cursor.execute("SELECT pg_backend_pid()")
            backend = cursor.fetchone()[0]
            make_tables(cursor, rows)
            bench = Bench(cursor, _parent(backend))
            measure(bench, counts, options.rounds)
            cursor.execute(f"DROP SCHEMA {_SCHEMA} CASCADE")
        connection.close()
    lines = table(bench, counts)
    print("\n".join(lines))
    python = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {**figures(bench, counts), "Python, most MB": python}
    for name, value in found.items():
        print(f"{name}: {value:.3g}")
    if options.write:
        told = "; ".join(f"{name}: {value:.2f}" for name, value in found.items())
        about = (
            f"`python -m benchmarks.parametric --rows {rows}`, {date.today()}, PostgreSQL {version},"
            f" {os.cpu_count()} cores, medians of {options.rounds} rounds. {told}. `~`: {TIMED} values timed, others"
            " in proportion."
        )
        write(lines, bench, counts, about)
    medians = {" / ".join(map(str, key)): round(bench.median(key), 6) for key in bench.seconds}
    base = " / ".join(map(str, ("sums", 1, "plain sum")))
    print(json.dumps({"benchmark": "parametric", "base": base, "medians": medians, "figures": found}))


def _parent(process: int) -> int | None:
    """The process that started ``process``, where this machine can tell (the server is here, on Linux)."""
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


if __name__ == "__main__":
    main()
