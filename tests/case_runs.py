"""Running a case on a server: its program, its previews, and whether the rows bear out what the compiler claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2.extensions
from case_files import Case, Table
from daring import daring
from format_types import FORMAT_TYPE
from same_rows import difference

from headrace import CompileResult, Engine, Policy
from headrace.bind import Bound, bind
from headrace.grammar.types import Schema
from headrace.models import load_document, read_data
from headrace.plan import Relation
from headrace.plan.names import physical_name
from headrace.program.checks import MOST_FAILING_ROWS, check_statement
from headrace.program.instant import setting_instant
from headrace.program.program import Build, RowCheck, Target
from headrace.program.quoting import qualified

Rows = list[tuple[Any, ...]]

ENGINE = Engine(Policy(sql_steps=True, sql_functions=True, jinja=True))
"""Cases and the examples of pages are documents of an owner's, as far as it goes without files."""

_ALL_ROWS = 1_000_000
_ALL_STEPS = 20  # of a longer node, every twentieth further step is looked at


@contextmanager
def undone(connection: Any) -> Iterator[Any]:
    """A cursor in a transaction of which nothing stays."""
    with connection.cursor() as cursor:
        _read_plainly(cursor)
        try:
            yield cursor
        finally:
            connection.rollback()


def _read_plainly(cursor: Any) -> None:
    """Intervals as PostgreSQL prints them, bytes as bytes: psycopg2's own types would lose months, or not compare."""
    text = psycopg2.extensions.new_type((1186,), "text of an interval", lambda value, _: value)
    binary = psycopg2.extensions.new_type(
        (17,), "bytes", lambda value, _: None if value is None else bytes.fromhex(value[2:])
    )
    for each in (text, binary):
        psycopg2.extensions.register_type(each, cursor)


def run_case(case: Case, cursor: Any) -> None:
    """Compiles and runs the case and compares. Raises AssertionError with the SQL and what differs."""
    result = ENGINE.compile(case.document, case.catalog, case.parameters, case.row_filters, as_of=case.as_of)
    assert result.ok, _messages(result)
    assert sorted(each.code for each in result.diagnostics) == sorted(case.warnings), _messages(result)
    node = result.nodes[case.node]
    assert node.schema == case.schema, f"columns: {_told(node.schema)}, expected {_told(case.schema)}"
    if case.keys is not None:
        assert set(node.keys) == case.keys, f"keys: {[sorted(key) for key in node.keys]}"
    for table in case.tables:
        make_table(cursor, table)
    bound = bind_case(case)
    _compare_steps(case, bound, cursor)
    plain, rewritten = _as_table(case, rules=()), _as_table(case)
    dared = []
    for seed in (None, 1):
        with daring(seed):
            dared.append(_as_table(case))
    cursor.execute("SAVEPOINT plain")
    placed = _compare_program(case, bound, plain, cursor)
    assert case.placed in (None, placed), f"tables placed between: {placed}"
    seen = [plain.to_json()]
    for each in (rewritten, *dared):
        if each.to_json() in seen:
            continue
        seen.append(each.to_json())
        cursor.execute("ROLLBACK TO SAVEPOINT plain")
        found = _compare_program(case, bound, each, cursor)
        assert each is not rewritten or found <= placed, "rules make no statement longer"


def bind_case(case: Case) -> Bound:
    """The plans of the case, for the facts that results leave out."""
    documents = [load_document(read_data(case.document)).document]
    return bind(documents, case.catalog, case.parameters, row_filters=case.row_filters, any_function=True)[0]


def _as_table(case: Case, rules: Sequence[str] | None = None) -> CompileResult:
    """The case with its node kept as a table, where it does not say how it is kept."""
    document = case.document
    node = document["nodes"][case.node]
    nodes = {**document["nodes"], case.node: {"materialize": "table", **node}}
    changed = {**document, "nodes": nodes}
    return ENGINE.compile(changed, case.catalog, case.parameters, case.row_filters, as_of=case.as_of, rules=rules)


def _compare_steps(case: Case, bound: Bound, cursor: Any) -> None:
    """The case's node and every step of every node, each as a SELECT over the sources."""
    for name, node in bound.nodes.items():
        shown = None if node.plan is None else bound.shown(name, node.plan)
        assert shown is not None, name
        plans: list[tuple[int | None, Relation]] = [(None, shown)]
        for number, step in enumerate((*node.steps, *node.then), 1):
            assert step.relation is not None, f"{name}, step {number}"
            if number <= _ALL_STEPS or number % 20 == 0:
                plans.append((number, step.relation))
        for number, plan in plans:
            is_inside = number is not None and number <= len(node.steps)
            never = is_inside and node.values is not None and not node.values.rows
            _compare_preview(case, name, number, plan, cursor, never)


def _compare_preview(case: Case, node: str, step: int | None, plan: Relation, cursor: Any, never: bool) -> None:
    """``never``: the step stands inside an expansion over no values, and is shown without rows."""
    shown = ENGINE.preview(
        case.document, case.catalog, node, step, _ALL_ROWS, case.parameters, case.row_filters, as_of=case.as_of
    )
    if case.placed != 0 and [each.code for each in shown.diagnostics if each.severity == "error"] == ["P204"]:
        return  # One SELECT cannot hold it; the program can.
    if node in case.row_filters and step is not None:
        return  # What may be shown of it is for tests/engine.
    about = f"preview of {node}" + ("" if step is None else f", step {step}")
    assert shown.sql is not None, f"{about}: {_messages(shown)}"
    assert shown.schema == plan.schema, about
    rows = _query(cursor, shown.sql, plan.schema, about)
    if never and plan.parameters:
        assert not rows, about
        return
    bear_out(plan, rows, f"{about}\n{shown.sql}")
    if node == case.node and step is None and not case.row_filters:
        told = difference(case.rows, rows, case.schema.names, case.ordered)
        assert told is None, f"{about}\n{told}\n{shown.sql}"


def _query(cursor: Any, sql: str, schema: Schema, about: str) -> Rows:
    _execute(cursor, f"CREATE TEMP VIEW shown AS {sql}", about)
    try:
        compare_types(cursor, "pg_temp.shown", schema, f"{about}\n{sql}")
    finally:
        cursor.execute("DROP VIEW pg_temp.shown")
    _execute(cursor, sql, about)
    return list(cursor.fetchall())


def _compare_program(case: Case, bound: Bound, result: CompileResult, cursor: Any) -> int:
    """Builds the program and compares its rows; gives how many tables were placed between."""
    program = result.program
    assert program is not None, _messages(result)
    placed = [build for build in program.steps if isinstance(build, Build) and build.kind == "intermediate"]
    build_program(cursor, program)
    own = [build for build in program.builds if build.node == case.node]
    assert len(own) == 1, f"{case.node} is not kept"
    for build in program.builds:
        about = f"{build.kind} {build.node}\n{build.sql}"
        plan = bound.nodes[build.node].plan
        assert plan is not None, about
        compare_types(cursor, qualified(build.target), plan.schema, about)
        cursor.execute(f"SELECT * FROM {qualified(build.target)}")
        rows = list(cursor.fetchall())
        bear_out(plan, rows, about)
        if build.node == case.node:
            told = difference(case.rows, rows, case.schema.names)
            assert told is None, f"{about}\n{told}"
    return len(placed)


def build_program(cursor: Any, program: Any) -> None:
    """Does what a run does, in one transaction and without records: build, check, move, make the views.

    Every table, those placed between too, and every view must have the types that the program says.
    """
    if program.instant:
        cursor.execute(setting_instant(program.instant))
    for schema in (program.schema, program.build_schema):
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {qualified(Target(schema, 'x')).rpartition('.')[0]}")
    builds = [step for step in program.steps if isinstance(step, Build)]
    for build in builds:
        about = f"{build.kind} {build.node}"
        if build.kind != "view":
            for statement in (*build.before, build.sql, *build.more):
                _execute(cursor, statement, about)
            compare_types(cursor, qualified(build.building), build.columns, f"{about}\n{build.sql}")
        for check in build.checks:
            _make_check(cursor, check, about)
        if build.kind != "view":
            for statement in build.after:
                _execute(cursor, statement, about)
    schema = qualified(Target(program.schema, "x")).rpartition(".")[0]
    for build in builds:
        if build.kind == "table":
            cursor.execute(f"ALTER TABLE {qualified(build.building)} SET SCHEMA {schema}")
    for build in builds:
        if build.kind == "intermediate":
            cursor.execute(f"DROP TABLE {qualified(build.target)}")
        elif build.refresh is not None:
            cursor.execute(f"DROP TABLE {qualified(build.refresh.values)}")
    for build in builds:
        if build.kind == "view":
            for statement in (build.sql, *build.more, *build.after):
                _execute(cursor, statement, f"view {build.node}")
            compare_types(cursor, qualified(build.target), build.columns, f"view {build.node}\n{build.sql}")


def _make_check(cursor: Any, check: RowCheck, about: str) -> None:
    """The check by its count, by its rows and as psql makes it, which all say the same."""
    cursor.execute(check.count)
    ((failed,),) = cursor.fetchall()
    cursor.execute(check.failing)
    assert len(cursor.fetchall()) == min(failed, MOST_FAILING_ROWS), f"{about}: {check.subject}\n{check.failing}"
    _execute(cursor, check_statement(check), about)
    if check.proof:
        _execute(cursor, check.proof, about)


def bear_out(plan: Relation, rows: Rows, about: str) -> None:
    """Raises AssertionError where the rows are not as the plan says: keys, nulls, how many."""
    names = plan.schema.names
    for place, (name, type_) in enumerate(plan.schema):
        if not type_.nullable:
            assert all(row[place] is not None for row in rows), f"{name} is not never null\n{about}"
    for key in plan.keys:
        places = [names.index(name) for name in sorted(key)]
        values = [tuple(repr(row[place]) for place in places) for row in rows]
        assert len(set(values)) == len(values), f"{sorted(key)} is no key\n{about}"
    assert plan.rows.least <= len(rows), f"{len(rows)} rows, at least {plan.rows.least} claimed\n{about}"
    assert plan.rows.most is None or len(rows) <= plan.rows.most, f"{len(rows)} rows: {plan.rows}\n{about}"


def make_table(cursor: Any, table: Table) -> None:
    """The table with its rows."""
    schema, _, name = table.name.partition(".")
    target = qualified(Target(schema, name))
    columns = ", ".join(
        f"{_quoted(column)} {_sql_type(type_)}{'' if type_.nullable else ' NOT NULL'}" for column, type_ in table.schema
    )
    cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {target.rpartition('.')[0]}")
    cursor.execute(f"CREATE TABLE {target} ({columns})")
    for row in table.rows:
        cursor.execute(f"INSERT INTO {target.replace('%', '%%')} VALUES ({', '.join(['%s'] * len(row))})", row)


def compare_types(cursor: Any, relation: str, schema: Schema, about: str) -> None:
    cursor.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (relation,),
    )
    found = cursor.fetchall()
    wanted = [(physical_name(name), _sql_type(type_)) for name, type_ in schema]
    assert found == wanted, f"types: {found}, claimed {wanted}\n{about}"


def _sql_type(type_: Any) -> str:
    name = FORMAT_TYPE[type_.kind]
    return name if type_.precision is None else f"{name}({type_.precision},{type_.scale or 0})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _execute(cursor: Any, sql: str, about: str) -> None:
    try:
        cursor.execute(sql)
    except psycopg2.Error as error:
        raise AssertionError(f"{about}\n{error}\n{sql}") from error


def _messages(result: Any) -> str:
    return "\n".join(
        f"{each.code} {each.pointer}: {each.message} {' '.join(each.hints)}" for each in result.diagnostics
    )


def _told(schema: Schema | None) -> Mapping[str, str]:
    return {name: f"{type_}{'' if type_.nullable else ' not null'}" for name, type_ in schema or ()}
