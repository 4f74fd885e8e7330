"""One SELECT under construction.

SQL evaluates the parts of a SELECT in a fixed order. A block remembers how far along that order it is, so that plan
nodes can be taken into it as long as they come later, and start a new one where they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum

from sqlglot import exp

from headrace.grammar.expression import Column, Expression, Order, ParameterValue, columns_of
from headrace.grammar.types import Schema, Type
from headrace.plan import Join, Relation, Unpivot
from headrace.plan.names import NameSpace
from headrace.sql.expressions import by_code_point, render_expression, render_order
from headrace.sql.identifiers import identifier
from headrace.sql.statement import OUTSIDE
from headrace.sql.trace import Trace
from headrace.sql.trees import nodes_of
from headrace.sql.types import sql_cast

Place = tuple[str, str]
"""The alias of a relation in FROM, and a column of it."""


class Stage(IntEnum):
    """How far along the order of evaluation a block is."""

    FROM = 1
    WHERE = 2
    GROUP = 3
    SELECT = 4
    DISTINCT = 5
    ORDER = 6
    LIMIT = 7


class Block:
    """A SELECT over one relation in FROM, to which joins, predicates, groups and columns are added.

    ``places`` says where each column of the block's result stands in FROM, and is None once the result holds computed
    columns; ``outputs`` then are their expressions. ``costly`` says why computing it twice would be worse than keeping
    it, if it would. ``nodes`` are the plan nodes that have been taken into it.
    """

    def __init__(
        self,
        table: exp.Expression,
        schema: Schema,
        parameter: Callable[[ParameterValue], exp.Expression],
        trace: Trace | None = None,
    ) -> None:
        alias = table.alias_or_name
        self.table = table
        self.aliases = NameSpace((alias,))
        self.stage = Stage.FROM
        self.places: dict[str, Place] | None = {name: (alias, name) for name in schema.names}
        self.outputs: dict[str, exp.Expression] = {}
        self.costly = ""
        self.nodes: list[Relation] = []
        self._trace = trace
        self._parameter = parameter
        self._qualified = False
        self._joins: list[exp.Join] = []
        self._where: list[exp.Expression] = []
        self._group: list[exp.Expression] = []
        self._distinct = False
        self._order: list[exp.Expression] = []
        self._limit: int | None = None
        self._offset = 0

    @property
    def is_plain(self) -> bool:
        """Whether every column of the result is a column of FROM."""
        return self.places is not None

    @property
    def is_bare(self) -> bool:
        """Whether it is nothing but one relation, all columns under their own names."""
        return (
            self.stage == Stage.FROM
            and not self._joins
            and self.places is not None
            and all(name == column for name, (_, column) in self.places.items())
        )

    # Reading

    def rendered(self, expression: Expression) -> exp.Expression:
        """A typed expression over the columns of the block's result; they must all be plain columns of FROM."""
        return render_expression(expression, lambda column: _column(self._places[column.name]), self._parameter)

    def ordered_term(self, term: Order) -> exp.Expression:
        return render_order(by_code_point(self.rendered(term.value), term.value), term)

    @property
    def _places(self) -> dict[str, Place]:
        if self.places is None:
            raise ValueError("a block with computed columns takes no further expressions")
        return self.places

    # Growing

    def join(self, table: exp.Expression, node: Join) -> None:
        """Join the relation ``table``, which holds the columns of the join's right input under their own names."""
        alias = self._claim(table)
        if self._trace is not None:
            self._trace.joins[alias] = node
        left, right = self._places, {name: (alias, name) for name in node.right.schema.names}
        on = [*_equalities(node, left, right), *self._condition(node, left, right)]
        word = {"inner": "kind", "cross": "kind"}.get(node.kind, "side")
        self._joins.append(exp.Join(this=table, on=_all(on) if on else None, **{word: node.kind.upper()}))
        self.costly = "it joins"
        self._qualified = True
        places: dict[str, Place] = {}
        outputs: dict[str, exp.Expression] = {}
        for column in node.columns:
            ours = None if column.left is None else left[column.left]
            theirs = None if column.right is None else right[column.right]
            if node.kind == "full" and ours and theirs:
                first = _known(ours, node.left.schema[column.left or ""], column.type)
                second = _known(theirs, node.right.schema[column.right or ""], column.type)
                outputs[column.name] = exp.Coalesce(this=first, expressions=[second])
                continue
            place = theirs if ours is None or (node.kind == "right" and theirs) else ours
            if place is None:
                raise ValueError(f"the join column {column.name} comes from neither side")
            places[column.name] = place
            outputs[column.name] = _column(place)
        if len(places) == len(node.columns):
            self.places = places
        else:
            self.compute(outputs)

    def lateral(self, table: exp.Expression, names: Sequence[str]) -> None:
        """Join to every row the rows of ``table``, which is computed from it; ``names`` are new columns or replace."""
        alias = self._claim(table)
        self._joins.append(exp.Join(this=table, kind="CROSS"))
        self.costly = "it makes several rows of one"
        self._qualified = True
        self.places = {**self._places, **{name: (alias, name) for name in names}}

    def exists(self, table: exp.Expression, node: Join) -> None:
        """Keep the rows that have a partner in ``table`` (a semi join), or that have none (an anti join)."""
        alias = self._claim(table)
        if self._trace is not None:
            self._trace.joins[alias] = node
        left = self._places
        right = {name: (alias, name) for name in node.right.schema.names}
        on = [*_equalities(node, left, right, swapped=True), *self._condition(node, left, right)]
        found = exp.Exists(
            this=exp.Select(
                expressions=[exp.Literal.number(1)], from_=exp.From(this=table), where=exp.Where(this=_all(on))
            )
        )
        self.where(exp.Not(this=found) if node.kind == "anti" else found)
        self._qualified = True
        self.places = {column.name: left[column.left] for column in node.columns if column.left is not None}

    def unpivot(self, node: Unpivot) -> None:
        """Join each row with a row for each of the columns that are unpivoted."""
        outer = self._places
        names = [name for name in (node.name, node.value, node.position) if name is not None]
        types = node.schema.types
        rows = []
        for number, column in enumerate(node.columns, 1):
            value: exp.Expression = _column(outer[column])
            if not node.input.schema[column].same_as(node.value_type):
                value = sql_cast(value, node.value_type)
            cells: list[exp.Expression] = [exp.Literal.string(column), value]
            if node.position is not None:
                cells.append(exp.Literal.number(number))
            if number == 1:
                # The first row gives the types.
                cells[0] = sql_cast(cells[0], types[node.name])
                cells[2:] = [sql_cast(cell, types[names[2]]) for cell in cells[2:]]
            rows.append(exp.Tuple(expressions=cells))
        alias = self.aliases.claim("u")
        lateral = exp.Lateral(
            this=exp.Subquery(this=exp.Values(expressions=rows)),
            alias=exp.TableAlias(this=identifier(alias), columns=[identifier(name) for name in names]),
        )
        self._joins.append(exp.Join(this=lateral, kind="CROSS"))
        self.costly = "it makes several rows of one"
        self._qualified = True
        self.places = {name: (alias, name) if name in names else outer[name] for name in node.schema.names}

    def _condition(self, node: Join, left: Mapping[str, Place], right: Mapping[str, Place]) -> list[exp.Expression]:
        """What must hold of a pair beside its keys."""
        if node.condition is None:
            return []
        sides = (left, right)
        rendered = render_expression(
            node.condition, lambda column: _column(sides[column.side][column.name]), self._parameter
        )
        return [rendered if node.condition.type.kind == "boolean" else sql_cast(rendered, Type("boolean"))]

    def _claim(self, table: exp.Expression) -> str:
        wanted = table.alias_or_name
        alias = self.aliases.claim(wanted)
        if alias != wanted:
            # Written rows name their columns in the alias too.
            columns = table.args["alias"].args.get("columns") if table.args.get("alias") else None
            table.set("alias", exp.TableAlias(this=identifier(alias), columns=columns))
        return alias

    def where(self, predicate: exp.Expression) -> None:
        self._where.append(predicate)
        self.stage = max(self.stage, Stage.WHERE)

    def group(self, keys: Mapping[str, exp.Expression], measures: Mapping[str, exp.Expression]) -> None:
        self._group = [key.copy() for key in keys.values()]
        self.compute({**keys, **measures})
        self.stage = Stage.GROUP
        self.costly = "it groups rows"

    def group_by_each(self, sets: Sequence[Sequence[exp.Expression]], outputs: Mapping[str, exp.Expression]) -> None:
        """Group by each of the lists of keys in turn, in one pass over the rows."""
        tuples = [exp.Tuple(expressions=[key.copy() for key in keys]) for keys in sets]
        self._group = [exp.GroupingSets(expressions=tuples)]
        self.compute(outputs)
        self.stage = Stage.GROUP
        self.costly = "it groups rows"

    def compute(self, outputs: Mapping[str, exp.Expression]) -> None:
        self.outputs = dict(outputs)
        self.places = None
        self.stage = Stage.SELECT

    def rename(self, names: Mapping[str, str]) -> None:
        """Keep only the given columns: new name → present name."""
        if self.places is not None:
            self.places = {new: self.places[old] for new, old in names.items()}
        else:
            used: set[str] = set()
            outputs = {}
            for new, old in names.items():
                outputs[new] = self.outputs[old].copy() if old in used else self.outputs[old]
                used.add(old)
            self.outputs = outputs

    def distinct(self) -> None:
        self._distinct = True
        self.stage = Stage.DISTINCT
        self.costly = "it drops repeated rows"

    def order(self, terms: tuple[Order, ...], hidden: tuple[str, ...] = ()) -> None:
        """Order by what ``is_named_column``, or by anything else while the columns are plain; leave ``hidden`` out."""
        rendered: list[exp.Expression] = []
        for term in terms:
            # A bare name in ORDER BY is a column of the result; inside an expression it is one of FROM.
            if isinstance(term.value, Column) and is_named_column(term) and not hidden:
                value: exp.Expression = exp.Column(this=identifier(term.value.name))
            else:
                value = never_a_position(by_code_point(self.rendered(term.value), term.value), term.value)
            rendered.append(render_order(value, term))
        self._order = rendered
        self.stage = Stage.ORDER
        if hidden:
            # What they are called may be the name of another column of the result.
            self._qualified = True
            self.places = {name: place for name, place in self._places.items() if name not in hidden}

    def limit(self, count: int, offset: int) -> None:
        self._limit, self._offset = count, offset
        self.stage = Stage.LIMIT
        self.costly = "it keeps the first rows"

    # Finishing

    def select(
        self, schema: Schema, casts: Callable[[exp.Expression, str], exp.Expression] | None = None
    ) -> exp.Select:
        """The finished SELECT with the columns of ``schema``; ``casts`` may wrap each, given its name."""
        items = []
        for name in schema.names:
            value = _column(self.places[name]) if self.places is not None else self.outputs[name]
            if casts is not None:
                value = casts(value, name)
            plain = isinstance(value, exp.Column) and value.this.this == identifier(name).this
            items.append(value if plain else exp.Alias(this=value, alias=identifier(name)))
        select = exp.Select(expressions=items, from_=exp.From(this=self.table))
        if self._distinct:
            select.set("distinct", exp.Distinct())
        if self._joins:
            select.set("joins", self._joins)
        if self._where:
            select.set("where", exp.Where(this=_all(self._where)))
        if self._group:
            select.set("group", exp.Group(expressions=self._group))
        if self._order:
            select.set("order", exp.Order(expressions=self._order))
        if self._limit is not None:
            select.set("limit", exp.Limit(expression=exp.Literal.number(self._limit)))
        if self._offset:
            select.set("offset", exp.Offset(expression=exp.Literal.number(self._offset)))
        if not self._qualified:
            _unqualify(select)
        if self._trace is not None:
            self._trace.mark(select, self.nodes)
        return select


def is_named_column(term: Order) -> bool:
    """Whether the term is a column that PostgreSQL orders as we do; texts need a collation beside the name."""
    return isinstance(term.value, Column) and term.value.type.kind != "text"


def never_a_position(rendered: exp.Expression, expression: Expression) -> exp.Expression:
    """GROUP BY and ORDER BY take a bare number for the position of a column: a constant is cast, whatever it is."""
    if columns_of(expression) or isinstance(rendered, exp.Cast):
        return rendered
    return sql_cast(rendered, expression.type)


def _column(place: Place) -> exp.Column:
    alias, name = place
    return exp.Column(this=identifier(name), table=identifier(alias))


def _known(place: Place, type_: Type, wanted: Type) -> exp.Expression:
    """The column; one of nothing but nulls, which is a text to PostgreSQL, as ``wanted``."""
    return sql_cast(_column(place), wanted) if type_.kind == "null" else _column(place)


def _equalities(
    node: Join, left: Mapping[str, Place], right: Mapping[str, Place], swapped: bool = False
) -> list[exp.EQ]:
    """The keys of a join, those of the left first unless ``swapped``."""
    equalities = []
    for ours, theirs in node.on:
        left_type, right_type = node.left.schema[ours], node.right.schema[theirs]
        sides = [_known(left[ours], left_type, right_type), _known(right[theirs], right_type, left_type)]
        if swapped:
            sides.reverse()
        equalities.append(exp.EQ(this=sides[0], expression=sides[1]))
    return equalities


def _all(predicates: Sequence[exp.Expression]) -> exp.Expression:
    terms = [exp.Paren(this=each) if isinstance(each, exp.Or) else each for each in predicates]
    result = terms[0]
    for term in terms[1:]:
        result = exp.And(this=result, expression=term)
    return result


def _unqualify(select: exp.Select) -> None:
    """With one relation in FROM there is nothing to tell apart."""
    for node in nodes_of(select):
        if isinstance(node, exp.Column) and not node.table.startswith(OUTSIDE):
            node.set("table", None)
