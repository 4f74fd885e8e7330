"""What is known, or guessed, of how many rows a relation has."""

from __future__ import annotations

from headrace.plan.relation import Relation


class Estimates:
    """Estimated sizes of relations; None where nothing is known, and a rule that can lose then does nothing."""

    def rows(self, relation: Relation) -> float | None:
        """How many rows the relation has, as far as its bounds say."""
        bounds = relation.rows
        return float(bounds.least) if bounds.most == bounds.least else None
