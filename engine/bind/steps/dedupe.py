"""``dedupe``: of rows alike in some columns, nulls alike, the first in an order that is made total."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.bind.orders import bind_order, total_order
from headrace.models.steps import Dedupe
from headrace.plan import Limit, in_order


def bind(step: Dedupe, stream: Stream, context: Context) -> Stream | None:
    relation = stream.relation
    by = context.columns(step.by, lambda index: step.at("by", index), relation.schema)
    order = bind_order(step.order, stream, context)
    if order is None or by is None:
        return None
    hidden: tuple[str, ...] = ()
    if not order:
        sorted_ = in_order(relation)
        relation, order, hidden = sorted_.relation, sorted_.order, sorted_.hidden
    total = total_order(order, by, relation, context, step.at(), "S152", by=", ".join(by))
    first = Limit(relation, 1, total, per=tuple(by), hidden=hidden, step=context.label)
    return Stream(first, stream.formulas)
