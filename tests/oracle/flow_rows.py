"""The rows of a node: its steps one after the other, once for each value of a ``for_each``."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from .filling import in_series
from .step_rows import stepped
from .tables import Table, Undefined, alike
from .trees import Flow, Node, Relation, Value, Values
from .world import World


def rows_of(flow: Flow, name: str, parameters: Mapping[str, Value] | None = None) -> Table:
    """The rows of a source or node, under the defaults of the parameters or the values given.

    Raises Undefined where there is no one answer.
    """
    given = {each: default for each, (_, default) in flow.parameters.items()} | dict(parameters or {})
    if name in flow.sources:
        source = flow.sources[name]
        return Table(source.columns, source.rows)
    node = flow.nodes[name]
    return (expanded if node.for_each else _plain)(flow, node, given)


def world_of(flow: Flow, start: str, parameters: Mapping[str, Value]) -> World:
    return World(
        parameters, lambda other: rows_of(flow, other, parameters), start, lambda each: relations_of(flow, each)
    )


def relations_of(flow: Flow, name: str) -> Mapping[str, Relation]:
    """The relations that a source declares, or the one that a node is made from in the end."""
    while name in flow.nodes:
        name = flow.nodes[name].start
    return dict(flow.sources[name].relations)


def _plain(flow: Flow, node: Node, parameters: Mapping[str, Value]) -> Table:
    world = world_of(flow, node.start, parameters)
    table = rows_of(flow, node.start, parameters)
    # The rows of a source or node come in no order.
    table = table.given(table.rows)
    for step in node.steps:
        table = stepped(step, table, world)
    return table


def expanded(flow: Flow, node: Node, parameters: Mapping[str, Value]) -> Table:
    """The rows for each value of the parameters, these in front, stacked; then the steps of ``then``."""
    names = [name for name, _ in node.for_each]
    columns = tuple((name, values.type) for name, values in node.for_each)
    listed = [values_of(flow, values, parameters) for _, values in node.for_each]
    together = list(zip(*listed, strict=True)) if node.zipped else list(product(*listed))
    tables = []
    for values in together:
        inner = {**parameters, **dict(zip(names, values, strict=True))}
        table = _plain(flow, Node(node.start, node.steps), inner)
        tables.append(Table((*columns, *table.columns), tuple((*values, *row) for row in table.rows)))
    if tables:
        stacked = Table(tables[0].columns, tuple(row for table in tables for row in table.rows))
    else:
        shape = _plain(flow, Node(node.start, node.steps), parameters)
        stacked = Table((*columns, *shape.columns), ())
    if len(set(stacked.names)) < len(stacked.names):
        raise Undefined("a parameter named as a column")
    world = world_of(flow, node.start, parameters)
    for step in node.then:
        stacked = stepped(step, stacked, world)
    return stacked


def values_of(flow: Flow, values: Values, parameters: Mapping[str, Value]) -> list[Value]:
    """What a parameter runs through; from a node each value once, and no null."""
    if values.listed is not None:
        return list(values.listed)
    if values.node is not None:
        found = rows_of(flow, values.node, parameters).values(values.column or "")
        return [value for key, value in {alike((each,)): each for each in found}.items() if value is not None]
    return in_series(values.start, values.end, values.every, values.unit)
