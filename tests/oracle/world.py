"""What a step sees: its rows, those of other sources and nodes, and what relations lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .evaluating import Frame
from .tables import Table, Undefined
from .trees import Call, Column, Formula, OwnCall, Path, Relation, Row, Shift, Value, Virtual


@dataclass(frozen=True)
class World:
    """What a step sees beside its rows: the parameters' values, and the rows of other sources and nodes under them."""

    parameters: Mapping[str, Value]
    table: Callable[[str], Table]
    name: str = ""
    """Of the source or node that the rows come from, for ``origin``."""
    relations: Callable[[str], Mapping[str, Relation]] = lambda _: {}
    """Those of a source or node."""


def framed(table: Table, world: World, rows: Sequence[Row] | None = None) -> Frame:
    given = table.rows if rows is None else rows
    columns = {name: [row[place] for row in given] for place, name in enumerate(table.names)}
    return Frame(
        len(given),
        columns,
        world.parameters,
        identity=given,
        follow=lambda path: _followed(path, table, given, world),
        rest=rest_of(table),
    )


def rest_of(table: Table) -> tuple[Column, ...]:
    """The columns that decide after an order which leaves ties: all, where no key is known."""
    return tuple(Column(*column) for column in table.columns) if table.is_keyless else ()


def tested_early(condition: Formula, world: World) -> None:
    """Raises Undefined where a condition on what a relation leads to fails for a row that nobody leads to.

    SQL may test such a condition before it joins, and PostgreSQL does.
    """
    if isinstance(condition, Call) and condition.function == "and":
        for part in condition.arguments:
            tested_early(part, world)
        return
    leaves = _leaves(condition)
    found = {leaf.relations for leaf in leaves if isinstance(leaf, Path)}
    if len(found) != 1 or any(isinstance(leaf, Column) for leaf in leaves):
        return
    at = world.name
    for name in found.pop():
        at = world.relations(at)[name].target
    other = world.table(at)
    columns = {name: [row[place] for row in other.rows] for place, name in enumerate(other.names)}
    Frame(len(other.rows), columns, world.parameters, follow=lambda path: columns[path.name]).values(condition)


def _leaves(formula: Formula) -> list[Formula]:
    match formula:
        case Call(_, arguments):
            return [leaf for each in arguments for leaf in _leaves(each)]
        case Shift(inner) | Virtual(_, inner) | OwnCall(_, _, inner):
            return _leaves(inner)
    return [formula]


def _followed(path: Path, table: Table, rows: Sequence[Row], world: World) -> list[Value]:
    """What the relations lead to; null where a row finds no partner."""
    at = world.name
    there: list[Row | None] = [*rows]
    for name in path.relations:
        relation = world.relations(at)[name]
        other, place = world.table(relation.target), table.place(relation.ours)
        partners: dict[Value, Row] = {}
        for row in other.rows:
            key = row[other.place(relation.theirs)]
            if key is not None and key in partners:
                raise Undefined("several rows of a key")
            partners[key] = row
        partners.pop(None, None)
        there = [None if row is None else partners.get(row[place]) for row in there]
        at, table = relation.target, other
    place = table.place(path.name)
    return [None if row is None else row[place] for row in there]


def assembled(columns: Sequence[tuple[str, str]], values: Sequence[Sequence[Value]], like: Table) -> Table:
    rows = tuple(zip(*values, strict=True)) if values else ()
    return Table(tuple(columns), rows, like.is_ordered)
