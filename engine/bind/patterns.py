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
    return _wildcards(entry) > 0


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
    whole = _expression(pattern)
    return [name for name in names if whole.fullmatch(name)]


def renamed(pattern: str, new: str, names: Sequence[str]) -> dict[str, str] | None:
    """The names that fit the pattern, each with its new name: what its wildcards stand for goes where those of ``new``
    are, in order. None where ``new`` has not as many.

    >>> renamed("raw_*", "*", ["id", "raw_a", "raw_b"])
    {'raw_a': 'a', 'raw_b': 'b'}
    """
    if _wildcards(pattern) != _wildcards(new):
        return None
    whole = _expression(pattern)
    fits = ((name, whole.fullmatch(name)) for name in names)
    return {name: _filled(new, match.groups()) for name, match in fits if match is not None}


def _filled(pattern: str, parts: Sequence[str]) -> str:
    """The pattern with the parts in the places of its wildcards."""
    waiting = iter(parts)
    return _SPECIAL.sub(lambda each: next(waiting) if each[0] in "*?" else each[0][-1], pattern)


def _wildcards(entry: str) -> int:
    return sum(match[0] in "*?" for match in _SPECIAL.finditer(entry))


def _expression(pattern: str) -> re.Pattern[str]:
    expression, end = "", 0
    for match in _SPECIAL.finditer(pattern):
        expression += re.escape(pattern[end : match.start()])
        expression += {"*": "(.*)", "?": "(.)"}.get(match[0]) or re.escape(match[0][1])
        end = match.end()
    return re.compile(expression + re.escape(pattern[end:]), re.DOTALL)
