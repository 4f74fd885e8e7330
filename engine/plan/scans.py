"""The leaves of a plan: tables of the warehouse, loaded files, other nodes, written rows, series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from headrace.grammar.expression import Literal
from headrace.grammar.types import Schema
from headrace.plan.derivation import Derivation
from headrace.plan.relation import Key, Relation, RowBounds


class Leaf(Relation):
    """A leaf whose columns and keys are told to it."""

    columns: Schema
    unique: tuple[Key, ...]

    def _schema(self) -> Schema:
        return self.columns

    def _keys(self) -> Iterable[Key]:
        return self.unique

    def derivations(self) -> Mapping[str, Derivation]:
        return {name: Derivation(()) for name in self.columns.names}


@dataclass(frozen=True, eq=False)
class TableScan(Leaf):
    """A table or view that was there before: ``table`` is its qualified name (``shop.orders``)."""

    source: str
    table: str
    columns: Schema
    unique: tuple[Key, ...] = ()


@dataclass(frozen=True, eq=False)
class FileScan(Leaf):
    """A CSV file, loaded before anything reads it."""

    source: str
    path: str
    columns: Schema
    unique: tuple[Key, ...] = ()


@dataclass(frozen=True, eq=False)
class NodeScan(Leaf):
    """The result of another node. ``free`` are the parameters that node still depends on."""

    node: str
    columns: Schema
    unique: tuple[Key, ...] = ()
    bounds: RowBounds = field(default_factory=RowBounds)
    free: frozenset[str] = frozenset()

    def _rows(self) -> RowBounds:
        return self.bounds

    def _parameters(self) -> frozenset[str]:
        return self.free


@dataclass(frozen=True, eq=False)
class Rows(Leaf):
    """A small table written in the document: every row a literal for each column, of the column's type."""

    source: str
    columns: Schema
    values: tuple[tuple[Literal, ...], ...]
    unique: tuple[Key, ...] = ()

    def _rows(self) -> RowBounds:
        return RowBounds(len(self.values), len(self.values))


@dataclass(frozen=True, eq=False)
class Series(Relation):
    """One column of ``count`` evenly spaced values: value k is ``start`` + k × ``every``, for k from 0.

    ``every`` is an interval for dates and timestamps, an integer for integers; with ``end`` (week, month, quarter or
    year) each value is moved to the last day of the one it falls in.
    """

    source: str
    column: str
    columns: Schema
    start: Literal
    every: Literal
    count: int
    end: str | None = None

    def _schema(self) -> Schema:
        return self.columns

    def _keys(self) -> Iterable[Key]:
        return (Key({self.column}),)

    def _rows(self) -> RowBounds:
        return RowBounds(self.count, self.count)

    def derivations(self) -> Mapping[str, Derivation]:
        return {self.column: Derivation(())}
