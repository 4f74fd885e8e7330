"""Every cell of a staged file that is not what its column was declared to hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headrace.connect.csv_files import records, split_record
from headrace.connect.csv_problems import MOST_REPORTED
from headrace.diagnostics import Diagnostic, diagnose
from headrace.grammar.types import Type
from headrace.program.formats import cell_format
from headrace.program.loads import RECORD, cells_of
from headrace.program.program import FileLoad
from headrace.program.quoting import literal, qualified
from headrace.sql.identifiers import quoted
from headrace.sql.types import sql_type

Ask = Callable[[str], list[tuple[Any, ...]]]
"""Runs a statement and gives its rows."""

_SHOWN = 60
_DIGITS_OF_AN_INTEGER = 18  # any number of so many fits 64 bits


@dataclass(frozen=True, slots=True)
class BadCell:
    """The cell of ``column`` in the ``record`` of the file (the header is 0); ``text`` is None where it is empty."""

    record: int
    column: str
    text: str | None


def find_bad_cells(load: FileLoad, ask: Ask) -> tuple[list[BadCell], int]:
    """The first hundred bad cells of the staging table, in the order of the file, and how many there are in all.

    ``ask`` runs in a transaction that is rolled back afterwards: functions that try a cast are made in the build
    schema (PostgreSQL has ``pg_input_is_valid`` from version 16 on only).
    """
    tests = []
    functions: dict[str, str] = {}
    for number, (name, cell) in enumerate(cells_of(load)):
        test = _is_bad(load.columns[name], quoted(cell), load.staging.schema, functions)
        if test:
            tests.append(
                f"SELECT {RECORD}, {number}, left({quoted(cell)}, 1000) FROM {qualified(load.staging)} "
                f"WHERE {RECORD} > 0 AND {test}"
            )
    if not tests:
        return [], 0
    for statement in functions.values():
        ask(statement)
    rows = ask(
        "SELECT *, count(*) OVER () FROM (\n"
        + "\nUNION ALL\n".join(tests)
        + f"\n) AS bad (record, number, cell)\nORDER BY record, number LIMIT {MOST_REPORTED}"
    )
    names = load.columns.names
    return [BadCell(record, names[number], text) for record, number, text, _ in rows], rows[0][3] if rows else 0


def _is_bad(type_: Type, cell: str, schema: str, functions: dict[str, str]) -> str | None:
    """The condition under which the cell cannot become a value of ``type_``; adds the function it calls."""
    if type_.kind == "text":
        return None if type_.nullable else f"{cell} IS NULL"
    format_ = cell_format(type_)
    parts = [f"coalesce(btrim({cell}), '') = ''"]
    results = ["false" if type_.nullable else "true"]
    if format_.surely is not None:
        parts.append(f"{cell} ~ {literal(format_.surely)}")
        results.append("false")
    if format_.pattern is not None:
        parts.append(f"{cell} !~ {literal(format_.pattern)}")
        results.append("true")
    cases = " ".join(f"WHEN {part} THEN {result}" for part, result in zip(parts, results, strict=True))
    function = f"{quoted(schema)}.{quoted(f'is_{type_.kind}')}"
    functions[type_.kind] = (
        f"CREATE OR REPLACE FUNCTION {function}(cell text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN "
        f"PERFORM btrim(cell)::{sql_type(type_) if type_.kind != 'decimal' else 'numeric'}; RETURN true; "
        "EXCEPTION WHEN others THEN RETURN false; END $$"
    )
    return f"CASE {cases} ELSE NOT {function}({cell}) END"


def bad_cell_diagnostics(load: FileLoad, path: Path, cells: Iterable[BadCell], total: int) -> list[Diagnostic]:
    """One diagnostic a cell, with the line of the file that the cell begins on, and one for those not listed."""
    cells = list(cells)
    lines = _lines_of(cells, load, path)
    said: set[tuple[str, str]] = set()
    out = []
    for cell in cells:
        type_ = load.columns[cell.column]
        expected = "text" if type_.kind == "text" else cell_format(type_).expected
        hint = _hint(type_, cell.text)
        hints = [hint] if hint and (cell.column, hint) not in said else []
        said.add((cell.column, hint or ""))
        params: dict[str, Any] = {"column": cell.column, "record": cell.record, "expected": expected}
        if cell.text is None or not cell.text.strip(" "):
            diagnostic = diagnose("R221", **params)
        else:
            text = cell.text if len(cell.text) <= _SHOWN else cell.text[:_SHOWN] + "…"
            diagnostic = diagnose("R220", text=text, hints=hints, **params)
        out.append(diagnostic.at(file=load.path, line=lines.get(cell)))
    if total > len(out):
        out.append(diagnose("R222", path=load.path, count=total - len(out), total=total).at(file=load.path))
    return out


def _lines_of(cells: list[BadCell], load: FileLoad, path: Path) -> dict[BadCell, int]:
    """The physical line of each cell: quoted line breaks before it count."""
    wanted: dict[int, list[BadCell]] = {}
    for cell in cells:
        wanted.setdefault(cell.record, []).append(cell)
    found: dict[BadCell, int] = {}
    last = max(wanted, default=0)
    with path.open("rb") as file:
        for number, (line, record) in enumerate(records(file)):
            if number > last:
                break
            if number in wanted:
                fields = split_record(record)
                for cell in wanted[number]:
                    before = fields[: load.header.index(cell.column)]
                    found[cell] = line + sum(field.count(b"\n") for field in before)
    return found


def _hint(type_: Type, text: str | None) -> str | None:
    if text is None:
        return None
    bare = text.strip()
    if bare.casefold() in ("na", "n/a", "#n/a", "null", "none", "nan", "-", "--", ".", "?", "\\n", "nil", "unknown"):
        return "If it stands for no value, leave the cell empty."
    if type_.kind in ("date", "timestamp", "timestamptz") and any(c in bare for c in "/."):
        return "Or declare the column as text, and convert it with a formula that says which part is the day."
    if type_.is_number and any(c.isdigit() for c in bare):
        digits = bare.lstrip("+-")
        if bare[0] in "$€£¥" or bare[-1] in "$€£¥%":
            return "Numbers stand without currency or percent signs: 1234.5."
        if "," in digits and digits.replace(",", "").replace(".", "").isdigit():
            return "Numbers have a point before their decimals and nothing between thousands: 1234.5."
        if type_.kind == "integer" and digits.count(".") == 1 and digits.replace(".", "").isdigit():
            return "Or declare the column as decimal."
        if type_.kind == "integer" and digits.isdigit() and len(digits.lstrip("0")) > _DIGITS_OF_AN_INTEGER:
            return "It is too large for a whole number: declare the column as decimal, or as text where it is a code."
    return None
