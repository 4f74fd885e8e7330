"""Running programs in a warehouse. Importing this package imports psycopg2."""

from headrace.run.events import (
    Checked,
    CheckResult,
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

__all__ = [
    "CheckResult",
    "Checked",
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
    "WaitingForRun",
    "run_program",
]
