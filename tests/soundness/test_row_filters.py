"""What a host hides, nothing shows: no preview of a source, a node or one of its steps."""

from __future__ import annotations

from typing import Any

import pytest

from headrace import Engine

_DOCUMENT: dict[str, Any] = {
    "headrace": 1,
    "sources": {"t": {"rows": [{"k": 1, "secret": "x"}, {"k": 2, "secret": "y"}]}},
    "nodes": {"n": {"from": "t", "steps": [{"filter": "k > 0"}, {"sort": "k desc"}]}},
}


@pytest.mark.parametrize(
    ("filters", "node", "step"),
    [({"t": "k = 1"}, "t", None), ({"n": "k = 1"}, "n", None), ({"n": "k = 1"}, "n", 2), ({"t": "k = 1"}, "n", 1)],
)
def test_previews_are_filtered(filters: dict[str, str], node: str, step: int | None) -> None:
    shown = Engine().preview(_DOCUMENT, None, node, step, row_filters=filters)
    assert shown.sql is not None
    assert "k = 1" in shown.sql
    if node == "n" and step != 1:
        assert "ORDER BY\n  k DESC" in shown.sql


def test_a_step_before_the_filtered_result_is_not_shown() -> None:
    shown = Engine().preview(_DOCUMENT, None, "n", 1, row_filters={"n": "k = 1"})
    assert shown.sql is None
    assert [each.code for each in shown.diagnostics] == ["P205"]


@pytest.mark.parametrize("formula", ["k +", "nothing = 1", "k", "null", ""])
def test_a_filter_that_cannot_be_used_shows_nothing(formula: str) -> None:
    for node in ("t", "n"):
        shown = Engine().preview(_DOCUMENT, None, node, row_filters={"t": formula})
        assert shown.sql is None
        assert "P205" in [each.code for each in shown.diagnostics]
    assert Engine().compile(_DOCUMENT, row_filters={"t": formula}).nodes["n"].sql is None
