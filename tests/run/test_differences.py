"""The comparison of rows: a bag, floats nearly, keys that pair what differs."""

from __future__ import annotations

import random

import pytest

from headrace.run.differences import Changed, Row, difference
from run.programs import schema_of

TEXTS = schema_of({"k": "integer", "v": "text"})
FLOATS = schema_of({"k": "text", "x": "float", "y": "float"})


def test_the_same_rows_in_any_order() -> None:
    rows: list[Row] = [("1", "a"), ("1", "a"), (None, None), ("2", None)]
    for _ in range(20):
        other = random.sample(rows, len(rows))
        assert not difference(rows, other, TEXTS)
        assert difference(rows, other, TEXTS, ordered=True).moved == next(
            (number for number, pair in enumerate(zip(rows, other, strict=True), 1) if pair[0] != pair[1]), None
        )


@pytest.mark.parametrize(
    ("expected", "found", "missing", "unexpected"),
    [
        ([("1", "a")], [], [("1", "a")], []),
        ([], [("1", "a")], [], [("1", "a")]),
        ([("1", "a"), ("1", "a")], [("1", "a")], [("1", "a")], []),
        ([("1", "a")], [("1", "a")] * 3, [], [("1", "a")] * 2),
        ([("1", None)], [("1", "")], [("1", None)], [("1", "")]),
        ([("1", "null")], [("1", None)], [("1", "null")], [("1", None)]),
    ],
)
def test_rows_of_one_side(expected: list[Row], found: list[Row], missing: list[Row], unexpected: list[Row]) -> None:
    told = difference(expected, found, TEXTS)
    assert (list(told.missing), list(told.unexpected), told.changed) == (missing, unexpected, ())


def test_a_key_pairs_rows() -> None:
    expected: list[Row] = [("1", "a"), ("2", "b"), ("3", "c")]
    found: list[Row] = [("3", "x"), ("1", "a"), ("4", "d")]
    told = difference(expected, found, TEXTS, ["k"])
    assert told.changed == (Changed(("3", "c"), ("3", "x"), ("v",)),)
    assert (told.missing, told.unexpected) == ((("2", "b"),), (("4", "d"),))
    assert told.count == 3


@pytest.mark.parametrize(
    ("expected", "found", "same"),
    [
        ([("a", "0.1", "1")], [("a", "0.10000000000000001", "1")], True),
        ([("a", "1", "1")], [("a", "1.0000000005", "1")], True),
        ([("a", "1", "1")], [("a", "1.00001", "1")], False),
        ([("a", "1e300", "1")], [("a", "1.0000000001e+300", "1")], True),
        ([("a", "NaN", None)], [("a", "NaN", None)], True),
        ([("a", "NaN", "1")], [("a", "1", "1")], False),
        ([("a", "Infinity", "1")], [("a", "Infinity", "1")], True),
        ([("a", "Infinity", "1")], [("a", "-Infinity", "1")], False),
        ([("a", "0", "1")], [("a", None, "1")], False),
        ([("a", "0", "1")], [("a", "-0", "1")], True),
        # Near in the one and far in the other, so that which meets which matters.
        ([("a", "1", "1"), ("a", "1", "2")], [("a", "1", "2"), ("a", "1", "1")], True),
        ([("a", "1", "1"), ("a", "1.0000000001", "2")], [("a", "1.0000000001", "1"), ("a", "1", "2")], True),
    ],
)
def test_floats_are_compared_nearly(expected: list[Row], found: list[Row], same: bool) -> None:
    assert bool(difference(expected, found, FLOATS)) != same
