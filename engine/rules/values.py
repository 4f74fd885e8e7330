"""The values of an expansion's parameters as relations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from headrace.grammar.expression import Call, Column, Expression, Literal, Order, ParameterValue, Window, transform
from headrace.grammar.types import Schema, Type
from headrace.plan import Expansion, Project, Relation, Rows, postorder
from headrace.plan.names import NameSpace

_NUMBER = Type("integer", nullable=False)


@dataclass
class ParameterValues:
    """The parameters of one expansion: their values as a relation, and the columns by which plans know them.

    ``columns`` gives each parameter its column, a name that no column of the expansion's body has.
    """

    expansion: Expansion
    columns: Mapping[str, str] = field(init=False)
    names: NameSpace = field(init=False)

    def __post_init__(self) -> None:
        self.names = NameSpace(name for node in postorder(self.expansion.body) for name in node.schema.names)
        self.columns = {name: self.names.claim(name) for name in self.expansion.names.names}

    @property
    def parameters(self) -> frozenset[str]:
        return frozenset(self.columns)

    @cached_property
    def schema(self) -> Schema:
        return Schema(tuple((self.columns[name], type_) for name, type_ in self.expansion.names))

    @cached_property
    def ascending(self) -> tuple[Literal, ...]:
        """The values of the one parameter that were written down, in their order."""
        return tuple(sorted((row[0] for row in self.expansion.values), key=_comparable))

    @cached_property
    def relation(self) -> Relation:
        """One row a value, its columns those of ``schema``."""
        label = "_".join(self.expansion.names.names) + "_values"
        given = self.expansion.given
        if given is None:
            given = Rows("v", self.schema, self.expansion.values, step=label)
            plain = tuple((name, Column(type_, name)) for name, type_ in self.schema)
        else:
            plain = tuple((self.columns[name], Column(type_, name)) for name, type_ in self.expansion.names)
        return Project(given, plain, step=label)

    def numbered(self, parameter: str, number: str) -> Relation:
        """The values of the one ``parameter`` in ascending order, with their ``number`` from 1."""
        (column, type_), *others = self.schema.columns
        if others:
            raise ValueError("values of several parameters have no one order")
        label = f"{parameter}_values"
        schema = Schema(((column, type_), (number, _NUMBER)))
        given = self.expansion.given
        if given is None:
            counted = tuple((value, Literal(_NUMBER, place)) for place, value in enumerate(self.ascending, 1))
            plain = tuple((name, Column(each, name)) for name, each in schema)
            return Project(Rows("v", schema, counted, step=label), plain, step=label)
        value = Column(type_, parameter)
        position = Window(_NUMBER, Call(_NUMBER, "row_number", 0, ()), (), (Order(value),))
        return Project(given, ((column, value), (number, position)), step=label)

    def as_columns(self, expression: Expression, side: int = 0) -> Expression:
        """The expression with each parameter the column of its values."""
        return transform(expression, lambda each: self.column(each, side))

    def column(self, expression: Expression, side: int = 0) -> Expression | None:
        """The column of a parameter; None for any other expression."""
        if isinstance(expression, ParameterValue) and expression.name in self.columns:
            return Column(expression.type, self.columns[expression.name], side)
        return None


def _comparable(literal: Literal) -> Any:
    """The value, which those of one parameter can be compared with: they are of one type and not null."""
    return literal.value
