"""Conditions that the compiler makes itself, of expressions that are typed already."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.grammar.expression import Call, Expression, Literal
from headrace.grammar.types import Type

_BOOLEAN = Type("boolean", nullable=False)


def equal(first: Expression, second: Expression) -> Expression:
    """Whether two values of one kind are equal; null where one of them is."""
    nullable = first.type.nullable or second.type.nullable
    return Call(_BOOLEAN.with_null(nullable), "equal", 0, (first, second))


def is_null(value: Expression) -> Expression:
    return Call(_BOOLEAN, "is_null", 0, (value,))


def not_(condition: Expression) -> Expression:
    return Call(condition.type, "not", 0, (condition,))


def all_of(conditions: Sequence[Expression]) -> Expression:
    """Whether all conditions hold; true where there are none."""
    return _joined("and", conditions, True)


def any_of(conditions: Sequence[Expression]) -> Expression:
    """Whether one of the conditions holds; false where there are none."""
    return _joined("or", conditions, False)


def same(value: Expression, literal: Literal) -> Expression:
    """Whether a value is that of the literal, a null like any other value; never null."""
    if literal.value is None:
        return is_null(value)
    if not value.type.nullable:
        return equal(value, literal)
    return not_(Call(_BOOLEAN, "is_distinct", 0, (value, literal)))


def _joined(word: str, conditions: Sequence[Expression], empty: bool) -> Expression:
    if not conditions:
        return Literal(_BOOLEAN, empty)
    if len(conditions) == 1:
        return conditions[0]
    nullable = any(condition.type.nullable for condition in conditions)
    return Call(_BOOLEAN.with_null(nullable), word, 0, tuple(conditions))
