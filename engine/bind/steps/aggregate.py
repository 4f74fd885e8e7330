"""``aggregate``: a row for each group, a column for each measure; without ``by``, one row for all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from headrace.bind.bound import Stream
from headrace.bind.context import ROW, Context
from headrace.bind.levels import aggregation, over_windows
from headrace.bind.repeats import warn_of_repeats
from headrace.grammar.expression import Expression, Level
from headrace.models.steps import Aggregate, OutputColumn


def bind(step: Aggregate, stream: Stream, context: Context) -> Stream | None:
    groups, sound = bind_groups(step.by, stream, context, step.measures, ("row", "window"))
    pointers = {item.name: item.pointer for item in step.by}
    relation, groups = over_windows(stream.relation, groups, context, lambda name: pointers.get(name, step.at("by")))
    levels: tuple[Level, ...] = ("row", "aggregate", "window")
    measures = bind_measures(
        step.measures, lambda name: step.at("measures", name), groups, stream, context, levels, filled=bool(groups)
    )
    if not sound or len(measures) < len(step.measures):
        return None
    return Stream(aggregation(relation, groups, measures, context, lambda name: step.at("measures", name)))


def bind_groups(
    by: Sequence[OutputColumn],
    stream: Stream,
    context: Context,
    taken: Collection[str] = (),
    levels: Collection[Level] = ROW,
) -> tuple[dict[str, Expression], bool]:
    """What rows are grouped by, under the names it comes out, and whether nothing is wrong with it."""
    groups: dict[str, Expression] = {}
    items = context.unfolded(by, stream)
    sound = items is not None
    for item in items or ():
        if item.name in groups or item.name in taken:
            context.report("S111", item.pointer, found=item.name)
            sound = False
            continue
        expression = context.output_column(item, stream, levels)
        if expression is None:
            sound = False
        else:
            groups[item.name] = expression
    return groups, sound


def bind_measures(
    formulas: Mapping[str, str],
    at: Callable[[str], str],
    groups: Mapping[str, Expression],
    stream: Stream,
    context: Context,
    levels: Collection[Level],
    filled: bool = False,
) -> dict[str, Expression]:
    """Formulas over groups of rows, typed; those that are wrong have been reported and are left out.

    ``at`` gives the pointer of a formula by its name. A formula may name the others. ``filled``: every group has a
    row, and each measure is over all of them.
    """
    measures: dict[str, Expression] = {}
    texts = {name: _text(name, text, stream) for name, text in formulas.items()}
    for name, text in texts.items():
        others = {other: formula for other, formula in texts.items() if other != name}
        inside = context.scope(stream, groups=groups, filled=filled, formulas={**stream.formulas, **others})
        measure = context.formula(text, at(name), inside, levels)
        if measure is not None:
            measures[name] = measure
            warn_of_repeats(measure, stream.relation, text, at(name), context)
    return measures


def _text(name: str, text: str, stream: Stream) -> str:
    """A measure that is nothing but its own name means the source's formula of that name."""
    return stream.formulas[name] if text == name and name in stream.formulas else text
