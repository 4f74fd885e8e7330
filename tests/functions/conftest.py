"""A session on PostgreSQL 15, the oldest that templates may assume, and on 18."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from headrace.run.embedded import Server


@pytest.fixture(scope="session")
def cursor(server: Server) -> Iterator[Any]:
    """A session in a database of its own; each statement stands alone."""
    # Before PostgreSQL 17 the server's own databases know no capitals but those of ASCII.
    letters = "" if int(server.version.split(".")[0]) >= 17 else " TEMPLATE template0 LC_CTYPE 'C.UTF-8'"
    owner = psycopg2.connect(server.url)
    owner.autocommit = True
    with owner.cursor() as statements:
        statements.execute("DROP DATABASE IF EXISTS headrace_functions WITH (FORCE)")
        statements.execute(f"CREATE DATABASE headrace_functions{letters}")
    connection = psycopg2.connect(server.url.rpartition("/")[0] + "/headrace_functions")
    connection.autocommit = True
    with connection.cursor() as cursor:
        yield cursor
    connection.close()
    with owner.cursor() as statements:
        statements.execute("DROP DATABASE headrace_functions WITH (FORCE)")
    owner.close()
