"""``union``: rows under rows, matched by name; a column that one side lacks is null there."""

from __future__ import annotations

from headrace.bind.alignment import branches_of, common_types, shaped
from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.bind.virtual import alike
from headrace.grammar.expression import Literal
from headrace.grammar.types import Schema, Type
from headrace.models.steps import Union as UnionStep
from headrace.plan import Distinct, Key, Relation, Union

_NAME = Type("text", nullable=False)


def bind(step: UnionStep, stream: Stream, context: Context) -> Stream | None:
    pointers = [step.at("with", index) for index in range(len(step.with_))]
    branches = branches_of(context, stream.relation, step.with_, pointers)
    if branches is None:
        return None
    columns = common_types(branches, context)
    if columns is None:
        return None
    for name, type_ in columns.items():
        if any(name not in branch.relation.schema for branch in branches):
            columns[name] = type_.with_null()
    apart: Key | None = None
    if step.origin is not None:
        if step.origin in columns:
            context.report("S141", step.at("origin"), found=step.origin)
            return None
        columns = {step.origin: _NAME, **columns}
        if len({branch.name for branch in branches}) == len(branches):
            apart = Key({step.origin})
    stacked = []
    for branch in branches:
        given = {} if step.origin is None else {step.origin: Literal(_NAME, branch.name)}
        stacked.append(shaped(branch.relation, columns, context.label, given))
    union: Relation = Union(tuple(stacked), Schema.of(columns), apart, step=context.label)
    formulas = alike([stream.formulas, *(branch.formulas for branch in branches[1:])])
    return Stream(Distinct(union, step=context.label) if step.distinct else union, formulas)
