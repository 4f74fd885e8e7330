"""Where the time of a test run goes: a table by folder and server at its end, and the slowest tests."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Generator

import pytest

_SLOWEST = 10
_STARTING = "seconds until the server was up"
_NO_SERVER = "none"
_SERVERS = ("15", "18", _NO_SERVER)


class TimesByFolder:
    """A plugin of pytest: adds up how long tests took, the start of the servers apart."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.tests: Counter[str] = Counter()
        self.slowest: Counter[str] = Counter()
        self.starting = 0.0
        self._started_in_setup = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        start = time.perf_counter()
        result = yield
        if fixturedef.argname == "server":
            self._started_in_setup = time.perf_counter() - start
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.when == "setup" and self._started_in_setup:
            # Where tests run in several processes, a report is all that comes from them.
            report.user_properties.append((_STARTING, self._started_in_setup))
            self._started_in_setup = 0.0
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        seconds = report.duration
        if report.when == "setup":
            started = sum(float(str(value)) for name, value in report.user_properties if name == _STARTING)
            self.starting += started
            seconds = max(0.0, seconds - started)
        elif report.when == "call":
            self.tests[folder_of(report.nodeid)] += 1
        self.seconds[folder_of(report.nodeid)][server_of(report.nodeid)] += seconds
        self.slowest[report.nodeid] += seconds

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if len(self.seconds) > 1:
            terminalreporter.section("seconds by folder")
            terminalreporter.write_line("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """The table, slowest folder first, and below it the slowest tests."""
        head = ["folder", "tests", "seconds", *(f"on {name}" for name in _SERVERS)]
        rows = []
        for folder, by in sorted(self.seconds.items(), key=lambda each: -each[1].total()):
            rows.append([folder, str(self.tests[folder]), *_written(by.total(), *(by[name] for name in _SERVERS))])
        by_server = [sum(by[name] for by in self.seconds.values()) for name in _SERVERS]
        rows.append(["starting servers", "", *_written(self.starting), "", "", ""])
        rows.append(["all", str(self.tests.total()), *_written(sum(by_server) + self.starting, *by_server)])
        widths = [max(len(row[place]) for row in [head, *rows]) for place in range(len(head))]
        lines = []
        for folder, *cells in [head, *rows]:
            numbers = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
            lines.append("  ".join([folder.ljust(widths[0]), *numbers]).rstrip())
        slowest = [f"{seconds:6.1f}  {name}" for name, seconds in self.slowest.most_common(_SLOWEST)]
        return [*lines, "", "the slowest tests", *slowest]


def _written(*seconds: float) -> list[str]:
    return [f"{each:.1f}" for each in seconds]


def folder_of(nodeid: str) -> str:
    """The folder of a test, or its file where it is in none.

    >>> folder_of("tests/plan/test_facts.py::test_keys[x]"), folder_of("tests/test_readme.py::test_it")
    ('tests/plan', 'tests/test_readme.py')
    """
    parts = nodeid.partition("::")[0].split("/")
    return "/".join(parts[:2])


def server_of(nodeid: str) -> str:
    """The PostgreSQL that a test ran on, which is the first of its parameters.

    >>> server_of("t.py::test_a[15-x]"), server_of("t.py::test_a[18]"), server_of("t.py::test_a[x-15]")
    ('15', '18', 'none')
    """
    first = nodeid.partition("[")[2].rstrip("]").partition("-")[0]
    return first if first in _SERVERS[:2] else _NO_SERVER
