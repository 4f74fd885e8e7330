"""The union and the lateral rendering of a parametric expansion.

Union: one branch a value, stacked over a CTE of the values. A branch takes its parameter columns from the CTE's row and
carries the value as a literal in its predicates, which PostgreSQL plans better than a predicate through the CTE.
Lateral: the body as a query beside each row of the values, whose columns it reads. In both, what does not depend on the
parameters is computed once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from headrace.grammar.expression import (
    Aggregate,
    Column,
    Expression,
    Literal,
    ParameterValue,
    columns_of,
    transform,
    walk,
)
from headrace.grammar.types import Schema
from headrace.plan import Aggregation, Derivation, Expansion, Project, Relation, postorder, with_inputs
from headrace.plan.names import NameSpace
from headrace.sql.identifiers import identifier
from headrace.sql.literals import render_literal
from headrace.sql.statement import Bindings


@dataclass(frozen=True, eq=False)
class TableOf(Relation):
    """A leaf that reads a CTE or an intermediate table of the statement."""

    table: exp.Table
    columns: Schema

    def _schema(self) -> Schema:
        return self.columns

    def derivations(self) -> Mapping[str, Derivation]:
        return {name: Derivation(()) for name in self.columns.names}


def independent_parts(expansion: Expansion) -> tuple[Relation, ...]:
    """The largest parts of the body that do not depend on the parameters, leaves apart."""
    names = frozenset(expansion.names.names)
    parts: dict[int, Relation] = {}

    def dependent_inputs(node: Relation) -> tuple[Relation, ...]:
        return tuple(each for each in node.inputs if each.parameters & names)

    if not expansion.body.parameters & names:
        return (expansion.body,) if expansion.body.inputs else ()
    for node in postorder(expansion.body, dependent_inputs):
        for each in node.inputs:
            if each.inputs and not each.parameters & names:
                parts[id(each)] = each
    return tuple(parts.values())


def over_tables(body: Relation, tables: Mapping[int, exp.Table]) -> Relation:
    """The body with its parts, by ``id``, read from tables."""
    made: dict[int, Relation] = {}
    for node in postorder(body, lambda each: () if id(each) in tables else each.inputs):
        if id(node) in tables:
            made[id(node)] = TableOf(tables[id(node)], node.schema)
        else:
            made[id(node)] = with_inputs(node, tuple(made[id(each)] for each in node.inputs))
    return made[id(body)]


def with_own_columns(body: Relation, names: frozenset[str]) -> Relation:
    """The body of a lateral with the parameters ``names`` as columns of its own rows where an aggregate is of nothing
    else: SQL takes an aggregate that reads columns of the outer query alone for one of that query."""
    made: dict[int, Relation] = {}
    for node in postorder(body):
        each = with_inputs(node, tuple(made[id(each)] for each in node.inputs))
        made[id(node)] = _of_own_columns(each, names) if isinstance(each, Aggregation) else each
    return made[id(body)]


def _of_own_columns(node: Aggregation, names: frozenset[str]) -> Aggregation:
    outer = {
        value.name: value
        for _, measure in node.measures
        for part in walk(measure)
        if isinstance(part, Aggregate) and not columns_of(part)
        for value in walk(part)
        if isinstance(value, ParameterValue) and value.name in names
    }
    if not outer:
        return node
    taken = NameSpace(node.input.schema.names)
    own = {name: Column(value.type, taken.claim(name)) for name, value in outer.items()}
    plain = tuple((name, Column(type_, name)) for name, type_ in node.input.schema)
    added = tuple((own[name].name, value) for name, value in outer.items())

    def read(part: Expression) -> Expression | None:
        return own.get(part.name) if isinstance(part, ParameterValue) else None

    def change(part: Expression) -> Expression | None:
        return transform(part, read) if isinstance(part, Aggregate) and not columns_of(part) else None

    measures = tuple((name, transform(measure, change)) for name, measure in node.measures)
    step = f"{node.step}_values"
    return replace(node, input=Project(node.input, (*plain, *added), step=step), measures=measures)


def chunks(expansion: Expansion, most: int) -> list[Expansion]:
    """The same expansion in parts of at most ``most`` values each."""
    values = expansion.values
    return [replace(expansion, values=values[at : at + most]) for at in range(0, len(values), most)]


def no_values(expansion: Expansion) -> Bindings:
    """Something to bind the parameters to where there are no values: nulls of their types."""
    return {name: Literal(type_, None) for name, type_ in expansion.names.columns}


def branch(expansion: Expansion, values: str, row: tuple[Literal, ...], body: exp.Query) -> exp.Select:
    """The rows of ``body`` beside the row ``row`` of the CTE ``values`` (no row where ``row`` is empty)."""
    outer, inner = identifier("v"), identifier("r")
    names = expansion.names.names
    columns: list[exp.Expression] = [exp.Column(this=identifier(name), table=outer.copy()) for name in names]
    columns += [exp.Column(this=identifier(name), table=inner.copy()) for name in expansion.body.schema.names]
    select = exp.Select(
        expressions=columns,
        from_=exp.From(this=exp.Table(this=identifier(values), alias=exp.TableAlias(this=outer.copy()))),
        joins=[exp.Join(this=exp.Subquery(this=body, alias=exp.TableAlias(this=inner.copy())), kind="CROSS")],
    )
    matches = [
        exp.EQ(this=exp.Column(this=identifier(name), table=outer.copy()), expression=render_literal(value))
        for name, value in zip(names, row, strict=False)
    ]
    if matches:
        select.set("where", exp.Where(this=exp.and_(*matches, copy=False)))
    return select


def value_columns(expansion: Expansion, alias: str) -> Bindings:
    """The parameters as columns of a row of the values, which goes by ``alias`` until ``beside`` gives it one."""
    return {name: exp.Column(this=identifier(name), table=exp.Identifier(this=alias)) for name in expansion.names.names}


def beside(expansion: Expansion, values: exp.Table, body: exp.Query, alias: str) -> exp.Select:
    """Each row of the table ``values`` beside the rows of ``body``, which reads its columns by ``alias``."""
    taken = {each.name for each in body.find_all(exp.TableAlias)} | {each.name for each in body.find_all(exp.Table)}
    names = NameSpace(taken)
    outer, inner = names.claim("v"), names.claim("r")
    for column in body.find_all(exp.Column):
        if column.table == alias:
            column.set("table", identifier(outer))
    columns: list[exp.Expression] = [
        exp.Column(this=identifier(name), table=identifier(outer)) for name in expansion.names.names
    ]
    columns += [exp.Column(this=identifier(name), table=identifier(inner)) for name in expansion.body.schema.names]
    table = values.copy()
    table.set("alias", exp.TableAlias(this=identifier(outer)))
    rows = exp.Lateral(this=exp.Subquery(this=body), alias=exp.TableAlias(this=identifier(inner)))
    return exp.Select(expressions=columns, from_=exp.From(this=table), joins=[exp.Join(this=rows, kind="CROSS")])
