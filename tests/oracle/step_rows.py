"""What each step makes of the rows that come to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from typing import Any

from .evaluating import Frame, completed
from .functions import end_of, moved, start_of
from .tables import Table, Undefined, alike, widened, widest
from .trees import (
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
    Path,
    Pivot,
    Relation,
    Rename,
    Row,
    Sample,
    Select,
    Series,
    Shift,
    Sort,
    Split,
    Step,
    Union,
    Unpivot,
    Value,
    Window,
)

from .trees import Aggregate  # isort: skip


@dataclass(frozen=True)
class World:
    """What a step sees beside its rows: the parameters' values, and the rows of other sources and nodes under them."""

    parameters: Mapping[str, Value]
    table: Callable[[str], Table]
    name: str = ""
    """Of the source or node that the rows come from, for ``origin``."""
    relations: Callable[[str], Mapping[str, Relation]] = lambda _: {}
    """Those of a source or node."""


def stepped(step: Step, table: Table, world: World) -> Table:
    """The rows after the step. Raises Undefined where it has no one answer."""
    match step:
        case Select(columns):
            frame = framed(table, world)
            made = [frame.values(formula) for _, formula in columns]
            return _assembled([(name, formula.type) for name, formula in columns], made, table)
        case Drop(names):
            return table.picked([name for name in table.names if name not in names])
        case Rename(names):
            new = {old: name for name, old in names}
            return Table(tuple((new.get(n, n), t) for n, t in table.columns), table.rows, table.is_ordered)
        case Derive(columns):
            return _derived(columns, table, world)
        case Filter(condition):
            _tested_early(condition, world)
            kept = framed(table, world).values(condition)
            return table.given(
                (row for row, keep in zip(table.rows, kept, strict=True) if keep is True), table.is_ordered
            )
        case Group(by, measures):
            return _grouped(by, measures, table, world)
        case Join():
            return joined(step, table, world)
        case Lookup():
            return _looked_up(step, table, world)
        case Union(others, origin, distinct):
            return _united(others, origin, distinct, table, world)
        case Intersect(others):
            return _compared_as_sets(others, table, world, lambda row, sets: all(row in each for each in sets))
        case Except(others):
            return _compared_as_sets(others, table, world, lambda row, sets: not any(row in each for each in sets))
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
            return _pivoted(step, table, world)
        case Unpivot():
            return _unpivoted(step, table)
        case Fill():
            return _filled(step, table, world)
        case Split():
            return _split(step, table)
        case Sample(rows):
            if len(table.rows) > rows:
                raise Undefined("a sample of some rows")
            return table.given(table.rows)
        case Expect():
            return table.given(table.rows)


def framed(table: Table, world: World, rows: Sequence[Row] | None = None) -> Frame:
    given = table.rows if rows is None else rows
    columns = {name: [row[place] for row in given] for place, name in enumerate(table.names)}
    return Frame(
        len(given),
        columns,
        world.parameters,
        identity=given,
        follow=lambda path: _followed(path, table, given, world),
        rest=_rest(table),
    )


def _rest(table: Table) -> tuple[Column, ...]:
    """The columns that decide after an order which leaves ties: all, where no key is known."""
    return tuple(Column(*column) for column in table.columns) if table.is_keyless else ()


def _tested_early(condition: Formula, world: World) -> None:
    """Raises Undefined where a condition on what a relation leads to fails for a row that nobody leads to.

    SQL may test such a condition before it joins, and PostgreSQL does.
    """
    if isinstance(condition, Call) and condition.function == "and":
        for part in condition.arguments:
            _tested_early(part, world)
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
        case Shift(inner):
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


def _assembled(columns: Sequence[tuple[str, str]], values: Sequence[Sequence[Value]], like: Table) -> Table:
    rows = tuple(zip(*values, strict=True)) if values else ()
    return Table(tuple(columns), rows, like.is_ordered)


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
        for needed in _named(formulas[name]):
            if needed in formulas and needed != name:
                derive(needed)
        seen = {**after, name: before[name]} if name in before else after
        after[name] = replace(frame, columns=seen).values(formulas[name])

    for name, _ in columns:
        derive(name)
    names = (*table.names, *(name for name, _ in columns if name not in table.names))
    return _assembled([(name, types[name]) for name in names], [after[name] for name in names], table)


def _named(formula: Formula) -> list[str]:
    """The names of the columns in a formula."""
    match formula:
        case Column(name, _, _):
            return [name]
        case Shift(inner, _, _):
            return _named(inner)
        case Call(_, arguments, _):
            return [name for argument in arguments for name in _named(argument)]
        case Aggregate() | Window():
            parts = [*formula.arguments, *(term.formula for term in formula.order)]
            parts += [] if formula.where is None else [formula.where]
            parts += (formula.per or ()) if isinstance(formula, Window) else ()
            return [name for part in parts for name in _named(part)]
    return []


# Groups.


def _grouped(by: Sequence[Named], measures: Sequence[Named], table: Table, world: World) -> Table:
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
    return _assembled([(name, formula.type) for name, formula in (*by, *measures)], values, Table((), ()))


def _pivoted(step: Pivot, table: Table, world: World) -> Table:
    groups: dict[tuple[Any, ...], list[Row]] = {} if step.by else {(): []}
    places = [table.place(name) for name in step.by]
    for row in table.rows:
        groups.setdefault(alike(row[place] for place in places), []).append(row)
    pivoted, types = [table.place(column.name) for column in step.columns], table.types
    columns = [(name, types[name]) for name in step.by]

    def key(row: Row) -> tuple[Any, ...]:
        return alike(row[place] for place in pivoted)

    listed = set(map(alike, step.only))
    made: list[list[Value]] = [[rows[0][place] for rows in groups.values()] for place in places]
    for measure, formula in step.values:
        tests: list[Callable[[Row], bool]] = [
            lambda row, values=alike(values): key(row) == values  # type: ignore[misc]
            for values in step.only
        ]
        names = ["_".join(map(_value_name, values)) for values in step.only]
        if step.unseen == "other":
            tests.append(lambda row: key(row) not in listed)
            names.append("other")
        for name, test in zip(names, tests, strict=True):
            rows = [framed(table, world, [row for row in group if test(row)]) for group in groups.values()]
            columns.append((step.names.replace("{column}", measure).replace("{value}", name), formula.type))
            made.append(Frame(len(groups), {}, world.parameters, rows).values(formula))
    return _assembled(columns, made, Table((), ()))


def _value_name(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


# Other sources and nodes.


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


def _looked_up(step: Lookup, table: Table, world: World) -> Table:
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


def _united(others: Sequence[str], origin: str | None, distinct: bool, table: Table, world: World) -> Table:
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


def _compared_as_sets(
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


# Some of the rows.


def _deduped(by: Sequence[str], order: Sequence[Order], table: Table, world: World) -> Table:
    if not order and not table.is_ordered:
        raise Undefined("no order")
    places = framed(table, world).order(completed(order, _rest(table)), True) if order else range(len(table.rows))
    keys = [table.place(name) for name in by]
    kept: dict[tuple[Any, ...], Row] = {}
    for place in places:
        row = table.rows[place]
        kept.setdefault(alike(row[key] for key in keys), row)
    return table.given(kept.values())


def _limited(step: Limit, table: Table, world: World) -> Table:
    if not step.order and not table.is_ordered:
        raise Undefined("no order")
    order = completed(step.order, _rest(table))
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


def _filled(step: Fill, table: Table, world: World) -> Table:
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
