"""Where a cursor stands in half-written YAML."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.editor.cursor import Cursor, cursor_at
from headrace.models import read_yaml

HEAD = "nodes:\n  x:\n    from: y\n    steps:\n"
TAIL = "\n    materialize: table\n"


def at(marked: str, *, step: bool = True) -> Cursor | None:
    """The cursor where ``^`` stands, in the steps of a node."""
    text = f"{HEAD}      {marked}{TAIL}" if step else marked
    return cursor_at(text.replace("^", "", 1), text.index("^"))


@pytest.mark.parametrize(
    ("marked", "pointer", "text", "offset"),
    [
        ("- filter: am^", "0/filter", "am", 2),
        ("- filter: ^", "0/filter", "", 0),
        ("- filter:^", "0/filter", "", 0),
        ("- filter: am^ount > 1 # c", "0/filter", "amount > 1", 2),
        ("- derive:\n          net: am^", "0/derive/net", "am", 2),
        ("- derive: {net: round(am^, 2), b: c}", "0/derive/net", "round(am, 2)", 8),
        ("- derive: {a: 1, net: round(am^", "0/derive/net", "round(am", 8),
        ("- derive: {a: 'it''s', net: am^}", "0/derive/net", "am", 2),
        ("- derive: {'a: b': am^}", "0/derive/a: b", "am", 2),
        ("- derive:\n          'it''s': am^", "0/derive/it's", "am", 2),
        ("- select: [a, b^]", "0/select/1", "b", 1),
        ("- select: [a, ^", "0/select/1", "", 0),
        ("- select: [a, {b: c^}]", "0/select/1/b", "c", 1),
        ("- fil^", "0", "fil", 3),
        ("- ^", "0", "", 0),
        ("- join: {with: cu^, by: x}", "0/join/with", "cu", 2),
        ("- drop: [a]\n      - filter: x\n      - sort: [a^", "2/sort/0", "a", 1),
        ("- select:\n        - a\n        - b^", "0/select/1", "b", 1),
        ("- select:\n          - a\n          - b^", "0/select/1", "b", 1),
        ("- filter: '\"FR\" = c^ and it''s'", "0/filter", '"FR" = c and it\'s', 8),
        ('- filter: "c^ = \\"x\\""', "0/filter", 'c = "x"', 1),
        ("- aggregate: {by: [a,\n            b^], measures: {c: d}}", "0/aggregate/by/1", "b", 1),
        ("- filter: |\n          a > 1\n            and b^\n        name: x", "0/filter", "a > 1\n  and b", 13),
        ("- filter: >-\n          ^\n        name: x", "0/filter", "", 0),
        ("- filter: >\n          a\n          + b^", "0/filter", "a + b", 5),
        ("- derive:\n          a: |\n            b +\n            c^\n          d: e", "0/derive/a", "b +\nc", 5),
    ],
)
def test_values(marked: str, pointer: str, text: str, offset: int) -> None:
    found = at(marked)
    assert found is not None
    assert (found.pointer, found.text, found.offset) == (f"/nodes/x/steps/{pointer}", text, offset)
    assert not found.is_key
    assert len(found.indexes) == len(found.text) + 1


@pytest.mark.parametrize(
    ("marked", "pointer", "text"),
    [
        ("nodes:\n  x:\n    fr^", "/nodes/x", "fr"),
        ("nodes:\n  x:\n    from: a\n    ^\n", "/nodes/x", ""),
        ("no^", "", "no"),
        (HEAD + "      - join:\n          with: c\n          ^", "/nodes/x/steps/0/join", ""),
        (HEAD + "      - join: {wi^", "/nodes/x/steps/0/join", "wi"),
        (HEAD + "      - join: {with: c, ki^}", "/nodes/x/steps/0/join", "ki"),
        (HEAD + "      - filter: a\n        na^", "/nodes/x/steps/0", "na"),
        (HEAD + "      - filter: |\n          a > 1\n        na^", "/nodes/x/steps/0", "na"),
    ],
)
def test_keys(marked: str, pointer: str, text: str) -> None:
    found = at(marked, step=False)
    assert found is not None
    assert (found.pointer, found.text, found.is_key) == (pointer, text, True)


@pytest.mark.parametrize("marked", ["- filter: x # c^", "# a^", "- filter: x\n      # b^"])
def test_comments_are_no_place(marked: str) -> None:
    assert at(marked) is None


@pytest.mark.parametrize(
    "marked",
    [
        "- filter: am^ount",
        "- derive: {net: round(am^, 2), b: c}",
        "- derive: {a: 1, net: round(am^",
        "- select: [a, b^",
        "- join: {wi^",
        "- fil^",
        "- filter: |\n          a > 1\n          + b^",
        "- filter: '\"FR^",
    ],
)
def test_the_rest_can_be_read(marked: str) -> None:
    """What is being written is taken out, and what comes after it is still there."""
    found = at(marked)
    assert found is not None
    reading = read_yaml(found.rest)
    assert [each.code for each in reading.diagnostics] == []
    data: Any = reading.data
    assert data["nodes"]["x"]["materialize"] == "table"


_PIECES = [
    "nodes:",
    "\n",
    "\n  ",
    "\n    - ",
    "x: ",
    "filter",
    "'",
    '"',
    "{",
    "}",
    "[",
    "]",
    ", ",
    "|",
    ">-",
    "#",
    " # c",
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from([*_PIECES, "a", "\\", "é", "\r\n", "\t", "- "]), max_size=25), st.integers(0, 80))
def test_no_text_is_too_broken(pieces: list[str], index: int) -> None:
    text = "".join(pieces)
    found = cursor_at(text, index)
    if found is not None:
        assert 0 <= found.offset <= len(found.text)
        assert len(found.indexes) == len(found.text) + 1
        assert all(0 <= each <= len(text) for each in found.indexes)
        assert found.pointer == "" or found.pointer.startswith("/")
