"""Whether the tables of others are as the sources say, asked before anything is read of them."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg2

from headrace.diagnostics import Diagnostic, diagnose
from headrace.program.program import Build, Program, TableRead
from headrace.program.quoting import qualified
from headrace.program.tables import (
    COLLATION,
    NO_COLUMN,
    NO_TABLE,
    declaration,
    differences,
    is_never_null,
    is_unique,
    never_null,
    nulls,
    repeated,
)
from headrace.run.ground import pointer_to
from headrace.run.session import Session
from headrace.run.stopped import Stopped
from headrace.sql.identifiers import quoted


def check_program_tables(session: Session, program: Program) -> None:
    """Checks the tables that the steps of ``program`` read. Raises Stopped where one is not as its source says."""
    read = {name for step in program.steps if isinstance(step, Build) for name in step.inputs}
    check_tables(session, [each for each in program.reads if each.source in read])


def check_tables(session: Session, reads: Sequence[TableRead], *, whole: bool = True) -> None:
    """Raises Stopped where a table is not as ``reads`` say; unless ``whole``, no rows are looked at."""
    if not reads:
        return
    rows = session.ask(differences(reads))
    if rows:
        raise Stopped(_different(reads[number], *rest) for number, *rest in rows)
    if not whole:
        return
    for read in reads:
        try:
            problems = [*_nulls(session, read), *_repeated(session, read)]
        except psycopg2.Error as error:
            reason = (error.diag.message_primary or str(error)).strip()
            pointer = pointer_to("sources", read.source)
            raise Stopped(
                [diagnose("R247", pointer=pointer, name=read.source, table=qualified(read.table), reason=reason)]
            ) from error
        if problems:
            raise Stopped(problems)


def _different(read: TableRead, column: str | None, problem: str, found: str | None, base: str | None) -> Diagnostic:
    table = f"{read.table.schema}.{read.table.name}"
    if problem == NO_TABLE or column is None:
        return diagnose("R243", pointer=pointer_to("sources", read.source, "table"), table=table, name=read.source)
    pointer = pointer_to("sources", read.source, "columns", column)
    if problem == NO_COLUMN:
        return diagnose("R242", pointer=pointer, table=table, name=read.source, column=column)
    if problem == COLLATION:
        hint = f'Read a view that gives it as {quoted(column)} COLLATE "C".'
        return diagnose("R244", pointer=pointer, hints=[hint], table=table, column=column, collation=found)
    better = declaration(base or "")
    if better:
        hint = f"Declare it as {better}, and convert it with a formula where it is used."
    else:
        hint = f"No type of Headrace is {found}: read a view that casts the column."
    return diagnose(
        "R241",
        pointer=pointer,
        hints=[hint],
        table=table,
        name=read.source,
        column=column,
        found=found,
        declared=str(read.columns[column]),
    )


def _nulls(session: Session, read: TableRead) -> list[Diagnostic]:
    found = []
    for column in never_null(read):
        if session.ask(is_never_null(read, column))[0][0]:
            continue
        ((count,),) = session.ask(nulls(read, column))
        if count:
            pointer = pointer_to("sources", read.source, "columns", column)
            found.append(
                diagnose(
                    "R245",
                    pointer=pointer,
                    table=qualified(read.table),
                    column=column,
                    rows=_plural(count, "row"),
                    verb="has" if count == 1 else "have",
                )
            )
    return found


def _repeated(session: Session, read: TableRead) -> list[Diagnostic]:
    found = []
    for key in read.keys:
        if session.ask(is_unique(read, key))[0][0]:
            continue
        ((count, example),) = session.ask(repeated(read, key))
        if count:
            found.append(
                diagnose(
                    "R246",
                    pointer=pointer_to("sources", read.source, "keys"),
                    table=qualified(read.table),
                    name=read.source,
                    key=", ".join(key),
                    values=_plural(count, "value"),
                    verb="stands" if count == 1 else "stand",
                    hints=[f"For example: {example}"],
                )
            )
    return found


def _plural(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
