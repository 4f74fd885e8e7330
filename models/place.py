"""Places: where each part of a document stands in its text, down to the characters of a formula."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(slots=True)
class Place:
    """Where a value stands: its characters ``start`` to ``end``, how it is written, and the places of its parts.

    ``style`` is ``"``, ``'``, ``|`` or ``>`` for scalars so written, and empty for everything else. ``parts`` has for
    a mapping the start of each key and the place of its value, for a list the places of its items.
    """

    start: int
    end: int
    style: str = ""
    parts: dict[str, tuple[int, Place]] | list[Place] | None = None


_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_SPACE = re.compile(r"[ \t\r\n]*")
_BREAK = re.compile(r"\r\n|\r|\n")
_ESCAPED_BREAK = re.compile(r"\\(?:\r\n|\r|\n)[ \t]*")
_ESCAPES = {"x": 4, "u": 6, "U": 10}


def character_at(text: str, place: Place, value: str, offset: int) -> int:
    """Where character ``offset`` of the formula ``value`` stands in ``text``.

    ``offset`` counts from the formula's first character that is no space. Where text and value cannot be followed
    side by side, it is the start of the value.
    """
    offset += len(value) - len(value.lstrip())
    properties = _PROPERTIES.match(text, place.start)
    index = properties.end() if properties else place.start
    if place.style == "|":
        found = _in_literal(text, index, place.end, value, offset)
    else:
        found = _in_flow(text, index, place, value, offset)
    return found if found is not None and place.start <= found <= place.end else place.start


def _in_literal(text: str, index: int, end: int, value: str, offset: int) -> int | None:
    """In a literal block each line of the value is a line of the text, after the indent that they share."""
    breaks = [match.end() for match in _BREAK.finditer(text, index, end)]
    line = value.count("\n", 0, offset)
    if line >= len(breaks):
        return None
    lines = value.split("\n")
    shown = next((number for number, content in enumerate(lines) if content.strip()), None)
    if shown is None or shown >= len(breaks):
        return None
    indent = text.find(lines[shown], breaks[shown]) - breaks[shown]
    column = offset - (value.rfind("\n", 0, offset) + 1)
    return breaks[line] + indent + column


def _in_flow(text: str, index: int, place: Place, value: str, offset: int) -> int | None:
    """Follow a plain, quoted or folded scalar character by character, over escapes and folded lines."""
    style = place.style
    if style == ">":
        line = _BREAK.search(text, index)
        index = _past_space(text, line.end() if line else index)
    elif style:
        index += 1
    left_of_fold = 0
    for at, char in enumerate(value):
        while style == '"' and (match := _ESCAPED_BREAK.match(text, index)):
            index = match.end()
        escaped = style == '"' and text.startswith("\\", index)
        end = _past_space(text, index)
        breaks = 0 if escaped or char not in " \n" else len(_BREAK.findall(text, index, end))
        if not escaped and not breaks and text[index : index + 1] != char:
            return None
        if at == offset:
            return index
        if breaks:
            left_of_fold = (left_of_fold or max(1, breaks - 1)) - 1
            index = index if left_of_fold else end
        elif escaped:
            index += _ESCAPES.get(text[index + 1 : index + 2], 2)
        else:
            index += 2 if style == "'" and char == "'" else 1
    return index if offset == len(value) else None


def _past_space(text: str, index: int) -> int:
    match = _SPACE.match(text, index)
    return match.end() if match else index
