"""The order of rows, and what completes one that leaves ties."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .tables import Undefined, alike, compared, in_order
from .trees import Column, Order, Value


def completed(order: Sequence[Order], rest: Sequence[Column]) -> tuple[Order, ...]:
    """The order, after which those of the columns decide that are not in it."""
    named = [term.formula for term in order]
    return (*order, *(Order(column) for column in rest if column not in named))


def ways(order: Sequence[Order]) -> list[tuple[bool, bool]]:
    return [(term.descending, term.nulls_first) for term in order]


def ordered(
    terms: Sequence[Sequence[Value]], how: Sequence[tuple[bool, bool]], rows: Sequence[Sequence[Value]] | None
) -> list[int]:
    places = in_order(terms, how)
    if rows is not None:
        for first, second in pairwise(places):
            if compared(terms[first], terms[second], how) == 0 and alike(rows[first]) != alike(rows[second]):
                raise Undefined("an order that leaves ties")
    return places
