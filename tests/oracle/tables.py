"""Rows under named and typed columns, and how values compare, widen and are put in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cmp_to_key
from typing import Any

from .trees import Row, Value

EXACT = Context(prec=1000)
"""Decimals are exact here; those that grow past ``_MOST_DIGITS`` are given up."""

NUMBERS = ("integer", "decimal", "float")
_LEAST, _GREATEST = -(2**63), 2**63 - 1
_MOST_DIGITS = 200
_GREATEST_FLOAT = 2.0**40


class Undefined(Exception):
    """The flow has no one answer: a number out of range, an order that leaves ties, a key that is none."""


@dataclass(frozen=True)
class Table:
    """``is_ordered``: the rows lie in the total order that a sort has put them in. ``is_keyless``: no key is known of
    them, so that the other columns complete an order that leaves ties."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    is_ordered: bool = False
    is_keyless: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)

    @property
    def types(self) -> Mapping[str, str]:
        return dict(self.columns)

    def place(self, name: str) -> int:
        return self.names.index(name)

    def values(self, name: str) -> list[Value]:
        place = self.place(name)
        return [row[place] for row in self.rows]

    def given(self, rows: Iterable[Row], is_ordered: bool = False) -> Table:
        return Table(self.columns, tuple(rows), is_ordered)

    def picked(self, names: Sequence[str]) -> Table:
        places = [self.place(name) for name in names]
        rows = tuple(tuple(row[place] for place in places) for row in self.rows)
        return Table(tuple(self.columns[place] for place in places), rows, self.is_ordered)


def checked(value: Value, type_: str) -> Value:
    """The value, where it is one of its type and one with which computing is exact."""
    if value is None:
        return None
    match type_:
        case "integer":
            if not _LEAST <= value <= _GREATEST:
                raise Undefined("an integer of more than 64 bits")
        case "decimal":
            if len(value.as_tuple().digits) > _MOST_DIGITS or value.adjusted() > _MOST_DIGITS:
                raise Undefined("a decimal of many digits")
        case "float":
            if abs(value) > _GREATEST_FLOAT or value * 8 != int(value * 8):
                raise Undefined("a float that is no multiple of 1/8")
    return value


def widened(value: Value, from_: str, to: str) -> Value:
    """The value as one of a wider type of number."""
    if value is None or from_ == to:
        return value
    if (from_, to) == ("integer", "decimal"):
        return Decimal(value)
    if to == "float" and from_ in NUMBERS:
        return checked(float(value), "float")
    raise ValueError(f"{from_} does not widen to {to}")


def widest(types: Iterable[str]) -> str | None:
    """The type that holds all of these, None where there is none."""
    found = set(types)
    if len(found) == 1:
        return found.pop()
    if found <= set(NUMBERS):
        return max(found, key=NUMBERS.index)
    return None


def alike(row: Iterable[Value]) -> tuple[Any, ...]:
    """What rows have in common that are alike, null being like null."""
    return tuple(None if value is None else (value.normalize(EXACT) if isinstance(value, Decimal) else value)
                 for value in row)  # fmt: skip


def compared(first: Sequence[Value], second: Sequence[Value], ways: Sequence[tuple[bool, bool]]) -> int:
    """-1, 0 or 1; each way is whether it goes downward, and whether nulls come first."""
    for left, right, (descending, nulls_first) in zip(first, second, ways, strict=True):
        if left is None or right is None:
            if (left is None) != (right is None):
                return -1 if (left is None) == nulls_first else 1
        elif left != right:
            return -1 if (left < right) != descending else 1
    return 0


def in_order(keys: Sequence[Sequence[Value]], ways: Sequence[tuple[bool, bool]]) -> list[int]:
    """The places of the keys, in the order of these."""
    return sorted(range(len(keys)), key=cmp_to_key(lambda left, right: compared(keys[left], keys[right], ways)))
