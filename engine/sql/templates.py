"""The SQL templates of the function catalogue: parsed once, filled often (language: ``grammar/function.py``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlglot import exp

from headrace.sql.dialect import parse
from headrace.sql.precedence import bracketed

_PLACE = re.compile(r"\{(\d*)(\*?)(?::([a-z]+))?\}|\{(now)\}")

Special = Callable[[int, str], exp.Expression]
"""What stands for ``{1:int}`` (position and form), and for ``{now}`` (-1 and ``now``)."""


@lru_cache(maxsize=4096)
def _parsed(template: str) -> exp.Expression:
    """The template with its places as quoted columns. Nobody changes it."""
    tree = parse(_PLACE.sub(lambda match: f'"{match[0]}"', template))
    for bracket in tree.find_all(exp.Bracket):
        if any(isinstance(index, exp.Column) for index in bracket.expressions):
            # sqlglot counts subscripts from 0 and adds 1 when it prints a constant; ours count from 1 already.
            bracket.set("offset", 1)
    return tree


def fill(
    template: str, arguments: Sequence[exp.Expression], *, each: str = "", special: Special | None = None
) -> exp.Expression:
    """The template with its places filled: ``{0}`` (or ``{}``) one argument, ``{*}`` all, ``{2*}`` all from the third.

    An argument gets brackets where its place needs them. ``each`` is a template that wraps what ``{*}`` gives. A place
    in a list (the arguments of a call) whose argument is not given is left out.

    >>> from sqlglot import parse_one
    >>> fill("{0} * {1}", [parse_one("a + b"), parse_one("c")]).sql()
    '(a + b) * c'
    """
    used: set[int] = set()

    def standing(node: exp.Expr) -> list[exp.Expression] | None:
        """What stands for a place; None for any other node of the template."""
        match = _PLACE.fullmatch(node.name) if isinstance(node, exp.Column) else None
        if match is None:
            return None
        first = int(match[1] or 0)
        form = match[3] or match[4]
        if form is not None and special is not None:
            return [special(-1 if match[4] else first, form)]
        wanted = range(first, len(arguments)) if match[2] else range(first, min(first + 1, len(arguments)))
        values = [arguments[index].copy() if index in used else arguments[index] for index in wanted]
        used.update(wanted)
        return [fill(each, [value]) for value in values] if each and match[2] else values

    tree = _parsed(template)
    values = standing(tree)
    return _filled(tree, standing) if values is None else values[0]


Standing = Callable[[exp.Expr], list[exp.Expression] | None]


def _filled(node: exp.Expression, standing: Standing) -> exp.Expression:
    """A copy of ``node`` with its places filled. Made in one pass: sqlglot's own copying, finding and replacing take
    several times as long, and every call of every formula comes through here."""
    made = type(node)()
    made.comments, made._type, made._meta = node.comments, node._type, node._meta
    for key, value in node.args.items():
        if isinstance(value, list):
            made.set(key, [new for each in value for new in _item(each, standing)])
        elif not isinstance(value, exp.Expression):
            made.args[key] = value
        else:
            values = standing(value)
            if values is None:
                made.set(key, _filled(value, standing))
            elif values:
                made.set(key, bracketed(values[0], made, key))
            else:
                raise ValueError(f"nothing stands for {value.name}")
    return made


def _item(value: object, standing: Standing) -> list[Any]:
    if not isinstance(value, exp.Expression):
        return [value]
    values = standing(value)
    return [_filled(value, standing)] if values is None else values
