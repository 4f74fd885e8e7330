"""How a CSV file becomes a table: staged as text by one COPY, then cast in one statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from headrace.grammar.types import Schema
from headrace.plan.names import LONGEST, NameSpace, physical_name
from headrace.program.formats import cast_cell
from headrace.program.program import FileLoad, Target
from headrace.program.quoting import in_dollars, literal, qualified
from headrace.sql.identifiers import quoted

RECORD = "record"
"""The column of a staging table that counts the records; the header is record 0."""

_SYSTEM_COLUMNS = ("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid")


def make_load(
    source: str,
    path: str,
    columns: Schema,
    header: tuple[str, ...] | None,
    build_schema: str,
    keys: Iterable[Iterable[str]] = (),
) -> FileLoad:
    """The load of the CSV file at ``path`` into a table of ``build_schema`` named after ``source``.

    ``header`` are the names in the file's first line, None where it has just the declared ``columns`` in their
    order. The header is copied along with the data, as record 0: a byte order mark before it does no harm, and psql
    can compare it. Each of ``keys`` becomes a unique constraint in which nulls are equal.

    Raises ValueError where the header lacks a declared column: who has read the header says so before.
    """
    header = columns.names if header is None else header
    lacking = [name for name in columns.names if name not in header]
    if lacking:
        raise ValueError(f"{path} has no column {lacking[0]!r}")
    staging = Target(build_schema, physical_name(source, "__csv"))
    table = Target(build_schema, physical_name(source))
    copied = f"{qualified(staging)} ({', '.join(map(quoted, staging_columns(header)))})"
    options = "WITH (FORMAT csv, ENCODING 'UTF8')"
    return FileLoad(
        source=source,
        path=path,
        header=header,
        columns=columns,
        staging=staging,
        table=table,
        create=_create(staging, header),
        copy=f"COPY {copied} FROM STDIN {options}",
        psql_copy=rf"\copy {copied} FROM {_psql_path(path)} {options}",
        cast=_cast(path, columns, header, staging, table),
        drop=f"DROP TABLE {qualified(staging)}",
        after=(*(_key(table, key) for key in keys), f"ANALYZE {qualified(table)}"),
    )


def staging_columns(header: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of a staging table, one for each name of ``header``: the name itself where that can be.

    >>> staging_columns(("day", "", "day", "record"))
    ('column_1', 'column_2', 'column_3', 'column_4')
    >>> staging_columns(("day", "Unit price"))
    ('day', 'Unit price')
    """
    times = Counter(header)
    names = NameSpace((RECORD, *_SYSTEM_COLUMNS))
    kept = {
        name: names.claim(name)
        for name in header
        if times[name] == 1
        and name.isprintable()
        and 0 < len(name.encode()) <= LONGEST
        and name not in (RECORD, *_SYSTEM_COLUMNS)
    }
    return tuple(kept[name] if name in kept else names.claim(f"column_{n}") for n, name in enumerate(header, 1))


def cells_of(load: FileLoad) -> tuple[tuple[str, str], ...]:
    """The declared columns in their order, each with its column in the staging table."""
    staged = dict(zip(reversed(load.header), reversed(staging_columns(load.header)), strict=True))
    return tuple((name, staged[name]) for name in load.columns.names)


def check_header(load: FileLoad) -> str:
    """A statement for psql that stops when the file's first line is not the one the load was made for."""
    is_same = " AND ".join(
        f"coalesce({_without_mark(cell) if n == 0 else quoted(cell)}, '') = {literal(name)}"
        for n, (name, cell) in enumerate(zip(load.header, staging_columns(load.header), strict=True))
    )
    message = f"The first line of {load.path} has other columns than the program was compiled for: compile it again."
    body = (
        f"\nBEGIN\n  IF NOT EXISTS (SELECT FROM {qualified(load.staging)} WHERE {RECORD} = 0 AND {is_same}) THEN\n"
        f"    RAISE EXCEPTION USING MESSAGE = {literal(message)};\n  END IF;\nEND\n"
    )
    return f"DO {in_dollars(body)}"


def _without_mark(cell: str) -> str:
    return f"ltrim({quoted(cell)}, chr(65279))"


def _create(staging: Target, header: tuple[str, ...]) -> str:
    columns = [
        f"{RECORD} bigint GENERATED ALWAYS AS IDENTITY (START WITH 0 MINVALUE 0 CACHE 1000)",
        *(f"{quoted(column)} text" for column in staging_columns(header)),
    ]
    return f"CREATE {_unlogged(staging)}TABLE {qualified(staging)} (\n  " + ",\n  ".join(columns) + "\n)"


def _cast(path: str, columns: Schema, header: tuple[str, ...], staging: Target, table: Target) -> str:
    staged = dict(zip(reversed(header), reversed(staging_columns(header)), strict=True))
    outputs = []
    for name, type_ in columns:
        value = cast_cell(quoted(staged[name]), type_, RECORD, path, name)
        column = quoted(physical_name(name))
        outputs.append(value if value == column else f"{value} AS {column}")
    return (
        f"CREATE {_unlogged(table)}TABLE {qualified(table)} AS\nSELECT\n  "
        + ",\n  ".join(outputs)
        + f"\nFROM {qualified(staging)}\nWHERE {RECORD} > 0"
    )


def _unlogged(table: Target) -> str:
    """Temporary tables are never logged, and it cannot be said of them."""
    return "" if table.schema == "pg_temp" else "UNLOGGED "


def _key(table: Target, key: Iterable[str]) -> str:
    return f"ALTER TABLE {qualified(table)} ADD UNIQUE NULLS NOT DISTINCT ({', '.join(map(quoted, key))})"


def _psql_path(path: str) -> str:
    """The path for ``\\copy``: psql expands a tilde also inside quotes."""
    return literal(f"./{path}" if path.startswith("~") else path)
