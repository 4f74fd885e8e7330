"""``select``: keep the named columns, in this order; ``new: formula`` makes one on the way."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.grammar.expression import Expression
from headrace.models.steps import Select
from headrace.plan import Project


def bind(step: Select, stream: Stream, context: Context) -> Stream | None:
    columns: dict[str, Expression] = {}
    sound = True
    for item in step.columns:
        if item.name in columns:
            context.report("S111", item.pointer, found=item.name)
            sound = False
            continue
        expression = context.output_column(item, stream, ("row", "window"))
        if expression is None:
            sound = False
        else:
            columns[item.name] = expression
    if not sound:
        return None
    return Stream(Project(stream.relation, tuple(columns.items()), step=context.label))
