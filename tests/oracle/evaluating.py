"""What a formula is worth on every row of a table, or on every group of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .aggregating import aggregated
from .computing import computing
from .functions import moved
from .ordering import completed, ordered, ways
from .tables import alike, checked
from .trees import (
    Aggregate,
    Call,
    Column,
    Constant,
    Formula,
    ListParameter,
    Order,
    OwnCall,
    Parameter,
    Path,
    Shift,
    Value,
    Virtual,
    Window,
)
from .windowing import Part, goes_by_place


@dataclass(frozen=True)
class Frame:
    """Rows, or groups of rows, as the values of their columns.

    ``groups``: the rows of each group, of which aggregates are made. ``other``: the columns of the joined side.
    ``identity``: the rows themselves, by which an order that must leave no ties is judged. ``follow`` gives the values
    of a path. ``rest``: the columns that complete an order which leaves ties.
    """

    size: int
    columns: Mapping[str, Sequence[Value]]
    parameters: Mapping[str, Value]
    groups: Sequence[Frame] | None = None
    other: Mapping[str, Sequence[Value]] | None = None
    identity: Sequence[Sequence[Value]] | None = None
    follow: Callable[[Path], list[Value]] | None = None
    rest: tuple[Column, ...] = ()

    def values(self, formula: Formula) -> list[Value]:
        """The value of the formula on each row or group, in their order."""
        match formula:
            case Column(name, _, side):
                columns = self.columns if side is None else self.other
                assert columns is not None
                return list(columns[name])
            case Path():
                assert self.follow is not None
                return self.follow(formula)
            case Virtual(_, inner) | OwnCall(_, _, inner):
                return self.values(inner)
            case Constant(value, _):
                return [value] * self.size
            case Parameter(name, _) | ListParameter(name, _):
                return [self.parameters[name]] * self.size
            case Shift(inner, count, unit):
                return [None if value is None else moved(value, count, unit) for value in self.values(inner)]
            case Call():
                return self._called(formula)
            case Aggregate():
                assert self.groups is not None, "an aggregate on rows"
                return [_aggregated(formula, group) for group in self.groups]
            case Window():
                return self._windowed(formula)

    def _called(self, call: Call) -> list[Value]:
        types = [argument.type for argument in call.arguments]
        columns = [self.values(argument) for argument in call.arguments]
        compute = computing(call.function, types, call.type)
        if not columns:
            return [checked(compute(), call.type)] * self.size
        return [checked(compute(*values), call.type) for values in zip(*columns, strict=True)]

    def _windowed(self, window: Window) -> list[Value]:
        if goes_by_place(window):
            window = replace(window, order=completed(window.order, self.rest))
        keys = self._rows_of(window.per or ())
        parts: dict[tuple[Any, ...], list[int]] = {}
        for place, key in enumerate(keys):
            parts.setdefault(alike(key), []).append(place)
        made: list[Value] = [None] * self.size
        arguments = [self.values(argument) for argument in window.arguments]
        terms = self._rows_of([term.formula for term in window.order])
        where = [True] * self.size if window.where is None else self.values(window.where)
        for places in parts.values():
            part = Part(
                window,
                [[column[place] for column in arguments] for place in places],
                [terms[place] for place in places],
                [where[place] is True for place in places],
                [self.row(place) for place in places],
            )
            for place, value in zip(places, part.values(), strict=True):
                made[place] = checked(value, window.type)
        return made

    def _rows_of(self, formulas: Sequence[Formula]) -> list[tuple[Value, ...]]:
        columns = [self.values(formula) for formula in formulas]
        return list(zip(*columns, strict=True)) if columns else [()] * self.size

    def row(self, place: int) -> Sequence[Value]:
        if self.identity is not None:
            return self.identity[place]
        return tuple(column[place] for column in self.columns.values())

    def order(self, order: Sequence[Order], must_be_total: bool) -> list[int]:
        """The places of the rows in this order. Raises Undefined where rows that differ are alike in it."""
        terms = self._rows_of([term.formula for term in order])
        return ordered(terms, ways(order), [self.row(place) for place in range(self.size)] if must_be_total else None)


def _aggregated(aggregate: Aggregate, group: Frame) -> Value:
    where = [True] * group.size if aggregate.where is None else group.values(aggregate.where)
    places = [place for place in range(group.size) if where[place] is True]
    rows = [group.row(place) for place in places]
    arguments = [group.values(argument) for argument in aggregate.arguments]
    values = [tuple(column[place] for column in arguments) for place in places]
    if aggregate.order:
        columns = [group.values(term.formula) for term in aggregate.order]
        terms = [tuple(column[place] for column in columns) for place in places]
        if aggregate.distinct:
            terms = [tuple(value[:1]) * len(aggregate.order) for value in values]
            order = ordered(terms, ways(aggregate.order), None)
        else:
            order = ordered(terms, ways(aggregate.order), rows)
        values = [values[place] for place in order]
    types = [argument.type for argument in aggregate.arguments]
    return checked(aggregated(aggregate.function, values, types, aggregate.type, aggregate.distinct), aggregate.type)
