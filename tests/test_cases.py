"""Every case of ``tests/cases``, on PostgreSQL 15 and 18: see ``case_files`` for what a case holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from case_files import FOLDER, case_of, case_paths, read_case
from case_runs import run_case, undone

from headrace.models import read_yaml


@pytest.mark.parametrize("path", case_paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path: Path, connection: Any) -> None:
    case = read_case(path)
    with undone(connection) as cursor:
        run_case(case, cursor)


def test_every_folder_has_cases() -> None:
    assert all(any(folder.glob("*.yaml")) for folder in FOLDER.iterdir() if folder.is_dir())


def test_no_two_cases_are_about_the_same() -> None:
    told = [read_case(path).about for path in case_paths()]
    assert sorted(told) == sorted(set(told))


@pytest.mark.parametrize(
    "expect",
    ["{}", "{columns: {a: integer}}", "{columns: {}, rows: []}", "{columns: {a: integer}, rows: [[1]], row: []}"],
)
def test_a_case_that_compares_nothing_is_refused(expect: str) -> None:
    text = f"about: nothing\ndocument: {{headrace: 1}}\nexpect: {expect}\n"
    with pytest.raises(ValueError, match="x: "):
        case_of(read_yaml(text), "x")


def test_a_case_can_fail(connection: Any) -> None:
    """A wrong value, a row too few, a null, a type and an order are all seen."""
    document = (
        "about: a failing case\n"
        "document: {headrace: 1, sources: {t: {rows: [{a: 2}, {a: 1}]}}, nodes: {result: {from: t, steps: [SORT]}}}\n"
        "expect: EXPECT\n"
    )
    for sort, expect, passes in (
        ("sort: a", "{columns: {a: integer not null}, rows: [[1], [2]], ordered: true}", True),
        ("sort: a desc", "{columns: {a: integer not null}, rows: [[1], [2]], ordered: true}", False),
        ("sort: a", "{columns: {a: integer not null}, rows: [[1], [3]]}", False),
        ("sort: a", "{columns: {a: integer not null}, rows: [[1]]}", False),
        ("sort: a", "{columns: {a: integer not null}, rows: [[1], [null]]}", False),
        ("sort: a", "{columns: {a: integer}, rows: [[1], [2]]}", False),
        ("sort: a", "{columns: {a: decimal not null}, rows: [[1], [2]]}", False),
    ):
        case = case_of(read_yaml(document.replace("SORT", "{" + sort + "}").replace("EXPECT", expect)), "x")
        with undone(connection) as cursor:
            if passes:
                run_case(case, cursor)
            else:
                with pytest.raises(AssertionError):
                    run_case(case, cursor)
