"""Only those groups are made that what reads them can ask for.

before: orders of a month, left join (sum of amount over lines by order) on the order
after:  orders of a month, left join (sum of amount by order over lines, semi join orders of that month) on the order

before: (greatest supplier over lines by order), join suppliers of a country on that supplier
after:  (greatest supplier by order over lines, semi join on the order (lines, semi join such suppliers)), join …

Conditions on one side of a join say which values the key of the other side can have (``headrace.rules.sought``). Where
the other side is an aggregation, and the key one of its group keys, the rows of other groups are left out before they
are aggregated. The least and the greatest of a group are the value of one of its rows: where the key is one of these,
groups without such a row are left out.

The first is done where the join keeps rows without a partner. Where it does not, the same condition on both sides would
make PostgreSQL expect hardly a row, and plan for that; ``group_after_join`` serves such joins.

Whether it pays depends on how many values the conditions leave (``headrace.rules.selective``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from headrace.grammar.expression import (
    Aggregate,
    Column,
    Expression,
    columns_of,
    level_of,
    parameters_of,
    transform,
)
from headrace.plan import (
    Aggregation,
    Assured,
    Expansion,
    Filter,
    Join,
    Project,
    Relation,
    postorder,
    with_inputs,
)
from headrace.plan.estimates import Estimates
from headrace.rules.failing import may_fail
from headrace.rules.predicates import all_of
from headrace.rules.rule import Rule
from headrace.rules.selective import leaves_few
from headrace.rules.semi_joins import SemiJoin, name_of_part, only_columns, with_values
from headrace.rules.sought import (
    NOTHING,
    Leaf,
    Origin,
    Sought,
    Values,
    keeps_only_pairs,
    key_values,
    origin_of,
    sought_in,
)


@dataclass(frozen=True, slots=True)
class _Offer:
    """Values that a column has in all rows that matter; ``of_pairs`` where the join keeps only rows with partners."""

    values: Values
    of_pairs: bool


def _rewrite(relation: Relation, estimates: Estimates) -> Relation:
    nodes = list(postorder(relation))
    if not any(isinstance(node, Aggregation) for node in nodes) or not any(isinstance(node, Join) for node in nodes):
        return relation
    semi_joins = _semi_joins(nodes, estimates)
    if not semi_joins:
        return relation
    made: dict[int, Relation] = {}
    for node in nodes:
        inputs = tuple(made[id(each)] for each in node.inputs)
        for each in semi_joins.get(id(node), ()):
            inputs = (each.of(inputs[0], node.step),)
        made[id(node)] = with_inputs(node, inputs)
    return made[id(relation)]


PUSH_SEMI_JOINS = Rule("push_semi_joins", _rewrite)


def _semi_joins(nodes: list[Relation], estimates: Estimates) -> dict[int, list[SemiJoin]]:
    """For each aggregation, by its id, what its rows are to meet."""
    readers = Counter(id(each) for node in nodes for each in node.inputs)
    varying = frozenset(name for node in nodes if isinstance(node, Expansion) for name in node.names.names)
    known = sought_in(nodes)
    found: dict[int, list[SemiJoin]] = {}
    offers: dict[int, Mapping[str, _Offer]] = {}
    for node in reversed(nodes):  # what reads a node comes before it
        offered = offers.get(id(node), {})
        if isinstance(node, Aggregation) and not node.parameters & varying:
            found[id(node)] = list(_below_aggregation(node, offered, estimates, varying))
        for side, each in enumerate(node.inputs):
            if id(each) in known and readers[id(each)] == 1:
                offers[id(each)] = _offers(node, side, offered, known.get(id(node), NOTHING))
    return {id_: each for id_, each in found.items() if each}


def _offers(node: Relation, side: int, offered: Mapping[str, _Offer], sought: Sought) -> Mapping[str, _Offer]:
    """What the nearest join above says of the columns of an input."""
    match node:
        case Join():
            of_pairs = keeps_only_pairs(node, sought)
            return {name: _Offer(values, of_pairs) for name, values in key_values(node, side, sought).items()}
        case Filter():
            return offered
        case Assured() if all(each.bounds.least == 0 for each in node.known):
            return offered
        case Project() if all(level_of(value) == "row" for _, value in node.columns):
            plain = {value.name: name for name, value in node.columns if isinstance(value, Column)}
            return {old: offered[new] for old, new in plain.items() if new in offered}
    return {}


def _below_aggregation(
    node: Aggregation, offered: Mapping[str, _Offer], estimates: Estimates, varying: frozenset[str]
) -> Iterator[SemiJoin]:
    """The semi joins that pay below an aggregation, of whose columns values are known."""
    groups = dict(node.groups)
    for name, offer in offered.items() if groups else ():
        key = groups.get(name)
        if isinstance(key, Column):
            found = None if offer.of_pairs else with_values(key.name, offer.values)
        else:
            found = None if name in groups else _with_row_of(node, name, offer.values)
        if found is None or _is_there(node.input, found) or not leaves_few(offer.values, estimates):
            continue
        depends = found.other.parameters | (parameters_of(found.condition) if found.condition is not None else set())
        if not depends & varying:
            yield found


def _with_row_of(node: Aggregation, name: str, values: Values) -> SemiJoin | None:
    """A semi join that leaves those groups of which the least or greatest value can be one of ``values``."""
    measure = dict(node.measures).get(name)
    keys = [value.name for _, value in node.groups if isinstance(value, Column) and not value.type.nullable]
    match measure:
        case Aggregate(function="min" | "max", arguments=(Column(name=column),), where=where, entry=None):
            conditions = () if where is None else (where,)
        case _:
            return None
    if len(keys) < len(node.groups) or any(map(may_fail, conditions)):
        return None
    read = {each.name for condition in conditions for each in columns_of(condition)}
    origin = origin_of(node.input, {*keys, column, *read})
    if origin is None:
        return None
    leaf, places = origin.leaf, origin.columns
    terms = (*origin.terms, *(_moved(condition, places, leaf) for condition in conditions))
    rows = Filter(leaf, all_of(terms), step=name_of_part(leaf)) if terms else leaf
    sought = with_values(places[column], values).of(rows, name_of_part(leaf))
    on = tuple((key, places[key]) for key in keys)
    return SemiJoin(on, only_columns(sought, (place for _, place in on), leaf), None)


def _moved(condition: Expression, places: Mapping[str, str], leaf: Leaf) -> Expression:
    return transform(condition, lambda each: Column(each.type, places[each.name]) if isinstance(each, Column) else None)


def _is_there(rows: Relation, wanted: SemiJoin) -> bool:
    """Whether rows are left out already for want of a partner in the same column of the same table."""
    (column, key), *_ = wanted.on
    origin = origin_of(wanted.other, (key,))
    while isinstance(rows, Filter | Assured | Project | Join):
        if isinstance(rows, Join) and rows.kind == "semi":
            for ours, theirs in rows.on:
                other = origin_of(rows.right, (theirs,)) if ours == column else None
                if other is not None and origin is not None and _is_same(other, theirs, origin, key):
                    return True
        below_ = column if isinstance(rows, Filter | Assured) else _place(rows, column)
        if below_ is None:
            return False
        rows, column = rows.inputs[0], below_
    return False


def _place(node: Project | Join, column: str) -> str | None:
    """The column of the first input that it is."""
    if isinstance(node, Join):
        return next(each.left for each in node.columns if each.name == column)
    value = dict(node.columns)[column]
    return value.name if isinstance(value, Column) else None


def _is_same(one: Origin, column: str, other: Origin, key: str) -> bool:
    return name_of_part(one.leaf) == name_of_part(other.leaf) and one.columns[column] == other.columns[key]
