"""Flows as trees: formulas, steps, sources and nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Value = Any
Row = tuple[Value, ...]


# Formulas. Each knows the type of its value.


@dataclass(frozen=True)
class Column:
    """A column of the rows; with ``side``, of the source or node that is joined to them."""

    name: str
    type: str
    side: str | None = None


@dataclass(frozen=True)
class Path:
    """A column of the row that relations lead to, one after the other."""

    relations: tuple[str, ...]
    name: str
    type: str


@dataclass(frozen=True)
class Constant:
    """A value written out; None is a null of the type."""

    value: Value
    type: str


@dataclass(frozen=True)
class Parameter:
    name: str
    type: str


@dataclass(frozen=True)
class ListParameter:
    """A parameter that holds several values, of which one is looked for."""

    name: str
    type: str


@dataclass(frozen=True)
class Virtual:
    """A formula of a source or node by its name, computed from the columns as they are there."""

    name: str
    formula: Formula

    @property
    def type(self) -> str:
        return self.formula.type


@dataclass(frozen=True)
class OwnCall:
    """A call of an own function; ``formula`` is what it stands for, with the arguments in it."""

    function: str
    arguments: tuple[Formula, ...]
    formula: Formula

    @property
    def type(self) -> str:
        return self.formula.type


@dataclass(frozen=True)
class Call:
    """A function or an operator, by its name in the catalogue of functions."""

    function: str
    arguments: tuple[Formula, ...]
    type: str


@dataclass(frozen=True)
class Shift:
    """A date or timestamp moved by a duration that is written out: ``day + 3 months``, ``day - 2 weeks``."""

    formula: Formula
    count: int
    unit: str

    @property
    def type(self) -> str:
        return self.formula.type


@dataclass(frozen=True)
class Order:
    """A term of an order."""

    formula: Formula
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True)
class Aggregate:
    """One value of the many rows of a group."""

    function: str
    arguments: tuple[Formula, ...]
    type: str
    distinct: bool = False
    where: Formula | None = None
    order: tuple[Order, ...] = ()


@dataclass(frozen=True)
class Window:
    """A value for each row of what its neighbours hold: those alike in ``per``, None where no ``per`` is written."""

    function: str
    arguments: tuple[Formula, ...]
    type: str
    per: tuple[Formula, ...] | None = None
    order: tuple[Order, ...] = ()
    distinct: bool = False
    where: Formula | None = None
    rows: int | None = None
    range: tuple[int, str] | None = None
    """So many units, which less than lie between a row and those that count."""


Formula = (
    Column | Path | Virtual | Constant | Parameter | ListParameter | Call | OwnCall | Shift | Aggregate | Window
)  # fmt: skip
Named = tuple[str, Formula]


# Steps.


@dataclass(frozen=True)
class Select:
    columns: tuple[Named, ...]


@dataclass(frozen=True)
class Drop:
    names: tuple[str, ...]


@dataclass(frozen=True)
class Rename:
    """Pairs of a new name and an old one."""

    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Derive:
    columns: tuple[Named, ...]


@dataclass(frozen=True)
class Filter:
    condition: Formula


@dataclass(frozen=True)
class Group:
    """The step aggregate."""

    by: tuple[Named, ...]
    measures: tuple[Named, ...]


@dataclass(frozen=True)
class Latest:
    """Of the rows that match, the one whose ``theirs`` is the greatest that is not after (or is before) ``ours``."""

    theirs: Column
    ours: Column
    strict: bool
    at_most: int | None


@dataclass(frozen=True)
class Join:
    """``keys`` are pairs of our formula and their column."""

    other: str
    kind: str
    keys: tuple[tuple[Formula, Column], ...] = ()
    where: Formula | None = None
    latest: Latest | None = None
    columns: tuple[str, ...] | None = None
    prefix: str = ""
    cardinality: str | None = None


@dataclass(frozen=True)
class Lookup:
    other: str
    keys: tuple[tuple[Formula, Column], ...]
    columns: tuple[str, ...] | None
    prefix: str
    missing: tuple[tuple[str, Constant], ...] = ()


@dataclass(frozen=True)
class Union:
    others: tuple[str, ...]
    origin: str | None = None
    distinct: bool = False


@dataclass(frozen=True)
class Intersect:
    others: tuple[str, ...]


@dataclass(frozen=True)
class Except:
    others: tuple[str, ...]


@dataclass(frozen=True)
class Distinct:
    """``names`` None is all columns."""

    names: tuple[str, ...] | None


@dataclass(frozen=True)
class Dedupe:
    by: tuple[str, ...]
    order: tuple[Order, ...] = ()


@dataclass(frozen=True)
class Sort:
    order: tuple[Order, ...]


@dataclass(frozen=True)
class Limit:
    rows: int
    offset: int = 0
    per: tuple[str, ...] = ()
    order: tuple[Order, ...] = ()


@dataclass(frozen=True)
class Pivot:
    """``only`` are values of the ``columns`` together. ``unseen`` is ignore or other."""

    by: tuple[str, ...]
    columns: tuple[Column, ...]
    values: tuple[Named, ...]
    only: tuple[Row, ...]
    unseen: str
    names: str


@dataclass(frozen=True)
class Unpivot:
    columns: tuple[str, ...]
    name: str
    value: str
    position: str | None


@dataclass(frozen=True)
class Series:
    """Values of a column, ``every`` so many units apart; an end is first, last, group_first, group_last or a value."""

    column: str
    every: int
    unit: str
    start: Value
    end: Value


@dataclass(frozen=True)
class Fill:
    series: Series | None = None
    per: tuple[str, ...] = ()
    combinations: tuple[str, ...] = ()
    values: tuple[Named, ...] = ()
    down: tuple[str, ...] = ()
    order: tuple[Order, ...] = ()


@dataclass(frozen=True)
class Split:
    column: str
    at: str
    into: str | None
    position: str | None


@dataclass(frozen=True)
class Sample:
    """More rows than there are: all of them. Which fewer ones it takes only its own hash says."""

    rows: int


@dataclass(frozen=True)
class Expect:
    """Items, as documents have them, of what holds: the rows go on unchanged. ``doubts`` need not hold: they warn."""

    items: tuple[tuple[str, Any], ...]
    doubts: tuple[tuple[str, Any], ...] = ()


Step = (
    Select | Drop | Rename | Derive | Filter | Group | Join | Lookup | Union | Intersect | Except | Distinct | Dedupe
    | Sort | Limit | Pivot | Unpivot | Fill | Split | Sample | Expect
)  # fmt: skip


# Flows.


@dataclass(frozen=True)
class Relation:
    """From a column of ours to the one row of a source that has its value in ``theirs``."""

    target: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class Source:
    """Rows under columns, pairs of a name and a type."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    keys: tuple[tuple[str, ...], ...] = ()
    is_table: bool = False
    relations: tuple[tuple[str, Relation], ...] = ()
    virtual: tuple[Named, ...] = ()
    precise: tuple[str, ...] = ()
    """Decimal columns that are declared with digits enough."""


@dataclass(frozen=True)
class OwnFunction:
    arguments: tuple[Column, ...]
    formula: Formula


@dataclass(frozen=True)
class Values:
    """What a parameter of a ``for_each`` runs through: a list, a range, or the column of a node or source."""

    type: str
    listed: tuple[Value, ...] | None = None
    start: Value = None
    end: Value = None
    every: int = 1
    unit: str = ""
    node: str | None = None
    column: str | None = None


@dataclass(frozen=True)
class Node:
    start: str
    steps: tuple[Step, ...]
    for_each: tuple[tuple[str, Values], ...] = ()
    zipped: bool = False
    then: tuple[Step, ...] = ()
    materialize: str = "inline"
    strategy: str | None = None
    virtual: tuple[Named, ...] = ()


@dataclass(frozen=True)
class Flow:
    parameters: dict[str, tuple[str, Value]] = field(default_factory=dict)
    """The type and the default of each; that of a list is a tuple."""
    sources: dict[str, Source] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    functions: dict[str, OwnFunction] = field(default_factory=dict)
