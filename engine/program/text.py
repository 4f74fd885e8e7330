"""A program as one file for psql, ``program.sql``: it makes the same tables as a run, without its record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from headrace.program.checks import check_statement
from headrace.program.instant import setting_instant
from headrace.program.loads import check_header
from headrace.program.marks import BUILD_SCHEMA_MARK
from headrace.program.program import Build, FileLoad, Program, Refresh, Target
from headrace.program.quoting import comment_lines, in_dollars, literal, qualified
from headrace.program.replacement import IN_USE, LEFT_OVER, NOT_OURS, carried_over, obstacles, old_relations
from headrace.program.settings import setting_statements
from headrace.sql.identifiers import quoted

_CALL_CHECK = "CALL pg_temp.headrace_check();"


def program_text(program: Program) -> str:
    """The whole program, ending with a newline; ``psql -X -v ON_ERROR_STOP=1 -f program.sql`` runs it.

    It is to be run from the project's folder, to which the paths of files are relative. Where psql cannot do
    everything, the first statement stops it and says what needs ``headrace run``.
    """
    return "\n\n".join(_sections(program)) + "\n"


def lock_key(schema: str) -> int:
    """The key of the advisory lock that whoever builds the tables of ``schema`` holds."""
    return int.from_bytes(blake2b(f"headrace:{schema}".encode(), digest_size=8).digest(), "big", signed=True)


def _sections(program: Program) -> Iterator[str]:
    loads = [step for step in program.steps if isinstance(step, FileLoad)]
    builds = [step for step in program.steps if isinstance(step, Build)]
    yield _head(program, bool(loads))
    if reasons := (*program.needs_run, *_unwritable(loads)):
        message = "This program needs headrace run: " + "; ".join(reasons)
        yield _do(f"RAISE EXCEPTION USING MESSAGE = {literal(message)};")
    yield "\\set ON_ERROR_STOP on\n\\set AUTOCOMMIT on"
    yield "-- Nothing may depend on how the server, the database or the role is set.\n" + _statements(
        *setting_statements()
    )
    if program.instant:
        title = "-- The moment that now() and today() speak of, in every statement that follows.\n"
        yield title + _do(setting_instant(program.instant).replace("SELECT", "PERFORM", 1) + ";")
    yield "-- One at a time builds the tables of a schema; the lock ends with the session.\n" + _take_lock(program)
    if program.guard:
        yield f"-- The tables that are read are as they were declared.\n{program.guard};"
    yield "-- What Headrace did not make is never replaced, and nothing of others is dropped.\n" + _check(program)
    yield "-- Tables are built beside the old ones.\n" + _prepare(program)
    checked: set[Target] = set()
    for step in program.steps:
        if isinstance(step, FileLoad):
            yield _load(step)
            continue
        checks = _checks(step, checked)
        if step.kind != "view":
            yield _build(step, checks)
        elif checks:
            yield _statements(*checks)
    yield "-- The new tables take the place of the old ones, all at the same moment.\n" + _swap(program)
    leftovers = [load.table for load in loads] + [b.building for b in builds if b.kind == "intermediate"]
    refreshed = [build.refresh for build in builds if build.refresh is not None]
    leftovers += [refresh.values for refresh in refreshed]
    drops = [f"DROP TABLE {qualified(table)}" for table in leftovers]
    drops += [f"DROP TABLE IF EXISTS {qualified(table)}" for each in refreshed for table in (each.kept, each.rows)]
    yield "\n".join(filter(None, (_statements(*drops), _drop_schema(program), _unlock(program))))


def _head(program: Program, has_files: bool) -> str:
    tables = ", ".join(build.target.name for build in program.builds)
    lines = [
        f"The tables of project {program.project}, made by Headrace (program {program.fingerprint}).",
        "",
        f"Makes in schema {program.schema}: {tables or 'nothing'}.",
        "Run it with: psql -X -v ON_ERROR_STOP=1 -f program.sql",
    ]
    if has_files:
        lines.append("and from the project's folder: the paths of files are relative to it.")
    return "\n".join(comment_lines(line) for line in lines)


def _unwritable(loads: list[FileLoad]) -> Iterator[str]:
    for load in loads:
        if not load.psql_copy.isprintable():
            yield f"psql cannot copy a file or table whose name has a line break (source {load.source!r})"


def _take_lock(program: Program) -> str:
    message = f"Another run is building the tables of schema {program.schema} at this moment."
    return _do(
        f"IF NOT pg_try_advisory_lock({lock_key(program.schema)}) THEN",
        f"  RAISE EXCEPTION USING MESSAGE = {literal(message)};",
        "END IF;",
    )


def _unlock(program: Program) -> str:
    return _do(f"PERFORM pg_advisory_unlock({lock_key(program.schema)});")


def _check(program: Program) -> str:
    """A procedure that stops when something stands in the way, by the query that a run asks, and its first call."""
    message = f"""CASE problem
  WHEN {literal(NOT_OURS)} THEN ' was not made by this project'
  WHEN {literal(IN_USE)} THEN ' is used by ' || what
  WHEN {literal(LEFT_OVER)} THEN ' is read by ' || what || ', which this program no longer makes: drop it'
  ELSE ' belongs to ' || what
END"""
    told = f"string_agg({literal(program.schema + '.')} || name || {message}, '; ')"
    body = f"""
DECLARE problems text;
BEGIN
SELECT {told}
INTO problems FROM (
{obstacles(program, program.builds)}
) AS obstacle;
IF problems IS NOT NULL THEN
  RAISE EXCEPTION USING MESSAGE = 'Nothing was changed: ' || problems;
END IF;
END
"""
    return f"CREATE PROCEDURE pg_temp.headrace_check() LANGUAGE plpgsql AS {in_dollars(body)};\n{_CALL_CHECK}"


def _prepare(program: Program) -> str:
    build, target = literal(program.build_schema), literal(program.schema)
    comment = literal(f"Headrace builds the tables of schema {program.schema} here.\n{BUILD_SCHEMA_MARK}")
    foreign = f"The schema {program.build_schema} was not made by Headrace, which builds its tables there."
    return _do(
        f"IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = {target}) THEN",
        f"  CREATE SCHEMA {quoted(program.schema)};",
        "END IF;",
        f"IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = {build}) THEN",
        f"  CREATE SCHEMA {quoted(program.build_schema)};",
        f"  COMMENT ON SCHEMA {quoted(program.build_schema)} IS {comment};",
        f"ELSIF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = {build}",
        f"  AND coalesce(obj_description(n.oid, 'pg_namespace'), '') NOT LIKE {literal('%' + BUILD_SCHEMA_MARK)}) THEN",
        f"  RAISE EXCEPTION USING MESSAGE = {literal(foreign)};",
        "END IF;",
        "-- Left by a run that was stopped:",
        "SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ') FILTER (WHERE c.relkind = 'v'),",
        "  string_agg(format('%I.%I', n.nspname, c.relname), ', ') FILTER (WHERE c.relkind = 'r')",
        "INTO views, tables FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace",
        f"WHERE n.nspname = {build};",
        "IF views IS NOT NULL THEN\n  EXECUTE 'DROP VIEW ' || views;\nEND IF;",
        "IF tables IS NOT NULL THEN\n  EXECUTE 'DROP TABLE ' || tables;\nEND IF;",
        variables="views text; tables text;",
    )


def _load(load: FileLoad) -> str:
    title = comment_lines(f"Source {load.source}: the file {load.path}")
    staged = _statements(load.create)
    rest = _statements(check_header(load), load.cast, load.drop, *load.after)
    return f"{title}\n{staged}\n{load.psql_copy}\n{rest}"


def _checks(build: Build, checked: set[Target]) -> list[str]:
    """The statements of the checks that no build before has made."""
    statements = []
    for check in build.checks:
        if check.table not in checked:
            checked.add(check.table)
            statements.append(check.proof or check_statement(check))
    return statements


def _build(build: Build, checks: Iterable[str] = ()) -> str:
    statements = _statements(*build.before, build.sql, *build.more, *checks, *build.after)
    return f"{comment_lines(build.header.strip())}\n{statements}" if build.header else statements


def _swap(program: Program) -> str:
    moved = [build for build in program.builds if build.kind == "table"]
    views = [build for build in program.builds if build.kind == "view"]
    parts = [
        "BEGIN;\nSET LOCAL lock_timeout TO '10s';",
        *(_exchange(build, build.refresh) for build in moved if build.refresh is not None),
        f"CREATE TEMPORARY TABLE headrace_carried_over ON COMMIT DROP AS\n{carried_over(program, program.builds)};",
        _CALL_CHECK,
        _drop_old(program),
        _statements(*(statement for build in moved if build.refresh is None for statement in move_statements(build))),
        *(_move_if_there(build) for build in moved if build.refresh is not None),
        *(_build(view) for view in views),
        _do(
            "FOR carried IN SELECT statement FROM pg_temp.headrace_carried_over LOOP",
            "  EXECUTE carried;",
            "END LOOP;",
            variables="carried text;",
        ),
        "COMMIT;",
    ]
    return "\n".join(part for part in parts if part)


def _exchange(build: Build, refresh: Refresh) -> str:
    """Exchanges the rows of a table that stays."""
    return _do(f"IF {_is_kind(build.building, 'v')} THEN", *_indented(refresh.statements), "END IF;")


def _move_if_there(build: Build) -> str:
    return _do(f"IF {_is_kind(build.building, 'r')} THEN", *_indented(move_statements(build)), "END IF;")


def _is_kind(target: Target, kind: str) -> str:
    name = literal(qualified(target))
    return f"EXISTS (SELECT FROM pg_class WHERE oid = to_regclass({name}) AND relkind = {literal(kind)})"


def _indented(statements: Iterable[str]) -> list[str]:
    return [f"  {statement};" for statement in statements]


def _drop_old(program: Program) -> str:
    all_names = f"string_agg(format('%I.%I', {literal(program.schema)}, name), ', ')"
    return _do(
        f"SELECT {all_names} FILTER (WHERE kind = 'v'),\n  {all_names} FILTER (WHERE kind = 'r')",
        "INTO views, tables FROM (",
        old_relations(program, program.builds),
        ") AS old;",
        "IF views IS NOT NULL THEN\n  EXECUTE 'DROP VIEW ' || views;\nEND IF;",
        "IF tables IS NOT NULL THEN\n  EXECUTE 'DROP TABLE ' || tables;\nEND IF;",
        variables="views text; tables text;",
    )


def _drop_schema(program: Program) -> str:
    """Drops the build schema where the role could make it again."""
    build = literal(program.build_schema)
    return _do(
        "IF has_database_privilege(current_database(), 'CREATE') AND EXISTS (",
        f"  SELECT FROM pg_namespace WHERE nspname = {build} AND pg_has_role(nspowner, 'USAGE')",
        f") THEN\n  DROP SCHEMA {quoted(program.build_schema)};\nEND IF;",
    )


def move_statements(build: Build) -> tuple[str, ...]:
    """What takes a finished table from the build schema to its place."""
    moved = []
    if build.building.name != build.target.name:
        moved.append(f"ALTER TABLE {qualified(build.building)} RENAME TO {quoted(build.target.name)}")
    schema = quoted(build.building.schema)
    moved.append(f"ALTER TABLE {schema}.{quoted(build.target.name)} SET SCHEMA {quoted(build.target.schema)}")
    return tuple(moved)


def _do(*lines: str, variables: str = "") -> str:
    declare = f"DECLARE {variables}\n" if variables else ""
    body = "\n" + declare + "BEGIN\n" + "\n".join(lines) + "\nEND\n"
    return f"DO {in_dollars(body)};"


def _statements(*statements: str) -> str:
    return "\n".join(f"{statement.rstrip().removesuffix(';')};" for statement in statements)
