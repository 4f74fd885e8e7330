"""A PostgreSQL for the tests of formulas and their SQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

URL = os.environ.get("HEADRACE_TEST_SERVER", "postgresql://postgres@127.0.0.1:5432/postgres")


@pytest.fixture(scope="session")
def connection() -> Iterator[Any]:
    """A session whose settings are as unusual as they can be: nothing may depend on them."""
    try:
        opened = psycopg2.connect(URL, connect_timeout=3)
    except psycopg2.OperationalError as error:
        pytest.skip(f"no PostgreSQL at {URL}: {error}")
    opened.set_session(autocommit=True)
    with opened.cursor() as cursor:
        for setting, value in (
            ("datestyle", "SQL, DMY"),
            ("intervalstyle", "sql_standard"),
            ("timezone", "Pacific/Kiritimati"),
            ("lc_messages", "C"),
        ):
            cursor.execute(f"SET {setting} = '{value}'")
    yield opened
    opened.close()


@pytest.fixture
def cursor(connection: Any) -> Iterator[Any]:
    with connection.cursor() as opened:
        yield opened
