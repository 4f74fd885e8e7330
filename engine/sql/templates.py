"""The SQL templates of the function catalogue: parsed once, filled in often."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from sqlglot import exp

from headrace.sql.dialect import parse
from headrace.sql.precedence import bracketed

_PLACE = re.compile(r"\{(\d*\*?)\}")
_NAME = re.compile(r"\{(\d*)(\*?)\}")


@lru_cache(maxsize=4096)
def _parsed(template: str) -> exp.Expression:
    """The template with its places as quoted columns. Callers copy it and never change it."""
    return parse(_PLACE.sub(r'"{\1}"', template))


def fill(template: str, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The template with its places filled: ``{0}`` one argument, ``{*}`` all, ``{2*}`` those from the third on.

    ``{}`` is ``{0}``. An argument that stands in brackets only for its precedence gets none where it needs none.
    A place in a list (the arguments of a call) whose argument is not given is left out.

    >>> from sqlglot import parse_one
    >>> fill("{0} * {1}", [parse_one("a + b"), parse_one("c")]).sql()
    '(a + b) * c'
    """
    tree = _parsed(template).copy()
    places = [(node, place) for node in tree.find_all(exp.Column) if (place := _place_of(node)) is not None]
    used: set[int] = set()
    for node, (first, spread) in places:
        wanted = range(first, len(arguments)) if spread else range(first, min(first + 1, len(arguments)))
        values = [arguments[index].copy() if index in used else arguments[index] for index in wanted]
        used.update(wanted)
        parent = node.parent
        if not isinstance(parent, exp.Expression):
            return values[0]
        if node.index is not None:
            siblings = parent.args[str(node.arg_key)]
            siblings[node.index : node.index + 1] = values
            parent.set(str(node.arg_key), siblings)
        elif values:
            node.replace(bracketed(values[0], parent, str(node.arg_key)))
        else:
            raise ValueError(f"the template {template} needs argument {first}")
    return tree


def _place_of(node: exp.Column) -> tuple[int, bool] | None:
    match = _NAME.fullmatch(node.name)
    return (int(match[1] or 0), bool(match[2])) if match else None
