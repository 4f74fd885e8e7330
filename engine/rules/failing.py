"""Which expressions PostgreSQL computes for any values, and which may end the statement with an error.

A rule that computes an expression for more rows than the plan does may do so with the first kind only.
"""

from __future__ import annotations

from headrace.grammar.expression import (
    Aggregate,
    Call,
    Case,
    Cast,
    Column,
    Expression,
    In,
    Literal,
    ParameterValue,
    walk,
)
from headrace.grammar.formula import widens

_NEVER = frozenset(
    (
        *("and", "or", "not", "is_null", "is_distinct", "coalesce", "between", "like", "ilike"),
        *("equal", "not_equal", "less", "less_or_equal", "greater", "greater_or_equal"),
        *("add", "subtract", "multiply", "negate", "divide", "abs"),
        *("join_text", "lower", "upper", "trim", "length", "contains", "starts_with", "ends_with"),
        *(
            "year",
            "month",
            "day",
            "start_of_day",
            "start_of_week",
            "start_of_month",
            "start_of_quarter",
            "start_of_year",
        ),
    )
)
"""Of arithmetic, an overflow is not counted."""


def may_fail(expression: Expression) -> bool:
    """Whether computing the expression could raise an error for some row."""
    return any(_fails(each) for each in walk(expression))


def _fails(expression: Expression) -> bool:
    match expression:
        case Column() | Literal() | ParameterValue() | Case() | In() | Aggregate():
            return False
        case Cast():
            return not widens(expression)
        case Call(function=function):
            return function not in _NEVER
    return True
