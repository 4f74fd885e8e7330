"""What a run tells while it is at work, and what it has come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from headrace.diagnostics import Diagnostic
from headrace.program.program import Target

RunState = Literal["succeeded", "failed", "interrupted"]
StepKind = Literal["load", "table", "intermediate", "view"]


@dataclass(frozen=True, slots=True)
class Computed:
    """For how many of the values of its parameters an incremental node was computed, and how many there are."""

    values: int
    of: int

    def __str__(self) -> str:
        return f"computed for {self.values:,} of {self.of:,} value{'s' * (self.of != 1)}"


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run has its number and begins with the first of its ``steps`` (sources and nodes, in order)."""

    run: int
    project: str
    schema: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaitingForRun:
    """Another run builds the tables of the same schema; ``holder`` says which."""

    schema: str
    holder: str


@dataclass(frozen=True, slots=True)
class StepStarted:
    name: str
    kind: StepKind


@dataclass(frozen=True, slots=True)
class RowsLoaded:
    """The file of ``source`` is in the database."""

    source: str
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class TableBuilt:
    """The table of ``node`` is finished, and waits for the swap; ``rows`` are those that were ``computed``."""

    node: str
    kind: StepKind
    rows: int
    seconds: float
    computed: Computed | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A check of ``node`` has been made: ``failed`` is how many rows break it, 0 where it holds."""

    node: str
    subject: str
    severity: Literal["warn", "stop"]
    failed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Retrying:
    """``name`` (a node, or ``swap``, ``connection``) is tried again after ``wait`` seconds, for the given reason."""

    name: str
    reason: str
    wait: float


@dataclass(frozen=True, slots=True)
class Swapped:
    """The new tables and views have taken the place of the old ones."""

    targets: tuple[Target, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class RunFailed:
    """The run ends without having changed a table."""

    diagnostics: tuple[Diagnostic, ...]


Event = RunStarted | WaitingForRun | StepStarted | RowsLoaded | TableBuilt | Checked | Retrying | Swapped | RunFailed


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of one source or node. ``rows`` is None for a view and for what did not run to its end.

    Of an incremental node, ``computed`` says how much of it ``rows`` are.
    """

    name: str
    kind: StepKind
    state: Literal["succeeded", "failed", "not run"]
    rows: int | None = None
    seconds: float = 0.0
    target: Target | None = None
    computed: Computed | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "state": self.state,
            "rows": self.rows,
            "seconds": round(self.seconds, 3),
            "target": [self.target.schema, self.target.name] if self.target else None,
            "computed": {"values": self.computed.values, "of": self.computed.of} if self.computed else None,
        }


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What became of one check. ``failed`` is how many rows break it; ``kept_in`` is the table that has the first of
    them, None where none fails or they could not be kept."""

    node: str
    step: str
    subject: str
    severity: Literal["warn", "stop"]
    failed: int
    kept_in: Target | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "node": self.node,
            "step": self.step,
            "subject": self.subject,
            "severity": self.severity,
            "failed": self.failed,
            "kept_in": [self.kept_in.schema, self.kept_in.name] if self.kept_in else None,
        }


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended. Where it did not succeed, no table was changed and ``diagnostics`` say why; where it did, they
    are warnings, of ``checks`` that do not hold and only warn.

    ``run`` is its number in ``headrace.runs``, None where it did not come to that.
    """

    state: RunState
    run: int | None = None
    steps: tuple[StepResult, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0
    checks: tuple[CheckResult, ...] = ()

    @property
    def ok(self) -> bool:
        return self.state == "succeeded"

    def to_json(self) -> dict[str, Any]:
        return {
            "headrace": 1,
            "state": self.state,
            "run": self.run,
            "steps": [step.to_json() for step in self.steps],
            "checks": [check.to_json() for check in self.checks],
            "diagnostics": [diagnostic.to_json() for diagnostic in self.diagnostics],
            "seconds": round(self.seconds, 3),
        }
