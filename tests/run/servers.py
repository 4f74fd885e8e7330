"""A server looked at from outside: its data, its processes, and others that use it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import psycopg2

from headrace.run.embedded import Server


def run(server: Server, sql: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(server.url, connect_timeout=5)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def keep_a_number(server: Server) -> list[tuple[object, ...]]:
    """Commit a number never used before; what :func:`number` has to give from then on."""
    run(
        server,
        f"DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT {int.from_bytes(os.urandom(3), 'big')} AS number",
    )
    return number(server)


def number(server: Server) -> list[tuple[object, ...]]:
    return run(server, "SELECT number FROM kept")


def postmaster(server: Server) -> int:
    return int((server.data / "postmaster.pid").read_text().split("\n")[0])


def keeper(server: Server) -> int:
    """The keeper is the parent of the postmaster."""
    stat = Path(f"/proc/{postmaster(server)}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def program_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0]


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)


def has_ended(pid: int) -> bool:
    """Whether the process is gone, or only waits for its parent to notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def another_process(folder: Path, then: str) -> subprocess.Popen[str]:
    """A Python that starts (or joins) the server of ``folder``, prints its port and goes on with ``then``."""
    program = dedent(f"""
        import sys, psycopg2
        from pathlib import Path
        from headrace.run import embedded
        server = embedded.start(Path(sys.argv[1]))
        print(server.port, server.created, flush=True)
        {then}
    """)
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
