"""Why PostgreSQL did not take a CSV file: a second reading of the file, done only after COPY has failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from headrace.connect.csv_files import LONGEST_RECORD, line_break, not_utf8, records, split_record, without_break
from headrace.diagnostics import Diagnostic, closest, diagnose

MOST_REPORTED = 100
"""Rows or cells of a file that are reported one by one."""

_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def check_columns(header: tuple[str, ...], wanted: tuple[str, ...], shown: str) -> list[Diagnostic]:
    """What is wrong with a file's header for a source that declares the columns ``wanted``."""
    problems = []
    lacking = [name for name in wanted if name not in header]
    if lacking and (other := explain_other_delimiter(header, shown)):
        return [other]
    for name in lacking:
        near = closest(name, header)
        hints = [f"Did you mean {near[0]}?"] if near else []
        hints.append(f"The columns of the file: {', '.join(header[:30])}{' …' if len(header) > 30 else ''}")
        problems.append(diagnose("R211", path=shown, column=name, candidates=near, hints=hints))
    for name in wanted:
        if header.count(name) > 1:
            problems.append(diagnose("R212", path=shown, column=name, times=header.count(name)))
    return [problem.at(file=shown, line=1) for problem in problems]


def explain_other_delimiter(header: tuple[str, ...], shown: str) -> Diagnostic | None:
    """The diagnostic for a header of one name that is plainly several, separated by something else than a comma."""
    if len(header) != 1:
        return None
    counted = {delimiter: header[0].count(delimiter) for delimiter in _DELIMITERS}
    best = max(counted, key=lambda delimiter: counted[delimiter])
    if not counted[best]:
        return None
    return diagnose("R210", path=shown, delimiter=_DELIMITERS[best]).at(file=shown, line=1)


def explain_failed_copy(path: Path, width: int, shown: str) -> list[Diagnostic]:
    """What in the file COPY cannot have taken; empty where nothing is found. ``width`` is its number of columns."""
    try:
        with path.open("rb") as file:
            return _Reading(width, shown).read(file)
    except OSError as error:
        return [diagnose("R203", path=shown, reason=error.strerror or str(error))]


class _Reading:
    """One pass over a file: the first of each kind of problem, and every row of another width."""

    def __init__(self, width: int, shown: str) -> None:
        self.width = width
        self.shown = shown
        self.problems: dict[str, Diagnostic] = {}
        self.ragged: list[Diagnostic] = []
        self.ragged_rows = 0

    def read(self, file: BinaryIO) -> list[Diagnostic]:
        break_ = line_break(file)
        for line, record in records(file):
            self._check_bytes(record, line)
            self._check_quotes_and_breaks(record, line, break_)
            self._check_width(record, line)
        more = self.ragged_rows - len(self.ragged)
        if more:
            self.ragged.append(diagnose("R216", path=self.shown, count=more).at(file=self.shown))
        if "R214" in self.problems:  # a quotation that swallows the rest makes the last row ragged as well
            return list(self.problems.values())
        return [*self.problems.values(), *self.ragged]

    def _say(self, code: str, line: int, **params: Any) -> None:
        if code not in self.problems:
            self.problems[code] = diagnose(code, path=self.shown, **params).at(file=self.shown, line=line)

    def _check_bytes(self, record: bytes, line: int) -> None:
        if b"\0" in record:
            before = record[: record.index(b"\0")]
            byte = len(before) - (before.rfind(b"\n") + 1) + 1
            self._say("R207", line + before.count(b"\n"), byte=byte)
        if "R206" not in self.problems:
            try:
                record.decode()
            except UnicodeDecodeError as error:
                if error.end < LONGEST_RECORD:  # else the record was cut, perhaps inside a character
                    self.problems["R206"] = not_utf8(record, error, line, self.shown)

    def _check_quotes_and_breaks(self, record: bytes, line: int, break_: bytes) -> None:
        if record.count(b'"') % 2:
            before = record[: _opening(record)]
            text = record[len(before) :].split(b"\n", 1)[0].decode(errors="replace")[:60].rstrip()
            self._say("R214", line + before.count(b"\n"), text=text)
        elif without_break(record) == b"\\.":
            self._say("R215", line)
        if record.endswith((b"\n", b"\r")):
            outside = b"".join(record.split(b'"')[::2])
            plain = without_break(record)
            if record[len(plain) :] != break_ or b"\r" in without_break(outside):
                self._say("R217", line)

    def _check_width(self, record: bytes, line: int) -> None:
        found = len(split_record(record))
        if found == self.width:
            return
        self.ragged_rows += 1
        if len(self.ragged) < MOST_REPORTED:
            text = without_break(record).decode(errors="replace")[:200]
            if not text:
                self.ragged.append(diagnose("R218", path=self.shown).at(file=self.shown, line=line))
                return
            hints = []
            if found > self.width:
                hints.append('A comma inside a text needs quotes around the text: "Smith, John".')
            self.ragged.append(
                diagnose("R213", path=self.shown, found=found, expected=self.width, source=text, hints=hints).at(
                    file=self.shown, line=line
                )
            )


def _opening(record: bytes) -> int:
    """Where the quotation opens that is never closed.

    From the stray quote on, what is inside and what is outside are swapped to the end of the file; so it is the first
    quotation of the record that goes over the end of a line.
    """
    opening = record.find(b'"')
    while opening >= 0:
        closing = record.find(b'"', opening + 1)
        if closing < 0 or b"\n" in record[opening:closing]:
            return opening
        opening = record.find(b'"', closing + 1)
    return 0
