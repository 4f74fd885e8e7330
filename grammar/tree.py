"""The syntax tree of a formula: what was written, before it means anything.

Every node has a ``span`` into the formula's text. Spans do not count when trees are compared, so
``parse(print_tree(tree)) == tree``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from headrace.diagnostics import Span

_NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Node:
    """What all nodes share."""

    span: Span = field(default=_NOWHERE, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Text(Node):
    """``"FR"``."""

    value: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """``12``, ``0.5``, ``1e-3``: kept as written, so that nothing is lost before its type is known."""

    text: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """``true``, ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    """``null``."""


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """``2 years 3 months``: parts in order, each a whole or decimal number as written and a unit in the singular."""

    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A column, or a path through relations to one: ``amount``, ``[Unit price]``, ``customer.country``."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """``$month``."""

    name: str


@dataclass(frozen=True, slots=True)
class Star(Node):
    """The ``*`` of ``count(*)``."""


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """``-x``, ``not x``; operator is ``-``, ``+`` or ``not``."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Two operands. Operators, in canonical spelling: ``or and = != < <= > >= ?? & + - * / // % ^``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """``x in (a, b)``, ``x not in (a, b)``, ``x in $list`` (then ``items`` is that one parameter)."""

    operand: Node
    items: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``x between low and high``."""

    operand: Node
    low: Node
    high: Node
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Like(Node):
    """``x like pattern``, ``x ilike pattern``."""

    operand: Node
    pattern: Node
    case_sensitive: bool = True
    negated: bool = False


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    """``x is null``, ``x is not null``."""

    operand: Node
    negated: bool = False


@dataclass(frozen=True, slots=True)
class IsDistinct(Node):
    """``x is distinct from y``; ``negated`` for ``is not distinct from``."""

    left: Node
    right: Node
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """``x::decimal(12, 2)``; ``type_name`` in canonical spelling where it names a type, else as written."""

    operand: Node
    type_name: str


@dataclass(frozen=True, slots=True)
class Case(Node):
    """``case [operand] when condition then value … [else otherwise] end``."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node | None = None
    operand: Node | None = None


@dataclass(frozen=True, slots=True)
class Order(Node):
    """One term of ``order by``; ``nulls_first`` is None where nothing was said (then nulls come last)."""

    value: Node
    descending: bool = False
    nulls_first: bool | None = None


@dataclass(frozen=True, slots=True)
class Frame(Node):
    """``rows 7`` (a number) or ``range 30 days`` (a duration): this row and what goes before it."""

    kind: str
    size: Node


@dataclass(frozen=True, slots=True)
class Clauses(Node):
    """What may follow the arguments of a call. ``per`` is None where not said, () for ``per ()``."""

    distinct: bool = False
    where: Node | None = None
    per: tuple[Node, ...] | None = None
    order: tuple[Order, ...] = ()
    frame: Frame | None = None

    @property
    def said(self) -> bool:
        return bool(self.distinct or self.where or self.per is not None or self.order or self.frame)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``name(arguments clauses)``; the name in small letters, ``name_span`` where it stands."""

    name: str
    arguments: tuple[Node, ...] = ()
    clauses: Clauses = Clauses()
    name_span: Span = field(default=_NOWHERE, compare=False, kw_only=True)


def names_in(tree: Node) -> set[str]:
    """The unqualified names that stand in a formula.

    >>> sorted(names_in(Binary("+", Name(("a",)), Name(("customer", "b")))))
    ['a']
    """
    return {path[0] for path in _paths(tree) if len(path) == 1}


def paths_in(tree: Node) -> set[tuple[str, ...]]:
    """The paths through relations that stand in a formula, each with the column at its end.

    >>> paths_in(Binary("+", Name(("a",)), Name(("customer", "b"))))
    {('customer', 'b')}
    """
    return {path for path in _paths(tree) if len(path) > 1}


def _paths(tree: Node) -> Iterator[tuple[str, ...]]:
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(node)
        elif isinstance(node, Name):
            yield node.path
        elif isinstance(node, Node):
            waiting.extend(getattr(node, name) for name in node.__dataclass_fields__)


def calls_in(tree: Node) -> list[Call]:
    """The calls that stand in a formula, in the order in which they begin.

    >>> [call.name for call in calls_in(Call("sum", (Call("round", (Name(("a",)),)),)))]
    ['sum', 'round']
    """
    found: list[Call] = []
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Call):
            found.append(node)
        if isinstance(node, tuple):
            waiting.extend(node)
        elif isinstance(node, Node):
            waiting.extend(getattr(node, name) for name in node.__dataclass_fields__)
    return sorted(found, key=lambda call: call.span.start)
