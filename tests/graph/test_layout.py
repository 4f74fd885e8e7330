"""Boxes stand apart, in layers, and the same every time."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from headrace.graph.layout import Box, layered


def _random(count: int, seed: int) -> tuple[dict[str, tuple[float, float]], list[tuple[str, str]]]:
    chance = random.Random(seed)
    sizes = {f"v{n}": (chance.uniform(40, 200), chance.choice([26.0, 42.0, 120.0])) for n in range(count)}
    edges = {(f"v{chance.randrange(n)}", f"v{n}") for n in range(1, count) for _ in range(chance.randint(0, 3))}
    return sizes, sorted(edges)


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width - 0.01
        and other.x < one.x + one.width - 0.01
        and one.y < other.y + other.height - 0.01
        and other.y < one.y + one.height - 0.01
    )


@pytest.mark.parametrize(("count", "seed"), [(0, 0), (1, 0), (3, 1), (30, 2), (30, 3), (120, 4), (300, 5)])
def test_boxes_stand_apart_and_edges_lead_right(count: int, seed: int) -> None:
    sizes, edges = _random(count, seed)
    layout = layered(sizes, edges)
    boxes = list(layout.boxes.values())
    assert list(layout.boxes) == list(sizes)
    assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :] if _overlap(a, b)]
    assert all(box.x >= 0 and box.y >= 0 for box in boxes)
    assert all(box.x + box.width <= layout.width + 0.01 and box.y + box.height <= layout.height + 0.01 for box in boxes)
    for read, reader in edges:
        way = layout.ways[read, reader]
        assert way[0][0] < way[-1][0]
        assert way[-1][0] == layout.boxes[reader].x
        assert [x for x, _ in way] == sorted(x for x, _ in way)
    assert layered(sizes, edges) == layout


def test_edges_pass_no_box() -> None:
    """An edge over several layers has room of its own in each: none of its flat parts lies in a box."""
    sizes, edges = _random(60, 7)
    layout = layered(sizes, edges)
    for way in layout.ways.values():
        for (x, y), (next_x, next_y) in pairwise(way[2:-1]):
            if y == next_y:
                flat = Box(x + 0.1, y - 0.05, next_x - x - 0.2, 0.1)
                assert not [box for box in layout.boxes.values() if _overlap(flat, box)]


def test_no_crossing_where_none_is_needed() -> None:
    sizes = dict.fromkeys(("a", "b", "c", "x", "y", "z"), (50.0, 20.0))
    layout = layered(sizes, [("a", "z"), ("b", "y"), ("c", "x")])
    assert [layout.boxes[name].y for name in ("a", "b", "c")] == [layout.boxes[name].y for name in ("z", "y", "x")]


def test_circles_are_drawn() -> None:
    sizes = dict.fromkeys(("a", "b", "c"), (50.0, 20.0))
    layout = layered(sizes, [("a", "b"), ("b", "c"), ("c", "a")])
    assert len(layout.ways) == 3
