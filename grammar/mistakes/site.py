"""The place where a formula cannot go on, as those see it who say why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from headrace.diagnostics import Diagnostic, Fix, Span, diagnose
from headrace.grammar.build import Refused
from headrace.grammar.lalr import Failure, Token, TooManyTokens, run

_LONGEST_SEARCHED = 1_000
_LONGEST_TRIED = 5_000
_MOST_TOKENS = 5_000

ENDS_VALUE = frozenset(
    {"NAME", "BRACKETED", "PARAMETER", "TEXT", "NUMBER", "UNIT", "TRUE", "FALSE", "NULL", "RPAR", "RSQB", "END", "TYPE"}
)
BEGINS_VALUE = frozenset(
    {"NAME", "BRACKETED", "PARAMETER", "TEXT", "NUMBER", "TRUE", "FALSE", "NULL", "LPAR", "CASE", "FUNCTION"}
)
CLAUSE = re.compile(r"(?:where|per|distinct|order\s+by|(?:rows|range)(?=\s+[0-9]))\b", re.IGNORECASE)
"""The word with which a clause begins."""


@dataclass(frozen=True)
class Opened:
    """An opening bracket, or ``case``, that nothing has closed; ``call`` is the function whose bracket it is."""

    token: Token
    call: Token | None


@dataclass(frozen=True)
class Site:
    """A failure with its surroundings; ``source`` is the formula as it was given."""

    source: str
    failure: Failure

    @property
    def text(self) -> str:
        """The formula, with a blank for a leading ``=``."""
        return self.failure.text

    @property
    def at(self) -> int:
        return self.failure.at

    @property
    def found(self) -> Token | None:
        """The token that cannot stand here; None at the end, and where there is no token."""
        return self.failure.found

    @property
    def at_end(self) -> bool:
        return self.at == len(self.text)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """What was read before."""
        return self.failure.tokens

    @cached_property
    def before(self) -> Token | None:
        return self.tokens[-1] if self.tokens else None

    @property
    def kind_before(self) -> str:
        return self.before.kind if self.before else ""

    @property
    def kind(self) -> str:
        return self.found.kind if self.found else ""

    @property
    def short(self) -> bool:
        """Whether a fix may be looked for by searching the text, in a time that nobody notices."""
        return len(self.text) <= _LONGEST_SEARCHED

    @cached_property
    def wants_value(self) -> bool:
        """Whether a value could stand here."""
        return self.failure.accepts("NAME")

    @property
    def after_value(self) -> bool:
        return not self.wants_value and self.kind_before in ENDS_VALUE

    @cached_property
    def opened(self) -> tuple[Opened, ...]:
        """What is open here, outermost first."""
        opened: list[Opened] = []
        previous: Token | None = None
        for token in self.tokens:
            if token.kind in ("LPAR", "LSQB", "CASE"):
                call = previous if previous and previous.kind in ("NAME", "FUNCTION") and token.kind == "LPAR" else None
                opened.append(Opened(token, call))
            elif token.kind in ("RPAR", "RSQB", "END") and opened:
                opened.pop()
            previous = token
        return tuple(opened)

    @property
    def inside(self) -> str:
        """The kind of what was opened last: ``LPAR``, ``LSQB``, ``CASE`` or nothing."""
        return self.opened[-1].token.kind if self.opened else ""

    @property
    def in_call(self) -> bool:
        """Whether the bracket that was opened last is a function's."""
        return bool(self.opened) and self.opened[-1].call is not None

    @property
    def here(self) -> Span:
        """What stands here: the token, or one character, or nothing at the end."""
        if self.found:
            return self.found.span
        return Span(self.at, min(self.at + 1, len(self.text)))

    @property
    def shown(self) -> str:
        """What stands here, short enough for a message."""
        return shorten(self.text[self.here.start : self.here.end])

    def match(self, pattern: str | re.Pattern[str], at: int | None = None) -> re.Match[str] | None:
        """What of the text, from here or from ``at``, begins with the pattern; case of letters is ignored."""
        compiled = re.compile(pattern, re.IGNORECASE) if isinstance(pattern, str) else pattern
        return compiled.match(self.text, self.at if at is None else at)

    def say(
        self,
        code: str,
        span: Span | None = None,
        *,
        hints: Iterable[str] = (),
        fixes: Iterable[Fix] = (),
        **params: Any,
    ) -> Diagnostic:
        """The diagnostic, with those of the fixes that help."""
        kept = [fix for fix in fixes if self.helps(fix)]
        return diagnose(code, span=span or self.here, source=self.source, hints=hints, fixes=kept, **params)

    def best(self, fixes: Iterable[Fix]) -> list[Fix]:
        """The first of the fixes after which the formula can be read, else the first that helps, else none."""
        helping = [fix for fix in fixes if self.helps(fix)]
        return next(([fix] for fix in helping if self.helps(fix, wholly=True)), helping[:1])

    def helps(self, fix: Fix, *, wholly: bool = False) -> bool:
        """Whether the formula with the fix can be read, or (unless ``wholly``) at least farther than now."""
        span = fix.span or Span(0, len(self.text))
        mended = self.text[: span.start] + fix.replacement + self.text[span.end :]
        if len(mended) > _LONGEST_TRIED:
            return False
        try:
            run(mended, _MOST_TOKENS)
        except Failure as failure:
            end = span.start + len(fix.replacement)
            return not wholly and failure.at > end and failure.at - end > self.at - span.end
        except (Refused, TooManyTokens):
            return False
        return True


def shorten(text: str) -> str:
    """One line of at most 40 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:37] + "…"


def quoted(word: str) -> str:
    """A word of the language in quotes, a sign as it is."""
    return f'"{word.lower()}"' if word[:1].isalpha() else shorten(word)


def replace(span: Span, replacement: str) -> Fix:
    """The plain fix: to write something else."""
    return Fix(f"Write {shorten(replacement)}", replacement, span)


def remove(span: Span, what: str) -> Fix:
    return Fix(f"Leave {what} out", "", span)
