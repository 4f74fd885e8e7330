"""``pivot``: an aggregation with measures for the rows of one value each.

The plan is an ordinary ``Aggregation``: ``sum(amount)`` for January is ``sum(amount where month = January)``, so that a
group without such rows gives what SQL's FILTER gives over nothing (0 for a count, null for a sum).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from headrace.bind.bound import Check, Discovery, Stream
from headrace.bind.checks import rows_that_fail
from headrace.bind.context import Context, columns_of
from headrace.bind.pivot_names import column_names
from headrace.bind.pivot_values import Combination, pivot_values
from headrace.bind.predicates import all_of, any_of, equal, is_null, not_, same
from headrace.bind.steps.aggregate import bind_groups, bind_measures
from headrace.grammar.expression import Aggregate, Expression, In, transform, walk
from headrace.grammar.types import Type
from headrace.models.steps import Pivot
from headrace.plan import Aggregation, Distinct, Filter, Project

_UNUSABLE = ("json", "binary", "interval", "null")
"""Kinds whose values have no order, or no one way of being written in the name of a column."""


def bind(step: Pivot, stream: Stream, context: Context) -> Stream | None:
    groups, sound = bind_groups(step.by, stream, context)
    measures = _measures(step, groups, stream, context)
    columns = _pivoted(step, stream, context)
    if columns is None:
        return None
    found = Project(stream.relation, tuple(columns.items()), step=context.label)
    if step.only is None:
        context.discoveries.append(Discovery(context.node, context.label, Distinct(found, step="found")))
    values = pivot_values(step, found.schema, context)
    if not sound or values is None or len(measures) < len(step.values):
        return None
    names = column_names(step, tuple(groups), tuple(columns), values, context)
    if names is None:
        return None
    conditions: dict[Combination | None, Expression] = {each: _is(columns, each) for each in values}
    if step.unseen == "other":
        conditions[None] = _is_none_of(columns, values)
    pivoted = tuple(
        (names[measure, combination], _only_where(expression, condition))
        for measure, expression in measures.items()
        for combination, condition in conditions.items()
    )
    if step.unseen == "error":
        _refuse_unseen(found, values, context)
    return Stream(Aggregation(stream.relation, tuple(groups.items()), pivoted, step=context.label))


def _pivoted(step: Pivot, stream: Stream, context: Context) -> dict[str, Expression] | None:
    """The columns whose values become columns; None after reporting."""
    columns, sound = bind_groups(step.columns, stream, context)
    for item in step.columns:
        if item.name in columns and columns[item.name].type.kind in _UNUSABLE:
            context.report("S201", item.pointer, found=item.name, type=str(columns[item.name].type))
            sound = False
    return columns if sound else None


def _measures(step: Pivot, groups: Mapping[str, Expression], stream: Stream, context: Context) -> dict[str, Expression]:
    measures = bind_measures(
        step.values, lambda name: step.at("values", name), groups, stream, context, ("row", "aggregate")
    )
    for name, measure in [*measures.items()]:
        if not any(isinstance(part, Aggregate) for part in walk(measure)):
            context.report("S202", step.at("values", name), name=name)
            del measures[name]
    return measures


def _only_where(measure: Expression, condition: Expression) -> Expression:
    """The measure over the rows of its group for which ``condition`` holds."""

    def change(part: Expression) -> Expression | None:
        if not isinstance(part, Aggregate):
            return None
        both = condition if part.where is None else all_of([condition, part.where])
        return replace(part, where=both)

    return transform(measure, change)


def _is(columns: Mapping[str, Expression], combination: Combination) -> Expression:
    """Whether a row has these values; it may be null where it has not."""
    return all_of(
        [
            is_null(column) if value.value is None else equal(column, value)
            for column, value in zip(columns.values(), combination, strict=True)
        ]
    )


def _is_none_of(columns: Mapping[str, Expression], values: Sequence[Combination]) -> Expression:
    """Whether a row has none of the combinations of values; it is null, or false, where it has one."""
    if len(columns) > 1:
        listed = [
            all_of([same(column, value) for column, value in zip(columns.values(), each, strict=True)])
            for each in values
        ]
        return not_(any_of(listed))
    (column,) = columns.values()
    known = tuple(value for (value,) in values if value.value is not None)
    has_null = len(known) < len(values)
    boolean = Type("boolean", nullable=column.type.nullable)
    if not known:
        return not_(is_null(column))
    others = In(boolean, column, known, negated=True)
    return any_of([is_null(column), others]) if column.type.nullable and not has_null else others


def _refuse_unseen(found: Project, values: Sequence[Combination], context: Context) -> None:
    """Before the swap, no row may have a value that is not listed."""
    columns = columns_of(found.schema)
    unseen = Filter(found, _is_none_of(columns, values), step="unseen")
    broken = rows_that_fail(unseen)
    context.checks.append(
        Check(
            context.node,
            context.label,
            f"{context.label}_values",
            f"The pivot {context.label}",
            f"there is a column for every value of {' and '.join(columns)}",
            found,
            broken.failing,
            broken.count,
            tuple(columns),
        )
    )
