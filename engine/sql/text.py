"""SQL trees as text."""

from __future__ import annotations

from sqlglot import exp

from headrace.sql.dialect import Headrace


def print_sql(tree: exp.Expr) -> str:
    """The tree as PostgreSQL reads it, laid out over lines."""
    return Headrace().generate(tree, pretty=True, copy=False)
