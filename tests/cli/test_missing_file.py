"""A source whose file is not there is told of before anything runs, at the line that names it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_check_names_the_missing_file_and_its_place(tmp_path: Path) -> None:
    (tmp_path / "headrace.yaml").write_text(
        "headrace: 1\nname: shop\nsources:\n  sales:\n    file: data/sales.csv\n    columns: {id: integer}\n"
        "nodes:\n  all: {from: sales, materialize: table}\n",
        "utf-8",
    )
    for command in ("check", "compile"):
        done = subprocess.run(
            [sys.executable, "-m", "headrace", command, str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        said = done.stdout + done.stderr
        assert "headrace.yaml:5:" in said
        assert "data/sales.csv" in said
        assert "Traceback" not in said
