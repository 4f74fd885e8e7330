"""Many values, so that runs are cut into blocks before they are spread, and counts come from what changes.

What is expected is what one branch a value gives (``strategy: union``), on rows with every run that there can be, with
nulls, and with NaN and infinity among the numbers: from those nothing could be subtracted.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from case_runs import undone
from same_rows import difference

from headrace import Engine
from headrace.catalog import Catalog

VALUES = [dt.date(2024, 1, 1) + dt.timedelta(days=3 * place) for place in range(37)]

CATALOG = {
    "headrace": 1,
    "tables": {
        "many.t": {
            "columns": {
                "id": "integer",
                "g": "text",
                "k": "integer",
                "d": "date",
                "e": "date",
                "x": "decimal",
                "f": "float",
                "b": "boolean",
            }
        }
    },
}

PREDICATES = {
    "a window": "d > $p - 20 days and d <= $p",
    "from a value on": "d <= $p",
    "up to a value": "d > $p",
    "two columns": "d <= $p and (e is null or e > $p)",
}

MEASURES = {
    "counts": {"all": "count()", "some": "count(x)", "of_them": "count(where b)"},
    "distinct counts": {"different": "count(distinct k)", "of_them": "count(distinct k where b)"},
    "sums": {"total": "sum(k)", "exact": "sum(x)", "rough": "sum(f)", "mean": "avg(k)"},
    "extremes": {"least": "min(x)", "most": "max(f)", "every": "bool_and(b)", "any": "bool_or(b)"},
    "spread": {"spread": "var_samp(k)"},
    "together": {"all": "count()", "different": "count(distinct k)", "exact": "sum(x)", "late": "max(e)"},
    "own bounds": {"all": "count()", "recent": "count(where d > $p - 5 days)", "total": "sum(k where d > $p - 9 days)"},
}


def compiled(strategy: str, predicate: str, by: list[str], measures: dict[str, str], given: bool) -> Any:
    values: Any = {"node": "days", "column": "d"} if given else [day.isoformat() for day in VALUES]
    document = {
        "headrace": 1,
        "parameters": {"p": {"type": "date", "default": "2024-01-31"}},
        "sources": {"t": {"table": "many.t"}},
        "nodes": {
            "days": {"from": "t", "steps": [{"filter": "id <= 37"}]},
            "result": {
                "for_each": {"p": values},
                "from": "t",
                "steps": [{"filter": predicate}, {"aggregate": {"by": by, "measures": measures}}],
                "strategy": strategy,
            },
        },
    }
    result = Engine().compile(document, Catalog.from_json(CATALOG))
    node = result.nodes["result"]
    assert node.sql is not None, [each.message for each in result.diagnostics]
    return node


def make_table(cursor: Any) -> None:
    cursor.execute("CREATE SCHEMA many")
    cursor.execute("CREATE TABLE many.t (id bigint, g text, k bigint, d date, e date, x numeric, f float8, b boolean)")
    # Every value first, as the nodes' own values; then every run; then days that no run has to do with.
    rows: list[tuple[Any, ...]] = [
        (place, None, None, day, None, None, None, None) for place, day in enumerate(VALUES, 1)
    ]
    for first, begin in enumerate(VALUES):
        for end in (*VALUES[first:], VALUES[-1] + dt.timedelta(days=1)):
            number = len(rows) + 1
            special = {5: "NaN", 50: "Infinity", 300: "-Infinity"}.get(number)
            x = special or (None if number % 7 == 0 else f"{number}.{'5' * (number % 3)}0")
            rows.append((number, "ab"[number % 2], number % 11, begin, end, x, number / 8, number % 5 > 0))
    far = [(9001, "far", 1, "infinity", None), (9002, "far", 2, "-infinity", "infinity"), (9003, "none", 3, None, None)]
    rows += [(*each, "1.5", 0.5, None) for each in far]
    for row in rows:
        cursor.execute("INSERT INTO many.t VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", row)


def answer(cursor: Any, sql: str) -> list[tuple[Any, ...]]:
    cursor.execute(sql)
    found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


@pytest.mark.parametrize("given", [False, True], ids=("written", "given"))
@pytest.mark.parametrize("by", [["g"], []], ids=("groups", "total"))
@pytest.mark.parametrize("predicate", PREDICATES.values(), ids=PREDICATES)
def test_a_sweep_gives_the_rows_of_one_branch_a_value(
    predicate: str, by: list[str], given: bool, connection: Any
) -> None:
    with undone(connection) as cursor:
        make_table(cursor)
        for name, measures in MEASURES.items():
            expected = compiled("union", predicate, by, measures, given=False)
            swept = compiled("sweep", predicate, by, measures, given)
            assert "; sweep: " in swept.sql, name
            assert swept.schema == expected.schema, name
            wrong = difference(answer(cursor, expected.sql), answer(cursor, swept.sql), expected.schema.names)
            assert wrong is None, f"{name}\n{wrong}\n{swept.sql}"


def test_each_run_is_cut_into_blocks_that_make_it_up(connection: Any) -> None:
    with undone(connection) as cursor:
        make_table(cursor)
        sums = {"total": "sum(id)"}
        swept = compiled("sweep", PREDICATES["two columns"], ["id"], sums, given=False)
        cursor.execute(
            f"SELECT id, COUNT(*), MIN(total), MAX(total) FROM ({swept.sql.rstrip().rstrip(';')}) AS r GROUP BY id"
        )
        found = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute("SELECT id, d, e FROM many.t")
        expected = {}
        for number, begin, end in cursor.fetchall():
            values = 0 if begin is None else sum(begin <= day and (end is None or end > day) for day in VALUES)
            if values:
                expected[number] = (values, number, number)
        assert found == expected
