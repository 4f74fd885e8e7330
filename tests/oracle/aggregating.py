"""One value of many rows."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import ceil

from .functions import divided, printed
from .tables import EXACT, Undefined, alike, widened
from .trees import Value


def aggregated(
    name: str, rows: Sequence[tuple[Value, ...]], types: Sequence[str], result: str, distinct: bool
) -> Value:
    """The aggregate over rows of arguments, those in their order that it depends on."""
    name, rows = _without_condition(name, rows)
    if name == "count" and not any(rows):
        return len(rows)
    if name in ("first_value", "last_value"):
        return rows[0 if name == "first_value" else -1][0] if rows else None
    there = [row for row in rows if row[0] is not None]
    if distinct or name == "count_distinct":
        there = list({alike(row[:1]): row for row in reversed(there)}.values())[::-1]
    values = [row[0] for row in there]
    if name in ("count", "count_distinct"):
        return len(values)
    if name in ("max_by", "min_by"):
        return _by_other(name, rows)
    if not values:
        return None
    match name:
        case "sum":
            return _summed(values, result)
        case "avg":
            return divided(_summed([widened(value, types[0], "decimal") for value in values], "decimal"),
                           Decimal(len(values)))  # fmt: skip
        case "min" | "any_value":
            return min(values)
        case "max":
            return max(values)
        case "bool_and":
            return all(values)
        case "bool_or":
            return any(values)
        case "string_agg":
            return there[0][1].join(printed(value) for value in values)
        case "mode":
            return min(values, key=lambda value: (-values.count(value), value))
        case "percentile_disc":
            share = there[0][1]
            ordered = sorted(values)
            return ordered[max(ceil(share * len(ordered)), 1) - 1]
        case "median":
            ordered = sorted(widened(value, types[0], "decimal") for value in values)
            if any(len(value.as_tuple().digits) > 12 for value in ordered):
                raise Undefined("a median of more than 15 digits")
            middle = len(ordered) // 2
            if len(ordered) % 2:
                return ordered[middle]
            return EXACT.divide(EXACT.add(ordered[middle - 1], ordered[middle]), Decimal(2))
    raise ValueError(name)


def _without_condition(name: str, rows: Sequence[tuple[Value, ...]]) -> tuple[str, Sequence[tuple[Value, ...]]]:
    """``sum_if(x, condition)`` as ``sum(x where condition)``."""
    if not name.endswith("_if"):
        return name, rows
    return name[:-3], [row[:-1] for row in rows if row[-1] is True]


def _by_other(name: str, rows: Sequence[tuple[Value, ...]]) -> Value:
    there = [row for row in rows if row[1] is not None]
    if not there:
        return None
    extreme = (max if name == "max_by" else min)(row[1] for row in there)
    found = {alike(row[:1]): row[0] for row in there if row[1] == extreme}
    if len(found) > 1:
        raise Undefined("several rows with the extreme value")
    return next(iter(found.values()))


def _summed(values: Sequence[Value], type_: str) -> Value:
    if type_ != "decimal":
        return sum(values)
    total = Decimal(0)
    for value in values:
        total = EXACT.add(total, value)
    return total
