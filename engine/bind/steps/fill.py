"""``fill``: rows that are missing, each value of a series for each group; and the last known value carried down.

Made of the algebra's other nodes: the groups crossed with one another, spread over the series, less what is there, and
stacked under the rows as they are, of which none is changed or lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce

from headrace.bind.alignment import shaped
from headrace.bind.bound import Stream
from headrace.bind.checks import AGGREGATE, WINDOW, typed
from headrace.bind.context import Context, plain_columns
from headrace.bind.orders import bind_order, total_order
from headrace.bind.ranges import crossed, distance
from headrace.bind.values import literal
from headrace.grammar.expression import Aggregate, Column, Expression, Literal, Order, Scope, Window
from headrace.grammar.printer import print_name
from headrace.grammar.types import Schema, Type, common_type
from headrace.models import read_value
from headrace.models.steps import Fill
from headrace.models.steps.fill import FillRange
from headrace.plan import (
    Aggregation,
    Distinct,
    Key,
    Project,
    Relation,
    Rows,
    SeriesBetween,
    SetOperation,
    Union,
)
from headrace.plan.names import NameSpace

_WHOLE = Type("integer", nullable=False)
_UNITS = {
    "date": ("day", "week", "month", "quarter", "year"),
    "timestamp": ("second", "minute", "hour", "day", "week", "month", "quarter", "year"),
    "integer": ("number",),
}


def bind(step: Fill, stream: Stream, context: Context) -> Stream | None:
    frame = _frame(step, stream.relation.schema, context)
    if frame is None:
        return None
    relation: Relation | None = stream.relation
    if frame.series is not None or frame.combinations:
        relation = _with_missing_rows(step, stream.relation, frame, context)
    if relation is not None and frame.down:
        relation = _carried_down(step, Stream(relation, stream.formulas), frame, context)
    return None if relation is None else Stream(relation, stream.formulas)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The columns that tell which rows there should be, and those that are carried down."""

    per: list[str]
    combinations: list[str]
    series: str | None
    down: list[str]

    @property
    def groups(self) -> list[str]:
        return [*self.per, *self.combinations]

    @property
    def names(self) -> list[str]:
        return [*self.groups, *([self.series] if self.series is not None else [])]


def _frame(step: Fill, schema: Schema, context: Context) -> _Frame | None:
    per = context.columns(step.per, lambda index: step.at("per", index), schema)
    combinations = context.columns(step.combinations, lambda index: step.at("combinations", index), schema)
    down = context.columns(step.down, lambda index: step.at("down", index), schema)
    series = next(iter(step.series), None) if step.series is not None else None
    sound = series is None or context.column(series, step.at("series", series), schema) is not None
    for name in step.values:
        sound = context.column(name, step.at("values", name), schema) is not None and sound
    if per is None or combinations is None or down is None or not sound:
        return None
    used: dict[str, str] = {}
    parts = (("series", [series] if series else []), ("per", per), ("combinations", combinations))
    for part, names in (*parts, ("values", list(step.values)), ("down", down)):
        for name in names:
            if name in used:
                context.report("S144", step.at(part), found=name, first=used[name], second=part)
                return None
            used[name] = part
    return _Frame(per, combinations, series, down)


# Missing rows


def _with_missing_rows(step: Fill, relation: Relation, frame: _Frame, context: Context) -> Relation | None:
    label = context.label
    groups = [_distinct(relation, [name], f"{label}_{name}") for name in frame.combinations]
    grid: Relation | None
    if frame.series is None or step.series is None:
        if frame.per:
            groups.insert(0, _distinct(relation, frame.per, f"{label}_groups"))
        grid = reduce(crossed, groups)
    else:
        grid = _grid(step.series[frame.series], step.at("series", frame.series), relation, frame, groups, context)
    if grid is None:
        return None
    present = Project(relation, plain_columns(relation, frame.names), step=f"{label}_present")
    wanted = Project(grid, plain_columns(grid, frame.names), step=f"{label}_wanted")
    missing = SetOperation("except", (wanted, present), wanted.schema, step=f"{label}_missing")
    given = _values(step, missing, relation.schema, context)
    if given is None:
        return None
    columns: dict[str, Type] = {}
    for name, type_ in relation.schema:
        if name in given:
            columns[name] = common_type(type_, given[name].type) or type_
        else:
            columns[name] = type_.with_null(type_.nullable or name not in frame.names)
    added = shaped(missing, columns, label, given)
    return Union((shaped(relation, columns, label), added), Schema.of(columns), Key(frame.names), step=label)


def _distinct(relation: Relation, names: list[str], label: str) -> Relation:
    return Distinct(Project(relation, plain_columns(relation, names), step=label), step=label)


def _grid(
    range_: FillRange, pointer: str, relation: Relation, frame: _Frame, groups: list[Relation], context: Context
) -> Relation | None:
    """Every value of the series for every group."""
    series = frame.series or ""
    type_ = relation.schema[series]
    units = _UNITS.get(type_.kind)
    if units is None:
        context.report("S145", pointer, found=series, type=str(type_))
        return None
    if range_.every.unit not in units:
        context.report("S146", f"{pointer}/every", found=series, type=str(type_), every=str(range_.every))
        return None
    names = NameSpace(relation.schema.names)
    ends = {"from": _End("first", "min", range_.from_), "to": _End("last", "max", range_.to)}
    of_all: dict[str, str] = {}
    of_each: dict[str, str] = {}
    bounds: dict[str, Expression] = {}
    for key, end in ends.items():
        measure = f"{end.function}({print_name(series)})"
        if end.text in (end.word, f"group_{end.word}"):
            name = names.claim(f"{end.word}_{series}")
            (of_all if end.text == end.word else of_each)[name] = measure
            bounds[key] = Column(typed(measure, relation, AGGREGATE).type, name)
            continue
        bound = _bound(end, type_, f"{pointer}/{key}", context)
        if bound is None:
            return None
        bounds[key] = bound
    label = context.label
    parts = list(groups)
    if of_each:
        parts.insert(0, _aggregated(relation, frame.per, of_each, f"{label}_groups"))
    elif frame.per:
        parts.insert(0, _distinct(relation, frame.per, f"{label}_groups"))
    if of_all:
        parts.append(_aggregated(relation, [], of_all, f"{label}_bounds"))
    if not parts:
        once = names.claim("once")
        parts.append(Rows("once", Schema(((once, _WHOLE),)), ((Literal(_WHOLE, 1),),), step=f"{label}_once"))
    every, unit = distance(range_.every)
    value = type_.with_null(False)
    base = reduce(crossed, parts)
    return SeriesBetween(base, series, value, bounds["from"], bounds["to"], every, unit, step=f"{label}_{series}")


@dataclass(frozen=True, slots=True)
class _End:
    """An end of the range as it is written; ``word`` stands for what ``function`` gives over the rows."""

    word: str
    function: str
    text: str


def _aggregated(relation: Relation, by: list[str], measures: dict[str, str], label: str) -> Relation:
    made = tuple((name, typed(formula, relation, AGGREGATE)) for name, formula in measures.items())
    return Aggregation(relation, plain_columns(relation, by), made, step=label)


def _bound(end: _End, type_: Type, pointer: str, context: Context) -> Expression | None:
    """A value of the column's type, or a formula over parameters."""
    try:
        return literal(read_value(end.text, type_), type_)
    except ValueError:
        pass
    formula = context.formula(end.text, pointer, Scope(parameters=context.parameters, timezone=context.timezone))
    if formula is not None and formula.type.kind != type_.kind:
        expected = f"{end.word}, group_{end.word}, or a value or formula of type {type_}"
        context.report("S147", pointer, found=end.text, type=str(formula.type), expected=expected)
        return None
    return formula


def _values(step: Fill, missing: Relation, schema: Schema, context: Context) -> dict[str, Expression] | None:
    """The values of added rows; their formulas may name what is known of such a row."""
    given: dict[str, Expression] = {}
    for name, text in step.values.items():
        value = context.formula(text, step.at("values", name), context.scope(Stream(missing)))
        if value is None:
            continue
        if common_type(schema[name], value.type) is None:
            context.report(
                "S148", step.at("values", name), found=name, type=str(schema[name]), value_type=str(value.type)
            )
            continue
        given[name] = value
    return given if len(given) == len(step.values) else None


# Values carried down


def _carried_down(step: Fill, stream: Stream, frame: _Frame, context: Context) -> Relation | None:
    relation = stream.relation
    order = bind_order(step.order, stream, context)
    if order is None:
        return None
    if frame.series is not None:
        order = (Order(Column(relation.schema[frame.series], frame.series)), *order)
    order = total_order(order, frame.groups, relation, context, step.at("down"), "S151", "S149")
    groups = tuple(Column(relation.schema[name], name) for name in frame.groups)
    names = NameSpace(relation.schema.names)
    counts = {name: names.claim(f"{name}_count") for name in frame.down}
    known = []
    for name, count in counts.items():
        # How many values are known up to a row: rows of one number share the value of the first of them.
        counted = typed(f"count({print_name(name)})", relation, AGGREGATE)
        assert isinstance(counted, Aggregate)
        known.append((count, Window(counted.type, counted, groups, order)))
    counted_up = Project(
        relation, (*plain_columns(relation, relation.schema.names), *known), step=f"{context.label}_known"
    )
    columns: list[tuple[str, Expression]] = []
    for name, column in plain_columns(relation, relation.schema.names):
        if name not in counts:
            columns.append((name, column))
            continue
        first = typed(f"first_value({print_name(name)} per () order by {print_name(name)})", relation, WINDOW)
        assert isinstance(first, Window)
        number = Column(counted_up.schema[counts[name]], counts[name])
        type_ = first.type.with_null(column.type.nullable)
        columns.append((name, replace(first, type=type_, partition=(*groups, number), order=order)))
    return Project(counted_up, tuple(columns), step=context.label)
