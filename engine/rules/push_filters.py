"""A condition is tested as early as it can be: on the rows that the columns it reads come from.

Filters go through projections, joins, group keys, window partitions, unions, set operations, expansions and whatever
keeps rows as they are; a plan that is read twice is not changed for one of its readers. What may fail is never tested
on rows on which it was not, nor before a condition that came first (``headrace.rules.passing``).

before: filter(aggregate(scan sales, by country), country = "FR" and revenue > 10)
after:  filter(aggregate(filter(scan sales, country = "FR"), by country), revenue > 10)
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby

from headrace.grammar.expression import parameters_of
from headrace.plan import Expansion, Filter, Relation, postorder, with_inputs
from headrace.plan.estimates import Estimates
from headrace.rules.passing import Passed, Term, passed
from headrace.rules.predicates import all_of, terms_of
from headrace.rules.rule import Rule


def _rewrite(relation: Relation, _: Estimates) -> Relation:
    nodes = list(postorder(relation))
    if not any(isinstance(node, Filter) for node in nodes):
        return relation
    return _Pushing(nodes).of(relation)


Edge = tuple[int, int]
"""A node, by its ``id``, and the number of one of its inputs."""


@dataclass
class _Pushing:
    """First every term sinks, readers before what they read; then the plan is made anew, inputs first."""

    nodes: list[Relation]
    readers: Counter[int] = field(init=False)
    varying: frozenset[str] = field(init=False)
    sunk: dict[Edge, tuple[Term, ...]] = field(default_factory=dict)
    parted: dict[int, Passed] = field(default_factory=dict)
    # The filters that stood right above a node which only they read, the nearest last.
    stood: dict[int, tuple[Filter, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.readers = Counter(id(each) for node in self.nodes for each in node.inputs)
        expansions = (node for node in self.nodes if isinstance(node, Expansion))
        self.varying = frozenset(name for node in expansions for name in node.names.names)

    def of(self, relation: Relation) -> Relation:
        arrived: dict[int, tuple[Term, ...]] = {}
        for node in reversed(self.nodes):
            terms = arrived.get(id(node), ())
            if isinstance(node, Filter):
                own = tuple(Term(each, node.step) for each in terms_of(node.predicate))
                below: tuple[tuple[Term, ...], ...] = ((*own, *terms),)
                if not self.is_shared(node.input):
                    self.stood[id(node.input)] = (*self.stood.get(id(node), ()), node)
            else:
                found = self.parted[id(node)] = passed(node, terms, self.varying, self.worth(node))
                below = found.below
            for number, each in enumerate(node.inputs):
                if self.is_shared(each):
                    self.sunk[id(node), number] = below[number]
                else:
                    arrived[id(each)] = below[number]
        made: dict[int, Relation] = {}
        for node in self.nodes:
            made[id(node)] = self.made(node, made)
        return made[id(relation)]

    def is_shared(self, node: Relation) -> bool:
        return self.readers[id(node)] > 1

    def worth(self, node: Relation) -> frozenset[int]:
        """The inputs below which a condition gets further than PostgreSQL moves it by itself.

        On a table that stands in a join it is better tested after the join: that is one SELECT.
        """
        return frozenset(number for number, each in enumerate(node.inputs) if each.inputs and not self.is_shared(each))

    def made(self, node: Relation, made: dict[int, Relation]) -> Relation:
        inputs = tuple(made[id(each)] for each in node.inputs)
        if isinstance(node, Filter):
            if not self.is_shared(node.input):
                return inputs[0]
            own = (*self.stood.get(id(node), ()), node)
            return self.filtered(inputs[0], self.sunk[id(node), 0], own)
        above = []
        for number, each in enumerate(inputs):
            terms = self.sunk.get((id(node), number), ())
            above.append(self.filtered(each, terms, ()))
        found = self.parted[id(node)]
        return self.filtered(with_inputs(found.node, tuple(above)), found.stay, self.stood.get(id(node), ()))

    def filtered(self, relation: Relation, terms: tuple[Term, ...], stood: tuple[Filter, ...]) -> Relation:
        """The rows for which the terms are true; by the filters that stood there, where these are the same.

        What varies in an expansion stays a filter of its own: below it, all values have the rows in common.
        """
        before = list(stood)
        for _, group in groupby(terms, lambda term: bool(parameters_of(term.predicate) & self.varying)):
            relation = self.one_filter(relation, tuple(group), before)
        return relation

    def one_filter(self, relation: Relation, group: tuple[Term, ...], before: list[Filter]) -> Relation:
        remaining = list(group)
        while before and remaining:
            same = terms_of(before[-1].predicate)
            if len(same) > len(remaining) or any(a is not b.predicate for a, b in zip(same, remaining, strict=False)):
                break
            relation = with_inputs(before.pop(), (relation,))
            del remaining[: len(same)]
        if not remaining:
            return relation
        before.clear()
        return Filter(relation, all_of(each.predicate for each in remaining), step=remaining[-1].step)


PUSH_FILTERS = Rule("push_filters", _rewrite)
