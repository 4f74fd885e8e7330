"""Rows that count for a run of neighbouring values of a parameter: how an expansion is swept in one pass.

Where a parameter only bounds which rows are read, its values in ascending order, numbered from 1, make each row belong
to a run of them: ``Intervals`` finds its first and last number, ``Disjoint`` cuts the runs of rows that are to count
once, ``Spread`` makes one row for each number of a run. A row that belongs to no value has a first above its last.

So that the cost is not rows × values, partial results of long runs are merged before they are spread: ``Blocks`` cuts
runs into few different ones, ``Changes`` keeps only where they begin and end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headrace.grammar.expression import Expression, columns_of, parameters_of
from headrace.grammar.types import Schema, Type
from headrace.plan.derivation import Derivation
from headrace.plan.relation import Key, Relation, RowBounds, Selection
from headrace.plan.scans import Rows

NUMBER = Type("integer")


@dataclass(frozen=True, slots=True)
class Bound(Expression):
    """A condition ``value <= threshold`` (a start) or ``value >= threshold`` (an end), strict unless ``inclusive``.

    ``value`` is over the rows that are read; ``threshold``, over a row of the values, does not fall from one value to
    the next. Null fulfils no condition, unless ``open``: then a null value bounds nothing.
    """

    value: Expression
    threshold: Expression
    inclusive: bool
    open: bool = False

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.value,)


@dataclass(frozen=True, eq=False)
class Intervals(Relation):
    """Rows of ``input``, each with the numbers ``first`` and ``last`` of the values for which all bounds hold.

    ``values`` has the column ``number``, from 1 upward in the order of the thresholds. A start holds from some value
    on, an end up to some value. Without a start the run begins at 1, without an end it reaches the last value. Rows
    for which a bound is null are left out.
    """

    input: Relation
    values: Relation
    number: str
    starts: tuple[Bound, ...]
    ends: tuple[Bound, ...]
    first: str = "first"
    last: str = "last"

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return (self.input, self.values)

    def _schema(self) -> Schema:
        return Schema((*self.input.schema.columns, (self.first, NUMBER), (self.last, NUMBER)))

    def _keys(self) -> Iterable[Key]:
        return self.input.keys

    def _rows(self) -> RowBounds:
        return RowBounds(0, self.input.rows.most)

    def _parameters(self) -> frozenset[str]:
        return frozenset().union(*(parameters_of(bound) for bound in (*self.starts, *self.ends)))

    @property
    def is_ordered(self) -> bool:
        """Whether a run that begins later never ends earlier: all bounds are on one and the same value."""
        values = {bound.value for bound in (*self.starts, *self.ends)}
        return len(values) == 1 and not any(bound.open for bound in self.ends)

    @property
    def knows_values(self) -> bool:
        """Whether the values were written down: they are finite then, and each has a next one of its type."""
        written = self.values.inputs or (self.values,)
        return all(isinstance(each, Rows) and not _is_far(each) for each in written)

    def derivations(self) -> Mapping[str, Derivation]:
        read = [(0, column.name) for bound in (*self.starts, *self.ends) for column in columns_of(bound.value)]
        run = Derivation.named("filtered_by", sorted(set(read)))
        return {
            **{name: Derivation.copy((0, name)) for name in self.input.schema.names},
            self.first: run,
            self.last: run,
        }


def _is_far(rows: Rows) -> bool:
    """Whether a whole number among the values may be the last there is, or lead to it."""
    return any(isinstance(value.value, int) and value.value >= _FAR for row in rows.values for value in row)


_FAR = 2**53

STEPPED = ("date", "integer", "timestamp", "timestamptz")
"""Kinds of which each finite value has a next one, so that ``value > threshold`` is ``value >= the next``."""


@dataclass(frozen=True, eq=False)
class Cells(Relation):
    """Rows of ``input``, each with the number of its ``cell``: ``Intervals`` gives rows of one cell the same run.

    All ``bounds``, of which the first ``starts`` are starts, are on one value, of a kind in ``STEPPED``, and the values
    are finite: between two neighbouring thresholds nothing changes. Rows whose value is null are left out, unless all
    bounds are open.
    """

    input: Relation
    values: Relation
    bounds: tuple[Bound, ...]
    starts: int
    cell: str

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return (self.input, self.values)

    def _schema(self) -> Schema:
        return Schema((*self.input.schema.columns, (self.cell, NUMBER)))

    def _keys(self) -> Iterable[Key]:
        return self.input.keys

    def _rows(self) -> RowBounds:
        return RowBounds(0, self.input.rows.most)

    def _parameters(self) -> frozenset[str]:
        return frozenset().union(*(parameters_of(bound) for bound in self.bounds))

    def derivations(self) -> Mapping[str, Derivation]:
        read = sorted({(0, column.name) for bound in self.bounds for column in columns_of(bound.value)})
        cell = Derivation.named("filtered_by", read)
        return {**{name: Derivation.copy((0, name)) for name in self.input.schema.names}, self.cell: cell}


@dataclass(frozen=True, eq=False)
class Disjoint(Selection):
    """The runs of ``input`` cut so that no two of rows alike in ``by`` have a number in common, their union the same.

    In order of their beginning, each run counts from the greater of its first number and the one after the greatest
    last number before it; what is empty then is left out. ``ordered``: runs that begin later never end earlier, so that
    the run before is enough to look at.
    """

    by: tuple[str, ...]
    first: str = "first"
    last: str = "last"
    ordered: bool = False

    def _keys(self) -> Iterable[Key]:
        return (*self.input.keys, Key((*self.by, self.first)))

    def _rows(self) -> RowBounds:
        return RowBounds(0, self.input.rows.most)


@dataclass(frozen=True, eq=False)
class Blocks(Selection):
    """Each run of ``input`` as runs that do not overlap, their union the same, of which there are few different ones.

    The lengths are powers of two, and a run of length ``n`` ends at a multiple of ``n``: a run becomes at most two of
    each length, and ``most`` values have fewer than ``2 * most`` such runs (those of a segment tree: J. L. Bentley,
    Algorithms for Klee's rectangle problems, 1977). Without ``most``, any number of values.
    """

    first: str
    last: str
    most: int | None = None

    def _keys(self) -> Iterable[Key]:
        return (key | {self.first} for key in self.input.keys if self.first not in key and self.last not in key)


@dataclass(frozen=True, eq=False)
class Changes(Relation):
    """For each group and ``number``: ``measures`` of the runs of ``input`` that begin there, as one row, and, as
    another, those of the runs that ended just before it, negated.

    The running sums of a measure by number are what it is over all runs that the number belongs to. ``measures`` are
    counts and sums of whole numbers: of others, what was added cannot be taken off again without a trace.
    """

    input: Relation
    by: tuple[str, ...]
    first: str
    last: str
    number: str
    measures: tuple[tuple[str, Expression], ...]

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return (self.input,)

    def _schema(self) -> Schema:
        groups = tuple((name, self.input.schema[name]) for name in self.by)
        measures = tuple((name, value.type) for name, value in self.measures)
        return Schema((*groups, (self.number, NUMBER), *measures))

    def _rows(self) -> RowBounds:
        most = self.input.rows.most
        return RowBounds(0, None if most is None else 2 * most)

    def _parameters(self) -> frozenset[str]:
        return frozenset().union(*(parameters_of(value) for _, value in self.measures))

    def derivations(self) -> Mapping[str, Derivation]:
        run = Derivation.named("filtered_by", ((0, self.first), (0, self.last)))
        return {
            **{name: Derivation.copy((0, name)) for name in self.by},
            self.number: run,
            **{name: Derivation.computed(value) for name, value in self.measures},
        }


@dataclass(frozen=True, eq=False)
class Spread(Relation):
    """One row for each number of each run of ``input``: its columns without ``first`` and ``last``, and ``number``."""

    input: Relation
    first: str
    last: str
    number: str

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return (self.input,)

    def _schema(self) -> Schema:
        kept = [(name, type_) for name, type_ in self.input.schema if name not in (self.first, self.last)]
        return Schema((*kept, (self.number, NUMBER.with_null(False))))

    def _keys(self) -> Iterable[Key]:
        for key in self.input.keys:
            if self.first not in key and self.last not in key:
                yield key | {self.number}

    def derivations(self) -> Mapping[str, Derivation]:
        run = Derivation.named("filtered_by", ((0, self.first), (0, self.last)))
        return {name: run if name == self.number else Derivation.copy((0, name)) for name in self.schema.names}
