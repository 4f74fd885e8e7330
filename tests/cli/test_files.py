"""File names for nodes: readable, safe, never shared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.cli.files import file_names


def test_a_plain_name_stays() -> None:
    assert file_names(["customers", "été_2024"]) == {"customers": "customers.sql", "été_2024": "été_2024.sql"}


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a/b", "C:\\x", "..", ".", "", "a\0b", "con", "NUL.x", " x", "-rf"]
)
def test_a_dangerous_name_becomes_a_harmless_one(name: str) -> None:
    file = file_names([name])[name]
    assert file.endswith(".sql")
    assert not set(file) & set('/\\:\0<>|?*"')
    assert not file.startswith((".", "-", " "))
    assert file.partition(".")[0].lower() not in ("con", "nul")


def test_names_that_differ_only_in_case_have_files_that_do_not() -> None:
    files = file_names(["Sales", "sales"])
    assert files["Sales"] == "Sales.sql"
    assert files["sales"].startswith("sales-")


def test_a_node_called_program_leaves_program_sql_alone() -> None:
    assert file_names(["program"])["program"].startswith("program-")


@given(st.lists(st.text(max_size=80), unique=True, max_size=8))
def test_no_two_nodes_share_a_file(names: list[str]) -> None:
    files = file_names(names)
    assert list(files) == names
    assert len({file.casefold() for file in files.values()}) == len(names)
    assert all(0 < len(file.encode()) <= 120 for file in files.values())


def test_the_name_of_one_node_does_not_depend_on_the_others() -> None:
    assert file_names(["a b", "c"])["a b"] == file_names(["x", "a b"])["a b"]
