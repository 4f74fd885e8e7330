"""``sort``: the order of the rows, for as long as further steps only compute or leave out columns or rows."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.bind.orders import bind_order
from headrace.models.steps import Sort as SortStep
from headrace.plan import Sort


def bind(step: SortStep, stream: Stream, context: Context) -> Stream | None:
    order = bind_order(step.by, stream, context)
    if order is None:
        return None
    return Stream(Sort(stream.relation, order, step=context.label), stream.formulas)
