"""``expect``: what a run checks of the rows at this place. They go on unchanged, and are known for what was checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from headrace.bind.bound import Check, Stream
from headrace.bind.checks import AGGREGATE, WINDOW, Broken, alike, rows_that_fail, typed
from headrace.bind.context import Context, plain_columns
from headrace.bind.levels import aggregation, project
from headrace.bind.values import literal
from headrace.grammar.check import type_formula
from headrace.grammar.expression import Expression, In, Scope, level_of
from headrace.grammar.printer import print_name
from headrace.grammar.types import Type, common_type
from headrace.models import read_value
from headrace.models.steps import Expect, Expectation
from headrace.plan import (
    Aggregation,
    Assured,
    Filter,
    Join,
    JoinColumn,
    Key,
    Known,
    Project,
    Relation,
    RowBounds,
    Sort,
    Union,
)
from headrace.plan.names import NameSpace

_ORDERED = ("integer", "decimal", "float", "date", "time", "timestamp", "timestamptz", "text")
_BOOLEAN = Type("boolean")
_NUMBER = "number of rows"
_HOLDS = "holds"
_SHOWN_VALUES = 5


def bind(step: Expect, stream: Stream, context: Context) -> Stream | None:
    made = [_expected(each, stream, context) for each in step.expectations]
    checks = [check for check in made if check is not None]
    if len(checks) < len(made):
        return None
    context.checks.extend(checks)
    known = tuple(check.proves for check in checks if check.proves is not None and check.severity == "stop")
    if not known or context.may_change(stream.relation):
        return stream
    return replace(stream, relation=assured(stream.relation, known, context.label))


def assured(relation: Relation, known: tuple[Known, ...], label: str) -> Relation:
    """The relation, known for what has been checked of it. An order stays on top, where it counts."""
    if isinstance(relation, Sort):
        return replace(relation, input=Assured(relation.input, known, step=label))
    return Assured(relation, known, step=label)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What an expectation says, and the rows that break it."""

    rule: str
    broken: Broken
    order: tuple[str, ...] = ()
    of_whole: bool = False
    proves: Known | None = None


def _expected(item: Expectation, stream: Stream, context: Context) -> Check | None:
    rule = _BINDERS[item.kind](item, stream, context)
    if rule is None:
        return None
    return Check(
        node=context.node,
        step=context.label,
        label=item.name or _label(item),
        subject=f"The expectation “{item.name or rule.rule}”",
        rule=rule.rule,
        over=stream.relation,
        failing=rule.broken.failing,
        count=rule.broken.count,
        order=rule.order,
        of_whole=rule.of_whole,
        severity=item.severity,
        description=item.description,
        proves=rule.proves,
        pointer=item.pointer,
    )


def _unique(item: Expectation, stream: Stream, context: Context) -> _Rule | None:
    columns = _columns(item, "unique", item.unique, stream.relation, context)
    if columns is None:
        return None
    rule = f"no two rows are alike in {', '.join(columns)}"
    return _Rule(rule, alike(stream.relation, columns), tuple(columns), proves=Known(unique=(Key(columns),)))


def _not_null(item: Expectation, stream: Stream, context: Context) -> _Rule | None:
    relation = stream.relation
    columns = _columns(item, "not_null", item.not_null, relation, context)
    if columns is None:
        return None
    test = " or ".join(f"{print_name(name)} is null" for name in columns)
    failing = Filter(relation, typed(test, relation), step=context.label)
    listed = ", ".join(columns)
    rule = f"{listed} {'is' if len(columns) == 1 else 'are'} never null"
    return _Rule(rule, rows_that_fail(failing), proves=Known(never_null=frozenset(columns)))


def _values(item: Expectation, stream: Stream, context: Context) -> _Rule | None:
    relation = stream.relation
    tests: list[Expression] = []
    rules = []
    for name, allowed in item.values.items():
        type_ = context.column(name, item.at("values", name), relation.schema)
        if type_ is None:
            return None
        read = []
        for index, text in enumerate(allowed.texts):
            try:
                read.append(literal(read_value(text, type_), type_))
            except ValueError as error:
                context.report("S162", item.at("values", name, index), found=text, expected=str(error))
                return None
        column = plain_columns(relation, [name])[0][1]
        tests.append(In(_BOOLEAN, column, tuple(read), negated=True))
        rules.append(f"{name} is one of {_some(allowed.texts)}")
    # A null is none of the values and none of the others: its test is null, which a filter leaves out.
    failing: Relation = Filter(relation, tests[0], step=context.label)
    if len(tests) > 1:
        failing = _any_of(relation, tests, context)
    return _Rule(" and ".join(rules), rows_that_fail(failing))


def _any_of(relation: Relation, tests: Sequence[Expression], context: Context) -> Relation:
    """The rows for which one of the conditions at least is true."""
    names = NameSpace(relation.schema.names)
    flags = [names.claim(f"fails_{number}") for number in range(1, len(tests) + 1)]
    plain = plain_columns(relation, relation.schema.names)
    flagged = Project(relation, (*plain, *zip(flags, tests, strict=True)), step=context.label)
    failing = Filter(flagged, typed(" or ".join(map(print_name, flags)), flagged), step=context.label)
    return Project(failing, plain, step=context.label)


def _relation(item: Expectation, stream: Stream, context: Context) -> _Rule | None:
    reference = item.relation
    if reference is None:
        return None
    relation = stream.relation
    other = context.lookup(reference.with_, item.at("relation", "with"))
    if other is None:
        return None
    sound = True
    for ours, theirs in reference.by:
        pointer = item.at("relation", "by")
        left, right = (
            context.column(ours, pointer, relation.schema),
            context.column(theirs, pointer, other.relation.schema),
        )
        if left is None or right is None:
            sound = False
        elif common_type(left, right) is None:
            types = {"left_type": str(left), "right_type": str(right)}
            context.report("S130", pointer, left=ours, right=theirs, **types)
            sound = False
    if not sound:
        return None
    ours, theirs = (", ".join(each) for each in zip(*reference.by, strict=True))
    test = " and ".join(f"{print_name(ours)} is not null" for ours, _ in reference.by)
    known = Filter(relation, typed(test, relation), step=context.label)
    columns = tuple(JoinColumn(name, name, None, type_) for name, type_ in relation.schema)
    failing = Join(known, other.relation, "anti", reference.by, columns, step=context.label)
    rule = f"{reference.with_} has every {ours}" + ("" if ours == theirs else f" as {theirs}")
    return _Rule(rule, rows_that_fail(failing), tuple(ours for ours, _ in reference.by))


def _rows(item: Expectation, stream: Stream, context: Context) -> _Rule | None:
    wanted = item.rows
    if wanted is None:
        return None
    least = wanted.exactly if wanted.exactly is not None else wanted.at_least
    most = wanted.exactly if wanted.exactly is not None else wanted.at_most
    relation = stream.relation
    counted = Aggregation(relation, (), ((_NUMBER, typed("count()", relation, AGGREGATE)),), step=context.label)
    tests = []
    if least is not None:
        tests.append(f"[{_NUMBER}] < {least}")
    if most is not None:
        tests.append(f"[{_NUMBER}] > {most}")
    failing = Filter(counted, typed(" or ".join(tests), counted), step=context.label)
    if wanted.exactly is not None:
        rule = f"the {_NUMBER} is {least:,}"
    else:
        parts = [f"at least {least:,}"] if least is not None else []
        parts += [f"at most {most:,}"] if most is not None else []
        rule = f"the {_NUMBER} is {' and '.join(parts)}"
    bounds = RowBounds(least or 0, most)
    return _Rule(rule, rows_that_fail(failing), of_whole=True, proves=Known(bounds=bounds))


def _freshness(item: Expectation, stream: Stream, context: Context) -> _Rule | None:
    wanted = item.freshness
    if wanted is None:
        return None
    relation = stream.relation
    pointer = item.at("freshness", "column")
    type_ = context.column(wanted.column, pointer, relation.schema)
    if type_ is None:
        return None
    now = {"date": "today()", "timestamp": "at_timezone(now())", "timestamptz": "now()"}.get(type_.kind)
    if now is None:
        context.report("S290", pointer, found=wanted.column, type=str(type_), expected="a date or a timestamp")
        return None
    label = f"newest {wanted.column}"
    newest = typed(f"max({print_name(wanted.column)})", relation, AGGREGATE)
    found = Aggregation(relation, (), ((label, newest),), step=context.label)
    # Where there is no value at all, nothing is fresh.
    test = f"{print_name(label)} is null or {print_name(label)} < {now} - {wanted.within}"
    scope = replace(context.scope(stream), columns=dict(plain_columns(found, [label])), formulas={})
    predicate = context.formula(test, item.at("freshness", "within"), scope)
    if predicate is None:
        return None
    failing = Filter(found, predicate, step=context.label)
    rule = f"the newest {wanted.column} is not older than {wanted.within}"
    return _Rule(rule, rows_that_fail(failing), of_whole=True)


def _no_overlap(item: Expectation, stream: Stream, context: Context) -> _Rule | None:
    wanted = item.no_overlap
    if wanted is None:
        return None
    relation = stream.relation
    schema = relation.schema
    places = [("from", wanted.from_), ("to", wanted.to)]
    types = [context.column(name, item.at("no_overlap", key), schema) for key, name in places]
    keys = _columns(item, "no_overlap", wanted.by, relation, context, "by")
    if None in types or keys is None:
        return None
    first, last = (type_ for type_ in types if type_ is not None)
    for (key, name), type_ in zip(places, (first, last), strict=True):
        if type_.kind not in _ORDERED:
            expected = "a number, a date or a time"
            context.report("S290", item.at("no_overlap", key), found=name, type=str(type_), expected=expected)
            return None
    if common_type(first, last) is None:
        expected = f"{first}, as {wanted.from_} is"
        context.report("S290", item.at("no_overlap", "to"), found=wanted.to, type=str(last), expected=expected)
        return None
    failing = _overlapping(relation, keys, wanted.from_, wanted.to, wanted.closed, context.label)
    what = "closed ranges" if wanted.closed else "ranges"
    of = f" of one {', '.join(keys)}" if keys else ""
    rule = f"no two {what}{of} from {wanted.from_} to {wanted.to} overlap, and none ends before it begins"
    return _Rule(rule, rows_that_fail(failing), (*keys, wanted.from_, wanted.to))


def _overlapping(relation: Relation, keys: Sequence[str], from_: str, to: str, closed: bool, label: str) -> Relation:
    """The rows whose range shares a moment with that of another row, or ends before it begins.

    In the order of their beginnings, a range overlaps one before it where the greatest end so far lies after its
    beginning, and one after it where the next begins before its end. Two that begin together overlap, since each of
    them holds something.
    """
    begins, ends = print_name(from_), print_name(to)
    plain = plain_columns(relation, relation.schema.names)
    reaches, less = (">=", ">") if closed else (">", ">=")
    turned = Filter(relation, typed(f"{begins} > {ends}", relation), step=label)
    # A range that holds nothing overlaps nothing.
    holds = typed(f"not coalesce({begins} {less} {ends}, false)", relation)
    held = Filter(relation, holds, step=label)
    names = NameSpace(relation.schema.names)
    so_far, open_so_far, before, open_before, after, place, last = (
        names.claim(each) for each in ("so_far", "open_so_far", "before", "open_before", "after", "place", "last")
    )
    # In the order of writing: a null beginning comes first.
    per = f"per {', '.join(map(print_name, keys))}" if keys else "per ()"
    order = f"{per} order by {begins} nulls first, {ends}"
    running = Project(
        held,
        (
            *plain,
            (so_far, typed(f"max({ends} {order})", held, WINDOW)),
            (open_so_far, typed(f"bool_or({ends} is null {order})", held, WINDOW)),
            (after, typed(f"lead({begins} {order})", held, WINDOW)),
            (place, typed(f"row_number({order})", held, WINDOW)),
            (last, typed(f"count({per})", held, WINDOW)),
        ),
        step=f"{label}_so_far",
    )
    # Of rows that are alike in their range too, which comes first is settled by their place, once for all.
    by_place = f"{per} order by {print_name(place)}"
    beside = Project(
        running,
        (
            *plain_columns(running, running.schema.names),
            (before, typed(f"lag({print_name(so_far)} {by_place})", running, WINDOW)),
            (open_before, typed(f"lag({print_name(open_so_far)} {by_place})", running, WINDOW)),
        ),
        step=f"{label}_beside",
    )
    one_before = (
        f"{print_name(place)} > 1 and ({print_name(open_before)} or {begins} is null"
        f" or {print_name(before)} {reaches} {begins})"
    )
    one_after = (
        f"{print_name(place)} < {print_name(last)} and ({ends} is null or {print_name(after)} is null"
        f" or {ends} {reaches} {print_name(after)})"
    )
    test = typed(f"coalesce({one_before}, false) or coalesce({one_after}, false)", beside)
    shared = Project(Filter(beside, test, step=label), plain, step=label)
    return Union((shared, turned), relation.schema, step=label)


def _formula(item: Expectation, stream: Stream, context: Context) -> _Rule | None:
    formula = item.formula
    if formula is None:
        return None
    pointer = item.at("formula")
    relation = stream.relation
    condition = context.formula(formula, pointer, context.scope(stream), ("row", "window", "aggregate"))
    if condition is None:
        return None
    if condition.type.kind not in ("boolean", "null"):
        context.report("S291", pointer, type=str(condition.type), source=formula)
        return None
    if level_of(condition) == "aggregate":
        found = aggregation(relation, {}, {_HOLDS: condition}, context, lambda _: pointer)
        failing: Relation = Filter(found, typed(f"not {_HOLDS}", found), step=context.label)
        return _Rule(formula, rows_that_fail(failing), of_whole=True)
    if level_of(condition) == "row":
        failing = Filter(relation, _not(condition), step=context.label)
    else:
        holds = NameSpace(relation.schema.names).claim(_HOLDS)
        plain = plain_columns(relation, relation.schema.names)
        tested = project(relation, {**dict(plain), holds: condition}, context, lambda _: pointer)
        fails = Filter(tested, typed(f"not {print_name(holds)}", tested), step=context.label)
        failing = Project(fails, plain, step=context.label)
    return _Rule(formula, rows_that_fail(failing))


def _not(condition: Expression) -> Expression:
    negated = type_formula(f"not {_HOLDS}", Scope(columns={_HOLDS: condition})).expression
    if negated is None:
        raise ValueError("a condition that cannot be negated")
    return negated


_BINDERS: Mapping[str, Callable[[Expectation, Stream, Context], _Rule | None]] = {
    "unique": _unique,
    "not_null": _not_null,
    "values": _values,
    "relation": _relation,
    "rows": _rows,
    "freshness": _freshness,
    "no_overlap": _no_overlap,
    "formula": _formula,
}


def _columns(
    item: Expectation, key: str, names: Sequence[str], relation: Relation, context: Context, *path: str
) -> list[str] | None:
    """The columns that names and patterns mean, each once; None after reporting what fits none."""
    return context.columns(names, lambda index: item.at(key, *path, index), relation.schema)


def _label(item: Expectation) -> str:
    """A short name for an expectation that has none."""
    about: tuple[str, ...] = ()
    if item.relation is not None:
        about = (item.relation.with_,)
    elif item.freshness is not None:
        about = (item.freshness.column,)
    elif item.no_overlap is not None:
        about = item.no_overlap.by
    return "_".join((item.kind, *item.unique, *item.not_null, *item.values, *about))


def _some(texts: Sequence[str]) -> str:
    return ", ".join(texts[:_SHOWN_VALUES]) + (" …" if len(texts) > _SHOWN_VALUES else "")
