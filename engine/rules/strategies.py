"""How each expansion of a plan is computed: chosen by its shape and the number of its values, or as its node says.

=========  ============================================================================================
union      one branch a value, each with the value as a literal; not for values known only at run time
lateral    the body once for each row of the values; right for every step
join       the values as an ordinary relation, joined as far up as possible
sweep      a join in which aggregations are computed for all values in one pass over their rows
=========  ============================================================================================

Where nothing is said: up to ``FEW`` values are a union; then a sweep, where every aggregation that depends on the
parameters can be swept; else a union, or lateral where the values are not known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from math import prod

from headrace.grammar.expression import Column, Literal
from headrace.grammar.types import Schema
from headrace.plan import Expansion, Project, Relation, Strategy, rebuild
from headrace.rules.unnest import unnest

FEW = 3
"""So many values are a union whatever the shape: each branch can use an index, and nothing is easier to read."""


REASON = "the parameter only bounds which rows are read"


@dataclass(frozen=True, slots=True)
class Choice:
    """How one expansion is computed, and why, as its reader is told."""

    expansion: Expansion
    strategy: Strategy
    reason: str


def with_strategies(relation: Relation, alone: bool = False) -> tuple[Relation, tuple[Choice, ...]]:
    """The plan with every expansion that is a join or a sweep replaced, and the choice made for each expansion.

    An expansion that stays has its strategy, union or lateral. ``alone``: the plan is to be one statement, as that of a
    view or a preview is, so that a union of more values than one holds is lateral.
    """
    choices: list[Choice] = []

    def change(node: Relation) -> Relation:
        if not isinstance(node, Expansion):
            return node
        made, choice = _chosen(node)
        if alone:
            made = rebuild(made, _in_one)
        choices.append(choice)
        return made

    return rebuild(relation, change), tuple(choices)


def _in_one(node: Relation) -> Relation:
    if isinstance(node, Expansion) and node.strategy == "union" and len(node.values) > node.most_branches:
        return replace(node, strategy="lateral")
    return node


def _chosen(node: Expansion) -> tuple[Relation, Choice]:
    static = node.given is None
    wish = node.strategy
    fallback: Strategy = "union" if static else "lateral"
    if not node.depends:
        return replace(node, strategy=fallback), Choice(node, fallback, "nothing depends on the values")
    if wish in ("union", "lateral"):
        if wish == "union" and not static:
            return replace(node, strategy="lateral"), Choice(node, "lateral", "its values are known only when it runs")
        return replace(node, strategy=wish), Choice(node, wish, "as its node says")
    if wish == "join":
        found = unnest(node, may_sweep=False)
        if found is not None:
            return found.relation, Choice(node, "join", "as its node says")
        return replace(node, strategy=fallback), Choice(
            node, fallback, "one of its steps cannot be joined with the values"
        )
    if wish is None and static and len(node.values) <= FEW:
        return replace(node, strategy="union"), Choice(node, "union", "few values")
    swept = _swept(node)
    if swept is not None:
        relation, told = swept
        return relation, Choice(node, "sweep", f"{'as its node says' if wish else REASON}{told}")
    reason = "its parameters do more than bound which rows are read" if wish else "no sweep serves it"
    return replace(node, strategy=fallback), Choice(node, fallback, reason)


def _swept(node: Expansion) -> tuple[Relation, str] | None:
    """The expansion as a sweep, and what is to be told of it; None where it is none."""
    found = unnest(node)
    if found is not None and found.swept and (node.strategy or not found.multiplied):
        return found.relation, ""
    factors = _factors(node)
    for name in sorted(factors, key=lambda each: -len(factors[each])):
        if len(factors[name]) <= FEW and not node.strategy:
            continue
        # One after the other: the sweep of one parameter is the body of the expansion over the others.
        inner = Expansion(
            node.body, Schema(((name, node.names[name]),)), tuple((value,) for value in factors[name]), step=node.step
        )
        found = unnest(inner)
        if found is None or not found.swept or (found.multiplied and not node.strategy):
            continue
        others = Schema(tuple(each for each in node.names if each[0] != name))
        rows = tuple(product(*(factors[other] for other in others.names)))
        outer, choice = _chosen(Expansion(found.relation, others, rows, strategy=node.strategy, step=node.step))
        plain = tuple((column, Column(type_, column)) for column, type_ in node.schema)
        return Project(outer, plain, step=node.step), f"; by {name}, and {', '.join(others.names)}: {choice.strategy}"
    return None


def _factors(node: Expansion) -> dict[str, tuple[Literal, ...]]:
    """The values of each parameter where the expansion is over every combination of them; else nothing."""
    if node.given is not None or len(node.names) < 2:
        return {}
    listed = zip(node.names.names, zip(*node.values, strict=True), strict=False)
    columns = {name: tuple(dict.fromkeys(values)) for name, values in listed}
    count = prod(len(values) for values in columns.values())
    return columns if count == len(set(node.values)) == len(node.values) else {}
