"""CSV files as PostgreSQL's COPY reads them: finding the file, its header, its records and where their lines are.

COPY has its own idea of quotes: one may stand anywhere in a field and toggles whether commas and line breaks count
(``5" pipe`` opens a quotation). What is told of a file here has to be what COPY sees, so this is not Python's ``csv``.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from headrace.diagnostics import Diagnostic, closest, diagnose

LONGEST_RECORD = 16 * 1024 * 1024
"""Bytes after which a record is taken for one whose quotation is never closed."""

_LONGEST_HEADER = 1024 * 1024
_MARK = b"\xef\xbb\xbf"
_CUT = re.compile(rb'[",]')


def find_file(folder: Path, path: str, *, allow_outside: bool = False) -> Path | Diagnostic:
    """The regular file that ``path``, relative to the project's ``folder``, names; or what is wrong with it.

    A path that leads out of the folder (``../x.csv``, ``/data/x.csv``) is refused unless ``allow_outside``. A link in
    the folder may point anywhere: who owns the folder has put it there.
    """
    found = Path(os.path.normpath(folder / path))
    if not allow_outside and not found.is_relative_to(os.path.normpath(folder)):
        return diagnose("R202", file=path, path=path, folder=str(folder))
    try:
        mode = found.stat().st_mode
        if not stat.S_ISREG(mode):
            return diagnose("R201", path=path, kind="a folder" if stat.S_ISDIR(mode) else "not a regular file")
        with found.open("rb"):
            return found
    except (FileNotFoundError, NotADirectoryError):
        return _missing(found, path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return diagnose("R203", path=path, reason=reason)


def _missing(found: Path, path: str) -> Diagnostic:
    try:
        names = [entry.name for entry in os.scandir(found.parent) if entry.is_file()]
    except OSError:
        return diagnose("R200", path=path, hints=[f"There is no folder {os.path.dirname(path) or '.'} either."])
    near = closest(found.name, names)
    return diagnose("R200", path=path, hints=[f"Did you mean {_beside(path, near[0])}?"] if near else ())


def _beside(path: str, name: str) -> str:
    return os.path.join(os.path.dirname(path), name).replace(os.sep, "/")


def read_header(path: Path, shown: str | None = None) -> tuple[str, ...] | Diagnostic:
    """The names in the first line of the file, or what is wrong with it; ``shown`` is its name in messages.

    >>> read_header(Path("data/sales.csv"))  # doctest: +SKIP
    ('customer_id', 'order_date', 'quantity', 'amount')
    """
    shown = shown or str(path)
    try:
        with path.open("rb") as file:
            return header_of(file, shown)
    except OSError as error:
        return diagnose("R203", path=shown, reason=error.strerror or str(error))


def header_of(file: BinaryIO, shown: str) -> tuple[str, ...] | Diagnostic:
    """The names in the first line of an open file. It is read from its beginning and left there."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if not start:
        return diagnose("R204", path=shown).at(file=shown)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return diagnose("R208", path=shown).at(file=shown)
    _, record = next(records(file, _LONGEST_HEADER))
    file.seek(0)
    if len(record) > _LONGEST_HEADER:
        return diagnose("R205", path=shown).at(file=shown, line=1)
    try:
        names = tuple(cell_text(raw).decode() for raw in split_record(record.removeprefix(_MARK)))
    except UnicodeDecodeError as error:
        return not_utf8(record, error, 1, shown)
    if any("\0" in name for name in names):
        return diagnose("R207", path=shown, byte=record.index(b"\0") + 1).at(file=shown, line=1)
    return names


def records(file: BinaryIO, longest: int = LONGEST_RECORD) -> Iterator[tuple[int, bytes]]:
    """Each record of a file with the line it begins on (from 1), its line break included; the header is the first.

    A record of more than ``longest`` bytes is the last one given, cut.
    """
    line, begin, quotes, length = 1, 1, 0, 0
    parts: list[bytes] = []
    break_ = line_break(file)
    for part in _lines(file, break_):
        parts.append(part)
        length += len(part)
        quotes += part.count(b'"')
        broken = part.endswith(break_[-1:])
        if (broken and quotes % 2 == 0) or length > longest:
            yield begin, b"".join(parts)
            if length > longest:
                return
            parts, quotes, length, begin = [], 0, 0, line + 1
        line += broken
    if parts:
        yield begin, b"".join(parts)


def _lines(file: BinaryIO, break_: bytes) -> Iterator[bytes]:
    """The file in pieces that end where its lines do, or after a megabyte."""
    if break_ != b"\r":
        while part := file.readline(1 << 20):
            yield part
        return
    rest = b""
    while chunk := file.read(1 << 20):
        *whole, rest = (rest + chunk).split(b"\r")
        yield from (part + b"\r" for part in whole)
        if len(rest) > 1 << 20:
            yield rest
            rest = b""
    if rest:
        yield rest


def line_break(file: BinaryIO) -> bytes:
    """What ends the lines of a file, by its first line: LF, CRLF or, from old Macs, CR. The position stays."""
    position = file.tell()
    quotes = 0
    kind = b"\n"
    while chunk := file.read(1 << 16):
        for match in re.finditer(rb'["\r\n]', chunk):
            if match[0] == b'"':
                quotes += 1
            elif quotes % 2 == 0:
                after = chunk[match.end() : match.end() + 1] or file.read(1)
                kind = b"\n" if match[0] == b"\n" else b"\r\n" if after == b"\n" else b"\r"
                file.seek(position)
                return kind
    file.seek(position)
    return kind


def split_record(record: bytes) -> list[bytes]:
    """The fields of a record as they stand in the file, quotes and all, without the line break.

    >>> split_record(b'1,"a, b",\\r\\n')
    [b'1', b'"a, b"', b'']
    """
    record = without_break(record)
    if b'"' not in record:
        return record.split(b",")
    fields, begin, quoted = [], 0, False
    for match in _CUT.finditer(record):
        if match[0] == b'"':
            quoted = not quoted
        elif not quoted:
            fields.append(record[begin : match.start()])
            begin = match.end()
    fields.append(record[begin:])
    return fields


def without_break(record: bytes) -> bytes:
    """A record without the line break at its end."""
    if record.endswith(b"\r\n"):
        return record[:-2]
    return record[:-1] if record.endswith((b"\n", b"\r")) else record


def cell_text(raw: bytes) -> bytes:
    """The content of a field: quotes go, doubled ones within a quotation become one.

    >>> cell_text(b'"5"" pipe"'), cell_text(b'a"b"c')
    (b'5" pipe', b'abc')
    """
    if b'"' not in raw:
        return raw
    parts = raw.split(b'"')
    out, at = parts[0], 1
    while at < len(parts):  # parts[at] stands inside a quotation, and the one after it behind its end
        out += parts[at]
        while at + 2 < len(parts) and parts[at + 1] == b"":
            out += b'"' + parts[at + 2]
            at += 2
        out += parts[at + 1] if at + 1 < len(parts) else b""
        at += 2
    return out


def not_utf8(record: bytes, error: UnicodeDecodeError, line: int, shown: str) -> Diagnostic:
    """The diagnostic for a record, beginning on ``line``, that is not UTF-8."""
    before = record[: error.start]
    line += before.count(b"\n")
    start = before.rfind(b"\n") + 1
    end = record.find(b"\n", error.start)
    text = record[start : end if end >= 0 else len(record)].rstrip(b"\r")
    guess = text.decode("cp1252", "replace")
    hints = []
    if "\ufffd" not in guess:
        hints.append(f"Read as Windows-1252, which Excel writes, the line is: {guess[:80]}")
    hints.append("Save the file as UTF-8 (in Excel: CSV UTF-8), or: iconv -f WINDOWS-1252 -t UTF-8 old.csv > new.csv")
    return diagnose(
        "R206", path=shown, byte=error.start - start + 1, value=f"0x{record[error.start]:02x}", hints=hints
    ).at(file=shown, line=line)
