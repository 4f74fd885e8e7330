"""Aggregate and window functions, and the clauses that may stand in them.

An aggregate function with ``per`` is a window: its value is repeated on every row. So it is with ``order by`` where a
plain aggregate could not stand (it runs: a running total) or where its arguments are aggregates already; else ``order
by`` is the order in which the rows are taken, as ``string_agg`` needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headrace.diagnostics import Span
from headrace.grammar import tree
from headrace.grammar.checker import Checker, given
from headrace.grammar.durations import UnevenDuration, read_duration
from headrace.grammar.expression import Aggregate, Call, Frame, Interval, Literal, Order, Window
from headrace.grammar.function import Function, Signature
from headrace.grammar.functions import CATALOGUE, lookup
from headrace.grammar.levels import refuse_aggregate, refuse_window
from headrace.grammar.operations import is_condition
from headrace.grammar.own_functions import OwnFunction
from headrace.grammar.part import Base, Part, Place
from headrace.grammar.signatures import choose
from headrace.grammar.types import Type


@dataclass(frozen=True, slots=True)
class _Clauses:
    """The clauses of a call, typed."""

    where: Part | None
    per: tuple[Part, ...]
    order: tuple[tuple[tree.Order, Part], ...]
    frame: Frame | None

    @property
    def parts(self) -> list[Part]:
        where = [self.where] if self.where is not None else []
        return [*where, *self.per, *(part for _, part in self.order)]

    @property
    def terms(self) -> tuple[Order, ...]:
        return tuple(Order(part.expression, node.descending, bool(node.nulls_first)) for node, part in self.order)


def type_aggregate(checker: Checker, node: tree.Call, function: Function, place: Place) -> Part | None:
    """A call of an aggregate function: an aggregate, or with ``per`` or a running ``order by`` a window."""
    clauses = node.clauses
    runs = bool(clauses.order) and (not place.aggregates or _is_of_aggregates(checker, node))
    windowed = clauses.per is not None or clauses.frame is not None or runs
    # A call that may not stand here itself is refused; what stands inside it is not refused for the same reason again.
    windows = place.windows or windowed or not place.aggregates
    inner = Place(place.grouped and windowed, place.aggregates and windowed, windows, function.name)
    arguments = () if _is_star(function, node) else node.arguments
    parts = checker.parts(arguments, inner)
    typed = _type_clauses(checker, node, inner)
    signature = None if parts is None else choose(checker, function, parts, node)
    if parts is not None and signature is None:
        return None
    refused = _refuse_level(checker, node, windowed, place) or _refuse_clauses(checker, node, function, windowed)
    if parts is None or signature is None or typed is None or refused:
        return None
    entry = function.signatures[signature]
    completed = checker.completed(function, signature, parts, node.span)
    prepared, type_ = checker.prepared(function, signature, completed)
    if function.nulls == "empty" and (windowed or checker.scope.filled) and _is_over_rows(clauses, entry, prepared):
        type_ = type_.with_null(False)
    where = typed.where
    if entry.condition is not None:
        condition = prepared[entry.condition]
        prepared = [part for index, part in enumerate(prepared) if index != entry.condition]
        where = condition if where is None else checker.call(CATALOGUE["and"], 0, [condition, where], node.span)
    if typed.order and not windowed and function.order == "free":
        terms = checker.written(Span(typed.order[0][0].span.start, typed.order[-1][0].span.end))
        running = f"A running value is over groups, {function.name}(sum(x) order by month), or in a derive step."
        hints = [running] if function.over and function.level == "aggregate" else []
        checker.say("F163", node.span, function=function.name, order=terms, hints=hints)
        typed = replace(typed, order=())
    distinct = clauses.distinct or entry.distinct
    if distinct and not prepared:
        checker.say("F147", node.span, function=function.name)
        return None
    if not windowed and not _is_ordered_by_argument(checker, node, function, prepared, typed, distinct):
        return None
    all_parts = [*prepared, *typed.parts, *([where] if where is not None else [])]
    aggregate = Aggregate(
        type_,
        function.name,
        signature,
        tuple(part.expression for part in prepared),
        distinct,
        where.expression if where is not None else None,
        () if windowed else typed.terms,
        given(function),
    )
    if windowed:
        return _window(checker, aggregate, typed, all_parts, node.span, place)
    part = checker.build(aggregate, all_parts, node.span)
    return None if part is None else replace(part, base="aggregate")


def type_window(checker: Checker, node: tree.Call, function: Function, place: Place) -> Part | None:
    """A call of a window function: ``lag(amount per customer_id order by day)``."""
    clauses = node.clauses
    inner = Place(place.grouped, place.aggregates, True, function.name)
    parts = checker.parts(node.arguments, inner)
    typed = _type_clauses(checker, node, inner)
    signature = None if parts is None else choose(checker, function, parts, node)
    if parts is not None and signature is None:
        return None
    refused = False
    if not place.windows:
        refuse_window(checker, node.span, place)
        refused = True
    elif clauses.per is None and not clauses.order:
        example = next((each.formula for each in function.examples), None)
        hints = [f"For example: {example}."] if example else []
        checker.say("F132", node.span, function=function.name, hints=hints)
        refused = True
    framed = clauses.frame is not None and not function.whole
    said_clauses = (
        ("distinct", clauses.distinct),
        ("where", clauses.where is not None),
        (clauses.frame.kind if clauses.frame else "rows", framed),
    )
    if not framed and _has_open_range(clauses, function):
        checker.say("F142", node.span, clause="range", function=function.name, hints=_OF_EQUALS)
        refused = True
    for word, said in said_clauses:
        if said:
            checker.say("F142", node.span, clause=word, function=function.name)
            refused = True
    if parts is None or signature is None or typed is None or refused:
        return None
    completed = checker.completed(function, signature, parts, node.span)
    prepared, type_ = checker.prepared(function, signature, completed)
    call = Call(type_, function.name, signature, tuple(part.expression for part in prepared), given(function))
    return _window(checker, call, typed, [*prepared, *typed.parts], node.span, place)


def _is_over_rows(clauses: tree.Clauses, entry: Signature, arguments: Sequence[Part]) -> bool:
    """Whether an aggregate over a group that has rows is over a value; a window always has the row itself."""
    sifted = clauses.where is not None or entry.condition is not None
    return not sifted and not any(part.type.nullable for part in arguments)


def _window(
    checker: Checker,
    function: Aggregate | Call,
    clauses: _Clauses,
    parts: Sequence[Part],
    span: Span,
    place: Place,
) -> Part | None:
    partition = tuple(part.expression for part in clauses.per)
    window = Window(function.type, function, partition, clauses.terms, clauses.frame)
    part = checker.build(window, parts, span)
    if part is None:
        return None
    base: Base = part.base
    if base == "constant":
        base = "aggregate" if place.grouped else "row"
    return replace(part, base=base, window=True)


def _is_star(function: Function, node: tree.Call) -> bool:
    """Whether the arguments are the ``*`` of ``count(*)``, which says no more than ``count()``."""
    only = len(node.arguments) == 1 and isinstance(node.arguments[0], tree.Star)
    return only and function.name == "count"


def _is_of_aggregates(checker: Checker, node: tree.Call) -> bool:
    """Whether an aggregate stands in the arguments, by their looks."""
    waiting: list[tree.Node] = list(node.arguments)
    while waiting:
        each = waiting.pop()
        if isinstance(each, tree.Call):
            function = lookup(each.name) or checker.scope.functions.get(each.name)
            if isinstance(function, OwnFunction):
                function = function.entry
            if each.name == "total" or (function is not None and function.level == "aggregate"):
                return True
            waiting.extend(each.arguments)
        elif isinstance(each, tree.Unary):
            waiting.append(each.operand)
        elif isinstance(each, tree.Binary):
            waiting.extend((each.left, each.right))
        elif isinstance(each, tree.Name) and len(each.path) == 1 and _is_value(checker, each.path[0]):
            return True
    return False


def _is_value(checker: Checker, name: str) -> bool:
    """Whether ``name`` is a formula that makes one value of many rows."""
    scope = checker.scope
    if name not in scope.formulas or name in scope.columns or name in (scope.groups or {}):
        return False
    quiet = Checker(scope.formulas[name], scope, checker.rules, formulas=checker.formulas)
    part = quiet.part(tree.Name((name,)), Place(aggregates=True, windows=True))
    return part is not None and part.base == "aggregate"


def _type_clauses(checker: Checker, node: tree.Call, inner: Place) -> _Clauses | None:
    clauses = node.clauses
    where = None
    failed = False
    if clauses.where is not None:
        where = checker.part(clauses.where, inner)
        if where is None or not is_condition(checker, where):
            failed = True
    per = checker.parts(clauses.per or (), inner)
    order = checker.parts([term.value for term in clauses.order], inner)
    frame = None
    if clauses.frame is not None:
        frame = _type_frame(checker, clauses.frame, clauses.order, order)
        failed = failed or frame is None
    if failed or per is None or order is None:
        return None
    return _Clauses(where, tuple(per), tuple(zip(clauses.order, order, strict=True)), frame)


def _type_frame(
    checker: Checker, frame: tree.Frame, terms: Sequence[tree.Order], order: Sequence[Part] | None
) -> Frame | None:
    """``rows n``: this row and the n - 1 before it. ``range d``: the rows less than ``d`` before this one.

    So ``rows 7`` and ``range 7 days`` are the same over a row a day. SQL's RANGE takes in its bound, and what is less
    than ``d`` away is at most a day less away by dates, a microsecond by times.
    """
    if not terms:
        checker.say("F143", frame.span, clause=frame.kind)
        return None
    if frame.kind == "rows":
        size = frame.size.text if isinstance(frame.size, tree.Number) else ""
        if not size.isdigit() or not 1 <= int(size) <= 2**31 - 1:
            checker.say("F145", frame.size.span, size=checker.words(frame.size))
            return None
        return Frame("rows", Literal(Type("integer", nullable=False), int(size) - 1))
    if order is None:
        return None
    kind = order[0].type.kind if len(order) == 1 else ""
    if kind not in ("date", "timestamp", "timestamptz", "time") or not isinstance(frame.size, tree.Duration):
        checker.say("F144", frame.span, size=checker.words(frame.size))
        return None
    try:
        length = read_duration(frame.size)
    except UnevenDuration as uneven:
        checker.say("F125", frame.size.span, number=uneven.number, unit=uneven.unit, whole=uneven.whole)
        return None
    except OverflowError:
        checker.say("F126", frame.size.span)
        return None
    if length == Interval():
        checker.say("F145", frame.size.span, size=checker.words(frame.size))
        return None
    if kind == "date" and not length.microseconds:
        length = replace(length, days=length.days - 1)
    else:
        length = replace(length, microseconds=length.microseconds - 1)
    return Frame("range", Literal(Type("interval", nullable=False), length))


def _refuse_level(checker: Checker, node: tree.Call, windowed: bool, place: Place) -> bool:
    if windowed and not place.windows:
        refuse_window(checker, node.span, place)
        return True
    if not windowed and not place.aggregates:
        refuse_aggregate(checker, node.span, place, per_at=node.span.end - 1)
        return True
    return False


def _refuse_clauses(checker: Checker, node: tree.Call, function: Function, windowed: bool) -> bool:
    """Say which clauses do not go together."""
    clauses = node.clauses
    if windowed and not function.over:
        frame = "order by" if clauses.frame is None else clauses.frame.kind
        checker.say("F142", node.span, clause="per" if clauses.per is not None else frame, function=function.name)
        return True
    if clauses.distinct and not function.over:
        checker.say("F142", node.span, clause="distinct", function=function.name)
        return True
    if _has_open_range(clauses, function):
        checker.say("F142", node.span, clause="range", function=function.name, hints=_OF_EQUALS)
        return True
    distinct = clauses.distinct or any(signature.distinct for signature in function.signatures)
    if clauses.frame is not None and distinct:
        checker.say("F141", node.span, function=function.name, clause=clauses.frame.kind)
        return True
    if clauses.distinct and not node.arguments:
        checker.say("F147", node.span, function=function.name)
        return True
    return False


_OF_EQUALS = ("Rows at the same moment would come in any order: write rows, which may be told apart by a key.",)


def _has_open_range(clauses: tree.Clauses, function: Function) -> bool:
    """Whether the value would depend on the order of rows that are alike in the one thing a range is ordered by."""
    return clauses.frame is not None and clauses.frame.kind == "range" and function.order == "total"


def _is_ordered_by_argument(
    checker: Checker,
    node: tree.Call,
    function: Function,
    arguments: Sequence[Part],
    clauses: _Clauses,
    distinct: bool,
) -> bool:
    """PostgreSQL orders distinct values by nothing but themselves."""
    if not distinct or not clauses.order or not arguments:
        return True
    if all(part.expression == arguments[0].expression for _, part in clauses.order):
        return True
    checker.say("F146", node.span, function=function.name, argument=checker.words(arguments[0]))
    return False


def type_share(checker: Checker, node: tree.Call, place: Place) -> Part | None:
    """``share(x)``: in groups ``sum(x) / sum(sum(x) per ())``, on rows ``x / sum(x per ())``."""
    total = _total(checker, node, place)
    if total is None:
        return None
    argument = node.arguments[0]
    own = checker.part(_sum(argument, node) if _has_groups(place) else argument, place)
    if own is None:
        return None
    function = CATALOGUE["divide"]
    signature = choose(checker, function, (own, total), node)
    return None if signature is None else checker.call(function, signature, (own, total), node.span)


def type_total(checker: Checker, node: tree.Call, place: Place) -> Part | None:
    """``total(x)``: in groups ``sum(sum(x) per ())``, on rows ``sum(x per ())``."""
    return _total(checker, node, place)


def _has_groups(place: Place) -> bool:
    return place.grouped or place.aggregates


def _sum(argument: tree.Node, node: tree.Call, clauses: tree.Clauses | None = None) -> tree.Call:
    return tree.Call("sum", (argument,), clauses or tree.Clauses(), span=node.span, name_span=node.name_span)


def _total(checker: Checker, node: tree.Call, place: Place) -> Part | None:
    if len(node.arguments) != 1:
        checker.parts(node.arguments, place)
        found = str(len(node.arguments) or "none")
        hints = [f"For example: {node.name}(amount)."]
        checker.say("F111", node.span, function=node.name, expected="1 argument", found=found, hints=hints)
        return None
    if not place.windows:
        refuse_window(checker, node.span, place)
        return None
    argument = node.arguments[0]
    summed = _sum(argument, node) if _has_groups(place) else argument
    return checker.part(_sum(summed, node, tree.Clauses(per=())), place)
