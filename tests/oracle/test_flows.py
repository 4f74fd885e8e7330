"""Random flows give on PostgreSQL the rows, and have the types, that the evaluator gives them.

HEADRACE_ORACLE_FLOWS says how many; half of them run on each server. ``make soak`` runs as many as one likes on both,
with every strategy of expansions.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

import pytest

from .comparing import STRATEGIES, told
from .making_flows import random_flow
from .printing import document_of
from .soak import failure, least_failing

COUNT = int(os.environ.get("HEADRACE_ORACLE_FLOWS", "2000"))
_BATCHES = 20


@pytest.mark.parametrize("batch", range(_BATCHES))
def test_flows(batch: int, connection: Any) -> None:
    """Every second flow on each server; its expansions as the engine chooses, or in one of the strategies."""
    is_newer = connection.server_version >= 160000
    for seed in range(batch, COUNT, _BATCHES):
        if (seed // _BATCHES) % 2 == is_newer:
            continue
        made = random_flow(seed)
        strategies = (STRATEGIES[seed // _BATCHES % len(STRATEGIES)],)
        what = failure(made, [connection], strategies)
        if what is not None:
            least = least_failing(made, [connection], strategies, what)
            pytest.fail(f"{failure(least, [connection], strategies)}\n{told(seed, least)}", pytrace=False)


def test_a_seed_gives_one_flow() -> None:
    assert random_flow(7) == random_flow(7)
    assert len({json.dumps(document_of(random_flow(seed).flow), default=str) for seed in range(50)}) > 45


def test_flows_are_not_all_empty() -> None:
    """Most nodes have rows, or the comparison would be worth little."""
    sizes = [len(table.rows) for seed in range(200) for table in random_flow(seed).tables.values()]
    assert sum(size > 0 for size in sizes) > len(sizes) * 0.55
    assert sum(size > 3 for size in sizes) > len(sizes) * 0.25


@cache
def _documents() -> list[dict[str, Any]]:
    return [document_of(random_flow(seed).flow) for seed in range(400)]


def test_flows_have_steps_of_every_kind() -> None:
    """Every step that has a page, but sql, which is no step of ours to interpret."""
    from step_pages import FOLDER

    found = {
        word
        for document in _documents()
        for node in document["nodes"].values()
        for step in (*node["steps"], *node.get("then", ()))
        for word in step
    }
    assert found == {path.stem for path in FOLDER.glob("*.md")} - {"sql"}


def test_flows_have_formulas_of_every_kind() -> None:
    """Of what the evaluator knows beside functions, each is there."""
    written = [json.dumps(document, ensure_ascii=False, default=str) for document in _documents()]
    for part in _PARTS:
        assert any(part in each for each in written), part


_PARTS = (
    *(
        "first_own(",
        "other_own(",
        "[virtual ",
        "in $listed",
        " range ",
        " rows ",
        "regexp_",
        "rel.",
        "parent.",
        "distinct ",
    ),
    *(f'"{type_}"' for type_ in ("time", "timestamp", "timestamptz", "uuid", "decimal(30, 2)", "float", "boolean")),
    *('"severity"', '"then"', '"zip"', '"relations"', '"functions"', '"formulas"'),
)
