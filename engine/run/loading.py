"""One file of a project becomes a table of the build schema, or a list of what is wrong with the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import psycopg2

from headrace.connect.bad_cells import bad_cell_diagnostics, find_bad_cells
from headrace.connect.csv_files import find_file, header_of
from headrace.connect.csv_problems import check_columns, explain_failed_copy
from headrace.diagnostics import Diagnostic, diagnose
from headrace.program.loads import make_load
from headrace.program.program import FileLoad
from headrace.run.ground import pointer_to
from headrace.run.session import Session
from headrace.run.stopped import Stopped


def load_file(session: Session, load: FileLoad, folder: Path, *, allow_outside: bool = False) -> int:
    """Loads the file, inside a transaction that the caller has begun, and gives the number of its rows.

    Raises Stopped with every problem of the file; psycopg2.Error for what has nothing to do with it. The transaction
    is then to be rolled back: it may hold what the search for problems has left.
    """
    path = find_file(folder, load.path, allow_outside=allow_outside)
    if isinstance(path, Diagnostic):
        raise _stopped(load, [path])
    try:
        with path.open("rb") as file:
            load = _for_header(load, header_of(file, load.path))
            session.run(load.create)
            _copy(session, load, file, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise _stopped(load, [diagnose("R203", path=load.path, reason=reason)]) from error
    rows = _cast(session, load, path)
    session.run(load.drop)
    for statement in load.after:
        try:
            session.run(statement)
        except psycopg2.errors.UniqueViolation as error:
            raise _stopped(load, [_not_unique(load, error)]) from error
    return rows


def _for_header(load: FileLoad, header: tuple[str, ...] | Diagnostic) -> FileLoad:
    """The load for the columns that the file has now; they may stand in another order than when it was compiled."""
    if isinstance(header, Diagnostic):
        raise _stopped(load, [header])
    problems = check_columns(header, load.columns.names, load.path)
    if problems:
        raise _stopped(load, problems)
    if header == load.header:
        return load
    made = make_load(load.source, load.path, load.columns, header, load.staging.schema)
    return replace(made, staging=load.staging, table=load.table, after=load.after)


class _Watched:
    """A file that remembers whether it may hold the line ``\\.``, at which PostgreSQL 15 to 17 stop reading."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._end = b"\n"
        self.may_end_early = False

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        if b"\\." in (text := self._end + chunk):
            self.may_end_early |= b"\n\\." in text or b"\r\\." in text
        self._end = text[-2:]
        return chunk


def _copy(session: Session, load: FileLoad, file: BinaryIO, path: Path) -> None:
    watched = _Watched(file)
    try:
        session.copy(load.copy, watched)  # type: ignore[arg-type]  # psycopg2 calls read() and nothing else
    except psycopg2.Error as error:
        if not (error.pgcode or "").startswith("22"):
            raise
        problems = explain_failed_copy(path, len(load.header), load.path)
        if not problems:
            reason = (error.diag.message_primary or str(error)).strip()
            problems = [diagnose("R209", path=load.path, reason=reason).at(file=load.path)]
        raise _stopped(load, problems) from error
    if watched.may_end_early:
        problems = explain_failed_copy(path, len(load.header), load.path)
        if problems:
            raise _stopped(load, problems)


def _cast(session: Session, load: FileLoad, path: Path) -> int:
    session.run("SAVEPOINT staged")
    try:
        rows = session.run(load.cast)
    except psycopg2.Error as error:
        if not (error.pgcode or "").startswith("22"):
            raise
        session.run("ROLLBACK TO SAVEPOINT staged")
        cells, total = find_bad_cells(load, session.ask)
        problems = bad_cell_diagnostics(load, path, cells, total)
        if not problems:
            raise
        raise _stopped(load, problems) from error
    session.run("RELEASE SAVEPOINT staged")
    return rows


def _not_unique(load: FileLoad, error: psycopg2.Error) -> Diagnostic:
    reason = (error.diag.message_detail or error.diag.message_primary or str(error)).strip()
    key = reason.split("=", 1)[0].removeprefix("Key ")
    return diagnose("R223", key=key, name=load.source, path=load.path, reason=reason).at(file=load.path)


def _stopped(load: FileLoad, problems: list[Diagnostic]) -> Stopped:
    pointer = pointer_to("sources", load.source)
    return Stopped((problem.at(pointer=pointer) for problem in problems), load.source)
