"""Lines of YAML in which a formula was taken apart, written so that it stays whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from headrace.models.formula_text import DOUBLED, scan

_PREFIX = re.compile(r"\s*(?:-\s+)*")
_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#\[\]{},&*!|>%@`][^"#\[\]{}]*?)\s*:(\s+|$)""")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'""")
_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]*\s*(#.*)?")
_ANCHOR = re.compile(r"[&*][^\s,\[\]{}&*]+(\s.*)?")
_SPACE = re.compile(r"\s*")
_REST = re.compile(r"\s*(#.*)?")
_COMMENT = re.compile(r"\s+#")
_TIGHT_KEY = re.compile(r"(\s*(?:- +)*[\w$]+):(?=[^\s:])")
_OPENS_FORMULA = "\"'[{"
_SPECIAL = "\"'[]{}*&!|>%@`#,"
_MAX_LINE = 2_000
_MAX_FLOW_LINES = 40
_MAX_FLOW_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Mended:
    """``lines`` to stand for as many lines of the text, and the diagnostic that says why."""

    lines: list[str]
    code: str
    params: dict[str, Any]


def mend(lines: list[str], number: int) -> Mended | None:
    """The line ``number`` (from 0) of ``lines`` so written that YAML leaves its formulas whole, where that is known.

    A mapping or list in brackets may go on over several lines, all of which are then given. None where nothing needs
    to change.
    """
    line = lines[number]
    if len(line) > _MAX_LINE:
        return None
    prefix = _PREFIX.match(line)
    start = prefix.end() if prefix else 0
    key = None if line[start : start + 1] in ("{", "[") else _KEY.match(line, start)
    if key is not None:
        start = key.end()
    value = line[start:]
    if not value or value.startswith("#") or _BLOCK_SCALAR.fullmatch(value) or _ANCHOR.fullmatch(value):
        return None
    if value[0] in "{[" and not value.startswith("{{"):
        mended = _mend_flow(lines, number, start)
        if mended is not None or value[0] == "{":
            return mended
    if key is None and not line[:start].strip():
        return None
    written = _mend_value(value)
    return None if written is None else Mended([line[:start] + written[0]], written[1], written[2])


def _mend_value(value: str) -> tuple[str, str, dict[str, Any]] | None:
    """A value that fills its line, as it should be written; with code and params of the diagnostic."""
    end = _end_of_formula(value)
    if end is None:
        return None
    body, rest = value[:end].rstrip(), value[len(value[:end].rstrip()) :]
    quoted = _QUOTED.match(body)
    if not body or (quoted and quoted.end() == len(body)):
        return None
    if _COMMENT.search(body):
        return quote(body) + rest, "M016", {}
    if ": " in body or body.endswith(":"):
        return quote(body) + rest, "M017", {}
    if body[0] in _OPENS_FORMULA:
        return f"={body}{rest}", "M018", {"character": body[0]}
    if body[0] in "*&!|>%@`" or body.startswith(("- ", "? ", ": ")):
        return quote(body) + rest, "M024", {"character": body[0]}
    return None


def mend_colon(line: str) -> Mended | None:
    """``from:sales`` with the space that makes it a key and a value."""
    match = _TIGHT_KEY.match(line) if len(line) <= _MAX_LINE else None
    return Mended([f"{match[0]} {line[match.end() :]}"], "M023", {}) if match else None


def _end_of_formula(value: str) -> int | None:
    """Where the formula ends and a comment begins, if there is one after it; None where quotes are open."""
    start = 0
    while True:
        end = scan(value, start, "#")
        if end is None or end == len(value):
            return end
        if value[end] == "#" and value[end - 1 : end].isspace():
            return end
        start = end + 1


def quote(text: str) -> str:
    """``text`` as a quoted scalar of YAML, in the quotes that it does not itself contain where possible."""
    if "'" in text and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def _mend_flow(lines: list[str], number: int, start: int) -> Mended | None:
    """A mapping or list in brackets, each formula in it that needs quotes given them; closed where it is not."""
    bracket = lines[number][start]
    for count in range(1, _MAX_FLOW_LINES):
        block = lines[number : number + count]
        if len(block) < count:
            break
        if count > 1 and _begins_anew(block[-1], lines[number]):
            break
        text = "\n".join(block)
        if len(text) > 4 * _MAX_LINE:
            break
        rewritten = _flow(text, start, 0)
        if rewritten is not None and _REST.fullmatch(text, rewritten[1]):
            mended = (text[:start] + rewritten[0] + text[rewritten[1] :]).split("\n")
            if mended == block:
                return None
            if all(_without_space(new) == _without_space(old) for new, old in zip(mended, block, strict=True)):
                return Mended(mended, "M023", {})
            return Mended(mended, "M015", {"bracket": _both(bracket)})
    return _close(lines[number], start)


def _without_space(text: str) -> str:
    return "".join(text.split())


def _begins_anew(line: str, opening: str) -> bool:
    """Whether ``line`` begins an entry of its own, at or left of the one that opened the bracket."""
    indent, opened = (len(text) - len(text.lstrip()) for text in (line, opening))
    return bool(line.strip()) and indent <= opened


def _close(line: str, start: int) -> Mended | None:
    """The line with the brackets that it leaves open closed at its end, where nothing else is wrong with it."""
    bare = line.rstrip()
    closers = ""
    for _ in range(_MAX_FLOW_DEPTH):
        text = bare + closers
        rewritten = _flow(text, start, 0)
        if rewritten is not None:
            if rewritten[1] < len(text):
                return None
            bracket = line[start]
            return Mended([text[:start] + rewritten[0]], "M002", {"bracket": bracket})
        for closer in "]}":
            if _flow(text + closer, start, 0) is not None:
                closers += closer
                break
        else:
            return None
    return None


def _both(bracket: str) -> str:
    return "{ }" if bracket == "{" else "[ ]"


def _flow(text: str, index: int, depth: int) -> tuple[str, int] | None:
    """The mapping or list that opens at ``index``, its formulas quoted where they must be, and where it ends."""
    if depth > _MAX_FLOW_DEPTH:
        return None
    closer = "}" if text[index] == "{" else "]"
    out = [text[index]]
    index += 1
    while True:
        index = _copy_space(text, index, out)
        if text[index : index + 1] == closer:
            out.append(closer)
            return "".join(out), index + 1
        if closer == "}":
            key = _KEY.match(text, index)
            tight = _TIGHT_KEY.match(text, index)
            if tight is not None and (key is None or tight.end() < key.end()):
                out.append(tight[0] + " ")
                index = tight.end()
            elif key is not None and "," not in key[1].strip("\"'"):
                out.append(key[0])
                index = key.end()
            else:
                return None
        value = _flow_value(text, index, depth)
        if value is None:
            return None
        out.append(value[0])
        index = _copy_space(text, value[1], out)
        if text[index : index + 1] == ",":
            out.append(",")
            index += 1
        elif text[index : index + 1] != closer:
            return None


def _flow_value(text: str, index: int, depth: int) -> tuple[str, int] | None:
    opens = text[index : index + 1] in ("{", "[") and not text.startswith("{{", index)
    if opens and not DOUBLED.match(text, index):
        inner = _flow(text, index, depth + 1)
        if inner is not None and _ends_value(text, inner[1]):
            return inner
    quoted = _QUOTED.match(text, index)
    if quoted and _ends_value(text, quoted.end()):
        return quoted[0], quoted.end()
    end = scan(text, index, ",")
    if end is None or end == len(text) or text[end] not in ",]}":
        return None
    body = text[index:end].rstrip()
    end = index + len(body)
    if not body:
        return "", end
    if any(char in body for char in ",[]{}") or ": " in body or _COMMENT.search(body) or body[0] in _SPECIAL:
        return quote(body), end
    if body.startswith(("- ", "? ")):
        return quote(body), end
    return body, end


def _ends_value(text: str, index: int) -> bool:
    space = _SPACE.match(text, index)
    return text[space.end() if space else index :][:1] in (",", "]", "}")


def _copy_space(text: str, index: int, out: list[str]) -> int:
    space = _SPACE.match(text, index)
    if space:
        out.append(space[0])
        index = space.end()
    return index
