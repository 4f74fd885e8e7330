"""Semi joins with the rows that give a column its values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from headrace.grammar.expression import Column, Expression, transform
from headrace.plan import Filter, Join, JoinColumn, NodeScan, Project, Relation
from headrace.rules.predicates import all_of
from headrace.rules.sought import Leaf, Values


@dataclass(frozen=True, slots=True)
class SemiJoin:
    """What the rows below an aggregation are to meet: a row of ``other`` with the same keys, and the ``condition``."""

    on: tuple[tuple[str, str], ...]
    other: Relation
    condition: Expression | None

    def of(self, rows: Relation, step: str) -> Join:
        columns = tuple(JoinColumn(name, name, None, type_) for name, type_ in rows.schema)
        return Join(rows, self.other, "semi", self.on, columns, self.condition, step=step)


def with_values(column: str, values: Values) -> SemiJoin:
    """A semi join with those rows that give a column its values."""
    on = ((column, values.column),)
    if not values.within:
        return SemiJoin(on, values.table, _on_right(values.terms))
    return SemiJoin(on, only_columns(rows_of(values), (values.column,), values.table), None)


def _on_right(terms: tuple[Expression, ...]) -> Expression | None:
    """The terms, over the right side of a join."""
    if not terms:
        return None
    return transform(all_of(terms), lambda each: replace(each, side=1) if isinstance(each, Column) else None)


def rows_of(values: Values) -> Relation:
    """The rows of the table that the values come from."""
    rows: Relation = values.table
    if values.terms:
        rows = Filter(rows, all_of(values.terms), step=name_of_part(values.table))
    for column, others in values.within.items():
        rows = with_values(column, others).of(rows, name_of_part(values.table))
    return rows


def only_columns(rows: Relation, columns: Iterable[str], leaf: Leaf) -> Project:
    names = dict.fromkeys(columns)
    return Project(rows, tuple((name, Column(rows.schema[name], name)) for name in names), step=name_of_part(leaf))


def name_of_part(leaf: Leaf) -> str:
    """What a part of a leaf's rows is called in SQL."""
    return f"wanted_{leaf.node if isinstance(leaf, NodeScan) else leaf.source}"
