"""Rows repeated for each value of a series that they bound themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headrace.grammar.expression import Expression, Literal, columns_of, parameters_of
from headrace.grammar.types import Schema, Type
from headrace.plan.derivation import Derivation, Use
from headrace.plan.relation import Key, Relation, RowBounds


@dataclass(frozen=True, eq=False)
class SeriesBetween(Relation):
    """Each row of ``input`` once for each value ``start`` + k × ``every``, for k from 0, not beyond ``stop``.

    The value is the new column ``column``, of the type ``type`` (date, timestamp or integer). ``start`` and ``stop``
    are over the row; where one of them is null the row does not come out. ``every`` and ``end`` are those of a
    ``Series``.
    """

    input: Relation
    column: str
    type: Type
    start: Expression
    stop: Expression
    every: Literal
    end: str | None = None

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return (self.input,)

    def _schema(self) -> Schema:
        return Schema((*self.input.schema.columns, (self.column, self.type)))

    def _keys(self) -> Iterable[Key]:
        return (key | {self.column} for key in self.input.keys)

    def _rows(self) -> RowBounds:
        return RowBounds(0, 0 if self.input.rows.most == 0 else None)

    def _parameters(self) -> frozenset[str]:
        return frozenset(parameters_of(self.start) | parameters_of(self.stop))

    def derivations(self) -> Mapping[str, Derivation]:
        made = {name: Derivation.copy((0, name)) for name in self.input.schema.names}
        bounds = sorted({column.name for bound in (self.start, self.stop) for column in columns_of(bound)})
        made[self.column] = Derivation(tuple(Use(0, name, "computed") for name in bounds), "series between bounds")
        return made

    def decisions(self) -> tuple[Derivation, ...]:
        return tuple(Derivation.decided("joined_on", bound) for bound in (self.start, self.stop))
