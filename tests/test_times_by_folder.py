"""The table of times at the end of a test run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from times_by_folder import TimesByFolder, folder_of, server_of


def _report(nodeid: str, when: str, duration: float) -> Any:
    return SimpleNamespace(nodeid=nodeid, when=when, duration=duration, user_properties=[])


def test_folders_and_servers() -> None:
    assert folder_of("tests/plan/test_facts.py::test_keys[x]") == "tests/plan"
    assert folder_of("tests/test_readme.py::test_it") == "tests/test_readme.py"
    assert [server_of(f"t.py::test_a{each}") for each in ("[15-x]", "[18]", "[x-15]", "")] == [
        "15",
        "18",
        "none",
        "none",
    ]


def test_times_are_added_up_and_the_start_of_a_server_is_no_test_s() -> None:
    times = TimesByFolder()
    fixture: Any = SimpleNamespace(argname="server")  # all that is read of it
    starting = times.pytest_fixture_setup(fixture)
    next(starting)
    with pytest.raises(StopIteration):
        starting.send(None)
    assert times._started_in_setup > 0
    times._started_in_setup = 3.0
    for phase, seconds in (("setup", 3.5), ("call", 2.0), ("teardown", 0.25)):
        making = times.pytest_runtest_makereport()
        next(making)
        with pytest.raises(StopIteration) as made:
            making.send(_report("tests/a/test_x.py::test_y[15-z]", phase, seconds))
        times.pytest_runtest_logreport(made.value.value)
    times.pytest_runtest_logreport(_report("tests/test_b.py::test_c", "call", 1.5))
    assert times.lines() == [
        "folder            tests  seconds  on 15  on 18  on none",
        "tests/a               1      2.8    2.8    0.0      0.0",
        "tests/test_b.py       1      1.5    0.0    0.0      1.5",
        "starting servers             3.0",
        "all                   2      7.2    2.8    0.0      1.5",
        "",
        "the slowest tests",
        "   2.8  tests/a/test_x.py::test_y[15-z]",
        "   1.5  tests/test_b.py::test_c",
    ]
