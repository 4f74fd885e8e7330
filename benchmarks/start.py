"""How long cold processes take to start: importing Headrace, its help, and compiling the CDNOW example."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.harness import arguments, in_turn, report

CDNOW = Path(__file__).parents[1] / "examples" / "cdnow"


def main() -> None:
    options = arguments(__doc__ or "")
    with tempfile.TemporaryDirectory() as out:
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import headrace": [sys.executable, "-c", "import headrace"],
            "headrace --help": [sys.executable, "-m", "headrace", "--help"],
            "headrace check": [sys.executable, "-m", "headrace", "check", str(CDNOW)],
            "headrace compile": [sys.executable, "-m", "headrace", "compile", str(CDNOW), "--out", out],
        }
        rivals = {
            name: partial(subprocess.run, command, check=True, capture_output=True)
            for name, command in commands.items()
        }
        timings = in_turn(rivals, options.rounds or (5 if options.quick else 15))
    report("start", timings, "python -c pass")


if __name__ == "__main__":
    main()
