"""The meaning of a formula: its text or tree over a scope → a typed expression, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from headrace.diagnostics import Diagnostic
from headrace.grammar import tree
from headrace.grammar.branches import type_case
from headrace.grammar.calls import type_call
from headrace.grammar.casts import type_cast
from headrace.grammar.checker import Checker, Rule
from headrace.grammar.constants import type_boolean, type_duration, type_null, type_number, type_star, type_text
from headrace.grammar.expression import Expression, Level, Scope
from headrace.grammar.names import type_name, type_parameter
from headrace.grammar.operations import (
    type_between,
    type_binary,
    type_in,
    type_is_distinct,
    type_is_null,
    type_like,
    type_unary,
)
from headrace.grammar.parse import parse
from headrace.grammar.part import Part, Place

_RULES: Mapping[type[tree.Node], Rule] = MappingProxyType(
    {
        tree.Text: type_text,
        tree.Number: type_number,
        tree.Boolean: type_boolean,
        tree.Null: type_null,
        tree.Duration: type_duration,
        tree.Star: type_star,
        tree.Name: type_name,
        tree.Parameter: type_parameter,
        tree.Unary: type_unary,
        tree.Binary: type_binary,
        tree.In: type_in,
        tree.Between: type_between,
        tree.Like: type_like,
        tree.IsNull: type_is_null,
        tree.IsDistinct: type_is_distinct,
        tree.Cast: type_cast,
        tree.Case: type_case,
        tree.Call: type_call,
    }
)


_ROW: tuple[Level, ...] = ("row",)


@dataclass(frozen=True, slots=True)
class Typed:
    """A formula's text and tree, its typed expression (None where there is an error), and what there is to say."""

    text: str
    tree: tree.Node | None
    expression: Expression | None
    diagnostics: tuple[Diagnostic, ...] = ()


def type_formula(text: str, scope: Scope, *, pointer: str | None = None, levels: Collection[Level] = _ROW) -> Typed:
    """The formula's meaning over ``scope``. Never raises, whatever the text.

    ``levels`` says what the value may be: of one ``row``, an ``aggregate`` of many, and whether it may look at other
    rows (``window``). With ``scope.groups`` aggregates are always allowed. The constant null keeps the kind ``null``
    where nothing gives it another.

    >>> from headrace.grammar.expression import Column
    >>> from headrace.grammar.types import Type
    >>> scope = Scope(columns={"amount": Column(Type("decimal"), "amount")})
    >>> str(type_formula("amount * 2", scope).expression.type)
    'decimal'
    >>> type_formula("amout * 2", scope).diagnostics[0].message
    'There is no column amout.'
    """
    parsed = parse(text)
    if parsed.tree is None:
        said = tuple(each.at(pointer=pointer) if pointer is not None else each for each in parsed.diagnostics)
        return Typed(text, None, None, said)
    typed = type_tree(parsed.tree, scope, text=text, pointer=pointer, levels=levels)
    said = tuple(each.at(pointer=pointer) if pointer is not None else each for each in parsed.diagnostics)
    return Typed(text, typed.tree, typed.expression, (*said, *typed.diagnostics))


def type_tree(
    node: tree.Node,
    scope: Scope,
    *,
    text: str = "",
    pointer: str | None = None,
    levels: Collection[Level] = _ROW,
) -> Typed:
    """The meaning of a tree whose spans lie in ``text``; as ``type_formula``."""
    checker = Checker(text, scope, _RULES, pointer)
    grouped = scope.groups is not None
    place = Place(grouped, aggregates=grouped or "aggregate" in levels, windows="window" in levels)
    try:
        part = checker.part(node, place)
    except RecursionError:
        # The limits on nesting leave room for an ordinary stack; a host may call from deep within its own.
        checker.say("F154", node.span)
        part = None
    if part is not None and not _is_wanted(checker, part, grouped, levels):
        part = None
    expression = None if part is None else part.expression
    return Typed(text, node, expression, tuple(checker.diagnostics))


def _is_wanted(checker: Checker, part: Part, grouped: bool, levels: Collection[Level]) -> bool:
    """Whether a value of the row may be the formula's result; says so where not."""
    if grouped or "row" in levels or part.base != "row" or (part.window and "window" in levels):
        return True
    words = checker.words(part)
    checker.say("F137", part.span, found=words, hints=[f"For example: sum({words}) or max({words})."])
    return False
