"""Which step PostgreSQL's plan nodes are attributed to: held to the rows that the steps have, case by case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from case_files import FOLDER, Case, case_paths, read_case
from case_runs import ENGINE, make_table, undone
from same_rows import difference

from headrace.program.explained import ExplainedStatement
from headrace.program.instant import setting_instant
from headrace.run.query_plan import PlanPart, attributed

FOLDERS = ("aggregate", "distinct", "join", "limit", "sort", "union")

_NOT_THE_END = ("WindowAgg", "Append", "Nested Loop")
"""Parts that only begin what a step does: what filters their rows, or drops repeated ones, is a part of its own."""


def explained(case: Case, cursor: Any) -> tuple[ExplainedStatement, PlanPart] | None:
    """The case's one statement and its plan, run; None where there is more to it than one statement over tables."""
    found = ENGINE.explain_plan(
        case.document, case.catalog, case.node, case.parameters, case.row_filters, as_of=case.as_of
    ).explained
    if found is None or found.loads or found.needs or len(found.statements) > 1:
        return None
    for table in case.tables:
        make_table(cursor, table)
    if found.instant:
        cursor.execute(setting_instant(found.instant))
    (statement,) = found.statements
    cursor.execute(f"EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON)\n{statement.query}")
    ((answer,),) = cursor.fetchall()
    return statement, attributed(answer[0]["Plan"], statement.blocks, case.node)


@pytest.mark.parametrize("folder", FOLDERS[:-1])
def test_no_part_has_more_rows_than_the_step_it_is_said_to_compute(folder: str, connection: Any) -> None:
    compared = 0
    for path in case_paths():
        if path.parent.name != folder:
            continue
        case = read_case(path)
        steps = [step.name for step in ENGINE.check(case.document, case.catalog).nodes[case.node].steps]
        with undone(connection) as cursor:
            found = None if "for_each" in str(case.document) else explained(case, cursor)
            if found is None:
                continue
            told: set[str] = set()
            for part in found[1].parts():
                if part.is_helper or part.step in told or part.step not in steps or part.operation in _NOT_THE_END:
                    continue
                told.add(part.step)
                compared += 1
                rows = rows_of_step(case, part.step, cursor)
                assert part.actual is not None
                assert part.actual <= rows, f"{path}: {part.operation} of {part.step}"
    assert compared >= 3, f"of {folder}"


def rows_of_step(case: Case, step: str, cursor: Any) -> int:
    shown = ENGINE.preview(
        case.document, case.catalog, case.node, step, 10**6, case.parameters, case.row_filters, as_of=case.as_of
    )
    assert shown.sql is not None
    cursor.execute(f"SELECT count(*) FROM (\n{shown.sql.rstrip().rstrip(';')}\n) AS shown")
    ((count,),) = cursor.fetchall()
    return int(count)


@pytest.mark.parametrize("folder", [*FOLDERS, "for_each", "sql", "dedupe", "pivot"])
def test_what_is_explained_has_the_rows_of_the_node(folder: str, connection: Any) -> None:
    """The aliases by which parts are told apart change nothing."""
    assert (FOLDER / folder).is_dir()
    for path in case_paths():
        if path.parent.name == folder:
            case = read_case(path)
            with undone(connection) as cursor:
                found = explained(case, cursor)
                if found is None:
                    continue
                cursor.execute(found[0].query)
                told = difference(case.rows, list(cursor.fetchall()), case.schema.names, case.ordered)
                assert told is None, f"{Path(path).stem}\n{told}\n{found[0].query}"
