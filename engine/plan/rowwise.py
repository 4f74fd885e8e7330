"""Nodes that work row by row: projection and filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headrace.grammar.expression import Call, Column, Expression, Window, parameters_of
from headrace.grammar.types import Schema, Type
from headrace.plan.derivation import Derivation
from headrace.plan.relation import Key, Relation, RowBounds, Selection

_ROW_NUMBER = Call(Type("integer", nullable=False), "row_number", 0, ())


@dataclass(frozen=True, eq=False)
class Project(Relation):
    """The named expressions over each row of ``input``, windows over its rows among them."""

    input: Relation
    columns: tuple[tuple[str, Expression], ...]

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return (self.input,)

    def _schema(self) -> Schema:
        return Schema(tuple((name, expression.type) for name, expression in self.columns))

    def _keys(self) -> Iterable[Key]:
        names: dict[str, str] = {}
        for name, expression in self.columns:
            if isinstance(expression, Column):
                names.setdefault(expression.name, name)
        for key in self.input.keys:
            if all(column in names for column in key):
                yield Key(names[column] for column in key)
        for name, expression in self.columns:
            # Rows that are alike in what they are numbered by have different numbers.
            if isinstance(expression, Window) and expression.function == _ROW_NUMBER:
                within = [names.get(each.name) if isinstance(each, Column) else None for each in expression.partition]
                if None not in within:
                    yield Key((name, *(each for each in within if each is not None)))

    def _rows(self) -> RowBounds:
        return self.input.rows

    def _parameters(self) -> frozenset[str]:
        return frozenset().union(*(parameters_of(expression) for _, expression in self.columns))

    def derivations(self) -> Mapping[str, Derivation]:
        return {name: Derivation.computed(expression) for name, expression in self.columns}


@dataclass(frozen=True, eq=False)
class Filter(Selection):
    """The rows of ``input`` for which ``predicate`` is true."""

    predicate: Expression

    def _rows(self) -> RowBounds:
        return RowBounds(0, self.input.rows.most)

    def _parameters(self) -> frozenset[str]:
        return frozenset(parameters_of(self.predicate))

    def decisions(self) -> tuple[Derivation, ...]:
        return (Derivation.decided("filtered_by", self.predicate),)
