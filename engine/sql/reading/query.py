"""What a query gives: its columns, their types, where null may stand, what they are made of, and how many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from headrace.grammar.types import Schema, Type
from headrace.plan import Key, RowBounds
from headrace.plan.derivation import How
from headrace.sql.dialect import Headrace
from headrace.sql.reading.expressions import Reader
from headrace.sql.reading.names import folded
from headrace.sql.reading.parse import Parsed
from headrace.sql.reading.problem import Problem, Refused
from headrace.sql.reading.scopes import Made, Relation, Scope, Value, made_of
from headrace.sql.reading.sql_types import common, sql_type_of


@dataclass(frozen=True, slots=True)
class Output:
    """A column that a query gives, and the words that compute it."""

    name: str
    value: Value
    words: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What decides which rows there are: the words of a condition, and what it reads."""

    how: How
    words: str
    made: Made


@dataclass(frozen=True, slots=True)
class TypedQuery:
    """What is known of a query's rows. ``arbitrary``: it keeps some rows without saying which."""

    outputs: tuple[Output, ...]
    keys: tuple[Key, ...]
    rows: RowBounds
    decisions: tuple[Decision, ...]
    arbitrary: bool


@dataclass(frozen=True, slots=True)
class Input:
    """A relation that a query reads under a name."""

    schema: Schema
    keys: tuple[Key, ...] = ()
    rows: RowBounds = field(default_factory=RowBounds)


def type_query(
    parsed: Parsed,
    inputs: Mapping[str, Input],
    parameters: Mapping[str, tuple[Type, bool]],
    any_function: bool = False,
) -> TypedQuery | Problem:
    """What the query gives over ``inputs``, which has every one of ``parsed.relations``; or what is wrong with it.

    ``parameters`` are those it may take, each with its type and whether it is a list. With ``any_function`` it may
    call functions that are not known here, whose results have no type.

    >>> from headrace.sql.reading.parse import parse_query
    >>> query = parse_query("select a, count(*) as n from t group by a")
    >>> typed = type_query(query, {"t": Input(Schema.of({"a": Type("integer")}))}, {})
    >>> [(each.name, each.value.type) for each in typed.outputs], typed.keys
    ([('a', 'int8'), ('n', 'int8')], (frozenset({'a'}),))
    """
    typer = _Typer(inputs, parameters, any_function)
    try:
        found = typer.query(parsed.tree, typer.inputs(), None)
        outputs = typer.named(found.outputs)
    except Refused as refused:
        return refused.problem
    except RecursionError:
        return Problem("S252")
    # A function that is not known may give several rows for one.
    keys, rows = ((), RowBounds()) if typer.calls_unknown else (found.keys, found.rows)
    return TypedQuery(outputs, keys, rows, tuple(typer.decisions), typer.arbitrary)


@dataclass(frozen=True, slots=True)
class _Item:
    """One item of a SELECT list; ``name`` is None where it has none."""

    name: str | None
    value: Value
    node: exp.Expr


@dataclass(frozen=True, slots=True)
class _Found:
    outputs: tuple[_Item, ...]
    keys: tuple[Key, ...] = ()
    rows: RowBounds = field(default_factory=RowBounds)


class _Typer(Reader):
    def __init__(
        self,
        inputs: Mapping[str, Input],
        parameters: Mapping[str, tuple[Type, bool]],
        any_function: bool,
    ) -> None:
        super().__init__(parameters, any_function)
        self.given = inputs
        self.decisions: list[Decision] = []
        self.arbitrary = False

    def inputs(self) -> dict[str, Relation]:
        return {
            name: Relation(
                name,
                {column: _input_value(name, column, type_) for column, type_ in given.schema},
                keys=given.keys,
                rows=given.rows,
            )
            for name, given in self.given.items()
        }

    def decided(self, how: How, node: exp.Expr, value: Value) -> None:
        self.decisions.append(Decision(how, node.sql(dialect=Headrace), made_of([value.made], how)))

    # Queries

    def query(self, node: exp.Expr, tables: Mapping[str, Relation], outer: Scope | None) -> _Found:
        """The columns of any query, its WITH included."""
        tables = self.with_defined(node, tables, outer)
        if isinstance(node, exp.Subquery):
            found = self.query(node.this, tables, outer)
            return self.ended(node, found, Scope(tables, outer))
        if isinstance(node, exp.SetOperation):
            return self.set_operation(node, tables, outer)
        if isinstance(node, exp.Select):
            return self.select(node, tables, outer)
        raise Refused("S255", node, found=type(node).__name__.upper())

    def with_defined(
        self, node: exp.Expr, tables: Mapping[str, Relation], outer: Scope | None
    ) -> Mapping[str, Relation]:
        with_ = node.args.get("with_")
        if with_ is None:
            return tables
        known = dict(tables)
        defined: set[str] = set()
        for cte in with_.expressions:
            name = folded(cte.args["alias"].this)
            if name in defined:
                raise Refused("S260", cte, name=name)
            defined.add(name)
            reads_itself = any(folded(t.this) == name for t in cte.this.find_all(exp.Table))
            if with_.args.get("recursive") and isinstance(cte.this, exp.SetOperation) and reads_itself:
                first = self.query(cte.this.this, known, outer)
                start = self.relation(name, first, cte.args["alias"], cte)
                start.nulled()
                # Of what it will have read of itself, nothing else is known.
                start.keys, start.rows = (), RowBounds()
                found = self.query(cte.this, {**known, name: start}, outer)
                relation = self.relation(name, found, cte.args["alias"], cte)
                relation.nulled()
                # It is gone through as often as it gives rows.
                relation.rows = RowBounds()
            else:
                relation = self.relation(name, self.query(cte.this, known, outer), cte.args["alias"], cte)
            known[name] = relation
        return known

    def relation(self, name: str, found: _Found, alias: exp.Expr | None, node: exp.Expr) -> Relation:
        """A query as something that FROM can name; constants without a type are texts there."""
        columns = [folded(each) for each in (alias.args.get("columns") or ())] if alias is not None else []
        if len(columns) > len(found.outputs):
            raise Refused("S258", node, name=name, count=len(found.outputs), given=len(columns))
        values: dict[str, Value] = {}
        for place, item in enumerate(found.outputs):
            wanted = columns[place] if place < len(columns) else item.name
            if wanted is None:
                raise Refused("S268", item.node, ("For example: sum(amount) as revenue.",), number=place + 1)
            if wanted in values:
                raise Refused("S269", item.node, name=wanted)
            values[wanted] = _settled(item.value)
        new = {item.name: wanted for item, wanted in zip(found.outputs, values, strict=True) if item.name is not None}
        keys = tuple(Key(new[column] for column in key) for key in found.keys if all(each in new for each in key))
        return Relation(name, values, keys=keys, rows=found.rows)

    def named(self, items: Sequence[_Item]) -> tuple[Output, ...]:
        relation = self.relation("", _Found(tuple(items)), None, items[0].node)
        return tuple(
            Output(name, value, _bare(item.node).sql(dialect=Headrace))
            for (name, value), item in zip(relation.columns.items(), items, strict=True)
        )

    def set_operation(self, node: exp.SetOperation, tables: Mapping[str, Relation], outer: Scope | None) -> _Found:
        if node.args.get("by_name"):
            raise Refused("S255", node, found="BY NAME")
        left, right = self.query(node.this, tables, outer), self.query(node.expression, tables, outer)
        word = type(node).__name__.upper()
        if len(left.outputs) != len(right.outputs):
            raise Refused("S257", node, word=word, first=len(left.outputs), second=len(right.outputs))
        outputs = []
        for ours, theirs in zip(left.outputs, right.outputs, strict=True):
            first, second = ours.value, theirs.value
            if isinstance(node, exp.Except):
                nullable, made = first.nullable, first.made
            elif isinstance(node, exp.Intersect):
                nullable, made = first.nullable and second.nullable, first.made
            else:
                nullable, made = first.nullable or second.nullable, first.made | second.made
            scale = first.scale if first.scale == second.scale and first.type == second.type else None
            if not isinstance(node, exp.Union):
                both = Value(None, True, first.made | second.made)
                self.decided("joined_on", _bare(ours.node), both)
            elif node.args.get("distinct"):
                self.decided("grouped_by", _bare(ours.node), Value(None, True, made))
            value = Value(common((first.type, second.type)), nullable, made, scale)
            outputs.append(replace(ours, value=value))
        keys: tuple[Key, ...] = ()
        names = [item.name for item in outputs]
        if node.args.get("distinct") and None not in names:
            keys = (Key(name for name in names if name is not None),)
        most = None
        if left.rows.most is not None and right.rows.most is not None:
            most = left.rows.most + right.rows.most if isinstance(node, exp.Union) else left.rows.most
        scope = Scope(tables, outer)
        return self.ended(node, _Found(tuple(outputs), keys, RowBounds(0, most)), scope)

    def ended(self, node: exp.Expr, found: _Found, scope: Scope) -> _Found:
        """ORDER BY, LIMIT and OFFSET of a query, of which ORDER BY names columns of the result."""
        order = node.args.get("order")
        for term in order.expressions if order is not None else ():
            self.decided("ordered_by", term.this, self.term(term.this, found.outputs, scope))
        return replace(found, rows=self.limited(node, found.rows, order is not None))

    def term(self, node: exp.Expr, items: Sequence[_Item], scope: Scope) -> Value:
        """What ORDER BY or DISTINCT ON names: a column of the result by its name or number, else an expression."""
        position = _position(node)
        if position is not None and 1 <= position <= len(items):
            return items[position - 1].value
        if isinstance(node, exp.Column) and not node.args.get("table"):
            named = [item.value for item in items if item.name == folded(node.this)]
            if named:
                return named[0]
        return self.value(node, scope)

    def limited(self, node: exp.Expr, rows: RowBounds, ordered: bool) -> RowBounds:
        limit, offset = node.args.get("limit"), node.args.get("offset")
        for each in (limit, offset):
            if each is not None:
                self.value(each.expression, Scope({}))
        if limit is None and offset is None:
            return rows
        self.arbitrary = self.arbitrary or not ordered
        most = None if limit is None else _position(limit.expression)
        bounds = [each for each in (rows.most, most) if each is not None]
        return RowBounds(0, min(bounds) if bounds else None)

    # One SELECT

    def select(self, node: exp.Select, tables: Mapping[str, Relation], outer: Scope | None) -> _Found:
        scope = Scope(tables, outer)
        from_ = node.args.get("from_")
        if from_ is not None:
            self.source(from_.this, scope)
        for join in node.args.get("joins") or ():
            self.join(join, scope)
        where = node.args.get("where")
        if where is not None:
            self.decided("filtered_by", where.this, self.value(where.this, scope))
        for window in node.args.get("windows") or ():
            self.window_parts(window, scope)
        items: list[_Item] = []
        for each in node.expressions:
            items += self.items(each, scope)
        aliases = {item.name: item.value for item in items if item.name is not None}
        grouped = self.group(node, scope, items, aliases)
        having = node.args.get("having")
        if having is not None:
            self.decided("filtered_by", having.this, self.value(having.this, scope))
        order = node.args.get("order")
        for term in order.expressions if order is not None else ():
            self.decided("ordered_by", term.this, self.term(term.this, items, scope))
        distinct = node.args.get("distinct")
        on = distinct.args.get("on") if distinct is not None else None
        if on is not None:
            self.arbitrary = self.arbitrary or order is None
            for each in on.expressions if isinstance(on, exp.Tuple) else [on]:
                self.decided("grouped_by", each, self.term(each, items, scope))
        elif distinct is not None:
            for item in items:
                self.decided("grouped_by", _bare(item.node), item.value)
        keys, rows = self.facts(node, scope, items, grouped)
        if distinct is not None:
            names = [item.name for item in items]
            if on is None and None not in names:
                keys = (*keys, Key(name for name in names if name is not None))
            rows = RowBounds(min(1, rows.least), rows.most)
        return _Found(tuple(items), keys, self.limited(node, rows, order is not None))

    def items(self, node: exp.Expr, scope: Scope) -> list[_Item]:
        if isinstance(node, exp.Star):
            return [_Item(name, value, node) for name, value in scope.star(None, node)]
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
            table = folded(node.args["table"])
            return [_Item(name, value, node) for name, value in scope.star(table, node)]
        if isinstance(node, exp.Alias):
            return [_Item(folded(node.args["alias"]), self.value(node.this, scope), node)]
        name = folded(node.this) if isinstance(node, exp.Column) else None
        return [_Item(name, self.value(node, scope), node)]

    def group(
        self, node: exp.Select, scope: Scope, items: Sequence[_Item], aliases: Mapping[str, Value]
    ) -> list[str | None] | None:
        """The names under which what rows are grouped by comes out (None where it does not), in order; None where
        rows are not grouped; an empty list where all are one group."""
        group = node.args.get("group")
        if group is None:
            return [] if any(item.value.groups for item in items) or node.args.get("having") else None
        names: list[str | None] = []
        for each in group.expressions:
            position = _position(each)
            if position is not None:
                if not 1 <= position <= len(items):
                    raise Refused("S259", node, position=position, count=len(items))
                item = items[position - 1]
                self.decided("grouped_by", item.node, item.value)
                names.append(item.name)
                continue
            by_alias = isinstance(each, exp.Column) and not each.args.get("table") and folded(each.this) in aliases
            if by_alias and not scope.has(folded(each.this)):
                self.decided("grouped_by", each, aliases[folded(each.this)])
                names.append(folded(each.this))
                continue
            self.decided("grouped_by", each, self.value(each, scope))
            same = [item.name for item in items if _bare(item.node) == each]
            names.append(same[0] if same else None)
        return names

    def facts(
        self, node: exp.Select, scope: Scope, items: Sequence[_Item], grouped: list[str | None] | None
    ) -> tuple[tuple[Key, ...], RowBounds]:
        """Keys and number of rows, as far as they are plain to see."""
        if grouped is not None:
            if not grouped:
                return (Key(),), RowBounds(0 if node.args.get("having") else 1, 1)
            keys = () if None in grouped else (Key(name for name in grouped if name is not None),)
            return keys, RowBounds()
        from_ = node.args.get("from_")
        if from_ is None:
            return (Key(),), RowBounds(0 if node.args.get("where") else 1, 1)
        if node.args.get("joins") or len(scope.relations) != 1:
            return (), RowBounds()
        (given,) = scope.relations
        names: dict[str, str] = {}
        for item in items:
            column = _plain_column(item)
            if item.name is not None and column is not None:
                names.setdefault(column, item.name)
        found = tuple(
            Key(names[column] for column in key) for key in given.keys if all(column in names for column in key)
        )
        filtered = node.args.get("where") is not None
        return found, RowBounds(0 if filtered else given.rows.least, given.rows.most)

    # FROM

    def source(self, node: exp.Expr, scope: Scope, lateral: bool = False) -> list[Relation]:
        """Adds what stands in FROM; gives the relations it added."""
        before = len(scope.relations)
        alias = node.args.get("alias")
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            name = folded(node.this)
            table = scope.tables.get(name)
            if table is None:
                raise Refused("S261", node, scope.near(name), name=name)
            scope.add(_aliased(table, alias, name, node), node)
        elif isinstance(node, exp.Table) and isinstance(node.this, exp.Anonymous):
            scope.add(self.series(node, alias, scope), node)
        elif isinstance(node, exp.Lateral):
            self.source_of(node.this, alias, scope, scope)
        elif isinstance(node, exp.Subquery):
            self.source_of(node, alias, scope, scope.outer)
        elif isinstance(node, exp.Values):
            scope.add(self.values(node, alias, scope), node)
        else:
            raise Refused("S255", node, found=type(node).__name__.upper())
        for join in node.args.get("joins") or ():
            self.join(join, scope)
        return scope.relations[before:]

    def source_of(self, node: exp.Expr, alias: exp.Expr | None, scope: Scope, outer: Scope | None) -> None:
        if not isinstance(node, exp.Subquery) or not isinstance(node.this, (exp.Query, exp.Values)):
            raise Refused("S255", node, found="A join in brackets")
        if alias is None or alias.this is None:
            raise Refused("S256", node)
        if isinstance(node.this, exp.Values):
            scope.add(self.values(node.this, alias, scope), node)
            return
        inner = node.copy()
        inner.set("alias", None)
        found = self.query(node.this if not node.args.get("with_") else inner, scope.tables, outer)
        scope.add(self.relation(folded(alias.this), found, alias, node), node)

    def series(self, node: exp.Table, alias: exp.Expr | None, scope: Scope) -> Relation:
        call = node.this
        if str(call.this).lower() != "generate_series":
            raise Refused("S255", node, found=f"{call.this} in FROM")
        values = [self.value(each, scope) for each in call.expressions]
        type_ = common([value.type for value in values[:2]])
        if type_ == "date" or (type_ == "timestamptz"):
            type_ = "timestamptz"
        elif type_ not in ("int4", "int8", "numeric", "timestamp"):
            type_ = None
        name = folded(alias.this) if alias is not None and alias.this is not None else "generate_series"
        columns = (alias.args.get("columns") or ()) if alias is not None else ()
        column = folded(columns[0]) if columns else name
        made = made_of([value.made for value in values], "computed")
        return Relation(name, {column: Value(type_, False, made)})

    def values(self, node: exp.Values, alias: exp.Expr | None, scope: Scope) -> Relation:
        alias = alias if alias is not None else node.args.get("alias")
        if alias is None or alias.this is None:
            raise Refused("S256", node)
        rows = [each.expressions if isinstance(each, exp.Tuple) else [each] for each in node.expressions]
        if len({len(row) for row in rows}) != 1:
            raise Refused("S255", node, found="VALUES with rows of different length")
        items = []
        for place, cells in enumerate(zip(*rows, strict=True)):
            typed = [self.value(cell, scope) for cell in cells]
            made = made_of([value.made for value in typed], "copied")
            value = Value(common([each.type for each in typed]), any(each.nullable for each in typed), made)
            items.append(_Item(f"column{place + 1}", value, node))
        return self.relation(folded(alias.this), _Found(tuple(items)), alias, node)

    def join(self, node: exp.Join, scope: Scope) -> None:
        side, kind = str(node.args.get("side") or "").upper(), str(node.args.get("kind") or "").upper()
        if side not in ("", "LEFT", "RIGHT", "FULL") or kind not in ("", "INNER", "OUTER", "CROSS"):
            raise Refused("S255", node, found=f"{side} {kind} JOIN".strip())
        before = [*scope.relations]
        added = self.source(node.this, scope)
        if side in ("LEFT", "FULL"):
            for relation in added:
                relation.nulled()
        if side in ("RIGHT", "FULL"):
            for relation in before:
                relation.nulled()
            scope.merged = {name: replace(value, nullable=True) for name, value in scope.merged.items()}
        on = node.args.get("on")
        if on is not None:
            self.decided("joined_on", on, self.value(on, scope))
        using = node.args.get("using") or ()
        commas = scope.commas
        if side + kind == "" and on is None and not using:
            scope.commas = True
        if using and commas:
            # The comma binds less than JOIN: the columns of USING are those of the table before it alone.
            raise Refused("S255", node, ("Write cross join for the comma.",), found="USING behind a comma")
        if using:
            self.merge([folded(each) for each in using], side, before, added, scope, node)

    def merge(
        self,
        names: Sequence[str],
        side: str,
        before: Sequence[Relation],
        added: Sequence[Relation],
        scope: Scope,
        node: exp.Join,
    ) -> None:
        merged: dict[str, Value] = {}
        for name in names:
            sides = []
            for relations, present in ((before, scope.merged), (added, {})):
                having = [each for each in relations if name in each.columns and name not in each.hidden]
                if name in present:
                    sides.append(present[name])
                elif len(having) == 1:
                    sides.append(having[0].columns[name])
                else:
                    raise Refused("S263" if not having else "S264", node, name=name, relations="both sides")
                for each in relations:
                    if name in each.columns:
                        each.hidden.add(name)
            ours, theirs = sides
            type_ = common((ours.type, theirs.type))
            nullable = {"LEFT": ours.nullable, "RIGHT": theirs.nullable, "FULL": True}.get(side, False)
            made = {"LEFT": ours.made, "RIGHT": theirs.made, "FULL": ours.made | theirs.made}.get(side, ours.made)
            scale = ours.scale if ours.scale == theirs.scale else None
            merged[name] = Value(type_, nullable, made, scale)
            both = Value("bool", True, ours.made | theirs.made)
            self.decided("joined_on", exp.column(name), both)
        scope.merged = {**merged, **{name: each for name, each in scope.merged.items() if name not in merged}}

    # What expressions ask of queries

    def subquery(self, node: exp.Expr, scope: Scope) -> tuple[Value, ...]:
        inner = node.this if isinstance(node, exp.Subquery) and not node.args.get("with_") else node
        found = self.query(inner, scope.tables, scope)
        return tuple(item.value for item in found.outputs)


def _input_value(relation: str, column: str, type_: Type) -> Value:
    scale = None if type_.precision is None else (type_.precision, type_.scale or 0)
    return Value(sql_type_of(type_), type_.nullable, frozenset({(relation, column, "copied")}), scale)


def _aliased(table: Relation, alias: exp.Expr | None, name: str, node: exp.Expr) -> Relation:
    columns = [folded(each) for each in (alias.args.get("columns") or ())] if alias is not None else []
    if len(columns) > len(table.columns):
        raise Refused("S258", node, name=name, count=len(table.columns), given=len(columns))
    if alias is not None and alias.this is not None:
        name = folded(alias.this)
    new = {old: columns[place] if place < len(columns) else old for place, old in enumerate(table.columns)}
    twice = [each for each in columns if [*new.values()].count(each) > 1]
    if twice:
        raise Refused("S269", node, name=twice[0])
    return table.renamed(name, new)


def _settled(value: Value) -> Value:
    """A constant without a type becomes a text where it leaves its query."""
    return replace(value, type="text" if value.type == "unknown" else value.type, groups=False)


def _position(node: exp.Expr | None) -> int | None:
    """The number, where the expression is a whole one."""
    if isinstance(node, exp.Literal) and not node.is_string and str(node.this).isdigit():
        return int(node.this)
    return None


def _bare(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Alias) else node


def _plain_column(item: _Item) -> str | None:
    """The column of FROM that an item is, if it is one."""
    node = _bare(item.node)
    if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
        return item.name
    return folded(node.this) if isinstance(node, exp.Column) else None
