"""The limits of PostgreSQL's tables, tried on a server at their edge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from headrace.grammar.types import Schema, Type
from headrace.plan.limits import MOST_COLUMNS, WIDEST_ROW, least_width
from headrace.run.embedded import Server
from headrace.sql.types import sql_type


@pytest.fixture(scope="module")
def cursor(server: Server) -> Iterator[Any]:
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    with connection.cursor() as opened:
        yield opened
    connection.close()


def _fits(cursor: Any, values: list[str]) -> bool:
    columns = ", ".join(f"{value} AS c{number}" for number, value in enumerate(values))
    try:
        cursor.execute(f"CREATE TEMP TABLE wide AS SELECT {columns}")
    except psycopg2.Error:
        return False
    cursor.execute("DROP TABLE wide")
    return True


def test_as_many_columns_as_a_table_has(cursor: Any) -> None:
    assert _fits(cursor, ["true"] * MOST_COLUMNS)
    assert not _fits(cursor, ["true"] * (MOST_COLUMNS + 1))


_VALUES = {
    "integer": "1::bigint",
    "float": "1::double precision",
    "timestamp": "'2024-01-01'::timestamp",
    "timestamptz": "'2024-01-01'::timestamptz",
    "interval": "'1 day'::interval",
    "uuid": "'00000000-0000-0000-0000-000000000000'::uuid",
}


@pytest.mark.parametrize("kind", _VALUES)
def test_as_wide_a_row_as_fits(kind: str, cursor: Any) -> None:
    """Of columns whose widths leave no room between them, the widest row that is let through fits, and no wider one."""
    type_ = Type(kind, nullable=False)
    width = least_width(Schema((("a", type_), ("b", type_)))) - least_width(Schema((("a", type_),)))
    most = (WIDEST_ROW - least_width(Schema(()))) // width
    assert least_width(Schema(tuple((f"c{number}", type_) for number in range(most)))) <= WIDEST_ROW
    assert _fits(cursor, [_VALUES[kind]] * most)
    if most < MOST_COLUMNS:
        assert not _fits(cursor, [_VALUES[kind]] * (most + 1))


@pytest.mark.parametrize(
    ("kind", "value"), [("boolean", "true"), ("decimal", "0"), ("text", "''"), ("date", "'2024-01-01'")]
)
def test_no_value_is_narrower_than_that(kind: str, value: str, cursor: Any) -> None:
    type_ = Type(kind, nullable=False)
    cursor.execute(f"SELECT pg_column_size(ROW({value}::{sql_type(type_)})) - 24")
    (size,) = cursor.fetchone()
    assert least_width(Schema((("a", type_),))) - least_width(Schema(())) <= size
