"""Orders of rows: typed, and made total where the result depends on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
    ties: str = "S150",
    **params: str,
) -> tuple[Order, ...]:
    """The order within the groups of ``per`` with the relation's key behind it.

    Where no key is known all other columns come behind it, with a warning at ``pointer``, and where there is no order,
    with the warning ``without`` and its params.
    """
    named = _names(order)
    extra, known = tie_break(relation, (*named, *per))
    if not order and extra:
        context.report(without, pointer, order=_listed(_names(extra)), **params)
    elif extra and not known:
        context.report(ties, pointer, order=_listed(named) if len(named) == len(order) else "the order given")
    return (*order, *extra)


def tie_break(relation: Relation, given: Iterable[str]) -> tuple[tuple[Order, ...], bool]:
    """What to order by after the columns ``given`` so that no two rows are alike, and whether a key says so.

    Without a key it is all other columns: rows that are then still alike are alike in everything.
    """
    schema, before = relation.schema, frozenset(given)
    if relation.has_key(before):
        return (), True
    keys = sorted(relation.keys, key=lambda key: (len(key - before), sorted(key)))
    names = keys[0] if keys else frozenset(schema.names)
    return tuple(Order(Column(schema[name], name)) for name in schema.names if name in names - before), bool(keys)


def _names(order: tuple[Order, ...]) -> list[str]:
    return [term.value.name for term in order if isinstance(term.value, Column)]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
