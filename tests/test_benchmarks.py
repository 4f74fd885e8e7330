"""Each benchmark has a minute's version that ends with a line of JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["start", "compile", "formulas", "parametric", "tpch", "aggregation"])
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
