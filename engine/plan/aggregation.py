"""Nodes that make one row of several: aggregation and distinct."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headrace.grammar.expression import Column, Expression, parameters_of
from headrace.grammar.types import Schema
from headrace.plan.derivation import Derivation
from headrace.plan.relation import Key, Relation, RowBounds, Selection


@dataclass(frozen=True, eq=False)
class Aggregation(Relation):
    """One row for each group of rows alike in ``groups`` (nulls alike); without groups, one row always."""

    input: Relation
    groups: tuple[tuple[str, Expression], ...]
    measures: tuple[tuple[str, Expression], ...]

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return (self.input,)

    def _schema(self) -> Schema:
        return Schema(tuple((name, expression.type) for name, expression in (*self.groups, *self.measures)))

    def _keys(self) -> Iterable[Key]:
        yield Key(name for name, _ in self.groups)
        names = {expression.name: name for name, expression in self.groups if isinstance(expression, Column)}
        for key in self.input.keys:
            if all(column in names for column in key):
                yield Key(names[column] for column in key)

    def _rows(self) -> RowBounds:
        if not self.groups:
            return RowBounds(1, 1)
        return RowBounds(min(1, self.input.rows.least), self.input.rows.most)

    def _parameters(self) -> frozenset[str]:
        return frozenset().union(*(parameters_of(expression) for _, expression in (*self.groups, *self.measures)))

    def derivations(self) -> Mapping[str, Derivation]:
        return {name: Derivation.computed(expression) for name, expression in (*self.groups, *self.measures)}

    def decisions(self) -> tuple[Derivation, ...]:
        return tuple(Derivation.decided("grouped_by", expression) for _, expression in self.groups)


@dataclass(frozen=True, eq=False)
class Distinct(Selection):
    """The different rows of ``input``."""

    def _keys(self) -> Iterable[Key]:
        return (*self.input.keys, Key(self.input.schema.names))

    def _rows(self) -> RowBounds:
        return RowBounds(min(1, self.input.rows.least), self.input.rows.most)

    def decisions(self) -> tuple[Derivation, ...]:
        return (Derivation.named("grouped_by", ((0, name) for name in self.schema.names), "each row once"),)
