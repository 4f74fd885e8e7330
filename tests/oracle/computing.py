"""Functions of one row for arguments of given types."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .functions import FUNCTIONS, WITH_NULLS, arithmetic
from .tables import NUMBERS, widened, widest
from .trees import Value

_ARITHMETIC = frozenset({"add", "subtract", "multiply", "div", "modulo", "floor_mod"})
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


def computing(name: str, types: Sequence[str], result: str) -> Callable[..., Value]:
    """The function for arguments of these types, numbers brought to the type in which it computes."""
    if name in _ARITHMETIC:
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
