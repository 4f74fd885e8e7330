"""A query that a user wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from headrace.grammar.expression import Expression, parameters_of
from headrace.grammar.types import Schema
from headrace.plan.derivation import Derivation
from headrace.plan.relation import Key, Relation, RowBounds

NOW = "now()"
"""The argument that is the instant of the run."""


@dataclass(frozen=True, eq=False)
class SqlQuery(Relation):
    """The rows of the query ``text`` (PostgreSQL), which reads ``relations`` under ``names``.

    ``text`` takes ``$name`` for each of ``arguments``: an expression without columns, or, for one of ``lists``, an
    ``In`` of which only the items count (a literal true or false where the list restricts nothing, or all). The
    argument ``now()`` is the instant of the run. ``inexact`` are the columns that are of another type in PostgreSQL
    (``int4``) than that of ``columns`` and are cast to it. ``defined`` are the names of the query's own WITH.
    ``made`` and ``decided`` say what its columns are made of and what decides its rows.
    """

    relations: tuple[Relation, ...]
    names: tuple[str, ...]
    text: str
    columns: Schema
    inexact: tuple[str, ...] = ()
    arguments: tuple[tuple[str, Expression], ...] = ()
    lists: tuple[str, ...] = ()
    defined: tuple[str, ...] = ()
    unique: tuple[Key, ...] = ()
    bounds: RowBounds = field(default_factory=RowBounds)
    made: tuple[tuple[str, Derivation], ...] = ()
    decided: tuple[Derivation, ...] = ()

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return self.relations

    def _schema(self) -> Schema:
        return self.columns

    def _keys(self) -> Iterable[Key]:
        return self.unique

    def _rows(self) -> RowBounds:
        return self.bounds

    def _parameters(self) -> frozenset[str]:
        return frozenset().union(*(parameters_of(expression) for _, expression in self.arguments))

    def derivations(self) -> Mapping[str, Derivation]:
        return dict(self.made)

    def decisions(self) -> tuple[Derivation, ...]:
        return self.decided
