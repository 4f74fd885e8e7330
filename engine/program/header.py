"""The comment that stands above a node's SQL: what it makes, from what, and how."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from headrace.grammar.types import Schema
from headrace.program.quoting import comment_lines

_WIDTH = 96


def header(
    title: str,
    description: str | None,
    reads: Sequence[str],
    columns: Schema,
    notes: Sequence[str],
    fingerprint: str,
    clock: str = "",
    rules: Sequence[str] = (),
) -> str:
    """Lines that each begin with ``--``; ``rules`` are those that have changed the plan.

    >>> from headrace.grammar.types import Type
    >>> print(header("node a", None, ["sales"], Schema.of({"n": Type("integer", nullable=False)}), [], "0f"))
    -- node a
    -- reads: sales
    -- columns: n integer not null
    -- fingerprint: 0f
    """
    lines = [title]
    if description:
        lines += [line for paragraph in description.splitlines() for line in wrap(paragraph, _WIDTH) or [""]]
    if reads:
        lines += _listed("reads: ", reads)
    named = [f"{name} {type_}{'' if type_.nullable else ' not null'}" for name, type_ in columns]
    lines += _listed("columns: ", named)
    lines += [line for note in notes for line in wrap(f"note: {note}", _WIDTH, subsequent_indent="      ")]
    if rules:
        lines += _listed("rules: ", rules)
    if clock:
        lines.append(f"clock: {clock}")
    lines.append(f"fingerprint: {fingerprint}")
    return comment_lines("\n".join(line.replace("\n", " ") for line in lines))


def _listed(title: str, items: Sequence[str]) -> list[str]:
    lines, line = [], title
    for number, item in enumerate(items):
        text = item.replace("\n", " ") + (", " if number + 1 < len(items) else "")
        if len(line) + len(text) > _WIDTH and line.strip() != title.strip():
            lines.append(line.rstrip())
            line = " " * len(title)
        line += text
    return [*lines, line.rstrip()]
