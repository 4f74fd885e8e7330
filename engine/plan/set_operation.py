"""Intersection and difference of relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal as Choice

from headrace.grammar.types import Schema
from headrace.plan.derivation import Derivation
from headrace.plan.relation import Key, Relation, RowBounds


@dataclass(frozen=True, eq=False)
class SetOperation(Relation):
    """The different rows of the first branch that are in all others (``intersect``), or in none (``except``).

    Rows are alike where all columns are, null being like null. Every branch has the columns of ``columns``, in that
    order and of those types but for null.
    """

    kind: Choice["intersect", "except"]
    branches: tuple[Relation, ...]
    columns: Schema

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return self.branches

    def _schema(self) -> Schema:
        return self.columns

    def _keys(self) -> Iterable[Key]:
        yield Key(self.columns.names)
        for branch in self.branches if self.kind == "intersect" else self.branches[:1]:
            yield from branch.keys

    def _rows(self) -> RowBounds:
        known = self.branches if self.kind == "intersect" else self.branches[:1]
        bounds = [branch.rows.most for branch in known if branch.rows.most is not None]
        return RowBounds(0, min(bounds, default=None))

    def derivations(self) -> Mapping[str, Derivation]:
        return {name: Derivation.copy((0, name)) for name in self.columns.names}

    def decisions(self) -> tuple[Derivation, ...]:
        """Whether a row is also in the other branches: all its columns are compared."""
        numbers = range(len(self.branches))
        compared = ((number, name) for name in self.columns.names for number in numbers)
        return (Derivation.named("joined_on", compared, f"the same row ({self.kind})"),)
