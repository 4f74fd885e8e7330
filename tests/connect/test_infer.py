"""What the columns of a file seem to be, and which are doubtful."""

from __future__ import annotations

from pathlib import Path

import pytest

from headrace.connect.infer import InferredColumn, infer_columns, source_yaml
from headrace.diagnostics import Diagnostic
from headrace.models import load_document, read_yaml


def infer(folder: Path, *lines: str) -> dict[str, InferredColumn]:
    path = folder / "file.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    columns = infer_columns(path)
    assert not isinstance(columns, Diagnostic)
    return {column.name: column for column in columns}


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("1", "-20"), "integer"),
        (("1", "2.50"), "decimal"),
        (("1.5", "2e3"), "float"),
        (("yes", "no"), "boolean"),
        (("1", "0"), "integer"),
        (("2024-01-31", "2024-02-29"), "date"),
        (("2024-01-31 13:30:00", "2024-02-29T00:00"), "timestamp"),
        (("Ada", "1"), "text"),
        (("123e4567-e89b-12d3-a456-426614174000",), "uuid"),
        (("9" * 30,), "decimal"),
    ],
)
def test_a_type_is_what_every_cell_has(tmp_path: Path, cells: tuple[str, ...], kind: str) -> None:
    column = infer(tmp_path, "c,d", *(f"{cell},x" for cell in cells), ",x")["c"]
    assert (column.type, column.doubt) == (kind, "")


@pytest.mark.parametrize(
    ("cells", "doubt"),
    [
        (("03/04/2024", "05/06/2024"), "a day or a month first"),
        (("03/04/2024", "25/06/2024"), "a date with the day first"),
        (("03/04/2024", "05/26/2024"), "a date with the month first"),
        (("0012", "1234"), "0012 begins with a zero"),
        (("0012", "1.5"), "0012 begins with a zero"),
        (("+33123456789", "4"), "+33123456789 begins with a plus"),
        (("2024-01-31", "2023-02-29"), "2023-02-29 looks like a date and is none"),
        (("1",) * 9 + ("n/a",), ""),
        ((*map(str, range(1, 20)), "n/a"), 'numbers, but for "n/a"'),
        (('"1,5"', '"1.234,50"'), "a number with a comma"),
        (("", ""), "every cell is empty"),
    ],
)
def test_what_is_doubtful_stays_text_and_says_why(tmp_path: Path, cells: tuple[str, ...], doubt: str) -> None:
    column = infer(tmp_path, "c,d", *(f"{cell},x" for cell in cells))["c"]
    assert column.type == "text"
    assert doubt in column.doubt


def test_a_file_that_is_not_there_is_a_diagnostic(tmp_path: Path) -> None:
    found = infer_columns(tmp_path / "none.csv")
    assert isinstance(found, Diagnostic)
    assert found.code == "R203"


def test_the_document_is_read_back_whatever_the_columns_are_called(tmp_path: Path) -> None:
    names = ['a: "b"', "# no", "null", "Unit price", "é", "it's", "- x", "day]", "a\x7f\u2028\U000e0001", "😀", "~"]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    columns = infer(tmp_path, header, ",".join(["03/04/2024"] * len(names)))
    loaded = load_document(read_yaml(source_yaml("my sales", "data/file 1.csv", tuple(columns.values()))))
    assert loaded.diagnostics == ()
    source = loaded.document.sources["my sales"]
    assert source.file == "data/file 1.csv"
    assert list(source.columns or {}) == names


def test_columns_that_cannot_be_named_stand_in_comments(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("id,,day,day\n1,2,3,4\n")
    columns = infer_columns(path)
    assert not isinstance(columns, Diagnostic)
    assert ["no name" in columns[1].doubt, "more than once" in columns[2].doubt] == [True, True]
    loaded = load_document(read_yaml(source_yaml("f", "file.csv", columns)))
    assert loaded.diagnostics == ()
    assert list(loaded.document.sources["f"].columns or {}) == ["id"]


def test_a_first_line_of_values_is_doubted(tmp_path: Path) -> None:
    columns = infer(tmp_path, "1,1997-01-01,Ada", "2,1997-01-02,Bob")
    assert ["looks like a value" in column.doubt for column in columns.values()] == [True, True, False]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_file_without_commas_is_a_diagnostic(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(f"id{delimiter}day\n1{delimiter}2\n")
    found = infer_columns(path)
    assert isinstance(found, Diagnostic)
    assert found.code == "R210"
