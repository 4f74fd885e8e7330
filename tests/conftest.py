"""What holds for all tests."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With HEADRACE_REQUIRE_SERVERS, as in CI, a test that would be skipped for want of a PostgreSQL fails."""
    report = yield
    if report.skipped and os.environ.get("HEADRACE_REQUIRE_SERVERS") and "PostgreSQL" in str(report.longrepr):
        report.outcome = "failed"
    return report
