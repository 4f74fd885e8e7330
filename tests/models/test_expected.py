"""What the models expect at each place of a document."""

from __future__ import annotations

import pytest

from headrace.models.expected import expected_at


@pytest.mark.parametrize(
    ("pointer", "scalar"),
    [
        ("/nodes/x/steps/0/derive/net", "formula"),
        ("/nodes/x/then/0/derive/net", "formula"),
        ("/nodes/x/steps/0/filter", "formula"),
        ("/nodes/x/steps/0/select", "column"),
        ("/nodes/x/steps/0/select/1", "column"),
        ("/nodes/x/steps/0/select/1/month", "formula"),
        ("/nodes/x/steps/0/select/month", "formula"),
        ("/nodes/x/steps/0/aggregate/by", "column"),
        ("/nodes/x/steps/0/aggregate/by/0/month", "formula"),
        ("/nodes/x/steps/0/aggregate/measures/revenue", "formula"),
        ("/nodes/x/steps/0/sort", "order"),
        ("/nodes/x/steps/0/sort/1", "order"),
        ("/nodes/x/steps/0/limit/order/0", "order"),
        ("/nodes/x/steps/0/name", "other"),
        ("/nodes/x/steps/0/rename/new", "other"),
        ("/nodes/x/from", "other"),
        ("/sources/x/formulas/net", "formula"),
        ("/functions/net(x)", "formula"),
        ("/nowhere/at/all", "other"),
    ],
)
def test_where_formulas_stand(pointer: str, scalar: str) -> None:
    assert expected_at(pointer).scalar == scalar


def test_keys_of_mappings() -> None:
    assert expected_at("").keys[:2] == ("headrace", "name")
    assert expected_at("/nodes/x").keys[:4] == ("from", "for_each", "steps", "then")
    steps = expected_at("/nodes/x/steps/0").keys
    assert {"select", "derive", "filter", "name", "note"} <= {*steps}
    assert expected_at("/nodes/x/steps/0/aggregate").keys == ("by", "measures")
    assert expected_at("/nodes/x/steps/0/derive").keys == ()
    assert {"columns", "jinja"} <= {*steps}
    assert expected_at("/nodes/x/steps/0/sql").keys == ()


def test_words() -> None:
    assert expected_at("/nodes/x/steps/0/join/cardinality").words[0] == "one_to_one"
    assert {"inline", "view", "table"} <= {*expected_at("/nodes/x/materialize").words}
    assert expected_at("/nodes/x/materialize/kind").words == expected_at("/nodes/x/materialize").words
