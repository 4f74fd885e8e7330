"""What reads what."""

from __future__ import annotations

import headrace
from graph.documents import SMALL
from headrace.graph import Graph, graph_of


def _graph() -> Graph:
    return graph_of(headrace.check(SMALL))


def test_vertices_and_edges() -> None:
    graph = _graph()
    assert list(graph.vertices) == ["sales", "customers", "totals", "named", "sorted", "other"]
    assert graph.edges == (
        ("sales", "totals"),
        ("totals", "named"),
        ("customers", "named"),
        ("named", "sorted"),
        ("customers", "other"),
    )
    assert [name for name, vertex in graph.vertices.items() if vertex.kept] == ["totals"]
    assert graph.vertices["named"].steps == ("join", "filter")
    assert graph.vertices["totals"].columns == (("id", "integer"), ("total", "integer"))
    assert graph.vertices["sales"].about == "rows"


def test_around() -> None:
    graph = _graph()
    assert list(graph.around(upstream=["named"]).vertices) == ["sales", "customers", "totals", "named"]
    below = graph.around(downstream=["customers"])
    assert list(below.vertices) == ["customers", "named", "sorted", "other"]
    assert below.edges == (("customers", "named"), ("named", "sorted"), ("customers", "other"))
    both = graph.around(["totals"], ["totals"])
    assert list(both.vertices) == ["sales", "totals", "named", "sorted"]


def test_as_data() -> None:
    data = _graph().to_json()
    assert data["edges"][0] == {"from": "sales", "to": "totals"}
    assert data["vertices"][2] == {
        "name": "totals",
        "role": "node",
        "kind": "table",
        "kept": True,
        "state": "ok",
        "place": None,
        "steps": ["aggregate"],
        "columns": [{"name": "id", "type": "integer"}, {"name": "total", "type": "integer"}],
    }


def test_nodes_with_mistakes_and_circles_are_in_it() -> None:
    document = {
        "headrace": 1,
        "sources": {"t": {"rows": [{"a": 1}]}},
        "nodes": {
            "bad": {"from": "t", "steps": [{"select": ["no"]}]},
            "after": {"from": "bad"},
            "one": {"from": "two"},
            "two": {"from": "one"},
            "behind": {"from": "two"},
            "lost": {"from": "nowhere"},
            "self": {"from": "self"},
        },
    }
    graph = graph_of(headrace.check(document))
    assert {name: vertex.state for name, vertex in graph.vertices.items()} == {
        "t": "ok",
        "bad": "bad",
        "after": "blocked",
        "one": "bad",
        "two": "bad",
        "behind": "blocked",
        "lost": "bad",
        "self": "bad",
    }
    assert ("t", "bad") in graph.edges
    assert ("one", "two") in graph.edges
    assert ("two", "one") in graph.edges
