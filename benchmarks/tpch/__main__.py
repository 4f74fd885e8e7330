"""The 22 flows of TPC-H against the official queries, and against queries decorrelated by hand.

Each is made a table (CREATE TABLE AS) in one session with Headrace's settings, in turn, after their rows have been
found alike. ``ratio`` is Headrace's median by that of the better rival. ``no rules`` is Headrace without the rules of
the optimizer, where any fired, and ``by rules`` Headrace's median by that. With ``--shares`` each rule that fired is
left out alone, and its share is the median with it by that without.

Run: ``python -m benchmarks.tpch [--scale 0.1] [--indexes] [--rounds 5] [--queries 1,21] [--shares]``.
Without ``--url`` a server of its own is started, in a folder that is removed after; with it, the schema ``tpch`` of
that database is made anew. A query that takes longer than ``--patience`` seconds is left out where it has been
decorrelated by hand (PostgreSQL computes the subquery of query 20 anew for each row, which takes hours without an
index).
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.harness import Timing, in_turn
from benchmarks.server import server
from benchmarks.tpch.data import SCHEMA, Made, make, node_of, project
from headrace import Engine, NodeResult
from headrace.program.settings import setting_statements
from headrace.rules.optimizer import RULES

_RESULT = f"{SCHEMA}.result"
_DIGITS = 12
"""Quotients and averages may be rounded at different places; so many digits of every number are compared."""


@dataclass(frozen=True)
class Rivals:
    """The SELECT of each rival in a query, and of Headrace without each of the rules that fired."""

    texts: dict[str, str]
    without: dict[str, str]


def rivals(made: Made, numbers: list[int], shares: bool) -> dict[int, Rivals]:
    """By query; without each rule only where ``shares`` asks for it."""
    nodes, plain = compiled(made, None), compiled(made, ())
    found = {}
    for number in numbers:
        node = nodes[node_of(number)]
        texts = {"headrace": _select(node), "official": made.queries[number]}
        by_hand = Path(__file__).parent / "sql" / f"q{number:02}.sql"
        if by_hand.exists():
            texts["by hand"] = by_hand.read_text("utf-8")
        if node.firings:
            texts["no rules"] = _select(plain[node_of(number)])
        fired = sorted({firing.rule for firing in node.firings}) if shares else []
        others = {rule: [each.name for each in RULES if each.name != rule] for rule in fired}
        without = {rule: _select(compiled(made, names)[node_of(number)]) for rule, names in others.items()}
        found[number] = Rivals(texts, {f"without {rule}": text for rule, text in without.items()})
    return found


def compiled(made: Made, rules: Iterable[str] | None) -> Mapping[str, NodeResult]:
    result = Engine().compile(project(), made.catalog, rules=rules)
    if result.program is None:
        raise SystemExit("\n".join(each.message for each in result.diagnostics))
    return result.nodes


def _select(node: NodeResult) -> str:
    """The statement makes the table of the node; what is compared is how its rows are found."""
    _, _, select = (node.sql or "").partition(" AS\n")
    return select.rstrip().rstrip(";")


def check(cursor: Any, number: int, texts: dict[str, str], patience: int) -> dict[str, str]:
    """The rivals without the official query where that takes too long. Stops where their rows differ."""
    rows = {}
    for name, text in texts.items():
        can_wait = name == "no rules" or (name == "official" and "by hand" in texts)
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


_COLUMNS = ("headrace", "official", "by hand", "no rules")


def report(timings: dict[int, dict[str, Timing]], version: str, about: str) -> None:
    print(f"PostgreSQL {version}, {about}; milliseconds, medians")
    print(f"{'':5}{''.join(f'{name:>10}' for name in _COLUMNS)}{'ratio':>8}{'by rules':>10}")
    ratios, of_rules, shares = {}, {}, {}
    for number, found in timings.items():
        ours = found["headrace"].median
        ratios[number] = ours / min(found[name].median for name in ("official", "by hand") if name in found)
        cells = "".join(f"{1000 * found[name].median:10.1f}" if name in found else f"{'':10}" for name in _COLUMNS)
        of_rules[number] = ours / found["no rules"].median if "no rules" in found else 1.0
        print(f"q{number:02}  {cells}{ratios[number]:8.2f}{of_rules[number]:10.2f}")
        for name, timing in found.items():
            if name.startswith("without "):
                shares[f"q{number:02} with / {name}"] = ours / timing.median
    for name, share in shares.items():
        print(f"{name}: {share:.2f}")
    figures = {"geometric mean": statistics.geometric_mean(ratios.values()), "worst": max(ratios.values())}
    figures["geometric mean by no rules"] = statistics.geometric_mean(of_rules.values())
    for name, value in figures.items():
        print(f"{name}: {value:.3f}")
    medians = {
        f"q{number:02} / {name}": round(timing.median, 6)
        for number, found in timings.items()
        for name, timing in found.items()
    }
    figures |= {f"q{number:02}": round(ratio, 3) for number, ratio in ratios.items()}
    figures |= {name: round(share, 3) for name, share in shares.items()}
    base = next(name for name in medians if name.endswith("official"))
    print(json.dumps({"benchmark": "tpch", "base": base, "medians": medians, "figures": figures}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=0.1, help="1 is a gigabyte")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--queries", help="their numbers, as 1,6,21; all if left out")
    parser.add_argument("--indexes", action="store_true", help="with primary keys and indexes on foreign keys")
    parser.add_argument("--shares", action="store_true", help="also leave out each rule that fired, alone")
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
            for number, each in rivals(made, numbers, options.shares).items():
                texts = check(cursor, number, {**each.texts, **each.without}, patience)
                timings[number] = measure(cursor, texts, options.rounds)
            cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
        connection.close()
    report(timings, version, f"scale {scale:g}, {'with' if options.indexes else 'without'} indexes")


if __name__ == "__main__":
    main()
