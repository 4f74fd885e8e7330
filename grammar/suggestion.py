"""What an editor offers while a formula is written: plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from typing import Literal as Choice

from headrace.diagnostics import Span

SuggestionKind = Choice[
    "column", "formula", "relation", "parameter", "function", "word", "type", "unit", "text", "node", "source", "key"
]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that can stand at the place. ``insert`` takes the place of what has been written of it.

    ``detail`` is short: the type of a column, how a function is called. ``meaning`` is a line for people.
    """

    label: str
    kind: SuggestionKind
    insert: str
    detail: str = ""
    meaning: str = ""

    def to_json(self) -> dict[str, Any]:
        out = {"label": self.label, "kind": self.kind, "insert": self.insert}
        if self.detail:
            out["detail"] = self.detail
        if self.meaning:
            out["meaning"] = self.meaning
        return out


@dataclass(frozen=True, slots=True)
class OpenCall:
    """The call in whose brackets the place lies: its function, how that is called, and which argument it is, from 0.

    ``argument`` is None where a clause is being written.
    """

    function: str
    calls: tuple[str, ...]
    meaning: str
    argument: int | None

    def to_json(self) -> dict[str, Any]:
        return {
            "function": self.function,
            "calls": list(self.calls),
            "meaning": self.meaning,
            "argument": self.argument,
        }


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What can stand at a place, best first, and ``span``: the characters of the formula that it replaces."""

    items: Sequence[Suggestion] = ()
    span: Span = field(default=Span(0, 0))
    call: OpenCall | None = None
