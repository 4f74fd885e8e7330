"""The types of formulas as PostgreSQL writes them."""

from __future__ import annotations

from sqlglot import exp

from headrace.grammar.types import Type

_NAMES = {
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "decimal": "NUMERIC",
    "float": "DOUBLE PRECISION",
    "text": "TEXT",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
    "interval": "INTERVAL",
    "uuid": "UUID",
    "json": "JSONB",
    "binary": "BYTEA",
    "null": "TEXT",
}


def sql_type(type_: Type) -> str:
    """The type in PostgreSQL's words; the kind ``null`` (a column of nothing but nulls) is TEXT.

    >>> sql_type(Type("decimal", 12, 2))
    'NUMERIC(12, 2)'
    """
    name = _NAMES[type_.kind]
    return name if type_.precision is None else f"{name}({type_.precision}, {type_.scale or 0})"


def sql_cast(operand: exp.Expression, type_: Type) -> exp.Cast:
    """``CAST(operand AS type)`` in the spelling of ``sql_type`` (sqlglot's own would be DECIMAL, TIMESTAMPTZ)."""
    return exp.Cast(this=operand, to=exp.Var(this=sql_type(type_)))
