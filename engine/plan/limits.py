"""What PostgreSQL's tables can hold: how many columns, and how much of a row."""

from __future__ import annotations

from headrace.grammar.types import Schema

MOST_COLUMNS = 1600
"""Columns of a table (MaxHeapAttributeNumber)."""

WIDEST_ROW = 8160
"""Bytes of a row as it lies in a page, its header among them (MaxHeapTupleSize); long values are moved out of it."""

_HEADER = 24
_FIXED = {"boolean": 1, "integer": 8, "float": 8, "date": 4, "time": 8, "timestamp": 8, "timestamptz": 8}
_FIXED |= {"interval": 16, "uuid": 16}
_SHORTEST = {"decimal": 3, "text": 1, "null": 1, "json": 5, "binary": 1}


def least_width(schema: Schema, filled: bool = False) -> int:
    """Bytes that a row takes at least; with ``filled``, a row in which no column is null.

    >>> least_width(Schema((("id", Type("integer", nullable=False)), ("note", Type("text")))))
    32
    """
    present = [type_ for _, type_ in schema if filled or not type_.nullable]
    return _HEADER + sum(_FIXED.get(type_.kind) or _SHORTEST[type_.kind] for type_ in present)
