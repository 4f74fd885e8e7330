"""What an entry of the function catalogue consists of.

The template language. A template is SQL of one dialect with these placeholders:

- ``{0}``: the first argument, put in brackets by the renderer where its place needs it;
- ``{*}``: all arguments, with commas; ``{2*}``: those from the third on (each wrapped in ``Signature.each``, if any);
- ``{1:int}``: an argument of kind integer where PostgreSQL wants its 4-byte integer: a literal is printed bare,
  anything else as ``CAST(… AS INT)``;
- ``{0:typed}``: an argument whose type PostgreSQL must be told even where it is a literal text or null (polymorphic
  functions: ``LAG``, ``ARRAY_AGG``, ``TO_JSONB``; and guarded casts, since PostgreSQL reads the literal in
  ``CAST('x' AS DATE)`` before any CASE is decided): such a literal is printed as ``CAST('…' AS TEXT)``;
- ``{1:sorted}``: an argument to order by: a text by code point;
- ``{1:pattern}``, ``{1:regex}``: for an argument that is a literal date pattern, PostgreSQL's form of it and the
  regular expression of the texts it reads, as literals (``headrace.grammar.functions.date_patterns``);
- ``{now}``: the run's instant, a ``timestamptz`` (never ``CURRENT_TIMESTAMP``).

Arguments reach a template in the kinds of the signature: the checker casts those that widen (an integer for a
``decimal``), so that ``POWER({0}, {1})`` over decimals is PostgreSQL's numeric one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal as Choice


@dataclass(frozen=True, slots=True)
class Example:
    """A formula over no columns and the text of its value, as PostgreSQL prints it (None for null).

    For an aggregate or window function ``rows`` gives the column ``x`` (and ``y`` …) that the formula reads:
    ``Example("sum(x)", "6", rows=(("x integer",), (1,), (2,), (3,)))``; for a window function the value is that of
    the last row.
    """

    formula: str
    value: str | None
    rows: tuple[tuple[object, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """What the literal that stands for an argument may be.

    - ``required``: only a literal fits; else a column does too, and only a literal is checked;
    - ``choices``: the literal is one of these, texts in any case. A signature whose choice does not match is passed
      over for the next one, so a function with a unit has one signature a unit; the error lists all the choices;
    - ``minimum``, ``maximum``: bounds of a number;
    - ``reads``: the text must read as this: a kind (``date`` is ``2024-01-31``; ``timestamp``, ``timestamptz``,
      ``time``, as ISO 8601 has them) or ``pattern``, a date pattern. The function of the same signature order that
      takes a column of text is another one (``to_date``).
    """

    required: bool = True
    choices: tuple[str | int | bool, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    reads: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a function. Where several fit, one without widening wins, then the first.

    ``arguments`` are kinds (``integer``), groups (``number``: integer, decimal or float; ``any``; ``same``: any kind,
    the common type of all arguments so marked; ``printed``: text, or any kind that ``to_text(x)`` takes, in which
    case the checker puts that call around the argument), with ``?`` behind an optional one and ``*`` behind a last
    one that may repeat (once or more). ``result`` is a kind, ``same``, or ``argument N`` (the type of that argument).

    - ``sql``: for each dialect a template, as the module says. ``outside`` wraps the call of an aggregate or window
      function after its FILTER and OVER are in place, and may name it twice: ``CAST({} AS BIGINT)``. ``each`` wraps
      every argument that ``{*}`` or ``{2*}`` prints: ``NULLIF({}, '')``;
    - ``defaults``: what an optional argument is when it is left out, as formula text (``0``, ``" "``, ``today()``):
      the checker types it in place, so a template always has all its arguments;
    - ``constants``: by position, what a literal argument may be;
    - ``timezone``: the position of an optional argument that is the project's time zone when left out;
    - ``condition``: the position of an argument that is no argument of the aggregate but its ``where`` (``sum_if``);
    - ``distinct``: the aggregate is over distinct values (``count_distinct``).
    """

    arguments: tuple[str, ...]
    result: str
    sql: Mapping[str, str]
    outside: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[int, str] = field(default_factory=dict)
    each: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[int, Constant] = field(default_factory=dict)
    timezone: int | None = None
    condition: int | None = None
    distinct: bool = False


def signature(
    arguments: str,
    result: str,
    postgres: str,
    *,
    outside: str = "",
    each: str = "",
    defaults: Mapping[int, str] | None = None,
    constants: Mapping[int, Constant] | None = None,
    timezone: int | None = None,
    condition: int | None = None,
    distinct: bool = False,
) -> Signature:
    """A signature written short: ``signature("text, integer?", "text", "LEFT({0}, {1:int})", defaults={1: "1"})``."""
    return Signature(
        tuple(part.strip() for part in arguments.split(",") if part.strip()),
        result,
        {"postgres": postgres},
        outside={"postgres": outside} if outside else {},
        each={"postgres": each} if each else {},
        defaults=defaults or {},
        constants=constants or {},
        timezone=timezone,
        condition=condition,
        distinct=distinct,
    )


@dataclass(frozen=True, slots=True)
class Merge:
    """How the value of an aggregate over all rows comes from its values over parts of them.

    - ``parts``: what is kept of each part, as formulas; ``{}`` stands for the aggregate's arguments;
    - ``by``: for each of them the aggregate that makes one of the parts' values;
    - ``sql``: for each dialect the template of the whole, ``{0}``, ``{1}`` … the merged values;
    - ``kinds``: the kinds of argument for which it is the very same value; all, where it is empty.
    """

    parts: tuple[str, ...]
    by: tuple[str, ...]
    sql: Mapping[str, str]
    kinds: tuple[str, ...] = ()


def merge(parts: str, by: str, postgres: str = "{0}", kinds: str = "") -> Merge:
    """A merge written short: ``merge("sum({}); count({})", "sum sum", "{0} / NULLIF({1}, 0)")``."""
    split = tuple(part.strip() for part in parts.split(";"))
    return Merge(split, tuple(by.split()), {"postgres": postgres}, tuple(kinds.split()))


@dataclass(frozen=True, slots=True)
class Function:
    """One function (or operator) of the catalogue: all that is known of it, in one place.

    - ``nulls``: ``strict`` (null where any argument is, and only there), ``custom`` (null or not, by its own rule:
      taken as nullable), ``empty`` (of an aggregate: null over no rows, and where a value on a row is), ``never``;
    - ``monotone`` lists the arguments in which the result never falls when the argument rises, the others staying as
      they are. It says nothing of a ``timestamptz``, since clocks are put back. Adding months or years to a
      ``timestamp`` is not monotone: 30 January 20:00 and 31 January 03:00 become 29 February 20:00 and 03:00;
    - ``caution``: where others give the name another meaning, one sentence that says which is which: shown on the
      reference page and as a hint when a call does not fit;
    - ``clock``: ``instant`` where the value changes with every run (``now()``), ``day`` where it changes with the day;
    - ``order``: what ``order by`` is to an aggregate or window function: ``free`` (the value does not depend on it),
      ``ties`` (it does, and equal rows count as equal: ``rank``), ``total`` (equal rows need a tie-break: ``lag``);
    - ``over``: whether the aggregate can be computed over a window (``per``): PostgreSQL has no windows for
      ordered-set aggregates;
    - ``whole``: over a window it sees the whole partition, not only what goes before, unless a frame is written;
    - ``merge``: for an aggregate whose value comes from its values over parts of the rows, how;
    - ``form``: the checker builds it as a form of the language (``if`` becomes a ``Case``) and its arguments may
      repeat in pairs; the signature shows the shortest call.
    """

    name: str
    family: str
    level: Choice["row", "aggregate", "window"]
    signatures: tuple[Signature, ...]
    meaning: str
    examples: tuple[Example, ...]
    aliases: tuple[str, ...] = ()
    nulls: Choice["strict", "custom", "empty", "never"] = "strict"
    monotone: tuple[int, ...] = ()
    caution: str = ""
    clock: Choice["none", "day", "instant"] = "none"
    order: Choice["free", "ties", "total"] = "free"
    over: bool = True
    whole: bool = False
    merge: Merge | None = None
    form: bool = False
