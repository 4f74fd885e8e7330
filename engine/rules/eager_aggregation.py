"""Rows are aggregated before a join that would only repeat the work: eagerly (Yan and Larson, *Performing Group-By
before Join*, ICDE 1994, and *Eager Aggregation and Lazy Aggregation*, VLDB 1995).

before: aggregate by country: count(distinct customer_id), sum(amount) over (sales join customers)
after:  aggregate by customer_id: s = sum(amount) over sales, joined with customers,
        then by country: count(distinct customer_id), sum(s)

All rows of a group of the first step meet the same rows, since it has the join's keys; parts of aggregates are merged
then, each as often as the rows of the group would have come. It pays where the groups are far fewer than the rows, and
the join does not leave most rows out: so estimates say. What is sorted gains more than what is only added up (measured,
two million sales of 200,000 customers: a third of the time for distinct customers, 2.5 times as long for a sum; a sum
by 1,000 days, a third).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from headrace.grammar.expression import Aggregate, Column, Expression, Merged, columns_of, transform
from headrace.plan import Aggregation, Join, JoinColumn, Relation
from headrace.plan.estimates import Estimates
from headrace.rules.failing import may_fail
from headrace.rules.measures import merged, parts_of, whole, with_where
from headrace.rules.rule import Rule
from headrace.rules.two_steps import (
    Steps,
    aggregates_of,
    below_projections,
    is_exact,
    label_of,
    may_be_taken_apart,
    over_distinct,
    rewrite_aggregations,
    second,
)

_FEWER, _FEWER_SORTED = 100, 3
"""So many times fewer groups of the first step than rows; the second where an aggregate over distinct values sorts."""

_LEFT_OUT = 2
"""The join leaves at most every other row out."""

_SIDES = {"inner": (0, 1), "left": (0,), "semi": (0,), "anti": (0,)}


def _rewrite(relation: Relation, estimates: Estimates) -> Relation:
    return rewrite_aggregations(relation, lambda node: _aggregated(node, estimates))


def _aggregated(node: Aggregation, estimates: Estimates) -> Relation:
    flat = below_projections(node)
    join = flat.input
    if not isinstance(join, Join) or join.condition is not None or not join.on or not may_be_taken_apart(flat):
        return node
    for side in _SIDES.get(join.kind, ()):
        made = _eager(flat, join, side, estimates)
        if made is not None:
            return made
    return node


def _eager(node: Aggregation, join: Join, side: int, estimates: Estimates) -> Relation | None:
    rows = join.inputs[side]
    mine = _columns_from(join, side)
    if mine is None:
        return None
    first = _First(join, side, mine)
    groups = {value: first.group(name, value) for name, value in node.groups}
    values = {each: first.value(each) for each in aggregates_of(node)}
    if None in groups.values() or None in values.values():
        return None
    keys = list(first.steps.keys)
    if rows.has_key(each.name for each in keys if isinstance(each, Column)):
        return None  # Each row is a group already.
    size, joined = estimates.rows(rows), estimates.rows(join)
    fewer = _FEWER_SORTED if first.sorts else _FEWER
    if not estimates.pays(None if size is None else size / fewer, estimates.distinct(rows, keys)):
        return None
    if not estimates.pays(None if joined is None else joined * _LEFT_OUT, size):
        return None
    return second(
        node,
        first.joined(f"{node.step}_parts"),
        {value: made for value, made in groups.items() if made is not None},
        lambda each: values[each] or each,
    )


def _columns_from(join: Join, side: int) -> dict[str, Column] | None:
    """The join's columns that come from one side, each with the side's own; None where one is converted on its way."""
    found: dict[str, Column] = {}
    rows = join.inputs[side].schema
    for column in join.columns:
        # A key column of both sides has the value of the left one in all the kinds that come here.
        name = column.left if side == 0 else column.right if column.left is None else None
        if name is None:
            continue
        if not rows[name].same_as(column.type):
            return None
        found[column.name] = Column(rows[name], name)
    return found


@dataclass
class _First:
    """The first step, over one side of the join, and the join of it with the other."""

    join: Join
    side: int
    mine: Mapping[str, Column]

    def __post_init__(self) -> None:
        self.steps = Steps(column.name for column in self.join.columns if column.name not in self.mine)
        self.sorts = False
        rows = self.join.inputs[self.side]
        self.on = tuple(
            (self.steps.key(Column(rows.schema[pair[self.side]], pair[self.side]), pair[self.side]), pair)
            for pair in self.join.on
        )

    def is_mine(self, expression: Expression) -> bool:
        """Whether it is computed of the side's columns alone, and cannot fail for a row that meets none."""
        return all(each.name in self.mine for each in columns_of(expression)) and not may_fail(expression)

    def is_other(self, expression: Expression) -> bool:
        return not any(each.name in self.mine for each in columns_of(expression))

    def over_side(self, expression: Expression) -> Expression:
        return transform(expression, lambda each: self.mine[each.name] if isinstance(each, Column) else None)

    def group(self, name: str, value: Expression) -> Expression | None:
        if self.is_other(value):
            return value
        return self.steps.key(self.over_side(value), label_of(value, name)) if self.is_mine(value) else None

    def value(self, aggregate: Aggregate) -> Expression | None:
        """The aggregate over the join of the first step, None where it cannot be had from there."""
        inside = [*aggregate.arguments, *(term.value for term in aggregate.order)]
        where = aggregate.where
        if aggregate.distinct:
            self.sorts = True
            if all(map(self.is_other, (*inside, *([] if where is None else [where])))):
                return aggregate
            if not all(map(self.is_mine, (*inside, *([] if where is None else [where])))):
                return None
            moved = self.over_side(aggregate)
            return over_distinct(moved, self.steps) if isinstance(moved, Aggregate) else None
        if not all(map(self.is_mine, inside)) or not is_exact(aggregate):
            return None
        if where is None or self.is_mine(where):
            moved = self.over_side(aggregate)
            return self.steps.merged(moved) if isinstance(moved, Aggregate) else None
        return self.where_other(aggregate, where) if self.is_other(where) else None

    def where_other(self, aggregate: Aggregate, where: Expression) -> Merged | None:
        """An aggregate over the rows that meet certain ones: parts of all rows, merged where they do."""
        moved = self.over_side(replace(aggregate, where=None))
        parts = parts_of(moved) if isinstance(moved, Aggregate) else None
        if parts is None:
            return None
        made = (with_where(merged(part, self.steps.part(part.aggregate)), where) for part in parts)
        return whole(aggregate, tuple(made))

    def joined(self, step: str) -> Join:
        """The first step in the place of its side."""
        first = self.steps.first(self.join.inputs[self.side], step)
        columns = []
        for name, type_ in first.schema:
            mine = {"left": name, "right": None} if self.side == 0 else {"left": None, "right": name}
            columns.append(JoinColumn(name=name, type=type_, **mine))
        if self.join.kind in ("inner", "left"):
            for column in self.join.columns:
                if column.name not in self.mine:
                    other = replace(column, left=None) if self.side == 0 else replace(column, right=None)
                    columns.append(other)
        on = tuple((key.name, pair[1]) if self.side == 0 else (pair[0], key.name) for key, pair in self.on)
        left, right = (first, self.join.right) if self.side == 0 else (self.join.left, first)
        return replace(self.join, left=left, right=right, on=on, columns=tuple(columns), step=f"{step}_joined")


EAGER_AGGREGATION = Rule("eager_aggregation", _rewrite)
