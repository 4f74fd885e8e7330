"""The program: what is done in the warehouse, in order, as plain data. Running it needs no compiler."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from typing import Literal as Choice

from headrace.grammar.types import Schema
from headrace.plan.clock import NEVER, Clock


@dataclass(frozen=True, slots=True)
class Target:
    """A table or view by schema and name, unquoted."""

    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class FileLoad:
    """A CSV file becomes a typed table of the build schema.

    ``header`` are the columns in the order of the file, all copied as text into ``staging``; ``columns`` is the typed
    schema of ``table``, a subset of the header in any order. ``create``, ``copy`` (a ``COPY … FROM STDIN``), ``cast``
    (a ``CREATE TABLE … AS``) and ``drop`` are SQL; ``psql_copy`` is the ``\\copy`` line that stands for ``copy``
    under psql.
    """

    source: str
    path: str
    header: tuple[str, ...]
    columns: Schema
    staging: Target
    table: Target
    create: str
    copy: str
    psql_copy: str
    cast: str
    drop: str
    after: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True)
class Build:
    """A table built in the build schema and, when all is well, moved to ``target``; or a view made there at the swap.

    ``sql`` is the whole statement (``CREATE TABLE … AS`` for a table, built as ``building``; ``CREATE VIEW`` for a
    view), ``select`` its query alone, ``more`` statements that add further rows to the table, ``after`` those that
    follow once all rows are there (constraints, ANALYZE, comments). ``header`` is the comment that stands above the
    SQL in a file. ``inputs`` names the loads and builds that must be done before, ``clock`` says when the
    rows are stale though no input has changed. An ``intermediate`` is a table that
    the compiler placed: it is dropped at the end and never moved.
    """

    node: str
    kind: Choice["table", "view", "intermediate"]
    target: Target
    building: Target
    columns: Schema
    header: str
    sql: str
    select: str
    fingerprint: str
    more: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    clock: Clock = NEVER

    @property
    def name(self) -> str:
        return self.node


@dataclass(frozen=True, slots=True)
class Program:
    """Everything a run does, inputs before what reads them.

    Tables are built in ``build_schema`` (``<schema>__build``), which belongs to the program alone, and moved to
    ``schema`` in one transaction at the end.
    """

    project: str
    schema: str
    build_schema: str
    steps: tuple[FileLoad | Build, ...] = ()
    fingerprint: str = ""
    needs_run: tuple[str, ...] = field(default=())
    """Why psql cannot run this program by itself; empty where it can."""
    instant: str = ""
    """The SQL of the moment that ``now()`` is throughout the program; empty where nothing asks."""

    @property
    def builds(self) -> tuple[Build, ...]:
        """The tables and views that are kept."""
        return tuple(step for step in self.steps if isinstance(step, Build) and step.kind != "intermediate")

    def to_json(self) -> dict[str, Any]:
        return {
            "headrace": 1,
            "project": self.project,
            "schema": self.schema,
            "build_schema": self.build_schema,
            "fingerprint": self.fingerprint,
            "needs_run": list(self.needs_run),
            "instant": self.instant,
            "steps": [_step_json(step) for step in self.steps],
        }


def _step_json(step: FileLoad | Build) -> dict[str, Any]:
    if isinstance(step, FileLoad):
        return {
            "load": step.source,
            "path": step.path,
            "columns": step.columns.to_json(),
            "statements": [step.create, step.copy, step.cast, *step.after, step.drop],
        }
    return {
        "node": step.node,
        "kind": step.kind,
        "target": [step.target.schema, step.target.name],
        "columns": step.columns.to_json(),
        "fingerprint": step.fingerprint,
        "clock": step.clock.to_json(),
        "inputs": list(step.inputs),
        "statements": [step.sql, *step.more, *step.after],
    }
