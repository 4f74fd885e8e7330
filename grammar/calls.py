"""Calls of functions: which function, which signature, what its arguments may be."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.diagnostics import Fix, Span, closest
from headrace.grammar import tree
from headrace.grammar.branches import type_if, type_switch
from headrace.grammar.casts import cast
from headrace.grammar.checker import Checker, Rule
from headrace.grammar.coerce import MOMENTS, read_moment
from headrace.grammar.expression import Literal
from headrace.grammar.function import Constant, Function
from headrace.grammar.functions import lookup, words
from headrace.grammar.functions.foreign_calls import written_here
from headrace.grammar.functions.foreign_names import AMBIGUOUS_NAMES, FOREIGN_NAMES
from headrace.grammar.inlining import type_own_call
from headrace.grammar.own_functions import OwnFunction
from headrace.grammar.part import Part, Place
from headrace.grammar.signatures import choose
from headrace.grammar.types import KINDS, Type, parse_type
from headrace.grammar.windows import type_aggregate, type_share, type_total, type_window


def type_call(checker: Checker, node: tree.Call, place: Place) -> Part | None:
    """``name(arguments clauses)``."""
    form = FORMS.get(node.name)
    function = lookup(node.name)
    if function is None and node.name in checker.scope.functions:
        own = checker.scope.functions[node.name]
        if own is None:  # A function with a mistake, which is told where it is declared.
            checker.parts(_real(node.arguments), place)
            return None
        if isinstance(own, OwnFunction):
            return None if _said_clauses(checker, node, own.name, place) else type_own_call(checker, node, own, place)
        function = own
    if form is None and function is not None and function.form:
        form = FORMS.get(function.name)
    if form is not None:
        if _said_clauses(checker, node, node.name, place):
            return None
        return form(checker, node, place)
    if function is None:
        if node.name.casefold() not in FOREIGN_NAMES:
            checker.parts(_real(node.arguments), place)
        _say_unknown(checker, node)
        return None
    if _said_spreadsheet_order(checker, node) or _said_bare_words(checker, node, function):
        return None
    if function.level == "aggregate":
        return type_aggregate(checker, node, function, place)
    if function.level == "window":
        return type_window(checker, node, function, place)
    clauses = _said_clauses(checker, node, function.name, place)
    parts = checker.parts(node.arguments, place)
    if parts is None or clauses:
        return None
    signature = choose(checker, function, parts, node)
    if signature is None:
        return None
    written = _as_constant(function, signature, parts, node.span)
    if written is not None:
        return written
    parts = checker.completed(function, signature, parts, node.span)
    return checker.call(function, signature, parts, node.span)


def _as_constant(function: Function, signature: int, parts: Sequence[Part], span: Span) -> Part | None:
    """``date("2024-01-31")`` is a constant, and prints as one."""
    entry = function.signatures[signature]
    reads = entry.constants.get(0, _ANY).reads
    text = parts[0].text if parts else None
    if len(parts) != 1 or text is None or entry.result not in MOMENTS or reads != entry.result:
        return None
    return Part(Literal(Type(entry.result, nullable=False), read_moment(text, entry.result)), span)


_ANY = Constant()


def _real(arguments: Sequence[tree.Node]) -> list[tree.Node]:
    return [argument for argument in arguments if not isinstance(argument, tree.Star)]


_CLAUSES = {
    "distinct": "count(distinct customer_id)",
    "where": 'sum(amount where country = "FR")',
    "per": "sum(amount per country)",
    "order by": "sum(amount order by day)",
}


def _said_clauses(checker: Checker, node: tree.Call, name: str, place: Place) -> bool:
    """Whether clauses stand in a call that takes none; says so."""
    clauses = node.clauses
    said = [
        ("distinct", clauses.distinct),
        ("where", clauses.where is not None),
        ("per", clauses.per is not None),
        ("order by", bool(clauses.order)),
        (clauses.frame.kind if clauses.frame else "rows", clauses.frame is not None),
    ]
    word = next((word for word, stands in said if stands), None)
    if word is None:
        return False
    example = _CLAUSES.get(word, "")
    hints = [f"It belongs to functions of many rows: {example}."] if example else []
    checker.say("F140", node.span, function=name, clause=word, hints=hints)
    return True


def _say_unknown(checker: Checker, node: tree.Call) -> None:
    name = checker.written(node.name_span)
    instead = FOREIGN_NAMES.get(node.name.casefold())
    if instead is not None:
        fixes = [Fix(f"Write {_short(each)}", each, node.span) for each in written_here(node, checker.text)]
        if node.name.casefold() in AMBIGUOUS_NAMES:
            checker.say("F107", node.name_span, name=name, choice=instead, fixes=fixes)
        else:
            checker.say("F101", node.name_span, name=name, candidates=[], hints=[instead], fixes=fixes)
        return
    near = closest(node.name, [*words(), *FORMS, *checker.scope.functions])
    hints = [f"Did you mean {' or '.join(near)}?" if near else 'All functions are listed by "headrace functions".']
    column = next((name for name in checker.scope.columns if name.casefold() == node.name), None)
    if column is not None:
        near, hints = [], [f"{column} is a column: write it without brackets."]
    fixes = [Fix(f"Write {each}", each, node.name_span) for each in near[:1]]
    checker.say("F101", node.name_span, name=name, candidates=near, hints=hints, fixes=fixes)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _said_spreadsheet_order(checker: Checker, node: tree.Call) -> bool:
    """Whether ``SUMIF(range, criterion, values)`` is called as spreadsheets do; says so.

    Here the value comes first, and the condition is a formula; so a constant second of two arguments is no condition.
    """
    if node.name not in ("sumif", "countif", "averageif") or len(node.arguments) not in (2, 3):
        return False
    criterion = node.arguments[1]
    joined = isinstance(criterion, tree.Binary) and criterion.operator == "&"
    if len(node.arguments) == 2 and not joined and not isinstance(criterion, tree.Text | tree.Number):
        return False
    written = written_here(node, checker.text)
    if not written:
        return False
    name = checker.written(node.name_span)
    fixes = [Fix(f"Write {_short(written[0])}", written[0], node.span)]
    hints = ["Texts that differ in capitals differ."] if isinstance(criterion, tree.Text) else []
    checker.say("F108", node.span, name=name, instead=_short(written[0]), hints=hints, fixes=fixes)
    return True


def _said_bare_words(checker: Checker, node: tree.Call, function: Function) -> bool:
    """Whether a word that must be a text stands bare, as ``month`` in ``date_trunc(month, day)``; says so."""
    said = False
    for at, argument in enumerate(node.arguments):
        if not isinstance(argument, tree.Name) or len(argument.path) != 1:
            continue
        word = argument.path[0]
        if word in checker.scope.columns or word in checker.scope.formulas:
            continue
        if not any(word.casefold() in each.constants.get(at, _ANY).choices for each in function.signatures):
            continue
        name = checker.written(node.name_span)
        fixes = [Fix(f'Write "{word.lower()}"', f'"{word.lower()}"', argument.span)]
        checker.say("F109", argument.span, function=name, word=word, text=f'"{word.lower()}"', fixes=fixes)
        said = True
    return said


def _type_cast(checker: Checker, node: tree.Call, place: Place) -> Part | None:
    """``cast(x, "integer")``; ``cast(x as integer)`` is a cast to the parser already."""
    arguments = node.arguments
    name = arguments[1] if len(arguments) == 2 else None
    part = checker.part(arguments[0], place) if arguments else None
    if not isinstance(name, tree.Text):
        hints = ['For example: cast(x as integer), cast(x, "integer") or x::integer.']
        checker.say(
            "F111",
            node.span,
            function="cast",
            expected="2 arguments",
            found=str(len(arguments) or "none"),
            hints=hints,
        )
        return None
    wanted = parse_type(name.value)
    if wanted is None:
        hints = [f"There are: {', '.join(KINDS)}."]
        checker.say("F119", name.span, name=name.value, candidates=[], hints=hints)
        return None
    return None if part is None else cast(checker, part, wanted, node.span)


FORMS: dict[str, Rule] = {
    "if": type_if,
    "ifs": type_if,
    "switch": type_switch,
    "cast": _type_cast,
    "share": type_share,
    "total": type_total,
}
"""Calls that are no functions but have rules of their own."""
