"""What may stand at one place of a document, noted while it is bound: for completion, hover and explanation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from headrace.bind.bound import Stream
from headrace.grammar.expression import Expression, Level, Scope
from headrace.grammar.types import Schema, Type
from headrace.models.element import split_pointer

_ROW: tuple[Level, ...] = ("row",)


@dataclass
class Asked:
    """A place, and what binding finds there.

    ``stream`` are the rows that the step of the place takes (of a source or node: those that it gives), ``scope`` and
    ``levels`` what a formula there may name and be, ``columns`` those that a name there may mean, ``relation`` whether
    a name there is that of a source or node, ``typed`` the scope of the formula that is the place, ``reachable`` the
    columns that a formula may reach through relations. Where binding does not reach the place, they stay as they are.
    """

    pointer: str
    stream: Stream | None = None
    scope: Scope | None = None
    levels: Collection[Level] = _ROW
    columns: dict[str, Type] = field(default_factory=dict)
    relation: bool = False
    typed: Scope | None = None
    reachable: Mapping[tuple[str, ...], Mapping[str, Expression]] = field(default_factory=dict)

    @property
    def owner(self) -> str | None:
        """The name of the source or node in which the place lies."""
        parts = split_pointer(self.pointer)
        return parts[1] if len(parts) > 1 and parts[0] in ("sources", "nodes") else None

    @property
    def is_whole(self) -> bool:
        """Whether the place is a source, a node or a step itself, so that a formula there is over its rows."""
        parts = split_pointer(self.pointer)
        return self.owner is not None and (len(parts) == 2 or (len(parts) == 4 and parts[2] in ("steps", "then")))

    def is_in(self, pointer: str) -> bool:
        """Whether the place is what ``pointer`` leads to, or lies in it."""
        return self.pointer == pointer or self.pointer.startswith(pointer + "/")

    def step(self, pointer: str, stream: Stream | None, scope: Scope | None) -> None:
        """A step is about to be bound, over ``stream``."""
        if self.is_in(pointer):
            self.stream, self.scope = stream, scope

    def formula(self, pointer: str, scope: Scope, levels: Collection[Level]) -> None:
        """A formula is about to be typed; one that is typed over several inputs may name what they share."""
        if self.pointer != pointer:
            return
        if self.typed is not None:
            shared = {name: each for name, each in self.typed.columns.items() if name in scope.columns}
            scope = replace(self.typed, columns=shared)
        self.scope, self.levels, self.typed = scope, levels, scope

    def names(self, pointer: str, schema: Schema) -> None:
        """A name is about to be looked up among columns; one name may stand for a list of them."""
        if self.is_in(pointer) or (not self.is_whole and pointer.startswith(self.pointer + "/")):
            self.columns.update(schema.columns)

    def lookup(self, pointer: str) -> None:
        """A source or node is about to be looked up."""
        if self.is_in(pointer) or (not self.is_whole and pointer.startswith(self.pointer + "/")):
            self.relation = True
