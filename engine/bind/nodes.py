"""A node: its steps one after the other, its expansion, and how it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal as Choice

from headrace.bind.bound import BoundNode, BoundStep, Check, Increment, ParameterFacts, Stream, Values
from headrace.bind.budget import ColumnBudget
from headrace.bind.checks import top_of, unique
from headrace.bind.context import Context
from headrace.bind.expansions import EXPANSION, bind_values, expand, over_values
from headrace.bind.increments import bind_increment
from headrace.bind.paths import Paths, words_of
from headrace.bind.reachable import reachable
from headrace.bind.relations import RelationGraph
from headrace.bind.steps import BINDERS
from headrace.bind.virtual import own_formulas
from headrace.grammar.types import Schema, Type
from headrace.models import InvalidStep, Node
from headrace.models.element import join_pointer
from headrace.models.steps import Step
from headrace.plan import Assured, FileScan, Key, NodeScan, Relation, Strategy, postorder
from headrace.plan.limits import MOST_COLUMNS, WIDEST_ROW, least_width
from headrace.plan.names import physical_name

Kept = Choice["inline", "view", "table"]


@dataclass
class NodeBinder:
    """Binds one node as far as it makes sense; what is wrong with it goes to ``context``.

    ``wanted`` is how the node is to be kept, ``declared`` the parameters of the project, ``nodes`` gives those that
    are bound, ``most_values`` is how many combinations of values it may be expanded over, ``budget`` what columns the
    project may still make, and ``strategy`` how it is expanded where it does not say so itself.
    """

    node: Node
    wanted: str
    context: Context
    declared: Mapping[str, ParameterFacts]
    nodes: Callable[[str], BoundNode]
    most_values: int
    relations: RelationGraph
    budget: ColumnBudget
    strategy: Strategy | None = None
    increment: Increment | None = None

    @cached_property
    def reserved(self) -> frozenset[str]:
        """Names that steps may give to columns."""
        return frozenset(words_of(self.node))

    def bound(self) -> BoundNode:
        node, context = self.node, self.context
        values: Values | None = None
        expanded = node.for_each is not None
        if node.for_each is not None:
            values = bind_values(node.for_each, self.declared, context, self.most_values)
            if values is None:
                context.unclear = frozenset(each.name for each in node.for_each.parameters)
        outside = context.parameters
        if values is not None:
            context.parameters = {**outside, **{name: (type_, False) for name, type_ in values.names}}
        stream = self.start()
        steps, stream = self.steps(node.steps, stream, "steps")
        context.parameters, context.unclear = outside, frozenset()
        if values is not None:
            context.discoveries[:] = [over_values(each, values, self.nodes) for each in context.discoveries]
        if expanded or "for_each" in node.broken:
            context.label = EXPANSION
            stream = (
                expand(stream, values, self.nodes, context, node.at("for_each"), node.strategy or self.strategy)
                if stream is not None and values is not None
                else None
            )
        then, stream = self.steps(node.then, stream, "then")
        if stream is not None:
            own = own_formulas(node, stream.relation.schema, context.report)
            stream = replace(stream, formulas={**stream.formulas, **own})
        kept = self.kept(stream)
        keys = self.keys(stream, kept) if stream is not None else ()
        if kept is None or keys is None or not self.names_differ(stream) or not self.fits(stream, kept):
            stream = None
        checks = tuple(context.checks)
        return BoundNode(
            node,
            steps,
            then,
            stream,
            kept or "inline",
            keys or (),
            checks,
            values=values,
            discoveries=tuple(context.discoveries),
            increment=self.increment,
        )

    def start(self) -> Stream | None:
        node, context = self.node, self.context
        if node.from_ is None:  # Which has been reported when the document was read.
            return None
        context.origin = node.from_
        return context.lookup(node.from_, node.at("from"))

    def steps(
        self, steps: tuple[Step, ...], stream: Stream | None, part: str
    ) -> tuple[tuple[BoundStep, ...], Stream | None]:
        bound = []
        paths = Paths(self.relations, self.node.from_ or "", self.context, self.reserved)
        for index, step in enumerate(steps):
            kind = step.key or "step"
            name = step.name or f"{kind}_{index + 1}" if part == "steps" else step.name or f"then_{kind}_{index + 1}"
            pointer = self.node.at(part, index)
            self.ask(pointer, stream, paths)
            if step.disabled:
                relation = None if stream is None else stream.relation
                bound.append(BoundStep(kind, name, pointer, "blocked" if stream is None else "ok", relation))
                continue
            if stream is None:
                bound.append(BoundStep(kind, name, pointer, "blocked", None))
                continue
            self.context.label = name
            stream = self.step(step, steps[index + 1 :], stream, paths)
            bound.append(
                BoundStep(kind, name, pointer, "bad", None)
                if stream is None
                else BoundStep(kind, name, pointer, "ok", paths.shown(stream.relation))
            )
        if stream is not None:
            stream = paths.stripped(stream)
        self.context.follow({}, {}, frozenset())
        self.ask(self.node.at(part, len(steps)), stream, paths)
        return tuple(bound), stream

    def ask(self, pointer: str, stream: Stream | None, paths: Paths) -> None:
        """Tell who asked for a place in the step at ``pointer`` over which rows it is computed."""
        asked = self.context.asked
        if asked is None or not asked.is_in(pointer):
            return
        if stream is not None:
            stream = replace(stream, relation=paths.shown(stream.relation))
        asked.step(pointer, stream, None if stream is None else self.context.scope(stream))
        asked.reachable = reachable(self.relations, self.node.from_ or "", self.schema_of)

    def schema_of(self, name: str) -> Schema | None:
        """The columns of a source or node."""
        stream = self.context.lookup(name, "-")
        return None if stream is None else stream.relation.schema

    def step(self, step: Step, later: Sequence[Step], stream: Stream, paths: Paths) -> Stream | None:
        if isinstance(step, InvalidStep) or step.broken:
            return None
        try:
            result = self.made(step, later, stream, paths)
        except RecursionError:
            # The limits on nesting leave room for an ordinary stack; a host may call from deep within its own.
            self.context.report("P204", step.pointer, node=self.node.name)
            return None
        if result is None:
            return None
        columns = len(result.relation.schema)
        if not columns:
            self.context.report("S113", join_pointer(self.node.pointer, "steps"))
            return None
        if columns > MOST_COLUMNS:
            self.context.report("S116", step.pointer, count=columns, limit=MOST_COLUMNS)
            return None
        if not self.budget.take(stream.relation, result.relation):
            what = "columns in all its steps together"
            self.context.report("P202", step.pointer, count=self.budget.used, what=what, limit=self.budget.limit)
            return None
        return result

    def made(self, step: Step, later: Sequence[Step], stream: Stream, paths: Paths) -> Stream | None:
        """What the step gives, with the joins that the relations in its formulas ask for."""
        taken = paths.before(step, [each for each in later if not each.disabled], stream)
        if taken is None:
            return None
        self.context.virtual = taken.formulas
        self.context.with_formulas = paths.with_formulas
        self.context.follow(paths.qualified, paths.unreachable, paths.hidden)
        result = BINDERS[step.key or ""](step, taken, self.context)
        return None if result is None else paths.after(step, taken, result)

    def kept(self, stream: Stream | None) -> Kept | None:
        pointer = self.node.at("materialize")
        if "materialize" in self.node.broken:
            return None
        if self.wanted == "inline" or self.wanted == "table":
            return "table" if self.wanted == "table" else "inline"
        if self.wanted == "incremental" and self.node.for_each is not None and self.node.materialize is not None:
            self.increment = bind_increment(self.node, self.context)
            return None if self.increment is None else "table"
        if self.wanted != "view":  # Of a later version, which has been reported when the document was read.
            return None
        files = self.files(stream.relation) if stream is not None else []
        if files:
            self.context.report("S180", pointer, found=files[0], node=self.node.name)
            return None
        return "view"

    def files(self, relation: Relation) -> list[str]:
        """The file sources that a plan reads, through nodes that are no tables too."""
        found: list[str] = []
        for leaf in postorder(relation):
            if isinstance(leaf, FileScan):
                found.append(leaf.source)
            elif isinstance(leaf, NodeScan):
                other = self.nodes(leaf.node)
                if other.kept == "inline" and other.plan is not None:
                    found.extend(self.files(other.plan))
        return found

    def keys(self, stream: Stream | None, kept: Kept | None) -> tuple[Key, ...] | None:
        if stream is None:
            return ()
        relation = stream.relation
        keys = []
        for index, key in enumerate(self.node.keys):
            pointer = self.node.at("keys", index) if len(self.node.keys) > 1 else self.node.at("keys")
            if any(self.context.column(name, pointer, relation.schema) is None for name in key):
                return None
            if kept == "table" or relation.has_key(key):
                keys.append(Key(key))
                if kept == "table":
                    self.context.checks.append(self.key_check(relation, key))
            else:
                self.context.report("S181", pointer, found=", ".join(key))
        return tuple(keys)

    def key_check(self, relation: Relation, key: tuple[str, ...]) -> Check:
        columns = [name for name in relation.schema.names if name in key]
        listed = ", ".join(columns)
        return unique(
            self.node.name,
            "",
            relation,
            columns,
            subject=f"The key {listed}",
            rule=f"no two rows are alike in {listed}",
            label=f"key_{'_'.join(columns)}",
            is_key=True,
        )

    def fits(self, stream: Stream | None, kept: Kept) -> bool:
        """Whether the rows fit a table, if the node is kept as one."""
        if stream is None or kept != "table":
            return True
        schema, pointer = stream.relation.schema, self.node.at("materialize")
        width = least_width(schema)
        if width > WIDEST_ROW:
            self.context.report("S117", pointer, width=width, limit=WIDEST_ROW)
            return False
        filled = least_width(schema, filled=True)
        if filled > WIDEST_ROW:
            self.context.report("S118", pointer, width=filled, limit=WIDEST_ROW)
        return True

    def names_differ(self, stream: Stream | None) -> bool:
        seen: dict[str, str] = {}
        for name in stream.relation.schema.names if stream is not None else ():
            first = seen.setdefault(physical_name(name), name)
            if first != name:
                self.context.report("S112", self.node.at("steps"), first=first, second=name)
                return False
        return True


def scan_of(bound: BoundNode) -> Stream | None:
    """What a node gives to those that read it."""
    if bound.stream is None:
        return None
    relation = as_kept(bound, bound.stream.relation)
    return Stream(
        NodeScan(
            bound.node.name,
            relation.schema,
            (*bound.keys, *relation.keys),
            relation.rows,
            relation.parameters,
            step=bound.node.name,
        ),
        bound.stream.formulas,
    )


def as_kept(bound: BoundNode, relation: Relation) -> Relation:
    """The plan of a node, known for what a run has checked of its table before anything reads it."""
    known = tuple(
        check.proves
        for check in bound.checks
        if check.proves is not None and check.severity == "stop" and top_of(check.over) is top_of(relation)
    )
    return Assured(relation, known, step=bound.node.name) if known and bound.kept == "table" else relation


def parameter_types(declared: Mapping[str, ParameterFacts]) -> dict[str, tuple[Type, bool]]:
    """What formulas may know of the parameters."""
    return {name: (facts.type, facts.many) for name, facts in declared.items()}
