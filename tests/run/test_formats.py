"""Cells of files: the same value on every server, or a refusal, whatever the session is set to."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from headrace.grammar.types import parse_type
from headrace.program.formats import cast_cell

READ = {
    "integer": {
        "1": "1",
        " 12 ": "12",
        "+5": "5",
        "-0": "0",
        "007": "7",
        "": None,
        "  ": None,
        "9223372036854775807": "9223372036854775807",
    },
    "decimal": {
        "1.5": "1.5",
        ".5": "0.5",
        "5.": "5",
        "1e3": "1000",
        "12345678901234567890.10": "12345678901234567890.10",
    },
    "decimal(4, 2)": {"99.99": "99.99", "1.500": "1.50", "0001.5": "1.50", ".5": "0.50", "-99.9": "-99.90"},
    "decimal(2, 2)": {"0.12": "0.12", ".1": "0.10", "0": "0.00", "0.120": "0.12"},
    "decimal(3)": {"999": "999", "12.0": "12", "-7": "-7"},
    "decimal(600, 300)": {"9" * 300 + "." + "9" * 300: "9" * 300 + "." + "9" * 300},
    "float": {"1e5": "100000", "0.1": "0.1", "-2.5E-3": "-0.0025"},
    "boolean": {"true": "true", "F": "false", "yes": "true", "N": "false", "1": "true", "0": "false", "": None},
    "date": {"2024-01-31": "2024-01-31", "2024-02-29": "2024-02-29", "": None},
    "time": {"13:30": "13:30:00", "23:59:59.5": "23:59:59.5"},
    "timestamp": {
        "2024-01-31": "2024-01-31 00:00:00",
        "2024-01-31T10:00": "2024-01-31 10:00:00",
        "2024-01-31 10:00:00.1234560": "2024-01-31 10:00:00.123456",
    },
    "timestamptz": {
        "2024-01-31 10:00Z": "2024-01-31 10:00:00+00",
        "2024-01-31T10:00:00+05:30": "2024-01-31 04:30:00+00",
    },
    "interval": {
        "P1Y2M3DT4H5M6.5S": "1 year 2 mons 3 days 04:05:06.5",
        "2 years 3 months": "2 years 3 mons",
        "51:00:00": "51:00:00",
    },
    "uuid": {" A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
    "json": {'{"a": 1}': '{"a": 1}', "": None},
    "binary": {r"\x4A4b": r"\x4a4b", "": None},
    "text": {"": "", " a ": " a ", "NULL": "NULL"},
}

REFUSED = {
    "integer": ["1_000", "0x1F", "0b1", "1.0", "1e3", "1,5", "１", "+", "99999999999999999999", "1 2", "\t1"],
    "decimal": ["infinity", "NaN", "1,5", "-", ".", "1_000.5", "0x1F", "1e999999", "$5"],
    "decimal(4, 2)": ["100", "1.005", "-.", "99.999", "1e1"],
    "decimal(2, 2)": ["1", "0.123"],
    "decimal(3)": ["1000", "12.5"],
    "decimal(600, 300)": ["9" * 301, "0." + "9" * 301],
    "float": ["inf", "nan", "1e999", "1,5", "0x1p3"],
    "boolean": ["on", "tr", "2", "ja"],
    "date": [
        "03/04/2024",
        "2024-02-30",
        "today",
        "infinity",
        "epoch",
        "0000-01-01",
        "2024-1-1",
        "20240101",
        "2024-13-01",
        "now",
    ],
    "time": ["24:00", "10:61", "now", "1 pm", "allballs", "13:30+01"],
    "timestamp": [
        "now",
        "2024-01-31 24:00:00",
        "2024-01-31 10:00:60",
        "2024-01-31 10:00Z",
        "2024-01-31 1:00:00.1234567",
    ],
    "timestamptz": ["2024-01-31 10:00", "2024-01-31", "2024-01-31 10:00 Europe/Paris", "2024-01-31 10:00 EST", "now"],
    "interval": ["-1 day", "5", "1 fortnight", "P", "1 day ago"],
    "uuid": ["{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "a0eebc999c0b4ef8bb6d6bb9bd380a11", "x"],
    "json": ["{", "{'a': 1}", "NaN"],
    "binary": ["abc", r"\x4", r"\xgg"],
}

SESSIONS = (
    "SET DateStyle TO 'ISO, MDY'; SET IntervalStyle TO 'postgres'; SET TimeZone TO 'UTC'",
    "SET DateStyle TO 'SQL, DMY'; SET IntervalStyle TO 'sql_standard'; SET TimeZone TO 'Asia/Kolkata'",
)


@pytest.fixture
def connection(server_url: str) -> Iterator[Connection]:
    connection = psycopg2.connect(server_url)
    connection.autocommit = True
    yield connection
    connection.close()


def value_of(
    connection: Connection, session: str, type_text: str, cell: str | None, required: bool = False
) -> str | None:
    """The value read in a session of such settings, as text."""
    type_ = parse_type(type_text)
    assert type_ is not None
    sql = cast_cell("cell", type_.with_null(not required), "7", "data/sales.csv", 'the "column"').replace("%", "%%")
    with connection.cursor() as cursor:
        cursor.execute(session)
        cursor.execute(f"CREATE TEMP TABLE made AS SELECT {sql} AS value FROM (VALUES (%s::text)) AS v (cell)", (cell,))
        # What is printed depends on the settings of the session; what is read must not.
        cursor.execute(SESSIONS[0])
        cursor.execute("SELECT value::text FROM made")
        (value,) = cursor.fetchall()[0]
        cursor.execute("DROP TABLE made")
        return value if value is None else str(value)


@pytest.mark.parametrize("session", SESSIONS)
def test_a_cell_is_read_the_same_whatever_the_settings(connection: Connection, session: str) -> None:
    for type_text, cells in READ.items():
        for cell, expected in cells.items():
            assert value_of(connection, session, type_text, cell) == expected, (type_text, cell)
        assert value_of(connection, session, type_text, None) is None


@pytest.mark.parametrize("session", SESSIONS)
def test_what_is_not_plain_is_refused(connection: Connection, session: str) -> None:
    for type_text, cells in REFUSED.items():
        for cell in cells:
            with pytest.raises(psycopg2.DataError):
                pytest.fail(f"{type_text} {cell!r} became {value_of(connection, session, type_text, cell)!r}")


def test_the_error_says_where_the_cell_stands_and_what_was_expected(connection: Connection) -> None:
    with pytest.raises(psycopg2.DataError) as caught:
        value_of(connection, SESSIONS[0], "date", "03/04/2024")
    assert 'data/sales.csv, record 7, column the "column": expected a date as 2024-01-31, found 03/04/2024' in str(
        caught.value
    )


def test_a_required_cell_may_not_be_empty(connection: Connection) -> None:
    for type_text, cells in READ.items():
        with pytest.raises(psycopg2.DataError):
            pytest.fail(f"{type_text}: {value_of(connection, SESSIONS[0], type_text, None, required=True)!r}")
        cell, expected = next((cell, value) for cell, value in cells.items() if cell)
        assert value_of(connection, SESSIONS[0], type_text, cell, required=True) == expected
