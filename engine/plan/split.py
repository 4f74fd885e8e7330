"""Rows made of the parts of a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headrace.grammar.types import Schema, Type
from headrace.plan.derivation import Derivation, Use
from headrace.plan.relation import Key, Relation, RowBounds

_POSITION = Type("integer", nullable=False)


@dataclass(frozen=True, eq=False)
class Split(Relation):
    """A row for each part of ``column``, which ``at`` cuts; a null and an empty text are one part each.

    The part is the column ``into``, in the place of the column of that name or behind all others; ``position``, where
    it is given, counts the parts of a text from 1.
    """

    input: Relation
    column: str
    at: str
    into: str
    position: str | None = None

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return (self.input,)

    def _schema(self) -> Schema:
        columns = dict(self.input.schema.columns)
        columns[self.into] = Type("text", nullable=self.input.schema[self.column].nullable)
        if self.position is not None:
            columns[self.position] = _POSITION
        return Schema.of(columns)

    def _keys(self) -> Iterable[Key]:
        if self.position is None:
            return
        for key in self.input.keys:
            if self.into not in key:
                yield key | {self.position}

    def _rows(self) -> RowBounds:
        return RowBounds(self.input.rows.least, 0 if self.input.rows.most == 0 else None)

    def derivations(self) -> Mapping[str, Derivation]:
        made = {name: Derivation.copy((0, name)) for name in self.input.schema.names}
        text = (Use(0, self.column, "computed"),)
        made[self.into] = Derivation(text, f"part of {self.column}")
        if self.position is not None:
            made[self.position] = Derivation(text, f"position in {self.column}")
        return made

    def decisions(self) -> tuple[Derivation, ...]:
        return (Derivation.named("joined_on", ((0, self.column),), f"parts of {self.column}"),)
