"""Which columns of its leaves a plan reads."""

from __future__ import annotations

from collections.abc import Mapping

from headrace.plan.relation import Relation, postorder


def columns_read(relation: Relation) -> Mapping[int, frozenset[str]]:
    """For each leaf, by its ``id``, the columns that its rows or their number depend on.

    >>> from headrace.grammar.expression import Column
    >>> from headrace.grammar.types import Schema, Type
    >>> from headrace.plan import Project, TableScan
    >>> number = Type("integer")
    >>> scan = TableScan("sales", "shop.sales", Schema.of({"id": number, "amount": number}))
    >>> columns_read(Project(scan, (("id", Column(number, "id")),)))[id(scan)]
    frozenset({'id'})
    """
    nodes = list(postorder(relation))
    needed: dict[int, set[str]] = {id(node): set() for node in nodes}
    needed[id(relation)].update(relation.schema.names)
    for node in reversed(nodes):
        if not node.inputs:
            continue
        made = node.derivations()
        for derivation in (*(made[name] for name in needed[id(node)]), *node.decisions()):
            for use in derivation.uses:
                needed[id(node.inputs[use.input])].add(use.column)
    return {id(node): frozenset(needed[id(node)]) for node in nodes if not node.inputs}
