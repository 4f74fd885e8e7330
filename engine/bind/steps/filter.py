"""``filter``: the rows for which the formula is true (not those for which it is false or null)."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.models.steps import Filter as FilterStep
from headrace.plan import Filter


def bind(step: FilterStep, stream: Stream, context: Context) -> Stream | None:
    predicate = context.formula(step.condition, step.at(), context.scope(stream))
    if predicate is None:
        return None
    if predicate.type.kind not in ("boolean", "null"):
        context.report("S120", step.at(), type=str(predicate.type), source=step.condition)
        return None
    return Stream(Filter(stream.relation, predicate, step=context.label), stream.formulas)
