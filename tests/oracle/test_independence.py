"""The evaluator knows nothing of what it is held against: it imports nothing of headrace, and reads no document."""

from __future__ import annotations

import ast
from pathlib import Path

_FOLDER = Path(__file__).parent
_OF_THE_ENGINE = {"comparing.py", "conftest.py", "soak.py", "test_flows.py"}
"""What compiles and runs flows; none of the evaluator may import it."""

_EVALUATOR = [
    path
    for path in sorted(_FOLDER.glob("*.py"))
    if path.name not in _OF_THE_ENGINE and not path.name.startswith("test_")
]


def _imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def test_nothing_of_headrace_is_imported() -> None:
    assert len(_EVALUATOR) > 8
    allowed = {f".{path.stem}" for path in _EVALUATOR}
    for path in _EVALUATOR:
        for name in _imported(path):
            root = name.split(".")[0]
            if name.startswith("."):
                assert name in allowed, f"{path.name} imports {name}"
            else:
                assert root not in ("headrace", "sqlglot", "yaml", "psycopg2", "tests"), f"{path.name} imports {name}"
                assert root in _STANDARD, f"{path.name} imports {name}"


_STANDARD = {
    *("__future__", "calendar", "collections", "dataclasses", "datetime", "decimal", "functools", "hashlib"),
    *("itertools", "math", "random", "re", "typing"),
}
