"""``distinct``: each row once; with columns, each combination of their values once."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context, plain_columns
from headrace.models.steps import Distinct as DistinctStep
from headrace.plan import Distinct, Project, Relation


def bind(step: DistinctStep, stream: Stream, context: Context) -> Stream | None:
    relation: Relation = stream.relation
    if step.columns is not None:
        known = [context.column(name, step.at(index), relation.schema) for index, name in enumerate(step.columns)]
        if None in known:
            return None
        names = dict.fromkeys(step.columns)
        relation = Project(relation, plain_columns(relation, names), step=context.label)
    return Stream(Distinct(relation, step=context.label), stream.formulas if step.columns is None else {})
