"""A plan as SQL: one query, a flat chain of CTEs, each named after its step.

Plan nodes are taken into the SELECT of their input as long as SQL's order of evaluation allows (``Block``); where it
does not, that SELECT becomes a CTE. A statement holds at most ``MOST_CTES`` of them and ``MOST_BRANCHES`` branches of
an expansion: PostgreSQL's planning grows out of hand with more. Past that, a table is placed between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from headrace.grammar.expression import Column, Expression, ParameterValue
from headrace.grammar.types import Schema, Type
from headrace.plan import (
    Aggregation,
    Assured,
    Distinct,
    Expansion,
    Filter,
    Join,
    Limit,
    Project,
    Relation,
    Rows,
    Series,
    SeriesBetween,
    SetOperation,
    Sort,
    Split,
    SqlQuery,
    TableScan,
    Union,
    Unpivot,
    postorder,
)
from headrace.plan.expansion import MOST_BRANCHES
from headrace.plan.intervals import Blocks, Cells, Changes, Disjoint, Intervals, Spread
from headrace.plan.names import NameSpace
from headrace.sql.block import Block, Stage, is_named_column, never_a_position
from headrace.sql.early_conditions import needs_fence
from headrace.sql.expansion import (
    TableOf,
    beside,
    branch,
    chunks,
    independent_parts,
    no_values,
    over_tables,
    value_columns,
    with_own_columns,
)
from headrace.sql.expressions import NOW, is_narrow
from headrace.sql.full_joins import without_full_joins
from headrace.sql.identifiers import identifier
from headrace.sql.inlining import MOST_PARTS, sizes_of
from headrace.sql.intervals import blocks_table, cells, changes, cut, runs
from headrace.sql.leaves import parts_table, rows_table, series_between_table, series_table, values_table
from headrace.sql.literals import render_literal
from headrace.sql.statement import (
    OUTSIDE,
    Bindings,
    Cte,
    Rendering,
    difference,
    intersection,
    tables_read,
    union_all,
    with_cte,
)
from headrace.sql.types import sql_cast, sql_type

MOST_CTES = 60


def render(plan: Relation, bindings: Bindings, rendering: Rendering) -> tuple[exp.Query, list[exp.Query]]:
    """The query of ``plan``, every output column cast to its type, and further queries that add rows (mostly none)."""
    plan = without_full_joins(plan)
    if not isinstance(plan, Expansion) or plan.strategy == "lateral" or len(plan.values) <= plan.most_branches:
        return _Query(bindings, rendering).whole(plan), []
    parts = chunks(plan, plan.most_branches)
    rendering.notes.append(f"{len(plan.values)} values, at most {plan.most_branches} in a statement")
    first, *more = [_Query(bindings, rendering).whole(part) for part in parts]
    return first, more


def _reads(node: Relation) -> tuple[Relation, ...]:
    """What a node reads in its own statement: the body of an expansion is rendered once a value, elsewhere."""
    if not isinstance(node, Expansion):
        return node.inputs
    return independent_parts(node) if node.given is None else (*independent_parts(node), node.given)


class _Query:
    """One statement under construction: the SELECTs that are still open, and the CTEs that are done.

    ``outer`` are the CTEs of the statement that this query is to stand in; one that is ``correlated`` reads columns of
    the row beside it, and cannot become a table of its own.
    """

    def __init__(
        self,
        bindings: Bindings,
        rendering: Rendering,
        outer: Mapping[str, Cte] | None = None,
        correlated: bool = False,
    ) -> None:
        self.correlated = correlated
        self.bindings = bindings
        self.rendering = rendering
        self.outer = dict(outer or {})
        self.names = NameSpace(self.outer)
        self.ctes: dict[str, Cte] = {}
        self.open: dict[int, Block | exp.Query] = {}
        self.named: dict[int, exp.Table] = {}

    def whole(self, plan: Relation) -> exp.Query:
        self.build(plan, keep_order=True)
        types = plan.schema.types
        return self.with_ctes(self.take(plan).select(plan.schema, lambda value, name: _typed(value, types[name])))

    def body(self, plan: Relation) -> exp.Query:
        """A query to stand inside another."""
        self.build(plan, keep_order=False)
        built = self.open.pop(id(plan), None)
        if built is None:
            built = self.scan(plan)
        return self.with_ctes(built.select(plan.schema) if isinstance(built, Block) else built)

    def with_ctes(self, query: exp.Query, alone: bool = False) -> exp.Query:
        """The query with the CTEs it reads; where it is to stand ``alone``, those of the outer statement too."""
        used = self.used_by(query)
        outer = [replace(cte, query=cte.query.copy()) for cte in self.outer.values() if cte.name in used]
        chain = [*(outer if alone else ()), *(cte for cte in self.ctes.values() if cte.name in used)]
        if chain:
            reads = Counter(tables_read(query))
            for cte in chain:
                reads.update(cte.reads)
            # A query that a user wrote may have a WITH of its own, whose names are none of ours.
            own = query.args.get("with_")
            ctes = [with_cte(cte, reads[cte.name]) for cte in chain]
            for cte in chain:
                if reads[cte.name] > 1:
                    self.rendering.shared[cte.name] = (reads[cte.name], cte.costly)
            recursive = None if own is None else own.args.get("recursive")
            query.set("with_", exp.With(expressions=[*ctes, *(own.expressions if own else ())], recursive=recursive))
        return query

    def used_by(self, query: exp.Expr) -> set[str]:
        """The CTEs that a query reads, through others too."""
        known = {**self.outer, **self.ctes}
        used: set[str] = set()
        waiting = list(tables_read(query))
        while waiting:
            name = waiting.pop()
            if name in known and name not in used:
                used.add(name)
                waiting.extend(known[name].reads)
        return used

    def build(self, plan: Relation, keep_order: bool) -> None:
        defined = [name for node in postorder(plan) if isinstance(node, SqlQuery) for name in node.defined]
        self.names = NameSpace((*self.outer, *defined))
        nodes = list(postorder(plan, _reads))
        readers: Counter[int] = Counter()
        for node in nodes:
            for each in _reads(node):
                # What an expansion shares between its branches is read by each of them.
                readers[id(each)] += 2 if isinstance(node, Expansion) else 1
        for node in nodes:
            if not node.inputs:
                continue
            if isinstance(node, Sort) and not (keep_order and node is plan):
                # SQL forgets an order as soon as anything reads it; a limit carries its own.
                if node.hidden:
                    built = self.before(node.input, Stage.DISTINCT)
                    built.rename({name: name for name in node.schema.names})
                else:
                    built = self.take(node.input)
                self.open[id(node)] = built
            else:
                given = self.made(node)
                if isinstance(given, Block):
                    given.nodes.append(node)
                elif self.rendering.trace is not None:
                    self.rendering.trace.mark(given, (node,))
                self.open[id(node)] = given
            if readers[id(node)] > 1:
                self.close(node, self.open.pop(id(node)))

    def take(self, node: Relation) -> Block:
        """A block that gives the rows of ``node`` and may be added to."""
        built = self.open.pop(id(node), None)
        if isinstance(built, Block):
            return built
        return self.scan(node) if built is None else self.close(node, built)

    def close(self, node: Relation, built: Block | exp.Query) -> Block:
        """A block over what has been built for ``node``, which becomes a CTE."""
        self.named[id(node)] = self.name(node.step or getattr(node, "source", ""), node.schema, built)
        return self.scan(node)

    def fenced(self, node: Relation) -> Block:
        """A block over the rows of ``node``, which PostgreSQL computes before it looks at what is asked of them."""
        if id(node) not in self.named:
            self.close(node, self.open.pop(id(node)) if id(node) in self.open else self.scan(node))
        name = self.named[id(node)].name
        if name in self.ctes:
            self.ctes[name] = replace(self.ctes[name], fenced=True, sizes={})
        return self.scan(node)

    def scan(self, node: Relation) -> Block:
        """A new block that reads a leaf, or the CTE or table that ``node`` has become."""
        if id(node) in self.named:
            table: exp.Expression = self.named[id(node)].copy()
        elif isinstance(node, Rows):
            table = rows_table(node)
        elif isinstance(node, Series):
            table = series_table(node)
        elif isinstance(node, TableOf):
            table = node.table.copy()
        else:
            table = self.rendering.table(node)
        if self.rendering.trace is not None:
            table = self.rendering.trace.aliased(table, node)
        return self.block(table, node.schema)

    def block(self, table: exp.Expression, schema: Schema) -> Block:
        return Block(table, schema, self.parameter, self.rendering.trace)

    def name(self, step: str, schema: Schema, built: Block | exp.Query) -> exp.Table:
        """The CTE (or, where there are too many, the table) that a finished query becomes."""
        query = built.select(schema) if isinstance(built, Block) else built
        costly = built.costly if isinstance(built, Block) else "it stacks or compares rows"
        if len(self.used_by(query)) >= MOST_CTES - 1 and not self.correlated:
            reason = f"a statement holds at most {MOST_CTES} steps"
            return self.rendering.intermediate(schema, reason, self.with_ctes(query, alone=True), [])
        name = self.names.claim(step or "rows")
        reads = tuple(tables_read(query))
        known = {**self.outer, **self.ctes}
        sizes = sizes_of(query, (known[each].sizes for each in reads if each in known))
        fenced = max(sizes.values(), default=0) > MOST_PARTS
        self.ctes[name] = Cte(name, query, costly, reads, {} if fenced else sizes, fenced)
        return exp.Table(this=identifier(name))

    def parameter(self, value: ParameterValue) -> exp.Expression:
        if value == NOW:
            return self.rendering.now.copy()
        bound = self.bindings[value.name]
        if isinstance(bound, exp.Column):
            return bound.copy()
        if isinstance(bound, tuple):
            return exp.Tuple(expressions=[render_literal(each) for each in bound])
        return render_literal(bound)

    def opened(self, node: Relation, latest: Stage) -> Block:
        """The block of ``node``, its columns plain, no further along than ``latest``."""
        block = self.take(node)
        return block if block.stage <= latest and block.is_plain else self.close(node, block)

    # One plan node each

    def made(self, node: Relation) -> Block | exp.Query:
        match node:
            case Project():
                return self.project(node)
            case Filter():
                block = self.fenced(node.input) if needs_fence(node) else self.opened(node.input, Stage.WHERE)
                block.where(self.condition(block, node.predicate))
                return block
            case Aggregation():
                return self.aggregate(node)
            case Distinct():
                block = self.before(node.input, Stage.DISTINCT)
                block.distinct()
                return block
            case Join():
                return self.join(node)
            case Union():
                return self.stack(node)
            case SetOperation():
                queries = [self.take(each).select(node.schema) for each in node.branches]
                return intersection(queries) if node.kind == "intersect" else difference(queries)
            case SqlQuery():
                return self.written(node)
            case Unpivot():
                block = self.opened(node.input, Stage.WHERE)
                block.unpivot(node)
                return block
            case Sort():
                return self.ordered(node)
            case Limit():
                return self.limit_each(node) if node.per else self.limit(node)
            case Expansion():
                return self.expand(node)
            case SeriesBetween():
                block = self.opened(node.input, Stage.WHERE)
                counter = block.aliases.claim("k")
                block.lateral(series_between_table(node, counter, block.rendered), (node.column,))
                return block
            case Split():
                return self.split(node)
            case Intervals():
                return self.runs(node)
            case Cells():
                return self.cells(node)
            case Disjoint():
                return self.cut(node)
            case Blocks():
                return self.blocks(node)
            case Changes():
                block = self.opened(node.input, Stage.WHERE)
                return changes(node, block)
            case Spread():
                return self.spread(node)
            case Assured():
                return self.take(node.input)
        raise TypeError(f"no rendering for {type(node).__name__}")

    def before(self, node: Relation, stage: Stage) -> Block:
        block = self.take(node)
        return block if block.stage < stage else self.close(node, block)

    def project(self, node: Project) -> Block:
        plain = {name: value.name for name, value in node.columns if isinstance(value, Column)}
        if len(plain) == len(node.columns):
            block = self.before(node.input, Stage.DISTINCT)
            block.rename(plain)
            return block
        block = self.opened(node.input, Stage.WHERE)
        block.compute({name: _wide(block.rendered(value), value) for name, value in node.columns})
        return block

    def condition(self, block: Block, predicate: Expression) -> exp.Expression:
        rendered = block.rendered(predicate)
        return sql_cast(rendered, Type("boolean")) if predicate.type.kind == "null" else rendered

    def aggregate(self, node: Aggregation) -> Block:
        block = self.opened(node.input, Stage.WHERE)
        keys = {name: never_a_position(block.rendered(key), key) for name, key in node.groups}
        block.group(keys, {name: _wide(block.rendered(measure), measure) for name, measure in node.measures})
        return block

    def join(self, node: Join) -> Block:
        # A predicate on the left side says nothing about the unmatched rows of the right: before a right or full
        # join it must be done, for the other kinds it may as well be done after.
        early = node.kind in ("right", "full")
        block = self.opened(node.left, Stage.FROM if early else Stage.WHERE)
        right = self.take(node.right)
        if not right.is_bare:
            right = self.close(node.right, right)
        if node.kind in ("semi", "anti"):
            block.exists(right.table, node)
        else:
            block.join(right.table, node)
        return block

    def stack(self, node: Union) -> Block | exp.Query:
        parts: list[list[exp.Query]] = [[]]
        used: set[str] = set()
        for each in node.branches:
            query = self.take(each).select(node.schema)
            read = self.used_by(query)
            if len(parts[-1]) >= MOST_BRANCHES or (parts[-1] and len(used | read) >= MOST_CTES - 1):
                parts.append([])
                used = set()
            parts[-1].append(query)
            used |= read
        if len(parts) == 1 or self.correlated:
            return union_all([query for part in parts for query in part])
        first, *more = [self.with_ctes(union_all(part), alone=True) for part in parts]
        reason = f"a statement holds at most {MOST_BRANCHES} branches and {MOST_CTES} steps"
        return self.block(self.rendering.intermediate(node.schema, reason, first, more), node.schema)

    def split(self, node: Split) -> Block:
        block = self.opened(node.input, Stage.WHERE)
        text = block.rendered(Column(node.input.schema[node.column], node.column))
        names = (node.into,) if node.position is None else (node.into, node.position)
        block.lateral(parts_table(node.step, text, node.at, names), names)
        return block

    def written(self, node: SqlQuery) -> Block:
        tables: dict[str, exp.Table] = {}
        for name, relation in zip(node.names, node.relations, strict=True):
            block = self.take(relation)
            # A table may have more columns than are known of it, which the query's names must not mean.
            if isinstance(relation, TableScan) or not block.is_bare or not isinstance(block.table, exp.Table):
                block = self.close(relation, block)
            assert isinstance(block.table, exp.Table)
            tables[name] = block.table
        from headrace.sql.written import written_query  # loads what reads SQL, which most projects never need

        query = written_query(node, tables, self.parameter)
        if self.rendering.trace is not None:
            self.rendering.trace.mark(query, (node,))
        if not node.inexact:
            return self.block(self.name(node.step, node.schema, query), node.schema)
        block = self.block(self.name(f"{node.step}_as_written", node.schema, query), node.schema)
        outputs = {name: block.rendered(Column(type_, name)) for name, type_ in node.schema}
        for name in node.inexact:
            outputs[name] = sql_cast(outputs[name], node.schema[name])
        block.compute(outputs)
        return block

    def ordered(self, node: Sort | Limit) -> Block:
        block = self.before(node.input, Stage.ORDER)
        named = all(is_named_column(term) for term in node.order) and not node.hidden
        if not named and not (block.is_plain and block.stage <= Stage.WHERE):
            block = self.close(node.input, block)
        block.order(node.order, node.hidden)
        return block

    def limit(self, node: Limit) -> Block:
        block = self.ordered(node)
        block.limit(node.count, node.offset)
        return block

    def limit_each(self, node: Limit) -> Block:
        block = self.opened(node.input, Stage.WHERE)
        names = node.input.schema.names
        number = NameSpace(names).claim("row_number")
        outputs = {name: block.rendered(Column(type_, name)) for name, type_ in node.input.schema}
        outputs[number] = exp.Window(
            this=exp.RowNumber(),
            partition_by=[block.rendered(Column(node.input.schema[name], name)) for name in node.per],
            order=exp.Order(expressions=[block.ordered_term(term) for term in node.order]) if node.order else None,
        )
        block.compute(outputs)
        block.nodes.append(node)
        numbered = Schema((*node.input.schema.columns, (number, Type("integer", nullable=False))))
        block = self.block(self.name(f"{node.step}_numbered", numbered, block), numbered)
        position = block.rendered(Column(numbered[number], number))
        last = exp.Literal.number(node.offset + node.count)
        if node.offset:
            block.where(exp.Between(this=position, low=exp.Literal.number(node.offset + 1), high=last))
        else:
            block.where(exp.LTE(this=position, expression=last))
        block.rename({name: name for name in node.schema.names})
        return block

    def expand(self, node: Expansion) -> exp.Query:
        if node.given is not None or node.strategy == "lateral":
            return self.expand_beside(node)
        if len(node.values) > node.most_branches and not self.correlated:
            first, more = render(node, self.bindings, self.rendering)
            reason = f"a statement holds at most {node.most_branches} branches"
            table = self.rendering.intermediate(node.schema, reason, first, more)
            return self.block(table, node.schema).select(node.schema)
        body = over_tables(node.body, {id(part): self.named[id(part)] for part in independent_parts(node)})
        values = self.values_of(node)
        branches = []
        for row in node.values or ((),):
            bound = dict(zip(node.names.names, row, strict=True)) if row else no_values(node)
            inner = _Query(
                {**self.bindings, **bound}, self.rendering, {**self.outer, **self.ctes}, correlated=self.correlated
            )
            branches.append(branch(node, values.name, row, inner.body(body)))
        return union_all(branches)

    def expand_beside(self, node: Expansion) -> exp.Query:
        """The body beside each row of the values."""
        body = over_tables(node.body, {id(part): self.named[id(part)] for part in independent_parts(node)})
        body = with_own_columns(body, frozenset(node.names.names))
        values = self.values_of(node)
        alias = f"{OUTSIDE}{sum(isinstance(each, exp.Column) for each in self.bindings.values())}"
        columns = value_columns(node, alias)
        inner = _Query({**self.bindings, **columns}, self.rendering, {**self.outer, **self.ctes}, correlated=True)
        return beside(node, values, inner.body(body), alias)

    def values_of(self, node: Expansion) -> exp.Table:
        """The CTE or table that holds the values of an expansion."""
        if node.given is None:
            rows = self.block(values_table("v", node.names, node.values), node.names)
            return self.name("_".join(node.names.names) + "_values", node.names, rows)
        return self.table_of(node.given)

    def table_of(self, node: Relation) -> exp.Table:
        """The CTE or table that gives the rows of ``node`` under their own names."""
        block = self.take(node)
        if block.is_bare and isinstance(block.table, exp.Table):
            return block.table
        self.close(node, block)
        return self.named[id(node)].copy()

    def runs(self, node: Intervals) -> Block:
        values = self.table_of(node.values)
        block = self.opened(node.input, Stage.WHERE)
        block.compute(runs(node, block, values, self.parameter))
        return block

    def cells(self, node: Cells) -> Block:
        values = self.table_of(node.values)
        block = self.opened(node.input, Stage.WHERE)
        block.compute(cells(node, block, values, self.parameter))
        return block

    def cut(self, node: Disjoint) -> Block:
        block = self.opened(node.input, Stage.WHERE)
        block.compute(cut(node, block))
        block.nodes.append(node)
        block = self.block(self.name(f"{node.step}_cut", node.schema, block), node.schema)
        first, last = (block.rendered(Column(node.schema[name], name)) for name in (node.first, node.last))
        block.where(exp.LTE(this=first, expression=last))
        return block

    def blocks(self, node: Blocks) -> Block:
        block = self.opened(node.input, Stage.WHERE)
        first, last = (block.rendered(Column(node.schema[name], name)) for name in (node.first, node.last))
        block.lateral(blocks_table(node, first, last), (node.first, node.last))
        return block

    def spread(self, node: Spread) -> Block:
        block = self.opened(node.input, Stage.WHERE)
        first, last = (block.rendered(Column(node.input.schema[name], name)) for name in (node.first, node.last))
        series = exp.Anonymous(this="GENERATE_SERIES", expressions=[first, last])
        number = exp.TableAlias(this=identifier(node.number), columns=[identifier(node.number)])
        block.lateral(exp.Table(this=series, alias=number), [node.number])
        block.rename({name: name for name in node.schema.names})
        return block


def _wide(rendered: exp.Expression, value: Expression) -> exp.Expression:
    """A constant that PostgreSQL takes for an int4 is cast, so that nothing computed from its column overflows."""
    return sql_cast(rendered, value.type) if is_narrow(value) else rendered


def _typed(value: exp.Expression, type_: Type) -> exp.Expression:
    # The type of a cast out of a function's template is a DataType, of one of ours a Var.
    if isinstance(value, exp.Cast) and value.args["to"].sql("postgres") == sql_type(type_):
        return value
    return sql_cast(value, type_)
