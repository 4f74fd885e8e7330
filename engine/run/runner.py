"""Runs a program: builds its tables beside the old ones, then swaps them all at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psycopg2

from headrace.diagnostics import Diagnostic, diagnose
from headrace.program.instant import setting_instant
from headrace.program.program import Build, FileLoad, Program
from headrace.program.quoting import literal, qualified
from headrace.run.checking import Checking
from headrace.run.events import (
    CheckResult,
    Computed,
    Event,
    Retrying,
    RowsLoaded,
    RunFailed,
    RunResult,
    RunStarted,
    RunState,
    StepKind,
    StepResult,
    StepStarted,
    Swapped,
    TableBuilt,
    WaitingForRun,
)
from headrace.run.failed_step import explain_failed_step
from headrace.run.failure import WarehouseError
from headrace.run.ground import (
    check_schemas,
    check_targets,
    clear_build_schema,
    drop_build_schema,
    explain_records_refused,
    make_schemas,
)
from headrace.run.loading import load_file
from headrace.run.lock import take_lock
from headrace.run.records import Records, begin_run, continue_run, migrate
from headrace.run.selection import select_steps, with_dependent_views
from headrace.run.session import RETRIED_STATES, Patience, Session
from headrace.run.stopped import ConnectionLost, Stopped
from headrace.run.swap import swap
from headrace.run.tables import check_program_tables
from headrace.run.warehouse import Warehouse

Listener = Callable[[Event], None]

_LOST_SESSION_ENDS_WITHIN = 10.0  # seconds


def run_program(
    program: Program,
    warehouse: Warehouse,
    folder: Path,
    *,
    on_event: Listener | None = None,
    nodes: Iterable[str] | None = None,
    wait: bool = False,
    allow_outside: bool = False,
    patience: Patience | None = None,
) -> RunResult:
    """Makes the tables and views of ``program`` in the warehouse; the paths of files are relative to ``folder``.

    All of them change at the same moment, or none does. ``nodes`` limits the run to those and what they need. Where
    another run builds the same schema, this one waits for it if ``wait`` and fails otherwise. ``allow_outside`` lets
    files lie outside of the folder. ``on_event`` is called from this thread while the run is at work; what it raises
    stops the run and comes through. Ctrl-C cancels the statement at work and ends the run as ``interrupted``.

    Nothing else is raised: the result's diagnostics say what went wrong.

    >>> with open_warehouse(None, folder) as warehouse:  # doctest: +SKIP
    ...     result = run_program(program, warehouse, folder, on_event=print)
    """
    return _Run(program, warehouse, folder, on_event, wait, allow_outside, patience or Patience()).run(nodes)


class _Run:
    """One run, over one connection or, where that is lost, several."""

    def __init__(
        self,
        program: Program,
        warehouse: Warehouse,
        folder: Path,
        on_event: Listener | None,
        wait: bool,
        allow_outside: bool,
        patience: Patience,
    ) -> None:
        self.whole = self.program = program
        self.warehouse = warehouse
        self.folder = folder
        self.tell: Listener = on_event or (lambda event: None)
        self.wait = wait
        self.allow_outside = allow_outside
        self.patience = patience
        self.number: int | None = None
        self.results: dict[str, StepResult] = {}
        self.swapping = False
        self.instant: str | None = None
        self.checking: Checking | None = None

    def run(self, nodes: Iterable[str] | None) -> RunResult:
        began = time.monotonic()
        state: RunState = "succeeded"
        problems: tuple[Diagnostic, ...] = ()
        try:
            if nodes is not None:
                self.program = select_steps(self.whole, nodes)
            self._run_with_reconnections()
        except Stopped as stopped:
            state, problems = "failed", stopped.diagnostics
        except ConnectionLost as lost:
            hints = ("No table of the project was changed.",)
            state, problems = "failed", (replace(lost.diagnostic, hints=hints),)
        except WarehouseError as refused:
            state, problems = "failed", (refused.diagnostic,)
        except KeyboardInterrupt:
            state, problems = "interrupted", (diagnose("R263"),)
        if problems:
            self.tell(RunFailed(problems))
        steps = tuple(self._result_of(step) for step in self.program.steps)
        checks: tuple[CheckResult, ...] = ()
        if self.checking is not None:
            checks = tuple(self.checking.results)
            problems = (*self.checking.warnings, *problems)
        return RunResult(state, self.number, steps, problems, time.monotonic() - began, checks)

    def _run_with_reconnections(self) -> None:
        """The whole run, anew where the connection was lost: unlogged tables are gone when the server crashed."""
        losses = 0
        session = self._connect()
        while True:
            try:
                with session:
                    self._run_over(session)
                return
            except ConnectionLost as lost:
                losses += 1
                if losses > self.patience.reconnections:
                    raise
                session = self._reconnect(lost)

    def _connect(self) -> Session:
        return Session(self.warehouse, f"headrace run {self.program.project}"[:60])

    def _reconnect(self, lost: ConnectionLost) -> Session:
        """A new session as soon as the server takes one. Raises what the loss was where it does not."""
        for wait in self.patience.waits(self.patience.tries + 1):
            self.tell(Retrying("connection", str(lost.diagnostic.params["reason"]), wait))
            time.sleep(wait)
            try:
                return self._connect()
            except WarehouseError:
                continue
        if self.swapping:
            raise Stopped([diagnose("R265")]) from lost
        raise lost

    def _run_over(self, session: Session) -> None:
        take_lock(
            session,
            self.program.schema,
            wait=self.wait,
            # The server may not have noticed yet that our lost connection, which holds the lock, is gone.
            within=0.0 if self.number is None else _LOST_SESSION_ENDS_WITHIN,
            tell=lambda holder: self.tell(WaitingForRun(self.program.schema, holder)),
        )
        check_schemas(session, self.program)
        self._set_instant(session)
        records = self._record(session)
        if self.swapping and records.state() == "succeeded":  # the connection was lost after the swap
            self._tidy(session)
            return
        try:
            self._build_and_swap(session, records)
        except Stopped as stopped:
            self._give_up(session, records, "\n".join(problem.message for problem in stopped.diagnostics[:20]))
            raise
        except KeyboardInterrupt:
            if not (self.swapping and records.state() == "succeeded"):
                self._give_up(session, records, "interrupted")
                raise
        except psycopg2.Error as error:  # the server refused something that is no statement of a step
            reason = (error.diag.message_primary or str(error)).strip()
            self._give_up(session, records, reason)
            raise Stopped([diagnose("R267", reason=reason)]) from error
        except BaseException as error:  # from a listener
            self._give_up(session, records, f"stopped by {type(error).__name__}")
            raise
        if self.checking is not None:
            self.checking.forget()
        self._tidy(session)

    def _set_instant(self, session: Session) -> None:
        """Sets the run's instant, the same in every session that the run needs."""
        if not self.program.instant:
            return
        try:
            instant = self.program.instant if self.instant is None else literal(self.instant)
            (self.instant,) = session.ask(setting_instant(instant))[0]
        except psycopg2.Error as error:
            raise Stopped([diagnose("R267", reason=(error.diag.message_primary or str(error)).strip())]) from error

    def _record(self, session: Session) -> Records:
        """The record of this run: a new one or, after a lost connection, the one it has."""
        try:
            migrate(session)
            if self.number is not None:
                return continue_run(session, self.number)
            records = begin_run(session, self.program)
        except psycopg2.Error as error:
            raise Stopped([explain_records_refused(session, error)]) from error
        self.number = records.run
        names = tuple(step.name for step in self.program.steps)
        self.tell(RunStarted(records.run, self.program.project, self.program.schema, names))
        return records

    def _build_and_swap(self, session: Session, records: Records) -> None:
        self.swapping = False
        self.results.clear()
        self.program = with_dependent_views(session, self.program, self.whole)
        program = self.program
        check_targets(session, program, program.builds)
        check_program_tables(session, program)
        make_schemas(session, program)
        checking = Checking(session, program, records, self.tell, whole=program.steps == self.whole.steps)
        self.checking = checking
        for step in program.steps:
            if isinstance(step, FileLoad) or step.kind != "view":
                self._do(session, records, step, checking)
            else:
                checking.make(step)
        began = time.monotonic()
        self.swapping = True
        swap(session, program, program.builds, records, self.patience, lambda *why: self.tell(Retrying("swap", *why)))
        for build in program.builds:
            if build.kind == "view":
                self.results[build.name] = StepResult(build.name, "view", "succeeded", target=build.target)
        self.tell(Swapped(tuple(build.target for build in program.builds), time.monotonic() - began))

    def _do(self, session: Session, records: Records, step: FileLoad | Build, checking: Checking) -> None:
        """Loads a file, or builds a table and makes its checks."""
        kind: StepKind = "load" if isinstance(step, FileLoad) else step.kind
        target = step.target if isinstance(step, Build) and kind == "table" else None
        self.tell(StepStarted(step.name, kind))
        began = time.monotonic()
        computed: Computed | None = None
        try:
            if isinstance(step, FileLoad):
                rows = self._retried(session, step.name, lambda: self._load(session, step))
            else:
                rows = self._retried(session, step.name, lambda: _build(session, step))
                computed = _computed(session, step)
                # Committed by now, so that failing rows can be kept when a check stops the run.
                checking.make(step)
                self._retried(session, step.name, lambda: _finish(session, step))
        except BaseException as error:
            seconds = time.monotonic() - began
            self.results[step.name] = StepResult(step.name, kind, "failed", None, seconds, target)
            if isinstance(error, Stopped):
                records.attempted(step, kind, seconds, None, str(error))
            raise
        seconds = time.monotonic() - began
        records.attempted(step, kind, seconds, rows)
        self.results[step.name] = StepResult(step.name, kind, "succeeded", rows, seconds, target, computed)
        if isinstance(step, FileLoad):
            self.tell(RowsLoaded(step.name, rows, seconds))
        else:
            self.tell(TableBuilt(step.name, kind, rows, seconds, computed))

    def _retried(self, session: Session, name: str, work: Callable[[], int]) -> int:
        """``work`` in a transaction, again where it fails for a reason that passes."""
        return session.retried(work, self.patience, lambda reason, wait: self.tell(Retrying(name, reason, wait)))

    def _load(self, session: Session, load: FileLoad) -> int:
        try:
            return load_file(session, load, self.folder, allow_outside=self.allow_outside)
        except psycopg2.Error as error:
            if error.pgcode in RETRIED_STATES:
                raise
            raise Stopped([explain_failed_step(load, load.cast, error)], load.name) from error

    def _give_up(self, session: Session, records: Records, reason: str) -> None:
        """Leaves things as they were, as far as that can be done; the next run does the rest."""
        with suppress(psycopg2.Error, ConnectionLost, Stopped):
            records.finish("failed", reason)
        with suppress(psycopg2.Error, ConnectionLost, Stopped):
            clear_build_schema(session, self.program)
            drop_build_schema(session, self.program)

    def _tidy(self, session: Session) -> None:
        """Drops what only the run needed. All is done by now: what fails here is left to the next run."""
        with suppress(psycopg2.Error, ConnectionLost, Stopped, KeyboardInterrupt):
            clear_build_schema(session, self.program)
            drop_build_schema(session, self.program)

    def _result_of(self, step: FileLoad | Build) -> StepResult:
        kind: StepKind = "load" if isinstance(step, FileLoad) else step.kind
        return self.results.get(step.name) or StepResult(step.name, kind, "not run")


def _build(session: Session, build: Build) -> int:
    """Fills the table and gives the number of its rows."""
    for statement in build.before:
        _run(session, build, statement)
    return sum(_run(session, build, statement) for statement in (build.sql, *build.more))


def _computed(session: Session, build: Build) -> Computed | None:
    """How many values the build has computed, where it keeps those of others."""
    if build.refresh is None:
        return None
    (values,) = session.ask(f"SELECT count(*) FROM {qualified(build.refresh.values)}")[0]
    kept = qualified(build.refresh.kept)
    if not session.ask("SELECT 1 WHERE to_regclass(%s) IS NOT NULL", kept):
        return Computed(values, values)
    (staying,) = session.ask(f"SELECT count(*) FROM {kept}")[0]
    return Computed(values, values + staying)


def _finish(session: Session, build: Build) -> int:
    """What follows once the table's rows have been checked."""
    return sum(_run(session, build, statement) for statement in build.after)


def _run(session: Session, build: Build, statement: str) -> int:
    try:
        return session.run(statement)
    except psycopg2.Error as error:
        if error.pgcode in RETRIED_STATES:
            raise
        raise Stopped([explain_failed_step(build, statement, error)], build.node) from error
