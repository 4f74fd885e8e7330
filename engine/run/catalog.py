"""Reading a catalog from the database: columns, keys, and the statistics that ANALYZE has left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg2

from headrace.catalog import Catalog, ColumnStatistics, TableFacts
from headrace.catalog.statistics import RANGED
from headrace.diagnostics import Diagnostic, diagnose
from headrace.grammar.types import Schema, Type, parse_type
from headrace.models import read_value
from headrace.models.value import Value
from headrace.plan.names import physical_name
from headrace.program.tables import KEEPS_NULLS_OUT, declaration, target_of
from headrace.run.session import Session
from headrace.run.stopped import ConnectionLost, Stopped
from headrace.run.warehouse import Warehouse
from headrace.sql.identifiers import quoted


def read_catalog(
    warehouse: Warehouse, tables: Iterable[str], schemas: Iterable[str] = ()
) -> tuple[Catalog, tuple[Diagnostic, ...]]:
    """The catalog of the named ``tables`` (``shop.orders``; without a schema, of ``public``) and of all that is in
    ``schemas``; and what could not be found out.

    It reads what the database knows of them, never their rows, and needs no rights but those of reading them: of a
    table that the role may not read it tells the columns and keys, and names it. Raises Stopped where the connection
    is lost or the server refuses.
    """
    try:
        with Session(warehouse, "headrace catalog") as session:
            session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return _Reader(session).read(list(dict.fromkeys(tables)), list(dict.fromkeys(schemas)))
    except ConnectionLost as lost:
        raise Stopped([lost.diagnostic]) from lost
    except psycopg2.Error as error:
        reason = (error.diag.message_primary or str(error)).strip()
        raise Stopped([diagnose("R249", reason=reason)]) from error


_KINDS = "('r', 'p', 'v', 'm', 'f')"

# Of a partitioned table that nobody has analyzed, the rows of its partitions are known.
_TABLES = f"""
SELECT n.nspname, c.relname, c.oid,
  CASE
    WHEN c.relkind = 'v' THEN NULL
    WHEN c.relkind = 'p' AND c.reltuples < 0 THEN (
      SELECT CASE WHEN min(leaf.reltuples) >= 0 THEN sum(leaf.reltuples) END
      FROM pg_partition_tree(c.oid) AS part JOIN pg_class AS leaf ON leaf.oid = part.relid WHERE part.isleaf)
    WHEN c.relhassubclass AND c.relkind = 'r' THEN NULL
    WHEN c.reltuples >= 0 THEN c.reltuples
  END::float8 AS rows,
  has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT') AS readable
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN {_KINDS} AND ((n.nspname, c.relname) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
  OR n.nspname = ANY (%s::text[]) AND NOT c.relispartition)
ORDER BY 1, 2
"""

_COLUMNS = f"""
WITH RECURSIVE unfolded AS (
  SELECT c.oid AS relation, a.attnum, a.atttypid AS type, a.atttypmod AS modifier
  FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
  WHERE c.oid = ANY (%s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT relation, attnum, t.typbasetype, t.typtypmod
  FROM unfolded JOIN pg_type AS t ON t.oid = unfolded.type AND t.typtype = 'd'
)
SELECT c.oid, a.attname, format_type(u.type, u.modifier),
  {KEEPS_NULLS_OUT} AND (c.relkind = 'p' OR c.relkind = 'r' AND NOT c.relhassubclass) AS never_null,
  s.n_distinct, s.null_frac, s.avg_width,
  s.histogram_bounds::text::text[], s.most_common_vals::text::text[]
FROM unfolded AS u
JOIN pg_type AS t ON t.oid = u.type AND t.typtype <> 'd'
JOIN pg_class AS c ON c.oid = u.relation
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.attnum
LEFT JOIN pg_stats AS s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
  AND s.inherited = c.relhassubclass
ORDER BY c.oid, a.attnum
"""

_KEYS = f"""
SELECT i.indrelid, array_agg(a.attname::text ORDER BY place)
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indrelid AND (c.relkind = 'p' OR c.relkind = 'r' AND NOT c.relhassubclass)
CROSS JOIN generate_series(0, i.indnkeyatts - 1) AS place
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = i.indkey[place]
WHERE i.indrelid = ANY (%s::oid[]) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
GROUP BY i.indrelid, i.indexrelid, i.indnullsnotdistinct
HAVING i.indnullsnotdistinct OR bool_and({KEEPS_NULLS_OUT})
ORDER BY 1, 2
"""


class _Reader:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.problems: list[Diagnostic] = []

    def read(self, tables: Sequence[str], schemas: Sequence[str]) -> tuple[Catalog, tuple[Diagnostic, ...]]:
        targets = {name: target_of(name) for name in tables}
        names = {(physical_name(each.schema), physical_name(each.name)): name for name, each in targets.items()}
        there = self.session.ask(
            _TABLES, [schema for schema, _ in names], [table for _, table in names], list(map(physical_name, schemas))
        )
        found = {}
        relations = [oid for _, _, oid, _, _ in there]
        keys = self._keys(relations)
        columns = self._columns(relations)
        for schema, table, oid, rows, readable in there:
            name = names.get((schema, table), f"{schema}.{table}")
            if not readable:
                self.tell_unreadable(schema, table)
            found[name] = self.facts(name, columns.get(oid, []), keys.get(oid, []), rows)
        for name, target in targets.items():
            if name not in found:
                self.problems.append(diagnose("R248", table=f"{target.schema}.{target.name}"))
        for schema in schemas:
            if not any(each == physical_name(schema) for each, *_ in there):
                self.problems.append(diagnose("R252", schema=schema))
        return Catalog(tables=found), tuple(self.problems)

    def _keys(self, relations: Sequence[int]) -> dict[int, list[list[str]]]:
        keys: dict[int, list[list[str]]] = {}
        for oid, names in self.session.ask(_KEYS, list(relations)):
            keys.setdefault(oid, []).append(names)
        return keys

    def _columns(self, relations: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
        columns: dict[int, list[tuple[Any, ...]]] = {}
        for oid, *rest in self.session.ask(_COLUMNS, list(relations)):
            columns.setdefault(oid, []).append(tuple(rest))
        return columns

    def facts(
        self, name: str, columns: Sequence[tuple[Any, ...]], keys: Sequence[Sequence[str]], rows: float | None
    ) -> TableFacts:
        types: dict[str, Type] = {}
        statistics: dict[str, ColumnStatistics] = {}
        for column, written, never_null, *measured in columns:
            type_ = parse_type(declaration(written) or "")
            if type_ is None:
                self.problems.append(diagnose("R251", table=name, column=column, found=written))
                continue
            types[column] = type_.with_null(not never_null)
            statistics[column] = _statistics(type_, rows, *measured)
        measured_columns = {column: each for column, each in statistics.items() if each != ColumnStatistics()}
        known = tuple(frozenset(key) for key in keys if all(column in types for column in key))
        return TableFacts(Schema.of(types), known, None if rows is None else round(rows), measured_columns)

    def tell_unreadable(self, schema: str, table: str) -> None:
        role = self.session.ask("SELECT current_user")[0][0]
        remedy = f"GRANT SELECT ON {quoted(schema)}.{quoted(table)} TO {quoted(role)};"
        self.problems.append(diagnose("R250", hints=[remedy], role=role, table=f"{schema}.{table}"))


def _statistics(
    type_: Type,
    rows: float | None,
    distinct: float | None,
    nulls: float | None,
    width: int | None,
    bounds: Sequence[str] | None,
    common: Sequence[str] | None,
) -> ColumnStatistics:
    """PostgreSQL writes the number of different values as a part of the rows, negated, where it grows with them."""
    number: float | None = None
    if distinct is not None and distinct > 0:
        number = distinct
    elif distinct is not None and distinct < 0 and rows is not None:
        number = -distinct * rows
    ends = (
        [] if type_.kind not in RANGED else _values([*(bounds or ())[:1], *(bounds or ())[-1:], *(common or ())], type_)
    )
    return ColumnStatistics(
        None if number is None else float(round(number)),
        None if nulls is None else round(float(nulls), 6),
        None if width is None else float(width),
        min(ends, default=None),
        max(ends, default=None),
    )


def _values(texts: Iterable[str], type_: Type) -> list[Any]:
    """The values that can be written in a document: not infinity, not dates before Christ."""
    found: list[Value] = []
    for text in texts:
        try:
            value = read_value(text, type_.with_null(False) if type_.precision is None else Type(type_.kind))
        except ValueError:
            continue
        if value is not None and value == value:
            found.append(value)
    return found
