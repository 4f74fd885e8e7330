"""Runs the tests of flows, each in a transaction of its own that is rolled back."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psycopg2

from headrace.diagnostics import Diagnostic, diagnose
from headrace.program.testing import MOST_ROWS, TestProgram
from headrace.run.differences import Difference, difference
from headrace.run.session import Session


@dataclass(frozen=True, slots=True)
class TestRun:
    """What became of a test: it has passed where there is neither a difference nor a problem."""

    difference: Difference
    problem: Diagnostic | None
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.difference and self.problem is None


def run_test(
    session: Session, name: str, node: str, pointer: str, program: TestProgram, keys: tuple[str, ...], ordered: bool
) -> TestRun:
    """Runs a test. Nothing of it stays, and no table of the warehouse is read or changed.

    Raises ConnectionLost where there is no server any more.
    """
    began = time.monotonic()
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
        problem = diagnose("T122", pointer=pointer, test=name, node=node, reason=reason, sqlstate=error.pgcode)
        return TestRun(Difference(), problem, time.monotonic() - began)
    if len(found) > MOST_ROWS:
        problem = diagnose("T123", pointer=pointer, node=node, limit=f"{MOST_ROWS:,}")
        return TestRun(Difference(), problem, time.monotonic() - began)
    return TestRun(difference(expected, found, program.columns, keys, ordered), None, time.monotonic() - began)
