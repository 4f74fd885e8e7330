"""Values that decide which columns a pivot makes, as they were found in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from headrace.grammar.types import Schema, parse_type
from headrace.models import read_value
from headrace.models.scalar import as_text
from headrace.models.value import Value

Pivots = Mapping[str, Mapping[str, "PivotFacts"]]
"""By node and by step."""


@dataclass(frozen=True, slots=True)
class PivotFacts:
    """The columns that a pivot makes columns of, and their values, a row for each combination, in order.

    >>> facts = PivotFacts.from_json({"columns": {"month": "date"}, "values": ["2024-01-01", None]})
    >>> facts.values
    ((datetime.date(2024, 1, 1),), (None,))
    """

    columns: Schema
    values: tuple[tuple[Value, ...], ...]

    @classmethod
    def of(cls, columns: Schema, rows: Sequence[Sequence[str | None]]) -> PivotFacts:
        """The facts of rows of texts, sorted: each row once, nulls last. Raises ValueError for what is no value."""
        types = columns.types.values()
        texts = {tuple(row): None for row in rows}
        values = [
            tuple(
                None if text is None else read_value(str(text), type_) for text, type_ in zip(row, types, strict=True)
            )
            for row in texts
        ]
        return cls(columns, tuple(sorted(values, key=_sort_key)))

    @classmethod
    def from_json(cls, data: Any) -> PivotFacts:
        """What ``to_json`` gave. Raises ValueError, saying what is wrong, for anything else."""
        if not isinstance(data, Mapping) or not isinstance(data.get("columns"), Mapping):
            raise ValueError("a pivot has columns and values")
        types = {}
        for name, text in data["columns"].items():
            type_ = parse_type(str(text))
            if type_ is None:
                raise ValueError(f"there is no type {text}")
            types[name] = type_
        rows = data.get("values", ())
        if not isinstance(rows, (list, tuple)):
            raise ValueError("values is a list")
        return cls(Schema.of(types), tuple(_row(row, Schema.of(types)) for row in rows))

    def to_json(self) -> dict[str, Any]:
        rows = [[None if value is None else value_text(value) for value in row] for row in self.values]
        return {
            "columns": {name: str(type_) for name, type_ in self.columns},
            "values": [row[0] for row in rows] if len(self.columns) == 1 else rows,
        }


def _row(row: Any, columns: Schema) -> tuple[Value, ...]:
    cells = row if isinstance(row, (list, tuple)) else [row]
    if len(cells) != len(columns):
        raise ValueError(f"{cells} has not {len(columns)} values")
    values: list[Value] = []
    for cell, (name, type_) in zip(cells, columns, strict=True):
        if isinstance(cell, (dict, list, tuple)):
            raise ValueError(f"{cell} is no value of {name}")
        values.append(None if cell is None else read_value(str(as_text(cell)), type_))
    return tuple(values)


def value_text(value: Value) -> str:
    """A value as documents write it; ``read_value`` reads it back.

    >>> value_text(True), value_text(1.5)
    ('true', '1.5')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, float):
        return repr(value) if isfinite(value) else {"inf": ".inf", "-inf": "-.inf"}.get(str(value), ".nan")
    return str(value)


def _sort_key(row: tuple[Value, ...]) -> list[Any]:
    return [(value is None, value if value is not None else 0) for value in row]
