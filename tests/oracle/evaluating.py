"""What a formula is worth on every row of a table, or on every group of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from math import ceil
from typing import Any

from .functions import FUNCTIONS, WITH_NULLS, arithmetic, divided, moved, printed
from .tables import EXACT, NUMBERS, Undefined, alike, checked, compared, in_order, widened, widest
from .trees import (
    Aggregate,
    Call,
    Column,
    Constant,
    Formula,
    ListParameter,
    Order,
    OwnCall,
    Parameter,
    Path,
    Shift,
    Value,
    Virtual,
    Window,
)

ARITHMETIC = frozenset({"add", "subtract", "multiply", "div", "modulo", "floor_mod"})
_OF_ONE_TYPE = frozenset(
    [
        "equal",
        "not_equal",
        "less",
        "less_or_equal",
        "greater",
        "greater_or_equal",
        "is_distinct",
        "is_not_distinct",
        "in",
        "not_in",
        "between",
        "not_between",
        "coalesce",
        "null_if",
        "greatest",
        "least",
        "clamp",
    ]
)
_RANKS = frozenset({"row_number", "rank", "dense_rank", "ntile", "is_first", "is_last"})
_BY_PLACE = frozenset({"lag", "lead", "first_value", "last_value", "nth_value"})


@dataclass(frozen=True)
class Frame:
    """Rows, or groups of rows, as the values of their columns.

    ``groups``: the rows of each group, of which aggregates are made. ``other``: the columns of the joined side.
    ``identity``: the rows themselves, by which an order that must leave no ties is judged. ``follow`` gives the values
    of a path. ``rest``: the columns that complete an order which leaves ties.
    """

    size: int
    columns: Mapping[str, Sequence[Value]]
    parameters: Mapping[str, Value]
    groups: Sequence[Frame] | None = None
    other: Mapping[str, Sequence[Value]] | None = None
    identity: Sequence[Sequence[Value]] | None = None
    follow: Callable[[Path], list[Value]] | None = None
    rest: tuple[Column, ...] = ()

    def values(self, formula: Formula) -> list[Value]:
        """The value of the formula on each row or group, in their order."""
        match formula:
            case Column(name, _, side):
                columns = self.columns if side is None else self.other
                assert columns is not None
                return list(columns[name])
            case Path():
                assert self.follow is not None
                return self.follow(formula)
            case Virtual(_, inner) | OwnCall(_, _, inner):
                return self.values(inner)
            case Constant(value, _):
                return [value] * self.size
            case Parameter(name, _) | ListParameter(name, _):
                return [self.parameters[name]] * self.size
            case Shift(inner, count, unit):
                return [None if value is None else moved(value, count, unit) for value in self.values(inner)]
            case Call():
                return self._called(formula)
            case Aggregate():
                assert self.groups is not None, "an aggregate on rows"
                return [_aggregated(formula, group) for group in self.groups]
            case Window():
                return self._windowed(formula)

    def _called(self, call: Call) -> list[Value]:
        types = [argument.type for argument in call.arguments]
        columns = [self.values(argument) for argument in call.arguments]
        compute = computing(call.function, types, call.type)
        if not columns:
            return [checked(compute(), call.type)] * self.size
        return [checked(compute(*values), call.type) for values in zip(*columns, strict=True)]

    def _windowed(self, window: Window) -> list[Value]:
        if _goes_by_place(window):
            window = replace(window, order=completed(window.order, self.rest))
        keys = self._rows_of(window.per or ())
        parts: dict[tuple[Any, ...], list[int]] = {}
        for place, key in enumerate(keys):
            parts.setdefault(alike(key), []).append(place)
        made: list[Value] = [None] * self.size
        arguments = [self.values(argument) for argument in window.arguments]
        terms = self._rows_of([term.formula for term in window.order])
        where = [True] * self.size if window.where is None else self.values(window.where)
        for places in parts.values():
            part = _Part(
                window,
                [[column[place] for column in arguments] for place in places],
                [terms[place] for place in places],
                [where[place] is True for place in places],
                [self.row(place) for place in places],
            )
            for place, value in zip(places, part.values(), strict=True):
                made[place] = checked(value, window.type)
        return made

    def _rows_of(self, formulas: Sequence[Formula]) -> list[tuple[Value, ...]]:
        columns = [self.values(formula) for formula in formulas]
        return list(zip(*columns, strict=True)) if columns else [()] * self.size

    def row(self, place: int) -> Sequence[Value]:
        if self.identity is not None:
            return self.identity[place]
        return tuple(column[place] for column in self.columns.values())

    def order(self, order: Sequence[Order], must_be_total: bool) -> list[int]:
        """The places of the rows in this order. Raises Undefined where rows that differ are alike in it."""
        terms = self._rows_of([term.formula for term in order])
        return _ordered(terms, ways(order), [self.row(place) for place in range(self.size)] if must_be_total else None)


def completed(order: Sequence[Order], rest: Sequence[Column]) -> tuple[Order, ...]:
    """The order, after which those of the columns decide that are not in it."""
    named = [term.formula for term in order]
    return (*order, *(Order(column) for column in rest if column not in named))


def _goes_by_place(window: Window) -> bool:
    """Whether it counts which of rows that are alike in the order comes first."""
    is_rank = window.function in _RANKS and window.function not in ("rank", "dense_rank")
    return is_rank or window.function in _BY_PLACE or window.rows is not None


def ways(order: Sequence[Order]) -> list[tuple[bool, bool]]:
    return [(term.descending, term.nulls_first) for term in order]


def _ordered(
    terms: Sequence[Sequence[Value]], how: Sequence[tuple[bool, bool]], rows: Sequence[Sequence[Value]] | None
) -> list[int]:
    places = in_order(terms, how)
    if rows is not None:
        for first, second in pairwise(places):
            if compared(terms[first], terms[second], how) == 0 and alike(rows[first]) != alike(rows[second]):
                raise Undefined("an order that leaves ties")
    return places


def computing(name: str, types: Sequence[str], result: str) -> Callable[..., Value]:
    """The function for arguments of these types, numbers brought to the type in which it computes."""
    if name in ARITHMETIC:
        return _of_numbers(types, result, lambda first, second: arithmetic(name, first, second))
    if name in WITH_NULLS:
        compute = WITH_NULLS[name]
        if name in _OF_ONE_TYPE:
            return _widening(types, [widest(types) or ""] * len(types), compute)
        if name in ("if", "case"):
            to = [result if place % 2 or place == len(types) - 1 else "boolean" for place in range(len(types))]
            return _widening(types, to, compute)
        if name == "switch":
            matched = widest([types[0], *types[1:-1:2]]) or ""
            inner = [matched if place % 2 == 0 else result for place in range(len(types) - 2)]
            return _widening(types, [matched, *inner, result], compute)
        return compute
    overload = next(each for each in FUNCTIONS[name] if takes(each.arguments, types))
    to = [kind if kind in NUMBERS else type_ for kind, type_ in zip(overload.arguments, types, strict=True)]
    return _of_numbers(types, None, overload.compute, to)


def takes(arguments: Sequence[str], types: Sequence[str]) -> bool:
    return len(arguments) == len(types) and all(
        type_ in accepted(kind) for kind, type_ in zip(arguments, types, strict=True)
    )


def accepted(kind: str) -> tuple[str, ...]:
    """The types of values that an argument of this kind takes."""
    match kind:
        case "small" | "place":
            return ("integer",)
        case "piece" | "pattern" | "unit" | "regex" | "letter" | "zone":
            return ("text",)
        case "number":
            return NUMBERS
        case "exact":
            return ("integer", "decimal")
        case "moment":
            return ("date", "timestamp")
        case "decimal":
            return ("integer", "decimal")
    return (kind,)


def _widening(types: Sequence[str], to: Sequence[str], compute: Callable[..., Value]) -> Callable[..., Value]:
    if list(types) == list(to):
        return compute
    return lambda *values: compute(*map(widened, values, types, to))


def _of_numbers(
    types: Sequence[str], result: str | None, compute: Callable[..., Value], to: Sequence[str] | None = None
) -> Callable[..., Value]:
    """Null where an argument is null."""
    wanted = [result or ""] * len(types) if to is None else to
    inner = _widening(types, wanted, compute)
    return lambda *values: None if None in values else inner(*values)


# Aggregates.


def _aggregated(aggregate: Aggregate, group: Frame) -> Value:
    where = [True] * group.size if aggregate.where is None else group.values(aggregate.where)
    places = [place for place in range(group.size) if where[place] is True]
    rows = [group.row(place) for place in places]
    arguments = [group.values(argument) for argument in aggregate.arguments]
    values = [tuple(column[place] for column in arguments) for place in places]
    if aggregate.order:
        columns = [group.values(term.formula) for term in aggregate.order]
        terms = [tuple(column[place] for column in columns) for place in places]
        if aggregate.distinct:
            terms = [tuple(value[:1]) * len(aggregate.order) for value in values]
            order = _ordered(terms, ways(aggregate.order), None)
        else:
            order = _ordered(terms, ways(aggregate.order), rows)
        values = [values[place] for place in order]
    types = [argument.type for argument in aggregate.arguments]
    return checked(aggregated(aggregate.function, values, types, aggregate.type, aggregate.distinct), aggregate.type)


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


# Windows.


@dataclass
class _Part:
    """The rows of a window that are alike in ``per``."""

    window: Window
    arguments: list[list[Value]]
    terms: list[tuple[Value, ...]]
    where: list[bool]
    rows: list[Sequence[Value]]

    def values(self) -> list[Value]:
        window, size = self.window, len(self.rows)
        name, how = window.function, ways(window.order)
        total = self.rows if _goes_by_place(window) else None
        order = _ordered(self.terms, how, total) if window.order else list(range(size))
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
