"""A value for each row of what its neighbours hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .aggregating import aggregated
from .functions import moved
from .ordering import ordered, ways
from .tables import compared, widened
from .trees import Value, Window

_RANKS = frozenset({"row_number", "rank", "dense_rank", "ntile", "is_first", "is_last"})
_BY_PLACE = frozenset({"lag", "lead", "first_value", "last_value", "nth_value"})


def goes_by_place(window: Window) -> bool:
    """Whether it counts which of rows that are alike in the order comes first."""
    is_rank = window.function in _RANKS and window.function not in ("rank", "dense_rank")
    return is_rank or window.function in _BY_PLACE or window.rows is not None


@dataclass
class Part:
    """The rows of a window that are alike in ``per``."""

    window: Window
    arguments: list[list[Value]]
    terms: list[tuple[Value, ...]]
    where: list[bool]
    rows: list[Sequence[Value]]

    def values(self) -> list[Value]:
        window, size = self.window, len(self.rows)
        name, how = window.function, ways(window.order)
        total = self.rows if goes_by_place(window) else None
        order = ordered(self.terms, how, total) if window.order else list(range(size))
        made: list[Value] = [None] * size
        peers = self._peers(order, how)
        for at, place in enumerate(order):
            if name in _RANKS:
                made[place] = self._rank(name, at, order, peers)
            elif name in _BY_PLACE:
                made[place] = self._by_place(name, at, order)
            else:
                made[place] = self._aggregate(order[self._first(at, order, peers) : self._last(at, peers)])
        return made

    def _peers(self, order: list[int], how: list[tuple[bool, bool]]) -> list[int]:
        """The number of the first of the rows alike in the order, for each row in order."""
        peers: list[int] = []
        for at, place in enumerate(order):
            is_peer = at and compared(self.terms[order[at - 1]], self.terms[place], how) == 0
            peers.append(peers[-1] if is_peer else at)
        return peers

    def _first(self, at: int, order: list[int], peers: list[int]) -> int:
        if self.window.range is not None:
            return self._near(at, order, peers)
        return 0 if self.window.rows is None else max(at - self.window.rows + 1, 0)

    def _near(self, at: int, order: list[int], peers: list[int]) -> int:
        """The number of the first row less than the range away; a null is near to nulls alone."""
        assert self.window.range is not None
        (count, unit), (term,) = self.window.range, self.window.order
        value = self.terms[order[at]][0]
        if value is None:
            return peers[at]
        back, least = (1, -1) if term.descending else (-1, 1)
        far = moved(value, back * count, unit)
        last = moved(far, least, "day" if term.formula.type == "date" else "microsecond")
        values = [self.terms[place][0] for place in order]
        return next(
            place
            for place in range(len(order))
            if values[place] is not None and (values[place] <= last if term.descending else values[place] >= last)
        )

    def _last(self, at: int, peers: list[int]) -> int:
        """Without an order all rows count; with one those up to the row, and those alike it in the order."""
        if not self.window.order:
            return len(self.rows)
        if self.window.rows is not None:
            return at + 1
        return next((other for other in range(at + 1, len(peers)) if peers[other] != peers[at]), len(peers))

    def _rank(self, name: str, at: int, order: list[int], peers: list[int]) -> Value:
        match name:
            case "row_number":
                return at + 1
            case "rank":
                return peers[at] + 1
            case "dense_rank":
                return len(set(peers[: at + 1]))
            case "is_first":
                return at == 0
            case "is_last":
                return at == len(order) - 1
        groups = self.arguments[order[at]][0]
        size, longer = divmod(len(order), groups)
        boundary = longer * (size + 1)
        return at // (size + 1) + 1 if at < boundary else longer + (at - boundary) // size + 1

    def _by_place(self, name: str, at: int, order: list[int]) -> Value:
        arguments = self.arguments[order[at]]
        if name in ("lag", "lead"):
            count = arguments[1] if len(arguments) > 1 else 1
            other = at - count if name == "lag" else at + count
            if 0 <= other < len(order):
                return self.arguments[order[other]][0]
            types = [argument.type for argument in self.window.arguments]
            return widened(arguments[2], types[2], types[0]) if len(arguments) > 2 else None
        place = {"first_value": 0, "last_value": len(order) - 1}.get(name)
        if place is None:
            place = arguments[1] - 1
        return self.arguments[order[place]][0] if place < len(order) else None

    def _aggregate(self, places: list[int]) -> Value:
        rows = [tuple(self.arguments[place]) for place in places if self.where[place]]
        types = [argument.type for argument in self.window.arguments]
        return aggregated(self.window.function, rows, types, self.window.type, self.window.distinct)
