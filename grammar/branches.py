"""The forms that choose between values: ``if``, ``ifs``, ``switch`` and ``case``."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.diagnostics import Span
from headrace.grammar import tree
from headrace.grammar.checker import Checker
from headrace.grammar.coerce import common_type, convert
from headrace.grammar.conflicts import say_apart
from headrace.grammar.expression import Case, Literal
from headrace.grammar.operations import compare, is_condition
from headrace.grammar.part import Part, Place
from headrace.grammar.types import Type

_Pairs = Sequence[tuple[tree.Node, tree.Node]]


def type_case(checker: Checker, node: tree.Case, place: Place) -> Part | None:
    """``case [x] when … then … else … end``."""
    if node.operand is None:
        return _branches(checker, node.branches, node.otherwise, place, "case", node.span)
    return _matches(checker, node.operand, node.branches, node.otherwise, place, "case", node.span)


def type_if(checker: Checker, node: tree.Call, place: Place) -> Part | None:
    """``if(condition, value, …, otherwise)``, ``ifs(condition, value, …)``."""
    arguments = node.arguments
    if len(arguments) < 2:
        checker.parts(arguments, place)
        _say_count(checker, node, "at least 2 arguments", len(arguments), 'if(amount > 100, "big", "small")')
        return None
    pairs = list(zip(arguments[0:-1:2], arguments[1::2], strict=False))
    otherwise = arguments[-1] if len(arguments) % 2 else None
    return _branches(checker, pairs, otherwise, place, node.name, node.span)


def type_switch(checker: Checker, node: tree.Call, place: Place) -> Part | None:
    """``switch(x, match, value, …, otherwise)``."""
    arguments = node.arguments
    if len(arguments) < 3:
        checker.parts(arguments, place)
        example = 'switch(country, "FR", "France", "other")'
        _say_count(checker, node, "at least 3 arguments", len(arguments), example)
        return None
    operand, *rest = arguments
    pairs = list(zip(rest[0:-1:2], rest[1::2], strict=False))
    otherwise = rest[-1] if len(rest) % 2 else None
    return _matches(checker, operand, pairs, otherwise, place, "switch", node.span)


def _say_count(checker: Checker, node: tree.Call, expected: str, found: int, example: str) -> None:
    count = str(found or "none")
    checker.say(
        "F111", node.span, function=node.name, expected=expected, found=count, hints=[f"For example: {example}."]
    )


def _matches(
    checker: Checker,
    operand: tree.Node,
    pairs: _Pairs,
    otherwise: tree.Node | None,
    place: Place,
    form: str,
    span: Span,
) -> Part | None:
    """The first value whose match equals the operand."""
    matched = checker.part(operand, place)
    conditions: list[Part] = []
    failed = matched is None
    for match, _ in pairs:
        part = checker.part(match, place)
        condition = None
        if part is not None and matched is not None:
            condition = compare(checker, "equal", (matched, part), part.span)
        if condition is None:
            failed = True
        else:
            conditions.append(condition)
    return _chosen(checker, None if failed else conditions, [value for _, value in pairs], otherwise, place, form, span)


def _branches(
    checker: Checker, pairs: _Pairs, otherwise: tree.Node | None, place: Place, form: str, span: Span
) -> Part | None:
    """The first value whose condition is true."""
    conditions: list[Part] | None = []
    for condition, _ in pairs:
        part = checker.part(condition, place)
        if part is None or not is_condition(checker, part) or conditions is None:
            conditions = None
        else:
            conditions.append(convert(part, Type("boolean"), cast=False))
    return _chosen(checker, conditions, [value for _, value in pairs], otherwise, place, form, span)


def _chosen(
    checker: Checker,
    conditions: Sequence[Part] | None,
    values: Sequence[tree.Node],
    otherwise: tree.Node | None,
    place: Place,
    form: str,
    span: Span,
) -> Part | None:
    typed = checker.parts(values, place)
    last = Part(Literal(Type("null"), None), span) if otherwise is None else checker.part(otherwise, place)
    if conditions is None or typed is None or last is None:
        return None
    results = [*typed, last]
    common = common_type(results)
    if common is None:
        say_apart(checker, results, span, form)
        return None
    results = [convert(part, common, cast=False) for part in results]
    branches = tuple(
        (condition.expression, value.expression) for condition, value in zip(conditions, results, strict=False)
    )
    return checker.build(Case(common, branches, results[-1].expression), [*conditions, *results], span)
