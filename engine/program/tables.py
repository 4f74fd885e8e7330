"""What a program takes for granted of tables that others made: queries that ask the database whether it is so.

A declared column of another type, a collation for which different texts are equal, or a key that is none would not
make a query fail. It would give other numbers. So each program asks before it changes anything, a run and
``program.sql`` with the same queries. See docs/decisions/tables-of-others.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from headrace.grammar.types import Schema, parse_type
from headrace.plan import Relation, TableScan, postorder
from headrace.plan.names import physical_name
from headrace.plan.reads import columns_read
from headrace.program.program import TableRead, Target
from headrace.program.quoting import in_dollars, literal, qualified
from headrace.sql.identifiers import quoted

NO_TABLE = "no table"
NO_COLUMN = "no column"
OTHER_TYPE = "other type"
COLLATION = "collation"

_TYPES: Mapping[str, tuple[str, ...]] = {
    "boolean": ("bool",),
    "integer": ("int2", "int4", "int8"),
    "decimal": ("numeric",),
    "float": ("float4", "float8"),
    "text": ("text", "varchar"),
    "date": ("date",),
    "time": ("time",),
    "timestamp": ("timestamp",),
    "timestamptz": ("timestamptz",),
    "interval": ("interval",),
    "uuid": ("uuid",),
    "json": ("jsonb",),
    "binary": ("bytea",),
    "null": ("text", "varchar"),
}
"""PostgreSQL's types that compute as ours do. ``char(1)`` is one for text: with one character there is no padding."""


_WORDS: Mapping[str, str] = {
    "boolean": "boolean",
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "numeric": "decimal",
    "real": "float",
    "double precision": "float",
    "text": "text",
    "character varying": "text",
    "date": "date",
    "time without time zone": "time",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "interval": "interval",
    "uuid": "uuid",
    "jsonb": "json",
    "bytea": "binary",
}


def declaration(found: str) -> str | None:
    """What a column is to be declared as, whose type PostgreSQL's ``format_type`` writes so; None where it fits none.

    >>> declaration("bigint"), declaration("numeric(12,2)"), declaration("character varying(20)"), declaration("point")
    ('integer', 'decimal(12, 2)', 'text', None)
    """
    if found == "character(1)":
        return "text"  # With one character there is no padding.
    type_ = parse_type(found)
    if type_ is not None and type_.precision is not None:
        return str(type_)
    return _WORDS.get(re.sub(r"\(\d+\)", "", found))


def target_of(table: str) -> Target:
    """The table that a source names, ``shop.orders``; without a schema it is in ``public``."""
    first, dot, rest = table.partition(".")
    return Target(first, rest) if dot else Target("public", first)


def table_of(scan: TableScan) -> Target:
    """The table that a scan reads."""
    return target_of(scan.table)


def tables_read(relations: Iterable[Relation]) -> tuple[TableRead, ...]:
    """The tables of others that plans read, each once, with the columns that the plans need and those of its keys."""
    found: dict[tuple[str, str], tuple[TableScan, set[str]]] = {}
    for relation in relations:
        needed = columns_read(relation)
        for leaf in postorder(relation):
            if isinstance(leaf, TableScan):
                _, columns = found.setdefault((leaf.source, leaf.table), (leaf, set()))
                columns |= needed[id(leaf)].union(*leaf.unique)
    reads = []
    for _, (scan, columns) in sorted(found.items()):
        schema = Schema(tuple((name, type_) for name, type_ in scan.columns if name in columns))
        keys = tuple(tuple(name for name in schema.names if name in key) for key in scan.unique)
        reads.append(TableRead(scan.source, table_of(scan), schema, keys))
    return tuple(reads)


def together(reads: Iterable[TableRead]) -> tuple[TableRead, ...]:
    """The tables of several nodes, each once."""
    found: dict[tuple[str, Target], list[TableRead]] = {}
    for read in reads:
        found.setdefault((read.source, read.table), []).append(read)
    merged = []
    for (source, table), same in sorted(found.items(), key=lambda item: item[0][0]):
        columns = {name: type_ for read in same for name, type_ in read.columns}
        keys = tuple(dict.fromkeys(key for read in same for key in read.keys))
        merged.append(TableRead(source, table, Schema.of(dict(sorted(columns.items()))), keys))
    return tuple(merged)


def differences(reads: Sequence[TableRead]) -> str:
    """A query of (number, column_name, problem, found, base): what the database has otherwise than ``reads`` say.

    ``number`` counts the reads from 0. The problems: ``NO_TABLE``, ``NO_COLUMN``, ``OTHER_TYPE`` (``found`` is the
    type, ``base`` that of which it is a domain, or itself) and ``COLLATION`` (``found`` is its name). No rows: all is
    as they say.
    """
    claims = ",\n  ".join(_claims(reads))
    return f"""WITH RECURSIVE claim
  (number, place, nspname, relname, attname, types, most_digits, most_decimals) AS (VALUES
  {claims}
), there AS (
  SELECT claim.*, c.oid AS relation, a.attnum, a.atttypid, a.atttypmod, a.attcollation
  FROM claim
  LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))
    ON n.nspname = claim.nspname AND c.relname = claim.relname
  LEFT JOIN pg_attribute a
    ON a.attrelid = c.oid AND a.attname = claim.attname AND a.attnum > 0 AND NOT a.attisdropped
), unfolded (number, place, type, modifier) AS (
  SELECT number, place, atttypid, atttypmod FROM there WHERE attnum IS NOT NULL
  UNION ALL
  SELECT number, place, t.typbasetype, t.typtypmod
  FROM unfolded JOIN pg_type t ON t.oid = unfolded.type AND t.typtype = 'd'
), based AS (
  SELECT u.number, u.place, t.typname, t.typnamespace, u.modifier - 4 AS modifier,
    format_type(u.type, u.modifier) AS base
  FROM unfolded u JOIN pg_type t ON t.oid = u.type AND t.typtype <> 'd'
), judged AS (
  SELECT there.*, b.base,
    CASE
      WHEN relation IS NULL THEN '{NO_TABLE}'
      WHEN attname IS NULL THEN NULL
      WHEN attnum IS NULL THEN '{NO_COLUMN}'
      WHEN NOT coalesce(
        b.typnamespace = 'pg_catalog'::regnamespace AND (
          b.typname = ANY(types) AND (
            most_digits IS NULL
            OR b.modifier >= 0 AND ((b.modifier & 2047) # 1024) - 1024 <= most_decimals
            AND (b.modifier >> 16) - (((b.modifier & 2047) # 1024) - 1024) <= most_digits - most_decimals
          )
          OR b.typname = 'bpchar' AND b.modifier = 1 AND 'text' = ANY(types)
        ), false) THEN '{OTHER_TYPE}'
      WHEN NOT coalesce((SELECT collisdeterministic FROM pg_collation WHERE oid = attcollation), true)
        THEN '{COLLATION}'
    END AS problem
  FROM there LEFT JOIN based b USING (number, place)
)
SELECT number, min(attname) AS column_name, problem, min(
  CASE problem
    WHEN '{OTHER_TYPE}' THEN format_type(atttypid, atttypmod)
    WHEN '{COLLATION}' THEN (SELECT collname::text FROM pg_collation WHERE oid = attcollation)
  END) AS found, min(base) AS base
FROM judged WHERE problem IS NOT NULL
GROUP BY number, problem, CASE WHEN problem <> '{NO_TABLE}' THEN place END
ORDER BY number, min(place)"""


_NO_NUMBER = "CAST(NULL AS int)"


def _claims(reads: Sequence[TableRead]) -> Iterator[str]:
    for number, read in enumerate(reads):
        table = f"{literal(physical_name(read.table.schema))}, {literal(physical_name(read.table.name))}"
        if not len(read.columns):  # only its rows count
            yield f"({number}, 0, {table}, CAST(NULL AS text), CAST(ARRAY[] AS text[]), {_NO_NUMBER}, {_NO_NUMBER})"
        for place, (name, type_) in enumerate(read.columns):
            types = ", ".join(map(literal, _TYPES[type_.kind]))
            digits = _NO_NUMBER if type_.precision is None else str(type_.precision)
            decimals = _NO_NUMBER if type_.precision is None else str(type_.scale or 0)
            column = literal(physical_name(name))
            yield f"({number}, {place}, {table}, {column}, ARRAY[{types}], {digits}, {decimals})"


def never_null(read: TableRead) -> tuple[str, ...]:
    """The columns that are declared never to be null."""
    return tuple(name for name, type_ in read.columns if not type_.nullable)


def is_never_null(read: TableRead, column: str) -> str:
    """A query of one boolean: whether the table itself keeps nulls out of ``column``."""
    return f"""SELECT EXISTS (
  SELECT FROM {_own_rows(read)} JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE a.attname = {literal(physical_name(column))} AND {KEEPS_NULLS_OUT}
)"""


def is_unique(read: TableRead, key: Sequence[str]) -> str:
    """A query of one boolean: whether an index of the table keeps ``key`` unique, nulls counted as alike."""
    if not key:
        return "SELECT false"
    names = ", ".join(literal(physical_name(name)) for name in key)
    return f"""SELECT EXISTS (
  SELECT FROM {_own_rows(read)} JOIN pg_index i ON i.indrelid = c.oid
  WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT EXISTS (
    SELECT FROM generate_series(0, i.indnkeyatts - 1) AS place
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[place]
    WHERE a.attname NOT IN ({names}) OR NOT (i.indnullsnotdistinct OR {KEEPS_NULLS_OUT})
  )
)"""


KEEPS_NULLS_OUT = (
    "(a.attnotnull AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'n'"
    " AND a.attnum = ANY(k.conkey) AND NOT k.convalidated))"
)


def _own_rows(read: TableRead) -> str:
    """The table where all its rows are under its own constraints: no view, and no parent of tables with others."""
    return (
        "(pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" AND n.nspname = {literal(physical_name(read.table.schema))}"
        f" AND c.relname = {literal(physical_name(read.table.name))}"
        " AND (c.relkind = 'p' OR c.relkind = 'r' AND NOT c.relhassubclass))"
    )


def nulls(read: TableRead, column: str) -> str:
    """A query of one number: the rows without a value in ``column``."""
    return f"SELECT count(*) FROM {qualified(read.table)} WHERE {quoted(column)} IS NULL"


def repeated(read: TableRead, key: Sequence[str]) -> str:
    """A query of (number, example): how many values of ``key`` several rows have, and one of them. An empty key has
    one value."""
    values = ", ".join(f"coalesce(CAST({quoted(name)} AS text), 'null')" for name in key)
    example = f"min(concat_ws(', ', {values}) COLLATE \"C\")" if key else "min('')"
    columns = ", ".join(quoted(name) for name in key)
    return f"""SELECT count(*) AS number, {example} AS example FROM (
  SELECT {columns} FROM {qualified(read.table)} GROUP BY {columns or "()"} HAVING count(*) > 1
) AS several"""


def guard(reads: Sequence[TableRead], whole: bool = True) -> str:
    """One statement that raises, and says why, where the tables are not as ``reads`` say; '' where there are none.

    Without ``whole`` only types and collations are looked at, and no rows.
    """
    if not reads:
        return ""
    tables = " ".join(f"WHEN {number} THEN {literal(qualified(read.table))}" for number, read in enumerate(reads))
    told = f"""string_agg(CASE number {tables} END
  || CASE problem
    WHEN '{NO_TABLE}' THEN ' is not there'
    WHEN '{NO_COLUMN}' THEN ' has no column ' || column_name
    WHEN '{OTHER_TYPE}' THEN ' has the column ' || column_name || ' of the type ' || found || ', and not as declared'
    ELSE ' has the column ' || column_name || ' with the collation ' || found || ', for which different texts are equal'
  END, '; ')"""
    lines = [
        "#variable_conflict use_column",  # a column may be called failed too
        "DECLARE problems text; failed bigint;",
        "BEGIN",
        f"SELECT {told}\nINTO problems FROM (\n{differences(reads)}\n) AS difference;",
        "IF problems IS NOT NULL THEN",
        "  RAISE EXCEPTION USING MESSAGE = 'Nothing was changed: ' || problems;",
        "END IF;",
    ]
    for read in reads if whole else ():
        for column in never_null(read):
            message = f"The column {column} of {qualified(read.table)} is declared never to be null, and has nulls."
            lines += _unless(is_never_null(read, column), nulls(read, column), message)
        for key in read.keys:
            message = f"The key {', '.join(key)} of source {read.source} is not unique in {qualified(read.table)}."
            lines += _unless(is_unique(read, key), f"SELECT number FROM (\n{repeated(read, key)}\n) AS r", message)
    body = "\n" + "\n".join([*lines, "END"]) + "\n"
    return f"DO {in_dollars(body)}"


def _unless(proof: str, count: str, message: str) -> list[str]:
    return [
        f"IF NOT ({proof}) THEN",
        f"  failed := ({count});",
        "  IF failed > 0 THEN",
        f"    RAISE EXCEPTION USING MESSAGE = {literal('Nothing was changed: ' + message)};",
        "  END IF;",
        "END IF;",
    ]
