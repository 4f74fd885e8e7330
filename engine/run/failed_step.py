"""What PostgreSQL says against a statement of a node, as a diagnostic that names the node and, if it can, the step."""

from __future__ import annotations

import re
from typing import Any

import psycopg2

from headrace.diagnostics import Diagnostic, diagnose
from headrace.program.program import Build, FileLoad, RowCheck
from headrace.run.ground import pointer_to

_HINTS = {
    "23505": "Two rows have the same values in what is declared as keys.",
    "42501": "The role that runs the project needs the right: GRANT SELECT ON the table TO the role.",
    "42P01": "A table that the project reads is not in the database.",
    "42703": "A table that the project reads has not the columns that were declared or known when it was compiled.",
    "53100": "The disk of the database server is full.",
    "53200": "The database server has not enough memory.",
    "57014": "Somebody cancelled the statement, or a limit on its time was reached.",
}

# A step is a CTE: its name stands at the beginning of a line.
_CTE = re.compile(r'^\s*(?:WITH\s+)?("(?:[^"]|"")+"|[^\W\d]\w*)\s+AS\s+(?:(?:NOT\s+)?MATERIALIZED\s+)?\(', re.MULTILINE)


def explain_failed_step(step: Build | FileLoad, statement: str, error: psycopg2.Error) -> Diagnostic:
    """The diagnostic for ``statement`` of the step, which the server refused."""
    reason = (error.diag.message_primary or str(error)).strip().splitlines()[0]
    said = [text for text in (error.diag.message_detail, error.diag.message_hint) if text]
    hint = _HINTS.get(error.pgcode or "")
    hints = [*said, *([hint] if hint else [])]
    pointer = pointer_to("sources" if isinstance(step, FileLoad) else "nodes", step.name)
    name = step_at(statement, error.diag.statement_position)
    params: dict[str, Any] = {"node": step.name, "reason": reason, "sqlstate": error.pgcode}
    if name is not None:
        return diagnose("R261", step=name, pointer=pointer, hints=hints, **params)
    return diagnose("R260", pointer=pointer, hints=hints, **params)


def explain_failed_check(check: RowCheck, error: psycopg2.Error) -> Diagnostic:
    """The diagnostic for a check that the server could not make: a formula that fails, a right that is missing."""
    reason = (error.diag.message_primary or str(error)).strip().splitlines()[0]
    hint = _HINTS.get(error.pgcode or "")
    return diagnose(
        "R272",
        pointer=check.pointer or pointer_to("nodes", check.node),
        hints=[hint] if hint else [],
        subject=check.subject,
        node=check.node,
        reason=reason,
        sqlstate=error.pgcode,
    )


def step_at(statement: str, position: str | None) -> str | None:
    """The step of a statement that PostgreSQL's error ``position`` (a character, from 1) stands in.

    >>> step_at('WITH sales AS (SELECT 1), "big ones" AS (\\nSELECT x', "45")
    'sales'
    >>> step_at('WITH sales AS (\\nSELECT 1\\n),\\n"big ones" AS (\\nSELECT x', "47")
    'big ones'
    """
    if position is None or not position.isdigit():
        return None
    name = None
    for match in _CTE.finditer(statement, 0, int(position)):
        name = match[1]
    return name[1:-1].replace('""', '"') if name and name.startswith('"') else name
