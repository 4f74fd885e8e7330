"""Calls of own functions: the formula of the function, typed where it is called, with the caller's arguments in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from headrace.grammar import tree
from headrace.grammar.checker import Argument, Checker, moved
from headrace.grammar.levels import admit
from headrace.grammar.own_functions import OwnFunction
from headrace.grammar.part import Part, Place
from headrace.grammar.signatures import count_words

MOST_CALLS = 5_000
"""Calls of own functions in a formula, with those inside others: 14 functions that each call the next one twice."""

DEEPEST_CALLS = 32
_AS_THEY_ARE = ("F150", "F152", "F153", "F154", "F155")
_MOST_HINTS = 4
"""What is wrong with formulas together, not with the function that is called."""


def type_own_call(checker: Checker, node: tree.Call, function: OwnFunction, place: Place) -> Part | None:
    """``net(amount)``: as if the function's formula stood there.

    What is wrong with an argument is said of the argument; what the formula cannot do with it, of the call.
    """
    if len(node.arguments) != len(function.arguments):
        checker.parts(node.arguments, Place(place.grouped, aggregates=True, windows=True))
        _say_count(checker, node, function)
        return None
    formulas = checker.formulas
    label = f"{function.name.casefold()}()"
    if label in formulas.open:
        circle = [*formulas.open[formulas.open.index(label) :], label]
        checker.say("F150", node.span, circle=" → ".join(circle), names=circle)
        return None
    if len(formulas.open) >= DEEPEST_CALLS:
        checker.say("F152", node.span, limit=DEEPEST_CALLS)
        return None
    formulas.inlined += 1
    if formulas.inlined > MOST_CALLS or function.parsed.tree is None:
        checker.say("F155", node.span, limit=MOST_CALLS)
        return None
    scope = replace(checker.scope, columns={}, formulas={}, qualified={}, unreachable={})
    inner = Checker(function.formula, scope, checker.rules, checker.pointer, formulas)
    inner.arguments, inner.caller = _arguments(checker, node, function), checker
    formulas.open.append(label)
    try:
        part = inner.part(function.parsed.tree, Place(place.grouped, aggregates=True, windows=True))
    finally:
        formulas.open.pop()
    if part is not None:
        return admit(checker, moved(part, node.span), place)
    errors = [each for each in inner.diagnostics if each.severity == "error"]
    if errors and errors[0].code in _AS_THEY_ARE:
        checker.say(errors[0].code, node.span, **errors[0].params)
    elif errors:
        # Of functions that call one another, what the last one cannot do is said.
        message = errors[0].params["message"] if errors[0].code == "F170" else errors[0].message
        hints = [f"{function.usage} is {function.meaning}.", *errors[0].hints][:_MOST_HINTS]
        found = checker.words(node)
        checker.say(
            "F170", node.span, found=found, function=function.name, message=message, cause=errors[0].code, hints=hints
        )
    return None


def _arguments(checker: Checker, node: tree.Call, function: OwnFunction) -> Mapping[str, Argument]:
    return {
        name: _argument(checker, argument) for name, argument in zip(function.arguments, node.arguments, strict=True)
    }


def _argument(checker: Checker, node: tree.Node) -> Argument:
    """The part that ``node`` is, typed once for every kind of place that the formula has it in."""
    done: dict[Place, Part] = {}
    outside = tuple(checker.formulas.open)

    def typed(name: tree.Name, place: Place) -> Part | None:
        part = done.get(place)
        if part is None:
            # The argument is the caller's: it may call the function again.
            inside = checker.formulas.open
            checker.formulas.open = list(outside)
            try:
                part = checker.part(node, place)
            finally:
                checker.formulas.open = inside
        if part is not None:
            done[place] = part
        # In the words of the function, the part is the name of its argument.
        return None if part is None else moved(part, name.span)

    return typed


def _say_count(checker: Checker, node: tree.Call, function: OwnFunction) -> None:
    checker.say(
        "F111",
        node.span,
        function=function.name,
        expected=count_words(len(function.arguments)),
        found=str(len(node.arguments) or "none"),
        hints=[f"It is called as {function.usage}, and is {function.meaning}."],
    )
