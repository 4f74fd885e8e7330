"""The words of the formula language, for the parser's messages, the printer and completion."""

from __future__ import annotations

import re

RESERVED = frozenset(
    {"and", "or", "not", "in", "between", "like", "ilike", "is", "null", "true", "false", "case", "when", "then"}
    | {"else", "end", "distinct", "where", "per"}
)
"""Words that name a column only in brackets, in any case of letters: ``[Order]`` needs none, ``[where]`` does."""

OPERATOR_FUNCTIONS = frozenset({"and", "or", "like", "ilike"})
"""Reserved words that are functions too, before a bracket: ``and(a, b)``."""

UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond")
"""The units of durations, longest first; in a formula each may have an ``s``."""

_PLAIN = re.compile(r"[^\W\d]\w*")


def is_plain(name: str) -> bool:
    """Whether ``name`` can stand in a formula without brackets.

    >>> is_plain("order"), is_plain("Unit price"), is_plain("where")
    (True, False, False)
    """
    return _PLAIN.fullmatch(name) is not None and name.lower() not in RESERVED
