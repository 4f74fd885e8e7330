"""Constants as PostgreSQL reads them the same in every session, whatever its settings."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from math import isfinite

from sqlglot import exp

from headrace.grammar.expression import Interval, Literal
from headrace.grammar.types import Type
from headrace.sql.types import sql_cast

BIGGEST = 2**63 - 1
"""The greatest ``integer``."""


def render_literal(literal: Literal) -> exp.Expression:
    """The constant; its type in PostgreSQL is the literal's.

    Two exceptions keep SQL readable: a text is not cast to TEXT, and a small ``integer`` is an int4 to PostgreSQL;
    arithmetic on such takes care of it (``expressions.is_narrow``).

    >>> from decimal import Decimal
    >>> render_literal(Literal(Type("decimal"), Decimal("2.50"))).sql("postgres")
    '2.50'
    """
    value = literal.value
    if value is None:
        return sql_cast(exp.Null(), literal.type)
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int):
        return _whole(value, literal.type)
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, str):
        return _text(value, literal.type)
    if isinstance(value, bytes):
        return sql_cast(exp.Literal.string("\\x" + value.hex()), literal.type)
    if isinstance(value, Interval):
        return exp.Var(this=f"INTERVAL '{interval_text(value)}'")
    return exp.Var(this=_moment(value))


def interval_text(interval: Interval) -> str:
    """The interval in words. Every part has its sign where one is negative, as ``IntervalStyle = sql_standard`` asks.

    >>> interval_text(Interval(months=12))
    '12 months'
    >>> interval_text(Interval(months=1, days=-1))
    '+1 month -1 day'
    """
    parts: list[tuple[str, str]] = []
    for number, unit in ((interval.months, "month"), (interval.days, "day")):
        if number:
            parts.append((str(number), unit))
    rest = abs(interval.microseconds)
    sign = "-" if interval.microseconds < 0 else ""
    for size, unit in ((3_600_000_000, "hour"), (60_000_000, "minute")):
        count, rest = divmod(rest, size)
        if count:
            parts.append((f"{sign}{count}", unit))
    if rest:
        seconds, fraction = divmod(rest, 1_000_000)
        tail = f".{fraction:06}".rstrip("0") if fraction else ""
        parts.append((f"{sign}{seconds}{tail}", "second"))
    if not parts:
        return "0 days"
    if any(number.startswith("-") for number, _ in parts):
        parts = [(number if number.startswith("-") else f"+{number}", unit) for number, unit in parts]
    return " ".join(f"{number} {unit}{'' if number.lstrip('+-') == '1' else 's'}" for number, unit in parts)


def _whole(value: int, type_: Type) -> exp.Expression:
    if type_.kind != "integer":
        return _decimal(Decimal(value)) if type_.kind == "decimal" else _float(float(value))
    if value == -BIGGEST - 1:
        return sql_cast(_number(str(value)), type_)
    return _number(str(value))


def _decimal(value: Decimal) -> exp.Expression:
    text = format(value, "f")
    if "." not in text and abs(value) <= BIGGEST + 1:
        # Without a point PostgreSQL takes it for an integer; a point of ours would show in results.
        return sql_cast(_number(text), Type("decimal"))
    return _number(text)


def _float(value: float) -> exp.Expression:
    if not isfinite(value):
        return sql_cast(exp.Literal.string(str(value)), Type("float"))
    return sql_cast(_number(repr(value)), Type("float"))


def _number(text: str) -> exp.Expression:
    if text.startswith("-"):
        return exp.Neg(this=exp.Literal.number(text[1:]))
    return exp.Literal.number(text)


def _text(value: str, type_: Type) -> exp.Expression:
    text = exp.Literal.string(value)
    return text if type_.kind == "text" else sql_cast(text, type_)


def _moment(value: dt.date | dt.datetime | dt.time) -> str:
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            return f"TIMESTAMP '{value.isoformat(' ')}'"
        return f"TIMESTAMP WITH TIME ZONE '{value.isoformat(' ')}'"
    if isinstance(value, dt.time):
        return f"TIME '{value.isoformat()}'"
    return f"DATE '{value.isoformat()}'"
