"""CSV files become tables: types and values, and what is said of files that cannot be loaded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from headrace.program.loads import staging_columns
from headrace.run import RunResult
from run.programs import build, codes, load, program, query, relations, run

COLUMNS = {"id": "integer", "day": "date", "amount": "decimal(8, 2)", "name": "text"}


def load_and_keep(
    url: str, folder: Path, content: bytes, columns: Mapping[str, str] = COLUMNS, keys: tuple[tuple[str, ...], ...] = ()
) -> RunResult:
    """Loads a file of that content and keeps all of it as the table shop.kept."""
    (folder / "f.csv").write_bytes(content)
    return run(
        url,
        program(load("f", "f.csv", columns, keys=keys), build("kept", "SELECT * FROM {b}.f", inputs=("f",))),
        folder,
    )


def test_a_file_becomes_a_table_of_the_declared_types(server_url: str, tmp_path: Path) -> None:
    content = (
        "\ufeffid,ignored,name,amount,day,ignored\r\n"
        '1,x,"Smith, ""Bob""",12.50,2024-01-31,\r\n'
        '2,,"",,,\r\n'
        '3,,,"","",\r\n'
        '4,"two\nlines", é ,-0.5,1999-12-31,z'
    )
    result = load_and_keep(server_url, tmp_path, content.encode())
    assert result.ok, result.diagnostics
    assert [(step.name, step.rows) for step in result.steps] == [("f", 4), ("kept", 4)]
    assert query(server_url, "SELECT id, day::text, amount::text, name FROM shop.kept ORDER BY id") == [
        (1, "2024-01-31", "12.50", 'Smith, "Bob"'),
        (2, None, None, ""),
        (3, None, None, None),
        (4, "1999-12-31", "-0.50", " é "),
    ]
    types = query(
        server_url,
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = 'shop.kept'::regclass AND attnum > 0 ORDER BY attnum",
    )
    assert types == [("id", "bigint"), ("day", "date"), ("amount", "numeric(8,2)"), ("name", "text")]
    assert relations(server_url, "shop__build") == set()


@pytest.mark.parametrize("content", [b"id,day,amount,name\n", b"id,day,amount,name", b"name,id,amount,day\r\n"])
def test_a_file_of_no_rows_is_an_empty_table(server_url: str, tmp_path: Path, content: bytes) -> None:
    result = load_and_keep(server_url, tmp_path, content)
    assert result.ok
    assert query(server_url, "SELECT count(*) FROM shop.kept") == [(0,)]


def test_every_bad_cell_is_reported_with_its_line(server_url: str, tmp_path: Path) -> None:
    content = (
        "id,day,amount,name\n"
        "1,2024-01-31,1.00,a\n"
        '2,03/04/2024,"1,5","b\nb"\n'
        '"3\n",2024-02-30,1.005,c\n'
        'x,,"12.5 €",d\n'
        "99999999999999999999,2024-01-01,1,e\n"
        "NA,2024-01-01,1,e\n"
    )
    result = load_and_keep(server_url, tmp_path, content.encode())
    assert [(found.code, found.file, found.line, found.params["column"]) for found in result.diagnostics] == [
        ("R220", "f.csv", 3, "day"),
        ("R220", "f.csv", 3, "amount"),
        ("R220", "f.csv", 5, "id"),
        ("R220", "f.csv", 6, "day"),
        ("R220", "f.csv", 6, "amount"),
        ("R220", "f.csv", 7, "id"),
        ("R220", "f.csv", 7, "amount"),
        ("R220", "f.csv", 8, "id"),
        ("R220", "f.csv", 9, "id"),
    ]
    assert result.diagnostics[0].message == "Column 'day' should hold a date as 2024-01-31; here it holds '03/04/2024'."
    assert result.diagnostics[0].pointer == "/sources/f"
    assert "nothing between thousands" in result.diagnostics[1].hints[0]
    assert "without currency" in result.diagnostics[6].hints[0]
    assert "too large for a whole number" in result.diagnostics[7].hints[0]
    assert "leave the cell empty" in result.diagnostics[8].hints[0]
    assert relations(server_url, "shop") == relations(server_url, "shop__build") == set()


def test_of_many_bad_cells_the_first_hundred_are_reported_and_all_counted(server_url: str, tmp_path: Path) -> None:
    content = b"id,day,amount,name\n" + b"x,2024-02-31,1,n\n" * 300
    result = load_and_keep(server_url, tmp_path, content)
    assert len(result.diagnostics) == 101
    assert [found.line for found in result.diagnostics[:4]] == [2, 2, 3, 3]
    assert result.diagnostics[-1].code == "R222"
    assert result.diagnostics[-1].params == {"path": "f.csv", "count": 500, "total": 600}


def test_a_required_cell_must_not_be_empty(server_url: str, tmp_path: Path) -> None:
    columns = {"id": "integer not null", "name": "text not null"}
    result = load_and_keep(server_url, tmp_path, b'id,name\n1,\n,b\n"",""\n', columns)
    assert [(found.code, found.line, found.params["column"]) for found in result.diagnostics] == [
        ("R221", 2, "name"),
        ("R221", 3, "id"),
        ("R221", 4, "id"),
    ]


def test_a_key_must_be_unique_nulls_included(server_url: str, tmp_path: Path) -> None:
    columns = {"id": "integer", "name": "text"}
    fine = load_and_keep(server_url, tmp_path, b"id,name\n1,a\n1,b\n,a\n", columns, keys=(("id", "name"),))
    assert fine.ok
    result = load_and_keep(server_url, tmp_path, b"id,name\n1,a\n,b\n,b\n", columns, keys=(("id", "name"),))
    (found,) = result.diagnostics
    assert (found.code, found.params["key"]) == ("R223", "(id, name)")
    assert query(server_url, "SELECT count(*) FROM shop.kept") == [(3,)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [("R204", None)]),
        (b"id,day,amount\n1,2024-01-01,1\n", [("R211", 1)]),
        (b"id,day,amount,name,name\n", [("R212", 1)]),
        (b"id;day;amount;name\n1;2;3;4\n", [("R210", 1)]),
        (b"id,day,amount,name\n1,2024-01-01,1\n2,2024-01-01,1,n\n3,,,,\n", [("R213", 2), ("R213", 4)]),
        (b'id,day,amount,name\n1,2024-01-01,1,"n\n2,,,\n', [("R214", 2)]),
        (b"id,day,amount,name\n1,,,caf\xe9\n", [("R206", 2)]),
        (b"id,day,amount,name\n1,,,a\0b\n", [("R207", 2)]),
        (b"id,day,amount,name\n1,,,a\r\n", [("R217", 2)]),
        (b"id,day,amount,name\n1,,,a\n\n", [("R218", 3)]),
        (b"id,day,amount,name\n1,,,a\n\\.\n2,,,b\n", [("R215", 3), ("R213", 3)]),
    ],
)
def test_a_file_that_cannot_be_loaded_is_explained(
    server_url: str, tmp_path: Path, content: bytes, expected: list[tuple[str, int | None]]
) -> None:
    result = load_and_keep(server_url, tmp_path, content)
    assert [(found.code, found.line) for found in result.diagnostics] == expected
    assert all(found.file == "f.csv" and found.pointer == "/sources/f" for found in result.diagnostics)
    assert relations(server_url, "shop") == set()


def test_a_file_that_postgresql_18_would_read_and_15_would_cut_is_refused_by_both(
    server_url: str, tmp_path: Path
) -> None:
    result = load_and_keep(server_url, tmp_path, b"name\na\n\\.\nb\n", {"name": "text"})
    assert [(found.code, found.line) for found in result.diagnostics] == [("R215", 3)]


def test_a_marker_in_quotes_is_data(server_url: str, tmp_path: Path) -> None:
    result = load_and_keep(server_url, tmp_path, b'name\n"\\."\n"x\n\\.\ny"\n\\.z\n', {"name": "text"})
    assert result.ok
    assert {name for (name,) in query(server_url, "SELECT name FROM shop.kept")} == {"\\.", "x\n\\.\ny", "\\.z"}


def test_a_missing_file_is_one_diagnostic(server_url: str, tmp_path: Path) -> None:
    result = run(server_url, program(load("f", "no.csv", COLUMNS)), tmp_path)
    assert codes(result) == ["R200"]


def test_a_hostile_file_loads_as_text(server_url: str, tmp_path: Path) -> None:
    name = 'Robert"); DROP TABLE students;-- $1 %s :x \\'
    header = ",".join(f'"{text.replace(chr(34), chr(34) * 2)}"' for text in (name, "record", "ctid", "é" * 40))
    columns = {name: "text", "record": "integer", "ctid": "text"}
    result = load_and_keep(server_url, tmp_path, f"{header}\n'; --,7,$$,%\n".encode(), columns)
    assert result.ok, result.diagnostics
    assert query(server_url, "SELECT * FROM shop.kept") == [("'; --", 7, "$$")]


def test_staging_columns_have_the_names_of_the_header_where_they_can() -> None:
    assert staging_columns(("day", "Unit price")) == ("day", "Unit price")
    assert staging_columns(("day", "", "day", "record", "xmin", "x\ny", "é" * 32)) == tuple(
        f"column_{number}" for number in range(1, 8)
    )
    assert staging_columns(("", "column_1")) == ("column_1_2", "column_1")
