"""``distinct``: each row once; with columns, each combination of their values once."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context, plain_columns
from headrace.models.steps import Distinct as DistinctStep
from headrace.plan import Distinct, Project, Relation


def bind(step: DistinctStep, stream: Stream, context: Context) -> Stream | None:
    relation: Relation = stream.relation
    if step.columns is not None:
        names = context.columns(step.columns, step.at, relation.schema)
        if names is None:
            return None
        relation = Project(relation, plain_columns(relation, names), step=context.label)
    return Stream(Distinct(relation, step=context.label), stream.formulas)
