"""``docs/tutorial.md`` as what it tells its reader to do: files to write, and commands with what they print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "tutorial.md"
HOME = "/home/ann"

_FENCE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
_FILE = re.compile(r"`([\w./]+\.(?:csv|yaml))`")
_SECONDS = re.compile(r" *\d+\.\d+ s")


@dataclass(frozen=True)
class File:
    """A file that the reader writes, by its path in the project."""

    path: str
    text: str


@dataclass(frozen=True)
class Command:
    """A line typed at the prompt, and the lines that follow it."""

    line: str
    shown: tuple[str, ...]


def steps_of(page: str) -> Iterator[File | Command]:
    """What the page tells to do, in order. A file is the last one named before its text."""
    for match in _FENCE.finditer(page):
        language, text = match[1], match[2]
        if language != "console":
            yield File(_FILE.findall(page[: match.start()])[-1], text)
            continue
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            line, *shown = part.rstrip("\n").split("\n")
            yield Command(line, tuple(shown))


class Shell:
    """A reader at work: an empty home, and ``headrace`` on the path."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home
        programs = home / "bin"
        programs.mkdir()
        command = programs / "headrace"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m headrace "$@"\n')
        command.chmod(0o755)
        self.environment = {
            "HOME": str(home),
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }

    def write(self, file: File) -> None:
        path = self.folder / file.path
        path.parent.mkdir(exist_ok=True)
        path.write_text(file.text, "utf-8")

    def do(self, line: str) -> list[str]:
        """What the command prints, on both streams."""
        if line.startswith("cd "):
            self.folder = self.folder / line.removeprefix("cd ")
            return []
        done = subprocess.run(
            line,
            shell=True,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return done.stdout.replace(str(self.home), HOME).rstrip("\n").split("\n") if done.stdout else []


def comparable(lines: list[str] | tuple[str, ...]) -> list[str]:
    """The lines without what differs from one time to the next."""
    return [_SECONDS.sub(" 0.0 s", line).rstrip() for line in lines]
