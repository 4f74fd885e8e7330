"""Each benchmark has a minute's version that ends with a line of JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.compile_rivals import write_dbt, write_headrace, write_sqlmesh
from headrace.cli import main

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["start", "compile", "formulas", "parametric", "tpch", "aggregation", "graphs"])
def test_the_quick_version_ends_with_its_figures(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--quick", "--rounds", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["benchmark"] == name
    assert last["base"] in last["medians"]
    assert all(seconds > 0 for seconds in last["medians"].values())


def test_the_rivals_compile_the_same_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As many models as nodes, and a project of ours without mistakes."""
    write_headrace(tmp_path / "ours", 25)
    with pytest.raises(SystemExit) as ended:
        main(["check", str(tmp_path / "ours")])
    assert ended.value.code in (0, None), capsys.readouterr().out
    for write in (write_dbt, write_sqlmesh):
        write(tmp_path / write.__name__, 25, "postgresql://somebody@127.0.0.1:5432/shop")
        assert len(list((tmp_path / write.__name__ / "models").glob("node_*.sql"))) == 25
