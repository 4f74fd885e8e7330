"""Whether two tables hold the same rows, and a table of what differs where they do not.

The same rows: the same bag, nulls equal to nulls, exact types identical, floats within 1e-9 of one another. Order
counts only where it is asked for, after a sort.

Identical is what PostgreSQL's ``IS NOT DISTINCT FROM`` says of two values of one type: decimals by value (1.0 and 1.00
are one group, one key, one distinct value, so that either may come out), NaN like NaN, moments by instant. 0 and -0 are
one, as there. An integer is never a decimal, nor a float; the types of columns are compared by their own names,
``format_type``, in ``case_runs``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Row = tuple[Any, ...]

TOLERANCE = 1e-9
_SHOWN = 20


def difference(
    expected: Iterable[Sequence[Any]], found: Iterable[Sequence[Any]], names: Sequence[str], ordered: bool = False
) -> str | None:
    """None where the rows are the same; else the rows that are missing (-) and those that are too many (+).

    >>> difference([(1, None)], [(1, None)], ["a", "b"]) is None
    True
    >>> print(difference([(1,)], [(2,)], ["a"]))
      | a
    - | 1
    + | 2
    """
    wanted, given = [tuple(row) for row in expected], [tuple(row) for row in found]
    for row in (*wanted, *given):
        if len(row) != len(names):
            raise ValueError(f"a row of {len(row)} values under {len(names)} columns: {row}")
    if ordered:
        if len(wanted) == len(given) and all(map(_same_row, wanted, given)):
            return None
        return _table(names, [("-", row) for row in wanted] + [("+", row) for row in given])
    missing, extra = _bags(wanted, given)
    if not missing and not extra:
        return None
    return _table(names, [("-", row) for row in missing] + [("+", row) for row in extra])


def _bags(wanted: list[Row], given: list[Row]) -> tuple[list[Row], list[Row]]:
    """The rows of either side that have no partner on the other."""
    wanted, given = sorted(wanted, key=_sort_key), sorted(given, key=_sort_key)
    if len(wanted) == len(given) and all(map(_same_row, wanted, given)):
        return [], []
    waiting: dict[tuple[str, ...], list[Row]] = {}
    for row in given:
        waiting.setdefault(_exact(row), []).append(row)
    missing = []
    for row in wanted:
        near = waiting.get(_exact(row), [])
        partner = next((index for index, other in enumerate(near) if _same_row(row, other)), None)
        if partner is None:
            missing.append(row)
        else:
            del near[partner]
    return missing, [row for rows in waiting.values() for row in rows]


def _same_row(first: Row, second: Row) -> bool:
    return all(map(same_value, first, second))


def same_value(first: Any, second: Any) -> bool:
    """Whether two values are the same: of one type, and equal or, for floats, as near as makes no difference."""
    if isinstance(first, float) and isinstance(second, float):
        if math.isnan(first) or math.isnan(second):
            return math.isnan(first) and math.isnan(second)
        return math.isclose(first, second, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(first, Decimal) and isinstance(second, Decimal) and first.is_nan():
        return second.is_nan()
    return type(first) is type(second) and bool(first == second)


def _exact(row: Row) -> tuple[str, ...]:
    """What the rows that may be the same have in common: all but the floats."""
    return tuple("float" if isinstance(value, float) else _text(value) for value in row)


def _sort_key(row: Row) -> tuple[Any, ...]:
    floats = [value if isinstance(value, float) and not math.isnan(value) else -math.inf for value in row]
    return (*_exact(row), *floats)


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"decimal {_by_value(value)}" if value.is_finite() else f"decimal {value}"
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC)
    return f"{type(value).__name__} {value!r}"


def _by_value(value: Decimal) -> str:
    """The digits without zeros at their end. (``normalize`` would round to the 28 digits of Python's context.)"""
    written = f"{value:f}"
    stripped = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if stripped == "-0" else stripped


def _table(names: Sequence[str], rows: list[tuple[str, Row]]) -> str:
    left_out = len(rows) - 2 * _SHOWN
    if left_out > 0:
        rows = rows[:_SHOWN] + rows[-_SHOWN:]
    cells = [["", *names], *([sign, *map(_shown, row)] for sign, row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names) + 1)]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([*lines, *([f"({left_out} more rows)"] if left_out > 0 else [])])


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    return repr(value) if isinstance(value, str) and value != value.strip() else str(value)
