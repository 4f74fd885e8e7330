"""Typed expressions as SQL: its text, and its type and values on PostgreSQL."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from format_types import FORMAT_TYPE

from headrace.grammar.expression import Interval, Literal
from headrace.grammar.functions import CATALOGUE
from headrace.grammar.types import Type
from headrace.sql.dialect import Headrace, parse
from headrace.sql.identifiers import identifier, quoted
from headrace.sql.literals import interval_text, render_literal
from headrace.sql.templates import fill
from headrace.sql.types import sql_type
from tests.sql.formulas import run, scope_of, to_sql, typed

COLUMNS = {
    "i": "integer",
    "j": "integer",
    "n": "decimal",
    "f": "float",
    "t": "text",
    "u": "text",
    "d": "date",
    "ts": "timestamp",
    "tz": "timestamptz",
    "b": "boolean",
    "order": "integer",
    "Unit price": "decimal",
}

SQL = {
    # Brackets stand where they are needed and nowhere else.
    "(i + j) * 2": "(i + j) * 2",
    "i + (j * 2)": "i + j * 2",
    "i - (j - 1)": "i - (j - 1)",
    "(i - j) - 1": "i - j - 1",
    "i * (j % 2)": "i * (j % 2)",
    "-(i + j)": "-(i + j)",
    "-i ^ 2": "-TRIM_SCALE(POWER(CAST(i AS NUMERIC), 2))",
    "i - -1": "i - -1",
    "b and (i > 1 or j > 1)": "b AND (i > 1 OR j > 1)",
    "(b and i > 1) and j > 1": "b AND i > 1 AND j > 1",
    "not (b and i = 1)": "NOT (b AND i = 1)",
    "(i > 1) = b": "(i > 1) = b",
    "(t is null) = b": "(t IS NULL) = b",
    "(i + 1) between 2 and 3": "i + 1 BETWEEN 2 AND 3",
    't & (u ?? "x")': "t || COALESCE(u, 'x')",
    '(t & u) in ("a", "b")': "t || u IN ('a', 'b')",
    # Negations read as people write them.
    't not in ("a")': "t NOT IN ('a')",
    't not like "a%"': "t NOT LIKE 'a%'",
    "i not between 1 and 2": "i NOT BETWEEN 1 AND 2",
    "t is not distinct from u": "t IS NOT DISTINCT FROM u",
    "t is not null": "t IS NOT NULL",
    # Division is never whole and never fails; a constant divisor needs no guard.
    "i / j": "CAST(i AS NUMERIC) / NULLIF(j, 0)",
    "i / 2": "i / 2.0",
    "n / i": "n / NULLIF(i, 0)",
    "i // j": "i / NULLIF(j, 0)",
    "n // 2": "DIV(n, 2)",
    "i % 0": "i % NULLIF(0, 0)",
    # Nothing but small constants would be an int4 to PostgreSQL.
    "2000000000 * 2": "CAST(2000000000 AS BIGINT) * 2",
    "if(b, 1, 0) * 3000": "CAST(CASE WHEN b THEN 1 ELSE 0 END AS BIGINT) * 3000",
    "if(b, 1, 2.5)": "CASE WHEN b THEN 1 ELSE 2.5 END",
    "if(b, null, i)": "CASE WHEN b THEN NULL ELSE i END",
    # Dates.
    'd > "2010-10-24"': "d > DATE '2010-10-24'",
    "d - 12 months": "CAST(d - INTERVAL '12 months' AS DATE)",
    "d + 6 hours": "d + INTERVAL '6 hours'",
    "ts + 1 day": "ts + INTERVAL '1 day'",
    "tz + 1 day": "(tz AT TIME ZONE 'UTC' + INTERVAL '1 day') AT TIME ZONE 'UTC'",
    "tz + 90 minutes": "tz + INTERVAL '1 hour 30 minutes'",
    "d - d": "CAST(d - d AS BIGINT)",
    # Texts compare by code point.
    't < "b"': "t < 'b' COLLATE \"C\"",
    't = "b"': "t = 'b'",
    # Names and texts.
    "[Unit price] + [order]": '"Unit price" + "order"',
    '"it\'s"': "'it''s'",
    # Aggregates and windows.
    "count()": "COUNT(*)",
    "count(*)": "COUNT(*)",
    "count(distinct i where n > 0)": "COUNT(DISTINCT i) FILTER (WHERE n > 0)",
    "sum(i)": "CAST(SUM(i) AS BIGINT)",
    "sum(n per t order by d)": "SUM(n) OVER (PARTITION BY t ORDER BY d NULLS LAST)",
    "sum(n per ())": "SUM(n) OVER ()",
    "sum(i per t)": "CAST(SUM(i) OVER (PARTITION BY t) AS BIGINT)",
    "sum(n per t order by d rows 7)": (
        "SUM(n) OVER (PARTITION BY t ORDER BY d NULLS LAST ROWS BETWEEN 6 PRECEDING AND CURRENT ROW)"
    ),
    "sum(n order by d desc nulls first range 30 days per t)": (
        "SUM(n) OVER (PARTITION BY t ORDER BY d DESC RANGE BETWEEN INTERVAL '29 days' PRECEDING AND CURRENT ROW)"
    ),
    'string_agg(t, ", " order by t)': "STRING_AGG(t, ', ' ORDER BY t COLLATE \"C\" NULLS LAST)",
}


@pytest.mark.parametrize(("formula", "sql"), SQL.items())
def test_the_sql_of_a_formula(formula: str, sql: str) -> None:
    assert to_sql(typed(formula, scope_of(COLUMNS))) == sql


# A row of values, so that each result can be worked out by hand.
ROW = (7, 2, "2.50", 0.5, "Zoë", None, "2024-01-31", "2024-01-31 10:30:00", "2024-03-30 12:00:00+00", True, 3, "9.99")

VALUES = {
    "i / j": ("decimal", "3.5000000000000000"),
    "i // j": ("integer", "3"),
    "-i // j": ("integer", "-3"),
    "-i % j": ("integer", "-1"),
    "i / (j - 2)": ("decimal", None),
    "i // 0": ("integer", None),
    "i % 0": ("integer", None),
    "f / 0": ("float", None),
    "f % 0": ("float", None),
    "n * n": ("decimal", "6.2500"),
    "n + i": ("decimal", "9.50"),
    "f + n": ("float", "3"),
    "i * 9000000000000000000.0": ("decimal", "63000000000000000000.0"),
    "9223372036854775808 - 1": ("decimal", "9223372036854775807"),
    "-9223372036854775808": ("integer", "-9223372036854775808"),
    "3000000 * 3000000": ("integer", "9000000000000"),
    "if(b, 2000000000, 0) + 2000000000": ("integer", "4000000000"),
    "1e-3": ("float", "0.001"),
    "2 ^ 10": ("decimal", "1024"),
    "-2 ^ 2": ("decimal", "-4"),
    "2 ^ 3 ^ 2 = 512": ("boolean", "true"),
    "d + 1 month": ("date", "2024-02-29"),
    "d - 1 month": ("date", "2023-12-31"),
    "d + 36 hours": ("timestamp", "2024-02-01 12:00:00"),
    'd + duration(i, "day")': ("date", "2024-02-07"),
    'd + duration(i, "hour")': ("timestamp", "2024-01-31 07:00:00"),
    'd - "2024-01-01"': ("integer", "30"),
    "(d - d + 1) * 2147483647 * 2": ("integer", "4294967294"),
    'd = "2024-01-31" and ts = "2024-01-31 10:30"': ("boolean", "true"),
    'tz > "2024-03-30T12:59:00+01:00"': ("boolean", "true"),
    "t & i & n & d & b": ("text", "Zoë72.502024-01-31true"),
    "t & u": ("text", None),
    "u ?? t": ("text", "Zoë"),
    "null ?? i": ("integer", "7"),
    "u = null": ("boolean", None),
    "u is not distinct from null": ("boolean", "true"),
    't in ("a", "Zoë")': ("boolean", "true"),
    't not in ("a", null)': ("boolean", None),
    't ilike "zo%"': ("boolean", "true"),
    '"B" < "a"': ("boolean", "true"),
    "switch(i, 1, 2, 7, 2.5)": ("decimal", "2.5"),
    "case j when 1 then d else null end": ("date", None),
    "i::text": ("text", "7"),
    "d::text": ("text", "2024-01-31"),
    "n::integer": ("integer", "3"),
    "i::decimal(5, 2)": ("decimal", "7.00"),
    '"12.50"::decimal': ("decimal", "12.50"),
    'cast("2024-01-31" as date)': ("date", "2024-01-31"),
    "[Unit price] + [order]": ("decimal", "12.99"),
    "xor(b, i = 8)": ("boolean", "true"),
}


@pytest.mark.parametrize(("formula", "expected"), VALUES.items())
def test_values_and_types(cursor: Any, formula: str, expected: tuple[str, str | None]) -> None:
    cursor.execute("SET datestyle = 'ISO, MDY'")  # only for how the test reads what comes back
    result = run(cursor, formula, COLUMNS, [ROW])
    kind, value = expected
    assert (result.type.kind, result.value) == (kind, value), result.sql
    assert result.pg_type == FORMAT_TYPE[kind], result.sql
    assert result.value is not None or result.type.nullable


def test_a_moment_in_the_world_moves_by_days_of_the_projects_zone(cursor: Any) -> None:
    """30 March 2024 in Paris: the next day has 23 hours."""
    rows = [["2024-03-30 12:00:00+00"]]
    formula = 'tz + 1 day = timestamptz("2024-03-31T11:00:00Z")'
    assert run(cursor, formula, {"tz": "timestamptz"}, rows, timezone="Europe/Paris").value == "true"
    assert run(cursor, formula, {"tz": "timestamptz"}, rows).value == "false"


ROWS = [
    ("a", "2024-01-01", 1),
    ("a", "2024-01-02", 2),
    ("a", "2024-01-04", 4),
    ("b", "2024-01-01", 8),
    ("b", None, None),
]

WINDOWS = {
    "sum(x per k)": ("7", "7", "7", "8", "8"),
    "sum(x per k order by d)": ("1", "3", "7", "8", "8"),
    "sum(x per k order by d rows 2)": ("1", "3", "6", "8", "8"),
    "sum(x per k order by d range 3 days)": ("1", "3", "6", "8", None),
    "sum(x per k order by d range 4 days)": ("1", "3", "7", "8", None),
    "sum(x per ())": ("15", "15", "15", "15", "15"),
    "count(per k)": ("3", "3", "3", "2", "2"),
    "count(x per k)": ("3", "3", "3", "1", "1"),
    "sum(x where x > 1 per k)": ("6", "6", "6", "8", "8"),
    "lag(x per k order by d)": (None, "1", "2", None, "8"),
    "row_number(per k order by d desc)": ("3", "2", "1", "1", "2"),
    "last_value(x per k order by d)": ("4", "4", "4", None, None),
    "round(share(x), 3)": ("0.067", "0.133", "0.267", "0.533", None),
    "x * 100 / sum(x per k)": (
        *("14.2857142857142857", "28.5714285714285714", "57.1428571428571429"),
        *("100.0000000000000000", None),
    ),
}


@pytest.mark.parametrize(("formula", "expected"), WINDOWS.items())
def test_windows(cursor: Any, formula: str, expected: tuple[str | None, ...]) -> None:
    columns = {"k": "text", "d": "date", "x": "integer"}
    result = run(cursor, formula, columns, ROWS, levels=("row", "window"))
    assert result.values == expected, result.sql
    assert result.has_declared_type, result.sql


AGGREGATES = {
    "count()": "5",
    "count(x)": "4",
    "count(distinct k)": "2",
    "sum(x)": "15",
    "sum(x where k = 'a')": "7",
    "sum(x where x > 100)": None,
    "sum(x) / count()": "3.0000000000000000",
    'string_agg(k & x, ", " order by x desc)': "b8, a4, a2, a1",
    'string_agg(distinct k, "" order by k desc)': "ba",
}


@pytest.mark.parametrize(("formula", "expected"), AGGREGATES.items())
def test_aggregates(cursor: Any, formula: str, expected: str | None) -> None:
    result = run(cursor, formula, {"k": "text", "d": "date", "x": "integer"}, ROWS)
    assert result.values == (expected,), result.sql
    assert result.has_declared_type, result.sql


def test_overflow_is_loud(cursor: Any) -> None:
    with pytest.raises(Exception, match="out of range"):
        run(cursor, "i + 1", {"i": "integer"}, [[2**63 - 1]])
    with pytest.raises(Exception, match="out of range"):
        run(cursor, "sum(i)", {"i": "integer"}, [[2**63 - 1], [1]])


def _text(value: str) -> Literal:
    return Literal(Type("text", nullable=False), value)


def test_lists(cursor: Any) -> None:
    scope = {"parameters": {"countries": (Type("text"), True)}}
    countries = {"countries": [_text("FR"), _text("it's")]}
    assert run(cursor, "t in $countries", {"t": "text"}, [["it's"]], countries, **scope).value == "true"
    assert run(cursor, "t in $countries", {"t": "text"}, [["FR"]], {"countries": []}, **scope).value == "false"
    assert run(cursor, "t not in $countries", {"t": "text"}, [["FR"]], {"countries": []}, **scope).value == "true"


@pytest.mark.parametrize(
    "text", ["it's", 'say "so"', "back\\slash \\' \\n", "100 %s %(x)s", "line\nbreak", "é€😀", "--x", "{0}", ""]
)
def test_texts_survive(cursor: Any, text: str) -> None:
    sql = render_literal(_text(text)).sql(dialect=Headrace, pretty=True)
    cursor.execute(f"SELECT {sql}", None)
    assert cursor.fetchone() == (text,)


@pytest.mark.parametrize(
    "interval",
    [
        Interval(12),
        Interval(-1),
        Interval(1, -1),
        Interval(-1, 2, 3_000_000),
        Interval(0, 0, -1),
        Interval(0, -3, 5_400_000_001),
        Interval(0, 0, 90 * 3_600_000_000),
        Interval(),
    ],
)
@pytest.mark.parametrize("style", ["postgres", "sql_standard", "iso_8601"])
def test_intervals_read_the_same_in_every_style(cursor: Any, interval: Interval, style: str) -> None:
    cursor.execute(f"SET intervalstyle = '{style}'")
    made = f"make_interval(months => {interval.months}, days => {interval.days}, secs => {interval.microseconds} / 1e6)"
    cursor.execute(
        f"SELECT x = y, EXTRACT(MONTH FROM x) + 12 * EXTRACT(YEAR FROM x), EXTRACT(DAY FROM x)"
        f" FROM (SELECT INTERVAL '{interval_text(interval)}' AS x, {made} AS y) AS both_ways"
    )
    assert cursor.fetchone() == (True, interval.months, interval.days)


@pytest.mark.parametrize(
    ("value", "kind", "sql"),
    [
        (dt.date(987, 6, 5), "date", "DATE '0987-06-05'"),
        (dt.datetime(2024, 1, 31, 10, 30), "timestamp", "TIMESTAMP '2024-01-31 10:30:00'"),
        (
            dt.datetime(2024, 1, 31, 10, 30, tzinfo=dt.UTC),
            "timestamptz",
            "TIMESTAMP WITH TIME ZONE '2024-01-31 10:30:00+00:00'",
        ),
        (dt.time(10, 30), "time", "TIME '10:30:00'"),
        (1e300, "float", "CAST(1e+300 AS DOUBLE PRECISION)"),
        (True, "boolean", "TRUE"),
        (None, "decimal", "CAST(NULL AS NUMERIC)"),
    ],
)
def test_literals(value: Any, kind: str, sql: str) -> None:
    assert render_literal(Literal(Type(kind), value)).sql(dialect=Headrace) == sql


def test_identifiers_are_quoted_as_postgresql_does(cursor: Any) -> None:
    names = [
        "amount",
        "order",
        "Amount",
        "é",
        "a b",
        'a"b',
        "_x1",
        "1x",
        "user",
        "month",
        "value",
        "between",
        "a-b",
        "null",
    ]
    for name in names:
        cursor.execute("SELECT quote_ident(%s)", (name,))
        assert cursor.fetchone() == (quoted(name),)
        assert identifier(name).sql(dialect=Headrace) == quoted(name)


def test_types() -> None:
    assert sql_type(Type("decimal", 12, 2)) == "NUMERIC(12, 2)"
    assert [sql_type(Type(kind)) for kind in ("integer", "float", "json", "binary", "text")] == [
        *("BIGINT", "DOUBLE PRECISION", "JSONB", "BYTEA", "TEXT")
    ]


def test_every_template_is_printed_as_it_was_written() -> None:
    """sqlglot reads the templates and prints them; a function that it knew better would come out as another."""
    for function in CATALOGUE.values():
        for signature in function.signatures:
            for template in (*signature.sql.values(), *signature.outside.values(), *signature.each.values()):
                printed = _bare(fill(template, [parse(f'"{{{index}}}"') for index in range(9)]).sql(dialect=Headrace))
                assert "{" in template or printed == _bare(template), function.name


def _bare(sql: str) -> str:
    return "".join(sql.upper().replace("AS INT)", "AS INTEGER)").split())
