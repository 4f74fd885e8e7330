"""Ranges of values as relations, and the distance between their values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from headrace.bind.values import literal
from headrace.grammar.expression import Interval, Literal
from headrace.grammar.types import Schema, Type
from headrace.models.ranges import Every, Range
from headrace.plan import Join, JoinColumn, Relation, Series

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
_MICROSECONDS = {"second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000}


def series(name: str, ranges: Mapping[str, Range]) -> Relation:
    """The values of each range with all values of the others; one range alone is a relation of one column."""
    return reduce(crossed, (_one(name, column, range_) for column, range_ in ranges.items()))


def _one(name: str, column: str, range_: Range) -> Relation:
    every, end = distance(range_.every)
    start = literal(range_.from_, range_.type)
    columns = Schema(((column, range_.type),))
    return Series(name, column, columns, start, every, range_.count(), end, step=f"{name}_{column}")


def crossed(left: Relation, right: Relation) -> Relation:
    """Every row of ``left`` with every row of ``right``; they have no column in common."""
    ours = [JoinColumn(name, name, None, type_) for name, type_ in left.schema]
    theirs = [JoinColumn(name, None, name, type_) for name, type_ in right.schema]
    return Join(left, right, "cross", (), (*ours, *theirs), step=right.step)


def distance(every: Every) -> tuple[Literal, str | None]:
    """The distance as an interval or an integer, and the unit to whose end each value moves."""
    if every.unit == "number":
        return Literal(Type("integer", nullable=False), every.count), None
    interval = Interval(
        months=every.count * _MONTHS.get(every.unit, 0),
        days=every.count * _DAYS.get(every.unit, 0),
        microseconds=every.count * _MICROSECONDS.get(every.unit, 0),
    )
    return Literal(Type("interval", nullable=False), interval), every.unit if every.end else None
