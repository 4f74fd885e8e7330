"""Whether the result of a call can be null."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from headrace.grammar.expression import Expression, Literal
from headrace.grammar.function import Function

_FIRST_KNOWN = ("coalesce", "greatest", "least")
_DIVISIONS = ("divide", "div", "modulo")


def nullable(function: Function, arguments: Sequence[Expression]) -> bool:
    """Whether a call of ``function`` may give null.

    ``coalesce``, ``greatest`` and ``least`` do only where all arguments may, a division also where the divisor may be
    0. An aggregate or window function may find no rows.
    """
    if function.nulls == "never":
        return False
    if function.name in _FIRST_KNOWN:
        return all(argument.type.nullable for argument in arguments)
    if function.name in _DIVISIONS:
        return any(argument.type.nullable for argument in arguments) or not is_nonzero(arguments[-1])
    if function.nulls in ("custom", "empty") or function.level == "aggregate":
        return True
    return any(argument.type.nullable for argument in arguments)


def is_nonzero(expression: Expression) -> bool:
    """Whether the expression is a constant number other than 0."""
    value = expression.value if isinstance(expression, Literal) else None
    return isinstance(value, int | Decimal | float) and not isinstance(value, bool) and value != 0
