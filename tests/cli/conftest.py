"""The command line, called in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from headrace.cli.application import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``headrace ARGUMENTS`` in this process: status, standard output, standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(arguments)
        out, err = capsys.readouterr()
        status = end.value.code
        assert isinstance(status, int)
        assert "Traceback" not in out + err
        return status, out, err

    return call
