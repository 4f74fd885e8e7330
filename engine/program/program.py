"""The program: what is done in the warehouse, in order, as plain data. Running it needs no compiler."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from typing import Literal as Choice

from headrace.grammar.types import Schema
from headrace.plan.clock import NEVER, Clock
from headrace.plan.names import physical_name


@dataclass(frozen=True, slots=True)
class Target:
    """A table or view by schema and name, unquoted."""

    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class TableRead:
    """A table or view of others as the source ``source`` says that it is: the ``columns`` that are needed, with their
    types and which are never null, and its keys."""

    source: str
    table: Target
    columns: Schema
    keys: tuple[tuple[str, ...], ...] = ()

    def to_json(self) -> dict[str, Any]:
        table = [self.table.schema, self.table.name]
        keys = [list(key) for key in self.keys]
        return {"source": self.source, "table": table, "columns": self.columns.to_json(), "keys": keys}


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
class RowCheck:
    """Something that must hold before a table is swapped in: no row breaks it.

    ``node`` and ``step`` say where it is written, ``subject`` names it and ``rule`` says it, in words. ``count`` is a
    query of how many rows break it, ``failing`` one of the first of these rows; ``columns`` is its schema. Where it
    is about a relation as a whole (``of_whole``), the one row of ``failing`` says in its one column what was found;
    with ``each``, the names of parameters, there is a row for each of their values that breaks it. ``proof`` is a
    statement that succeeds only where the check holds, and then there is nothing to count. A run keeps the failing
    rows in ``table``. ``pointer`` leads to where it is written, if that is known. ``stop``: nothing is changed where
    it does not hold, else it is only told.
    """

    node: str
    step: str
    subject: str
    rule: str
    severity: Choice["warn", "stop"]
    count: str
    failing: str
    columns: Schema
    table: Target
    of_whole: bool = False
    each: tuple[str, ...] = ()
    description: str | None = None
    proof: str | None = None
    pointer: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "node": self.node,
            "step": self.step,
            "subject": self.subject,
            "rule": self.rule,
            "severity": self.severity,
            "description": self.description,
            "count": self.count,
            "failing": self.failing,
            "columns": self.columns.to_json(),
            "table": [self.table.schema, self.table.name],
            "proof": self.proof,
            "pointer": self.pointer,
        }


@dataclass(frozen=True, slots=True)
class Refresh:
    """How a table keeps the rows of those values of its ``parameters`` that need not be computed again.

    That is possible where the table is there, with these ``columns`` and a mark that names the same ``definition``.
    Then ``kept`` is a table of the values whose rows stay, and ``statements`` are what the swap does in place of moving
    the new table; else there is no ``kept``. ``values`` has the values that are computed, ``rows`` their rows.
    """

    definition: str
    parameters: tuple[str, ...]
    columns: tuple[str, ...]
    values: Target
    kept: Target
    rows: Target
    statements: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        tables = {"values": self.values, "kept": self.kept, "rows": self.rows}
        return {
            "definition": self.definition,
            "parameters": list(self.parameters),
            **{name: [table.schema, table.name] for name, table in tables.items()},
            "statements": list(self.statements),
        }


@dataclass(frozen=True, slots=True)
class Build:
    """A table built in the build schema and, when all is well, moved to ``target``; or a view made there at the swap.

    ``sql`` is the whole statement (``CREATE TABLE … AS`` for a table, built as ``building``; ``CREATE VIEW`` for a
    view), ``select`` its query alone, ``more`` statements that add further rows to the table, and ``before`` what is
    done before. Once all rows are there,
    ``checks`` are made, and ``after`` follows (ANALYZE, comments). ``header`` is the comment that stands above the
    SQL in a file. ``inputs`` names the loads and builds that must be done before, ``clock`` says when the
    rows are stale though no input has changed. An ``intermediate`` is a table that
    the compiler placed: it is dropped at the end and never moved. With ``refresh``, the table may stay and get new
    rows.
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
    checks: tuple[RowCheck, ...] = ()
    after: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    clock: Clock = NEVER
    before: tuple[str, ...] = ()
    refresh: Refresh | None = None

    @property
    def name(self) -> str:
        return self.node


@dataclass(frozen=True, slots=True)
class Program:
    """Everything a run does, inputs before what reads them.

    Tables are built in ``build_schema`` (``<schema>__build``), which belongs to the program alone, and moved to
    ``schema`` in one transaction at the end. Rows that break a check are kept in ``failed_schema``
    (``<schema>__failed``).
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
    reads: tuple[TableRead, ...] = ()
    """Tables of others, which must be as they were declared."""
    guard: str = ""
    """A statement that raises where ``reads`` are otherwise; empty where there are none."""

    @property
    def failed_schema(self) -> str:
        return physical_name(self.schema, "__failed")

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
            "reads": [read.to_json() for read in self.reads],
            "guard": self.guard,
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
        "statements": [*step.before, step.sql, *step.more, *step.after],
        "refresh": None if step.refresh is None else step.refresh.to_json(),
        "checks": [check.to_json() for check in step.checks],
    }
