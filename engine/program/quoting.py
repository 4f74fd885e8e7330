"""Values and names as they stand in the statements of a program, safe under psql as well."""

from __future__ import annotations

import re

from headrace.program.program import Target
from headrace.sql.identifiers import quoted


def qualified(target: Target) -> str:
    """The table's name with its schema.

    >>> qualified(Target("shop", "Best customers"))
    'shop."Best customers"'
    """
    return f"{quoted(target.schema)}.{quoted(target.name)}"


def literal(text: str) -> str:
    """A text constant. It needs ``standard_conforming_strings = on``, which every session of ours sets.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def in_dollars(body: str) -> str:
    """``body`` between dollar quotes of a tag that it does not contain.

    >>> in_dollars("BEGIN END")
    '$headrace$BEGIN END$headrace$'
    """
    tag, count = "$headrace$", 1
    while tag in body:
        count += 1
        tag = f"$headrace{count}$"
    return f"{tag}{body}{tag}"


def comment_lines(text: str) -> str:
    """``text`` as SQL comments, one ``--`` a line; lines that are comments already stay as they are.

    >>> comment_lines("first\\rDROP TABLE t")
    '-- first\\n-- DROP TABLE t'
    """
    lines = re.split(r"\r\n|[\r\n\v\f\x85\u2028\u2029]", text)
    return "\n".join(line.rstrip() if line.startswith("--") else f"-- {line}".rstrip() for line in lines)
