"""The tables of TPC-H at scale 0.01, once for each server."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest

from benchmarks.tpch.data import make, project
from headrace.run.embedded import Server
from tpch.loaded import Loaded

SCALE = 0.01


@pytest.fixture(scope="session")
def loaded(server: Server) -> Iterator[Loaded]:
    """A database of its own with the tables, and indexes: without, the official query 20 takes two minutes."""
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE headrace_tpch")
    url = server.url.rpartition("/")[0] + "/headrace_tpch"
    yield Loaded(project(), make(SCALE, url, indexes=True), url)
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE headrace_tpch WITH (FORCE)")
    connection.close()
