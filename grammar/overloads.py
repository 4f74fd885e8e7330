"""Which signature of a function a call means: exact kinds first, then wider numbers, then texts that read as dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal as Choice

from headrace.grammar.coerce import MOMENTS, NUMBERS, common_type, convert, read_moment, widens
from headrace.grammar.expression import Expression, Literal
from headrace.grammar.function import Constant, Function, Signature
from headrace.grammar.part import Part
from headrace.grammar.types import Type

_WIDER = 20
_GROUP = 10
_READ = 1000


@dataclass(frozen=True, slots=True)
class Shape:
    """The arguments of a signature: their kinds, how many there must be, and whether the last may repeat."""

    kinds: tuple[str, ...]
    required: int
    repeats: bool

    def accepts(self, count: int) -> bool:
        return self.required <= count and (self.repeats or count <= len(self.kinds))

    def kind(self, index: int) -> str:
        return self.kinds[min(index, len(self.kinds) - 1)]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """No signature fits.

    ``why``: ``count`` (the number of arguments), ``kind`` (of ``argument``, which no signature takes), ``constant``
    (``argument`` must be a constant), ``choice`` (it must be one of ``choices``), ``mixture``.
    """

    why: Choice["count", "kind", "constant", "choice", "mixture"]
    argument: int = 0
    choices: tuple[str | int | bool, ...] = ()


@lru_cache(maxsize=1024)
def shape(arguments: tuple[str, ...]) -> Shape:
    """The arguments of a signature, read.

    >>> shape(("text", "integer?"))
    Shape(kinds=('text', 'integer'), required=1, repeats=False)
    """
    required = sum(1 for argument in arguments if not argument.endswith("?"))
    repeats = bool(arguments) and arguments[-1].endswith("*")
    return Shape(tuple(argument.rstrip("?*") for argument in arguments), required, repeats)


def resolve(function: Function, parts: Sequence[Part]) -> int | Mismatch:
    """Which signature of ``function`` the parts fit, counted from 0: the one with the least change, then the first."""
    best: tuple[int, int] | None = None
    for index, signature in enumerate(function.signatures):
        cost = _cost(signature, parts)
        if cost is not None and (best is None or cost < best[0]):
            best = (cost, index)
    return _mismatch(function, parts) if best is None else best[1]


def converted(function: Function, signature: Signature, parts: Sequence[Part]) -> tuple[Sequence[Part], Type | None]:
    """The parts as the signature, which they fit, takes them, and the common type of those marked ``same``.

    Functions get numbers of the kind they ask for. PostgreSQL finds the common number of operators, and of COALESCE,
    GREATEST and their like, as we do: there a cast stands only where no operand has the wanted kind.
    """
    taken = shape(signature.arguments)
    same = common_type([part for index, part in enumerate(parts) if taken.kind(index) == "same"])
    wanted = [_wanted(taken.kind(index), part, same) for index, part in enumerate(parts)]
    if function.family != "operators":
        pairs = enumerate(zip(parts, wanted, strict=True))
        return [convert(part, type_, cast=taken.kind(at) != "same") for at, (part, type_) in pairs], same
    result = [
        part if _is_widened(part, type_) else convert(part, type_, cast=False)
        for part, type_ in zip(parts, wanted, strict=True)
    ]
    _widen_one(result, wanted)
    return result, same


def result_type(signature: Signature, arguments: Sequence[Expression], same: Type | None) -> Type:
    """The type of the call's result, but for whether it can be null."""
    result = signature.result
    if result == "same":
        return same if same is not None else Type("null")
    word, _, number = result.partition(" ")
    if word == "argument":
        return arguments[int(number)].type
    return Type(result)


def _cost(signature: Signature, parts: Sequence[Part]) -> int | None:
    """How far the parts are from the kinds; None where they do not fit."""
    taken = shape(signature.arguments)
    if not taken.accepts(len(parts)):
        return None
    total = 0
    same = []
    for index, part in enumerate(parts):
        kind = taken.kind(index)
        constant = signature.constants.get(index)
        if constant is not None and not _chosen(constant, part):
            return None
        if constant is not None and constant.choices:
            total -= 1  # A choice that is named is meant more than any text that fits.
        if kind == "same":
            same.append(part)
            continue
        cost = _distance(part, kind)
        if cost is None:
            return None
        total += cost
    if same:
        common = common_type(same)
        if common is None:
            return None
        total += sum(_GROUP + (_distance(part, common.kind) or 0) for part in same)
    return total


def _distance(part: Part, kind: str) -> int | None:
    found = part.type.kind
    if found == "null":
        return 0 if kind not in ("any", "number") else _GROUP
    if kind == "any" or (kind == "number" and found in NUMBERS):
        return _GROUP
    if found == kind:
        return 0
    if kind == "printed":
        return 0 if found == "text" else _GROUP
    if widens(found, kind):
        return _WIDER * (NUMBERS.index(kind) - NUMBERS.index(found))
    if part.text is not None and kind in MOMENTS and read_moment(part.text, kind):
        return _READ
    return None


def _chosen(constant: Constant, part: Part) -> bool:
    if not isinstance(part.expression, Literal) or part.is_null:
        return not constant.required
    if not constant.choices:
        return True
    value = part.expression.value
    folded = value.casefold() if isinstance(value, str) else value
    return any(type(folded) is type(choice) and folded == choice for choice in constant.choices)


def _wanted(kind: str, part: Part, same: Type | None) -> Type:
    if kind == "same" and same is not None:
        return same if same.kind != "null" else Type("text")
    if kind in ("any", "same", "printed"):
        return part.type if part.type.kind != "null" else Type("text")
    if kind == "number":
        return part.type if part.type.kind != "null" else Type("integer")
    return Type(kind)


def _is_widened(part: Part, wanted: Type) -> bool:
    return part.type.kind != wanted.kind and widens(part.type.kind, wanted.kind)


def _widen_one(parts: list[Part], wanted: Sequence[Type]) -> None:
    """PostgreSQL picks an operator by its operands: one of them has to be of the kind that is wanted.

    A whole constant is the easiest to change: ``quantity / 2`` becomes ``quantity / 2.0``.
    """
    for kind in dict.fromkeys(type_.kind for type_ in wanted):
        alike = [index for index, other in enumerate(wanted) if other.kind == kind]
        if kind not in NUMBERS or any(parts[index].type.kind == kind for index in alike):
            continue
        constants = [index for index in alike if isinstance(parts[index].expression, Literal)]
        chosen = (constants or alike)[0]
        value = parts[chosen].expression
        if kind == "decimal" and isinstance(value, Literal) and isinstance(value.value, int):
            point = Literal(Type("decimal", nullable=False), Decimal(f"{value.value}.0"))
            parts[chosen] = replace(parts[chosen], expression=point)
        else:
            parts[chosen] = convert(parts[chosen], Type(kind), cast=True)


def _mismatch(function: Function, parts: Sequence[Part]) -> Mismatch:
    fitting = [each for each in function.signatures if shape(each.arguments).accepts(len(parts))]
    if not fitting:
        return Mismatch("count")
    for index, part in enumerate(parts):
        kinds = {shape(each.arguments).kind(index) for each in fitting}
        if "same" not in kinds and all(_distance(part, kind) is None for kind in kinds):
            return Mismatch("kind", index)
    # Where the kinds fit, a constant does not.
    by_kind = [each for each in fitting if _cost(replace(each, constants={}), parts) is not None]
    for index, part in enumerate(parts):
        asked = [
            constant for each in by_kind if (constant := each.constants.get(index)) and not _chosen(constant, part)
        ]
        if by_kind and len(asked) == len(by_kind):
            choices = tuple(dict.fromkeys(choice for constant in asked for choice in constant.choices))
            is_constant = isinstance(part.expression, Literal) and not part.is_null
            return Mismatch("choice" if is_constant else "constant", index, choices)
    return Mismatch("mixture")
