"""Values of parameters as hosts give them: Python values or texts, and what is said of those that do not fit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from headrace import Engine


def _document(type_: str, many: bool = False) -> dict[str, Any]:
    return {
        "headrace": 1,
        "parameters": {"p": {"type": type_, "list": many}},
        "sources": {"t": {"rows": [{"a": 1}]}},
        "nodes": {"n": {"from": "t", "steps": [{"filter": "$p in $p"}] if many else [{"derive": {"v": "$p"}}]}},
    }


@pytest.mark.parametrize(
    ("type_", "value", "sql"),
    [
        ("integer", 5, "CAST(5 AS BIGINT)"),
        ("integer", "-5", "CAST(-5 AS BIGINT)"),
        ("decimal", Decimal("1.10"), "CAST(1.10 AS NUMERIC)"),
        ("decimal", 1.5, "CAST(1.5 AS NUMERIC)"),
        ("decimal", 2, "CAST(2 AS NUMERIC)"),
        ("boolean", True, "CAST(TRUE AS BOOLEAN)"),
        ("text", 12, "CAST('12' AS TEXT)"),
        ("text", "it's", "CAST('it''s' AS TEXT)"),
        ("date", dt.date(1998, 1, 31), "CAST(DATE '1998-01-31' AS DATE)"),
        ("date", "1998-01-31", "CAST(DATE '1998-01-31' AS DATE)"),
        ("timestamp", dt.datetime(1998, 1, 31, 12, 30), "CAST(TIMESTAMP '1998-01-31 12:30:00' AS TIMESTAMP)"),
        ("time", dt.time(12, 30), "CAST(TIME '12:30:00' AS TIME)"),
    ],
)
def test_values_that_fit(type_: str, value: Any, sql: str) -> None:
    result = Engine().compile(_document(type_), parameters={"p": value})
    assert result.ok
    assert f"{sql} AS v" in (result.nodes["n"].sql or "")


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("integer", "five", "a whole number"),
        ("integer", 1.5, "a whole number"),
        ("integer", None, "a whole number"),
        ("integer", [1], "a single value"),
        ("date", dt.datetime(1998, 1, 31, 12, 30), "a date such as 2024-01-31"),
        ("date", b"x", "a date such as 2024-01-31"),
        ("date", object(), "a date such as 2024-01-31"),
        ("boolean", "yes", "true or false"),
    ],
)
def test_values_that_do_not_fit(type_: str, value: Any, expected: str) -> None:
    result = Engine().compile(_document(type_), parameters={"p": value})
    codes = [each.code for each in result.diagnostics]
    assert "P103" in codes
    (told,) = [each for each in result.diagnostics if each.code == "P103"]
    assert told.message.endswith(f"is not {expected}.")
    assert not result.ok
