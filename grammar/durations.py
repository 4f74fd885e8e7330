"""Lengths of time: their constants, and what a date or time becomes when one is added to it."""

from __future__ import annotations

from decimal import Decimal, localcontext

from headrace.grammar import tree
from headrace.grammar.expression import Call, Expression, Interval, Literal

_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_DAYS = {"week": 7, "day": 1}
_MICROSECONDS = {
    "hour": 3_600_000_000,
    "minute": 60_000_000,
    "second": 1_000_000,
    "millisecond": 1_000,
    "microsecond": 1,
}
_LARGEST_MONTHS = 12 * 10_000
_LARGEST_DAYS = 366 * 10_000
_LARGEST_MICROSECONDS = _LARGEST_DAYS * 24 * 3_600_000_000


class UnevenDuration(ValueError):
    """A part of a duration that does not come out whole: half a month, a third of a microsecond."""

    def __init__(self, number: str, unit: str, whole: str) -> None:
        super().__init__(f"{number} {unit}")
        self.number, self.unit, self.whole = number, unit, whole


def read_duration(node: tree.Duration) -> Interval:
    """The interval that a duration says. Raises UnevenDuration, or OverflowError where it is beyond 10,000 years.

    >>> read_duration(tree.Duration((("2", "year"), ("3", "month"))))
    Interval(months=27, days=0, microseconds=0)
    >>> read_duration(tree.Duration((("1.5", "hour"),)))
    Interval(months=0, days=0, microseconds=5400000000)
    """
    months = days = microseconds = 0
    with localcontext() as context:
        context.prec = 60
        for text, unit in node.parts:
            number = Decimal(text)
            if number.adjusted() > 18:
                raise OverflowError(text)
            if unit in _MONTHS:
                months += _whole(number * _MONTHS[unit], text, unit, "month")
            elif unit in _DAYS and number * _DAYS[unit] == (number * _DAYS[unit]).to_integral_value():
                days += int(number * _DAYS[unit])
            else:
                size = _MICROSECONDS.get(unit) or _DAYS[unit] * 24 * _MICROSECONDS["hour"]
                microseconds += _whole(number * size, text, unit, "microsecond")
    if months > _LARGEST_MONTHS or days > _LARGEST_DAYS or microseconds > _LARGEST_MICROSECONDS:
        raise OverflowError
    return Interval(months, days, microseconds)


def _whole(number: Decimal, text: str, unit: str, whole: str) -> int:
    if number != number.to_integral_value():
        raise UnevenDuration(text, unit, whole)
    return int(number)


def units_of(expression: Expression) -> frozenset[str] | None:
    """Which of ``months``, ``days``, ``microseconds`` an interval can hold, as far as the formula tells; else None.

    Constants, ``duration(n, "month")`` and arithmetic on such tell.
    """
    if isinstance(expression, Literal):
        value = expression.value
        if not isinstance(value, Interval):
            return frozenset()
        parts = {"months": value.months, "days": value.days, "microseconds": value.microseconds}
        return frozenset(name for name, size in parts.items() if size)
    if not isinstance(expression, Call):
        return None
    if expression.function == "duration":
        unit = expression.arguments[1] if len(expression.arguments) > 1 else None
        return _unit(unit.value) if isinstance(unit, Literal) and isinstance(unit.value, str) else None
    if expression.function in ("add", "subtract", "negate"):
        found = [units_of(argument) for argument in expression.arguments]
    elif expression.function == "multiply":
        intervals = [argument for argument in expression.arguments if argument.type.kind == "interval"]
        whole = all(argument.type.kind in ("interval", "integer") for argument in expression.arguments)
        found = [units_of(argument) for argument in intervals] if whole else [None]
    else:
        return None
    known = [units for units in found if units is not None]
    return frozenset().union(*known) if len(known) == len(found) else None


def _unit(word: str) -> frozenset[str] | None:
    unit = word.strip().casefold()
    unit = unit if unit in _MONTHS | _DAYS | _MICROSECONDS else unit.removesuffix("s")
    for name, units in (("months", _MONTHS), ("days", _DAYS), ("microseconds", _MICROSECONDS)):
        if unit in units:
            return frozenset((name,))
    return None


def is_whole_days(expression: Expression) -> bool:
    """Whether an interval is known to hold no part of a day: a date moved by it stays a date."""
    units = units_of(expression)
    return units is not None and "microseconds" not in units


def needs_zone(expression: Expression) -> bool:
    """Whether adding an interval to a moment in the world depends on a zone: days there can have 23 or 25 hours."""
    units = units_of(expression)
    return units is None or (units != frozenset(("microseconds",)) and bool(units))
