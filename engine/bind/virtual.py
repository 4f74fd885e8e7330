"""Virtual columns and values: the ``formulas:`` of sources and nodes, computed where they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.diagnostics import Diagnostic, diagnose
from headrace.grammar.check import type_formula
from headrace.grammar.expression import LEVELS
from headrace.grammar.parse import parse
from headrace.grammar.tree import names_in
from headrace.grammar.types import Schema
from headrace.models import Node, Source
from headrace.models.steps import Join, Lookup

Used = tuple[str, str]
"""A formula by its name and text: what a use of it says of it."""


def own_formulas(owner: Source | Node, schema: Schema, report: Callable[..., None]) -> dict[str, str]:
    """The formulas of a source or node over its columns, without those that have the name of one, after reporting."""
    for name in owner.formulas:
        if name in schema:
            report("S170", owner.at("formulas", name), found=name)
    return {name: text for name, text in owner.formulas.items() if name not in schema}


def check_formulas(owner: Source | Node, stream: Stream, context: Context, bound_elsewhere: Iterable[str]) -> set[Used]:
    """Report what is wrong with the own formulas of a source or node, and give those that are.

    A formula that needs a parameter which only a ``for_each`` has (``bound_elsewhere``) is typed where it is used.
    """
    elsewhere = set(bound_elsewhere) - context.parameters.keys()
    scope = context.scope(stream)
    grouped = replace(scope, groups=scope.columns)
    bad: set[Used] = set()
    circles: set[frozenset[str]] = set()
    for name, text in owner.formulas.items():
        if stream.formulas.get(name) != text:
            continue
        typed = type_formula(text, scope, pointer=owner.at("formulas", name), levels=LEVELS)
        if typed.expression is None and type_formula(text, grouped, levels=LEVELS).expression is not None:
            continue  # a value beside keys, as in sum(sold order by month): it can stand where these are groups
        if any(each.code == "F102" and each.params.get("name") in elsewhere for each in typed.diagnostics):
            continue
        if typed.expression is None:
            bad.add((name, text))
        for each in typed.diagnostics:
            if each.code == "F150":
                circle = each.params["names"][:-1]
                if frozenset(circle) in circles:
                    continue
                circles.add(frozenset(circle))
                if name in circle:
                    at = circle.index(name)
                    told = [*circle[at:], *circle[:at], name]
                    each = diagnose(
                        "F150", pointer=each.pointer, span=each.span, source=text, circle=" → ".join(told), names=told
                    )
            elif is_use_of(each, owner.formulas.items()):
                continue  # its own mistake has been said
            context.reported.append(each)
    return bad


def is_use_of(diagnostic: Diagnostic, formulas: Iterable[Used]) -> bool:
    """Whether a diagnostic says that one of ``formulas``, or a circle of them, cannot be used at a place."""
    if diagnostic.code == "F150":
        return set(diagnostic.params["names"]) <= {name for name, _ in formulas}
    return diagnostic.code == "F151" and (diagnostic.params["name"], diagnostic.params["formula"]) in set(formulas)


def other_side(step: Join | Lookup, context: Context) -> Stream | None:
    """What a join or lookup meets, beside its columns those virtual ones that the step takes; None after reporting."""
    stream = context.lookup(step.with_, step.at("with"))
    if stream is None:
        return None
    named = {name: step.at("columns", index) for index, name in enumerate(step.columns or ())}
    wanted = {each for each in named if each not in stream.relation.schema and each in stream.formulas}
    if not wanted or context.with_formulas is None:
        return stream
    relation = context.with_formulas(step.with_, stream, wanted)
    if relation is None:
        return None
    lost = [each for each in named if each in wanted and each not in relation.schema]
    for each in lost:
        context.formula(stream.formulas[each], named[each], context.scope(stream))
    return None if lost else replace(stream, relation=relation)


def usable(formulas: Mapping[str, str], schema: Schema) -> dict[str, str]:
    """The formulas whose names are all there: columns of ``schema``, or others that are usable."""
    trees = {name: parse(text).tree for name, text in formulas.items()}
    needs = {name: set() if tree is None else names_in(tree) - set(schema.names) for name, tree in trees.items()}
    kept = dict(formulas)
    while lost := [name for name in kept if not needs[name] <= kept.keys()]:
        for name in lost:
            del kept[name]
    return kept


def alike(streams: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The formulas that all have, with the same text."""
    first, *others = streams
    return {name: text for name, text in first.items() if all(other.get(name) == text for other in others)}
