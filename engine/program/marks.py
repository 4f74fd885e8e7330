"""The mark by which Headrace knows its own tables, views and schemas: the last line of their comment.

A comment survives ``pg_dump``, and psql sees it as well as a run does.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

from headrace.program.program import Target
from headrace.program.quoting import literal, qualified

BUILD_SCHEMA_MARK = "headrace:build"
STATE_SCHEMA_MARK = "headrace:state"
FAILED_SCHEMA_MARK = "headrace:failed"


def mark(project: str, fingerprint: str) -> str:
    """The mark of a table or view that ``project`` keeps.

    >>> mark("My shop", "3f2a")
    'headrace:My%20shop 3f2a'
    """
    return f"{mark_prefix(project)}{fingerprint}"


def mark_prefix(project: str) -> str:
    """What every mark of ``project`` begins with, and of no other project."""
    return f"headrace:{quote(project, safe='')} "


def project_of(line: str) -> str | None:
    """The project whose mark ``line`` is.

    >>> project_of("headrace:My%20shop 3f2a"), project_of("sales of the shop")
    ('My shop', None)
    """
    word, _, rest = line.partition(" ")
    return unquote(word.removeprefix("headrace:")) if word.startswith("headrace:") and rest else None


def comment_on(kind: str, target: Target, description: str | None, project: str, fingerprint: str) -> str:
    """The statement that gives a ``"table"`` or ``"view"`` its description and its mark.

    >>> comment_on("table", Target("shop", "sales"), None, "shop", "3f2a")
    "COMMENT ON TABLE shop.sales IS 'headrace:shop 3f2a'"
    """
    text = "\n".join(filter(None, ((description or "").rstrip(), mark(project, fingerprint))))
    return f"COMMENT ON {kind.upper()} {qualified(target)} IS {literal(text)}"


def mark_of(oid: str) -> str:
    """SQL for the last line of the comment of the relation ``oid``, '' where it has none."""
    return f"split_part(coalesce(obj_description({oid}, 'pg_class'), ''), chr(10), -1)"
