"""What the type checker knows of a part of a formula, and of the place it stands in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal as Choice

from headrace.diagnostics import Span
from headrace.grammar.expression import Aggregate, Column, Expression, Literal, Window, walk
from headrace.grammar.types import Type

Base = Choice["constant", "row", "aggregate"]
"""What a value belongs to: nothing, one row, or the many rows of a group."""


@dataclass(frozen=True, slots=True)
class Part:
    """A typed part of a formula: where it stands, what it belongs to, whether it looks at other rows, and its extent.

    ``size`` counts expressions and ``depth`` how far they nest, with all formulas put in.
    """

    expression: Expression
    span: Span
    base: Base = "constant"
    window: bool = False
    size: int = 1
    depth: int = 1

    @property
    def type(self) -> Type:
        return self.expression.type

    @property
    def is_null(self) -> bool:
        """Whether it is the word null, still without a type of its own."""
        return isinstance(self.expression, Literal) and self.expression.value is None

    @property
    def text(self) -> str | None:
        """The text, where the part is a text constant."""
        expression = self.expression
        if isinstance(expression, Literal) and isinstance(expression.value, str) and expression.type.kind == "text":
            return expression.value
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of a formula stands.

    ``grouped``: names are the keys of groups; ``aggregates``, ``windows``: whether such may stand here; ``inside``:
    the aggregate or window function whose argument or clause this is.
    """

    grouped: bool = False
    aggregates: bool = False
    windows: bool = False
    inside: str | None = None


def base_of(bases: Iterable[Base]) -> Base | None:
    """What a value made of values with the given bases belongs to; None where they do not go together."""
    found = {base for base in bases if base != "constant"}
    if len(found) > 1:
        return None
    return found.pop() if found else "constant"


def part_of(expression: Expression, span: Span) -> Part:
    """A part for an expression that someone else has typed."""
    if isinstance(expression, Column):
        return Part(expression, span, "row")
    base: Base = "constant"
    window = False
    size = 0
    for node in walk(expression):
        size += 1
        if isinstance(node, Window):
            window = True
        elif isinstance(node, Aggregate):
            base = "aggregate"
        elif isinstance(node, Column) and base == "constant":
            base = "row"
    if window and base == "aggregate":
        base = "row"
    return Part(expression, span, base, window, size)
