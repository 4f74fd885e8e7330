"""Nodes that put rows in order or keep only the first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from headrace.grammar.expression import Column, Expression, Order, columns_of, parameters_of, transform_value
from headrace.grammar.printer import print_name
from headrace.grammar.types import Schema
from headrace.plan.assured import Assured
from headrace.plan.derivation import Derivation, decided_by_order
from headrace.plan.joins import Join, JoinColumn
from headrace.plan.names import NameSpace
from headrace.plan.relation import Key, Relation, RowBounds, Selection
from headrace.plan.rowwise import Filter, Project


@dataclass(frozen=True, eq=False)
class Ordered(Selection):
    """A node that looks at the order of its input's rows; ``hidden`` columns serve for that and do not come out."""

    hidden: tuple[str, ...] = field(kw_only=True, default=())

    def _schema(self) -> Schema:
        return Schema(tuple(column for column in self.input.schema if column[0] not in self.hidden))

    def _keys(self) -> Iterable[Key]:
        return (key for key in self.input.keys if not key & frozenset(self.hidden))


@dataclass(frozen=True, eq=False)
class Sort(Ordered):
    """The rows of ``input`` in order."""

    order: tuple[Order, ...]

    def _rows(self) -> RowBounds:
        return self.input.rows

    def _parameters(self) -> frozenset[str]:
        return frozenset().union(*(parameters_of(term.value) for term in self.order))

    def decisions(self) -> tuple[Derivation, ...]:
        return decided_by_order(self.order)


@dataclass(frozen=True, eq=False)
class Limit(Ordered):
    """The first ``count`` rows of ``input`` in ``order``, which is total up to rows that are alike; ``offset`` are
    passed over first. With ``per``, so many for each group of rows alike in those columns."""

    count: int
    order: tuple[Order, ...]
    offset: int = 0
    per: tuple[str, ...] = ()

    def _keys(self) -> Iterable[Key]:
        yield from super()._keys()
        if self.per and self.count == 1:
            yield Key(self.per)

    def _rows(self) -> RowBounds:
        bounds = self.input.rows
        if self.per:
            # With one group it is a limit, and with more groups there are more rows.
            return RowBounds(0 if self.offset else min(self.count, bounds.least), bounds.most)
        left = None if bounds.most is None else max(0, bounds.most - self.offset)
        most = self.count if left is None else min(left, self.count)
        return RowBounds(min(self.count, max(0, bounds.least - self.offset)), most)

    def _parameters(self) -> frozenset[str]:
        return frozenset().union(*(parameters_of(term.value) for term in self.order))

    def decisions(self) -> tuple[Derivation, ...]:
        groups = (Derivation.named("grouped_by", ((0, name),), print_name(name)) for name in self.per)
        return (*groups, *decided_by_order(self.order))


@dataclass(frozen=True, eq=False)
class Sample(Limit):
    """A limit in an order that means nothing beyond the choice, that of a hash: what comes out is in no order."""


@dataclass(frozen=True, slots=True)
class InOrder:
    """``relation``, whose rows are in ``order``; its columns ``hidden`` are there for the order alone."""

    relation: Relation
    order: tuple[Order, ...] = ()
    hidden: tuple[str, ...] = ()


def in_order(relation: Relation) -> InOrder:
    """The relation in the order of its last sort or limit, as far as that still shows (else no order).

    An order goes on through what only computes, renames or leaves out columns or rows, and through joins that keep the
    rows of the left side. A column that is left out or computed anew after the sort stays as a hidden one.
    """
    above: list[Project | Filter | Assured | Limit | Join] = []
    below = relation
    while True:
        if isinstance(below, Project | Filter | Assured) or (isinstance(below, Limit) and below.per):
            above.append(below)
            below = below.input
        elif isinstance(below, Join) and below.kind in ("left", "semi", "anti"):
            above.append(below)
            below = below.left
        else:
            break
    if not isinstance(below, Sort | Limit) or isinstance(below, Sample):
        return InOrder(relation)
    made: Relation = replace(below, hidden=()) if isinstance(below, Limit) else below.input
    order = below.order
    for node in reversed(above):
        if isinstance(node, Project):
            made, order = _carried(replace(node, input=made), order)
        elif isinstance(node, Join):
            made, order = _joined(replace(node, left=made), order)
        else:
            made = replace(node, input=made)
    hidden = tuple(name for name in made.schema.names if name not in relation.schema)
    return InOrder(made, order, hidden)


def sorted_relation(relation: Relation) -> Relation:
    """The relation with a sort on top where it has an order that would not show without."""
    if isinstance(relation, Sort | Limit):
        return relation
    found = in_order(relation)
    if not found.order:
        return relation
    return Sort(found.relation, found.order, hidden=found.hidden, step=relation.step)


def _carried(node: Project, order: tuple[Order, ...]) -> tuple[Project, tuple[Order, ...]]:
    """The projection with whatever columns the order needs, and the order over what comes out."""
    places: dict[str, str] = {}
    for name, value in node.columns:
        if isinstance(value, Column):
            places.setdefault(value.name, name)
    more = _placed(order, places, (name for name, _ in node.columns))
    return replace(node, columns=(*node.columns, *more)), _moved(order, places)


def _joined(node: Join, order: tuple[Order, ...]) -> tuple[Join, tuple[Order, ...]]:
    """The join with whatever columns of its left side the order needs, and the order over what comes out."""
    places: dict[str, str] = {}
    for column in node.columns:
        if column.left is not None:
            places.setdefault(column.left, column.name)
    added = _placed(order, places, (column.name for column in node.columns))
    more = (JoinColumn(name, column.name, None, column.type) for name, column in added)
    return replace(node, columns=(*node.columns, *more)), _moved(order, places)


def _placed(order: tuple[Order, ...], places: dict[str, str], taken: Iterable[str]) -> list[tuple[str, Column]]:
    """The columns of an order that come out under no name, each with one given to it, which ``places`` then has too."""
    names = NameSpace(taken)
    more = []
    for term in order:
        for column in sorted(columns_of(term.value), key=lambda each: each.name):
            if column.name not in places:
                places[column.name] = names.claim(column.name)
                more.append((places[column.name], column))
    return more


def _moved(order: tuple[Order, ...], places: dict[str, str]) -> tuple[Order, ...]:
    """The order over the names that its columns come out under."""

    def moved(expression: Expression) -> Expression | None:
        return replace(expression, name=places[expression.name]) if isinstance(expression, Column) else None

    found: tuple[Order, ...] = transform_value(order, moved)
    return found
