"""Nodes that put rows in order or keep only the first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from headrace.grammar.expression import Order, parameters_of
from headrace.plan.derivation import Derivation, decided_by_order
from headrace.plan.relation import Key, RowBounds, Selection


@dataclass(frozen=True, eq=False)
class Sort(Selection):
    """The rows of ``input`` in order."""

    order: tuple[Order, ...]

    def _rows(self) -> RowBounds:
        return self.input.rows

    def _parameters(self) -> frozenset[str]:
        return frozenset().union(*(parameters_of(term.value) for term in self.order))

    def decisions(self) -> tuple[Derivation, ...]:
        return decided_by_order(self.order)


@dataclass(frozen=True, eq=False)
class Limit(Selection):
    """The first ``count`` rows of ``input`` in ``order``, which is total up to rows that are alike; ``offset`` are
    passed over first. With ``per``, so many for each group of rows alike in those columns."""

    count: int
    order: tuple[Order, ...]
    offset: int = 0
    per: tuple[str, ...] = ()

    def _keys(self) -> Iterable[Key]:
        yield from self.input.keys
        if self.per and self.count == 1:
            yield Key(self.per)

    def _rows(self) -> RowBounds:
        bounds = self.input.rows
        if self.per:
            return RowBounds(0, bounds.most)
        left = None if bounds.most is None else max(0, bounds.most - self.offset)
        most = self.count if left is None else min(left, self.count)
        return RowBounds(min(self.count, max(0, bounds.least - self.offset)), most)

    def _parameters(self) -> frozenset[str]:
        return frozenset().union(*(parameters_of(term.value) for term in self.order))

    def decisions(self) -> tuple[Derivation, ...]:
        return (*(Derivation.named("grouped_by", ((0, name),)) for name in self.per), *decided_by_order(self.order))
