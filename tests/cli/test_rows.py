"""How rows are printed: exact as CSV and JSON, fitted to the terminal as a table."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from rich.console import Console

from headrace.cli.rows import Row, show_table, write_csv, write_json
from headrace.grammar.types import Schema, Type, parse_type


def schema(**types: str) -> Schema:
    return Schema.of({name: parse_type(text) or Type("text") for name, text in types.items()})


def table(columns: Schema, rows: list[Row], width: int = 80, **more: bool) -> str:
    out = io.StringIO()
    show_table(columns, rows, Console(file=out, width=width, no_color=True), **more)
    return out.getvalue()


def test_csv_tells_a_null_from_an_empty_text() -> None:
    out = io.StringIO()
    write_csv(schema(a="text", b="text"), [("x", None), ("", "y"), (None, None), ('q"', "1,2")], out)
    assert out.getvalue() == 'a,b\nx,\n"",y\n,\n"q""","1,2"\n'


def test_csv_of_one_column_keeps_a_row_that_is_null() -> None:
    out = io.StringIO()
    write_csv(schema(a="integer"), [(None,), ("1",)], out)
    assert out.getvalue() == "a\n\n1\n"


def test_csv_is_read_back_as_it_was() -> None:
    rows = [("a,b", '"'), ("two\nlines", "\r"), ("é", "'"), ("", "x\n")]
    out = io.StringIO()
    write_csv(schema(a="text", b="text"), rows, out)
    assert [tuple(row) for row in csv.reader(io.StringIO(out.getvalue(), newline=""))] == [("a", "b"), *rows]


def test_json_keeps_every_digit_and_is_valid() -> None:
    columns = schema(i="integer", d="decimal(40, 20)", f="float", b="boolean", t="text", day="date", j="json")
    digits = "12345678901234567890.12345678901234567890"
    rows = [
        ("9007199254740993", digits, "1e+300", "t", 'say "é"\n', "1998-06-30", '{"a":\n [1, 2]}'),
        ("-1", "NaN", "-Infinity", "f", None, "infinity", None),
    ]
    out = io.StringIO()
    write_json(columns, rows, out)
    first, second = json.loads(out.getvalue(), parse_float=Decimal)
    assert first == {
        "i": 9007199254740993,
        "d": Decimal(digits),
        "f": Decimal("1e300"),
        "b": True,
        "t": 'say "é"\n',
        "day": "1998-06-30",
        "j": {"a": [1, 2]},
    }
    assert second == {"i": -1, "d": "NaN", "f": "-Infinity", "b": False, "t": None, "day": "infinity", "j": None}


def test_json_of_no_rows_is_an_empty_list() -> None:
    out = io.StringIO()
    write_json(schema(a="text"), [], out)
    assert json.loads(out.getvalue()) == []


def test_a_table_puts_numbers_right_and_texts_left() -> None:
    lines = table(schema(name="text", revenue="decimal"), [("Ada", "9.50"), ("Blaise", "1200.00")]).splitlines()
    assert [line.rstrip() for line in lines] == [
        "name    revenue",
        "───────────────",
        "Ada        9.50",
        "Blaise  1200.00",
        "2 rows",
    ]


def test_a_table_shows_a_null_apart_from_the_text_null() -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, color_system="standard")
    show_table(schema(a="text"), [(None,), ("null",)], console)
    assert "\x1b[2mnull" in out.getvalue()
    assert out.getvalue().count("\x1b[2mnull") == 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\x1b]0;owned\x07", "␛]0;owned␇"),
        ("\x1b[2J", "␛[2J"),
        ("two\nlines", "two␊lines"),
        ("\x9b31m", "\\u009b31m"),
        ("abc\u202edef", "abc\\u202edef"),
        ("[red]markup[/red]", "[red]markup[/red]"),
    ],
)
def test_data_cannot_command_the_terminal(value: str, shown: str) -> None:
    text = table(schema(a="text"), [(value,)])
    assert shown in text
    assert not any(character in text for character in "\x1b\x07\x9b\u202e")


def test_a_column_name_cannot_command_the_terminal_either() -> None:
    text = table(Schema.of({"\x1b[31m": Type("text")}), [("x",)])
    assert "␛[31m" in text
    assert "\x1b" not in text


def test_a_long_text_is_cut_and_the_columns_after_it_are_still_there() -> None:
    text = table(schema(comment="text", n="integer"), [("x" * 500, "7")])
    row = next(line for line in text.splitlines() if "xxx" in line)
    assert row.split()[0] == "x" * 39 + "…"
    assert row.split()[1] == "7"


def test_columns_that_do_not_fit_are_left_out_and_named() -> None:
    columns = Schema.of({f"column_{i}": Type("integer") for i in range(20)})
    text = table(columns, [tuple("1" for _ in range(20))], width=50)
    assert max(len(line) for line in text.splitlines()[:4]) <= 50
    assert text.splitlines()[0].split() == [f"column_{i}" for i in range(5)]  # 5 of 8 cells and 4 gaps of 2 are 48
    assert "15 columns more than fit here (column_5, column_6, column_7, column_8, column_9, …)" in " ".join(
        text.split()
    )


def test_a_number_is_never_cut() -> None:
    digits = "1" * 60
    assert digits in table(schema(n="decimal"), [(digits,)])


def test_wide_characters_count_twice() -> None:
    lines = table(schema(a="text", b="integer"), [("漢字", "1"), ("abcd", "2")]).splitlines()
    rows = [line for line in lines if line.rstrip().endswith(("1", "2"))]
    assert rows[0].index("1") == rows[1].index("2") - 2  # two characters fewer, as wide on the screen


def test_the_first_of_more_rows_says_so() -> None:
    assert "the first 2 rows" in table(schema(a="integer"), [("1",), ("2",)], more=True)
    assert "the first" not in table(schema(a="integer"), [("1",), ("2",)])


def test_a_table_of_no_rows_shows_its_columns() -> None:
    assert table(schema(id="integer", name="text"), []) == "id  name\n────────\n0 rows\n"
