"""sqlglot is asked for without its compiled parts, which can end a whole process (tobymao/sqlglot#7732)."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_compiled_part_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *(each for extra in project["optional-dependencies"].values() for each in extra)]
    assert [each.partition(">")[0] for each in asked if each.startswith("sqlglot")] == ["sqlglot"]
