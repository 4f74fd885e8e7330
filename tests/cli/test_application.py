"""The command line as a whole: help, exit status, and how it ends when it must."""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from headrace.cli.application import COMMANDS

Run = Callable[..., tuple[int, str, str]]


def replace_command(monkeypatch: pytest.MonkeyPatch, name: str, body: Callable[[], object]) -> None:
    module = importlib.import_module(f"headrace.cli.commands.{name}")
    monkeypatch.setattr(module, "command", click.Command(name, callback=body))


@pytest.mark.parametrize(("name", "line"), COMMANDS)
def test_every_command_of_the_list_is_there_and_explains_itself(name: str, line: str, run: Run) -> None:
    command = importlib.import_module(f"headrace.cli.commands.{name}").command
    assert command.name == name
    status, out, _ = run(name, "--help")
    assert status == 0
    assert out.startswith(f"Usage: headrace {name}")
    assert command.help
    assert line.endswith(".")
    assert "Traceback" not in out


def test_help_is_quick_and_loads_little() -> None:
    """0.15 s is the target; the test takes the best of five and leaves a slow machine some room."""
    program = (
        "import sys\n"
        "from headrace.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print(*sorted({m.split('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd="/")
        seconds.append(time.perf_counter() - start)
    loaded = set(done.stderr.split())
    assert not loaded & {"sqlalchemy", "psycopg2", "jinja2", "rich", "sqlglot", "lark", "pydantic", "yaml"}
    assert min(seconds) < 0.25, seconds


def test_a_command_that_is_not_there_names_the_nearest(run: Run) -> None:
    status, _, err = run("chek")
    assert status == 2
    assert "There is no command chek. Did you mean check?" in err


def test_a_hostile_command_name_is_shown_harmlessly(run: Run) -> None:
    status, _, err = run("\x1b[2Jx")
    assert status == 2
    assert "\x1b" not in err


def test_an_unknown_option_is_a_mistake_of_the_user(run: Run) -> None:
    status, _, err = run("schema", "--nonsense")
    assert status == 2
    assert "--nonsense" in err


def test_ctrl_c_is_quiet(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    replace_command(monkeypatch, "schema", interrupted)
    status, out, err = run("schema")
    assert (status, out, err.strip()) == (130, "", "")


def test_a_mistake_of_ours_is_one_line_and_a_file(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken() -> None:
        raise RuntimeError("the wheel came off\nand more")

    replace_command(monkeypatch, "schema", broken)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "headrace.yaml").write_text("headrace: 1\n")
    status, out, err = run("schema")
    assert status == 1
    assert out == ""
    assert err.startswith("Headrace made a mistake of its own: RuntimeError: the wheel came off\n")
    assert "Traceback" not in err
    (saved,) = (tmp_path / ".headrace").iterdir()
    assert str(saved) in err
    assert "in broken" in saved.read_text()


def test_a_mistake_outside_a_project_leaves_nothing_in_the_current_folder(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken() -> None:
        raise RuntimeError("no")

    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "here").mkdir()
    replace_command(monkeypatch, "schema", broken)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    status, _, err = run("schema")
    assert status == 1
    assert list((tmp_path / "here").iterdir()) == []
    (saved,) = (tmp_path / "elsewhere").iterdir()
    assert str(saved) in err


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m headrace functions --format json | head -c 10"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, cwd="/", check=False
    )
    assert done.stdout == "[\n  {\n    "[:10]
    assert "Traceback" not in done.stderr
    assert "mistake" not in done.stderr


def test_version_is_that_of_the_package(run: Run) -> None:
    status, out, _ = run("--version")
    assert status == 0
    assert out == "headrace 0.1.0\n"
