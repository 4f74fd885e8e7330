"""YAML text to a ``Reading``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from headrace.diagnostics import Diagnostic, diagnose
from headrace.models.mending import Mended, mend, mend_colon
from headrace.models.reading import Reading
from headrace.models.yaml_composer import Composed, compose
from headrace.models.yaml_errors import explain

_MENDINGS = 20
_MENDINGS_OF_LONG = 3
_LONG = 500_000
_BREAK = re.compile(r"\r\n|\r|\n")
_BREAK_KEPT = re.compile(r"(\r\n|\r|\n)")


def read_yaml(text: str | bytes, file: str | None = None) -> Reading:
    """The reading of a YAML document. Never raises for what the text holds.

    YAML 1.2: every scalar keeps its text, and its type comes from the model. Where YAML takes a formula apart, a
    diagnostic gives the mended line, and reading goes on with it.

    >>> read_yaml("answer: NO").data
    {'answer': 'NO'}
    """
    reading = Reading.opened(text, file)
    if reading.text is None:
        return reading
    seen: set[int] = set()
    composed = compose(reading.text)
    for _ in range(_MENDINGS if len(reading.text) <= _LONG else _MENDINGS_OF_LONG):
        broken = _first_broken(reading, composed, seen)
        if broken is None:
            break
        reading = reading.with_diagnostics([(broken.index, broken.diagnostic)])
        if broken.mended is None:
            break
        seen.update(range(broken.number, broken.number + len(broken.mended.lines)))
        text = _replace_lines(reading.text or "", broken.number, broken.mended.lines)
        reading, composed = replace(reading, text=text), compose(text)
    if composed.data is None and not composed.diagnostics and not reading.diagnostics:
        composed.diagnostics.append((0, diagnose("M014", pointer="")))
    reading = replace(
        reading, data=composed.data, complete=not composed.stopped, open=composed.open, place=composed.place
    )
    return reading.with_diagnostics(composed.diagnostics)


@dataclass(frozen=True, slots=True)
class _Broken:
    """Something that YAML could not read or took apart, and how the lines from ``number`` on should be."""

    index: int
    diagnostic: Diagnostic
    mended: Mended | None = None
    number: int = 0


def _first_broken(reading: Reading, composed: Composed, seen: set[int]) -> _Broken | None:
    text = reading.text or ""
    if not composed.torn and composed.error is None:
        return None
    lines = _BREAK.split(text)
    for index, pointer in composed.torn:
        number = reading.line_and_column(index)[0] - 1
        for first in range(number, max(number - 8, -1), -1):
            mended = None if first in seen else mend(lines, first)
            if mended is not None and first + len(mended.lines) > number and _reads(mended):
                return _Broken(index, _diagnostic(mended, pointer, first), mended, first)
    if composed.error is None:
        return None
    index, diagnostic = explain(composed.error, text)
    diagnostic = replace(diagnostic, pointer=composed.open)
    number = reading.line_and_column(index)[0] - 1
    if diagnostic.code == "M003" and number not in seen:
        mended = Mended([_without_tabs(line) for line in lines[number:]], "M003", {})
        return _Broken(index, replace(diagnostic, hints=(_TABS,)), mended, number)
    mark = getattr(composed.error, "problem_mark", None)
    last = reading.line_and_column(min(mark.index, len(text)) if mark else index)[0] - 1
    for candidate in dict.fromkeys((number, last, max(last - 1, 0))):
        if candidate in seen:
            continue
        line = lines[candidate]
        mended = mend(lines, candidate) if _is_broken(line) else mend_colon(line)
        if mended is not None and _reads(mended):
            if candidate != number:
                start = reading.line_start(candidate + 1)
                index = start + len(line) - len(line.lstrip())
            return _Broken(index, _diagnostic(mended, composed.open, candidate), mended, candidate)
    return _Broken(index, diagnostic)


_TABS = "Write two spaces for each tab."


def _diagnostic(mended: Mended, pointer: str, number: int) -> Diagnostic:
    hint = "Write: " + "\n         ".join(line.strip() for line in mended.lines)
    lines: dict[str, Any] = {"mended": mended.lines, "mended_from": number + 1}
    return diagnose(mended.code, pointer=pointer, hints=[hint], **lines, **mended.params)


def _without_tabs(line: str) -> str:
    bare = line.lstrip(" \t")
    return line[: len(line) - len(bare)].replace("\t", "  ") + bare


def _is_broken(line: str) -> bool:
    """Whether YAML stumbles over ``line`` also when it stands alone."""
    composed = compose(line.strip())
    return composed.error is not None or bool(composed.torn)


def _reads(mended: Mended) -> bool:
    composed = compose("\n".join(mended.lines).strip())
    return composed.error is None and not composed.torn


def _replace_lines(text: str, number: int, lines: list[str]) -> str:
    """``text`` with ``lines`` for its lines from ``number`` on; line ends stay as they are."""
    parts = _BREAK_KEPT.split(text)
    for offset, line in enumerate(lines):
        parts[2 * (number + offset)] = line
    return "".join(parts)
