"""A negative count of characters, computed from columns, was taken for 0 or counted from the other side."""

from __future__ import annotations

import psycopg2
import pytest

from headrace import Engine
from headrace.run.embedded import Server


def _value(formula: str, count: int, server: Server) -> object:
    columns = {"t": "text", "n": "integer"}
    document = {
        "headrace": 1,
        "sources": {"s": {"columns": columns, "rows": [{"t": "abcdef", "n": count}]}},
        "nodes": {"n": {"from": "s", "steps": [{"select": [{"v": formula}]}]}},
    }
    shown = Engine().preview(document, None, "n")
    assert shown.sql is not None, shown.diagnostics
    connection = psycopg2.connect(server.url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(shown.sql)
            ((value,),) = cursor.fetchall()
            return value
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("formula", "of_two"),
    [
        ("left(t, n)", "ab"),
        ("right(t, n)", "ef"),
        ("substring(t, 2, n)", "bc"),
        ("mid(t, 2, n)", "bc"),
        ("repeat(t, n)", "abcdefabcdef"),
        ("lpad(t, n)", "ab"),
        ('lpad(t, n, "0") & "x"', "abx"),
        ("rpad(t, n)", "ab"),
        ('rpad(t, n, "0")', "ab"),
        ('replace(t, 4, n, "X")', "abcXf"),
    ],
)
def test_a_negative_count_is_an_error(formula: str, of_two: str, server: Server) -> None:
    assert _value(formula, 2, server) == of_two
    with pytest.raises(psycopg2.errors.SubstringError, match="negative substring length"):
        _value(formula, -2, server)
