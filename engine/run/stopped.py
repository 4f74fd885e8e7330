"""How a run that cannot go on says so to the part that ends it."""

from __future__ import annotations

from collections.abc import Iterable

from headrace.diagnostics import Diagnostic


class Stopped(Exception):
    """The run ends here, without a change; ``diagnostics`` say why. ``step`` is the source or node at fault."""

    def __init__(self, diagnostics: Iterable[Diagnostic], step: str | None = None) -> None:
        self.diagnostics = tuple(diagnostics)
        self.step = step
        super().__init__("; ".join(diagnostic.message for diagnostic in self.diagnostics[:3]))


class ConnectionLost(Exception):
    """The connection is gone; ``diagnostic`` (R132) says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)
