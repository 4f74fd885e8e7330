"""Measures taken apart: which aggregates stand in them, and what is kept of an aggregate over parts of its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from headrace.grammar.check import type_formula
from headrace.grammar.expression import (
    Aggregate,
    Column,
    Expression,
    Level,
    Merged,
    Scope,
    Window,
    transform,
    transform_value,
)
from headrace.grammar.functions import entry_of

_LEVELS: tuple[Level, ...] = ("aggregate",)


@dataclass(frozen=True, slots=True)
class Part:
    """What is kept of one part of the rows, and the aggregate that makes one of the values of two parts."""

    aggregate: Aggregate
    by: str


def parts_of(aggregate: Aggregate) -> tuple[Part, ...] | None:
    """The parts from which the aggregate's value over all rows comes, or None where there are none.

    An aggregate over distinct values has them too, over rows in which no value comes twice.
    """
    function = entry_of(aggregate)
    merge = function.merge
    if merge is None or (merge.kinds and any(each.type.kind not in merge.kinds for each in aggregate.arguments)):
        return None
    scope = Scope(columns={f"x{place}": value for place, value in enumerate(aggregate.arguments)})
    parts = []
    for text, by in zip(merge.parts, merge.by, strict=True):
        typed = _typed(text.replace("{}", ", ".join(scope.columns)), scope)
        parts.append(Part(with_where(typed, aggregate.where), by))
    return tuple(parts)


def merged(part: Part, column: Column) -> Aggregate:
    """The aggregate over the column that holds a part, one row a part of the rows."""
    return _typed(f"{part.by}(x)", Scope(columns={"x": column}))


def sum_of(value: Expression) -> Aggregate:
    """The aggregate that gives the sum of the values."""
    return _typed("sum(x)", Scope(columns={"x": value}))


def count_of_rows() -> Aggregate:
    """The aggregate that counts rows."""
    return _typed("count()", Scope())


def least_of(value: Expression) -> Aggregate:
    """The aggregate that gives the least of the values."""
    return _typed("min(x)", Scope(columns={"x": value}))


def sum_of_products(factor: Expression, column: Column, where: Expression | None = None) -> Aggregate:
    """The sum of a column that holds a part, each value times the factor."""
    typed = _typed("sum(f * x)", Scope(columns={"f": factor, "x": column}))
    return with_where(typed, where)


def with_where(aggregate: Aggregate, where: Expression | None) -> Aggregate:
    """The aggregate over the rows that fulfil a condition, of which there may be none."""
    if where is None:
        return aggregate
    nullable = aggregate.type.nullable or entry_of(aggregate).nulls != "never"
    return replace(aggregate, where=where, type=aggregate.type.with_null(nullable))


def aggregate_of(function: str, value: Expression | None, where: Expression | None = None) -> Aggregate:
    """An aggregate by its name, over a value or, as ``count()``, over rows."""
    columns = {} if value is None else {"x": value}
    return with_where(_typed(f"{function}({', '.join(columns)})", Scope(columns=columns)), where)


def whole(aggregate: Aggregate, columns: tuple[Expression, ...]) -> Merged:
    """The aggregate's value from its merged parts."""
    return Merged(aggregate.type, aggregate.function, columns)


def _typed(text: str, scope: Scope) -> Aggregate:
    expression = type_formula(text, scope, levels=_LEVELS).expression
    if not isinstance(expression, Aggregate):
        raise ValueError(f"{text} is no aggregate")
    return expression


def replace_aggregates(
    expression: Expression,
    change: Callable[[Aggregate], Expression],
    groups: Mapping[Expression, Expression] | None = None,
) -> Expression:
    """A measure with its outermost aggregates replaced; of a window, those in its arguments and orders.

    ``groups`` gives group keys, each with what to put in its place outside of aggregates.
    """
    keys = groups or {}

    def visit(each: Expression) -> Expression | None:
        if each in keys:
            return keys[each]
        if isinstance(each, Aggregate):
            return change(each)
        if isinstance(each, Window):
            function = each.function
            inner = replace(function, arguments=transform_value(function.arguments, visit))
            if isinstance(inner, Aggregate):
                inner = replace(
                    inner, where=transform_value(inner.where, visit), order=transform_value(inner.order, visit)
                )
            partition, order = transform_value(each.partition, visit), transform_value(each.order, visit)
            return replace(each, function=inner, partition=partition, order=order)
        return None

    return transform(expression, visit)
