"""Incremental expansion: the statements by which a table gets the rows of those values of its parameters that are new.

What is to be computed is decided in the database, at the beginning of a build:

- ``values`` gets all values of the parameters. Where the table is there and has the same definition, ``kept`` gets
  those whose rows stay, and they are taken out of ``values``; where not, there is no ``kept``, and all is computed.
- ``rows`` gets the rows of ``values``. A view under the table's own name shows to the checks, and to what reads the
  table in the same program, the table as it will be: ``rows``, and those of the table that stay.
- At the swap, ``rows`` takes the table's place; or, where there is ``kept``, all other rows of the table are deleted
  and ``rows`` inserted.
"""

from __future__ import annotations

from collections.abc import Sequence

from headrace.bind.bound import Increment
from headrace.grammar.types import Schema
from headrace.plan.names import physical_name
from headrace.program.marks import comment_on, mark_of, mark_prefix
from headrace.program.program import Refresh, Target
from headrace.program.quoting import in_dollars, literal, qualified
from headrace.sql.identifiers import quoted


def deciding(
    refresh: Refresh, increment: Increment, names: Schema, project: str, target: Target, select: str
) -> tuple[str, ...]:
    """The statements that find the values to be computed; ``select`` gives all of them."""
    values, kept, table = qualified(refresh.values), qualified(refresh.kept), qualified(target)
    stays = f"EXISTS (SELECT FROM {table} AS t WHERE {_same(names.names, 't', 'v')})"
    if increment.last:
        column = quoted(increment.of)
        order = column + (' COLLATE "C"' if names[increment.of].kind == "text" else "")
        last = f"SELECT {column} FROM {values} GROUP BY {column} ORDER BY {order} DESC LIMIT {increment.last}"
        stays += f"\n    AND v.{column} NOT IN ({last})"
    return (
        f"CREATE TABLE {values} AS\n{select}",
        _do(
            f"IF EXISTS (\n  SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace\n"
            f"  WHERE n.nspname = {literal(target.schema)} AND c.relname = {literal(target.name)}"
            f" AND {can_be_refreshed(refresh, project)}\n) THEN",
            f"  CREATE TABLE {kept} AS\n  SELECT v.* FROM {values} AS v\n  WHERE {stays};",
            f"  DELETE FROM {values} AS v WHERE EXISTS (SELECT FROM {kept} AS k WHERE {_same(names.names, 'k', 'v')});",
            "END IF;",
        ),
        f"ANALYZE {values}",
    )


def can_be_refreshed(refresh: Refresh, project: str) -> str:
    """SQL for whether the relation ``c`` of ``pg_class`` is the project's table of the same definition.

    Not where deleting and inserting rows would do more than that: foreign keys that delete rows of others, triggers,
    rules, policies that hide rows from us, children.
    """
    columns = ", ".join(literal(name) for name in refresh.columns)
    return (
        "c.relkind = 'r' AND NOT c.relhastriggers AND NOT c.relhasrules AND NOT c.relforcerowsecurity"
        f" AND NOT c.relhassubclass AND starts_with({mark_of('c.oid')}, {literal(mark_prefix(project))})"
        f" AND split_part({mark_of('c.oid')}, ' ', 3) = {literal(refresh.definition)}"
        " AND ARRAY(SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0"
        f" AND NOT a.attisdropped ORDER BY a.attnum) = ARRAY[{columns}]"
    )


def showing(refresh: Refresh, target: Target, building: Target) -> str:
    """The statement that makes the view of the table as it will be."""
    view, rows, kept = qualified(building), qualified(refresh.rows), qualified(refresh.kept)
    columns = _listed(refresh.columns)
    new = f"SELECT {columns} FROM {rows}"
    old = (
        f"SELECT {columns} FROM {qualified(target)} AS t\n"
        f"  WHERE EXISTS (SELECT FROM {kept} AS k WHERE {_same(refresh.parameters, 'k', 't')})"
    )
    return _do(
        f"IF {_is_there(refresh.kept)} THEN",
        f"  CREATE VIEW {view} AS\n  {new}\n  UNION ALL\n  {old};",
        "ELSE",
        f"  CREATE VIEW {view} AS {new};",
        "END IF;",
    )


def finishing(refresh: Refresh, building: Target, constraints: Sequence[str], comment: str) -> str:
    """The statement that follows the checks: ``rows`` becomes the new table where it is the whole of it."""
    rows = qualified(refresh.rows)
    return _do(
        f"IF {_is_there(refresh.kept)} THEN",
        f"  ANALYZE {rows};",
        "ELSE",
        f"  DROP VIEW {qualified(building)};",
        f"  ALTER TABLE {rows} RENAME TO {quoted(building.name)};",
        *(f"  {statement};" for statement in (*constraints, f"ANALYZE {qualified(building)}", comment)),
        "END IF;",
    )


def replacing_rows(refresh: Refresh, target: Target, building: Target, comment: str) -> tuple[str, ...]:
    """The statements of the swap where the table stays: its rows are exchanged."""
    table, rows, kept = qualified(target), qualified(refresh.rows), qualified(refresh.kept)
    columns = _listed(refresh.columns)
    return (
        f"DROP VIEW {qualified(building)}",
        f"DELETE FROM {table} AS t WHERE NOT EXISTS (SELECT FROM {kept} AS k"
        f" WHERE {_same(refresh.parameters, 'k', 't')})",
        f"INSERT INTO {table} ({columns})\nSELECT {columns} FROM {rows}",
        comment,
        f"ANALYZE {table}",
    )


def marking(target: Target, description: str | None, project: str, fingerprint: str, definition: str) -> str:
    """The comment of a table that can be refreshed: behind its fingerprint stands that of its definition."""
    return comment_on("table", target, description, project, f"{fingerprint} {definition}")


def refresh_of(
    values: str, kept: str, rows: str, schema: str, names: Schema, columns: Schema, definition: str
) -> Refresh:
    """What a build knows of its refreshing, before it has statements."""
    return Refresh(
        definition,
        tuple(map(physical_name, names.names)),
        tuple(map(physical_name, columns.names)),
        Target(schema, values),
        Target(schema, kept),
        Target(schema, rows),
    )


def _is_there(table: Target) -> str:
    return f"to_regclass({literal(qualified(table))}) IS NOT NULL"


def _same(names: Sequence[str], one: str, other: str) -> str:
    return " AND ".join(f"{one}.{quoted(name)} = {other}.{quoted(name)}" for name in names)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(quoted, names))


def _do(*lines: str) -> str:
    body = "\nBEGIN\n" + "\n".join(lines) + "\nEND\n"
    return f"DO {in_dollars(body)}"
