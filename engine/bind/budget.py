"""How many columns the steps of a project may make: their SQL names every one of them in every step."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.plan import Relation

MOST_COLUMNS = 200_000
"""Columns of all relations of a project, where a policy does not say otherwise."""


@dataclass
class ColumnBudget:
    """Counts the columns of all relations that steps have made; ``limit`` is for the whole project."""

    limit: int
    used: int = 0

    def take(self, before: Relation, after: Relation) -> bool:
        """Count what a step has put upon ``before``; whether it was still allowed."""
        relation = after
        while relation is not before:
            self.used += len(relation.schema)
            if not relation.inputs:
                break
            relation = relation.inputs[0]
        return self.used <= self.limit
