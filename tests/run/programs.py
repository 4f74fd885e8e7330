"""Programs written by hand, as the compiler would make them, and what to look at afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import psycopg2

from headrace.grammar.types import Schema, parse_type
from headrace.program.loads import make_load
from headrace.program.marks import comment_on
from headrace.program.program import Build, FileLoad, Program, Target
from headrace.program.quoting import qualified
from headrace.run import Event, Patience, RunResult, run_program
from headrace.run.warehouse import open_warehouse

Kind = Literal["table", "view", "intermediate"]

HASTY = Patience(tries=2, swap_tries=3, reconnections=2, lock_timeout=0.1, wait=0.05, longest_wait=0.2)


def schema_of(columns: Mapping[str, str]) -> Schema:
    """``{"id": "integer not null"}`` as a schema."""
    types = {}
    for name, text in columns.items():
        type_ = parse_type(text.removesuffix(" not null"))
        assert type_ is not None, text
        types[name] = type_.with_null(not text.endswith(" not null"))
    return Schema.of(types)


def load(
    source: str,
    path: str,
    columns: Mapping[str, str],
    header: tuple[str, ...] | None = None,
    schema: str = "shop",
    keys: Iterable[Iterable[str]] = (),
) -> FileLoad:
    return make_load(source, path, schema_of(columns), header, f"{schema}__build", keys)


def build(
    node: str,
    select: str,
    *,
    kind: Kind = "table",
    inputs: tuple[str, ...] = (),
    schema: str = "shop",
    project: str = "shop",
    after: tuple[str, ...] = (),
    more: tuple[str, ...] = (),
    description: str | None = None,
) -> Build:
    """A node built by ``select``; ``{b}`` in its texts is the build schema, ``{s}`` the schema, ``{t}`` the table."""
    target, building = Target(schema, node), Target(f"{schema}__build", node)
    place = target if kind == "view" else building

    def filled(text: str) -> str:
        return text.replace("{b}", building.schema).replace("{s}", schema).replace("{t}", qualified(place))

    word = "VIEW" if kind == "view" else "TABLE"
    return Build(
        node=node,
        kind=kind,
        target=target,
        building=building,
        columns=Schema(()),
        header=f"node {node}",
        sql=f"CREATE {word} {qualified(place)} AS\n{filled(select)}",
        select=filled(select),
        fingerprint="f00d",
        more=tuple(map(filled, more)),
        after=(*map(filled, after), comment_on(word, place, description, project, "f00d")),
        inputs=inputs,
    )


def program(*steps: FileLoad | Build, schema: str = "shop", project: str = "shop") -> Program:
    return Program(project, schema, f"{schema}__build", steps, "cafe")


def run(url: str, made: Program, folder: Path, events: list[Event] | None = None, **options: Any) -> RunResult:
    """Runs the program, hastily; every event is kept in ``events``."""
    options.setdefault("patience", HASTY)
    with open_warehouse(url, None) as warehouse:
        return run_program(made, warehouse, folder, on_event=(events.append if events is not None else None), **options)


def query(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Runs a statement in a session of its own and gives its rows."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def relations(url: str, schema: str) -> set[str]:
    """The names of all tables and views of a schema."""
    sql = (
        f"SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('{schema}') AND relkind IN ('r', 'v', 'm')"
    )
    return {name for (name,) in query(url, sql)}


def codes(result: RunResult) -> list[str]:
    return [diagnostic.code for diagnostic in result.diagnostics]
