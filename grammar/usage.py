"""How a function is called, in as few lines as say it: ``round(number, [integer])`` for six signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from headrace.grammar.coerce import NUMBERS
from headrace.grammar.function import Function, Signature
from headrace.grammar.overloads import shape
from headrace.grammar.words import UNITS

_WORDS = {"any": "anything", "same": "value", "printed": "anything"}
_MOST_KINDS = 4
_MOST_CHOICES = 3
_MOST_CALLS = 3
_LONGEST_SENTENCE = 180


@dataclass(frozen=True, slots=True)
class _Argument:
    """What may stand in a place: kinds, or literals where there are any."""

    kinds: tuple[str, ...]
    choices: tuple[str, ...] = ()
    optional: bool = False

    @property
    def is_number(self) -> bool:
        return not self.choices and set(self.kinds) <= {*NUMBERS, "number"}

    def union(self, other: _Argument) -> _Argument:
        kinds = tuple(dict.fromkeys((*self.kinds, *other.kinds)))
        choices = tuple(dict.fromkeys((*self.choices, *other.choices)))
        return _Argument(kinds, choices, self.optional or other.optional)

    def __str__(self) -> str:
        if self.choices:
            choices = in_order(self.choices)
            text = " | ".join((*choices[:_MOST_CHOICES], *(["…"] if len(choices) > _MOST_CHOICES else [])))
        else:
            words = _kinds(self.kinds)
            text = " | ".join(words) if len(words) <= _MOST_KINDS else "value"
        return f"[{text}]" if self.optional else text


@dataclass(frozen=True, slots=True)
class _Call:
    arguments: tuple[_Argument, ...]
    repeats: bool

    def __str__(self) -> str:
        return ", ".join(map(str, self.arguments)) + (", …" if self.repeats else "")


def usage(function: Function) -> tuple[str, ...]:
    """How the function is called, short calls first: signatures that differ in the kinds of numbers, in one place, or
    in what may be left out, are one.

    >>> from headrace.grammar.functions import CATALOGUE
    >>> usage(CATALOGUE["like"]), usage(CATALOGUE["round"])
    (('like(text, text)',), ('round(number, [integer])',))
    """
    calls = list(dict.fromkeys(map(_call, function.signatures)))
    for merge in (_merge_covered, _merge_numbers, _merge_one_place, _merge_left_out, _merge_one_place):
        calls = _merged(calls, merge)
    if len(calls) > _MOST_CALLS:
        for merge in (_merge_together, _merge_left_out, _merge_one_place):
            calls = _merged(calls, merge)
    calls.sort(key=lambda call: len(call.arguments))
    return tuple(dict.fromkeys(f"{function.name}({call})" for call in calls))


def usage_words(function: Function) -> str:
    """The calls of ``usage`` in a sentence, as many as it can bear.

    >>> from headrace.grammar.functions import CATALOGUE
    >>> usage_words(CATALOGUE["replace"])
    'replace(text, text, text) or replace(text, integer, integer, text)'
    """
    calls = usage(function)
    shown = [calls[0]]
    for call in calls[1:]:
        if len(" or ".join([*shown, call])) > _LONGEST_SENTENCE:
            return " or ".join(shown) + " …"
        shown.append(call)
    return " or ".join(shown)


def result_words(function: Function) -> str:
    """What kind of value a call gives: ``number``, ``date | timestamp``.

    >>> from headrace.grammar.functions import CATALOGUE
    >>> result_words(CATALOGUE["round"]), result_words(CATALOGUE["trim"])
    ('number', 'text')
    """
    kinds = []
    for signature in function.signatures:
        word, _, position = signature.result.partition(" ")
        kinds.append(shape(signature.arguments).kind(int(position)) if word == "argument" else signature.result)
    words = _kinds(dict.fromkeys(kinds))
    return " | ".join(words) if len(words) <= _MOST_KINDS else "value"


def _kinds(kinds: Iterable[str]) -> list[str]:
    """Kinds in words; several kinds of number are ``number``."""
    given = list(kinds)
    numbers = [kind for kind in given if kind in (*NUMBERS, "number")]
    words = ["number" if len(numbers) > 1 and kind in numbers else _WORDS.get(kind, kind) for kind in given]
    widest = [word for word in words if word in _WORDS.values()]
    return widest[:1] or list(dict.fromkeys(words))


def _call(signature: Signature) -> _Call:
    taken = shape(signature.arguments)
    arguments = []
    for index, kind in enumerate(taken.kinds):
        constant = signature.constants.get(index)
        # The first of the choices of a signature is its name, the others are spellings of it.
        choices = (_spelled(constant.choices[0]),) if constant is not None and constant.choices else ()
        arguments.append(_Argument((kind,), choices, index >= taken.required))
    return _Call(tuple(arguments), taken.repeats)


def in_order(choices: Iterable[str]) -> list[str]:
    """Literals that an argument may be: units of time from the longest on, others as they come."""
    return sorted(choices, key=lambda choice: _ORDER.get(choice.strip('"'), len(_ORDER)))


_ORDER = {unit: at for at, unit in enumerate(UNITS)}


def _spelled(choice: str | int | bool) -> str:
    return f'"{choice}"' if isinstance(choice, str) else str(choice).lower()


def _merged(calls: list[_Call], merge: Callable[[_Call, _Call], _Call | None]) -> list[_Call]:
    """The calls, each put together with the first one before it with which it can be."""
    result: list[_Call] = []
    for call in calls:
        for at, other in enumerate(result):
            both = merge(other, call)
            if both is not None:
                result[at] = both
                break
        else:
            result.append(call)
    return result


def _merge_covered(first: _Call, second: _Call) -> _Call | None:
    """Calls of which one takes values of any kind where the other takes a certain one."""
    if not _alike(first, second):
        return None
    for narrow, wide in ((first, second), (second, first)):
        pairs = list(zip(narrow.arguments, wide.arguments, strict=True))
        if all(a == b or (a.optional == b.optional and b.kinds in (("same",), ("any",))) for a, b in pairs):
            return wide
    return None


def _merge_numbers(first: _Call, second: _Call) -> _Call | None:
    """Calls that are alike but for the kind of number."""
    if not _alike(first, second):
        return None
    pairs = list(zip(first.arguments, second.arguments, strict=True))
    if all(a == b or (a.is_number and b.is_number and a.optional == b.optional) for a, b in pairs):
        return replace(first, arguments=tuple(a.union(b) for a, b in pairs))
    return None


def _merge_one_place(first: _Call, second: _Call) -> _Call | None:
    """Calls that differ in the kind of one argument, or in which literals one takes."""
    if not _alike(first, second):
        return None
    pairs = list(zip(first.arguments, second.arguments, strict=True))
    if any(a.optional != b.optional or bool(a.choices) != bool(b.choices) for a, b in pairs):
        return None
    if sum(1 for a, b in pairs if not a.choices and a.kinds != b.kinds) > 1:
        return None
    return replace(first, arguments=tuple(a.union(b) for a, b in pairs))


def _merge_together(first: _Call, second: _Call) -> _Call | None:
    """Calls in which several arguments are of one kind, each of another: two dates, or two timestamps."""
    if not _alike(first, second):
        return None
    pairs = list(zip(first.arguments, second.arguments, strict=True))
    if any(a.optional != b.optional or bool(a.choices) != bool(b.choices) for a, b in pairs):
        return None
    changed = {(a.kinds, b.kinds) for a, b in pairs if not a.choices and a.kinds != b.kinds}
    return replace(first, arguments=tuple(a.union(b) for a, b in pairs)) if len(changed) <= 1 else None


def _merge_left_out(first: _Call, second: _Call) -> _Call | None:
    """A call and the same with one further argument, or with further ones that may be left out."""
    short, long = sorted((first, second), key=lambda call: len(call.arguments))
    size = len(short.arguments)
    rest = long.arguments[size:]
    if short.repeats or not rest or not (len(rest) == 1 or rest[0].optional):
        return None
    start = replace(long, arguments=long.arguments[:size], repeats=False)
    if start != short and not rest[0].optional:
        return None
    both = _merge_one_place(short, start)
    return (
        None
        if both is None
        else _Call((*both.arguments, *(replace(each, optional=True) for each in rest)), long.repeats)
    )


def _alike(first: _Call, second: _Call) -> bool:
    return len(first.arguments) == len(second.arguments) and first.repeats == second.repeats
