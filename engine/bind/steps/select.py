"""``select``: keep the named columns, in this order; ``new: formula`` makes one on the way."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context, plain_columns
from headrace.bind.levels import project
from headrace.bind.patterns import is_pattern
from headrace.bind.virtual import usable
from headrace.grammar.expression import Expression
from headrace.models.steps import OutputColumn, Select


def bind(step: Select, stream: Stream, context: Context) -> Stream | None:
    schema = stream.relation.schema
    columns: dict[str, Expression] = {}
    patterns = [item for item in step.columns if _is_pattern(item, stream)]
    named = {item.name for item in step.columns if item not in patterns}
    sound = True
    for item in step.columns:
        if item in patterns:
            fits = context.fitting(item.name, item.pointer, schema)
            sound = sound and bool(fits)
            new = [name for name in fits if name not in named and name not in columns]
            columns.update(plain_columns(stream.relation, new))
            continue
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
    pointers = {item.name: item.pointer for item in step.columns}
    relation = project(stream.relation, columns, context, pointers.__getitem__)
    return Stream(relation, usable(stream.formulas, relation.schema))


def _is_pattern(item: OutputColumn, stream: Stream) -> bool:
    """Whether the entry stands for the columns that fit it; a pattern means those that no other entry names."""
    return item.formula is None and is_pattern(item.name, (*stream.relation.schema.names, *stream.formulas))
