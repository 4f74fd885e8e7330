"""The join rendering of an expansion: its parameters become columns of an ordinary relation.

The dependent join of the values with the body is pushed down until nothing under it depends on the parameters
(T. Neumann, A. Kemper: Unnesting Arbitrary Queries, BTW 2015): there it is a plain cross join, above it the parameter
columns are part of every group key, join key, window partition and distinct. Where an aggregation can be swept
(``headrace.rules.sweep``), it is.

before: for each month, SELECT country, SUM(amount) FROM sales WHERE day <= month GROUP BY country
after:  SELECT month, country, SUM(amount) FROM month_values CROSS JOIN sales WHERE day <= month GROUP BY month, country
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from headrace.grammar.expression import (
    Aggregate,
    Call,
    Column,
    Expression,
    Literal,
    level_of,
    parameters_of,
)
from headrace.grammar.types import Schema, Type
from headrace.plan import (
    Aggregation,
    Assured,
    Distinct,
    Expansion,
    Filter,
    Join,
    JoinColumn,
    Limit,
    Project,
    Relation,
    SeriesBetween,
    SetOperation,
    Sort,
    Split,
    Union,
    Unpivot,
)
from headrace.plan.intervals import Blocks, Changes, Disjoint, Intervals, Spread
from headrace.plan.names import NameSpace
from headrace.rules.measures import replace_aggregates
from headrace.rules.sweep import by_value, spread, sweep
from headrace.rules.values import ParameterValues

_TRUE = Type("boolean", nullable=False)


class _NotUnnestedError(Exception):
    """The plan holds a node for which no rule is known."""


@dataclass
class Unnested:
    """An expansion as an ordinary relation.

    ``swept`` counts what was done in one pass over rows; ``multiplied`` what reads each row once for every value for
    which it is there, or for every value at all.
    """

    relation: Relation
    swept: int
    multiplied: int


def unnest(expansion: Expansion, may_sweep: bool = True) -> Unnested | None:
    """The expansion without an expansion, or None where it holds a step for which no rule is known."""
    work = _Unnesting(ParameterValues(expansion), may_sweep)
    try:
        body = work.of(expansion.body)
    except _NotUnnestedError:
        return None
    columns = [(name, Column(type_, work.values.columns[name])) for name, type_ in expansion.names]
    columns += [(name, Column(type_, name)) for name, type_ in expansion.body.schema]
    return Unnested(Project(body, tuple(columns), step=expansion.step), work.swept, work.multiplied)


@dataclass
class _Unnesting:
    values: ParameterValues
    may_sweep: bool
    swept: int = 0
    multiplied: int = 0
    # Nodes whose rows are there once for every value they belong to.
    many: set[int] = field(default_factory=set)
    made: dict[int, Relation] = field(default_factory=dict)
    kept: list[Relation] = field(default_factory=list)

    def of(self, node: Relation) -> Relation:
        """The node for every value: its columns, and those of the parameters, which come first."""
        if id(node) not in self.made:
            self.made[id(node)] = self.one(node)
            self.kept.append(node)
            if any(id(each) in self.many for each in node.inputs):
                if isinstance(node, (Aggregation, Distinct, Limit)):
                    self.multiplied += 1
                else:
                    self.many.add(id(node))
        return self.made[id(node)]

    def depends(self, node: Relation) -> bool:
        return bool(node.parameters & self.values.parameters)

    @property
    def keys(self) -> tuple[Column, ...]:
        return tuple(Column(type_, name) for name, type_ in self.values.schema)

    @property
    def plain(self) -> tuple[tuple[str, Expression], ...]:
        return tuple((key.name, key) for key in self.keys)

    @property
    def names(self) -> tuple[str, ...]:
        return self.values.schema.names

    def one(self, node: Relation) -> Relation:
        if not self.depends(node):
            self.multiplied += 1
            return self.crossed(node)
        if self.may_sweep and isinstance(node, (Filter, Project, Join)):
            found = spread(node, self.values)
            if found is not None:
                self.swept += 1
                self.many.add(id(node))
                return found
        match node:
            case Filter():
                return self.filter(node)
            case Project():
                return self.project(node)
            case Aggregation():
                return self.aggregation(node)
            case Distinct():
                return self.distinct(node)
            case Sort():
                return self.only(self.of(node.input), node.schema.names)
            case Assured():
                return self.of(node.input)
            case Limit():
                order = tuple(replace(term, value=self.values.as_columns(term.value)) for term in node.order)
                return replace(node, input=self.of(node.input), order=order, per=(*self.names, *node.per))
            case Union():
                return self.union(node)
            case SetOperation():
                return replace(node, branches=self.branches(node), columns=self.with_values(node.columns))
            case Split():
                return self.in_front(replace(node, input=self.of(node.input)))
            case Unpivot():
                return replace(node, input=self.of(node.input), kept=(*self.names, *node.kept))
            case SeriesBetween():
                start, stop = self.values.as_columns(node.start), self.values.as_columns(node.stop)
                return replace(node, input=self.of(node.input), start=start, stop=stop)
            case Join():
                return self.join(node)
            case Intervals():
                return self.intervals(node)
            case Disjoint():
                return replace(node, input=self.of(node.input), by=(*self.names, *node.by))
            case Blocks():
                return self.in_front(replace(node, input=self.of(node.input)))
            case Changes():
                return replace(node, input=self.of(node.input), by=(*self.names, *node.by))
            case Spread():
                return self.in_front(replace(node, input=self.of(node.input)))
            case Expansion():
                return self.expansion(node)
        raise _NotUnnestedError

    def crossed(self, node: Relation) -> Relation:
        columns = [JoinColumn(name, name, None, type_) for name, type_ in self.values.schema]
        columns += [JoinColumn(name, None, name, type_) for name, type_ in node.schema]
        return Join(self.values.relation, node, "cross", (), tuple(columns), step=f"{node.step or 'rows'}_by_value")

    def filter(self, node: Filter) -> Relation:
        predicate = self.values.as_columns(node.predicate)
        return replace(node, input=self.of(node.input), predicate=predicate)

    def project(self, node: Project) -> Relation:
        columns = tuple((name, self.windowed(value)) for name, value in node.columns)
        return replace(node, input=self.of(node.input), columns=(*self.plain, *columns))

    def windowed(self, value: Expression) -> Expression:
        return by_value(self.values.as_columns(value), self.keys)

    def in_front(self, relation: Relation) -> Relation:
        """The relation with the parameter columns first."""
        return self.only(relation, [name for name in relation.schema.names if name not in self.names])

    def only(self, relation: Relation, names: Sequence[str]) -> Relation:
        """The parameter columns and the given others, in this order."""
        wanted = (*self.names, *names)
        if relation.schema.names == wanted:
            return relation
        plain = tuple((name, Column(relation.schema[name], name)) for name in wanted)
        return Project(relation, plain, step=relation.step)

    def aggregation(self, node: Aggregation) -> Relation:
        if self.may_sweep:
            found = sweep(node, self.values)
            if found is not None:
                self.swept += 1
                return found
        if any(level_of(value) == "window" for _, value in node.measures):
            return self.aggregation_with_windows(node)
        groups = (*self.plain, *((name, self.values.as_columns(value)) for name, value in node.groups))
        measures = tuple((name, self.values.as_columns(value)) for name, value in node.measures)
        if node.groups:
            return replace(node, input=self.of(node.input), groups=groups, measures=measures)
        return self.total(node, measures)

    def distinct(self, node: Distinct) -> Relation:
        groups = tuple((name, Column(type_, name)) for name, type_ in node.schema)
        found = sweep(Aggregation(node.input, groups, (), step=node.step), self.values) if self.may_sweep else None
        if found is None:
            return replace(node, input=self.of(node.input))
        self.swept += 1
        return found

    def intervals(self, node: Intervals) -> Relation:
        bounds = (*node.starts, *node.ends)
        if self.depends(node.values) or any(parameters_of(each.threshold) & self.values.parameters for each in bounds):
            raise _NotUnnestedError
        starts, ends = (
            tuple(replace(each, value=self.values.as_columns(each.value)) for each in side)
            for side in (node.starts, node.ends)
        )
        return replace(node, input=self.of(node.input), starts=starts, ends=ends)

    def total(self, node: Aggregation, measures: tuple[tuple[str, Expression], ...]) -> Relation:
        """A total has a row for every value, and is over no rows where nothing matched: each aggregate is told which
        rows are none."""
        rows = self.of(node.input)
        mark = self.values.names.claim("matched")
        marked = Project(
            rows,
            (*((name, Column(type_, name)) for name, type_ in rows.schema), (mark, Literal(_TRUE, True))),
            step=f"{node.step}_rows",
        )
        theirs = {name: self.values.names.claim(name) for name in self.names}
        renamed = Project(
            marked,
            tuple((theirs.get(name, name), Column(type_, name)) for name, type_ in marked.schema),
            step=marked.step,
        )
        columns = [JoinColumn(name, name, None, type_) for name, type_ in self.values.schema]
        columns += [
            JoinColumn(name, None, name, type_.with_null())
            for name, type_ in renamed.schema
            if name not in theirs.values()
        ]
        joined = Join(
            self.values.relation, renamed, "left", tuple(theirs.items()), tuple(columns), step=f"{node.step}_by_value"
        )
        matched = Column(_TRUE.with_null(), mark)

        def only_matched(aggregate: Aggregate) -> Expression:
            where: Expression = matched
            if aggregate.where is not None:
                where = Call(_TRUE.with_null(), "and", 0, (matched, aggregate.where))
            return replace(aggregate, where=where)

        counted = tuple((name, replace_aggregates(value, only_matched)) for name, value in measures)
        return Aggregation(joined, self.plain, counted, step=node.step)

    def aggregation_with_windows(self, node: Aggregation) -> Relation:
        """The aggregates first, then the windows over them, those of each value apart."""
        taken = NameSpace((*node.schema.names, *self.names))
        found: dict[Aggregate, str] = {}

        def note(aggregate: Aggregate) -> Expression:
            if aggregate not in found:
                found[aggregate] = taken.claim("part")
            return Column(aggregate.type, found[aggregate])

        keys: dict[Expression, Expression] = {}
        for name, key in node.groups:
            keys.setdefault(key, Column(key.type, name))
        measures = tuple((name, replace_aggregates(value, note, keys)) for name, value in node.measures)
        parts = tuple((name, aggregate) for aggregate, name in found.items())
        inner = self.aggregation(replace(node, measures=parts, step=f"{node.step}_parts"))
        groups = tuple((name, Column(inner.schema[name], name)) for name, _ in node.groups)
        columns = tuple((name, self.windowed(value)) for name, value in measures)
        return Project(inner, (*self.plain, *groups, *columns), step=node.step)

    def union(self, node: Union) -> Relation:
        apart = None if node.apart is None else node.apart | set(self.names)
        return replace(node, branches=self.branches(node), columns=self.with_values(node.columns), apart=apart)

    def branches(self, node: Union | SetOperation) -> tuple[Relation, ...]:
        return tuple(
            self.only(self.of(each) if self.depends(each) else self.crossed(each), node.columns.names)
            for each in node.branches
        )

    def with_values(self, schema: Schema) -> Schema:
        return Schema((*self.values.schema.columns, *schema.columns))

    def expansion(self, node: Expansion) -> Relation:
        """An expansion inside: unnested itself first."""
        if node.given is not None and self.depends(node.given):
            raise _NotUnnestedError
        inner = unnest(node, self.may_sweep)
        if inner is None:
            raise _NotUnnestedError
        return self.in_front(self.of(inner.relation))

    def join(self, node: Join) -> Relation:
        """Only a side that must not be multiplied by the values stays as it is."""
        left, right = self.depends(node.left), self.depends(node.right)
        own = set() if node.condition is None else parameters_of(node.condition) & self.values.parameters
        if node.kind == "semi" and not left:
            if node.condition is not None:
                raise _NotUnnestedError
            return self.semi(node)
        kind = node.kind
        # The side whose unmatched rows come out must be there for every value.
        cross_left = not left and (kind in ("left", "full", "anti") or (bool(own) and not right))
        cross_right = not right and kind in ("right", "full")
        self.multiplied += bool(own)
        ours = self.of(node.left) if left else self.crossed(node.left) if cross_left else node.left
        theirs = self.of(node.right) if right else self.crossed(node.right) if cross_right else node.right
        with_left, with_right = left or cross_left, right or cross_right
        columns: list[JoinColumn] = []
        on = list(node.on)
        for name, type_ in self.values.schema:
            if kind in ("semi", "anti"):
                columns.append(JoinColumn(name, name, None, type_))
            else:
                columns.append(JoinColumn(name, name if with_left else None, name if with_right else None, type_))
            if with_left and with_right:
                on.append((name, name))
        if kind == "cross" and with_left and with_right:
            kind = "inner"
        return replace(
            node,
            left=ours,
            right=theirs,
            kind=kind,
            on=tuple(on),
            columns=(*columns, *node.columns),
            condition=None if node.condition is None else self.values.as_columns(node.condition, 0 if with_left else 1),
            # A row of a left that is the same for every value meets one row for each of them.
            right_is_one=node.right_is_one and (with_left or not with_right),
        )

    def semi(self, node: Join) -> Relation:
        """A semi join of rows that are the same for every value: each joined with the values for which it is found."""
        pairs = {theirs: ours for ours, theirs in node.on}
        keys = Aggregation(
            node.right,
            tuple((name, Column(node.right.schema[name], name)) for name in pairs),
            (),
            step=f"{node.step}_keys",
        )
        columns = [JoinColumn(name, None, name, type_) for name, type_ in self.values.schema]
        on = tuple((ours, theirs) for theirs, ours in pairs.items())
        return replace(node, right=self.aggregation(keys), kind="inner", on=on, columns=(*columns, *node.columns))
