"""Rows of which something is known that the plan below does not show, because a run has checked it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from headrace.grammar.types import Schema
from headrace.plan.relation import Key, RowBounds, Selection


@dataclass(frozen=True, slots=True)
class Known:
    """What a check that holds says of a relation: a key, columns that are never null, bounds of the row count."""

    unique: tuple[Key, ...] = ()
    never_null: frozenset[str] = frozenset()
    bounds: RowBounds = field(default_factory=RowBounds)


@dataclass(frozen=True, eq=False)
class Assured(Selection):
    """The rows of ``input``, all of them. A run that checks ``known`` before anything reads them may count on it.

    What computes rows without such a check, as a preview does, takes ``input`` in its place.
    """

    known: tuple[Known, ...]

    def _schema(self) -> Schema:
        never = frozenset().union(*(each.never_null for each in self.known))
        columns = ((name, type_.with_null(False) if name in never else type_) for name, type_ in self.input.schema)
        return Schema(tuple(columns))

    def _keys(self) -> Iterable[Key]:
        return (*self.input.keys, *(key for each in self.known for key in each.unique))

    def _rows(self) -> RowBounds:
        least, most = self.input.rows.least, self.input.rows.most
        for each in self.known:
            least = max(least, each.bounds.least)
            if each.bounds.most is not None:
                most = each.bounds.most if most is None else min(most, each.bounds.most)
        return RowBounds(least, most)
