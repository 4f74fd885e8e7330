"""Plans made ready for rendering: inline nodes in place of their names, parameters bound as far as lists go."""

from __future__ import annotations

from collections.abc import Mapping

from headrace.bind import Bound
from headrace.bind.bound import ParameterFacts
from headrace.bind.expansions import labelled
from headrace.grammar.expression import Expression, In, Literal, ParameterValue
from headrace.grammar.types import Type
from headrace.plan import NodeScan, Relation, map_expressions, rebuild

_BOOLEAN = Type("boolean", nullable=False)


def inlined(relation: Relation, bound: Bound, tables: frozenset[str]) -> Relation:
    """The plan with the plan of every node that is not in ``tables`` in place of its scan.

    A node that is read in several places becomes one plan, read in all of them. Raises ValueError where a node that
    is needed has no plan.
    """
    made: dict[str, Relation] = {}

    def change(node: Relation) -> Relation:
        if not isinstance(node, NodeScan) or node.node in tables:
            return node
        if node.node not in made:
            plan = bound.nodes[node.node].plan
            if plan is None:
                raise ValueError(f"{node.node} has no plan")
            made[node.node] = rebuild(labelled(plan, node.node), change)
        return made[node.node]

    return rebuild(relation, change)


def with_lists(relation: Relation, parameters: Mapping[str, ParameterFacts]) -> Relation:
    """The plan with every list parameter replaced by its values: ``x in $all`` restricts nothing."""
    lists = {name: facts.value for name, facts in parameters.items() if facts.many and facts.value is not None}
    if not lists or not relation.parameters & lists.keys():
        return relation

    def listed(expression: Expression) -> Expression | None:
        if not isinstance(expression, In) or len(expression.items) != 1:
            return None
        item = expression.items[0]
        if not isinstance(item, ParameterValue) or item.name not in lists:
            return None
        values = lists[item.name]
        if values == "all" or not isinstance(values, tuple) or not values:
            return Literal(_BOOLEAN, (values == "all") != expression.negated)
        return In(expression.type, expression.operand, values, expression.negated)

    return rebuild(relation, lambda node: map_expressions(node, listed))
