"""``select``: keep the named columns, in this order; ``new: formula`` makes one on the way."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.grammar.expression import Column, Expression
from headrace.models.steps import Select
from headrace.plan import Project


def bind(step: Select, stream: Stream, context: Context) -> Stream | None:
    scope = context.scope(stream)
    columns: dict[str, Expression] = {}
    sound = True
    for item in step.columns:
        if item.name in columns:
            context.report("S111", item.pointer, found=item.name)
            sound = False
            continue
        expression: Expression | None
        if item.formula is not None:
            expression = context.formula(item.formula, item.pointer, scope, ("row", "window"))
        elif item.name in stream.relation.schema:
            expression = Column(stream.relation.schema[item.name], item.name)
        elif item.name in stream.formulas:
            expression = context.formula(stream.formulas[item.name], item.pointer, scope, ("row", "window"))
        else:
            context.unknown("S110", item.name, item.pointer, (*stream.relation.schema.names, *stream.formulas))
            expression = None
        if expression is None:
            sound = False
        else:
            columns[item.name] = expression
    if not sound:
        return None
    return Stream(Project(stream.relation, tuple(columns.items()), step=context.label))
