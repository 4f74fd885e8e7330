"""The union of relations, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headrace.grammar.types import Schema
from headrace.plan.derivation import Derivation
from headrace.plan.relation import Key, Relation, RowBounds


@dataclass(frozen=True, eq=False)
class Union(Relation):
    """All rows of all branches. Every branch has the columns of ``columns``, in that order and of those types.

    ``apart`` are columns in which no rows of two branches are alike, where some are known.
    """

    branches: tuple[Relation, ...]
    columns: Schema
    apart: Key | None = None

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return self.branches

    def _schema(self) -> Schema:
        return self.columns

    def _keys(self) -> Iterable[Key]:
        if len(self.branches) == 1:
            return self.branches[0].keys
        if self.apart is None:
            return ()
        common = [self.apart]
        for branch in self.branches:
            common = [ours | theirs for ours in common for theirs in branch.keys][:64]
        return common

    def _rows(self) -> RowBounds:
        most: int | None = 0
        for branch in self.branches:
            most = None if most is None or branch.rows.most is None else most + branch.rows.most
        return RowBounds(sum(branch.rows.least for branch in self.branches), most)

    def derivations(self) -> Mapping[str, Derivation]:
        numbers = range(len(self.branches))
        return {name: Derivation.copy(*((number, name) for number in numbers)) for name in self.columns.names}
