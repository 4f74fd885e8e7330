"""All documents of a project, bound together: names are looked up over all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import Any

from headrace.bind.asked import Asked
from headrace.bind.bound import Bound, BoundNode, BoundSource, ParameterFacts, Repeats, Stream
from headrace.bind.budget import MOST_COLUMNS, ColumnBudget
from headrace.bind.context import Context, columns_of
from headrace.bind.expansions import MOST_VALUES
from headrace.bind.nodes import NodeBinder, parameter_types, scan_of
from headrace.bind.paths import Paths
from headrace.bind.reachable import paths_within
from headrace.bind.relations import RelationGraph, check_relations
from headrace.bind.repeats import repeats_of
from headrace.bind.sources import bind_source
from headrace.bind.values import declared, given
from headrace.bind.virtual import Used, check_formulas, is_use_of
from headrace.catalog import Catalog
from headrace.diagnostics import Diagnostic, diagnose, meant
from headrace.grammar.check import type_formula
from headrace.grammar.expression import Expression, Scope
from headrace.grammar.memory import FormulaMemory
from headrace.grammar.own_functions import Functions, OwnFunction, declare
from headrace.models import Document, Node, NodeColumn, Source
from headrace.models.steps import Sql
from headrace.plan import Filter, Strategy

UNREACHED = BoundNode(Node(), (), (), None, "inline")


@dataclass(frozen=True, slots=True)
class Placed:
    """A diagnostic and the number of the document it is about; None where it is about none."""

    document: int | None
    diagnostic: Diagnostic


def bind(
    documents: Sequence[Document],
    catalog: Catalog,
    parameters: Mapping[str, Any] | None = None,
    timezone: str = "UTC",
    most_values: int = MOST_VALUES,
    most_columns: int = MOST_COLUMNS,
    row_filters: Mapping[str, str] | None = None,
    asked: Asked | None = None,
    functions: Functions | None = None,
    any_function: bool = False,
    memory: FormulaMemory | None = None,
) -> tuple[Bound, tuple[Placed, ...]]:
    """The sources and nodes of all documents as plans, and what is wrong, by document.

    ``parameters`` are values in place of the defaults; ``row_filters``, by the name of a source or node, are formulas
    that hold for every row that anything reads of it. ``functions`` are those of the host, ``memory`` what was typed
    before. Never raises for what a user wrote.

    With ``asked``, only the node in which its place lies and those upstream of it are bound, as far as it takes to
    know of that place; then the diagnostics are not all that is wrong. With ``any_function``, steps of raw SQL may call
    functions that are not known here.
    """
    filters = row_filters or {}
    binder = _Binder(
        documents,
        catalog,
        parameters or {},
        timezone,
        most_values,
        most_columns,
        filters,
        asked,
        functions or {},
        memory or FormulaMemory(),
    )
    binder.any_function = any_function
    return binder.bound()


class _Binder:
    def __init__(
        self,
        documents: Sequence[Document],
        catalog: Catalog,
        parameters: Mapping[str, Any],
        timezone: str,
        most_values: int,
        most_columns: int,
        row_filters: Mapping[str, str],
        asked: Asked | None,
        functions: Functions,
        memory: FormulaMemory,
    ) -> None:
        self.functions = functions
        self.memory = memory
        self.asked = asked
        self.any_function = False
        self.row_filters = row_filters
        self.documents = documents
        self.catalog = catalog
        self.given = parameters
        self.timezone = timezone
        self.most_values = most_values
        self.budget = ColumnBudget(most_columns)
        self.placed: list[Placed] = []
        self.home: dict[str, int] = {}
        self.written: dict[str, Node] = {}
        self.sources: dict[str, BoundSource] = {}
        self.nodes: dict[str, BoundNode] = {}
        self.parameters: dict[str, ParameterFacts] = {}
        self.predicates: dict[str, Expression | None] = {}
        self.relations = RelationGraph({}, {}, memory)
        self.repeats: dict[str, Repeats] = {}
        self.read: dict[str, tuple[str, ...]] = {}

    def bound(self) -> tuple[Bound, tuple[Placed, ...]]:
        self.bind_parameters()
        self.declare_functions()
        self.check_defaults()
        for index, document in enumerate(self.documents):
            for name, source in document.sources.items():
                if name not in self.home:
                    self.home[name] = index
                    reported: list[Diagnostic] = []
                    self.sources[name] = bind_source(source, self.catalog, reported)
                    self.place(index, reported)
            for name, node in document.nodes.items():
                if name not in self.home:
                    self.home[name] = index
                    self.written[name] = node
        for name in self.row_filters:
            if name not in self.home:
                self.place(None, [diagnose("S101", found=name)])
        sources = {name: each.source for name, each in self.sources.items()}
        self.relations = RelationGraph(sources, self.written, self.memory)
        order = self.order()
        for name in order:
            self.bind_one(name)
        for name in self.row_filters:
            self.filter_of(name)
        self.check_declarations()
        bound = Bound(self.sources, self.nodes, tuple(order), self.parameters, self.predicates, self.functions)
        return bound, tuple(self.placed)

    def check_declarations(self) -> None:
        """Say what is wrong with relations, virtual columns and values once, where they stand, and not where they are
        used."""
        loops = [node.for_each for node in self.written.values() if node.for_each is not None]
        elsewhere = [parameter.name for loop in loops for parameter in loop.parameters]
        bad: set[Used] = set()
        said: list[Placed] = []
        owners: list[tuple[Source | Node, Stream | None]] = [
            (each.source, each.stream) for each in self.sources.values()
        ]
        owners += [(each.node, each.stream) for each in self.nodes.values()]
        for owner, stream in owners:
            if stream is None or not (owner.formulas or owner.relations):
                continue
            reported: list[Diagnostic] = []
            context = self.context(owner, reported)
            check_relations(owner, stream, self.relations, context)
            if owner.formulas:
                paths = Paths(self.relations, owner.name, context, frozenset(owner.formulas))
                reached = paths.reach(stream, self.relations.paths_from(owner.formulas.values(), stream.formulas))
                context.follow(paths.qualified, paths.unreachable, paths.hidden)
                if reached is not None:
                    bad |= check_formulas(owner, reached, context, elsewhere)
            said += [Placed(self.home[owner.name], each) for each in reported]
        if bad:
            self.placed = [each for each in self.placed if not is_use_of(each.diagnostic, bad)]
        self.placed += said

    def place(self, document: int | None, diagnostics: Sequence[Diagnostic]) -> None:
        self.placed.extend(Placed(document, each) for each in diagnostics)

    def bind_parameters(self) -> None:
        for document in self.documents:
            for name, parameter in document.parameters.items():
                facts = declared(parameter)
                if facts is not None:
                    self.parameters.setdefault(name, facts)
        for name, value in self.given.items():
            facts = self.parameters.get(name)
            if facts is None:
                near, hints = meant(name, self.parameters)
                self.place(None, [diagnose("P102", found=name, candidates=near, hints=hints)])
                continue
            try:
                self.parameters[name] = given(facts, value)
            except ValueError as error:
                self.place(None, [diagnose("P103", name=name, found=value, expected=str(error))])

    def declare_functions(self) -> None:
        declared = []
        home: dict[int, int] = {}
        for index, document in enumerate(self.documents):
            for own in document.functions.values():
                function = OwnFunction(own.function, own.arguments, own.formula, own.pointer)
                declared.append(function)
                home[id(function)] = index
        self.functions, said = declare(declared, self.functions)
        for function, diagnostic in said:
            self.place(home[id(function)], [diagnostic])

    def check_defaults(self) -> None:
        for index, document in enumerate(self.documents):
            kept = document.defaults.materialize if document.defaults is not None else None
            if kept is not None and kept.kind not in ("inline", "view", "table"):
                found = f"materialize: {kept.kind}"
                self.place(index, [diagnose("S190", pointer="/defaults/materialize", found=found)])

    def reads(self, name: str) -> tuple[str, ...]:
        """The sources and nodes that the node ``name`` reads, each once."""
        if name not in self.read:
            found = references(self.written[name], self.relations, self.parameters)
            self.read[name] = tuple(dict.fromkeys(found))
        return self.read[name]

    def order(self) -> list[str]:
        """The nodes, inputs first; those in a circle or behind one are left out, the circle reported."""
        reads = {name: [each for each in self.reads(name) if each in self.written] for name in self.written}
        if self.asked is not None:
            reads = _upstream(self.asked.owner, self.with_reachable(self.asked.owner, reads))
        sorter = TopologicalSorter(reads)
        try:
            return list(sorter.static_order())
        except CycleError as error:
            circle: list[str] = error.args[1][:-1]
        first = min(circle, key=list(self.written).index)
        at = circle.index(first)
        # graphlib lists each node before what reads it; people read "a reads b".
        told = [first, *reversed(circle[at + 1 :] + circle[:at]), first]
        node = self.written[first]
        self.place(self.home[first], [diagnose("S102", pointer=node.at("from"), circle=" → ".join(told))])
        return self.order_without(reads, set(circle))

    def with_reachable(self, name: str | None, reads: dict[str, list[str]]) -> dict[str, list[str]]:
        """``reads`` as if the node ``name`` read all that formulas of it could reach through relations."""
        node = self.written.get(name or "")
        if node is None or name is None or node.from_ is None:
            return reads
        more = {target for _, target in paths_within(self.relations, node.from_) if target in self.written}
        sound = [target for target in sorted(more) if name not in _upstream(target, reads)]
        return {**reads, name: [*reads[name], *sound]}

    def order_without(self, reads: dict[str, list[str]], left_out: set[str]) -> list[str]:
        """The nodes that neither stand in a circle nor depend on one."""
        order: list[str] = []
        waiting = {name: set(each) for name, each in reads.items() if name not in left_out}
        while True:
            ready = [name for name, needed in waiting.items() if needed <= set(order)]
            if not ready:
                break
            order.extend(ready)
            for name in ready:
                del waiting[name]
        for name in (*left_out, *waiting):
            self.nodes[name] = replace(UNREACHED, node=self.written[name], reads=self.reads(name))
        return order

    def bind_one(self, name: str) -> None:
        node = self.written[name]
        reported: list[Diagnostic] = []
        context = self.context(node, reported)
        kept = node.materialize.kind if node.materialize is not None else self.default_kept()
        binder = NodeBinder(
            node,
            kept,
            context,
            self.parameters,
            self.nodes.__getitem__,
            self.most_values,
            self.relations,
            self.budget,
            self.default_strategy(),
        )
        bound = binder.bound()
        if bound.plan is not None:
            self.repeats[name] = repeats_of(bound.plan, self.repeats)
        self.nodes[name] = replace(bound, reads=self.reads(name))
        self.place(self.home[name], reported)

    def context(self, owner: Source | Node, reported: list[Diagnostic]) -> Context:
        """What the formulas of a source or node, and a node's steps, are bound with."""
        context = Context(
            node=owner.name,
            lookup=lambda other, pointer: self.lookup(other, pointer, context),
            parameters=parameter_types(self.parameters),
            timezone=self.documents[self.home[owner.name]].timezone or self.timezone,
            reported=reported,
            pivots=self.catalog.pivots.get(owner.name, {}),
            declared=self.parameters,
            is_known=lambda other: other in self.sources or other in self.written,
            any_function=self.any_function,
            nodes=self.nodes.__getitem__,
            repeats=self.repeats,
            functions=self.functions,
            memory=self.memory,
            asked=self.asked if self.asked is not None and self.asked.is_in(owner.pointer) else None,
        )
        return context

    def default_kept(self) -> str:
        for document in self.documents:
            if document.defaults is not None and document.defaults.materialize is not None:
                return document.defaults.materialize.kind
        return "inline"

    def default_strategy(self) -> Strategy | None:
        for document in self.documents:
            if document.defaults is not None and document.defaults.strategy is not None:
                return document.defaults.strategy
        return None

    def lookup(self, name: str, pointer: str, context: Context) -> Stream | None:
        if context.asked is not None:
            context.asked.lookup(pointer)
        if name in self.sources:
            stream = self.sources[name].stream
        elif name in self.nodes:
            stream = scan_of(self.nodes[name])
        else:
            known = [each for each in (*self.sources, *self.written) if each != context.node]
            context.unknown("S101", name, pointer, known)
            return None
        # What reads something with mistakes is blocked; saying so would only repeat them.
        return None if stream is None else self.filtered(name, stream)

    def filtered(self, name: str, stream: Stream) -> Stream | None:
        """The rows of a relation that the host lets its readers see."""
        if name not in self.row_filters:
            return stream
        predicate = self.filter_of(name)
        if predicate is None:
            return None
        return Stream(Filter(stream.relation, predicate, step=f"{name}_rows"), stream.formulas)

    def filter_of(self, name: str) -> Expression | None:
        """The host's row filter of a source or node, typed; None where it cannot be used, which is reported once."""
        if name in self.predicates:
            return self.predicates[name]
        bound = self.sources.get(name) or self.nodes.get(name)
        if bound is None or bound.stream is None:
            self.predicates[name] = None
            return None
        text = self.row_filters[name]
        if not isinstance(text, str):
            # No filter and a filter that is nothing are two things: who means all rows leaves the name away.
            hint = "A row filter is a formula, given as text."
            self.place(None, [diagnose("P205", name=name, hints=[hint])])
            self.predicates[name] = None
            return None
        scope = Scope(
            columns=columns_of(bound.stream.relation.schema),
            parameters=parameter_types(self.parameters),
            timezone=self.timezone,
            functions=self.functions,
        )
        typed = type_formula(text, scope)
        predicate = typed.expression
        if predicate is None or predicate.type.kind != "boolean":
            why = typed.diagnostics[0].message if typed.diagnostics else "It is neither true nor false."
            self.place(None, [diagnose("P205", name=name, source=text, hints=[why])])
            predicate = None
        self.predicates[name] = predicate
        return predicate


def _upstream(name: str | None, reads: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What the node ``name`` reads, directly or not, and the node itself."""
    found: dict[str, list[str]] = {}
    waiting = [name] if name in reads else []
    while waiting:
        each = waiting.pop()
        if each is not None and each not in found:
            found[each] = reads[each]
            waiting.extend(reads[each])
    return found


def references(
    node: Node, relations: RelationGraph, declared: Mapping[str, ParameterFacts] = MappingProxyType({})
) -> list[str]:
    """The names of the sources and nodes that a node reads, in order of writing; ``declared`` are the parameters."""
    names = [] if node.from_ is None else [node.from_]
    for step in (*node.steps, *node.then):
        if not step.disabled:
            if isinstance(step, Sql):
                from headrace.bind.sql_text import relations_read  # loads what reads SQL: most projects write none

                names.extend(relations_read(step, node, declared))
            else:
                names.extend(step.reads)
    names.extend(relations.reads(node))
    if node.for_each is not None:
        names.extend(each.values.node for each in node.for_each.parameters if isinstance(each.values, NodeColumn))
    return names
