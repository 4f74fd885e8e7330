"""Sums of products that have a factor of few values are computed for each of these first, and multiplied then.

before: aggregate by flag: sum(price * (1 - discount)), avg(discount)
after:  aggregate by flag, discount: s = sum(price), n = count()
        then by flag: sum((1 - discount) * s), sum(discount * n) / sum(n)

The sum of the products is the product of the sum, exactly so for decimals; floats are left alone. It pays where far
fewer products are computed, and fewer sums of each row: where estimates say that the factors have few values (the
lineitems of TPC-H have 11 discounts and 9 taxes).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from headrace.grammar.check import type_formula
from headrace.grammar.expression import Aggregate, Call, Column, Expression, Scope, columns_of, transform, walk
from headrace.plan import Aggregation, Relation
from headrace.plan.estimates import Estimates
from headrace.rules.failing import may_fail
from headrace.rules.measures import Part, aggregate_of, merged, parts_of, sum_of_products, whole
from headrace.rules.rule import Rule
from headrace.rules.two_steps import (
    Steps,
    aggregates_of,
    below_projections,
    has_one_writing,
    is_exact,
    may_be_taken_apart,
    rewrite_aggregations,
    second,
)

_FEW = 100
"""So many different values of a factor at most."""

_FEWER = 100
"""So many times fewer groups of the first step than rows: then what the second does costs next to nothing."""

_COUNT, _OPERATION, _SUM, _KEY, _HASH = 0.3, 1.0, 1.5, 1.5, 3.0
"""What it costs to count a row, to compute with its decimals, to add them up; to group it by one key more, or at all.
In operations on decimals: PostgreSQL 15, two million rows, the shapes of TPC-H's query 1."""

_GAIN = 0.75
"""A row may cost the first step so much of what it cost before."""

_IDEMPOTENT = ("min", "max", "bool_and", "bool_or")


def _rewrite(relation: Relation, estimates: Estimates) -> Relation:
    return rewrite_aggregations(relation, lambda node: _factored(node, estimates))


def _factored(node: Aggregation, estimates: Estimates) -> Relation:
    if not any(_adds_decimals(each) for _, value in node.measures for each in walk(value)):
        return node
    flat = below_projections(node)
    aggregates = aggregates_of(flat)
    columns = _few(flat.input, aggregates, estimates)
    if not columns or not may_be_taken_apart(flat):
        return node
    groups = [value for _, value in flat.groups]
    rows = estimates.rows(flat.input)
    if not estimates.pays(None if rows is None else rows / _FEWER, estimates.distinct(flat.input, [*groups, *columns])):
        return node
    made = _Factored(flat, columns)
    values = {each: made.value(each) for each in aggregates}
    if None in values.values():
        return node
    keys = len(made.steps.keys) - len(set(groups))
    new = _cost(made.steps.parts) + keys * _KEY + (0 if groups else _HASH)
    if not estimates.pays(_cost(aggregates) * _GAIN, new):
        return node
    first = made.steps.first(flat.input, f"{node.step}_parts")
    return second(flat, first, made.groups, lambda each: values[each] or each)


def _adds_decimals(each: Expression) -> bool:
    return isinstance(each, Aggregate) and each.type.kind == "decimal" and bool(_sums(each))


def _sums(aggregate: Aggregate) -> list[Expression]:
    """What is added up for the aggregate."""
    parts = () if aggregate.distinct else parts_of(aggregate) or ()
    return [part.aggregate.arguments[0] for part in parts if part.aggregate.function == "sum"]


def _factors(value: Expression) -> list[Expression]:
    """The factors of a product of decimals."""
    found: list[Expression] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Call) and each.function == "multiply" and each.type.kind == "decimal":
            waiting.extend(reversed(each.arguments))
        else:
            found.append(each)
    return found


def _product(factors: Iterable[Expression]) -> Expression:
    def multiplied(first: Expression, other: Expression) -> Expression:
        typed = type_formula("f * x", Scope(columns={"f": first, "x": other}))
        assert typed.expression is not None
        return typed.expression

    return reduce(multiplied, factors)


def _few(rows: Relation, aggregates: Iterable[Aggregate], estimates: Estimates) -> list[Column]:
    """The columns of few values of which factors are made."""
    found: dict[Column, bool] = {}
    few: dict[Column, None] = {}
    for aggregate in aggregates:
        for value in _sums(aggregate):
            factors = _factors(value)
            for factor in factors if len(factors) > 1 else ():
                columns = sorted(columns_of(factor), key=lambda each: each.name)
                for column in columns:
                    if column not in found:
                        found[column] = has_one_writing(column.type) and estimates.pays(
                            _FEW, estimates.distinct(rows, [column])
                        )
                if all(found[column] for column in columns) and not may_fail(factor):
                    few.update(dict.fromkeys(columns))
    return list(few)


class _Factored:
    """An aggregation as sums for each value of the columns ``few``, and of those."""

    def __init__(self, node: Aggregation, few: Iterable[Column]) -> None:
        self.steps = Steps()
        self.groups: dict[Expression, Expression] = {value: self.steps.key(value, name) for name, value in node.groups}
        self.few: dict[Expression, Expression] = {column: self.steps.key(column, column.name) for column in few}

    def is_few(self, value: Expression) -> bool:
        """Whether each row of the first step has one value of it, which can be computed there."""
        return columns_of(value) <= self.few.keys() and not may_fail(value)

    def over_keys(self, value: Expression) -> Expression:
        return transform(value, self.few.get)

    def value(self, aggregate: Aggregate) -> Expression | None:
        once = aggregate.distinct or aggregate.function in _IDEMPOTENT
        if once and aggregate.where is None and not aggregate.order and all(map(self.is_few, aggregate.arguments)):
            return self.over_keys(aggregate)
        parts = parts_of(aggregate)
        if parts is None or aggregate.distinct or not is_exact(aggregate):
            return None
        return whole(aggregate, tuple(self.part(part) for part in parts))

    def part(self, part: Part) -> Aggregate:
        aggregate = part.aggregate
        if aggregate.function == "sum" and aggregate.type.kind == "decimal":
            found = self.sum(aggregate.arguments[0], aggregate.where)
        elif aggregate.function == "count" and aggregate.arguments:
            found = self.count(aggregate.arguments[0], aggregate.where)
        else:
            found = None
        return merged(part, self.steps.part(aggregate)) if found is None else found

    def sum(self, value: Expression, where: Expression | None) -> Aggregate | None:
        few, rest = self.split(value)
        if few is None:
            return None
        if rest is None:
            # Where no row of several is counted, nothing is added, which is null and not 0.
            rows = self.steps.part(aggregate_of("count", None))
            return None if where is not None else sum_of_products(few, rows)
        return sum_of_products(few, self.steps.part(aggregate_of("sum", rest, where)))

    def count(self, value: Expression, where: Expression | None) -> Aggregate | None:
        """The rows of which the value is not null."""
        few, rest = self.split(value)
        if few is None and (rest is None or rest.type.nullable):
            return None
        counted = aggregate_of("count", rest if rest is not None and rest.type.nullable else None, where)
        there = None
        if few is not None and few.type.nullable:
            there = type_formula("f is not null", Scope(columns={"f": few})).expression
        return aggregate_of("sum", self.steps.part(counted), there)

    def split(self, value: Expression) -> tuple[Expression | None, Expression | None]:
        """The product of the factors that the keys decide, over those, and that of all others."""
        factors = _factors(value)
        few = [each for each in factors if self.is_few(each)]
        if not any(columns_of(each) for each in few):
            return None, value
        rest = [each for each in factors if not self.is_few(each)]
        return self.over_keys(_product(few)), _product(rest) if rest else None


def _cost(aggregates: Iterable[Aggregate]) -> float:
    """What the aggregates cost a row: PostgreSQL keeps one sum for ``sum`` and ``avg`` of the same values."""
    kept: dict[object, float] = {}
    for each in aggregates:
        added = _sums(each)
        cost = _SUM if added or each.arguments else _COUNT
        operations = sum(isinstance(part, Call) for argument in each.arguments for part in walk(argument))
        kind = "sum" if added else each.function
        kept[kind, each.arguments, each.where, each.distinct] = cost + operations * _OPERATION
    return sum(kept.values())


FACTORED_SUMS = Rule("factored_sums", _rewrite)
