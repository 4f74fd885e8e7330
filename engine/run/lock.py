"""One run at a time builds the tables of a schema."""

from __future__ import annotations

import time
from collections.abc import Callable

from headrace.diagnostics import diagnose
from headrace.program.text import lock_key
from headrace.run.session import Session
from headrace.run.stopped import Stopped

_BETWEEN_LOOKS = 0.5  # seconds; PostgreSQL's own waiting could not tell who is in the way


def take_lock(
    session: Session, schema: str, *, wait: bool, within: float = 0.0, tell: Callable[[str], None] = lambda holder: None
) -> None:
    """Takes the lock of ``schema``, which ends with the session.

    Where another run holds it: waits for its end if ``wait``, after telling who it is; raises Stopped otherwise, after
    having looked again for ``within`` seconds.
    """
    until = time.monotonic() + within
    told = False
    while not session.ask("SELECT pg_try_advisory_lock(%s)", lock_key(schema))[0][0]:
        holder = _holder(session, schema)
        if not wait and time.monotonic() >= until:
            raise Stopped([diagnose("R237", schema=schema, holder=holder)])
        if wait and not told:
            tell(holder)
            told = True
        time.sleep(_BETWEEN_LOOKS)


def _holder(session: Session, schema: str) -> str:
    """Who has the lock, and since when, as far as this role may see."""
    # The two halves of the key stand apart in pg_locks; 1 in objsubid says that they belong together.
    rows = session.ask(
        "SELECT l.pid, a.usename, a.application_name, a.client_addr, a.backend_start"
        " FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid"
        " WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND (l.classid::bigint << 32) | l.objid::bigint = %s",
        lock_key(schema),
    )
    if not rows:
        return "it has just ended"
    pid, role, program, address, since = rows[0]
    parts = [f"process {pid} of the database server"]
    if role:
        parts.append(f"role {role}")
    if program:
        parts.append(f"program {program}")
    if address:
        parts.append(f"from {address}")
    if since:
        parts.append(f"since {since:%Y-%m-%d %H:%M:%S} UTC")
    return ", ".join(parts)
