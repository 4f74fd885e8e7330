"""docs/lineage.md is true: what it shows is what the commands print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from headrace.cli.application import application

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "lineage.md").read_text("utf-8")
SHOWN = re.findall(r"```console\n\$ headrace (.*?)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command for command, _ in SHOWN])
def test_commands_print_what_the_page_shows(command: str, output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(application, shlex.split(command))
    assert done.output.strip() == output.strip()


def test_the_page_shows_commands() -> None:
    assert len(SHOWN) == 3
