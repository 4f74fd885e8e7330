"""Rows meet few partners before they are grouped, not all groups after.

before: filter country = "FR" over customers, join (sum of amount by customer over sales) on the customer
after:  sum of amount by customer, name, … over (filter country = "FR" over customers, join sales on the customer)

This is the lazy aggregation of W. P. Yan, P.-Å. Larson: Eager Aggregation and Lazy Aggregation, VLDB 1995. It takes a
join that keeps only rows with partners, on group keys, with rows of which one at most has a key: then a group meets one
row, and the columns of that row are group keys more. Done where conditions leave few of these rows, so that most rows
are never grouped; and because PostgreSQL knows more of columns of tables than of columns of groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from headrace.grammar.expression import Column, Expression, columns_of, level_of, transform
from headrace.plan import (
    Aggregation,
    Expansion,
    Filter,
    Join,
    JoinColumn,
    Project,
    Relation,
    postorder,
    with_inputs,
)
from headrace.plan.estimates import Estimates
from headrace.plan.names import NameSpace
from headrace.rules.rule import Rule
from headrace.rules.selective import leaves_few
from headrace.rules.sought import NOTHING, Sought, below, keeps_only_pairs, sought_in, values_of

_MOST_COLUMNS = 8
"""More columns than these are not worth being group keys."""


_ONE_FORM = ("boolean", "integer", "text", "date", "time", "timestamp", "timestamptz", "uuid")
"""Kinds of which equal values are the same: a key column of both sides can be that of either."""


@dataclass(frozen=True, slots=True)
class _Grouped:
    """A side of a join that is an aggregation: its number, the nodes above the aggregation, the highest first, and the
    group key that each key column of the join is."""

    side: int
    path: tuple[Filter | Project, ...]
    aggregation: Aggregation
    keys: Mapping[str, str]


def _rewrite(relation: Relation, estimates: Estimates) -> Relation:
    nodes = list(postorder(relation))
    if not any(isinstance(node, Aggregation) for node in nodes) or not any(isinstance(node, Join) for node in nodes):
        return relation
    readers = Counter(id(each) for node in nodes for each in node.inputs)
    varying = frozenset(name for node in nodes if isinstance(node, Expansion) for name in node.names.names)
    known = sought_in(nodes)
    made: dict[int, Relation] = {}
    for node in nodes:
        new = with_inputs(node, tuple(made[id(each)] for each in node.inputs))
        if isinstance(node, Join) and isinstance(new, Join) and not node.parameters & varying:
            new = _grouped_after(node, new, known.get(id(node), NOTHING), estimates, readers)
        made[id(node)] = new
    return made[id(relation)]


GROUP_AFTER_JOIN = Rule("group_after_join", _rewrite)


def _grouped_after(node: Join, new: Join, sought: Sought, estimates: Estimates, readers: Mapping[int, int]) -> Relation:
    """The join as an aggregation, where one of its sides is one and the other is worth it. ``new`` is ``node`` over
    inputs that have been rewritten."""
    if node.kind not in ("inner", "left") or not keeps_only_pairs(node, sought):
        return new
    for side in (1, 0):
        if _is_read_once(node.inputs[side], readers) and _meets_few(node, 1 - side, estimates):
            grouped = _grouped(new, side)
            if grouped is not None:
                return _lazily(new, grouped) or new
    return new


def _is_read_once(node: Relation, readers: Mapping[int, int]) -> bool:
    while readers[id(node)] == 1 and isinstance(node, Filter | Project):
        node = node.input
    return readers[id(node)] == 1 and isinstance(node, Aggregation)


def _meets_few(node: Join, other: int, estimates: Estimates) -> bool:
    """Whether conditions leave few rows of the other side, and at most one for each group."""
    if not (node.right_matches_once if other == 1 else node.left_matches_once):
        return False
    rows = below(node, NOTHING)[other]
    for pair in node.on:
        values = values_of(node.inputs[other], pair[other], rows)
        if values is not None and leaves_few(values, estimates):
            return True
    return False


def _grouped(node: Join, side: int) -> _Grouped | None:
    path: list[Filter | Project] = []
    below_ = node.inputs[side]
    keys = {pair[side]: pair[side] for pair in node.on}
    while isinstance(below_, Filter | Project):
        if isinstance(below_, Project):
            values = dict(below_.columns)
            if any(level_of(value) != "row" for value in values.values()):
                return None
            plain = {key: values[name] for key, name in keys.items()}
            keys = {key: value.name for key, value in plain.items() if isinstance(value, Column)}
            if len(keys) < len(plain):
                return None
        path.append(below_)
        below_ = below_.input
    if not isinstance(below_, Aggregation) or not below_.groups or not node.on:
        return None
    groups = dict(below_.groups)
    found = {key: groups.get(name) for key, name in keys.items()}
    columns = {key: value.name for key, value in found.items() if isinstance(value, Column)}
    if len(columns) < len(keys) or any(not node.is_exact(*pair) for pair in node.on):
        return None
    return _Grouped(side, tuple(path), below_, columns)


def _lazily(node: Join, grouped: _Grouped) -> Relation | None:
    """The aggregation over the join, with what stood between them on top."""
    side, aggregation = grouped.side, grouped.aggregation
    other = node.inputs[1 - side]
    read = {column.name for column in columns_of(node.condition) if column.side != side} if node.condition else set()
    for column in node.columns:
        mine, theirs = (column.left, column.right) if side == 0 else (column.right, column.left)
        if mine is None and theirs is not None:
            read.add(theirs)
        elif theirs is not None and column.type.kind not in _ONE_FORM:
            return None
    if len(read) > _MOST_COLUMNS:
        return None
    rows: Relation = aggregation.input
    taken = {*rows.schema.names, *aggregation.schema.names}
    names = NameSpace({*taken, *(name for each in grouped.path for name in each.schema.names)})
    fresh = {name: names.claim(name) for name in other.schema.names if name in read}
    filters: list[Filter] = []
    while isinstance(rows, Filter):  # a condition on the rows reads as well after the join, in one SELECT with it
        filters.append(rows)
        rows = rows.input
    on = tuple((grouped.keys[pair[side]], pair[1 - side]) for pair in node.on)
    joined = _joined(rows, other, on, fresh, side, aggregation.step)
    for each in reversed(filters):
        joined = replace(each, input=joined)
    more = tuple((name, Column(joined.schema[name], name)) for name in fresh.values())
    result: Relation = replace(aggregation, input=joined, groups=(*aggregation.groups, *more))
    for step in reversed(grouped.path):
        carried = tuple((name, Column(result.schema[name], name)) for name in fresh.values())
        new = replace(step, input=result)
        result = replace(new, columns=(*new.columns, *carried)) if isinstance(new, Project) else new
    schema = result.schema

    def over_result(each: Expression) -> Expression | None:
        if not isinstance(each, Column):
            return None
        name = each.name if each.side == side else fresh[each.name]
        return Column(schema[name], name)

    if node.condition is not None:
        result = Filter(result, transform(node.condition, over_result), step=node.step)
    columns = []
    for column in node.columns:
        mine, theirs = (column.left, column.right) if side == 0 else (column.right, column.left)
        name = mine if mine is not None else fresh[theirs or ""]
        columns.append((column.name, Column(schema[name], name)))
    return Project(result, tuple(columns), step=node.step)


def _joined(
    rows: Relation, other: Relation, on: tuple[tuple[str, str], ...], fresh: Mapping[str, str], side: int, step: str
) -> Relation:
    """The rows and their partners, whose columns get ``fresh`` names; on the sides on which they were."""
    own = [(name, name, type_) for name, type_ in rows.schema]
    theirs = [(fresh[name], name, type_) for name, type_ in other.schema if name in fresh]
    if side == 0:
        columns = [JoinColumn(name, place, None, type_) for name, place, type_ in own]
        columns += [JoinColumn(name, None, place, type_) for name, place, type_ in theirs]
        return Join(rows, other, "inner", on, tuple(columns), step=step)
    columns = [JoinColumn(name, place, None, type_) for name, place, type_ in theirs]
    columns += [JoinColumn(name, None, place, type_) for name, place, type_ in own]
    return Join(other, rows, "inner", tuple((key, mine) for mine, key in on), tuple(columns), step=step)
