"""Runs the tests of flows, each in a transaction of its own that is rolled back."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg2

from headrace.diagnostics import Diagnostic, diagnose
from headrace.program.testing import MOST_ROWS, TestProgram
from headrace.run.differences import Difference, difference
from headrace.run.failure import WarehouseError
from headrace.run.session import Session
from headrace.run.stopped import ConnectionLost
from headrace.run.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class TestRun:
    """What became of a test: it has passed where there is neither a difference nor a problem."""

    difference: Difference
    problem: Diagnostic | None
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.difference and self.problem is None


class RunnableTest(Protocol):
    """A test as ``Engine.tests`` gives it."""

    @property
    def name(self) -> str: ...
    @property
    def node(self) -> str: ...
    @property
    def pointer(self) -> str: ...
    @property
    def program(self) -> TestProgram: ...
    @property
    def keys(self) -> tuple[str, ...]: ...
    @property
    def ordered(self) -> bool: ...


def run_tests(tests: Iterable[RunnableTest], warehouse: Warehouse) -> list[TestRun]:
    """Runs the tests, one after the other, and gives what became of each.

    Nothing of them stays in the warehouse, and no table of it is read or changed. Raises WarehouseError where there is
    no server, or none any more.

    >>> with open_warehouse(url, None) as warehouse:  # doctest: +SKIP
    ...     runs = run_tests(Engine().tests(document).tests, warehouse)
    """
    try:
        with Session(warehouse, "headrace test") as session:
            return [_run(session, test) for test in tests]
    except ConnectionLost as lost:
        raise WarehouseError(lost.diagnostic) from lost


def _run(session: Session, test: RunnableTest) -> TestRun:
    began = time.monotonic()
    program = test.program
    try:
        session.run("BEGIN")
        try:
            for statement in program.statements:
                session.run(statement)
            session.run("SET TRANSACTION READ ONLY")
            expected, found = session.ask(program.expected), session.ask(program.found)
        finally:
            session.run("ROLLBACK")
    except psycopg2.Error as error:
        reason = (error.diag.message_primary or str(error)).strip().splitlines()[0]
        about: dict[str, Any] = {"test": test.name, "node": test.node, "reason": reason, "sqlstate": error.pgcode}
        return TestRun(Difference(), diagnose("T122", pointer=test.pointer, **about), time.monotonic() - began)
    if len(found) > MOST_ROWS:
        problem = diagnose("T123", pointer=test.pointer, node=test.node, limit=f"{MOST_ROWS:,}")
        return TestRun(Difference(), problem, time.monotonic() - began)
    differs = difference(expected, found, program.columns, test.keys, test.ordered)
    return TestRun(differs, None, time.monotonic() - began)
