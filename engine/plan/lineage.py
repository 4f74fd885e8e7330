"""Column to columns: where the values of a plan's columns come from, and what else decides them.

Direct and indirect use are kept apart, as OpenLineage's facet of column lineage has it: a column is *copied*,
*computed* or *aggregated* into another; or a filter, a join, a grouping, an order or a condition only looks at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from headrace.grammar.expression import Column, Expression
from headrace.grammar.formula import formula_of
from headrace.plan.derivation import DIRECT, Derivation, How, combined
from headrace.plan.joins import Join
from headrace.plan.relation import Relation, postorder
from headrace.plan.rowwise import Project
from headrace.plan.scans import NodeScan


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A column of a source or of another node."""

    relation: str
    column: str


@dataclass(frozen=True, slots=True)
class Names:
    """How columns are written in formulas: the other inputs of a join by their names, and what relations lead to by
    the path to it."""

    relations: tuple[str, ...] = ()
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """A formula on the way: the step, the column it makes (None where it decides which rows there are), and its text.
    In a join, columns of the other side are written with its name.

    ``place`` counts the plan's nodes, inputs first: formulas in this order are in the order in which they are computed.
    """

    place: int
    step: str
    column: str | None
    expression: Expression | str = field(compare=False, hash=False)
    names: Names = field(default_factory=lambda: Names(), compare=False, hash=False)

    @property
    def formula(self) -> str:
        if isinstance(self.expression, str):
            return self.expression
        return formula_of(self.expression, self.names.relations, self.names.paths)

    def to_json(self) -> dict[str, Any]:
        return {"step": self.step, "column": self.column, "formula": self.formula}


@dataclass(frozen=True, slots=True)
class Edge:
    """A column that another depends on: how, and through which formulas, in order."""

    origin: Origin
    how: How
    through: tuple[Made, ...] = ()

    @property
    def direct(self) -> bool:
        return self.how in DIRECT

    def to_json(self) -> dict[str, Any]:
        return {
            "relation": self.origin.relation,
            "column": self.origin.column,
            "how": self.how,
            "through": [made.to_json() for made in self.through],
        }


@dataclass(frozen=True, slots=True)
class ColumnLineage:
    """One column: the columns its values come from, those that only decide its value, and every formula on the way.

    A count of rows and a constant come from no column: only ``through`` says what they are.
    """

    direct: tuple[Edge, ...]
    indirect: tuple[Edge, ...]
    through: tuple[Made, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "direct": [edge.to_json() for edge in self.direct],
            "indirect": [edge.to_json() for edge in self.indirect],
            "through": [made.to_json() for made in self.through],
        }


@dataclass(frozen=True, slots=True)
class Lineage:
    """Every column, and in ``rows`` the columns that decide which rows there are: they count for all columns."""

    columns: Mapping[str, ColumnLineage] = field(default_factory=dict)
    rows: tuple[Edge, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "columns": {name: column.to_json() for name, column in self.columns.items()},
            "rows": [edge.to_json() for edge in self.rows],
        }


def lineage_of(relation: Relation) -> Lineage:
    """The lineage of a plan, down to the columns of the sources and nodes that it scans.

    >>> from headrace.grammar.expression import Column, Aggregate
    >>> from headrace.grammar.types import Schema, Type
    >>> from headrace.plan import Aggregation, TableScan
    >>> scan = TableScan("sales", "shop.sales", Schema.of({"amount": Type("decimal")}))
    >>> total = Aggregate(Type("decimal"), "sum", 1, (Column(Type("decimal"), "amount"),))
    >>> edge = lineage_of(Aggregation(scan, (), (("revenue", total),))).columns["revenue"].direct[0]
    >>> edge.origin, edge.how, edge.through[0].formula
    (Origin(relation='sales', column='amount'), 'aggregated', 'sum(amount)')
    """
    known: dict[int, _State] = {}
    for place, node in enumerate(postorder(relation)):
        known[id(node)] = _state(node, place, [known[id(each)] for each in node.inputs])
    state = known[id(relation)]
    return Lineage({name: _column(found) for name, found in state.columns.items()}, _edges(state.rows))


_Key = tuple[Origin | None, How]
"""An origin and what it is; no origin where a formula reads no column."""

_Ways = Mapping[_Key, frozenset[Made]]
"""For each origin, the formulas that stand between."""


@dataclass(frozen=True, slots=True)
class _State:
    columns: Mapping[str, _Ways]
    rows: _Ways
    paths: Mapping[str, tuple[str, ...]]


def _state(node: Relation, place: int, inputs: list[_State]) -> _State:
    if not inputs:
        name = name_of(node)
        columns: dict[str, _Ways] = {
            column: {(Origin(name, column), "copied"): frozenset()} for column in node.schema.names
        }
        return _State(columns, {}, {})
    paths = (
        inputs[0].paths if len(inputs) == 1 else {name: path for each in inputs for name, path in each.paths.items()}
    )
    names = Names(("", *(name_of(each) for each in node.inputs[1:])), paths)
    if isinstance(node, Project):
        # Most columns of wide plans are copied, step after step.
        columns = {
            name: inputs[0].columns[expression.name]
            if isinstance(expression, Column)
            else _through(Derivation.computed(expression), name, node, place, inputs, names)
            for name, expression in node.columns
        }
    else:
        made = node.derivations()
        columns = {name: _through(made[name], name, node, place, inputs, names) for name in node.schema.names}
    decisions = [_through(each, None, node, place, inputs, names) for each in node.decisions()]
    rows = _merged([*(each.rows for each in inputs), *decisions])
    return _State(columns, rows, {**paths, **paths_of(node)} if isinstance(node, Join) else paths)


def paths_of(join: Join) -> dict[str, tuple[str, ...]]:
    """The columns that a relation has led to: called after their path, by a join that is called after it too."""
    paths = {}
    for column in join.columns:
        way = "" if column.right is None else column.name.removesuffix(f".{column.right}")
        if column.left is None and column.right and way != column.name and way.replace(".", "_") == join.step:
            paths[column.name] = (*way.split("."), column.right)
    return paths


def name_of(relation: Relation) -> str:
    """What a relation is called: a node or source by its name, also behind its row filter; else the step."""
    at = relation
    while len(at.inputs) == 1:
        at = at.inputs[0]
    name = at.node if isinstance(at, NodeScan) else getattr(at, "source", "")
    return str(name) or relation.step


def _through(
    derivation: Derivation,
    column: str | None,
    node: Relation,
    place: int,
    inputs: list[_State],
    names: Names,
) -> _Ways:
    uses, formula = derivation.uses, derivation.formula
    if formula is None and len(uses) == 1 and uses[0].how == "copied":
        return inputs[uses[0].input].columns[uses[0].column]
    own = frozenset() if formula is None else frozenset({Made(place, node.step, column, formula, names)})
    ways: dict[_Key, frozenset[Made]] = {}
    for use in uses:
        for (origin, how), through in inputs[use.input].columns[use.column].items():
            key = origin, combined(use.how, how)
            ways[key] = ways.get(key, frozenset()) | through | own
    if not ways and own:
        ways[None, "computed"] = own
    return ways


def _merged(several: Iterable[_Ways]) -> _Ways:
    found = [ways for ways in several if ways]
    if len(found) <= 1:
        return found[0] if found else {}
    merged: dict[_Key, frozenset[Made]] = {}
    for ways in found:
        for key, through in ways.items():
            known = merged.get(key)
            merged[key] = through if known is None or known is through else known | through
    return merged


def _column(ways: _Ways) -> ColumnLineage:
    edges = _edges(ways)
    through = _ordered(frozenset().union(*ways.values()))
    return ColumnLineage(
        tuple(edge for edge in edges if edge.direct), tuple(edge for edge in edges if not edge.direct), through
    )


def _edges(ways: _Ways) -> tuple[Edge, ...]:
    return tuple(Edge(origin, how, _ordered(through)) for (origin, how), through in ways.items() if origin is not None)


def _ordered(through: Iterable[Made]) -> tuple[Made, ...]:
    return tuple(sorted(through, key=lambda made: (made.place, made.column or "", made.formula)))
