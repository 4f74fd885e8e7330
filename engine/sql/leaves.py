"""Written rows, series and the parts of texts as tables in FROM."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from headrace.grammar.expression import Expression, Interval, Literal
from headrace.grammar.types import Schema, Type
from headrace.plan import Rows, Series, SeriesBetween
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
    value = _value(render_literal(node.start), identifier("k"), node.every, node.end, node.columns[node.column])
    select = exp.Select(
        expressions=[exp.Alias(this=value, alias=identifier(node.column))],
        from_=exp.From(this=_counted(exp.Literal.number(node.count - 1), "k")),
    )
    return exp.Subquery(this=select, alias=exp.TableAlias(this=identifier(node.source)))


def series_between_table(
    node: SeriesBetween, counter: str, bound: Callable[[Expression], exp.Expression]
) -> exp.Expression:
    """The values of the series that one row bounds, to be joined to it; ``counter`` names the number of steps.

    ``bound`` renders what stands in the row.
    """
    column = identifier(node.column)
    value = _value(bound(node.start), identifier(counter), node.every, node.end, node.type)
    inner = exp.Select(
        expressions=[exp.Alias(this=value, alias=column)],
        from_=exp.From(this=_counted(_steps(node, bound), counter)),
    )
    series = exp.Subquery(this=inner, alias=exp.TableAlias(this=identifier(counter)))
    # The count of steps may be one too many where months are not alike.
    within = exp.LTE(this=exp.Column(this=column.copy(), table=identifier(counter)), expression=bound(node.stop))
    select = exp.Select(
        expressions=[exp.Column(this=column.copy(), table=identifier(counter))],
        from_=exp.From(this=series),
        where=exp.Where(this=within),
    )
    alias = exp.TableAlias(this=identifier(node.step), columns=[column.copy()])
    return exp.Lateral(this=exp.Subquery(this=select), alias=alias)


def _counted(last: exp.Expression, name: str) -> exp.Expression:
    counted = exp.Anonymous(this="GENERATE_SERIES", expressions=[exp.Literal.number(0), last])
    return exp.Table(this=counted, alias=exp.TableAlias(this=identifier(name)))


def _steps(node: SeriesBetween, bound: Callable[[Expression], exp.Expression]) -> exp.Expression:
    """How many steps there are from the start to the stop, at least."""
    template, size = "({1} - {0}) / {2}", node.every.value
    if isinstance(size, Interval):
        if size.months:
            template, size = _MONTHS_BETWEEN, size.months
        elif node.type.kind == "date":
            size = size.days
        else:
            template, size = _SECONDS_BETWEEN, size.days * 86_400 + size.microseconds // 1_000_000
    start, stop = bound(node.start), bound(node.stop)
    if size == 1:
        template = template.replace(" / {2}", "")
    return fill(template, [start, stop, exp.Literal.number(str(size))])


_MONTHS_BETWEEN = (
    "CAST((DATE_PART('year', {1}) - DATE_PART('year', {0})) * 12"
    " + DATE_PART('month', {1}) - DATE_PART('month', {0}) AS INT) / {2}"
)
_SECONDS_BETWEEN = "CAST(FLOOR(EXTRACT(EPOCH FROM {1} - {0}) / {2}) AS BIGINT)"


def _value(
    start: exp.Expression, counter: exp.Identifier, every: Literal, end: str | None, type_: Type
) -> exp.Expression:
    """The value so many steps from the start, in its type."""
    moved: exp.Expression = exp.Mul(this=exp.Column(this=counter), expression=render_literal(every))
    value: exp.Expression = exp.Add(this=start, expression=moved)
    if end is not None:
        value = _last_day(value, end, type_)
    return sql_cast(value, type_)


_UNITS = {
    "week": Interval(days=7),
    "month": Interval(months=1),
    "quarter": Interval(months=3),
    "year": Interval(months=12),
}


def _last_day(value: exp.Expression, unit: str, type_: Type) -> exp.Expression:
    """The last day of the unit that ``value`` falls in, at the same time of day."""
    interval = Type("interval", nullable=False)
    first = exp.Anonymous(this="DATE_TRUNC", expressions=[exp.Literal.string(unit), value])
    next_first = exp.Add(this=first, expression=render_literal(Literal(interval, _UNITS[unit])))
    last = exp.Sub(this=next_first, expression=render_literal(Literal(interval, Interval(days=1))))
    if type_.kind == "date":
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
