"""What each step makes of the rows that come to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .filling import filled_rows
from .grouping import grouped, pivoted_rows
from .joining import compared_as_sets, joined, looked_up, united
from .ordering import completed
from .tables import Table, Undefined, alike, widened, widest
from .trees import (
    Aggregate,
    Call,
    Column,
    Dedupe,
    Derive,
    Distinct,
    Drop,
    Except,
    Expect,
    Fill,
    Filter,
    Formula,
    Group,
    Intersect,
    Join,
    Limit,
    Lookup,
    Named,
    Order,
    OwnCall,
    Pivot,
    Rename,
    Row,
    Sample,
    Select,
    Shift,
    Sort,
    Split,
    Step,
    Union,
    Unpivot,
    Virtual,
    Window,
)
from .world import World, assembled, framed, rest_of, tested_early


def stepped(step: Step, table: Table, world: World) -> Table:
    """The rows after the step. Raises Undefined where it has no one answer."""
    match step:
        case Select(columns):
            frame = framed(table, world)
            made = [frame.values(formula) for _, formula in columns]
            return assembled([(name, formula.type) for name, formula in columns], made, table)
        case Drop(names):
            return table.picked([name for name in table.names if name not in names])
        case Rename(names):
            new = {old: name for name, old in names}
            return Table(tuple((new.get(n, n), t) for n, t in table.columns), table.rows, table.is_ordered)
        case Derive(columns):
            return _derived(columns, table, world)
        case Filter(condition):
            tested_early(condition, world)
            kept = framed(table, world).values(condition)
            return table.given(
                (row for row, keep in zip(table.rows, kept, strict=True) if keep is True), table.is_ordered
            )
        case Group(by, measures):
            return grouped(by, measures, table, world)
        case Join():
            return joined(step, table, world)
        case Lookup():
            return looked_up(step, table, world)
        case Union(others, origin, distinct):
            return united(others, origin, distinct, table, world)
        case Intersect(others):
            return compared_as_sets(others, table, world, lambda row, sets: all(row in each for each in sets))
        case Except(others):
            return compared_as_sets(others, table, world, lambda row, sets: not any(row in each for each in sets))
        case Distinct(names):
            picked = table if names is None else table.picked(names)
            return picked.given({alike(row): row for row in reversed(picked.rows)}.values())
        case Dedupe(by, order):
            return _deduped(by, order, table, world)
        case Sort(order):
            frame = framed(table, world)
            return table.given((table.rows[place] for place in frame.order(order, True)), True)
        case Limit():
            return _limited(step, table, world)
        case Pivot():
            return pivoted_rows(step, table, world)
        case Unpivot():
            return _unpivoted(step, table)
        case Fill():
            return filled_rows(step, table, world)
        case Split():
            return _split(step, table)
        case Sample(rows):
            if len(table.rows) > rows:
                raise Undefined("a sample of some rows")
            return table.given(table.rows)
        case Expect():
            return table.given(table.rows)


# Columns.


def _derived(columns: Sequence[Named], table: Table, world: World) -> Table:
    """A formula's own name is the column as it came in, another name the column as it leaves the step."""
    frame = framed(table, world)
    before, after = frame.columns, dict(frame.columns)
    formulas, types = dict(columns), {**table.types, **{name: formula.type for name, formula in columns}}
    done: set[str] = set()

    def derive(name: str) -> None:
        if name in done:
            return
        done.add(name)
        for needed in named(formulas[name]):
            if needed in formulas and needed != name:
                derive(needed)
        seen = {**after, name: before[name]} if name in before else after
        after[name] = replace(frame, columns=seen).values(formulas[name])

    for name, _ in columns:
        derive(name)
    names = (*table.names, *(name for name, _ in columns if name not in table.names))
    return assembled([(name, types[name]) for name in names], [after[name] for name in names], table)


def named(formula: Formula) -> list[str]:
    """The names of the columns in a formula."""
    match formula:
        case Column(name, _, _):
            return [name]
        case Shift(inner, _, _) | Virtual(_, inner) | OwnCall(_, _, inner):
            return named(inner)
        case Call(_, arguments, _):
            return [name for argument in arguments for name in named(argument)]
        case Aggregate() | Window():
            parts = [*formula.arguments, *(term.formula for term in formula.order)]
            parts += [] if formula.where is None else [formula.where]
            parts += (formula.per or ()) if isinstance(formula, Window) else ()
            return [name for part in parts for name in named(part)]
    return []


# Some of the rows.


def _deduped(by: Sequence[str], order: Sequence[Order], table: Table, world: World) -> Table:
    if not order and not table.is_ordered:
        raise Undefined("no order")
    places = framed(table, world).order(completed(order, rest_of(table)), True) if order else range(len(table.rows))
    keys = [table.place(name) for name in by]
    kept: dict[tuple[Any, ...], Row] = {}
    for place in places:
        row = table.rows[place]
        kept.setdefault(alike(row[key] for key in keys), row)
    return table.given(kept.values())


def _limited(step: Limit, table: Table, world: World) -> Table:
    if not step.order and not table.is_ordered:
        raise Undefined("no order")
    order = completed(step.order, rest_of(table))
    places = framed(table, world).order(order, True) if step.order else range(len(table.rows))
    keys = [table.place(name) for name in step.per]
    seen: dict[tuple[Any, ...], int] = {}
    kept = []
    for place in places:
        key = alike(table.rows[place][at] for at in keys)
        seen[key] = seen.get(key, 0) + 1
        if step.offset < seen[key] <= step.offset + step.rows:
            kept.append(place)
    if table.is_ordered and not step.order:
        return table.given((table.rows[place] for place in kept), not step.per)
    return table.given(table.rows[place] for place in kept)


# Shapes.


def _unpivoted(step: Unpivot, table: Table) -> Table:
    types = table.types
    type_ = widest(types[name] for name in step.columns)
    if type_ is None:
        raise Undefined("types that no type holds")
    others = [name for name in table.names if name not in step.columns]
    columns = [*((name, types[name]) for name in others), (step.name, "text"), (step.value, type_)]
    if step.position is not None:
        columns.append((step.position, "integer"))
    rows = []
    for row in table.rows:
        kept = tuple(row[table.place(name)] for name in others)
        for number, name in enumerate(step.columns, 1):
            value = widened(row[table.place(name)], types[name], type_)
            rows.append((*kept, name, value, *(() if step.position is None else (number,))))
    return Table(tuple(columns), tuple(rows))


def _split(step: Split, table: Table) -> Table:
    at = table.place(step.column)
    columns = list(table.columns)
    if step.into is not None:
        columns.append((step.into, "text"))
    if step.position is not None:
        columns.append((step.position, "integer"))
    rows = []
    for row in table.rows:
        for number, part in enumerate([None] if row[at] is None else row[at].split(step.at), 1):
            made = (*row, part) if step.into is not None else (*row[:at], part, *row[at + 1 :])
            rows.append((*made, number) if step.position is not None else made)
    return Table(tuple(columns), tuple(rows))
