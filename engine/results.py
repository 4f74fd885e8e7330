"""What the engine gives back: typed results, each with ``to_json()``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from typing import Literal as Choice

from headrace.diagnostics import Diagnostic
from headrace.grammar.types import Schema
from headrace.plan import Clock, Key, Lineage, Relation, lineage_of
from headrace.plan.clock import NEVER
from headrace.plan.estimates import Estimates
from headrace.program.explained import ExplainedNode
from headrace.program.program import FileLoad, Program, TableRead
from headrace.program.tables import guard
from headrace.rules.rule import Firing


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step after checking: ``ok`` with the columns it gives, ``bad``, or ``blocked`` by a bad one before it."""

    kind: str
    name: str
    pointer: str
    state: Choice["ok", "bad", "blocked"]
    schema: Schema | None

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "name": self.name,
            "pointer": self.pointer,
            "state": self.state,
            "schema": None if self.schema is None else self.schema.to_json(),
        }


@dataclass(frozen=True, slots=True)
class SourceResult:
    """A source after checking. ``place`` is the path of a file or the name of a table; ``formulas`` are its virtual
    columns and values. ``schema`` is None where the source is ``bad``."""

    name: str
    state: Choice["ok", "bad"]
    kind: Choice["file", "table", "rows", "series"]
    place: str | None
    schema: Schema | None
    keys: tuple[Key, ...]
    formulas: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "state": self.state,
            "kind": self.kind,
            "place": self.place,
            "schema": None if self.schema is None else self.schema.to_json(),
            "keys": [sorted(key) for key in self.keys],
            "formulas": dict(self.formulas),
        }


@dataclass(frozen=True)
class NodeResult:
    """A node after checking or compiling.

    ``schema``, ``keys`` and ``lineage`` are None or empty where the node has a mistake or is ``blocked`` by one
    upstream. ``clock`` says when the rows are stale though no input has changed. ``sql`` (its statements under a
    header), ``fingerprint``, ``firings`` (the rules that changed its plan) and ``rewritten``, the plan that they
    made of it and of those of the nodes that it computes, are there after compiling; and ``estimates``, of its rows.
    """

    name: str
    state: Choice["ok", "bad", "blocked"]
    kept: Choice["inline", "view", "table"]
    schema: Schema | None
    keys: tuple[Key, ...]
    plan: Relation | None = field(repr=False)
    steps: tuple[StepResult, ...]
    then: tuple[StepResult, ...]
    reads: tuple[str, ...]
    sql: str | None = None
    fingerprint: str | None = None
    clock: Clock = NEVER
    formulas: Mapping[str, str] = field(default_factory=dict)
    expanded: bool = False
    firings: tuple[Firing, ...] = field(default=(), repr=False)
    rewritten: Relation | None = field(default=None, repr=False)
    estimates: Estimates | None = field(default=None, repr=False, compare=False)

    @cached_property
    def lineage(self) -> Lineage:
        """For each column, the columns of sources and nodes that it comes from; computed when it is asked for."""
        return Lineage() if self.plan is None else lineage_of(self.plan)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "state": self.state,
            "kept": self.kept,
            "schema": None if self.schema is None else self.schema.to_json(),
            "keys": [sorted(key) for key in self.keys],
            "lineage": self.lineage.to_json(),
            "formulas": dict(self.formulas),
            "expanded": self.expanded,
            "steps": [step.to_json() for step in self.steps],
            "then": [step.to_json() for step in self.then],
            "reads": list(self.reads),
            "sql": self.sql,
            "fingerprint": self.fingerprint,
            "clock": self.clock.to_json(),
            "rules": list(dict.fromkeys(each.rule for each in self.firings)),
            "firings": [each.to_json() for each in self.firings],
        }


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What is known of a project without its SQL."""

    diagnostics: tuple[Diagnostic, ...]
    nodes: Mapping[str, NodeResult]
    sources: Mapping[str, SourceResult] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return not any(each.severity == "error" for each in self.diagnostics)

    def to_json(self) -> dict[str, Any]:
        return {
            "headrace": 1,
            "ok": self.ok,
            "diagnostics": [each.to_json() for each in self.diagnostics],
            "sources": {name: source.to_json() for name, source in self.sources.items()},
            "nodes": {name: node.to_json() for name, node in self.nodes.items()},
        }


@dataclass(frozen=True, slots=True)
class CompileResult(CheckResult):
    """A compiled project. ``program`` holds the nodes that have no mistakes; run it only where ``ok``."""

    program: Program | None = None

    def to_json(self) -> dict[str, Any]:
        program = None if self.program is None else self.program.to_json()
        return {**super(CompileResult, self).to_json(), "program": program}


@dataclass(frozen=True, slots=True)
class PivotQuery:
    """A SELECT whose rows are values that a pivot makes columns of: for the step ``step`` of ``node``.

    ``loads`` are the files that it reads, as temporary tables, ``reads`` the tables of others. Several queries may be
    for one step: then all their rows count.
    """

    node: str
    step: str
    schema: Schema
    sql: str
    loads: tuple[FileLoad, ...] = ()
    reads: tuple[TableRead, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "node": self.node,
            "step": self.step,
            "columns": {name: str(type_) for name, type_ in self.schema},
            "sql": self.sql,
            "loads": [load.source for load in self.loads],
            "guard": guard(self.reads, whole=False),
        }


@dataclass(frozen=True, slots=True)
class DiscoverResult:
    """What to ask the database before a project with pivots can be compiled.

    The rows go into the catalog: ``{"pivots": {node: {step: {"columns": …, "values": […]}}}}``. What stands behind a
    pivot without values is not seen: where the answers are new, ask again.
    """

    diagnostics: tuple[Diagnostic, ...]
    queries: tuple[PivotQuery, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "headrace": 1,
            "diagnostics": [each.to_json() for each in self.diagnostics],
            "queries": [query.to_json() for query in self.queries],
        }


@dataclass(frozen=True, slots=True)
class ExplainResult:
    """What explains a node to whoever has its database (see ``headrace.run.explaining``); ``explained`` is None where
    ``diagnostics`` has an error."""

    diagnostics: tuple[Diagnostic, ...]
    explained: ExplainedNode | None = None


@dataclass(frozen=True, slots=True)
class PreviewResult:
    """One SELECT for the first rows of a node or step; ``loads`` are the files it reads, as temporary tables, and
    ``reads`` the tables of others. ``guard`` is a statement that raises where these are not as they were declared.

    ``sql`` and ``schema`` are None where ``diagnostics`` has an error.
    """

    diagnostics: tuple[Diagnostic, ...]
    sql: str | None = None
    schema: Schema | None = None
    loads: tuple[FileLoad, ...] = field(default=())
    reads: tuple[TableRead, ...] = field(default=())

    @property
    def guard(self) -> str:
        return guard(self.reads, whole=False)

    @property
    def ok(self) -> bool:
        return self.sql is not None

    def to_json(self) -> dict[str, Any]:
        return {
            "headrace": 1,
            "ok": self.ok,
            "diagnostics": [each.to_json() for each in self.diagnostics],
            "sql": self.sql,
            "schema": None if self.schema is None else self.schema.to_json(),
            "loads": [load.source for load in self.loads],
            "guard": self.guard,
        }
