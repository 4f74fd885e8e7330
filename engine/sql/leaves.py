"""Written rows, series and the parts of texts as tables in FROM."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from headrace.grammar.expression import Interval, Literal
from headrace.grammar.types import Schema
from headrace.plan import Rows, Series
from headrace.sql.identifiers import identifier
from headrace.sql.literals import render_literal
from headrace.sql.templates import fill
from headrace.sql.types import sql_cast


def values_table(name: str, columns: Schema, rows: tuple[tuple[Literal, ...], ...]) -> exp.Expression:
    """``(VALUES …) AS name(columns)``; the first row gives the types. Without rows, a query that finds none."""
    if not rows:
        nulls = [
            exp.Alias(this=sql_cast(exp.Null(), type_), alias=identifier(column)) for column, type_ in columns.columns
        ]
        nothing = exp.Select(expressions=nulls, where=exp.Where(this=exp.false()))
        return exp.Subquery(this=nothing, alias=exp.TableAlias(this=identifier(name)))
    tuples = []
    for number, row in enumerate(rows):
        cells = [render_literal(cell) for cell in row]
        if number == 0:
            cells = [
                cell if isinstance(cell, (exp.Cast, exp.Var, exp.Boolean)) else sql_cast(cell, type_)
                for cell, (_, type_) in zip(cells, columns.columns, strict=True)
            ]
        tuples.append(exp.Tuple(expressions=cells))
    alias = exp.TableAlias(this=identifier(name), columns=[identifier(column) for column in columns.names])
    return exp.Values(expressions=tuples, alias=alias)


def rows_table(node: Rows) -> exp.Expression:
    return values_table(node.source, node.columns, node.values)


def series_table(node: Series) -> exp.Expression:
    """A query over GENERATE_SERIES that counts steps, so that value k is the start and k steps, not a chain of sums."""
    type_ = node.columns[node.column]
    count = exp.Column(this=identifier("k"))
    every = node.every.value
    if isinstance(every, Interval):
        step: exp.Expression = exp.Mul(this=count, expression=render_literal(node.every))
        value: exp.Expression = exp.Add(this=render_literal(node.start), expression=step)
        if node.end is not None:
            value = _last_day(value, node)
    else:
        value = exp.Add(
            this=render_literal(node.start), expression=exp.Mul(this=count, expression=render_literal(node.every))
        )
    counted = exp.Anonymous(
        this="GENERATE_SERIES", expressions=[exp.Literal.number(0), exp.Literal.number(node.count - 1)]
    )
    select = exp.Select(
        expressions=[exp.Alias(this=sql_cast(value, type_), alias=identifier(node.column))],
        from_=exp.From(this=exp.Table(this=counted, alias=exp.TableAlias(this=identifier("k")))),
    )
    return exp.Subquery(this=select, alias=exp.TableAlias(this=identifier(node.source)))


_UNITS = {
    "week": Interval(days=7),
    "month": Interval(months=1),
    "quarter": Interval(months=3),
    "year": Interval(months=12),
}


def _last_day(value: exp.Expression, node: Series) -> exp.Expression:
    """The last day of the unit that ``value`` falls in, at the same time of day."""
    unit = node.end or ""
    first = exp.Anonymous(this="DATE_TRUNC", expressions=[exp.Literal.string(unit), value])
    next_first = exp.Add(this=first, expression=render_literal(Literal(node.every.type, _UNITS[unit])))
    last = exp.Sub(this=next_first, expression=render_literal(Literal(node.every.type, Interval(days=1))))
    if node.columns[node.column].kind == "date":
        return last
    midnight = exp.Anonymous(this="DATE_TRUNC", expressions=[exp.Literal.string("day"), value.copy()])
    return exp.Add(this=value.copy(), expression=exp.Paren(this=exp.Sub(this=last, expression=midnight)))


def parts_table(name: str, text: exp.Expression, at: str, columns: Sequence[str]) -> exp.Expression:
    """The parts of a text between ``at``, and their positions where ``columns`` are two."""
    # To PostgreSQL the parts of a null are none, and those of an empty text too; each is one part here.
    parts = fill(_PARTS, [text, exp.Literal.string(at), text.copy()])
    alias = exp.TableAlias(this=identifier(name), columns=[identifier(column) for column in columns])
    return exp.Unnest(expressions=[parts], alias=alias, offset=len(columns) > 1 or None)


_PARTS = "COALESCE(NULLIF(STRING_TO_ARRAY({0}, {1}), CAST(ARRAY[] AS TEXT[])), CAST(ARRAY[{2}] AS TEXT[]))"
