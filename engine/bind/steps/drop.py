"""``drop``: all columns but the named ones."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context, plain_columns
from headrace.models.steps import Drop
from headrace.plan import Project


def bind(step: Drop, stream: Stream, context: Context) -> Stream | None:
    schema = stream.relation.schema
    known = [context.column(name, step.at(index), schema) for index, name in enumerate(step.columns)]
    if None in known:
        return None
    left = [name for name in schema.names if name not in step.columns]
    if not left:
        context.report("S113", step.at())
        return None
    return Stream(Project(stream.relation, plain_columns(stream.relation, left), step=context.label), stream.formulas)
