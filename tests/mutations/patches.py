"""The patches: each a fault, seeded on purpose, of which random flows must see the wrong rows.

A patch is a unified diff with little context, and before it one line that says what is wrong with it. It applies where
the lines it takes out, with their context, stand exactly once in the file; their numbers do not matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Hunk:
    """Lines of the file ``path``, and what they become."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Mutation:
    """``number`` and ``name`` are those of its file; ``reason`` is one line for a reader."""

    number: int
    name: str
    reason: str
    hunks: tuple[Hunk, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(hunk.path for hunk in self.hunks))


def mutations() -> list[Mutation]:
    """All of them, by number."""
    return [read_mutation(path) for path in sorted(FOLDER.glob("*.patch"))]


def read_mutation(path: Path) -> Mutation:
    """The mutation in a file ``NN-name.patch``. Raises ValueError where it has no reason or no hunk."""
    number, _, name = path.stem.partition("-")
    reason, _, diff = path.read_text("utf-8").partition("\n")
    hunks: list[Hunk] = []
    for file in re.split(r"^--- a/.*\n", diff, flags=re.MULTILINE)[1:]:
        head, _, rest = file.partition("\n")
        for lines in re.split(r"^@@ .*\n", rest, flags=re.MULTILINE)[1:]:
            hunks.append(_hunk(head.removeprefix("+++ b/"), lines.splitlines(keepends=True)))
    if not reason or not hunks:
        raise ValueError(f"{path.name} has no reason, or changes nothing")
    return Mutation(int(number), name, reason, tuple(hunks))


def _hunk(path: str, lines: list[str]) -> Hunk:
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    return Hunk(path, before, after)


def mutated(mutation: Mutation, path: str, text: str) -> str:
    """The text of the file ``path`` with the fault. Raises ValueError where a hunk does not fit in one place."""
    for hunk in mutation.hunks:
        if hunk.path != path:
            continue
        places = len(re.findall(rf"^{re.escape(hunk.before)}", text, flags=re.MULTILINE))
        if places != 1:
            raise ValueError(f"{mutation.number:02d}-{mutation.name} fits {places} places of {path}")
        at = re.search(rf"^{re.escape(hunk.before)}", text, flags=re.MULTILINE)
        assert at is not None
        text = text[: at.start()] + hunk.after + text[at.end() :]
    return text
