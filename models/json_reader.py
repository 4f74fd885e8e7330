"""JSON text to a ``Reading``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]  # not in typeshed
from typing import Any

from headrace.diagnostics import Diagnostic, diagnose
from headrace.models.element import join_pointer
from headrace.models.place import Place
from headrace.models.reading import Reading
from headrace.models.scalar import Data, PlainText
from headrace.models.text import mend_text
from headrace.models.yaml_composer import MAX_DEPTH, MAX_DIAGNOSTICS, MAX_VALUES

_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null", re.ASCII)
_AFTER_WORD = re.compile(r"[\w.+\-]")


def read_json(text: str | bytes, file: str | None = None) -> Reading:
    """The reading of a JSON document, with the same data as the same document in YAML. Never raises for its text.

    >>> read_json('{"limit": 3.10}').data
    {'limit': '3.10'}
    """
    opened = Reading.opened(text, file)
    if opened.text is None:
        return opened
    reader = _Reader(opened.text)
    complete, open_ = True, ""
    try:
        reader.run()
    except _Stop as stop:
        complete, open_ = False, reader.pointer()
        reader.diagnostics.append((stop.index, stop.diagnostic))
    reading = replace(opened, data=reader.data, complete=complete, open=open_, place=reader.place)
    return reading.with_diagnostics(reader.diagnostics)


class _Stop(Exception):
    """Reading ends here."""

    def __init__(self, index: int, diagnostic: Diagnostic) -> None:
        super().__init__()
        self.index = index
        self.diagnostic = diagnostic


@dataclass(slots=True)
class _Container:
    data: dict[str, Data] | list[Data]
    place: Place
    key: str = ""
    key_start: int = 0
    keep: bool = True


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.index = 0
        self.stack: list[_Container] = []
        self.data: Data = None
        self.place: Place | None = None
        self.count = 0
        self.diagnostics: list[tuple[int, Diagnostic]] = []

    def pointer(self) -> str:
        pointer = ""
        for container in self.stack:
            part = len(container.data) if isinstance(container.data, list) else container.key
            pointer = join_pointer(pointer, part)
        return pointer

    def report(self, index: int, code: str, **params: Any) -> None:
        if len(self.diagnostics) < MAX_DIAGNOSTICS:
            self.diagnostics.append((index, diagnose(code, pointer=self.pointer(), **params)))

    def stop(self, problem: str, index: int | None = None) -> _Stop:
        diagnostic = diagnose("M019", pointer=self.pointer(), problem=problem)
        return _Stop(self.index if index is None else index, diagnostic)

    def peek(self) -> str:
        match = _SPACE.match(self.text, self.index)
        self.index = match.end() if match else self.index
        return self.text[self.index : self.index + 1]

    def run(self) -> None:
        if not self.peek():
            raise _Stop(0, diagnose("M014", pointer=""))
        self.value()
        while self.stack:
            self.item()
        if self.peek():
            raise self.stop("there is more after the end of the document")

    def item(self) -> None:
        """Read on in the innermost container: its end, or its next value."""
        container = self.stack[-1]
        is_list = isinstance(container.data, list)
        close = "]" if is_list else "}"
        char = self.peek()
        parts = container.place.parts
        if char == close:
            self.index += 1
            container.place.end = self.index
            self.stack.pop()
            return
        if not char:
            opener = "[" if is_list else "{"
            raise _Stop(container.place.start, diagnose("M002", pointer=self.pointer(), bracket=opener))
        if parts or not container.keep:
            if char != ",":
                raise self.stop(f"here should be a comma or {close}, and there is {char}")
            comma = self.index
            self.index += 1
            if self.peek() == close:
                raise self.stop(f"there is a comma before the {close}; leave it out", comma)
        if not is_list:
            self.key(container)
        self.value()

    def key(self, container: _Container) -> None:
        char = self.peek()
        if char != '"':
            raise self.stop(f'a key stands between quotes, as "nodes", and here is {char or "the end"}')
        container.key_start = self.index
        container.key = self.string()
        parts = container.place.parts
        container.keep = not (isinstance(parts, dict) and container.key in parts)
        if not container.keep and isinstance(parts, dict):
            line = self.text.count("\n", 0, parts[container.key][0]) + 1
            self.report(container.key_start, "M004", key=container.key, line=line)
        if self.peek() != ":":
            raise self.stop(f"a colon is missing after the key {container.key}")
        self.index += 1

    def value(self) -> None:
        char, start = self.peek(), self.index
        self.count += 1
        if self.count > MAX_VALUES:
            raise _Stop(start, diagnose("M007", pointer=self.pointer(), limit=MAX_VALUES, what="values"))
        if char in ("{", "["):
            self.index += 1
            data: dict[str, Data] | list[Data] = {} if char == "{" else []
            place = Place(start, start, "", {} if char == "{" else [])
            if len(self.stack) == MAX_DEPTH:
                raise _Stop(start, diagnose("M008", pointer=self.pointer(), limit=MAX_DEPTH))
            self.add(data, place)
            self.stack.append(_Container(data, place))
        elif char == '"':
            text = self.string()
            self.add(text, Place(start, self.index, '"'))
        else:
            self.word(start)

    def word(self, start: int) -> None:
        match = _WORD.match(self.text, start)
        if match is None or _AFTER_WORD.match(self.text, match.end()):
            char = self.text[start : start + 1]
            if char == "'":
                raise self.stop('texts stand between double quotes ("), not single ones')
            if self.text.startswith(("//", "/*", "#"), start):
                raise self.stop("JSON has no comments")
            raise self.stop(f"here should be a value, and there is {char or 'the end'}")
        self.index = match.end()
        self.add(PlainText(match[0]), Place(start, self.index))

    def string(self) -> str:
        start = self.index
        try:
            text, self.index = scanstring(self.text, start + 1)
        except JSONDecodeError as error:
            if error.msg.startswith("Unterminated"):
                raise _Stop(start, diagnose("M021", pointer=self.pointer())) from None
            if error.msg.startswith("Invalid control"):
                raise self.stop("a line break or tab within a text is written \\n or \\t", error.pos) from None
            raise self.stop("a backslash in a text is written \\\\", error.pos) from None
        text, problem = mend_text(str(text))
        if problem:
            self.report(start, "M011", character=problem)
        return text

    def add(self, value: Data, place: Place) -> None:
        if not self.stack:
            self.data, self.place = value, place
            return
        container = self.stack[-1]
        data, parts = container.data, container.place.parts
        if isinstance(data, list) and isinstance(parts, list):
            data.append(value)
            parts.append(place)
        elif isinstance(data, dict) and isinstance(parts, dict) and container.keep:
            data[container.key] = value
            parts[container.key] = (container.key_start, place)
