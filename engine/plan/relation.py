"""What every plan node knows: its columns, its keys, how many rows it can have, what it depends on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from headrace.grammar.types import Schema
from headrace.plan.derivation import Derivation

Key = frozenset[str]
"""Columns in which no two rows are alike, nulls counted as alike. The empty key: there is at most one row."""

_MOST_KEYS = 8


@dataclass(frozen=True, slots=True)
class RowBounds:
    """How many rows a relation has: at least ``least``, at most ``most`` (None: no bound is known)."""

    least: int = 0
    most: int | None = None

    @property
    def at_most_one(self) -> bool:
        return self.most is not None and self.most <= 1


@dataclass(frozen=True, eq=False)
class Relation(ABC):
    """A plan node: immutable, compared by identity.

    ``step`` names the step that made it, for its CTE and for messages. The facts below are computed when the node is
    made, from those of its inputs, so that reading them never recurses, however long the plan.
    """

    step: str = field(kw_only=True, default="")
    schema: Schema = field(init=False, repr=False)
    keys: tuple[Key, ...] = field(init=False, repr=False)
    rows: RowBounds = field(init=False, repr=False)
    parameters: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        schema = self._schema()
        object.__setattr__(self, "schema", schema)
        rows = self._rows()
        object.__setattr__(self, "rows", rows)
        keys = (Key(),) if rows.at_most_one else minimal(self._keys())
        object.__setattr__(self, "keys", keys)
        own = self._parameters()
        object.__setattr__(self, "parameters", own.union(*(each.parameters for each in self.inputs)))

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return ()

    @abstractmethod
    def _schema(self) -> Schema:
        """The columns that come out."""

    def _keys(self) -> Iterable[Key]:
        return ()

    def _rows(self) -> RowBounds:
        return RowBounds()

    def _parameters(self) -> frozenset[str]:
        return frozenset()

    @abstractmethod
    def derivations(self) -> Mapping[str, Derivation]:
        """For each column, how it is made of the inputs' columns. A leaf's are made of nothing."""

    def decisions(self) -> tuple[Derivation, ...]:
        """What decides which rows there are, how often, and in what order."""
        return ()

    def has_key(self, columns: Iterable[str]) -> bool:
        """Whether no two rows are alike in ``columns``."""
        given = frozenset(columns)
        return any(key <= given for key in self.keys)


@dataclass(frozen=True, eq=False)
class Selection(Relation):
    """A node that gives some or all rows of its one input, columns unchanged."""

    input: Relation

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return (self.input,)

    def _schema(self) -> Schema:
        return self.input.schema

    def _keys(self) -> Iterable[Key]:
        return self.input.keys

    def derivations(self) -> Mapping[str, Derivation]:
        return {name: Derivation.copy((0, name)) for name in self.schema.names}


def minimal(keys: Iterable[Key]) -> tuple[Key, ...]:
    """The keys of which no other is a part, smallest first, in an order that depends on nothing else."""
    kept: list[Key] = []
    for key in sorted(set(keys), key=lambda k: (len(k), sorted(k))):
        if not any(other <= key for other in kept):
            kept.append(key)
    return tuple(kept[:_MOST_KEYS])


def postorder(
    relation: Relation, inputs: Callable[[Relation], tuple[Relation, ...]] | None = None
) -> Iterator[Relation]:
    """Every node of the plan once, inputs before what reads them; ``inputs`` may say what counts as read."""
    seen: set[int] = set()
    stack: list[tuple[Relation, bool]] = [(relation, False)]
    while stack:
        node, entered = stack.pop()
        if entered:
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((each, False) for each in reversed(inputs(node) if inputs else node.inputs))
