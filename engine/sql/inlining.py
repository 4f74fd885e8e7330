"""How large formulas grow when PostgreSQL reads a CTE as if its query stood in place of its name.

It does so with a CTE that is read once, and puts the formula of a column wherever the column is named: a chain of forty
steps ``x: x * 2 + x`` would become one formula of a million million parts, and the server would run out of memory
planning it. A MATERIALIZED CTE is a fence: its columns are values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from headrace.sql.trees import nodes_of

MOST_PARTS = 5_000
"""A formula that would have more parts gets a fence before it. PostgreSQL plans one of so many in milliseconds."""

Sizes = Mapping[str, int]
"""How many parts the formula of a column has when all that it reads stands in it, by name; 1 where it is not there."""


def sizes_of(query: exp.Query, read: Iterable[Sizes]) -> dict[str, int]:
    """The sizes of a query's columns, of those larger than a part; ``read`` are those of the CTEs that it reads.

    >>> from sqlglot import parse_one
    >>> sizes_of(parse_one("SELECT x + x AS y, z FROM t"), [{"x": 10}])
    {'y': 22}
    """
    known: dict[str, int] = {}
    for each in read:
        for name, size in each.items():
            known[name] = max(size, known.get(name, 1))
    found: dict[str, int] = {}
    for column in query.expressions if isinstance(query, exp.Select) else ():
        size = 0
        value = column.this if isinstance(column, exp.Alias) else column
        for node in nodes_of(value):
            if isinstance(node, exp.Column):
                size += known.get(node.name, 1)
            elif not isinstance(node, exp.Identifier):
                size += 1
        if size > 1:
            found[column.alias_or_name] = size
    return found
