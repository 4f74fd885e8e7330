"""CSV files read as COPY reads them, without a database."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from headrace.connect.csv_files import cell_text, find_file, line_break, read_header, records, split_record
from headrace.connect.csv_problems import check_columns, explain_failed_copy
from headrace.diagnostics import Diagnostic


def wrong(tmp_path: Path, content: bytes, width: int = 2) -> list[tuple[str, int | None]]:
    """Codes and lines of what is wrong with a file of that content."""
    file = tmp_path / "f.csv"
    file.write_bytes(content)
    return [(found.code, found.line) for found in explain_failed_copy(file, width, "f.csv")]


@pytest.mark.parametrize(
    ("content", "header"),
    [
        (b"a,b\n1,2\n", ("a", "b")),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n", ("a", "b")),
        (b'\xef\xbb\xbf"a b","c ""d"""\n', ("a b", 'c "d"')),
        (b'"first\nline",b\n1,2\n', ("first\nline", "b")),
        (b"a,b\r1,2\r", ("a", "b")),
        (b"a", ("a",)),
        (b"a,,\n", ("a", "", "")),
        ("é,ß\n".encode(), ("é", "ß")),
    ],
)
def test_the_header_is_read(tmp_path: Path, content: bytes, header: tuple[str, ...]) -> None:
    file = tmp_path / "f.csv"
    file.write_bytes(content)
    assert read_header(file) == header


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "R204"),
        (b"\xff\xfea\x00,\x00", "R208"),
        (b"a,caf\xe9\n", "R206"),
        (b"a\0,b\n", "R207"),
        (b"x" * 1_100_000, "R205"),
    ],
)
def test_a_header_that_cannot_be_read_is_explained(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "f.csv"
    file.write_bytes(content)
    found = read_header(file, "data/f.csv")
    assert isinstance(found, Diagnostic)
    assert (found.code, found.file) == (code, "data/f.csv")


def test_a_record_ends_where_its_last_quotation_is_closed() -> None:
    content = b'a,b\n1,"x\ny"\n"p\n\nq",2\n3,4'
    assert list(records(io.BytesIO(content))) == [
        (1, b"a,b\n"),
        (2, b'1,"x\ny"\n'),
        (4, b'"p\n\nq",2\n'),
        (7, b"3,4"),
    ]


def test_lines_longer_than_a_piece_are_one_record() -> None:
    long = b"x" * 3_000_000
    assert [len(record) for _, record in records(io.BytesIO(b"a\n" + long + b"\nb\n"))] == [2, 3_000_001, 2]
    assert [len(record) for _, record in records(io.BytesIO(b"a\r" + long + b"\rb\r"))] == [2, 3_000_001, 2]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"a\nb", b"\n"), (b"a\r\nb", b"\r\n"), (b"a\rb", b"\r"), (b'"a\r\n"\nb', b"\n"), (b"a", b"\n")],
)
def test_the_line_break_is_that_of_the_first_line(content: bytes, kind: bytes) -> None:
    file = io.BytesIO(content)
    assert line_break(file) == kind
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"abc", b"abc"),
        (b'""', b""),
        (b'""""', b'"'),
        (b'"a"""', b'a"'),
        (b'"5"" pipe"', b'5" pipe'),
        (b'a"b"c', b"abc"),
        (b'a""b', b"ab"),
        (b'"a" "b"', b"a b"),
    ],
)
def test_quotes_are_read_as_copy_reads_them(raw: bytes, text: bytes) -> None:
    assert cell_text(raw) == text


def test_commas_in_quotations_do_not_split() -> None:
    assert split_record(b'1,"a, ""b"", c",,"x\r\ny"\r\n') == [b"1", b'"a, ""b"", c"', b"", b'"x\r\ny"']


def test_each_row_of_another_width_is_named(tmp_path: Path) -> None:
    content = b'a,b\n1,2\n3\n"x\ny",4\n5,6,7\n\n8,9\n'
    assert wrong(tmp_path, content) == [("R213", 3), ("R213", 6), ("R218", 7)]


def test_of_many_bad_rows_the_first_hundred_are_named(tmp_path: Path) -> None:
    found = wrong(tmp_path, b"a,b\n" + b"1\n" * 250)
    assert len(found) == 101
    assert found[:2] == [("R213", 2), ("R213", 3)]
    assert found[-1] == ("R216", None)


def test_a_stray_quote_is_found_where_it_stands(tmp_path: Path) -> None:
    # From line 3 on, inside and outside are swapped: only the last quote of the file has no partner.
    content = b'a,b\n"p","q\nr"\n1,5" pipe\n2,"x"\n3,"y"\n'
    assert wrong(tmp_path, content) == [("R214", 4)]


def test_bytes_that_are_not_utf_8_are_placed_and_guessed(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_bytes(b'a,b\n1,x\n"two\nlines",caf\xe9 au lait\n3,\xe9\n')
    found = explain_failed_copy(file, 2, "f.csv")
    assert [(problem.code, problem.line, problem.params["byte"]) for problem in found] == [("R206", 4, 11)]
    assert found[0].message == "f.csv is not UTF-8 text: byte 11 of this line is 0xe9."
    assert "café au lait" in found[0].hints[0]


def test_characters_that_no_text_can_have_are_placed(tmp_path: Path) -> None:
    assert wrong(tmp_path, b"a,b\n1,2\n3,x\0y\n") == [("R207", 3)]


def test_the_end_of_data_marker_is_named(tmp_path: Path) -> None:
    assert wrong(tmp_path, b"a\n1\n\\.\n2\n", width=1) == [("R215", 3)]
    assert wrong(tmp_path, b'a\n"\\."\n\\.x\n"x\n\\.\n"\n', width=1) == []


@pytest.mark.parametrize("content", [b"a,b\n1,2\r\n3,4\n", b"a,b\r\n1,2\n", b"a,b\n1,x\ry\n"])
def test_lines_that_end_in_different_ways_are_named(tmp_path: Path, content: bytes) -> None:
    assert wrong(tmp_path, content) == [("R217", 2)]


def test_columns_that_are_missing_or_twice_there_are_named() -> None:
    header = ("customer_id", "amount", "day", "day")
    found = check_columns(header, ("customer_id", "amout", "day"), "f.csv")
    assert [problem.code for problem in found] == ["R211", "R212"]
    assert found[0].hints[0] == "Did you mean amount?"
    assert check_columns(header, ("customer_id",), "f.csv") == []


@pytest.mark.parametrize(("line", "word"), [("a;b;c", "semicolons"), ("a\tb", "tabs"), ("a|b", "bars")])
def test_another_delimiter_is_recognized(line: str, word: str) -> None:
    (found,) = check_columns((line,), ("a", "b"), "f.csv")
    assert (found.code, found.params["delimiter"]) == ("R210", word)


def test_a_file_is_found_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sales.csv").write_text("a\n")
    assert find_file(tmp_path, "data/sales.csv") == tmp_path / "data" / "sales.csv"
    assert find_file(tmp_path, "./data/../data/sales.csv") == tmp_path / "data" / "sales.csv"


def test_a_file_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "sales.csv").write_text("a\n")
    (tmp_path / "outside.csv").write_text("a\n")

    def code(path: str) -> str:
        found = find_file(folder, path)
        assert isinstance(found, Diagnostic)
        return found.code

    assert code("data") == "R201"
    assert code("../outside.csv") == "R202"
    assert code(str(tmp_path / "outside.csv")) == "R202"
    assert code("data/\0") == "R203"
    assert code("x" * 5000) == "R203"
    assert code("data/sales.csv/x") == "R200"
    missing = find_file(folder, "data/sale.csv")
    assert isinstance(missing, Diagnostic)
    assert (missing.code, missing.hints) == ("R200", ("Did you mean data/sales.csv?",))
    assert find_file(folder, "../outside.csv", allow_outside=True) == tmp_path / "outside.csv"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    found = find_file(tmp_path, "pipe.csv")
    assert isinstance(found, Diagnostic)
    assert found.code == "R201"
