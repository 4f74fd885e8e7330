"""Arguments of calls of other programs, and the criteria of spreadsheets: ``SUMIF(country, ">100", amount)``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from headrace.grammar import tree
from headrace.grammar.printer import print_text


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument with its words, in which calls of other programs are written out already."""

    node: tree.Node
    text: str

    @property
    def tight(self) -> str:
        """The words, in brackets where an operator beside them would take them apart."""
        loose = is_loose(self.text) if isinstance(self.node, tree.Call) else not isinstance(self.node, _VALUES)
        return f"({self.text})" if loose and not _is_bracketed(self.text) else self.text

    @property
    def condition(self) -> str:
        """The words as one side of ``and`` or ``or``."""
        compared = isinstance(self.node, tree.Binary) and self.node.operator in ("=", "!=", "<", "<=", ">", ">=")
        whole = compared or isinstance(self.node, tree.In | tree.Like | tree.IsNull | tree.Between)
        return self.text if whole else self.tight


_VALUES = (tree.Name, tree.Parameter, tree.Text, tree.Number, tree.Call, tree.Case, tree.Boolean, tree.Null, tree.Cast)
Arguments = Sequence[Argument]
Writer = Callable[[Arguments], list[str]]


def _is_bracketed(text: str) -> bool:
    return text.startswith("(") and text.endswith(")") and ")" not in text[1:-1]


def is_loose(text: str) -> bool:
    """Whether what was written is more than one value or call."""
    return re.fullmatch(r"[\w.$]+|\[[^\]]*\]|[\w]+\(.*\)", text, re.DOTALL) is None or not _closes_at_end(text)


def _closes_at_end(text: str) -> bool:
    depth = 0
    quote = ""
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return at == len(text) - 1
    return True


def _condition(range_: Argument, criterion: Argument) -> str | None:
    """What ``country, "FR"`` asks, or ``amount, ">100"``."""
    column, node = range_.tight, criterion.node
    if isinstance(node, tree.Binary) and node.operator == "&":
        sign = _SIGNS.get(node.left.value.strip()) if isinstance(node.left, tree.Text) else None
        rest = criterion.text.split("&", 1)[1].strip()
        return f"{column} {sign} {rest}" if sign else None
    if not isinstance(node, tree.Text):
        return f"{column} = {criterion.tight}"
    found = _CRITERION.fullmatch(node.value)
    if found is None:
        return None
    sign, value = _SIGNS[found.group(1) or "="], found.group(2).strip()
    if not value:
        return f"{'not ' if sign == '!=' else ''}is_empty({range_.text})" if sign in ("=", "!=") else None
    if _NUMBER.fullmatch(value) and found.group(1):
        return f"{column} {sign} {value.replace(',', '.')}"
    if "*" in value or "?" in value:
        if sign not in ("=", "!=") or re.search(r"[%_~\\]", value):
            return None
        pattern = print_text(value.replace("*", "%").replace("?", "_"))
        return f"{column} {'not ' if sign == '!=' else ''}ilike {pattern}"
    return f"{column} {sign} {print_text(value)}"


_SIGNS = {"=": "=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_CRITERION = re.compile(r"\s*(<=|>=|<>|<|>|=)?(.*)", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")


def _conditions(pairs: Arguments) -> str | None:
    if not pairs or len(pairs) % 2:
        return None
    found = [_condition(pairs[at], pairs[at + 1]) for at in range(0, len(pairs), 2)]
    return None if None in found else " and ".join(each for each in found if each)


def range_first(function: str) -> Writer:
    """``SUMIF(range, criterion, values)``; without values the range itself is summed."""

    def write(arguments: Arguments) -> list[str]:
        if len(arguments) not in (2, 3):
            return []
        asked = _conditions(arguments[:2])
        return [f"{function}({arguments[-1 if len(arguments) == 3 else 0].text} where {asked})"] if asked else []

    return write


def values_first(function: str) -> Writer:
    """``SUMIFS(values, range, criterion, range, criterion …)``."""

    def write(arguments: Arguments) -> list[str]:
        asked = _conditions(arguments[1:])
        return [f"{function}({arguments[0].text} where {asked})"] if asked else []

    return write


def counted(arguments: Arguments) -> list[str]:
    """``COUNTIF(range, criterion)``, ``COUNTIFS(range, criterion, …)``."""
    asked = _conditions(arguments)
    return [f"count(where {asked})"] if asked else []
