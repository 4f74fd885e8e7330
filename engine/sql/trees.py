"""Small SQL trees for those above that have no plan for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from sqlglot import exp

from headrace.sql.identifiers import identifier

Table: TypeAlias = exp.Table


def table(schema: str, name: str) -> exp.Table:
    """A table with its schema."""
    return exp.Table(this=identifier(name), db=identifier(schema))


def alike_rows(query: exp.Query, columns: Sequence[str]) -> exp.Select:
    """A query that finds a row where two rows of ``query`` are alike in ``columns``, none of them null."""
    names = [exp.Column(this=identifier(name)) for name in columns]
    known = [exp.Not(this=exp.Is(this=name.copy(), expression=exp.Null())) for name in names]
    return exp.Select(
        expressions=[exp.Literal.number(1)],
        from_=exp.From(this=exp.Subquery(this=query, alias=exp.TableAlias(this=identifier("rows_of")))),
        where=exp.Where(this=exp.and_(*known, copy=False)),
        group=exp.Group(expressions=names),
        having=exp.Having(
            this=exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)),
        ),
    )


def written(sql: str) -> exp.Expression:
    """An expression that stands already as it is to be printed."""
    return exp.Var(this=sql)
