"""What all tests share: servers (PostgreSQL 15 where installed, and 18), each started by Headrace itself."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from times_by_folder import TimesByFolder

from headrace.program.settings import setting_statements
from headrace.run import embedded
from headrace.run.embedded import Server

MAY_BE_SKIPPED = (
    "root may do everything",  # what only others see; CI is root
    "the embedded server is built without ICU",  # the same tests run on PostgreSQL 15
)
"""Why a test may be skipped where all servers are there."""

OLDEST = Path("/usr/lib/postgresql/15/bin")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(TimesByFolder())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With HEADRACE_REQUIRE_SERVERS, as in CI, a test that is skipped fails, but for a reason in ``MAY_BE_SKIPPED``."""
    report = yield
    if report.skipped and os.environ.get("HEADRACE_REQUIRE_SERVERS"):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if not any(each in reason for each in MAY_BE_SKIPPED):
            report.outcome = "failed"
            report.longrepr = f"skipped where nothing may be: {reason}"
    return report


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that every account may enter: pytest's own are closed, and root's server runs as nobody."""
    folder = Path(tempfile.gettempdir()).resolve() / f"headrace-test-{os.urandom(4).hex()}"
    folder.mkdir()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session", params=["15", "18"])
def server(request: pytest.FixtureRequest, open_folder: Path) -> Iterator[Server]:
    """A running server, once with PostgreSQL 15 and once with 18."""
    if request.param == "15" and not OLDEST.exists():
        pytest.skip("PostgreSQL 15 is not installed in /usr/lib/postgresql/15")
    programs = OLDEST if request.param == "15" else None
    # One of several processes may come back to a version that it has left.
    folder = open_folder / f"postgresql-{request.param}-{os.urandom(4).hex()}"
    folder.mkdir()
    with embedded.start(folder, programs=programs) as running:
        assert running.version.split(".")[0] == request.param
        yield running


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[Any]:
    """A connection to the server, with the settings of a run."""
    opened = psycopg2.connect(server.url)
    with opened.cursor() as cursor:
        cursor.execute("; ".join(setting_statements()))
    opened.commit()
    yield opened
    opened.close()


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
