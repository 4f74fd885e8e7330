"""Expressions in the place of the columns that hold them, as far as that does not make an expression grow."""

from __future__ import annotations

from collections.abc import Mapping

from headrace.grammar.expression import Cast, Column, Expression, Literal, transform, walk

LONGEST = 64
"""So many parts an expression may come to have by putting others in it: a long chain of steps stays linear."""


def size_of(expression: Expression) -> int:
    """How many parts the expression has; ``LONGEST`` + 1 stands for any more.

    >>> from headrace.grammar.types import Type
    >>> size_of(Column(Type("integer"), "a"))
    1
    """
    count = 0
    for _ in walk(expression):
        count += 1
        if count > LONGEST:
            break
    return count


def substituted(expression: Expression, values: Mapping[str, Expression], side: int = 0) -> Expression:
    """The expression with what ``values`` has for each column of ``side`` in its place; other columns stay."""

    def change(part: Expression) -> Expression | None:
        if isinstance(part, Column) and part.side == side:
            value = values.get(part.name)
            return part if value is None else said(value)
        return None

    return transform(expression, change)


def said(value: Expression) -> Expression:
    """The value as it may stand inside an expression: a text or null is written with its type, as a column has one."""
    if isinstance(value, Literal) and value.type.kind != "null" and (value.value is None or value.type.kind == "text"):
        return Cast(value.type, value)
    return value
