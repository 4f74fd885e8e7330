"""The rules of the optimizer in their order, and what applies them to a plan."""

from __future__ import annotations

from collections.abc import Iterable

from headrace.plan import Relation
from headrace.plan.estimates import Estimates
from headrace.rules.count_distinct import COUNT_DISTINCT
from headrace.rules.distinct_on_keys import DISTINCT_ON_KEYS
from headrace.rules.eager_aggregation import EAGER_AGGREGATION
from headrace.rules.factored_sums import FACTORED_SUMS
from headrace.rules.fold_projections import FOLD_PROJECTIONS
from headrace.rules.group_after_join import GROUP_AFTER_JOIN
from headrace.rules.prune_columns import PRUNE_COLUMNS
from headrace.rules.push_filters import PUSH_FILTERS
from headrace.rules.push_semi_joins import PUSH_SEMI_JOINS
from headrace.rules.rule import Firing, Rule
from headrace.rules.simplify_predicates import SIMPLIFY_PREDICATES
from headrace.rules.top_n_per_group import TOP_N_PER_GROUP

RULES: tuple[Rule, ...] = (
    SIMPLIFY_PREDICATES,
    FOLD_PROJECTIONS,
    PUSH_FILTERS,
    DISTINCT_ON_KEYS,
    GROUP_AFTER_JOIN,
    PUSH_SEMI_JOINS,
    PRUNE_COLUMNS,
    EAGER_AGGREGATION,
    COUNT_DISTINCT,
    FACTORED_SUMS,
    TOP_N_PER_GROUP,
)
"""All rules, in the order in which they are tried."""

_MOST_ROUNDS = 4
"""One rule makes room for another; after so many rounds, what is left is not worth its time."""


def chosen_rules(names: Iterable[str] | None) -> tuple[Rule, ...]:
    """The rules with these names, in the optimizer's order; None means all. Raises ValueError for an unknown name.

    >>> [rule.name for rule in chosen_rules(["distinct_on_keys"])]
    ['distinct_on_keys']
    """
    if names is None:
        return RULES
    wanted = set(names)
    unknown = sorted(wanted - {rule.name for rule in RULES})
    if unknown:
        raise ValueError(f"there is no rule {unknown[0]}; the rules are {', '.join(rule.name for rule in RULES)}")
    return tuple(rule for rule in RULES if rule.name in wanted)


def optimized(relation: Relation, rules: Iterable[Rule], estimates: Estimates) -> tuple[Relation, tuple[Firing, ...]]:
    """The plan after the rules, applied in turn until none changes it, and each change that was made."""
    firings: list[Firing] = []
    listed = tuple(rules)
    for _ in range(_MOST_ROUNDS):
        start = relation
        for rule in listed:
            after = rule.rewrite(relation, estimates)
            if after is not relation:
                firings.append(Firing(rule.name, relation, after))
                relation = after
        if relation is start:
            break
    return relation, tuple(firings)
