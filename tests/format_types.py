"""What PostgreSQL calls each kind of type: ``format_type`` and ``pg_typeof`` say so."""

from __future__ import annotations

FORMAT_TYPE = {
    "boolean": "boolean",
    "integer": "bigint",
    "decimal": "numeric",
    "float": "double precision",
    "text": "text",
    "date": "date",
    "time": "time without time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "interval": "interval",
    "uuid": "uuid",
    "json": "jsonb",
    "binary": "bytea",
    "null": "text",
}
"""A column of nothing but nulls is text."""
