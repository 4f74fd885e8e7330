"""Patterns in lists of columns: ``amount_*``, ``????-??``.

``*`` stands for any characters, ``?`` for one; ``\\*`` and ``\\?`` stand for themselves. An entry that is the whole
name of a column means that column, whatever characters it has.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_SPECIAL = re.compile(r"\\[*?\\]|[*?]")


def is_pattern(entry: str, names: Collection[str]) -> bool:
    """Whether ``entry`` stands for the columns it fits and is not itself one of ``names``.

    >>> is_pattern("amount_*", ["amount_*"]), is_pattern("amount_*", ["amount_1"])
    (False, True)
    """
    return entry not in names and _SPECIAL.search(entry) is not None


def has_wildcard(entry: str) -> bool:
    """Whether ``*`` or ``?`` stands in it for other characters."""
    return any(match[0] in "*?" for match in _SPECIAL.finditer(entry))


def unescaped(entry: str) -> str:
    r"""The name that an entry without wildcards means.

    >>> unescaped(r"Active\?")
    'Active?'
    """
    return _SPECIAL.sub(lambda match: match[0][-1], entry)


def fitting(pattern: str, names: Sequence[str]) -> list[str]:
    """The names that fit the pattern as a whole, in their order; letters of the other case do not.

    >>> fitting("????-??", ["id", "2024-01", "2024-02"])
    ['2024-01', '2024-02']
    """
    expression, end = "", 0
    for match in _SPECIAL.finditer(pattern):
        expression += re.escape(pattern[end : match.start()])
        expression += {"*": ".*", "?": "."}.get(match[0]) or re.escape(match[0][1])
        end = match.end()
    whole = re.compile(expression + re.escape(pattern[end:]), re.DOTALL)
    return [name for name in names if whole.fullmatch(name)]
