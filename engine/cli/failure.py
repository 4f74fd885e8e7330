"""What is said when Headrace itself is wrong: one line, and the details in a file."""

from __future__ import annotations

import datetime
import os
import platform
import sys
import tempfile
import traceback
from importlib.metadata import version
from pathlib import Path

from headrace.cli.screen import plain_text, say


def report_mistake(mistake: BaseException) -> int:
    """Save the traceback and say where it is. Returns the exit status, 1."""
    first_line = plain_text(str(mistake).split("\n", 1)[0])[:200]
    say(f"Headrace made a mistake of its own: {type(mistake).__name__}: {first_line}", error=True, fg="red")
    saved = _save(mistake)
    if saved is not None:
        say(f"The details are in {plain_text(str(saved))}; please send that file with your report.", error=True)
    return 1


def _save(mistake: BaseException) -> Path | None:
    now = datetime.datetime.now()
    text = "\n".join(
        (
            f"headrace {version('headrace')}, Python {platform.python_version()}, {platform.platform()}",
            f"at {now.isoformat(timespec='seconds')}: {' '.join(sys.argv)}",
            "",
            *traceback.format_exception(mistake),
        )
    )
    name = f"mistake-{now:%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    for folder in (Path.cwd() / ".headrace", Path(tempfile.gettempdir())):
        try:
            if folder.name == ".headrace" and not (folder.parent / "headrace.yaml").is_file():
                continue  # the current folder is no project: leave nothing in it
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(text, "utf-8", errors="backslashreplace")
        except OSError:
            continue
        return folder / name
    return None
