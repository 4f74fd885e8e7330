"""Names of columns, tables and schemas as SQL writes them."""

from __future__ import annotations

import re

from sqlglot import exp

from headrace.plan.names import physical_name
from headrace.sql.keywords import KEYWORDS

_SAFE = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)


def needs_quotes(name: str) -> bool:
    """Whether ``name`` would mean something else, or nothing, without quotes.

    >>> needs_quotes("amount"), needs_quotes("Amount"), needs_quotes("order")
    (False, True, True)
    """
    return not _SAFE.fullmatch(name) or name in KEYWORDS


def identifier(name: str) -> exp.Identifier:
    """The name, quoted where it has to be and shortened where PostgreSQL would cut it; its case is always kept."""
    name = physical_name(name)
    return exp.Identifier(this=name, quoted=needs_quotes(name))


def quoted(name: str) -> str:
    """The name as text, for SQL that is not built as a tree.

    >>> quoted("Unit price")
    '"Unit price"'
    """
    name = physical_name(name)
    return '"' + name.replace('"', '""') + '"' if needs_quotes(name) else name
