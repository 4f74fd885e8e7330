"""What the columns of a CSV file seem to be, and where that is doubtful: the start of a source's document."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path

from headrace.connect.csv_files import cell_text, header_of, records, split_record
from headrace.connect.csv_problems import explain_other_delimiter
from headrace.diagnostics import Diagnostic, diagnose

MOST_ROWS = 50_000
"""How many rows are looked at. A run checks every cell, so a wrong guess is reported and not loaded."""

_SLASHED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_KINDS = (
    ("integer", re.compile(r"[+-]?\d{1,18}", re.ASCII)),
    ("decimal", re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)),
    ("float", re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)),
    ("boolean", re.compile(r"true|false|t|f|yes|no|y|n", re.IGNORECASE)),
    ("date", re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)),
    ("timestamp", re.compile(r"\d{4}-\d{2}-\d{2}[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?", re.ASCII)),
    ("uuid", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)),
)
# Codes, telephone numbers: written as digits, and not to be counted with.
_PADDED = re.compile(r"\+\d+|[+-]?0\d+", re.ASCII)
_COMMA_NUMBER = re.compile(r"[+-]?\d{1,3}([.  ]\d{3})*,\d+|[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class InferredColumn:
    """A column of a file: the type that every cell has, and in ``doubt`` what somebody should look at, if anything."""

    name: str
    type: str
    doubt: str = ""


def infer_columns(path: Path) -> tuple[InferredColumn, ...] | Diagnostic:
    """The columns of a CSV file, in the order of the file; or what is wrong with the file.

    A type is taken where every cell that is not empty has it. ``007`` stays a text, since its zeros may matter, and
    ``03/04/2024``, which is April to some and March to others, is one too: both are marked as doubtful.
    """
    try:
        with path.open("rb") as file:
            header = header_of(file, path.name)
            if isinstance(header, Diagnostic):
                return header
            if other := explain_other_delimiter(header, path.name):
                return other
            rows = islice(records(file), 1, MOST_ROWS + 1)
            columns: list[dict[str, None]] = [{} for _ in header]
            for _, record in rows:
                for column, raw in zip(columns, split_record(record), strict=False):
                    text = cell_text(raw).decode("utf-8", errors="replace")
                    if text:
                        column[text] = None
    except OSError as error:
        return diagnose("R203", path=str(path), reason=error.strerror or str(error))
    found = (InferredColumn(name, *_judge(list(cells), name)) for name, cells in zip(header, columns, strict=True))
    return tuple(replace(column, doubt=_doubt_of_name(column.name, header) or column.doubt) for column in found)


def source_yaml(name: str, file: str, columns: Sequence[InferredColumn]) -> str:
    """The document of one source, with a comment at each doubtful column.

    A column that cannot be named, since its name is empty or there twice, stands in a comment only.

    >>> print(source_yaml("sales", "sales.csv", [InferredColumn("day", "text", "look at it")]), end="")
    headrace: 1
    sources:
      sales:
        file: sales.csv
        columns:
          day: text  # look at it
    """
    lines = ["headrace: 1", "sources:", f"  {_word(name)}:", f"    file: {_word(file)}", "    columns:"]
    times = Counter(column.name for column in columns)
    for column in columns:
        line = f"{_word(column.name)}: {column.type}" + (f"  # {column.doubt}" if column.doubt else "")
        lines.append(f"      {line}" if times[column.name] == 1 and column.name.strip() else f"      # {line}")
    if all(line.lstrip().startswith("#") for line in lines[5:]):
        lines[4] = "    columns: {}"
    return "\n".join(lines) + "\n"


def _doubt_of_name(name: str, header: Sequence[str]) -> str:
    """What is odd about the name of a column."""
    if not name.strip():
        return "the first line of the file has no name for this column: give it one there, or leave the column out"
    if header.count(name) > 1:
        return "the first line of the file has this name more than once: rename all but one, or leave them out"
    if any(pattern.fullmatch(name) for kind, pattern in _KINDS if kind != "boolean") or _SLASHED.fullmatch(name):
        return "this name looks like a value: does the first line of the file name its columns?"
    return ""


def _judge(cells: Sequence[str], name: str) -> tuple[str, str]:
    """Type and doubt for the distinct cells of a column."""
    if not cells:
        return "text", "every cell is empty: say what belongs here"
    kinds = [kind for kind, pattern in _KINDS if all(pattern.fullmatch(cell) for cell in cells)]
    kind = kinds[0] if kinds else "text"
    if kind in ("date", "timestamp") and not all(_is_day(cell[:10]) for cell in cells):
        return "text", f"{next(c for c in cells if not _is_day(c[:10]))} looks like a date and is none"
    if kind in ("integer", "decimal") and (padded := next((c for c in cells if _PADDED.fullmatch(c)), None)):
        begins = "a plus" if padded.startswith("+") else "a zero"
        return "text", f"{padded} begins with {begins}, which a number would lose; write {kind} if it does not matter"
    if kind == "text":
        return "text", "".join(islice(_doubts(cells, name), 1))
    return kind, ""


def _doubts(cells: Sequence[str], name: str) -> Iterator[str]:
    dates = [match for cell in cells if (match := _SLASHED.fullmatch(cell))]
    if len(dates) == len(cells):
        mark = dates[0][2]
        column = "[" + "".join(c for c in name if c.isprintable()).replace("]", "]]") + "]"
        day_first = f'to_date({column}, "DD{mark}MM{mark}YYYY")'
        month_first = f'to_date({column}, "MM{mark}DD{mark}YYYY")'
        if any(int(match[1]) > 12 for match in dates):
            yield f"a date with the day first: as a date it is {day_first}"
        elif any(int(match[3]) > 12 for match in dates):
            yield f"a date with the month first: as a date it is {month_first}"
        else:
            yield f"is {dates[0][0]} a day or a month first? As a date it is {day_first} or {month_first}"
    if all(_COMMA_NUMBER.fullmatch(cell) for cell in cells):
        yield f"{cells[0]} looks like a number with a comma, which has to be replaced before it is one"
    numbers = [cell for cell in cells if _KINDS[1][1].fullmatch(cell)]
    if len(numbers) >= 0.9 * len(cells):
        odd = next(cell for cell in cells if not _KINDS[1][1].fullmatch(cell))
        yield f"numbers, but for {json.dumps(odd[:30], ensure_ascii=False)}"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _word(text: str) -> str:
    """``text`` as YAML, in quotes where it is not a plain word or path."""
    if re.fullmatch(r"[A-Za-z_][\w./-]*", text, re.ASCII) and text.casefold() not in ("null", "true", "false"):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)
