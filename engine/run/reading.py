"""Rows for people: what a preview or a table holds, as the texts that PostgreSQL prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import psycopg2

from headrace.diagnostics import diagnose
from headrace.grammar.types import Schema
from headrace.program.program import FileLoad, TableRead
from headrace.run.failed_step import step_at
from headrace.run.ground import pointer_to
from headrace.run.loading import load_file
from headrace.run.session import Session
from headrace.run.stopped import ConnectionLost, Stopped
from headrace.run.tables import check_tables
from headrace.run.warehouse import Warehouse
from headrace.sql.identifiers import quoted


def read_rows(
    warehouse: Warehouse,
    sql: str,
    schema: Schema,
    *,
    name: str,
    loads: Sequence[FileLoad] = (),
    reads: Sequence[TableRead] = (),
    folder: Path | None = None,
) -> list[tuple[str | None, ...]]:
    """The rows of the query ``sql``, in its order, each value as the text that PostgreSQL gives it, or None.

    ``loads`` are files of ``folder`` that become temporary tables first, ``reads`` tables of others, whose types are
    checked. Nothing is left behind, and the query can change nothing. ``name`` is the node that diagnostics speak of.
    Raises Stopped for what is wrong with a file or a table, or what the server has against the query.
    """
    columns = ", ".join(f"CAST({quoted(column)} AS text)" for column in schema.names) or "NULL"
    query = f"SELECT {columns} FROM (\n{sql.strip().rstrip(';')}\n) AS shown"
    try:
        with Session(warehouse, "headrace preview") as session:
            check_tables(session, reads, whole=False)
            session.run("BEGIN")
            for load in loads:
                load_file(session, load, folder or Path(), allow_outside=True)
            # Only now: the temporary tables had to be made.
            session.run("SET TRANSACTION READ ONLY")
            rows = session.ask(query)
            session.run("ROLLBACK")
            return rows
    except ConnectionLost as lost:
        raise Stopped([lost.diagnostic]) from lost
    except psycopg2.Error as error:
        raise _refused(name, query, error) from error


def _refused(name: str, query: str, error: psycopg2.Error) -> Stopped:
    reason = (error.diag.message_primary or str(error)).strip().splitlines()[0]
    hints = [text for text in (error.diag.message_detail, error.diag.message_hint) if text]
    step = step_at(query, error.diag.statement_position)
    pointer = pointer_to("nodes", name)
    if step is None:
        found = diagnose("R260", pointer=pointer, hints=hints, node=name, reason=reason, sqlstate=error.pgcode)
    else:
        found = diagnose(
            "R261", pointer=pointer, hints=hints, node=name, reason=reason, sqlstate=error.pgcode, step=step
        )
    return Stopped([found], name)
