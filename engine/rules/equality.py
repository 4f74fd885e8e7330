"""Which predicates say the same of all values that are equal.

Groups, partitions, distinct rows and join keys hold equal values together that are not always the same: 1.0 and 1.00,
0.0 and -0.0, 1 month and 30 days. ``to_text(amount) = "1.0"`` is true of one of them and false of the other.
"""

from __future__ import annotations

from headrace.grammar.expression import (
    Call,
    Case,
    Cast,
    Column,
    Expression,
    In,
    Literal,
    ParameterValue,
    columns_of,
)
from headrace.grammar.formula import widens

EXACT = ("boolean", "integer", "text", "date", "time", "timestamp", "timestamptz", "uuid", "binary")
"""Kinds of which equal values are the same value. (Texts are compared by byte, whatever orders them.)"""

_COMPARISONS = ("equal", "not_equal", "less", "less_or_equal", "greater", "greater_or_equal", "between")
_OF_ANY = frozenset((*_COMPARISONS, "is_null", "is_distinct"))
_LOGICAL = ("and", "or", "not")
_ARITHMETIC = ("add", "subtract", "multiply", "negate")
_NUMBERS = ("integer", "decimal", "float")


def respects_equality(predicate: Expression) -> bool:
    """Whether the predicate has one value for values that are equal to one another, column by column.

    >>> from headrace.grammar.types import Type
    >>> respects_equality(Call(Type("boolean"), "is_null", 0, (Column(Type("decimal"), "amount"),)))
    True
    >>> respects_equality(Call(Type("text"), "to_text", 0, (Column(Type("decimal"), "amount"),)))
    False
    """
    waiting = [predicate]
    while waiting:
        part = waiting.pop()
        match part:
            case Literal() | ParameterValue():
                continue
            case Case():
                waiting.extend(part.children)
            case Call(function=function) if part.entry is None and function in _LOGICAL:
                waiting.extend(part.arguments)
            case Call(function=function) if part.entry is None and function in _OF_ANY:
                waiting.extend(each for each in part.arguments if not _is_congruent(each))
            case In(operand=operand, items=items):
                waiting.extend(each for each in (operand, *items) if not _is_congruent(each))
            case _:
                if not all(column.type.kind in EXACT for column in columns_of(part)):
                    return False
    return True


def _is_congruent(expression: Expression) -> bool:
    """Whether equal values of its columns make equal values of the expression."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        match part:
            case Column() | Literal() | ParameterValue():
                continue
            case Cast() if part.type.kind in _NUMBERS and widens(part):
                waiting.append(part.operand)
            case Call(function=function) if (
                part.entry is None
                and function in _ARITHMETIC
                and all(each.type.kind in _NUMBERS for each in part.arguments)
            ):
                waiting.extend(part.arguments)
            case _:
                if not all(column.type.kind in EXACT for column in columns_of(part)):
                    return False
    return True
