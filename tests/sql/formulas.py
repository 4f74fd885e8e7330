"""Runs formulas on PostgreSQL, over columns given as literal rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from format_types import FORMAT_TYPE
from sqlglot import exp

from headrace.diagnostics import show
from headrace.grammar.check import type_formula
from headrace.grammar.expression import Column, Expression, Level, Literal, ParameterValue, Scope, level_of
from headrace.grammar.types import Type, parse_type
from headrace.sql.dialect import Headrace
from headrace.sql.expressions import is_narrow, render_expression
from headrace.sql.identifiers import identifier, quoted
from headrace.sql.literals import render_literal
from headrace.sql.types import sql_type

NOW = "TIMESTAMP WITH TIME ZONE '2024-05-15 12:00:00+00:00'"
"""The run's instant in tests."""


@dataclass(frozen=True)
class Result:
    """The values of a formula, as PostgreSQL prints them, one a row of the result; and the SQL that gave them."""

    values: tuple[str | None, ...]
    type: Type
    pg_type: str
    sql: str

    @property
    def value(self) -> str | None:
        return self.values[-1]

    @property
    def has_declared_type(self) -> bool:
        """Whether PostgreSQL's type is the declared one."""
        return self.pg_type == FORMAT_TYPE[self.type.kind]


def typed(formula: str, scope: Scope, levels: Collection[Level] = ("row", "aggregate", "window")) -> Expression:
    """The formula's expression; fails with all diagnostics where it has none."""
    checked = type_formula(formula, scope, levels=levels)
    assert checked.expression is not None, "\n".join(show(each) for each in checked.diagnostics)
    return checked.expression


def scope_of(columns: Mapping[str, str], **changes: Any) -> Scope:
    """A scope over columns given as name → type, as ``integer`` or ``integer not null``."""
    known = {}
    for name, text in columns.items():
        type_ = parse_type(text.removesuffix(" not null"))
        assert type_ is not None, text
        known[name] = Column(type_.with_null(not text.endswith(" not null")), name)
    return Scope(columns=known, **changes)


def to_sql(expression: Expression, parameters: Mapping[str, Literal | Sequence[Literal]] | None = None) -> str:
    """The expression's SQL over columns of the same names."""

    def parameter(value: ParameterValue) -> exp.Expression:
        if value.name == "now()":
            return exp.Var(this=NOW)
        found = (parameters or {})[value.name]
        if isinstance(found, Literal):
            return render_literal(found)
        return exp.Tuple(expressions=[render_literal(each) for each in found])

    tree = render_expression(expression, lambda column: exp.Column(this=identifier(column.name)), parameter)
    return tree.sql(dialect=Headrace)


def run(
    cursor: Any,
    formula: str,
    columns: Mapping[str, str] | None = None,
    rows: Sequence[Sequence[object]] = (),
    values: Mapping[str, Literal | Sequence[Literal]] | None = None,
    levels: Collection[Level] = ("row", "aggregate", "window"),
    **scope: Any,
) -> Result:
    """The formula computed over ``rows`` (in their order; one row without columns where none are given).

    A whole number made of nothing but constants is an int4 to PostgreSQL, and a bare text of no type: these get the
    cast that every output column has.
    """
    known = scope_of(columns or {}, **scope)
    expression = typed(formula, known, levels)
    sql = to_sql(expression, values)
    source = _source(columns or {}, rows)
    narrow = is_narrow(expression) or (isinstance(expression, Literal) and expression.type.kind == "text")
    whole = f"CAST({sql} AS {sql_type(expression.type)})" if narrow else sql
    aggregate = level_of(expression) == "aggregate"
    order = "" if aggregate or not source else " ORDER BY row_number"
    number = "1" if aggregate or not source else "row_number"
    inner = f"SELECT {number} AS row_number, {whole} AS value{source}"
    cursor.execute(f"SELECT value::text, pg_typeof(value)::text FROM ({inner}) AS result{order}", None)
    found = cursor.fetchall()
    return Result(tuple(row[0] for row in found), expression.type, found[-1][1] if found else "", sql)


def _source(columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> str:
    if not columns:
        return ""
    types = {name: parse_type(text.removesuffix(" not null")) for name, text in columns.items()}
    lines = []
    for number, row in enumerate(rows):
        cells = [
            f"CAST({_quoted(value)} AS {sql_type(type_)})"
            for value, type_ in zip(row, types.values(), strict=True)
            if type_
        ]
        lines.append(f"({', '.join([str(number), *cells])})")
    names = ", ".join(quoted(name) for name in columns)
    return f" FROM (VALUES {', '.join(lines)}) AS source(row_number, {names})"


def _quoted(value: object) -> str:
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"
