"""``headrace format``: files rewritten whole or not at all, and what it says of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def cdnow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples" / "cdnow", tmp_path / "cdnow", ignore=shutil.ignore_patterns(".*", "target"))
    return tmp_path / "cdnow"


def test_a_project_is_formatted_once(cdnow: Path, run: Run) -> None:
    flow = cdnow / "flows" / "customers.yaml"
    flow.chmod(0o640)
    assert run("format", "cdnow") == (0, "formatted cdnow/flows/customers.yaml\n1 file changed, 1 file in order\n", "")
    assert "      - filter: revenue > 100\n" in flow.read_text("utf-8")
    assert flow.stat().st_mode & 0o777 == 0o640
    assert run("format", "cdnow") == (0, "2 files in order\n", "")
    assert run("check", "cdnow")[0] == 0
    assert sorted(path.name for path in flow.parent.iterdir()) == ["customers.yaml"]


def test_check_writes_nothing_and_tells_by_its_status(cdnow: Path, run: Run) -> None:
    flow = cdnow / "flows" / "customers.yaml"
    before = flow.read_bytes()
    status, out, _ = run("format", "--check", "cdnow")
    assert (status, out.splitlines()[0]) == (2, "would format cdnow/flows/customers.yaml")
    assert flow.read_bytes() == before
    run("format", "cdnow")
    assert run("format", "--check", "cdnow")[0] == 0


def test_diff_shows_what_would_change(cdnow: Path, run: Run) -> None:
    flow = cdnow / "flows" / "customers.yaml"
    before = flow.read_bytes()
    status, out, _ = run("format", "--diff", str(flow))
    assert status == 0
    assert out.splitlines()[3:9] == [
        " headrace: 1",
        " flow: customers",
        " parameters:",
        "-  month: {type: date, default: 1998-06-30}",
        "+  month:",
        "+    type: date",
    ]
    assert flow.read_bytes() == before
    assert run("format", "--diff", "--check", str(flow))[0] == 2


def test_what_cannot_be_read_is_left_as_it_is(cdnow: Path, run: Run) -> None:
    broken, latin = cdnow / "flows" / "broken.yaml", cdnow / "flows" / "latin.yml"
    broken.write_text("nodes: [a")
    latin.write_bytes(b"description: caf\xe9\n")
    status, out, err = run("format", "cdnow")
    assert status == 2
    assert "1 file changed, 1 file in order" in out
    assert "cdnow/flows/broken.yaml:1:8" in err
    assert "error M002" in err
    assert "error M010" in err
    assert (broken.read_text(), latin.read_bytes()) == ("nodes: [a", b"description: caf\xe9\n")


def test_a_missing_path_is_one_diagnostic(cdnow: Path, run: Run) -> None:
    status, out, err = run("format", "nosuch")
    assert (status, out) == (2, "There is nothing to format.\n")
    assert "error M030: There is no file or folder nosuch." in err


def test_the_scaffold_is_in_order(cdnow: Path, run: Run) -> None:
    run("init", "my")
    assert run("format", "--check", "my")[0] == 0


def test_a_link_stays_a_link(cdnow: Path, run: Run) -> None:
    real = cdnow.parent / "real.yaml"
    real.write_text("a: {b: c}\n")
    link = cdnow.parent / "link.yaml"
    link.symlink_to(real)
    assert run("format", str(link), str(real))[0] == 0
    assert link.is_symlink()
    assert real.read_text() == "a:\n  b: c\n"
