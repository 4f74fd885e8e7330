"""Columns that nobody reads are neither computed nor carried along.

before: aggregation by country (count) over project (country, price × 2, a rank) over scan sales (30 columns)
after:  aggregation by country (count) over project (country) over scan sales (country)

A node is asked for what all its readers in the statement ask for. All columns count where rows are compared as wholes
(distinct, intersect, except) and in a query that a user wrote. A group key counts too, unless the other keys hold a key
of the rows: then each group is one row, with it or without. A node of which only the number of rows is wanted keeps one
column.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from headrace.grammar.expression import Column, Expression, walk
from headrace.grammar.types import Schema
from headrace.plan import (
    Aggregation,
    Assured,
    Expansion,
    FileScan,
    Filter,
    Join,
    Limit,
    NodeScan,
    Project,
    Relation,
    Rows,
    SeriesBetween,
    Sort,
    Split,
    TableScan,
    Union,
    Unpivot,
    postorder,
    with_inputs,
)
from headrace.plan.estimates import Estimates
from headrace.plan.intervals import Cells, Disjoint, Intervals, Spread
from headrace.plan.relation import Key
from headrace.rules.rule import Rule


def _rewrite(relation: Relation, _: Estimates) -> Relation:
    nodes = list(postorder(relation))
    wanted: dict[int, set[str]] = {id(node): set() for node in nodes}
    wanted[id(relation)].update(relation.schema.names)
    carried: set[int] = set()
    for node in reversed(nodes):  # all that read a node come before it
        own = wanted[id(node)]
        if not isinstance(node, Project | Aggregation | Join):
            carried.update(map(id, node.inputs))
        own.update(_kept_unasked(node, own))
        for each, names in zip(node.inputs, _read(node, own), strict=True):
            wanted[id(each)].update(names)
    made: dict[int, Relation] = {}
    for node in nodes:
        inputs = tuple(made[id(each)] for each in node.inputs)
        # Those who pick columns themselves leave a table as it is: what they do not pick costs nothing.
        made[id(node)] = _with_only(node, wanted[id(node)], inputs) if inputs or id(node) in carried else node
    return only(made[id(relation)], relation.schema.names)


PRUNE_COLUMNS = Rule("prune_columns", _rewrite)


def only(relation: Relation, names: Collection[str]) -> Relation:
    """The relation with exactly these columns, in this order."""
    if relation.schema.names == tuple(names):
        return relation
    return Project(relation, tuple((name, Column(relation.schema[name], name)) for name in names), step=relation.step)


def _kept_unasked(node: Relation, wanted: Collection[str]) -> Iterable[str]:
    """Columns that the node has to have beside those that are asked of it."""
    match node:
        case Aggregation():
            groups = _groups(node, wanted)
            return groups if groups or wanted else node.schema.names[:1]
        case Project():
            plain = [name for name, value in node.columns if isinstance(value, Column)]
            return () if wanted else (*plain, *node.schema.names)[:1]
        case Join() | Union() | TableScan() | FileScan() | NodeScan() | Rows():
            return () if wanted else node.schema.names[:1]
    return ()


def _groups(node: Aggregation, wanted: Collection[str]) -> Collection[str]:
    """The group keys without which there would be other groups, or other values in a column that is wanted."""
    needed = {name: value.name for name, value in node.groups if name in wanted and isinstance(value, Column)}
    names = {value.name: name for name, value in node.groups if isinstance(value, Column)}
    found = [name for name, _ in node.groups]
    for key in node.input.keys:
        if all(column in names for column in key):
            kept = {*(name for name, _ in node.groups if name in wanted)}
            kept |= {names[column] for column in key if column not in needed.values()}
            if kept and len(kept) < len(found):  # without any group there would be a row for no rows
                found = [name for name, _ in node.groups if name in kept]
    return found


def _read(node: Relation, wanted: set[str]) -> tuple[Iterable[str], ...]:
    """The columns of each input that the node needs to give those that are ``wanted``, and its rows."""
    match node:
        case Project():
            return (_columns(value for name, value in node.columns if name in wanted),)
        case Filter():
            return (wanted | _columns((node.predicate,)),)
        case Assured():
            return (wanted,)
        case Sort() | Limit():
            per = node.per if isinstance(node, Limit) else ()
            return ({*wanted, *node.hidden, *per, *_columns(term.value for term in node.order)},)
        case Aggregation():
            return (_columns(value for name, value in (*node.groups, *node.measures) if name in wanted),)
        case Join():
            return _read_by_join(node, wanted)
        case Union():
            return tuple(wanted for _ in node.branches)
        case Unpivot():
            return ({*(name for name in node.kept if name in wanted), *node.columns},)
        case SeriesBetween():
            return ((wanted - {node.column}) | _columns((node.start, node.stop)),)
        case Split():
            # A part takes the place of a column of its name, which therefore stays.
            own = {node.column, node.into, node.position}
            return ([name for name in node.input.schema.names if name in wanted or name in own],)
        case Intervals():
            return (wanted - {node.first, node.last}) | _columns((*node.starts, *node.ends)), node.values.schema.names
        case Cells():
            return (wanted - {node.cell}) | _columns(node.bounds), node.values.schema.names
        case Disjoint():
            return ({*wanted, *node.by, node.first, node.last},)
        case Spread():
            return ((wanted - {node.number}) | {node.first, node.last},)
        case Expansion(given=given):
            body = wanted - set(node.names.names)
            return (body,) if given is None else (body, given.schema.names)
    return tuple(each.schema.names for each in node.inputs)


def _read_by_join(node: Join, wanted: Collection[str]) -> tuple[Iterable[str], ...]:
    sides: tuple[set[str | None], set[str | None]] = (set(), set())
    pairs = [(column.left, column.right) for column in node.columns if column.name in wanted]
    for pair in (*pairs, *node.on):
        for side, name in zip(sides, pair, strict=True):
            side.add(name)
    for each in () if node.condition is None else walk(node.condition):
        if isinstance(each, Column):
            sides[each.side].add(each.name)
    return tuple([name for name in side if name is not None] for side in sides)


def _columns(expressions: Iterable[Expression]) -> set[str]:
    """The names of the columns that the expressions read."""
    found: set[str] = set()
    for expression in expressions:
        if isinstance(expression, Column):
            found.add(expression.name)
        else:
            found.update(each.name for each in walk(expression) if isinstance(each, Column))
    return found


def _with_only(node: Relation, wanted: set[str], inputs: tuple[Relation, ...]) -> Relation:
    """The node over its new inputs, without what it makes and nobody wants."""
    changes: dict[str, Any] = {}
    match node:
        case TableScan() | FileScan() | NodeScan() | Rows():
            return _narrow(node, wanted)
        case Project():
            changes["columns"] = tuple(each for each in node.columns if each[0] in wanted)
        case Aggregation():
            changes["groups"] = tuple(each for each in node.groups if each[0] in wanted)
            changes["measures"] = tuple(each for each in node.measures if each[0] in wanted)
        case Join():
            changes["columns"] = tuple(each for each in node.columns if each.name in wanted)
        case Unpivot():
            changes["kept"] = tuple(name for name in node.kept if name in wanted)
            changes["position"] = node.position if node.position in wanted else None
        case Split():
            changes["position"] = node.position if node.position in wanted else None
        case Union():
            changes["columns"] = _narrowed(node.columns, wanted)
            changes["apart"] = node.apart if node.apart is None or node.apart <= wanted else None
            inputs = tuple(only(each, changes["columns"].names) for each in inputs)
        case Assured():
            changes["known"] = tuple(
                replace(each, unique=_within(each.unique, wanted), never_null=each.never_null & wanted)
                for each in node.known
            )
    return with_inputs(node, inputs, changes)


def _narrow(node: TableScan | FileScan | NodeScan | Rows, wanted: set[str]) -> Relation:
    """The leaf with those of its columns that are wanted."""
    if len(wanted) == len(node.schema):
        return node
    columns, unique = _narrowed(node.columns, wanted), _within(node.unique, wanted)
    if not isinstance(node, Rows):
        return replace(node, columns=columns, unique=unique)
    places = [place for place, name in enumerate(node.schema.names) if name in wanted]
    values = tuple(tuple(row[place] for place in places) for row in node.values)
    return replace(node, columns=columns, unique=unique, values=values)


def _narrowed(schema: Schema, wanted: set[str]) -> Schema:
    return schema if len(wanted) == len(schema) else Schema(tuple(each for each in schema if each[0] in wanted))


def _within(keys: tuple[Key, ...], wanted: set[str]) -> tuple[Key, ...]:
    """The keys all of whose columns there still are."""
    return tuple(key for key in keys if key <= wanted)
