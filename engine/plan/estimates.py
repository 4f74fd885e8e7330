"""What is known, or guessed, of how many rows a relation has and what its columns hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import prod

from headrace.catalog import ColumnStatistics, Statistics
from headrace.grammar.expression import Column, Expression
from headrace.plan.aggregation import Aggregation, Distinct
from headrace.plan.assured import Assured
from headrace.plan.expansion import Expansion
from headrace.plan.intervals import Cells, Disjoint, Intervals
from headrace.plan.joins import Join
from headrace.plan.ordering import Limit, Sort
from headrace.plan.relation import Relation, postorder
from headrace.plan.rowwise import Filter, Project
from headrace.plan.scans import FileScan, NodeScan, Rows, Series, TableScan
from headrace.plan.set_operation import SetOperation
from headrace.plan.sizes import OTHER, UNKNOWN, ColumnSize, Size
from headrace.plan.union import Union
from headrace.plan.unpivoting import Unpivot


class Estimates:
    """Estimated sizes of the relations of plans; None where nothing is known: a rule that can lose then does nothing.

    ``statistics`` are those of sources, by their names; ``nodes`` the plans of other nodes, by theirs. Each node of a
    plan is looked at once, however often it is asked for (see ``headrace.plan.sizes`` for the formulas).

    >>> from headrace.grammar.types import Schema, Type
    >>> number = Type("integer", nullable=False)
    >>> sales = TableScan("sales", "shop.sales", Schema.of({"customer_id": number}))
    >>> known = Estimates({"sales": Statistics(1000000, {"customer_id": ColumnStatistics(distinct=200)})})
    >>> customer = Column(number, "customer_id")
    >>> known.rows(Aggregation(sales, (("customer_id", customer),), ())), known.distinct(sales, [customer])
    (200.0, 200.0)
    """

    def __init__(
        self, statistics: Mapping[str, Statistics] | None = None, nodes: Mapping[str, Relation] | None = None
    ) -> None:
        self._statistics = statistics or {}
        self._nodes = nodes or {}
        # With each size its relation, so that no other can come to have its id.
        self._sizes: dict[int, tuple[Relation, Size]] = {}

    @property
    def measured(self) -> bool:
        """Whether there are statistics of any source."""
        return bool(self._statistics)

    def rows(self, relation: Relation) -> float | None:
        """How many rows the relation has."""
        return self.size(relation).rows

    def distinct(self, relation: Relation, expressions: Iterable[Expression]) -> float | None:
        """How many groups of its rows are alike in all of the expressions, nulls alike."""
        listed = tuple(expressions)
        size = self.size(relation)
        if relation.has_key(each.name for each in listed if isinstance(each, Column)):
            return size.rows
        return size.groups(listed)

    def nulls(self, relation: Relation, expression: Expression) -> float | None:
        """Which part of its rows (0 to 1) has no value of the expression."""
        return self.size(relation).nulls(expression)

    def selectivity(self, relation: Relation, predicate: Expression) -> float | None:
        """Which part of its rows (0 to 1) the predicate is true for; None where nothing is known of the relation."""
        size = self.size(relation)
        return None if size.rows is None else size.selectivity(predicate)

    def pays(self, now: float | None, then: float | None) -> bool:
        """Whether what costs ``then`` is to be put in the place of what costs ``now``: never where one is not known."""
        return now is not None and then is not None and then <= now

    def size(self, relation: Relation) -> Size:
        """The relation's rows and columns."""
        if id(relation) not in self._sizes:
            for node in postorder(relation, self._unknown_inputs):
                if id(node) not in self._sizes:
                    self._sizes[id(node)] = (node, _within(self._size(node), node))
        return self._sizes[id(relation)][1]

    def _unknown_inputs(self, node: Relation) -> tuple[Relation, ...]:
        if id(node) in self._sizes:
            return ()
        if isinstance(node, NodeScan) and node.node in self._nodes:
            return (self._nodes[node.node],)
        return node.inputs

    def _of(self, node: Relation) -> Size:
        return self._sizes[id(node)][1]

    def _size(self, node: Relation) -> Size:
        match node:
            case TableScan() | FileScan():
                return _leaf(node, self._statistics.get(node.source, Statistics()))
            case Rows():
                return _written(node)
            case Series():
                count = float(node.count)
                return Size(count, {node.column: ColumnSize(count, 0.0, of=count)})
            case NodeScan():
                return self._of(self._nodes[node.node]) if node.node in self._nodes else Size()
            case Filter():
                size = self._of(node.input)
                return size if size.rows is None else replace(size, rows=size.rows * size.selectivity(node.predicate))
            case Project():
                size = self._of(node.input)
                return Size(size.rows, {name: _computed(value, size) for name, value in node.columns})
            case Aggregation():
                size = self._of(node.input)
                rows = 1.0 if not node.groups else self.distinct(node.input, [value for _, value in node.groups])
                groups = {name: _counted(_computed(value, size), rows) for name, value in node.groups}
                return Size(rows, groups)
            case Distinct():
                size = self._of(node.input)
                columns = [Column(type_, name) for name, type_ in node.schema]
                return _with_rows(size, self.distinct(node.input, columns))
            case Join():
                return self._join(node)
            case Union():
                return self._union(node)
            case SetOperation():
                sizes = [self._of(each) for each in node.branches]
                known = [size.rows for size in sizes if size.rows is not None]
                return replace(sizes[0], rows=min(known, default=None) if node.kind == "intersect" else sizes[0].rows)
            case Limit():
                size = self._of(node.input)
                if not node.per:
                    return replace(size, rows=_least(size.rows, float(node.count)))
                groups_ = self.distinct(node.input, [Column(node.input.schema[name], name) for name in node.per])
                return replace(size, rows=_least(size.rows, None if groups_ is None else groups_ * node.count))
            case Unpivot():
                size = self._of(node.input)
                count = float(len(node.columns))
                repeated = {name: size.columns.get(name, UNKNOWN) for name in node.kept}
                return Size(
                    None if size.rows is None else size.rows * count, {**repeated, node.name: ColumnSize(count, 0.0)}
                )
            case Expansion():
                return self._expansion(node)
            case Sort() | Assured() | Intervals() | Cells() | Disjoint():
                return self._of(node.inputs[0])
        return Size()

    def _union(self, node: Union) -> Size:
        sizes = [self._of(each) for each in node.branches]
        known = [size.rows for size in sizes if size.rows is not None]
        rows = sum(known) if len(known) == len(sizes) else None
        columns = {}
        for name in node.schema.names:
            counts = [size.column(name).distinct for size in sizes]
            nulls = [size.column(name).nulls for size in sizes]
            columns[name] = ColumnSize(
                None if None in counts else sum(each for each in counts if each is not None),
                None if None in nulls else max((each for each in nulls if each is not None), default=0.0),
                of=rows,
            )
        return Size(rows, columns)

    def _expansion(self, node: Expansion) -> Size:
        body = self._of(node.body)
        values = float(len(node.values)) if node.given is None else self._of(node.given).rows
        names = {name: ColumnSize(values, 0.0) for name in node.names.names}
        rows = None if body.rows is None or values is None else body.rows * values
        return Size(rows, {**names, **body.columns})

    def _join(self, node: Join) -> Size:
        """Selinger: of all pairs, one in as many as the side with more values of the key has."""
        left, right = self._of(node.left), self._of(node.right)
        matched = _pairs(node, left, right)
        rows = _rows_of_join(node, left, right, matched)
        columns: dict[str, ColumnSize] = {}
        for column in node.columns:
            side, name = (left, column.left) if column.left is not None else (right, column.right)
            found = side.column(name or "")
            nulls = found.nulls if node.schema[column.name].nullable else 0.0
            outer = column.left is None and node.kind in ("left", "full")
            if (outer or (column.right is None and node.kind in ("right", "full"))) and nulls is not None:
                nulls = 1 - (1 - nulls) * min(1.0, matched / rows) if matched is not None and rows else None
            columns[column.name] = _counted(replace(found, nulls=nulls), rows)
        return Size(rows, columns)


def about_rows(rows: float) -> str:
    """The number in two figures, for people.

    >>> about_rows(0.2), about_rows(123456)
    ('about 1 row', 'about 120,000 rows')
    """
    rounded = int(float(f"{max(rows, 1):.1e}"))
    return "about 1 row" if rounded == 1 else f"about {rounded:,} rows"


def _pairs(node: Join, left: Size, right: Size) -> float | None:
    """How many pairs of rows meet."""
    if left.rows is None or right.rows is None:
        if node.right_matches_once:
            return left.rows
        return right.rows if node.left_matches_once else None
    if node.kind == "cross" and node.condition is None:
        return left.rows * right.rows
    parts = []
    for ours, theirs in node.on:
        one, other = left.column(ours), right.column(theirs)
        known = [each.distinct for each in (one, other) if each.distinct is not None]
        # Among the rows of the key's own table, each of its values is there: a filter has taken others away.
        if not known:
            if node.right_matches_once or node.left_matches_once:
                return left.rows if node.right_matches_once else right.rows
            return None
        parts.append((1 - (one.nulls or 0)) * (1 - (other.nulls or 0)) / max(*known, 1.0))
    pairs = left.rows * right.rows * prod(parts) * (1.0 if node.condition is None else OTHER)
    if node.right_matches_once:
        pairs = min(pairs, left.rows)
    return min(pairs, right.rows) if node.left_matches_once else pairs


def _rows_of_join(node: Join, left: Size, right: Size, matched: float | None) -> float | None:
    if matched is None or left.rows is None or (right.rows is None and node.kind in ("right", "full")):
        return None
    if node.kind in ("semi", "anti"):
        met = left.rows * _met(node.on, left, right, 1.0)
        return met if node.kind == "semi" else left.rows - met
    rows = matched
    if node.kind in ("left", "full"):
        rows += left.rows * (1 - _met(node.on, left, right, 1.0))
    if node.kind in ("right", "full") and right.rows is not None:
        rows += right.rows * (1 - _met([(theirs, ours) for ours, theirs in node.on], right, left, 1.0))
    return max(rows, left.rows) if node.kind == "left" else rows


def _met(on: Iterable[tuple[str, str]], side: Size, other: Size, otherwise: float) -> float:
    """Which part of a side's rows meets any of the other's: the fewer values are among the many."""
    parts = [otherwise]
    for ours, theirs in on:
        one, two = side.column(ours).distinct, other.column(theirs).distinct
        if one and two is not None:
            parts.append(two / one)
    return min(parts)


def _leaf(node: TableScan | FileScan, known: Statistics) -> Size:
    rows = None if known.rows is None else float(known.rows)
    keys = {name for key in node.keys if len(key) == 1 for name in key}
    columns = {}
    for name, type_ in node.schema:
        said = known.columns.get(name, ColumnStatistics())
        columns[name] = ColumnSize(
            rows if name in keys and rows is not None else said.distinct,
            said.nulls if type_.nullable else 0.0,
            said.least,
            said.greatest,
            rows,
            (id(node), rows),
        )
    return Size(rows, columns)


def _written(node: Rows) -> Size:
    count = float(len(node.values))
    columns = {}
    for place, name in enumerate(node.schema.names):
        values = {row[place].value for row in node.values}
        nulls = sum(row[place].value is None for row in node.values)
        columns[name] = ColumnSize(
            float(len(values - {None})), nulls / count if count else 0.0, of=count, origin=(id(node), count)
        )
    return Size(count, columns)


def _computed(value: Expression, size: Size) -> ColumnSize:
    if isinstance(value, Column):
        return size.columns.get(value.name, UNKNOWN)
    return ColumnSize(size.distinct(value), size.nulls(value), of=size.rows)


def _counted(column: ColumnSize, rows: float | None) -> ColumnSize:
    """The column where it is one of so many rows, its values all still there."""
    distinct = column.distinct if column.distinct is None or rows is None else min(column.distinct, rows)
    return replace(column, distinct=distinct, of=rows)


def _with_rows(size: Size, rows: float | None) -> Size:
    return Size(rows, {name: _counted(size.column(name), rows) for name in size.columns})


def _within(size: Size, node: Relation) -> Size:
    """The size within what the plan proves."""
    bounds, rows = node.rows, size.rows
    if rows is None:
        rows = float(bounds.least) if bounds.most == bounds.least else None
    else:
        rows = max(rows, float(bounds.least))
        rows = rows if bounds.most is None else min(rows, float(bounds.most))
    return size if rows == size.rows else replace(size, rows=rows)


def _least(known: float | None, bound: float | None) -> float | None:
    return known if bound is None else bound if known is None else min(known, bound)
