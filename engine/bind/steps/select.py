"""``select``: keep the named columns, in this order; ``new: formula`` makes one on the way."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.bind.levels import project
from headrace.bind.virtual import usable
from headrace.grammar.expression import Expression
from headrace.models.steps import Select


def bind(step: Select, stream: Stream, context: Context) -> Stream | None:
    items = context.unfolded(step.columns, stream)
    columns: dict[str, Expression] = {}
    sound = items is not None
    for item in items or ():
        if item.name in columns:
            context.report("S111", item.pointer, found=item.name)
            sound = False
            continue
        expression = context.output_column(item, stream, ("row", "window"))
        if expression is None:
            sound = False
        else:
            columns[item.name] = expression
    if not sound or items is None:
        return None
    pointers = {item.name: item.pointer for item in items}
    relation = project(stream.relation, columns, context, pointers.__getitem__)
    return Stream(relation, usable(stream.formulas, relation.schema))
