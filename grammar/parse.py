"""Formula text → syntax tree, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.diagnostics import Diagnostic, Span, diagnose
from headrace.grammar.build import Refused
from headrace.grammar.lalr import Failure, run
from headrace.grammar.tree import Node

MAX_TOKENS = 20_000


@dataclass(frozen=True, slots=True)
class Parsed:
    """A formula's text, its tree (None where there is an error), and what there is to say about it."""

    text: str
    tree: Node | None
    diagnostics: tuple[Diagnostic, ...] = ()


def parse(text: str) -> Parsed:
    """The tree of a formula. Never raises, whatever the text.

    >>> parse("=a + 1").tree == parse("a + 1").tree
    True
    """
    body = text
    if text.lstrip().startswith("="):
        at = text.index("=")
        body = text[:at] + " " + text[at + 1 :]
    try:
        tree = run(body, MAX_TOKENS)
    except Refused as refused:
        diagnostic = diagnose(refused.code, span=refused.span, source=text, fixes=refused.fixes, **refused.params)
        return Parsed(text, None, (diagnostic,))
    except Failure as failure:
        at = failure.at
        return Parsed(text, None, (diagnose("F001", span=Span(at, at + 1), source=text),))
    assert isinstance(tree, Node)
    return Parsed(text, tree)
