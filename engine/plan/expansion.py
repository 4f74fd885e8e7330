"""The parametric expansion: a plan computed once for each value of its parameters, the results stacked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headrace.grammar.expression import Literal, ParameterValue
from headrace.grammar.types import Schema
from headrace.plan.derivation import Derivation
from headrace.plan.relation import Key, Relation, RowBounds


@dataclass(frozen=True, eq=False)
class Expansion(Relation):
    """For each of ``values``, ``body`` with ``names`` bound to it, the parameter columns put in front.

    ``body`` holds no scan of a node that depends on ``names``: such nodes stand in it as plans.
    """

    body: Relation
    names: Schema
    values: tuple[tuple[Literal, ...], ...]

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return (self.body,)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "parameters", self.parameters - frozenset(self.names.names))

    def _schema(self) -> Schema:
        return Schema((*self.names.columns, *self.body.schema.columns))

    def _keys(self) -> Iterable[Key]:
        return (Key(self.names.names) | key for key in self.body.keys)

    def _rows(self) -> RowBounds:
        most = self.body.rows.most
        return RowBounds(self.body.rows.least * len(self.values), None if most is None else most * len(self.values))

    def derivations(self) -> Mapping[str, Derivation]:
        parameters = {name: Derivation((), ParameterValue(type_, name)) for name, type_ in self.names}
        return {**parameters, **{name: Derivation.copy((0, name)) for name in self.body.schema.names}}
