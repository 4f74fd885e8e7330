"""Numbers that do not fit are an error of the run: none is cut, and none goes on as another."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest

from headrace import Engine
from headrace.program.settings import setting_statements
from headrace.run.embedded import Server

LARGEST = 2**63 - 1


def _run(formula: str, server: Server, **steps: Any) -> list[Any]:
    document = {
        "headrace": 1,
        "sources": {
            "t": {
                "columns": {"big": "integer", "one": "integer", "money": "decimal(6, 2)", "f": "float"},
                "rows": [
                    {"big": LARGEST, "one": 1, "money": "9999.99", "f": "1e308"},
                    {"big": LARGEST, "one": 2, "money": "9999.99", "f": "1e308"},
                ],
            }
        },
        "nodes": {"n": {"from": "t", "steps": [steps or {"select": [{"v": formula}]}]}},
    }
    shown = Engine().preview(document, None, "n")
    assert shown.sql is not None, shown.diagnostics
    connection = psycopg2.connect(server.url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(setting_statements()))
            cursor.execute(shown.sql)
            return [row[0] for row in cursor.fetchall()]
    finally:
        connection.close()


@pytest.mark.parametrize(
    "formula",
    [
        "big + 1",
        "big * 2",
        "-big - 2",
        "big + one",
        "sum(big per ())",
        "sum(one + big - 1 per ())",
        "(money * 100)::decimal(6, 2)",
        "money::decimal(4, 2)",
        "(big + 0.5 + big)::integer",
        "f * 10",
        "sum(f per ())",
    ],
)
def test_what_does_not_fit_is_an_error(formula: str, server: Server) -> None:
    with pytest.raises(psycopg2.errors.NumericValueOutOfRange):
        _run(formula, server)


def test_an_aggregate_that_does_not_fit_is_an_error(server: Server) -> None:
    with pytest.raises(psycopg2.errors.NumericValueOutOfRange):
        _run("", server, aggregate={"measures": {"v": "sum(big)"}})


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("2147483647 + one", 2147483648),
        ("2000000000 * 2 + one * 0", 4000000000),
        ("if(one > 0, 2147483647, 0) + 1", 2147483648),
        ("count(per ()) * 2000000000", 4000000000),
        ("sum(2147483647 per ())", 2 * 2147483647),
        ("money * 100000 > 900000000", True),
        ('length("ab") * 2000000000 + one * 0', 4000000000),
        ('year(date("2024-01-01")) * 2000000 + one * 0', 4048000000),
    ],
)
def test_integers_are_of_64_bits_everywhere(formula: str, value: Any, server: Server) -> None:
    assert _run(formula, server)[0] == value
