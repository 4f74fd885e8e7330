"""Random joins of totals have the same rows with rules and without."""

from __future__ import annotations

from typing import Any

from random_totals import RULES, compare_totals

SEEDS = range(100)


def test_rules_change_no_row(connection: Any) -> None:
    fired: set[str] = set()
    with connection.cursor() as cursor:
        for seed in SEEDS:
            fired |= compare_totals(seed, cursor)
    connection.rollback()
    assert fired == set(RULES), "the documents are of shapes that the rules change"
