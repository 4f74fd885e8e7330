"""The one exception of connecting: what went wrong, as a diagnostic."""

from __future__ import annotations

from headrace.diagnostics import Diagnostic


class WarehouseError(Exception):
    """There is no warehouse to work with; ``diagnostic`` (one of R100 to R199) says why and what to do."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(f"{diagnostic.code}: {diagnostic.message}")
        self.diagnostic = diagnostic
