"""Typed expressions: what a formula means over a given schema. Plans hold these.

Expressions are frozen, plain data, compared by value. Function calls name an entry of the catalogue and one of its
signatures; operators are entries too (``add``, ``equal``, ``and``), so nothing downstream knows them apart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from operator import is_
from typing import TYPE_CHECKING, Any
from typing import Literal as Choice

from headrace.grammar.types import Type

if TYPE_CHECKING:
    from headrace.grammar.function import Function
    from headrace.grammar.own_functions import Functions

Level = Choice["row", "aggregate", "window"]
LEVELS: tuple[Level, ...] = ("row", "aggregate", "window")


@dataclass(frozen=True, slots=True)
class Interval:
    """A length of time, in the three parts PostgreSQL keeps apart; microseconds may exceed a day."""

    months: int = 0
    days: int = 0
    microseconds: int = 0

    def __neg__(self) -> Interval:
        return Interval(-self.months, -self.days, -self.microseconds)


Value = None | bool | int | Decimal | float | str | bytes | dt.date | dt.datetime | dt.time | Interval
"""What a literal can hold. A ``timestamptz`` is an aware datetime, a ``timestamp`` a naive one."""


@dataclass(frozen=True, slots=True)
class Expression:
    """What all expressions share: their type."""

    type: Type

    @property
    def children(self) -> tuple[Expression, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """A constant."""

    value: Value


@dataclass(frozen=True, slots=True)
class Column(Expression):
    """A column of the input relation; ``side`` is 1 for the right input of a join, else 0."""

    name: str
    side: int = 0


@dataclass(frozen=True, slots=True)
class ParameterValue(Expression):
    """The value of ``$name``; ``many`` where it is a list (only on the right of ``in``)."""

    name: str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Cast(Expression):
    """``operand`` as ``type``; it fails at run time where a value does not fit."""

    operand: Expression

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """A function or operator of the catalogue over rows; ``signature`` counts the entry's signatures from 0.

    ``entry`` is the function itself where a host has given it: the catalogue does not have it.
    """

    function: str
    signature: int
    arguments: tuple[Expression, ...]
    entry: Function | None = field(default=None, compare=False, repr=False)

    @property
    def children(self) -> tuple[Expression, ...]:
        return self.arguments


@dataclass(frozen=True, slots=True)
class In(Expression):
    """``operand in (items)``; one item that is a list parameter stands for its values."""

    operand: Expression
    items: tuple[Expression, ...]
    negated: bool = False

    @property
    def children(self) -> tuple[Expression, ...]:
        return (self.operand, *self.items)


@dataclass(frozen=True, slots=True)
class Case(Expression):
    """The value of the first branch whose condition is true, else ``otherwise``."""

    branches: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression

    @property
    def children(self) -> tuple[Expression, ...]:
        return (*(part for branch in self.branches for part in branch), self.otherwise)


@dataclass(frozen=True, slots=True)
class Order:
    """One term of an order; nulls come last unless said."""

    value: Expression
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class Aggregate(Expression):
    """An aggregate function of the catalogue over the rows of a group."""

    function: str
    signature: int
    arguments: tuple[Expression, ...]
    distinct: bool = False
    where: Expression | None = None
    order: tuple[Order, ...] = ()
    entry: Function | None = field(default=None, compare=False, repr=False)

    @property
    def children(self) -> tuple[Expression, ...]:
        where = () if self.where is None else (self.where,)
        return (*self.arguments, *where, *(term.value for term in self.order))


@dataclass(frozen=True, slots=True)
class Merged(Expression):
    """The value of the aggregate ``function`` over all rows, from its merged ``parts`` (see ``Function.merge``)."""

    function: str
    parts: tuple[Expression, ...]

    @property
    def children(self) -> tuple[Expression, ...]:
        return self.parts


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of a window: ``rows``/``range`` from ``preceding`` (None: all that go before) to the current row."""

    kind: Choice["rows", "range"]
    preceding: Expression | None


@dataclass(frozen=True, slots=True)
class Window(Expression):
    """``function`` (an aggregate, or a call of a window function) over the rows that agree on ``partition``."""

    function: Aggregate | Call
    partition: tuple[Expression, ...] = ()
    order: tuple[Order, ...] = ()
    frame: Frame | None = None

    @property
    def children(self) -> tuple[Expression, ...]:
        frame = () if self.frame is None or self.frame.preceding is None else (self.frame.preceding,)
        return (self.function, *self.partition, *(term.value for term in self.order), *frame)


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all that stands in it, outermost first."""
    stack = [expression]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def columns_of(expression: Expression) -> set[Column]:
    """The columns that an expression reads."""
    return {node for node in walk(expression) if isinstance(node, Column)}


def parameters_of(expression: Expression) -> set[str]:
    """The names of the parameters that an expression reads."""
    if isinstance(expression, Column):  # Most of a plan is columns that go through it.
        return set()
    return {node.name for node in walk(expression) if isinstance(node, ParameterValue)}


def level_of(expression: Expression) -> Level:
    """``window`` where a window stands in it, else ``aggregate`` where an aggregate does, else ``row``.

    A window inside an aggregate is one over the rows that the aggregate makes one of.
    """
    level: Level = "row"
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Window):
            return "window"
        if isinstance(node, Aggregate):
            level = "aggregate"
        else:
            waiting.extend(node.children)
    return level


def transform(expression: Expression, change: Callable[[Expression], Expression | None]) -> Expression:
    """The expression with ``change`` applied from the outside in.

    ``change`` gives a replacement (which is not entered again), or None to go on into the parts.
    """
    replaced = change(expression)
    if replaced is not None:
        return replaced
    if not expression.children:
        return expression
    changes: dict[str, Any] = {}
    for name in expression.__dataclass_fields__:
        value = getattr(expression, name)
        # Parts and tuples of parts are met here and not by transform_value: formulas nest far, and the stack is short.
        if isinstance(value, Expression):
            new: Any = transform(value, change)
        elif isinstance(value, tuple) and value and isinstance(value[0], Expression):
            found = []
            for part in value:
                found.append(transform(part, change))
            new = value if all(map(is_, found, value)) else tuple(found)
        else:
            new = transform_value(value, change)
        if new is not value:
            changes[name] = new
    return replace(expression, **changes) if changes else expression


def transform_value(value: Any, change: Callable[[Expression], Expression | None]) -> Any:
    """``value`` with every expression in it transformed: an expression, an order, a frame, or a tuple of such."""
    if isinstance(value, Expression):
        return transform(value, change)
    if isinstance(value, Order):
        inner = transform(value.value, change)
        return value if inner is value.value else replace(value, value=inner)
    if isinstance(value, Frame):
        if value.preceding is None:
            return value
        inner = transform(value.preceding, change)
        return value if inner is value.preceding else replace(value, preceding=inner)
    if isinstance(value, tuple):
        new = tuple(transform_value(item, change) for item in value)
        return value if all(a is b for a, b in zip(new, value, strict=True)) else new
    return value


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Why a path through relations leads to no row: the code and params of what is to be said of it.

    ``candidates`` are the names that may have been meant at ``place`` of the path, of all those ``known`` there.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    place: int = 0
    known: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names in a formula can mean.

    - ``columns``: the columns of the input, each name with the expression it stands for (mostly a ``Column``);
    - ``formulas``: virtual columns and values, each name with its formula text; a name of ``columns`` wins, except
      outside an aggregate when ``groups`` is given;
    - ``groups``: None where rows are computed; in an ``aggregate`` step the group keys, each with its expression:
      outside an aggregate function only these, as names or spelled out, and ``formulas`` may stand;
    - ``filled``: every group has a row, and an aggregate without a condition of its own is over all of them;
    - ``qualified``: the columns at the end of each path through relations, as it is written before the last dot;
    - ``unreachable``: the paths that lead nowhere, and why;
    - ``parameters``: each with its type and whether it is a list;
    - ``timezone``: the default zone of functions that need one;
    - ``functions``: those besides the catalogue's, by their names in small letters.
    """

    columns: Mapping[str, Expression] = field(default_factory=dict)
    formulas: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Expression] | None = None
    filled: bool = False
    qualified: Mapping[tuple[str, ...], Mapping[str, Expression]] = field(default_factory=dict)
    unreachable: Mapping[tuple[str, ...], Unreachable] = field(default_factory=dict)
    parameters: Mapping[str, tuple[Type, bool]] = field(default_factory=dict)
    timezone: str = "UTC"
    functions: Functions = field(default_factory=dict)
