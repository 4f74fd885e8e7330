"""Predicates that are true of no row in which given columns are null: above an outer join they leave its unmatched
rows out, and it might as well be an inner one."""

from __future__ import annotations

from collections.abc import Collection

from headrace.grammar.expression import Call, Cast, Column, Expression, In
from headrace.grammar.functions import entry_of


def rejects_nulls(predicate: Expression, names: Collection[str]) -> bool:
    """Whether the predicate cannot be true of a row in which all of these columns are null.

    Being null there is not enough to know below a ``not``, an ``or`` or a function with a rule of its own:
    ``false and null`` is false.

    >>> from headrace.grammar.types import Type
    >>> country = Column(Type("text"), "country")
    >>> rejects_nulls(Call(Type("boolean"), "is_null", 0, (country,)), {"country"})
    False
    >>> rejects_nulls(Call(Type("boolean"), "equal", 0, (country, country)), {"country"})
    True
    """
    match predicate:
        case Call(function="and", arguments=arguments, entry=None):
            return any(rejects_nulls(each, names) for each in arguments)
        case Call(function="or", arguments=arguments, entry=None):
            return all(rejects_nulls(each, names) for each in arguments)
        case Call(function="not", arguments=(Call(function="is_null", arguments=(value,), entry=None),), entry=None):
            return _is_null(value, names)
    return _is_null(predicate, names)


def _is_null(expression: Expression, names: Collection[str]) -> bool:
    """Whether the expression is null where all of the columns are."""
    match expression:
        case Column(name=name):
            return name in names
        case Cast(operand=operand):
            return _is_null(operand, names)
        case In(operand=operand):
            return _is_null(operand, names)
        case Call(function="between", arguments=(value, *_), entry=None):  # false where a bound alone is null
            return _is_null(value, names)
        case Call(arguments=arguments, entry=None) if entry_of(expression).nulls == "strict":
            return any(_is_null(each, names) for each in arguments)
    return False
