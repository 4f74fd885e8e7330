"""Syntax tree → canonical formula text."""

from __future__ import annotations

from headrace.grammar import tree
from headrace.grammar.tree import Node
from headrace.grammar.words import is_plain

_OR, _AND, _NOT, _COMPARISON, _COALESCE, _JOIN, _SUM, _PRODUCT, _SIGN, _POWER, _CAST, _VALUE = range(1, 13)
_LEVELS = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), _COMPARISON),
    "??": _COALESCE,
    "&": _JOIN,
    **dict.fromkeys(("+", "-"), _SUM),
    **dict.fromkeys(("*", "/", "//", "%"), _PRODUCT),
    "^": _POWER,
}

_Part = str | tuple[Node, int]
"""Text, or a node with the level below which it needs brackets."""


def print_name(name: str) -> str:
    """One name of a column as it is written in a formula: in brackets only where it needs them.

    >>> print_name("amount"), print_name("Unit price"), print_name("a]b")
    ('amount', '[Unit price]', '[a]]b]')
    """
    return name if is_plain(name) else "[" + name.replace("]", "]]") + "]"


def print_text(value: str) -> str:
    """A text as it is written in a formula.

    >>> print_text('6" pipe')
    '"6"" pipe"'
    """
    return '"' + value.replace('"', '""') + '"'


def print_tree(node: Node) -> str:
    """The canonical text of a tree: the same for equal trees, and ``parse`` gives an equal tree back.

    Words and function names are in small letters, names in brackets and operands in parentheses only where they must
    be, one blank between words. It does not recurse.

    >>> from headrace.grammar.parse import parse
    >>> print_tree(parse("SUM([amount] WHERE (a<>{{b}}))").tree)
    'sum(amount where a != $b)'
    """
    out: list[str] = []
    stack: list[_Part] = [(node, _OR)]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            if part == "-" and out and out[-1] == "-":
                out.append(" ")  # -- would begin a comment, or be an error
            out.append(part)
            continue
        child, least = part
        level, parts = _parts(child)
        if level < least:
            parts = ["(", *parts, ")"]
        stack.extend(reversed(parts))
    return "".join(out)


def _parts(node: Node) -> tuple[int, list[_Part]]:
    """How tightly a node holds together, and what it is printed from."""
    match node:
        case tree.Binary(operator=operator, left=left, right=right):
            level = _LEVELS[operator]
            before, after = level, level + 1
            if level == _COMPARISON:
                before = after
            elif level == _POWER:
                before, after = _CAST, _SIGN
            return level, [(left, before), f" {operator} ", (right, after)]
        case tree.Unary(operator="not", operand=operand):
            return _NOT, ["not ", (operand, _NOT)]
        case tree.Unary(operator=operator, operand=operand):
            return _SIGN, [operator, (operand, _SIGN)]
        case tree.Cast(operand=operand, type_name=type_name):
            return _CAST, [(operand, _CAST), "::", type_name]
        case tree.In() | tree.Between() | tree.Like() | tree.IsNull() | tree.IsDistinct():
            return _COMPARISON, _condition(node)
        case tree.Case():
            return _VALUE, _case(node)
        case tree.Call(name=name, arguments=arguments, clauses=clauses):
            inner = _separated(arguments)
            said = _clauses(clauses)
            if clauses.distinct:
                inner = ["distinct", " ", *inner] if inner else ["distinct"]
            if inner and said:
                inner.append(" ")
            return _VALUE, [name.lower(), "(", *inner, *said, ")"]
        case _:
            return _VALUE, [_value(node)]


def _value(node: Node) -> str:
    match node:
        case tree.Name(path=path):
            return ".".join(print_name(name) for name in path)
        case tree.Parameter(name=name):
            return "$" + name
        case tree.Text(value=value):
            return print_text(value)
        case tree.Number(text=text):
            return text
        case tree.Boolean(value=truth):
            return "true" if truth else "false"
        case tree.Null():
            return "null"
        case tree.Star():
            return "*"
        case tree.Duration(parts=parts):
            return " ".join(f"{number} {unit}{'' if number == '1' else 's'}" for number, unit in parts)
    raise TypeError(f"{type(node).__name__} is no value of a formula")


def _condition(node: Node) -> list[_Part]:
    tight = _COMPARISON + 1
    match node:
        case tree.In(operand=operand, items=items, negated=negated):
            lone = len(items) == 1 and isinstance(items[0], tree.Parameter)
            values = _separated(items) if lone else ["(", *_separated(items), ")"]
            return [(operand, tight), " not in " if negated else " in ", *values]
        case tree.Between(operand=operand, low=low, high=high, negated=negated):
            word = " not between " if negated else " between "
            return [(operand, tight), word, (low, tight), " and ", (high, tight)]
        case tree.Like(operand=operand, pattern=pattern, case_sensitive=sensitive, negated=negated):
            word = f" {'not ' if negated else ''}{'like' if sensitive else 'ilike'} "
            return [(operand, tight), word, (pattern, tight)]
        case tree.IsNull(operand=operand, negated=negated):
            return [(operand, tight), " is not null" if negated else " is null"]
        case tree.IsDistinct(left=left, right=right, negated=negated):
            word = " is not distinct from " if negated else " is distinct from "
            return [(left, tight), word, (right, tight)]
    raise TypeError(f"{type(node).__name__} is no condition")


def _case(node: tree.Case) -> list[_Part]:
    parts: list[_Part] = ["case"]
    if node.operand is not None:
        parts += [" ", (node.operand, _OR)]
    for condition, value in node.branches:
        parts += [" when ", (condition, _OR), " then ", (value, _OR)]
    if node.otherwise is not None:
        parts += [" else ", (node.otherwise, _OR)]
    return [*parts, " end"]


def _clauses(clauses: tree.Clauses) -> list[_Part]:
    """All but ``distinct``, which is printed before the arguments."""
    said: list[list[_Part]] = []
    if clauses.where is not None:
        said.append(["where ", (clauses.where, _OR)])
    if clauses.per is not None:
        said.append(["per ", *(_separated(clauses.per) or ["()"])])
    if clauses.order:
        terms = [_order(term) for term in clauses.order]
        said.append(["order by ", *terms[0], *(part for term in terms[1:] for part in (", ", *term))])
    if clauses.frame is not None:
        said.append([f"{clauses.frame.kind} ", (clauses.frame.size, _OR)])
    separated = [part for clause in said for part in (" ", *clause)]
    return separated[1:]


def _order(term: tree.Order) -> list[_Part]:
    words = " desc" if term.descending else ""
    if term.nulls_first is not None:
        words += " nulls first" if term.nulls_first else " nulls last"
    return [(term.value, _OR), words]


def _separated(nodes: tuple[Node, ...]) -> list[_Part]:
    parts: list[_Part] = []
    for node in nodes:
        if parts:
            parts.append(", ")
        parts.append((node, _OR))
    return parts
