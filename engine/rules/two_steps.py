"""An aggregation taken apart into two: over smaller groups first, then over those.

The first has the keys of the smaller groups and parts of aggregates, from which the second makes their values (Yan and
Larson, *Performing Group-By before Join*, ICDE 1994, call them eager and compensating aggregation).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from headrace.grammar.expression import (
    Aggregate,
    Column,
    Expression,
    Merged,
    Window,
    columns_of,
    level_of,
    transform,
    walk,
)
from headrace.grammar.functions import entry_of
from headrace.grammar.types import Type
from headrace.plan import Aggregation, Expansion, Project, Relation, postorder, rebuild
from headrace.plan.names import NameSpace
from headrace.rules.failing import may_fail
from headrace.rules.measures import merged, parts_of, replace_aggregates, whole

_LARGEST = 64
"""So many parts of an expression are looked through; it could double with each projection."""


class Steps:
    """The first of two steps as it grows: its keys and its parts of aggregates, each with the column that holds it."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._names = NameSpace(taken)
        self.keys: dict[Expression, Column] = {}
        self.parts: dict[Aggregate, Column] = {}

    def key(self, value: Expression, name: str) -> Column:
        """The column of a key of the first step."""
        if value not in self.keys:
            self.keys[value] = Column(value.type, self._names.claim(name))
        return self.keys[value]

    def part(self, aggregate: Aggregate) -> Column:
        """The column of an aggregate of the first step."""
        if aggregate not in self.parts:
            self.parts[aggregate] = Column(aggregate.type, self._names.claim(_label(aggregate)))
        return self.parts[aggregate]

    def merged(self, aggregate: Aggregate) -> Expression | None:
        """The aggregate's value from its parts, or None where it is not the very same (as with floats)."""
        if aggregate.distinct or not is_exact(aggregate):
            return None
        parts = parts_of(aggregate)
        if parts is None:
            return None
        return whole(aggregate, tuple(merged(part, self.part(part.aggregate)) for part in parts))

    def first(self, rows: Relation, step: str) -> Aggregation:
        """The first step over its rows."""
        groups = tuple((column.name, value) for value, column in self.keys.items())
        measures = tuple((column.name, aggregate) for aggregate, column in self.parts.items())
        return Aggregation(rows, groups, measures, step=step)


def is_exact(aggregate: Aggregate) -> bool:
    """Whether it is all one in which order the aggregate's values come: a sum of floats depends on it."""
    return all(each.type.kind not in ("float", "interval") for each in (aggregate, *aggregate.arguments))


def _label(aggregate: Aggregate) -> str:
    if not aggregate.arguments:
        return "row_count"
    (*_, last) = aggregate.arguments
    return f"{aggregate.function}_{last.name}" if isinstance(last, Column) else f"{aggregate.function}_part"


def second(
    node: Aggregation,
    rows: Relation,
    groups: Mapping[Expression, Expression],
    change: Callable[[Aggregate], Expression],
) -> Aggregation:
    """The second step over ``rows``: ``groups`` gives each group key of ``node`` as it is there, ``change`` the
    aggregates."""
    keys = tuple((name, groups[value]) for name, value in node.groups)
    measures = tuple((name, replace_aggregates(value, change, groups)) for name, value in node.measures)
    return Aggregation(rows, keys, measures, step=node.step)


def aggregates_of(node: Aggregation) -> list[Aggregate]:
    """The outermost aggregates of the measures."""
    found: dict[Aggregate, None] = {}

    def note(aggregate: Aggregate) -> Expression:
        found[aggregate] = None
        return aggregate

    keys = {value: value for _, value in node.groups}
    for _, measure in node.measures:
        replace_aggregates(measure, note, keys)
    return list(found)


def rewrite_aggregations(relation: Relation, change: Callable[[Aggregation], Relation]) -> Relation:
    """The plan with its aggregations changed, but for those that an expansion computes for each of its values: how it
    does so is chosen by their shape (``headrace.rules.strategies``)."""
    expanded: set[str] = set()
    for each in postorder(relation):
        if isinstance(each, Expansion):
            expanded |= set(each.names.names)
    return rebuild(
        relation,
        lambda node: change(node) if isinstance(node, Aggregation) and not node.parameters & expanded else node,
    )


def may_be_taken_apart(node: Aggregation) -> bool:
    """Whether its aggregates are over rows as they are, and not over windows or parts of a first step."""
    expressions = (value for _, value in (*node.groups, *node.measures))
    if any(isinstance(each, Merged) for value in expressions for each in walk(value)):
        return False
    return not any(isinstance(each, Window) for aggregate in aggregates_of(node) for each in walk(aggregate))


def below_projections(node: Aggregation) -> Aggregation:
    """The aggregation over what its projections are over, where those only compute row by row and do not grow it."""
    while isinstance(node.input, Project):
        columns = dict(node.input.columns)
        values = [value for _, value in (*node.groups, *node.measures)]
        if any(level_of(columns[name]) != "row" for name in {one.name for each in values for one in columns_of(each)}):
            break

        def computed(each: Expression, columns: Mapping[str, Expression] = columns) -> Expression | None:
            return columns[each.name] if isinstance(each, Column) else None

        groups = tuple((name, transform(value, computed)) for name, value in node.groups)
        measures = tuple((name, transform(value, computed)) for name, value in node.measures)
        if any(sum(1 for _ in walk(value)) > _LARGEST for _, value in (*groups, *measures)):
            break
        node = Aggregation(node.input.input, groups, measures, step=node.step)
    return node


def has_one_writing(type_: Type) -> bool:
    """Whether values that are equal are written the same: of 1.0 and 1.00 a group has one, and formulas may tell."""
    return type_.kind not in ("decimal", "float", "interval", "json") or type_.scale is not None


def over_distinct(aggregate: Aggregate, steps: Steps, once: bool = False) -> Aggregate | None:
    """An aggregate over distinct values over the first step, of which they become keys; ``once``: in whose groups each
    comes once, so that nothing need be made distinct. None where it depends on an order, or computing them may fail."""
    inside = [*aggregate.arguments, *([] if aggregate.where is None else [aggregate.where])]
    if aggregate.order or not is_free(aggregate) or any(map(may_fail, inside)):
        return None
    arguments = tuple(
        steps.key(each, label_of(each, "value")) if columns_of(each) else each for each in aggregate.arguments
    )
    where = aggregate.where
    if where is not None and columns_of(where):
        where = steps.key(where, "counted")
    return replace(aggregate, arguments=arguments, where=where, distinct=not once)


def is_free(aggregate: Aggregate) -> bool:
    """Whether it is all one in which order values come."""
    return entry_of(aggregate).order == "free" and aggregate.type.kind not in ("float", "interval")


def label_of(value: Expression, otherwise: str) -> str:
    return value.name if isinstance(value, Column) else otherwise
