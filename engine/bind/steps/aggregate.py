"""``aggregate``: a row for each group, a column for each measure; without ``by``, one row for all."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.grammar.expression import Expression
from headrace.models.steps import Aggregate
from headrace.plan import Aggregation


def bind(step: Aggregate, stream: Stream, context: Context) -> Stream | None:
    groups: dict[str, Expression] = {}
    sound = True
    for item in step.by:
        if item.name in groups or item.name in step.measures:
            context.report("S111", item.pointer, found=item.name)
            sound = False
            continue
        expression = context.output_column(item, stream)
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
