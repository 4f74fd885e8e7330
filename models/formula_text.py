"""Formulas as characters: their quotes and brackets, for finding where one begins, ends and was cut."""

from __future__ import annotations

import re

_CLOSERS = {"(": ")", "[": "]", "{": "}"}
DOUBLED = re.compile(r"\[[^\[\]{}\"',]*(?:\]\][^\[\]{}\"',]*)+\](?!\])")
"""A name with a bracket in it, which is written twice: ``[a]]b]``."""


def scan(text: str, start: int = 0, stops: str = "") -> int | None:
    """The index of the first of ``stops`` that stands in no quotes and no brackets, or the length of ``text``.

    A closing bracket that nothing opened stops too. None where quotes, brackets or a comment are left open. A quote
    right after a letter or digit is an apostrophe.
    """
    open_: list[str] = []
    index = start
    while index < len(text):
        char = text[index]
        if char in "\"'" and not (char == "'" and index and _is_word(text[index - 1])):
            index = text.find(char, index + 1)
            if index < 0:
                return None
        elif text.startswith("/*", index):
            index = text.find("*/", index + 2) + 1
            if not index:
                return None
        elif not open_ and char in stops:
            return index
        elif char == "[" and (name := DOUBLED.match(text, index)):
            index = name.end() - 1
        elif char in _CLOSERS:
            open_.append(_CLOSERS[char])
        elif char in ")]}":
            if not open_:
                return index
            if open_.pop() != char:
                return None
        index += 1
    return None if open_ else index


def is_torn(text: str) -> bool:
    """Whether ``text`` can be no whole formula: a quote, bracket or comment is open, or closed but never opened."""
    if text.count("/*") != text.count("*/"):
        return True
    if not any(char in text for char in "()[]{}\"'"):
        return False
    return scan(text) != len(text)


def split_list(text: str) -> list[str]:
    """``text`` cut at the commas that stand in no quotes and no brackets.

    >>> split_list('country, round(amount, 2) desc')
    ['country', 'round(amount, 2) desc']
    """
    parts, start = [], 0
    while (end := scan(text, start, ",")) is not None and end < len(text) and text[end] == ",":
        parts.append(text[start:end].strip())
        start = end + 1
    return [*parts, text[start:].strip()]


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"
