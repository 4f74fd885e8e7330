"""A database whose texts are ordered by the rules of a language, so that whatever forgets to say how is seen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import psycopg2
import psycopg2.extensions
import pytest

from headrace.program.settings import setting_statements


def skip_without_languages(server_version: int) -> NoReturn:
    """Skips a test of collations that the server does not know.

    The embedded server is built without ICU. PostgreSQL 15 of Debian has it: there, CI does not let the skip pass.
    """
    pytest.skip("this PostgreSQL has no ICU" if server_version < 160000 else "the embedded server is built without ICU")


@contextmanager
def linguistic_database(url: str) -> Iterator[str]:
    """The URL of a new database on the server of ``url`` in which a comes before B; dropped at the end.

    Where the server was built without ICU it is an ordinary database.
    """
    name = f"linguistic_{os.urandom(4).hex()}"
    language = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
    try:
        _run(url, f"CREATE DATABASE {name} {language} LOCALE 'C'")
    except psycopg2.errors.FeatureNotSupported:
        _run(url, f"CREATE DATABASE {name}")
    try:
        parts = psycopg2.extensions.parse_dsn(url)
        yield psycopg2.extensions.make_dsn(**{**parts, "dbname": name})
    finally:
        _run(url, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def linguistic_connection(url: str) -> Iterator[Any]:
    """A connection to a ``linguistic_database``, with the settings of a run."""
    with linguistic_database(url) as database:
        connection = psycopg2.connect(database)
        with connection.cursor() as cursor:
            cursor.execute("; ".join(setting_statements()))
        connection.commit()
        yield connection
        connection.close()


def _run(url: str, sql: str) -> None:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
    finally:
        connection.close()
