"""Rows as a table for people, as CSV and as JSON.

Values come as the text that PostgreSQL gives them, so that CSV and JSON are exact: no date past the year 9999, no
decimal of forty digits and no infinite timestamp is bent by a Python type on its way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import IO, TYPE_CHECKING

from headrace.cli.screen import plain_text, plural
from headrace.grammar.types import Schema, Type

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from headrace.run.differences import Difference

Row = Sequence[str | None]

FORMATS = ("table", "csv", "json")

# A text is cut at this many cells where it would push other columns off the screen.
_WIDEST_TEXT = 40


def write_csv(schema: Schema, rows: Iterable[Row], out: IO[str]) -> None:
    r"""As PostgreSQL's COPY writes it: a null is an empty field, an empty text is ``""``, lines end in ``\n``."""
    for row in chain([schema.names], rows):
        out.write(",".join(_csv(value) for value in row) + "\n")


def _csv(value: str | None) -> str:
    # Not csv.writer: it can neither tell a null from an empty text nor, with these line ends, keep a lone \r.
    if value is None:
        return ""
    if value and not any(character in value for character in ',"\r\n'):
        return value
    return '"' + value.replace('"', '""') + '"'


def write_json(schema: Schema, rows: Iterable[Row], out: IO[str]) -> None:
    """A list of objects, one a line. Numbers keep every digit; dates and the like are ISO text; NaN is ``"NaN"``."""
    names = [json.dumps(name, ensure_ascii=False) for name in schema.names]
    types = [type_ for _, type_ in schema]
    separator = "["
    for row in rows:
        fields = (f"{name}: {_json(value, type_)}" for name, value, type_ in zip(names, row, types, strict=True))
        out.write(f"{separator}\n  {{{', '.join(fields)}}}")
        separator = ","
    out.write("[]\n" if separator == "[" else "\n]\n")


def _json(value: str | None, type_: Type) -> str:
    if value is None:
        return "null"
    if type_.kind == "boolean":
        return "true" if value.startswith("t") else "false"
    if type_.is_number and value.lstrip("-")[:1].isdigit():
        return value
    if type_.kind == "json":
        return " ".join(value.splitlines())
    return json.dumps(value, ensure_ascii=False)


def show_table(schema: Schema, rows: Sequence[Row], console: Console, title: str = "", more: bool = False) -> None:
    """A table that fits the console: numbers to the right, null dim, long texts and surplus columns cut with a note.

    ``more`` says that there are further rows than these.
    """
    from rich.box import SIMPLE_HEAD
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    cells = [[_cell(value, type_) for value, (_, type_) in zip(row, schema, strict=True)] for row in rows]
    heads = [plain_text(name) for name in schema.names]
    widths = [
        max(
            [
                cell_len(head),
                *(
                    cell_len(line[i].plain) if type_.is_number else min(cell_len(line[i].plain), _WIDEST_TEXT)
                    for line in cells
                ),
            ]
        )
        for i, (head, (_, type_)) in enumerate(zip(heads, schema, strict=True))
    ]
    shown = _how_many_fit(widths, console.width)
    table = Table(
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    for head, (_, type_), width in list(zip(heads, schema, widths, strict=True))[:shown]:
        table.add_column(
            Text(head),
            justify="right" if type_.is_number else "left",
            max_width=min(width, console.width),
            no_wrap=True,
            overflow="ellipsis",
        )
    for line in cells:
        table.add_row(*line[:shown])
    if title:  # the table's own title would be broken at the table's width
        console.print(Text(plain_text(title), style="bold"))
    console.print(table)
    notes = [f"the first {plural(len(cells), 'row')}" if more else plural(len(cells), "row")]
    if shown < len(heads):
        hidden = ", ".join(heads[shown : shown + 5]) + (", …" if len(heads) > shown + 5 else "")
        notes.append(f"{plural(len(heads) - shown, 'column')} more than fit here ({hidden})")
    console.print(Text("; ".join(notes), style="dim"))


def show_difference(schema: Schema, difference: Difference, console: Console, most: int) -> None:
    """The rows that differ, at most so many: ``-`` expected and not there, ``+`` there and not expected, ``~`` there
    with other values, written ``expected → found``."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    lines: list[tuple[str, Sequence[str], str]] = []
    for each in difference.changed:
        pairs = zip(schema.names, each.expected, each.found, strict=True)
        cells = [f"{_text(one)} → {_text(other)}" if name in each.columns else _text(one) for name, one, other in pairs]
        lines.append(("~", cells, "yellow"))
    lines += [("-", [_text(cell) for cell in row], "red") for row in difference.missing]
    lines += [("+", [_text(cell) for cell in row], "green") for row in difference.unexpected]
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("")
    for name, type_ in schema:
        table.add_column(Text(plain_text(name)), justify="right" if type_.is_number else "left", overflow="fold")
    for sign, texts, style in lines[:most]:
        table.add_row(sign, *(Text(text, style=style) for text in texts))
    console.print(table)
    signs = {"-": "expected and not there", "+": "there and not expected", "~": "expected → found"}
    used = [f"{sign} {meaning}" for sign, meaning in signs.items() if any(line[0] == sign for line in lines)]
    if len(lines) > most:
        used.append(f"and {plural(len(lines) - most, 'row')} more that differ{'s' if len(lines) - most == 1 else ''}")
    console.print(Text("; ".join(used), style="dim"), soft_wrap=True)


def _text(value: str | None) -> str:
    """A cell as it can be told apart from every other: a text with spaces at its ends, or none, is quoted."""
    if value is None:
        return "null"
    shown = plain_text(value[: 4 * _WIDEST_TEXT])
    return f'"{shown}"' if shown != shown.strip() or shown in ("", "null") else shown


def _how_many_fit(widths: Sequence[int], room: int) -> int:
    used = 0
    for count, width in enumerate(widths):
        used += width + (2 if count else 0)
        if used > room:
            return max(1, count)
    return len(widths)


def _cell(value: str | None, type_: Type) -> Text:
    from rich.text import Text

    if value is None:
        return Text("null", style="dim")
    if type_.kind == "boolean":
        return Text("true" if value.startswith("t") else "false")
    # Far more than any column shows need not be made safe and measured.
    return Text(plain_text(value[: 4 * _WIDEST_TEXT]))
