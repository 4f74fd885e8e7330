"""The sweep: an aggregation for every value of a parameter in one pass over its rows.

Where the parameter only bounds which rows are read, its values in ascending order make each row belong to a run of
neighbouring values. Rows are aggregated by group and run, the runs spread over their values, and the partial results
merged: the cost is rows + values, not rows × values. Partial results are merged, never subtracted.

before: for each month, SELECT country, SUM(amount) FROM sales
        WHERE day > month - 12 months AND day <= month GROUP BY country
after:  SELECT country, first, last, SUM(amount) … GROUP BY country, first, last
        spread over GENERATE_SERIES(first, last), SUM of the sums, joined with the values

Distinct values count once a value: of each, the runs are made disjoint first (``Disjoint``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from headrace.grammar.expression import (
    Aggregate,
    Call,
    Case,
    Column,
    Expression,
    Literal,
    ParameterValue,
    Window,
    columns_of,
    level_of,
    parameters_of,
    transform,
)
from headrace.grammar.functions import entry_of
from headrace.grammar.types import Schema, Type
from headrace.plan import Aggregation, Filter, Join, JoinColumn, JoinKind, Project, Relation, Union
from headrace.plan.intervals import NUMBER, STEPPED, Bound, Cells, Disjoint, Intervals, Spread
from headrace.plan.names import NameSpace
from headrace.rules.bounds import ORDERED, Bounds, bounds_of
from headrace.rules.failing import may_fail
from headrace.rules.lift import Lifted, lift
from headrace.rules.measures import Part, least_of, parts_of, replace_aggregates, whole
from headrace.rules.merging import Merging, merged_by, only_counts
from headrace.rules.predicates import all_of, conjuncts
from headrace.rules.values import ParameterValues

_IDEMPOTENT = ("min", "max", "bool_and", "bool_or")
"""Aggregates to which it is all one whether a value comes once or more often."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An aggregate of the measures: its parts, and the rows that they are over."""

    aggregate: Aggregate
    parts: tuple[Part, ...]
    columns: tuple[str, ...]
    starts: tuple[Bound, ...]
    ends: tuple[Bound, ...]
    once: Expression | None

    @property
    def pass_key(self) -> tuple[object, ...]:
        """Aggregates with the same key are computed in one pass."""
        return (self.starts, self.ends, self.once)


def sweep(node: Aggregation, values: ParameterValues) -> Relation | None:
    """The aggregation for each value, its parameter's column in front, or None where it is no sweep.

    The parameter may bound the rows that are read (``headrace.rules.bounds``) and stand in the ``where`` of aggregates
    as such a bound; all aggregates must have parts that can be merged.
    """
    return _Sweep(node, values).relation() if _has_order(values) else None


def spread(node: Relation, values: ParameterValues) -> Relation | None:
    """The rows of a plan that only the parameter's bounds choose, each with the values for which it is there.

    None where something else depends on the parameter than bounds and computed columns.
    """
    if not _has_order(values):
        return None
    ((parameter, column),) = values.columns.items()
    lifted = lift(node, values.parameters)
    bounds = None if lifted is None else bounds_of(lifted.terms, parameter)
    if lifted is None or bounds is None or not (bounds.starts or bounds.ends):
        return None
    names = NameSpace((*lifted.base.schema.names, *node.schema.names, column))
    number, first, last = (names.claim(each) for each in ("number", "first", "last"))
    numbered = values.numbered(parameter, number)
    rows = _rows_in_range(lifted.base, bounds, values, node.step)
    step = node.step
    runs = _runs(rows, bounds.starts, bounds.ends, values, (numbered, number, first, last), step)
    each = Spread(_guarded(runs, bounds, step), first, last, number, step=f"{step}_spread")
    columns = [JoinColumn(column, column, None, numbered.schema[column])]
    columns += [JoinColumn(name, None, name, type_) for name, type_ in each.schema if name != number]
    joined = Join(numbered, each, "inner", ((number, number),), tuple(columns), step=f"{step}_by_value")
    outputs = tuple((name, values.as_columns(value)) for name, value in lifted.outputs.items())
    return Project(joined, ((column, Column(joined.schema[column], column)), *outputs), step=step)


def _has_order(values: ParameterValues) -> bool:
    """Whether there is one parameter whose values can be put in an order and found in it."""
    if len(values.schema) != 1:
        return False
    kind = values.schema.columns[0][1].kind
    # A NaN among thresholds has no place that PostgreSQL's width_bucket would find.
    return kind in ORDERED and (kind != "float" or values.expansion.given is None)


def _rows_in_range(base: Relation, bounds: Bounds, values: ParameterValues, step: str) -> Relation:
    """The rows that may count for any value: what does not depend on it, and the widest bounds."""
    certain = [term for term in bounds.rest if not may_fail(term)]
    terms = [*certain, *_widest(bounds.starts, values, last=True), *_widest(bounds.ends, values, last=False)]
    return Filter(base, all_of(terms), step=f"{step}_rows") if terms else base


def _widest(bounds: Sequence[Bound], values: ParameterValues, last: bool) -> list[Expression]:
    """The bounds for the last (or first) value, where it is known: no row beyond them counts for any value."""
    if values.expansion.given is not None or not values.ascending:
        return []
    (parameter,) = values.columns
    value = values.ascending[-1 if last else 0]

    def bind(each: Expression) -> Expression | None:
        return value if isinstance(each, ParameterValue) and each.name == parameter else None

    terms: list[Expression] = []
    for bound in bounds:
        function = ("less" if last else "greater") + ("_or_equal" if bound.inclusive else "")
        if not bound.open:
            signature = 0 if bound.value.type.kind == "text" else 1
            terms.append(Call(bound.type, function, signature, (bound.value, transform(bound.threshold, bind))))
    return terms


def _guarded(runs: Intervals, bounds: Bounds, step: str) -> Relation:
    """The runs of rows for which the conditions that may fail hold; those are tested for rows of some value only."""
    risky = [term for term in bounds.rest if may_fail(term)]
    if not risky:
        return runs
    false = Literal(Type("boolean", nullable=False), False)
    tested = Case(Type("boolean"), ((_not_above(runs.first, runs.last), all_of(risky)),), false)
    return Filter(runs, tested, step=f"{step}_tested")


def _runs(
    rows: Relation,
    starts: Sequence[Bound],
    ends: Sequence[Bound],
    values: ParameterValues,
    numbered: tuple[Relation, str, str, str],
    step: str,
) -> Intervals:
    relation, number, first, last = numbered
    over = [
        tuple(replace(each, threshold=values.as_columns(each.threshold, side=1)) for each in side)
        for side in (starts, ends)
    ]
    return Intervals(rows, relation, number, over[0], over[1], first, last, step=f"{step}_runs")


class _Sweep:
    def __init__(self, node: Aggregation, values: ParameterValues) -> None:
        self.node = node
        self.values = values
        ((self.parameter, self.column),) = values.columns.items()
        self.names = NameSpace((*(name for name, _ in node.groups), self.column))
        self.columns: dict[tuple[object, Part], str] = {}
        self.wanted: list[_Wanted] = []
        self.keys: dict[Expression, str] = {}

    def relation(self) -> Relation | None:
        lifted = lift(self.node.input, frozenset((self.parameter,)))
        if lifted is None:
            return None
        bounds = bounds_of(lifted.terms, self.parameter)
        groups = self.groups(lifted)
        if bounds is None or groups is None or not self.collect(lifted):
            return None
        constant, grouped = groups
        self.number = self.names.claim("number")
        self.first, self.last = self.names.claim("first"), self.names.claim("last")
        self.numbered = self.values.numbered(self.parameter, self.number)
        passes: dict[tuple[object, ...], list[_Wanted]] = {}
        if self.node.groups and not any(not each.starts and not each.ends for each in self.wanted):
            # Which groups there are is not for the aggregates' own conditions to say.
            passes[((), (), None)] = []
        for each in self.wanted:
            passes.setdefault(each.pass_key, []).append(each)
        rows = _rows_in_range(lifted.base, bounds, self.values, self.node.step)
        parts = [self.one_pass(rows, bounds, grouped, wanted) for wanted in passes.values() or [[]]]
        merged_parts = self.merge(parts, grouped)
        return self.finish(merged_parts, constant, grouped)

    def groups(self, lifted: Lifted) -> tuple[dict[str, Expression], list[tuple[str, Expression]]] | None:
        """The group keys that depend on the parameter alone, and those over the base."""
        constant: dict[str, Expression] = {}
        grouped: list[tuple[str, Expression]] = []
        for name, key in self.node.groups:
            value = lifted.over_base(key)
            if level_of(value) != "row":
                return None
            if self.parameter not in parameters_of(value):
                grouped.append((name, value))
            elif columns_of(value):
                return None
            else:
                constant[name] = value
        return constant, grouped

    def collect(self, lifted: Lifted) -> bool:
        """Finds the aggregates of the measures; whether all of them can be merged."""
        found: dict[Aggregate, str] = {}
        for name, measure in self.node.measures:
            replace_aggregates(measure, partial(_noted, found, name))
        for aggregate, name in found.items():
            wanted = self.want(aggregate, name, lifted)
            if wanted is None:
                return False
            self.wanted.append(wanted)
        return True

    def want(self, aggregate: Aggregate, name: str, lifted: Lifted) -> _Wanted | None:
        function = entry_of(aggregate)
        if function.merge is None or (aggregate.order and function.order != "free"):
            return None
        arguments = tuple(lifted.over_base(each) for each in aggregate.arguments)
        if any(self.parameter in parameters_of(each) or level_of(each) != "row" for each in arguments):
            return None
        where: list[Expression] = [] if aggregate.where is None else conjuncts(lifted.over_base(aggregate.where))
        own = bounds_of(where, self.parameter)
        if own is None:
            return None
        condition = all_of(own.rest) if own.rest else None
        once: Expression | None = None
        if aggregate.distinct and function.merge.by[0] not in _IDEMPOTENT:
            (value,) = arguments
            null = Literal(value.type.with_null(), None)
            once = value if condition is None else Case(value.type.with_null(), ((condition, value),), null)
            if once not in self.keys:
                self.keys[once] = self.names.claim("value")
            arguments, condition = (Column(once.type, self.keys[once]),), None
        over = replace(aggregate, arguments=arguments, where=condition, distinct=False, order=())
        parts = parts_of(over)
        if parts is None:
            return None
        columns = []
        for part in parts:
            same = ((own.starts, own.ends, once), part)
            if same not in self.columns:
                self.columns[same] = self.names.claim(name if len(parts) == 1 else f"{name}_{part.aggregate.function}")
            columns.append(self.columns[same])
        return _Wanted(aggregate, parts, tuple(columns), own.starts, own.ends, once)

    def one_pass(
        self, rows: Relation, bounds: Bounds, grouped: list[tuple[str, Expression]], wanted: list[_Wanted]
    ) -> Relation:
        """Aggregates over the same rows for each value: by group and run first."""
        starts, ends, once = (wanted[0].starts, wanted[0].ends, wanted[0].once) if wanted else ((), (), None)
        starts, ends = (*bounds.starts, *starts), (*bounds.ends, *ends)
        own = [value for _, value in grouped]
        if once is not None:
            own.append(once)
        else:
            own.extend(part.aggregate for each in wanted for part in each.parts)
        read_by_bounds = [bound.value for bound in (*starts, *ends)]
        risky = [term for term in bounds.rest if may_fail(term)]
        needed = {column.name for value in (*own, *read_by_bounds, *risky) for column in columns_of(value)}
        kept = tuple((name, Column(type_, name)) for name, type_ in rows.schema if name in needed)
        step = self.node.step
        read = rows if len(kept) == len(rows.schema) or not kept else Project(rows, kept, step=rows.step or step)
        names = NameSpace((*read.schema.names, *self.node.schema.names))
        measures = _measures(wanted)
        aggregates = tuple((name, part.aggregate) for name, part in measures)
        merging = Merging(tuple(name for name, _ in grouped), self.first, self.last, self.number, step)
        count = len(self.values.ascending) if self.values.expansion.given is None else None
        first, last = names.claim("first"), names.claim("last")
        runs = _runs(read, starts, ends, self.values, (self.numbered, self.number, first, last), step)
        # What could fail is computed for rows that belong to some value, as it would be for each value apart.
        counted = _guarded(runs, bounds, step)
        if any(may_fail(value) for value in own):
            counted = Filter(counted, _not_above(first, last), step=f"{step}_counted")
        if once is None and counted is runs and _has_cells(runs):
            return merging.merged(self.by_cell(runs, grouped, aggregates, names), measures, count)
        run = ((self.first, Column(NUMBER, first)), (self.last, Column(NUMBER, last)))
        if once is None:
            parts = Aggregation(counted, (*grouped, *run), aggregates, step=f"{step}_parts")
            return merging.merged(parts, measures, count)
        # Equal rows need not be made one first: of two equal runs, the second is cut to nothing. And that would cost a
        # hash table of all there are. Sorting begins with the counted value, which has most to tell apart.
        key = self.keys[once]
        each = Project(counted, ((key, once), *grouped, *run), step=f"{step}_runs")
        by = (key, *(name for name, _ in grouped))
        disjoint = Disjoint(each, by, self.first, self.last, runs.is_ordered, step=f"{step}_disjoint")
        if only_counts(measures):
            return merging.by_changes(disjoint, aggregates)
        plain = tuple((name, Column(disjoint.schema[name], name)) for name, _ in (*grouped, *run))
        return merging.merged(Aggregation(disjoint, plain, aggregates, step=f"{step}_parts"), measures, count)

    def by_cell(
        self,
        runs: Intervals,
        grouped: list[tuple[str, Expression]],
        aggregates: tuple[tuple[str, Expression], ...],
        names: NameSpace,
    ) -> Relation:
        """The same by one number instead of two: each row is placed once, and the runs are found for what is left."""
        step = self.node.step
        cell, least = names.claim("cell"), names.claim("smallest")
        bounds = (*runs.starts, *runs.ends)
        value = bounds[0].value
        placed = Cells(runs.input, runs.values, bounds, len(runs.starts), cell, step=f"{step}_cells")
        groups = (*grouped, (cell, Column(NUMBER, cell)))
        parts = Aggregation(placed, groups, (*aggregates, (least, least_of(value))), step=f"{step}_cells")
        kept = Column(value.type, least)
        again = replace(
            runs,
            input=parts,
            starts=tuple(replace(bound, value=kept) for bound in runs.starts),
            ends=tuple(replace(bound, value=kept) for bound in runs.ends),
        )
        plain = [(name, Column(again.schema[name], name)) for name, _ in (*grouped, *aggregates)]
        run = [(self.first, Column(NUMBER, runs.first)), (self.last, Column(NUMBER, runs.last))]
        return Project(again, (*plain, *run), step=f"{step}_parts")

    def merge(self, parts: list[Relation], grouped: list[tuple[str, Expression]]) -> Relation:
        """The passes stacked, and what each gives for a group and number made one row."""
        if len(parts) == 1:
            return parts[0]
        step = self.node.step
        measures = _measures(self.wanted)
        keys = (*(name for name, _ in grouped), self.number)
        names = (*keys, *(name for name, _ in measures))
        types: dict[str, Type] = {}
        for relation in parts:
            types.update(relation.schema.types)
        schema = Schema(tuple((name, types[name].with_null()) for name in names))
        branches = tuple(
            Project(
                relation,
                tuple(
                    (name, Column(type_, name) if name in relation.schema else Literal(type_, None))
                    for name, type_ in schema
                ),
                step=relation.step,
            )
            for relation in parts
        )
        stacked = Union(branches, schema, step=f"{step}_passes")
        return merged_by(stacked, keys, measures, step=f"{step}_together")

    def finish(
        self, parts: Relation, constant: dict[str, Expression], grouped: list[tuple[str, Expression]]
    ) -> Relation:
        """The values with what belongs to each; a total has a row for every value."""
        step = self.node.step
        columns = [JoinColumn(self.column, self.column, None, self.numbered.schema[self.column])]
        columns += [JoinColumn(name, None, name, type_) for name, type_ in parts.schema if name != self.number]
        kind: JoinKind = "inner" if self.node.groups else "left"
        joined = Join(self.numbered, parts, kind, ((self.number, self.number),), tuple(columns), step=f"{step}_values")
        value_of = {
            each.aggregate: whole(each.aggregate, tuple(Column(joined.schema[name], name) for name in each.columns))
            for each in self.wanted
        }
        column = Column(joined.schema[self.column], self.column)
        outputs: list[tuple[str, Expression]] = [(self.column, column)]
        keys: dict[Expression, Expression] = {}
        for name, key in self.node.groups:
            value = constant[name] if name in constant else Column(parts.schema[name], name)
            outputs.append((name, self.values.as_columns(value)))
            keys.setdefault(key, value)
        for name, measure in self.node.measures:
            value = replace_aggregates(measure, lambda aggregate: value_of[aggregate], keys)
            outputs.append((name, by_value(self.values.as_columns(value), (column,))))
        return Project(joined, tuple(outputs), step=step)


def _not_above(first: str, last: str) -> Expression:
    return Call(Type("boolean"), "less_or_equal", 1, (Column(NUMBER, first), Column(NUMBER, last)))


def _has_cells(runs: Intervals) -> bool:
    """Whether all bounds are on one value, of a kind that ``Cells`` takes, and there is more than one of them."""
    bounds = (*runs.starts, *runs.ends)
    values = {bound.value for bound in bounds}
    return len(bounds) > 1 and len(values) == 1 and runs.knows_values and bounds[0].value.type.kind in STEPPED


def _measures(wanted: Sequence[_Wanted]) -> list[tuple[str, Part]]:
    """The columns of the parts, each once."""
    return list({name: part for each in wanted for name, part in zip(each.columns, each.parts, strict=True)}.items())


def _noted(found: dict[Aggregate, str], name: str, aggregate: Aggregate) -> Aggregate:
    found.setdefault(aggregate, name)
    return aggregate


def by_value(expression: Expression, columns: tuple[Column, ...]) -> Expression:
    """The expression with its windows over the rows of one value only."""

    def change(each: Expression) -> Expression | None:
        if isinstance(each, Window):
            return replace(each, partition=(*columns, *each.partition))
        return None

    return transform(expression, change)
