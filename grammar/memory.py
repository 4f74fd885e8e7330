"""Formulas typed before: the same text over the same names means the same, and is not typed again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from headrace.grammar.check import Typed, type_formula
from headrace.grammar.expression import Expression, Level, Scope
from headrace.grammar.parse import parse
from headrace.grammar.tree import Node, names_in, paths_in

_KEPT = 4_096
"""Formulas that are kept; when there are more, all are forgotten."""

_LONGEST = 2_000
"""Characters of a formula that is kept."""

_ROW: tuple[Level, ...] = ("row",)

_Named = tuple[str, Expression | None, str | None]
"""A name with the column and the formula that it may mean."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A typed formula, and all that it depends on: the names that stand in it, directly or through formulas."""

    names: tuple[_Named, ...]
    paths: tuple[tuple[tuple[str, ...], Expression | None], ...]
    rest: tuple[Any, ...]
    typed: Typed


@dataclass(frozen=True, slots=True)
class Named:
    """What stands in a formula: its unqualified names, and its paths through relations. Nothing where it cannot be
    read."""

    names: frozenset[str] = frozenset()
    paths: frozenset[tuple[str, ...]] = frozenset()


class FormulaMemory:
    """Remembers formulas without mistakes. Any number of threads may use one; it holds a bounded number of formulas.

    Only what a formula names is compared, so a formula over a thousand columns is found as fast as one over three,
    and in the next document too.

    >>> from headrace.grammar.expression import Column
    >>> from headrace.grammar.types import Type
    >>> memory = FormulaMemory()
    >>> scope = Scope(columns={"amount": Column(Type("decimal"), "amount")})
    >>> memory.type_formula("amount * 2", scope) is memory.type_formula("amount * 2", scope)
    True
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[str, tuple[Level, ...], bool], _Entry] = {}
        self._named: dict[str, Named] = {}

    def named(self, text: str) -> Named:
        """What stands in a formula.

        >>> sorted(FormulaMemory().named("price * customer.discount").paths)
        [('customer', 'discount')]
        """
        found = self._named.get(text)
        if found is None:
            tree = parse(text).tree
            found = Named() if tree is None else Named(frozenset(names_in(tree)), frozenset(paths_in(tree)))
            if len(text) < _LONGEST:
                if len(self._named) >= _KEPT:
                    self._named = {}
                self._named[text] = found
        return found

    def type_formula(
        self, text: str, scope: Scope, *, pointer: str | None = None, levels: Collection[Level] = _ROW
    ) -> Typed:
        """As ``headrace.grammar.check.type_formula``."""
        key = (text, tuple(levels), scope.groups is None)
        entry = self._entries.get(key)
        if entry is not None and _still_holds(entry, scope):
            return entry.typed
        typed = type_formula(text, scope, pointer=pointer, levels=levels)
        # What is said of a formula names its place, and what else there is: only those in order are kept.
        if typed.expression is not None and typed.tree is not None and not typed.diagnostics and len(text) < _LONGEST:
            if len(self._entries) >= _KEPT:
                self._entries = {}
            self._entries[key] = _entry(typed, typed.tree, scope)
        return typed


def _rest(scope: Scope) -> tuple[Any, ...]:
    # Keys of groups may be spelled out, so all of them count.
    return scope.parameters, scope.timezone, scope.functions, scope.unreachable, scope.groups, scope.filled


def _still_holds(entry: _Entry, scope: Scope) -> bool:
    columns, formulas = scope.columns, scope.formulas
    for name, column, formula in entry.names:
        if columns.get(name) != column or formulas.get(name) != formula:
            return False
    for path, column in entry.paths:
        if scope.qualified.get(path[:-1], {}).get(path[-1]) != column:
            return False
    return _rest(scope) == entry.rest


def _entry(typed: Typed, tree: Node, scope: Scope) -> _Entry:
    names: dict[str, _Named] = {}
    paths: dict[tuple[str, ...], Expression | None] = {}
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        for path in paths_in(node):
            paths[path] = scope.qualified.get(path[:-1], {}).get(path[-1])
        for name in names_in(node) - names.keys():
            formula = scope.formulas.get(name)
            names[name] = (name, scope.columns.get(name), formula)
            inner = None if formula is None else parse(formula).tree
            if inner is not None:
                waiting.append(inner)
    return _Entry(tuple(names.values()), tuple(paths.items()), _rest(scope), typed)
