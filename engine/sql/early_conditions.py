"""Conditions that PostgreSQL would test too early.

It tests a condition on group keys before it groups, and one on partition columns before it computes windows: rows that
are alike in them pass together or not at all, it takes for granted. But 2.5 and 2.50 are one group and two texts. Then
a fence has to stand between: a MATERIALIZED CTE.
"""

from __future__ import annotations

from collections.abc import Iterable

from headrace.grammar.expression import Column, Expression, Window, columns_of, level_of, walk
from headrace.plan import Aggregation, Distinct, Filter, Join, Project, Relation, SetOperation, Sort, Union
from headrace.rules.equality import respects_equality
from headrace.rules.predicates import conjuncts
from headrace.rules.substitution import LONGEST, size_of, substituted


def needs_fence(node: Filter) -> bool:
    """Whether a term of the filter, tested before the groups or windows below it, would leave other rows in them."""
    return any(_splits_groups(term, node.input) for term in conjuncts(node.predicate))


def _splits_groups(term: Expression, below: Relation) -> bool:
    waiting = [(term, below)]
    seen: set[tuple[Expression, int]] = set()
    while waiting:
        term, node = waiting.pop()
        if (term, id(node)) in seen:
            continue
        seen.add((term, id(node)))
        if size_of(term) > LONGEST:
            return True
        match node:
            case Filter() | Sort() | Distinct():
                waiting.append((term, node.input))
            case Project():
                windows = [part for _, value in node.columns for part in walk(value) if isinstance(part, Window)]
                values = dict(node.columns)
                if any(level_of(values[column.name]) != "row" for column in columns_of(term)):
                    continue  # It waits for what the window gives.
                term = substituted(term, values)
                if windows and not respects_equality(term) and all(_has(each.partition, term) for each in windows):
                    return True
                waiting.append((term, node.input))
            case Aggregation():
                groups = dict(node.groups)
                if not all(column.name in groups for column in columns_of(term)):
                    continue
                term = substituted(term, groups)
                if not respects_equality(term):
                    return True
                waiting.append((term, node.input))
            case Union() | SetOperation():
                waiting.extend((term, branch) for branch in node.inputs)
            case Join():
                waiting.extend(_sides(term, node))
    return False


def _has(partition: Iterable[Expression], term: Expression) -> bool:
    """Whether all columns of the term are among those of the partition."""
    names = {each.name for each in partition if isinstance(each, Column)}
    return all(column.name in names for column in columns_of(term))


def _sides(term: Expression, join: Join) -> Iterable[tuple[Expression, Relation]]:
    """The term over the side of a join that has all its columns."""
    made = {column.name: column for column in join.columns}
    read = [made[column.name] for column in columns_of(term)]
    for side, relation in enumerate(join.inputs):
        names = [column.left if side == 0 else column.right for column in read]
        if None not in names:
            values = {
                column.name: Column(relation.schema[name], name)
                for column, name in zip(read, names, strict=True)
                if name is not None
            }
            yield substituted(term, values), relation
