"""Runs of a parameter's values as SQL: their first and last numbers, cut and spread."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from sqlglot import exp

from headrace.grammar.expression import Column, Expression, Interval, Literal, ParameterValue
from headrace.grammar.types import Type
from headrace.plan.intervals import Blocks, Bound, Cells, Changes, Disjoint, Intervals
from headrace.plan.scans import Rows
from headrace.sql.block import Block
from headrace.sql.expressions import by_code_point, render_expression
from headrace.sql.identifiers import identifier
from headrace.sql.literals import render_literal
from headrace.sql.templates import fill

Parameter = Callable[[ParameterValue], exp.Expression]

_NEXT = {
    "date": Literal(Type("integer", nullable=False), 1),
    "integer": Literal(Type("integer", nullable=False), 1),
    "timestamp": Literal(Type("interval", nullable=False), Interval(microseconds=1)),
    "timestamptz": Literal(Type("interval", nullable=False), Interval(microseconds=1)),
}
"""From a value of the kind to the next there is."""


def runs(node: Intervals, block: Block, values: exp.Table, parameter: Parameter) -> dict[str, exp.Expression]:
    """The columns of ``node`` over ``block``, which gives its input; ``values`` is the table of its values."""
    outputs = {name: block.rendered(Column(type_, name)) for name, type_ in node.input.schema}
    thresholds = _Thresholds(node, values, parameter)
    # Null fulfils no condition; and GREATEST and LEAST pass over nulls.
    tested = dict.fromkeys(bound.value for bound in (*node.starts, *node.ends) if not bound.open)
    for value in tested:
        if value.type.nullable:
            block.where(exp.Not(this=exp.Is(this=block.rendered(value), expression=exp.Null())))
    starts = [_start(bound, block.rendered, thresholds) for bound in node.starts]
    ends = [_end(bound, block.rendered, thresholds) for bound in node.ends]
    outputs[node.first] = _of(starts, exp.Greatest) if starts else exp.Literal.number(1)
    outputs[node.last] = _of(ends, exp.Least) if ends else thresholds.count()
    return outputs


def _of(numbers: Sequence[exp.Expression], chosen: type[exp.Expression]) -> exp.Expression:
    first, *others = dict.fromkeys(numbers)
    return chosen(this=first, expressions=others) if others else first


def _start(bound: Bound, rendered: Callable[[Expression], exp.Expression], thresholds: _Thresholds) -> exp.Expression:
    """One more than how many thresholds the value is beyond."""
    beyond = thresholds.below(bound, rendered, or_equal=not bound.inclusive)
    if bound.open:
        beyond = exp.Coalesce(this=beyond, expressions=[exp.Literal.number(0)])
    return exp.Add(this=beyond, expression=exp.Literal.number(1))


def _end(bound: Bound, rendered: Callable[[Expression], exp.Expression], thresholds: _Thresholds) -> exp.Expression:
    """How many thresholds the value is beyond."""
    beyond = thresholds.below(bound, rendered, or_equal=bound.inclusive)
    return exp.Coalesce(this=beyond, expressions=[thresholds.count()]) if bound.open else beyond


class _Thresholds:
    """Arrays of what the thresholds are for the values, in their order."""

    def __init__(self, node: Intervals, values: exp.Table, parameter: Parameter) -> None:
        self.node = node
        self.values = values
        self.parameter = parameter

    def below(self, bound: Bound, rendered: Callable[[Expression], exp.Expression], or_equal: bool) -> exp.Expression:
        """How many thresholds are below the value, or equal to it where ``or_equal``; null for a null value."""
        kind = bound.value.type.kind
        value = '{0} COLLATE "C"' if kind == "text" else "{0}"
        count = f"WIDTH_BUCKET({value}, {{1}})"
        if or_equal:
            return fill(count, [rendered(bound.value), self.array(bound)])
        step = _NEXT.get(kind) if self.node.knows_values else None
        if step is not None:
            return fill(count, [rendered(bound.value), self.array(bound, step)])
        # Of a kind whose values have no next, or where they may be infinite: those equal to the value are taken off.
        place = fill(count, [rendered(bound.value), self.array(bound)])
        template = f"CASE WHEN {value} = ({{1}})[{{2}}] THEN ({{3}})[{{2}}] ELSE {{2}} END"
        return fill(template, [rendered(bound.value), self.array(bound), place, self.ranks(bound)])

    def array(self, bound: Bound, step: Literal | None = None) -> exp.Expression:
        threshold = self.threshold(bound)
        if step is not None:
            threshold = fill("{0} + {1}", [threshold, render_literal(step)])
        return self.collected(threshold)

    def ranks(self, bound: Bound) -> exp.Expression:
        """For each threshold, how many are below it."""
        threshold = by_code_point(self.threshold(bound), bound.threshold)
        rank = fill("RANK() OVER (ORDER BY {0}) - 1", [threshold])
        number = exp.Column(this=identifier(self.node.number))
        inner = exp.Select(
            expressions=[
                exp.Alias(this=number, alias=identifier("n")),
                exp.Alias(this=rank, alias=identifier("below")),
            ],
            from_=exp.From(this=self.values.copy()),
        )
        array = fill("ARRAY_AGG({0} ORDER BY {1})", [exp.column("below"), exp.column("n")])
        source = exp.Subquery(this=inner, alias=exp.TableAlias(this=identifier("ranks")))
        return exp.Subquery(this=exp.Select(expressions=[array], from_=exp.From(this=source)))

    def threshold(self, bound: Bound) -> exp.Expression:
        return render_expression(
            bound.threshold, lambda column: exp.Column(this=identifier(column.name)), self.parameter
        )

    def collected(self, value: exp.Expression) -> exp.Expression:
        number = exp.Column(this=identifier(self.node.number))
        array = fill("ARRAY_AGG({0} ORDER BY {1})", [value, number])
        return exp.Subquery(this=exp.Select(expressions=[array], from_=exp.From(this=self.values.copy())))

    def count(self) -> exp.Expression:
        counted = exp.Cast(this=exp.Count(this=exp.Star()), to=exp.Var(this="INT"))
        return exp.Subquery(this=exp.Select(expressions=[counted], from_=exp.From(this=self.values.copy())))


def cells(node: Cells, block: Block, values: exp.Table, parameter: Parameter) -> dict[str, exp.Expression]:
    """The columns of ``node`` over ``block``: in which place among all values at which a bound changes a row is."""
    outputs = {name: block.rendered(Column(type_, name)) for name, type_ in node.input.schema}
    value = node.bounds[0].value
    if value.type.nullable and not all(bound.open for bound in node.bounds):
        block.where(exp.Not(this=exp.Is(this=block.rendered(value), expression=exp.Null())))
    edges: list[exp.Query] = []
    for place, bound in enumerate(node.bounds):
        edge = render_expression(bound.threshold, lambda column: exp.Column(this=identifier(column.name)), parameter)
        if bound.inclusive == (place < node.starts):
            # A start ``value <= threshold`` and an end ``value > threshold`` change above the threshold.
            edge = fill("{0} + {1}", [edge, render_literal(_NEXT[value.type.kind])])
        edges.append(
            exp.Select(expressions=[exp.Alias(this=edge, alias=identifier("edge"))], from_=exp.From(this=values.copy()))
        )
    union, *others = dict.fromkeys(edges)
    for other in others:
        union = exp.Union(this=union, expression=other, distinct=True)
    array = fill("ARRAY_AGG({0} ORDER BY {0})", [exp.column("edge")])
    source = exp.Subquery(this=union, alias=exp.TableAlias(this=identifier("edges")))
    all_edges = exp.Subquery(this=exp.Select(expressions=[array], from_=exp.From(this=source)))
    cell = fill("WIDTH_BUCKET({0}, {1})", [block.rendered(value), all_edges])
    days = _range_of_edges(node, parameter)
    if days is not None:
        # Of each day in the range the cell is found beforehand: to look it up is faster than to search for each row.
        first, last = days
        each = fill("{0} + k", [first])
        counted = exp.Anonymous(
            this="GENERATE_SERIES", expressions=[exp.Literal.number(0), fill("{0} - {1}", [last, first.copy()])]
        )
        cells_of_days = exp.Select(
            expressions=[fill("ARRAY_AGG(WIDTH_BUCKET({0}, {1}) ORDER BY k)", [each, all_edges.copy()])],
            from_=exp.From(this=exp.Table(this=counted, alias=exp.TableAlias(this=identifier("k")))),
        )
        position = fill("GREATEST(LEAST({0}, {1}), {2}) - {2} + 1", [block.rendered(value), last.copy(), first.copy()])
        cell = fill("({0})[{1}]", [exp.Subquery(this=cells_of_days), position])
    outputs[node.cell] = cell
    return outputs


_MOST_DAYS = 20_000
"""Of so long a range of values, an array with a number for each day is soon made, and stays in a cache."""


def _range_of_edges(node: Cells, parameter: Parameter) -> tuple[exp.Expression, exp.Expression] | None:
    """A day before all edges and one not before the last, for days that are not null; None where it is a wide range."""
    value = node.bounds[0].value
    rows = node.values.inputs[0] if node.values.inputs else None
    if value.type.kind != "date" or not isinstance(rows, Rows) or len(rows.values) < 2:
        return None
    if value.type.nullable and all(bound.open for bound in node.bounds):
        return None
    days = [cell.value for row in rows.values for cell in row if isinstance(cell.value, dt.date)]
    if not days or (max(days) - min(days)).days > _MOST_DAYS:
        return None

    def edges(row: tuple[Literal, ...]) -> list[exp.Expression]:
        bound_to = {name: render_literal(cell) for name, cell in zip(rows.schema.names, row, strict=True)}
        thresholds = dict.fromkeys(bound.threshold for bound in node.bounds)
        return [render_expression(each, lambda column: bound_to[column.name].copy(), parameter) for each in thresholds]

    first, last = _of(edges(rows.values[0]), exp.Least), _of(edges(rows.values[-1]), exp.Greatest)
    return fill("{0} - 1", [first]), fill("{0} + 1", [last])


def cut(node: Disjoint, block: Block) -> dict[str, exp.Expression]:
    """The columns of ``node`` over ``block``: each run begins after the ends before it."""
    rendered = {name: block.rendered(Column(type_, name)) for name, type_ in node.schema}
    partition = ", ".join(f"{{{place}}}" for place in range(2, 2 + len(node.by)))
    over = f"PARTITION BY {partition} ORDER BY {{0}}, {{1}}" if node.by else "ORDER BY {0}, {1}"
    before = f"LAG({{1}}) OVER ({over})"
    if not node.ordered:
        before = f"MAX({{1}}) OVER ({over} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    arguments = [rendered[node.first], rendered[node.last], *(rendered[name] for name in node.by)]
    outputs = {name: value.copy() for name, value in rendered.items()}
    outputs[node.first] = fill(f"GREATEST({{0}}, {before} + 1)", arguments)
    return outputs


def blocks_table(node: Blocks, first: exp.Expression, last: exp.Expression) -> exp.Lateral:
    """The blocks of the run from ``first`` to ``last``, beside it.

    Of each length, one may begin at the first multiple that is in the run, and one end at the last.
    """
    # Twice the longest is still an int4.
    count = 30 if node.most is None else min(max(node.most, 1).bit_length(), 30)
    lengths = exp.Values(
        expressions=[exp.Tuple(expressions=[exp.Literal.number(1 << power)]) for power in range(count)],
        alias=exp.TableAlias(this=identifier("lengths"), columns=[identifier("length")]),
    )
    sides = [
        _blocks(lengths, "({0} + length - 2) / length", first, "n % 2 = 1 AND (n + 1) * length <= {0}", last),
        _blocks(lengths, "{0} / length - 1", last, "n % 2 = 0 AND n * length >= {0} - 1", first),
    ]
    names = [identifier(node.first), identifier(node.last)]
    query = exp.Union(this=sides[0], expression=sides[1], distinct=False)
    alias = exp.TableAlias(this=identifier(f"{node.step}_block"), columns=names)
    return exp.Lateral(this=exp.Subquery(this=query), alias=alias)


def _blocks(lengths: exp.Expression, place: str, near: exp.Expression, inside: str, far: exp.Expression) -> exp.Select:
    """Of each length the block with number ``place``, counted from 0, where it is ``inside`` the run and not half of a
    longer one that is."""
    numbered = exp.Select(
        expressions=[exp.column("length"), exp.Alias(this=fill(place, [near.copy()]), alias=identifier("n"))],
        from_=exp.From(this=lengths.copy()),
    )
    return exp.Select(
        expressions=[fill("n * length + 1", []), fill("(n + 1) * length", [])],
        from_=exp.From(this=exp.Subquery(this=numbered, alias=exp.TableAlias(this=identifier("numbered")))),
        where=exp.Where(this=fill(inside, [far.copy()])),
    )


def changes(node: Changes, block: Block) -> Block:
    """``block``, which gives the input of ``node``, grouped by the beginnings of runs and by their ends."""
    groups = {name: block.rendered(Column(node.input.schema[name], name)) for name in node.by}
    first, last = (block.rendered(Column(node.input.schema[name], name)) for name in (node.first, node.last))
    begins = fill("GROUPING({0}) = 0", [first])
    number = fill("CASE WHEN {0} THEN {1} ELSE {2} + 1 END", [begins, first.copy(), last])
    outputs = {**groups, node.number: number}
    for name, value in node.measures:
        measure = block.rendered(value)
        outputs[name] = fill("CASE WHEN {0} THEN {1} ELSE -{2} END", [begins.copy(), measure, measure.copy()])
    block.group_by_each([[*groups.values(), first], [*groups.values(), last]], outputs)
    return block
