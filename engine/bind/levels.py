"""Formulas of several levels as plans: a window inside a window or an aggregate becomes a projection before it.

SQL computes the groups of a SELECT first, then its windows, and neither can stand in what comes before it. So windows
are taken out from the inside, each layer into a projection of its own, under names that no column has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from headrace.bind.context import Context, plain_columns
from headrace.bind.ties import TieBreaker
from headrace.grammar.expression import (
    Aggregate,
    Call,
    Column,
    Expression,
    Literal,
    Order,
    Window,
    transform,
    transform_value,
    walk,
)
from headrace.grammar.types import Type
from headrace.plan import Aggregation, Project, Relation
from headrace.plan.names import NameSpace

At = Callable[[str], str]
"""The pointer of a formula, by the name of its column."""


def project(relation: Relation, columns: Mapping[str, Expression], context: Context, at: At) -> Relation:
    """The columns over each row of ``relation``, windows in them as deep as they may be."""
    if not any(_looks_around(expression) for expression in columns.values()):
        return Project(relation, tuple(columns.items()), step=context.label)
    ties = _ties(relation, None, context, at)
    total = {name: _spread(ties(name).completed(expression)) for name, expression in columns.items()}
    return _projected(relation, total, NameSpace((*relation.schema.names, *columns)), context.label)


def aggregation(
    relation: Relation,
    groups: Mapping[str, Expression],
    measures: Mapping[str, Expression],
    context: Context,
    at: At,
) -> Relation:
    """A row for each group; aggregates of windows, and windows over aggregates, as deep as they may be."""
    names = NameSpace((*relation.schema.names, *groups, *measures))
    keys = tuple(groups.values())
    ties = _ties(relation, keys, context, at)
    total = {name: _spread(ties(name).completed(expression)) for name, expression in measures.items()}
    below, total = _before_groups(relation, total, names, context.label)
    if not any(_innermost(expression) for expression in total.values()):
        return Aggregation(below, tuple(groups.items()), tuple(total.items()), step=context.label)
    # Windows within windows: the groups first, and the windows over them.
    found = dict.fromkeys(each for expression in total.values() for each in _plain_aggregates(expression))
    hidden = {aggregate: names.claim(aggregate.function) for aggregate in found}
    made = [(name, aggregate) for aggregate, name in hidden.items()]
    grouped = Aggregation(below, tuple(groups.items()), tuple(made), step=context.label)
    standing: dict[Expression, Column] = {
        expression: Column(expression.type, name)
        for name, expression in groups.items()
        if not isinstance(expression, Literal)
    }
    standing |= {aggregate: Column(aggregate.type, name) for aggregate, name in hidden.items()}
    over = {name: _instead(expression, standing) for name, expression in total.items()}
    kept = dict(plain_columns(grouped, groups))
    return _projected(grouped, {**kept, **over}, names, context.label)


def over_windows(
    relation: Relation, groups: Mapping[str, Expression], context: Context, at: At
) -> tuple[Relation, dict[str, Expression]]:
    """The relation with a column for each group that looks at other rows, ``ntile(4 order by amount)``, and the groups
    over these."""
    looking = {name: group for name, group in groups.items() if any(_windows(group))}
    if not looking:
        return relation, dict(groups)
    names = NameSpace((*relation.schema.names, *groups))
    hidden = {name: names.claim(name) for name in looking}
    columns = dict(plain_columns(relation, relation.schema.names))
    columns |= {hidden[name]: group for name, group in looking.items()}
    pointers = {new: at(name) for name, new in hidden.items()}
    before = project(relation, columns, context, lambda name: pointers.get(name, ""))
    return before, {
        name: Column(group.type, hidden[name]) if name in hidden else group for name, group in groups.items()
    }


def _ties(
    relation: Relation, groups: tuple[Expression, ...] | None, context: Context, at: At
) -> Callable[[str], TieBreaker]:
    def breaker(name: str) -> TieBreaker:
        def told(function: Expression, order: tuple[Order, ...]) -> None:
            columns = [term.value.name for term in order if isinstance(term.value, Column)]
            shown = ", ".join(columns[:4]) + (" …" if len(columns) > 4 else "")
            word = function.function if isinstance(function, Call | Aggregate) else ""
            context.report("S153", at(name), function=word, order=shown)

        return TieBreaker(relation, groups, told)

    return breaker


def _projected(relation: Relation, columns: Mapping[str, Expression], names: NameSpace, label: str) -> Relation:
    """The projection after those that its nested windows need."""
    done = dict(columns)
    while True:
        inner = list(dict.fromkeys(each for expression in done.values() for each in _innermost(expression)))
        if not inner:
            return Project(relation, tuple(done.items()), step=label)
        relation, standing = _with_windows(relation, inner, names, label)
        done = {name: _instead(expression, standing) for name, expression in done.items()}


def _before_groups(
    relation: Relation, measures: Mapping[str, Expression], names: NameSpace, label: str
) -> tuple[Relation, dict[str, Expression]]:
    """The relation with a column for each window that an aggregate is made of, and the measures over these."""
    done = dict(measures)
    while True:
        inner = [
            window
            for expression in done.values()
            for aggregate in _plain_aggregates(expression)
            for window in _windows(aggregate)
            if not any(_windows_below(window))
        ]
        if not inner:
            return relation, done
        relation, standing = _with_windows(relation, list(dict.fromkeys(inner)), names, label)
        done = {name: _instead(expression, standing) for name, expression in done.items()}


def _with_windows(
    relation: Relation, windows: Iterable[Window], names: NameSpace, label: str
) -> tuple[Relation, dict[Expression, Column]]:
    made = {window: names.claim(window.function.function) for window in windows}
    standing: dict[Expression, Column] = {window: Column(window.type, name) for window, name in made.items()}
    columns = (*plain_columns(relation, relation.schema.names), *((name, window) for window, name in made.items()))
    return Project(relation, columns, step=label), standing


def _looks_around(expression: Expression) -> bool:
    """Whether other rows than its own stand in the expression."""
    return not isinstance(expression, Column) and any(isinstance(each, Window | Aggregate) for each in walk(expression))


def _instead(expression: Expression, standing: Mapping[Expression, Column]) -> Expression:
    return transform(expression, standing.get)


def _windows(expression: Expression) -> Iterator[Window]:
    return (each for each in walk(expression) if isinstance(each, Window))


def _windows_below(window: Window) -> Iterator[Window]:
    return (each for each in _windows(window) if each is not window)


def _innermost(expression: Expression) -> list[Window]:
    """The windows inside other windows that have none inside themselves."""
    found: list[Window] = []
    for outer in _windows(expression):
        found.extend(each for each in _windows_below(outer) if not any(_windows_below(each)))
    return found


def _plain_aggregates(expression: Expression) -> list[Aggregate]:
    """The aggregates that make one row of many: those that are computed over a window are none."""
    found: list[Aggregate] = []
    waiting = [expression]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Aggregate):
            found.append(each)
        elif isinstance(each, Window):
            waiting.extend(reversed((*each.function.children, *each.children[1:])))
        else:
            waiting.extend(reversed(each.children))
    return found


# Different values over a window, which PostgreSQL does not have


def _spread(expression: Expression) -> Expression:
    """The expression with ``count(distinct x per p)`` over the first row of each x alone, which a window marks."""

    def change(each: Expression) -> Expression | None:
        if not isinstance(each, Window) or not isinstance(each.function, Aggregate) or not each.function.distinct:
            return None
        window = Window(
            each.type,
            _parts(each.function, change),
            tuple(transform(part, change) for part in each.partition),
            tuple(replace(term, value=transform(term.value, change)) for term in each.order),
            each.frame,
        )
        return _of_firsts(window)

    return transform(expression, change)


def _parts(aggregate: Aggregate, change: Callable[[Expression], Expression | None]) -> Aggregate:
    arguments = transform_value(aggregate.arguments, change)
    return replace(aggregate, arguments=arguments, where=transform_value(aggregate.where, change))


_INTEGER, _BOOLEAN = Type("integer", nullable=False), Type("boolean", nullable=False)


def _of_firsts(window: Window) -> Expression:
    function = window.function
    if not isinstance(function, Aggregate):
        return window
    condition = () if function.where is None else (function.where,)
    number = Call(_INTEGER, "row_number", 0, ())
    partition = (*window.partition, function.arguments[0], *condition)
    is_first: Expression = Call(
        _BOOLEAN, "equal", 0, (Window(_INTEGER, number, partition, window.order), Literal(_INTEGER, 1))
    )
    if condition:
        nullable = condition[0].type.nullable
        is_first = Call(_BOOLEAN.with_null(nullable), "and", 0, (condition[0], is_first))
    return replace(window, function=replace(function, distinct=False, where=is_first))
