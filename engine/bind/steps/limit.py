"""``limit``: the first rows, in an order that is made total, so that the same rows are kept every time."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.bind.orders import bind_order, total_order
from headrace.models.steps import Limit as LimitStep
from headrace.plan import Limit, in_order


def bind(step: LimitStep, stream: Stream, context: Context) -> Stream | None:
    relation = stream.relation
    per = context.columns(step.per, lambda index: step.at("per", index), relation.schema)
    order = bind_order(step.order, stream, context)
    if order is None or per is None:
        return None
    hidden: tuple[str, ...] = ()
    if not order:
        # Rows that have been sorted are taken in that order.
        sorted_ = in_order(relation)
        relation, order, hidden = sorted_.relation, sorted_.order, sorted_.hidden
    total = total_order(order, per, relation, context, step.at(), "S151")
    limited = Limit(relation, step.rows, total, step.offset, tuple(per), hidden=hidden, step=context.label)
    return Stream(limited, stream.formulas)
