"""Values that do not fit: ``try_…`` and ``is_…`` never fail, the others fail and never guess."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest

from headrace.grammar.check import type_formula
from headrace.grammar.expression import Column, Scope
from headrace.grammar.function import Function
from headrace.grammar.functions import CATALOGUE
from headrace.grammar.types import Type

from .formulas import HOSTILE, sample, sql, variants

TEXTS = (
    *("", " ", "0", "-0", "+7", " 42 ", "1_000", "0x1F", "１２", "٣", "1 2", "--1", "1e5", "1e999", "1e-999", "1e+999"),
    *("9" * 19, "9" * 400, "." * 3, ".5", "5.", "NaN", "Infinity", "-inf", "null", "NULL", "1,5", "1.234,56", "€5"),
    *("2024-02-30", "2024-02-29", "2023-02-29", "0000-01-01", "9999-12-31", "2024-1-5", "02/03/2024", "20240131"),
    *("2024-01-31 24:00", "2024-01-31 23:59:60", "2024-01-31T10:30:00+99:99", "2024-01-31T10:30Z", "infinity"),
    *("now", "today", "yesterday", "epoch", "allballs", "25:00", "10:60", "24:00:00", "10:30", "true", "VRAI", "yes "),
    *(
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
        "a0eebc999c0b4ef8bb6d6bb9bd380a11",
    ),
    *("a@b.fr", "@", "a b@c.fr", "https://", "\n", "12\n", "\u00a012", "é", "'", '"', "\\", "%s", "🙂", "x" * 2000),
)

_NEVER_FAIL = [
    function
    for function in CATALOGUE.values()
    if function.level == "row" and (function.name.startswith("try_") or function.family == "quality")
]


def _table(cursor: Any) -> None:
    cursor.execute(HOSTILE + "DROP TABLE IF EXISTS hostile; CREATE TEMPORARY TABLE hostile (c0 TEXT)")
    cursor.execute("INSERT INTO hostile SELECT unnest(%s::text[])", (list(TEXTS),))


@pytest.mark.parametrize("function", _NEVER_FAIL, ids=[function.name for function in _NEVER_FAIL])
def test_never_fails(cursor: Any, function: Function) -> None:
    _table(cursor)
    for index, signature in enumerate(function.signatures):
        if "text" not in variants(signature) and signature.arguments[0] != "text":
            continue
        call = sample(function.name, index, "text").call
        cursor.execute(f"SELECT count(CAST(v AS TEXT)), count(*) FROM (SELECT {sql(call)} AS v FROM hostile) AS t")
        assert cursor.fetchone()[1] == len(TEXTS)


@pytest.mark.parametrize(
    ("tried", "strict"),
    [
        ("try_to_integer(c0)", "to_integer(c0)"),
        ("try_to_decimal(c0)", "to_decimal(c0)"),
        ("try_to_float(c0)", "to_float(c0)"),
        ("try_to_date(c0)", "to_date(c0)"),
        ('try_to_date(c0, "DD/MM/YYYY")', 'to_date(c0, "DD/MM/YYYY")'),
        ("try_to_timestamp(c0)", "to_timestamp(c0)"),
        ("try_to_boolean(c0)", "to_boolean(c0)"),
        ("try_to_time(c0)", "to_time(c0)"),
        ("try_to_uuid(c0)", "to_uuid(c0)"),
        ("try_to_timestamptz(c0)", "to_timestamptz(c0)"),
    ],
)
def test_what_is_tried_is_what_is_converted(cursor: Any, tried: str, strict: str) -> None:
    """Where ``try_…`` gives a value, the strict one gives the same."""
    _table(cursor)
    cursor.execute(f"SELECT c0 FROM hostile WHERE {_sql(tried)} IS NOT NULL")
    fitting = [row[0] for row in cursor.fetchall()]
    assert fitting
    for text in fitting:
        cursor.execute(
            f"SELECT {_sql(tried)} = {_sql(strict)} FROM (SELECT CAST(%s AS TEXT) AS c0 OFFSET 0) AS t", (text,)
        )
        assert cursor.fetchone()[0] is True, text


def _sql(formula: str) -> str:
    columns = {"c0": Column(Type("text"), "c0"), "n": Column(Type("integer"), "n")}
    expression = type_formula(formula, Scope(columns=columns)).expression
    assert expression is not None
    return sql(expression)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("to_date(c0)", "02/03/2024"),
        ("to_date(c0)", "2023-02-29"),
        ("to_date(c0)", "today"),
        ("to_date(c0)", "2024-01-31 10:30"),
        ('to_date(c0, "DD/MM/YYYY")', "2024-01-31"),
        ('to_date(c0, "DD/MM/YYYY")', "31/02/2024"),
        ('to_date(c0, "DD/MM/YYYY")', "1/2/2024"),
        ("to_timestamp(c0)", "31/01/2024 10:30"),
        ("to_timestamptz(c0)", "2024-01-31 10:30"),
        ("to_integer(c0)", "1.5"),
        ("to_decimal(c0)", "1,5"),
        ("to_boolean(c0)", "perhaps"),
        ("to_time(c0)", "now"),
        ("left(c0, n)", "abc"),
        ("right(c0, n)", "abc"),
        ("substring(c0, 1, n)", "abc"),
    ],
)
def test_fails_rather_than_guess(cursor: Any, formula: str, text: str) -> None:
    """Also where the count, in a column, is negative."""
    cursor.execute(HOSTILE)
    with pytest.raises((psycopg2.DataError, psycopg2.errors.SubstringError)):
        cursor.execute(f"SELECT {_sql(formula)} FROM (SELECT CAST(%s AS TEXT) AS c0, -1 AS n OFFSET 0) AS t", (text,))
