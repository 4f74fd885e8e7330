"""One typed formula as SQL, for people who want to see what it becomes."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from headrace.grammar.expression import Column, Expression, Literal, ParameterValue
from headrace.sql.expressions import NOW, render_expression
from headrace.sql.identifiers import identifier
from headrace.sql.literals import render_literal
from headrace.sql.text import print_sql


def formula_sql(
    expression: Expression,
    values: Mapping[str, Literal | tuple[Literal, ...]],
    paths: Mapping[str, tuple[str, ...]] | None = None,
) -> str:
    """The SQL of a formula over columns by their names, aggregates and windows in place.

    ``paths`` are the relation and column that the names of columns reached through relations stand for. A parameter is
    its value of ``values``, or ``$name`` where there is none; the run's instant is ``now()``.

    >>> from headrace.grammar.types import Type
    >>> formula_sql(Column(Type("integer"), "Unit price"), {})
    '"Unit price"'
    """

    def parameter(value: ParameterValue) -> exp.Expression:
        if value == NOW:
            return exp.Var(this="now()")
        known = values.get(value.name)
        if known is None:
            return exp.Var(this=f"${value.name}")
        if isinstance(known, tuple):
            return exp.Tuple(expressions=[render_literal(each) for each in known])
        return render_literal(known)

    def column(column: Column) -> exp.Expression:
        *tables, name = (paths or {}).get(column.name, (column.name,))
        table = identifier(tables[-1]) if tables else None
        return exp.Column(this=identifier(name), table=table)

    return print_sql(render_expression(expression, column, parameter))
