"""Where brackets are needed: PostgreSQL's operator precedence over sqlglot's expressions.

sqlglot prints a tree as it stands and adds no brackets. Whoever puts one expression into another calls ``bracketed``.
"""

from __future__ import annotations

from sqlglot import exp

_LOWEST = 0
_OTHER = 7
_NEGATION = 13
_PRIMARY = 20

_LEVELS: dict[type[exp.Expression], int] = {
    exp.Or: 1,
    exp.And: 2,
    exp.Not: 3,
    exp.Is: 4,
    exp.NullSafeEQ: 4,
    exp.NullSafeNEQ: 4,
    exp.EQ: 5,
    exp.NEQ: 5,
    exp.LT: 5,
    exp.LTE: 5,
    exp.GT: 5,
    exp.GTE: 5,
    exp.Between: 6,
    exp.In: 6,
    exp.Like: 6,
    exp.ILike: 6,
    exp.SimilarTo: 6,
    exp.Escape: 6,
    exp.Add: 8,
    exp.Sub: 8,
    exp.Mul: 9,
    exp.Div: 9,
    exp.Mod: 9,
    exp.AtTimeZone: 11,
    exp.Collate: 12,
    exp.Neg: _NEGATION,
    exp.Bracket: 14,
    exp.Pow: _PRIMARY,
}
"""Tighter operators have greater numbers. (``Pow`` prints as a call of POWER.)"""


def precedence(node: exp.Expression) -> int:
    """How tightly the operator at the top of ``node`` binds; calls, columns and constants bind tightest."""
    level = _LEVELS.get(type(node))
    if level is not None:
        return level
    if isinstance(node, exp.Select | exp.Union):
        return _LOWEST
    return _OTHER if isinstance(node, exp.Binary) else _PRIMARY


def bracketed(child: exp.Expression, parent: exp.Expression, argument: str) -> exp.Expression:
    """``child``, in brackets if it would otherwise not stay together as the ``argument`` of ``parent``.

    >>> from sqlglot import parse_one
    >>> bracketed(parse_one("a + b"), exp.Mul(), "this").sql()
    '(a + b)'
    >>> bracketed(parse_one("a + b"), exp.Add(), "this").sql()
    'a + b'
    """
    outer = _LEVELS.get(type(parent), _OTHER if isinstance(parent, exp.Binary) else None)
    if outer is None or outer == _PRIMARY or argument not in ("this", "expression", "low", "high", "zone"):
        return child
    inner = precedence(child)
    if inner > outer:
        return child
    if inner == outer and _stays_together(parent, argument):
        return child
    return exp.Paren(this=child)


def _stays_together(parent: exp.Expression, argument: str) -> bool:
    """Whether an operator may stand unbracketed inside one of the same level."""
    if isinstance(parent, exp.Not):
        return True
    if isinstance(parent, exp.And | exp.Or):
        return True
    return argument == "this" and isinstance(parent, exp.Add | exp.Sub | exp.Mul | exp.Div | exp.Mod | exp.DPipe)
