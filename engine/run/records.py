"""What Headrace remembers of its runs: the schema ``headrace`` of the warehouse, which has a version and migrates."""

from __future__ import annotations

from importlib.metadata import version

from headrace.diagnostics import diagnose
from headrace.program.marks import STATE_SCHEMA_MARK
from headrace.program.program import Build, FileLoad, Program, RowCheck, Target
from headrace.program.quoting import literal, qualified
from headrace.run.session import Session
from headrace.run.stopped import Stopped

# One tuple a version, in order; what has been published is never changed, only followed by another.
_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE headrace.runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project text NOT NULL,
  schema text NOT NULL,
  fingerprint text NOT NULL,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'succeeded', 'failed')),
  started timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished timestamptz,
  error text,
  role text NOT NULL DEFAULT current_user,
  pid integer NOT NULL DEFAULT pg_backend_pid(),
  headrace text NOT NULL
)""",
        "CREATE INDEX ON headrace.runs (schema, state)",
        """CREATE TABLE headrace.attempts (
  run bigint NOT NULL REFERENCES headrace.runs,
  node text NOT NULL,
  attempt integer NOT NULL,
  kind text NOT NULL,
  target text,
  fingerprint text,
  state text NOT NULL CHECK (state IN ('succeeded', 'failed')),
  finished timestamptz NOT NULL DEFAULT clock_timestamp(),
  seconds double precision NOT NULL,
  rows bigint,
  error text,
  PRIMARY KEY (run, node, attempt)
)""",
        "COMMENT ON TABLE headrace.runs IS 'One row a run of a project, kept by Headrace.'",
        "COMMENT ON TABLE headrace.attempts IS 'One row each time that a run loaded a source or built a node.'",
    ),
    (
        """CREATE TABLE headrace.checks (
  run bigint NOT NULL REFERENCES headrace.runs,
  node text NOT NULL,
  step text NOT NULL,
  subject text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('warn', 'stop')),
  failed bigint NOT NULL,
  kept_in text,
  finished timestamptz NOT NULL DEFAULT clock_timestamp(),
  seconds double precision NOT NULL
)""",
        "CREATE INDEX ON headrace.checks (run)",
        "COMMENT ON TABLE headrace.checks IS 'One row each time that a run made a check: how many rows break it.'",
    ),
)

_MIGRATION_LOCK = 4_702_111_234_474_983_745  # any number that nobody else uses


class Records:
    """The rows that one run writes. Each is committed by itself, but for the last, which belongs to the swap."""

    def __init__(self, session: Session, run: int) -> None:
        self._session = session
        self.run = run

    def attempted(
        self, step: FileLoad | Build, kind: str, seconds: float, rows: int | None, error: str | None = None
    ) -> None:
        """A source was loaded or a node built, or it failed with ``error``."""
        self._session.ask(
            "INSERT INTO headrace.attempts"
            " (run, node, attempt, kind, target, fingerprint, state, seconds, rows, error)"
            " SELECT %s, %s, count(*) + 1, %s, %s, %s, %s, %s, %s, %s"
            " FROM headrace.attempts WHERE run = %s AND node = %s",
            self.run,
            step.name,
            kind,
            qualified(step.target) if isinstance(step, Build) else None,
            step.fingerprint if isinstance(step, Build) else None,
            "failed" if error else "succeeded",
            seconds,
            rows,
            error,
            self.run,
            step.name,
        )

    def checked(self, check: RowCheck, failed: int, kept_in: Target | None, seconds: float) -> None:
        """A check was made, and so many rows break it."""
        self._session.ask(
            "INSERT INTO headrace.checks (run, node, step, subject, severity, failed, kept_in, seconds)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            self.run,
            check.node,
            check.step,
            check.subject,
            check.severity,
            failed,
            qualified(kept_in) if kept_in else None,
            seconds,
        )

    def finish(self, state: str, error: str | None = None) -> None:
        """The run has ended as ``succeeded`` or ``failed``."""
        self._session.ask(
            "UPDATE headrace.runs SET state = %s, error = %s, finished = clock_timestamp() WHERE id = %s",
            state,
            error,
            self.run,
        )

    def state(self) -> str | None:
        """The state of this run as it is committed."""
        rows = self._session.ask("SELECT state FROM headrace.runs WHERE id = %s", self.run)
        return str(rows[0][0]) if rows else None


def begin_run(session: Session, program: Program) -> Records:
    """A new run of the program. Earlier runs of its schema that never ended are marked as failed.

    The caller holds the lock of the schema, so that none of them can still be at work.
    """
    session.ask(
        "UPDATE headrace.runs SET state = 'failed', finished = clock_timestamp(), error = 'stopped before its end'"
        " WHERE schema = %s AND state = 'running'",
        program.schema,
    )
    rows = session.ask(
        "INSERT INTO headrace.runs (project, schema, fingerprint, headrace) VALUES (%s, %s, %s, %s) RETURNING id",
        program.project,
        program.schema,
        program.fingerprint,
        version("headrace"),
    )
    return Records(session, rows[0][0])


def continue_run(session: Session, run: int) -> Records:
    """The same run over a new connection."""
    session.ask("UPDATE headrace.runs SET pid = pg_backend_pid() WHERE id = %s", run)
    return Records(session, run)


def migrate(session: Session) -> None:
    """Makes the schema ``headrace`` or brings it to this version. Raises Stopped where a newer Headrace made it."""
    newest = len(_MIGRATIONS)
    found = _version(session)
    if found == newest:
        return
    with session.transaction():
        # Runs of different schemas may come here at the same time.
        session.ask(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        found = _version(session)
        if found > newest:
            raise Stopped([diagnose("R238", found=found, known=newest)])
        if found == 0:
            if not session.ask("SELECT 1 FROM pg_namespace WHERE nspname = 'headrace'"):
                session.run("CREATE SCHEMA headrace")
                comment = literal(f"The runs of Headrace.\n{STATE_SCHEMA_MARK}")
                session.run(f"COMMENT ON SCHEMA headrace IS {comment}")
            session.run("CREATE TABLE headrace.version (version integer NOT NULL)")
            session.run("INSERT INTO headrace.version VALUES (0)")
        for statements in _MIGRATIONS[found:]:
            for statement in statements:
                session.run(statement)
        session.run(f"UPDATE headrace.version SET version = {newest}")


def _version(session: Session) -> int:
    """The version of the schema in the database, 0 where there is none yet."""
    if not session.ask("SELECT to_regclass('headrace.version')")[0][0]:
        return 0
    rows = session.ask("SELECT version FROM headrace.version")
    return int(rows[0][0]) if rows else 0
