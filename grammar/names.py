"""What names mean: columns, keys of groups, virtual formulas, columns through a relation, parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable

from headrace.diagnostics import Diagnostic, Fix, closest, diagnose, there_are
from headrace.grammar import tree
from headrace.grammar.checker import Checker, moved
from headrace.grammar.expression import ParameterValue, Unreachable
from headrace.grammar.function import Signature
from headrace.grammar.functions import lookup
from headrace.grammar.levels import admit
from headrace.grammar.parse import parse
from headrace.grammar.part import Part, Place, part_of
from headrace.grammar.printer import print_name, print_text

_DEEPEST_FORMULAS = 32
_TRUTHS = {
    **dict.fromkeys(("vrai", "wahr", "verdadero", "vero", "verdadeiro", "yes", "oui"), "true"),
    **dict.fromkeys(("faux", "falsch", "falso", "no", "non"), "false"),
}
"""Words for true and false in other languages."""
_CELL = re.compile(r"[A-Z]{1,3}[0-9]{1,7}")
_AS_THEY_ARE = ("F150", "F152", "F153", "F154", "F155")
"""What is wrong with formulas together, not with the one that is named."""


def type_name(checker: Checker, node: tree.Name, place: Place) -> Part | None:
    """A column or formula by its name, or a column through a relation."""
    if node.path[0] in checker.arguments:
        return checker.arguments[node.path[0]](node, place)
    if len(node.path) > 1:
        return _through_relation(checker, node, place)
    name = node.path[0]
    scope = checker.scope
    if place.grouped:
        keys = scope.groups or {}
        if name in keys:
            return Part(keys[name], node.span, "aggregate")
        if name in scope.formulas:
            return _formula(checker, name, node, place)
        if name in scope.columns:
            checker.say("F135", node.span, name=name, hints=_make_one_value(checker, node))
            return None
        _unknown(checker, name, node, [*keys, *scope.formulas])
        return None
    if name in scope.columns:
        return part_of(scope.columns[name], node.span)
    if name in scope.formulas:
        return _formula(checker, name, node, place)
    _unknown(checker, name, node, [*scope.columns, *scope.formulas])
    return None


def _through_relation(checker: Checker, node: tree.Name, place: Place) -> Part | None:
    path, name = node.path[:-1], node.path[-1]
    qualified = checker.scope.qualified
    if path not in qualified:
        _nowhere(checker, node, checker.scope.unreachable.get(path, Unreachable("F103", {"name": path[0]})))
        return None
    columns = qualified[path]
    if name not in columns:
        near = closest(name, columns)
        fixes = [Fix(f"Write {each}", _printed((*path, each)), node.span) for each in near[:1]]
        checker.say(
            "F104",
            node.span,
            relation=".".join(path),
            name=name,
            candidates=near,
            hints=_meant(near, columns),
            fixes=fixes,
        )
        return None
    if place.grouped:
        if columns[name] in (checker.scope.groups or {}).values():
            return Part(columns[name], node.span, "aggregate")
        checker.say("F135", node.span, name=checker.words(node), hints=_make_one_value(checker, node))
        return None
    return part_of(columns[name], node.span)


def _nowhere(checker: Checker, node: tree.Name, why: Unreachable) -> None:
    known = why.known
    if why.code == "F103" and why.place == 0:
        known = tuple(dict.fromkeys((*known, *(path[0] for path in checker.scope.qualified))))
    near = closest(node.path[why.place], known)
    fixes = [
        Fix(f"Write {each}", _printed((*node.path[: why.place], each, *node.path[why.place + 1 :])), node.span)
        for each in near[:1]
    ]
    hints = [*why.hints, *(_meant(near, known) if known else ())]
    params = {**why.params, **({"candidates": near} if known else {})}
    checker.say(why.code, node.span, hints=hints, fixes=fixes, **params)


def _printed(path: tuple[str, ...]) -> str:
    return ".".join(print_name(each) for each in path)


def _make_one_value(checker: Checker, node: tree.Name) -> list[str]:
    words = checker.words(node)
    return [f"Make one value of many, as in sum({words}) or max({words}), or add {words} to by."]


def _unknown(checker: Checker, name: str, node: tree.Name, known: list[str]) -> None:
    near = closest(name, known)
    hints = _meant([print_name(each) for each in near], known)
    fixes = [Fix(f"Write {print_name(each)}", print_name(each), node.span) for each in near[:1]]
    if name in checker.scope.parameters:
        hints = [f"${name} is a parameter: write it with its $."]
        fixes = [Fix(f"Write ${name}", f"${name}", node.span)]
    elif not near:
        function = lookup(name)
        if function is not None and any(_takes_nothing(each) for each in function.signatures):
            hints = [f"{name}() is a function: write it with brackets."]
            fixes = [Fix(f"Write {name}()", f"{name}()", node.span)]
        elif function is not None:
            hints = [f"{name}(…) is a function: write what it works on in brackets.", *hints]
        elif name.casefold() in _TRUTHS:
            truth = _TRUTHS[name.casefold()]
            hints = [f"Write {truth}."]
            fixes = [Fix(f"Write {truth}", truth, node.span)]
        elif _CELL.fullmatch(name):
            hints = [f"{name} is a cell of a spreadsheet; a formula names columns, and computes every row.", *hints]
        else:
            text = print_text(name)
            hints = [f"If it is a text, write it in quotes: {text}.", *hints]
            fixes = [Fix(f"As a text: {text}", text, node.span)]
    checker.say("F100", node.span, name=print_name(name), candidates=near, hints=hints, fixes=fixes)


def _takes_nothing(signature: Signature) -> bool:
    return all(argument.endswith("?") for argument in signature.arguments)


def _meant(near: list[str], known: Iterable[str]) -> list[str]:
    if near:
        return [f"Did you mean {' or '.join(near)}?"]
    return there_are([print_name(name) for name in known])


def _formula(checker: Checker, name: str, node: tree.Name, place: Place) -> Part | None:
    """A virtual column or value, typed where it is used and put in its place."""
    formulas = checker.formulas
    if name in formulas.open:
        circle = [*formulas.open[formulas.open.index(name) :], name]
        checker.say("F150", node.span, circle=" → ".join(circle), names=circle)
        return None
    if len(formulas.open) >= _DEEPEST_FORMULAS:
        checker.say("F152", node.span, limit=_DEEPEST_FORMULAS)
        return None
    found = formulas.done.get((name, place.grouped))
    if found is None:
        found = _type_formula(checker, name, place)
        formulas.done[name, place.grouped] = found
    if isinstance(found, Diagnostic):
        if found.code in _AS_THEY_ARE:
            checker.say(found.code, node.span, **found.params)
            return None
        text = checker.scope.formulas[name]
        hints = [f"{name} is {' '.join(text.split())}.", *found.hints]
        checker.say("F151", node.span, name=name, formula=text, message=found.message, cause=found.code, hints=hints)
        return None
    return admit(checker, moved(found, node.span), place)


def _type_formula(checker: Checker, name: str, place: Place) -> Part | Diagnostic:
    text = checker.scope.formulas[name]
    parsed = parse(text)
    inner = Checker(text, checker.scope, checker.rules, checker.pointer, checker.formulas)
    part = None
    if parsed.tree is not None:
        checker.formulas.open.append(name)
        try:
            part = inner.part(parsed.tree, Place(place.grouped, aggregates=True, windows=True))
        finally:
            checker.formulas.open.pop()
    if part is not None:
        return part
    said = [*parsed.diagnostics, *inner.diagnostics]
    errors = [each for each in said if each.severity == "error"]
    return errors[0] if errors else diagnose("F100", name=name, source=text)


def type_parameter(checker: Checker, node: tree.Parameter, place: Place) -> Part | None:
    """A parameter that is one value."""
    found = parameter(checker, node)
    if found is not None and found.many:
        checker.say("F106", node.span, name=node.name, hints=[f"For example: country in ${node.name}."])
        return None
    return None if found is None else Part(found, node.span)


def parameter(checker: Checker, node: tree.Parameter) -> ParameterValue | None:
    """A parameter, be it one value or a list."""
    known = checker.scope.parameters
    if node.name not in known:
        near = closest(node.name, known)
        fixes = [Fix(f"Write ${each}", f"${each}", node.span) for each in near[:1]]
        hints = _meant([f"${each}" for each in near], known) if near else [_parameters(known)]
        checker.say("F102", node.span, name=node.name, candidates=near, hints=hints, fixes=fixes)
        return None
    type_, many = known[node.name]
    return ParameterValue(type_, node.name, many)


def _parameters(known: Iterable[str]) -> str:
    names = [f"${name}" for name in known]
    return f"There are: {', '.join(names)}." if names else "Parameters are declared at the head of the document."
