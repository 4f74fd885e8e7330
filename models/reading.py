"""A reading: a document as plain data, with the place of every part of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property

from headrace.diagnostics import Diagnostic, diagnose
from headrace.models.element import split_pointer
from headrace.models.place import Place, character_at
from headrace.models.scalar import Data
from headrace.models.text import MAX_CHARACTERS, clean, decode, name_of


@dataclass(frozen=True)
class Reading:
    """What ``read_yaml``, ``read_json`` and ``read_data`` give.

    ``data`` is the document as mappings, lists, texts and None (where nothing is written). What stood without quotes,
    null and true too, is ``PlainText``. ``complete`` is False where the text could not be read to its end; ``open`` is
    then the pointer of the last thing read, which may be cut.
    """

    data: Data
    diagnostics: tuple[Diagnostic, ...] = ()
    file: str | None = None
    text: str | None = None
    complete: bool = True
    open: str = ""
    place: Place | None = field(default=None, repr=False, compare=False)

    def locate(self, pointer: str, *, key: bool = False, offset: int | None = None) -> tuple[int, int] | None:
        """Line and column, both from 1, of the value at ``pointer``, or of its key, or of a character of its text.

        Where there is no such part (it is missing), the place of what it is missing from. ``offset`` counts in the
        text of a formula, which has no space around it. None for data that came from no text.
        """
        if self.place is None or self.text is None:
            return None
        place, key_start, value, found = self.place, None, self.data, True
        for part in split_pointer(pointer):
            parts = place.parts
            if isinstance(parts, dict) and part in parts:
                key_start, place = parts[part]
                value = value.get(part) if isinstance(value, dict) else None
            elif isinstance(parts, list) and part.isdecimal() and int(part) < len(parts):
                place, key_start = parts[int(part)], None
                value = value[int(part)] if isinstance(value, list) and int(part) < len(value) else None
            else:
                found = False
                break
        if (key or not found) and key_start is not None:
            return self.line_and_column(key_start)
        if offset is not None and found and isinstance(value, str):
            return self.line_and_column(character_at(self.text, place, value, offset))
        return self.line_and_column(place.start)

    def line_and_column(self, index: int) -> tuple[int, int]:
        """The line and column of a character of the text."""
        line = bisect_right(self._line_starts, index)
        return line, index - self._line_starts[line - 1] + 1

    def line_start(self, number: int) -> int:
        """The index of the first character of a line, counted from 1."""
        return self._line_starts[number - 1]

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end."""
        starts = self._line_starts
        end = starts[number] if number < len(starts) else None
        return (self.text or "")[starts[number - 1] : end].rstrip("\r\n")

    def is_cut(self, pointer: str) -> bool:
        """Whether what stands at ``pointer`` was not read to its end, so that nothing should be said of it."""
        return not self.complete and (self.open + "/").startswith(pointer + "/")

    def placed(self, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic with its file, line, column and line of text, by its pointer and span."""
        file = diagnostic.file or self.file
        if diagnostic.line is not None or diagnostic.pointer is None:
            return replace(diagnostic, file=file)
        offset = diagnostic.span.start if diagnostic.span else None
        place = self.locate(diagnostic.pointer, key=diagnostic.code in _ABOUT_KEYS, offset=offset)
        if place is None:
            return replace(diagnostic, file=file)
        source = self.line(place[0]) if diagnostic.source is None else diagnostic.source
        return replace(diagnostic, file=file, line=place[0], column=place[1], source=source)

    @classmethod
    def opened(cls, text: str | bytes, file: str | None) -> Reading:
        """A reading with nothing read yet: its text, decoded and without what no document can hold, each reported."""
        found: list[tuple[int, Diagnostic]] = []
        if isinstance(text, bytes):
            text, wrong = decode(text)
            if wrong is not None:
                found.append((wrong, diagnose("M010", pointer="")))
        text = text.removeprefix("\ufeff")
        if len(text) > MAX_CHARACTERS:
            large = diagnose("M007", pointer="", limit=MAX_CHARACTERS, what="characters")
            return cls(None, (large,), file, None, complete=False)
        cleaned, places = clean(text)
        found += [(place, diagnose("M011", pointer="", character=name_of(text[place]))) for place in places[:10]]
        return cls(None, (), file, cleaned).with_diagnostics(found)

    def with_diagnostics(self, found: list[tuple[int, Diagnostic]]) -> Reading:
        """This reading with diagnostics that are about a character of its text, each given its place."""
        placed = []
        for index, diagnostic in found:
            line, column = self.line_and_column(index)
            source = diagnostic.source if diagnostic.source is not None else self.line(line)
            placed.append(replace(diagnostic, file=self.file, line=line, column=column, source=source))
        return replace(self, diagnostics=(*self.diagnostics, *placed))

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text or ""))]


_ABOUT_KEYS = frozenset(("M100", "M107", "M114", "M120", "M122"))
