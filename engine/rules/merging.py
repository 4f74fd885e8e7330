"""Partial results of runs merged for each value that the runs belong to.

Spread over all their values, long runs would cost runs × values. So they are made few before that: cut into blocks of
which there are few different ones, merged once each; or, where all that is asked for are counts, only what changes from
one value to the next is kept, and summed up in the order of the values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headrace.grammar.expression import Call, Column, Expression, Literal, Order, Window
from headrace.grammar.types import Type
from headrace.plan import Aggregation, Filter, Project, Relation
from headrace.plan.intervals import NUMBER, Blocks, Changes, Spread
from headrace.plan.names import NameSpace
from headrace.rules.measures import Part, count_of_rows, merged, sum_of

LONG = 16
"""Of so few values no run is long: spread at once, they are as fast and easier to read."""


def merged_by(relation: Relation, keys: Sequence[str], measures: Sequence[tuple[str, Part]], step: str) -> Aggregation:
    """The parts of rows alike in ``keys`` merged."""
    return Aggregation(
        relation,
        tuple((name, Column(relation.schema[name], name)) for name in keys),
        tuple((name, merged(part, Column(relation.schema[name], name))) for name, part in measures),
        step=step,
    )


def only_counts(measures: Sequence[tuple[str, Part]]) -> bool:
    return all(part.aggregate.function == "count" for _, part in measures)


@dataclass(frozen=True, slots=True)
class Merging:
    """Runs of ``groups``, from ``first`` to ``last``, that are to become rows of ``groups`` and ``number``."""

    groups: tuple[str, ...]
    first: str
    last: str
    number: str
    step: str

    def spread(self, parts: Relation, measures: Sequence[tuple[str, Part]]) -> Relation:
        """Each run spread over its values, and the parts of each value merged."""
        each = Spread(parts, self.first, self.last, self.number, step=f"{self.step}_spread")
        return merged_by(each, (*self.groups, self.number), measures, f"{self.step}_merged")

    def merged(self, parts: Relation, measures: Sequence[tuple[str, Part]], count: int | None) -> Relation:
        """The parts of runs merged for each value; ``count`` is how many values there are, where that is known."""
        if only_counts(measures):
            return self.by_changes(
                parts, [(name, merged(part, Column(parts.schema[name], name))) for name, part in measures]
            )
        if count is None or count > LONG:
            parts = self.in_blocks(parts, measures, count)
        return self.spread(parts, measures)

    def in_blocks(self, parts: Relation, measures: Sequence[tuple[str, Part]], count: int | None) -> Relation:
        """The runs as few different ones, those alike merged; ``count`` is how many values there are."""
        blocks = Blocks(parts, self.first, self.last, count, step=f"{self.step}_blocks")
        return merged_by(blocks, (*self.groups, self.first, self.last), measures, f"{self.step}_blocks")

    def by_changes(self, parts: Relation, counts: Sequence[tuple[str, Expression]]) -> Relation:
        """For each group and value the ``counts`` over the runs of ``parts`` that the value belongs to.

        Counts are exact: what was added where a run begins can be taken off again after its end.
        """
        names = NameSpace((*parts.schema.names, self.number))
        runs = names.claim("runs")
        zero = Literal(Type("integer", nullable=False), 0)
        not_empty = Call(Type("boolean"), "less_or_equal", 1, (Column(NUMBER, self.first), Column(NUMBER, self.last)))
        one = Literal(Type("integer", nullable=False), 1)
        counted = ((runs, count_of_rows()), *counts)
        changes = Changes(
            Filter(parts, not_empty, step=f"{self.step}_runs"),
            self.groups,
            self.first,
            self.last,
            self.number,
            counted,
            step=f"{self.step}_changes",
        )
        columns = {name: Column(changes.schema[name], name) for name in changes.schema.names}
        keys = (*self.groups, self.number)
        at_once = Aggregation(
            changes,
            tuple((name, columns[name]) for name in keys),
            tuple((name, sum_of(columns[name])) for name, _ in counted),
            step=f"{self.step}_changes",
        )
        partition = tuple(columns[name] for name in self.groups)
        order = (Order(columns[self.number]),)
        following = Window(NUMBER, Call(NUMBER, "lead", 0, (columns[self.number],)), partition, order)
        upto = Call(NUMBER, "subtract", 0, (following, one))
        running: list[tuple[str, Expression]] = [(name, columns[name]) for name in self.groups]
        running += [(self.first, columns[self.number]), (self.last, upto)]
        running += [
            (name, Window(at_once.schema[name], sum_of(Column(at_once.schema[name], name)), partition, order))
            for name, _ in counted
        ]
        states = Project(at_once, tuple(running), step=f"{self.step}_running")
        some = Call(Type("boolean"), "greater", 1, (Column(states.schema[runs], runs), zero))
        spread = Spread(
            Filter(states, some, step=f"{self.step}_running"),
            self.first,
            self.last,
            self.number,
            step=f"{self.step}_merged",
        )
        plain = (*keys, *(name for name, _ in counts))
        return Project(
            spread, tuple((name, Column(spread.schema[name], name)) for name in plain), step=f"{self.step}_merged"
        )
