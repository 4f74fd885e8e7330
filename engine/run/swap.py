"""The swap: in one short transaction the new tables and views take the place of the old ones."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg2

from headrace.diagnostics import diagnose
from headrace.program.program import Build, Program, Target
from headrace.program.quoting import qualified
from headrace.program.replacement import carried_over, old_relations
from headrace.program.text import move_statements
from headrace.run.failed_step import explain_failed_step
from headrace.run.ground import check_targets
from headrace.run.records import Records
from headrace.run.session import RETRIED_STATES, Patience, Session
from headrace.run.stopped import Stopped


def swap(
    session: Session,
    program: Program,
    builds: tuple[Build, ...],
    records: Records,
    patience: Patience,
    tell: Callable[[str, float], None],
) -> None:
    """Moves the finished tables of ``builds`` to their places, makes the views, and marks the run as succeeded.

    The old tables are locked before anything is dropped, and what hangs on them is looked up again under the lock.
    Nothing is dropped with CASCADE. Where a lock is not to be had, all is given up at once and tried again, so that
    readers never queue for longer than ``patience.lock_timeout``. Raises Stopped when it cannot be done.
    """
    began = time.monotonic()
    for wait in (*patience.waits(patience.swap_tries), None):
        try:
            with session.transaction():
                _swap_once(session, program, builds, records, patience.lock_timeout)
            return
        except psycopg2.Error as error:
            if error.pgcode not in RETRIED_STATES:
                reason = (error.diag.message_primary or str(error)).strip()
                detail = [error.diag.message_detail] if error.diag.message_detail else []
                raise Stopped([diagnose("R264", reason=reason, hints=detail)]) from error
            holder = _in_the_way(session, program, builds)
            if wait is None:
                seconds = round(time.monotonic() - began)
                raise Stopped([diagnose("R262", seconds=seconds, holder=holder)]) from error
        tell(holder, wait)
        time.sleep(wait)


def _swap_once(
    session: Session, program: Program, builds: tuple[Build, ...], records: Records, lock_timeout: float
) -> None:
    session.run(f"SET LOCAL lock_timeout TO '{max(1, round(lock_timeout * 1000))}ms'")
    for build in builds:
        # First, as long as no reader is kept waiting.
        if build.refresh is not None and _stays(session, build):
            for statement in build.refresh.statements:
                session.run(statement)
    old = _old(session, program, builds)
    if old["r"]:
        session.run(f"LOCK TABLE {', '.join(old['r'])} IN ACCESS EXCLUSIVE MODE")
    check_targets(session, program, builds)
    old = _old(session, program, builds)
    carried = [row[0] for row in session.ask(carried_over(program, builds))]
    # One statement drops all of a kind: it does not mind how they depend on each other.
    for kind, word in (("v", "VIEW"), ("r", "TABLE")):
        if old[kind]:
            session.run(f"DROP {word} {', '.join(old[kind])}")
    for build in builds:
        if build.kind == "table" and (build.refresh is None or _is_built(session, build)):
            for statement in move_statements(build):
                session.run(statement)
    for build in builds:
        if build.kind == "view":
            _make_view(session, build)
    for statement in carried:
        session.run(statement)
    records.finish("succeeded")


def _stays(session: Session, build: Build) -> bool:
    """Whether the table stays and only gets new rows: then a view shows what it will be."""
    return bool(session.ask(_KIND, qualified(build.building), "v"))


def _is_built(session: Session, build: Build) -> bool:
    return bool(session.ask(_KIND, qualified(build.building), "r"))


_KIND = "SELECT 1 FROM pg_class WHERE oid = to_regclass(%s) AND relkind = %s"


def _old(session: Session, program: Program, builds: tuple[Build, ...]) -> dict[str, list[str]]:
    """The tables (``r``) and views (``v``) to be replaced, in the order of their names, so that locks never cross."""
    found: dict[str, list[str]] = {"r": [], "v": []}
    for name, kind in session.ask(old_relations(program, builds)):
        found[kind].append(qualified(Target(program.schema, name)))
    return found


def _make_view(session: Session, build: Build) -> None:
    for statement in (build.sql, *build.more, *build.after):
        try:
            session.run(statement)
        except psycopg2.Error as error:
            if error.pgcode in RETRIED_STATES:
                raise
            raise Stopped([explain_failed_step(build, statement, error)], build.node) from error


def _in_the_way(session: Session, program: Program, builds: tuple[Build, ...]) -> str:
    """Who holds a lock on the tables to be replaced, in words."""
    names = [row[0] for row in session.ask(old_relations(program, builds))]
    rows = session.ask(
        "SELECT DISTINCT a.pid, a.usename, a.application_name, a.xact_start FROM pg_locks l"
        " JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_stat_activity a ON a.pid = l.pid"
        " WHERE n.nspname = %s AND c.relname = ANY (%s) AND l.granted AND l.pid <> pg_backend_pid()"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " ORDER BY a.xact_start LIMIT 3",
        program.schema,
        names,
    )
    if not rows:
        return "other sessions keep them locked"
    holders = []
    for pid, role, application, since in rows:
        holder = f"process {pid}{f' of role {role}' if role else ''}{f' ({application})' if application else ''}"
        holders.append(f"{holder} reads or writes them{f' since {since:%H:%M:%S} UTC' if since else ''}")
    return ", ".join(holders)
