"""Ranges of values, ``{every: month_end, from: 1997-01-31, to: 1998-06-30}``: of ``series:`` and ``for_each:``."""

from __future__ import annotations

import calendar
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from headrace.grammar.types import Type
from headrace.models.element import Element
from headrace.models.scalar import as_text, found, wrong
from headrace.models.value import read_value

Bound: TypeAlias = date | datetime | int
"""Where a range begins or ends: a date, a timestamp, or a whole number."""

_EVERY = re.compile(r"(?:(\d{1,9})\s*)?(second|minute|hour|day|week|month|quarter|year)s?", re.ASCII)
_END = re.compile(r"(week|month|quarter|year)_end", re.ASCII)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


@dataclass(frozen=True, slots=True)
class Every:
    """The distance of a range's values: ``count`` times ``unit``, each moved to the end of its unit where ``end``.

    ``unit`` is ``number`` in a range of whole numbers.
    """

    count: int
    unit: str
    end: bool = False

    def __str__(self) -> str:
        if self.unit == "number":
            return str(self.count)
        if self.end:
            return f"{self.unit}_end"
        return f"{self.count} {self.unit}" + ("s" if self.count != 1 else "")


def _every(value: object) -> Every:
    if isinstance(value, Every):
        return value
    text = as_text(value, "a distance such as 1 day, 2 months or month_end").strip()
    if match := _END.fullmatch(text):
        return Every(1, match[1], end=True)
    if match := _EVERY.fullmatch(text):
        every = Every(int(match[1] or 1), match[2])
    elif text.isascii() and text.isdigit() and len(text) < 18:
        every = Every(int(text), "number")
    else:
        raise wrong("M102", expected="a distance such as 1 day, 2 months or month_end", found=found(value))
    if every.count == 0:
        raise wrong("M102", expected="a distance of at least 1", found=found(value))
    return every


def _bound(value: object) -> Bound:
    if isinstance(value, (date, int)) and not isinstance(value, bool):
        return value
    text = as_text(value, "a date such as 2024-01-31, a timestamp, or a whole number").strip()
    for kind in ("date", "timestamp", "integer"):
        try:
            bound = read_value(text, Type(kind))
        except ValueError:
            continue
        assert isinstance(bound, (date, int))
        return bound
    raise wrong("M102", expected="a date such as 2024-01-31, a timestamp, or a whole number", found=found(value))


_SCHEMA = WithJsonSchema({"type": ["string", "integer"]})

EveryText = Annotated[Every, PlainValidator(_every), _SCHEMA]
"""A distance, read."""


class Range(Element):
    """The values ``from_``, ``from_`` + 1 × ``every``, … not beyond ``to``, which is included.

    ``from_`` and ``to`` are both dates, both timestamps or both whole numbers.
    """

    every: EveryText
    from_: Annotated[Bound, PlainValidator(_bound), _SCHEMA] = Field(alias="from")
    to: Annotated[Bound, PlainValidator(_bound), _SCHEMA]

    @model_validator(mode="after")
    def _agree(self) -> Range:
        if type(self.from_) is not type(self.to):
            raise wrong("M142", problem=f"from is {_kind(self.from_)}, and to is {_kind(self.to)}")
        numbers = self.every.unit == "number"
        if numbers != isinstance(self.from_, int):
            raise wrong("M142", problem=f"steps of {self.every} do not go with {_kind(self.from_)}")
        if self.type.kind == "date" and self.every.unit in ("second", "minute", "hour"):
            raise wrong("M142", problem=f"steps of {self.every} need a time of day: write from as 2024-01-31 00:00")
        return self

    @property
    def type(self) -> Type:
        """The type of the values, never null."""
        kind = {date: "date", datetime: "timestamp", int: "integer"}[type(self.from_)]
        return Type(kind, nullable=False)

    def values(self) -> Iterator[Bound]:
        """Value k is ``from_`` + k units, clamped to the month's end: 31 January, 28 February, 31 March.

        Lazy, and as long as the range is: take no more of it than you have room for. Nothing where ``from_`` lies
        after ``to``; the calendar ends with the year 9999.
        """
        k = 0
        while (value := self._within(k)) is not None:
            yield value
            k += 1

    def count(self) -> int:
        """How many values there are, found without going through them."""
        above = 1
        while self._within(above - 1) is not None:
            above *= 2
        return bisect_left(range(above), True, key=lambda k: self._within(k) is None)

    def _within(self, k: int) -> Bound | None:
        """Value k; None past the end of the range or of the calendar."""
        last: Any = self.to  # of the type of ``from_``: _agree has seen to it
        try:
            value = self._value(k)
        except (OverflowError, ValueError):
            return None
        return value if value <= last else None

    def _value(self, k: int) -> Bound:
        start, every = self.from_, self.every
        if isinstance(start, int):
            return start + k * every.count
        if every.unit in _MONTHS:
            moved = _add_months(start, k * every.count * _MONTHS[every.unit])
        else:
            moved = start + timedelta(seconds=k * every.count * _SECONDS[every.unit])
        return _end(moved, every.unit) if every.end else moved


_Day = TypeVar("_Day", bound=date)


def _add_months(start: _Day, months: int) -> _Day:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day)


def _end(day: _Day, unit: str) -> _Day:
    if unit == "week":
        return day + timedelta(days=6 - day.weekday())
    months = _MONTHS[unit]
    last = (day.month - 1) // months * months + months
    return day.replace(month=last, day=calendar.monthrange(day.year, last)[1])


def _kind(bound: Bound) -> str:
    return {date: "a date", datetime: "a timestamp", int: "a number"}[type(bound)]
