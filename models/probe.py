"""A document's data with something else at one place: to ask what could stand there."""

from __future__ import annotations

from headrace.models.element import split_pointer
from headrace.models.scalar import Data, PlainText


def value_at(data: Data, pointer: str) -> Data:
    """What stands at ``pointer``; None where nothing does."""
    for part in split_pointer(pointer):
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
        else:
            return None
    return data


def with_text(data: Data, pointer: str, text: str) -> Data:
    """A copy of ``data`` with a text at ``pointer``, and what it takes to stand there.

    Lists grow by one at most. What is not on the way is shared with ``data``.

    >>> with_text({"a": ["x"]}, "/a/1/b", "0")
    {'a': ['x', {'b': '0'}]}
    """
    return _with(data, split_pointer(pointer), PlainText(text))


def _with(data: Data, parts: list[str], text: PlainText) -> Data:
    if not parts:
        return text
    part, rest = parts[0], parts[1:]
    if isinstance(data, list) and part.isdecimal():
        at = min(int(part), len(data))
        inner = data[at] if at < len(data) else None
        return [*data[:at], _with(inner, rest, text), *data[at + 1 :]]
    if isinstance(data, dict):
        return {**data, part: _with(data.get(part), rest, text)}
    inner = _with(None, rest, text)
    return [inner] if part == "0" else {part: inner}
