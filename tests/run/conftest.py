"""Folders and databases for the tests of running."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from headrace.run.embedded import Server


@pytest.fixture
def reachable(open_folder: Path) -> Path:
    """An empty folder of the test's own in ``open_folder``."""
    folder = open_folder / os.urandom(4).hex()
    folder.mkdir()
    return folder


@pytest.fixture
def server_url(server: Server) -> Iterator[str]:
    """The address of an empty database of its own, on PostgreSQL 15 and 18."""
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS headrace_test WITH (FORCE)")
        cursor.execute("CREATE DATABASE headrace_test")
    yield server.url.rpartition("/")[0] + "/headrace_test"
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE headrace_test WITH (FORCE)")
    connection.close()
