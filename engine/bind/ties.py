"""The orders inside formulas, made total where the result depends on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from headrace.bind.orders import tie_break
from headrace.grammar.expression import (
    Aggregate,
    Call,
    Column,
    Expression,
    Order,
    Window,
    columns_of,
    transform_value,
    walk,
)
from headrace.grammar.functions import entry_of
from headrace.plan import Relation

Told = Callable[[Expression, tuple[Order, ...]], None]
"""Is told of a function whose order had to be filled up with whatever columns there are."""


class TieBreaker:
    """Completes the orders inside a formula over ``relation``; those over ``groups`` of its rows where there are any.

    Only where the result depends on it: ``row_number``, ``lag``, ``first_value``, ``string_agg``, a frame of rows.
    """

    def __init__(self, relation: Relation, groups: tuple[Expression, ...] | None, told: Told) -> None:
        self.relation = relation
        self.groups = groups
        self.told = told

    def completed(self, expression: Expression) -> Expression:
        if not any(isinstance(each, Aggregate | Window) for each in walk(expression)):
            return expression
        return self._completed(expression, self.groups)

    def _completed(self, expression: Expression, groups: tuple[Expression, ...] | None) -> Expression:
        if isinstance(expression, Window):
            function = self._parts(expression.function, groups)
            window = self._parts(replace(expression, function=expression.function), groups, ("function",))
            if not isinstance(window, Window) or not isinstance(function, Aggregate | Call):
                raise TypeError(f"{type(window).__name__} is no window")
            window = replace(window, function=function)
            return self._window(window, groups)
        if isinstance(expression, Aggregate):
            aggregate = self._parts(expression, None)
            return self._aggregate(aggregate) if isinstance(aggregate, Aggregate) else aggregate
        return self._parts(expression, groups)

    def _parts(
        self, expression: Expression, groups: tuple[Expression, ...] | None, kept: tuple[str, ...] = ()
    ) -> Expression:
        """The expression with everything in it completed, itself not."""
        if not expression.children:
            return expression
        changes = {}
        for name in expression.__dataclass_fields__:
            value = getattr(expression, name)
            new = value if name in kept else transform_value(value, lambda each: self._completed(each, groups))
            if new is not value:
                changes[name] = new
        return replace(expression, **changes) if changes else expression

    def _window(self, window: Window, groups: tuple[Expression, ...] | None) -> Window:
        function = window.function
        if isinstance(function, Aggregate) and function.distinct:
            return window  # Different values are told apart by themselves.
        of_rows = window.frame is not None and window.frame.kind == "rows"
        if not of_rows and entry_of(function).order != "total":
            return window
        order = self._total(function, window.order, window.partition, groups)
        return window if order is window.order else replace(window, order=order)

    def _aggregate(self, aggregate: Aggregate) -> Aggregate:
        if entry_of(aggregate).order != "total":
            return aggregate
        if aggregate.distinct:
            return aggregate if aggregate.order else replace(aggregate, order=(Order(aggregate.arguments[0]),))
        ordered = [term.value for term in aggregate.order]
        if all(each in ordered or columns_of(each) <= set(ordered) for each in aggregate.arguments):
            return aggregate  # Rows that are alike in the order are alike in what is taken from them.
        order = self._total(aggregate, aggregate.order, (), None)
        return aggregate if order is aggregate.order else replace(aggregate, order=order)

    def _total(
        self,
        function: Expression,
        order: tuple[Order, ...],
        partition: tuple[Expression, ...],
        groups: tuple[Expression, ...] | None,
    ) -> tuple[Order, ...]:
        given = [*(term.value for term in order), *partition]
        if groups is not None:
            extra = tuple(Order(group) for group in groups if group not in given and columns_of(group))
            return (*order, *extra) if extra else order
        extra, known = tie_break(self.relation, (each.name for each in given if isinstance(each, Column)))
        if extra and not known:
            self.told(function, extra)
        return (*order, *extra) if extra else order
