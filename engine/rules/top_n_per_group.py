"""The first rows of each group are taken before a join that only adds columns to them.

before: limit 3 per customer_id, by amount, over (sales left join products, one each)
after:  (limit 3 per customer_id, by amount, over sales) left join products

A left join to one row at most gives each row of its left side once, whatever the others are: the same rows come first
before it and after it. It is done for fewer rows then, and fewer columns are sorted, so this never loses. The limit
itself is ``row_number() <= 3``, at which PostgreSQL (15 and later) stops numbering a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from headrace.grammar.expression import Column, Expression, Order, columns_of, transform_value
from headrace.plan import Join, Limit, Relation, rebuild
from headrace.plan.estimates import Estimates
from headrace.rules.rule import Rule


def _rewrite(relation: Relation, _: Estimates) -> Relation:
    return rebuild(relation, lambda node: _limited(node) if isinstance(node, Limit) else node)


def _limited(node: Limit) -> Relation:
    join = node.input
    # Without groups, the order of a limit shows in what comes out, and a join keeps none.
    if not node.per or node.hidden or not isinstance(join, Join) or join.kind != "left" or not join.right_matches_once:
        return node
    ours = {column.name: column.left for column in join.columns if column.left is not None}
    per = tuple(ours[name] for name in node.per if name in ours)
    order = _enough(node, join.left, ours)
    if len(per) != len(node.per) or order is None:
        return node
    first = replace(node, input=join.left, per=per, order=order)
    return replace(join, left=first, step=f"{node.step}_joined")


def _enough(node: Limit, left: Relation, ours: dict[str, str]) -> tuple[Order, ...] | None:
    """The order over the left side, as far as it must be looked at: what comes after a key decides nothing. None where
    it needs more than that side has."""
    seen = {ours[name] for name in node.per if name in ours}
    needed: list[Order] = []
    for term in node.order:
        if left.has_key(seen):
            break
        if any(column.name not in ours for column in columns_of(term.value)):
            return None
        needed.append(term)
        if isinstance(term.value, Column):
            seen.add(ours[term.value.name])
    return _over_left(needed, ours)


def _over_left(order: Sequence[Order], ours: dict[str, str]) -> tuple[Order, ...]:
    def moved(each: Expression) -> Expression | None:
        return replace(each, name=ours[each.name]) if isinstance(each, Column) else None

    found: tuple[Order, ...] = transform_value(tuple(order), moved)
    return found


TOP_N_PER_GROUP = Rule("top_n_per_group", _rewrite)
