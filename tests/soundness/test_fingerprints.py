"""A fingerprint is of what a node means: other words for the same do not change it, another meaning does.

dbt-labs/dbt-core#9562, dbt-labs/dbt-core#9564, dbt-labs/dbt-core#9573, dbt-labs/dbt-core#3576: what depended on the
environment alone (a schema, a database, a hook's text) made everything look changed.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from headrace import Engine

_DOCUMENT: dict[str, Any] = {
    "headrace": 1,
    "parameters": {"least": {"type": "integer", "default": 1}, "other": {"type": "integer", "default": 1}},
    "sources": {"t": {"rows": [{"a": 1, "b": 2}]}},
    "nodes": {
        "up": {"from": "t", "steps": [{"filter": "a >= $least"}]},
        "result": {"from": "up", "steps": [{"derive": {"c": "a + b"}}], "materialize": "table"},
    },
}


def _fingerprint(document: dict[str, Any], **parameters: Any) -> str:
    found = Engine().compile(document, parameters=parameters).nodes["result"].fingerprint
    assert found is not None
    return found


def _changed(*path: Any, to: Any) -> dict[str, Any]:
    document = copy.deepcopy(_DOCUMENT)
    place: Any = document
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = to
    return document


@pytest.mark.parametrize(
    "document",
    [
        _changed("nodes", "result", "steps", 0, to={"derive": {"c": "= a  +  b -- their sum"}}),
        _changed(
            "nodes", "result", "steps", 0, to={"derive": {"c": "a + b"}, "name": "sum", "note": "x", "meta": {"x": 1}}
        ),
        _changed("nodes", "result", "meta", to={"x": 5}),
        _changed("nodes", "unrelated", to={"from": "t"}),
        _changed("parameters", "other", "default", to=7),
        _changed("nodes", "up", "steps", 0, to={"filter": "[a] >= {{least}}"}),
        _changed("schema", to="test_of_ann"),
        _changed("warehouse", to="postgresql://elsewhere/test"),
        _changed("name", to="another"),
        _changed("nodes", "result", "tags", to=["nightly"]),
    ],
)
def test_the_same_meaning(document: dict[str, Any]) -> None:
    assert _fingerprint(document) == _fingerprint(_DOCUMENT)


@pytest.mark.parametrize(
    "document",
    [
        _changed("nodes", "result", "steps", 0, to={"derive": {"c": "b + a"}}),
        _changed("nodes", "result", "steps", 0, to={"derive": {"d": "a + b"}}),
        _changed("nodes", "up", "steps", 0, to={"filter": "a > $least"}),
        _changed("parameters", "least", "default", to=2),
        _changed("sources", "t", "rows", 0, to={"a": 1, "b": 3}),
        _changed("nodes", "result", "keys", to=["a"]),
    ],
)
def test_another_meaning(document: dict[str, Any]) -> None:
    assert _fingerprint(document) != _fingerprint(_DOCUMENT)


def test_the_value_of_a_parameter_counts_where_it_is_used() -> None:
    assert _fingerprint(_DOCUMENT, least=2) != _fingerprint(_DOCUMENT)
    assert _fingerprint(_DOCUMENT, other=2) == _fingerprint(_DOCUMENT)
