"""Whether tables of others have the types that their sources declare: SQL that is computed with other types may give
other values without an error (``x / 2`` of integers is cut, the greatest of texts is not the greatest number).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from headrace.grammar.types import Type
from headrace.plan import Relation, TableScan, postorder
from headrace.program.program import TableRead, Target
from headrace.program.quoting import literal
from headrace.sql.reading.sql_types import our_kind, sql_type_of

# What computes as the type that is declared: it is only narrower, or an error tells where it is.
_ALSO: Mapping[str, tuple[str, ...]] = {
    "integer": ("int2", "int4"),
    "float": ("float4",),
    "text": ("varchar", "bpchar"),
}


def table_of(scan: TableScan) -> Target:
    """Where the table is: ``shop.orders``, or ``orders`` in the schema ``public``."""
    first, dot, rest = scan.table.partition(".")
    return Target(first, rest) if dot else Target("public", first)


def tables_read(relations: Iterable[Relation]) -> tuple[TableRead, ...]:
    """The tables of others below the relations, each once."""
    scans = (leaf for relation in relations for leaf in postorder(relation) if isinstance(leaf, TableScan))
    return tuple({scan.source: TableRead(scan.source, table_of(scan), scan.schema) for scan in scans}.values())


def other_types(tables: Iterable[TableRead]) -> str | None:
    """A query of the columns whose type in the database is another: source, schema, table, column, type there, and the
    type to declare where there is one. None where no column is read. A table or column that is not there gives no row.
    """
    rows = [_row(read, name, type_) for read in tables for name, type_ in read.columns]
    if not rows:
        return None
    kinds = " ".join(f"WHEN {literal(name)} THEN {literal(kind)}" for name, kind in _declarable())
    return f"""WITH declared (source, schema, relation, name, fitting, digits, scale) AS (VALUES
  {("," + chr(10) + "  ").join(rows)}
), found AS (
  SELECT d.*, a.attnum, format_type(a.atttypid, a.atttypmod) AS type,
    CASE WHEN coalesce(b.typnamespace, t.typnamespace) = 'pg_catalog'::regnamespace
      THEN coalesce(b.typname, t.typname) END AS base,
    CASE WHEN b.oid IS NULL THEN a.atttypmod ELSE t.typtypmod END - 4 AS modifier
  FROM declared d
  JOIN pg_namespace n ON n.nspname = d.schema
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = d.relation
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = d.name AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_type b ON b.oid = t.typbasetype
)
SELECT source, schema, relation, name, type, CASE base {kinds} END AS declare
FROM found
WHERE base IS NULL OR base <> ALL (fitting) OR scale IS NOT NULL AND (modifier < 0
  OR ((modifier & 2047) # 1024) - 1024 > scale
  OR (modifier >> 16 & 65535) - (((modifier & 2047) # 1024) - 1024) > digits)
ORDER BY source, attnum"""


def _row(read: TableRead, name: str, type_: Type) -> str:
    texts = ", ".join(map(literal, (read.source, read.table.schema, read.table.name, name)))
    return f"({texts}, {_fits(type_)})"


def _fits(type_: Type) -> str:
    names = ", ".join(literal(name) for name in (sql_type_of(type_), *_ALSO.get(type_.kind, ())))
    if type_.precision is None:
        return f"ARRAY[{names}], NULL::int, NULL::int"
    scale = type_.scale or 0
    return f"ARRAY[{names}], {type_.precision - scale}, {scale}"


def _declarable() -> list[tuple[str, str]]:
    ours = ("bool", "int2", "int4", "int8", "numeric", "float4", "float8", "text", "varchar", "bpchar", "date", "time")
    more = ("timestamp", "timestamptz", "interval", "uuid", "jsonb", "bytea")
    return [(name, kind) for name in (*ours, *more) if (kind := our_kind(name)) is not None]
