"""Which signature a call means, and what to say where none fits or a constant is not what it must be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from headrace.diagnostics import Fix, Span, closest
from headrace.grammar import tree
from headrace.grammar.checker import Checker
from headrace.grammar.coerce import MOMENTS, read_moment
from headrace.grammar.conflicts import READ_AS, as_moment, column_in_quotes, named
from headrace.grammar.expression import Literal
from headrace.grammar.function import Constant, Function
from headrace.grammar.functions.date_patterns import read_pattern
from headrace.grammar.overloads import Mismatch, resolve, shape
from headrace.grammar.part import Part
from headrace.grammar.usage import usage_words

MOST_ARGUMENTS = 90
"""Arguments of one call where a function of the database gets them all: PostgreSQL passes at most 100."""

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def choose(checker: Checker, function: Function, parts: Sequence[Part], node: tree.Call) -> int | None:
    """The signature that the arguments fit, their constants checked; None after saying what is wrong."""
    found = resolve(function, parts)
    if isinstance(found, Mismatch):
        say_mismatch(checker, function, parts, found, node)
        return None
    if len(parts) > MOST_ARGUMENTS and any(map(_passes_all, function.signatures[found].sql.values())):
        expected = f"at most {count_words(MOST_ARGUMENTS)}"
        checker.say("F111", node.span, function=function.name, expected=expected, found=str(len(parts)))
        return None
    constants = function.signatures[found].constants
    checks = [
        _is_allowed(checker, function, constant, parts[at]) for at, constant in constants.items() if at < len(parts)
    ]
    return found if all(checks) else None


def _passes_all(template: str) -> bool:
    """Whether the template hands all arguments to one function; COALESCE and its like are none to PostgreSQL."""
    return re.search(r"\b(?!COALESCE\b|GREATEST\b|LEAST\b)\w+\([^()]*\*\}", template) is not None


def say_mismatch(
    checker: Checker, function: Function, parts: Sequence[Part], mismatch: Mismatch, node: tree.Call
) -> None:
    """Say why no signature of ``function`` fits, and what it takes."""
    hints = _uses(function)
    if mismatch.why == "count":
        fixes = _decimal_commas(checker, node)
        if fixes:
            hints = ["Numbers have a decimal point; a comma begins the next argument.", *hints[1:]]
        else:
            fixes = _of_one_row(checker, function, node)
            hints = [*([f"Of several values in a row: {fixes[0].replacement}."] if fixes else []), *hints]
            fixes += _by_order(checker, function, node)
        checker.say(
            "F111",
            node.span,
            function=function.name,
            expected=_expected(function),
            found=str(len(parts) or "none"),
            hints=hints,
            fixes=fixes,
        )
        return
    if mismatch.why == "mixture":
        found = ", ".join(f"{checker.words(part)} is {part.type}" for part in parts)
        checker.say("F122", node.span, function=function.name, found=found, hints=hints)
        return
    part = parts[mismatch.argument]
    column = column_in_quotes(checker, part)
    position = _position(mismatch.argument)
    written = checker.words(part)
    if mismatch.why == "kind":
        if part.text is not None:
            kinds = {shape(each.arguments).kind(mismatch.argument) for each in function.signatures}
            wanted = next((kind for kind in MOMENTS if kind in kinds), None)
            if wanted is not None and column is None and not kinds & {"text", "printed"}:
                kind = READ_AS[wanted]
                checker.say("F116", part.span, text=written, kind=kind, wanted=wanted)
                return
        checker.say(
            "F110",
            part.span,
            function=function.name,
            found=written,
            type=str(part.type),
            position=position,
            expected=_kinds(function, mismatch.argument),
            hints=[*_turned(checker, part, _kinds(function, mismatch.argument)), *hints]
            if column is None
            else [f"{column.title}."],
            fixes=[] if column is None else [column],
        )
        return
    choices = [_spelled(choice) for choice in mismatch.choices]
    if mismatch.why == "constant":
        if choices:
            hints = [f"It is one of: {', '.join(choices)}.", *hints]
        checker.say("F128", part.span, function=function.name, found=written, position=position, hints=hints)
        return
    near = closest(part.text, [choice for choice in mismatch.choices if isinstance(choice, str)]) if part.text else []
    hints = [f"Did you mean {' or '.join(_spelled(each) for each in near)}?"] if near else []
    hints.append(f"It is one of: {', '.join(choices)}.")
    fixes = [Fix(f"Write {_spelled(each)}", _spelled(each), part.span) for each in near[:1]]
    checker.say("F129", part.span, function=function.name, found=written, position=position, hints=hints, fixes=fixes)


def _turned(checker: Checker, part: Part, kinds: Sequence[str]) -> list[str]:
    """How a value becomes one that the function takes, where one function does it."""
    words = checker.words(part)
    if part.type.kind == "text" and part.text is None:
        wanted = next((kind for kind in ("date", "timestamp", "decimal", "integer") if kind in kinds), None)
        wanted = wanted or ("decimal" if {"number", "float"} & {*kinds} else None)
        return [f"to_{wanted}({words}) turns the text into {named(wanted)}."] if wanted else []
    if {*kinds} <= {"text", "printed"} and part.type.kind not in ("text", "null"):
        return [f"to_text({words}) turns it into a text."]
    return []


def _of_one_row(checker: Checker, function: Function, node: tree.Call) -> list[Fix]:
    """``max(amount, quantity)``: an aggregate of many rows, called as spreadsheets do with values of one."""
    words = [checker.written(argument) for argument in node.arguments]
    written = {
        "max": f"greatest({', '.join(words)})",
        "min": f"least({', '.join(words)})",
        "sum": " + ".join(words),
        "avg": f"({' + '.join(words)}) / {len(words)}",
    }.get(function.name)
    if written is None or len(words) < 2 or node.clauses.said:
        return []
    return [Fix(f"Write {written}", written, node.span)]


def _by_order(checker: Checker, function: Function, node: tree.Call) -> list[Fix]:
    """``rank(amount)``: what rows are ordered by stands after ``order by``."""
    takes_none = all(not signature.arguments for signature in function.signatures)
    if function.level != "window" or not takes_none or not node.arguments or node.clauses.said:
        return []
    written = f"{checker.written(node.name_span)}(order by {checker.written(node.arguments[0])} desc)"
    return [Fix(f"Write {written}", written, node.span)]


def _decimal_commas(checker: Checker, node: tree.Call) -> list[Fix]:
    """``round(price * 1,5, 2)``: a number, a comma and digits with nothing between."""
    inside = checker.written(node.span)
    plain = _QUOTED.sub(lambda found: " " * len(found.group()), inside)
    commas = list(_DECIMAL_COMMA.finditer(plain))
    if len(commas) != 1:
        return []
    start = node.span.start + commas[0].start()
    number = f"{commas[0].group(1)}.{commas[0].group(2)}"
    return [Fix(f"Write {number}", number, Span(start, start + len(number)))]


_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\[[^\]]*\]")
_DECIMAL_COMMA = re.compile(r"(?<![\w.,])([0-9]+),([0-9]+)(?![\w.]|,[0-9])")


def _is_allowed(checker: Checker, function: Function, constant: Constant, part: Part) -> bool:
    """Whether a constant keeps to its bounds, and a text reads as what it must be."""
    literal = part.expression
    if not isinstance(literal, Literal) or literal.value is None:
        return True
    value = literal.value
    if isinstance(value, int | Decimal | float) and not isinstance(value, bool):
        low, high = constant.minimum, constant.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = " and ".join(
                [
                    *([f"at least {low:g}"] if low is not None else []),
                    *([f"at most {high:g}"] if high is not None else []),
                ]
            )
            checker.say("F148", part.span, function=function.name, found=checker.words(part), bounds=bounds)
            return False
    if isinstance(value, str) and constant.reads == "pattern":
        pattern = read_pattern(value)
        if isinstance(pattern, str):
            checker.say("F149", part.span, found=checker.words(part), why=pattern)
            return False
    elif isinstance(value, str) and constant.reads and read_moment(value, constant.reads) is None:
        checker.say(
            "F116",
            part.span,
            text=checker.words(part),
            kind=READ_AS[constant.reads],
            wanted=constant.reads,
            fixes=as_moment(part, constant.reads),
        )
        return False
    return True


def _uses(function: Function) -> list[str]:
    hints = [f"It is called as {usage_words(function)}."]
    example = next((each.formula for each in function.examples), None)
    if example is not None:
        hints.append(f"For example: {example}.")
    if function.caution:
        hints.append(function.caution)
    return hints


def _expected(function: Function) -> str:
    """``1 or 2 arguments``."""
    shapes = [shape(signature.arguments) for signature in function.signatures]
    counts = sorted({count for taken in shapes for count in range(taken.required, len(taken.kinds) + 1)})
    if any(taken.repeats for taken in shapes):
        return f"at least {count_words(counts[0])}"
    if len(counts) == 1:
        return count_words(counts[0])
    start = ", ".join(str(count) if count else "no" for count in counts[:-1])
    return f"{start} or {count_words(counts[-1])}"


def count_words(number: int) -> str:
    """``no arguments``, ``1 argument``, ``2 arguments``."""
    return "no arguments" if number == 0 else "1 argument" if number == 1 else f"{number} arguments"


def _position(index: int) -> str:
    return _ORDINALS[index] if index < len(_ORDINALS) else f"{index + 1}th"


def _kinds(function: Function, index: int) -> list[str]:
    fitting = [shape(each.arguments) for each in function.signatures if each.arguments]
    return sorted({taken.kind(index) for taken in fitting})


def _spelled(choice: str | int | bool) -> str:
    if isinstance(choice, bool):
        return "true" if choice else "false"
    return f'"{choice}"' if isinstance(choice, str) else str(choice)
