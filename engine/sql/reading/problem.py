"""What is wrong with a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from headrace.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a query, with what its message is filled from and where it stands in the text, if that is known."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    span: Span | None = None
    hints: tuple[str, ...] = ()


class Refused(Exception):
    """Ends the reading of a query; never leaves this room."""

    def __init__(self, code: str, node: exp.Expr | None = None, hints: tuple[str, ...] = (), **params: Any) -> None:
        super().__init__(code)
        self.problem = Problem(code, params, None if node is None else span_of(node), hints)


def span_of(node: exp.Expr) -> Span | None:
    """Where the first name of a part of a query stands in its text."""
    for part in node.walk():
        if "start" in part.meta:
            return Span(part.meta["start"], part.meta["end"] + 1)
    return None
