"""Operators: arithmetic, comparisons, conditions, ``in``, ``like``, casts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headrace.diagnostics import Fix, Span
from headrace.grammar import tree
from headrace.grammar.checker import Checker, constant
from headrace.grammar.coerce import common_type, convert
from headrace.grammar.conflicts import column_in_quotes, say_apart, say_incomparable, say_operands
from headrace.grammar.constants import read_number
from headrace.grammar.durations import is_whole_days, needs_zone
from headrace.grammar.expression import Expression, In
from headrace.grammar.functions import CATALOGUE
from headrace.grammar.names import parameter
from headrace.grammar.overloads import Mismatch, resolve
from headrace.grammar.part import Part, Place
from headrace.grammar.printer import print_text
from headrace.grammar.types import Type

_FUNCTIONS = {
    "or": "or",
    "and": "and",
    "=": "equal",
    "!=": "not_equal",
    "<": "less",
    "<=": "less_or_equal",
    ">": "greater",
    ">=": "greater_or_equal",
    "??": "coalesce",
    "&": "join_text",
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "//": "div",
    "%": "modulo",
    "^": "power",
}
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_CHAINS = ("or", "and", "??", "&")


def type_binary(checker: Checker, node: tree.Binary, place: Place) -> Part | None:
    """Two operands; ``a and b and c`` is one call of three."""
    if node.operator in _CHAINS:
        parts = checker.parts(_chain(node), place)
        return None if parts is None else _chained(checker, node, parts)
    operands = checker.parts((node.left, node.right), place)
    if operands is None:
        return None
    left, right = operands
    if node.operator in _COMPARISONS:
        return compare(checker, _FUNCTIONS[node.operator], operands, node.span)
    if node.operator in ("+", "-"):
        moved = _moved_moment(checker, node, left, right)
        if moved is not None:
            return moved
    return _operate(checker, node.operator, operands, node.span)


def _chain(node: tree.Binary) -> list[tree.Node]:
    """The operands of a chain of the same operator, without recursion: people write long ones."""
    operands: list[tree.Node] = [node.right]
    left = node.left
    while isinstance(left, tree.Binary) and left.operator == node.operator:
        operands.append(left.right)
        left = left.left
    return [left, *reversed(operands)]


def _chained(checker: Checker, node: tree.Binary, parts: Sequence[Part]) -> Part | None:
    function = CATALOGUE[_FUNCTIONS[node.operator]]
    if node.operator in ("or", "and"):
        repeated = _repeated(checker, node)
        conditions = [is_condition(checker, part, repeated.get(part.span)) for part in parts]
        if not all(conditions):
            return None
    elif node.operator == "??" and common_type(parts) is None:
        say_apart(checker, parts, node.span, "??")
        return None
    signature = resolve(function, parts)
    if isinstance(signature, Mismatch):
        say_operands(checker, node.operator, parts[0], parts[-1], node.span)
        return None
    return checker.call(function, signature, parts, node.span)


def is_condition(checker: Checker, part: Part, meant: str | None = None) -> bool:
    """Whether the part is true or false (or null); says so where it is not. ``meant`` is a condition to offer."""
    if part.type.kind in ("boolean", "null"):
        return True
    words = checker.words(part)
    hints = []
    fixes = []
    column = column_in_quotes(checker, part)
    if meant is not None:
        hints = [f"Each side of and and or is a whole condition: write {meant}."]
        fixes = [Fix(f"Write {meant}", meant, part.span)]
    elif column is not None:
        hints, fixes = [f"{column.title}."], [column]
    elif part.type.is_number:
        hints = [f"For example: {words} > 0."]
    elif part.type.kind == "text" and part.text is None:
        hints = [f'For example: {words} = "x", or {words} is not null.']
    elif part.type.kind != "text":
        hints = [f"For example: {words} is not null."]
    checker.say("F117", part.span, found=words, type=str(part.type), hints=hints, fixes=fixes)
    return False


def _repeated(checker: Checker, node: tree.Binary) -> dict[Span, str]:
    """``country = "FR" or "DE"``: the values that follow a comparison, as conditions of their own."""
    found = {}
    compared: tree.Binary | None = None
    for operand in _chain(node):
        if isinstance(operand, tree.Binary) and operand.operator in _COMPARISONS:
            compared = operand
        elif compared is not None and isinstance(operand, tree.Text | tree.Number):
            found[operand.span] = f"{checker.written(compared.left)} {compared.operator} {checker.written(operand)}"
    return found


def compare(checker: Checker, function: str, parts: Sequence[Part], span: Span) -> Part | None:
    """A comparison of parts that have a type in common."""
    null = next((part for part in parts if part.is_null), None)
    if null is not None and function in ("equal", "not_equal"):
        other = next((part for part in parts if part is not null), null)
        ending = f"is {'not ' if function == 'not_equal' else ''}null"
        fixes = [Fix(f"Write {ending}", f"{checker.written(other)} {ending}", span)]
        checker.say("F160", span, hints=[f"Write {checker.words(other)} {ending}."], fixes=fixes)
    _warn_of_constants(checker, parts)
    entry = CATALOGUE[function]
    signature = resolve(entry, parts)
    if isinstance(signature, Mismatch):
        first = parts[0]
        empty = next((part for part in parts if part.text == ""), None)
        if empty is not None and function in ("equal", "not_equal"):
            other = next(part for part in parts if part is not empty)
            ending = f"is {'not ' if function == 'not_equal' else ''}null"
            fix = Fix(f"Write {ending}", f"{checker.written(other)} {ending}", span)
            say_incomparable(checker, first, parts[1], span, empty=fix)
            return None
        other = next(part for part in parts[1:] if common_type([first, part]) is None)
        say_incomparable(checker, first, other, span)
        return None
    return checker.call(entry, signature, parts, span)


def _warn_of_constants(checker: Checker, parts: Sequence[Part]) -> None:
    """``"country" = "FR"`` compares two texts: where one is the name of a column, the column was meant."""
    if any(part.text is None for part in parts):
        return
    column = column_in_quotes(checker, *parts)
    if column is not None and column.span is not None:
        checker.say("F161", column.span, text=checker.words(column.span), fixes=[column])


def _operate(checker: Checker, operator: str, parts: Sequence[Part], span: Span) -> Part | None:
    function = CATALOGUE[_FUNCTIONS[operator]]
    signature = resolve(function, parts)
    if isinstance(signature, Mismatch):
        say_operands(checker, operator, parts[0], parts[1], span)
        return None
    return checker.call(function, signature, parts, span)


def _moved_moment(checker: Checker, node: tree.Binary, left: Part, right: Part) -> Part | None:
    """A date or time ± a duration; None where the operands are not that."""
    if node.operator == "+" and left.type.kind == "interval":
        left, right = right, left
    if right.type.kind != "interval" or left.type.kind not in ("date", "timestamptz", "text"):
        return None
    name = _FUNCTIONS[node.operator]
    if left.text is not None:
        for kind in ("date", "timestamp", "timestamptz"):
            read = convert(left, Type(kind), cast=False)
            if read is not left:
                left = read
                break
    if left.type.kind == "date":
        result = "date" if is_whole_days(right.expression) else "timestamp"
        return checker.call(CATALOGUE[name], _signature(name, ("date", "interval"), result), (left, right), node.span)
    if left.type.kind == "timestamptz" and needs_zone(right.expression):
        zone = constant(checker.scope.timezone, node.span)
        signature = _signature(name, ("timestamptz", "interval", "text"), "timestamptz")
        return checker.call(CATALOGUE[name], signature, (left, right, zone), node.span)
    return None


def _signature(function: str, arguments: tuple[str, ...], result: str) -> int:
    signatures = CATALOGUE[function].signatures
    return next(i for i, each in enumerate(signatures) if (each.arguments, each.result) == (arguments, result))


def type_unary(checker: Checker, node: tree.Unary, place: Place) -> Part | None:
    """``not x``, ``-x``, ``+x``; the sign of a number is part of it."""
    if node.operator == "-" and isinstance(node.operand, tree.Number):
        literal = read_number(f"-{node.operand.text}")
        if literal is None:
            checker.say("F124", node.span, number=checker.words(node))
            return None
        return Part(literal, node.span)
    operand = checker.part(node.operand, place)
    if operand is None:
        return None
    if node.operator == "not":
        if not is_condition(checker, operand):
            return None
        return checker.call(CATALOGUE["not"], 0, [operand], node.span)
    function = CATALOGUE["negate"]
    signature = resolve(function, [operand])
    if isinstance(signature, Mismatch):
        words = checker.words(operand)
        text = operand.type.kind == "text" and operand.text is None
        hints = [f"to_decimal({words}) turns the text into a decimal."] if text else []
        checker.say("F121", node.span, operator=node.operator, found=words, type=str(operand.type), hints=hints)
        return None
    if node.operator == "+":
        return operand
    return checker.call(function, signature, [operand], node.span)


def type_in(checker: Checker, node: tree.In, place: Place) -> Part | None:
    """``x in (a, b)``, ``x in $list``."""
    operand = checker.part(node.operand, place)
    items: list[Part] | None = []
    for item in node.items:
        found = _item(checker, item, place)
        if found is None or items is None:
            items = None
        else:
            items.append(found)
    if operand is None or items is None:
        return None
    _warn_of_constants(checker, [operand, *items])
    fitting = [common_type([operand, item]) for item in items]
    if None in fitting:
        for part, common in zip(items, fitting, strict=True):
            if common is None:
                say_incomparable(checker, operand, part, part.span)
        return None
    common = common_type([operand, *items])
    if common is None:
        # Each goes with the operand, yet not all with one another: the operand is a text that reads as a date.
        say_apart(checker, [operand, *items], node.span, "in")
        return None
    wanted = common if common.kind != "null" else Type("text")
    parts = [convert(part, wanted, cast=False) for part in (operand, *items)]
    expressions: list[Expression] = [part.expression for part in parts]
    type_ = Type("boolean", nullable=any(each.type.nullable for each in expressions))
    return checker.build(In(type_, expressions[0], tuple(expressions[1:]), node.negated), parts, node.span)


def _item(checker: Checker, node: tree.Node, place: Place) -> Part | None:
    if isinstance(node, tree.Parameter):
        value = parameter(checker, node)
        return None if value is None else Part(value, node.span)
    return checker.part(node, place)


def type_between(checker: Checker, node: tree.Between, place: Place) -> Part | None:
    """``x between low and high``."""
    parts = checker.parts((node.operand, node.low, node.high), place)
    if parts is None:
        return None
    for part in parts[1:]:
        if common_type([parts[0], part]) is None:
            say_incomparable(checker, parts[0], part, node.span)
            return None
    if common_type(parts) is None:
        say_incomparable(checker, parts[1], parts[2], node.span)
        return None
    return _negated(checker, compare(checker, "between", parts, node.span), node.negated, node.span)


def _negated(checker: Checker, part: Part | None, negated: bool, span: Span) -> Part | None:
    if part is None or not negated:
        return part
    return checker.call(CATALOGUE["not"], 0, [part], span)


def type_like(checker: Checker, node: tree.Like, place: Place) -> Part | None:
    """``x like pattern``."""
    parts = checker.parts((node.operand, node.pattern), place)
    if parts is None:
        return None
    _warn_of_constants(checker, parts)
    word = "like" if node.case_sensitive else "ilike"
    pattern = parts[1].text or ""
    if re.search(r"[*?]", pattern) and not re.search(r"[%_]", pattern):
        instead = print_text(pattern.replace("*", "%").replace("?", "_"))
        fixes = [Fix(f"Write {instead}", instead, parts[1].span)]
        checker.say("F162", parts[1].span, word=word, fixes=fixes)
    if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
        instead = print_text(f"{pattern}\\")
        fixes = [Fix(f"Write {instead}", instead, parts[1].span)]
        hints = ["A backslash takes the meaning from % and _; two of them are a backslash."]
        checker.say("F138", parts[1].span, found=checker.words(parts[1]), hints=hints, fixes=fixes)
        return None
    signature = resolve(CATALOGUE[word], parts)
    if isinstance(signature, Mismatch):
        odd = next((part for part in parts if part.type.kind not in ("text", "null")), None)
        helpful = [f"to_text({checker.words(odd)}) turns it into a text."] if odd is not None else None
        say_operands(checker, word, parts[0], parts[1], node.span, helpful)
        return None
    return _negated(checker, checker.call(CATALOGUE[word], signature, parts, node.span), node.negated, node.span)


def type_is_null(checker: Checker, node: tree.IsNull, place: Place) -> Part | None:
    """``x is null``."""
    operand = checker.part(node.operand, place)
    if operand is None:
        return None
    return _negated(checker, checker.call(CATALOGUE["is_null"], 0, [operand], node.span), node.negated, node.span)


def type_is_distinct(checker: Checker, node: tree.IsDistinct, place: Place) -> Part | None:
    """``x is distinct from y``."""
    parts = checker.parts((node.left, node.right), place)
    if parts is None:
        return None
    return _negated(checker, compare(checker, "is_distinct", parts, node.span), node.negated, node.span)
