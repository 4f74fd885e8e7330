"""The contract for those who embed the engine: pure, shared between threads, never raising for what a user wrote."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from headrace.compiler import Engine
from headrace.policy import OWNER

TESTS = Path(__file__).parents[1]

CDNOW = yaml.load(
    (Path(__file__).parents[2] / "examples/cdnow/flows/customers.yaml").read_text("utf-8"), Loader=yaml.BaseLoader
)

SMALL: dict[str, Any] = {
    "headrace": 1,
    "flow": "small",
    "parameters": {"least": {"type": "integer", "default": 2}},
    "sources": {
        "sales": {"rows": [{"id": 1, "country": "FR", "amount": 5}, {"id": 2, "country": "DE", "amount": 1}]},
        "countries": {"rows": [{"code": "FR", "name": "France"}], "keys": ["code"]},
    },
    "nodes": {
        "big": {"from": "sales", "steps": [{"filter": "amount >= $least"}, {"derive": {"twice": "amount * 2"}}]},
        "named": {
            "from": "big",
            "steps": [{"join": {"with": "countries", "by": {"country": "code"}, "kind": "left"}}],
            "materialize": "table",
        },
        "each": {
            "for_each": {"least": [1, 2, 3]},
            "from": "big",
            "steps": [{"aggregate": {"measures": {"n": "count()", "total": "sum(twice)"}}}],
            "then": [{"sort": "least desc"}],
            "materialize": "table",
        },
    },
}


def test_eight_threads_give_the_bytes_of_one() -> None:
    """Seen at dbt-labs/dbt-core#1276, dbt-labs/dbt-core#2013."""
    engine = Engine(OWNER)
    documents = []
    for number in range(24):
        document = copy.deepcopy(CDNOW if number % 2 else SMALL)
        document["flow"] = f"flow_{number % 5}"
        documents.append(document)
    alone = [json.dumps(engine.compile(document).to_json()) for document in documents]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda document: json.dumps(engine.compile(document).to_json()), documents * 4))
    assert together == alone * 4


_ALL_CASES = """
import hashlib, json
from case_files import case_paths, read_case
from case_runs import ENGINE
for path in case_paths():
    case = read_case(path)
    result = ENGINE.compile(case.document, case.catalog, case.parameters, case.row_filters, as_of=case.as_of)
    print(path, hashlib.sha256(json.dumps(result.to_json()).encode()).hexdigest())
"""


def test_the_bytes_of_no_case_depend_on_the_order_of_hashes() -> None:
    texts = [
        subprocess.run(
            [sys.executable, "-c", _ALL_CASES],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(TESTS)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for seed in ("1", "2")
    ]
    assert len(texts[0]) > 500
    assert [*zip(*texts, strict=True)] == [(line,) * 2 for line in texts[0]]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key in value:
            yield (*path, key)
            yield from _paths(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield (*path, index)
            yield from _paths(value[index], (*path, index))


def _parent(document: Any, path: tuple[Any, ...]) -> Any:
    for part in path[:-1]:
        document = document[part]
    return document


@pytest.mark.parametrize("document", [SMALL, CDNOW], ids=["small", "cdnow"])
def test_no_deleted_part_raises(document: dict[str, Any]) -> None:
    engine = Engine(OWNER)
    for path in list(_paths(document)):
        damaged = copy.deepcopy(document)
        del _parent(damaged, path)[path[-1]]
        result = engine.compile(damaged)
        json.dumps(result.to_json())
        engine.preview(damaged, None, "each")


@pytest.mark.parametrize("document", [SMALL, CDNOW], ids=["small", "cdnow"])
def test_no_cut_text_raises_and_what_stands_upstream_keeps_its_columns(document: dict[str, Any]) -> None:
    engine = Engine(OWNER)
    whole = engine.check(document)
    for path in list(_paths(document)):
        text = _parent(document, path)[path[-1]]
        if not isinstance(text, str):
            continue
        for end in range(len(text)):
            damaged = copy.deepcopy(document)
            _parent(damaged, path)[path[-1]] = text[:end]
            result = engine.check(damaged)
            if len(path) > 3 and path[0] == "nodes" and path[2] == "steps":
                before = result.nodes[path[1]].steps[: path[3]]
                expected = whole.nodes[path[1]].steps[: path[3]]
                assert [step.schema for step in before] == [step.schema for step in expected]


def test_what_depends_on_a_mistake_is_blocked_without_a_word() -> None:
    """Seen at dbt-labs/dbt-core#7751."""
    document = copy.deepcopy(SMALL)
    document["nodes"]["big"]["steps"][1]["derive"]["twice"] = "amuont * 2"
    result = Engine().compile(document)
    assert [(each.code, each.pointer) for each in result.diagnostics] == [("F100", "/nodes/big/steps/1/derive/twice")]
    states = {name: node.state for name, node in result.nodes.items()}
    assert states == {"big": "bad", "named": "blocked", "each": "blocked"}
    assert [step.state for step in result.nodes["big"].steps] == ["ok", "bad"]
    assert [step.state for step in result.nodes["named"].steps] == ["blocked"]


def test_a_document_from_outside_reaches_nothing_but_the_catalog() -> None:
    document = {
        "headrace": 1,
        "sources": {
            "file": {"file": "/etc/passwd", "columns": {"line": "text"}},
            "secret": {"table": "pg_catalog.pg_authid", "columns": {"rolname": "text"}},
            "known": {"table": "shop.orders"},
        },
        "nodes": {
            "a": {"from": "file", "materialize": "table"},
            "b": {"from": "secret", "materialize": "table"},
            "c": {"from": "known", "materialize": "table"},
        },
    }
    catalog = {"headrace": 1, "tables": {"shop.orders": {"columns": {"id": "integer"}}}}
    result = Engine().compile(document, catalog)
    assert sorted(each.code for each in result.diagnostics) == ["P201", "P203"]
    assert {name for name, node in result.nodes.items() if node.sql} == {"c"}
    assert "passwd" not in json.dumps(result.to_json()["program"])


def test_a_row_filter_holds_at_every_scan() -> None:
    filters = {"sales": 'country = "FR"'}
    result = Engine().compile(SMALL, row_filters=filters)
    assert result.ok
    for node in result.nodes.values():
        assert node.sql is not None
        assert node.sql.count("AS sales(") == node.sql.count("country = 'FR'") > 0


def test_a_row_filter_that_means_nothing_lets_nothing_through() -> None:
    result = Engine().compile(SMALL, row_filters={"sales": "contry = 1"})
    assert [each.code for each in result.diagnostics] == ["P205"]
    assert not any(node.sql for node in result.nodes.values())
