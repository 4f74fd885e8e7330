"""Every case with an expansion gives the same rows by every strategy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from case_files import Case, case_paths, read_case
from case_runs import run_case, undone

STRATEGIES = ("union", "lateral", "join", "sweep")


def expanded_cases() -> list[Path]:
    return [path for path in case_paths() if "for_each" in path.read_text("utf-8")]


def with_strategy(case: Case, strategy: str) -> Case:
    defaults = {**(case.document.get("defaults") or {}), "strategy": strategy}
    return replace(case, document={**case.document, "defaults": defaults}, placed=None)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("path", expanded_cases(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_same_rows(path: Path, strategy: str, connection: Any) -> None:
    with undone(connection) as cursor:
        run_case(with_strategy(read_case(path), strategy), cursor)


@pytest.mark.parametrize("strategy", ["union", "sweep"])
def test_conditions_that_may_fail_are_tested_on_rows_of_some_value(strategy: str, connection: Any) -> None:
    """PostgreSQL may test the terms of one WHERE in any order; it keeps to ours where all cost the same."""
    case = read_case(Path(__file__).with_name("tests_no_other_rows.yaml"))
    with undone(connection) as cursor:
        run_case(with_strategy(case, strategy), cursor)
