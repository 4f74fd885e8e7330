"""Making a plan anew with some of its nodes changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from headrace.grammar.expression import Expression, transform_value
from headrace.plan.relation import Relation, postorder


def with_inputs(node: Relation, inputs: tuple[Relation, ...], others: Mapping[str, Any] | None = None) -> Relation:
    """``node`` over other inputs, and with ``others`` of its fields changed; its facts are computed anew.

    The same node where all that is the same.
    """
    changes: dict[str, Any] = {name: value for name, value in (others or {}).items() if value != getattr(node, name)}
    if not changes and all(new is old for new, old in zip(inputs, node.inputs, strict=True)):
        return node
    remaining = list(inputs)
    for item in fields(node):
        if not item.init:
            continue
        value = getattr(node, item.name)
        if isinstance(value, Relation):
            changes[item.name] = remaining.pop(0)
        elif isinstance(value, tuple) and value and isinstance(value[0], Relation):
            changes[item.name] = tuple(remaining.pop(0) for _ in value)
    return replace(node, **changes)


def rebuild(relation: Relation, change: Callable[[Relation], Relation]) -> Relation:
    """The plan with ``change`` applied to every node, inputs first; a node read twice is changed once."""
    made: dict[int, Relation] = {}
    for node in postorder(relation):
        made[id(node)] = change(with_inputs(node, tuple(made[id(each)] for each in node.inputs)))
    return made[id(relation)]


def map_expressions(node: Relation, change: Callable[[Expression], Expression | None]) -> Relation:
    """``node`` with its own expressions transformed (see ``headrace.grammar.expression.transform``)."""
    changes: dict[str, Any] = {}
    for item in fields(node):
        if item.init:
            value = getattr(node, item.name)
            new = transform_value(value, change)
            if new is not value:
                changes[item.name] = new
    return replace(node, **changes) if changes else node
