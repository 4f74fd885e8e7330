"""Runs the parse table of ``formula.lark``: an LALR(1) parser with a contextual lexer, as Lark's is.

Lark computes the table (``grammar/generate.py``). It is run here, in a few lines, because Lark takes longer to start
than most projects take to compile, and because whoever explains an error wants the tokens before it and the words
that could stand there. No step recurses, so depth costs memory only; time is linear in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from headrace.diagnostics import Span
from headrace.grammar import table
from headrace.grammar.build import Builder

END_OF_TEXT = "$END"


class Token:
    """A word or sign of the formula: its terminal's name, its text, and where it stands."""

    __slots__ = ("end", "kind", "start", "text")

    def __init__(self, kind: str, text: str, start: int, end: int) -> None:
        self.kind, self.text, self.start, self.end = kind, text, start, end

    def __repr__(self) -> str:
        return f"Token({self.kind!r}, {self.text!r}, {self.start})"

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@dataclass(eq=False)
class Failure(Exception):
    """The text cannot go on at ``at``; it never leaves ``grammar.parse``.

    ``tokens`` stand before it. ``found`` is what stands there, None at the end of the text or where it is no token of
    the language. ``states`` is the parser's stack, for ``accepts``.
    """

    text: str
    at: int
    tokens: tuple[Token, ...]
    found: Token | None
    states: tuple[int, ...]

    def accepts(self, kind: str) -> bool:
        """Whether a token of this kind could have stood here."""
        actions, rules, end = _tables()
        states = list(self.states)
        while True:
            action = actions[states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                return True
            origin, size, _ = rules[~action]
            if size:
                del states[-size:]
            states.append(actions[states[-1]][origin])
            if states[-1] == end:
                return kind == END_OF_TEXT


class TooManyTokens(Exception):
    """The text has more tokens than were allowed; ``at`` is the first too many. It never leaves ``grammar.parse``."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def run(text: str, limit: int) -> Any:
    """What ``Builder`` makes of the text. Raises Failure, TooManyTokens past ``limit``, and what Builder raises."""
    actions, rules, end = _tables()
    skip = _ignored().match
    size = len(text)
    states = [0]
    values: list[Any] = []
    tokens: list[Token] = []
    at = 0
    while True:
        at = skip(text, at).end()  # type: ignore[union-attr]  # it matches the empty text
        token: Token | None = None
        kind = END_OF_TEXT
        if at < size:
            found = _lexer(states[-1])(text, at)
            if found is None:
                raise Failure(text, at, tuple(tokens), _lex_anything(text, at), tuple(states))
            kind = found.lastgroup or ""
            token = Token(kind, found.group(), at, found.end())
        while True:
            action = actions[states[-1]].get(kind)
            if action is None:
                raise Failure(text, at, tuple(tokens), token, tuple(states))
            if action >= 0:
                break
            origin, count, build = rules[~action]
            if build is None:
                states[-1] = actions[states[-2]][origin]
            else:
                parts = values[-count:]
                del values[-count:]
                del states[-count:]
                values.append(build(parts))
                states.append(actions[states[-1]][origin])
            if token is None and states[-1] == end:
                return values[-1]
        assert token is not None
        states.append(action)
        values.append(token)
        tokens.append(token)
        at = token.end
        if len(tokens) > limit:
            raise TooManyTokens(token.start)


@cache
def _tables() -> tuple[list[dict[str, int]], list[tuple[str, int, Any]], int]:
    """For each state what to do; for each rule what it makes, of how many parts, by which method; the last state."""
    actions: list[Any] = [dict(zip(row[::2], row[1::2], strict=True)) for row in table.STATES]
    builder = Builder()
    rules = [(origin, size, getattr(builder, method) if method else None) for origin, size, method in table.RULES]
    return actions, rules, table.END


@cache
def _ignored() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(table.IGNORED)})*")


@cache
def _lexer(state: int) -> Any:
    """The match method of the pattern of the terminals that may stand in this state."""
    return _pattern(frozenset(kind for kind in _tables()[0][state] if kind.isupper())).match


@cache
def _pattern(kinds: frozenset[str]) -> re.Pattern[str]:
    patterns = [f"(?P<{kind}>{pattern})" for kind, pattern in table.TERMINALS if kind in kinds]
    return re.compile("|".join(patterns) or "(?!)")


_TAKEN_FOR_NAMES = ("FUNCTION", "STAR", "TYPE", "UNIT")
"""Terminals that match names or operators, and mean anything only where the parser asks for them."""


def _lex_anything(text: str, at: int) -> Token | None:
    """What stands at ``at``, whatever the parser could take there."""
    kinds = frozenset(kind for kind, _ in table.TERMINALS if kind not in _TAKEN_FOR_NAMES)
    found = _pattern(kinds).match(text, at)
    return None if found is None else Token(found.lastgroup or "", found.group(), at, found.end())
