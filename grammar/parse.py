"""Formula text → syntax tree, or what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from headrace.diagnostics import Diagnostic, Fix, Span, diagnose
from headrace.grammar import tree
from headrace.grammar.build import Refused
from headrace.grammar.lalr import Failure, TooManyTokens, run
from headrace.grammar.mistakes import explain
from headrace.grammar.tree import Node

MAX_LENGTH = 100_000
"""Characters of a formula."""

MAX_TOKENS = 20_000
"""Words and signs of a formula; a list of 9,900 values passes."""

MAX_DEPTH = 200
"""Levels of a tree. A chain of operators (``a + b + …``) has as many as it has terms; brackets add none."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A formula's text, its tree (None where a diagnostic is an error), and what there is to say about it."""

    text: str
    tree: Node | None
    diagnostics: tuple[Diagnostic, ...] = ()


def parse(text: str) -> Parsed:
    """The tree of a formula. It never raises, whatever the text, and takes time linear in its length.

    A leading ``=`` is passed over, as in a spreadsheet. Spans count the characters of ``text`` as given.

    >>> parse("=a + 1").tree == parse("a + 1").tree
    True
    >>> parse("1 +").diagnostics[0].message
    'A value is missing after +.'
    """
    refused = _refuse(text)
    if refused is not None:
        return Parsed(text, None, (refused,))
    try:
        root: Node = run(_without_equals(text), MAX_TOKENS)
    except Failure as failure:
        return Parsed(text, None, (explain(text, failure),))
    except Refused as error:
        found = diagnose(error.code, span=error.span, source=text, hints=error.hints, fixes=error.fixes, **error.params)
        return Parsed(text, None, (found,))
    except TooManyTokens as error:
        found = diagnose("F071", span=Span(error.at, error.at + 1), source=text, limit=MAX_TOKENS)
        return Parsed(text, None, (found,))
    if len(text) > MAX_DEPTH:
        deep = _too_deep(root)
        if deep is not None:
            found = diagnose("F072", span=deep.span, source=text, hints=_DEPTH_HINTS, limit=MAX_DEPTH)
            return Parsed(text, None, (found,))
    return Parsed(text, root, _warn_of_powers(text, root) if "^" in text else ())


_DEPTH_HINTS = (
    "Compute it in several columns, each from the ones before.",
    "A long chain such as a + b + c … nests once for each term: brackets around groups of terms make it flatter.",
)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def _refuse(text: str) -> Diagnostic | None:
    if len(text) > MAX_LENGTH:
        return diagnose("F070", span=Span(0, 1), source=text[:200], length=f"{len(text):,}", limit=f"{MAX_LENGTH:,}")
    found = None if text.isascii() and "\0" not in text else _UNSTORABLE.search(text)
    if found is None:
        return None
    return diagnose("F073", span=Span(*found.span()), source=text, character=f"U+{ord(found.group()):04X}")


def _without_equals(text: str) -> str:
    """The text with a blank in place of its leading ``=``, so that all places stay."""
    start = len(text) - len(text.lstrip())
    return f"{text[:start]} {text[start + 1 :]}" if text[start : start + 1] == "=" else text


def _too_deep(root: Node) -> Node | None:
    """A node that lies too deep, or None."""
    stack = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_DEPTH:
            return node
        stack.extend((child, depth + 1) for child in _children(node))
    return None


def _warn_of_powers(text: str, root: Node) -> tuple[Diagnostic, ...]:
    """Each ``-2^2`` without brackets: -4 here, 4 in a spreadsheet."""
    found = []
    stack = [root]
    while stack:
        node = stack.pop()
        stack.extend(reversed(_children(node)))
        if not isinstance(node, tree.Unary) or node.operator != "-":
            continue
        power = node.operand
        if not isinstance(power, tree.Binary) or power.operator != "^" or power.span.start != power.left.span.start:
            continue
        found.append(_warn_of_power(text, node, power))
    return tuple(found)


def _warn_of_power(text: str, negated: tree.Unary, power: tree.Binary) -> Diagnostic:
    minus = text.rindex("-", negated.span.start, power.span.start)
    base = text[power.span.start : power.left.span.end]
    exponent = text[power.left.span.end : power.span.end]
    here, there = f"-({base}{exponent})", f"(-{base}){exponent}"
    span = Span(minus, power.span.end)
    fixes = (
        Fix("Keep the meaning, and show it", here, span),
        Fix("Mean what a spreadsheet does", there, span),
    )
    written = f"-{base}{exponent}"
    return diagnose("F080", span=span, source=text, fixes=fixes, written=written, here=here, there=there)


def _children(node: Node) -> list[Node]:
    children: list[Node] = []
    for name in _PARTS[type(node)]:
        _collect(getattr(node, name), children)
    return children


def _collect(value: object, into: list[Node]) -> None:
    if isinstance(value, tree.Clauses):
        into.extend(_children(value))
    elif isinstance(value, Node):
        into.append(value)
    elif isinstance(value, tuple):
        for item in value:
            _collect(item, into)


_PARTS = {
    kind: tuple(item.name for item in fields(kind) if item.name not in ("span", "name_span"))
    for kind in Node.__subclasses__()
}
