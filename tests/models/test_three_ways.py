"""The design's example documents mean the same as YAML, as JSON and as Python objects, and damage never raises."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from headrace.compiler import Engine
from headrace.models import load_document, read_data, read_yaml
from headrace.models.json_reader import read_json
from headrace.policy import OWNER

EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.yaml"))

WITH_NODES = [path for path in EXAMPLES if path.stem != "semantic_model"]
"""A semantic model has no nodes; this version names it as not supported."""


@pytest.mark.parametrize("path", WITH_NODES, ids=lambda path: path.stem)
def test_yaml_json_and_python_give_the_same_document(path: Path) -> None:
    text = path.read_text("utf-8")
    data = yaml.load(text, Loader=yaml.BaseLoader)
    from_yaml = load_document(read_yaml(text)).document
    assert from_yaml.nodes
    for reading in (read_data(data), read_json(json.dumps(data))):
        other = load_document(reading).document
        assert set(other.nodes) == set(from_yaml.nodes)
        for name, node in from_yaml.nodes.items():
            assert [step.key for step in other.nodes[name].steps] == [step.key for step in node.steps]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield (*path, key)
            yield from _paths(value[key], (*path, key))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_deleting_any_part_never_raises(path: Path) -> None:
    document = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
    engine = Engine(OWNER)
    for where in list(_paths(document)):
        damaged = copy.deepcopy(document)
        parent = damaged
        for part in where[:-1]:
            parent = parent[part]
        del parent[where[-1]]
        assert json.dumps(engine.check(damaged).to_json())
