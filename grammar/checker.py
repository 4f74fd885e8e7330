"""The checker of one formula: what its rules share. ``grammar/check.py`` puts the rules together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from headrace.diagnostics import Diagnostic, Fix, Span, diagnose
from headrace.grammar import tree
from headrace.grammar.expression import Aggregate, Call, Column, Expression, Literal, Scope, Window
from headrace.grammar.function import Function
from headrace.grammar.functions import CATALOGUE, entry_of
from headrace.grammar.nulls import nullable
from headrace.grammar.overloads import Mismatch, converted, resolve, result_type, shape
from headrace.grammar.parse import MAX_DEPTH, parse
from headrace.grammar.part import Part, Place, base_of
from headrace.grammar.types import Type

LARGEST = 20_000
"""Parts of a formula, with all formulas put in."""

DEEPEST = 300
"""How far a formula may nest, with all formulas put in, as ``nesting`` counts it: what comes after recurses over it.

So 200 terms of a sum, 100 calls within calls, 40 where the SQL of a call is three calls.
"""

Argument = Callable[[tree.Name, Place], Part | None]
"""What a name stands for in the formula of an own function: the part that its caller wrote, typed for the place."""

Rule = Callable[["Checker", Any, Place], Part | None]

_LONGEST_WORDS = 60


@dataclass
class Formulas:
    """The virtual columns and values that a check has met: those done, and those being typed.

    ``inlined`` counts the calls of own functions.
    """

    done: dict[tuple[str, bool], Part | Diagnostic] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    inlined: int = 0


class Checker:
    """Types the parts of one formula text over a scope, and collects what there is to say.

    A rule gives the part's typed expression, or None after saying why there is none; whoever gets None says nothing
    more, so that one mistake is one diagnostic.
    """

    def __init__(
        self,
        text: str,
        scope: Scope,
        rules: Mapping[type[tree.Node], Rule],
        pointer: str | None = None,
        formulas: Formulas | None = None,
    ) -> None:
        self.text = text
        self.scope = scope
        self.rules = rules
        self.pointer = pointer
        self.formulas = formulas or Formulas()
        self.diagnostics: list[Diagnostic] = []
        self.arguments: Mapping[str, Argument] = {}
        self.caller: Checker | None = None
        self._depth = 0

    # Typing

    def part(self, node: tree.Node, place: Place) -> Part | None:
        """The typed part, or None after saying what is wrong with it."""
        if self._depth >= MAX_DEPTH:
            self.say("F154", node.span)
            return None
        self._depth += 1
        try:
            if place.grouped and isinstance(node, _SPELLED):
                group = self._group(node)
                if group is not None:
                    return group
            return self.rules[type(node)](self, node, place)
        finally:
            self._depth -= 1

    @property
    def callers(self) -> Iterator[Checker]:
        """The checkers of the formulas that call the own function whose formula this one types, nearest first."""
        caller = self.caller
        while caller is not None:
            yield caller
            caller = caller.caller

    def _group(self, node: tree.Node) -> Part | None:
        """The part where it spells out what the rows are grouped by: ``start_of_month(day)``, by that."""
        spelled = [each for each in (self.scope.groups or {}).values() if not isinstance(each, Column | Literal)]
        if not spelled:
            return None
        quiet = Checker(self.text, replace(self.scope, groups=None), self.rules, formulas=self.formulas)
        quiet.arguments, quiet.caller = self.arguments, self.caller
        said = [(caller, len(caller.diagnostics)) for caller in quiet.callers]
        part = quiet.part(node, Place())
        for caller, before in said:
            del caller.diagnostics[before:]
        return (
            Part(part.expression, node.span, "aggregate") if part is not None and part.expression in spelled else None
        )

    def parts(self, nodes: Iterable[tree.Node], place: Place) -> list[Part] | None:
        """All typed parts; None where one has failed, after checking the others too."""
        found = [self.part(node, place) for node in nodes]
        typed = [part for part in found if part is not None]
        return typed if len(typed) == len(found) else None

    def build(self, expression: Expression, parts: Sequence[Part], span: Span) -> Part | None:
        """A part made of ``parts``, which must go together: either of one row or of many."""
        base = base_of(part.base for part in parts)
        if base is None:
            row = next(part for part in parts if part.base == "row")
            aggregate = next(part for part in parts if part.base == "aggregate")
            self.say("F136", span, row=self.words(row), aggregate=self.words(aggregate), hints=_ONE_LEVEL)
            return None
        size = 1 + sum(part.size for part in parts)
        depth = nesting(expression) + max((part.depth for part in parts), default=0)
        part = Part(expression, span, base, any(each.window for each in parts), size, depth)
        return self.bounded(part)

    def bounded(self, part: Part) -> Part | None:
        """The part, unless it has become too large for what comes after."""
        if part.size > LARGEST:
            hints = ["Compute some of it in a derive step before, under a name."]
            self.say("F153", part.span, limit=LARGEST, hints=hints)
            return None
        if part.depth > DEEPEST:
            self.say("F154", part.span)
            return None
        return part

    def call(self, function: Function, signature: int, parts: Sequence[Part], span: Span) -> Part | None:
        """A call of a signature that fits ``parts``."""
        arguments, type_ = self.prepared(function, signature, parts)
        expressions = tuple(part.expression for part in arguments)
        return self.build(Call(type_, function.name, signature, expressions, given(function)), arguments, span)

    def prepared(self, function: Function, signature: int, parts: Sequence[Part]) -> tuple[Sequence[Part], Type]:
        """The arguments as the signature takes them, and the type of the result."""
        entry = function.signatures[signature]
        kinds = shape(entry.arguments)
        printed = [self._printed(part) if kinds.kind(index) == "printed" else part for index, part in enumerate(parts)]
        arguments, same = converted(function, entry, printed)
        expressions = [part.expression for part in arguments]
        type_ = result_type(entry, expressions, same)
        return arguments, type_.with_null(nullable(function, expressions))

    def completed(self, function: Function, signature: int, parts: Sequence[Part], span: Span) -> list[Part]:
        """The arguments with those that were left out: their defaults, and the project's time zone."""
        entry = function.signatures[signature]
        result = list(parts)
        for index in range(len(parts), len(entry.arguments)):
            if index == entry.timezone:
                result.append(constant(self.scope.timezone, span))
            elif index in entry.defaults:
                result.append(moved(self._default(entry.defaults[index]), span))
            else:
                break
        return result

    def _default(self, text: str) -> Part:
        tree_ = parse(text).tree
        inner = Checker(text, Scope(timezone=self.scope.timezone), self.rules)
        part = None if tree_ is None else inner.part(tree_, Place())
        if part is None:
            raise ValueError(f"the default {text} in the catalogue has no type")
        return part

    def _printed(self, part: Part) -> Part:
        """The part as text, as ``to_text`` writes it."""
        if part.type.kind in ("text", "null"):
            return part
        to_text = CATALOGUE["to_text"]
        signature = resolve(to_text, [part])
        made = None if isinstance(signature, Mismatch) else self.call(to_text, signature, [part], part.span)
        return made if made is not None else part

    # Saying

    def say(
        self,
        code: str,
        span: Span,
        *,
        hints: Iterable[str] = (),
        fixes: Iterable[Fix] = (),
        **params: Any,
    ) -> None:
        """Collect a diagnostic; the same one at the same place is said once."""
        if any(known.code == code and known.span == span for known in self.diagnostics):
            return
        self.diagnostics.append(
            diagnose(code, span=span, pointer=self.pointer, source=self.text, hints=hints, fixes=fixes, **params)
        )

    def written(self, part: Part | tree.Node | Span) -> str:
        """A part of the formula exactly as it was written, for fixes."""
        span = part if isinstance(part, Span) else part.span
        return self.text[span.start : span.end]

    def words(self, part: Part | tree.Node | Span) -> str:
        """A part of the formula as it was written, on one line and not too long."""
        text = " ".join(self.written(part).split())
        return text if len(text) <= _LONGEST_WORDS else text[: _LONGEST_WORDS - 1] + "…"


_ONE_LEVEL = ("An aggregate function makes one value of many rows; per repeats it on each of them: sum(x per ()).",)


_SPELLED = (tree.Call, tree.Binary, tree.Unary, tree.Cast, tree.Case, tree.In, tree.Between, tree.Like, tree.IsNull)
"""What an expression that rows are grouped by can be spelled as."""


def nesting(expression: Expression) -> int:
    """How far the outermost expression nests in SQL: 1 for two operands, else 3 and 2 for each bracket in a bracket."""
    if isinstance(expression, Window):
        return nesting(expression.function)
    if not isinstance(expression, Call | Aggregate):
        return 3
    signature = entry_of(expression).signatures[expression.signature]
    templates = (*signature.sql.values(), *signature.outside.values())
    brackets = sum(_brackets(template) for template in templates)
    return 1 if not brackets and "{1}" in templates[0] else 1 + 2 * max(brackets, 1)


@lru_cache(maxsize=2048)
def _brackets(template: str) -> int:
    deepest = open_ = 0
    for character in template:
        if character == "(":
            open_ += 1
            deepest = max(deepest, open_)
        elif character == ")":
            open_ -= 1
    return deepest


def given(function: Function) -> Function | None:
    """The function where it is none of the catalogue's, which typed calls know by its name."""
    return None if CATALOGUE.get(function.name) is function else function


def constant(value: bool | int | str, span: Span) -> Part:
    """A part for a constant that the formula does not spell."""
    kind = "boolean" if isinstance(value, bool) else "integer" if isinstance(value, int) else "text"
    return Part(Literal(Type(kind, nullable=False), value), span)


def moved(part: Part, span: Span) -> Part:
    """The part as if it stood at ``span``."""
    return replace(part, span=span)
