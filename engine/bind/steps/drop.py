"""``drop``: all columns but the named ones."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context, plain_columns
from headrace.models.steps import Drop
from headrace.plan import Project


def bind(step: Drop, stream: Stream, context: Context) -> Stream | None:
    schema = stream.relation.schema
    dropped = context.columns(step.columns, step.at, schema)
    if dropped is None:
        return None
    left = [name for name in schema.names if name not in dropped]
    if not left:
        context.report("S113", step.at())
        return None
    return Stream(Project(stream.relation, plain_columns(stream.relation, left), step=context.label), stream.formulas)
