"""The parametric expansion: a plan computed once for each value of its parameters, the results stacked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal as Choice

from headrace.grammar.expression import Literal, ParameterValue
from headrace.grammar.types import Schema
from headrace.plan.aggregation import Aggregation
from headrace.plan.derivation import Derivation
from headrace.plan.relation import Key, Relation, RowBounds, postorder

Strategy = Choice["union", "lateral", "join", "sweep"]
"""How an expansion is computed: once a value, for each row of the values, as a join with them, or in one pass."""

MOST_BRANCHES = 1000
"""Branches of one statement's UNION ALL: with ten times as many, PostgreSQL's stack overflows."""

MOST_GROUPED_BRANCHES = 40
"""As many where branches group rows: each keeps its hash table until the statement ends (measured: 40 MB a branch)."""


@dataclass(frozen=True, eq=False)
class Expansion(Relation):
    """For each of its values, ``body`` with ``names`` bound to it, the parameter columns put in front.

    The values are ``values``, one row of literals each, or the rows of ``given``, a relation with the columns
    ``names``, no two rows alike and none null, that is known only when the program runs. ``body`` holds no scan of a
    node that depends on ``names``: such nodes stand in it as plans. ``strategy`` is how it is to be computed, where
    that is said or decided; it changes no row.
    """

    body: Relation
    names: Schema
    values: tuple[tuple[Literal, ...], ...] = ()
    given: Relation | None = None
    strategy: Strategy | None = None

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return (self.body,) if self.given is None else (self.body, self.given)

    def __post_init__(self) -> None:
        super().__post_init__()
        free = self.body.parameters - frozenset(self.names.names)
        object.__setattr__(self, "parameters", free if self.given is None else free | self.given.parameters)

    @property
    def most_branches(self) -> int:
        """How many values one statement may hold as a union."""
        names = frozenset(self.names.names)

        def dependent(node: Relation) -> tuple[Relation, ...]:
            return tuple(each for each in node.inputs if each.parameters & names)

        grouped = any(isinstance(node, Aggregation) and node.groups for node in postorder(self.body, dependent))
        return MOST_GROUPED_BRANCHES if grouped else MOST_BRANCHES

    @property
    def depends(self) -> bool:
        """Whether the body depends on the parameters at all."""
        return bool(self.body.parameters & frozenset(self.names.names))

    def _schema(self) -> Schema:
        return Schema((*self.names.columns, *self.body.schema.columns))

    def _keys(self) -> Iterable[Key]:
        return (Key(self.names.names) | key for key in self.body.keys)

    def _rows(self) -> RowBounds:
        count = RowBounds(len(self.values), len(self.values)) if self.given is None else self.given.rows
        body = self.body.rows
        most = None if body.most is None or count.most is None else body.most * count.most
        return RowBounds(body.least * count.least, most)

    def derivations(self) -> Mapping[str, Derivation]:
        parameters = {
            name: Derivation((), ParameterValue(type_, name)) if self.given is None else Derivation.copy((1, name))
            for name, type_ in self.names
        }
        return {**parameters, **{name: Derivation.copy((0, name)) for name in self.body.schema.names}}
