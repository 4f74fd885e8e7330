"""Builds the tree while the parser reduces: one method a rule or alias of ``formula.lark``.

Nothing here recurses and nothing is kept between calls, so one ``Builder`` serves all threads. Every method takes
the list of what the rule matched (tokens and what other methods gave) and gives a node or a part of one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from headrace.diagnostics import Fix, Span
from headrace.grammar import tree
from headrace.grammar.tree import Node
from headrace.grammar.types import parse_type

if TYPE_CHECKING:
    from headrace.grammar.lalr import Token

MAX_DIGITS = 100
"""Characters of a number; no database type holds more than a few dozen digits exactly without being asked to."""

_CANONICAL = {"==": "=", "<>": "!=", "||": "&"}
_CONSTANTS = {"true": True, "false": False}
_TYPE_WORDS = {
    "double precision": "float",
    "character varying": "text",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
}


class Refused(Exception):
    """What was written can be parsed but not meant; it never leaves ``grammar.parse``."""

    def __init__(
        self, code: str, span: Span, *, hints: tuple[str, ...] = (), fixes: tuple[Fix, ...] = (), **params: Any
    ) -> None:
        super().__init__(code)
        self.code, self.span, self.hints, self.fixes, self.params = code, span, hints, fixes, params


@dataclass(slots=True)
class _List:
    """Expressions between separators, with where they stand; ``separator`` is the first one's character."""

    items: list[Node]
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause with the word that begins it, and where it ends."""

    kind: str
    value: Any
    word: Token
    end: int


def _across(parts: list[Any]) -> Span:
    return Span(parts[0].span.start, parts[-1].span.end)


def _unquote_name(token: Token) -> str:
    return token.text[1:-1].replace("]]", "]") if token.text[0] == "[" else token.text


class Builder:
    """See the module."""

    # Operators

    def binary(self, parts: list[Any]) -> Node:
        left, token, right = parts
        operator = token.text.lower()
        span = Span(left.span.start, right.span.end)
        return tree.Binary(_CANONICAL.get(operator, operator), left, right, span=span)

    def unary(self, parts: list[Any]) -> Node:
        return tree.Unary(parts[0].text.lower(), parts[1], span=_across(parts))

    def is_in(self, parts: list[Any]) -> Node:
        items, end = parts[-1]
        span = Span(parts[0].span.start, end)
        return tree.In(parts[0], items, len(parts) == 4, span=span)

    def in_list(self, parts: list[Any]) -> tuple[tuple[Node, ...], int]:
        return tuple(parts[1].items), parts[-1].end

    def in_parameter(self, parts: list[Any]) -> tuple[tuple[Node, ...], int]:
        return (self.parameter(parts),), parts[0].end

    def between(self, parts: list[Any]) -> Node:
        return tree.Between(parts[0], parts[-3], parts[-1], len(parts) == 6, span=_across(parts))

    def like(self, parts: list[Any]) -> Node:
        sensitive = parts[-2].text.lower() == "like"
        return tree.Like(parts[0], parts[-1], sensitive, len(parts) == 4, span=_across(parts))

    def is_null(self, parts: list[Any]) -> Node:
        return tree.IsNull(parts[0], len(parts) == 4, span=_across(parts))

    def is_distinct(self, parts: list[Any]) -> Node:
        return tree.IsDistinct(parts[0], parts[-1], len(parts) == 6, span=_across(parts))

    def cast(self, parts: list[Any]) -> Node:
        name, end = parts[2]
        return tree.Cast(parts[0], name, span=Span(parts[0].span.start, end))

    def type_name(self, parts: list[Any]) -> tuple[str, int]:
        word = " ".join(parts[0].text.split())
        word = _TYPE_WORDS.get(word.lower(), word)
        if len(parts) > 1:
            word += "(" + ", ".join(part.text for part in parts[2:-1:2]) + ")"
        known = parse_type(word)
        return str(known) if known else word, parts[-1].end

    # Values

    def name(self, parts: list[Any]) -> Node:
        return tree.Name((_unquote_name(parts[0]),), span=parts[0].span)

    def longer_name(self, parts: list[Any]) -> Node:
        return tree.Name((*parts[0].path, _unquote_name(parts[2])), span=_across(parts))

    def parameter(self, parts: list[Any]) -> Node:
        text = parts[0].text
        if text[0] == "$":
            return tree.Parameter(text[1:], span=parts[0].span)
        name = text[2:-2].strip()
        if len(name) > 4 and name.startswith("__") and name.endswith("__"):
            name = name[2:-2]
        return tree.Parameter(name, span=parts[0].span)

    def text(self, parts: list[Any]) -> Node:
        text = parts[0].text
        return tree.Text(text[1:-1].replace(text[0] * 2, text[0]), span=parts[0].span)

    def number(self, parts: list[Any]) -> tree.Number:
        text = parts[0].text.lower()
        if len(text) > MAX_DIGITS:
            raise Refused("F076", parts[0].span, length=len(text), limit=MAX_DIGITS)
        return tree.Number("0" + text if text[0] == "." else text, span=parts[0].span)

    def duration(self, parts: list[Any]) -> tree.Duration:
        unit = parts[-1].text.casefold().removesuffix("s")
        return tree.Duration(((self.number(parts[-2:-1]).text, unit),), span=_across(parts))

    def longer_duration(self, parts: list[Any]) -> tree.Duration:
        last = self.duration(parts[1:])
        return tree.Duration((*parts[0].parts, *last.parts), span=_across(parts))

    def constant(self, parts: list[Any]) -> Node:
        word = parts[0].text.lower()
        if word == "null":
            return tree.Null(span=_across(parts))
        return tree.Boolean(word == "true", span=_across(parts))

    def brackets(self, parts: list[Any]) -> Node:
        """The node within; its span takes the brackets in, so that a fix replaces them too."""
        node: Node = replace(parts[1], span=_across(parts))
        return node

    # Case

    def branches(self, parts: list[Any]) -> list[tuple[Node, Node]]:
        return [(parts[1], parts[3])]

    def more_branches(self, parts: list[Any]) -> list[tuple[Node, Node]]:
        branches: list[tuple[Node, Node]] = parts[0]
        branches.append((parts[2], parts[4]))
        return branches

    def case(self, parts: list[Any]) -> Node:
        operand = parts[1] if isinstance(parts[1], Node) else None
        otherwise = parts[-2] if isinstance(parts[-2], Node) else None
        branches = parts[1] if operand is None else parts[2]
        return tree.Case(tuple(branches), otherwise, operand, span=_across(parts))

    # Calls

    def items(self, parts: list[Any]) -> _List:
        return _List([parts[0]])

    def pair(self, parts: list[Any]) -> _List:
        return self.longer_items([_List([parts[0]]), *parts[1:]])

    def longer_items(self, parts: list[Any]) -> _List:
        """Appends in place: a list has one owner, the parser's stack."""
        result: _List = parts[0]
        separator = parts[1].text
        if result.separator not in (None, separator):
            hints = ("Where ; stands between the parts, numbers still have a decimal point: 1.5.",)
            raise Refused("F020", parts[1].span, hints=hints)
        result.separator = separator
        result.items.append(parts[2])
        return result

    def star(self, parts: list[Any]) -> _List:
        return _List([tree.Star(span=parts[0].span)])

    def call(self, parts: list[Any]) -> Node:
        name = parts[0]
        arguments: tuple[Node, ...] = ()
        said: list[_Clause] = []
        for part in parts[2:-1]:
            if isinstance(part, _List):
                arguments = tuple(part.items)
            elif isinstance(part, list):
                said.extend(part)
            else:
                said.append(self.distinct([part]))
        return tree.Call(
            name.text.lower(),
            arguments,
            _clauses(said) if said else tree.Clauses(),
            span=_across(parts),
            name_span=name.span,
        )

    def cast_call(self, parts: list[Any]) -> Node:
        """``cast(x as integer)``, as SQL has it."""
        if parts[0].text.lower() != "cast":
            raise Refused("F021", parts[3].span, name=parts[0].text)
        return tree.Cast(parts[2], parts[4][0], span=_across(parts))

    def from_call(self, parts: list[Any]) -> Node:
        """``extract(year from day)``, as SQL has it: ``extract("year", day)``."""
        part = parts[2]
        if parts[0].text.lower() != "extract" or not isinstance(part, (tree.Name, tree.Text)):
            raise Refused("F022", parts[3].span, name=parts[0].text)
        if isinstance(part, tree.Name):
            part = tree.Text(part.path[-1].lower(), span=part.span)
        return tree.Call("extract", (part, parts[4]), span=_across(parts), name_span=parts[0].span)

    def clauses(self, parts: list[Any]) -> list[_Clause]:
        return [parts[0]]

    def more_clauses(self, parts: list[Any]) -> list[_Clause]:
        clauses: list[_Clause] = parts[0]
        clauses.append(parts[1])
        return clauses

    def distinct(self, parts: list[Any]) -> _Clause:
        return _Clause("distinct", True, parts[0], parts[0].end)

    def where(self, parts: list[Any]) -> _Clause:
        return _Clause("where", parts[1], parts[0], parts[1].span.end)

    def per(self, parts: list[Any]) -> _Clause:
        levels = next((part.items for part in parts if isinstance(part, _List)), [])
        end = parts[-1].items[-1].span.end if isinstance(parts[-1], _List) else parts[-1].end
        return _Clause("per", tuple(levels), parts[0], end)

    def order(self, parts: list[Any]) -> tree.Order:
        words = [part.kind for part in parts[1:]]
        nulls_first = {"NULLS_FIRST": True, "NULLS_LAST": False}.get(words[-1]) if words else None
        return tree.Order(parts[0], "DESC" in words, nulls_first, span=_across(parts))

    def order_by(self, parts: list[Any]) -> _Clause:
        terms = parts[1].items
        return _Clause("order", tuple(terms), parts[0], terms[-1].span.end)

    def frame(self, parts: list[Any]) -> _Clause:
        word, size = parts
        node = size if isinstance(size, Node) else self.number([size])
        if word.kind == "ROWS" and not size.text.isdecimal():
            raise Refused("F065", size.span)
        return _Clause("frame", tree.Frame(word.text.lower(), node, span=_across(parts)), word, node.span.end)


_SPELLED = {"distinct": "distinct", "where": "where", "per": "per", "order": "order by", "frame": "rows or range"}


def _clauses(said: list[_Clause]) -> tree.Clauses:
    values: dict[str, Any] = {}
    for clause in said:
        if clause.kind in values:
            raise Refused("F023", clause.word.span, clause=_SPELLED[clause.kind])
        values[clause.kind] = clause.value
    return tree.Clauses(**values, span=Span(said[0].word.start, said[-1].end))
