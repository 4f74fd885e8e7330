"""The table of faults in README.md: which random flows see, by which seed, and why others are missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.mutations.patches import Mutation, mutations

MISSES: dict[str, str] = {}
"""Why flows cannot see a fault, by its name."""

_BEGIN, _END = "<!-- faults: begin -->", "<!-- faults: end -->"


@dataclass(frozen=True)
class Asked:
    """What random flows said of a fault: the one that failed, or None, after ``flows`` of them."""

    mutation: Mutation
    failed: dict[str, Any] | None
    flows: int
    seconds: float

    @property
    def told(self) -> str:
        if self.failed is None:
            return f"MISSED by {self.flows:,} flows"
        return f"caught by {self.failed['kind']} {self.failed['seed']} ({self.failed['error'][:90]})"


def with_rows(page: str, asked: Sequence[Asked], flows: int) -> str:
    """The page with the rows of these faults in its table, those of others as they were, and how many are caught.

    Raises ValueError where the page has no place for the table.
    """
    before, found, rest = page.partition(_BEGIN)
    table, closed, after = rest.partition(_END)
    if not found or not closed:
        raise ValueError("the page has no place for the table")
    rows = {line.split()[1]: line for line in table.splitlines() if line.startswith("| ") and line[2:4].isdigit()}
    rows |= {f"{each.mutation.number:02d}": _row(each) for each in asked}
    caught = sum("**missed**" not in row for row in rows.values())
    told = f"{caught} of {len(rows)} are caught by {flows:,} flows."
    waiting = [f"{each.number:02d} {each.name}" for each in mutations() if f"{each.number:02d}" not in rows]
    if waiting:
        told += f" Not asked yet: {', '.join(waiting)}."
    lines = [
        told,
        "",
        "| fault | what is wrong | caught by | after flows |",
        "|---|---|---|--:|",
        *(rows[number] for number in sorted(rows)),
    ]
    return "\n".join([before + _BEGIN, *lines, _END + after])


def _row(asked: Asked) -> str:
    mutation = asked.mutation
    by, after = f"**missed**: {MISSES.get(mutation.name, 'it is not known yet why')}", ""
    if asked.failed is not None:
        by, after = f"{asked.failed['kind']} {asked.failed['seed']}", f"{asked.flows:,}"
    return f"| {mutation.number:02d} {mutation.name} | {mutation.reason} | {by} | {after} |"
