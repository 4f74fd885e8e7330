"""A distinct over rows of which no two are alike is no work at all.

before: distinct(scan customers, key id)
after:  scan customers
"""

from __future__ import annotations

from headrace.plan import Distinct, Relation, rebuild
from headrace.plan.estimates import Estimates
from headrace.rules.rule import Rule


def _rewrite(relation: Relation, _: Estimates) -> Relation:
    return rebuild(relation, lambda node: node.input if isinstance(node, Distinct) and node.input.keys else node)


DISTINCT_ON_KEYS = Rule("distinct_on_keys", _rewrite)
