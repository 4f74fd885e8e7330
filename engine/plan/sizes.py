"""Sizes of relations: how many rows, how many different values of an expression, which part of the rows a predicate
keeps.

The formulas are those of textbooks. Selectivities: Selinger et al., *Access Path Selection in a Relational Database
Management System*, SIGMOD 1979. Different values among some of the rows: Cardenas, *Analysis and Performance of
Inverted Data Base Structures*, CACM 18 (1975), in the form of Yao, CACM 20 (1977), for rows drawn without putting them
back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import prod
from typing import Any

from headrace.grammar.expression import (
    Aggregate,
    Call,
    Case,
    Cast,
    Column,
    Expression,
    In,
    Literal,
    ParameterValue,
    Window,
    columns_of,
    walk,
)
from headrace.grammar.formula import widens
from headrace.grammar.functions import entry_of

EQUAL, COMPARED, LIKE, OTHER = 1 / 10, 1 / 3, 1 / 10, 1 / 3
"""Selinger's guesses for ``column = value`` and ``column > value`` where nothing is known, and our own for the rest."""


@dataclass(frozen=True, slots=True)
class ColumnSize:
    """What is known of a column in a relation of ``of`` rows, or of one that keeps some of those: how many different
    values (null is none), which part is null, the least and greatest value. ``origin`` is the leaf that it comes from,
    by its id, and how many rows that has."""

    distinct: float | None = None
    nulls: float | None = None
    least: Any = None
    greatest: Any = None
    of: float | None = None
    origin: tuple[int, float | None] | None = None


UNKNOWN = ColumnSize()


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows a relation has, and what is known of its columns."""

    rows: float | None = None
    columns: Mapping[str, ColumnSize] = field(default_factory=dict)

    def column(self, name: str) -> ColumnSize:
        """The column among these rows."""
        found = self.columns.get(name, UNKNOWN)
        if found.distinct is None or self.rows is None:
            return found
        return replace(found, distinct=min(among(found.distinct, self.rows, found.of), max(self.rows, 0)))

    def distinct(self, expression: Expression) -> float | None:
        """How many different values the expression has, null not counted."""
        found = self._distinct(expression)
        if expression.type.kind == "boolean":
            found = 2.0 if found is None else min(found, 2.0)
        return found if found is None or self.rows is None else min(found, self.rows)

    def _distinct(self, expression: Expression) -> float | None:
        match expression:
            case Column():
                return self.column(expression.name).distinct
            case Literal() | ParameterValue():
                return 1.0
            case Cast(operand=operand):
                return self.distinct(operand)
            case Call(function=function, arguments=arguments) if function in _PERIODS:
                return self._periods(arguments[0], _PERIODS[function])
            case Call(function=function) if function in _FEW:
                made = self._of_columns(expression)
                return float(_FEW[function]) if made is None else min(made, _FEW[function])
            case Case(branches=branches, otherwise=otherwise):
                values = [self.distinct(each) for each in (*(value for _, value in branches), otherwise)]
                return None if None in values else sum(each for each in values if each is not None)
        return self._of_columns(expression)

    def _of_columns(self, expression: Expression) -> float | None:
        """A value that only columns decide has at most as many values as they have together."""
        if any(isinstance(each, Aggregate | Window) for each in walk(expression)):
            return None
        found = [self.column(each.name).distinct for each in sorted(columns_of(expression), key=lambda one: one.name)]
        return None if None in found else prod(each for each in found if each is not None)

    def _periods(self, moment: Expression, days: float) -> float | None:
        """How many months, years … there are among the moments of a column."""
        found = self.distinct(moment)
        if isinstance(moment, Column):
            ends = self.columns.get(moment.name, UNKNOWN)
            first, last = number(ends.least), number(ends.greatest)
            if first is not None and last is not None:
                spanned = (last - first) / days + 1
                return spanned if found is None else min(found, spanned)
        return found

    def groups(self, expressions: Iterable[Expression]) -> float | None:
        """How many groups of rows alike in all the expressions there are: of all combinations of their values those
        that so many rows meet, at most one for each row of the table that they come from."""
        by_origin: dict[tuple[int, float | None] | None, float] = {}
        combinations, count = 1.0, 0
        for expression in dict.fromkeys(expressions):
            values = self.distinct(expression)
            if values is None:
                return None
            nulls = self.nulls(expression)
            values += 1 if (nulls is None and expression.type.nullable) or (nulls is not None and nulls > 0) else 0
            known = self.columns.get(expression.name, UNKNOWN) if isinstance(expression, Column) else UNKNOWN
            together = by_origin.get(known.origin, 1.0) * max(values, 1.0)
            if known.origin is not None and known.origin[1] is not None:
                together = min(together, max(known.origin[1], 1.0))
            by_origin[known.origin] = together
            combinations *= max(values, 1.0)
            count += 1
        if self.rows is None:
            return prod(by_origin.values())
        met = drawn(combinations, self.rows) if count > 1 else min(combinations, self.rows)
        return min(met, prod(by_origin.values()))

    def nulls(self, expression: Expression) -> float | None:
        """Which part of the rows has no value of the expression."""
        if not expression.type.nullable:
            return 0.0
        match expression:
            case Column():
                return self.columns.get(expression.name, UNKNOWN).nulls
            case Literal():
                return float(expression.value is None)
            case Cast(operand=operand):
                return self.nulls(operand)
            case Call() if entry_of(expression).nulls == "strict":
                parts = [self.nulls(each) for each in expression.arguments]
                return None if None in parts else 1 - prod(1 - each for each in parts if each is not None)
        return None

    def selectivity(self, predicate: Expression) -> float:
        """Which part of the rows the predicate is true for."""
        match predicate:
            case Literal(value=value):
                return float(value is True)
            case Column():
                return (1 - (self.nulls(predicate) or 0)) / 2
            case In(operand=operand, items=items, negated=negated):
                values = self.distinct(operand)
                part = min(1.0, len(items) * (EQUAL if values is None else 1 / max(values, 1)))
                there = 1 - (self.nulls(operand) or 0)
                return there * (1 - part if negated else part)
            case Call(function="and", arguments=terms):
                return self._conjunction(terms)
            case Call(function="or", arguments=terms):
                return 1 - prod(1 - self.selectivity(each) for each in terms)
            case Call(function="not", arguments=(inner,)):
                return max(0.0, 1 - self.selectivity(inner) - (self.nulls(inner) or 0))
            case Call(function="is_null", arguments=(inner,)):
                nulls = self.nulls(inner)
                return EQUAL if nulls is None else nulls
            case Call(function="between", arguments=(value, low, high), type=type_):
                bounds = (
                    Call(type_, "greater_or_equal", predicate.signature, (value, low)),
                    Call(type_, "less_or_equal", predicate.signature, (value, high)),
                )
                return self._conjunction(bounds)
            case Call(function="equal", arguments=(first, second)):
                return self._equal(first, second)
            case Call(function="not_equal", arguments=(first, second)):
                there = (1 - (self.nulls(first) or 0)) * (1 - (self.nulls(second) or 0))
                return max(0.0, there - self._equal(first, second))
            case Call(function=function) if function in _RANGES:
                found = self._below(predicate)
                return COMPARED if found is None else found[1]
            case Call(function=function) if function in ("like", "ilike", "contains", "starts_with", "ends_with"):
                return LIKE
        return OTHER

    def _conjunction(self, terms: Iterable[Expression]) -> float:
        """Terms are taken for independent, but two bounds of one column for the range between them."""
        apart = 1.0
        ranges: dict[Column, list[float]] = {}
        for term in terms:
            found = self._below(term)
            if found is None:
                apart *= self.selectivity(term)
            else:
                ranges.setdefault(found[0], []).append(found[1])
        for column, parts in ranges.items():
            nulls = self.nulls(column) or 0
            apart *= max(0.0, sum(parts) - (len(parts) - 1) * (1 - nulls)) if len(parts) > 1 else parts[0]
        return apart

    def _equal(self, first: Expression, second: Expression) -> float:
        known = [each for each in (self.distinct(first), self.distinct(second)) if each is not None]
        there = (1 - (self.nulls(first) or 0)) * (1 - (self.nulls(second) or 0))
        constant = isinstance(first, Literal | ParameterValue) or isinstance(second, Literal | ParameterValue)
        if constant and len(known) < 2:
            return there * EQUAL
        return there / max(*known, 1.0) if known else EQUAL

    def _below(self, term: Expression) -> tuple[Column, float] | None:
        """A bound of one column by a constant: the column, and which part of the rows it keeps."""
        if not isinstance(term, Call) or term.function not in _RANGES:
            return None
        (first, second), function = map(_unwidened, term.arguments), term.function
        if isinstance(second, Column):
            first, second, function = second, first, _TURNED[function]
        if not isinstance(first, Column) or not isinstance(second, Literal):
            return None
        known = self.columns.get(first.name, UNKNOWN)
        least, greatest, bound = number(known.least), number(known.greatest), number(second.value)
        if least is None or greatest is None or bound is None:
            return None
        part = (bound - least) / (greatest - least) if greatest > least else float(bound >= least)
        part = min(1.0, max(0.0, part))
        return first, (part if function.startswith("less") else 1 - part) * (1 - (known.nulls or 0))


def among(values: float, rows: float, of: float | None) -> float:
    """How many of so many different values there are among ``rows`` of the ``of`` rows that have them all.

    >>> round(among(100, 500, 1000)), round(among(1000, 500, 1000)), among(10, 2000, 1000)
    (100, 500, 10)
    """
    if of is None or rows >= of or values <= 0 or of <= 0:
        return values
    return float(values * (1 - (1 - rows / of) ** (of / values)))


def drawn(values: float, rows: float) -> float:
    """How many different values are met by so many rows, each of which may have any of them.

    >>> round(drawn(10, 1000)), round(drawn(1000000, 1000)), round(drawn(1000, 1000))
    (10, 1000, 632)
    """
    if values <= 1:
        return min(values, rows)
    return float(min(values * (1 - (1 - 1 / values) ** rows), rows))


def number(value: Any) -> float | None:
    """The value on a line, days for moments; None for what has no place there."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float | Decimal):
        return float(value)
    if isinstance(value, dt.datetime):
        return value.toordinal() + (value.hour * 3600 + value.minute * 60 + value.second) / 86400
    return float(value.toordinal()) if isinstance(value, dt.date) else None


def _unwidened(expression: Expression) -> Expression:
    while isinstance(expression, Cast) and widens(expression):
        expression = expression.operand
    return expression


_TURNED = {
    "less": "greater",
    "less_or_equal": "greater_or_equal",
    "greater": "less",
    "greater_or_equal": "less_or_equal",
}
_RANGES = frozenset(_TURNED)
_PERIODS = {
    "start_of_day": 1.0,
    "start_of_week": 7.0,
    "start_of_month": 30.4,
    "start_of_quarter": 91.3,
    "start_of_year": 365.2,
    "year": 365.2,
}
_FEW = {"month": 12, "day": 31, "quarter": 4, "hour": 24, "minute": 60, "second": 60, "weekday": 7}
