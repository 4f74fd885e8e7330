"""Sessions on PostgreSQL 15 and 18 for the tests of formulas and their SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from headrace.run.embedded import Server

_SETTINGS = {
    "datestyle": "SQL, DMY",
    "intervalstyle": "sql_standard",
    "timezone": "Pacific/Kiritimati",
    "lc_messages": "C",
}
"""As unusual as they can be: nothing may depend on them."""


@pytest.fixture(scope="session")
def connection(server: Server) -> Iterator[Any]:
    """One session; each statement stands alone."""
    opened = psycopg2.connect(server.url)
    opened.autocommit = True
    yield opened
    opened.close()


@pytest.fixture
def cursor(connection: Any) -> Iterator[Any]:
    """A cursor in a session whose settings are as at its start."""
    with connection.cursor() as opened:
        for setting, value in _SETTINGS.items():
            opened.execute(f"SET {setting} = '{value}'")
        yield opened
