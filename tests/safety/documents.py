"""Documents around formulas, for the tests of what must never happen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from headrace import Engine
from headrace.diagnostics import Diagnostic

COLUMNS = {"a": "integer", "b": "text", "d": "date", "f": "float", "t": "timestamp", "k": "boolean", "x": "decimal"}
ROW = {"a": 1, "b": "x", "d": "2024-01-31", "f": 0.5, "t": "2024-01-31 10:00", "k": True, "x": "1.5"}


def document(steps: Sequence[Any], **more: Any) -> dict[str, Any]:
    """One node ``n`` of these steps over a small table."""
    source = {"rows": [ROW], "columns": COLUMNS}
    return {"headrace": 1, "sources": {"s": source}, "nodes": {"n": {"from": "s", "steps": list(steps), **more}}}


def everywhere(made: dict[str, Any]) -> list[tuple[Diagnostic, ...]]:
    """What is said of a document by ``check``, ``compile`` and ``preview``; none of them may raise."""
    engine = Engine()
    return [
        engine.check(made).diagnostics,
        engine.compile(made).diagnostics,
        engine.preview(made, None, "n").diagnostics,
    ]
