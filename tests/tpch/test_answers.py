"""The 22 queries of TPC-H, as flows, give the official answers at scale 0.01 on both servers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from benchmarks.tpch.data import KEYS, SCHEMA, Answer, node_of
from headrace import Engine
from headrace.run import run_program
from headrace.run.warehouse import open_warehouse
from tpch.loaded import Loaded, rows_of

NUMBERS = range(1, 23)
ENGINE = Engine()

_ROUNDED = Decimal("1e-14")
"""How far a float that DuckDB printed may lie from the exact value, as a share of it."""


@pytest.fixture(scope="session")
def built(loaded: Loaded, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The schema with the tables that a run of the whole project made."""
    compiled = ENGINE.compile(loaded.project, loaded.made.catalog)
    assert compiled.program is not None, compiled.diagnostics
    with open_warehouse(loaded.url, None) as warehouse:
        result = run_program(compiled.program, warehouse, tmp_path_factory.mktemp("tpch"))
    assert result.ok, result.diagnostics
    (schema,) = {build.target.schema for build in compiled.program.builds}
    return schema


def _is_same(value: Any, told: str | None, *, rounded: bool) -> bool:
    if value is None or told is None:
        return value is None and told is None
    if not isinstance(value, int | Decimal):
        return str(value) == told
    if rounded:
        return abs(value - Decimal(told)) <= abs(Decimal(told)) * _ROUNDED
    return value == Decimal(told)


def _differences(answer: Answer, rows: list[tuple[Any, ...]]) -> list[str]:
    told = [] if len(rows) == len(answer.rows) else [f"{len(rows)} rows, expected {len(answer.rows)}"]
    for number, (row, expected) in enumerate(zip(rows, answer.rows, strict=False), 1):
        for name, value, each in zip(answer.columns, row, expected, strict=True):
            if not _is_same(value, each, rounded=name in answer.rounded):
                told.append(f"row {number}, {name}: {value}, expected {each}")
    return told


@pytest.mark.parametrize("number", NUMBERS)
def test_a_flow_gives_the_answer_in_its_order(number: int, loaded: Loaded) -> None:
    answer = loaded.made.answers[number]
    shown = ENGINE.preview(loaded.project, loaded.made.catalog, node_of(number), limit=1_000_000)
    assert shown.sql is not None, shown.diagnostics
    columns, rows = rows_of(loaded.url, shown.sql)
    # The query gives no name to the sum of quantities of question 18.
    assert [name for name in columns if name != "quantity"] == [name for name in answer.columns if name != "sum"]
    assert not _differences(answer, rows), shown.sql


@pytest.mark.parametrize("number", NUMBERS)
def test_the_table_of_a_run_has_the_answer(number: int, loaded: Loaded, built: str) -> None:
    shown = ENGINE.preview(loaded.project, loaded.made.catalog, node_of(number), limit=1_000_000)
    assert shown.sql is not None, shown.diagnostics
    _, in_order = rows_of(loaded.url, shown.sql)
    _, rows = rows_of(loaded.url, f"SELECT * FROM {built}.{node_of(number)}")
    assert sorted(map(repr, rows)) == sorted(map(repr, in_order))


def test_the_flows_have_nothing_to_warn_of(loaded: Loaded) -> None:
    compiled = ENGINE.check(loaded.project, loaded.made.catalog)
    assert not compiled.diagnostics
    assert {node_of(number) for number in NUMBERS} <= set(compiled.nodes)


def test_the_data_is_that_of_the_answers(loaded: Loaded) -> None:
    assert sorted(loaded.made.answers) == list(NUMBERS)
    for table, key in KEYS.items():
        _, ((rows, keys),) = rows_of(
            loaded.url, f"SELECT count(*), count(DISTINCT ({', '.join(key)})) FROM {SCHEMA}.{table}"
        )
        assert rows == keys == loaded.made.catalog.tables[f"{SCHEMA}.{table}"].rows
