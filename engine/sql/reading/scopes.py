"""What names mean inside a query, and what is known of its values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from headrace.diagnostics import meant
from headrace.plan import Key, RowBounds
from headrace.plan.derivation import How, combined
from headrace.sql.reading.names import folded
from headrace.sql.reading.problem import Refused
from headrace.sql.reading.sql_types import SqlType

Made = frozenset[tuple[str, str, How]]
"""Relations and columns that a query reads, each with what its values are to a value of the query."""

NOTHING: Made = frozenset()


def made_of(parts: Iterable[Made], how: How) -> Made:
    """What a value is made of that is made of others in this way.

    >>> sorted(made_of([frozenset({("t", "a", "copied"), ("t", "b", "aggregated")})], "computed"))
    [('t', 'a', 'computed'), ('t', 'b', 'aggregated')]
    """
    return frozenset((relation, column, combined(how, inner)) for part in parts for relation, column, inner in part)


@dataclass(frozen=True, slots=True)
class Value:
    """A part of a query: its type, whether it may be null, what it is made of.

    ``scale`` is precision and scale, of a column or cast to ``numeric(p, s)``. ``groups``: an aggregate is in it.
    """

    type: SqlType
    nullable: bool = True
    made: Made = NOTHING
    scale: tuple[int, int] | None = None
    groups: bool = False


@dataclass
class Relation:
    """What FROM offers under one name, in order.

    ``hidden`` are columns that USING has put elsewhere; ``keys`` and ``rows`` are known of its rows alone, before any
    join.
    """

    name: str
    columns: dict[str, Value]
    hidden: set[str] = field(default_factory=set)
    keys: tuple[Key, ...] = ()
    rows: RowBounds = field(default_factory=RowBounds)

    def renamed(self, name: str, columns: Mapping[str, str]) -> Relation:
        """The same under other names: ``columns`` has the new name of each column."""
        values = {columns[old]: value for old, value in self.columns.items()}
        keys = tuple(Key(columns[column] for column in key) for key in self.keys)
        return Relation(name, values, keys=keys, rows=self.rows)

    def nulled(self) -> None:
        """An outer join may leave it without a row."""
        self.columns = {name: replace(value, nullable=True) for name, value in self.columns.items()}


@dataclass
class Scope:
    """The relations of one FROM; ``outer`` that of the query around it, for a subquery that may look there."""

    tables: Mapping[str, Relation]
    """Relations that may be named in FROM: the inputs, and what WITH defines."""
    outer: Scope | None = None
    relations: list[Relation] = field(default_factory=list)
    commas: bool = False
    """Whether a comma stands between some of them."""
    merged: dict[str, Value] = field(default_factory=dict)
    """Columns of USING, which stand before all others."""

    def add(self, relation: Relation, node: exp.Expr) -> None:
        if any(each.name == relation.name for each in self.relations):
            raise Refused("S260", node, name=relation.name)
        self.relations.append(relation)

    def has(self, name: str) -> bool:
        """Whether a name without a relation before it is a column of this FROM."""
        return name in self.merged or any(name in each.columns and name not in each.hidden for each in self.relations)

    def near(self, name: str) -> tuple[str, ...]:
        return _near(name, self.tables)

    def column(self, node: exp.Column) -> Value:
        """The column that a name means. Raises Refused where it is none, or several."""
        name = folded(node.this)
        table = folded(node.args["table"]) if node.args.get("table") is not None else None
        scope: Scope | None = self
        while scope is not None:
            found = scope._column(name, table, node)
            if found is not None:
                return found
            scope = scope.outer
        if table is not None:
            known = [relation.name for each in self._scopes() for relation in each.relations]
            if table not in known:
                raise Refused("S261", node, _near(table, known), name=table)
            own = next(r for each in self._scopes() for r in each.relations if r.name == table)
            raise Refused("S262", node, _near(name, own.columns), name=name, relation=table)
        known = [column for each in self._scopes() for relation in each.relations for column in relation.columns]
        raise Refused("S263", node, _near(name, known), name=name)

    def _scopes(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    def _column(self, name: str, table: str | None, node: exp.Column) -> Value | None:
        if table is not None:
            relation = next((each for each in self.relations if each.name == table), None)
            return None if relation is None else relation.columns.get(name)
        having = [each for each in self.relations if name in each.columns and name not in each.hidden]
        if name in self.merged and having:
            raise Refused("S264", node, name=name, relations=f"USING and {having[0].name}")
        if name in self.merged:
            return self.merged[name]
        if len(having) > 1:
            told = " and ".join(each.name for each in having)
            hint = f"Write {having[0].name}.{name}, or {having[1].name}.{name}."
            raise Refused("S264", node, (hint,), name=name, relations=told)
        return having[0].columns[name] if having else None

    def star(self, table: str | None, node: exp.Expr) -> list[tuple[str, Value]]:
        """The columns of ``*``, or of ``table.*``."""
        if table is not None:
            relation = next((each for each in self.relations if each.name == table), None)
            if relation is None:
                raise Refused("S261", node, _near(table, [each.name for each in self.relations]), name=table)
            return [*relation.columns.items()]
        if not self.relations:
            raise Refused("S255", node, found="* without FROM")
        listed = [*self.merged.items()]
        for relation in self.relations:
            listed += [(name, value) for name, value in relation.columns.items() if name not in relation.hidden]
        return listed


def _near(name: str, known: Iterable[str]) -> tuple[str, ...]:
    names = list(dict.fromkeys(known))
    # A name with capitals is another without quotes.
    same = [each for each in names if each != name and each.lower() == name.lower()]
    if same:
        return (f'Write "{same[0]}", in quotes: PostgreSQL reads names without quotes in small letters.',)
    return tuple(meant(name, names)[1])
