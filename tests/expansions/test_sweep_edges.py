"""Sweeps at the edges: every type with an order, nulls, infinite and far values, equal thresholds, bounds that cross.

What is expected is counted here row by row: values stand in ascending order, and their places are compared.
"""

from __future__ import annotations

import datetime as dt
import itertools
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg2
import pytest

from headrace import Engine
from headrace.program.settings import setting_statements
from headrace.run.embedded import Server


@dataclass(frozen=True)
class Kind:
    """A type: its name in PostgreSQL, values in ascending order (those of one tuple are equal), and those of them that
    a document can write as values of a parameter."""

    sql: str
    values: tuple[tuple[str, ...], ...]
    written: tuple[str, ...]


KINDS = {
    "date": Kind(
        "date",
        (
            ("-infinity",),
            ("0001-01-01",),
            ("2024-02-28",),
            ("2024-02-29",),
            ("2024-03-01",),
            ("9999-12-31",),
            ("infinity",),
        ),
        ("9999-12-31", "2024-02-29", "0001-01-01", "2024-02-28"),
    ),
    "timestamp": Kind(
        "timestamp",
        (("-infinity",), ("2024-01-31 03:00",), ("2024-01-31 03:00:00.000001",), ("2024-02-01",), ("infinity",)),
        ("2024-02-01 00:00", "2024-01-31 03:00:00.000001", "2024-01-31 03:00"),
    ),
    "timestamptz": Kind(
        "timestamptz",
        (
            ("-infinity",),
            ("2024-10-27 02:30+02", "2024-10-27 00:30Z"),
            ("2024-10-27 02:30+01", "2024-10-27 01:30Z"),
            ("infinity",),
        ),
        ("2024-10-27 02:30+02", "2024-10-27 01:30Z"),
    ),
    "integer": Kind(
        "bigint",
        (("-9223372036854775808",), ("-1",), ("0",), ("1",), ("2",), ("9223372036854775807",)),
        ("2", "9223372036854775807", "-1", "0"),
    ),
    "decimal": Kind(
        "numeric",
        (
            ("-Infinity",),
            ("-3.25",),
            ("0", "0.00"),
            ("1", "1.0"),
            ("1.0000000000000000001",),
            ("1e30",),
            ("Infinity",),
            ("NaN",),
        ),
        ("1.0", "-3.25", "1.0000000000000000001", "0"),
    ),
    "float": Kind(
        "double precision",
        (("-Infinity",), ("-1.5",), ("-0", "0"), ("0.1",), ("1e300",), ("Infinity",), ("NaN",)),
        ("0.1", "-1.5", "0", "1e300"),
    ),
    "text": Kind(
        "text",
        (("",), (" ",), ("A",), ("B",), ("Z",), ("a",), ("a ",), ("b",), ("é",), ("日",)),
        ("a", "B", "é", "Z", "b"),
    ),
    "time": Kind(
        "time", (("00:00",), ("09:30",), ("09:30:00.5",), ("23:59:59",), ("24:00",)), ("09:30", "00:00", "23:59:59")
    ),
    "boolean": Kind("boolean", (("false",), ("true",)), ("true", "false")),
}

Place = int | None
PREDICATES: dict[str, Callable[[Place, Place, int], bool]] = {
    "v <= $p": lambda v, w, p: v is not None and v <= p,
    "v < $p": lambda v, w, p: v is not None and v < p,
    "$p <= v": lambda v, w, p: v is not None and p <= v,
    "v > $p": lambda v, w, p: v is not None and v > p,
    "v = $p": lambda v, w, p: v == p,
    "not (v > $p)": lambda v, w, p: v is not None and v <= p,
    "v > $p and v < $p": lambda v, w, p: False,
    "v >= $p and v <= $p": lambda v, w, p: v == p,
    "v is null or v > $p": lambda v, w, p: v is None or v > p,
    "v <= $p and (w is null or w > $p)": lambda v, w, p: v is not None and v <= p and (w is None or w > p),
    "$p between v and w": lambda v, w, p: v is not None and w is not None and v <= p <= w,
    "v <= $p and w <= $p": lambda v, w, p: v is not None and w is not None and max(v, w) <= p,
    "v < $p and n > 3": lambda v, w, p: v is not None and v < p,
}

Row = tuple[int, int, str | None, Place, Place]
"""``n``, ``k``, ``g`` and the places of ``v`` and ``w``."""


def rows_of(kind: Kind) -> list[Row]:
    """Every pair of values, the null among them: ranges that are one value, that run backwards, that hold others."""
    places: list[Place] = [*range(len(kind.values)), None]
    pairs = itertools.product(places, places)
    return [(n % 9, n % 4, (None, "x", "y")[n % 3], v, w) for n, (v, w) in enumerate(pairs)]


def is_read(row: Row, predicate: str, p: int) -> bool:
    return PREDICATES[predicate](row[3], row[4], p) and ("n > 3" not in predicate or row[0] > 3)


def expected(rows: list[Row], grouped: bool) -> dict[str | None, tuple[int, Any, int, Any]]:
    """For each group: how many rows, the sum of ``n``, how many different ``k``, and the least ``n``."""
    groups: dict[str | None, list[Row]] = {} if grouped else {None: []}
    for row in rows:
        groups.setdefault(row[2] if grouped else None, []).append(row)
    return {
        group: (
            len(found),
            sum(row[0] for row in found) if found else None,
            len({row[1] for row in found}),
            min((row[0] for row in found), default=None),
        )
        for group, found in groups.items()
    }


@pytest.fixture
def cursor(edges: Any) -> Iterator[Any]:
    edges.execute("SAVEPOINT made")
    yield edges
    edges.execute("ROLLBACK TO SAVEPOINT made")


@pytest.fixture(scope="module")
def edges(server: Server) -> Iterator[Any]:
    connection = psycopg2.connect(server.url)
    with connection.cursor() as opened:
        opened.execute("; ".join(setting_statements()))
        opened.execute("CREATE SCHEMA edges")
        for name, kind in KINDS.items():
            opened.execute(f"CREATE TABLE edges.t_{name} (n bigint, k bigint, g text, v {kind.sql}, w {kind.sql})")
            for n, (*whole, v, w) in enumerate(rows_of(kind)):
                # Equal values are written in turns.
                texts = [None if at is None else kind.values[at][n % len(kind.values[at])] for at in (v, w)]
                opened.execute(f"INSERT INTO edges.t_{name} VALUES (%s, %s, %s, %s, %s)", (*whole, *texts))
        yield opened
    connection.rollback()
    connection.close()


def compiled(name: str, predicate: str, values: Any, grouped: bool, type_: str | None = None) -> tuple[str, str]:
    """The query, and the statement under its header."""
    columns = {"n": "integer", "k": "integer", "g": "text", "v": name, "w": name}
    catalog = {
        "headrace": 1,
        "tables": {
            f"edges.t_{name}": {"columns": {each: {"type": kind} for each, kind in columns.items()}, "keys": []},
        },
    }
    measures = {"rows": "count()", "total": "sum(n)", "ks": "count(distinct k)", "least": "min(n)"}
    document = {
        "headrace": 1,
        "timezone": "Europe/Berlin",
        "parameters": {"p": {"type": type_ or name}},
        "sources": {"t": {"table": f"edges.t_{name}"}},
        "nodes": {
            "result": {
                "for_each": {"p": values},
                "from": "t",
                "steps": [
                    {"filter": predicate},
                    {"aggregate": {"measures": measures, **({"by": ["g"]} if grouped else {})}},
                ],
                "strategy": "sweep",
            }
        },
    }
    engine = Engine()
    result, shown = engine.compile(document, catalog), engine.preview(document, catalog, "result", limit=10_000)
    assert result.ok, result.diagnostics
    assert shown.sql is not None
    return shown.sql, result.nodes["result"].sql or ""


def found(cursor: Any, sql: str, kind: Kind, grouped: bool) -> dict[tuple[Any, ...], Any]:
    """The rows by their group and by the place of their value among those of the type."""
    listed = [(text, place) for place, texts in enumerate(kind.values) for text in texts]
    places = " ".join(f"WHEN p = CAST('{text}' AS {kind.sql}) THEN {place}" for text, place in listed)
    group = "g" if grouped else "NULL"
    cursor.execute(f"SELECT CASE {places} END, {group}, rows, total, ks, least FROM ({sql}) AS q")
    rows = cursor.fetchall()
    made = {(row[0], row[1]): tuple(row[2:]) for row in rows}
    assert len(made) == len(rows)
    return made


@pytest.mark.parametrize("grouped", [True, False], ids=["groups", "totals"])
@pytest.mark.parametrize("given", [False, True], ids=["written", "of_a_node"])
@pytest.mark.parametrize("name", KINDS)
def test_every_type(cursor: Any, name: str, given: bool, grouped: bool) -> None:
    kind = KINDS[name]
    rows = rows_of(kind)
    place = {text: at for at, texts in enumerate(kind.values) for text in texts}
    place |= {f"{text} 00:00": at for text, at in place.items() if name == "timestamp"}
    values: Any = {"node": "t", "column": "v"} if given else list(kind.written)
    thresholds = range(len(kind.values)) if given else [place[text] for text in kind.written]
    for predicate in PREDICATES:
        sql, text = compiled(name, predicate, values, grouped)
        # A NaN among the values has no place in an array of them that PostgreSQL would find.
        assert ("; sweep:" in text) != (given and name == "float"), (predicate, text)
        wanted = {
            (p, group): counted
            for p in thresholds
            for group, counted in expected([row for row in rows if is_read(row, predicate, p)], grouped).items()
        }
        assert found(cursor, sql, kind, grouped) == wanted, f"{predicate}\n{sql}"


@pytest.mark.parametrize("predicate", PREDICATES)
@pytest.mark.parametrize("count", [0, 1])
def test_one_value_and_none(cursor: Any, predicate: str, count: int) -> None:
    kind = KINDS["integer"]
    sql, text = compiled("integer", predicate, ["1"][:count], False)
    wanted = expected([row for row in rows_of(kind) if is_read(row, predicate, 3)], False)
    assert found(cursor, sql, kind, False) == ({(3, None): wanted[None]} if count else {})
    assert "; sweep:" in text


# Days

DAYS = [
    None,
    *(
        dt.date(2024, month, day)
        for month in (1, 2, 3)
        for day in (1, 28, 29, 30, 31)
        if (month, day) < (2, 30) or month == 3
    ),
    dt.date(2023, 2, 28),
    dt.date(2024, 4, 30),
]


def moved(day: dt.date, months: int) -> dt.date:
    """So many months on, the day of the month cut at its end."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(day: dt.date) -> dt.date:
    return day.replace(day=monthrange(day.year, day.month)[1])


Window = Callable[[dt.date, dt.date], bool]
WINDOWS: dict[str, Window] = {
    "d > $p - 1 month and d <= $p": lambda d, p: moved(p, -1) < d <= p,
    "d >= $p - 1 month and d < $p": lambda d, p: moved(p, -1) <= d < p,
    "d between $p - 1 month and $p + 1 month": lambda d, p: moved(p, -1) <= d <= moved(p, 1),
    "d >= $p - 1 year and d <= $p": lambda d, p: moved(p, -12) <= d <= p,
    "start_of_month(d) = start_of_month($p)": lambda d, p: d.replace(day=1) == p.replace(day=1),
    "start_of_month(d) = $p": lambda d, p: d.replace(day=1) == p,
    "end_of_month(d) <= end_of_month($p)": lambda d, p: month_end(d) <= month_end(p),
    "d + 30 days > $p and d <= $p": lambda d, p: d + dt.timedelta(30) > p >= d,
    # Bounds that leave nothing, for some values or for all.
    "d > $p + 1 month and d < $p": lambda d, p: False,
    "d > end_of_month($p) and d <= $p + 1 month": lambda d, p: month_end(p) < d <= moved(p, 1),
    "d >= $p and d > $p - 1 month and d <= $p + 2 days and d < $p + 1 month": lambda d, p: (
        p <= d <= p + dt.timedelta(2)
    ),
}


@pytest.mark.parametrize("predicate", WINDOWS)
def test_months_of_every_length(cursor: Any, predicate: str) -> None:
    """28, 29, 30 and 31 March less a month are all 29 February: equal thresholds, and none that falls."""
    cursor.execute("CREATE TABLE edges.t_day (n bigint, d date)")
    for n, day in enumerate(DAYS):
        cursor.execute("INSERT INTO edges.t_day VALUES (%s, %s)", (n, day))
    values = [dt.date(2024, 3, 1) + dt.timedelta(days) for days in range(-35, 34)]
    document = {
        "headrace": 1,
        "parameters": {"p": {"type": "date"}},
        "sources": {"t": {"table": "edges.t_day"}},
        "nodes": {
            "result": {
                "for_each": {"p": [day.isoformat() for day in reversed(values)]},
                "from": "t",
                "steps": [
                    {"filter": predicate},
                    {"aggregate": {"measures": {"rows": "count()", "total": "sum(n)", "days": "count(distinct d)"}}},
                ],
                "strategy": "sweep",
            }
        },
    }
    columns = {"n": {"type": "integer"}, "d": {"type": "date"}}
    catalog = {"headrace": 1, "tables": {"edges.t_day": {"columns": columns, "keys": []}}}
    result, shown = Engine().compile(document, catalog), Engine().preview(document, catalog, "result", limit=1000)
    assert result.ok, result.diagnostics
    assert "; sweep:" in (result.nodes["result"].sql or "")
    holds = WINDOWS[predicate]
    wanted = []
    for p in values:
        read = [(n, day) for n, day in enumerate(DAYS) if day is not None and holds(day, p)]
        wanted.append((p, len(read), sum(n for n, _ in read) if read else None, len({day for _, day in read})))
    cursor.execute(f"SELECT * FROM ({shown.sql}) AS q ORDER BY p")
    assert cursor.fetchall() == wanted, shown.sql


@pytest.mark.parametrize(
    ("name", "predicate"),
    [
        # Clocks are put back: an hour before, a day later, is another order.
        ("timestamptz", "v > $p - 1 day and v <= $p"),
        ("timestamptz", "v > $p - 1 month and v <= $p"),
        # 30 January 20:00 and 31 January 03:00 plus a month are 29 February 20:00 and 03:00.
        ("timestamp", "v > $p - 1 month and v <= $p"),
        ("timestamp", "v < $p + 1 month"),
        # The number of months might be no constant.
        ("date", "v > add_months($p, -12)"),
        ("integer", "v > 3 - $p"),
        ("integer", "v > $p % 2"),
        ("integer", "v != $p"),
        ("integer", "v > $p or w > $p"),
        ("integer", "v + $p > 2"),
    ],
)
def test_what_is_no_bound_is_computed_otherwise(name: str, predicate: str) -> None:
    _, text = compiled(name, predicate, list(KINDS[name].written), True)
    assert "; sweep:" not in text
    assert "its parameters do more than bound which rows are read" in " ".join(text.replace("--", "").split())
