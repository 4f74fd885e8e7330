"""The pieces of statements: CTEs, stacked queries, and what a rendering leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from headrace.grammar.expression import Literal
from headrace.grammar.types import Schema
from headrace.plan import Relation
from headrace.plan.names import NameSpace
from headrace.sql.identifiers import identifier
from headrace.sql.inlining import Sizes
from headrace.sql.trace import Trace
from headrace.sql.trees import nodes_of

Bindings = Mapping[str, Literal | tuple[Literal, ...] | exp.Column]
"""The values of parameters; a tuple for a list, a column where the value is that of a row outside the query."""


OUTSIDE = "\0"
"""How the alias of a row outside a query begins until it is known which names the query has. No name holds a NUL."""


@dataclass(frozen=True, slots=True)
class Cte:
    """One named query; ``costly`` says why computing it twice would be worse than keeping its rows, if it would.

    ``sizes`` are those of its columns' formulas (see ``inlining``), none where it is ``fenced``.
    """

    name: str
    query: exp.Expr
    costly: str
    reads: tuple[str, ...]
    sizes: Sizes = field(default_factory=dict)
    fenced: bool = False


@dataclass(frozen=True, slots=True)
class Intermediate:
    """A table that the compiler places between statements: ``first`` creates it, ``more`` add rows to it."""

    name: str
    schema: Schema
    reason: str
    first: exp.Query
    more: tuple[exp.Query, ...] = ()


@dataclass
class Rendering:
    """Where a node's statements find tables, and what they leave behind.

    ``table`` gives the table that a leaf of the plan reads, ``place`` the table of an intermediate of that name.
    ``now`` is the run's instant. ``notes`` are the decisions that a reader should know of; ``shared`` are the CTEs that
    are read more than once, with how often and why they are kept (nothing where they are not). With a ``trace``,
    queries can be told apart in PostgreSQL's plan.
    """

    label: str
    table: Callable[[Relation], exp.Table]
    place: Callable[[str], exp.Table]
    now: exp.Expression
    names: NameSpace = field(default_factory=NameSpace)
    intermediates: list[Intermediate] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    shared: dict[str, tuple[int, str]] = field(default_factory=dict)
    trace: Trace | None = None

    def intermediate(self, schema: Schema, reason: str, first: exp.Query, more: list[exp.Query]) -> exp.Table:
        """The table of a new intermediate."""
        name = self.names.claim(f"{self.label}__{len(self.intermediates) + 1}")
        self.intermediates.append(Intermediate(name, schema, reason, first, tuple(more)))
        self.notes.append(f"reads {name}, a table placed before it: {reason}")
        return self.place(name)


def tables_read(query: exp.Expr) -> Iterator[str]:
    """The unqualified names in FROM, with repetitions."""
    for node in nodes_of(query):
        if isinstance(node, exp.Table) and not node.args.get("db"):
            yield node.name


def with_cte(cte: Cte, readers: int) -> exp.CTE:
    """A CTE as WITH lists it. Read more than once, it says whether PostgreSQL keeps its rows; a fence always does."""
    return exp.CTE(
        this=cte.query,
        alias=exp.TableAlias(this=identifier(cte.name)),
        materialized=cte.fenced or bool(cte.costly) if cte.fenced or readers > 1 else None,
    )


def union_all(queries: Sequence[exp.Query]) -> exp.Query:
    """The queries stacked; one alone stays as it is."""
    return _combined(exp.Union, queries, distinct=False)


def intersection(queries: Sequence[exp.Query]) -> exp.Query:
    """The different rows that all queries have."""
    return _combined(exp.Intersect, queries, distinct=True)


def difference(queries: Sequence[exp.Query]) -> exp.Query:
    """The different rows of the first query that no other has."""
    return _combined(exp.Except, queries, distinct=True)


def _combined(operation: type[exp.SetOperation], queries: Sequence[exp.Query], distinct: bool) -> exp.Query:
    result, *others = [_operand(query) for query in queries] if len(queries) > 1 else queries
    for query in others:
        result = operation(this=result, expression=query, distinct=distinct)
    return result


def _operand(query: exp.Query) -> exp.Query:
    own = any(query.args.get(part) for part in ("order", "limit", "offset", "with_"))
    return exp.Subquery(this=query) if own or isinstance(query, exp.SetOperation) else query
