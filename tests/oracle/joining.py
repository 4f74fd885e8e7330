"""The rows of steps that read other sources and nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from .evaluating import Frame
from .tables import Table, Undefined, alike, checked, widened, widest
from .trees import Column, Formula, Join, Lookup, Row, Value
from .world import World, framed


def joined(step: Join, table: Table, world: World) -> Table:
    other = world.table(step.other)
    pairs = _pairs(step, table, other, world)
    if step.kind in ("semi", "anti"):
        met = {ours for ours, _ in pairs}
        return table.given(row for place, row in enumerate(table.rows) if (place in met) == (step.kind == "semi"))
    taken = _taken(step, other)
    keys = [(column.name, formula.type) for formula, column in step.keys if not isinstance(formula, Column)]
    columns = [*table.columns, *keys, *((step.prefix + name, other.types[name]) for name in taken)]
    if len({name for name, _ in columns}) < len(columns):
        raise Undefined("a name twice")
    rows = _outer(step.kind, pairs, table, other)
    places = [other.place(name) for name in taken]
    made = [
        (*left, *(None if theirs is None else other.rows[theirs][place] for place in places))
        for left, (_, theirs) in zip(_left_rows(step, rows, table, other, world), rows, strict=True)
    ]
    return Table(tuple(columns), tuple(made))


def _outer(
    kind: str, pairs: Sequence[tuple[int, int]], table: Table, other: Table
) -> list[tuple[int | None, int | None]]:
    rows: list[tuple[int | None, int | None]] = list(pairs)
    if kind in ("left", "full"):
        met = {ours for ours, _ in pairs}
        rows += [(place, None) for place in range(len(table.rows)) if place not in met]
    if kind in ("right", "full"):
        met = {theirs for _, theirs in pairs}
        rows += [(None, place) for place in range(len(other.rows)) if place not in met]
    return rows


def _pairs(step: Join | Lookup, table: Table, other: Table, world: World) -> list[tuple[int, int]]:
    ours = [framed(table, world).values(formula) for formula, _ in step.keys]
    theirs = [other.values(column.name) for _, column in step.keys]
    types = [widest((formula.type, column.type)) for formula, column in step.keys]
    left = [_key(step, ours, place, types, 0) for place in range(len(table.rows))]
    right = [_key(step, theirs, place, types, 1) for place in range(len(other.rows))]
    places: dict[Any, list[int]] = {}
    for place, key in enumerate(right):
        if key is not None:
            places.setdefault(key, []).append(place)
    pairs = [(at, place) for at, key in enumerate(left) if key is not None for place in places.get(key, ())]
    if isinstance(step, Lookup):
        return pairs
    if step.where is not None:
        pairs = _meeting(step.where, pairs, table, other, world)
    return pairs if step.latest is None else _latest(step, pairs, table, other)


def _key(
    step: Join | Lookup, columns: Sequence[Sequence[Value]], place: int, types: Sequence[str | None], side: int
) -> tuple[Any, ...] | None:
    """The values of a key in the types in which they are compared, None where one of them is null."""
    made = []
    for column, type_, pair in zip(columns, types, step.keys, strict=True):
        value = column[place]
        if value is None:
            return None
        made.append(widened(value, pair[side].type, type_ or ""))
    return alike(made)


def _meeting(
    where: Formula, pairs: Sequence[tuple[int, int]], table: Table, other: Table, world: World
) -> list[tuple[int, int]]:
    ours = {name: [table.rows[at][place] for at, _ in pairs] for place, name in enumerate(table.names)}
    theirs = {name: [other.rows[at][place] for _, at in pairs] for place, name in enumerate(other.names)}
    kept = Frame(len(pairs), ours, world.parameters, None, theirs).values(where)
    return [pair for pair, keep in zip(pairs, kept, strict=True) if keep is True]


def _latest(step: Join, pairs: Sequence[tuple[int, int]], table: Table, other: Table) -> list[tuple[int, int]]:
    latest = step.latest
    assert latest is not None
    ours, theirs = table.values(latest.ours.name), other.values(latest.theirs.name)
    best: dict[int, list[int]] = {}
    for at, place in pairs:
        limit, value = ours[at], theirs[place]
        if limit is None or value is None or value > limit or (latest.strict and value == limit):
            continue
        if latest.at_most is not None:
            far = timedelta(latest.at_most) if isinstance(limit, date) else latest.at_most
            if not isinstance(limit, date):
                checked(limit - far, "integer")  # The server fails where the least that is meant is out of range.
            if limit - value > far:
                continue
        best.setdefault(at, []).append(place)
    made = []
    for at, places in best.items():
        greatest = max(theirs[place] for place in places)
        found = [place for place in places if theirs[place] == greatest]
        if len(found) > 1:
            raise Undefined("several latest rows")
        made.append((at, found[0]))
    return made


def _taken(step: Join | Lookup, other: Table) -> list[str]:
    """The columns of the other side that come out: its keys do not, they are ours already."""
    keys = {column.name for _, column in step.keys}
    return [name for name in (other.names if step.columns is None else step.columns) if name not in keys]


def _left_rows(
    step: Join, rows: Sequence[tuple[int | None, int | None]], table: Table, other: Table, world: World
) -> list[Row]:
    """Our columns of each pair, with the key where only the other side has a row. Keys of ours that are formulas stand
    behind, under the name of the other side."""
    computed = [framed(table, world).values(formula) for formula, _ in step.keys]
    made = []
    for ours, theirs in rows:
        row: list[Value] = [None] * len(table.columns) if ours is None else list(table.rows[ours])
        for (formula, column), values in zip(step.keys, computed, strict=True):
            key = values[ours] if ours is not None else other.values(column.name)[theirs or 0]
            if not isinstance(formula, Column):
                row.append(key)
            elif ours is None:
                row[table.place(formula.name)] = key
        made.append(tuple(row))
    return made


def looked_up(step: Lookup, table: Table, world: World) -> Table:
    other = world.table(step.other)
    pairs = _pairs(step, table, other, world)
    places = [other.place(column.name) for _, column in step.keys]
    keys = [alike(row[place] for place in places) for row in other.rows]
    whole = [key for key in keys if None not in key]
    if len(set(whole)) < len(whole):
        raise Undefined("several rows of a key")
    found = dict(pairs)
    taken = _taken(step, other)
    missing = {name: constant.value for name, constant in step.missing}
    columns = [*table.columns, *((step.prefix + name, other.types[name]) for name in taken)]
    if len({name for name, _ in columns}) < len(columns):
        raise Undefined("a name twice")
    rows = []
    for at, row in enumerate(table.rows):
        if at in found:
            theirs = other.rows[found[at]]
            rows.append((*row, *(theirs[other.place(name)] for name in taken)))
        else:
            rows.append((*row, *(missing.get(name) for name in taken)))
    return Table(tuple(columns), tuple(rows))


def united(others: Sequence[str], origin: str | None, distinct: bool, table: Table, world: World) -> Table:
    inputs = [(world.name, table), *((name, world.table(name)) for name in others)]
    names = list(dict.fromkeys(name for _, each in inputs for name in each.names))
    types = {name: widest(each.types[name] for _, each in inputs if name in each.names) for name in names}
    if None in types.values():
        raise Undefined("types that no type holds")
    rows: list[Row] = []
    for source, each in inputs:
        had = each.types
        for row in each.rows:
            values = dict(zip(each.names, row, strict=True))
            made = tuple(widened(values[name], had[name], types[name] or "") if name in had else None for name in names)
            rows.append((source, *made) if origin is not None else made)
    columns = [(name, types[name] or "") for name in names]
    if origin is not None:
        columns.insert(0, (origin, "text"))
    if distinct:
        rows = list({alike(row): row for row in reversed(rows)}.values())
    return Table(tuple(columns), tuple(rows), is_keyless=origin is None and not distinct)


def compared_as_sets(
    others: Sequence[str], table: Table, world: World, keep: Callable[[Any, Sequence[set[Any]]], bool]
) -> Table:
    tables = [world.table(name) for name in others]
    types = {name: widest((type_, *(each.types[name] for each in tables))) for name, type_ in table.columns}
    if None in types.values():
        raise Undefined("types that no type holds")

    def brought(each: Table) -> list[Row]:
        had, places = each.types, [each.place(name) for name in table.names]
        ways = [(place, had[name], types[name] or "") for name, place in zip(table.names, places, strict=True)]
        return [tuple(widened(row[place], from_, to) for place, from_, to in ways) for row in each.rows]

    sets = [set(map(alike, brought(each))) for each in tables]
    ours = {alike(row): row for row in reversed(brought(table))}
    return Table(
        tuple((name, types[name] or "") for name in table.names),
        tuple(row for key, row in ours.items() if keep(key, sets)),
    )
