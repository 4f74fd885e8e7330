"""What binding gives: every source and node as a plan, as far as its document makes sense."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal as Choice

from headrace.catalog import Statistics
from headrace.grammar.expression import Expression, Literal
from headrace.grammar.own_functions import Functions
from headrace.grammar.types import Schema, Type
from headrace.models import Node, Source
from headrace.plan import Clock, Filter, Key, Known, Relation, clock_of


@dataclass(frozen=True, slots=True)
class Stream:
    """The rows that a step takes or gives: a plan, and the formulas (virtual columns and values) that go with it."""

    relation: Relation
    formulas: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BoundStep:
    """A step and the columns it gives; ``bad`` where it has a mistake, ``blocked`` where one before it has."""

    kind: str
    name: str
    pointer: str
    state: Choice["ok", "bad", "blocked"]
    relation: Relation | None

    @property
    def schema(self) -> Schema | None:
        return None if self.relation is None else self.relation.schema


@dataclass(frozen=True, slots=True)
class BoundSource:
    """A source: its leaf of the plan, or None where it has mistakes, and what is known of its size."""

    source: Source
    stream: Stream | None
    statistics: Statistics = field(default_factory=Statistics)


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must hold of the relation ``over`` when the program runs.

    ``failing`` are the rows that break it, which are told in an order that begins with the columns ``order``;
    ``count`` has one row with one column, how many they are. Where ``of_whole``, it is not rows that break it but
    the relation as a whole, and the one row of ``failing`` says in its one column what was found. Where it is about
    an expansion, ``each`` names the parameters, with a row of ``failing`` for each of their values that breaks it.

    ``subject`` names it (``The expectation no negative sale``), ``rule`` says it (``amount >= 0``), ``label`` is a
    short name. With ``stop`` nothing is changed where it does not hold; ``warn`` only tells of it. ``proves`` is what
    is known of ``over`` where it holds. ``is_key``: the table's own constraint sees to it. ``pointer`` leads to
    where it is written, None where only its node is known.
    """

    node: str
    step: str
    label: str
    subject: str
    rule: str
    over: Relation
    failing: Relation
    count: Relation
    order: tuple[str, ...] = ()
    of_whole: bool = False
    each: tuple[str, ...] = ()
    severity: Choice["warn", "stop"] = "stop"
    description: str | None = None
    proves: Known | None = None
    is_key: bool = False
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Discovery:
    """Values that decide which columns a pivot makes: the rows of ``relation``, for the step ``step`` of ``node``."""

    node: str
    step: str
    relation: Relation


Joins = frozenset[str]
"""The names of joins."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """The joins that may repeat the values of a column, or that make more rows than either side had."""

    columns: Mapping[str, Joins] = field(default_factory=dict)
    rows: Joins = frozenset()

    def of(self, columns: Iterable[str]) -> Joins:
        """The joins that repeat what is made of all these columns: not of ``quantity * price``, with the price taken
        from the other side."""
        sets = [self.columns.get(name, frozenset()) for name in columns]
        return frozenset.intersection(*sets) if sets else self.rows


@dataclass(frozen=True, slots=True)
class Values:
    """The parameters of a ``for_each`` with their types, and the rows of values that they take together.

    The rows are written out, or those of ``given``, a relation with the columns ``names`` that the run computes.
    """

    names: Schema
    rows: tuple[tuple[Literal, ...], ...] = ()
    given: Relation | None = None


@dataclass(frozen=True, slots=True)
class Increment:
    """How an expanded node keeps what it has computed: a run computes the values that its table has not yet, and those
    with the ``last`` greatest values of the parameter ``of``."""

    of: str
    last: int


@dataclass(frozen=True, slots=True)
class BoundNode:
    """A node: its steps, and the plan of its result (None where it has mistakes, its own or inherited)."""

    node: Node
    steps: tuple[BoundStep, ...]
    then: tuple[BoundStep, ...]
    stream: Stream | None
    kept: Choice["inline", "view", "table"]
    keys: tuple[Key, ...] = ()
    checks: tuple[Check, ...] = ()
    reads: tuple[str, ...] = ()
    values: Values | None = None
    discoveries: tuple[Discovery, ...] = ()
    increment: Increment | None = None

    @property
    def plan(self) -> Relation | None:
        return None if self.stream is None else self.stream.relation


@dataclass(frozen=True, slots=True)
class ParameterFacts:
    """A declared parameter: its type, whether it is a list, and its value.

    ``value`` is a literal, a tuple of them, ``"all"`` for a list that restricts nothing, or None where none is known.
    """

    name: str
    type: Type
    many: bool
    value: Literal | tuple[Literal, ...] | Choice["all"] | None


@dataclass(frozen=True, slots=True)
class Bound:
    """The whole project, bound. ``order`` names the nodes, inputs before what reads them."""

    sources: Mapping[str, BoundSource]
    nodes: Mapping[str, BoundNode]
    order: tuple[str, ...]
    parameters: Mapping[str, ParameterFacts]
    row_filters: Mapping[str, Expression | None] = field(default_factory=dict)
    """What a row of a source or node must be for its readers to see it; None where the host's formula is unusable."""
    functions: Functions = field(default_factory=dict)
    """The functions that formulas may call besides the catalogue's."""

    def clocks(self) -> dict[str, Clock]:
        """Of every node that has a plan, when it is stale though no table that it reads has changed."""
        found: dict[str, Clock] = {}

        def read(name: str) -> Clock:
            return Clock() if self.nodes[name].kept == "table" else found.get(name, Clock())

        for name in self.order:
            node = self.nodes[name]
            if node.plan is not None:
                # What has been checked of the rows, their freshness above all, is stale as they are.
                for relation in (node.plan, *(check.failing for check in node.checks)):
                    found[name] = found.get(name, Clock()) | clock_of(relation, read)
        return found

    @property
    def discoveries(self) -> tuple[Discovery, ...]:
        """What is to be found for pivots, in the order of the nodes."""
        return tuple(each for name in self.order if name in self.nodes for each in self.nodes[name].discoveries)

    def shown(self, name: str, relation: Relation) -> Relation | None:
        """``relation``, the rows of the source or node ``name``, as its readers see them; None where nobody may."""
        if name not in self.row_filters:
            return relation
        predicate = self.row_filters[name]
        if predicate is None:
            return None
        return Filter(relation, predicate, step=f"{name}_rows")
