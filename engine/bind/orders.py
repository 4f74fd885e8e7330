"""Orders of rows: typed, and made total where the result depends on them."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.grammar.expression import Column, Order
from headrace.models.steps import SortKey
from headrace.plan import Relation


def bind_order(keys: Sequence[SortKey], stream: Stream, context: Context) -> tuple[Order, ...] | None:
    """The keys of a sort or limit as typed terms; None after reporting."""
    scope = context.scope(stream)
    terms = []
    for key in keys:
        value = context.formula(key.formula, key.pointer, scope)
        if value is not None:
            terms.append(Order(value, key.descending, key.nulls == "first"))
    return tuple(terms) if len(terms) == len(keys) else None


def total_order(
    order: tuple[Order, ...],
    per: Sequence[str],
    relation: Relation,
    context: Context,
    pointer: str,
    without: str,
    **params: str,
) -> tuple[Order, ...]:
    """The order within the groups of ``per`` with the relation's key behind it.

    Where no key is known all other columns come behind it, with a warning at ``pointer``, and where there is no order,
    with the warning ``without`` and its params.
    """
    schema = relation.schema
    named = {term.value.name for term in order if isinstance(term.value, Column)}
    given = named | set(per)
    if relation.has_key(given):
        return order
    keys = sorted(relation.keys, key=lambda key: (len(key - given), sorted(key)))
    extra = [name for name in schema.names if name in keys[0] and name not in given] if keys else []
    if not extra:
        extra = [name for name in schema.names if name not in given]
    tie_break = tuple(Order(Column(schema[name], name)) for name in extra)
    if not order:
        context.report(without, pointer, order=_listed(extra), **params)
    elif not keys:
        shown = [term.value.name for term in order if isinstance(term.value, Column)]
        context.report("S150", pointer, order=_listed(shown) if len(shown) == len(order) else "the order given")
    return (*order, *tie_break)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
