"""A YAML document rewritten: block style, formulas in canonical spelling, the same meaning. Or left as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from headrace.diagnostics import Diagnostic, diagnose
from headrace.grammar.canonical import canonical_formula
from headrace.grammar.parse import parse
from headrace.models.element import join_pointer
from headrace.models.expected import ScalarKind, expected_at
from headrace.models.formula_text import split_list
from headrace.models.layout import lay_out
from headrace.models.reading import Reading
from headrace.models.scalar import Data, PlainText
from headrace.models.steps.sort_key import SortKey, read_sort_key
from headrace.models.yaml_composer import compose
from headrace.models.yaml_nodes import Unwritable
from headrace.models.yaml_reader import read_yaml

_TEST = "(/nodes/[^/]+)?/tests/[^/]+"
_ROW = re.compile(f"/sources/[^/]+/rows/[0-9]+|{_TEST}/given/[^/]+/[0-9]+|{_TEST}/expect/[0-9]+")

WIDTH = 100
"""Columns after which a formula is folded into several lines."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """A document's text after formatting, and why it was left as it is, where it was."""

    text: str
    diagnostics: tuple[Diagnostic, ...] = ()


def format_document(text: str, file: str | None = None) -> Formatted:
    """The document in block style with canonical formulas. What cannot be read is left as it is, with its diagnostic.

    Comments, the order of keys, quotes of other values and single blank lines stay. Formatting what is formatted
    changes nothing. A formula that cannot be parsed, or has comments of its own, is kept as it is written.

    >>> format_document("nodes: {x: {from: y, steps: [{filter: (a>1)}]}}").text
    'nodes:\\n  x:\\n    from: y\\n    steps:\\n      - filter: a > 1\\n'
    """
    reading = read_yaml(text, file)
    if reading.diagnostics or reading.text is None:
        return Formatted(text, reading.diagnostics)
    body = text.removeprefix("\ufeff")
    newline = "\r\n" if "\r\n" in body else "\n"
    body = re.sub("\r\n|\r", "\n", body)
    try:
        new = lay_out(body, _rewrite, _is_row)
        if not _means_the_same(reading, new):
            raise Unwritable("meaning")
    except Unwritable:
        return Formatted(text, reading.with_diagnostics([(0, diagnose("M025", pointer=""))]).diagnostics)
    return Formatted(new.replace("\n", newline) if newline != "\n" else new)


def _rewrite(pointer: str, text: str, column: int) -> list[str] | None:
    """The lines of a formula in its canonical text; None for whatever is to be kept."""
    new = canonical_scalar(text, expected_at(pointer).scalar)
    return None if new is None else _as_yaml(new, column)


def _is_row(pointer: str) -> bool:
    """Whether a row of values stands there: of a source, or of a test. There is no formula in it, and a table of rows
    is read best with a row a line."""
    return _ROW.fullmatch(pointer) is not None


def canonical_scalar(text: str, kind: ScalarKind) -> str | None:
    """The canonical text of a scalar of a document, None where it is to be kept as it is.

    The word null is kept: it may be the formula null, or nothing at all.
    """
    if text in _WORDS:
        return None
    if kind == "formula":
        return canonical_formula(text)
    if kind == "order" and len(split_list(text)) == 1:
        return _canonical_key(read_sort_key(text))
    return None


def _canonical_key(key: SortKey) -> str | None:
    formula = canonical_formula(key.formula)
    if formula is None:
        return None
    words = " desc" if key.descending else ""
    return formula + words + (" nulls first" if key.nulls == "first" else "")


def _as_yaml(new: str, column: int) -> list[str] | None:
    """The lines of a scalar whose text is the formula ``new``: plain, else with ``=`` before it, else in quotes."""
    quoted = "'" + new.replace("'", "''") + "'"
    if "\n" in new:
        return _literal(new)
    if column + len(new) > WIDTH:
        folded = _folded(new, WIDTH - column)
        if folded is not None:
            return folded
    for written, value in ((new, new), (f"={new}", f"={new}"), (quoted, new)):
        if _reads_as(written, value):
            return [written]
    return None


def _reads_as(written: str, value: str) -> bool:
    composed = compose(f"k: {written}")
    plain = written == value
    data = composed.data
    if composed.error is not None or composed.torn or composed.diagnostics or not isinstance(data, dict):
        return False
    found = data.get("k")
    return found == value and isinstance(found, PlainText) == plain and not (plain and value in _WORDS)


_WORDS = ("null", "Null", "NULL", "~")


def _literal(text: str) -> list[str] | None:
    """A block that keeps line ends, for a formula with a text of several lines."""
    lines = text.split("\n")
    if text != text.strip() or not all(line.isprintable() for line in lines):
        return None
    return ["|-", *lines]


def _folded(text: str, width: int) -> list[str] | None:
    """A block whose line ends are spaces, cut where a space stands outside of quotes and brackets of names."""
    places = [at for at in _spaces(text) if at and text[at - 1] != " " and text[at + 1 : at + 2] not in ("", " ")]
    lines: list[str] = []
    start = 0
    width = max(width, 60)
    while len(text) - start > width:
        fitting = [at for at in places if start < at <= start + width]
        later = [at for at in places if at > start + width]
        if not fitting and not later:
            break
        at = fitting[-1] if fitting else later[0]
        lines.append(text[start:at])
        start = at + 1
    lines.append(text[start:])
    if len(lines) == 1:
        return None
    written = [">-", *lines]
    composed = compose("k: " + "\n  ".join(written))
    return written if composed.data == {"k": text} and not composed.diagnostics else None


def _spaces(text: str) -> list[int]:
    """The spaces of a formula that stand in no text and no bracketed name."""
    found = []
    closer = ""
    for at, char in enumerate(text):
        if closer:
            closer = "" if char == closer else closer
        elif char in "\"'[":
            closer = "]" if char == "[" else char
        elif char == " ":
            found.append(at)
    return found


def _means_the_same(before: Reading, new: str) -> bool:
    """Whether the new text holds the same data, formulas compared by their trees."""
    after = read_yaml(new, before.file)
    return not after.diagnostics and _same(before.data, after.data, "")


def _same(first: Data, second: Data, pointer: str) -> bool:
    waiting: list[tuple[Any, Any, str]] = [(first, second, pointer)]
    while waiting:
        a, b, where = waiting.pop()
        if isinstance(a, dict) and isinstance(b, dict):
            if list(a) != list(b):
                return False
            waiting.extend((a[key], b[key], join_pointer(where, key)) for key in a)
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            waiting.extend((x, y, join_pointer(where, index)) for index, (x, y) in enumerate(zip(a, b, strict=True)))
        elif (a != b or type(a) is not type(b)) and not _same_formula(a, b, where):
            return False
    return True


def _same_formula(first: Data, second: Data, pointer: str) -> bool:
    if not isinstance(first, str) or not isinstance(second, str) or {first, second} & set(_WORDS):
        return False
    kind = expected_at(pointer).scalar
    if kind == "order":
        a, b = read_sort_key(first), read_sort_key(second)
        return (a.descending, a.nulls) == (b.descending, b.nulls) and _same_trees(a.formula, b.formula)
    return kind == "formula" and _same_trees(first, second)


def _same_trees(first: str, second: str) -> bool:
    tree = parse(first).tree
    return tree is not None and tree == parse(second).tree
