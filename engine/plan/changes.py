"""What is different between two plans, as the lines of both that changed, with a little of what stands around."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from headrace.plan.relation import Relation
from headrace.plan.tree import PlanLine, keys_told, plan_lines

_CONTEXT = 1
"""So many lines that did not change are shown before and after those that did."""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a plan; ``changed`` where the other plan has none like it."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a plan before and after."""

    before: tuple[ShownLine, ...]
    after: tuple[ShownLine, ...]

    def to_json(self) -> dict[str, Any]:
        """``{"before": [{"text": "distinct once", "changed": true}, …], "after": …}``."""
        return {
            name: [{"text": line.text, "changed": line.changed} for line in lines]
            for name, lines in (("before", self.before), ("after", self.after))
        }


def changes(before: Relation, after: Relation) -> tuple[Change, ...]:
    """The parts in which two plans differ, in their order.

    The line before a change says what is known of its rows, since keys are why many a step can be left out.

    >>> from headrace.grammar.types import Schema, Type
    >>> from headrace.plan import Distinct, Key, TableScan
    >>> scan = TableScan("t", "s.t", Schema.of({"id": Type("integer")}), (Key({"id"}),))
    >>> change, = changes(Distinct(scan, step="once"), scan)
    >>> [line.text for line in change.before], [line.text for line in change.after]
    (['from t, key id', 'distinct once'], ['from t, key id'])
    """
    return tuple(_changes(plan_lines(before), plan_lines(after)))


def _changes(old: list[PlanLine], new: list[PlanLine]) -> Iterator[Change]:
    matcher = SequenceMatcher(None, list(map(str, old)), list(map(str, new)), autojunk=False)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        before: list[ShownLine] = []
        after: list[ShownLine] = []
        depth = min(line.depth for _, i, j, k, m in group for line in (*old[i:j], *new[k:m]))
        for tag, i, j, k, m in group:
            reason = tag == "equal" and not before
            before.extend(_shown(line, depth, tag != "equal", reason) for line in old[i:j])
            after.extend(_shown(line, depth, tag != "equal", reason) for line in new[k:m])
        yield Change(tuple(before), tuple(after))


def _shown(line: PlanLine, depth: int, changed: bool, with_keys: bool) -> ShownLine:
    text = str(line)[4 * depth :] if depth else str(line)
    if with_keys and line.node.inputs and line.node.keys:
        text += f"  [{keys_told(line.node.keys)}]"
    return ShownLine(text, changed)
