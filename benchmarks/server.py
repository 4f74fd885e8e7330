"""The server that benchmarks of run time use."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headrace.run import embedded


@contextmanager
def server(url: str | None) -> Iterator[str]:
    """The URL of the database: ``url``, or that of a server started for the time being, in a folder that is removed
    after."""
    if url is not None:
        yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        with embedded.start(Path(folder)) as running:
            yield running.url
