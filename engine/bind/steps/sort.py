"""``sort``: the order of the result, for as long as no further step changes the rows."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.grammar.expression import Order
from headrace.models.steps import Sort as SortStep
from headrace.models.steps import SortKey
from headrace.plan import Sort


def bind(step: SortStep, stream: Stream, context: Context) -> Stream | None:
    order = bind_order(step.by, stream, context)
    if order is None:
        return None
    return Stream(Sort(stream.relation, order, step=context.label), stream.formulas)


def bind_order(keys: Sequence[SortKey], stream: Stream, context: Context) -> tuple[Order, ...] | None:
    """The keys of a sort or limit as typed terms; None after reporting."""
    scope = context.scope(stream)
    terms = []
    for key in keys:
        value = context.formula(key.formula, key.pointer, scope)
        if value is not None:
            terms.append(Order(value, key.descending, key.nulls == "first"))
    return tuple(terms) if len(terms) == len(keys) else None
