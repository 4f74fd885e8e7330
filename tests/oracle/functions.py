"""The functions of one row that flows are made of: what they take, what they give, and how they compute it.

``FUNCTIONS`` holds those that are null where an argument is null; ``WITH_NULLS`` those that look at nulls themselves.
"""

from __future__ import annotations

import hashlib
import re
from calendar import isleap, monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal
from math import gcd
from typing import Any

from .tables import EXACT, Undefined
from .trees import Value


@dataclass(frozen=True)
class Function:
    """Types of arguments; beside those of columns: ``small`` a number of 0 to 4, ``piece`` a short text that is not
    empty, ``pattern`` one for like, ``number`` any type of number, which is that of the result too."""

    arguments: tuple[str, ...]
    result: str
    compute: Callable[..., Value]


# Numbers.


def divided(first: Decimal, second: Decimal) -> Decimal | None:
    """Division to 16 significant digits or more, as PostgreSQL counts them: in groups of four, and to no fewer digits
    than the arguments have."""
    if second == 0:
        return None
    weight = [_leading(first), _leading(second)]
    quotient = weight[0][0] - weight[1][0] - (weight[0][1] <= weight[1][1])
    scale = max(16 - 4 * quotient, _scale(first), _scale(second), 0)
    exact = EXACT.divide(first, second)
    return exact.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, EXACT)


def _leading(value: Decimal) -> tuple[int, int]:
    """The place of the first group of four digits, and its number."""
    if value == 0:
        return 0, 0
    weight = value.adjusted() // 4
    return weight, int(abs(value).scaleb(-4 * weight, EXACT))


def _scale(value: Decimal) -> int:
    return max(-int(value.as_tuple().exponent), 0)


def _plain(value: Decimal) -> Decimal:
    """Without an exponent above 0."""
    return value.quantize(Decimal(1), context=EXACT) if int(value.as_tuple().exponent) > 0 else value


def rounded(value: Value, digits: int = 0, how: str = ROUND_HALF_UP) -> Value:
    """To so many digits after the point; before it, where negative."""
    if isinstance(value, int):
        return int(rounded(Decimal(value), digits, how))
    return _plain(value.quantize(Decimal(1).scaleb(-digits), how, EXACT))


def _cut(first: Value, second: Value) -> Value:
    """Division cut towards 0; null where the divisor is 0."""
    if second == 0:
        return None
    if isinstance(first, int):
        return abs(first) // abs(second) * (1 if (first < 0) == (second < 0) else -1)
    return (first / second).__trunc__() if isinstance(first, float) else _whole(first, second)


def _whole(first: Decimal, second: Decimal) -> Decimal:
    return EXACT.divide(first, second).quantize(Decimal(1), ROUND_DOWN, EXACT)


def _remainder(first: Value, second: Value) -> Value:
    """What remains, with the sign of the first; null where the divisor is 0."""
    if second == 0:
        return None
    if isinstance(first, int):
        return first - second * _cut(first, second)
    scale = max(_scale(first), _scale(second))
    remains = EXACT.subtract(first, EXACT.multiply(second, _whole(first, second)))
    return remains.quantize(Decimal(1).scaleb(-scale), context=EXACT)


def _floor_remainder(first: Value, second: Value) -> Value:
    remains = _remainder(first, second)
    if remains is None or remains == 0 or (remains < 0) == (second < 0):
        return remains
    return remains + second if isinstance(first, int) else EXACT.add(remains, second)


def _sign(value: Value) -> int:
    return (value > 0) - (value < 0)


def arithmetic(name: str, first: Value, second: Value) -> Value:
    """Two numbers of one type."""
    if isinstance(first, Decimal):
        match name:
            case "add":
                return EXACT.add(first, second)
            case "subtract":
                return EXACT.subtract(first, second)
            case "multiply":
                return EXACT.multiply(first, second)
    match name:
        case "add":
            return first + second
        case "subtract":
            return first - second
        case "multiply":
            return first * second
        case "div":
            return _cut(first, second)
        case "modulo":
            return _remainder(first, second)
        case "floor_mod":
            return _floor_remainder(first, second)
    raise ValueError(name)


# Dates and timestamps.


def moved(value: Value, count: int, unit: str) -> Value:
    """So many units later; a day that the month does not have becomes its last."""
    try:
        match unit:
            case "year" | "quarter" | "month":
                months = value.year * 12 + value.month - 1 + count * {"year": 12, "quarter": 3, "month": 1}[unit]
                year, month = divmod(months, 12)
                return value.replace(year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1]))
            case _:
                return value + timedelta(**{f"{unit}s": count})
    except (ValueError, OverflowError) as error:
        raise Undefined(str(error)) from error


def start_of(value: Value, unit: str) -> Value:
    """The first day, or moment, of the unit in which it is."""
    if isinstance(value, datetime):
        if unit == "hour":
            return value.replace(minute=0, second=0, microsecond=0)
        return datetime.combine(start_of(value.date(), unit), datetime.min.time())
    try:
        match unit:
            case "year":
                return value.replace(month=1, day=1)
            case "quarter":
                return value.replace(month=(value.month - 1) // 3 * 3 + 1, day=1)
            case "month":
                return value.replace(day=1)
            case "week":
                return value - timedelta(value.weekday())
    except OverflowError as error:
        raise Undefined(str(error)) from error
    return value


def end_of(value: Value, unit: str) -> Value:
    """The last day, or microsecond, of the unit in which it is."""
    if isinstance(value, datetime):
        return datetime.combine(end_of(value.date(), unit), datetime.max.time())
    if unit == "day":
        return value
    start = start_of(value, unit)
    if unit == "month":
        return value.replace(day=monthrange(value.year, value.month)[1])
    if unit in ("quarter", "year"):
        return end_of(moved(start, 2 if unit == "quarter" else 11, "month"), "month")
    return moved(moved(start, 1, unit), -1, "day")


def _months_between(first: Value, second: Value) -> int:
    """Whole months: one is whole on the same day of the month, at the same time."""
    if second < first:
        return -_months_between(second, first)
    months = (second.year - first.year) * 12 + second.month - first.month
    start = first.replace(year=2000, month=1), second.replace(year=2000, month=1)
    return int(months if start[0] <= start[1] else months - 1)


def _starts_between(first: Value, second: Value, unit: str) -> int:
    """How many starts of the unit lie between."""
    match unit:
        case "year":
            return second.year - first.year
        case "quarter":
            return (second.year - first.year) * 4 + (second.month - 1) // 3 - (first.month - 1) // 3
        case "month":
            return (second.year - first.year) * 12 + second.month - first.month
    days = [each.date() if isinstance(each, datetime) else each for each in (first, second)]
    if unit == "week":
        return (days[1].toordinal() - 1) // 7 - (days[0].toordinal() - 1) // 7
    return (days[1] - days[0]).days


def _workdays(first: date, second: date) -> int:
    if second < first:
        return -_workdays(second, first)
    weeks, rest = divmod((second - first).days + 1, 7)
    return weeks * 5 + sum((first.weekday() + each) % 7 < 5 for each in range(rest))


# Texts.


def printed(value: Value) -> str:
    """Plain ISO text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(" ").rstrip("0") if value.microsecond else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _found(piece: str, text: str) -> int | None:
    return text.index(piece) + 1 if piece in text else None


def fits(text: str, pattern: str) -> bool:
    """Whether the text fits a pattern in which % is any characters and _ is one."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(fits(text[start:], pattern[1:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in ("_", text[0]) and fits(text[1:], pattern[1:])


def _padded(text: str, length: int, by: str, left: bool) -> str:
    missing = max(length - len(text), 0)
    filler = (by * missing)[:missing] if by else ""
    return filler + text if left and missing else (text + filler if missing else text[:length])


def _translated(text: str, old: str, new: str) -> str:
    made = []
    for letter in text:
        place = old.find(letter)
        if place < 0:
            made.append(letter)
        elif place < len(new):
            made.append(new[place])
    return "".join(made)


def _part(text: str, separator: str, number: int) -> str:
    parts = text.split(separator)
    return parts[number - 1] if number <= len(parts) else ""


def _integer_of(text: str) -> int | None:
    stripped = text.strip(" ")
    digits = stripped[1:] if stripped[:1] in ("-", "+") else stripped
    if not digits.isascii() or not digits.isdigit():
        return None
    value = int(stripped)
    return value if -(2**63) <= value < 2**63 else None


def _function(arguments: str, result: str, compute: Callable[..., Value]) -> Function:
    return Function(tuple(arguments.split()), result, compute)


_DOT = re.DOTALL


def _searched(expression: str, text: str) -> Any:
    return re.search(expression, text, flags=_DOT)


def _extracted(text: str, expression: str) -> str | None:
    """What is found, or its first bracket."""
    found = _searched(expression, text)
    return None if found is None else found[1 if found.re.groups else 0]


_DAY, _TICK = timedelta(1), timedelta(microseconds=1)

FUNCTIONS: dict[str, list[Function]] = {
    # text
    "upper": [_function("text", "text", str.upper)],
    "lower": [_function("text", "text", str.lower)],
    "trim": [_function("text", "text", lambda x: x.strip(" ")), _function("text piece", "text", str.strip)],
    "ltrim": [_function("text", "text", lambda x: x.lstrip(" ")), _function("text piece", "text", str.lstrip)],
    "rtrim": [_function("text", "text", lambda x: x.rstrip(" ")), _function("text piece", "text", str.rstrip)],
    "collapse_spaces": [_function("text", "text", lambda x: " ".join(each for each in x.split(" ") if each))],
    "len": [_function("text", "integer", len)],
    "byte_length": [_function("text", "integer", lambda x: len(x.encode()))],
    "count_substring": [_function("text piece", "integer", str.count)],
    "left": [_function("text small", "text", lambda x, n: x[:n])],
    "right": [_function("text small", "text", lambda x, n: x[len(x) - min(n, len(x)):])],
    "substring": [
        _function("text place", "text", lambda x, at: x[at - 1:]),
        _function("text place small", "text", lambda x, at, n: x[at - 1:at - 1 + n]),
    ],
    "split": [_function("text piece place", "text", _part)],
    "text_before": [_function("text piece", "text", lambda x, at: x.partition(at)[0] if at in x else None)],
    "text_after": [_function("text piece", "text", lambda x, at: x.partition(at)[2] if at in x else None)],
    "find": [_function("piece text", "integer", _found)],
    "contains": [_function("text text", "boolean", lambda x, y: y in x)],
    "starts_with": [_function("text text", "boolean", str.startswith)],
    "ends_with": [_function("text text", "boolean", str.endswith)],
    "like": [_function("text pattern", "boolean", fits)],
    "replace": [
        _function("text piece text", "text", str.replace),
        _function("text place small text", "text", lambda x, at, n, new: x[:at - 1] + new + x[at - 1 + n:]),
    ],
    "translate": [_function("text piece text", "text", _translated)],
    "repeat": [_function("text small", "text", lambda x, n: x * n)],
    "reverse": [_function("text", "text", lambda x: x[::-1])],
    "lpad": [_function("text small piece", "text", lambda x, n, by: _padded(x, n, by, True))],
    "rpad": [_function("text small piece", "text", lambda x, n, by: _padded(x, n, by, False))],
    "code": [_function("text", "integer", lambda x: ord(x[0]) if x else 0)],
    "md5": [_function("text", "text", lambda x: hashlib.md5(x.encode()).hexdigest())],
    "sha256": [_function("text", "text", lambda x: hashlib.sha256(x.encode()).hexdigest())],
    "null_if_empty": [_function("text", "text", lambda x: x.strip(" ") or None)],
    # regular expressions
    "regexp_match": [_function("text regex", "boolean", lambda x, e: _searched(e, x) is not None)],
    "regexp_extract": [_function("text regex", "text", _extracted)],
    "regexp_replace": [_function("text regex letter", "text", lambda x, e, new: re.sub(e, new, x, flags=_DOT))],
    "regexp_count": [_function("text regex", "integer", lambda x, e: len(re.findall(e, x, flags=_DOT)))],
    "regexp_position": [
        _function("text regex", "integer", lambda x, e: _searched(e, x).start() + 1 if _searched(e, x) else None)
    ],
    # numbers
    "negate": [_function("number", "number", lambda x: -x if not isinstance(x, Decimal) else EXACT.minus(x))],
    "divide": [_function("decimal decimal", "decimal", divided)],
    "safe_divide": [_function("decimal decimal", "decimal", divided)],
    "round": [
        _function("exact", "exact", rounded),
        _function("exact small", "exact", rounded),
    ],
    "trunc": [
        _function("exact", "exact", lambda x: rounded(x, 0, ROUND_DOWN)),
        _function("exact small", "exact", lambda x, n: rounded(x, n, ROUND_DOWN)),
    ],
    "round_up": [_function("decimal small", "decimal", lambda x, n: rounded(x, n, ROUND_UP))],
    "floor": [_function("exact", "exact", lambda x: rounded(x, 0, ROUND_FLOOR))],
    "ceil": [_function("exact", "exact", lambda x: rounded(x, 0, ROUND_CEILING))],
    "abs": [_function("number", "number", lambda x: abs(x) if not isinstance(x, Decimal) else x.copy_abs())],
    "sign": [_function("number", "integer", _sign)],
    "is_even": [_function("integer", "boolean", lambda x: x % 2 == 0)],
    "is_odd": [_function("integer", "boolean", lambda x: x % 2 == 1)],
    "gcd": [_function("integer integer", "integer", gcd)],
    # dates
    "year": [_function("moment", "integer", lambda x: x.year)],
    "quarter": [_function("moment", "integer", lambda x: (x.month - 1) // 3 + 1)],
    "month": [_function("moment", "integer", lambda x: x.month)],
    "day": [_function("moment", "integer", lambda x: x.day)],
    "iso_week": [_function("moment", "integer", lambda x: x.isocalendar()[1])],
    "iso_year": [_function("moment", "integer", lambda x: x.isocalendar()[0])],
    "iso_weekday": [_function("moment", "integer", lambda x: x.isoweekday())],
    "day_of_year": [_function("moment", "integer", lambda x: x.timetuple().tm_yday)],
    "hour": [_function("timestamp", "integer", lambda x: x.hour)],
    "minute": [_function("timestamp", "integer", lambda x: x.minute)],
    "second": [_function("timestamp", "integer", lambda x: x.second)],
    "is_weekend": [_function("moment", "boolean", lambda x: x.isoweekday() > 5)],
    "days_in_month": [_function("moment", "integer", lambda x: monthrange(x.year, x.month)[1])],
    "is_leap_year": [_function("moment", "boolean", lambda x: isleap(x.year))],
    **{
        f"{word}_of_{unit}": [_function("moment", "moment", lambda x, unit=unit, of=of: of(x, unit))]
        for word, of in (("start", start_of), ("end", end_of))
        for unit in ("year", "quarter", "month", "week", "day")
    },
    "start_of_hour": [_function("timestamp", "timestamp", lambda x: start_of(x, "hour"))],
    **{
        f"add_{unit}s": [_function("moment small", "moment", lambda x, n, unit=unit: moved(x, n, unit))]
        for unit in ("year", "month", "week", "day")
    },
    "add_quarters": [_function("moment small", "moment", lambda x, n: moved(x, n * 3, "month"))],
    "add_hours": [_function("timestamp small", "timestamp", lambda x, n: moved(x, n, "hour"))],
    "eomonth": [_function("date small", "date", lambda x, n: end_of(moved(x, n, "month"), "month"))],
    "months_between": [_function("moment moment", "integer", _months_between)],
    "days_between": [
        _function("date date", "integer", lambda x, y: (y - x).days),
        _function("timestamp timestamp", "integer", lambda x, y: _cut((y - x) // _TICK, _DAY // _TICK)),
    ],
    "date_diff": [_function("unit moment moment", "integer", lambda unit, x, y: _starts_between(x, y, unit))],
    "networkdays": [_function("date date", "integer", _workdays)],
    "subtract_dates": [_function("date date", "integer", lambda x, y: (x - y).days)],
    "date": [_function("timestamp", "date", lambda x: x.date())],
    "time": [_function("timestamp", "time", lambda x: x.time())],
    "at_timezone": [
        _function("timestamp zone", "timestamptz", lambda x, _: x.replace(tzinfo=UTC)),
        _function("timestamptz zone", "timestamp", lambda x, _: x.replace(tzinfo=None)),
    ],
    # conversion
    "to_text": [
        _function("integer", "text", printed),
        _function("boolean", "text", printed),
        _function("date", "text", printed),
        _function("timestamp", "text", printed),
        _function("uuid", "text", printed),
    ],
    "to_integer": [
        _function("exact", "integer", lambda x: int(rounded(x))),
        _function("boolean", "integer", int),
    ],
    "try_to_integer": [_function("text", "integer", _integer_of)],
    "to_decimal": [_function("exact", "decimal", Decimal)],
    "to_boolean": [_function("integer", "boolean", lambda x: x != 0)],
    # conditions
    "not": [_function("boolean", "boolean", lambda x: not x)],
    "xor": [_function("boolean boolean", "boolean", lambda x, y: x != y)],
}  # fmt: skip


# Functions that look at nulls themselves. Each takes the values of one row.


def _and(*values: Any) -> Any:
    return False if False in values else (None if None in values else True)


def _or(*values: Any) -> Any:
    return True if True in values else (None if None in values else False)


def _not(value: Any) -> Any:
    return None if value is None else not value


def _comparison(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
    return lambda x, y: None if x is None or y is None else test(x, y)


_equal = _comparison(lambda x, y: x == y)
_less_or_equal = _comparison(lambda x, y: x <= y)


def _first(*values: Value) -> Value:
    return next((value for value in values if value is not None), None)


def _branches(*values: Value) -> Value:
    *pairs, last = values
    return next((value for test, value in zip(pairs[::2], pairs[1::2], strict=True) if test is True), last)


def _switch(value: Value, *values: Value) -> Value:
    *pairs, last = values
    return next((then for match, then in zip(pairs[::2], pairs[1::2], strict=True) if _equal(value, match)), last)


def _in(value: Value, *listed: Value) -> Any:
    return _or(*(_equal(value, each) for each in listed))


def _between(value: Value, low: Value, high: Value) -> Any:
    return _and(_less_or_equal(low, value), _less_or_equal(value, high))


def _clamp(value: Value, low: Value, high: Value) -> Value:
    if value is None:
        return None
    if low is not None and high is not None and low > high:
        raise Undefined("a range that ends before it begins")
    bounded = value if low is None else max(value, low)
    return bounded if high is None else min(bounded, high)


def _of_those_there_are(choose: Callable[[Sequence[Value]], Value]) -> Callable[..., Value]:
    def chosen(*values: Value) -> Value:
        there = [value for value in values if value is not None]
        return choose(there) if there else None

    return chosen


WITH_NULLS: dict[str, Callable[..., Value]] = {
    "and": _and,
    "or": _or,
    "equal": _equal,
    "not_equal": _comparison(lambda x, y: x != y),
    "less": _comparison(lambda x, y: x < y),
    "less_or_equal": _less_or_equal,
    "greater": _comparison(lambda x, y: x > y),
    "greater_or_equal": _comparison(lambda x, y: x >= y),
    "is_distinct": lambda x, y: x != y,
    "is_not_distinct": lambda x, y: x == y,
    "in": _in,
    "not_in": lambda *values: _not(_in(*values)),
    "in_list": lambda value, listed: _in(value, *listed),
    "not_in_list": lambda value, listed: _not(_in(value, *listed)),
    "between": _between,
    "not_between": lambda *values: _not(_between(*values)),
    "is_null": lambda x: x is None,
    "is_not_null": lambda x: x is not None,
    "is_defined": lambda x: x is not None,
    "is_empty": lambda x: x is None or x == "",
    "is_blank": lambda x: x is None or (isinstance(x, str) and not x.strip(" ")),
    "coalesce": _first,
    "if": _branches,
    "case": _branches,
    "switch": _switch,
    "null_if": lambda x, y: None if x is None or x == y else x,
    "greatest": _of_those_there_are(max),
    "least": _of_those_there_are(min),
    "clamp": _clamp,
    "concat": lambda *values: "".join(printed(value) for value in values if value is not None),
    "concat_ws": lambda by, *values: None if by is None else by.join(printed(x) for x in values if x is not None),
    "join_text": lambda *values: None if None in values else "".join(map(printed, values)),
}
