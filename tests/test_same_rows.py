"""The comparer that every test of rows stands on, itself."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import psycopg2
import pytest
from same_rows import difference, same_value

from headrace.run.embedded import Server

_PARIS = timezone(timedelta(hours=2))
_LONG = Decimal("12345678901234567890123456789.125")

SAME: list[tuple[Any, Any]] = [
    (None, None),
    (0, 0),
    (2**63 - 1, 2**63 - 1),
    (1.0, 1.0 + 1e-12),
    (1e12, 1e12 + 1),
    (0.0, 1e-10),
    (0.0, -0.0),
    (math.nan, math.nan),
    (math.inf, math.inf),
    (Decimal("1.0"), Decimal("1.00")),
    (Decimal("100"), Decimal("1E+2")),
    (Decimal("0"), Decimal("-0.00")),
    (Decimal("NaN"), Decimal("NaN")),
    (Decimal("Infinity"), Decimal("Infinity")),
    (_LONG, _LONG),
    (datetime(2024, 1, 1, 12, tzinfo=UTC), datetime(2024, 1, 1, 14, tzinfo=_PARIS)),
    ({"a": [1, None]}, {"a": [1, None]}),
    ("é", "é"),
]
DIFFERENT: list[tuple[Any, Any]] = [
    (None, 0),
    (None, ""),
    (None, math.nan),
    (None, False),
    (1, 1.0),
    (1, Decimal(1)),
    (1, True),
    (0, False),
    (1.0, Decimal(1)),
    (1.0, 1.0 + 1e-6),
    (1e12, 1e12 + 10_000),
    (math.nan, 0.0),
    (math.inf, -math.inf),
    (math.inf, 1.7976931348623157e308),
    (2**62, 2**62 + 1),
    (Decimal("1.0"), Decimal("1.0000000001")),
    (Decimal("NaN"), Decimal("0")),
    (Decimal("Infinity"), Decimal("-Infinity")),
    (_LONG, _LONG + Decimal("0.001")),
    (date(2024, 1, 1), datetime(2024, 1, 1)),
    (datetime(2024, 1, 1, 12), datetime(2024, 1, 1, 12, tzinfo=UTC)),
    (datetime(2024, 1, 1, 12, tzinfo=UTC), datetime(2024, 1, 1, 12, tzinfo=_PARIS)),
    ("a", "a "),
    ("a", "A"),
    ("é", "e\u0301"),
    (b"a", "a"),
    ({"a": 1}, {"a": 2}),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_the_same_value(first: Any, second: Any) -> None:
    assert same_value(first, second)
    assert same_value(second, first)
    # Also where rows are looked for one by one, beside one that is on one side only.
    told = difference([(first, 1), (first, 2), ("x", 3)], [(second, 2), (second, 1)], ["v", "n"])
    assert told is not None
    assert [line[0] for line in told.splitlines()[1:]] == ["-"]


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_a_different_value(first: Any, second: Any) -> None:
    assert not same_value(first, second)
    assert not same_value(second, first)
    assert difference([(first,)], [(second,)], ["v"]) is not None
    assert difference([(second,)], [(first,)], ["v"]) is not None


@pytest.mark.parametrize(
    ("wanted", "found", "same"),
    [
        ([], [], True),
        ([(1,), (1,)], [(1,)], False),
        ([(1,)], [(1,), (1,)], False),
        ([(1,), (1,), (2,)], [(1,), (2,), (2,)], False),
        ([(1, 0.1), (1, 0.2)], [(1, 0.2), (1, 0.1)], True),
        ([(None, 1), (1, None)], [(1, None), (None, 1)], True),
        ([(None, 1)], [(1, None)], False),
        ([(0.3, 0.1), (0.3 + 1e-12, 0.2)], [(0.3 + 1e-12, 0.1), (0.3, 0.2)], True),
    ],
)
def test_bags_of_rows(wanted: list[tuple[Any, ...]], found: list[tuple[Any, ...]], same: bool) -> None:
    names = [f"c{place}" for place in range(len((wanted or found or [()])[0]))]
    assert (difference(wanted, found, names) is None) == same


def test_order_counts_only_where_it_is_asked_for() -> None:
    rows = [(1,), (2,), (None,)]
    for other in permutations(rows):
        assert difference(rows, other, ["a"]) is None
        assert (difference(rows, other, ["a"], ordered=True) is None) == (list(other) == rows)
    assert difference(rows, rows[:2], ["a"], ordered=True) is not None


def test_what_differs_is_told_and_nothing_else() -> None:
    wanted = [(1, "a"), (2, None), (3, "c ")]
    assert difference(wanted, [(3, "c "), (2, ""), (1, "a"), (1, "a")], ["n", "t"]) == (
        "  | n | t\n- | 2 | null\n+ | 1 | a\n+ | 2 |"
    )
    told = difference([(n,) for n in range(100)], [], ["n"])
    assert told is not None
    assert told.endswith("(60 more rows)")


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="a row of 1 values under 2 columns"):
        difference([(1,)], [(1,)], ["a", "b"])


def test_bags_are_compared_as_counting_would() -> None:
    """Against a count of equal rows, which is enough where there are no floats."""
    random = Random(1)
    for _ in range(500):
        ours = [(random.choice([None, 0, 1]), random.choice(["a", "b"])) for _ in range(random.randint(0, 4))]
        theirs = [(random.choice([None, 0, 1]), random.choice(["a", "b"])) for _ in range(random.randint(0, 4))]
        if random.random() < 0.5:
            theirs = random.sample(ours, len(ours))
        same = all(ours.count(row) == theirs.count(row) for row in (*ours, *theirs))
        assert (difference(ours, theirs, ["n", "t"]) is None) == same


def test_postgresql_says_the_same_of_values_that_it_can_hold(server: Server) -> None:
    """Of two values of one type, identical here is not distinct there."""
    connection = psycopg2.connect(server.url)
    with connection.cursor() as cursor:
        for first, second in [*SAME, *DIFFERENT]:
            if type(first) is not type(second) or isinstance(first, float | dict) or first is None:
                continue
            kind = "numeric" if isinstance(first, Decimal) else "timestamptz" if isinstance(first, datetime) else None
            if kind == "timestamptz" and (first.tzinfo is None or second.tzinfo is None):
                continue
            place = "%s" if kind is None else f"%s::{kind}"
            # psycopg2 would send an infinite Decimal as NaN.
            sent = (str(first), str(second)) if kind == "numeric" else (first, second)
            cursor.execute(f"SELECT {place} IS NOT DISTINCT FROM {place}", sent)
            assert cursor.fetchone() == (same_value(first, second),), (first, second)
    connection.close()


def test_no_test_compares_rows_in_a_way_of_its_own() -> None:
    """Rows of a query that are compared whole go through ``difference``."""
    # Answers of TPC-H are compared as its specification says, to the digits printed there.
    apart = ("tpch",)
    by_hand = ("sorted(cursor.fetchall", "Counter(cursor.fetchall", "set(cursor.fetchall", "sorted(map(repr")
    folder = Path(__file__).parent
    paths = [path for path in folder.rglob("*.py") if path != Path(__file__) and path.parent.name not in apart]
    found = [path for path in paths if any(each in path.read_text("utf-8") for each in by_hand)]
    assert found == []
