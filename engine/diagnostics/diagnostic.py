"""The diagnostic itself: a code, a message, a place, and what may help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (exclusive, counted from 0) of a formula's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that would answer a diagnostic: ``replacement`` for ``span`` of the formula, or for the whole value."""

    title: str
    replacement: str
    span: Span | None = None

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"title": self.title, "replacement": self.replacement}
        if self.span:
            out["span"] = [self.span.start, self.span.end]
        return out


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing to tell the author of a document.

    ``pointer`` is a JSON Pointer (RFC 6901) into the document; ``span`` lies inside the formula that stands there;
    ``file``, ``line`` and ``column`` (both from 1) are known when the document came from a file. ``params`` holds
    what the message was made from (found, expected, candidates …), so that a host can word it itself. ``source`` is
    the formula or the line that the excerpt shows.
    """

    code: str
    message: str
    severity: Severity = "error"
    pointer: str | None = None
    span: Span | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    source: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()

    def at(self, **place: Any) -> Diagnostic:
        """The same diagnostic with the given place fields (``pointer``, ``span``, ``file`` …) set."""
        return replace(self, **place)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data; absent fields are left out."""
        out: dict[str, Any] = {"code": self.code, "severity": self.severity, "message": self.message}
        for name in ("pointer", "file", "line", "column", "source"):
            value = getattr(self, name)
            if value is not None:
                out[name] = value
        if self.span:
            out["span"] = [self.span.start, self.span.end]
        if self.params:
            out["params"] = {key: _plain(value) for key, value in self.params.items()}
        if self.hints:
            out["hints"] = list(self.hints)
        if self.fixes:
            out["fixes"] = [fix.to_json() for fix in self.fixes]
        return out


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return str(value)
