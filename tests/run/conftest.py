"""Servers for the tests of running: PostgreSQL 15 (where installed) and 18, each started by Headrace itself."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from headrace.run import embedded
from headrace.run.embedded import Server

OLDEST = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that every account may enter: pytest's own are closed, and root's server runs as nobody."""
    folder = Path(tempfile.gettempdir()).resolve() / f"headrace-test-{os.urandom(4).hex()}"
    folder.mkdir()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def reachable(open_folder: Path) -> Path:
    """An empty folder of the test's own in ``open_folder``."""
    folder = open_folder / os.urandom(4).hex()
    folder.mkdir()
    return folder


@pytest.fixture(scope="session", params=["15", "18"])
def server(request: pytest.FixtureRequest, open_folder: Path) -> Iterator[Server]:
    """A running server, once with PostgreSQL 15 and once with 18."""
    if request.param == "15" and not OLDEST.exists():
        pytest.skip("PostgreSQL 15 is not installed in /usr/lib/postgresql/15")
    programs = OLDEST if request.param == "15" else None
    folder = open_folder / f"postgresql-{request.param}"
    folder.mkdir()
    with embedded.start(folder, programs=programs) as running:
        assert running.version.split(".")[0] == request.param
        yield running


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
