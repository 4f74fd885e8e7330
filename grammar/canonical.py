"""A formula as Headrace writes it, for formatting: nothing that somebody wrote is lost."""

from __future__ import annotations

from headrace.grammar.completion import tokens_of
from headrace.grammar.parse import parse
from headrace.grammar.printer import print_tree


def canonical_formula(text: str) -> str | None:
    """The formula in canonical spelling; None where it cannot be parsed, or has comments, which would be lost.

    >>> canonical_formula("=SUM( [amount] )"), canonical_formula("a -- net"), canonical_formula("a +")
    ('sum(amount)', None, None)
    """
    tree = parse(text).tree
    return None if tree is None or has_comments(text) else print_tree(tree)


def has_comments(text: str) -> bool:
    """Whether anything but words, signs and space stands in a formula that can be parsed."""
    done = 0
    for token in tokens_of(text):
        if text[done : token.start].strip(" \t\r\n="):
            return True
        done = token.end
    return bool(text[done:].strip())
