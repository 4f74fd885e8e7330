"""The types that the step ``sql`` gives to expressions are those that PostgreSQL gives, on both servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from headrace.grammar.types import Schema, Type
from headrace.run.embedded import Server
from headrace.sql.dialect import Headrace
from headrace.sql.reading import Input, Parsed, TypedQuery, parse_query, type_query
from headrace.sql.reading.functions import FUNCTIONS, WITHIN_GROUP
from headrace.sql.types import sql_type

EXPRESSIONS = (Path(__file__).parent / "query_expressions.txt").read_text("utf-8").splitlines()

_COLUMNS = Schema.of(
    {
        "i": Type("integer"),
        "n": Type("decimal"),
        "f": Type("float"),
        "t": Type("text"),
        "d": Type("date"),
        "ts": Type("timestamp"),
        "tz": Type("timestamptz"),
        "tm": Type("time"),
        "iv": Type("interval"),
        "b": Type("boolean"),
        "u": Type("uuid"),
        "j": Type("json"),
        "y": Type("binary"),
    }
)
_NAMES = {
    "int8": "bigint",
    "int4": "integer",
    "int2": "smallint",
    "float8": "double precision",
    "float4": "real",
    "bool": "boolean",
    "varchar": "character varying",
    "bpchar": "character",
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "time": "time without time zone",
}


@pytest.fixture(scope="module")
def cursor(server: Server) -> Iterator[Any]:
    connection = psycopg2.connect(server.url)
    with connection.cursor() as opened:
        columns = ", ".join(f"{name} {sql_type(type_)}" for name, type_ in _COLUMNS)
        opened.execute(f"CREATE TEMP TABLE t ({columns})")
        yield opened
    connection.close()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_type_is_that_of_postgresql(expression: str, cursor: Any) -> None:
    parsed = parse_query(f"select {expression} as x from t")
    assert isinstance(parsed, Parsed), parsed
    typed = type_query(parsed, {"t": Input(_COLUMNS)}, {})
    assert isinstance(typed, TypedQuery), typed
    (output,) = typed.outputs
    cursor.execute(f"CREATE TEMP VIEW v AS {Headrace().generate(parsed.tree)}")
    cursor.execute("SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'v'::regclass AND attnum > 0")
    (found,) = cursor.fetchone()
    cursor.execute("DROP VIEW v")
    assert _NAMES.get(output.value.type or "", output.value.type) == found


def test_every_function_has_an_expression() -> None:
    called = set(re.findall(r"\b([a-z_0-9]+)\s*\(", "\n".join(EXPRESSIONS)))
    assert {*FUNCTIONS, *WITHIN_GROUP} <= called


@pytest.mark.parametrize(
    ("query", "nullable"),
    [
        ("select i from t", True),
        ("select coalesce(i, 1) as x from t", False),
        ("select coalesce(i, n) as x from t", True),
        ("select case when b then 1 end as x from t", True),
        ("select case when b then 1 else 2 end as x from t", False),
        ("select count(*) as x from t", False),
        ("select sum(1) as x from t", True),
        ("select (select 1) as x from t", True),
        ("select u.k from t left join (select 1 as k) as u on true", True),
        ("select u.k from t right join (select 1 as k) as u on true", False),
        ("select u.k from (select 1 as k) as u full join t on u.k = t.i", True),
        ("select 1 as x from t union select null", True),
        ("select 1 as x from t except select null", False),
        ("select extract(month from date '2024-01-31') as x from t", True),
        ("select substring('a' from 'b') as x from t", True),
        ("select i is null as x from t", False),
        ("select i in (1, null) as x from t", True),
        ("select 1 in (1, 2) as x from t", False),
    ],
)
def test_where_null_may_stand(query: str, nullable: bool) -> None:
    parsed = parse_query(query)
    assert isinstance(parsed, Parsed), parsed
    typed = type_query(parsed, {"t": Input(_COLUMNS)}, {})
    assert isinstance(typed, TypedQuery), typed
    assert typed.outputs[0].value.nullable is nullable


def test_what_a_column_is_made_of() -> None:
    query = """
        with s as (select t, sum(i) filter (where b) as total from t where d > ts group by t)
        select s.t, total * 2 as twice, (select max(n) from t as o where o.t = s.t) as n,
               row_number() over (partition by s.t order by total) as r
        from s join t as u on u.t = s.t
    """
    parsed = parse_query(query)
    assert isinstance(parsed, Parsed), parsed
    typed = type_query(parsed, {"t": Input(_COLUMNS)}, {})
    assert isinstance(typed, TypedQuery), typed
    made = {output.name: {(column, how) for _, column, how in output.value.made} for output in typed.outputs}
    assert made == {
        "t": {("t", "copied")},
        "twice": {("i", "aggregated"), ("b", "filtered_by")},
        "n": {("n", "aggregated")},
        "r": {("t", "grouped_by"), ("i", "ordered_by"), ("b", "ordered_by")},
    }
    decided = [(each.how, sorted({column for _, column, _ in each.made})) for each in typed.decisions]
    assert decided == [
        ("filtered_by", ["d", "ts"]),
        ("grouped_by", ["t"]),
        ("joined_on", ["t"]),
        ("filtered_by", ["t"]),
    ]
