"""Whether two tables of texts hold the same rows, and how they differ where they do not."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headrace.grammar.types import Schema

Row = tuple[str | None, ...]

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that was expected, and the one that was found under the same key; ``columns`` are those that differ."""

    expected: Row
    found: Row
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """How the rows found differ from those expected: they lack ``missing``, have ``unexpected`` besides, and hold
    other values in ``changed``. Where these are empty, ``moved`` is the first row (from 1) that stands elsewhere."""

    missing: tuple[Row, ...] = ()
    unexpected: tuple[Row, ...] = ()
    changed: tuple[Changed, ...] = ()
    moved: int | None = None

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected or self.changed or self.moved)

    @property
    def count(self) -> int:
        return len(self.missing) + len(self.unexpected) + len(self.changed)

    def to_json(self, columns: Schema, most: int) -> dict[str, Any]:
        """The first ``most`` rows of each kind; ``count`` is of all."""

        def row(values: Row) -> dict[str, str | None]:
            return dict(zip(columns.names, values, strict=True))

        return {
            "count": self.count,
            "missing": [row(each) for each in self.missing[:most]],
            "unexpected": [row(each) for each in self.unexpected[:most]],
            "changed": [
                {"expected": row(each.expected), "found": row(each.found), "columns": list(each.columns)}
                for each in self.changed[:most]
            ],
            "moved": self.moved,
        }


def difference(
    expected: Sequence[Row], found: Sequence[Row], columns: Schema, keys: Sequence[str] = (), ordered: bool = False
) -> Difference:
    """How ``found`` differs from ``expected``, both of ``columns``: the same bag of rows is no difference.

    Nulls are equal to nulls, floats within 1e-9 of one another, all else as text. Rows that differ and agree in the
    columns ``keys`` are paired. With ``ordered``, the same rows in another order differ too.

    >>> from headrace.grammar.types import Type
    >>> columns = Schema.of({"a": Type("integer"), "b": Type("text")})
    >>> difference([("1", "x")], [("1", "y")], columns, ["a"]).changed[0].columns
    ('b',)
    """
    compare = _Comparison(columns)
    missing, unexpected = compare.unmatched(expected, found)
    if not missing and not unexpected:
        moved = None
        if ordered:
            pairs = enumerate(zip(expected, found, strict=True), 1)
            moved = next((number for number, pair in pairs if not compare.same(*pair)), None)
        return Difference(moved=moved)
    changed = []
    if keys:
        places = [columns.names.index(name) for name in keys]
        waiting: dict[Row, list[Row]] = {}
        for row in unexpected:
            waiting.setdefault(tuple(row[place] for place in places), []).append(row)
        for row in list(missing):
            partners = waiting.get(tuple(row[place] for place in places))
            if partners:
                other = partners.pop(0)
                changed.append(Changed(row, other, compare.differing(row, other)))
                missing.remove(row)
                unexpected.remove(other)
    return Difference(tuple(missing), tuple(unexpected), tuple(changed))


class _Comparison:
    """Compares rows of a schema."""

    def __init__(self, columns: Schema) -> None:
        self.names = columns.names
        self.floats = [type_.kind == "float" for _, type_ in columns]

    def unmatched(self, expected: Sequence[Row], found: Sequence[Row]) -> tuple[list[Row], list[Row]]:
        """The rows of either side that have no partner on the other."""
        if not any(self.floats):
            return _left(expected, found)
        # Rows that agree but for floats, each side in the order of these: so near ones meet.
        waiting: dict[Row, list[int]] = {}
        for place in sorted(range(len(found)), key=lambda place: self.numbers(found[place])):
            waiting.setdefault(self.exact(found[place]), []).append(place)
        missing = []
        for place in sorted(range(len(expected)), key=lambda place: self.numbers(expected[place])):
            near = waiting.get(self.exact(expected[place]), [])
            partner = next((each for each in near if self.same(expected[place], found[each])), None)
            if partner is None:
                missing.append(place)
            else:
                near.remove(partner)
        left = sorted(place for places in waiting.values() for place in places)
        return [expected[place] for place in sorted(missing)], [found[place] for place in left]

    def same(self, first: Row, second: Row) -> bool:
        return not self.differing(first, second)

    def differing(self, first: Row, second: Row) -> tuple[str, ...]:
        cells = zip(self.names, self.floats, first, second, strict=True)
        return tuple(name for name, is_float, one, other in cells if not _same(one, other, is_float))

    def exact(self, row: Row) -> Row:
        return tuple("" if is_float and cell else cell for is_float, cell in zip(self.floats, row, strict=True))

    def numbers(self, row: Row) -> list[float]:
        cells = zip(self.floats, row, strict=True)
        return [number if is_float and (number := float(cell or 0)) == number else 0.0 for is_float, cell in cells]


def _left(expected: Sequence[Row], found: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    too_many = Counter(found)
    too_many.subtract(Counter(expected))
    missing, unexpected = [], []
    lacking = Counter({row: -count for row, count in too_many.items() if count < 0})
    for row in reversed(expected):
        if lacking[row] > 0:
            lacking[row] -= 1
            missing.append(row)
    for row in reversed(found):
        if too_many[row] > 0:
            too_many[row] -= 1
            unexpected.append(row)
    return missing[::-1], unexpected[::-1]


def _same(first: str | None, second: str | None, is_float: bool) -> bool:
    if first == second or first is None or second is None or not is_float:
        return first == second
    return math.isclose(float(first), float(second), rel_tol=TOLERANCE, abs_tol=TOLERANCE)
