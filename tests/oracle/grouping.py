"""The rows of steps that make one row of many: aggregate and pivot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from .evaluating import Frame
from .tables import Table, alike
from .trees import Named, Pivot, Row, Value
from .world import World, assembled, framed


def grouped(by: Sequence[Named], measures: Sequence[Named], table: Table, world: World) -> Table:
    frame = framed(table, world)
    keys = [frame.values(formula) for _, formula in by]
    groups: dict[tuple[Any, ...], list[int]] = {} if by else {(): []}
    for place in range(len(table.rows)):
        groups.setdefault(alike(column[place] for column in keys), []).append(place)
    firsts = [places[0] for places in groups.values()] if by else []
    columns = {name: [column[place] for place in firsts] for (name, _), column in zip(by, keys, strict=True)}
    rows = [framed(table, world, [table.rows[place] for place in places]) for places in groups.values()]
    over = Frame(len(groups), columns, world.parameters, rows)
    values = [*columns.values(), *(over.values(formula) for _, formula in measures)]
    return assembled([(name, formula.type) for name, formula in (*by, *measures)], values, Table((), ()))


def pivoted_rows(step: Pivot, table: Table, world: World) -> Table:
    groups: dict[tuple[Any, ...], list[Row]] = {} if step.by else {(): []}
    places = [table.place(name) for name in step.by]
    for row in table.rows:
        groups.setdefault(alike(row[place] for place in places), []).append(row)
    pivoted, types = [table.place(column.name) for column in step.columns], table.types
    columns = [(name, types[name]) for name in step.by]

    def key(row: Row) -> tuple[Any, ...]:
        return alike(row[place] for place in pivoted)

    listed = {alike(values): [*map(_value_name, values)] for values in step.only}
    made: list[list[Value]] = [[rows[0][place] for rows in groups.values()] for place in places]
    for measure, formula in step.values:
        for values, names in [*listed.items(), *([(None, ["other"])] if step.unseen == "other" else [])]:
            rows = [
                framed(table, world, [row for row in group if values == (key(row) if key(row) in listed else None)])
                for group in groups.values()
            ]
            name = step.names.replace("{column}", measure).replace("{value}", "_".join(names))
            columns.append((name, formula.type))
            made.append(Frame(len(groups), {}, world.parameters, rows).values(formula))
    return assembled(columns, made, Table((), ()))


def _value_name(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
