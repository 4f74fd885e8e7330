"""Where the cursor of an editor stands in a YAML text that may not be readable yet: found by indents and brackets.

The place is a JSON Pointer; what is being written there is taken out of the text, so that the rest can be read and
stays the same while somebody types.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from headrace.models.element import join_pointer

_DASHES = re.compile(r"(?:-[ \t]+|-(?=\r?$))")
_KEY = re.compile(
    r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#'"\[\]{}&*!|>%@`,-][^#\n]*?|-[^\s#][^#\n]*?)"""
    r"""\s*:(?=\s|$)"""
)
_BLOCK = re.compile(r"[|>][-+0-9]*[ \t]*(?:#.*)?\r?$")
_COMMENT = re.compile(r"(?:^|(?<=\s))#")
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_CLOSERS = {"{": "}", "[": "]", "(": ")"}


@dataclass(frozen=True)
class Cursor:
    """A place in a document.

    ``pointer`` leads to the value at the cursor, or, with ``is_key``, to the mapping whose key is being written.
    ``text`` is what stands there without YAML's quotes, ``offset`` where the cursor is in it, and ``indexes`` where in
    the file each of its characters stands (and the end). ``quote`` is the quote around it, ``is_flow`` whether it
    stands in brackets; ``rest`` is the file without it.
    """

    pointer: str
    text: str
    offset: int
    indexes: tuple[int, ...]
    rest: str
    is_key: bool = False
    quote: str = ""
    is_flow: bool = False


@dataclass(frozen=True, slots=True)
class _Opener:
    """A dash or a key of a line: what stands behind it belongs to it."""

    column: int
    key: str | None
    end: int


def cursor_at(text: str, index: int) -> Cursor | None:
    """The place of the character ``index`` of a file; None where it lies in a comment, or nothing can be said.

    >>> cursor_at("nodes:\\n  x:\\n    steps:\\n      - filter: am", 46).pointer
    '/nodes/x/steps/0/filter'
    """
    index = max(0, min(index, len(text)))
    return _Finder(text, index).cursor()


class _Finder:
    def __init__(self, text: str, index: int) -> None:
        self.text = text
        self.index = index
        self.lines = text.split("\n")
        self.row = text.count("\n", 0, index)
        self.start = text.rfind("\n", 0, index) + 1
        self.column = index - self.start
        self.line = self.lines[self.row]

    def cursor(self) -> Cursor | None:
        block = self.block()
        if block is not None:
            return block
        flow = self.flow_above()
        if flow is not None:
            row, opener = flow
            return self.in_flow(self.path(row, opener), self.at(row, opener.end))
        if _is_in_comment(self.line, self.column):
            return None
        openers = [each for each in _openers(self.line) if each.end <= self.column]
        if not openers:
            return self.new_key()
        last = openers[-1]
        start = self.at(self.row, last.end)
        start += len(self.text[start:]) - len(self.text[start:].lstrip(" \t"))
        path = self.path(self.row, last)
        if self.text[start : start + 1] in ("{", "[") and start < self.index:
            return self.in_flow(path, start)
        if last.key is None and self.is_key_like(start):
            return self.in_dash(path, start)
        return self.scalar(path, min(start, self.index))

    # Lines and their openers

    def at(self, row: int, column: int) -> int:
        """The index in the file of a column of a line."""
        return sum(len(line) + 1 for line in self.lines[:row]) + column

    def path(self, row: int, opener: _Opener) -> str:
        """The pointer of what stands behind an opener."""
        parts: list[str | int] = []
        current: tuple[int, _Opener] | None = (row, opener)
        while current is not None:
            row, opener = current
            parts.append(self.number(row, opener) if opener.key is None else opener.key)
            current = self.parent(row, opener)
        return join_pointer("", *reversed(parts))

    def parent(self, row: int, opener: _Opener) -> tuple[int, _Opener] | None:
        before = [each for each in _openers(self.lines[row]) if each.column < opener.column]
        if before:
            return row, before[-1]
        is_dash = opener.key is None
        for above in range(row - 1, -1, -1):
            found = _openers(self.lines[above])
            if not found:
                continue
            # A list may stand as far left as the key that it belongs to.
            outer = [each for each in found if each.column < opener.column + (is_dash and each.key is not None)]
            if outer:
                return above, outer[-1]
        return None

    def number(self, row: int, opener: _Opener) -> int:
        """Which item of its list a dash begins."""
        count = 0
        for above in range(row - 1, -1, -1):
            found = _openers(self.lines[above])
            if not found:
                continue
            if any(each.column == opener.column and each.key is None for each in found):
                count += 1
                if found[0].column < opener.column:
                    return count
            elif found[0].column <= opener.column:
                return count
        return count

    # Blocks of text

    def block(self) -> Cursor | None:
        """The cursor in a block that a ``|`` or ``>`` above begins."""
        indent = len(self.line) - len(self.line.lstrip(" "))
        if not self.line.strip():
            indent = self.column
        for above in range(self.row - 1, -1, -1):
            line = self.lines[above]
            if not line.strip():
                continue
            found = _openers(line)
            if found and found[-1].column < indent:
                header = _BLOCK.match(line[found[-1].end :].lstrip(" \t"))
                if header is not None:
                    return self.in_block(above, found[-1], header[0][0])
            indent = min(indent, len(line) - len(line.lstrip(" ")))
        return None

    def in_block(self, row: int, opener: _Opener, style: str) -> Cursor:
        outer = opener.column
        last = row + 1
        while last < len(self.lines) and (
            not self.lines[last].strip() or len(self.lines[last]) - len(self.lines[last].lstrip(" ")) > outer
        ):
            last += 1
        rows = list(range(row + 1, max(last, self.row + 1)))
        shown = [self.lines[each] for each in rows if self.lines[each].strip()]
        indent = min((len(line) - len(line.lstrip(" ")) for line in shown), default=outer + 2)
        characters: list[str] = []
        indexes: list[int] = []
        offset = 0
        for each in rows:
            line = self.lines[each].rstrip("\r")
            begin = min(indent, len(line))
            if each == self.row:
                offset = len(characters) + max(0, min(self.column, len(line)) - begin)
            for column in range(begin, len(line)):
                characters.append(line[column])
                indexes.append(self.at(each, column))
            characters.append("\n" if style == "|" else " ")
            indexes.append(self.at(each, len(line)))
        content = "".join(characters).rstrip()
        content = content.ljust(offset)
        before = self.at(row, opener.end)
        end = self.at(rows[-1], len(self.lines[rows[-1]]))
        rest = self.text[:before] + self.text[end:]
        path = self.path(row, opener)
        lead = len(content) - len(content.lstrip())
        lead = min(lead, offset)
        places = (*indexes[: len(content)], indexes[len(content)] if len(content) < len(indexes) else end)
        return Cursor(path, content[lead:], offset - lead, places[lead:], rest)

    # Brackets

    def flow_above(self) -> tuple[int, _Opener] | None:
        """The opener in a line above whose brackets are still open where the cursor's line begins."""
        indent = len(self.line) - len(self.line.lstrip(" "))
        if not self.line.strip():
            indent = self.column
        for above in range(self.row - 1, -1, -1):
            line = self.lines[above]
            found = _openers(line)
            if not found or found[0].column >= max(indent, 1):
                continue
            start = self.at(above, found[-1].end)
            value = self.text[start : self.start].lstrip(" \t")
            if value[:1] in ("{", "["):
                state = _scan(self.text, start, self.start)
                return (above, found[-1]) if state.stack else None
            return None
        return None

    def in_flow(self, path: str, start: int) -> Cursor | None:
        """The cursor in brackets that open at ``start``."""
        state = _scan(self.text, start, self.index)
        if not state.stack:
            return None
        for level in state.stack[:-1]:
            path = join_pointer(path, level.key if level.is_mapping else level.count)
        inner = state.stack[-1]
        ends = _value_end(self.text, state.value, self.index)
        rest = self.closed(state, ends)
        if inner.is_mapping and not inner.has_key:
            written = self.text[state.value : self.index]
            end = state.value + len(self.text[state.value : ends].rstrip())
            indexes = tuple(range(state.value, max(end, self.index) + 1))
            return Cursor(path, written, len(written), indexes[: len(written) + 1], rest, is_key=True, is_flow=True)
        path = join_pointer(path, inner.key if inner.is_mapping else inner.count)
        return self.written(path, state.value, ends, rest, is_flow=True)

    def closed(self, state: _State, end: int) -> str:
        """The file without the value at the cursor, its brackets closed."""
        eol = self.text.find("\n", end)
        eol = len(self.text) if eol < 0 else eol
        after = _scan(self.text, end, eol, state.stack)
        head = self.text[: state.value]
        if not after.stack:
            return head + self.text[end:]
        below = _scan(self.text, end, min(len(self.text), end + 4000), state.stack)
        if not below.stack and below.closed_before_key:
            return head + self.text[end:]
        closers = "".join("}" if level.is_mapping else "]" for level in reversed(state.stack))
        return head + closers + self.text[eol:]

    # Values and keys in a line

    def scalar(self, path: str, start: int) -> Cursor | None:
        end = _plain_end(self.text, start, self.start + len(self.line))
        if self.index > end:
            end = self.index
        rest = self.text[:start] + self.text[end:]
        return self.written(path, start, end, rest)

    def written(self, path: str, start: int, end: int, rest: str, *, is_flow: bool = False) -> Cursor:
        """A scalar from ``start`` to ``end``, read as YAML reads it."""
        quote = self.text[start] if self.text[start : start + 1] in ("'", '"') and start < self.index else ""
        characters: list[str] = []
        indexes: list[int] = []
        at = start + len(quote)
        stop = end
        if quote and self.text[end - 1] == quote and end - 1 > start and end - 1 >= self.index:
            stop = end - 1
        offset = 0
        while at < stop:
            if at <= self.index:
                offset = len(characters)
            if quote == '"' and self.text[at] == "\\" and (escape := _ESCAPE.match(self.text, at)):
                character, size = _unescape(escape[0]), len(escape[0])
            elif quote == "'" and self.text.startswith("''", at):
                character, size = "'", 2
            else:
                character, size = self.text[at], 1
            characters.append(character)
            indexes.append(at)
            at += size
        if self.index >= at:
            offset = len(characters)
        return Cursor(path, "".join(characters), offset, (*indexes, at), rest, quote=quote, is_flow=is_flow)

    def is_key_like(self, start: int) -> bool:
        """Whether a word is being written behind a dash that may become a key."""
        written = self.text[start : self.start + len(self.line)].rstrip()
        return re.fullmatch(r"\w*", written) is not None

    def in_dash(self, path: str, start: int) -> Cursor:
        """A word behind a dash: the first key of an item, or the whole of it."""
        start = min(start, self.index)
        end = max(start + len(self.text[start : self.start + len(self.line)].rstrip()), self.index)
        rest = self.text[:start] + self.text[end:]
        return self.written(path, start, end, rest)

    def new_key(self) -> Cursor | None:
        """A key that is being written on a line of its own."""
        bare = self.line.strip()
        if bare and not re.fullmatch(r"\w*", self.line[: self.column].strip()):
            return None
        indent = len(self.line) - len(self.line.lstrip(" ")) if bare else self.column
        indent = min(indent, self.column)
        parent = self.parent(self.row, _Opener(indent, "", indent))
        path = "" if parent is None else self.path(*parent)
        if parent is None and indent > 0:
            return None
        start = self.start + indent
        written = self.text[start : self.index]
        end = start + len(self.text[start : self.start + len(self.line)].rstrip())
        rest = self.text[:start] + self.text[max(end, self.index) :]
        indexes = tuple(range(start, self.index + 1))
        return Cursor(path, written, len(written), indexes, rest, is_key=True)


def _openers(line: str) -> list[_Opener]:
    """The dashes and the key with which a line begins."""
    at = len(line) - len(line.lstrip(" "))
    found: list[_Opener] = []
    while (dash := _DASHES.match(line, at)) is not None:
        found.append(_Opener(at, None, dash.end()))
        at = dash.end()
    key = _KEY.match(line, at)
    if key is not None:
        found.append(_Opener(at, _bare(key[1]), key.end()))
    return found


def _bare(key: str) -> str:
    if key[:1] == '"':
        return _ESCAPE.sub(lambda escape: _unescape(escape[0]), key[1:-1])
    return key[1:-1].replace("''", "'") if key[:1] == "'" else key.strip()


def _unescape(escape: str) -> str:
    simple = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "e": "\x1b"}
    if len(escape) > 2:
        number = int(escape[2:], 16)
        return chr(number) if number < 0x110000 else " "
    return simple.get(escape[1], escape[1])


def _is_in_comment(line: str, column: int) -> bool:
    """Whether a ``#`` that begins a comment stands before the column, outside of quotes."""
    quote = ""
    for at, char in enumerate(line[:column]):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and (not at or not line[at - 1].isalnum()):
            quote = char
        elif char == "#" and (not at or line[at - 1] in " \t"):
            return True
    return False


def _plain_end(text: str, start: int, eol: int) -> int:
    """Where a value in a line ends: before a comment and the space before it."""
    quote = text[start : start + 1]
    if quote in ("'", '"') and quote:
        at = start + 1
        while at < eol:
            if quote == '"' and text[at] == "\\":
                at += 2
            elif text[at] == quote:
                if quote == "'" and text.startswith("''", at):
                    at += 2
                    continue
                return at + 1
            else:
                at += 1
        return eol
    comment = next((each.start() for each in _COMMENT.finditer(text, start, eol)), eol)
    return start + len(text[start:comment].rstrip())


@dataclass(frozen=True, slots=True)
class _Level:
    """Open brackets: of a mapping with the key that was read last, or of a list with how many items went before."""

    is_mapping: bool
    key: str = ""
    has_key: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class _State:
    """The brackets open at a place, outermost first, and where the value there begins."""

    stack: tuple[_Level, ...]
    value: int
    closed_before_key: bool = True


def _scan(text: str, start: int, end: int, stack: Sequence[_Level] = ()) -> _State:
    """Read brackets from ``start`` to ``end``; round brackets and quotes within a value belong to it."""
    open_ = list(stack)
    depth = len(open_)
    inner: list[str] = []
    value = start
    at = start
    keys = False
    while at < end:
        char = text[at]
        begins = not text[value:at].strip()
        if char in "\"'" and (begins or not text[at - 1].isalnum()):
            at = _quote_end(text, at, end)
            continue
        if char == "#" and text[at - 1 : at] in (" ", "\t", "\n", ""):
            eol = text.find("\n", at)
            at = end if eol < 0 else min(eol, end)
            continue
        if char == "\n" and depth and re.match(r"\n[ \t]*(?:- |[\w ]+:\s)", text[at : at + 80]):
            keys = keys or not open_
        if inner:
            if char in _CLOSERS:
                inner.append(char)
            elif char == _CLOSERS[inner[-1]]:
                inner.pop()
        elif char in "{[" and begins:
            open_.append(_Level(char == "{"))
            value = at + 1
        elif char in "([" and open_:
            inner.append(char)
        elif char in "}]" and open_:
            open_.pop()
            value = at + 1
            if not open_:
                return _State((), value, not keys)
        elif char == "," and open_:
            top = open_[-1]
            open_[-1] = _Level(top.is_mapping, count=top.count + 1)
            value = at + 1
        elif char == ":" and open_ and open_[-1].is_mapping and not open_[-1].has_key and _ends_key(text, at):
            open_[-1] = _Level(True, _bare(text[value:at].strip()), True)
            value = at + 1
        at += 1
    value += len(text[value:end]) - len(text[value:end].lstrip(" \t\r\n"))
    return _State(tuple(open_), value, not keys)


def _ends_key(text: str, at: int) -> bool:
    return text[at + 1 : at + 2] in (" ", "\n", "\r", "\t", "", "}", "]", ",")


def _quote_end(text: str, at: int, end: int) -> int:
    quote = text[at]
    at += 1
    while at < end:
        if (quote == '"' and text[at] == "\\") or (quote == "'" and text.startswith("''", at)):
            at += 1
        elif text[at] == quote:
            return at + 1
        at += 1
    return end


def _value_end(text: str, start: int, index: int) -> int:
    """Where the value that begins at ``start`` and holds ``index`` ends, within brackets of YAML."""
    eol = text.find("\n", index)
    eol = len(text) if eol < 0 else eol
    at = start
    inner: list[str] = []
    if text[start : start + 1] in ("'", '"') and start < index:
        return max(index, _quote_end(text, start, eol))
    while at < eol:
        char = text[at]
        if inner:
            if char in _CLOSERS:
                inner.append(char)
            elif char == _CLOSERS[inner[-1]]:
                inner.pop()
            elif char in "}]" and at >= index:
                break
        elif char in "([":
            inner.append(char)
        elif (char in ",}]" and at >= index) or (char == "#" and at >= index and text[at - 1 : at] in (" ", "\t")):
            break
        at += 1
    return max(index, start + len(text[start:at].rstrip()))
