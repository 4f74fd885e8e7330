"""Constants: texts, numbers, durations."""

from __future__ import annotations

import math
from decimal import Decimal

from headrace.grammar import tree
from headrace.grammar.checker import Checker
from headrace.grammar.durations import UnevenDuration, read_duration
from headrace.grammar.expression import Literal
from headrace.grammar.part import Part, Place
from headrace.grammar.types import Type

_LARGEST_INTEGER = 2**63 - 1
_MOST_DIGITS = 1_000


def type_text(checker: Checker, node: tree.Text, place: Place) -> Part | None:
    """A text. A database takes neither NUL nor half a surrogate pair."""
    for character in node.value:
        if character == "\0" or "\ud800" <= character <= "\udfff":
            name = "NUL" if character == "\0" else f"U+{ord(character):04X}"
            checker.say("F123", node.span, character=name)
            return None
    return Part(Literal(Type("text", nullable=False), node.value), node.span)


def type_boolean(checker: Checker, node: tree.Boolean, place: Place) -> Part:
    """``true``, ``false``."""
    return Part(Literal(Type("boolean", nullable=False), node.value), node.span)


def type_null(checker: Checker, node: tree.Null, place: Place) -> Part:
    """``null``; what stands beside it gives it a type."""
    return Part(Literal(Type("null"), None), node.span)


def type_number(checker: Checker, node: tree.Number, place: Place) -> Part | None:
    """A number: whole ones are ``integer``, or ``decimal`` beyond its range; with an exponent they are ``float``."""
    literal = read_number(node.text)
    if literal is None:
        checker.say("F124", node.span, number=checker.words(node))
        return None
    return Part(literal, node.span)


def read_number(text: str) -> Literal | None:
    """The number that a text spells; None where no type can hold it.

    >>> read_number("0.50").value
    Decimal('0.50')
    """
    if "e" in text.lower():
        number = float(text)
        lost = number == 0 and any(digit in "123456789" for digit in text.lower().partition("e")[0])
        return None if math.isinf(number) or lost else Literal(Type("float", nullable=False), number)
    if len(text) > _MOST_DIGITS:
        return None
    if "." not in text and -_LARGEST_INTEGER - 1 <= int(text) <= _LARGEST_INTEGER:
        return Literal(Type("integer", nullable=False), int(text))
    return Literal(Type("decimal", nullable=False), Decimal(text))


def type_duration(checker: Checker, node: tree.Duration, place: Place) -> Part | None:
    """``2 years 3 months``."""
    try:
        value = read_duration(node)
    except UnevenDuration as uneven:
        checker.say("F125", node.span, number=uneven.number, unit=uneven.unit, whole=uneven.whole)
        return None
    except OverflowError:
        checker.say("F126", node.span)
        return None
    return Part(Literal(Type("interval", nullable=False), value), node.span)


def type_star(checker: Checker, node: tree.Star, place: Place) -> None:
    """``*`` anywhere but in ``count(*)``."""
    checker.say("F127", node.span)
