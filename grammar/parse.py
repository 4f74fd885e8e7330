"""Formula text → syntax tree, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from headrace.diagnostics import Diagnostic, Span, diagnose
from headrace.grammar.build import Builder, Refused
from headrace.grammar.tree import Node

if TYPE_CHECKING:
    from lark import Lark


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
    from lark.exceptions import UnexpectedInput

    body = text
    if text.lstrip().startswith("="):
        at = text.index("=")
        body = text[:at] + " " + text[at + 1 :]
    try:
        tree = _parser().parse(body)
    except Refused as refused:
        diagnostic = diagnose(
            refused.code, span=refused.span, source=text, fixes=refused.fixes, **refused.params
        )
        return Parsed(text, None, (diagnostic,))
    except UnexpectedInput as error:
        at = error.pos_in_stream or 0
        return Parsed(text, None, (diagnose("F001", span=Span(at, at + 1), source=text),))
    assert isinstance(tree, Node)
    return Parsed(text, tree)


@cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(
        files("headrace.grammar").joinpath("formula.lark").read_text("utf-8"),
        parser="lalr",
        lexer="contextual",
        keep_all_tokens=True,
        maybe_placeholders=False,
        transformer=Builder(),
    )
