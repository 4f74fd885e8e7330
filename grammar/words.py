"""The words of the formula language, for the parser's messages, the printer and completion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from headrace.diagnostics import closest

RESERVED = frozenset(
    {"and", "or", "not", "in", "between", "like", "ilike", "is", "null", "true", "false", "case", "when", "then"}
    | {"else", "end", "distinct", "where", "per"}
)
"""Words that name a column only in brackets, in any case of letters: ``[Order]`` needs none, ``[where]`` does."""

FORMS: Mapping[str, str] = MappingProxyType(
    {
        "cast": 'cast(x as integer) turns a value into another type, as x::integer and cast(x, "integer") do.',
        "share": "share(x) is the part of a value in everything: sum(x) / sum(sum(x) per ()) of groups,"
        " x / sum(x per ()) of rows.",
        "total": "total(x) is the sum over everything: sum(sum(x) per ()) of groups, sum(x per ()) of rows.",
    }
)
"""What is called like a function and is none: forms with rules of their own."""

OPERATOR_FUNCTIONS = frozenset({"and", "or", "like", "ilike"})
"""Reserved words that are functions too, before a bracket: ``and(a, b)``."""

UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond")
"""The units of durations, longest first; in a formula each may have an ``s``."""

_ABBREVIATIONS = {
    **dict.fromkeys(("y", "yr", "yrs"), "year"),
    **dict.fromkeys(("q", "qtr"), "quarter"),
    **dict.fromkeys(("mo", "mon", "mth", "mths"), "month"),
    **dict.fromkeys(("w", "wk", "wks"), "week"),
    "d": "day",
    **dict.fromkeys(("h", "hr", "hrs"), "hour"),
    **dict.fromkeys(("min", "mins"), "minute"),
    **dict.fromkeys(("s", "sec", "secs"), "second"),
    "ms": "millisecond",
}
_PLAIN = re.compile(r"[^\W\d]\w*")


def unit_meant(word: str, number: str) -> str | None:
    """The unit of time that ``word`` was meant to be after ``number``, or None.

    >>> unit_meant("mouths", "12"), unit_meant("d", "1"), unit_meant("apples", "3")
    ('months', 'day', None)
    """
    near = closest(word.lower(), [unit + "s" for unit in UNITS], 1)
    unit = _ABBREVIATIONS.get(word.lower()) or (near[0].removesuffix("s") if near else None)
    return unit and (unit if number == "1" else unit + "s")


def is_plain(name: str) -> bool:
    """Whether ``name`` can stand in a formula without brackets.

    >>> is_plain("order"), is_plain("Unit price"), is_plain("where")
    (True, False, False)
    """
    return _PLAIN.fullmatch(name) is not None and name.lower() not in RESERVED
