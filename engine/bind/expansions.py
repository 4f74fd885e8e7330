"""``for_each``: the values of a node's parameters, and its plan expanded over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod
from typing import TypeAlias

from headrace.bind.bound import BoundNode, Check, Discovery, ParameterFacts, Stream, Values
from headrace.bind.checks import AGGREGATE, FAILED, typed
from headrace.bind.context import Context
from headrace.bind.values import literal
from headrace.grammar.expression import Cast, Column, Expression, Literal
from headrace.grammar.printer import print_name
from headrace.grammar.types import Schema, Type, common_type
from headrace.models import NodeColumn, Range, ValueList, read_value
from headrace.models.for_each import ForEach, ForEachParameter
from headrace.models.value import infer_value, type_of
from headrace.plan import (
    Aggregation,
    Distinct,
    Expansion,
    Filter,
    Join,
    JoinColumn,
    NodeScan,
    Project,
    Relation,
    Rows,
    Strategy,
    rebuild,
)
from headrace.plan.names import NameSpace

EXPANSION = "expansion"
"""The step by which an expansion goes in its own node."""

MOST_VALUES = 10_000
"""Combinations of values that one node may be expanded over; a host may allow fewer."""


def bind_values(
    for_each: ForEach, declared: Mapping[str, ParameterFacts], context: Context, most: int
) -> Values | None:
    """The values, typed; None after reporting."""
    types: dict[str, Type] = {}
    factors: list[_Factor] = []
    sound = True
    for factor in for_each.factors:
        if any(isinstance(parameter.values, NodeColumn) for parameter in factor.parameters):
            found = _of_a_node(factor.parameters, declared, context)
            if found is None:
                sound = False
            else:
                types.update(found.schema.types)
                factors.append(found)
            continue
        columns = []
        for parameter in factor.parameters:
            values = _values(parameter, declared.get(parameter.name), context, most)
            if values is None:
                sound = False
                continue
            types[parameter.name] = values[0].type if values else _empty_type(parameter, declared)
            columns.append((parameter, values))
        if len(columns) < len(factor.parameters):
            continue
        first = columns[0]
        for other in columns[1:]:
            if len(other[1]) != len(first[1]):
                context.report(
                    "S164",
                    other[0].pointer,
                    first=first[0].name,
                    first_count=len(first[1]),
                    second=other[0].name,
                    second_count=len(other[1]),
                )
                sound = False
        factors.append(list(zip(*(values for _, values in columns), strict=False)))
    if not sound:
        return None
    names = Schema(tuple((name, type_.with_null(False)) for name, type_ in types.items()))
    written = [factor for factor in factors if not isinstance(factor, Relation)]
    count = prod(len(factor) for factor in written)
    if count > most:
        context.report("S165", for_each.pointer, count=count, limit=most)
        return None
    if len(written) == len(factors):
        rows = tuple(tuple(value for part in parts for value in part) for parts in product(*written))
        return Values(names, rows)
    return Values(names, given=_multiplied(factors, names))


_Factor: TypeAlias = list[tuple[Literal, ...]] | Relation
"""The values of parameters that go together: written out, or the rows of a relation."""


def _of_a_node(
    parameters: Sequence[ForEachParameter], declared: Mapping[str, ParameterFacts], context: Context
) -> Relation | None:
    """The different values that a column of a node has, nulls left out, under the parameter's name."""
    first, *others = parameters
    if others:
        context.report("S161", next(each for each in parameters if isinstance(each.values, NodeColumn)).pointer)
        return None
    values = first.values
    if not isinstance(values, NodeColumn):
        raise TypeError("these values are no node's")
    facts = declared.get(first.name)
    if facts is not None and facts.many:
        context.report("S168", first.pointer, name=first.name)
        return None
    stream = context.lookup(values.node, values.at("node"))
    if stream is None:
        return None
    name = values.column or first.name
    type_ = context.column(name, values.at("column") if values.column else first.pointer, stream.relation.schema)
    if type_ is None:
        return None
    if facts is not None and facts.type.kind != type_.kind:
        found, expected = f"The column {name} of {values.node} ({type_})", f"of type {facts.type}"
        context.report("S162", first.pointer, found=found, expected=expected)
        return None
    column: Expression = Column(type_, name)
    if facts is not None and not facts.type.same_as(type_):
        column = Cast(facts.type.with_null(type_.nullable), column)
    label = f"{first.name}_values"
    relation: Relation = Project(stream.relation, ((first.name, column),), step=label)
    if type_.nullable:
        known = typed(f"{print_name(first.name)} is not null", relation)
        relation = Project(
            Filter(relation, known, step=label),
            ((first.name, Cast(column.type.with_null(False), Column(column.type, first.name))),),
            step=label,
        )
    return relation if relation.has_key((first.name,)) else Distinct(relation, step=label)


def _multiplied(factors: Sequence[_Factor], names: Schema) -> Relation:
    """Every combination of the factors' values."""
    result: Relation | None = None
    at = 0
    for factor in factors:
        if isinstance(factor, Relation):
            each: Relation = factor
        else:
            width = len(factor[0]) if factor else 1
            columns = Schema(names.columns[at : at + width])
            each = Rows("v", columns, tuple(factor), step=f"{'_'.join(columns.names)}_values")
        at += len(each.schema)
        if result is None:
            result = each
            continue
        taken = [
            *(JoinColumn(name, name, None, type_) for name, type_ in result.schema),
            *(JoinColumn(name, None, name, type_) for name, type_ in each.schema),
        ]
        result = Join(result, each, "cross", (), tuple(taken), step="_".join(names.names) + "_values")
    if result is None:
        raise ValueError("no parameters")
    return result


def _values(
    parameter: ForEachParameter, facts: ParameterFacts | None, context: Context, most: int
) -> list[Literal] | None:
    values = parameter.values
    if isinstance(values, NodeColumn):
        raise TypeError("values of a node are no list")
    if facts is not None and facts.many:
        context.report("S168", parameter.pointer, name=parameter.name)
        return None
    if isinstance(values, Range):
        count = values.count()
        if count > most:
            context.report("S165", parameter.pointer, count=count, limit=most)
            return None
        if facts is not None and not facts.type.same_as(values.type):
            found, expected = f"A range of {values.type}s", f"of type {facts.type}"
            context.report("S162", parameter.pointer, found=found, expected=expected)
            return None
        return [literal(value, values.type) for value in values.values()]
    listed = _listed(parameter.name, values, facts, context)
    return listed if listed is not None and _differ(parameter.name, values, listed, context) else None


def _differ(name: str, values: ValueList, listed: list[Literal], context: Context) -> bool:
    """Whether no two values are the same, however they are written."""
    seen: dict[object, int] = {}
    for index, value in enumerate(listed):
        first = seen.setdefault(value.value, index)
        if first != index:
            context.report("S167", values.at(index), name=name, first=values.texts[first], second=values.texts[index])
            return False
    return True


def _listed(name: str, values: ValueList, facts: ParameterFacts | None, context: Context) -> list[Literal] | None:
    if facts is not None:
        read = []
        for index, text in enumerate(values.texts):
            try:
                read.append(literal(read_value(text, facts.type), facts.type))
            except ValueError as error:
                context.report("S162", values.at(index), found=text, expected=str(error))
                return None
        return read
    common: Type | None = None
    inferred = [(text, infer_value(text)) for text in values.texts]
    for index, (text, value) in enumerate(inferred):
        kind = Type(type_of(value) or "text", nullable=False)
        merged = kind if common is None else common_type(common, kind)
        if merged is None:
            context.report(
                "S163",
                values.at(index),
                name=name,
                first=values.texts[0],
                first_type=str(common),
                second=text,
                second_type=str(kind),
            )
            return None
        common = merged
    return [literal(value, common) for _, value in inferred if common is not None]


def _empty_type(parameter: ForEachParameter, declared: Mapping[str, ParameterFacts]) -> Type:
    if parameter.name in declared:
        return declared[parameter.name].type
    return parameter.values.type if isinstance(parameter.values, Range) else Type("text")


def expand(
    stream: Stream,
    values: Values,
    nodes: Callable[[str], BoundNode],
    context: Context,
    pointer: str,
    strategy: Strategy | None,
) -> Stream | None:
    """The stream once for each value, stacked, by ``strategy`` where one is wished for.

    What its joins declare is checked for each value too.
    """
    schema = stream.relation.schema
    for name in values.names.names:
        if name in schema:
            context.report("S160", pointer, found=name)
            return None
    names = frozenset(values.names.names)
    templates: dict[str, BoundNode] = {}
    body = with_templates(stream.relation, names, nodes, templates)
    for template in templates.values():
        if template.increment is not None and template.plan is not None:
            listed = " and ".join(f"${name}" for name in sorted(template.plan.parameters & names))
            context.report("S182", pointer, found=template.node.name, parameters=listed, node=context.node)
            return None
    for name in values.names.names:
        if name not in body.parameters:
            context.report("S166", pointer, name=name)
    checks = [
        *context.checks,
        *(check for template in templates.values() for check in template.checks if not check.is_key),
    ]
    context.checks[:] = [_each_value(check, values, nodes) for check in checks]
    context.discoveries += [
        over_values(each, values, nodes)
        for template in templates.values()
        for each in template.discoveries
        if each.relation.parameters & names
    ]
    return Stream(Expansion(body, values.names, values.rows, values.given, strategy, step=context.label))


def _each_value(check: Check, values: Values, nodes: Callable[[str], BoundNode]) -> Check:
    """The check for each value: the rows that break it come with the value they break it for."""
    names = frozenset(values.names.names)
    if not (check.failing.parameters | check.count.parameters) & names:
        return check
    counts = _expanded(check.count, values, nodes)
    (counted,) = counts.schema.names[len(values.names) :]
    total = typed(f"sum({print_name(counted)}) ?? 0", counts, AGGREGATE)
    return replace(
        check,
        failing=_expanded(check.failing, values, nodes),
        count=Aggregation(counts, (), ((FAILED, total),), step="counted"),
        each=values.names.names,
        proves=None,
    )


def over_values(discovery: Discovery, values: Values, nodes: Callable[[str], BoundNode]) -> Discovery:
    """The same discovery over all values together."""
    relation = discovery.relation
    if not relation.parameters & frozenset(values.names.names):
        return discovery
    expansion = _expanded(relation, values, nodes)
    found = expansion.schema.columns[len(values.names) :]
    back = tuple((name, Column(type_, new)) for name, (new, type_) in zip(relation.schema.names, found, strict=True))
    return replace(discovery, relation=Distinct(Project(expansion, back, step="found"), step="found"))


def _expanded(relation: Relation, values: Values, nodes: Callable[[str], BoundNode]) -> Expansion:
    """The relation for each value, its columns under names that no parameter has."""
    body = with_templates(relation, frozenset(values.names.names), nodes, {})
    # A column may be called as a parameter before the node's last step.
    taken = NameSpace(values.names.names)
    renamed = tuple((taken.claim(name), Column(type_, name)) for name, type_ in body.schema)
    return Expansion(Project(body, renamed, step="checked"), values.names, values.rows, values.given, step="each_value")


def with_templates(
    relation: Relation, names: frozenset[str], nodes: Callable[[str], BoundNode], templates: dict[str, BoundNode]
) -> Relation:
    """The plan with every scan of a node that depends on ``names`` replaced by that node's own plan.

    The nodes that were put in go to ``templates``; one that is read in several places is put in as one plan.
    """
    made: dict[str, Relation] = {}

    def change(node: Relation) -> Relation:
        if not isinstance(node, NodeScan) or not node.free & names:
            return node
        if node.node not in made:
            template = nodes(node.node)
            if template.plan is None:
                return node
            templates[node.node] = template
            made[node.node] = rebuild(labelled(template.plan, node.node), change)
        return made[node.node]

    return rebuild(relation, change)


def labelled(plan: Relation, node: str) -> Relation:
    """A node's plan for use inside another: its last step goes by the node's name, the others by both names."""

    def change(relation: Relation) -> Relation:
        if not relation.inputs:
            return relation
        label = node if relation.step == plan.step else f"{node}_{relation.step}"
        return replace(relation, step=label)

    return rebuild(plan, change)
