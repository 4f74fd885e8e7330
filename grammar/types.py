"""The types of formulas and columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

KINDS = (
    "boolean",
    "integer",
    "decimal",
    "float",
    "text",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "uuid",
    "json",
    "binary",
)
"""The kinds of type. ``null`` is the kind of the literal ``null`` until its context gives it one."""


@dataclass(frozen=True, slots=True)
class Type:
    """A kind, with precision and scale where it is ``decimal(p, s)``, and whether a value may be null.

    ``decimal`` alone has no bound: it is exact and never overflows. Arithmetic on decimals gives ``decimal``.
    """

    kind: str
    precision: int | None = None
    scale: int | None = None
    nullable: bool = True

    def __str__(self) -> str:
        if self.precision is None:
            return self.kind
        return f"{self.kind}({self.precision}, {self.scale or 0})"

    @property
    def is_number(self) -> bool:
        return self.kind in ("integer", "decimal", "float")

    def with_null(self, nullable: bool = True) -> Type:
        return self if self.nullable == nullable else replace(self, nullable=nullable)

    def same_as(self, other: Type) -> bool:
        """Equal but for nullability."""
        return (self.kind, self.precision, self.scale) == (other.kind, other.precision, other.scale)


_SPELLINGS = {
    "bool": "boolean",
    "int": "integer",
    "bigint": "integer",
    "numeric": "decimal",
    "number": "decimal",
    "double": "float",
    "real": "float",
    "string": "text",
    "str": "text",
    "varchar": "text",
    "datetime": "timestamp",
    "jsonb": "json",
    "bytea": "binary",
}


def parse_type(text: str) -> Type | None:
    """The type that ``text`` names (``integer``, ``decimal(12, 2)``; SQL's spellings are understood), or None.

    >>> str(parse_type("numeric(12,2)"))
    'decimal(12, 2)'
    """
    word, _, rest = text.strip().partition("(")
    word = word.strip().casefold()
    kind = _SPELLINGS.get(word, word)
    if kind not in KINDS:
        return None
    if not rest:
        return Type(kind)
    numbers = [part.strip() for part in rest.rstrip(")").split(",")]
    if kind != "decimal" or not rest.rstrip().endswith(")") or not all(p.isascii() and p.isdigit() for p in numbers):
        return None
    precision, scale = int(numbers[0]), int(numbers[1]) if len(numbers) == 2 else 0
    if len(numbers) > 2 or not 1 <= precision <= 1000 or scale > precision:
        return None
    return Type(kind, precision, scale)


_WIDTH = {"integer": 0, "decimal": 1, "float": 2}


def common_type(first: Type, second: Type) -> Type | None:
    """The narrowest type that holds the values of both, or None: numbers widen, and null is of any type.

    >>> str(common_type(Type("integer"), Type("decimal", 12, 2)))
    'decimal'
    """
    nullable = first.nullable or second.nullable
    if first.kind == "null":
        return second.with_null()
    if second.kind == "null":
        return first.with_null()
    if first.same_as(second):
        return first.with_null(nullable)
    if first.kind == second.kind:
        return Type(first.kind, nullable=nullable)
    if first.is_number and second.is_number:
        return Type(max(first.kind, second.kind, key=_WIDTH.__getitem__), nullable=nullable)
    return None


@dataclass(frozen=True)
class Schema:
    """The columns of a relation: names in order, each with its type."""

    columns: tuple[tuple[str, Type], ...]

    @classmethod
    def of(cls, columns: Mapping[str, Type]) -> Schema:
        return cls(tuple(columns.items()))

    @cached_property
    def types(self) -> Mapping[str, Type]:
        return dict(self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.types)

    def __iter__(self) -> Iterator[tuple[str, Type]]:
        return iter(self.columns)

    def __contains__(self, name: str) -> bool:
        return name in self.types

    def __getitem__(self, name: str) -> Type:
        return self.types[name]

    def __len__(self) -> int:
        return len(self.columns)

    def get(self, name: str) -> Type | None:
        return self.types.get(name)

    def to_json(self) -> list[dict[str, Any]]:
        return [{"name": name, "type": str(type_), "nullable": type_.nullable} for name, type_ in self.columns]
