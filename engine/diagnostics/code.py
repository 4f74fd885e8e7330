"""What a declared code consists of."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.diagnostics.diagnostic import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """One declared code.

    ``message`` is a ``str.format`` template over the diagnostic's params; ``example`` is what a user might write to
    get it (a formula, a fragment of a document, or a situation in words).
    """

    code: str
    message: str
    example: str
    severity: Severity = "error"
