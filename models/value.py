"""Values written in a document: the text of a scalar read as a value of a known type, or of the type it looks like."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import TypeAlias
from uuid import UUID

from headrace.grammar.types import Type
from headrace.models.scalar import PlainText, core_value, is_null

Value: TypeAlias = bool | int | Decimal | float | str | bytes | date | time | datetime | None
"""A typed value. Intervals, uuids and json are text in their usual writing."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_TIMESTAMP = re.compile(rf"({_DATE.pattern})([ T]({_TIME.pattern})( ?(Z|z|[-+][0-9]{{2}}(:?[0-9]{{2}})?))?)?")
_DECIMAL = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,4})?")
_PART = r"[-+]?[0-9]+(\.[0-9]+)? *(second|minute|hour|day|week|month|quarter|year)s?"
_INTERVAL = re.compile(rf"{_PART}( +{_PART})*")
_MAX_INTEGER = 2**63


def read_value(text: str | None, type_: Type) -> Value:
    """``text`` as a value of ``type_``; None (nothing written) and ``null`` or ``~`` without quotes are null.

    Raises ValueError, whose text says what was expected (``a date such as 2024-01-31``).

    >>> read_value("1998-06-30", Type("date"))
    datetime.date(1998, 6, 30)
    """
    if text is None or is_null(text):
        return None
    try:
        return _READERS[type_.kind](str(text) if type_.kind == "text" else str(text).strip(), type_)
    except (ValueError, InvalidOperation, RecursionError):
        raise ValueError(EXPECTED[type_.kind].replace("TYPE", str(type_))) from None


def infer_value(text: str | None) -> Value:
    """What an untyped scalar looks like: a quoted one is text, a plain one follows YAML 1.2, decimals kept exact."""
    if text is None or not isinstance(text, PlainText):
        return text
    value = core_value(text)
    if isinstance(value, float):
        return _decimal(text, Type("decimal"))
    if isinstance(value, int) and not isinstance(value, bool) and not -_MAX_INTEGER <= value < _MAX_INTEGER:
        return Decimal(value)
    return value


def type_of(value: Value) -> str | None:
    """The kind of type that an inferred value has; None for null."""
    kinds = {bool: "boolean", int: "integer", Decimal: "decimal", date: "date", datetime: "timestamp"}
    return None if value is None else kinds.get(type(value), "text")


def _boolean(text: str, _: Type) -> bool:
    if text not in ("true", "True", "TRUE", "false", "False", "FALSE"):
        raise ValueError
    return text.lower() == "true"


def _integer(text: str, _: Type) -> int:
    if not re.fullmatch(r"[-+]?\d{1,19}", text, re.ASCII):
        raise ValueError
    value = int(text)
    if not -_MAX_INTEGER <= value < _MAX_INTEGER:
        raise ValueError
    return value


def _decimal(text: str, type_: Type) -> Decimal:
    if len(text) > 1200 or not _DECIMAL.fullmatch(text):
        raise ValueError
    value = Decimal(text)
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > 1000 or abs(value.adjusted()) > 1000:
        raise ValueError
    if type_.precision is not None:
        scale = type_.scale or 0
        if -exponent > scale or (value and value.adjusted() + 1 > type_.precision - scale):
            raise ValueError
    return value


def _float(text: str, _: Type) -> float:
    if text in (".inf", "-.inf", ".nan"):
        return float(text.replace(".", ""))
    if not _DECIMAL.fullmatch(text) or not isfinite(float(text)):
        raise ValueError
    return float(text)


def _date(text: str, _: Type) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def _time(text: str, _: Type) -> time:
    if not _TIME.fullmatch(text):
        raise ValueError
    return time.fromisoformat(text)


def _timestamp(text: str, type_: Type) -> datetime:
    match = _TIMESTAMP.fullmatch(text)
    if not match or (match[7] is None) == (type_.kind == "timestamptz"):
        raise ValueError
    return datetime.fromisoformat(text.replace(" ", "T", 1).replace(" ", "").replace("z", "Z"))


def _interval(text: str, _: Type) -> str:
    if not _INTERVAL.fullmatch(text):
        raise ValueError
    return text


def _json(text: str, _: Type) -> str:
    json.loads(text)
    return text


def _binary(text: str, _: Type) -> bytes:
    return bytes.fromhex(text.removeprefix("\\x"))


_READERS: Mapping[str, Callable[[str, Type], Value]] = {
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "float": _float,
    "text": lambda text, _: text,
    "date": _date,
    "time": _time,
    "timestamp": _timestamp,
    "timestamptz": _timestamp,
    "interval": _interval,
    "uuid": lambda text, _: str(UUID(text)),
    "json": _json,
    "binary": _binary,
}

EXPECTED: Mapping[str, str] = {
    "boolean": "true or false",
    "integer": "a whole number",
    "decimal": "a number that fits TYPE, such as 12.50",
    "float": "a number such as 1.5",
    "text": "a text",
    "date": "a date such as 2024-01-31",
    "time": "a time such as 12:30",
    "timestamp": "a date and time such as 2024-01-31 12:30",
    "timestamptz": "a date and time with its offset, such as 2024-01-31 12:30+01:00",
    "interval": "a duration such as 12 months",
    "uuid": "a uuid such as 123e4567-e89b-12d3-a456-426614174000",
    "json": "a JSON text",
    "binary": "pairs of hexadecimal digits such as \\xff00",
}
"""What a value of each kind of type looks like, for people."""
