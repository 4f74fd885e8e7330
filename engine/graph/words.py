"""Texts of users in pictures: on one line, with nothing that a viewer obeys, as wide as they will be."""

from __future__ import annotations

import re
import unicodedata

# Controls, marks that turn the direction of text, and halves of surrogate pairs, which no XML may hold.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def one_line(text: str) -> str:
    r"""The text with a picture or its code in the place of each character that is none.

    >>> one_line("a\nb\u202e")
    'a␊b\\u202e'
    """
    return _UNSEEN.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    return chr(0x2400 + code) if code < 0x20 else f"\\u{code:04x}"


def shortened(text: str, most: float) -> str:
    """The text, or as much of its beginning as is at most ``most`` wide, in the widths of ``width``."""
    if width(text) <= most:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > most - 1:
            break
        kept += character
    return kept + "…"


def width(text: str) -> float:
    """How wide a text is, in letters of middling width."""
    return sum(_width(character) for character in text)


def _width(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.8
    if character in "iljtf.,:;'|!()[] ":
        return 0.65
    return 1.4 if character in "mwMW@%" else 1.15 if character.isupper() else 1.0
