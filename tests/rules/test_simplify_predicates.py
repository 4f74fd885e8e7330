"""Of conditions that say the same the tightest stays; those that contradict one another leave no row."""

from __future__ import annotations

import itertools

import pytest
from planned import planned

RULE = ["simplify_predicates"]


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ("id > 3 and id > 5", "id > 5"),
        ("id > 5 and id > 3", "id > 5"),
        ("id >= 5 and id > 5", "id > 5"),
        ("id > 5 and id >= 5", "id > 5"),
        ("id < 9 and id <= 9 and id > 2", "id < 9 and id > 2"),
        ("5 < id and id = 7 and id < 9", "id = 7"),
        ("7 = id and id = 7", "id = 7"),
        ("id > 3 and to_integer(code) > 1 and id > 5", "id > 5 and to_integer(code) > 1"),
        ('country = "FR" and country = "FR"', 'country = "FR"'),
        ("true and id > 5", "id > 5"),
    ],
)
def test_the_tightest_stays_in_the_place_of_the_first(condition: str, left: str) -> None:
    lines = planned([{"filter": condition}], RULE)
    assert lines[1:] == [f"filter_1: {left}"]


@pytest.mark.parametrize(
    "condition",
    ["id > 5 and id < 3", "id > 5 and id <= 5", "id = 4 and id = 5", "id = 4 and id < 4", "id > 4 and id = 4", "false"],
)
def test_what_cannot_hold_leaves_no_row(condition: str) -> None:
    lines = planned([{"filter": condition}], RULE)
    assert len(lines) == 1
    assert "0 rows" in lines[0]


@pytest.mark.parametrize(
    "condition",
    [
        "id > 3 or id > 5",
        "id > 3 and id < 5",
        "id > 3 and customer > 5",
        "price > 3 and cost > 5",
        "id >= 5 and id <= 5",
        "id > 3 and (id > 5 or id is null)",
    ],
)
def test_what_stays(condition: str) -> None:
    assert planned([{"filter": condition}], RULE) == planned([{"filter": condition}], ())


def test_the_same_numbers_fulfil_what_is_left() -> None:
    """Every pair and triple of comparisons with two neighbouring constants."""
    terms = [f"id {sign} {constant}" for sign in ("<", "<=", "=", ">=", ">") for constant in (4, 5)]
    for chosen in itertools.chain(itertools.permutations(terms, 2), itertools.permutations(terms, 3)):
        lines = planned([{"filter": " and ".join(chosen)}], RULE)
        left = "false" if len(lines) == 1 else lines[1].partition(": ")[2]
        for number in (3, 4, 5, 6):
            both = (_holds(" and ".join(chosen), number), _holds(left, number))
            assert both[0] == both[1], (chosen, left, number)


def _holds(condition: str, number: int) -> bool:
    signs = {"<": int.__lt__, "<=": int.__le__, "=": int.__eq__, ">=": int.__ge__, ">": int.__gt__}
    if condition == "false":
        return False
    parts = (part.split() for part in condition.split(" and "))
    return all(signs[sign](number, int(constant)) for _, sign, constant in parts)
