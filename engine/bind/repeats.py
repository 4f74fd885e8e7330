"""Rows that joins may repeat: what is summed or counted after such a join is so once for each row that it met."""

from __future__ import annotations

from collections.abc import Mapping

from headrace.bind.bound import Joins, Repeats
from headrace.bind.context import Context
from headrace.grammar.expression import Aggregate, Expression, columns_of, walk
from headrace.plan import Aggregation, Distinct, Join, Limit, NodeScan, Relation, postorder
from headrace.plan.derivation import DIRECT

_NONE: Joins = frozenset()
_COUNTED = ("sum", "sum_if", "avg", "avg_if", "count", "count_if")
"""The aggregates that are others when rows are there more than once."""


NOTHING = Repeats()


def repeats_of(relation: Relation, nodes: Mapping[str, Repeats]) -> Repeats:
    """What joins may repeat in the rows of ``relation``; ``nodes`` says it of the nodes that it reads.

    A join repeats nothing of which a key proves it. Where its author says that each of our rows meets one, what they
    take from it is meant for each row; where they say that each of ours may meet several (``one_to_many``), ours are
    repeated; ``many_to_many`` says that all of it is meant so. An aggregation, or one row of each, ends it.
    """
    plan = list(postorder(relation))
    if not any(_starts(node, nodes) for node in plan):
        return NOTHING
    known: dict[int, Repeats] = {}
    for node in plan:
        known[id(node)] = _of(node, [known[id(each)] for each in node.inputs], nodes)
    return known[id(relation)]


def warn_of_repeats(expression: Expression, relation: Relation, text: str, pointer: str, context: Context) -> None:
    """Report the first aggregate of a formula over ``relation`` that counts repeated rows."""
    counted = [
        node
        for node in walk(expression)
        if isinstance(node, Aggregate) and node.function in _COUNTED and not node.distinct
    ]
    if not counted:
        return
    repeats = repeats_of(relation, context.repeats)
    for aggregate in counted:
        named = {column.name for argument in aggregate.arguments for column in columns_of(argument)}
        joins = sorted(repeats.of(named))
        if joins:
            hints = [
                "If each row meets one at most, say so at the join, and the run checks it: cardinality: many_to_one.",
                "Otherwise aggregate before the join, or say many_to_many where it is meant so.",
            ]
            if any(_says_many(node, joins[0]) for node in postorder(relation)):
                hints = ["Aggregate before the join, or say many_to_many where it is meant so."]
            context.report("S136", pointer, join=joins[0], source=text, hints=hints, formula=text)
            return


def _says_many(node: Relation, join: str) -> bool:
    return isinstance(node, Join) and node.step == join and node.declared == "one_to_many"


def _starts(node: Relation, nodes: Mapping[str, Repeats]) -> bool:
    if isinstance(node, NodeScan):
        return nodes.get(node.node, NOTHING) != NOTHING
    return isinstance(node, Join) and any(_repeated(node))


def _repeated(join: Join) -> tuple[bool, bool]:
    """Whether the rows of the left, and those of the right, may come out more than once."""
    if join.kind in ("semi", "anti", "cross"):
        return False, False
    if join.declared == "one_to_many":
        return not join.right_matches_once, False
    if join.declared is not None:
        return False, False
    return not join.right_matches_once, not join.left_matches_once


def _of(node: Relation, inputs: list[Repeats], nodes: Mapping[str, Repeats]) -> Repeats:
    if isinstance(node, NodeScan):
        found = nodes.get(node.node, NOTHING)
        columns = {name: _from_node(joins, node.node) for name, joins in found.columns.items()}
        return Repeats(columns, _from_node(found.rows, node.node))
    ends = isinstance(node, (Aggregation, Distinct)) or (isinstance(node, Limit) and node.per and node.count == 1)
    if not inputs or ends:
        return NOTHING
    own = _repeated(node) if isinstance(node, Join) else (False, False)
    label = frozenset({node.step})
    columns = {}
    for name, derivation in node.derivations().items():
        uses = [use for use in derivation.uses if use.how in DIRECT]
        sets = [
            inputs[use.input].columns.get(use.column, _NONE) | (label if use.input < 2 and own[use.input] else _NONE)
            for use in uses
        ]
        columns[name] = frozenset.intersection(*sets) if sets else _NONE
    return Repeats({name: joins for name, joins in columns.items() if joins}, _rows(node, inputs, own))


def _rows(node: Relation, inputs: list[Repeats], own: tuple[bool, bool]) -> Joins:
    if not isinstance(node, Join):
        return _all(inputs)
    if own == (True, True):
        return _all(inputs) | {node.step}
    if node.right_matches_once or node.kind in ("semi", "anti"):
        return inputs[0].rows
    return inputs[1].rows if node.left_matches_once else _all(inputs)


def _all(inputs: list[Repeats]) -> Joins:
    return _NONE.union(*(each.rows for each in inputs))


def _from_node(joins: Joins, node: str) -> Joins:
    return frozenset(name if " of " in name else f"{name} of {node}" for name in joins)
