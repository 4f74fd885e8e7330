"""The rows of the step fill, and series of values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import product
from typing import Any

from .evaluating import Frame
from .functions import end_of, moved, start_of
from .tables import Table, Undefined, alike, checked, widened
from .trees import Column, Fill, Order, Row, Series, Value
from .world import World, framed


def filled_rows(step: Fill, table: Table, world: World) -> Table:
    rows, added = list(table.rows), []
    if step.series is not None or step.combinations:
        added = _missing(step, table, world)
    filled = table.given([*rows, *added])
    return filled if not step.down else _carried_down(step, filled, world)


def _missing(step: Fill, table: Table, world: World) -> list[Row]:
    """The rows that no row is there for, one for each combination of a group, a value and a place in the series."""
    per = [table.place(name) for name in step.per]
    groups: dict[tuple[Any, ...], list[Row]] = {} if step.per else {(): []}
    for row in table.rows:
        groups.setdefault(alike(row[place] for place in per), []).append(row)
    combined = [list({alike((value,)): value for value in table.values(name)}.values()) for name in step.combinations]
    named = [*step.per, *step.combinations, *([] if step.series is None else [step.series.column])]
    places = [table.place(name) for name in named]
    there = {alike(row[place] for place in places) for row in table.rows}
    keys: list[Row] = []
    if step.per or step.series is not None:
        for rows in groups.values():
            group = tuple(rows[0][place] for place in per)
            for values in product(*combined):
                series = [()] if step.series is None else [
                    (value,) for value in _series(step.series, table, rows)
                ]  # fmt: skip
                keys += [(*group, *values, *last) for last in series]
    else:
        keys = list(product(*combined))
    keys = [key for key in keys if alike(key) not in there]
    columns = {name: [key[place] for key in keys] for place, name in enumerate(named)}
    frame = Frame(len(keys), columns, world.parameters)
    types = table.types
    made = {
        name: [widened(value, formula.type, types[name]) for value in frame.values(formula)]
        for name, formula in step.values
    }
    empty: list[Value] = [None] * len(keys)
    return list(zip(*(columns.get(name) or made.get(name) or empty for name in table.names), strict=True))


def _series(series: Series, table: Table, rows: Sequence[Row]) -> list[Value]:
    place = table.place(series.column)
    of_all = [row[place] for row in table.rows if row[place] is not None]
    of_group = [row[place] for row in rows if row[place] is not None]

    def end(value: Value) -> Value:
        match value:
            case "first":
                return min(of_all, default=None)
            case "last":
                return max(of_all, default=None)
            case "group_first":
                return min(of_group, default=None)
            case "group_last":
                return max(of_group, default=None)
        return value

    start, last = end(series.start), end(series.end)
    return [] if start is None or last is None else in_series(start, last, series.every, series.unit)


def in_series(start: Value, last: Value, every: int, unit: str) -> list[Value]:
    """``start`` and k times the distance, up to ``last``."""
    if not isinstance(start, date):
        checked(last - start, "integer")  # The server fails where it counts how many values there are.
    made: list[Value] = []
    while True:
        value = _in_series(start, len(made), every, unit)
        if value > last:
            return made
        made.append(value)
        if len(made) > 2000:
            raise Undefined("a long series")


def _in_series(start: Value, number: int, every: int, unit: str) -> Value:
    if not unit:
        return start + number * every
    if unit.endswith("_end"):
        whole = unit[:-4]
        return end_of(moved(start_of(start, whole), number, whole), whole)
    return moved(start, number * every, unit)


def _carried_down(step: Fill, table: Table, world: World) -> Table:
    series = () if step.series is None else (Order(Column(step.series.column, table.types[step.series.column])),)
    order = framed(table, world).order((*series, *step.order), True)
    per = [table.place(name) for name in (*step.per, *step.combinations)]
    last: dict[tuple[Any, ...], Value] = {}
    rows = [list(row) for row in table.rows]
    for at in order:
        group = alike(table.rows[at][place] for place in per)
        for name in step.down:
            place = table.place(name)
            if rows[at][place] is None:
                rows[at][place] = last.get((name, *group))
            else:
                last[name, *group] = rows[at][place]
    return table.given(map(tuple, rows))
