"""How many rows a table has, and what its columns hold: from the database's own statistics, or as a document says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from headrace.catalog.pivots import value_text
from headrace.grammar.types import Type
from headrace.models import read_value
from headrace.models.scalar import as_text
from headrace.models.value import Value

RANGED = ("integer", "decimal", "float", "date", "timestamp", "timestamptz")
"""Kinds of which the least and the greatest value are kept. Texts are not: a catalog holds no data of people."""


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """What a column holds: how many different values (null is none), which part of the rows has none (0 to 1), how
    many bytes a value has on average, and the least and greatest value. Each is None where it is not known."""

    distinct: float | None = None
    nulls: float | None = None
    width: float | None = None
    least: Value = None
    greatest: Value = None

    def to_json(self) -> dict[str, Any]:
        known = {name: getattr(self, name) for name in _NUMBERS}
        out: dict[str, Any] = {name: _plain(value) for name, value in known.items() if value is not None}
        for name in _ENDS:
            value = getattr(self, name)
            if value is not None:
                out[name] = value_text(value)
        return out


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many rows a relation has, and what its columns hold, as far as that is known."""

    rows: int | None = None
    columns: Mapping[str, ColumnStatistics] = field(default_factory=dict)

    def but(self, said: Statistics) -> Statistics:
        """These, where ``said`` says nothing else.

        >>> known = Statistics(100, {"id": ColumnStatistics(100)})
        >>> known.but(Statistics(rows=200)).rows, known.but(Statistics(rows=200)).columns["id"].distinct
        (200, 100)
        """
        columns = {name: _filled(each, said.columns.get(name)) for name, each in self.columns.items()}
        return Statistics(self.rows if said.rows is None else said.rows, {**said.columns, **columns})


def _filled(known: ColumnStatistics, said: ColumnStatistics | None) -> ColumnStatistics:
    if said is None:
        return known
    parts = {name: getattr(known if getattr(said, name) is None else said, name) for name in (*_NUMBERS, *_ENDS)}
    return ColumnStatistics(**parts)


_NUMBERS = ("distinct", "nulls", "width")
_ENDS = ("least", "greatest")


def column_statistics(data: Mapping[str, Any], type_: Type) -> ColumnStatistics:
    """What ``to_json`` gave; other keys are not looked at. Raises ValueError, saying what is wrong, for anything else.

    >>> column_statistics({"distinct": 12, "least": "2024-01-01"}, Type("date")).least
    datetime.date(2024, 1, 1)
    """
    found: dict[str, Any] = {}
    for name in _NUMBERS:
        if name in data:
            found[name] = number_of(data[name], name, most=1 if name == "nulls" else None)
    for name in _ENDS:
        if name in data:
            if isinstance(data[name], Mapping | list | tuple | None):
                raise ValueError(f"{name} is {data[name]!r}, which is no value")
            found[name] = read_value(str(as_text(data[name])), type_)
    return ColumnStatistics(**found)


def number_of(value: Any, what: str, most: float | None = None) -> float:
    """A number that is not negative. Raises ValueError for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if not is_number or value < 0 or (most is not None and value > most):
        expected = "a number, 0 or more" if most is None else f"a number from 0 to {most}"
        raise ValueError(f"{what} is {value!r}, and should be {expected}")
    return float(value)


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number
