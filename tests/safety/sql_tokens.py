"""The tokens of SQL as PostgreSQL sees them, written from its manual (4.1, lexical structure) and nothing of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\W\d][\w$]*")
_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_TAG = re.compile(r"\$(?:[^\W\d]\w*)?\$")


def shape(sql: str) -> list[str]:
    """The sequence of tokens, with every literal and quoted name as its kind alone, and without comments.

    What stands between dollar quotes is a literal, and since that is code here, its own tokens follow.

    >>> shape("SELECT 'a; -- b' AS \\"x\\" -- c")
    ['SELECT', 'text', 'AS', 'name']
    """
    tokens = list(_tokens(sql))
    # The sign of a number is part of the value: the key of a lock is a hash.
    return [
        token
        for before, token, after in zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False)
        if not (token == "-" and before in ("(", ",") and after == "number")
    ]


def _tokens(sql: str) -> Iterator[str]:
    at = 0
    while at < len(sql):
        character = sql[at]
        if character.isspace():
            at += 1
        elif sql.startswith("--", at):
            end = sql.find("\n", at)
            at = len(sql) if end < 0 else end
        elif sql.startswith("/*", at):
            at = _after_comment(sql, at)
        elif character == "'":
            at = _after_quote(sql, at, "'")
            yield "text"
        elif character == '"':
            at = _after_quote(sql, at, '"')
            yield "name"
        elif tag := _TAG.match(sql, at):
            end = sql.index(tag.group(), tag.end())
            yield "dollar"
            yield from _tokens(sql[tag.end() : end])
            at = end + len(tag.group())
        elif word := _WORD.match(sql, at):
            at = word.end()
            assert sql[at : at + 1] != "'" or word.group().upper() in ("E", "B", "X"), sql[word.start() : at + 20]
            if sql[at : at + 1] == "'":
                at = _after_quote(sql, at, "'", escapes=word.group().upper() == "E")
                yield "text"
            else:
                yield word.group()
        elif number := _NUMBER.match(sql, at):
            at = number.end()
            yield "number"
        else:
            at += 1
            yield character


def _after_comment(sql: str, at: int) -> int:
    depth = 0
    while True:
        if sql.startswith("/*", at):
            depth, at = depth + 1, at + 2
        elif sql.startswith("*/", at):
            depth, at = depth - 1, at + 2
            if depth == 0:
                return at
        else:
            assert at < len(sql), "a comment is never closed"
            at += 1


def _after_quote(sql: str, at: int, quote: str, *, escapes: bool = False) -> int:
    at += 1
    while True:
        assert at < len(sql), "a quote is never closed"
        if escapes and sql[at] == "\\":
            at += 2
        elif sql[at] != quote:
            at += 1
        elif sql[at + 1 : at + 2] == quote:
            at += 2
        else:
            return at + 1
