"""What is not in a column's lineage does not change it: random flows run again with one column of a source changed."""

from __future__ import annotations

import copy
import json
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from case_runs import undone

import headrace
from headrace import Engine
from headrace.graph import Place, ProjectLineage
from tests.oracle.making_flows import flow_of_whole_numbers
from tests.oracle.printing import document_of

_COUNT = int(os.environ.get("HEADRACE_LINEAGE_FLOWS", "16"))
_BATCH = 8

Rows = list[tuple[Any, ...]]


def _reversed(value: int | None) -> int | None:
    """Other values in the other order; equal ones stay equal, so that keys stay keys."""
    return None if value is None else 7 - value


def _merged(value: int | None) -> int | None:
    """Values that were different become alike."""
    return None if value is None else value // 2


def _changed(
    document: dict[str, Any], source: str, column: str, change: Callable[[int | None], int | None]
) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    for row in changed["sources"][source]["rows"]:
        row[column] = change(row[column])
    return changed


def _rows(document: dict[str, Any], node: str, cursor: Any) -> Rows:
    shown = Engine().preview(document, None, node, limit=1_000_000)
    assert shown.sql is not None, [each.message for each in shown.diagnostics]
    cursor.execute(shown.sql)
    return list(cursor.fetchall())


@pytest.mark.parametrize("first", range(0, _COUNT, _BATCH))
def test_flows(first: int, connection: Any) -> None:
    untouched = touched = 0
    for seed in range(first, first + _BATCH):
        document = document_of(flow_of_whole_numbers(seed).flow)
        for source in document["sources"].values():
            source.pop("keys", None)  # so that values may become alike
        lineage = ProjectLineage(headrace.check(document))
        with undone(connection) as cursor:
            before = {node: _rows(document, node, cursor) for node in document["nodes"]}
            for source in document["sources"]:
                for column in lineage.columns(source):
                    for change in (_reversed, _merged):
                        changed = _changed(document, source, column, change)
                        same, other = _compare(seed, lineage, before, changed, Place(source, column), cursor)
                        untouched, touched = untouched + same, touched + other
    assert untouched > 10
    assert touched > 10


def _compare(
    seed: int, lineage: ProjectLineage, before: dict[str, Rows], changed: dict[str, Any], at: Place, cursor: Any
) -> tuple[int, int]:
    """How many columns had to stay, and how many of those that might change did."""
    same = other = 0
    for node, rows in before.items():
        after = _rows(changed, node, cursor)
        for index, name in enumerate(lineage.columns(node)):
            is_same = Counter(row[index] for row in rows) == Counter(row[index] for row in after)
            if at in {link.origin for link in lineage.upstream(Place(node, name))}:
                other += not is_same
            else:
                same += 1
                assert is_same, f"seed {seed}: {node}.{name} depends on {at}\n{json.dumps(changed, indent=1)}"
    return same, other
