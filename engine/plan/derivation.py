"""How one column of a plan node is made of the columns of its inputs, and what decides which rows there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal as Choice

from headrace.grammar.expression import Aggregate, Case, Cast, Column, Expression, Order, Window
from headrace.grammar.formula import widens

Direct = Choice["copied", "computed", "aggregated"]
Indirect = Choice["filtered_by", "joined_on", "grouped_by", "ordered_by", "chosen_by"]
How = Direct | Indirect
"""What a column is to another. Direct: its values are in it, as they are, in a formula, or many made one. Indirect: it
only decides. ``chosen_by`` is a condition of ``if``; the others have the names of the steps that do the same."""

DIRECT: tuple[How, ...] = ("copied", "computed", "aggregated")
"""The direct ones; of two in a row, the later counts."""


@dataclass(frozen=True, slots=True)
class Use:
    """A column of the input number ``input``, and what it is used for."""

    input: int
    column: str
    how: How


@dataclass(frozen=True, slots=True)
class Derivation:
    """The columns that something is made of, and the formula that does it, where one does (else they are copied).

    ``formula`` is an expression over the inputs, or words where no expression says it.
    """

    uses: tuple[Use, ...]
    formula: Expression | str | None = None

    @classmethod
    def copy(cls, *columns: tuple[int, str]) -> Derivation:
        """Of columns as they are: one, or one of each branch."""
        return cls(tuple(Use(number, name, "copied") for number, name in columns))

    @classmethod
    def computed(cls, expression: Expression) -> Derivation:
        """Of what an expression reads; a bare column, and one that is only widened, is copied."""
        inner = expression
        while isinstance(inner, Cast) and widens(inner):
            inner = inner.operand
        if isinstance(inner, Column):
            return cls.copy((inner.side, inner.name))
        return cls(tuple(dict.fromkeys(_uses(expression, "computed"))), expression)

    @classmethod
    def decided(cls, how: Indirect, expression: Expression) -> Derivation:
        """What a predicate, a group key or an order reads, all of it indirect."""
        uses = (Use(use.input, use.column, how) for use in _uses(expression, how))
        return cls(tuple(dict.fromkeys(uses)), expression)

    @classmethod
    def named(cls, how: Indirect, columns: Iterable[tuple[int, str]], words: str = "") -> Derivation:
        """Columns that decide by themselves, and the words for what they decide."""
        return cls(tuple(Use(number, name, how) for number, name in columns), words or None)


def decided_by_order(order: Iterable[Order]) -> tuple[Derivation, ...]:
    """What the terms of an order read."""
    return tuple(Derivation.decided("ordered_by", term.value) for term in order)


def _uses(expression: Expression, how: How) -> Iterator[Use]:
    """The columns of an expression by what they are to its value, outermost first. Within a condition or an order,
    everything is that."""
    stack: list[tuple[Expression, How]] = [(expression, how)]
    while stack:
        node, role = stack.pop()
        if isinstance(node, Column):
            yield Use(node.side, node.name, role)
            continue
        stack.extend(reversed([(child, _role(part, role)) for part, child in _parts(node)]))


def _parts(node: Expression) -> Iterator[tuple[How, Expression]]:
    """The parts of an expression, each with what it is to the whole."""
    if isinstance(node, Case):
        for condition, value in node.branches:
            yield "chosen_by", condition
            yield "computed", value
        yield "computed", node.otherwise
    elif isinstance(node, Aggregate):
        yield from (("aggregated", argument) for argument in node.arguments)
        if node.where is not None:
            yield "filtered_by", node.where
        yield from (("ordered_by", term.value) for term in node.order)
    elif isinstance(node, Window):
        yield "computed", node.function
        yield from (("grouped_by", part) for part in node.partition)
        yield from (("ordered_by", term.value) for term in node.order)
    else:
        yield from (("computed", child) for child in node.children)


def _role(part: How, whole: How) -> How:
    return part if whole in DIRECT and (part not in DIRECT or _later(part, whole)) else whole


def _later(one: How, other: How) -> bool:
    return DIRECT.index(one) > DIRECT.index(other)


def combined(outer: How, inner: How) -> How:
    """What a column is to a third, by way of a second: what decides does so whatever it is made of.

    >>> combined("copied", "aggregated"), combined("computed", "filtered_by"), combined("joined_on", "computed")
    ('aggregated', 'filtered_by', 'joined_on')
    """
    if outer not in DIRECT:
        return outer
    if inner not in DIRECT:
        return inner
    return outer if _later(outer, inner) else inner
