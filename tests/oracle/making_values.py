"""Random names, values and types."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from .trees import Value

TYPES = (
    *("integer",) * 6, *("decimal",) * 2, *("text",) * 4, *("date",) * 4, *("boolean",) * 2, *("float",) * 2,
    *("timestamp",) * 2, "time", "timestamptz", "uuid",
)  # fmt: skip

_PLAIN_NAMES = ("a", "b", "c", "d", "g", "k", "n", "x", "y", "day", "amount", "country")
_HOSTILE_NAMES = (
    "A", "Unit price", 'a"b', "it's", "[x]", "x]]y", "a.b", "select", "order", "null", "true", "where", "per", "sum",
    "count", "date", "rows", "Zürich", "日本", "a*b", "what?", "%s", "100%", "{x}", "a b", " a", "1", "-", "a-b", "--",
    "/*", "input", "result", "filter_1", "aggregate_1", "source", "q", "t", "value", "a,b", "x" * 70, "x" * 70 + "y",
    "é" * 40, "a\\b", "$1", ":x", "ctid", "oid", "user", "all", "desc",
)  # fmt: skip
_NODE_NAMES = (
    "orders", "Orders", "my orders", "select", "filter_1", "derive_1", "join_1", "a.b", 'o"o', "it's", "Zürich", "x]y",
    "sales%", "values", "input", "n" * 70, "params", "q1", "t1", "union_1", "aggregate_1", "step", "node", "table",
)  # fmt: skip

_TEXTS = (
    "", "a", "b", "ab", "abc", "A", "B", "é", "Zürich", "a b", " a ", "  ", "%", "x_y", "null", "1", "-5", " 7 ", "a;b",
    "b;;a", ";", "日本", "'", '"', "\\", "$1", "a-b-c", "banana", "9223372036854775808",
)  # fmt: skip
_DATES = (
    *(date(2024, 1, 1) + timedelta(days) for days in (0, 1, 2, 30, 31, 58, 59, 60, 90, 120, 365)),
    *(date(2023, 2, 28), date(2023, 12, 31), date(2024, 2, 29), date(2024, 3, 31)),
)
_UUIDS = (
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12",
    "0e37df36-f698-11e6-8dd4-cb9ced3df976",
)  # fmt: skip
_EXTREMES: dict[str, tuple[Value, ...]] = {
    "integer": (2**63 - 1, -(2**63), 10**12, -(10**9)),
    "decimal": (Decimal("100000000000000000000.25"), Decimal("-99999999999999.99"), Decimal("0.00")),
    "float": (2.0**35, -(2.0**35) + 0.125),
    "text": ("z" * 300, "\t", "a\nb", "é́", "😀"),
    "date": (date(1, 1, 1), date(9999, 12, 31), date(1900, 2, 28), date(2000, 2, 29)),
    "timestamp": (datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999), datetime(2024, 2, 29, 23, 59, 59, 1)),
    "timestamptz": (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
    "time": (time(0, 0), time(23, 59, 59, 999999)),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    "boolean": (),
}


WHOLE_NUMBERS = ("integer", "integer", "integer", "boolean", "text", "date")
"""The types of formulas over sources that have whole numbers alone."""


def whole_numbers(random: Random, size: int) -> list[Value]:
    """Few different ones, so that rows meet, and mostly nulls."""
    nulls = random.choice((0.0, 0.2, 0.2))
    return [None if random.random() < nulls else random.randint(0, 3) for _ in range(size)]


def new_name(random: Random, taken: set[str] | tuple[str, ...]) -> str:
    """A name that is not taken, some times a hostile one."""
    while True:
        name = random.choice(_HOSTILE_NAMES if random.random() < 0.25 else _PLAIN_NAMES)
        if name in taken and random.random() < 0.5:
            name = f"{name[:60]}{random.randrange(100)}"
        if name not in taken:
            return name


def node_name(random: Random, taken: set[str]) -> str:
    while True:
        name = random.choice(_NODE_NAMES) if random.random() < 0.4 else f"n{len(taken)}"
        if name.lower() not in {each.lower() for each in taken}:
            return name


def value(random: Random, type_: str, extreme: float = 0.0) -> Value:
    """A value of the type, never null; of the extreme ones as often as said."""
    if _EXTREMES[type_] and random.random() < extreme:
        return random.choice(_EXTREMES[type_])
    match type_:
        case "integer":
            return random.choice((0, 1, 2, 3, 4, 5, 7, 10, -1, -3))
        case "decimal":
            return Decimal(random.choice((0, 1, 5, 10, 25, 50, 75, 150, 250, 999, -1, -150, 12345))).scaleb(-2)
        case "float":
            return random.randrange(-40, 80) / 8
        case "text":
            return random.choice(_TEXTS)
        case "boolean":
            return random.random() < 0.5
        case "date":
            return random.choice(_DATES)
        case "uuid":
            return random.choice(_UUIDS)
    since = timedelta(seconds=random.choice((0, 0, 1, 3600, 43200, 86399)), microseconds=random.choice((0, 0, 250000)))
    moment = datetime.combine(random.choice(_DATES), datetime.min.time()) + since
    return {"time": moment.time(), "timestamptz": moment.replace(tzinfo=UTC)}.get(type_, moment)


def column_of_values(random: Random, type_: str, size: int) -> list[Value]:
    """Values with duplicates and, mostly, with nulls."""
    nulls = random.choice((0.0, 0.0, 0.1, 0.3, 1.0 if random.random() < 0.1 else 0.2))
    extreme = 0.15 if random.random() < 0.15 else 0.0
    return [None if random.random() < nulls else value(random, type_, extreme) for _ in range(size)]
