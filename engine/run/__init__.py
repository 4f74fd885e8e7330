"""Running programs in a warehouse. Importing this package imports psycopg2."""

from headrace.run.events import (
    Checked,
    CheckResult,
    Computed,
    Event,
    Retrying,
    RowsLoaded,
    RunFailed,
    RunResult,
    RunStarted,
    StepResult,
    StepStarted,
    Swapped,
    TableBuilt,
    WaitingForRun,
)
from headrace.run.runner import run_program
from headrace.run.session import Patience
from headrace.run.testing import TestRun, run_tests

__all__ = [
    "CheckResult",
    "Checked",
    "Computed",
    "Event",
    "Patience",
    "Retrying",
    "RowsLoaded",
    "RunFailed",
    "RunResult",
    "RunStarted",
    "StepResult",
    "StepStarted",
    "Swapped",
    "TableBuilt",
    "TestRun",
    "WaitingForRun",
    "run_program",
    "run_tests",
]
