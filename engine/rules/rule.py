"""What a rule of the optimizer is, and what is told of one that has changed a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from headrace.plan import Relation
from headrace.plan.changes import Change, changes
from headrace.plan.estimates import Estimates


@dataclass(frozen=True, slots=True)
class Rule:
    """A rewriting of plans: the same rows (bag, names, types; order where the plan ends in a sort), computed better.

    ``rewrite`` takes a whole plan and gives a better one, or the very same object where it has nothing to change. It
    must not change which rows an expression that may fail is computed for, unless only to fewer. ``name`` is what
    ``--rules`` and ``--explain-rules`` call it: the name of its module.
    """

    name: str
    rewrite: Callable[[Relation, Estimates], Relation]


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule that has changed a plan, and the plan before and after."""

    rule: str
    before: Relation
    after: Relation

    @property
    def changes(self) -> tuple[Change, ...]:
        """The parts of the plan that the rule has changed, as lines for a reader; found when they are asked for."""
        return changes(self.before, self.after)

    def to_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "changes": [each.to_json() for each in self.changes]}
