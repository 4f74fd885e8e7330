"""Which rows of a plan node matter to what reads it: what is true of them all, as far as conditions and joins say.

A row for which it is not true may be left out below, and nothing changes: this is the "magic set" of I. S. Mumick,
S. J. Finkelstein, H. Pirahesh, R. Ramakrishnan: Magic is Relevant, SIGMOD 1990.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from headrace.grammar.expression import Column, Expression, columns_of, level_of, transform
from headrace.plan import Aggregation, Assured, FileScan, Filter, Join, NodeScan, Project, Relation, Rows, TableScan
from headrace.rules.failing import may_fail
from headrace.rules.null_rejecting import rejects_nulls
from headrace.rules.predicates import conjuncts

Leaf = TableScan | FileScan | NodeScan | Rows
LEAVES = (TableScan, FileScan, NodeScan, Rows)
"""The leaves of which a column may be read once more."""

_MOST_TERMS = 16
"""So many conditions are remembered; what a long chain of filters says beyond that is not worth its time."""

_MOST_NODES = 48
"""So many nodes are looked at for the values of one column."""


@dataclass(frozen=True, slots=True)
class Values:
    """The values that ``column`` has in those rows of the leaf ``table`` for which all ``terms`` are true, and in which
    each column of ``within`` has one of those values."""

    table: Leaf
    column: str
    terms: tuple[Expression, ...]
    within: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Sought:
    """What is true of all rows that matter: ``terms``, and ``within``: the values that a column can have. Nothing in a
    term may fail."""

    terms: tuple[Expression, ...] = ()
    within: Mapping[str, Values] = field(default_factory=dict)

    def and_of(self, filter_: Filter) -> Sought:
        """These rows, if they also pass the filter."""
        return replace(self, terms=(*self.terms, *_terms(filter_.predicate))[-_MOST_TERMS:])

    def renamed(self, names: Mapping[str, Column], side: int = 0) -> Sought:
        """What is said of the columns that have a name here, as other columns."""
        terms = []
        for term in self.terms:
            if all(column.side == side and column.name in names for column in columns_of(term)):
                terms.append(_with_names(term, names))
        within = {names[name].name: values for name, values in self.within.items() if name in names}
        return Sought(tuple(terms), within)


def _terms(predicate: Expression) -> tuple[Expression, ...]:
    return tuple(term for term in conjuncts(predicate) if not may_fail(term))


def _with_names(term: Expression, names: Mapping[str, Column]) -> Expression:
    return transform(term, lambda each: names[each.name] if isinstance(each, Column) else None)


NOTHING = Sought()


def below(node: Relation, sought: Sought) -> tuple[Sought, ...]:
    """Of each input, the rows that matter where those of ``node`` do that are ``sought``; without what the two sides of
    a join say of one another's keys (``key_values``)."""
    match node:
        case Filter():
            return (sought.and_of(node),)
        case Assured() if all(each.bounds.least == 0 for each in node.known):
            return (sought,)
        case Project() if all(level_of(value) == "row" for _, value in node.columns):
            return (sought.renamed(_plain(node.columns)),)
        case Aggregation():
            return (sought.renamed(_plain(node.groups)),)
        case Join():
            return _below_join(node, sought)
    return tuple(NOTHING for _ in node.inputs)


def _plain(columns: Iterable[tuple[str, Expression]]) -> dict[str, Column]:
    return {name: value for name, value in columns if isinstance(value, Column)}


def keeps_only_pairs(node: Join, sought: Sought) -> bool:
    """Whether of the sought rows none comes from a row of one side alone."""
    if node.kind != "left":
        return node.kind in ("inner", "semi")
    theirs = {column.name for column in node.columns if column.left is None}
    return not theirs.isdisjoint(sought.within) or any(rejects_nulls(term, theirs) for term in sought.terms)


def _below_join(node: Join, sought: Sought) -> tuple[Sought, ...]:
    if node.kind not in ("inner", "left", "semi", "anti"):
        return (NOTHING, NOTHING)
    ours = {c.name: Column(node.left.schema[c.left], c.left) for c in node.columns if c.left is not None}
    left = sought.renamed(ours)
    right = NOTHING
    if node.kind in ("inner", "left") and keeps_only_pairs(node, sought):
        theirs = {
            c.name: Column(node.right.schema[c.right], c.right)
            for c in node.columns
            if c.left is None and c.right is not None
        }
        right = sought.renamed(theirs)
    if node.condition is not None:
        own = Sought(_terms(node.condition))
        sides = [{name: Column(type_, name) for name, type_ in each.schema} for each in node.inputs]
        right = replace(right, terms=(*right.terms, *own.renamed(sides[1], 1).terms))
        if node.kind in ("inner", "semi"):
            left = replace(left, terms=(*left.terms, *own.renamed(sides[0]).terms))
    return left, right


def sought_in(nodes: Sequence[Relation]) -> dict[int, Sought]:
    """Of each node that an aggregation stands in, by its id, the rows that matter; ``nodes`` are those of a plan,
    inputs first. Nothing is said of what is read twice."""
    readers = Counter(id(each) for node in nodes for each in node.inputs)
    above: set[int] = set()
    for node in nodes:
        if isinstance(node, Aggregation) or any(id(each) in above for each in node.inputs):
            above.add(id(node))
    found: dict[int, Sought] = {}
    for node in reversed(nodes):  # what reads a node comes before it
        if id(node) not in above:
            continue
        sought = found.get(id(node), NOTHING)
        sides = below(node, sought)
        for side, (each, rows) in enumerate(zip(node.inputs, sides, strict=True)):
            if id(each) in above and readers[id(each)] == 1:
                values = key_values(node, side, sought) if isinstance(node, Join) else {}
                found[id(each)] = replace(rows, within={**rows.within, **values})
    return found


def key_values(node: Join, side: int, sought: Sought) -> dict[str, Values]:
    """For key columns of a side of a join, what their partners on the other side can be, where no other row matters."""
    if node.kind not in ("inner", "left", "semi", "anti") or (side == 0 and not keeps_only_pairs(node, sought)):
        return {}
    other, rows = node.inputs[1 - side], below(node, sought)[1 - side]
    found: dict[str, Values] = {}
    for pair in node.on:
        values = values_of(other, pair[1 - side], rows) if node.is_exact(*pair) else None
        if values is not None:
            found[pair[side]] = values
    return found


def values_of(node: Relation, column: str, sought: Sought) -> Values | None:
    """What is known of the values that a column has in the sought rows; None where that is nothing.

    The leaf that the column comes from, and leaves that its rows are joined to, are asked.
    """
    return _values_of(node, column, sought, [_MOST_NODES])


def _values_of(node: Relation, column: str, sought: Sought, left: list[int]) -> Values | None:
    while True:
        left[0] -= 1
        if left[0] < 0:
            return None
        if isinstance(node, LEAVES):
            if not sought.terms and not sought.within:
                return None
            return Values(node, column, sought.terms, sought.within)
        if isinstance(node, Filter | Assured):
            (sought,), node = below(node, sought), node.input
            continue
        if isinstance(node, Project | Aggregation):
            value = dict(node.columns if isinstance(node, Project) else node.groups).get(column)
            if not isinstance(value, Column):
                return None
            (sought,), node, column = below(node, sought), node.input, value.name
            continue
        if not isinstance(node, Join):
            return None
        place = next((each for each in node.columns if each.name == column), None)
        sides = below(node, sought)
        if place is None or node.kind not in ("inner", "left", "semi", "anti"):
            return None
        if place.left is None:
            assert place.right is not None
            if not keeps_only_pairs(node, sought):
                return None
            node, column, sought = node.right, place.right, sides[1]
            continue
        ours = sides[0]
        if keeps_only_pairs(node, sought):
            for mine, theirs in node.on:
                if not node.is_exact(mine, theirs) or mine in ours.within:
                    continue
                partners = _values_of(node.right, theirs, sides[1], left)
                if partners is not None and mine == place.left:
                    return partners
                if partners is not None:
                    ours = replace(ours, within={**ours.within, mine: partners})
        node, column, sought = node.left, place.left, ours


@dataclass(frozen=True, slots=True)
class Origin:
    """The leaf that columns come from, row by row, by which names it has them, and what its rows there all meet."""

    leaf: Leaf
    columns: Mapping[str, str]
    terms: tuple[Expression, ...]


def origin_of(node: Relation, columns: Iterable[str]) -> Origin | None:
    """Where the columns come from; None where that is not one row of one leaf for each row of the node."""
    places = {name: name for name in columns}
    sought = NOTHING
    while not isinstance(node, LEAVES):
        sides = below(node, sought)
        side, found = 0, dict[str, str | None]()
        match node:
            case Filter() | Assured():
                found = dict(places)
            case Project():
                values = dict(node.columns)
                plain = {name: values[place] for name, place in places.items()}
                found = {name: value.name if isinstance(value, Column) else None for name, value in plain.items()}
            case Join() if node.kind in ("inner", "left", "semi", "anti"):
                made = {column.name: column for column in node.columns}
                found = {name: made[place].left for name, place in places.items()}
                if node.kind == "inner" and None in found.values():
                    side, found = 1, {name: made[place].right for name, place in places.items()}
        places = {name: place for name, place in found.items() if place is not None}
        if not found or len(places) < len(found):
            return None
        node, sought = node.inputs[side], sides[side]
    return Origin(node, places, sought.terms)
