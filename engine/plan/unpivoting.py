"""The node that makes one row of each of several columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headrace.grammar.types import Schema, Type
from headrace.plan.derivation import Derivation
from headrace.plan.relation import Key, Relation, RowBounds


@dataclass(frozen=True, eq=False)
class Unpivot(Relation):
    """For each row of ``input``, a row for each of ``columns``: its name as ``name``, its value as ``value``.

    ``kept`` are the columns that are repeated. The values are of the type ``value_type``, to which each is cast;
    ``position``, where it is not None, counts the columns from 1.
    """

    input: Relation
    kept: tuple[str, ...]
    columns: tuple[str, ...]
    name: str
    value: str
    value_type: Type
    position: str | None = None

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return (self.input,)

    def _schema(self) -> Schema:
        columns = [(name, self.input.schema[name]) for name in self.kept]
        columns += [(self.name, Type("text", nullable=False)), (self.value, self.value_type)]
        if self.position is not None:
            columns.append((self.position, Type("integer", nullable=False)))
        return Schema(tuple(columns))

    def _keys(self) -> Iterable[Key]:
        for key in self.input.keys:
            if key <= set(self.kept):
                yield key | {self.name}
                if self.position is not None:
                    yield key | {self.position}

    def _rows(self) -> RowBounds:
        bounds, count = self.input.rows, len(self.columns)
        return RowBounds(bounds.least * count, None if bounds.most is None else bounds.most * count)

    def derivations(self) -> Mapping[str, Derivation]:
        derivations = {name: Derivation.copy((0, name)) for name in self.kept}
        derivations[self.name] = Derivation((), "the name of a column")
        derivations[self.value] = Derivation.copy(*((0, name) for name in self.columns))
        if self.position is not None:
            derivations[self.position] = Derivation((), "the position of a column")
        return derivations
