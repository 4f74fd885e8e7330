"""The tutorial is true: in an empty home, each of its commands prints what the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from tutorial import PAGE, Command, File, Shell, comparable, steps_of

from headrace.models import load_document, read_yaml

STEPS = list(steps_of(PAGE.read_text("utf-8")))


def test_every_command_prints_what_is_shown(open_folder: Path) -> None:
    """One after the other, with the PostgreSQL that Headrace brings along."""
    home = open_folder / "home"
    home.mkdir()
    home.chmod(0o755)
    shell = Shell(home)
    for step in STEPS:
        if isinstance(step, File):
            shell.write(step)
            continue
        assert comparable(shell.do(step.line)) == comparable(step.shown), step.line
    assert not (home / ".headrace").exists()


def test_the_tutorial_goes_all_the_way() -> None:
    done = {step.line.split()[1] for step in STEPS if isinstance(step, Command) and step.line.startswith("headrace ")}
    assert done >= {"init", "add", "check", "preview", "run", "test"}


@pytest.mark.parametrize("file", [step for step in STEPS if isinstance(step, File) and step.path.endswith(".yaml")])
def test_its_documents_load(file: File) -> None:
    assert load_document(read_yaml(file.text)).diagnostics == ()


def test_a_wrong_line_is_seen() -> None:
    assert comparable(["x  1.25 s", "5 rows "]) == comparable(("x 0.01 s", "5 rows"))
    assert comparable(["5 rows"]) != comparable(["6 rows"])
