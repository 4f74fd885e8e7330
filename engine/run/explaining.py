"""A node explained by the database itself: its plan, and with ``analyze`` what came of it. Nothing is left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from headrace.diagnostics import diagnose
from headrace.program.explained import ExplainedNode, ExplainedStatement
from headrace.program.instant import setting_instant
from headrace.program.quoting import literal, qualified
from headrace.run.ground import pointer_to
from headrace.run.loading import load_file
from headrace.run.query_plan import PlanPart, attributed
from headrace.run.session import Session
from headrace.run.stopped import ConnectionLost, Stopped
from headrace.run.tables import check_tables
from headrace.run.warehouse import Warehouse
from headrace.sql.identifiers import quoted

FAR = 10
"""So many times more or fewer rows than expected are worth a word."""

_FEW = 100
"""Of fewer rows than this nobody needs to know how many were expected."""


_BUFFERS = ("Shared Hit Blocks", "Shared Read Blocks", "Temp Read Blocks", "Temp Written Blocks")
"""What BUFFERS counts, in pages of 8 kB."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that stands out: an estimate that is far off, or rows that went through the disk."""

    kind: str
    step: str
    text: str

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "step": self.step, "text": self.text}


@dataclass(frozen=True, slots=True)
class StatementPlan:
    """The plan of one statement; ``seconds`` are None where it was not run.

    ``along`` are the steps that no part of the plan is named after: filters, formulas and the like, which are computed
    in the parts that read or join.
    """

    name: str
    query: str
    plan: PlanPart
    along: tuple[str, ...]
    buffers: Mapping[str, int]
    planning_seconds: float
    seconds: float | None

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "sql": self.query,
            "planning_seconds": self.planning_seconds,
            "seconds": self.seconds,
            "plan": self.plan.to_json(),
            "steps_along_the_way": list(self.along),
            "buffers": dict(self.buffers),
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the database says of a node: the plan of each of its statements, and what stands out in them."""

    node: str
    server: str
    analyzed: bool
    statements: tuple[StatementPlan, ...]
    remarks: tuple[Remark, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "headrace": 1,
            "node": self.node,
            "server": self.server,
            "analyzed": self.analyzed,
            "statements": [each.to_json() for each in self.statements],
            "remarks": [each.to_json() for each in self.remarks],
        }


def explain(
    warehouse: Warehouse, explained: ExplainedNode, folder: Path, *, analyze: bool = False, seconds: float = 60
) -> Explanation:
    """PostgreSQL's plans of a node's statements; with ``analyze`` they are run, each for at most ``seconds``.

    All is done in one transaction that is rolled back. Files are loaded, since PostgreSQL knows only of tables how many
    rows they have. Raises Stopped where a table that is read is missing or is not as declared, where a file has
    mistakes, and for what the server has against a statement.
    """
    node = explained.node
    try:
        with Session(warehouse, "headrace explain") as session:
            check_tables(session, explained.reads, whole=False)
            _check_needs(session, explained)
            session.run("BEGIN")
            try:
                return _explained(session, explained, folder, analyze, seconds)
            finally:
                with suppress(psycopg2.Error, ConnectionLost):
                    session.run("ROLLBACK")
    except ConnectionLost as lost:
        raise Stopped([lost.diagnostic]) from lost
    except psycopg2.errors.QueryCanceled as error:
        slow = diagnose("R291", pointer=pointer_to("nodes", node), node=node, seconds=f"{seconds:g}")
        raise Stopped([slow]) from error
    except psycopg2.Error as error:
        reason = (error.diag.message_primary or str(error)).strip().splitlines()[0].rstrip(".") + "."
        raise Stopped([diagnose("R292", pointer=pointer_to("nodes", node), node=node, reason=reason)]) from error


def _check_needs(session: Session, explained: ExplainedNode) -> None:
    missing = [
        diagnose(
            "R290",
            pointer=pointer_to("nodes", explained.node),
            node=explained.node,
            table=f"{target.schema}.{target.name}",
        )
        for _, target in explained.needs
        if session.ask(f"SELECT to_regclass({literal(qualified(target))}) IS NULL")[0][0]
    ]
    if missing:
        raise Stopped(missing)


def _explained(session: Session, explained: ExplainedNode, folder: Path, analyze: bool, seconds: float) -> Explanation:
    if explained.loads or any(each.target is not None for each in explained.statements):
        session.run(f"CREATE SCHEMA {quoted(explained.schema)}")
    for load in explained.loads:
        load_file(session, load, folder, allow_outside=True)
    if explained.instant:
        session.run(setting_instant(explained.instant))
    session.run(f"SET LOCAL statement_timeout TO {int(seconds * 1000)}")
    plans = tuple(_plan(session, each, analyze) for each in explained.statements)
    ((memory,),) = session.ask("SHOW work_mem")
    remarks = [remark for each in plans for remark in _remarks(each.plan, memory)]
    server = f"PostgreSQL {session.version // 10000}"
    return Explanation(explained.node, server, analyze, plans, tuple(remarks))


def _plan(session: Session, statement: ExplainedStatement, analyze: bool) -> StatementPlan:
    made, query = statement.query, statement.query
    if statement.target is not None:
        what = "CREATE TABLE {} AS" if statement.first else "INSERT INTO {}"
        made = f"{what.format(qualified(statement.target))}\n{query}"
    options = "ANALYZE, BUFFERS, VERBOSE, FORMAT JSON" if analyze else "VERBOSE, SUMMARY, FORMAT JSON"
    ((answer,),) = session.ask(f"EXPLAIN ({options})\n{made if analyze else query}")
    if statement.target is not None:
        if not analyze and statement.first:
            session.run(f"{made}\nWITH NO DATA")
        session.run(f"ANALYZE {qualified(statement.target)}")
    (found,) = answer
    plan = found["Plan"]
    if plan["Node Type"] == "ModifyTable":
        (plan,) = plan["Plans"]
    parts = attributed(plan, statement.blocks, statement.name)
    told = {part.step for part in parts.parts()}
    whole, *ctes = statement.blocks.blocks
    steps = (node.step for block in (*ctes, whole) for node in block.nodes)
    return StatementPlan(
        name=statement.name,
        query=query,
        plan=parts,
        along=tuple(dict.fromkeys(step for step in steps if step and step not in told)),
        buffers={name.removesuffix(" Blocks").lower().replace(" ", "_"): found["Plan"][name] for name in _BUFFERS}
        if analyze
        else {},
        planning_seconds=found.get("Planning Time", 0.0) / 1000,
        seconds=found["Execution Time"] / 1000 if analyze else None,
    )


def _remarks(plan: PlanPart, memory: str) -> Iterator[Remark]:
    for part in plan.parts():
        step = part.step or part.block
        factor = part.factor
        if factor is not None and part.actual is not None and is_far(part) and not any(map(is_far, part.inputs)):
            times = f"{factor:,.0f} times as many" if factor > 1 else f"{1 / factor:,.0f} times fewer"
            what = f"{part.operation} on {part.reads}" if part.reads else part.operation
            text = f"{_rows(part.actual)}, where {part.estimated:,.0f} were expected: {times} ({what})"
            yield Remark("estimate", step, text)
        if part.on_disk:
            text = f"{_size(part.on_disk)} went to disk: they did not fit in work_mem, {memory} ({part.operation})"
            yield Remark("disk", step, text)
        elif part.batches > 1:
            text = (
                f"the hash table went to disk in {part.batches} parts: it did not fit in work_mem, {memory} "
                f"({part.operation})"
            )
            yield Remark("disk", step, text)


def is_far(part: PlanPart) -> bool:
    factor = part.factor
    if factor is None or part.actual is None or part.is_helper or max(part.actual, part.estimated) < _FEW:
        return False
    return factor > FAR or (factor < 1 / FAR and not part.may_stop_early)


def _rows(count: float) -> str:
    return "1 row" if round(count) == 1 else f"{count:,.0f} rows"


def _size(count: int) -> str:
    return f"{count / 1024**2:,.1f} MB" if count >= 1024**2 / 10 else f"{count // 1024:,} kB"
