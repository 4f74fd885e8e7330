"""Columns of files and tables declared by pattern, from what the catalog knows of them."""

from __future__ import annotations

from typing import Any

import pytest

from headrace import Engine, Policy


def _columns(columns: dict[str, Any], header: list[str] | None) -> list[tuple[str, str]] | str:
    document = {
        "headrace": 1,
        "sources": {"b": {"file": "b.csv", "columns": columns}},
        "nodes": {"n": {"from": "b"}},
    }
    files = {} if header is None else {"b.csv": {"header": header}}
    result = Engine(Policy(files=True)).check(document, {"headrace": 1, "files": files})
    if not result.ok:
        return result.diagnostics[0].code
    schema = result.nodes["n"].schema
    assert schema is not None
    return [(name, str(type_)) for name, type_ in schema]


@pytest.mark.parametrize(
    ("columns", "header", "found"),
    [
        # In the order of declaration; those of a pattern in the order of the file, less those that are named.
        (
            {"id": "integer", "????-??": "decimal"},
            ["2024-02", "id", "2024-01", "x"],
            [("id", "integer"), ("2024-02", "decimal"), ("2024-01", "decimal")],
        ),
        ({"*": "text", "id": "integer"}, ["id", "a", "b"], [("a", "text"), ("b", "text"), ("id", "integer")]),
        # A column that two patterns fit is that of the first.
        ({"a*": "integer", "*b": "text"}, ["ab", "bb"], [("ab", "integer"), ("bb", "text")]),
        # The whole name of a column is that column.
        ({"a?": "boolean"}, ["a?", "ab"], [("a?", "boolean")]),
        ({r"a\?": "boolean"}, ["a?", "ab"], [("a?", "boolean")]),
        ({r"a\?": "boolean"}, None, [("a?", "boolean")]),
        ({"z*": "text"}, ["a"], "S114"),
        ({"a?": "text"}, None, "S174"),
        ({r"a\?": "text"}, ["ab"], "S173"),
    ],
)
def test_columns_of_a_file(columns: dict[str, Any], header: list[str] | None, found: Any) -> None:
    assert _columns(columns, header) == found
