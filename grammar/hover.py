"""What stands at a character of a formula: a column, a function, a parameter, or the value of a part of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any
from typing import Literal as Choice

from headrace.diagnostics import Span
from headrace.grammar import tree
from headrace.grammar.check import type_tree
from headrace.grammar.completion import FORMS, tokens_of
from headrace.grammar.expression import LEVELS, Aggregate, Column, Expression, Scope, Window, level_of, walk
from headrace.grammar.function import Function
from headrace.grammar.functions import lookup
from headrace.grammar.own_functions import entries
from headrace.grammar.parse import parse
from headrace.grammar.tree import Node
from headrace.grammar.types import Type
from headrace.grammar.usage import result_words, usage

HoverKind = Choice["column", "formula", "parameter", "function", "value", "source", "node"]


@dataclass(frozen=True, slots=True)
class Hover:
    """What an editor shows over a place of a formula.

    ``title`` is the thing with its type or its calls, a line each; ``text`` says what it is, ``example`` how it is
    used. ``span`` are the characters that it is about.
    """

    kind: HoverKind
    title: str
    text: str
    span: Span
    example: str = ""

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "kind": self.kind,
            "title": self.title,
            "text": self.text,
            "span": [self.span.start, self.span.end],
        }
        if self.example:
            out["example"] = self.example
        return out


def hover(text: str, offset: int, scope: Scope, functions: Collection[Function] = ()) -> Hover | None:
    """What stands at character ``offset`` of a formula, None where nothing can be said. It never raises.

    >>> from headrace.grammar.expression import Column
    >>> scope = Scope(columns={"amount": Column(Type("decimal"), "amount")})
    >>> hover("amount * 2", 3, scope).title, hover("amount * 2", 7, scope).title
    ('amount: decimal', 'amount * 2: decimal')
    """
    functions = (*functions, *entries(scope.functions))
    root = parse(text).tree
    if root is None:
        return _of_token(text, offset, scope, functions)
    node = _node_at(root, offset)
    if isinstance(node, tree.Call) and node.name_span.start <= offset <= node.name_span.end:
        return _of_function(node.name, node.name_span, functions)
    if isinstance(node, tree.Parameter):
        return _of_parameter(node, scope)
    if isinstance(node, tree.Name):
        return _of_name(node, scope)
    return None if node is None else _of_value(node, text, scope)


def _of_token(text: str, offset: int, scope: Scope, functions: Collection[Function]) -> Hover | None:
    """What a word of a formula is that cannot be parsed: a function before a bracket, a parameter, or a column."""
    tokens = tokens_of(text)
    at = next((index for index, each in enumerate(tokens) if each.start <= offset <= each.end), None)
    if at is None:
        return None
    token = tokens[at]
    if token.kind == "PARAMETER":
        return _of_parameter(tree.Parameter(token.text.strip("${} "), span=token.span), scope)
    if token.kind in ("NAME", "FUNCTION") and at + 1 < len(tokens) and tokens[at + 1].kind == "LPAR":
        return _of_function(token.text.lower(), token.span, functions)
    name = parse(token.text).tree if token.kind in ("NAME", "BRACKETED") else None
    return _of_name(tree.Name(name.path, span=token.span), scope) if isinstance(name, tree.Name) else None


def _node_at(root: Node, offset: int) -> Node | None:
    """The innermost node whose characters take in ``offset``; of two that meet there, the one that begins there."""
    found: Node | None = None
    waiting: list[Node] = [root]
    while waiting:
        inside = [node for node in waiting if node.span.start <= offset <= node.span.end]
        if not inside:
            break
        found = max(inside, key=lambda node: node.span.start)
        waiting = _children(found)
    return found


def _children(node: Node) -> list[Node]:
    """The nodes in a node; clauses, orders and frames are looked through."""
    found: list[Node] = []
    values: list[Any] = [getattr(node, item.name) for item in fields(node)]
    while values:
        value = values.pop()
        if isinstance(value, tuple):
            values.extend(value)
        elif isinstance(value, (tree.Clauses, tree.Order, tree.Frame)):
            values.extend(getattr(value, item.name) for item in fields(value))
        elif isinstance(value, Node):
            found.append(value)
    return found


def _of_function(name: str, span: Span, functions: Collection[Function]) -> Hover | None:
    function = next((each for each in functions if each.name == name), None) or lookup(name)
    if function is None:
        form = FORMS.get(name)
        return None if form is None else Hover("function", f"{form[0][0]} → {form[1]}", form[2], span)
    title = "\n".join(f"{call} → {result_words(function)}" for call in usage(function))
    example = next((each for each in function.examples if not each.rows), None)
    shown = "" if example is None else f"{example.formula} is {'null' if example.value is None else example.value}"
    return Hover("function", title, " ".join(filter(None, (function.meaning, function.caution))), span, shown)


def _of_parameter(node: tree.Parameter, scope: Scope) -> Hover | None:
    if node.name not in scope.parameters:
        return None
    type_, many = scope.parameters[node.name]
    return Hover("parameter", f"${node.name}: {'list of ' if many else ''}{type_}", "A parameter.", node.span)


def _of_name(node: tree.Name, scope: Scope) -> Hover | None:
    name = node.path[-1]
    if len(node.path) > 1:
        found = scope.qualified.get(node.path[:-1], {}).get(name)
        return None if found is None else _of_column(".".join(node.path), found, node.span)
    if name in scope.columns:
        return _of_column(name, scope.columns[name], node.span)
    if name in (scope.groups or {}):
        return _of_column(name, (scope.groups or {})[name], node.span)
    if name in scope.formulas:
        return Hover(
            "formula", f"{name} = {' '.join(scope.formulas[name].split())}", "A formula by its name.", node.span
        )
    return None


def _of_column(name: str, expression: Expression, span: Span) -> Hover:
    return Hover("column", f"{name}: {expression.type}", f"A column; {null_words(expression.type)}.", span)


def _of_value(node: Node, text: str, scope: Scope) -> Hover | None:
    expression = type_tree(node, scope, text=text, levels=LEVELS).expression
    if expression is None:
        return None
    written = " ".join(text[node.span.start : node.span.end].split())
    shown = written if len(written) <= 60 else written[:59] + "…"
    said = f"{level_words(expression)}; {null_words(expression.type)}."
    return Hover("value", f"{shown}: {expression.type}", said, node.span)


def null_words(type_: Type) -> str:
    """Whether a value of this type may be missing, in words."""
    return "may be null" if type_.nullable else "never null"


def level_words(expression: Expression) -> str:
    """What rows a value belongs to, in words."""
    if not any(isinstance(each, (Column, Aggregate, Window)) for each in walk(expression)):
        return "The same for all rows"
    said = {
        "row": "A value of each row",
        "aggregate": "One value of the rows of a group",
        "window": "A value of each row that looks at other rows",
    }
    return said[level_of(expression)]
