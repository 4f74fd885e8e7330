"""Column to columns: where the values of a plan's columns come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headrace.grammar.expression import Expression, columns_of
from headrace.plan.aggregation import Aggregation
from headrace.plan.expansion import Expansion
from headrace.plan.joins import Join
from headrace.plan.relation import Relation, postorder
from headrace.plan.rowwise import Project
from headrace.plan.scans import NodeScan
from headrace.plan.union import Union


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A column of a source or of another node."""

    relation: str
    column: str


Lineage = Mapping[str, frozenset[Origin]]


def lineage_of(relation: Relation) -> Lineage:
    """For each column, the columns of sources and nodes that its value is computed from.

    Columns that only decide which rows there are (filters, join keys) are not in it; a count of rows comes from none.
    """
    known: dict[int, dict[str, frozenset[Origin]]] = {}
    for node in postorder(relation):
        inputs = [known[id(each)] for each in node.inputs]
        known[id(node)] = _of(node, inputs)
    return known[id(relation)]


def _of(node: Relation, inputs: list[dict[str, frozenset[Origin]]]) -> dict[str, frozenset[Origin]]:
    if not inputs:
        name = node.node if isinstance(node, NodeScan) else getattr(node, "source", node.step)
        return {column: frozenset({Origin(name, column)}) for column in node.schema.names}
    if isinstance(node, Project):
        return {name: _through(expression, inputs[0]) for name, expression in node.columns}
    if isinstance(node, Aggregation):
        return {name: _through(expression, inputs[0]) for name, expression in (*node.groups, *node.measures)}
    if isinstance(node, Join):
        return {
            column.name: (inputs[0][column.left] if column.left is not None else frozenset())
            | (inputs[1][column.right] if column.right is not None else frozenset())
            for column in node.columns
        }
    if isinstance(node, Union):
        return {name: frozenset().union(*(each[name] for each in inputs)) for name in node.schema.names}
    if isinstance(node, Expansion):
        return {name: inputs[0].get(name, frozenset()) for name in node.schema.names}
    return inputs[0]


def _through(expression: Expression, columns: dict[str, frozenset[Origin]]) -> frozenset[Origin]:
    return frozenset().union(*(columns[column.name] for column in columns_of(expression)))
