"""Texts and objects read into plain data that knows its place."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
import yaml

from headrace.diagnostics import Span, diagnose
from headrace.models import Reading, load_document, read_data, read_json, read_yaml, yaml_composer
from headrace.models.scalar import PlainText, core_value, plain_data
from headrace.models.yaml_composer import MAX_DEPTH


def _codes(reading: Reading) -> list[str]:
    return [each.code for each in reading.diagnostics]


@pytest.mark.parametrize(
    "text", ["NO", "on", "0012", "12:30", "1.10", "null", "~", "1_000", "0x1F", "2024-01-31", ".5"]
)
def test_a_scalar_is_the_text_that_was_typed(text: str) -> None:
    plain, quoted = read_yaml(f"a: {text}").data, read_yaml(f"a: '{text}'").data
    assert plain == quoted == {"a": text}
    assert isinstance(plain, dict)
    assert isinstance(quoted, dict)
    assert isinstance(plain["a"], PlainText)
    assert not isinstance(quoted["a"], PlainText)


def test_nothing_after_a_key_is_none() -> None:
    assert read_yaml("a:\nb: ''").data == {"a": None, "b": ""}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("12", 12), ("-0", 0), ("+7", 7), ("0o17", 15), ("0x1F", 31), ("1.50", 1.5), (".5", 0.5), ("1e3", 1000.0)),
        *(("true", True), ("FALSE", False), ("null", None), ("~", None)),
        *(
            ("NO", "NO"),
            ("on", "on"),
            ("1_000", "1_000"),
            ("12:30", "12:30"),
            ("+", "+"),
            ("-.", "-."),
            ("1e999", "1e999"),
        ),
        *(("0012", 12), ("١٢", "١٢"), ("9" * 400, "9" * 400), ("tRUE", "tRUE")),
    ],
)
def test_the_core_types_of_yaml_1_2(text: str, value: Any) -> None:
    assert core_value(text) == value
    assert type(core_value(text)) is type(value)


def test_meta_has_core_types_and_quoted_text_stays_text() -> None:
    data = read_yaml("{a: 12, b: '12', c: [no, true, null, 0.5], d: }").data
    assert plain_data(data) == {"a": 12, "b": "12", "c": ["no", True, None, 0.5], "d": None}


def test_the_pure_reader_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML has no C extension."""
    text = "a: {b: round(x, 2), c: 'it''s'}\nd: |\n  x\n   y\ne: &n [1, ~]\nf: *n\n? g\n: h\ni: \"q\" & x\n"
    fast = read_yaml(text)
    monkeypatch.setattr(yaml_composer, "LOADER", yaml.SafeLoader)
    slow = read_yaml(text)
    assert slow.data == fast.data
    assert [(each.code, each.line, each.column) for each in slow.diagnostics] == [
        (each.code, each.line, each.column) for each in fast.diagnostics
    ]


# Places

_PLACED = """\
headrace: 1
nodes:
  "a/b~c":
    steps:
      - filter: amount > 100
      - derive: {x: 'it''s', "y z": "a\\u00e9\\"b" }
      - sql: |

          select 1
            from t
      - filter: >-
          amount
          > 7
      - filter: a and
          b or

          c
      - filter: &n  ="x" & y
"""


@pytest.mark.parametrize(
    ("pointer", "key", "place"),
    [
        ("", False, (1, 1)),
        ("/headrace", False, (1, 11)),
        ("/headrace", True, (1, 1)),
        ("/nodes/a~1b~0c", True, (3, 3)),
        ("/nodes/a~1b~0c/steps/0/filter", False, (5, 17)),
        ("/nodes/a~1b~0c/steps/1/derive/y z", False, (6, 37)),
        ("/nodes/a~1b~0c/steps/1/derive/y z", True, (6, 30)),
        ("/nodes/a~1b~0c/from", False, (3, 3)),  # missing: where it is missing from
        ("/nodes/a~1b~0c/steps/77", False, (4, 5)),
        ("/nowhere/at/all", False, (1, 1)),
    ],
)
def test_places_of_values_and_keys(pointer: str, key: bool, place: tuple[int, int]) -> None:
    assert read_yaml(_PLACED).locate(pointer, key=key) == place


@pytest.mark.parametrize(
    ("step", "key", "character", "place"),
    [
        (0, "filter", "> 100", (5, 24)),
        (2, "sql", "from", (10, 13)),
        (3, "filter", "> 7", (13, 11)),
        (4, "filter", "b or", (15, 11)),
        (4, "filter", "c", (17, 11)),
        (5, "filter", "& y", (18, 26)),
    ],
)
def test_places_of_characters(step: int, key: str, character: str, place: tuple[int, int]) -> None:
    reading = read_yaml(_PLACED)
    value: Any = reading.data
    value = value["nodes"]["a/b~c"]["steps"][step][key].strip()
    assert reading.locate(f"/nodes/a~1b~0c/steps/{step}/{key}", offset=value.index(character)) == place


def test_places_within_quotes_count_their_escapes() -> None:
    reading = read_yaml(_PLACED)
    at = "/nodes/a~1b~0c/steps/1/derive"
    assert reading.locate(f"{at}/x", offset="it's".index("s")) == (6, 26)
    assert reading.locate(f"{at}/y z", offset='aé"b'.index("b")) == (6, 47)


def test_every_character_of_every_writing_is_found() -> None:
    """The character at the place is the character of the value, or it is escaped or folded there."""
    for text in ("a: b c > d", "a: 'b  c'", 'a: "b\\tc"', "a: |\n   b\n    c\n", "a: b\n  c\n\n\n  d", "[ b , 'c' ]"):
        reading = read_yaml(text)
        lines = text.split("\n")
        items = reading.data.items() if isinstance(reading.data, dict) else enumerate(reading.data or [])
        for key, value in items:
            for offset, char in enumerate(str(value).strip()):
                place = reading.locate(f"/{key}", offset=offset)
                assert place is not None
                there = (lines[place[0] - 1] + "\n")[place[1] - 1]
                assert there == char or char in " \n\t"


def test_line_ends_of_every_kind() -> None:
    for ending in ("\n", "\r\n", "\r"):
        reading = read_yaml(ending.join(["a: 1", "b:", "  c: 2", "  c: 3"]))
        assert reading.locate("/b/c") == (3, 6)
        assert [(each.line, each.column, each.source) for each in reading.diagnostics] == [(4, 3, "  c: 3")]


def test_a_diagnostic_gets_its_place_from_pointer_and_span() -> None:
    reading = read_yaml("a: {b: x > y}", "flows/f.yaml")
    placed = reading.placed(diagnose("M103", pointer="/a/b", span=Span(4, 5), source="x > y", expected="z"))
    assert (placed.file, placed.line, placed.column, placed.source) == ("flows/f.yaml", 1, 12, "x > y")
    assert read_data({"a": 1}).placed(diagnose("M014", pointer="/a")).line is None


# Bounds


def test_documents_are_bounded() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "M007" in _codes(read_yaml(bomb))
    assert _codes(read_yaml("[" * 1000)) == ["M008"]
    assert _codes(read_json("[" * 1000)) == ["M008"]
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 100))
    assert set(_codes(read_yaml(chain))) == {"M008"}
    endless: list[Any] = []
    endless.append(endless)
    assert _codes(read_data(endless)) == ["M008"]
    assert _codes(read_yaml("x" * 10_000_001)) == ["M007"]
    assert _codes(read_json("[" + "1," * 500_001 + "1]")) == ["M007"]


def test_as_deep_as_is_allowed() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read_yaml(text).diagnostics == read_json(text).diagnostics == read_data(json.loads(text)).diagnostics == ()


def test_aliases_repeat_a_value() -> None:
    assert read_yaml("a: &x {b: [1]}\nc: *x\nd: [*x, &y z, *y]").data == {
        "a": {"b": ["1"]},
        "c": {"b": ["1"]},
        "d": [{"b": ["1"]}, "z", "z"],
    }


def test_bytes() -> None:
    assert read_yaml("a: é".encode()).data == {"a": "é"}
    assert read_yaml(b"\xef\xbb\xbfa: 1").data == {"a": "1"}
    assert read_json("\ufeff{}".encode("utf-16")).data == {}
    broken = read_yaml(b"a: 1\nb: \xe9t\xe9")
    assert [(each.code, each.line, each.column) for each in broken.diagnostics] == [("M010", 2, 4)]
    assert broken.data == {"a": "1", "b": "\ufffdt\ufffd"}


@pytest.mark.parametrize("char", ["\0", "\x07", "\x85", "\u2028", "\ufeff", "\ud800"])
def test_characters_that_no_document_holds(char: str) -> None:
    for reading in (read_yaml(f"a: x{char}y"), read_json(f'{{"a": "x{char}y"}}')):
        assert [(each.code, each.line) for each in reading.diagnostics] == [("M011", 1)]
        assert reading.data == {"a": "x\ufffdy"}


def test_nul_and_halves_of_characters_never_come_through() -> None:
    """PostgreSQL holds neither: not typed, not escaped, not in Python texts or keys."""
    for reading in (read_yaml('a: "x\\0y"'), read_json('{"a": "x\\u0000y"}'), read_json('{"a": "x\\ud83dy"}')):
        assert (_codes(reading), reading.data) == (["M011"], {"a": "x\ufffdy"})
    assert read_data({"x\0y": "\ud800"}).data == {"x\ufffdy": "\ufffd"}
    assert read_json('"\\ud83d\\ude00"').data == "😀"


# JSON


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        ('{"a": 1,}', "M019", (1, 8), "there is a comma before the }; leave it out"),
        ('{"a" 1}', "M019", (1, 6), "a colon is missing after the key a"),
        ("{a: 1}", "M019", (1, 2), 'a key stands between quotes, as "nodes", and here is a'),
        ("{\"a\": 'b'}", "M019", (1, 7), 'texts stand between double quotes ("), not single ones'),
        ('{"a": 1 "b": 2}', "M019", (1, 9), 'here should be a comma or }, and there is "'),
        ("[1, // x\n2]", "M019", (1, 5), "JSON has no comments"),
        ("[01]", "M019", (1, 2), "here should be a value, and there is 0"),
        ("[1] 2", "M019", (1, 5), "there is more after the end of the document"),
        ('["a\nb"]', "M019", (1, 4), "a line break or tab within a text is written \\n or \\t"),
        ('["\\q"]', "M019", (1, 3), "a backslash in a text is written \\\\"),
        ('{"a": [1, {"b": 2}', "M002", (1, 7), "The [ that opens here is never closed."),
        ('{"a": "b', "M021", (1, 7), "The quote that opens here is never closed."),
        ("", "M014", (1, 1), "The document is empty."),
        ('{"a":\n 1, "a": 2}', "M004", (2, 5), "The key a is written twice; it stands in line 1 too."),
    ],
)
def test_what_is_said_of_json(text: str, code: str, place: tuple[int, int], words: str) -> None:
    reading = read_json(text)
    (said,) = reading.diagnostics
    assert (said.code, (said.line, said.column)) == (code, place)
    assert words in said.message


def test_json_knows_its_places_and_what_was_read_before_a_mistake() -> None:
    reading = read_json('{"a": [1, {"b": "x"}],\n "c": nonsense}')
    assert reading.locate("/a/1/b") == (1, 17)
    assert reading.locate("/a/1/b", key=True) == (1, 12)
    assert reading.data == {"a": ["1", {"b": "x"}]}
    assert (reading.complete, reading.open) == (False, "/c")


def test_json_numbers_keep_their_text() -> None:
    assert read_json("[1.10, 1e3, -0, true, null]").data == ["1.10", "1e3", "-0", "true", "null"]


# Python objects


def test_python_objects_become_the_text_they_are_written_with() -> None:
    value = {
        "a": (1, 1.5, True, None, Decimal("1.10")),
        "b": [dt.date(1998, 6, 30), dt.datetime(1998, 6, 30, 12, 30), dt.time(12, 30)],
        3: "x",
    }
    reading = read_data(value)
    assert reading.data == {
        "a": ["1", "1.5", "true", "null", "1.10"],
        "b": ["1998-06-30", "1998-06-30 12:30:00", "12:30:00"],
        "3": "x",
    }
    assert reading.diagnostics == ()


def test_other_python_objects_are_reported_where_they_stand() -> None:
    reading = read_data({"a": [object()], "b": b"x", None: 1, "c": {1, 2}})
    assert [(each.code, each.pointer) for each in reading.diagnostics] == [
        ("M020", "/a/0"),
        ("M020", "/b"),
        ("M006", ""),
        ("M020", "/c"),
    ]


def test_a_key_that_another_reader_made_true_is_recognized() -> None:
    """PyYAML reads ``on`` as true: the objects that it gives say ``True: customer_id`` in a join."""
    steps = [{"join": {"with": "t", True: "a"}}]
    document = {"headrace": 1, "sources": {"t": {"rows": [{"a": 1}]}}, "nodes": {"n": {"from": "t", "steps": steps}}}
    (said,) = load_document(read_data(document)).diagnostics
    assert (said.code, said.pointer) == ("M100", "/nodes/n/steps/0/join/true")
    assert said.hints == (
        "Did you mean by?",
        "Some readers of YAML make true of on: put quotes around such a key.",
    )
