"""Small SQL trees for those above that have no plan for them."""

from __future__ import annotations

from typing import TypeAlias

from sqlglot import exp

from headrace.sql.identifiers import identifier

Table: TypeAlias = exp.Table


def table(schema: str, name: str) -> exp.Table:
    """A table with its schema."""
    return exp.Table(this=identifier(name), db=identifier(schema))


def written(sql: str) -> exp.Expression:
    """An expression that stands already as it is to be printed."""
    return exp.Var(this=sql)
