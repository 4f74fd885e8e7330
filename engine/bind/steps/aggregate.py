"""``aggregate``: a row for each group, a column for each measure; without ``by``, one row for all."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.grammar.expression import Column, Expression
from headrace.models.steps import Aggregate
from headrace.plan import Aggregation


def bind(step: Aggregate, stream: Stream, context: Context) -> Stream | None:
    scope = context.scope(stream)
    groups: dict[str, Expression] = {}
    sound = True
    for item in step.by:
        if item.name in groups or item.name in step.measures:
            context.report("S111", item.pointer, found=item.name)
            sound = False
            continue
        formula = item.formula if item.formula is not None else stream.formulas.get(item.name)
        expression: Expression | None
        if item.formula is None and item.name in stream.relation.schema:
            expression = Column(stream.relation.schema[item.name], item.name)
        elif formula is not None:
            expression = context.formula(formula, item.pointer, scope)
        else:
            context.unknown("S110", item.name, item.pointer, (*stream.relation.schema.names, *stream.formulas))
            expression = None
        if expression is None:
            sound = False
        else:
            groups[item.name] = expression
    measures: dict[str, Expression] = {}
    texts = {name: _text(name, text, stream) for name, text in step.measures.items()}
    for name, text in texts.items():
        others = {other: formula for other, formula in texts.items() if other != name}
        inside = context.scope(stream, groups=groups, formulas={**stream.formulas, **others})
        measure = context.formula(text, step.at("measures", name), inside, ("row", "aggregate", "window"))
        if measure is None:
            sound = False
        else:
            measures[name] = measure
    if not sound:
        return None
    aggregation = Aggregation(stream.relation, tuple(groups.items()), tuple(measures.items()), step=context.label)
    return Stream(aggregation)


def _text(name: str, text: str, stream: Stream) -> str:
    """A measure that is nothing but its own name means the source's formula of that name."""
    return stream.formulas[name] if text == name and name in stream.formulas else text
