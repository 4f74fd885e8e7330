"""The SQL templates of the function catalogue: parsed once, filled often (language: ``grammar/function.py``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from sqlglot import exp

from headrace.sql.dialect import parse
from headrace.sql.precedence import bracketed

_PLACE = re.compile(r"\{(\d*)(\*?)(?::([a-z]+))?\}|\{(now)\}")

Special = Callable[[int, str], exp.Expression]
"""What stands for ``{1:int}`` (position and form), and for ``{now}`` (-1 and ``now``)."""


@lru_cache(maxsize=4096)
def _parsed(template: str) -> exp.Expression:
    """The template with its places as quoted columns. Callers copy it and never change it."""
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
    tree = _parsed(template).copy()
    used: set[int] = set()
    for node in list(tree.find_all(exp.Column)):
        match = _PLACE.fullmatch(node.name)
        if match is None:
            continue
        first = int(match[1] or 0)
        form = match[3] or match[4]
        if form is not None and special is not None:
            values = [special(-1 if match[4] else first, form)]
        else:
            wanted = range(first, len(arguments)) if match[2] else range(first, min(first + 1, len(arguments)))
            values = [arguments[index].copy() if index in used else arguments[index] for index in wanted]
            used.update(wanted)
            if each and match[2]:
                values = [fill(each, [value]) for value in values]
        parent = node.parent
        if not isinstance(parent, exp.Expression):
            return values[0]
        _put(values, node, parent)
    return tree


def _put(values: Sequence[exp.Expression], node: exp.Expression, parent: exp.Expression) -> None:
    key = str(node.arg_key)
    if node.index is not None:
        siblings = parent.args[key]
        siblings[node.index : node.index + 1] = values
        parent.set(key, siblings)
    elif values:
        node.replace(bracketed(values[0], parent, key))
    else:
        raise ValueError(f"nothing stands for {node.name}")
