"""Seeds each fault in turn and asks whether random flows see it: ``make mutations``, or ``python -m tests.mutations``.

Each is applied to a copy of the sources, of which a process of its own then asks random flows until one fails. The
table in README.md is written when all have been asked.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from headrace.run import embedded
from tests.linguistic import linguistic_database
from tests.mutations.patches import ROOT, Mutation, mutated, mutations
from tests.mutations.report import MISSES, Asked, with_rows

LEAST_CAUGHT = 36
_FLOWS = 2_000
_PACKAGES = {"engine": "", "grammar": "grammar", "models": "models"}
"""Folders of the tree, and where in the package ``headrace`` they are installed."""
_PATIENCE = 3_600
README = Path(__file__).resolve().parent / "README.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where enough faults are caught and the tree as it is has none; else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__.splitlines()[0])
    parser.add_argument("--flows", type=int, default=_FLOWS, help="how many flows may be asked of each fault")
    parser.add_argument("--server", help="the URL of a PostgreSQL to use; without it one of our own is started")
    parser.add_argument("--only", type=int, nargs="+", help="the faults to seed; only their rows are written")
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    chosen = [each for each in mutations() if not options.only or each.number in options.only]
    with _server(options.server) as server, linguistic_database(server) as database:
        asked = []
        for mutation in chosen:
            asked.append(ask(mutation, database, options.flows))
            print(f"{mutation.number:02d} {mutation.name}: {asked[-1].told}, {asked[-1].seconds:.0f} s", flush=True)
    caught = sum(each.failed is not None for each in asked)
    print(f"{caught} of {len(asked)} caught by {options.flows:,} flows, {time.perf_counter() - start:.0f} s in all")
    README.write_text(with_rows(README.read_text("utf-8"), asked, options.flows), "utf-8")
    if options.only:
        return 0
    unexplained = [each.mutation.name for each in asked if each.failed is None and each.mutation.name not in MISSES]
    if unexplained:
        print(f"missed, and {README.name} does not say why: {', '.join(unexplained)}")
    return 0 if caught >= LEAST_CAUGHT else 1


@contextmanager
def _server(given: str | None) -> Iterator[str]:
    if given is not None:
        yield given
        return
    folder = Path(tempfile.gettempdir()).resolve() / f"headrace-mutations-{os.urandom(4).hex()}"
    folder.mkdir(mode=0o755)
    oldest = Path("/usr/lib/postgresql/15/bin")
    try:
        with embedded.start(folder, programs=oldest if oldest.exists() else None) as running:
            yield running.url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ask(mutation: Mutation, database: str, flows: int) -> Asked:
    """What random flows say of a copy of the sources with the fault, on the database of that URL."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="headrace-mutation-") as folder:
        made = _copy(mutation, Path(folder))
        path = os.pathsep.join([str(made), str(ROOT / "tests"), str(ROOT)])
        ran = subprocess.run(
            [sys.executable, "-m", "tests.mutations.asking", database, str(flows)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    seconds = time.perf_counter() - start
    if ran.returncode:
        raise RuntimeError(f"{mutation.name} is no fault that flows could see; nothing runs\n{ran.stderr[-2000:]}")
    told = json.loads(ran.stdout.splitlines()[-1])
    if Path(told["headrace"]).resolve() != (made / "headrace").resolve():
        raise RuntimeError(f"asked {told['headrace']}, not the copy with the fault")
    return Asked(mutation, told["failed"], told["asked"], seconds)


def _copy(mutation: Mutation, folder: Path) -> Path:
    """A folder that holds the package ``headrace`` with the fault."""
    skipped = shutil.ignore_patterns("__pycache__")
    for name, place in _PACKAGES.items():
        shutil.copytree(ROOT / name, folder / "headrace" / place, ignore=skipped, dirs_exist_ok=True)
    for path in mutation.paths:
        name, _, rest = path.partition("/")
        text = (ROOT / path).read_text("utf-8")
        (folder / "headrace" / _PACKAGES[name] / rest).write_text(mutated(mutation, path, text), "utf-8")
    return folder


if __name__ == "__main__":
    sys.exit(main())
