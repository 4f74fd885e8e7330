"""``sql``: a query over sources, nodes and the rows that come in, typed by PostgreSQL's own rules."""

from __future__ import annotations

from collections.abc import Mapping

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.bind.sql_text import INPUT, query_text
from headrace.diagnostics import diagnose
from headrace.grammar.expression import Call, Expression, In, Literal, ParameterValue
from headrace.grammar.types import Schema, Type, common_type
from headrace.models.steps import Sql as SqlStep
from headrace.plan import Key, Relation
from headrace.plan.derivation import Derivation, Use
from headrace.plan.sql_query import NOW, SqlQuery
from headrace.sql.reading import Input, Parsed, Problem, TypedQuery, is_ours, our_kind, parse_query, type_query
from headrace.sql.reading.query import Output
from headrace.sql.reading.scopes import Made

_BOOLEAN = Type("boolean", nullable=False)


def bind(step: SqlStep, stream: Stream, context: Context) -> Stream | None:
    single = [name for name, (_, many) in context.parameters.items() if not many]
    text = query_text(step, single, context.declared)
    parsed = parse_query(text) if isinstance(text, str) else text
    if isinstance(parsed, Problem) or isinstance(text, Problem):
        assert isinstance(parsed, Problem)
        _refuse(step, parsed, str(text), context)
        return None
    inputs = _inputs(step, parsed, stream, context)
    if inputs is None:
        return None
    given = {name: Input(each.schema, each.keys, each.rows) for name, each in inputs.items()}
    typed = type_query(parsed, given, context.parameters, context.any_function)
    if isinstance(typed, Problem):
        _refuse(step, typed, text, context)
        return None
    columns = _columns(step, typed, context)
    if columns is None:
        return None
    if typed.arbitrary:
        context.report("S278", step.at())
    if not {INPUT, context.node} & inputs.keys():
        context.report("S279", step.at(), hints=[f"They are called {INPUT}, or {context.node}, in the query."])
    schema, inexact = columns
    numbers = {name: number for number, name in enumerate(inputs)}
    query = SqlQuery(
        tuple(inputs.values()),
        tuple(inputs),
        text,
        schema,
        inexact,
        _arguments(parsed, context),
        tuple(name for name in parsed.parameters if context.parameters[name][1]),
        parsed.own,
        _keys(step, typed),
        typed.rows,
        tuple((output.name, _derivation(output, numbers)) for output in typed.outputs),
        tuple(Derivation(_uses(each.made, numbers), each.words) for each in typed.decisions),
        step=context.label,
    )
    return Stream(query)


def _refuse(step: SqlStep, problem: Problem, text: str, context: Context) -> None:
    """Report what is wrong, in its place where the text is what the document has."""
    span, source = (None, None) if step.jinja else (problem.span, text)
    context.reported.append(
        diagnose(
            problem.code,
            pointer=step.at("query"),
            span=span,
            source=source if span is not None else None,
            hints=problem.hints,
            **problem.params,
        )
    )


def _inputs(step: SqlStep, parsed: Parsed, stream: Stream, context: Context) -> dict[str, Relation] | None:
    """What the query reads, by the names it uses; None after reporting."""
    inputs: dict[str, Relation] = {}
    sound = True
    if not parsed.relations:
        context.report("S275", step.at("query"))
        return None
    for name in parsed.relations:
        if name in (INPUT, context.node):
            if name == INPUT and context.is_known(INPUT):
                context.report("S276", step.at("query"), hints=[f"Call the rows that come in {context.node}."])
                sound = False
            inputs[name] = stream.relation
            continue
        other = context.lookup(name, step.at("query"))
        if other is None:
            sound = False
        else:
            inputs[name] = other.relation
    return inputs if sound else None


def _columns(step: SqlStep, typed: TypedQuery, context: Context) -> tuple[Schema, tuple[str, ...]] | None:
    """The columns, and those that are of another type in PostgreSQL; None after reporting."""
    names = [output.name for output in typed.outputs]
    sound = True
    for name in step.columns:
        if name not in names:
            context.unknown("S271", name, step.at("columns", name), names)
            sound = False
    columns: list[tuple[str, Type]] = []
    inexact: list[str] = []
    for output in typed.outputs:
        type_ = _type(output)
        declared = step.columns.get(output.name)
        if declared is not None:
            if type_ is not None and not _holds(declared, type_):
                context.report(
                    "S277", step.at("columns", output.name), name=output.name, found=str(type_), type=str(declared)
                )
                sound = False
            if type_ is None or not type_.same_as(declared):
                inexact.append(output.name)
            type_ = declared.with_null(True if type_ is None else type_.nullable)
        elif type_ is None:
            hint = f"Beside sql: write columns: {{{output.name}: integer}}, or whatever its type is."
            context.report("S270", step.at("query"), name=output.name, words=output.words, hints=[hint])
            sound = False
            continue
        if output.value.type is not None and not is_ours(output.value.type) and output.name not in inexact:
            inexact.append(output.name)
        columns.append((output.name, type_))
    return (Schema(tuple(columns)), tuple(inexact)) if sound else None


def _type(output: Output) -> Type | None:
    """The type of a column as formulas have it; None where it is not known."""
    value = output.value
    kind = None if value.type is None else our_kind(value.type)
    if kind is None:
        return None
    precision, scale = value.scale or (None, None)
    return Type(kind, precision, scale, value.nullable)


def _holds(declared: Type, found: Type) -> bool:
    """Whether the declared type holds every value of the type that was found."""
    common = common_type(declared, found)
    return common is not None and common.same_as(declared)


def _keys(step: SqlStep, typed: TypedQuery) -> tuple[Key, ...]:
    """The keys, but for those of columns that are cast: two values may become one."""
    return tuple(key for key in typed.keys if not key & step.columns.keys())


def _arguments(parsed: Parsed, context: Context) -> tuple[tuple[str, Expression], ...]:
    arguments: list[tuple[str, Expression]] = []
    for name in parsed.parameters:
        type_, many = context.parameters[name]
        value = ParameterValue(type_, name, many)
        arguments.append((name, In(_BOOLEAN, Literal(type_.with_null(), None), (value,)) if many else value))
    if parsed.reads_clock:
        arguments.append((NOW, Call(Type("timestamptz", nullable=False), "now", 0, ())))
    return tuple(arguments)


def _derivation(output: Output, numbers: Mapping[str, int]) -> Derivation:
    uses = _uses(output.value.made, numbers)
    copied = all(use.how == "copied" for use in uses)
    return Derivation(uses, None if uses and copied else output.words)


def _uses(made: Made, numbers: Mapping[str, int]) -> tuple[Use, ...]:
    found = sorted(made, key=lambda each: (numbers[each[0]], each[1], each[2]))
    return tuple(Use(numbers[relation], column, how) for relation, column, how in found)
