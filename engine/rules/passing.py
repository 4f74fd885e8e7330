"""Which conditions on the rows of a plan node may be tested on the rows of its inputs instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from headrace.grammar.expression import (
    Column,
    Expression,
    Window,
    columns_of,
    parameters_of,
    walk,
)
from headrace.plan import (
    Aggregation,
    Assured,
    Distinct,
    Expansion,
    Join,
    Known,
    Limit,
    Project,
    Relation,
    RowBounds,
    Sample,
    SeriesBetween,
    SetOperation,
    Sort,
    Split,
    Union,
    Unpivot,
)
from headrace.rules.equality import EXACT, respects_equality
from headrace.rules.failing import may_fail
from headrace.rules.substitution import LONGEST, size_of, substituted


@dataclass(frozen=True, slots=True)
class Term:
    """One condition that must be true of a row, and the step that asks for it."""

    predicate: Expression
    step: str


@dataclass(frozen=True, slots=True)
class Passed:
    """Where the terms on the rows of a node go: some ``stay``, others are asked ``below``, of the rows of each input.

    ``node`` is the node as it is then to be: without a claim that no longer holds.
    """

    node: Relation
    stay: tuple[Term, ...]
    below: tuple[tuple[Term, ...], ...]


Below = Mapping[int, Expression]
"""What is to be asked of the rows of some of the inputs, by their numbers."""


def passed(node: Relation, terms: tuple[Term, ...], varying: frozenset[str], worth: frozenset[int]) -> Passed:
    """The terms on the rows of ``node``, parted. ``varying`` are parameters that an expansion binds.

    What may fail is asked of the same rows as before, after the same conditions. What depends on a varying parameter
    stays above whatever does not, which is computed once for all values. ``worth`` are the inputs on which a
    condition had better be tested than after a join.
    """
    below: list[list[Term]] = [[] for _ in node.inputs]
    stay: list[Term] = []
    keeps_rows = isinstance(node, Project | Sort | Assured)
    for term in terms:
        found: Below = {}
        free = parameters_of(term.predicate) & varying
        may_pass = not may_fail(term.predicate) or (keeps_rows and not stay)
        if free and not (keeps_rows and free <= node.inputs[0].parameters):
            may_pass = False
        if may_pass:
            found = _below(node, term.predicate, worth)
        for number, predicate in found.items():
            below[number].append(replace(term, predicate=predicate))
        if not found:
            stay.append(term)
    if any(below) and isinstance(node, Assured):
        node = _still_assured(node)
    return Passed(node, tuple(stay), tuple(map(tuple, below)))


def _below(node: Relation, predicate: Expression, worth: frozenset[int]) -> Below:
    names = {column.name for column in columns_of(predicate)}
    match node:
        case Sort() | Assured():
            return {0: predicate}
        case Project():
            return _through_projection(node, predicate, names)
        case Aggregation():
            return _through_aggregation(node, predicate, names)
        case Distinct():
            return {0: predicate} if respects_equality(predicate) else {}
        case Limit():
            per_group = names and names <= set(node.per) and respects_equality(predicate)
            return {0: predicate} if per_group and not isinstance(node, Sample) else {}
        case Union():
            return dict.fromkeys(range(len(node.branches)), predicate)
        case SetOperation():
            return dict.fromkeys(range(len(node.branches)), predicate) if respects_equality(predicate) else {}
        case Unpivot():
            return {0: predicate} if names <= set(node.kept) else {}
        case SeriesBetween():
            return {} if node.column in names else {0: predicate}
        case Split():
            return {} if names & {node.into, node.position} else {0: predicate}
        case Expansion():
            return _through_expansion(node, predicate, names)
        case Join():
            return _through_join(node, predicate, names, worth)
    return {}


def _through_projection(node: Project, predicate: Expression, names: set[str]) -> Below:
    values = {name: value for name, value in node.columns if name in names}
    if not _keeps_partitions(values.values(), (value for _, value in node.columns)):
        return {}
    if _has_windows(node.columns) and not respects_equality(predicate):
        return {}
    return _replaced(predicate, values)


def _through_aggregation(node: Aggregation, predicate: Expression, names: set[str]) -> Below:
    values = {name: value for name, value in node.groups if name in names}
    if not node.groups or len(values) < len(names) or not respects_equality(predicate):
        return {}
    if not _keeps_partitions(values.values(), (value for _, value in node.measures)):
        return {}
    return _replaced(predicate, values)


def _replaced(predicate: Expression, values: Mapping[str, Expression]) -> Below:
    """The predicate over the columns below, unless it becomes too long."""
    if all(isinstance(value, Column) for value in values.values()):
        return {0: substituted(predicate, values)}
    if sum(size_of(value) for value in values.values()) > LONGEST:
        return {}
    found = substituted(predicate, values)
    return {0: found} if size_of(found) <= LONGEST else {}


def _has_windows(columns: Iterable[tuple[str, Expression]]) -> bool:
    return any(isinstance(part, Window) for _, value in columns for part in walk(value))


def _keeps_partitions(values: Iterable[Expression], computed: Iterable[Expression]) -> bool:
    """Whether rows that are left out by conditions on ``values`` leave every window that is computed as it is."""
    listed = tuple(values)
    for value in computed:
        if isinstance(value, Column):
            continue
        for part in walk(value):
            if isinstance(part, Window) and not all(each in part.partition for each in listed):
                return False
    return True


def _through_expansion(node: Expansion, predicate: Expression, names: set[str]) -> Below:
    parameters = set(node.names.names)
    if names and not names & parameters:
        return {0: predicate}
    if node.given is not None and names and names <= parameters:
        return {1: predicate}
    return {}


def _through_join(node: Join, predicate: Expression, names: set[str], worth: frozenset[int]) -> Below:
    """A condition on one side goes to that side, one on equal keys to both; not to rows that come out unmatched."""
    if not names:
        return {}
    sides = [_on_side(node, predicate, names, side) for side in (0, 1)]
    found: dict[int, Expression] = {}
    if node.kind == "full":
        ours, theirs = sides
        merged = {column.name for column in node.columns if column.left is not None and column.right is not None}
        return {0: ours, 1: theirs} if ours is not None and theirs is not None and names <= merged else {}
    outer = {"left": 1, "right": 0}.get(node.kind)
    own = [side for side in (0, 1) if side != outer and sides[side] is not None and _is_own(node, names, side)]
    if not own:
        return {}
    side, other = own[0], 1 - own[0]
    pushed, also = sides[side], sides[other]
    assert pushed is not None
    if also is not None and other in worth:
        found[other] = also
    elif also is None and not _is_own(node, names, other):
        translated = _over_keys(node, pushed, other)
        if translated is not None and other in worth:
            found[other] = translated
    # The left side is part of the same SELECT, and a condition on it reads as well there as after the join.
    if (side == 0 and node.kind != "right") or side in worth:
        found[side] = pushed
    return found if side in found else {}


def _is_own(node: Join, names: set[str], side: int) -> bool:
    """Whether the columns come out of the join as they are on this side."""
    for column in node.columns:
        if column.name in names:
            first = 1 if node.kind == "right" and column.right is not None else 0 if column.left is not None else 1
            if first != side:
                return False
    return True


def _on_side(node: Join, predicate: Expression, names: set[str], side: int) -> Expression | None:
    """The predicate over the columns of one side, where all that it reads comes from there or is equal to it."""
    schema = (node.left, node.right)[side].schema
    values: dict[str, Expression] = {}
    merged = False
    for column in node.columns:
        if column.name not in names:
            continue
        name = (column.left, column.right)[side]
        if name is None:
            return None
        merged = merged or (column.left is not None and column.right is not None)
        values[column.name] = Column(schema[name], name)
        if not schema[name].same_as(column.type) and column.type.kind not in EXACT:
            return None
        if schema[name].kind != column.type.kind:
            return None
    if merged and not respects_equality(predicate):
        return None
    return substituted(predicate, values)


def _over_keys(node: Join, predicate: Expression, side: int) -> Expression | None:
    """A predicate over the key columns of the other side as one over those of this side, which are equal to them."""
    schemas = (node.left.schema, node.right.schema)
    partners = {pair[1 - side]: pair[side] for pair in node.on if node.is_exact(*pair)}
    values: dict[str, Expression] = {}
    for column in columns_of(predicate):
        partner = partners.get(column.name)
        if partner is None or schemas[side][partner].kind != schemas[1 - side][column.name].kind:
            return None
        values[column.name] = Column(schemas[side][partner], partner)
    return substituted(predicate, values) if respects_equality(predicate) else None


def _still_assured(node: Assured) -> Assured:
    """What is known of all the rows, as far as it is true of some of them."""
    known = tuple(Known(each.unique, each.never_null, RowBounds(0, each.bounds.most)) for each in node.known)
    return replace(node, known=known)
