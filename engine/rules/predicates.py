"""Predicates taken apart: conjunctions, and comparisons turned around."""

from __future__ import annotations

from collections.abc import Iterable

from headrace.grammar.expression import Call, Expression, Literal
from headrace.grammar.types import Type

FLIPPED = {
    "less": "greater",
    "less_or_equal": "greater_or_equal",
    "greater": "less",
    "greater_or_equal": "less_or_equal",
    "equal": "equal",
}
"""The comparison that says the same with its sides changed."""

OPPOSITE = {
    "less": "greater_or_equal",
    "less_or_equal": "greater",
    "greater": "less_or_equal",
    "greater_or_equal": "less",
}
"""The comparison that is true where the other is false (and null where it is null)."""


def terms_of(predicate: Expression) -> list[Expression]:
    """The conditions that ``and`` puts together, in their order."""
    terms: list[Expression] = []
    waiting = [predicate]
    while waiting:
        term = waiting.pop()
        if isinstance(term, Call) and term.function == "and":
            waiting.extend(reversed(term.arguments))
        else:
            terms.append(term)
    return terms


def conjuncts(predicate: Expression) -> list[Expression]:
    """The terms that must all be true for ``predicate`` to be: ``a and (b and c)`` gives a, b, c.

    ``x between a and b`` is two of them, and so is a negated comparison turned into its opposite.
    """
    terms: list[Expression] = []
    waiting = [predicate]
    while waiting:
        term = waiting.pop()
        if not isinstance(term, Call):
            terms.append(term)
        elif term.function == "and":
            waiting.extend(reversed(term.arguments))
        elif term.function == "between":
            value, low, high = term.arguments
            waiting.append(Call(term.type, "less_or_equal", term.signature, (value, high)))
            waiting.append(Call(term.type, "greater_or_equal", term.signature, (value, low)))
        elif term.function == "not" and isinstance(inner := term.arguments[0], Call) and inner.function in OPPOSITE:
            terms.append(Call(inner.type, OPPOSITE[inner.function], inner.signature, inner.arguments))
        else:
            terms.append(term)
    return terms


def all_of(terms: Iterable[Expression]) -> Expression:
    """The conjunction of the terms; true where there is none."""
    listed = tuple(terms)
    if not listed:
        return Literal(Type("boolean", nullable=False), True)
    if len(listed) == 1:
        return listed[0]
    return Call(Type("boolean", nullable=any(term.type.nullable for term in listed)), "and", 0, listed)
