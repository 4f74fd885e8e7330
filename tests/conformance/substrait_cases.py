"""Reads the cases of the Substrait specification: ``function(value::type, …) [option:VALUE] = value::type``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("cases")

_SCALAR = re.compile(r"(?P<function>\w+)\((?P<arguments>.*)\)(?:\s+\[(?P<options>[^\]]*)\])? = (?P<result>.*)")
_ROWS = re.compile(
    r"\((?P<rows>\(.*\))\) (?P<function>\w+)\((?P<arguments>[^()]*)\)(?:\s+\[(?P<options>[^\]]*)\])? = (?P<result>.*)"
)
_COLUMN = re.compile(r"\((?P<values>.*)\)::(?P<type>[\w?<>, ]+)")
_CLOSES = {"(": ")", "[": "]", "<": ">"}


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it is written, and its type without the question mark; ``text`` is None for null."""

    text: str | None
    type: str


@dataclass(frozen=True, slots=True)
class Case:
    """One line. ``rows`` are the values of the one column of an aggregate, else None; ``result`` None for an error."""

    group: str
    file: str
    number: int
    line: str
    function: str
    arguments: tuple[Value, ...]
    options: tuple[str, ...]
    result: Value | None
    rows: tuple[Value, ...] | None = None
    undefined: bool = False


def read_cases(folder: Path) -> list[Case]:
    """All cases below the folder, by file and line. Raises ValueError for a line that is none."""
    return [case for path in sorted(folder.glob("*/*.test")) for case in _read(path)]


def _read(path: Path) -> Iterator[Case]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield _case(path, number, line.strip())


def _case(path: Path, number: int, line: str) -> Case:
    found = _ROWS.fullmatch(line) or _SCALAR.fullmatch(line)
    if found is None:
        raise ValueError(f"{path.name}:{number} is no case: {line}")
    parts = split(found["arguments"])
    rows: tuple[Value, ...] | None = None
    if "rows" in found.groupdict():
        type_ = parts[-1].rpartition("::")[2]
        rows = tuple(_value(part.strip()[1:-1] or "()", type_) for part in split(found["rows"]))
        rows = tuple(row for row in rows if row.text != "()")
        arguments = tuple(_value(*part.rpartition("::")[::2]) for part in parts[:-1])
    elif len(parts) == 1 and (column := _COLUMN.fullmatch(parts[0])):
        rows = tuple(_value(part, column["type"]) for part in split(column["values"]))
        arguments = ()
    else:
        arguments = tuple(_value(*part.rpartition("::")[::2]) for part in parts)
    options = tuple(split(found["options"] or ""))
    result = None if found["result"].startswith("<!") else _value(*found["result"].rpartition("::")[::2])
    return Case(
        path.parent.name,
        path.name,
        number,
        line,
        found["function"],
        arguments,
        options,
        result,
        rows,
        found["result"] == "<!UNDEFINED>",
    )


def _value(text: str, type_: str) -> Value:
    plain = type_.replace("?", "").strip()
    return Value(None if text.strip().lower() == "null" else text.strip(), plain)


def split(text: str) -> list[str]:
    """The parts between commas that stand in no quotes and no brackets.

    >>> split("'a, b'::str, 2.5::dec<3, 1>")
    ["'a, b'::str", '2.5::dec<3, 1>']
    """
    parts = []
    start = 0
    open_: list[str] = []
    quoted = False
    for at, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif character in _CLOSES:
            open_.append(_CLOSES[character])
        elif open_ and character == open_[-1]:
            open_.pop()
        elif character == "," and not open_:
            parts.append(text[start:at].strip())
            start = at + 1
    rest = text[start:].strip()
    return [*parts, rest] if rest else parts
