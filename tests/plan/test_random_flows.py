"""Random flows give the rows that an evaluator of our own gives, and bear out what their plans claim."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from case_runs import bear_out, build_program, undone
from same_rows import difference

from headrace import Engine
from headrace.bind import bind
from headrace.catalog import Catalog
from headrace.models import load_document, read_data
from headrace.program.quoting import qualified

from .flows import random_flow

_COUNT = int(os.environ.get("HEADRACE_RANDOM_FLOWS", "150"))
_BATCH = 25
_ALL_ROWS = 1_000_000


@pytest.mark.parametrize("first", range(0, _COUNT, _BATCH))
def test_flows(first: int, connection: Any) -> None:
    for seed in range(first, first + _BATCH):
        with undone(connection) as cursor:
            compare_flow(seed, cursor)


def compare_flow(seed: int, cursor: Any) -> None:
    """Raises AssertionError where the rows of the seed's flow are not those of the evaluator, or not as claimed."""
    flow = random_flow(seed)
    told = f"seed {seed}\n{json.dumps(flow.document, indent=1)}"
    result = Engine().compile(flow.document)
    assert result.ok, f"{[each.to_json() for each in result.diagnostics]}\n{told}"
    bound, _ = bind([load_document(read_data(flow.document)).document], Catalog())
    for name, node in bound.nodes.items():
        shown = Engine().preview(flow.document, None, name, limit=_ALL_ROWS)
        assert shown.sql is not None, told
        assert node.plan is not None, told
        cursor.execute(shown.sql)
        rows = list(cursor.fetchall())
        about = f"{name}\n{shown.sql}\n{told}"
        bear_out(node.plan, rows, about)
        names = node.plan.schema.names
        assert names == flow.tables[name].names, about
        found = difference(flow.tables[name].rows, rows, names)
        assert found is None, f"{found}\n{about}"
    assert result.program is not None
    build_program(cursor, result.program)
    for build in result.program.builds:
        cursor.execute(f"SELECT * FROM {qualified(build.target)}")
        found = difference(flow.tables[build.node].rows, cursor.fetchall(), flow.tables[build.node].names)
        assert found is None, f"{build.kind} {build.node}\n{found}\n{build.sql}\n{told}"


def test_a_seed_gives_one_flow() -> None:
    assert random_flow(7) == random_flow(7)
    assert len({json.dumps(random_flow(seed).document) for seed in range(50)}) > 45


def test_flows_are_not_all_empty() -> None:
    """Most nodes have rows, or the comparison would be worth little."""
    sizes = [len(table.rows) for seed in range(100) for table in random_flow(seed).tables.values()]
    assert sum(size > 0 for size in sizes) > len(sizes) * 0.6
    assert sum(size > 3 for size in sizes) > len(sizes) * 0.2
