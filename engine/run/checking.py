"""Making the checks of a program, and keeping the rows that break them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import psycopg2

from headrace.diagnostics import Diagnostic, diagnose
from headrace.program.checks import MOST_FAILING_ROWS, told
from headrace.program.marks import FAILED_SCHEMA_MARK, comment_on, mark_of, mark_prefix
from headrace.program.program import Build, Program, RowCheck, Target
from headrace.program.quoting import literal, qualified
from headrace.run.events import Checked, CheckResult, Event
from headrace.run.failed_step import explain_failed_check
from headrace.run.ground import pointer_to
from headrace.run.records import Records
from headrace.run.session import Session
from headrace.run.stopped import ConnectionLost, Stopped
from headrace.sql.identifiers import quoted

_SHOWN_ROWS = 3
_SHOWN_COLUMNS = 8
_LONGEST_VALUE = 40
_UNIQUE_VIOLATION = "23505"
_LOCK_TIMEOUT = "2s"


class Checking:
    """The checks of one run, each made once. ``results`` and ``warnings`` are what they have come to."""

    def __init__(
        self, session: Session, program: Program, records: Records, tell: Callable[[Event], None], whole: bool
    ) -> None:
        """``whole``: the run makes all that the project has, so that other checks are none of its any more."""
        self._session = session
        self._program = program
        self._records = records
        self._tell = tell
        self._whole = whole
        self._made: set[Target] = set()
        self.results: list[CheckResult] = []
        self.warnings: list[Diagnostic] = []

    def make(self, build: Build) -> None:
        """Makes the checks of ``build``, all of them. Raises Stopped where one that stops does not hold."""
        problems: list[Diagnostic] = []
        for check in build.checks:
            if check.table in self._made:
                continue
            self._made.add(check.table)
            problem = self._check(build, check)
            if problem is not None:
                (self.warnings if check.severity == "warn" else problems).append(problem)
        if problems:
            raise Stopped(problems, build.node)

    def _check(self, build: Build, check: RowCheck) -> Diagnostic | None:
        began = time.monotonic()
        try:
            failed = 0 if self._is_proved(check) else int(self._session.ask(check.count)[0][0])
            rows = self._session.ask(_shown(check)) if failed else []
        except psycopg2.Error as error:
            raise Stopped([explain_failed_check(check, error)], build.node) from error
        kept, reason = self._keep(build, check, failed) if failed else (None, None)
        seconds = time.monotonic() - began
        self._records.checked(check, failed, kept, seconds)
        self.results.append(CheckResult(check.node, check.step, check.subject, check.severity, failed, kept))
        self._tell(Checked(check.node, check.subject, check.severity, failed, seconds))
        return _diagnostic(check, failed, rows, kept, reason) if failed else None

    def _is_proved(self, check: RowCheck) -> bool:
        """Whether a constraint has been put on the table that only rows without a fault allow."""
        if check.proof is None:
            return False
        try:
            self._session.run(check.proof)
        except psycopg2.Error as error:
            if error.pgcode != _UNIQUE_VIOLATION:
                raise
            return False
        return True

    def _keep(self, build: Build, check: RowCheck, failed: int) -> tuple[Target | None, str | None]:
        """Keeps the first failing rows in a table of their own; where that cannot be done, says why."""
        session, schema = self._session, self._program.failed_schema
        try:
            with session.transaction():
                session.run(f"SET LOCAL lock_timeout TO '{_LOCK_TIMEOUT}'")
                comment = self._schema_comment()
                if comment is None:
                    session.run(f"CREATE SCHEMA {quoted(schema)}")
                    about = f"Rows that break the checks of schema {self._program.schema}.\n{FAILED_SCHEMA_MARK}"
                    session.run(f"COMMENT ON SCHEMA {quoted(schema)} IS {literal(about)}")
                elif not comment.endswith(FAILED_SCHEMA_MARK):
                    return None, f"the schema {schema} was not made by Headrace"
                if not self._is_free(check.table):
                    return None, f"{qualified(check.table)} was not made by this project"
                session.run(f"DROP TABLE IF EXISTS {qualified(check.table)}")
                session.run(f"CREATE TABLE {qualified(check.table)} AS\n{check.failing}")
                about = f"{told(check, failed)} {check.rule}. Run {self._records.run}."
                session.run(comment_on("table", check.table, about, self._program.project, build.fingerprint))
        except psycopg2.Error as error:
            return None, (error.diag.message_primary or str(error)).strip()
        return check.table, None

    def forget(self) -> None:
        """Drops the rows kept by earlier runs for checks that hold now, and the schema where nothing is left in it.

        All is done by now: what fails here is left to the next run.
        """
        failing = {result.kept_in for result in self.results}
        with suppress(psycopg2.Error, ConnectionLost, KeyboardInterrupt):
            if not (self._schema_comment() or "").endswith(FAILED_SCHEMA_MARK):
                return
            for table in self._kept() if self._whole else self._made:
                if table not in failing and self._is_free(table):
                    # Somebody may be reading it, for hours perhaps.
                    with suppress(psycopg2.errors.LockNotAvailable), self._session.transaction():
                        self._session.run(f"SET LOCAL lock_timeout TO '{_LOCK_TIMEOUT}'")
                        self._session.run(f"DROP TABLE IF EXISTS {qualified(table)}")
            owned = (
                "SELECT 1 FROM pg_namespace n WHERE nspname = %s AND pg_has_role(nspowner, 'USAGE')"
                " AND has_database_privilege(current_database(), 'CREATE')"
                " AND NOT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid)"
            )
            if self._session.ask(owned, self._program.failed_schema):
                self._session.run(f"DROP SCHEMA {quoted(self._program.failed_schema)}")

    def _kept(self) -> list[Target]:
        """The tables of the schema for failing rows."""
        schema = self._program.failed_schema
        rows = self._session.ask(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relkind = 'r' ORDER BY 1",
            schema,
        )
        return [Target(schema, name) for (name,) in rows]

    def _schema_comment(self) -> str | None:
        """The comment of the schema for failing rows, '' where it has none; None where there is no such schema."""
        rows = self._session.ask(
            "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace WHERE nspname = %s",
            self._program.failed_schema,
        )
        return str(rows[0][0]) if rows else None

    def _is_free(self, table: Target) -> bool:
        """Whether nothing has the name of ``table``, or a table that this project made."""
        rows = self._session.ask(
            f"SELECT c.relkind = 'r' AND starts_with({mark_of('c.oid')}, %s)"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s",
            mark_prefix(self._program.project),
            table.schema,
            table.name,
        )
        return not rows or bool(rows[0][0])


def _shown(check: RowCheck) -> str:
    """A query of the first failing rows, each value as text; only the first columns."""
    columns = ", ".join(f"CAST(f.{quoted(name)} AS text)" for name in check.columns.names[:_SHOWN_COLUMNS])
    return f"SELECT {columns} FROM (\n{check.failing}\n) AS f LIMIT {_SHOWN_ROWS}"


def _diagnostic(
    check: RowCheck, failed: int, rows: list[tuple[str | None, ...]], kept: Target | None, reason: str | None
) -> Diagnostic:
    value = _short(rows[0][0]) if rows and check.of_whole and not check.each else None
    hints = [] if check.rule in check.subject else [f"It says: {check.rule}."]
    if check.description:
        hints.append(check.description)
    names = check.columns.names[:_SHOWN_COLUMNS]
    more = ", …" if len(check.columns) > _SHOWN_COLUMNS else ""
    if value is None:
        for row in rows:
            cells = ", ".join(f"{name} {_short(cell)}" for name, cell in zip(names, row, strict=True))
            hints.append(f"For example: {cells}{more}")
    if kept is not None and value is None:
        which = "The row is" if failed == 1 else f"The first {MOST_FAILING_ROWS:,} are"
        hints.append(f"{which if failed == 1 or failed > MOST_FAILING_ROWS else 'They are'} in {qualified(kept)}.")
    elif reason is not None:
        hints.append(f"The rows could not be kept: {reason}.")
    code = "R270" if check.severity == "stop" else "R271"
    return diagnose(
        code,
        pointer=check.pointer or pointer_to("nodes", check.node),
        hints=hints,
        told=told(check, failed, value),
        node=check.node,
        step=check.step,
        subject=check.subject,
        rule=check.rule,
        failed=failed,
        kept_in=qualified(kept) if kept else None,
    )


def _short(value: str | None) -> str:
    if value is None:
        return "null"
    return value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"
