"""One call of the engine: documents read, checked against the policy and bound, and what comes out of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from headrace.bind import Bound, BoundNode, BoundSource, BoundStep, Placed, bind
from headrace.bind.asked import Asked
from headrace.catalog import Catalog
from headrace.diagnostics import Diagnostic, diagnose, meant
from headrace.grammar.memory import FormulaMemory
from headrace.grammar.own_functions import Functions
from headrace.models import Document, InvalidStep, Reading, Step
from headrace.models.folder import Project
from headrace.models.steps import Sql
from headrace.plan import Clock, Relation
from headrace.policy import Policy
from headrace.program.instant import Instant, read_instant
from headrace.program.place import Placement
from headrace.results import NodeResult, SourceResult, StepResult

AsOf = dt.datetime | dt.date | str
"""A moment; what has no offset (a day is its first moment) is a clock in the project's time zone."""


class Compilation:
    """One call: documents read, checked against the policy, bound, and the diagnostics with their places."""

    def __init__(self, document: Any, catalog: Catalog | Mapping[str, Any] | None) -> None:
        project = document if isinstance(document, Project) else Project.of(*_documents(document))
        self.loaded = [each.loaded for each in project.documents]
        self.name = project.name
        self.catalog = Catalog.from_json(catalog) if isinstance(catalog, Mapping) else catalog or Catalog()
        self.found = [Placed(None, each) for each in project.problems]
        for index, loaded in enumerate(self.loaded):
            self.found.extend(Placed(index, each) for each in loaded.diagnostics)
        self.found.extend(Placed(index, each) for index, each in project.taken_names())

    @property
    def documents(self) -> list[Document]:
        return [loaded.document for loaded in self.loaded]

    @property
    def project(self) -> str:
        names = [document.name or "" for document in self.documents]
        flows = [document.flow or "" for document in self.documents]
        return next((name for name in (*names, self.name, *flows) if name), "project")

    @property
    def schema(self) -> str:
        said = [document.schema_ for document in self.documents if document.schema_]
        return said[0] if said else self.project

    @property
    def timezone(self) -> str:
        return next((document.timezone for document in self.documents if document.timezone), "UTC")

    def instant(self, as_of: AsOf | None) -> Instant | None:
        """The run's instant, where one is given and can be read."""
        if as_of is None:
            return None
        try:
            return read_instant(as_of, self.timezone)
        except ValueError as error:
            self.add(diagnose("P109", found=as_of, expected=str(error)))
            return None

    def add(self, diagnostic: Diagnostic, document: int | None = None) -> None:
        self.found.append(Placed(document, diagnostic))

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found, with file, line and column, in the order of the documents and of their lines."""
        placed = []
        for about in self.found:
            if about.document is None or about.document >= len(self.loaded):
                placed.append((len(self.loaded), about.diagnostic))
            else:
                reading: Reading = self.loaded[about.document].reading
                placed.append((about.document, reading.placed(about.diagnostic)))
        placed.sort(key=lambda item: (item[0], item[1].line or 0, item[1].column or 0))
        return tuple(each for _, each in placed)

    def obey(self, policy: Policy) -> None:
        """What the policy refuses is reported and taken out of the documents."""
        for index, loaded in enumerate(self.loaded):
            document = loaded.document
            refused = {}
            for name, source in document.sources.items():
                unread = source.table is None or source.connection is not None
                table_known = unread or source.table in self.catalog.tables
                if source.file is not None and not policy.files:
                    refused[name] = diagnose("P201", pointer=source.at("file"), what="Reading files")
                elif not table_known and not policy.tables:
                    refused[name] = diagnose("P203", pointer=source.at("table"), found=source.table)
            for node in document.nodes.values():
                if node.grants and not policy.grants:
                    self.add(diagnose("P201", pointer=node.at("grants"), what="Granting privileges"), index)
            document = self.without_sql(document, policy, index)
            self.loaded[index] = replace(loaded, document=document)
            for diagnostic in refused.values():
                self.add(diagnostic, index)
            if refused:
                sources = {
                    name: source.model_copy().placed(source.pointer, ("file",)) if name in refused else source
                    for name, source in document.sources.items()
                }
                document = document.model_copy(update={"sources": sources})
                self.loaded[index] = replace(loaded, document=document)
        nodes = sum(len(document.nodes) for document in self.documents)
        steps = sum(len(n.steps) + len(n.then) for document in self.documents for n in document.nodes.values())
        beside = sum(len(node.tests) for document in self.documents for node in document.nodes.values())
        tests = beside + sum(len(document.tests) for document in self.documents)
        counted = ((nodes, policy.nodes, "nodes"), (steps, policy.steps, "steps"), (tests, policy.tests, "tests"))
        for count, limit, what in counted:
            if count > limit:
                self.add(diagnose("P202", count=count, what=what, limit=limit))
                self.loaded = []

    def without_sql(self, document: Document, policy: Policy, index: int) -> Document:
        """The document with the steps of raw SQL that the policy refuses taken away, each after saying so."""

        def allowed(step: Step) -> Step:
            if not isinstance(step, Sql) or step.disabled:
                return step
            if not policy.sql_steps:
                refused = diagnose("P201", pointer=step.at(), what="SQL written by hand")
            elif step.jinja and not policy.jinja:
                refused = diagnose("P201", pointer=step.at("jinja"), what="Jinja")
            else:
                return step
            self.add(refused, index)
            return InvalidStep(step=step.key).placed(step.pointer)

        nodes = {}
        for name, node in document.nodes.items():
            steps, then = tuple(map(allowed, node.steps)), tuple(map(allowed, node.then))
            changed = any(new is not old for new, old in zip((*steps, *then), (*node.steps, *node.then), strict=True))
            nodes[name] = node.model_copy(update={"steps": steps, "then": then}) if changed else node
        return document.model_copy(update={"nodes": nodes})

    def bind(
        self,
        parameters: Mapping[str, Any] | None,
        row_filters: Mapping[str, str] | None,
        policy: Policy,
        asked: Asked | None = None,
        functions: Functions | None = None,
        memory: FormulaMemory | None = None,
    ) -> None:
        limits = (policy.values, policy.columns)
        self._rest = (self.timezone, *limits, row_filters or {}, asked, functions, policy.sql_functions, memory)
        self.bound, placed = self.bound_with(parameters)
        self.found.extend(Placed(each.document, each.diagnostic) for each in placed)

    def bound_with(self, parameters: Mapping[str, Any] | None) -> tuple[Bound, tuple[Placed, ...]]:
        """What ``bind`` gave, with other values of parameters; and what is said of that, which goes nowhere yet."""
        return bind(self.documents, self.catalog, parameters, *self._rest)

    def add_placed(self, placement: Placement) -> None:
        for each in placement.diagnostics:
            self.add(each, self.home(each))

    def home(self, diagnostic: Diagnostic) -> int | None:
        """The document that a diagnostic's pointer leads into."""
        for index, document in enumerate(self.documents):
            for element in (*document.nodes.values(), *document.sources.values()):
                if diagnostic.pointer is not None and (diagnostic.pointer + "/").startswith(element.pointer + "/"):
                    return index
        return None

    def nodes(self, placement: Placement | None) -> dict[str, NodeResult]:
        written = [name for document in self.documents for name in document.nodes]
        clocks = self.bound.clocks()
        return {
            name: _node_result(self.bound.nodes[name], self.bound, placement, clocks.get(name, Clock()))
            for name in dict.fromkeys(written)
            if name in self.bound.nodes
        }

    def sources(self) -> dict[str, SourceResult]:
        return {name: _source_result(source) for name, source in self.bound.sources.items()}

    def plan(self, node: str, step: int | str | None) -> Relation | Diagnostic:
        """What a preview shows."""
        if node in self.bound.sources and step is None:
            stream = self.bound.sources[node].stream
            return diagnose("P106", node=node) if stream is None else self.shown(node, stream.relation)
        bound = self.bound.nodes.get(node)
        if bound is None:
            known = [*self.bound.nodes, *self.bound.sources]
            near, hints = meant(node, known)
            return diagnose("P104", found=node, candidates=near, hints=hints)
        if step is None:
            return diagnose("P106", node=node) if bound.plan is None else self.shown(node, bound.plan)
        steps = (*bound.steps, *bound.then)
        number = int(step) if isinstance(step, int) or step.isdecimal() else None
        chosen = [
            each
            for index, each in enumerate(steps, 1)
            if (number is None and each.name == step) or (number is not None and index == number)
        ]
        if not chosen:
            known = [f"{index} ({each.name})" for index, each in enumerate(steps, 1)]
            hints = [f"Its steps are: {', '.join(known)}."] if known else []
            return diagnose("P105", node=node, found=step, hints=hints)
        relation = chosen[0].relation
        if relation is None:
            return diagnose("P106", node=node)
        if chosen[0] is steps[-1]:
            return self.shown(node, relation)
        if node in self.bound.row_filters:
            # Its formula is about the result; what comes before would show the rows that it hides.
            hints = [f"Only the last step of {node} can be shown where it has a row filter."]
            return diagnose("P205", name=node, hints=hints)
        return relation

    def shown(self, name: str, relation: Relation) -> Relation | Diagnostic:
        """The rows of a source or node as the host's row filter lets its readers see them."""
        shown = self.bound.shown(name, relation)
        return diagnose("P106", node=name) if shown is None else shown


def _documents(document: Any) -> Sequence[Any]:
    several = isinstance(document, Sequence) and not isinstance(document, (str, bytes))
    return document if several else [document]


def _node_result(bound: BoundNode, all_bound: Bound, placement: Placement | None, clock: Clock) -> NodeResult:
    name = bound.node.name
    plan = bound.plan
    steps = tuple(_step_result(step) for step in bound.steps)
    then = tuple(_step_result(step) for step in bound.then)
    state: Literal["ok", "bad", "blocked"] = "ok"
    if plan is None:
        inherited = [each for each in bound.reads if _is_broken(each, all_bound)]
        bad = any(step.state == "bad" for step in (*steps, *then)) or not inherited or _reads_itself(name, all_bound)
        state = "bad" if bad else "blocked"
    return NodeResult(
        name=name,
        state=state,
        kept=bound.kept,
        schema=None if plan is None else plan.schema,
        keys=() if plan is None else tuple(dict.fromkeys((*bound.keys, *plan.keys))),
        plan=plan,
        steps=steps,
        then=then,
        reads=bound.reads,
        sql=None if placement is None else placement.sql.get(name),
        fingerprint=None if placement is None else placement.fingerprints.get(name),
        clock=clock,
        formulas={} if bound.stream is None else bound.stream.formulas,
        expanded=bound.node.for_each is not None,
        firings=() if placement is None else placement.firings.get(name, ()),
        rewritten=None if placement is None else placement.plans.get(name),
        estimates=None if placement is None else placement.estimates,
    )


def _source_result(bound: BoundSource) -> SourceResult:
    source, stream = bound.source, bound.stream
    relation = None if stream is None else stream.relation
    kind: Literal["file", "table", "rows", "series"] = "file"
    if source.table is not None:
        kind = "table"
    elif source.rows is not None:
        kind = "rows"
    elif source.series is not None:
        kind = "series"
    return SourceResult(
        name=source.name,
        state="bad" if relation is None else "ok",
        kind=kind,
        place=source.file if kind == "file" else source.table,
        schema=None if relation is None else relation.schema,
        keys=() if relation is None else relation.keys,
        formulas={} if stream is None else stream.formulas,
    )


def _reads_itself(name: str, bound: Bound) -> bool:
    """Whether a node stands in a circle."""
    seen: set[str] = set()
    waiting = list(bound.nodes[name].reads)
    while waiting:
        each = waiting.pop()
        if each in bound.nodes and each not in seen:
            seen.add(each)
            waiting.extend(bound.nodes[each].reads)
    return name in seen


def _is_broken(name: str, bound: Bound) -> bool:
    if name in bound.sources:
        return bound.sources[name].stream is None
    return name in bound.nodes and bound.nodes[name].plan is None


def _step_result(step: BoundStep) -> StepResult:
    return StepResult(step.kind, step.name, step.pointer, step.state, step.schema)
