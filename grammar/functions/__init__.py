"""The function catalogue: every function and operator of formulas, one declarative entry each.

A family is a module with ``FUNCTIONS: tuple[Function, ...]``. All of type checking, completion, the reference page and
rendering read the catalogue; none of them knows a function by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from headrace.grammar.expression import Aggregate, Call
from headrace.grammar.function import Function
from headrace.grammar.functions import (
    aggregates,
    conversion,
    date_arithmetic,
    date_ranges,
    date_text,
    dates,
    json_values,
    logical,
    number,
    operators,
    quality,
    regular_expressions,
    statistics,
    text,
    windows,
)

_FAMILIES: tuple[tuple[Function, ...], ...] = (
    operators.FUNCTIONS,
    text.FUNCTIONS,
    number.FUNCTIONS,
    dates.FUNCTIONS,
    date_arithmetic.FUNCTIONS,
    date_ranges.FUNCTIONS,
    date_text.FUNCTIONS,
    logical.FUNCTIONS,
    conversion.FUNCTIONS,
    aggregates.FUNCTIONS,
    windows.FUNCTIONS,
    statistics.FUNCTIONS,
    regular_expressions.FUNCTIONS,
    json_values.FUNCTIONS,
    quality.FUNCTIONS,
)


def collect(families: Iterable[Iterable[Function]]) -> tuple[Mapping[str, Function], Mapping[str, Function]]:
    """The entries by name, and by everything that can be typed for them (names and aliases, case folded).

    Raises ValueError where two entries claim the same word, or an entry can never be called.
    """
    by_name: dict[str, Function] = {}
    by_word: dict[str, Function] = {}
    for function in (entry for family in families for entry in family):
        if not function.signatures:
            raise ValueError(f"function {function.name} has no signature")
        for word in (function.name, *function.aliases):
            if word != word.casefold():
                raise ValueError(f"function name {word} must be in lower case")
            if word in by_word:
                raise ValueError(f"function name {word} is declared twice: {by_word[word].name}, {function.name}")
            by_word[word] = function
        by_name[function.name] = function
    return MappingProxyType(by_name), MappingProxyType(by_word)


CATALOGUE: Mapping[str, Function]
"""Every entry by its name."""

CATALOGUE, _WORDS = collect(_FAMILIES)


def lookup(name: str) -> Function | None:
    """The entry that ``name`` calls, as its name or an alias, in any case.

    >>> lookup("COALESCE").name
    'coalesce'
    """
    return _WORDS.get(name.casefold())


def entry_of(call: Call | Aggregate) -> Function:
    """The function that a typed call calls: one of a host, or the catalogue's."""
    return call.entry or CATALOGUE[call.function]


def words() -> Iterable[str]:
    """All names and aliases that ``lookup`` knows."""
    return _WORDS.keys()
