"""The table of traps names files that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_trap_is_kept_by_something() -> None:
    rows = [line for line in (Path(__file__).parent / "README.md").read_text("utf-8").splitlines() if line[:2] == "| "]
    assert len(rows) > 30
    for row in rows[1:]:
        (path,) = re.findall(r"`([^`]*)` \|$", row)
        assert (ROOT / path).exists(), path
