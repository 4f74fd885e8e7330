"""``x::type``: which types a value can be turned into, and by which function."""

from __future__ import annotations

import re
from dataclasses import replace

from headrace.diagnostics import Fix, Span, closest
from headrace.grammar import tree
from headrace.grammar.checker import Checker
from headrace.grammar.coerce import MOMENTS, NUMBERS, convert_constant
from headrace.grammar.conflicts import READ_AS, as_moment
from headrace.grammar.expression import Cast, Literal
from headrace.grammar.functions import lookup
from headrace.grammar.overloads import Mismatch, resolve
from headrace.grammar.part import Part, Place
from headrace.grammar.types import KINDS, Type, parse_type

_DIRECT = {
    ("text", "boolean"),
    ("text", "integer"),
    ("text", "decimal"),
    ("text", "float"),
    ("text", "uuid"),
    ("text", "json"),
    ("boolean", "text"),
    ("integer", "text"),
    ("decimal", "text"),
    ("float", "text"),
    ("uuid", "text"),
    ("json", "text"),
    ("date", "timestamp"),
    ("timestamp", "date"),
    ("timestamp", "time"),
}
"""Casts of PostgreSQL that depend on no setting, besides those between numbers."""


def type_cast(checker: Checker, node: tree.Cast, place: Place) -> Part | None:
    """``x::type``."""
    part = checker.part(node.operand, place)
    wanted = parse_type(node.type_name)
    if wanted is None:
        near = closest(node.type_name, KINDS)
        bare = parse_type(re.sub(r"\(.*", "", node.type_name))
        if bare is not None:  # varchar(10): no text is cut short.
            near = [bare.kind]
        hints = [f"Did you mean {' or '.join(near)}?"] if near else [f"There are: {', '.join(KINDS)}."]
        fixes = [Fix(f"Write {each}", f"{checker.written(node.operand)}::{each}", node.span) for each in near[:1]]
        checker.say("F119", node.span, name=node.type_name, candidates=near, hints=hints, fixes=fixes)
        return None
    return None if part is None else cast(checker, part, wanted, node.span)


def cast(checker: Checker, part: Part, wanted: Type, span: Span) -> Part | None:
    """The part as ``wanted``: by the function ``to_…`` of the catalogue where it takes the part, else directly."""
    found = part.type
    if part.is_null:
        return Part(Literal(wanted.with_null(), None), span)
    type_ = wanted.with_null(found.nullable)
    if found.same_as(wanted):
        return replace(part, span=span)
    constant = convert_constant(part.expression, wanted) if wanted.precision is None else None
    if constant is not None:
        return replace(part, expression=constant, span=span)
    if part.text is not None and wanted.kind in MOMENTS:
        kind = READ_AS[wanted.kind]
        fixes = as_moment(part, wanted.kind)
        checker.say("F116", part.span, text=checker.words(part), kind=kind, wanted=wanted.kind, fixes=fixes)
        return None
    made = _by_function(checker, part, wanted, span)
    if made is not None:
        if made.type.same_as(wanted):
            return made
        return checker.build(Cast(wanted.with_null(made.type.nullable), made.expression), [made], span)
    numbers = found.kind in NUMBERS and wanted.kind in NUMBERS
    if not numbers and (found.kind, wanted.kind) not in _DIRECT:
        _refuse(checker, part, wanted, span)
        return None
    return checker.build(Cast(type_, part.expression), [part], span)


def _by_function(checker: Checker, part: Part, wanted: Type, span: Span) -> Part | None:
    if part.type.kind == wanted.kind:
        return part
    function = lookup(f"to_{wanted.kind}")
    if function is None:
        return None
    signature = resolve(function, [part])
    if isinstance(signature, Mismatch):
        return None
    return checker.call(function, signature, checker.completed(function, signature, [part], span), span)


def _refuse(checker: Checker, part: Part, wanted: Type, span: Span) -> None:
    words = checker.words(part)
    hints = []
    if {part.type.kind, wanted.kind} <= {"timestamp", "timestamptz", "date"}:
        hints = [f'at_timezone({words}, "Europe/Paris") goes between a moment in the world and the clocks somewhere.']
    elif part.type.kind == "boolean" and wanted.is_number:
        hints = [f"Write if({words}, 1, 0)."]
    checker.say("F120", span, found=words, type=str(part.type), wanted=str(wanted), hints=hints)
