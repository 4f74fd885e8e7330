"""Where the boxes of a directed graph stand: in layers from left to right, with few crossings.

The layered method of Sugiyama, Tagawa and Toda (*Methods for Visual Understanding of Hierarchical System Structures*,
IEEE Transactions on Systems, Man, and Cybernetics, 1981): layers by the longest way, a dummy vertex for each layer that
an edge passes, an order in each layer by the middle of the neighbours, swept to and fro. Places in a layer are then the
nearest to the neighbours' that keep the order and the distances, found as pools of adjacent violators are (isotonic
regression). It is deterministic.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 12

Name = Hashable
"""A vertex by its name, or a dummy: a tuple."""


@dataclass(frozen=True, slots=True)
class Box:
    """A vertex: its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes by name, and for each edge the points that it passes, from one box's right side to another's left."""

    boxes: Mapping[str, Box]
    ways: Mapping[tuple[str, str], tuple[tuple[float, float], ...]]
    width: float
    height: float


def layered(
    sizes: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str]],
    between_layers: float = 64,
    between_boxes: float = 14,
) -> Layout:
    """Lay out the vertices of ``sizes`` (width and height of each) so that every edge leads to the right.

    An edge that would close a circle is drawn, but does not count for the layers.
    """
    layer = _layers(list(sizes), edges)
    chains, links = _chains(layer, edges)
    members: dict[int, list[Name]] = {}
    for name, at in layer.items():
        members.setdefault(at, []).append(name)
    for edge, chain in chains.items():
        for offset, dummy in enumerate(chain[1:-1], 1):
            members.setdefault(layer[edge[0]] + offset, []).append(dummy)
    columns = [members[at] for at in sorted(members)]
    before, after = _neighbours(links)
    columns = _ordered(columns, before, after)
    heights: dict[Name, float] = {name: size[1] for name, size in sizes.items()}
    middle = _middles(columns, before, after, heights, between_boxes)
    return _placed(columns, sizes, chains, middle, between_layers)


def _layers(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The longest way to each vertex; then each vertex without inputs moves next to its first reader."""
    inputs: dict[str, list[str]] = {name: [] for name in names}
    readers: dict[str, list[str]] = {name: [] for name in names}
    for read, reader in edges:
        inputs[reader].append(read)
        readers[read].append(reader)
    layer: dict[str, int] = {}
    state: dict[str, int] = {}
    for start in names:
        stack = [(start, False)]
        while stack:
            name, done = stack.pop()
            if done:
                known = [layer[each] for each in inputs[name] if each in layer]
                layer[name] = 1 + max(known, default=-1)
            elif name not in state:
                state[name] = 1
                stack.append((name, True))
                stack.extend((each, False) for each in reversed(inputs[name]))
    for name in names:
        if not inputs[name] and readers[name]:
            layer[name] = max(0, min(layer[each] for each in readers[name]) - 1)
    return layer


def _chains(
    layer: Mapping[str, int], edges: Sequence[tuple[str, str]]
) -> tuple[dict[tuple[str, str], list[Name]], list[tuple[Name, Name]]]:
    """Each edge as the vertices it passes, dummies between; and all the links of one layer's step."""
    chains: dict[tuple[str, str], list[Name]] = {}
    links: list[tuple[Name, Name]] = []
    for number, (read, reader) in enumerate(edges):
        span = layer[reader] - layer[read]
        dummies: list[Name] = [("", number, step) for step in range(1, span)]
        chain: list[Name] = [read, *dummies, reader]
        chains[read, reader] = chain
        if span >= 1:
            links.extend(pairwise(chain))
    return chains, links


def _neighbours(links: Iterable[tuple[Name, Name]]) -> tuple[dict[Name, list[Name]], dict[Name, list[Name]]]:
    before: dict[Name, list[Name]] = {}
    after: dict[Name, list[Name]] = {}
    for left, right in links:
        before.setdefault(right, []).append(left)
        after.setdefault(left, []).append(right)
    return before, after


def _ordered(
    columns: list[list[Name]], before: Mapping[Name, list[Name]], after: Mapping[Name, list[Name]]
) -> list[list[Name]]:
    """The order in each layer with the fewest crossings that the sweeps have met."""
    best, fewest = columns, _crossings(columns, after)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        columns = list(columns)
        forth = sweep % 2 == 0
        numbers = range(1, len(columns)) if forth else range(len(columns) - 2, -1, -1)
        for number in numbers:
            beside = columns[number - 1 if forth else number + 1]
            columns[number] = _by_middles(columns[number], beside, before if forth else after)
        crossings = _crossings(columns, after)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _by_middles(column: Sequence[Name], beside: Sequence[Name], neighbours: Mapping[Name, list[Name]]) -> list[Name]:
    """A layer ordered by the middle of each vertex's neighbours in the layer beside it."""
    places: dict[Name, float] = {name: at for at, name in enumerate(beside)}
    keys = {name: (_mean(neighbours.get(name, ()), places, at), at) for at, name in enumerate(column)}
    return sorted(column, key=keys.__getitem__)


def _mean(neighbours: Sequence[Name], places: Mapping[Name, float], otherwise: float) -> float:
    known = [places[each] for each in neighbours if each in places]
    return sum(known) / len(known) if known else otherwise


def _crossings(columns: Sequence[Sequence[Name]], after: Mapping[Name, list[Name]]) -> int:
    """How many pairs of links cross, counted as inversions with a Fenwick tree (Barth, Jünger, Mutzel, 2002)."""
    total = 0
    for left, right in pairwise(columns):
        places = {name: at for at, name in enumerate(right, 1)}
        tree = [0] * (len(right) + 1)
        seen = 0
        for name in left:
            ends = sorted(places[each] for each in after.get(name, ()) if each in places)
            for end in ends:
                at, upto = end, 0
                while at:
                    upto += tree[at]
                    at -= at & -at
                total += seen - upto
            for end in ends:
                seen += 1
                at = end
                while at < len(tree):
                    tree[at] += 1
                    at += at & -at
    return total


def _middles(
    columns: Sequence[Sequence[Name]],
    before: Mapping[Name, list[Name]],
    after: Mapping[Name, list[Name]],
    heights: Mapping[Name, float],
    gap: float,
) -> dict[Name, float]:
    """The height at which the middle of each vertex stands."""
    middle: dict[Name, float] = {}
    for column in columns:
        middle.update(zip(column, _apart([0.0] * len(column), column, heights, gap), strict=True))
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        settled = sweep >= _SWEEPS // 2  # first one side pulls, then both
        for column in columns if forth else list(reversed(columns)):
            wanted = []
            for name in column:
                near = [*(before.get(name, ()) if forth or settled else ())]
                near += after.get(name, ()) if settled or not forth else ()
                wanted.append(_mean(near, middle, middle[name]))
            middle.update(zip(column, _apart(wanted, column, heights, gap), strict=True))
    return middle


def _apart(wanted: Sequence[float], column: Sequence[Name], heights: Mapping[Name, float], gap: float) -> list[float]:
    """The places nearest to ``wanted``, by squares, at which the boxes keep their order and their distance."""
    offsets, at = [], 0.0
    for number, name in enumerate(column):
        size = heights.get(name, 0.0)
        at += size / 2 if number == 0 else gap + size / 2
        offsets.append(at)
        at += size / 2
    pools: list[list[float]] = []  # sum of what is wanted beyond the offsets, and how many share it
    for place, offset in zip(wanted, offsets, strict=True):
        pools.append([place - offset, 1])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] >= pools[-1][0] / pools[-1][1]:
            total, count = pools.pop()
            pools[-1][0] += total
            pools[-1][1] += count
    places = [total / count for total, count in pools for _ in range(int(count))]
    return [place + offset for place, offset in zip(places, offsets, strict=True)]


def _placed(
    columns: Sequence[Sequence[Name]],
    sizes: Mapping[str, tuple[float, float]],
    chains: Mapping[tuple[str, str], Sequence[Name]],
    middle: Mapping[Name, float],
    gap: float,
) -> Layout:
    boxes: dict[str, Box] = {}
    passing: dict[Name, tuple[tuple[float, float], ...]] = {}
    halves: dict[Name, float] = {name: size[1] / 2 for name, size in sizes.items()}
    every = [name for column in columns for name in column]
    top = min((middle[name] - halves.get(name, 0) for name in every), default=0.0)
    bottom = max((middle[name] + halves.get(name, 0) for name in every), default=0.0)
    ends: dict[str, float] = {}
    x = 0.0
    for column in columns:
        widest = max((sizes[name][0] for name in column if isinstance(name, str)), default=0.0)
        for name in column:
            y = middle[name] - top
            if isinstance(name, str):
                width, height = sizes[name]
                boxes[name] = Box(x, y - height / 2, width, height)
                ends[name] = x + widest
            else:
                passing[name] = ((x, y), (x + widest, y))
        x += widest + gap
    ways = {}
    for (read, reader), chain in chains.items():
        start, end = boxes[read], boxes[reader]
        between = [point for name in chain[1:-1] for point in passing[name]]
        ways[read, reader] = (
            (start.x + start.width, start.y + start.height / 2),
            (ends[read], start.y + start.height / 2),  # past the wider boxes of the layer
            *between,
            (end.x, end.y + end.height / 2),
        )
    return Layout({name: boxes[name] for name in sizes}, ways, max(0.0, x - gap), bottom - top)
