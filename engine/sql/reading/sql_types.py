"""The types that PostgreSQL gives to the parts of a query, by its own names: ``int4`` and ``int8`` are two.

``unknown`` is a text constant, or null, that has no type yet. None is a type that we cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from headrace.grammar.types import Type

SqlType = str | None

_OURS: Mapping[str, str] = {
    "boolean": "bool",
    "integer": "int8",
    "decimal": "numeric",
    "float": "float8",
    "text": "text",
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "timestamptz": "timestamptz",
    "interval": "interval",
    "uuid": "uuid",
    "json": "jsonb",
    "binary": "bytea",
    "null": "text",
}
_KINDS: Mapping[str, str] = {
    **{ours: kind for kind, ours in _OURS.items() if kind != "null"},
    "int2": "integer",
    "int4": "integer",
    "float4": "float",
    "varchar": "text",
    "bpchar": "text",
    "unknown": "text",
    "json": "json",
}

INTEGERS = ("int2", "int4", "int8")
NUMBERS = (*INTEGERS, "numeric", "float4", "float8")
"""From the narrowest to the widest: the type of CASE and UNION over several is the last of them."""

TEXTS = ("text", "varchar", "bpchar")
MOMENTS = ("date", "timestamp", "timestamptz")


def sql_type_of(type_: Type) -> str:
    """What a column of ours is to PostgreSQL."""
    return _OURS[type_.kind]


def our_kind(type_: str) -> str | None:
    """The kind of type that a column becomes; None where we have none."""
    return _KINDS.get(type_)


def is_ours(type_: str) -> bool:
    """Whether a column is of that type already, and needs no cast."""
    return type_ in _OURS.values()


def common(types: Iterable[SqlType]) -> SqlType:
    """The type of CASE, COALESCE, UNION … over values of these types.

    >>> common(["int4", "unknown", "numeric"]), common(["unknown"]), common(["int4", "text"])
    ('numeric', 'unknown', None)
    """
    known: list[str] = []
    for type_ in types:
        if type_ is None:
            return None
        if type_ != "unknown":
            known.append(type_)
    if not known:
        return "unknown"
    for family in (NUMBERS, MOMENTS):
        if all(type_ in family for type_ in known):
            return max(known, key=family.index)
    if all(type_ in TEXTS for type_ in known):
        return "text" if "text" in known else known[0]
    return known[0] if all(type_ == known[0] for type_ in known) else None


def arithmetic(operator: str, left: SqlType, right: SqlType) -> SqlType:
    """The type of ``left operator right`` for ``+ - * / % ^``.

    >>> arithmetic("/", "int4", "int8"), arithmetic("-", "date", "date"), arithmetic("+", "date", "interval")
    ('int8', 'int4', 'timestamp')
    """
    if left is None or right is None:
        return None
    if left in NUMBERS or right in NUMBERS:
        first, second = (right if left == "unknown" else left), (left if right == "unknown" else right)
        if first in NUMBERS and second in NUMBERS:
            return _of_numbers(operator, first, second)
    return _of_moments(operator, left, right)


def _of_numbers(operator: str, left: str, right: str) -> SqlType:
    wide = max(left, right, key=NUMBERS.index)
    floats = "float4" in (left, right) or "float8" in (left, right)
    if operator == "^":
        return "numeric" if "numeric" in (left, right) and not floats else "float8"
    if operator == "%" and floats:
        return None
    return "float8" if floats and left != right else wide


def _of_moments(operator: str, left: str, right: str) -> SqlType:
    if operator in ("+", "-"):
        small = ("int2", "int4")
        if left == "date" and right in small:
            return "date"
        if operator == "+" and left in small and right == "date":
            return "date"
        if operator == "-" and left == right == "date":
            return "int4"
        if operator == "-" and left in MOMENTS and right in MOMENTS:
            return "interval"
        if operator == "-" and left == right == "time":
            return "interval"
        moved = {"date": "timestamp", "timestamp": "timestamp", "timestamptz": "timestamptz", "time": "time"}
        if right == "interval" and left in moved:
            return moved[left]
        if operator == "+" and left == "interval" and right in moved:
            return moved[right]
        if operator == "+" and {left, right} == {"date", "time"}:
            return "timestamp"
        if left == right == "interval":
            return "interval"
    if operator == "*" and "interval" in (left, right) and (left in NUMBERS or right in NUMBERS):
        return "interval"
    return "interval" if operator == "/" and left == "interval" and right in NUMBERS else None


def concatenated(left: SqlType, right: SqlType) -> SqlType:
    """The type of ``left || right``."""
    if left is None or right is None:
        return None
    for whole in ("jsonb", "bytea"):
        if whole in (left, right) and {left, right} <= {whole, "unknown"}:
            return whole
    texts = (*TEXTS, "unknown")
    return "text" if left in texts or right in texts else None
