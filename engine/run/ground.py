"""What has to be so before a run builds anything: its schemas, and nothing of others in its way."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg2

from headrace.diagnostics import Diagnostic, diagnose
from headrace.program.marks import BUILD_SCHEMA_MARK, STATE_SCHEMA_MARK, project_of
from headrace.program.program import Build, Program, Target
from headrace.program.quoting import literal, qualified
from headrace.program.replacement import LEFT_OVER, NOT_OURS, OTHER_OWNER, obstacles
from headrace.run.session import Session
from headrace.run.stopped import Stopped
from headrace.sql.identifiers import quoted

KINDS = {
    "r": "a table",
    "p": "a partitioned table",
    "v": "a view",
    "m": "a materialized view",
    "f": "a foreign table",
    "S": "a sequence",
    "i": "an index",
    "I": "an index",
    "c": "a type",
    "T": "a type",
}
"""PostgreSQL's letters for what can have a name in a schema (``T`` is ours, for types that are no relations)."""

_DROPS = {"v": "VIEW", "m": "MATERIALIZED VIEW", "f": "FOREIGN TABLE", "S": "SEQUENCE"}
STATE_SCHEMA = "headrace"


def check_schemas(session: Session, program: Program) -> None:
    """Raises Stopped where the role lacks a right that the run needs, or a schema of ours has things of others."""
    role = session.ask("SELECT current_user")[0][0]
    may_create = session.ask("SELECT has_database_privilege(current_database(), 'CREATE')")[0][0]
    needed = (program.schema, program.build_schema, STATE_SCHEMA)
    found = {
        name: (may_use, comment or "", holds)
        for name, may_use, comment, holds in session.ask(
            "SELECT nspname, has_schema_privilege(oid, 'CREATE') AND has_schema_privilege(oid, 'USAGE'),"
            " obj_description(oid, 'pg_namespace'),"
            " EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid)"
            " FROM pg_namespace n WHERE nspname = ANY (%s)",
            list(needed),
        )
    }
    problems = []
    for schema, mark, purpose in (
        (program.build_schema, BUILD_SCHEMA_MARK, "build its tables"),
        (STATE_SCHEMA, STATE_SCHEMA_MARK, "keep the records of its runs"),
    ):
        _, comment, holds = found.get(schema, (True, "", False))
        is_marked = comment.rsplit("\n", 1)[-1] == mark
        if holds and not is_marked and not (schema == STATE_SCHEMA and _has_records(session)):
            problems.append(diagnose("R235", schema=schema, purpose=purpose))
    missing = [schema for schema in needed if schema not in found]
    if missing and not may_create:
        what = f"create the schema{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
        remedy = " ".join(f"CREATE SCHEMA {quoted(name)} AUTHORIZATION {quoted(role)};" for name in missing)
        problems.append(diagnose("R236", role=role, what=what, remedy=remedy))
    for schema in (program.schema, program.build_schema):
        if schema in found and not found[schema][0]:
            what = f"create tables in the schema {schema}"
            remedy = f"GRANT USAGE, CREATE ON SCHEMA {quoted(schema)} TO {quoted(role)};"
            problems.append(diagnose("R236", role=role, what=what, remedy=remedy))
    if problems:
        raise Stopped(problems)


def _has_records(session: Session) -> bool:
    """Whether the schema ``headrace`` is ours, though who made it for us has not said so in its comment."""
    return bool(session.ask("SELECT to_regclass('headrace.version') IS NOT NULL")[0][0])


def explain_records_refused(session: Session, error: psycopg2.Error) -> Diagnostic:
    """The diagnostic for a schema ``headrace`` that cannot be written."""
    if error.pgcode == "42501":
        role = session.ask("SELECT current_user")[0][0]
        remedy = (
            f"GRANT USAGE ON SCHEMA {STATE_SCHEMA} TO {quoted(role)}; "
            f"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA {STATE_SCHEMA} TO {quoted(role)};"
        )
        return diagnose("R236", role=role, what=f"write into the schema {STATE_SCHEMA}", remedy=remedy)
    return diagnose("R266", reason=(error.diag.message_primary or str(error)).strip())


def make_schemas(session: Session, program: Program) -> None:
    """Makes the program's schemas where they are missing, and drops what a stopped run has left in the build schema."""
    found = {row[0] for row in session.ask("SELECT nspname FROM pg_namespace")}
    with session.transaction():
        if program.schema not in found:
            session.run(f"CREATE SCHEMA {quoted(program.schema)}")
        if program.build_schema not in found:
            session.run(f"CREATE SCHEMA {quoted(program.build_schema)}")
        owned = "SELECT 1 FROM pg_namespace WHERE nspname = %s AND pg_has_role(nspowner, 'USAGE')"
        if session.ask(owned, program.build_schema):
            comment = f"Headrace builds the tables of schema {program.schema} here.\n{BUILD_SCHEMA_MARK}"
            session.run(f"COMMENT ON SCHEMA {quoted(program.build_schema)} IS {literal(comment)}")
    clear_build_schema(session, program)


def clear_build_schema(session: Session, program: Program) -> None:
    """Drops everything in the build schema, one by one. Raises Stopped where something of others hangs on it."""
    leftovers = session.ask(
        "SELECT c.relname, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind IN ('r', 'v', 'm', 'f', 'p')"
        " ORDER BY c.relkind = 'v' DESC, c.relname",
        program.build_schema,
    )
    for name, kind in leftovers:
        target = Target(program.build_schema, name)
        try:
            session.run(f"DROP {_DROPS.get(kind, 'TABLE')} IF EXISTS {qualified(target)}")
        except psycopg2.Error as error:
            reason = error.diag.message_detail or error.diag.message_primary or str(error)
            raise Stopped([diagnose("R239", name=qualified(target), reason=reason.strip().rstrip("."))]) from error


def drop_build_schema(session: Session, program: Program) -> None:
    """Drops the empty build schema, unless the role could not make it again."""
    may_again = (
        "SELECT 1 FROM pg_namespace WHERE nspname = %s AND pg_has_role(nspowner, 'USAGE')"
        " AND has_database_privilege(current_database(), 'CREATE')"
    )
    if session.ask(may_again, program.build_schema):
        session.run(f"DROP SCHEMA {quoted(program.build_schema)}")


def check_targets(session: Session, program: Program, builds: Iterable[Build]) -> None:
    """Raises Stopped where a table or view under one of our names has to stay as it is."""
    builds = tuple(builds)
    rows = session.ask(obstacles(program, builds))
    if not rows:
        return
    role = session.ask("SELECT current_user")[0][0]
    nodes = {build.target.name: build.node for build in builds}
    raise Stopped(
        _explain(qualified(Target(program.schema, name)), role, *rest).at(pointer=pointer_to("nodes", nodes[name]))
        for name, *rest in rows
    )


def pointer_to(*parts: str) -> str:
    """The JSON Pointer made of ``parts``."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _explain(shown: str, role: str, kind: str, problem: str, what: str) -> Diagnostic:
    if problem == NOT_OURS:
        other = project_of(what)
        if other is not None:
            return diagnose("R231", kind=KINDS.get(kind, "something"), name=shown, other=other)
        return diagnose("R230", kind=KINDS.get(kind, "something"), name=shown)
    if problem == OTHER_OWNER:
        return diagnose("R234", name=shown, owner=quoted(what), role=quoted(role))
    if problem == LEFT_OVER:
        return diagnose("R233", name=shown, left_over=what, view=what.removeprefix("view "))
    return diagnose("R232", name=shown, used_by=what)
