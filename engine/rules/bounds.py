"""Which predicates only bound what is read for a value of a parameter, and so make a run of neighbouring values.

A bound compares a value of the row with a threshold that depends on the parameter alone and never falls when the
parameter rises (Headrace's dates: a month before 28, 29, 30 and 31 March is 28 February each time).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from headrace.grammar.expression import (
    Call,
    Cast,
    Expression,
    Interval,
    Literal,
    ParameterValue,
    columns_of,
    level_of,
    parameters_of,
)
from headrace.grammar.functions import entry_of
from headrace.grammar.types import Type
from headrace.plan.intervals import Bound
from headrace.rules.predicates import FLIPPED, conjuncts

ORDERED = ("boolean", "integer", "decimal", "float", "text", "date", "time", "timestamp", "timestamptz")
"""The kinds whose values have one order, the same for PostgreSQL's arrays of thresholds and for Python."""

_NUMBERS = ("integer", "decimal", "float")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Terms of a conjunction sorted by what they say about a parameter."""

    starts: tuple[Bound, ...]
    ends: tuple[Bound, ...]
    rest: tuple[Expression, ...]


def bounds_of(terms: Iterable[Expression], parameter: str) -> Bounds | None:
    """The terms as bounds in ``parameter``, and those that do not depend on it; None where one is neither."""
    starts: list[Bound] = []
    ends: list[Bound] = []
    rest: list[Expression] = []
    for predicate in terms:
        for term in conjuncts(predicate):
            if parameter not in parameters_of(term):
                rest.append(term)
                continue
            found = _bound(term, parameter)
            if found is None:
                return None
            starts.extend(bound for side, bound in found if side == "start")
            ends.extend(bound for side, bound in found if side == "end")
    return Bounds(tuple(starts), tuple(ends), tuple(rest))


def _bound(term: Expression, parameter: str) -> list[tuple[str, Bound]] | None:
    if not isinstance(term, Call):
        return None
    if term.function == "or":
        return _open(term, parameter)
    if term.function not in FLIPPED or len(term.arguments) != 2:
        return None
    function, (value, threshold) = term.function, term.arguments
    if parameter in parameters_of(value):
        function, value, threshold = FLIPPED[function], threshold, value
    if parameter in parameters_of(value) or level_of(value) != "row" or not rises(threshold, parameter):
        return None
    aligned = _aligned(value, threshold)
    if aligned is None:
        return None
    value, threshold = aligned
    inclusive = function in ("less_or_equal", "greater_or_equal", "equal")
    bound = Bound(term.type, value, threshold, inclusive)
    sides = []
    if function in ("less", "less_or_equal", "equal"):
        sides.append(("start", bound))
    if function in ("greater", "greater_or_equal", "equal"):
        sides.append(("end", bound))
    return sides


def _open(term: Call, parameter: str) -> list[tuple[str, Bound]] | None:
    """``x is null or x > $p``: a bound that null does not close."""
    if len(term.arguments) != 2:
        return None
    for null, other in (term.arguments, term.arguments[::-1]):
        if not isinstance(null, Call) or null.function != "is_null":
            continue
        found = _bound(other, parameter)
        if found is None or len(found) != 1:
            continue
        side, bound = found[0]
        tested, compared = null.arguments[0], bound.value
        if tested in (compared, compared.operand if isinstance(compared, Cast) else compared):
            return [(side, replace(bound, open=True))]
    return None


def _aligned(value: Expression, threshold: Expression) -> tuple[Expression, Expression] | None:
    """Both sides as one type whose order is that of the comparison, or None."""
    kinds = (value.type.kind, threshold.type.kind)
    if kinds[0] not in ORDERED or kinds[1] not in ORDERED:
        return None
    if kinds[0] == kinds[1]:
        return value, threshold
    if set(kinds) == {"integer", "decimal"}:
        return _cast(value, "decimal"), _cast(threshold, "decimal")
    return None


def _cast(expression: Expression, kind: str) -> Expression:
    if expression.type.kind == kind:
        return expression
    return Cast(Type(kind, nullable=expression.type.nullable), expression)


def rises(expression: Expression, parameter: str) -> bool:
    """Whether the expression reads no column and never falls when ``parameter`` rises.

    Shown for the parameter itself, casts that keep the order, and functions that the catalogue marks monotone in the
    arguments that depend on it. Not for a ``timestamptz`` moved by days or months (clocks are put back), nor for a
    ``timestamp`` moved by months (30 January 20:00 and 31 January 03:00 become 29 February 20:00 and 03:00).
    """
    if columns_of(expression) or level_of(expression) != "row":
        return False
    return _rises(expression, parameter)


def _rises(expression: Expression, parameter: str) -> bool:
    match expression:
        case ParameterValue(name=name, many=False):
            return name == parameter
        case Cast(operand=operand, type=type_):
            kinds = (operand.type.kind, type_.kind)
            keeps = set(kinds) <= set(_NUMBERS) or kinds in (("date", "timestamp"), ("timestamp", "date"))
            return keeps and _rises(operand, parameter)
        case Call():
            return _moves(expression) and all(
                place in entry_of(expression).monotone and _rises(argument, parameter)
                for place, argument in enumerate(expression.arguments)
                if parameter in parameters_of(argument)
            )
    return False


def _moves(call: Call) -> bool:
    """Whether the catalogue's word on monotony holds for these types."""
    kinds = [argument.type.kind for argument in call.arguments]
    if call.function in ("add", "subtract") and "interval" in kinds:
        others = [each for each in call.arguments if each.type.kind != "interval"]
        length = next(each for each in call.arguments if each.type.kind == "interval")
        if not others or len(call.arguments) > 2:
            return False
        if others[0].type.kind == "date":
            return isinstance(length, Literal)
        if not isinstance(length, Literal) or not isinstance(length.value, Interval) or length.value.months:
            return False
        return others[0].type.kind == "timestamp" or (others[0].type.kind == "timestamptz" and not length.value.days)
    return "timestamptz" not in (*kinds, call.type.kind) and "time" not in kinds
