"""Formulas at random: any characters, any words of the language, and good formulas that something happened to."""

from __future__ import annotations

import random
from collections.abc import Sequence

from headrace.grammar.functions import words
from headrace.grammar.functions.foreign_names import FOREIGN_NAMES

GOOD = (
    "a + 1",
    "[Unit price] * a / 2",
    'sum(a where b = "x" per d order by a desc nulls first rows 7)',
    "sum(a per b order by d range 30 days)",
    "case when a > 1 then b else 'y' end",
    'if(a between 1 and 10, b, null) ?? "none"',
    'b in ("FR", "DE") and not k or a is not null',
    "b not in $countries",
    'd + 2 years 3 months - date("2024-01-31")',
    "x::decimal(12, 2) // 3 % 2 ^ -1",
    'customer.country & "-" & a',
    "count(distinct a where x > 0)",
    'string_agg(b, ", " order by b)',
    "b like \"A%\" or b not ilike 'b_'",
    "a is not distinct from x",
    "cast(a as text) || extract(year from d)",
    "round(a; 2) + -f",
    'SOMME.SI(b; ">"&a; x) + NB.SI(b; "F*")',
    "share(x) / total(x)",
    "lag(a, 1 order by d) -- note\n/* and */ + 1",
    'switch(b, "x", 1, 2)',
)
"""Formulas over the columns of ``tests.safety.documents``, most of which mean something."""

_SIGNS = (
    *("+", "-", "*", "/", "//", "%", "^", "=", "==", "!=", "<>", "<", "<=", ">", ">=", "&", "||", "??", "::", "(", ")"),
    *("[", "]", "{", "}", "{{", "}}", ",", ";", ".", "..", ":", "?", "!", "@", "#", "$", "$a", "~", "`", "\\", "|"),
    *('"', "'", '"x"', "'y'", '""', "“", "”", "’", "--", "-- ", "/*", "*/", "=", "->", "->>", "€", "\n", "\t", " "),
)
_WORDS = (
    *[
        "or",
        "and",
        "not",
        "in",
        "between",
        "like",
        "ilike",
        "is",
        "null",
        "true",
        "false",
        "case",
        "when",
        "then",
        "else",
        "end",
        "distinct",
        "where",
        "per",
    ],
    *("order by", "rows", "range", "desc", "asc", "nulls first", "last", "as", "from", "over", "group", "filter"),
    *("within", "select", "years", "days", "months", "a", "b", "d", "f", "t", "k", "x", "n", "[a]", "[Unit price]"),
    *("customer.country", "$month", "$countries", "integer", "text", "decimal(12, 2)", "1", "2.5", "1e9", ".5", "0"),
    *("20%", "1,5", "2024-01-31", "12months"),
)
_NAMES = (*words(), *FOREIGN_NAMES)
_CHARACTERS = "ab1 ._-+*/%^=<>!&|?:;,()[]{}\"'`$@#~\\\n\t\0éß中😀\u200b\u2028\ud800\x7f½٣"


def any_text(chance: random.Random) -> str:
    """Characters, one after the other."""
    return "".join(chance.choice(_CHARACTERS) for _ in range(chance.randint(0, 40)))


def any_words(chance: random.Random) -> str:
    """Words and signs of the language, in any order."""
    kinds: Sequence[Sequence[str]] = (_SIGNS, _WORDS, _WORDS, _NAMES)
    parts = [chance.choice(chance.choice(kinds)) for _ in range(chance.randint(1, 25))]
    return chance.choice(("", " ")).join(parts)


def nearly_good(chance: random.Random) -> str:
    """A good formula in which something was left out, doubled, put in or exchanged, or that begins another."""
    text = chance.choice(GOOD)
    for _ in range(chance.randint(1, 3)):
        at, end = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
        end = min(end, at + chance.randint(0, 6))
        other = chance.choice(GOOD)
        put = chance.choice(
            (
                "",
                text[at:end] * 2,
                chance.choice(_SIGNS),
                f" {chance.choice(_WORDS)} ",
                f" {chance.choice(_NAMES)}(",
                other[chance.randint(0, len(other)) :],
            )
        )
        text = text[:at] + put + text[end:]
    return text


KINDS = (any_text, any_words, nearly_good)


def text_of(seed: int, number: int) -> str:
    """The text with this number of the series that begins with ``seed``: each can be made again by itself."""
    chance = random.Random(f"{seed}/{number}")
    return KINDS[number % len(KINDS)](chance)
