"""What to say where values do not go together, and what may help."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headrace.diagnostics import Fix, Span
from headrace.grammar.checker import Checker
from headrace.grammar.coerce import MOMENTS, common_type, read_moment
from headrace.grammar.constants import read_number
from headrace.grammar.expression import Literal
from headrace.grammar.functions import lookup
from headrace.grammar.part import Part
from headrace.grammar.printer import print_name

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

READ_AS = {
    "date": "a date; write it as in 2024-01-31",
    "time": "a time; write it as in 14:30",
    "timestamp": "a date and time; write it as in 2024-01-31 14:30",
    "timestamptz": "a moment with its zone; write it as in 2024-01-31 14:30+01:00",
}


def column_in_quotes(checker: Checker, *parts: Part, fits: bool = False) -> Fix | None:
    """A text that is the name of a column, and stands where no text can: the column was meant.

    With ``fits`` only where the column goes together with the others: the text may be a label after all.
    """
    columns = {**checker.scope.columns, **(checker.scope.groups or {})}
    for part in parts:
        if part.text is None:
            continue
        column = columns.get(part.text)
        others = {other.type.kind for other in parts if other is not part}
        if column is not None and fits and column.type.kind not in others:
            continue
        if column is not None or (part.text in checker.scope.formulas and not fits):
            name = print_name(part.text)
            return Fix(f"Write {name} without quotes: it is a column", name, part.span)
    return None


def say_apart(checker: Checker, parts: Sequence[Part], span: Span, form: str) -> None:
    """Say which of several values (branches, alternatives) has no type in common with those before it."""
    known = [part for part in parts if not part.is_null]
    for index in range(1, len(known)):
        if common_type(known[: index + 1]) is not None:
            continue
        other = known[index]
        first = next((part for part in known[:index] if common_type([part, other]) is None), known[0])
        if _say_unread(checker, first, other):
            return
        empty = next((part for part in (first, other) if part.text == ""), None)
        column = column_in_quotes(checker, first, other, fits=True)
        hints = [f"{column.title}."] if column else _as_one_type(checker, first, other)
        checker.say(
            "F118",
            other.span,
            form=form,
            first=checker.words(first),
            first_type=str(first.type),
            other=checker.words(other),
            other_type=str(other.type),
            hints=hints,
            fixes=[Fix("Write null", "null", empty.span)] if empty else [column] if column else [],
        )
        return
    raise ValueError("the parts have a type in common")


def _as_one_type(checker: Checker, first: Part, other: Part) -> list[str]:
    """What makes values go together: no value instead of an empty text, or a text of the other."""
    if "" in (first.text, other.text):
        return ["Where there is no value, write null."]
    found = _conversions(checker, first, other)
    value = first if other.text is not None else other if first.text is not None else None
    return found or ([f"to_text({checker.words(value)}) turns it into a text."] if value is not None else [])


def say_incomparable(checker: Checker, left: Part, right: Part, span: Span, empty: Fix | None = None) -> None:
    """Say that two values cannot be compared; ``empty`` is what asks for no value, where one is the empty text."""
    if empty is not None:
        hints = [f"Where there is no value, it is null, not an empty text: {empty.replacement}."]
        _say(checker, "F113", left, right, span, hints=hints, fixes=[empty])
        return
    if _say_unread(checker, left, right) or _say_moments(checker, left, right, span):
        return
    _say(checker, "F113", left, right, span, hints=_said_twice(checker, left, right) or None)


def say_operands(
    checker: Checker, operator: str, left: Part, right: Part, span: Span, helpful: Sequence[str] | None = None
) -> None:
    """Say that an operator does not take two values, with what may help where the caller knows it."""
    if helpful is not None:
        _say(checker, "F112", left, right, span, hints=helpful, operator=operator)
        return
    moments = {left.type.kind, right.type.kind}
    if moments <= set(MOMENTS) and len(moments) == 2 and _say_moments(checker, left, right, span):
        return
    if operator in ("+", "-") and _say_unread(checker, left, right):
        return
    hints: list[str] = []
    fixes: list[Fix] = []
    if operator in ("+", "-") and left.type.kind in MOMENTS and right.type.is_number:
        number = checker.words(right)
        unit = "hours" if left.type.kind == "time" else "days"
        if isinstance(right.expression, Literal):
            written = f"{number} {unit.removesuffix('s') if number == '1' else unit}"
        else:
            written = f'duration({checker.written(right)}, "{unit.removesuffix("s")}")'
        whole = f"{checker.words(left)} {operator} {written}"
        hints, fixes = [f"Say what is counted: {whole}."], [Fix(f"Write {written}", written, right.span)]
    elif operator == "+" and "text" in (left.type.kind, right.type.kind):
        hints = [f"Texts are joined by &: {checker.words(left)} & {checker.words(right)}."]
        fixes = [Fix("Join them by &", f"{checker.written(left)} & {checker.written(right)}", span)]
        hints += _conversions(checker, left, right)
    elif operator == "+" and moments <= {"date", "timestamp", "timestamptz"}:
        hints = [f"The time between the two is {checker.words(left)} - {checker.words(right)}."]
    else:
        hints = _conversions(checker, left, right)
    _say(checker, "F112", left, right, span, hints=hints, fixes=fixes, operator=operator)


def _say(
    checker: Checker,
    code: str,
    left: Part,
    right: Part,
    span: Span,
    *,
    hints: Sequence[str] | None = None,
    fixes: Sequence[Fix] = (),
    **params: str,
) -> None:
    unquoted = column_in_quotes(checker, left, right) or _unquoted(checker, left, right)
    if unquoted is not None:
        hints, fixes = [f"{unquoted.title}."], [unquoted]
    checker.say(
        code,
        span,
        left=checker.words(left),
        left_type=str(left.type),
        right=checker.words(right),
        right_type=str(right.type),
        hints=_conversions(checker, left, right) if hints is None else hints,
        fixes=fixes,
        **params,
    )


def _say_unread(checker: Checker, left: Part, right: Part) -> bool:
    """Where a constant text stands beside a date and does not read as one, that is all there is to say."""
    for text, other in ((left, right), (right, left)):
        if text.text is not None and other.type.kind in MOMENTS:
            kind = READ_AS[other.type.kind]
            column = column_in_quotes(checker, text)
            hints = [f"{column.title}."] if column else _part_of_date(checker, text, other)
            fixes = [column] if column else as_moment(text, other.type.kind)
            if column is None and _DURATION.fullmatch(text.text):
                hints = ["A length of time stands without quotes."]
            elif column is None and _ISO.fullmatch(text.text):
                hints = ["There is no such day in the calendar."]
            checker.say(
                "F116",
                text.span,
                text=checker.words(text),
                kind=kind,
                wanted=other.type.kind,
                hints=hints,
                fixes=fixes,
            )
            return True
    return False


def _part_of_date(checker: Checker, text: Part, other: Part) -> list[str]:
    """``day = "2024"``, ``day >= "2024-01"``: what part of a date is asked by."""
    words = checker.words(other)
    if re.fullmatch(r"[0-9]{4}", text.text or ""):
        return [f"The year of a date: year({words}) = {text.text}."]
    month = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})", text.text or "")
    if month:
        return [f'The month of a date: start_of_month({words}) = "{month.group(1)}-{month.group(2):0>2}-01".']
    return []


_DURATION = re.compile(r"[0-9]+ (?:year|quarter|month|week|day|hour|minute|second)s?")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_POINTED = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})")


def as_moment(text: Part, kind: str) -> list[Fix]:
    """What a text beside a date was meant to be: a length of time, or a day as another country writes it."""
    words = text.text or ""
    if _DURATION.fullmatch(words):
        return [Fix(f"Write {words} without quotes", words, text.span)]
    found = _POINTED.fullmatch(words)
    if found is None or kind not in ("date", "timestamp"):
        return []
    one, two, year = found.groups()
    days = dict.fromkeys(f"{year}-{month:0>2}-{day:0>2}" for day, month in ((one, two), (two, one)))
    return [Fix(f'Write "{day}"', f'"{day}"', text.span) for day in days if read_moment(day, "date") is not None]


def _say_moments(checker: Checker, left: Part, right: Part, span: Span) -> bool:
    kinds = {left.type.kind, right.type.kind}
    if not kinds <= {"date", "timestamp", "timestamptz"} or len(kinds) != 2:
        return False
    code = "F114" if "timestamptz" in kinds else "F115"
    if code == "F114":
        zoned = left if left.type.kind == "timestamptz" else right
        clock = f'at_timezone({checker.words(zoned)}, "Europe/Paris")'
        hints = [f"{clock} is what the clocks there show at that moment."]
        if "date" in kinds:
            hints = [f"to_date({clock}) is the day there at that moment."]
            if checker.words(zoned).lower() == "now()":
                hints.insert(0, "today() is the date of today.")
    else:
        day, moment = (left, right) if left.type.kind == "date" else (right, left)
        hints = [
            f"to_date({checker.words(moment)}) is the day of it; "
            f"to_timestamp({checker.words(day)}) is the start of the day."
        ]
    _say(checker, code, left, right, span, hints=hints)
    return True


def _unquoted(checker: Checker, left: Part, right: Part) -> Fix | None:
    """A number in quotes beside a number."""
    for text, other in ((left, right), (right, left)):
        if text.text is None or not other.type.is_number:
            continue
        number = text.text.strip()
        if _NUMBER.fullmatch(number) and read_number(number) is not None:
            return Fix(f"Write {number} without quotes", number, text.span)
    return None


def _said_twice(checker: Checker, left: Part, right: Part) -> list[str]:
    """``is_new = "yes"``, ``is_new = 1``: a condition compared with what other programs have for true and false."""
    for part, other in ((left, right), (right, left)):
        number = isinstance(other.expression, Literal) and other.type.is_number
        if part.type.kind == "boolean" and (number or (other.text or "").lower() in _TRUTHS):
            words = checker.words(part)
            return [f"{words} is true or false by itself: write {words}, or not {words}."]
    return []


_TRUTHS = ("true", "false", "yes", "no", "oui", "non", "vrai", "faux", "y", "n", "1", "0")


def _conversions(checker: Checker, left: Part, right: Part) -> list[str]:
    """Functions that would turn one value into the type of the other."""
    hints = []
    for part, other in ((left, right), (right, left)):
        if part.text is not None or part.type.kind == other.type.kind:
            continue
        name = f"to_{other.type.kind}"
        if lookup(name) is not None and part.type.kind == "text":
            hints.append(f"{name}({checker.words(part)}) turns the text into {named(other.type.kind)}.")
        elif other.type.kind == "text" and other.text is None and lookup("to_text") is not None:
            hints.append(f"to_text({checker.words(part)}) turns it into a text.")
        elif part.type.kind == "boolean" and other.type.is_number:
            hints.append(f"if({checker.words(part)}, 1, 0) turns it into a number.")
    return hints[:2]


def named(kind: str) -> str:
    """``an integer``, ``a date``."""
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
