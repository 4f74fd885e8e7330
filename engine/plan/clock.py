"""How the values of a plan depend on the moment at which they are computed, through ``now()`` and ``today()``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from typing import Literal as Choice

from headrace.grammar.expression import Call, Column, Expression, Frame, Literal, Order, walk
from headrace.grammar.functions import entry_of
from headrace.plan.relation import Relation, postorder
from headrace.plan.scans import NodeScan


@dataclass(frozen=True, slots=True)
class Clock:
    """When a table is stale though nothing it reads has changed.

    ``none``: never; ``day``: when the day changes in one of ``zones``, which are names of time zones; ``instant``:
    always.
    """

    changes: Choice["none", "day", "instant"] = "none"
    zones: tuple[str, ...] = ()

    def __or__(self, other: Clock) -> Clock:
        if "instant" in (self.changes, other.changes):
            return Clock("instant")
        if self.changes == "none":
            return other
        return self if other.changes == "none" else Clock("day", tuple(sorted({*self.zones, *other.zones})))

    def __str__(self) -> str:
        if self.changes == "day":
            return f"stale when the day changes in {' or '.join(self.zones)}: today() is in it"
        return "stale at once: now() is in it" if self.changes == "instant" else "stale only when an input changes"

    def to_json(self) -> dict[str, Any]:
        return {"changes": self.changes, "zones": list(self.zones)}


NEVER = Clock()


def clock_of(relation: Relation, node: Callable[[str], Clock] = lambda name: NEVER) -> Clock:
    """The clock of a plan; ``node`` gives that of a node which it reads.

    >>> from headrace.grammar.types import Schema, Type
    >>> from headrace.plan import Project, Rows
    >>> rows = Rows("t", Schema(()), ((),))
    >>> moment = Call(Type("timestamptz"), "now", 0, ())
    >>> clock_of(Project(rows, (("at", moment),))).changes
    'instant'
    """
    found = NEVER
    for each in postorder(relation):
        if isinstance(each, NodeScan):
            found |= node(each.node)
        for expression in expressions_of(each):
            if not isinstance(expression, Column):  # Most of a plan is columns that go through it.
                found |= _clock(walk(expression))
    return found


def expressions_of(relation: Relation) -> Iterator[Expression]:
    """The expressions that stand in a node itself, not in its inputs."""
    for name, item in relation.__dataclass_fields__.items():
        if item.init:
            yield from _expressions(getattr(relation, name))


def _expressions(value: Any) -> Iterator[Expression]:
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _expressions(each)
    elif isinstance(value, Order):
        yield value.value
    elif isinstance(value, Frame) and value.preceding is not None:
        yield value.preceding


def _clock(parts: Iterable[Expression]) -> Clock:
    found = NEVER
    for part in parts:
        if not isinstance(part, Call):
            continue
        changes = entry_of(part).clock
        if changes == "day":
            zone = part.arguments[0] if part.arguments else None
            # A zone that stands in a column, or comes by a parameter, can be any: its day can change at any time.
            known = isinstance(zone, Literal) and isinstance(zone.value, str)
            found |= Clock("day", (str(zone.value),)) if known and isinstance(zone, Literal) else Clock("instant")
        elif changes == "instant":
            found |= Clock("instant")
    return found
