"""Names as PostgreSQL understands them in a query."""

from __future__ import annotations

from sqlglot import exp


def folded(identifier: exp.Expr) -> str:
    """A name without quotes in small letters (the letters of ASCII), a quoted one as it is.

    >>> folded(exp.Identifier(this="Amount")), folded(exp.Identifier(this="Amount", quoted=True))
    ('amount', 'Amount')
    """
    text = str(identifier.this)
    if identifier.args.get("quoted"):
        return text
    return "".join(character.lower() if character.isascii() else character for character in text)
