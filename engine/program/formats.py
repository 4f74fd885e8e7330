"""How a cell of a file must be written to become a value of a type: the same on every server, whatever its settings.

PostgreSQL itself is generous: it reads ``today`` and ``03/04/2024`` as dates, the latter by the session's
``DateStyle``; ``1_000`` and ``0x1F`` as integers from version 16 on. A pattern stands before every cast instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from headrace.grammar.types import Type
from headrace.program.quoting import literal
from headrace.sql.types import sql_type

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
# At most six digits of a second mean anything to PostgreSQL: it would round the rest away.
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6}0*)?)?"
_PLAIN = "([0-9]+[.]?[0-9]*|[.][0-9]+)"
_WORDS = "([0-9]+ +(year|month|mon|week|day|hour|minute|second)s? *)"
_ISO = (
    "P([+-]?[0-9]+Y)?([+-]?[0-9]+M)?([+-]?[0-9]+W)?([+-]?[0-9]+D)?"
    "(T([+-]?[0-9]+H)?([+-]?[0-9]+M)?([+-]?[0-9]+([.][0-9]{1,6})?S)?)?"
)
# The way to a type whose own cast would take any text, or would explain badly why it does not.
_REFUSING = {"binary": "::integer::text", "time": "::timestamp"}
_ZONE = "(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)"


@dataclass(frozen=True, slots=True)
class CellFormat:
    """What a cell of a type looks like.

    ``expected`` says it in words. ``pattern`` is a PostgreSQL regular expression for the whole cell, None where any
    text may be tried; ``surely`` is one for cells whose cast cannot fail (it need not find all of them).
    """

    expected: str
    pattern: str | None
    surely: str | None = None


def cell_format(type_: Type) -> CellFormat:
    """The format of ``type_``, which is any kind but text.

    >>> cell_format(Type("date")).expected
    'a date as 2024-01-31'
    """
    match type_.kind:
        case "integer":
            return CellFormat("a whole number", _whole("[+-]?[0-9]+"), _whole("[+-]?[0-9]{1,18}"))
        case "decimal" if type_.precision is not None:
            return _bounded_decimal(type_.precision, type_.scale or 0)
        case "decimal" | "float":
            number = f"[+-]?{_PLAIN}([eE][+-]?[0-9]+)?"
            few = "[+-]?([0-9]{1,120}[.]?[0-9]{0,120}|[.][0-9]{1,120})"
            return CellFormat("a number as 1234.5", _whole(number), _whole(few))
        case "boolean":
            words = "(true|false|t|f|yes|no|y|n|1|0)"
            return CellFormat("true or false", _whole(words, "(?i)"), _whole(words, "(?i)"))
        case "date":
            often = "(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
            return CellFormat("a date as 2024-01-31", _whole(_DAY), _whole(often))
        case "time":
            return CellFormat("a time as 13:30 or 13:30:00", _whole(_CLOCK), _whole(_CLOCK))
        case "timestamp":
            return CellFormat("a date and time as 2024-01-31 13:30:00", _whole(f"{_DAY}([ T]{_CLOCK})?"))
        case "timestamptz":
            expected = "a date and time with its offset, as 2024-01-31 13:30:00+01:00"
            return CellFormat(expected, _whole(f"{_DAY}[ T]{_CLOCK} ?{_ZONE}"))
        case "interval":
            expected = "a duration as 2 days 3 hours, P2DT3H or 51:00:00"
            clock = "[0-9]+:[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"
            return CellFormat(expected, _whole(f"({_ISO}|{_WORDS}+|{_WORDS}*{clock})", "(?i)"))
        case "uuid":
            digits = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
            return CellFormat("a UUID", _whole(digits, "(?i)"), _whole(digits, "(?i)"))
        case "json":
            return CellFormat("JSON", None)
        case "binary":
            digits = r"[\\]x([0-9a-fA-F]{2})*"
            return CellFormat(r"bytes in hexadecimal, as \x4a4b", _whole(digits), _whole(digits))
    raise ValueError(f"a cell has no format for the type {type_}")


def cast_cell(cell: str, type_: Type, record: str, path: str, column: str) -> str:
    """SQL that makes the value of ``column`` from the text ``cell``, null from an empty one.

    ``cell`` and ``record``, the number of the record, are SQL. A cell that is not as it must be ends the statement
    with an error that quotes it and says where it stands. Blanks around a value are ignored; text is kept exactly.
    """
    required = not type_.nullable
    where = f"({literal(f'{path}, record ')} || {record} || "
    if type_.kind == "text":
        missing = literal(f", column {column}: is empty, and must not be")
        return f"coalesce({cell}, {where}{missing})::integer::text)" if required else cell
    format_ = cell_format(type_)
    name = sql_type(type_)
    # Neither uuid nor bytea allows blanks around the value.
    value = f"btrim({cell})::{name}" if type_.kind in ("uuid", "binary") else f"{cell}::{name}"
    found = f"left(coalesce({cell}, 'nothing'), 60)" if required else f"left({cell}, 60)"
    refuse = f"{_REFUSING.get(type_.kind, '')}::{name}"
    wrong = f"{where}{literal(f', column {column}: expected {format_.expected}, found ')} || {found}){refuse}"
    if format_.pattern is None:
        return f"CASE WHEN btrim({cell}) <> '' THEN {value}{f' ELSE {wrong}' if required else ''} END"
    otherwise = f"ELSE {wrong}" if required else f"WHEN btrim({cell}) <> '' THEN {wrong}"
    if not required and type_.precision is not None:  # a CASE has a precision only where every branch has it
        otherwise += f"\n    ELSE NULL::{name}"
    return f"CASE\n    WHEN {cell} ~ {literal(format_.pattern)} THEN {value}\n    {otherwise}\n  END"


def _whole(pattern: str, options: str = "") -> str:
    return f"{options}^ *{pattern} *$"


def _bounded_decimal(precision: int, scale: int) -> CellFormat:
    """PostgreSQL would round what does not fit the scale: digits past it must be zeros.

    The pattern admits only what fits, so that the cast never fails.
    """
    whole = f"0*[0-9]{_at_most(precision - scale)}" if precision > scale else "0+"
    fraction = f"[.][0-9]{_at_most(scale)}0*" if scale else "[.]0+"
    pattern = _whole(f"[+-]?({whole}[.]?|({whole})?{fraction})")
    decimals = f"at most {scale} after the point" if scale else "none after the point"
    return CellFormat(f"a number of at most {precision} digits, {decimals}", pattern, pattern)


def _at_most(digits: int) -> str:
    """One digit to so many, as what follows ``[0-9]``; a repetition counts to 255 only."""
    count, more = min(digits, 255), digits - 255
    return f"{{1,{count}}}" + (f"([0-9]{_at_most(more)})?" if more > 0 else "")
