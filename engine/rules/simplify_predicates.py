"""Conditions that say nothing more than others go; those that cannot hold together leave no row.

Of several bounds of one value the tightest stays, in the place of the first: what may fail is tested after the same
conditions as before. Only bounds that are written as constants are compared, and only with ``and`` between them.

before: filter(scan sales, amount > 3 and country = "FR" and amount > 5)
after:  filter(scan sales, amount > 5 and country = "FR")
before: filter(scan sales, amount > 5 and amount < 2)
after:  no rows
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from headrace.grammar.expression import Call, Expression, Literal
from headrace.plan import Filter, Relation, Rows, rebuild
from headrace.plan.estimates import Estimates
from headrace.rules.predicates import FLIPPED, all_of, terms_of
from headrace.rules.rule import Rule

_COMPARED = ("integer", "decimal", "date", "timestamp")
"""Kinds whose constants Python puts in the order of PostgreSQL."""


def _rewrite(relation: Relation, _: Estimates) -> Relation:
    return rebuild(relation, lambda node: _simplified(node) if isinstance(node, Filter) else node)


def _simplified(node: Filter) -> Relation:
    terms = terms_of(node.predicate)
    kept = _without_repetitions(terms)
    if kept is None:
        return Rows(node.step or "nothing", node.schema, (), step=node.step)
    if not kept:
        return node.input
    if len(kept) == len(terms) and all(new is old for new, old in zip(kept, terms, strict=True)):
        return node
    return Filter(node.input, all_of(kept), step=node.step)


def _without_repetitions(terms: Iterable[Expression]) -> list[Expression] | None:
    """The terms that say something of their own, in their order; None where they cannot all be true."""
    places: list[Expression | _Range] = []
    ranges: dict[Expression, _Range] = {}
    seen: set[Expression] = set()
    for term in terms:
        if isinstance(term, Literal):
            if term.value is not True:
                return None
            continue
        if term in seen:
            continue
        seen.add(term)
        bound = _bound(term)
        if bound is None:
            places.append(term)
            continue
        function, value, constant = bound
        if value not in ranges:
            ranges[value] = _Range()
            places.append(ranges[value])
        ranges[value].add(function, constant, term)
    if any(each.is_empty for each in ranges.values()):
        return None
    return [term for place in places for term in (place.terms if isinstance(place, _Range) else (place,))]


def _bound(term: Expression) -> tuple[str, Expression, Any] | None:
    """A comparison of a value with a constant of its kind: the word for it, the value, the constant."""
    if not isinstance(term, Call) or term.function not in FLIPPED or len(term.arguments) != 2 or term.entry is not None:
        return None
    function, (value, constant) = term.function, term.arguments
    if isinstance(value, Literal):
        function, value, constant = FLIPPED[function], constant, value
    if isinstance(value, Literal) or not isinstance(constant, Literal) or constant.value is None:
        return None
    if value.type.kind != constant.type.kind or constant.type.kind not in _COMPARED:
        return None
    return function, value, constant.value


@dataclass
class _Range:
    """The tightest bounds of one value; ``terms`` are those that say so, in the order in which they came."""

    low: tuple[Any, bool] | None = None
    high: tuple[Any, bool] | None = None
    low_term: Expression | None = None
    high_term: Expression | None = None
    order: dict[int, int] = field(default_factory=dict)

    def add(self, function: str, constant: Any, term: Expression) -> None:
        self.order[id(term)] = len(self.order)
        strict = function in ("less", "greater")
        is_equal = function == "equal"
        bound = (constant, strict)
        is_low, is_high = is_equal or function.startswith("greater"), is_equal or function.startswith("less")
        if is_low and (self.low is None or bound > self.low or (is_equal and bound == self.low)):
            self.low, self.low_term = bound, term
        if is_high and (self.high is None or _is_lower(bound, self.high) or (is_equal and bound == self.high)):
            self.high, self.high_term = bound, term

    @property
    def is_empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        (low, above), (high, below) = self.low, self.high
        return bool(low > high or (low == high and (above or below)))

    @property
    def terms(self) -> list[Expression]:
        found = {id(term): term for term in (self.low_term, self.high_term) if term is not None}
        return sorted(found.values(), key=lambda term: self.order[id(term)])


def _is_lower(first: tuple[Any, bool], second: tuple[Any, bool]) -> bool:
    return bool((first[0], not first[1]) < (second[0], not second[1]))


SIMPLIFY_PREDICATES = Rule("simplify_predicates", _rewrite)
