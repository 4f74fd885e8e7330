"""``derive``: columns by formula. A formula's own name is the column as it came in, any other as it leaves the step."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.bind.levels import project
from headrace.bind.repeats import warn_of_repeats
from headrace.grammar.expression import Column, Expression
from headrace.models.steps import Derive
from headrace.plan import Relation


def bind(step: Derive, stream: Stream, context: Context) -> Stream | None:
    needs = {name: _needs(name, text, step, stream, context) for name, text in step.columns.items()}
    asked = _asked(step, context)
    if asked is not None:
        # Whoever asks what a formula may name hears of all columns that do not depend on its own.
        needs[asked] = {name for name in needs if asked not in _all_needs(name, needs)}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle = error.args[1]
        context.report("S122", step.at(circle[0]), circle=" → ".join(circle))
        return None
    relation = stream.relation
    names = list(dict.fromkeys((*relation.schema.names, *step.columns)))
    waiting = dict(needs)
    done: set[str] = set()
    sound = True
    while waiting:
        layer = [name for name, needed in waiting.items() if needed <= done]
        made = _layer(layer, step, Stream(relation, stream.formulas), context)
        sound = sound and len(made) == len(layer)
        if sound or asked is not None:
            relation = project(relation, _with_columns(relation, made, names), context, step.at)
        elif any(needed - done - set(layer) for needed in waiting.values()):
            # What depends on a column that could not be made is not looked at: it would only repeat the mistake.
            return None
        done.update(layer)
        waiting = {name: needed for name, needed in waiting.items() if name not in done}
    return Stream(relation, stream.formulas) if sound else None


def _needs(name: str, text: str, step: Derive, stream: Stream, context: Context) -> set[str]:
    """The columns of the step that a formula names, itself or through the virtual formulas that it names."""
    named: set[str] = set()
    waiting = [text]
    while waiting:
        new = context.memory.named(waiting.pop()).names - named
        named |= new
        virtual = new - set(stream.relation.schema.names) - step.columns.keys()
        waiting.extend(stream.formulas[each] for each in virtual if each in stream.formulas)
    return {other for other in named if other in step.columns and other != name}


def _asked(step: Derive, context: Context) -> str | None:
    """The column of the step whose formula somebody asks about."""
    if context.asked is None:
        return None
    return next((name for name in step.columns if context.asked.pointer == step.at(name)), None)


def _all_needs(name: str, needs: dict[str, set[str]]) -> set[str]:
    """The column itself and those of the step that it depends on, directly or through others."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(needs[each])
    return found


def _layer(names: list[str], step: Derive, stream: Stream, context: Context) -> dict[str, Expression]:
    scope = context.scope(stream)
    made = {}
    for name in names:
        expression = context.formula(step.columns[name], step.at(name), scope, ("row", "window"))
        if expression is not None:
            made[name] = expression
            warn_of_repeats(expression, stream.relation, step.columns[name], step.at(name), context)
    return made


def _with_columns(relation: Relation, made: dict[str, Expression], names: list[str]) -> dict[str, Expression]:
    """The relation's columns and those ``made``, in the order of ``names`` as far as they are there."""
    columns: dict[str, Expression] = {}
    for name in names:
        if name in made:
            columns[name] = made[name]
        elif name in relation.schema:
            columns[name] = Column(relation.schema[name], name)
    return columns
