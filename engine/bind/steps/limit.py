"""``limit``: the first rows, in an order that is made total, so that the same rows are kept every time."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.bind.steps.sort import bind_order
from headrace.grammar.expression import Column, Order
from headrace.models.steps import Limit as LimitStep
from headrace.plan import Limit, Relation, Sort


def bind(step: LimitStep, stream: Stream, context: Context) -> Stream | None:
    relation = stream.relation
    known = [context.column(name, step.at("per", index), relation.schema) for index, name in enumerate(step.per)]
    order = bind_order(step.order, stream, context)
    if order is None or None in known:
        return None
    if not order and isinstance(relation, Sort):
        order = relation.order
    total = _total(order, step, relation, context)
    limited = Limit(relation, step.rows, total, step.offset, step.per, step=context.label)
    return Stream(limited, stream.formulas)


def _total(order: tuple[Order, ...], step: LimitStep, relation: Relation, context: Context) -> tuple[Order, ...]:
    """The order with the relation's key behind it, or all its columns where none is known."""
    schema = relation.schema
    named = {term.value.name for term in order if isinstance(term.value, Column)}
    given = named | set(step.per)
    if relation.has_key(given):
        return order
    keys = sorted(relation.keys, key=lambda key: (len(key - given), sorted(key)))
    extra = [name for name in schema.names if name in keys[0] and name not in given] if keys else []
    if not extra:
        extra = [name for name in schema.names if name not in given]
    tie_break = tuple(Order(Column(schema[name], name)) for name in extra)
    if not order:
        context.report("S151", step.at(), order=_listed(extra))
    elif not keys:
        shown = [term.value.name for term in order if isinstance(term.value, Column)]
        context.report("S150", step.at(), order=_listed(shown) if len(shown) == len(order) else "the order given")
    return (*order, *tie_break)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
