"""The example documents: read three ways to equal models, accepted by the JSON Schema, and damaged everywhere."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from headrace.models import InvalidStep, Reading, load_document, read_data, read_json, read_yaml
from headrace.models.element import join_pointer
from headrace.models.scalar import PlainText
from headrace.models.schema import json_schema
from headrace.models.steps import LATER_STEPS, Aggregate
from tests.models.documents import TEXTS, as_json, as_python, codes_of
from tests.models.schema_check import problems

NAMES = sorted(TEXTS)


def test_what_is_found_wrong_with_the_examples() -> None:
    assert codes_of(TEXTS["customers"]) == []
    # unlogged, indexes, and grants of two nodes
    assert codes_of(TEXTS["short_and_long"]) == ["M115"] * 4
    assert codes_of(TEXTS["semantic_model"]) == ["M112"]
    # connection, the later steps, and materialize: incremental
    assert sorted(codes_of(TEXTS["every_step"])) == ["M111"] * 2 + ["M122"] * len(LATER_STEPS)


@pytest.mark.parametrize("name", NAMES)
def test_yaml_json_and_python_are_equal(name: str) -> None:
    reading = read_yaml(TEXTS[name])
    first = load_document(reading)
    for other in (read_json(as_json(reading.data)), read_data(as_python(reading.data))):
        loaded = load_document(other)
        assert loaded.document == first.document
        assert [(d.code, d.pointer, d.message) for d in loaded.diagnostics] == [
            (d.code, d.pointer, d.message) for d in first.diagnostics
        ]


@pytest.mark.parametrize("name", ["customers", "every_step", "semantic_model"])
def test_objects_of_an_ordinary_yaml_loader_are_equal_too(name: str) -> None:
    """PyYAML makes dates and integers of what a model reads as text; the design's examples mean the same so."""
    assert (
        load_document(read_data(yaml.safe_load(TEXTS[name]))).document == load_document(read_yaml(TEXTS[name])).document
    )


@pytest.mark.parametrize("name", NAMES)
def test_formulas_are_the_text_that_was_written(name: str) -> None:
    """Every formula of a loaded step stands in the text of the document, at the place that the reading gives."""
    reading = read_yaml(TEXTS[name])
    lines = TEXTS[name].split("\n")
    for node in load_document(reading).document.nodes.values():
        for step in (*node.steps, *node.then):
            for part, formula in getattr(step, "measures", {}).items():
                place = reading.locate(step.at("measures", part), offset=0)
                assert place is not None
                assert lines[place[0] - 1][place[1] - 1 :].startswith(formula)


def test_pointers_lead_to_the_parts() -> None:
    loaded = load_document(read_yaml(TEXTS["every_step"]))
    node = loaded.document.nodes["example"]
    assert node.pointer == "/nodes/example"
    assert [step.pointer for step in node.steps] == [f"/nodes/example/steps/{n}" for n in range(len(node.steps))]
    assert node.steps[3].at("label") == "/nodes/example/steps/3/derive/label"
    aggregate = node.steps[5]
    assert isinstance(aggregate, Aggregate)
    assert [column.pointer for column in aggregate.by] == [
        "/nodes/example/steps/5/aggregate/by/0",
        "/nodes/example/steps/5/aggregate/by/1/month",
    ]
    for pointer in ("/sources/sales/columns/amount", "/sources/calendar/series/day", "/parameters/month"):
        element: Any = loaded.document
        for part in pointer.split("/")[1:]:
            element = element[part] if isinstance(element, dict) else getattr(element, part)
        assert element.pointer == pointer


# The schema


@pytest.mark.parametrize("name", [name for name in NAMES if name != "semantic_model"])
def test_the_schema_accepts_the_examples(name: str) -> None:
    assert problems(json_schema(), as_python(read_yaml(TEXTS[name]).data)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"headrace": 2},
        {"nods": {}},
        {"nodes": {"n": {"from": "t", "form": "t"}}},
        {"nodes": {"n": {"from": "t", "steps": [{"filtr": "a"}]}}},
        {"nodes": {"n": {"from": "t", "steps": [{"limit": {"row": 1}}]}}},
        {"nodes": {"n": {"from": "t", "steps": [{"join": {"with": "c", "kind": "outer"}}]}}},
        {"nodes": {"n": {"from": "t", "materialize": "tabel"}}},
        {"sources": {"s": {"file": "a.csv", "columns": {"a": {"typ": "text"}}}}},
        {"sources": {"s": {"series": {"d": {"every": "1 day"}}}}},
    ],
)
def test_the_schema_refuses_what_the_models_refuse(change: dict[str, Any]) -> None:
    document = {"headrace": 1, **change}
    assert problems(json_schema(), document) != []
    assert codes_of(read_data(document)) != []


# Damage


def _parts(value: Any, pointer: str = "", path: tuple[Any, ...] = ()) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        where = join_pointer(pointer, key)
        yield where, (*path, key), item
        yield from _parts(item, where, (*path, key))


def _changed(data: Any, path: tuple[Any, ...], *value: Any) -> Any:
    """A copy of ``data`` with ``value`` at ``path``, or without what is there."""
    damaged = copy.deepcopy(data)
    parent = damaged
    for part in path[:-1]:
        parent = parent[part]
    if value:
        parent[path[-1]] = value[0]
    else:
        del parent[path[-1]]
    return damaged


def _check_damaged(data: Any, where: str, before: dict[str, Any]) -> None:
    """It loads, every diagnostic has a place, and nodes that the damage does not touch are as they were."""
    loaded = load_document(Reading(data))
    assert all(each.pointer is not None for each in loaded.diagnostics)
    for name, node in before.items():
        if where.startswith("/nodes/") and not (where + "/").startswith(node.pointer + "/"):
            assert loaded.document.nodes[name] == node


@pytest.mark.parametrize("name", NAMES)
def test_deleting_each_key_and_emptying_each_value_never_raises(name: str) -> None:
    data = read_yaml(TEXTS[name]).data
    before = dict(load_document(Reading(data)).document.nodes)
    for where, path, _ in list(_parts(data)):
        for damaged in (_changed(data, path), _changed(data, path, None), _changed(data, path, ["x", {"y": None}])):
            _check_damaged(damaged, where, before)


@pytest.mark.parametrize("name", ["customers", "semantic_model"])
def test_cutting_each_scalar_at_each_position_never_raises(name: str) -> None:
    data = read_yaml(TEXTS[name]).data
    before = dict(load_document(Reading(data)).document.nodes)
    for where, path, item in list(_parts(data)):
        if isinstance(item, str):
            for end in range(len(item)):
                _check_damaged(_changed(data, path, PlainText(item[:end])), where, before)


@pytest.mark.parametrize("name", NAMES)
def test_cutting_the_text_never_raises_and_keeps_whole_nodes(name: str) -> None:
    """A half-written file: what is read is loaded, and the steps before the cut are those of the whole file."""
    text = TEXTS[name]
    whole = load_document(read_yaml(text)).document.nodes
    for end in range(0, len(text), 37):
        reading = read_yaml(text[:end])
        loaded = load_document(reading)
        for each in loaded.diagnostics:
            assert reading.placed(each).line is not None
        for node_name, node in loaded.document.nodes.items():
            if node_name in whole:
                kept = [step for step in node.steps[:-1] if not isinstance(step, InvalidStep)]
                assert all(step in whole[node_name].steps for step in kept)
