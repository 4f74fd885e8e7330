"""Which types go together, and what a value needs to become another.

Numbers widen by themselves: integer → decimal → float. A constant text beside a date or time becomes one. The word null
takes whatever type is wanted. Nothing else changes its type unless the formula says so.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from headrace.grammar.expression import Cast, Expression, Literal, Value
from headrace.grammar.part import Part
from headrace.grammar.types import Type

NUMBERS = ("integer", "decimal", "float")
"""The kinds of number, each wider than those before it."""

MOMENTS = ("date", "time", "timestamp", "timestamptz")
"""The kinds that a constant text can become."""

_FLOAT_LIMIT = Decimal("1e308")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?", re.ASCII)
_TIMESTAMP = re.compile(
    rf"(?P<date>{_DATE.pattern})(?:[ T](?P<time>{_TIME.pattern}))?(?P<zone>Z|[+-]\d{{2}}(?::?\d{{2}})?)?", re.ASCII
)


def read_moment(text: str, kind: str) -> dt.date | dt.datetime | dt.time | None:
    """The date or time that a text in ISO form says; None where it says none of that kind.

    >>> read_moment("2010-10-24", "date")
    datetime.date(2010, 10, 24)
    >>> read_moment("24/10/2010", "date") is None
    True
    """
    text = text.strip()
    try:
        if kind == "date":
            return dt.date.fromisoformat(text) if _DATE.fullmatch(text) else None
        if kind == "time":
            return dt.time.fromisoformat(_padded(text)) if _TIME.fullmatch(text) else None
        match = _TIMESTAMP.fullmatch(text)
        if match is None or (kind == "timestamptz") != (match["zone"] is not None):
            return None
        if match["time"] is None and match["zone"] is not None:
            return None
        day, clock = dt.date.fromisoformat(match["date"]), dt.time.fromisoformat(_padded(match["time"] or "00:00"))
        return dt.datetime.combine(day, clock, _zone(match["zone"]))
    except ValueError:
        return None


def _padded(clock: str) -> str:
    """Python 3.11 and later read any number of digits of a second only as three or six."""
    whole, point, fraction = clock.partition(".")
    return f"{whole}.{fraction:0<6}" if point else whole


def _zone(text: str | None) -> dt.timezone | None:
    if text is None:
        return None
    if text == "Z":
        return dt.UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-offset if text[0] == "-" else offset)


def widens(found: str, wanted: str) -> bool:
    """Whether a number of kind ``found`` is also one of kind ``wanted``."""
    return found in NUMBERS and wanted in NUMBERS and NUMBERS.index(found) <= NUMBERS.index(wanted)


def common_type(parts: Sequence[Part]) -> Type | None:
    """The type that all parts have or can become, not null only if no part is; None where there is none.

    Decimals of different precision meet in plain ``decimal``. Only nulls: the kind ``null``.
    """
    nullable = any(part.type.nullable for part in parts)
    known = [part for part in parts if part.type.kind != "null"]
    if not known:
        return Type("null", nullable=nullable)
    kinds = {part.type.kind for part in known}
    first = known[0].type
    if len(kinds) == 1:
        alike = all(part.type.same_as(first) for part in known)
        return (first if alike else Type(first.kind)).with_null(nullable)
    if kinds <= set(NUMBERS):
        return Type(max(kinds, key=NUMBERS.index), nullable=nullable)
    firm = {part.type.kind for part in known if part.text is None}
    if len(firm) == 1 and kinds == firm | {"text"}:
        kind = firm.pop()
        if kind in MOMENTS and all(part.text is None or read_moment(part.text, kind) for part in known):
            return Type(kind, nullable=nullable)
    return None


def convert(part: Part, wanted: Type, *, cast: bool) -> Part:
    """The part as ``wanted``, which it must be able to become.

    Numbers become it where ``cast`` says so, constants as they are written; else they are left to PostgreSQL, which
    widens numbers in the same way.
    """
    expression = part.expression
    if part.is_null:
        return replace(part, expression=Literal(wanted.with_null(), None))
    if expression.type.kind == wanted.kind:
        return part
    if widens(expression.type.kind, wanted.kind) and not cast:
        return part
    value = convert_constant(expression, wanted)
    if value is not None:
        return replace(part, expression=value)
    if not cast:
        return part
    type_ = Type(wanted.kind, nullable=expression.type.nullable)
    return replace(part, expression=Cast(type_, expression), size=part.size + 1, depth=part.depth + 3)


def convert_constant(expression: Expression, wanted: Type) -> Literal | None:
    """A constant as one of another kind, or None where it is no constant or cannot become one."""
    if not isinstance(expression, Literal):
        return None
    found = expression.value
    value: Value = None
    if isinstance(found, str) and wanted.kind in MOMENTS:
        value = read_moment(found, wanted.kind)
    elif isinstance(found, int | Decimal) and not isinstance(found, bool):
        exact = Decimal(found)
        if wanted.kind == "decimal":
            value = exact
        elif wanted.kind == "float" and abs(exact) < _FLOAT_LIMIT:
            value = float(exact)
    return None if value is None else Literal(Type(wanted.kind, nullable=False), value)
