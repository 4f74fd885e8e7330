"""The checks of a node, ready to be made: which there are, what they read, and how they are told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headrace.bind import Bound, BoundNode
from headrace.bind.bound import Check
from headrace.bind.checks import top_of
from headrace.grammar.expression import Column, Order
from headrace.plan import Assured, Limit, NodeScan, Relation, postorder, rebuild
from headrace.program.program import RowCheck
from headrace.program.quoting import in_dollars, literal
from headrace.sql.identifiers import quoted

MOST_FAILING_ROWS = 1000
"""How many of the rows that break a check are kept."""


def checks_of(node: BoundNode, bound: Bound) -> list[Check]:
    """The checks of a node that is kept, and of all nodes that are computed inside it or inside its checks."""
    found: list[Check] = []
    seen = {node.node.name}

    def add(each: BoundNode) -> None:
        for check in each.checks:
            if each is node or not check.is_key:
                found.append(check)
        for relation in read_by(each):
            for leaf in postorder(relation):
                if isinstance(leaf, NodeScan) and leaf.node not in seen:
                    seen.add(leaf.node)
                    other = bound.nodes[leaf.node]
                    if other.kept != "table":
                        add(other)

    add(node)
    return found


def read_by(node: BoundNode) -> Iterator[Relation]:
    """The plan of a node and those of its own checks."""
    if node.plan is not None:
        yield node.plan
    for check in node.checks:
        yield check.failing
        yield check.count


def first_failing(check: Check) -> Relation:
    """The rows that are kept of those that break a check: always the same ones."""
    names = check.failing.schema.names
    first = [name for name in (*check.each, *check.order) if name in names]
    order = dict.fromkeys((*first, *names))
    terms = tuple(Order(Column(check.failing.schema[name], name)) for name in order)
    return Limit(check.failing, MOST_FAILING_ROWS, terms, step="failing_rows")


def is_of_table(check: Check, node: BoundNode) -> bool:
    """Whether the check is about the very rows that the table of ``node`` has."""
    return node.kept == "table" and node.plan is not None and top_of(check.over) is top_of(node.plan)


def over_table(relation: Relation, node: BoundNode, name: str) -> Relation:
    """``relation`` with the finished table ``name`` of ``node`` in place of its plan."""
    target = top_of(node.plan) if node.plan is not None else None

    def change(each: Relation) -> Relation:
        return NodeScan(name, each.schema, step=name) if each is target else each

    return rebuild(relation, change)


def without_assurances(relation: Relation) -> Relation:
    """The plan without what only a run has checked."""
    return rebuild(relation, lambda each: each.input if isinstance(each, Assured) else each)


def table_name(check: Check) -> str:
    """A readable name for the table of the rows that break a check."""
    words = re.sub(r"\W+", "_", check.label).strip("_")
    return f"{check.node}__{words or check.step}"


def told(check: RowCheck, count: int, value: str | None = None) -> str:
    """What is said of a check that does not hold, in one sentence; ``value`` is what was found of a whole relation.

    >>> from headrace.grammar.types import Schema
    >>> from headrace.program.program import Target
    >>> check = RowCheck("n", "s", "The key a", "", "stop", "", "", Schema(()), Target("x__failed", "n__a"))
    >>> told(check, 2)
    'The key a does not hold of n (step s): 2 rows break it.'
    """
    return f"{_opening(check)}{_broken(check, f'{count:,}', count == 1, value)}."


def check_statement(check: RowCheck) -> str:
    """The check as one statement for psql, which stops or warns."""
    level = "EXCEPTION" if check.severity == "stop" else "WARNING"
    opening = literal(_opening(check))
    rule = literal("." if check.rule in check.subject else f". It says: {check.rule}.")
    if check.of_whole and not check.each:
        column = quoted(check.columns.names[0])
        found = f"coalesce((SELECT CAST(f.{column} AS text) FROM (\n{check.failing}\n) AS f), 'nothing')"
        message = f"{opening} || {literal(f'{check.columns.names[0]} is ')} || {found} || {rule}"
    else:
        one = literal(_broken(check, "1", True, None))
        many = literal(_broken(check, "", False, None))
        message = f"{opening} || CASE failed WHEN 1 THEN {one} ELSE failed || {many} END || {rule}"
    lines = [
        "#variable_conflict use_column",  # a column may be called failed too
        "DECLARE failed bigint;",
        "BEGIN",
        f"failed := (\n{check.count}\n);",
        "IF failed > 0 THEN",
        f"  RAISE {level} USING MESSAGE = {message};",
        "END IF;",
        "END",
    ]
    body = "\n" + "\n".join(lines) + "\n"
    return f"DO {in_dollars(body)}"


def _opening(check: RowCheck) -> str:
    return f"{check.subject} does not hold of {check.node}{f' (step {check.step})' if check.step else ''}: "


def _broken(check: RowCheck, count: str, is_one: bool, value: str | None) -> str:
    if check.of_whole and check.each:
        return (
            f"{count} {'value' if is_one else 'values'} of {', '.join(check.each)} {'breaks' if is_one else 'break'} it"
        )
    if check.of_whole:
        return f"{check.columns.names[0]} is {'nothing' if value is None else value}"
    return f"{count} row breaks it" if is_one else f"{count} rows break it"
